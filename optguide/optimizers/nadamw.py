from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class NAdamW(Optimizer):
    """AdamW that already applies the momentum of the next step: Nesterov's look-ahead at a constant beta1.

    Dozat (2016) without his momentum schedule, and the decoupled weight decay of Loshchilov and Hutter (2019). The rule
    that benchmarks call NAdamW; equal to ``optax.nadamw``.
    """

    year = 2019
    family = "adaptive"
    repairs = {"AdamW": "its momentum notices a turn late", "NAdam": "its scale divides the weight decay, too"}
    cite = "dozat2016"
    color = "#e828e8"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        *,
        lr: Rate = 1e-3,
        betas: Decays = (0.9, 0.999),
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 1e-2,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)  # look ahead by one step
        v_hat = v / (1 - beta2**t)  # undo the bias of starting at zero
        theta = theta - lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * theta)  # Adam's step and the decay
        return theta, m, v
