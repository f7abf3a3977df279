from typing import Annotated

from .optimizer import Optimizer
from .settings import Kind, Rate, WeightDecay


class ScheduleFreeSGD(Optimizer):
    """Descends with ``z``, averages its path in ``x``, and takes the gradient between the two.

    Defazio et al. (2024), with the weights of their algorithm 1: a position counts as much as the square of its
    learning rate, so that those of a warm-up count less. The answer is the average ``x``. The sum ``s`` of the weights
    is one number for all; it is kept per parameter like any other state.
    """

    year = 2024
    family = "averaging"
    repairs = {"ASGD": "its average falls behind a schedule that knows the end"}
    cite = "defazio2024"
    color = "#5858e8"
    init = {"z": "theta", "x": "theta"}
    answer = "x"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        z,
        x,
        s,
        *,
        lr: Rate = 1.0,
        momentum: Annotated[float, Kind("share of the average in the point of the gradient", 0, 1, True, True)] = 0.9,
        weight_decay: Annotated[WeightDecay, "weight decay at the point of the gradient, in units of lr"] = 0.0,
    ):
        g = grad(theta)  # gradient at the current point, which lies between z and x
        z = z - lr * (g + weight_decay * theta)  # a plain step, from where the last one ended
        s = s + lr**2  # sum of all weights so far
        x = x + lr**2 * (z - x) / s  # average of all z so far: the answer
        theta = (1 - momentum) * z + momentum * x  # where the next gradient is taken
        return theta, z, x, s
