from torch import exp

from .optimizer import Optimizer
from .settings import Rate


class AdagradExp(Optimizer):
    """Adagrad with an exponential brake: updates shrink by e to the sum of squared slopes.

    Named in passing by Siarshai (2017) among Adagrad's relatives. Where slopes are small it is plain descent; once
    the sum reaches a few units nothing moves any more.
    """

    year = 2017
    family = "adaptive"
    cite = "siarshai2017"
    color = "#f0c0f0"
    variant_of = "Adagrad"

    @staticmethod
    def update(theta, grad, t, G, *, lr: Rate = 1e-2):
        g = grad(theta)  # slope at the current point
        G = G + g**2  # sum of all squared slopes
        theta = theta - lr * exp(-G) * g  # plain descent under a brake that never lets go
        return theta, G
