from .optimizer import Optimizer
from .settings import Inertia, Rate


class SimplifiedNesterov(Optimizer):
    """Nesterov's method in the coordinates of its look-ahead points: the gradient is taken at the current point.

    Bengio et al. (2013), section 3.5; known by this name since. The form behind `torch.optim.SGD` with
    ``nesterov=True``. The iterates are the points at which `Nesterov` looks, so with a constant ``lr`` the two describe
    one and the same motion. At convergence the points coincide.
    """

    year = 2013
    family = "momentum"
    repairs = {"Nesterov": "it needs a gradient away from the current point"}
    cite = "bengio2013"
    color = "#9ad0f5"

    @staticmethod
    def update(theta, grad, t, v, *, lr: Rate = 1e-3, momentum: Inertia = 0.9):
        g = grad(theta)  # gradient at the current point, the look-ahead of the step before
        v = momentum * v + g  # velocity, as in momentum
        theta = theta - lr * (g + momentum * v)  # this step, and the next one's look-ahead
        return theta, v
