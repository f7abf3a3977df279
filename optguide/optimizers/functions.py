"""Functions for rules that meet numbers as well as tensors.

torch's own want tensors. What depends only on the step counter and on hyperparameters is a number in ``step()``
and may be a tensor, one value per descent, in a batch.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def sqrt(x: Tensor | float) -> Tensor | float:
    """The square root. A number stays one where it can, so that it changes no dtype; where a formula has no value
    the tensor's infinity and NaN stand in for Python's errors."""
    if isinstance(x, Tensor):
        return torch.sqrt(x)
    return math.sqrt(x) if x > 0 else torch.sqrt(torch.tensor(x, dtype=torch.float64))


def where(condition: Tensor | bool, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, ``no`` elsewhere."""
    return torch.where(condition, yes, no) if isinstance(condition, Tensor) else yes if condition else no
