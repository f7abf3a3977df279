from typing import Annotated

from torch import sqrt

from .optimizer import Optimizer
from .settings import Decay, Initial, Rate, Small


class Adadelta(Optimizer):
    """RMSprop whose step has the parameter's own unit: past steps, not a learning rate, set the scale.

    Zeiler (2012), algorithm 1, with torch's factor ``lr``. Equal to `torch.optim.Adadelta`. The mean of squared steps
    starts at ``initial_accumulator_value``: at zero, as published, the first steps are tiny and grow out of
    ``eps``; a large start makes the first steps large.
    """

    year = 2012
    family = "adaptive"
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
        rho: Annotated[Decay, "decay rate of both running means"] = 0.9,
        eps: Small = 1e-6,
        initial_accumulator_value: Initial = 0.0,
    ):
        g = grad(theta)  # slope at the current point
        v = rho * v + (1 - rho) * g**2  # running mean of squared slopes
        delta = sqrt(s + eps) / sqrt(v + eps) * g  # typical step over typical slope, times slope
        s = rho * s + (1 - rho) * delta**2  # running mean of squared steps
        theta = theta - lr * delta  # a step in the unit of the parameter
        return theta, v, s
