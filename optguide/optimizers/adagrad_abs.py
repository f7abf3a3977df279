from torch import abs, sqrt

from .optimizer import Optimizer
from .settings import Rate, Small


class AdagradAbs(Optimizer):
    """Adagrad that sums magnitudes of gradients instead of their squares.

    Mentioned by Siarshai (2017) among Adagrad's relatives; the name is ours. Only the sum is changed, the root stays.
    The step then depends on the scale of the loss: ten times the loss, about three times the step.
    """

    year = 2017
    family = "adaptive"
    repairs = {"Adagrad": "a variation: magnitudes are summed, not squares"}
    cite = "siarshai2017"
    color = "#d878a8"
    variant_of = "Adagrad"

    @staticmethod
    def update(theta, grad, t, G, *, lr: Rate = 1e-2, eps: Small = 1e-10):
        g = grad(theta)  # gradient at the current point
        G = G + abs(g)  # sum of the magnitudes of all gradients
        theta = theta - lr * g / (sqrt(G) + eps)  # the root as in Adagrad
        return theta, G
