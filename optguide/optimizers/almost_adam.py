from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AlmostAdam(Optimizer):
    """Adam without bias correction: both EMAs start at zero and nothing makes up for it.

    Kingma and Ba (2015), algorithm 1, without the bias corrections that their section 3 derives; the name is ours. It
    is here for comparison: with the default ``betas`` the second moment is too small at first, so that the first step
    is about three times ``lr`` long, and the next are longer.
    """

    year = 2015
    family = "adaptive"
    repairs = {"Adam": "a variation: averages that start at zero are not corrected"}
    cite = "kingma2015"
    color = "#c0a8d8"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient, too small at first
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square, far too small at first
        theta = theta - lr * m / (sqrt(v) + eps)  # so the quotient is too large
        return theta, m, v
