"""All runs of one rule at once: their weights are the columns of one tensor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..recorder import diverged
from ..schedule import Schedule
from ..walk import Walk
from .field import Field
from .request import Request, Runner
from .rows import Rows

#: Numbers in the weights, or in one state, of the runs that are stepped at once, at most: more would not stay in a
#: cache.
MOST_NUMBERS = 2**20


def widest(runner: Runner, request: Request) -> int:
    """How many runs are stepped at once."""
    problem = request.draws[0].problem
    states = runner.rule.numbers(problem.shape, runner.settings) if runner.rule else []
    return max(1, MOST_NUMBERS // max(problem.size, *states, 1))


def run(runner: Runner, request: Request, span: slice, note: Callable[[], Any]) -> dict[str, np.ndarray]:
    """Some runs, of one of our rules or by coordinates; ``note`` is called after each step of all of them."""
    *picks, seed = np.unravel_index(np.arange(span.start, span.stop), request.shape)
    settings, clock = {}, None
    if runner.rule:
        settings = _settings(runner, request, dict(zip(request.axes, picks, strict=True)))
    if runner.rule and runner.schedule is not None:
        clock = Schedule(runner.make, settings, runner.schedule, seed.shape)
        settings = _cast(clock.settings, request.dtype)
    field = Field(request.task, request.draws, torch.from_numpy(seed), request.dtype)
    field.show(request.rows[:, 0])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the tensors are too small to share
    try:
        with torch.no_grad():
            rule = runner.rule
            walk = (
                Walk(rule, field, field.starts, settings, request.seeds, torch.from_numpy(seed))
                if rule
                else _rows(runner, request, span, field)
            )
            record = Record(request, len(seed))
            for t in range(request.steps):
                field.show(request.rows[:, t])
                here = walk.theta
                if record.is_due(t):
                    record.measured.append(field.measure(walk.answer))
                walk.step()
                z = field.heights(here) if walk.loss is None else walk.loss
                field.keep()
                record.note(t, here, z)
                note()
                if clock and isinstance(walk, Walk):
                    walk.settings = _cast(clock.step(z), request.dtype)
            record.end(walk.theta, field.measure(walk.answer), walk.answer)
    finally:
        torch.set_num_threads(threads)
    return record.result()


def _rows(runner: Runner, request: Request, span: slice, field: Field) -> Rows:
    """The runs of an optimizer that is not ours."""
    settings, counts = np.unique(np.arange(span.start, span.stop) // len(request.seeds), return_counts=True)
    every = list(request.settings())
    makers = [functools.partial(runner.make, **runner.settings, **every[number]) for number in settings]
    return Rows(field, field.starts, makers, counts.tolist(), runner.schedule)


def _settings(runner: Runner, request: Request, picks: dict[str, np.ndarray]) -> dict[str, Any]:
    """The settings of a rule: numbers, or tensors with one number for each run."""
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in runner.settings.items()}
    for name, values in request.axes.items():
        if len(values) == 1:  # a number, as it would be alone
            settings[name] = values[0]
            continue
        chosen = torch.tensor(values, dtype=torch.float64)[torch.from_numpy(picks[name])]
        settings[name] = chosen if chosen.dim() == 1 else tuple(part.contiguous() for part in chosen.unbind(1))
    return _cast(settings, request.dtype)


def _cast(value: Any, dtype: torch.dtype) -> Any:
    """Settings whose tensors have the precision of the weights, which they would widen."""
    if isinstance(value, dict):
        return {name: _cast(v, dtype) for name, v in value.items()}
    if isinstance(value, tuple):
        return tuple(_cast(v, dtype) for v in value)
    return value.to(dtype) if isinstance(value, Tensor) else value


class Record:
    """What is noted of runs, step by step.

    Parameters
    ----------
    request : Request
        What was asked for.
    runs : int
        How many runs there are.
    """

    def __init__(self, request: Request, runs: int) -> None:
        self.steps, self.checks = request.steps, torch.from_numpy(request.checks)
        self.losses: list[Tensor] = []
        #: Losses and accuracies on held-out examples, both of shape (runs, sets), one pair for each check.
        self.measured: list[tuple[Tensor, Tensor]] = []
        self.diverged_at = torch.full((runs,), -1)
        self.keep = request.keep

    def is_due(self, t: int) -> bool:
        """Whether the held-out examples are looked at after ``t`` steps."""
        return bool((self.checks == t).any())

    def note(self, t: int, theta: Tensor, loss: Tensor) -> None:
        """The weights after ``t`` steps, runs along the last axis, and the losses there on the next batch."""
        self.losses.append(loss.detach().double())
        self._look(t, theta, loss)

    def end(self, theta: Tensor, measured: tuple[Tensor, Tensor], answer: Tensor) -> None:
        """The weights after the last step, the last check, and the weights that it was about."""
        self.measured.append(measured)
        self.answer = answer
        self._look(self.steps, theta, torch.zeros(theta.shape[-1]))

    def _look(self, t: int, theta: Tensor, loss: Tensor) -> None:
        self.diverged_at[diverged(theta, loss) & (self.diverged_at < 0)] = t

    def result(self) -> dict[str, np.ndarray]:
        """What was noted, by the names of a training's arrays, runs first; NaN from where a run diverged."""
        loss = torch.stack(self.losses, -1)
        held_out, accuracy = (torch.stack(values, 1) for values in zip(*self.measured, strict=True))
        gone = torch.where(self.diverged_at >= 0, self.diverged_at, self.steps + 1)[:, None]
        loss[torch.arange(self.steps) >= gone] = torch.nan
        late = self.checks >= gone
        held_out[late] = accuracy[late] = torch.nan
        found = {"loss": loss, "held_out_loss": held_out, "accuracy": accuracy}
        if self.keep:
            found["theta"] = torch.where(self.diverged_at >= 0, torch.nan, self.answer).T
        return {name: values.numpy() for name, values in {**found, "diverged_at": self.diverged_at}.items()}
