from .optimizer import Optimizer
from .settings import Rate


class SGD(Optimizer):
    """Gradient descent: step against the gradient, in proportion to it.

    On a minibatch the gradient is a noisy estimate, hence the name stochastic gradient descent. The idea is Cauchy's
    (1847). Robbins and Monro (1951), equations (7) and (8), find the root of a function of one variable that is
    measured with noise, by steps that shrink: with the derivative for that function, this is the rule. Equal to
    `torch.optim.SGD` without its momentum and weight decay.
    """

    year = 1951
    family = "plain descent"
    repairs = {}
    cite = "robbins1951"
    color = "#d55fde"

    @staticmethod
    def update(theta, grad, t, *, lr: Rate = 1e-3):
        g = grad(theta)  # gradient at the current point
        theta = theta - lr * g  # step downhill
        return theta
