from typing import Annotated

from torch import abs, maximum, sum, where

from ..language import sqrt
from .optimizer import Optimizer
from .settings import Decays, Factor, Kind, Small, WeightDecay, one_number


class Prodigy(Optimizer):
    """Adam whose learning rate is an estimate of the distance to the minimum, which grows out of the gradients.

    Mishchenko and Defazio (2024), algorithm 4, as in the authors' code: decoupled weight decay, no bias correction, and
    an EMA with the root of the second decay rate for the sums of the estimate. These run over all parameters, and the
    estimate is one number.
    """

    year = 2023
    family = "own step size"
    repairs = {"DAdaptAdam": "its estimate of the distance grows too slowly"}
    cite = "mishchenko2024"
    color = "#f8b8d8"
    init = {"theta0": "theta", "r": one_number, "d": one_number}
    mixes = "model"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        theta0,
        m,
        v,
        s,
        r,
        d,
        *,
        lr: Factor = 1.0,
        betas: Decays = (0.9, 0.999),
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 0.0,
        d0: Annotated[float, Kind("first estimate of the distance", low=0)] = 1e-6,
        d_coef: Annotated[float, Kind("factor of the estimate", low=0)] = 1.0,
    ):
        beta1, beta2 = betas
        beta3 = sqrt(beta2)  # a memory twice as long, for the estimate
        b = where(d > d0, d, d0)  # the estimate so far
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * b * g  # EMA of the gradient, weighted by the estimate
        v = beta2 * v + (1 - beta2) * (b * g) ** 2  # EMA of its square
        w = lr * b**2 / d0  # weight of this gradient in two sums
        r = beta3 * r + sum(w * g * (theta0 - theta))  # what the gradients gain on the way from the start
        s = beta3 * s + w * g  # the gradients themselves
        n = sum(abs(s))  # their length, as a sum of absolute values
        d_hat = where(n > 0, d_coef * r / n, 0)  # the distance that these two tell
        d = maximum(b, d_hat)  # the new estimate, if it is larger
        theta = theta - lr * b * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * b * m / (sqrt(v) + d * eps)  # Adam's step, with the estimate for a learning rate
        return theta, theta0, m, v, s, r, d
