from typing import Annotated

from torch import abs, maximum, sum, where

from ..language import sqrt
from .optimizer import Optimizer
from .settings import Decays, Factor, Kind, Small, WeightDecay, one_number


class DAdaptAdam(Optimizer):
    """Adam whose learning rate is an estimate of the distance to the minimum, which only grows.

    Defazio and Mishchenko (2023), algorithm 5, as in the authors' code: no bias correction, and the weight decay is
    decoupled (their option ``decouple``). The sums of the estimate run over all parameters, and it is one number.
    """

    year = 2023
    family = "own step size"
    repairs = {"Adam": "its learning rate has to be found by trial"}
    cite = "defazio2023"
    color = "#b04070"
    init = {"r": one_number, "d": one_number}
    mixes = "model"

    @staticmethod
    def update(
        theta,
        grad,
        t,
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
    ):
        beta1, beta2 = betas
        beta3 = sqrt(beta2)  # a memory twice as long, for the estimate
        b = where(d > d0, d, d0)  # the estimate so far
        g = grad(theta)  # gradient at the current point
        r = beta3 * r + (1 - beta3) * sum(lr * b * g * s / (sqrt(v) + eps))  # EMA of what the gradients gain along s
        m = beta1 * m + (1 - beta1) * lr * b * g  # EMA of the gradient, weighted by the estimate
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        s = beta3 * s + (1 - beta3) * lr * b * g  # a slower EMA of the gradient
        n = (1 - beta3) * sum(abs(s))  # its length, as a sum of absolute values
        d_hat = where(n > 0, r / n, 0)  # the distance that these two tell
        d = maximum(b, d_hat)  # the new estimate, if it is larger
        theta = theta - lr * b * weight_decay * theta  # shrink every weight by the same share
        theta = theta - m / (sqrt(v) + eps)  # Adam's step, whose learning rates are in m
        return theta, m, v, s, r, d
