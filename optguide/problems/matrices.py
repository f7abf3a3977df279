"""Quadratics of a matrix."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor

from .. import check
from .parts import spread, turned
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
    loss = functools.partial(_two_sided, A=A, B=B, goal=goal)  # unlike a function made here, it can be pickled
    name = f"matrix quadratic, {'rotated' if rotated else 'aligned'}"
    return Problem(loss, (rows, columns), [np.zeros((rows, columns))], [target], name)


def half_square(rows: int = 4, columns: int = 3, condition: float = 10.0, *, seed: int = 0) -> Problem:
    """Half the sum of the squares of a matrix W, which is its own gradient.

    Plain descent multiplies all singular values of W by the same factor. What a rule that orthogonalizes does to them
    is seen as it is, with nothing else in the way.

    Parameters
    ----------
    rows, columns : int
        Shape of W.
    condition : float
        The singular values of the start lead from 1 down to ``1 / condition``, spread evenly on a log scale.
    seed : int
        Seed of its singular vectors.

    Returns
    -------
    Problem
        Its minimum is the zero matrix, with loss 0.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, or ``condition`` not a number >= 1.
    """
    rows, columns = check.count("rows", rows), check.count("columns", columns)
    start = spread(rows, columns, check.number("condition", condition, low=1), np.random.default_rng(seed))
    return Problem(_half_square, (rows, columns), [start], [np.zeros((rows, columns))], "half the square of a matrix")


#: By what the size of a residual can be measured.
NORMS = ("frobenius", "max", "spectral")


def linear_equation(
    rows: int = 4, columns: int = 4, condition: float = 10.0, *, norm: str = "frobenius", seed: int = 0
) -> Problem:
    """Half the square of the size of ``A X - B``, in a norm of choice.

    A is square, with singular values from 1 down to ``1 / condition`` and random singular vectors. A norm has its own
    steepest descent: along the gradient for the root of the sum of squares, along its signs for the largest entry,
    along its orthogonal factor for the largest singular value.

    Parameters
    ----------
    rows, columns : int
        Shape of X and B.
    condition : float
        Condition number of A.
    norm : {"frobenius", "max", "spectral"}
        The root of the sum of squares; the largest entry; the largest singular value. The last two have kinks where
        two entries or two singular values are the largest.
    seed : int
        Seed of A and of the solution.

    Returns
    -------
    Problem
        Its start is the zero matrix, its minimum the solution, with loss 0.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number >= 1, ``condition`` not a number >= 1, or the norm is unknown.
    """
    rows, columns = check.count("rows", rows), check.count("columns", columns)
    condition = check.number("condition", condition, low=1)
    norm = check.choice("norm", check.text("norm", norm), NORMS)
    rng = np.random.default_rng(seed)
    solution = rng.standard_normal((rows, columns))
    A, goal = torch.from_numpy(spread(rows, rows, condition, rng)), torch.from_numpy(solution)
    loss = functools.partial(_residual, A=A, goal=goal, norm=norm)
    return Problem(loss, (rows, columns), [np.zeros((rows, columns))], [solution], f"AX = B, {norm} norm")


def _two_sided(W: Tensor, A: Tensor, B: Tensor, goal: Tensor) -> Tensor:
    return 0.5 * (A @ (W - goal) @ B).square().sum()


def _half_square(W: Tensor) -> Tensor:
    return 0.5 * W.square().sum()


def _residual(X: Tensor, A: Tensor, goal: Tensor, norm: str) -> Tensor:
    residual = A @ (X - goal)  # exactly zero at the solution, as A X - B would not be
    if norm == "frobenius":
        return 0.5 * residual.square().sum()
    size = residual.abs().amax() if norm == "max" else torch.linalg.matrix_norm(residual, 2)
    return 0.5 * size.square()


def _side(size: int, condition: float, rotated: bool, rng: np.random.Generator) -> np.ndarray:
    scales = np.diag(np.geomspace(1, 1 / condition, size))
    turn = turned(size, rng)
    return turn @ scales @ turn.T if rotated else scales
