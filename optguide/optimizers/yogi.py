from torch import sign, sqrt

from .optimizer import Optimizer
from .settings import Decays, Initial, Rate, Small


class Yogi(Optimizer):
    """Adam whose second moment changes by a bounded amount: it falls slowly after large gradients.

    Zaheer et al. (2018), algorithm 2, with Adam's bias corrections and both moments starting at a small value, as in
    the implementations in use. The sign decides only the direction in which the second moment changes.
    """

    year = 2018
    family = "adaptive"
    repairs = {"Adam": "its scale falls too fast after large gradients"}
    cite = "zaheer2018"
    color = "#907830"
    init = {"m": "initial_accumulator_value", "v": "initial_accumulator_value"}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        *,
        lr: Rate = 1e-2,
        betas: Decays = (0.9, 0.999),
        eps: Small = 1e-3,
        initial_accumulator_value: Initial = 1e-6,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: the direction
        v = v - (1 - beta2) * sign(v - g**2) * g**2  # towards the squared gradient, by a share of the latter
        m_hat = m / (1 - beta1**t)  # undo the bias of starting near zero
        v_hat = v / (1 - beta2**t)  # likewise
        theta = theta - lr * m_hat / (sqrt(v_hat) + eps)  # Adam's step
        return theta, m, v
