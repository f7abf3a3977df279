"""What is remembered of descents while they run."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..recorder import DIVERGED, diverged


class Watch:
    """The lowest loss of each descent, and the steps at which it succeeded and diverged."""

    def __init__(self, count: int, target: float | None) -> None:
        self.target = target
        self.best = torch.full((count,), math.inf, dtype=torch.float64)
        self.before = torch.zeros(count, dtype=torch.int32)  # how many steps went by before the target was reached
        self.diverged_at = torch.full((count,), -1, dtype=torch.int32)
        self.any_diverged = self.all_diverged = False

    def observe(self, t: int, theta: Tensor, loss: Tensor) -> None:
        """Note where the descents stand at step ``t``, coordinates along the first axis."""
        if not self.any_diverged:
            # One pass over each tensor, and NaN passes through: a comparison with it is false.
            extremes = [number.item() for values in (theta, loss) for number in torch.aminmax(values)]
            self.any_diverged = not all(-DIVERGED <= number <= DIVERGED for number in extremes)
        # While all of them are numbers, the faster of the two does the same.
        smaller = torch.fmin if self.any_diverged else torch.minimum
        smaller(self.best, loss, out=self.best)
        if self.target is not None:
            self.before += self.best > self.target
        if self.any_diverged:
            self.diverged_at[diverged(theta, loss) & (self.diverged_at < 0)] = t
            self.all_diverged = bool((self.diverged_at >= 0).all())

    def masked(self, theta: Tensor) -> Tensor:
        """The iterates without those of descents that diverged."""
        return torch.where(self.diverged_at >= 0, math.nan, theta) if self.any_diverged else theta

    def result(self) -> dict[str, np.ndarray]:
        """What was noted, by the names of a sweep's arrays."""
        best = torch.where(self.best == math.inf, math.nan, self.best)
        result = {"best_loss": best.numpy(), "diverged_at": self.diverged_at.numpy()}
        if self.target is not None:
            result["arrived_at"] = torch.where(self.best <= self.target, self.before, -1).numpy()
        return result
