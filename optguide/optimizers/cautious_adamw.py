from torch import clamp, full_like, mean, sqrt, where

from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class CautiousAdamW(Optimizer):
    """AdamW that moves only those coordinates whose update agrees with the present gradient, and those the further.

    Liang et al. (2024), with the scale of the authors' C-AdamW: what is left of the update is divided by the
    share of the tensor's coordinates that agree, or by 0.001 if it is less. AdamW is that of `torch.optim.AdamW`.
    """

    year = 2024
    family = "adaptive"
    repairs = {"AdamW": "after a turn its momentum goes uphill for a while"}
    cite = "liang2024"
    color = "#c8b0ff"
    mixes = "tensor"

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
        g = grad(theta)  # gradient of the loss alone, without any penalty
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        v_hat = v / (1 - beta2**t)  # likewise
        u = m_hat / (sqrt(v_hat) + eps)  # Adam's update
        c = where(u * g > 0, full_like(u, 1), 0)  # 1 where it agrees with the gradient, 0 elsewhere
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * u * c / clamp(mean(c), 1e-3, 1)  # step where both agree, further if few do
        return theta, m, v
