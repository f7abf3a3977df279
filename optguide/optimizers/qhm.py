from typing import Annotated

from .optimizer import Optimizer
from .settings import Decay, Kind, Rate


class QHM(Optimizer):
    """Averages a plain gradient step with a momentum step, so that the memory can be long and the reaction quick.

    Ma and Yarats (2019), without weight decay. The momentum is an EMA of the gradient, not a
    sum: a learning rate of momentum has to be divided by 1 - ``momentum``. The defaults are those that the authors
    advise.
    """

    year = 2019
    family = "momentum"
    repairs = {"Momentum": "a long memory keeps it swinging for long"}
    cite = "ma2019"
    color = "#588858"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        *,
        lr: Rate = 1.0,
        momentum: Annotated[Decay, "decay rate of the EMA"] = 0.999,
        nu: Annotated[float, Kind("share of the EMA in the step", 0, 1, True, True)] = 0.7,
    ):
        g = grad(theta)  # gradient at the current point
        m = momentum * m + (1 - momentum) * g  # EMA of the gradient
        theta = theta - lr * ((1 - nu) * g + nu * m)  # a plain step and a momentum step, averaged
        return theta, m
