from .optimizer import Optimizer
from .settings import Rate, Small


class AdagradNoRoot(Optimizer):
    """Adagrad without its root: updates shrink so fast that it soon hardly moves.

    Mentioned by Siarshai (2017) among Adagrad's relatives; the name is ours. Under a constant gradient steps shrink as
    1/t where Adagrad's shrink as the root of that, and ten times the loss makes a tenth of the step.
    """

    year = 2017
    family = "adaptive"
    repairs = {"Adagrad": "a variation: without the root, steps shrink as 1/t"}
    cite = "siarshai2017"
    color = "#a86090"
    variant_of = "Adagrad"

    @staticmethod
    def update(theta, grad, t, G, *, lr: Rate = 1e-2, eps: Small = 1e-10):
        g = grad(theta)  # gradient at the current point
        G = G + g**2  # sum of all squared gradients
        theta = theta - lr * g / (G + eps)  # divided by the sum itself
        return theta, G
