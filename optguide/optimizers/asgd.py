from typing import Annotated

from ..language import where
from .optimizer import Optimizer
from .settings import Amount, Rate


class ASGD(Optimizer):
    """SGD whose result is the average of its iterates, in which their noise cancels.

    Polyak and Juditsky (1992), in the form of `torch.optim.ASGD`, with its names and defaults: the learning rate falls
    slowly, a small decay pulls towards zero, and the average begins after ``t0`` steps; until then it is the last
    iterate. The answer is the average, which torch keeps in its state.
    """

    year = 1992
    family = "plain descent"
    repairs = {"SGD": "noise keeps its last point away from the minimum"}
    cite = "polyak1992"
    color = "#d0d060"
    init = {"ax": "theta"}
    answer = "ax"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        ax,
        *,
        lr: Rate = 1e-2,
        lambd: Annotated[Amount, "decay, of the parameters and of the learning rate"] = 1e-4,
        alpha: Annotated[Amount, "power with which the learning rate falls"] = 0.75,
        t0: Annotated[Amount, "steps before the average begins"] = 1e6,
    ):
        g = grad(theta)  # gradient at the current point
        r = lr / (1 + lambd * lr * (t - 1)) ** alpha  # learning rate of this step
        theta = theta - lambd * r * theta  # shrink every weight by the same share
        theta = theta - r * g  # step downhill
        n = where(t - 1 - t0 > 1, t - 1 - t0, 1)  # how many iterates the average is made of
        ax = ax + (theta - ax) / n  # their average: the last iterate as long as n is 1
        return theta, ax
