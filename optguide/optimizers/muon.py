from typing import Annotated

from ..language import columns, maximum, orthogonalize, rows, sqrt, where
from .optimizer import Optimizer
from .settings import Inertia, Rate, Switch, WeightDecay


class Muon(Optimizer):
    """The average gradient of a matrix with its singular values made nearly equal: weak ones get long steps, too.

    Jordan et al. (2024), with the average, the scale and the names of `torch.optim.Muon`, which rounds to bfloat16 on
    the way; here the steps of Newton and Schulz are taken in the dtype of the parameters. It steps matrices alone.
    """

    year = 2024
    family = "matrix"
    repairs = {
        "Momentum": "a few directions of a matrix get almost the whole step",
        "Shampoo": "it stores two matrices and takes roots of them",
    }
    cite = "jordan2024"
    color = "#ff6f91"
    mixes = "matrix"

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        *,
        lr: Rate = 1e-3,
        weight_decay: WeightDecay = 0.1,
        momentum: Annotated[Inertia, "decay rate of the EMA"] = 0.95,
        nesterov: Annotated[Switch, "average with the newest gradient once more"] = True,
    ):
        g = grad(theta)  # gradient, a matrix
        m = momentum * m + (1 - momentum) * g  # EMA of the gradient
        u = where(nesterov, momentum * m + (1 - momentum) * g, m)  # with the newest gradient once more, or as it is
        o = orthogonalize(u)  # its singular values brought near 1
        s = sqrt(maximum(1, rows(theta) / columns(theta)))  # longer steps for tall matrices
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * s * o  # a step of about lr in every direction
        return theta, m
