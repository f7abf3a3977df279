from typing import Annotated

from torch import atan2, sqrt

from .optimizer import Optimizer
from .settings import Amount, Decays, Rate, WeightDecay


class AdamAtan2(Optimizer):
    """Adam with an arc tangent in place of the division, which needs no constant against division by zero.

    Everett et al. (2024), with the factors ``a`` and ``b`` of the ``adam_atan2_pytorch`` package. At ``a`` = 4/pi, of
    which the default is a rounding, a step along a steady gradient is one learning rate long.
    """

    year = 2024
    family = "adaptive"
    repairs = {"Adam": "its eps decides which gradients are too small to count"}
    cite = "everett2024"
    color = "#f88080"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        *,
        lr: Rate = 1e-4,
        betas: Decays = (0.9, 0.99),
        a: Annotated[Amount, "length of a step, in units of lr, at an angle of one radian"] = 1.27,
        b: Annotated[Amount, "factor of the scale: the larger, the closer to a division"] = 1.0,
        weight_decay: WeightDecay = 0.0,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        v_hat = v / (1 - beta2**t)  # likewise
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * a * atan2(m_hat, b * sqrt(v_hat))  # the angle whose tangent Adam would step by
        return theta, m, v
