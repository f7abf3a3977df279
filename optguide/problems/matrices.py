"""Problems whose point is a matrix."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor

from .. import check
from .problem import Problem


def matrix_quadratic(
    rows: int = 4, columns: int = 3, condition: float = 10.0, *, rotated: bool = True, seed: int = 0
) -> Problem:
    """Half the squared length of ``A (W - W*) B``, a quadratic of a matrix W with curvature from both sides.

    A and B have singular values from 1 down to ``1 / condition``, spread evenly on a log scale. With ``rotated`` their
    singular vectors are random; otherwise they lie along the axes, which suits elementwise rules.

    Parameters
    ----------
    rows, columns : int
        Shape of W.
    condition : float
        Condition number of A and of B, so that the Hessian's is its fourth power.
    rotated : bool
        Whether the axes of A and B are turned at random.
    seed : int
        Seed of the rotations and of W*.

    Returns
    -------
    Problem
        Its start is the zero matrix, its minimum W*, with loss 0.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, or ``condition`` not a number >= 1.
    """
    rows, columns = check.count("rows", rows), check.count("columns", columns)
    condition = check.number("condition", condition, low=1)
    rng = np.random.default_rng(seed)
    target = rng.standard_normal((rows, columns))
    left, right = (_side(size, condition, rotated, rng) for size in (rows, columns))
    A, B, goal = map(torch.from_numpy, (left, right, target))
    loss = functools.partial(_half_square, A=A, B=B, goal=goal)  # unlike a function made here, it can be pickled
    turned = "rotated" if rotated else "aligned"
    return Problem(loss, (rows, columns), [np.zeros((rows, columns))], [target], f"matrix quadratic, {turned}")


def _half_square(W: Tensor, A: Tensor, B: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (A @ (W - goal) @ B).square().sum()


def _side(size: int, condition: float, rotated: bool, rng: np.random.Generator) -> np.ndarray:
    scales = np.diag(np.geomspace(1, 1 / condition, size))
    turn = np.linalg.qr(rng.standard_normal((size, size)))[0]
    return turn @ scales @ turn.T if rotated else scales
