from typing import Annotated

from ..language import inverse_root, transpose, where
from ..language.matrices import column_identity, row_identity
from .optimizer import Optimizer
from .settings import Amount, Kind, Rate


class Shampoo(Optimizer):
    """Adagrad for rows and columns: the gradient between inverse fourth roots of two sums of its squares.

    Gupta, Koren and Singer (2018), algorithm 1, for matrices. With ``beta2`` below 1 the sums become averages, as in
    later implementations. The roots are taken anew in every step, and its length is not borrowed from another rule.
    """

    year = 2018
    family = "matrix"
    repairs = {"Adagrad": "it scales single entries, not directions of a matrix"}
    cite = "gupta2018"
    color = "#7fd1c7"
    mixes = "matrix"
    init = {"L": row_identity, "R": column_identity}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        L,
        R,
        *,
        lr: Rate = 1e-3,
        beta2: Annotated[float, Kind("decay rate of both averages; 1 for sums", 0, 1, True, True)] = 1.0,
        eps: Annotated[Amount, "times the identity is what both begin with"] = 1e-6,
    ):
        g = grad(theta)  # gradient, a matrix
        w = where(beta2 < 1, 1 - beta2, 1)  # the weight of the newest: that of an average, or of a sum
        L = beta2 * L + w * g @ transpose(g)  # inner products of the gradient's rows
        R = beta2 * R + w * transpose(g) @ g  # inner products of its columns
        theta = theta - lr * inverse_root(L, 4) @ g @ inverse_root(R, 4)  # shorter where gradients were large
        return theta, L, R
