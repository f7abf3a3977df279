"""Surfaces made from data: the loss of a small model as a function of its parameters."""

from __future__ import annotations

import numpy as np

from .surface import Surface


def linear_regression(
    n: int = 1000, *, intercept: float = -2.0, slope: float = 2.0, noise: float = 1e-3, seed: int = 0
) -> Surface:
    """Mean squared residual of ``y = intercept + slope * x``, as a surface over (intercept, slope).

    The ``n`` points are drawn once: x uniform on (-5, 5), y on the true line plus normal noise of standard
    deviation ``noise``. The loss is quadratic, so it is evaluated exactly from its least-squares solution and
    the moments of x; the data themselves are kept in ``surface.function.data``, arrays ``(x, y)`` of shape (n,).

    Raises
    ------
    ValueError
        If ``n`` is below 2 or ``noise`` is negative.
    """
    if n < 2:
        raise ValueError(f"n must be >= 2, got {n}")
    if not noise >= 0:
        raise ValueError(f"noise must be >= 0, got {noise}")
    rng = np.random.default_rng(seed)
    x = rng.uniform(-5, 5, n)
    y = intercept + slope * x + rng.normal(0, noise, n)
    design = np.stack([np.ones(n), x], axis=1)
    best, *_ = np.linalg.lstsq(design, y, rcond=None)
    best_a, best_b = map(float, best)
    residual = float(np.mean((y - design @ best) ** 2))
    mean_x, mean_xx = float(x.mean()), float((x**2).mean())

    def mean_squared_residual(a, b):
        """Mean squared residual of a line with intercept a and slope b."""
        da = a - best_a
        db = b - best_b
        return residual + da**2 + 2 * mean_x * da * db + mean_xx * db**2

    mean_squared_residual.data = (x, y)
    return Surface(
        mean_squared_residual,
        box=((-10, 10), (-10, 10)),
        starts=((9.0, 2.0),),
        minima=((best_a, best_b),),
        shading="sqrt",
        name="linear_regression",
    )
