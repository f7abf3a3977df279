from typing import Annotated

from torch import sqrt

from .optimizer import Optimizer
from .settings import Decay, Rate, Small


class RMSprop(Optimizer):
    """Adagrad that forgets: every coordinate is divided by the recent size of its slope.

    Hinton et al. (2012), lecture 6e, which has no small constant at all. ``eps`` stands outside the root as in
    `torch.optim.RMSprop`, to which this is equal without its momentum and centring; ``eps_root`` stands
    inside, where many texts have it. Both names are optax's.
    """

    year = 2012
    family = "adaptive"
    cite = "tieleman2012"
    color = "#60f0a8"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        v,
        *,
        lr: Rate = 1e-2,
        alpha: Decay = 0.99,
        eps: Small = 1e-8,
        eps_root: Annotated[Small, "keeps the argument of the root away from zero"] = 0.0,
    ):
        g = grad(theta)  # slope at the current point
        v = alpha * v + (1 - alpha) * g**2  # running mean of its square
        theta = theta - lr * g / (sqrt(v + eps_root) + eps)  # slopes measured in their own recent size
        return theta, v
