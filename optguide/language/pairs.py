"""What rules call that keep products of all coordinates, or the last few steps, and what those begin with.

Coordinates are counted whatever the shape that they stand in: ``n`` is how many there are.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .matrices import noted


@noted
def outer(x: Tensor, y: Tensor) -> Tensor:
    """The products of every number of ``x`` with every number of ``y``: shape (n, n)."""
    return x.reshape(-1, 1) * y.reshape(-1)


@noted
def times(x: Tensor, y: Tensor) -> Tensor:
    """A matrix of shape (n, n) times the n numbers of ``y``, in the shape of ``y``."""
    return (x @ y.reshape(-1)).reshape(y.shape)


@noted
def push(x: Tensor, y: Tensor) -> Tensor:
    """The entries of ``x`` along its first axis without the oldest, which is the first, and with ``y`` as the last."""
    return torch.cat([x[1:], y[None]])


@noted
def two_loop(s: Tensor, y: Tensor, g: Tensor) -> Tensor:
    """The inverse Hessian that pairs of steps ``s`` and changes of the gradient ``y`` stand for, times ``g``.

    It is the BFGS matrix that the pairs, the oldest first, make of the identity times (s·y)/(y·y) of the newest, but no
    matrix is formed: this is the recursion of Nocedal (1980). A pair that is zero, or along which the curvature is not
    positive, is passed over; without any other, the result is ``g``.
    """
    steps, changes, q = s.reshape(len(s), -1), y.reshape(len(y), -1), g.reshape(-1)
    along = (steps * changes).sum(1)
    inverse = torch.where(along > 0, 1 / along, 0)
    shares = []
    for i in reversed(range(len(s))):
        shares.append(inverse[i] * (steps[i] @ q))
        q = q - shares[-1] * changes[i]
    q = torch.where(along[-1] > 0, along[-1] / changes[-1].square().sum(), 1) * q
    for i in range(len(s)):
        q = q + (shares.pop() - inverse[i] * (changes[i] @ q)) * steps[i]
    return q.reshape(g.shape)


# --- What states begin with


def identity(theta: Tensor) -> Tensor:
    """The identity of shape (n, n)."""
    return torch.eye(theta.numel(), dtype=theta.dtype, device=theta.device)


def history(theta: Tensor, history_size: Any) -> Tensor:
    """As many zeros in the shape of theta as the history has entries."""
    return theta.new_zeros(int(history_size), *theta.shape)
