"""Runs of an optimizer that is not ours, many as one vector, where it treats every coordinate by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..foreign import call_of, evaluated, has_two_points
from ..schedule import make_scheduler, waits_for_loss
from ..walk import Field


class Rows:
    """Runs and their present state: those of the same settings are one vector. Attributes as in `Walk`.

    Parameters
    ----------
    field : Field
        What is descended.
    theta : Tensor, shape (size, runs)
        Where the runs start; those of the same settings stand side by side.
    makers : list of callable
        Makes the optimizer of each setting from a list of one parameter.
    counts : list of int
        How many runs each setting has.
    schedule : callable, optional
        Makes a scheduler from an optimizer. If it waits for the loss, every run has an optimizer of its own.
    """

    def __init__(
        self,
        field: Field,
        theta: Tensor,
        makers: Sequence[Callable[..., Any]],
        counts: Sequence[int],
        schedule: Any = None,
    ) -> None:
        self.field, self.theta = field, theta
        self.loss: Tensor | None = None
        if schedule is not None and waits_for_loss(make_scheduler(schedule, makers[0]([torch.nn.Parameter(theta)]))):
            makers = [make for make, count in zip(makers, counts, strict=True) for _ in range(count)]
            counts = [1] * theta.shape[1]
        blocks = theta.split(list(counts), 1)
        self._blocks = [Block(make, block, schedule) for make, block in zip(makers, blocks, strict=True)]
        self._counts = list(counts)

    @property
    def answer(self) -> Tensor:
        """The point that is the result: where ``eval()`` of the optimizer goes, if it has one."""
        return torch.cat([block.answer for block in self._blocks], 1)

    def step(self) -> None:
        """One step of every run. Call under `torch.no_grad()`."""
        self.loss, slope = self.field.slope(self.theta)
        for block, *seen in zip(self._blocks, self.loss.split(self._counts), slope.split(self._counts, 1), strict=True):
            block.step(*seen)
        self.theta = torch.cat([block.theta for block in self._blocks], 1)


class Block:
    """Runs of one setting: one parameter, which is a vector, and its optimizer."""

    def __init__(self, make: Callable[..., Any], theta: Tensor, schedule: Any = None) -> None:
        self._shape = theta.shape
        self._point = torch.nn.Parameter(theta.reshape(-1).clone())
        self._optimizer = make([self._point])
        self._call = call_of(self._optimizer)
        self._scheduler = None if schedule is None else make_scheduler(schedule, self._optimizer)
        self._waits = self._scheduler is not None and waits_for_loss(self._scheduler)
        if has_two_points(self._optimizer):
            self._optimizer.train()

    @property
    def theta(self) -> Tensor:
        """The iterates of the runs, shape (size, runs)."""
        return self._point.detach().clone().view(self._shape)

    @property
    def answer(self) -> Tensor:
        """Where they are evaluated."""
        if not has_two_points(self._optimizer):
            return self.theta
        return evaluated(self._optimizer, self._point).view(self._shape)

    def step(self, loss: Tensor, slope: Tensor) -> None:
        """One step, from the losses and gradients of the runs."""
        step_from(self._optimizer, self._call, [self._point], [slope.reshape(-1)], loss.sum())
        if self._scheduler is not None:
            self._scheduler.step(*(loss[0],) * self._waits)


def step_from(
    optimizer: Any, call: Callable[..., Any], points: Sequence[Any], slopes: Sequence[Tensor], loss: Tensor
) -> None:
    """One step of an optimizer that asks for the gradient where it stands, and nowhere else."""
    start = [point.detach().clone() for point in points]
    for point, slope in zip(points, slopes, strict=True):
        point.grad = slope.clone()

    def look() -> Tensor:
        for point, before, slope in zip(points, start, slopes, strict=True):
            if not torch.allclose(point, before, 0, 0, equal_nan=True):
                raise RuntimeError(
                    f"{type(optimizer).__name__} asks for a gradient elsewhere, as it did not when tried"
                )
            point.grad = slope.clone()
        return loss

    call(optimizer, look)


def by_coordinates(make: Callable[..., Any], shapes: Sequence[tuple[int, ...]], steps: int = 20) -> bool:
    """Whether an optimizer can be seen to treat every coordinate of weights by itself.

    It is tried on two starts: each as tensors of these shapes, and both as one vector. Gradients are of very different
    size, and those of the second start are NaN in the end, which must not trouble the first.
    """
    sizes = [math.prod(shape) for shape in shapes]
    scale = torch.logspace(-3, 2, sum(sizes), dtype=torch.float64)[torch.randperm(sum(sizes), generator=_numbers(0))]
    starts = scale.flip(0) * torch.randn(2, sum(sizes), dtype=torch.float64, generator=_numbers(1))

    def end(starts: Tensor, runs: slice) -> Tensor:
        """Where the runs end, and where they are evaluated then; as one vector if they are two."""
        pieces = [starts.reshape(-1)] if len(starts) > 1 else starts[0].split(sizes)
        like = [(-1,)] if len(starts) > 1 else shapes
        points = [torch.nn.Parameter(piece.reshape(shape).clone()) for piece, shape in zip(pieces, like, strict=True)]
        optimizer = make(points)
        call = call_of(optimizer)
        if has_two_points(optimizer):
            optimizer.train()
        for t in range(steps):
            slopes = scale * (1 + torch.randn(2, sum(sizes), dtype=torch.float64, generator=_numbers(2 + t)))
            if t > steps // 2:
                slopes[1] = torch.nan
            parts = slopes[runs].reshape(-1).split([point.numel() for point in points])
            loss = torch.stack([part @ point.reshape(-1) for part, point in zip(parts, points, strict=True)]).sum()
            step_from(optimizer, call, points, [p.view_as(q) for p, q in zip(parts, points, strict=True)], loss)
        ends = [point.detach().clone() for point in points]
        if has_two_points(optimizer):
            optimizer.eval()
            ends += [point.detach() for point in points]
        return torch.cat([e.reshape(-1) for e in ends]).reshape(-1, *starts.shape)

    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            alone = torch.cat([end(starts[i : i + 1], slice(i, i + 1)) for i in range(2)], 1)
            together = end(starts, slice(None))
    except Exception:  # who cannot be tried is stepped run by run, and says there what is wrong
        return False
    return torch.allclose(together, alone, rtol=1e-12, atol=0, equal_nan=True)


def _numbers(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
