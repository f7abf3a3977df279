from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdaBeliefTEMA(Optimizer):
    """AdaBelief with a running mean that lags even less: three means deep, steady trends are followed at once.

    Told of by Impact Crater, the author of OptimizerVisualizer (2024): Mulloy's (1994) triple exponential moving
    average in place of the simple one. There is no listing; here `AdaBeliefD` is changed in that one place.
    """

    year = 2024
    family = "adaptive"
    cite = "impactcrater2024"
    color = "#787890"
    variant_of = "AdaBeliefDEMA"

    @staticmethod
    def update(theta, grad, t, m1, m2, m3, s, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-16):
        beta1, beta2 = betas
        g = grad(theta)  # slope at the current point
        m1 = beta1 * m1 + (1 - beta1) * g  # running mean of the slope
        m2 = beta1 * m2 + (1 - beta1) * m1  # running mean of that
        m3 = beta1 * m3 + (1 - beta1) * m2  # and of that
        m = 3 * m1 - 3 * m2 + m3  # the lags of the three cancel on a steady trend, and on a curved one
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # running mean of the squared surprise
        s_hat = s / (1 - beta2**t)  # undo the bias of the scale only
        theta = theta - lr * m / (sqrt(s_hat) + eps)  # AdaBelief's step
        return theta, m1, m2, m3, s
