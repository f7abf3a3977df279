from typing import Annotated

from torch import abs, clamp, sign, sqrt

from .optimizer import Optimizer
from .settings import Decays, Interval, Rate, Small


class AdaBC(Optimizer):
    """AdaBelief whose step is kept between a smallest and a largest magnitude, so that it never comes to rest.

    The rule of Impact Crater's OptimizerVisualizer (2024): `AdaBeliefD`, its step clipped to ``bounds`` in units of
    ``lr``.
    """

    year = 2024
    family = "adaptive"
    repairs = {"AdaBeliefD": "its steps have no shortest and no longest length"}
    cite = "impactcrater2024"
    color = "#57b84a"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        s,
        *,
        lr: Rate = 1e-3,
        betas: Decays = (0.9, 0.999),
        eps: Small = 1e-16,
        bounds: Annotated[Interval, "smallest and largest magnitude of the step, in units of lr"] = (0.1, 2.0),
    ):
        beta1, beta2 = betas
        low, high = bounds
        g = grad(theta)  # gradient at the current point
        m = beta1 * m + (1 - beta1) * g  # EMA of the gradient
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # EMA of the squared prediction error
        s_hat = s / (1 - beta2**t)  # undo the bias of the second moment only
        r = m / (sqrt(s_hat) + eps)  # the step AdaBelief would take
        theta = theta - lr * sign(r) * clamp(abs(r), low, high)  # its sign, its size kept within bounds
        return theta, m, s
