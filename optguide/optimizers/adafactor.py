from typing import Annotated

from torch import mean

from ..language import column_mean, maximum, minimum, row_mean, sqrt
from ..language.matrices import column_zeros, row_zeros
from .optimizer import Optimizer
from .settings import Kind, Pair, Rate, WeightDecay

Power = Annotated[float, Kind("the newest square weighs t to this power", -1, 0, True, True)]
Least = Annotated[Pair, Kind("least denominator, and least size that the weights count as", low=0)]


class Adafactor(Optimizer):
    """The average of squared gradients as a product of a column and a row, which hardly need any memory.

    Shazeer and Stern (2018), with the names of `torch.optim.Adafactor` and, as there, with ``lr`` for the largest step
    relative to the weights, decay by ``lr``, and the first ``eps`` as the least denominator. A vector counts as a
    matrix of one column, of which the product is exact.
    """

    year = 2018
    family = "adaptive"
    repairs = {"Adam": "its averages take twice the memory of the weights"}
    cite = "shazeer2018"
    color = "#f82020"
    mixes = "tensor"
    init = {"R": row_zeros, "C": column_zeros}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        R,
        C,
        *,
        lr: Annotated[Rate, "largest step, as a share of the root mean square of the weights"] = 1e-2,
        beta2_decay: Power = -0.8,
        eps: Least = (1e-30, 1e-3),
        d: Annotated[float, Kind("root mean square above which an update is clipped", low=0)] = 1.0,
        weight_decay: WeightDecay = 0.0,
    ):
        eps1, eps2 = eps
        g = grad(theta)  # gradient
        w = t**beta2_decay  # weight of the newest square, 1 at first
        R = (1 - w) * R + w * row_mean(g**2)  # EMA of the mean square of every row
        C = (1 - w) * C + w * column_mean(g**2)  # EMA of that of every column
        v = R * C / maximum(column_mean(R), eps1)  # a square for each entry, made of both
        u = g / maximum(sqrt(v), eps1)  # divided by what is usual, entry by entry
        u = u / maximum(1, sqrt(mean(u**2)) / d)  # clipped where all of it is larger than usual
        a = minimum(lr, 1 / sqrt(t)) * maximum(sqrt(mean(theta**2)), eps2)  # a step in proportion to the weights
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - a * u  # a step in every coordinate
        return theta, R, C
