from typing import Annotated

from torch import sqrt

from ..language import where
from .optimizer import Optimizer
from .settings import Rate, Small, ThreeDecays, WeightDecay


class Adan(Optimizer):
    """Adam with Nesterov's look-ahead, made of the change of the gradient since the step before.

    Xie et al. (2022), algorithm 1, as in the authors' code: the averages start at zero and are corrected for it,
    ``eps`` is outside the root, and the paper's betas are 1 minus these. Weight decay divides, as a proximal step does.
    """

    year = 2022
    family = "adaptive"
    repairs = {
        "Adam": "its momentum does not look ahead",
        "Nesterov": "its look-ahead takes a gradient at another point",
    }
    cite = "xie2022"
    color = "#b0f838"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m1,
        m2,
        v,
        g,
        *,
        lr: Rate = 1e-3,
        betas: Annotated[ThreeDecays, "decay rates: gradient, its change, squares"] = (0.98, 0.92, 0.99),
        eps: Small = 1e-8,
        weight_decay: Annotated[WeightDecay, "weight decay by division, in units of lr"] = 0.0,
    ):
        beta1, beta2, beta3 = betas
        g_before = g
        g = grad(theta)  # gradient at the current point, kept for the next step
        d = where(t > 1, g - g_before, 0)  # how it has changed
        m1 = beta1 * m1 + (1 - beta1) * g  # EMA of the gradient
        m2 = beta2 * m2 + (1 - beta2) * d  # EMA of its change
        v = beta3 * v + (1 - beta3) * (g + beta2 * d) ** 2  # EMA of the squares of the gradient one change ahead
        m1_hat = m1 / (1 - beta1**t)  # undo the bias of starting at zero
        m2_hat = m2 / (1 - beta2**t)  # likewise
        v_hat = v / (1 - beta3**t)  # likewise
        theta = theta - lr * (m1_hat + beta2 * m2_hat) / (sqrt(v_hat) + eps)  # along the average, one change ahead
        theta = theta / (1 + lr * weight_decay)  # shrink every weight by the same share
        return theta, m1, m2, v, g
