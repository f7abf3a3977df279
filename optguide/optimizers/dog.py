from typing import Annotated

from torch import maximum, norm, sqrt, sum

from .optimizer import Optimizer
from .settings import Kind, Small, one_number


class DoG(Optimizer):
    """The step size is the distance from the start, divided by the root of the sum of all squared gradients.

    Ivgi et al. (2023), without the average of the iterates that they recommend on top, and without weight decay. The
    distance and the gradients are those of all parameters together, and each is one number.
    """

    year = 2023
    family = "own step size"
    repairs = {"SGD": "its best learning rate depends on an unknown distance"}
    cite = "ivgi2023"
    color = "#c8e0ff"
    init = {"theta0": "theta", "r": one_number, "G": one_number}
    mixes = "model"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        theta0,
        r,
        G,
        *,
        reps_rel: Annotated[float, Kind("first distance, as a share of 1 and the length of the start", low=0)] = 1e-6,
        eps: Small = 1e-8,
    ):
        g = grad(theta)  # gradient at the current point
        d = maximum(norm(theta - theta0), reps_rel * (1 + norm(theta0)))  # distance from the start, or a first guess
        r = maximum(r, d)  # the largest so far
        G = G + sum(g**2)  # sum of the squared lengths of all gradients
        theta = theta - r / sqrt(G + eps) * g  # the one over the root of the other is the step size
        return theta, theta0, r, G
