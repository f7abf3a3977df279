"""Whether the minima that a surface claims are its lowest points, and where these are if it does not say.

Heights alone decide, so that the tip of a cone and the border of a box are points like any other: every point of a grid
goes to the lowest of its neighbours or, where it is the lowest itself, halves the distance to them. What is found is as
exact as heights are; where there is a gradient, Newton's method then finds where it vanishes.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
import torch

Point = tuple[float, ...]

#: Points along each axis of the grid, by the number of axes.
_GRID = {1: 192, 2: 14}
#: Rounds of going down or coming nearer, to tell whether something lies lower and to find where it is.
_CHECKING, _FINDING = 30, 100
#: A minimum may lie this much above another point, or this part of the usual height above it where that is less.
_TOLERANCE = 1e-6
#: How far from a minimum its neighbours are, and how far apart two minima are at least, as parts of the box.
_NEAR, _APART = 1e-3, 1e-5
#: So many minima are found at most. Where there are more, they may well be a line.
_MOST = 32


@functools.lru_cache(256)
def settled_minima(surface: Any) -> tuple[Point, ...]:
    """The minima of a surface: as given, once they were looked at, or as found."""
    if surface.minima == "find":
        return find_minima(surface)
    minima = surface.claimed_minima()
    if minima:
        check_minima(surface, minima)
    return minima


def check_minima(surface: Any, minima: tuple[Point, ...]) -> None:
    """Refuse minima that are not the lowest points of the box and of their own surroundings.

    Raises
    ------
    ValueError
        If one lies higher than another one, than a point beside it, or than what is reached from a grid.
    """
    given = np.array(minima)
    low, high = np.array(surface.box).T
    around = (high - low) / 10  # of a minimum outside the box
    low = np.minimum(low, np.where(given < low, given - around, low).min(0))
    high = np.maximum(high, np.where(given > high, given + around, high).max(0))
    beside = np.clip(given[:, None] + _NEAR * (high - low) * _directions(len(low)), low, high).reshape(-1, len(low))
    points, heights, tolerance = _sink(surface, np.concatenate([given, beside]), low, high, _CHECKING)
    lowest = heights.argmin()
    for point, height in zip(minima, _heights(surface, given), strict=True):
        if not height <= heights[lowest] + tolerance:
            raise ValueError(
                f"minima of {surface.name} must be its lowest points: the height at {_text(point)} is {height:.9g}, "
                f"that at {_text(points[lowest])} {heights[lowest]:.9g}; name the lowest, or give minima='find'"
            )


def find_minima(surface: Any) -> tuple[Point, ...]:
    """The lowest points of the box, to ten digits where the surface is smooth.

    Raises
    ------
    ValueError
        If the surface falls further beyond the border of the box, or has too many lowest points.
    """
    low, high = np.array(surface.box).T
    sides = high - low
    points, heights, tolerance = _sink(surface, np.empty((0, len(low))), low, high, _FINDING)
    if not np.isfinite(heights.min()):
        raise ValueError(f"minima of {surface.name} cannot be found: its lowest height is {heights.min():g}")
    # A long, curved valley is not walked to its end: Newton's method goes on from whatever is nearly low enough.
    order = np.argsort(heights, kind="stable")
    order = order[heights[order] <= heights[order[0]] + 1000 * tolerance]
    near = _distinct(points[order], 10 * _NEAR * sides)
    points = np.array([_settle(surface, point, 1e-6 * tolerance) for point in near])
    heights = _heights(surface, points)
    order = np.argsort(heights, kind="stable")
    order = order[heights[order] <= heights[order[0]] + tolerance / 1000]
    found = _distinct(points[order], _APART * sides)
    least = _heights(surface, np.array(found)[:, None] + _NEAR * sides * _directions(len(low))).min(1)
    if least.min() < heights[order[0]] - tolerance:
        raise ValueError(
            f"{surface.name} falls further beyond its box, at {_text(found[least.argmin()])}: there is no minimum to "
            "find; give a larger box, or name the minima"
        )
    if len(found) > _MOST or (least <= _heights(surface, np.array(found))).any():
        raise ValueError(f"{surface.name} has a line of lowest points, or more than {_MOST}; name some as minima")
    found = [tuple(float(x) + 0.0 for x in point) for point in found]
    return tuple(sorted(found, key=lambda point: [round(x / side, 6) for x, side in zip(point, sides, strict=True)]))


def _sink(
    surface: Any, points: np.ndarray, low: np.ndarray, high: np.ndarray, rounds: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Where the points and those of a grid come to rest, how high that is, and which difference of heights matters.

    Given points have their neighbours close by at first, those of the grid half-way to the next of them.
    """
    sides, count = high - low, _GRID[len(low)]
    grid = np.stack(np.meshgrid(*np.linspace(low, high, count).T), axis=-1).reshape(-1, len(low))
    near = np.concatenate([np.full(len(points), _NEAR), np.full(len(grid), 0.5 / count)])
    points = np.concatenate([points, grid])
    heights = _heights(surface, points)
    usual, largest = np.median(heights), np.abs(heights[np.isfinite(heights)]).max(initial=0)
    for _ in range(rounds):
        around = np.clip(points[:, None] + near[:, None, None] * sides * _directions(len(low)), low, high)
        there = _heights(surface, around)
        best = there.argmin(1)[:, None]
        least = np.take_along_axis(there, best, 1)[:, 0]
        lower = least < heights
        heights = np.where(lower, least, heights)
        points = np.where(lower[:, None], np.take_along_axis(around, best[..., None], 1)[:, 0], points)
        near = np.where(lower, near, near / 2)
    with np.errstate(invalid="ignore"):  # nothing but infinite heights
        return points, heights, _TOLERANCE * min(1, usual - heights.min()) + 1e-12 * largest


