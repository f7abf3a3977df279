from typing import Annotated

from torch import sum, where

from .optimizer import Optimizer
from .settings import Kind


class PolyakStep(Optimizer):
    """Gradient descent whose step size is the height above the minimum over the squared length of the gradient.

    Polyak (1969), with the bound ``eta_max`` and the divisor ``c`` of Loizou et al. (2021): at 1 the step is Polyak's,
    at 0.5 twice as long. It needs the height of the minimum, ``f_star``, and asks for the loss. The square of the
    gradient is summed over all parameters.
    """

    year = 1969
    family = "own step size"
    repairs = {"SGD": "its learning rate has to be found by trial"}
    cite = "polyak1969"
    color = "#f06010"
    mixes = "model"

    @staticmethod
    def update(
        theta,
        grad,
        loss,
        t,
        *,
        f_star: Annotated[float, Kind("height of the minimum, or less")] = 0.0,
        c: Annotated[float, Kind("divisor of the step", low=0)] = 1.0,
        eta_max: Annotated[float, Kind("largest step size", low=0)] = 1e6,
    ):
        g = grad(theta)  # gradient at the current point
        n = sum(g**2)  # its squared length
        h = (loss(theta) - f_star) / c  # height that the step is to lose
        a = where(n > 0, h / n, 0)  # step size at which a linear loss would lose it
        b = where(a < eta_max, a, eta_max)  # bounded, for points at which the gradient is nearly zero
        theta = theta - b * g  # a step of this size
        return theta
