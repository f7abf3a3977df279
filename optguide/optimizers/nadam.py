from typing import Annotated

from torch import sqrt

from .optimizer import Optimizer
from .settings import Amount, Decays, Rate, Small


class NAdam(Optimizer):
    """Adam with Nesterov's look-ahead: the momentum that the next step will have is already applied now.

    Dozat (2016), with a momentum that rises as in his experiments; equal to `torch.optim.NAdam`. As there, the EMA
    ``m`` decays by the constant ``beta1``, where his listing has the momentum of the step. The product ``p`` of the
    momenta is one number for all; it is kept per parameter like any other state.
    """

    year = 2016
    family = "adaptive"
    repairs = {"Adam": "its momentum notices a turn late", "Nesterov": "it has one learning rate for all coordinates"}
    cite = "dozat2016"
    color = "#a830f0"
    init = {"p": 1}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        p,
        *,
        lr: Rate = 2e-3,
        betas: Decays = (0.9, 0.999),
        eps: Small = 1e-8,
        momentum_decay: Annotated[Amount, "how fast the momentum rises to its full value"] = 4e-3,
    ):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))  # momentum of this step: it rises towards beta1
        nu = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))  # momentum of the next step
        p = mu * p  # product of all momenta so far
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        m_hat = nu * m / (1 - nu * p) + (1 - mu) * g / (1 - p)  # look ahead by one momentum
        v_hat = v / (1 - beta2**t)  # undo the bias of starting at zero
        theta = theta - lr * m_hat / (sqrt(v_hat) + eps)  # Adam's step, with that look-ahead
        return theta, m, v, p
