from typing import Annotated

from torch import maximum, sqrt, sum, where

from .optimizer import Optimizer
from .settings import Kind, one_number


class DoWG(Optimizer):
    """Distance over weighted gradients: DoG, whose early gradients, met near the start, weigh less in the sum.

    Khaled, Mishchenko and Jin (2023), algorithm 1, with the authors' ``eps``, which also is the first squared distance.
    Distance and gradients are those of all parameters together.
    """

    year = 2023
    family = "own step size"
    repairs = {"DoG": "gradients of its first, tiny steps shorten all later ones"}
    cite = "khaled2023"
    color = "#90a8ff"
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
        eps: Annotated[float, Kind("first squared distance; keeps the denominator away from zero", low=0)] = 1e-4,
    ):
        g = grad(theta)  # gradient at the current point
        d = sum((theta - theta0) ** 2)  # squared distance from the start
        d = where(d > eps, d, eps)  # or a first guess
        r = maximum(r, d)  # the largest so far
        G = G + r * sum(g**2)  # sum of the squared lengths of all gradients, weighted by it
        theta = theta - r / (sqrt(G) + eps) * g  # the one over the root of the other is the step size
        return theta, theta0, r, G
