"""Functions for rules that meet numbers as well as tensors.

torch's own want tensors. What depends only on the step counter and on hyperparameters is a number in ``step()``
and may be a tensor, one value per descent, in a batch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def sqrt(x: Tensor | float) -> Tensor:
    """The square root; NaN, not an error, where there is none."""
    return torch.sqrt(x if isinstance(x, Tensor) else torch.tensor(x, dtype=torch.float64))


def where(condition: Tensor | bool, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, ``no`` elsewhere."""
    return torch.where(condition, yes, no) if isinstance(condition, Tensor) else yes if condition else no
