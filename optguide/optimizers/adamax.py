from torch import abs, maximum

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class Adamax(Optimizer):
    """Adam that divides by the largest recent gradient instead of a mean: the limit of a power mean.

    Kingma and Ba (2015), algorithm 2, with ``eps`` added to each new magnitude, as in `torch.optim.Adamax`, to which it
    is equal. The decaying maximum needs no bias correction.
    """

    year = 2015
    family = "adaptive"
    repairs = {"Adam": "its scale lags behind when gradients suddenly grow"}
    cite = "kingma2015"
    color = "#f090f0"

    @staticmethod
    def update(theta, grad, t, m, u, *, lr: Rate = 2e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: the direction
        u = maximum(beta2 * u, abs(g) + eps)  # largest magnitude so far, slowly decaying: the scale
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        theta = theta - lr * m_hat / u  # at most about lr per coordinate
        return theta, m, u
