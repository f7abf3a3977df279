from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaDerivative(Optimizer):
    """Adam that divides by how much the gradient changed since the last step.

    Zou, Xia and Cao (2023), as adapted in Impact Crater's OptimizerVisualizer (2024): AdaBelief with the change of the
    gradient in place of the prediction error. The first moment is left uncorrected, and ``eps`` enters both the EMA and
    the denominator; the paper's abstract, which is all that was open to us, does not say what it does about either. The
    previous gradient is a third state, zero at first.
    """

    year = 2023
    family = "adaptive"
    repairs = {"AdaBelief": "it takes ten steps to see that a gradient is steady"}
    cite = "zou2023"
    color = "#f2d33c"

    @staticmethod
    def update(theta, grad, t, m, s, g, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g_before = g
        g = grad(theta)  # gradient at the current point, kept for the next step
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        s = beta2 * s + (1 - beta2) * (g - g_before) ** 2 + eps  # EMA of its squared change
        s_hat = s / (1 - beta2**t)  # undo the bias of the second moment only
        theta = theta - lr * m / (sqrt(s_hat) + eps)  # long steps where the gradient is steady
        return theta, m, s, g
