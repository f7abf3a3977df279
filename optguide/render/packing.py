"""Numbers as text for a browser: quantised or rounded to what can be seen, deflated, base64."""

from __future__ import annotations

import base64
import zlib

import numpy as np

#: Heights are told apart in so many steps; the last number marks a hole.
HOLE = 4095
#: Bits of a number's fraction that are kept in a chart: four digits.
CHART_BITS = 12


def pack_heights(share: np.ndarray) -> str:
    """Shares of [0, 1] as differences from what the neighbours to the left and above suggest: mostly small numbers."""
    steps = np.where(np.isfinite(share), np.rint(np.clip(np.nan_to_num(share), 0, 1) * (HOLE - 1)), HOLE).astype(int)
    padded = np.pad(steps, ((1, 0), (1, 0)))
    surprise = padded[1:, 1:] - padded[:-1, 1:] - padded[1:, :-1] + padded[:-1, :-1]
    return deflated(np.where(surprise < 0, -2 * surprise - 1, 2 * surprise).astype("<u2"))


def pack(values: np.ndarray) -> str:
    with np.errstate(over="ignore"):
        return deflated(np.ascontiguousarray(values.reshape(len(values), -1).T, dtype="<f4"))


def deflated(values: np.ndarray) -> str:
    """Bytes of equal rank side by side compress better."""
    planes = np.ascontiguousarray(values).view(np.uint8).reshape(-1, values.itemsize).T.tobytes()
    return base64.b64encode(zlib.compress(planes, 9)).decode()


def rounded(values: np.ndarray) -> np.ndarray:
    """Numbers with fewer digits, which compress better."""
    with np.errstate(invalid="ignore"):
        fraction, exponent = np.frexp(values)
        return np.where(
            np.isfinite(values), np.ldexp(np.rint(fraction * 2**CHART_BITS) / 2**CHART_BITS, exponent), values
        )
