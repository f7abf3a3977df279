from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class LaProp(Optimizer):
    """Adam that divides each gradient by its scale first and averages then.

    Ziyin, Wang and Ueda (2020), algorithm 1. Adam averages first and divides the average by the newest scale.
    """

    year = 2020
    family = "adaptive"
    repairs = {"Adam": "it divides old gradients by a newer, smaller scale"}
    cite = "ziyin2020"
    color = "#b038b0"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr: Rate = 4e-4, betas: Decays = (0.9, 0.999), eps: Small = 1e-15):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        v_hat = v / (1 - beta2**t)  # undo the bias of starting at zero
        m = beta1 * m + (1 - beta1) * g / (sqrt(v_hat) + eps)  # EMA of the gradient, divided by its scale
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        theta = theta - lr * m_hat  # step along the average
        return theta, m, v
