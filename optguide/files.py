"""Files that are written completely or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import check


def check_path(path: Any, suffixes: Sequence[str], what: str = "path") -> Path:
    """The path, if a file can be written there; a refusal calls it ``what``.

    Raises
    ------
    TypeError
        If it is no path.
    ValueError
        If its suffix names no format, or something else has its name.
    FileNotFoundError, NotADirectoryError, PermissionError
        If its folder does not exist or cannot be written to, or the file there is write-protected.
    """
    path = check_name(path, suffixes, what)
    if not path.parent.exists():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} to write {path.name} to")
    if not path.parent.is_dir():
        raise NotADirectoryError(f"{str(path.parent)!r} is not a folder; cannot write {path.name} there")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"the folder {str(path.parent)!r} cannot be written to")
    if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise PermissionError(f"the file {str(path)!r} is write-protected")
    return path


def check_name(path: Any, suffixes: Sequence[str], what: str = "path") -> Path:
    """The path, if a file of ours can have that name.

    Raises
    ------
    TypeError
        If it is no path.
    ValueError
        If its suffix names no format, or something else has that name.
    """
    try:
        path = Path(path)
    except TypeError:
        raise TypeError(f"{what} must be a path, got {path!r}") from None
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{what} must end in {check.words(suffixes)}, got {str(path)!r}")
    if path.is_dir():
        raise ValueError(f"{what} must be a file, got the folder {str(path)!r}")
    if path.exists() and not path.is_file():
        raise ValueError(f"{what} must be a file, got the pipe or device {str(path)!r}")
    return path


@contextlib.contextmanager
def whole(path: Path) -> Iterator[str]:
    """The name of an empty file beside ``path``, which takes its place, and its rights, when the block ends well."""
    path = path.resolve()  # what a link stands for changes, not the link
    handle, unfinished = tempfile.mkstemp(suffix=path.suffix.lower(), prefix=".optguide.", dir=path.parent)
    os.close(handle)
    try:
        yield unfinished
        mask = os.umask(0)
        os.umask(mask)
        # A temporary file is readable by its owner alone.
        os.chmod(unfinished, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        os.replace(unfinished, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unfinished)
