from typing import Annotated

from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class ScheduleFreeAdamW(Optimizer):
    """AdamW without momentum descends, the answer is the average of its path, and gradients are taken near it.

    Defazio et al. (2024), algorithm 1, with the bias correction in the denominator, as in the authors' package since
    version 1.3. The answer is the average ``x``. The sum ``s`` of the weights is one number for all; it is kept per
    parameter like any other state.
    """

    year = 2024
    family = "averaging"
    repairs = {
        "ScheduleFreeSGD": "it has one learning rate for all coordinates",
        "AdamW": "its schedule must know when training ends",
    }
    cite = "defazio2024"
    color = "#28e870"
    init = {"z": "theta", "x": "theta"}
    answer = "x"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        v,
        z,
        x,
        s,
        *,
        lr: Rate = 2.5e-3,
        betas: Annotated[Decays, "share of the average in the point of the gradient; decay of the EMA"] = (0.9, 0.999),
        eps: Small = 1e-8,
        weight_decay: Annotated[WeightDecay, "weight decay at the point of the gradient, in units of lr"] = 0.0,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point, which lies between z and x
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square: its root is the scale
        v_hat = v / (1 - beta2**t)  # undo the bias of starting at zero
        z = z - lr * (g / (sqrt(v_hat) + eps) + weight_decay * theta)  # a scaled step, from where the last one ended
        s = s + lr**2  # sum of all weights so far
        x = x + lr**2 * (z - x) / s  # average of all z so far: the answer
        theta = (1 - beta1) * z + beta1 * x  # where the next gradient is taken
        return theta, v, z, x, s
