from .optimizer import Optimizer
from .settings import Inertia, Rate


class AveragedNesterov(Optimizer):
    """Nesterov's look-ahead made steadier: the mean gradient at one, two and three thirds of the way.

    One of two variants sketched by Siarshai (2017) for noisy gradients; the name is ours. Three gradients per step; the
    look-aheads need ``step(closure)``. The velocity is that of `Nesterov`.
    """

    year = 2017
    family = "momentum"
    repairs = {"Nesterov": "all the noise of its one look-ahead goes into the step"}
    cite = "siarshai2017"
    color = "#48f0f0"

    @staticmethod
    def update(theta, grad, t, v, *, lr: Rate = 1e-3, momentum: Inertia = 0.9):
        d = momentum * v  # how far the velocity alone would carry us
        g = (grad(theta - d / 3) + grad(theta - 2 * d / 3) + grad(theta - d)) / 3  # mean gradient along the way
        v = momentum * v + lr * g  # correct the velocity with what was seen there
        theta = theta - v  # move
        return theta, v
