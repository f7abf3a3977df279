"""A chunk of a sweep in blocks of compiled steps: the numbers of the reference engine but for their last digits."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..language.python import python_function
from ..schedule import flat
from .block import FIRST_FREE, block, divide, slope_program, step_source
from .eager import draw_noise, finish, settings_of
from .plan import SIMD_MULTIPLE, STEPS_PER_BLOCK, Chunk
from .request import Runner
from .watch import Watch


def run(runner: Runner, chunk: Chunk, device: str, backend: str = "inductor") -> dict[str, np.ndarray]:
    """All results of one chunk, as a worker finds them."""
    assert runner.rule
    count = len(chunk.seed)
    padded = _padded(chunk, -count % SIMD_MULTIPLE)
    with torch.no_grad():
        return finish({name: values[:count] for name, values in _run(runner, padded, device, backend).items()}, chunk)


def _padded(chunk: Chunk, more: int) -> Chunk:
    """The chunk with its last descent repeated: a loop over a multiple of a vector's length has no remainder."""
    grow = lambda values: np.concatenate([values, np.repeat(values[-1:], more, axis=0)])  # noqa: E731
    picks = {name: grow(pick) for name, pick in chunk.picks.items()}
    return replace(chunk, points=grow(chunk.points), picks=picks, seed=grow(chunk.seed))


def _run(runner: Runner, chunk: Chunk, device: str, backend: str) -> dict[str, np.ndarray]:
    rule = runner.rule
    assert rule
    problem, count, target = chunk.problem, len(chunk.seed), math.nan if chunk.low is None else chunk.low + chunk.tol
    theta = torch.tensor(np.ascontiguousarray(np.moveaxis(chunk.points, 0, -1)))
    initial = rule.initial(theta, settings_of(runner, chunk))
    handed = _Handed(runner, chunk, target)
    source = step_source(
        rule, handed.parts, slope_program(problem), handed.places, noisy=bool(chunk.noise), aimed=chunk.low is not None
    )
    state: Any = (
        tuple(_line(row, device) for row in theta),
        tuple(tuple(_line(row, device) for row in start) for start in initial),
        tuple(_line(torch.full((count,), number), device) for number in (math.inf, 0.0, 0.0)),
    )
    draw = draw_noise(chunk)
    handed.move(device)
    for begin in range(0, chunk.steps, STEPS_PER_BLOCK):
        steps = min(STEPS_PER_BLOCK, chunk.steps - begin)
        noise = torch.stack([draw() for _ in range(steps)]).to(device) if chunk.noise else torch.zeros(0)
        take = block(source, steps, backend if steps == STEPS_PER_BLOCK else "", torch.get_num_threads())
        state = take(*state, *handed.between(begin, begin + steps), noise)
    theta, states, (best, before, lived) = state
    here = theta if rule.answer == "theta" else states[list(rule.states).index(rule.answer)]
    end = torch.stack(here).cpu()
    watch = Watch(count, None if chunk.low is None else target)
    lived = lived.cpu().int()
    watch.best, watch.before = best.cpu(), before.cpu().int()
    watch.diverged_at = torch.where(lived < chunk.steps, lived, -1)
    watch.any_diverged = bool((watch.diverged_at >= 0).any())
    z = problem.heights(end)
    watch.observe(chunk.steps, end, z)
    return {"loss": z.numpy().copy(), "theta": end.T.numpy().copy(), **watch.result()}


def _line(values: Tensor, device: str) -> Tensor:
    """One number for each descent, in memory of its own; code that is made for one width does for all."""
    line = values.to(device, torch.float64, copy=True)
    torch._dynamo.mark_dynamic(line, 0)
    return line


class _Handed:
    """What each step is handed: numbers, and what descents with different settings have of their own.

    Attributes
    ----------
    places : dict of str to str
        Where a step finds each of them.
    """

    def __init__(self, runner: Runner, chunk: Chunk, target: float) -> None:
        assert runner.rule
        rows, self._which = _distinct(chunk)
        settings = settings_of(runner, replace(chunk, picks=rows))
        self.parts = parts = divide(runner.rule, settings)
        outer = python_function(parts.outer, "outer")
        found = [outer(t, *flat(settings)) for t in range(1, chunk.steps + 1)] or [()]
        self.places, numbers, own, timed = {}, [], [], []
        for name, values in zip(parts.outer.outputs, zip(*found, strict=True), strict=True):
            if not any(isinstance(value, Tensor) and value.dim() for value in values):
                self.places[name] = f"numbers[k, {FIRST_FREE + len(numbers)}]"
                numbers.append(torch.tensor([float(value) for value in values], dtype=torch.float64))
            elif name in parts.timed:
                self.places[name] = f"timed[k, {len(timed)}]"
                timed.append(torch.stack([value.to(torch.float64) for value in values]))
            else:
                self.places[name] = f"own[{len(own)}]"
                own.append(values[0].to(torch.float64))
        steps = torch.arange(chunk.steps, dtype=torch.float64)
        self._numbers = torch.stack([steps, torch.full_like(steps, target), *numbers], 1)
        self._own = torch.stack(own)[:, self._which] if own else torch.zeros(0)
        self._timed = torch.stack(timed, 1) if timed else torch.zeros(chunk.steps, 0)

    def move(self, device: str) -> None:
        """Bring everything to where the steps are taken."""
        self._numbers, self._own = self._numbers.to(device), self._own.to(device)
        self._timed, self._which = self._timed.to(device), self._which.to(device)
        if self._own.dim() == 2:
            torch._dynamo.mark_dynamic(self._own, 1)

    def between(self, begin: int, end: int) -> tuple[Tensor, Tensor, Tensor]:
        """The numbers, and what is each descent's own, always or at each step, of steps from ``begin`` to ``end``."""
        timed = self._timed[begin:end]
        if timed.dim() == 3:
            timed = timed[..., self._which]
            torch._dynamo.mark_dynamic(timed, 2)
        return self._numbers[begin:end], self._own, timed


def _distinct(chunk: Chunk) -> tuple[dict[str, np.ndarray], Tensor]:
    """The combinations of values of hyperparameters that are in a chunk, and which of them each descent has."""
    if not chunk.picks:
        return {}, torch.zeros(len(chunk.seed), dtype=torch.int64)
    picks, which = np.unique(np.stack(list(chunk.picks.values())), axis=1, return_inverse=True)
    return dict(zip(chunk.picks, picks, strict=True)), torch.from_numpy(which.reshape(-1))
