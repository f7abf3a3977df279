from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaDerivative(Optimizer):
    """Adam that divides by how much the slope changed since the last step.

    The rule of Impact Crater's OptimizerVisualizer (2024): the first moment is left uncorrected, and ``eps``
    enters both the running mean and the denominator. The previous slope is a third state.
    """

    year = 2024
    family = "adaptive"
    cite = "impactcrater2024"
    color = "#f2d33c"

    @staticmethod
    def update(theta, grad, t, m, s, g, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g_before = g
        g = grad(theta)  # slope at the current point, kept for the next step
        m = beta1 * m + (1 - beta1) * g  # running mean of the slope
        s = beta2 * s + (1 - beta2) * (g - g_before) ** 2 + eps  # running mean of its squared change
        s_hat = s / (1 - beta2**t)  # undo the bias of the scale only
        theta = theta - lr * m / (sqrt(s_hat) + eps)  # long steps where the slope is steady
        return theta, m, s, g
