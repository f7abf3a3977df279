from torch import sqrt

from .optimizer import Optimizer
from .settings import Initial, Rate, Small


class Adagrad(Optimizer):
    """Every coordinate is divided by the root of the sum of its squared gradients: rare features keep long steps.

    Duchi et al. (2011), figure 1, diagonal case, with their small constant outside the root. Equal to
    `torch.optim.Adagrad`. To put the constant inside the root, as others do, set ``eps=0`` and give its value to
    ``initial_accumulator_value``: the sum then starts there, which is the same rule.
    """

    year = 2011
    family = "adaptive"
    repairs = {"SGD": "one learning rate for all: rare features learn slowly"}
    cite = "duchi2011"
    color = "#d83090"
    init = {"G": "initial_accumulator_value"}

    @staticmethod
    def update(theta, grad, t, G, *, lr: Rate = 1e-2, initial_accumulator_value: Initial = 0.0, eps: Small = 1e-10):
        g = grad(theta)  # gradient at the current point
        G = G + g**2  # sum of all squared gradients: it only grows
        theta = theta - lr * g / (sqrt(G) + eps)  # the larger its gradients were, the shorter the step
        return theta, G
