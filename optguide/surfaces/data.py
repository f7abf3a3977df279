"""Surfaces made from data: the loss of a small model as a function of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .. import check
from .surface import Surface


@dataclass(frozen=True)
class _MeanSquaredResidual:
    """Mean squared residual of a line with intercept a and slope b."""  # prose: slope

    n: int
    intercept: float
    slope: float
    noise: float
    seed: int
    data: tuple[np.ndarray, np.ndarray] = field(init=False, compare=False, repr=False)
    best: tuple[float, float] = field(init=False, compare=False, repr=False)
    residual: float = field(init=False, compare=False, repr=False)
    mean_x: float = field(init=False, compare=False, repr=False)
    mean_xx: float = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        x = rng.uniform(-5, 5, self.n)
        y = self.intercept + self.slope * x + rng.normal(0, self.noise, self.n)
        design = np.stack([np.ones(self.n), x], axis=1)
        best, *_ = np.linalg.lstsq(design, y, rcond=None)
        self.__dict__.update(
            __name__="mean_squared_residual",
            data=(x, y),
            best=tuple(map(float, best)),
            residual=float(np.mean((y - design @ best) ** 2)),
            mean_x=float(x.mean()),
            mean_xx=float((x**2).mean()),
        )

    def __call__(self, a, b):
        best_a, best_b = self.best
        da = a - best_a
        db = b - best_b
        return self.residual + da**2 + 2 * self.mean_x * da * db + self.mean_xx * db**2


def linear_regression(
    n: int = 1000, *, intercept: float = -2.0, slope: float = 2.0, noise: float = 1e-3, seed: int = 0
) -> Surface:
    """Mean squared residual of ``y = intercept + slope * x``, as a surface over ``(intercept, slope)``.

    The ``n`` points are drawn once: x uniform on (-5, 5), y on the true line plus normal noise of standard
    deviation ``noise``. The loss is quadratic, so it is evaluated exactly from its least-squares solution and
    the moments of x; the data themselves are kept in ``surface.function.data``, arrays ``(x, y)`` of shape (n,).

    Raises
    ------
    TypeError, ValueError
        If ``n`` is not a whole number >= 2 or ``noise`` not a number >= 0.
    """
    n, noise = check.count("n", n, 2), check.number("noise", noise, low=0)
    mean_squared_residual = _MeanSquaredResidual(n, intercept, slope, noise, seed)
    return Surface(
        mean_squared_residual,
        box=((-10, 10), (-10, 10)),
        starts=((9.0, 2.0),),
        minima=(mean_squared_residual.best,),
        shading="sqrt",
        name="linear_regression",
    )
