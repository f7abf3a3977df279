from typing import Annotated

from torch import sqrt

from ..language import eigenbasis, maximum, transpose, where
from ..language.matrices import column_square, row_square
from .optimizer import Optimizer
from .settings import Count, Decays, Rate, Small, WeightDecay


class SOAP(Optimizer):
    """Adam along the eigenvectors of Shampoo's two matrices, instead of along the entries of the gradient.

    Vyas et al. (2025), as in the authors' code: the first gradient only fills L and R, eps stands beside the root
    before its bias is corrected, and the decay follows the step. Where their code turns the bases a little, by one QR
    decomposition, this rule computes the eigenvectors anew.
    """

    year = 2024
    family = "matrix"
    repairs = {
        "Shampoo": "its scales are as old as the roots it last computed",
        "Adam": "it scales single entries, not directions of a matrix",
    }
    cite = "vyas2025"
    color = "#f4f08a"
    mixes = "matrix"
    init = {"L": row_square, "R": column_square, "P": row_square, "Q": column_square}

    @staticmethod
    def update(
        theta,
        grad,
        t,
        m,
        v,
        L,
        R,
        P,
        Q,
        *,
        lr: Rate = 3e-3,
        betas: Decays = (0.95, 0.95),
        eps: Small = 1e-8,
        weight_decay: WeightDecay = 1e-2,
        precondition_frequency: Annotated[Count, "number of steps from one pair of bases to the next"] = 10,
    ):
        beta1, beta2 = betas
        n = maximum(t - 1, 1)  # steps counted from the second, which is the first to move
        g = grad(theta)  # gradient, a matrix
        o = transpose(P) @ g @ Q  # the gradient along the present bases
        m = where(t > 1, beta1 * m + (1 - beta1) * g, m)  # EMA of the gradient, along the entries
        v = beta2 * v + (1 - beta2) * o**2  # EMA of the squares along the bases, entry by entry
        u = transpose(P) @ m @ Q / (sqrt(v) + eps)  # Adam's update along the bases
        s = lr * (1 - beta2**n) ** 0.5 / (1 - beta1**n)  # undo the bias of starting at zero
        theta = theta - s * P @ u @ transpose(Q)  # back to the entries
        theta = theta - where(t > 1, lr * weight_decay, 0) * theta  # shrink every weight by the same share
        L = beta2 * L + (1 - beta2) * g @ transpose(g)  # EMA of the inner products of rows
        R = beta2 * R + (1 - beta2) * transpose(g) @ g  # EMA of those of columns
        P = where((t - 1) % precondition_frequency == 0, eigenbasis(L), P)  # from time to time, new bases
        Q = where((t - 1) % precondition_frequency == 0, eigenbasis(R), Q)  # for rows and for columns
        return theta, m, v, L, R, P, Q
