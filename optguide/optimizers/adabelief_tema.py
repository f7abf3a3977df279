from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaBeliefTEMA(Optimizer):
    """AdaBelief with an average that lags even less: three EMAs deep, it follows steady and curved trends.

    Described by Impact Crater, the author of OptimizerVisualizer (2024): Mulloy's triple exponential moving average,
    from the second of his articles of 1994, in place of the simple one. There is no listing, and both EMAs may have
    been replaced; here `AdaBeliefD` is changed in the first only. The name is ours.
    """

    year = 2024
    family = "adaptive"
    repairs = {"AdaBeliefDEMA": "its average still lags where a trend bends"}
    cite = "impactcrater2024"
    color = "#787890"
    variant_of = "AdaBeliefDEMA"

    @staticmethod
    def update(theta, grad, t, m1, m2, m3, s, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m1 = beta1 * m1 + (1 - beta1) * g  # EMA of the gradient
        m2 = beta1 * m2 + (1 - beta1) * m1  # EMA of that
        m3 = beta1 * m3 + (1 - beta1) * m2  # and of that
        m = 3 * m1 - 3 * m2 + m3  # the lags of the three cancel on a steady trend, and on a curved one
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # EMA of the squared prediction error
        s_hat = s / (1 - beta2**t)  # undo the bias of the second moment only
        theta = theta - lr * m / (sqrt(s_hat) + eps)  # AdaBelief's step
        return theta, m1, m2, m3, s
