"""Problems whose point is several matrices that are multiplied with each other: the blocks of one matrix."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import check
from .parts import spread
from .problem import Problem


class Blocks(Problem):
    """A problem whose point is several matrices, one after the other along the diagonal of a matrix of zeros.

    The zeros have no gradient and stay zero. The orthogonal factor of such a matrix is that of each block, and so are
    its inverse roots and eigenvectors: a rule that steps matrices steps each block by itself, except where it measures
    the whole, as Muon does when it divides by the norm before its first Newton-Schulz step.

    Parameters
    ----------
    loss : callable
        Pure torch math: takes the matrices, one by one, and returns a tensor without dimensions.
    start, minimum : sequence of array_like
        The matrices of the start, and of a known minimum.
    name : str
        Name of the problem.
    matrix : (str, callable)
        The matrix whose singular values pictures show, as it is written and as a function of the matrices.
    """

    def __init__(
        self,
        loss: Callable[..., Tensor],
        start: Sequence[Any] | np.ndarray,
        minimum: Sequence[Any],
        name: str,
        matrix: tuple[str, Callable[..., Tensor]],
    ) -> None:
        self._shapes = [np.shape(block) for block in start]
        written, found = matrix
        starts, minima = ([_diagonal(blocks)] for blocks in (start, minimum))
        own = functools.partial(_of_blocks, function=loss, shapes=self._shapes)
        shown = functools.partial(_of_blocks, function=found, shapes=self._shapes)
        super().__init__(own, starts[0].shape, starts, minima, name, (written, shown))

    def blocks(self, points: Any) -> list[np.ndarray]:
        """The matrices of points of shape ``(..., *shape)``, such as ``run.theta``."""
        return _split(check.real("points", points), self._shapes)


def factorization(
    size: int = 8, rank: int = 4, condition: float = 10.0, *, scale: float = 0.01, seed: int = 0
) -> Blocks:
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
    Blocks
        The blocks are P and Q. The known minimum, with loss 0, is the one with P and Q of equal size; ``P G`` and
        ``Q G^-T`` are minima for every invertible G.

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
    minimum = [side[:, :rank] * np.sqrt(values[:rank]) for side in (left, right.T)]
    start = scale * rng.standard_normal((2, size, rank))
    loss = functools.partial(_factors_off, goal=torch.from_numpy(target))
    return Blocks(loss, start, minimum, "factorization from a small start", ("P Qᵀ", _outer))


def deep_linear(
    depth: int = 3, width: int = 4, condition: float = 10.0, *, scale: float = 0.3, balance: float = 1.0, seed: int = 0
) -> Blocks:
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
    Blocks
        The blocks are the layers, the one that acts first in front. The known minimum, with loss 0, is the one with
        layers of equal singular values; there are others.

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
    minimum = [np.diag(values ** (1 / depth))] * depth
    minimum[0] = minimum[0] @ right
    minimum[-1] = left @ minimum[-1]
    loss = functools.partial(_layers_off, goal=torch.from_numpy(target))
    return Blocks(loss, start, minimum, "deep linear network", (f"{depth} layers", _through))


def _diagonal(blocks: Sequence[Any] | np.ndarray) -> np.ndarray:
    shapes = [np.shape(block) for block in blocks]
    whole = np.zeros(np.sum(shapes, axis=0))
    for part, block in zip(_split(whole, shapes), blocks, strict=True):
        part[...] = block
    return whole


def _split(whole: Any, shapes: Sequence[Sequence[int]]) -> list[Any]:
    """Views of the blocks of a matrix, or of a batch of matrices in the last two axes."""
    ends = np.cumsum(shapes, axis=0)
    return [
        whole[..., bottom - high : bottom, right - wide : right]
        for (high, wide), (bottom, right) in zip(shapes, ends.tolist(), strict=True)
    ]


def _of_blocks(W: Tensor, function: Callable[..., Tensor], shapes: Sequence[Sequence[int]]) -> Tensor:
    return function(*_split(W, shapes))


def _outer(P: Tensor, Q: Tensor) -> Tensor:
    return P @ Q.mT


def _through(*layers: Tensor) -> Tensor:
    return functools.reduce(lambda product, layer: layer @ product, layers)


def _factors_off(P: Tensor, Q: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (P @ Q.mT - goal).square().sum()


def _layers_off(*layers: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (_through(*layers) - goal).square().sum()
