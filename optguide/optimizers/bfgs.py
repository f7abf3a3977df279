from torch import abs, sum

from ..language import maximum, outer, times, where
from ..language.pairs import identity
from .optimizer import Optimizer
from .settings import Rate, one_number


class BFGS(Optimizer):
    """Learns the inverse Hessian, entry by entry, from how each step changes the gradient.

    Broyden, Fletcher, Goldfarb and Shanno (1970), without a search along the line. Before the matrix is changed for the
    first time it is scaled, as is usual. The first step is at most ``lr`` long, as the sum of its absolute values, and
    the matrix changes only if the curvature along the step is positive, both as in ``torch.optim.LBFGS``.
    """

    year = 1970
    family = "curvature"
    repairs = {"SGD": "it knows nothing of the curvature"}
    cite = "broyden1970"
    color = "#10b810"
    mixes = "model"
    init = {"B": identity, "n": one_number}

    @staticmethod
    def update(theta, grad, t, s, G, B, n, *, lr: Rate = 1.0):
        g = grad(theta)  # gradient at the current point
        y = g - G  # what the last step has changed in it: the Hessian times the step
        k = sum(s * y)  # curvature along that step, times its squared length
        b = k > 1e-10  # is it positive?
        n = where(b, n + 1, n)  # how many times it was
        a = where(n == 1, k / sum(y * y), 1)  # the first time, a typical inverse curvature
        r = s - a * times(B, y)  # the step, minus the one that the inverse Hessian makes of the change
        u = (outer(r, s) + outer(s, r)) / k - sum(r * y) / k**2 * outer(s, s)  # what it lacks to make the right one
        B = where(b, a * B + u, B)  # the inverse Hessian, which takes the change to the step
        d = where(t > 1, 1, maximum(sum(abs(g)), 1))  # the first step is shortened
        s = -lr / d * times(B, g)  # this step
        G = g  # the gradient where it begins
        theta = theta + s  # step
        return theta, s, G, B, n
