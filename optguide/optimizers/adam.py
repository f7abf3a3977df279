from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class Adam(Optimizer):
    """Momentum, divided per coordinate by the recent size of the gradient.

    Kingma and Ba (2015), algorithm 1. Equal to `torch.optim.Adam` without weight decay.
    """

    year = 2015
    family = "adaptive"
    repairs = {
        "RMSprop": "it has no memory of the direction, and a biased start",
        "Momentum": "the steepest coordinate limits the learning rate of all",
    }
    cite = "kingma2015"
    color = "#3d8bfd"

    @staticmethod
    def update(theta, grad, t, m, v, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: the direction
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square: its root is the scale
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        v_hat = v / (1 - beta2**t)  # likewise
        theta = theta - lr * m_hat / (sqrt(v_hat) + eps)  # a step of about lr per coordinate
        return theta, m, v
