from torch import sqrt, where

from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class AdamCWD(Optimizer):
    """AdamW that decays a weight only where Adam's update shrinks it, too: the minimum stays where it is.

    Adam with the cautious weight decay of Chen et al. (2025), algorithm 1, which they abbreviate to CWD. The mask is
    theirs: a weight decays where its product with the update is at least zero.
    """

    year = 2025
    family = "adaptive"
    repairs = {"AdamW": "its decay moves the minimum"}
    cite = "chen2025"
    color = "#f07858"

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
        d = where(u * theta >= 0, theta, 0)  # the weight where the update shrinks it, 0 elsewhere
        theta = theta - lr * (u + weight_decay * d)  # Adam's step, and the decay
        return theta, m, v
