from torch import abs, sum

from ..language import maximum, push, two_loop, where
from ..language.pairs import history
from .optimizer import Optimizer
from .settings import Rate, Size


class LBFGS(Optimizer):
    """BFGS from memory: the last few steps, and what each changed in the gradient, in place of the inverse Hessian.

    Liu and Nocedal (1989), without a search along the line. One step is one iteration, as in
    ``torch.optim.LBFGS(max_iter=1)``, to which it is equal: the first step is at most ``lr`` long, as the sum of its
    absolute values, and a pair is kept only if the curvature along the step is positive. The loop over the pairs is no
    line of the rule, but a function, ``two_loop``.
    """

    year = 1989
    family = "curvature"
    repairs = {
        "BFGS": "its matrix has an entry for each pair of weights",
        "MemorylessBFGS": "it remembers a single step",
    }
    cite = "liu1989"
    color = "#b87028"
    mixes = "model"
    init = {"S": history, "Y": history}

    @staticmethod
    def update(theta, grad, t, s, G, S, Y, *, lr: Rate = 1.0, history_size: Size = 10):
        g = grad(theta)  # gradient at the current point
        y = g - G  # what the last step has changed in it: the Hessian times the step
        b = sum(s * y) > 1e-10  # does the gradient grow along that step?
        S = where(b, push(S, s), S)  # then keep the step, in place of the oldest
        Y = where(b, push(Y, y), Y)  # and the change
        u = two_loop(S, Y, g)  # the gradient times the inverse Hessian that the pairs stand for
        d = where(t > 1, 1, maximum(sum(abs(g)), 1))  # the first step is shortened
        s = -lr / d * u  # this step
        G = g  # the gradient where it begins
        theta = theta + s  # step
        return theta, s, G, S, Y
