from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaBelief(Optimizer):
    """Adam that divides by how far the gradient is from its EMA, not by how large it is.

    Zhuang et al. (2020), algorithm 2. As in the authors' released code, ``eps`` enters both the EMA and the
    denominator.
    """

    year = 2020
    family = "adaptive"
    repairs = {"Adam": "large gradients shorten its steps even if they are steady"}
    cite = "zhuang2020"
    color = "#e5484d"

    @staticmethod
    def update(theta, grad, t, m, s, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: its prediction
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # EMA of the squared prediction error
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        s_hat = s / (1 - beta2**t)  # likewise
        theta = theta - lr * m_hat / (sqrt(s_hat) + eps)  # long steps while the prediction is good
        return theta, m, s
