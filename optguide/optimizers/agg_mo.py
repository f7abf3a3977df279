from typing import Annotated

from .optimizer import Optimizer
from .settings import Rate, ThreeDecays


class AggMo(Optimizer):
    """The mean of several momenta: slow ones are fast along a valley, quick ones damp their swings.

    Lucas et al. (2019), with three velocities and the betas that their code has by default. Each velocity is a
    sum of gradients, as in `Momentum`.
    """

    year = 2019
    family = "momentum"
    repairs = {"Momentum": "a large momentum swings, and a small one is slow"}
    cite = "lucas2019"
    color = "#f8c8a0"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        v1,
        v2,
        v3,
        *,
        lr: Rate = 1e-3,
        betas: Annotated[ThreeDecays, "share of each velocity that is kept"] = (0.0, 0.9, 0.99),
    ):
        beta1, beta2, beta3 = betas
        g = grad(theta)  # gradient at the current point
        v1 = beta1 * v1 + g  # velocity with the most friction
        v2 = beta2 * v2 + g  # with less
        v3 = beta3 * v3 + g  # with the least
        theta = theta - lr * (v1 + v2 + v3) / 3  # move with their mean
        return theta, v1, v2, v3
