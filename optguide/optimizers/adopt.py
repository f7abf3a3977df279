from typing import Annotated

from torch import clamp, sqrt

from ..language import maximum, where
from .optimizer import Optimizer
from .settings import Amount, Decays, Rate, Small


class ADOPT(Optimizer):
    """Adam that divides each gradient by the scale of those before it, and averages only then.

    Taniguchi et al. (2024) with the clipping of their later versions and the authors' constants. ``eps`` is
    the smallest scale, not a number that is added to it. The first step only measures the scale and moves nothing.
    """

    year = 2024
    family = "adaptive"
    repairs = {"Adam": "it divides a gradient by a scale that contains it"}
    cite = "taniguchi2024"
    color = "#38c8c8"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        *,
        lr: Rate = 1e-3,
        betas: Decays = (0.9, 0.9999),
        eps: Annotated[Small, "smallest scale that divides"] = 1e-6,
        clip_value: Annotated[Amount, "bound of the divided gradient at the first step that moves"] = 1.0,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        c = clip_value * (t - 1) ** 0.25  # bound of what follows: it grows slowly, from 0 at the first step
        u = clamp(g / maximum(sqrt(v), eps), -c, c)  # divided by the scale of the gradients before it
        m = beta1 * m + (1 - beta1) * u  # EMA of what was divided
        v = where(t > 1, beta2 * v + (1 - beta2) * g**2, g**2)  # EMA of the squares, which begins with the first one
        theta = theta - lr * m  # step along the average
        return theta, m, v
