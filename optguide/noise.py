"""The noise in gradients: how heavy its tails are, and its numbers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from . import check


def read_noise(noise: float, tails: float | None) -> tuple[float, float | None]:
    """Its standard deviation, and the degrees of freedom of what is not normal.

    Raises
    ------
    TypeError, ValueError
        If one of them is out of range, or there are tails of no noise.
    """
    noise = check.number("noise", noise, low=0)
    if tails is not None:
        tails = check.number("tails", tails, low=0, open_low=True)
        if not noise:
            raise ValueError(
                f"tails are those of the noise, and noise is 0: give noise > 0, or leave out tails={tails:g}"
            )
    return noise, tails


def noise_numbers(shape: tuple[int, ...], tails: float | None, generator: torch.Generator) -> Tensor:
    """Numbers of the standard normal distribution, or of Student's t, by the polar method of Bailey (1994)."""
    if tails is None:
        return torch.randn(shape, generator=generator, dtype=torch.float64)
    share, turn = torch.rand((2, *shape), generator=generator, dtype=torch.float64)
    return (tails * ((1 - share) ** (-2 / tails) - 1)).sqrt() * (2 * math.pi * turn).cos()  # 1 - share is never 0
