"""Planes through the points of a problem in many numbers, as surfaces."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import check
from ..problems.problem import Problem
from .surface import Surface


@dataclass(frozen=True, eq=False)
class Plane:
    """The loss of a problem at ``around + a * first + b * second``, as a formula of a and b."""

    problem: Problem
    around: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        a, b = torch.broadcast_tensors(a, b)
        rank, batch = len(self.problem.shape), a.dim()
        around, first, second = (
            torch.from_numpy(part).reshape(*part.shape, *(1,) * batch)
            for part in (self.around, self.first, self.second)
        )
        return self.problem.heights((around + a * first + b * second).reshape(*self.around.shape[:rank], *a.shape))


class Slice(Surface):
    """A plane through a problem in many numbers, made by `slice_through`: a surface, so that a map can show it."""

    def project(self, run: Any) -> Any:
        """A descent on the problem as the plane shows it: every point by the nearest one of the plane.

        Its loss stays that of the points themselves.

        Parameters
        ----------
        run : Descent
            One descent, or a batch, on the problem that the plane is a slice of.

        Returns
        -------
        Descent

        Raises
        ------
        ValueError
            If the descent was on something else.
        """
        plane: Any = self.function
        if getattr(run, "function", None) is not plane.problem:
            raise ValueError(f"run must be a descent on {plane.problem.name}, got {run!r}")
        sides = np.stack([plane.first.ravel(), plane.second.ravel()])
        shape = run.loss.shape
        away = (run.theta - plane.around).reshape(*shape, -1)
        slope = run.grad.reshape(len(run.grad), *shape[1:], -1)
        return dataclasses.replace(
            run, theta=away @ np.linalg.pinv(sides), grad=slope @ sides.T, states={}, function=self, rule=None
        )


def slice_through(
    problem: Problem,
    first: Any,
    second: Any,
    *,
    around: Any = None,
    box: Any = ((-1, 1), (-1, 1)),
    shading: str = "log",
) -> Slice:
    """The landscape of a problem on a plane: its loss at ``around + a * first + b * second``.

    Parameters
    ----------
    problem : Problem
        Whose loss is drawn, such as one of `optguide.problems`.
    first, second : array_like
        Two points that span the plane, such as two matrices; neither a multiple of the other.
    around : array_like, optional
        The point at (0, 0); the first known minimum by default.
    box : tuple of (low, high) pairs
        The part of the plane that is shown, in multiples of ``first`` and ``second``.
    shading : {"linear", "log", "sqrt"}
        As of a `Surface`.

    Returns
    -------
    Slice

    Raises
    ------
    TypeError
        If ``problem`` is no problem.
    ValueError
        If a point has another shape than those of the problem, the two span no plane, or no minimum is known and
        ``around`` is not given.
    """
    check.kind("problem", problem, Problem, "a Problem")
    minima = problem.known_minima()
    if around is None:
        if not minima:
            raise ValueError(f"{problem.name} has no known minimum; name a point to look around: around=...")
        around, minima = minima[0], ((0.0, 0.0),)
    else:
        minima = ()
    points = {"around": around, "first": first, "second": second}
    found = {name: check.array(name, point) for name, point in points.items()}
    for name, point in found.items():
        if point.shape != problem.shape:
            raise ValueError(
                f"{name} must have the shape {problem.shape}, as points of {problem.name}, got {point.shape}"
            )
    if np.linalg.matrix_rank(np.stack([found["first"].ravel(), found["second"].ravel()])) < 2:
        raise ValueError("first and second must span a plane, and one is a multiple of the other")
    name = f"slice of {problem.name}"
    return Slice(Plane(problem, **found), box=box, minima=minima, name=name, shading=shading)
