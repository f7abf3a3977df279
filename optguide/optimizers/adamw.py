from torch import sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class AdamW(Optimizer):
    """Adam with weight decay that does not pass through the adaptive scaling.

    Loshchilov and Hutter (2019), algorithm 2, with the schedule multiplier left to torch's schedulers and the decay
    multiplied by ``lr``, as in `torch.optim.AdamW`, to which it is equal.
    """

    year = 2019
    family = "adaptive"
    repairs = {"Adam": "its scale divides the weight decay, too"}
    cite = "loshchilov2019"
    color = "#00a58e"

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
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * m_hat / (sqrt(v_hat) + eps)  # Adam's step, which the decay does not enter
        return theta, m, v
