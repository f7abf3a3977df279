"""Labelled arrays in a NetCDF file that ends with a checksum; files that declare more than they hold are refused."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
from pathlib import Path
from typing import Any, BinaryIO, cast

import h5py
import xarray as xr

#: What follows the arrays, with the checksum of all that comes before. Readers of NetCDF do not look there.
_SEAL = b"\noptguide sweep, sha256 "
#: What NetCDF calls a dimension that nothing labels.
_NO_VARIABLE = b"This is a netCDF dimension but not a netCDF variable"


class Refused(ValueError):
    """Why a file is not read."""


def write(data: xr.Dataset, path: str) -> None:
    """Write the arrays and seal the file.

    Raises
    ------
    Refused
        If `read` would not take it.
    """
    data.to_netcdf(path, engine="h5netcdf")
    _check_room(path)
    mark = seal(path)
    with open(path, "ab") as file:
        file.write(mark)


def seal(path: str | Path) -> bytes:
    """What makes a file of ours out of a NetCDF file when it is appended."""
    with open(path, "rb") as file:
        return _SEAL + hashlib.file_digest(file, "sha256").hexdigest().encode()


def read(path: Path) -> xr.Dataset:
    """The arrays of a file that `write` wrote, as they were.

    Raises
    ------
    Refused
        If `write` did not write the file, it was changed since, or it declares more than it holds.
    """
    with open(path, "rb") as file:
        _check_seal(file)
    try:
        _check_room(path)
        return xr.load_dataset(path, engine="h5netcdf")
    except Refused:
        raise
    except Exception as error:  # the libraries raise many classes for a malformed file
        raise Refused(f"it cannot be read ({error})") from error


def _check_seal(file: BinaryIO) -> None:
    length = len(_SEAL) + 2 * hashlib.sha256().digest_size
    left = file.seek(0, 2) - length
    file.seek(max(left, 0))
    mark = file.read()
    if left < 0 or not mark.startswith(_SEAL):
        raise Refused("Sweep.save did not write it, or it was changed since; xarray.load_dataset reads any NetCDF file")
    file.seek(0)
    digest = hashlib.sha256()
    while left:
        left -= len(part := file.read(min(left, 2**20)))
        digest.update(part)
    if mark != _SEAL + digest.hexdigest().encode():
        raise Refused("its checksum does not match, so it was damaged or changed")


def _check_room(path: str | Path) -> None:
    """Refuse what lies outside the file, and what is larger than all of it: the space is not even asked for."""
    left = os.path.getsize(path)
    with h5py.File(path, "r") as file:
        for name in file:
            link = file.get(name, getlink=True)
            item = file[name] if isinstance(link, h5py.HardLink) else None
            if item is None or isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
                raise Refused(f"{name!r} is stored elsewhere")
            if not isinstance(item, h5py.Dataset):
                raise Refused(f"{name!r} is not an array")
            for attribute in item.attrs:
                left -= _size_of_attribute(item.attrs, attribute)
            if not item.attrs.get("NAME", b"").startswith(_NO_VARIABLE):
                left -= _size(str(name), item, left)
            if left < 0:
                break
        for attribute in file.attrs:
            left -= _size_of_attribute(file.attrs, attribute)
    if left < 0:
        raise Refused("it declares more than the file holds")


def _size(name: str, array: h5py.Dataset, most: int) -> int:
    """The bytes of an array, or of so much of it that it is known to be too large."""
    size = array.dtype.itemsize * math.prod(array.shape)
    if h5py.check_string_dtype(array.dtype):
        for place in itertools.product(*map(range, array.shape)):
            if size > most:
                break
            size += len(array[place])
    elif array.dtype.kind not in "biufc":
        raise Refused(f"{name!r} holds neither numbers nor texts")
    return size


def _size_of_attribute(attributes: h5py.AttributeManager, name: str) -> int:
    kind, shape = attributes.get_id(name).dtype, attributes.get_id(name).shape
    count = math.prod(shape or ())
    if h5py.check_string_dtype(kind) and count == 1:
        return len(cast(Any, attributes[name]))
    # A text stands elsewhere in the file, and could stand for many.
    if kind.hasobject and count > 1 and name not in ("DIMENSION_LIST", "REFERENCE_LIST"):
        raise Refused(f"the attribute {name!r} is neither numbers nor one text")
    return kind.itemsize * count
