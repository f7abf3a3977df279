from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AlmostAdam(Optimizer):
    """Adam before its last idea: both running means start at zero and nothing makes up for it.

    Kingma and Ba (2015), algorithm 1, without the bias corrections that their section 3 derives. Not a rule to use,
    but the one to compare with: with the default ``betas`` the scale is too small at first, and the first
    steps are about three times ``lr`` and growing.
    """

    year = 2015
    family = "adaptive"
    cite = "kingma2015"
    color = "#c0a8d8"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # slope at the current point
        m = beta1 * m + (1 - beta1) * g  # running mean of the slope, too small at first
        v = beta2 * v + (1 - beta2) * g**2  # running mean of its square, far too small at first
        theta = theta - lr * m / (sqrt(v) + eps)  # so the quotient is too large
        return theta, m, v