def _settle(surface: Any, point: np.ndarray, rounding: float) -> np.ndarray:
    """Where Newton's method ends. It stays in the box and moves to what is lower, or as high and half as steep."""
    low, high = torch.tensor(surface.box, dtype=torch.float64).T
    height = lambda x: surface(*x.unbind())  # noqa: E731

    def look(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        z = height(x.requires_grad_())
        return z.item(), torch.autograd.grad(z, x)[0] if z.requires_grad else torch.zeros_like(x)

    x = torch.tensor(point)
    z, slope = look(x)
    for _ in range(60):
        bends: Any = torch.autograd.functional.hessian(height, x.detach())
        if not bends.isfinite().all():  # the tip of a cone
            break
        bend, turn = torch.linalg.eigh(bends)
        way = turn @ (turn.T @ slope / bend.abs().clamp(min=1e-9 * bend.abs().max().item()))
        for length in 0.5 ** np.arange(12):
            there = x.detach() - length * way
            if not ((low <= there) & (there <= high)).all():
                continue
            z_there, slope_there = look(there)
            if z_there < z - rounding or z_there <= z + rounding and slope_there.norm() < slope.norm() / 2:
                x, z, slope = there, z_there, slope_there
                break
        else:
            break
    return x.detach().numpy()


def _distinct(points: np.ndarray, apart: np.ndarray) -> list[np.ndarray]:
    """The points without those that are nearer than that to an earlier one."""
    kept: list[np.ndarray] = []
    for point in points:
        if not any((np.abs(point - other) < apart).all() for other in kept):
            kept.append(point)
    return kept


def _heights(surface: Any, points: np.ndarray) -> np.ndarray:
    """Heights of points whose coordinates are on the last axis; infinite where they are no numbers."""
    with torch.no_grad():
        heights = np.broadcast_to(surface(*np.moveaxis(points, -1, 0)), points.shape[:-1])
    return np.where(np.isnan(heights), np.inf, heights)


def _directions(dim: int) -> np.ndarray:
    return np.array([way for way in itertools.product((-1.0, 0.0, 1.0), repeat=dim) if any(way)])


def _text(point: Any) -> str:
    return "(" + ", ".join(f"{x:.9g}" for x in point) + ")"
