from typing import Annotated

from torch import norm

from ..language import columns, maximum, orthogonalize, row_mean, rows, sqrt, where
from ..language.matrices import row_zeros
from .optimizer import Optimizer
from .settings import Decay, Inertia, Rate, Small, Switch, WeightDecay


class NorMuon(Optimizer):
    """Muon whose update has rows of about equal length: each is divided by the length that it usually has.

    Li et al. (2025), as in the authors' code, but for the steps of Newton and Schulz, which are taken in the dtype of
    the parameters. After the division the update gets back its Frobenius norm. It steps matrices alone.
    """

    year = 2025
    family = "matrix"
    repairs = {"Muon": "in a tall matrix some rows hardly move"}
    cite = "li2025"
    color = "#8068b0"
    mixes = "matrix"
    init = {"r": row_zeros}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        r,
        *,
        lr: Rate = 0.02,
        weight_decay: WeightDecay = 0.0,
        momentum: Annotated[Inertia, "decay rate of the EMA of the gradient"] = 0.95,
        beta2: Annotated[Decay, "decay rate of the EMA of the rows' squares"] = 0.95,
        nesterov: Annotated[Switch, "average with the newest gradient once more"] = True,
        eps: Small = 1e-10,
    ):
        g = grad(theta)  # gradient, a matrix
        m = momentum * m + (1 - momentum) * g  # EMA of the gradient
        u = where(nesterov, momentum * m + (1 - momentum) * g, m)  # with the newest gradient once more, or as it is
        o = orthogonalize(u)  # its singular values brought near 1
        a = norm(o)  # the length of all rows together
        r = beta2 * r + (1 - beta2) * row_mean(o**2)  # EMA of the mean square of every row
        o = o / (sqrt(r) + eps)  # rows of about equal length
        o = a * o / (norm(o) + eps)  # together as long as before
        s = sqrt(maximum(1, rows(theta) / columns(theta)))  # longer steps for tall matrices
        theta = theta - lr * weight_decay * theta  # shrink every weight by the same share
        theta = theta - lr * s * o  # the rows of a matrix move about equally far
        return theta, m, r
