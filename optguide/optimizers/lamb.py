from torch import norm, sqrt

from ..language import where
from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class LAMB(Optimizer):
    """Adam whose step is made as long as a fixed share of the tensor that it moves.

    You et al. (2020), algorithm 2, with the identity for their function phi. The length is that of one tensor: a layer
    is scaled by itself. A tensor of zeros, which would never move, takes Adam's step instead, as in ``optax.lamb``, to
    which this rule is equal.
    """

    year = 2020
    family = "adaptive"
    repairs = {"AdamW": "in large batches, one learning rate does not fit all layers"}
    cite = "you2020"
    color = "#70a8a0"
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
        eps: Small = 1e-6,
        weight_decay: WeightDecay = 0.0,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        v_hat = v / (1 - beta2**t)  # likewise
        u = m_hat / (sqrt(v_hat) + eps) + weight_decay * theta  # AdamW's update
        p = norm(theta)  # length of the tensor
        r = where(p * norm(u) > 0, p / norm(u), 1)  # trust ratio: to the length of the update
        theta = theta - lr * r * u  # a step as long as lr times the tensor
        return theta, m, v
