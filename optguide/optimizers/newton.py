from typing import Annotated

from ..language import identity, solve
from .optimizer import Optimizer
from .settings import Amount, Rate


class Newton(Optimizer):
    """A step to where the local parabola is flat: to a minimum, but as well to a maximum or a saddle point.

    Simpson (1740), with a share of the step and a multiple of the identity added to the Hessian, both constant. All
    parameters are one vector, of at most 1,000 numbers. A Hessian that is singular with its damping gives NaN.
    """

    year = 1740
    family = "curvature"
    repairs = {}
    cite = "ypma1995"
    color = "#f8f8f8"
    mixes = "model"

    @staticmethod
    def update(
        theta,
        grad,
        hessian,
        t,
        *,
        lr: Annotated[Rate, "share of Newton's step that is taken"] = 1.0,
        damping: Annotated[Amount, "added to every eigenvalue of the Hessian"] = 0.0,
    ):
        g = grad(theta)  # gradient at the current point
        h = hessian(theta)  # matrix of second derivatives there
        theta = theta - lr * solve(h + damping * identity(h), g)  # to where the gradient would be zero
        return theta
