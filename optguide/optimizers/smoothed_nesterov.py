from .optimizer import Optimizer
from .settings import Inertia, Rate


class SmoothedNesterov(Optimizer):
    """Nesterov's look-ahead, smoothed: the mean gradient at four points spread evenly over the way.

    The form that Siarshai (2017) draws among the responses to noisy signals: a quarter, a half, three quarters and the
    whole of the way. The name is ours. Four gradients per step; the look-aheads need ``step(closure)``.
    """

    year = 2017
    family = "momentum"
    repairs = {"AveragedNesterov": "a variation: four points in place of three"}
    cite = "siarshai2017"
    color = "#a8c090"
    variant_of = "AveragedNesterov"

    @staticmethod
    def update(theta, grad, t, v, *, lr: Rate = 1e-3, momentum: Inertia = 0.9):
        d = momentum * v  # how far the velocity alone would carry us
        s = grad(theta - d / 4) + grad(theta - d / 2) + grad(theta - 3 * d / 4) + grad(theta - d)  # four look-aheads
        g = s / 4  # mean gradient along the way
        v = momentum * v + lr * g  # correct the velocity with what was seen there
        theta = theta - v  # move
        return theta, v
