"""What makes surfaces values: they are compared by what they hold, and a pickle finds their formulas again."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch


def found(function: Any, name: str) -> Any:
    """What a dotted name stands for in the module of a function; None if for nothing."""
    place = sys.modules.get(getattr(function, "__module__", ""))
    for part in name.split("."):
        place = getattr(place, part, None)
    return place


def same(one: Any, other: Any) -> bool:
    """Equal. A parameter may be a tensor or an array: many values at once."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    many = (torch.Tensor, np.ndarray)
    if isinstance(one, many) and isinstance(other, many):
        return type(one) is type(other) and one.shape == other.shape and np.array_equal(one, other)
    return not isinstance(one, many) and not isinstance(other, many) and one == other
