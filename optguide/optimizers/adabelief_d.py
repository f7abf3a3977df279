from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaBeliefD(Optimizer):
    """AdaBelief that corrects the bias of the second moment only, as AdamD does for Adam.

    Not published as such: Zhuang et al. (2020), algorithm 2, with the first-moment correction left out after St John
    (2021). It is the rule that Impact Crater's OptimizerVisualizer (2024) draws under the name AdaBelief; this name is
    ours.
    """

    year = 2024
    family = "adaptive"
    repairs = {"AdaBelief": "its first step is too long: its average has only begun"}
    cite = "impactcrater2024"
    color = "#f5a3a5"

    @staticmethod
    def update(theta, grad, t, m, s, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient, left to grow from zero
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # EMA of the squared prediction error
        s_hat = s / (1 - beta2**t)  # undo the bias of the second moment only
        theta = theta - lr * m / (sqrt(s_hat) + eps)  # the first steps are short
        return theta, m, s
