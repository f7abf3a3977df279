"""Functions of matrices that a rule may call, and what their states may begin with.

Every function takes one matrix, or a batch of them in the last two axes, and keeps its dtype. One that begins to hold
what is not finite, as that of a descent that diverged does, gives NaN.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.fx import Proxy

#: The coefficients a, b, c of a step X -> a X + (b A + c A A) X with A = X X^T, and how many there are. Jordan et al.
#: (2024) chose them for the steepest start at zero. They lead not to 1, but to something between 0.68 and 1.14.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


def noted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; where a rule is traced, its call is one line of the program, and not what it does inside."""

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        for term in arguments:
            if isinstance(term, Proxy):
                return term.tracer.create_proxy("call_function", call, arguments, {})
        return function(*arguments)

    return call


@noted
def transpose(x: Tensor) -> Tensor:
    """The matrix with rows and columns exchanged."""
    return x.mT


@noted
def rows(x: Tensor) -> int:
    """How many rows a matrix has."""
    return x.shape[-2]


@noted
def columns(x: Tensor) -> int:
    """How many columns a matrix has."""
    return x.shape[-1]


@noted
def row_mean(x: Tensor) -> Tensor:
    """The mean of every row, as a column: shape (rows, 1). A vector is a column, of which each number is a row."""
    return x.mean(-1, keepdim=True) if x.dim() > 1 else x


@noted
def column_mean(x: Tensor) -> Tensor:
    """The mean of every column, as a row: shape (1, columns); of a vector, which is one column, shape (1,)."""
    return x.mean(-2, keepdim=True) if x.dim() > 1 else x.mean(-1, keepdim=True) if x.dim() else x


@noted
def orthogonalize(x: Tensor) -> Tensor:
    """The matrix with its singular values brought near 1, by five quintic Newton-Schulz steps.

    The matrix is first divided by its Frobenius norm, or by 1e-7 if that is larger, as in `torch.optim.Muon`. Then
    singular values from 0.01 to 1 end between 0.68 and 1.14; smaller ones stay smaller. The singular vectors are kept.
    Unlike torch's, it computes in the dtype of the matrix.
    """
    a, b, c = NEWTON_SCHULZ
    tall = rows(x) > columns(x)
    wide = x.mT if tall else x  # the smaller of X X^T and X^T X
    wide = wide / torch.linalg.matrix_norm(wide, keepdim=True).clamp_min(1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = wide @ wide.mT
        wide = a * wide + (b * square + c * square @ square) @ wide
    return wide.mT if tall else wide


@noted
def inverse_root(x: Tensor, p: float) -> Tensor:
    """The matrix ``y`` with ``y ** p = 1 / x``, of a symmetric matrix without negative eigenvalues.

    Eigenvalues below what rounding leaves of the largest count as that much, so that a singular matrix has a root, too.
    """
    values, vectors = _eigen(x)
    rounding = torch.finfo(x.dtype).eps * values[..., -1:].abs() * rows(x)
    values = torch.maximum(values, rounding).clamp_min(torch.finfo(x.dtype).tiny)
    return (vectors * (values ** (-1 / p))[..., None, :]) @ vectors.mT


@noted
def identity(x: Tensor) -> Tensor:
    """The identity matrix of the shape of a square matrix."""
    return torch.eye(rows(x), dtype=x.dtype, device=x.device).expand(x.shape)


@noted
def solve(a: Tensor, b: Tensor) -> Tensor:
    """The ``x`` of the shape of ``b`` with ``a @ x = b``, all numbers of ``x`` and ``b`` in one column each.

    NaN where the matrix is singular.
    """
    found, info = torch.linalg.solve_ex(a, b.reshape(-1, 1))
    return torch.where(info == 0, found, torch.nan).reshape(b.shape)


@noted
def eigenbasis(x: Tensor) -> Tensor:
    """The eigenvectors of a symmetric matrix as columns, that of the smallest eigenvalue first."""
    return _eigen(x)[1]


def _eigen(x: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors; NaN where the matrix is not finite, of which LAPACK knows none."""
    finite = x.isfinite().all(-1, keepdim=True).all(-2, keepdim=True)
    values, vectors = torch.linalg.eigh(torch.where(finite, x, torch.zeros_like(x)))
    return torch.where(finite[..., 0], values, torch.nan), torch.where(finite, vectors, torch.nan)


# --- What states begin with


def named_by(start: Callable[..., object]) -> list[str]:
    """The hyperparameters that a start takes besides theta."""
    return list(inspect.signature(start).parameters)[1:]


def row_zeros(theta: Tensor) -> Tensor:
    """A number for every row, 0."""
    return row_mean(torch.zeros_like(theta))


def column_zeros(theta: Tensor) -> Tensor:
    """A number for every column, 0."""
    return column_mean(torch.zeros_like(theta))


def row_square(theta: Tensor) -> Tensor:
    """A matrix of rows x rows, 0."""
    return theta.new_zeros(rows(theta), rows(theta))


def column_square(theta: Tensor) -> Tensor:
    """A matrix of columns x columns, 0."""
    return theta.new_zeros(columns(theta), columns(theta))


def row_identity(theta: Tensor, eps: Any) -> Tensor:
    """eps times the identity of rows x rows."""
    return eps * torch.eye(rows(theta), dtype=theta.dtype, device=theta.device)


def column_identity(theta: Tensor, eps: Any) -> Tensor:
    """eps times the identity of columns x columns."""
    return eps * torch.eye(columns(theta), dtype=theta.dtype, device=theta.device)
