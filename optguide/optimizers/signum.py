from typing import Annotated

from torch import sign

from .optimizer import Optimizer
from .settings import Decay, Rate, WeightDecay


class Signum(Optimizer):
    """The sign of an average gradient: every coordinate that has had one moves by ``lr`` in every step.

    Bernstein et al. (2018), the momentum version of their signSGD, which is this rule without momentum. Weight decay is
    decoupled, as in the implementation that the authors gave to MXNet.
    """

    year = 2018
    family = "sign"
    repairs = {
        "Rprop": "noise turns the sign of a single gradient",
        "Momentum": "its step depends on the size of the gradient",
    }
    cite = "bernstein2018"
    color = "#a05840"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        *,
        lr: Rate = 1e-3,
        momentum: Annotated[Decay, "decay rate of the EMA; zero is signSGD"] = 0.9,
        weight_decay: WeightDecay = 0.0,
    ):
        g = grad(theta)  # gradient at the current point
        m = momentum * m + (1 - momentum) * g  # EMA of the gradient
        theta = theta - lr * (sign(m) + weight_decay * theta)  # a step of size lr in every coordinate
        return theta, m
