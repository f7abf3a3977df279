from torch import mean, sqrt

from ..language import maximum
from .optimizer import Optimizer
from .settings import Decays, Rate, Small, WeightDecay


class StableAdamW(Optimizer):
    """AdamW with shorter steps for a tensor whose gradients have outgrown their scale.

    Wortsman et al. (2023), algorithm 2: AdamW with the update clipping of Adafactor. The bias is corrected in the
    betas, which grow from 0 to their values. That is the same as dividing the averages.
    """

    year = 2023
    family = "adaptive"
    repairs = {"AdamW": "its scale lags when gradients grow, and the loss spikes"}
    cite = "wortsman2023"
    color = "#f838b0"
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
        betas: Decays = (0.9, 0.99),
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 1e-2,
    ):
        beta1, beta2 = betas
        beta1_hat = beta1 * (1 - beta1 ** (t - 1)) / (1 - beta1**t)  # the decay rate that corrects the bias
        beta2_hat = beta2 * (1 - beta2 ** (t - 1)) / (1 - beta2**t)  # likewise
        g = grad(theta)  # gradient of the loss alone, without any penalty
        m = beta1_hat * m + (1 - beta1_hat) * g  # average of the gradient
        v = beta2_hat * v + (1 - beta2_hat) * g**2  # average of its square
        r = sqrt(mean((g / maximum(sqrt(v), eps)) ** 2))  # how far the gradient of the tensor exceeds its scale
        lr_hat = lr / maximum(r, 1)  # the learning rate, divided by that if it is above 1
        theta = theta - lr_hat * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr_hat * m / (sqrt(v) + eps)  # Adam's step at that learning rate
        return theta, m, v
