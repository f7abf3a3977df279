from torch import exp

from .optimizer import Optimizer
from .settings import Rate


class AdagradExp(Optimizer):
    """Adagrad with an exponential: updates shrink by e to the power of the sum of squared gradients.

    Mentioned by Siarshai (2017) among Adagrad's relatives; the name is ours. While the sum is small it is plain
    descent; once it reaches a few units the parameters hardly move any more.
    """

    year = 2017
    family = "adaptive"
    repairs = {"Adagrad": "a variation: an exponential of the sum in place of the root"}
    cite = "siarshai2017"
    color = "#f0c0f0"
    variant_of = "Adagrad"

    @staticmethod
    def update(theta, grad, t, G, *, lr: Rate = 1e-2):
        g = grad(theta)  # gradient at the current point
        G = G + g**2  # sum of all squared gradients
        theta = theta - lr * exp(-G) * g  # plain descent with a factor that only shrinks
        return theta, G
