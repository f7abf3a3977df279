from torch import abs, sum

from ..language import maximum, where
from .optimizer import Optimizer
from .settings import Rate


class MemorylessBFGS(Optimizer):
    """Learns the curvature along its last step from the change of the gradient: L-BFGS with a history of one.

    Shanno (1978) in the recursion of Nocedal (1980) with one pair, and without a search along the line. As in
    ``torch.optim.LBFGS(max_iter=1, history_size=1)``, to which it is equal, the first step is at most ``lr`` long, as
    the sum of its absolute values, and a pair is kept only if the curvature along the step is positive.
    """

    year = 1978
    family = "curvature"
    repairs = {"BFGS": "its matrix has an entry for each pair of weights"}
    cite = "shanno1978"
    color = "#587028"
    mixes = "model"

    @staticmethod
    def update(theta, grad, t, c, G, s, y, *, lr: Rate = 1.0):
        g = grad(theta)  # gradient at the current point
        d = g - G  # what the last step has changed in it: the curvature times the step
        b = sum(c * d) > 1e-10  # does the gradient grow along that step?
        s = where(b, c, s)  # then keep the step
        y = where(b, d, y)  # and the change
        k = sum(s * y)  # curvature along the kept step, times its squared length
        a = sum(s * g) / k  # that step, times minus this, leads to the minimum along it
        q = k / sum(y * y) * (g - a * y)  # the rest of the gradient, divided by a typical curvature
        u = q + (a - sum(y * q) / k) * s  # both together: the gradient times the inverse curvature
        r = g / where(t > 1, 1, maximum(sum(abs(g)), 1))  # without a pair: the gradient, the first one shortened
        c = -lr * where(k > 0, u, r)  # this step
        G = g  # the gradient where it begins
        theta = theta + c  # step
        return theta, c, G, s, y
