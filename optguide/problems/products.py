"""Problems whose point is several matrices that are multiplied with each other."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor

from .. import check
from .parts import spread
from .problem import Problem


def factorization(
    size: int = 8, rank: int = 4, condition: float = 10.0, *, scale: float = 0.01, seed: int = 0
) -> Problem:
    """Half the squared distance of ``P Q^T`` from a matrix M, from a small start.

    Near zero, a saddle point, P and Q grow along the singular vectors of M, each pair in proportion to its singular
    value: plain descent learns the large ones first, the small ones much later. Pictures show the singular values of
    ``P Q^T``.

    Parameters
    ----------
    size : int
        M has so many rows and columns.
    rank : int
        Rank of M, and columns of P and of Q.
    condition : float
        The singular values of M lead from 1 down to ``1 / condition``, spread evenly on a log scale.
    scale : float
        Standard deviation of the entries of the start.
    seed : int
        Seed of M and of the start.

    Returns
    -------
    Problem
        A point holds P and Q, one above the other: shape ``(2, size, rank)``. The known minimum, with loss 0, is the
        one with P and Q of equal size; ``P G`` and ``Q G^-T`` are minima for every invertible G.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, the rank larger than the size, ``condition`` not a number >= 1, or
        ``scale`` not a number > 0.
    """
    size = check.count("size", size)
    rank = check.count("rank", rank, most=size)
    condition = check.number("condition", condition, low=1)
    scale = check.number("scale", scale, low=0, open_low=True)
    rng = np.random.default_rng(seed)
    target = spread(size, size, condition, rng, rank)
    left, values, right = np.linalg.svd(target)
    minimum = np.stack([left[:, :rank], right.T[:, :rank]]) * np.sqrt(values[:rank])
    start = scale * rng.standard_normal((2, size, rank))
    loss = functools.partial(_factors_off, goal=torch.from_numpy(target))
    return Problem(loss, start.shape, [start], [minimum], "factorization from a small start", ("P Qᵀ", _outer))


def deep_linear(
    depth: int = 3, width: int = 4, condition: float = 10.0, *, scale: float = 0.3, balance: float = 1.0, seed: int = 0
) -> Problem:
    """Half the squared distance of a product of square matrices from a matrix M: a linear network of several layers.

    Pictures show the singular values of the product.

    Parameters
    ----------
    depth : int
        Number of matrices.
    width : int
        Their rows and columns.
    condition : float
        The singular values of M lead from 1 down to ``1 / condition``, spread evenly on a log scale.
    scale : float
        Standard deviation of the entries of the start, before they are balanced.
    balance : float
        The start of the first layer is multiplied by this, that of the last one divided by it. The product stays the
        same; the layers, and their gradients even more, then differ in size.
    seed : int
        Seed of M and of the start.

    Returns
    -------
    Problem
        A point holds the layers, the one that acts first in front: shape ``(depth, width, width)``. The known minimum,
        with loss 0, is the one with layers of equal singular values; there are others.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, ``condition`` not a number >= 1, or another number not > 0.
    """
    depth, width = check.count("depth", depth), check.count("width", width)
    condition = check.number("condition", condition, low=1)
    scale, balance = (check.number(n, x, low=0, open_low=True) for n, x in (("scale", scale), ("balance", balance)))
    rng = np.random.default_rng(seed)
    target = spread(width, width, condition, rng)
    start = scale * rng.standard_normal((depth, width, width))
    start[0] *= balance
    start[-1] /= balance
    left, values, right = np.linalg.svd(target)
    minimum = np.stack([np.diag(values ** (1 / depth))] * depth)
    minimum[0] = minimum[0] @ right
    minimum[-1] = left @ minimum[-1]
    loss = functools.partial(_layers_off, goal=torch.from_numpy(target))
    layers = (f"{depth} layers", _through)
    return Problem(loss, start.shape, [start], [minimum], "deep linear network", layers)


def _outer(PQ: Tensor) -> Tensor:
    return PQ[..., 0, :, :] @ PQ[..., 1, :, :].mT


def _through(W: Tensor) -> Tensor:
    return functools.reduce(lambda product, layer: layer @ product, W.unbind(-3))


def _factors_off(PQ: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (_outer(PQ) - goal).square().sum()


def _layers_off(W: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (_through(W) - goal).square().sum()
