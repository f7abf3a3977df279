from typing import Annotated

from torch import sqrt

from ..language import log, minimum, where
from .optimizer import Optimizer
from .settings import Amount, Count, Rate, Small, ThreeDecays, WeightDecay


class AdEMAMix(Optimizer):
    """Adam with a second, far slower average of the gradient added to the first.

    Pagliardini, Ablin and Grangier (2025), algorithm 1. The slow average is not corrected for starting at zero, so that
    its share grows as it fills. The schedules of ``alpha`` and ``beta3`` are off unless their warm-ups take several
    steps. Weight decay is decoupled.
    """

    year = 2025
    family = "adaptive"
    repairs = {"AdamW": "one average cannot both react at once and remember long"}
    cite = "pagliardini2025"
    color = "#b8e888"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m1,
        m2,
        v,
        *,
        lr: Rate = 1e-3,
        betas: Annotated[ThreeDecays, "decay rates: fast EMA, squares, slow EMA"] = (0.9, 0.999, 0.9999),
        alpha: Annotated[Amount, "weight of the slow EMA"] = 5.0,
        alpha_warmup: Annotated[Count, "steps in which its weight rises from 0 to alpha"] = 1,
        beta3_warmup: Annotated[Count, "steps in which its decay rate rises from beta1 to beta3"] = 1,
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 0.0,
    ):
        beta1, beta2, beta3 = betas
        alpha = alpha * minimum(t / alpha_warmup, 1)  # weight of the slow EMA: it rises in proportion
        s = t / beta3_warmup  # how much of the other warm-up is over
        beta3 = where(s < 1, beta3 ** (1 / (s + (1 - s) * log(beta3) / log(beta1))), beta3)  # as its half-life rises
        g = grad(theta)  # gradient at the current point
        m1 = beta1 * m1 + (1 - beta1) * g  # fast EMA of the gradient: Adam's
        m2 = beta3 * m2 + (1 - beta3) * g  # slow EMA, which remembers thousands of steps
        v = beta2 * v + (1 - beta2) * g**2  # EMA of the squares: its root is the scale
        m1_hat = m1 / (1 - beta1**t)  # undo the bias of starting at zero, but not that of the slow EMA
        v_hat = v / (1 - beta2**t)  # likewise
        theta = theta - lr * ((m1_hat + alpha * m2) / (sqrt(v_hat) + eps) + weight_decay * theta)  # a step along both
        return theta, m1, m2, v
