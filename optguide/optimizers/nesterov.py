from .optimizer import Optimizer
from .settings import Inertia, Rate


class Nesterov(Optimizer):
    """Momentum with a look-ahead: the gradient is taken where the velocity is about to carry the parameters.

    Nesterov (1983), as written by Sutskever et al. (2013), equations (3) and (4), with a constant momentum. The
    look-ahead needs ``step(closure)``. `SimplifiedNesterov` draws the sequence of look-ahead points instead and needs
    no closure.
    """

    year = 1983
    family = "momentum"
    repairs = {"Momentum": "it slows down only once it is on the opposite wall"}
    cite = "nesterov1983"
    color = "#4fb0e8"

    @staticmethod
    def update(theta, grad, t, v, *, lr: Rate = 1e-3, momentum: Inertia = 0.9):
        g = grad(theta - momentum * v)  # gradient where the velocity would carry us
        v = momentum * v + lr * g  # correct the velocity with what was seen there
        theta = theta - v  # move
        return theta, v
