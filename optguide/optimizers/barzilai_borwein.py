from typing import Annotated

from torch import sum

from ..language import where
from .optimizer import Optimizer
from .settings import FirstStep, Kind


class BarzilaiBorwein(Optimizer):
    """Gradient descent whose step size is the inverse of the curvature that the last step met.

    Barzilai and Borwein (1988), equations (5), the long step, and (6), the short one. The first step, and any after
    which the curvature is not positive, has the size ``lr``. The sums run over all parameters.
    """

    year = 1988
    family = "own step size"
    repairs = {"SGD": "one step size has to do for all curvatures"}
    cite = "barzilai1988"
    color = "#00e0b0"
    init = {"x": "theta"}
    mixes = "model"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        x,
        g,
        *,
        lr: FirstStep = 1e-2,
        short: Annotated[bool, Kind("the short step instead of the long one")] = False,
    ):
        g_before = g
        g = grad(theta)  # gradient at the current point, kept for the next step
        s = theta - x  # the last step
        y = g - g_before  # how it changed the gradient
        c = sum(s * y)  # curvature along the step, times its squared length
        a = where(short, c / sum(y**2), sum(s**2) / c)  # step size: the inverse of the curvature, by two measures
        b = where(c > 0, a, lr)  # if it is positive
        x = theta  # where the next step begins
        theta = theta - b * g  # a step of this size
        return theta, x, g
