from typing import Annotated

from torch import clamp

from ..language import sqrt
from .optimizer import Optimizer
from .settings import Decays, Kind, Rate, Small


class AdaBound(Optimizer):
    """Adam that turns into plain momentum: each coordinate's step size is kept between two bounds that close in.

    Luo et al. (2019), algorithm 2, as in the authors' code: with Adam's bias corrections and ``eps``, without the
    listing's division by the root of t, and with bounds set by ``gamma`` where it has ``1 - beta2``. Their code also
    lets schedules scale ``final_lr``; here it is a constant.
    """

    year = 2019
    family = "adaptive"
    repairs = {"Adam": "some step sizes become extreme, and it may generalize badly"}
    cite = "luo2019"
    color = "#a89090"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        *,
        lr: Rate = 1e-3,
        betas: Decays = (0.9, 0.999),
        final_lr: Annotated[Rate, "the step size on which both bounds close in"] = 0.1,
        gamma: Annotated[float, Kind("how fast the bounds close in", low=0, high=1)] = 1e-3,
        eps: Small = 1e-8,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: the direction
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square: its root is the scale
        low = final_lr * (1 - 1 / (gamma * t + 1))  # lower bound: rises from about 0
        high = final_lr * (1 + 1 / (gamma * t))  # upper bound: comes down from far above
        r = lr / (1 - beta1**t) * sqrt(1 - beta2**t) / (sqrt(v) + eps)  # the step size that Adam would use
        theta = theta - clamp(r, low, high) * m  # kept within bounds that end in final_lr
        return theta, m, v
