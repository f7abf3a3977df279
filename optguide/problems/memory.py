"""A matrix that stores facts, some of them rare."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import check
from .parts import turned, zipf
from .problem import Problem


class AssociativeMemory(Problem):
    """A matrix that is to answer every key with the value that belongs to it, when some facts are rare.

    A key k is answered by ``W k``; the score of a value is its inner product with the answer, and the loss of a fact is
    the cross-entropy of the scores. The loss is the mean over the facts, each weighted by how often it is seen: the
    i-th in proportion to ``i ** -exponent``, Zipf's law.

    Parameters
    ----------
    facts : int
        Number of keys, and of values; W is a square matrix of so many rows.
    exponent : float
        How fast the frequencies fall; with 0 all facts are equally frequent.
    rotated : bool
        Whether keys and values are random orthogonal vectors; otherwise they lie along the axes, where a row of W
        belongs to a value and a column to a key.
    seed : int
        Seed of keys and values.

    Attributes
    ----------
    frequencies : ndarray, shape (facts,)
        The share of each fact, the most frequent first.

    Raises
    ------
    TypeError, ValueError
        If ``facts`` is not a whole number >= 2, or ``exponent`` not a number >= 0.
    """

    def __init__(self, facts: int = 8, exponent: float = 1.0, *, rotated: bool = True, seed: int = 0) -> None:
        facts = check.count("facts", facts, 2)
        self.frequencies = zipf(facts, check.number("exponent", exponent, low=0))
        rng = np.random.default_rng(seed)
        self.keys, self.values = (
            torch.from_numpy(turned(facts, rng) if rotated else np.eye(facts)) for _ in ("keys", "values")
        )
        self._shares = torch.from_numpy(self.frequencies)
        start = np.zeros((facts, facts))
        super().__init__(self._loss, start.shape, [start], name="associative memory")

    def _each(self, W: Tensor) -> Tensor:
        scores = self.values.T @ W @ self.keys  # of every value, by key
        return -torch.log_softmax(scores, -2).diagonal(dim1=-2, dim2=-1)

    def _loss(self, W: Tensor) -> Tensor:
        return (self._shares * self._each(W)).sum()

    def losses(self, points: Any) -> np.ndarray:
        """The loss of each fact, the most frequent first.

        Parameters
        ----------
        points : array_like, shape (..., facts, facts)
            Matrices, such as ``run.theta``.

        Returns
        -------
        ndarray, shape (..., facts)
        """
        with torch.no_grad():
            return self._each(torch.from_numpy(check.real("points", points))).numpy()
