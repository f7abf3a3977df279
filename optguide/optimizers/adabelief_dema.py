from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaBeliefDEMA(Optimizer):
    """AdaBelief with an average that hardly lags: twice the EMA, less the EMA of the EMA.

    Described by Impact Crater, the author of OptimizerVisualizer (2024): Mulloy's (1994) double exponential moving
    average in place of the simple one. There is no listing, and both EMAs may have been replaced; here `AdaBeliefD` is
    changed in the first only. The name is ours.
    """

    year = 2024
    family = "adaptive"
    repairs = {"AdaBeliefD": "its average lags behind the gradient"}
    cite = "impactcrater2024"
    color = "#a8a830"

    @staticmethod
    def update(theta, grad, t, m1, m2, s, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m1 = beta1 * m1 + (1 - beta1) * g  # EMA of the gradient: smooth, but late
        m2 = beta1 * m2 + (1 - beta1) * m1  # its own EMA: twice as late
        m = 2 * m1 - m2  # so that the lags of the two cancel on a steady trend
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # EMA of the squared prediction error
        s_hat = s / (1 - beta2**t)  # undo the bias of the second moment only
        theta = theta - lr * m / (sqrt(s_hat) + eps)  # AdaBelief's step
        return theta, m1, m2, s
