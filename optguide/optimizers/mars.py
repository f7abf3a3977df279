from typing import Annotated

from torch import norm, sqrt

from ..language import maximum
from .optimizer import Optimizer
from .settings import Amount, Decays, Rate, Small, WeightDecay


class MARS(Optimizer):
    """AdamW on a gradient that is corrected by its change since the step before, and at most one unit long.

    Yuan et al. (2025): MARS-AdamW in the approximate form, the default of the authors' code, which compares the
    gradients of two batches. The exact form takes the gradient of the present batch at both points.
    """

    year = 2025
    family = "adaptive"
    repairs = {"AdamW": "the noise of minibatches stays in its average"}
    cite = "yuan2025"
    color = "#c89868"
    mixes = "tensor"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        g,
        *,
        lr: Rate = 3e-3,
        betas: Decays = (0.95, 0.99),
        gamma: Annotated[Amount, "strength of the correction"] = 0.025,
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 0.0,
    ):
        beta1, beta2 = betas
        g_before = g
        g = grad(theta)  # gradient at the current point, kept for the next step
        c = g + gamma * beta1 / (1 - beta1) * (g - g_before)  # corrected by its change
        c = c / maximum(norm(c), 1)  # shortened to length 1 if it is longer
        m = beta1 * m + (1 - beta1) * c  # EMA of what was corrected
        v = beta2 * v + (1 - beta2) * c**2  # EMA of its square
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        v_hat = v / (1 - beta2**t)  # likewise
        theta = theta - lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * theta)  # Adam's step and the decay
        return theta, m, v, g
