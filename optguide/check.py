"""Checks of arguments. Each error names the argument, its value and what would be accepted.

The wrong kind raises a `TypeError`, a value out of range a `ValueError`.
"""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

T = TypeVar("T")


def number(name: str, value: Any, *, low: float = -math.inf, open_low: bool = False) -> float:
    """A finite real number, at or above a bound; Booleans are refused."""
    if isinstance(value, Tensor) and not value.dim():
        value = value.item()
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(value) or value < low or open_low and value == low:
        bounds = f"{'>' if open_low else '>='} {low:g}" if low > -math.inf else "finite"
        raise ValueError(f"{name} must be {bounds}, got {value!r}")
    return float(value)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an int, got {value!r}")
    return int(value)


def count(name: str, value: Any, least: int = 1, most: int = sys.maxsize) -> int:
    """A whole number from ``least`` to ``most``."""
    value = _whole(name, value)
    if not least <= value <= most:
        at_most = f" and at most {most}" if value > most else ""
        raise ValueError(f"{name} must be >= {least}{at_most}, got {value}")
    return value


def seed(name: str, value: Any) -> int:
    """A seed of torch's random numbers."""
    value = _whole(name, value)
    if not -(2**63) <= value < 2**64:
        raise ValueError(f"{name} must be an int of at most 64 bits, got {value}")
    return value


def choice(what: str, text: str, known: Mapping[str, T] | Iterable[str]) -> Any:
    """What a name stands for, whatever its case: the value of a mapping, the name itself of a list."""
    by_lower = {name.lower(): name for name in known}
    if text.lower() not in by_lower:
        raise ValueError(f"unknown {what} {text!r}{hint(text, known) or '; known are ' + ', '.join(known)}")
    name = by_lower[text.lower()]
    return known[name] if isinstance(known, Mapping) else name


def unknown(where: str, name: str, known: Iterable[str], arguments: Iterable[str] = ()) -> TypeError:
    """The error for a keyword that is neither a hyperparameter nor another argument."""
    known = list(known)
    return TypeError(
        f"{where} has no hyperparameter {name!r}{hint(name, [*known, *arguments])}; "
        f"it takes {', '.join(known) or 'none'}"
    )


#: Names that other libraries use for our arguments.
ELSEWHERE = {
    "learning_rate": "lr",
    "starts": "start",
    "x0": "start",
    "seeds": "seed",
    "step": "steps",
    "tol": "xtol",
}


def hint(text: str, known: Iterable[str]) -> str:
    """`` (did you mean lr?)``, if a similar name is known."""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(text.lower(), by_lower, n=3, cutoff=0.61)
    if ELSEWHERE.get(text) in by_lower:
        near = [ELSEWHERE[text]]
    return f" (did you mean {words([by_lower[n] for n in near])}?)" if near else ""


def words(items: Sequence[str]) -> str:
    """``a, b or c``."""
    *most, last = items
    return f"{', '.join(most)} or {last}" if most else last


def kind(name: str, value: Any, kinds: type | tuple[type, ...], what: str) -> None:
    """Refuse what is not an instance of a class, or of one of several."""
    if not isinstance(value, kinds):
        raise TypeError(f"{name} must be {what}, got {value!r}")


def optimizer(made: Any) -> None:
    """Refuse what was made in place of an optimizer."""
    if not isinstance(made, torch.optim.Optimizer):
        raise TypeError(f"optimizer must make a torch.optim.Optimizer, got {type(made).__name__}")


def real(name: str, value: Any) -> np.ndarray:
    """An array of real numbers, finite or not, in float64."""
    try:
        if isinstance(value, Tensor) and not value.is_complex():
            value = value.detach().cpu().double()
        found = np.asarray(value)
        if found.dtype.kind not in "fiubO":  # neither text nor dates, and no complex number loses its imaginary part
            raise TypeError
        return np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be an array of numbers, got {value!r}") from None


def array(name: str, value: Any) -> np.ndarray:
    """An array of finite real numbers, in float64."""
    found = real(name, value)
    if found.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite, got {value!r}")
    return found


def axis(name: str, value: Any) -> np.ndarray:
    """At least two different numbers, in increasing order."""
    found = np.unique(array(name, value))
    if np.ndim(value) != 1 or len(found) < 2:
        raise ValueError(f"{name} must be a list of at least two different numbers, got {value!r}")
    return found


def box(value: Any, dim: int) -> np.ndarray:
    """The lowest and the highest value of each coordinate, shape (dim, 2)."""
    try:
        edges = array("box", value)
    except TypeError:
        raise TypeError(f"box must hold {dim} (low, high) pairs of numbers, got {value!r}") from None
    if edges.shape != (dim, 2) or not (edges[:, 0] < edges[:, 1]).all():
        raise ValueError(f"box must hold {dim} (low, high) pairs with low < high, got {value!r}")
    return edges


def points(name: str, value: Any, shape: tuple[int, ...] | None = None) -> Tensor:
    """Points along the last axes of an array, in float64; a single number is a point of one coordinate."""
    found = array(name, value)
    found = found if found.ndim or shape == () else found.reshape(1)
    if shape is not None and found.shape[max(0, found.ndim - len(shape)) :] != shape:
        if len(shape) == 1:
            where = f"{shape[0]} coordinates along its last axis"
        else:
            where = f"points of shape {shape} along its last axes"
        raise ValueError(f"{name} must have {where}, got shape {found.shape}")
    return torch.from_numpy(found)


def function(name: str, value: Any) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise TypeError(f"{name} must be callable, got {value!r}")


def named(name: str, values: Any, what: str, belongs: Callable[[Any], bool]) -> None:
    """Refuse what is no mapping from names to one thing or more, all of which belong there."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a {what} or a mapping of {what}s, got {type(values).__name__}")
    if not values:
        raise ValueError(f"{name} must hold at least one {what}, got an empty mapping")
    for key, value in values.items():
        text(f"each name in {name}", key)
        if not belongs(value):
            raise TypeError(f"{name}[{key!r}] must be a {what}, got {type(value).__name__}")


def numbers(what: str, values: Any) -> tuple[float, ...]:
    """Finite numbers, as floats."""
    try:
        found = tuple(map(float, values))
    except (TypeError, ValueError):
        raise TypeError(f"{what} must hold numbers, got {values!r}") from None
    if isinstance(values, str) or not all(map(math.isfinite, found)):
        raise ValueError(f"{what} must hold finite numbers, got {values!r}")
    return found


def tuples(what: str, points: Any) -> tuple[tuple[float, ...], ...]:
    """Points, as tuples of finite floats."""
    try:
        return tuple(numbers(what, point) for point in points)
    except TypeError:
        raise TypeError(f"{what} must hold tuples of numbers, got {points!r}") from None


def text(name: str, value: Any) -> str:
    """Text that can be written to a file."""
    kind(name, value, str, "a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text that can be written as UTF-8, got {value!r}") from None
    return value
