from .optimizer import Optimizer
from .settings import Inertia, Rate


class WeightedNesterov(Optimizer):
    """Nesterov's look-ahead with weights: gradients on the way count too, the further ahead the more.

    The second variant sketched by Siarshai (2017) for noisy gradients: weights 1, 2 and 4 at a half, three quarters and
    the whole of the way. The name is ours. Three gradients per step; the look-aheads need ``step(closure)``.
    """

    year = 2017
    family = "momentum"
    repairs = {"AveragedNesterov": "a variation: points further ahead count more"}
    cite = "siarshai2017"
    color = "#3090c0"
    variant_of = "AveragedNesterov"

    @staticmethod
    def update(theta, grad, t, v, *, lr: Rate = 1e-3, momentum: Inertia = 0.9):
        d = momentum * v  # how far the velocity alone would carry us
        g = (grad(theta - d / 2) + 2 * grad(theta - 3 * d / 4) + 4 * grad(theta - d)) / 7  # later ones weigh more
        v = momentum * v + lr * g  # correct the velocity with what was seen there
        theta = theta - v  # move
        return theta, v
