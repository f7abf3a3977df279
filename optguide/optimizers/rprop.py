from typing import Annotated

from torch import clamp, sign, where

from .optimizer import Optimizer
from .settings import Interval, Kind, Pair, Rate


class Rprop(Optimizer):
    """Only the sign of the gradient counts; each coordinate keeps a step size that grows until the sign flips.

    Riedmiller and Braun (1993), without their way back: after a flip the coordinate rests for one step and its gradient
    is set to zero, the variant that Igel and Hüsken (2000) call iRprop-. ``lr`` is the first step size. Made for full
    batches, where a flip means that a minimum was passed. Equal to `torch.optim.Rprop`.
    """

    year = 1993
    family = "sign"
    repairs = {"SGD": "the size of a gradient says little about the step to take"}
    cite = "riedmiller1993"
    color = "#f0d8c0"
    init = {"delta": "lr"}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        delta,
        g,
        *,
        lr: Rate = 1e-2,
        etas: Annotated[
            Pair, Kind("factors of the step size: after a change of sign, and without", low=0, increasing=True)
        ] = (0.5, 1.2),
        step_sizes: Annotated[Interval, "smallest and largest step size"] = (1e-6, 50),
    ):
        eta_minus, eta_plus = etas
        low, high = step_sizes
        g_before = g
        g = grad(theta)  # gradient at the current point
        c = g * g_before  # positive: same direction as before; negative: a minimum was passed
        delta = where(c > 0, eta_plus * delta, delta)  # no flip: lengthen the step
        delta = where(c < 0, eta_minus * delta, delta)  # a flip: shorten it
        delta = clamp(delta, low, high)  # within bounds
        g = where(c < 0, 0, g)  # after a flip rest for one step
        theta = theta - delta * sign(g)  # the step size of the coordinate, whatever the size of its gradient
        return theta, delta, g
