from typing import Annotated

from torch import sqrt

from .optimizer import Optimizer
from .settings import Decay, Initial, Rate, Small


class Adadelta(Optimizer):
    """RMSprop whose step has the unit of the parameter: the size of past steps takes the place of a learning rate.

    Zeiler (2012), algorithm 1, with torch's factor ``lr``. Equal to `torch.optim.Adadelta`. The EMA of squared steps
    starts at ``initial_accumulator_value``: at zero, as published, the first steps are tiny and grow out of ``eps``; a
    large start makes the first steps large.
    """

    year = 2012
    family = "adaptive"
    repairs = {"Adagrad": "its steps shrink for ever, and have the wrong unit"}
    cite = "zeiler2012"
    color = "#a8d830"
    init = {"s": "initial_accumulator_value"}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        v,
        s,
        *,
        lr: Rate = 1.0,
        rho: Annotated[Decay, "decay rate of both EMAs"] = 0.9,
        eps: Small = 1e-6,
        initial_accumulator_value: Initial = 0.0,
    ):
        g = grad(theta)  # gradient at the current point
        v = rho * v + (1 - rho) * g**2  # EMA of squared gradients, Zeiler's E[g²]
        delta = sqrt(s + eps) / sqrt(v + eps) * g  # typical step over typical gradient, times gradient
        s = rho * s + (1 - rho) * delta**2  # EMA of squared steps, Zeiler's E[Δx²]
        theta = theta - lr * delta  # a step in the unit of the parameter
        return theta, v, s
