from .optimizer import Optimizer
from .settings import Rate


class SGD(Optimizer):
    """Gradient descent: step against the slope, in proportion to it.

    On a minibatch the slope is a noisy estimate, hence the name stochastic gradient descent. The idea is
    Cauchy's (1847); its convergence under noise was shown by Robbins and Monro (1951), equation (2.6).
    Equal to `torch.optim.SGD` without its momentum and weight decay.
    """

    year = 1951
    family = "plain descent"
    cite = "robbins1951"
    color = "#d55fde"

    @staticmethod
    def update(theta, grad, t, *, lr: Rate = 1e-3):
        g = grad(theta)  # slope at the current point
        theta = theta - lr * g  # step downhill
        return theta
