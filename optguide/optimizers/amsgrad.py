from torch import maximum, sqrt

from .optimizer import Optimizer
from .settings import Decays, Rate, Small


class AMSGrad(Optimizer):
    """Adam whose second moment never shrinks: each coordinate is divided by the root of its largest so far.

    Reddi et al. (2018), algorithm 2, with Adam's bias corrections and ``eps``, as in `torch.optim.Adam` with
    ``amsgrad=True``, to which it is equal: the maximum is taken before the correction. ``optax`` corrects first.
    """

    year = 2018
    family = "adaptive"
    repairs = {"Adam": "where large gradients are rare, it may move uphill"}
    cite = "reddi2018"
    color = "#30f030"

    @staticmethod
    def update(theta, grad, t, m, v, v_max, *, lr: Rate = 1e-3, betas: Decays = (0.9, 0.999), eps: Small = 1e-8):
        beta1, beta2 = betas
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient: the direction
        v = beta2 * v + (1 - beta2) * g**2  # EMA of its square
        v_max = maximum(v_max, v)  # the largest so far
        m_hat = m / (1 - beta1**t)  # undo the bias of starting at zero
        v_hat = v_max / (1 - beta2**t)  # likewise
        theta = theta - lr * m_hat / (sqrt(v_hat) + eps)  # Adam's step with the largest v for its scale
        return theta, m, v, v_max
