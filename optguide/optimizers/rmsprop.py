from typing import Annotated

from torch import sqrt

from .optimizer import Optimizer
from .settings import Decay, Rate, Small


class RMSprop(Optimizer):
    """Every coordinate is divided by the recent size of its gradient: Rprop's idea, made fit for minibatches.

    Unpublished work of Tieleman, presented in lecture 6e of Hinton's course (Tieleman and Hinton, 2012), with a decay
    of 0.9 and no small constant; it can also be read as Adagrad with an EMA for the sum. ``alpha`` = 0.99 and ``eps``
    outside the root are those of `torch.optim.RMSprop`, to which this is equal without its momentum and centring;
    ``eps_root`` stands inside, where many texts have it. Its name is that of optax's Adam.
    """

    year = 2012
    family = "adaptive"
    repairs = {
        "Adagrad": "its steps shrink for as long as it runs",
        "Rprop": "its signs do not average out over minibatches",
    }
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
        g = grad(theta)  # gradient at the current point
        v = alpha * v + (1 - alpha) * g**2  # EMA of its square: its root is the recent size
        theta = theta - lr * g / (sqrt(v + eps_root) + eps)  # each gradient measured in its own recent size
        return theta, v
