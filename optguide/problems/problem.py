"""The Problem type: a loss as a function of a point of any shape."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import check


class Problem:
    """A loss as a function of a point of a given shape, with its starts and known minima.

    Calling it gives the loss: ``problem(W)`` takes a tensor of shape ``(..., *shape)`` and returns one of shape
    ``(...)``.

    Parameters
    ----------
    loss : callable
        Pure torch math: takes one tensor of shape ``shape`` and returns a tensor without dimensions.
    shape : tuple of int
        Shape of a point: ``(4, 3)`` for a matrix, ``(33,)`` for the weights of a network in one vector.
    starts : sequence of array_like
        Where descents begin unless told otherwise; the first is the default.
    minima : sequence of array_like
        The global minima that are known.
    name : str
        Defaults to the function's name.
    matrix : (str, callable), optional
        The matrix whose singular values pictures show, as it is written and as a function of a point. By default it is
        a point that is a matrix, less the minimum, if one is known.

    Raises
    ------
    TypeError
        If ``loss`` is not callable, ``shape`` is not a tuple of whole numbers, or ``matrix`` is no such pair.
    ValueError
        If a number in ``shape`` is below 1, or a start or a minimum does not have that shape or is not finite.
    """

    shape: tuple[int, ...]
    name: str
    _matrix: tuple[str, Callable[[Tensor], Tensor]] | None = None

    def __init__(
        self,
        loss: Callable[[Tensor], Tensor],
        shape: Sequence[int],
        starts: Sequence[Any] = (),
        minima: Sequence[Any] = (),
        name: str = "",
        matrix: tuple[str, Callable[[Tensor], Tensor]] | None = None,
    ) -> None:
        check.function("loss", loss)
        check.kind("shape", shape, (tuple, list), "a tuple of whole numbers > 0")
        self.loss, self.shape = loss, tuple(check.count("shape", n) for n in shape)
        self.name = name or getattr(loss, "__name__", type(loss).__name__)
        self.starts = tuple(self._point("starts", point) for point in starts)
        self._minima = tuple(self._point("minima", point) for point in minima)
        if matrix is not None:
            check.kind("matrix", matrix, tuple, "a name and a function of a point")
            written, found = matrix
            check.function("matrix", found)
            self._matrix = check.text("matrix", written), found

    def _point(self, what: str, point: Any) -> np.ndarray:
        array = check.array(f"{what} of {self.name}", point)
        if array.shape != self.shape:
            raise ValueError(f"{what} of {self.name} must have the shape {self.shape}, got {array.shape}")
        return array

    @property
    def start(self) -> Any:
        """The default start."""
        if not self.starts:
            raise ValueError(f"{self.name} has no default start; name one of shape {self.shape}: start=...")
        return self.starts[0]

    def known_minima(self) -> tuple[Any, ...]:
        """The global minima that are known."""
        return self._minima

    @property
    def size(self) -> int:
        """How many numbers a point has."""
        return math.prod(self.shape)

    @property
    def matrix(self) -> str | None:
        """How the matrix whose singular values pictures show is written; None where a point is no matrix."""
        if self._matrix is not None:
            return self._matrix[0]
        if len(self.shape) != 2:
            return None
        return "W − W*" if len(self.known_minima()) == 1 else "W"

    def matrices(self, points: Any) -> np.ndarray:
        """That matrix, for points of shape ``(..., *shape)``.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.matrix is None:
            raise ValueError(f"points of {self.name} are no matrices: they have the shape {self.shape}")
        points = check.real("points", points)
        if self._matrix is None:
            return points - self.known_minima()[0] if self.matrix == "W − W*" else points
        with torch.no_grad():
            return self._matrix[1](torch.from_numpy(points)).numpy()

    def __call__(self, point: Any) -> Any:
        theta = torch.as_tensor(point, dtype=None if isinstance(point, Tensor) else torch.float64)
        rank = len(self.shape)
        if theta.shape[theta.dim() - rank :] != self.shape:
            raise ValueError(f"{self.name} takes points of shape {self.shape}, got shape {tuple(theta.shape)}")
        ahead = theta.dim() - rank
        z = self.heights(theta.movedim(tuple(range(ahead)), tuple(range(-ahead, 0))) if ahead else theta)
        if isinstance(point, Tensor):
            return z
        return z.numpy() if z.dim() else z.item()

    def heights(self, theta: Tensor) -> Tensor:
        """Losses of points: of shape ``batch`` for ``theta`` of shape ``(*shape, *batch)``, batch axes last."""
        batch = theta.shape[len(self.shape) :]
        if not batch:
            return called(self.loss, theta)
        flat = theta.reshape(*self.shape, -1)
        return torch.func.vmap(self.loss, in_dims=-1)(flat).reshape(batch)

    def slope(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Losses and gradients at points of shape ``(*shape, *batch)``. Call under `torch.no_grad()`."""
        return slope_by_autograd(self.heights, theta)

    def alone(self, theta: Tensor) -> Tensor:
        """Gradient at one point, inside `torch.func.vmap`."""
        return torch.func.grad(self.heights)(theta)

    def hvp(self, theta: Tensor, vector: Tensor) -> Tensor:
        """The Hessian at points times vectors, both of shape ``(*shape, *batch)``."""
        gradient = torch.func.grad(lambda point: self.heights(point).sum())
        return torch.func.grad(lambda point: (gradient(point) * vector).sum())(theta)

    def __repr__(self) -> str:
        return f"<problem {self.name}, points of shape {self.shape}>"


class Formula(Problem):
    """A plain function of coordinates, ``f(x, y)``, that broadcasts, as a problem."""

    def __init__(self, function: Callable[..., Tensor], dim: int) -> None:
        self.function = function
        self.shape, self.starts, self._minima = (dim,), (), ()
        self.name = getattr(function, "__name__", type(function).__name__)

    def heights(self, theta: Tensor) -> Tensor:
        return checked_heights(self.function, theta)


def lowest(function: Any) -> float | None:
    """The lowest height at the known minima of a function; None if none is known."""
    if not isinstance(function, Problem):
        return None
    minima = torch.tensor(np.array(function.known_minima(), dtype=np.float64))
    return min((function.heights(point).item() for point in minima), default=None)


def checked_heights(function: Callable[..., Any], theta: Tensor) -> Tensor:
    """Heights at points of shape (dim, *batch), checked to have the shape of the batch."""
    z = called(function, *theta.unbind(0))
    if not isinstance(z, Tensor):
        raise TypeError(f"function must return a tensor computed by torch, got {type(z).__name__}")
    if z.is_complex():
        raise TypeError(f"function must return real heights, got {z.dtype}")
    if z.shape != theta.shape[1:]:
        raise ValueError(
            f"function must return one height per point: coordinates of shape {tuple(theta.shape[1:])} "
            f"gave heights of shape {tuple(z.shape)}"
        )
    return z.to(theta.dtype)


def called(function: Callable[..., Any], *arguments: Tensor) -> Any:
    """The value of a function. Usual mistakes that keep torch from differentiating it are named, with the remedy."""
    try:
        return function(*arguments)
    except RuntimeError as error:
        if "numpy()" in str(error):
            raise TypeError("function must compute with torch, not NumPy: torch.sin for np.sin, and so on") from error
        if "to Scalar" in str(error):
            raise TypeError(f"function must take many points at once, without .item() or float(): {error}") from error
        raise
    except TypeError:
        try:
            inspect.signature(function).bind(*arguments)
        except TypeError:
            count, name = len(arguments), getattr(function, "__name__", "f")
            raise TypeError(
                f"function must take {count} coordinates one by one, but {name} does not; "
                f"a function of one vector of {count} is og.Problem({name}, ({count},))"
            ) from None
        except ValueError:  # a function of a compiled library may hide its signature
            pass
        raise


def slope_by_autograd(heights: Callable[[Tensor], Tensor], theta: Tensor) -> tuple[Tensor, Tensor]:
    """Heights and gradients, found by autograd.

    Raises
    ------
    TypeError
        If torch has no gradient although the heights are not constant.
    """
    x = theta.detach().requires_grad_()
    with torch.enable_grad():
        z = heights(x)
        if z.requires_grad:
            return z.detach(), torch.autograd.grad(z.sum(), x)[0]
    refuse_hidden_slope(heights, theta, z)
    return z, torch.zeros_like(x)


def refuse_hidden_slope(heights: Callable[[Tensor], Tensor], theta: Tensor, z: Tensor) -> None:
    """Raise unless the heights ``z``, of which torch has no gradient, are constant."""
    theta = theta.detach()
    # A small displacement, of another length in each coordinate, so that the changes do not cancel.
    lengths = torch.arange(2, theta[..., None].shape[0] + 2, dtype=theta.dtype).sqrt()
    aside = 1e-3 * (1 + theta.abs()) * lengths.reshape(-1, *(1,) * (theta.dim() - 1))
    with torch.no_grad():
        other = heights(theta + aside)
    if ((z == other) | (z.isnan() & other.isnan())).all():
        return
    if torch.is_inference_mode_enabled():
        raise TypeError("torch.inference_mode() keeps no gradients: descend outside of it, or in torch.no_grad()")
    raise TypeError(
        "function must be computed by torch from its coordinates: its heights vary from point to point, but torch "
        "has no gradient of them; leave out .detach(), .item(), NumPy, torch.no_grad() and torch.inference_mode()"
    )
