from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AdamD(Optimizer):
    """Adam that corrects the bias of the second moment only, and so begins with small steps.

    St John (2021): the EMA of the gradient starts at zero and is left to grow. That is a built-in warm-up of about
    ``1 / (1 - beta1)`` steps, without a schedule.
    """

    year = 2021
    family = "adaptive"
    repairs = {"Adam": "its first steps have full length, from few gradients"}
    cite = "stjohn2021"
    color = "#8f7bea"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient, left to grow from zero
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        v_hat = v / (1 - beta2**t)  # undo the bias of the second moment only
        theta = theta - lr * m / (sqrt(v_hat) + eps)  # the first steps are short
        return theta, m, v
