from typing import Annotated

from torch import clamp

from ..language import maximum, where
from .optimizer import Optimizer
from .settings import Count, Decays, Kind, Rate, Small, WeightDecay


class SophiaH(Optimizer):
    """The average gradient over the estimated curvature, clipped: its sign where that is too small or negative.

    Liu et al. (2023), algorithms 1 and 3: the estimate is Hutchinson's. It asks for a product of the Hessian with a
    random vector in every step, and uses that of every tenth; the authors' code computes no other.
    """

    year = 2023
    family = "curvature"
    repairs = {
        "Signum": "its steps are as long along steep directions as flat ones",
        "Adam": "the size of the gradient says little about the curvature",
    }
    cite = "liu2023"
    color = "#f8e0a0"

    @staticmethod
    def update(
        theta,
        grad,
        hvp,
        noise,
        t,
        m,
        h,
        *,
        lr: Rate = 8.5e-4,
        betas: Decays = (0.96, 0.99),
        gamma: Annotated[float, Kind("factor of the curvature; the smaller, the more is clipped", low=0)] = 0.01,
        eps: Small = 1e-12,
        weight_decay: WeightDecay = 0.1,
        update_interval: Annotated[Count, "number of steps from one estimate to the next"] = 10,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # its exponential moving average
        z = noise()  # a vector of normal numbers
        d = z * hvp(theta, z)  # on average the diagonal of the Hessian
        h = where(
            (t - 1) % update_interval == 0, beta2 * h + (1 - beta2) * d, h
        )  # from time to time, into an EMA of its own
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * clamp(m / maximum(gamma * h, eps), -1, 1)  # Newton's step of each coordinate, at most lr
        return theta, m, h
