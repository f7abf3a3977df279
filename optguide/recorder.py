"""Records every iterate, loss, gradient and state of a walk."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from .foreign import ForeignWalk
from .problems.problem import Problem
from .walk import Walk

#: A descent has diverged where a number is not finite, or a coordinate or the loss exceeds this.
DIVERGED = 1e10


class Recorder:
    """The record of a walk. Inside, batch axes come last."""

    def __init__(self, walk: Walk | ForeignWalk, problem: Problem, xtol: float | None) -> None:
        self.walk, self.problem, self.xtol = walk, problem, xtol
        self.rank = len(problem.shape)
        self.thetas, self.states = [walk.answer], [self._states()]
        self.losses: list[Tensor] = []
        self.grads: list[Tensor] = []
        self.evaluations = [torch.zeros(walk.theta.shape[self.rank :], dtype=torch.int64)]
        self.stopped_at = torch.full(walk.theta.shape[self.rank :], -1)
        self._before = walk.theta, walk.states

    def _states(self) -> dict[str, Tensor]:
        """The states; where the answer is one of them, what the rule steps is a state beside it."""
        walk = self.walk
        if walk.answer is walk.theta:
            return dict(walk.states)
        return {n: walk.theta if s is walk.answer else s for n, s in walk.states.items()}

    def note_step(self) -> None:
        """Record the step that the walk has just taken."""
        walk = self.walk
        if self.xtol is not None:
            self._rest(self.xtol)
        here = self.thetas[-1]
        if len(self.losses) < len(self.thetas):
            # Not whether they are the same tensor now: a rule may return its answer for theta.
            loss = walk.loss if walk.answers_theta else None
            self.losses.append(self._heights(here) if loss is None else loss.detach())
        if not self.grads and not self.states[0]:  # an optimizer that is not ours tells what it remembers when it does
            self.states[0] = {name: torch.zeros_like(value) for name, value in self._states().items()}
        self.grads.append(walk.grad)
        self.evaluations.append(torch.as_tensor(walk.evaluations).expand(self.stopped_at.shape))
        self.thetas.append(walk.answer)
        self.states.append(self._states())

    def _heights(self, theta: Tensor) -> Tensor:
        with torch.no_grad():
            return self.problem.heights(theta)

    def _rest(self, xtol: float) -> None:
        """Leave descents that have come to rest where they are, and see which ones do so now."""
        walk, stopped = self.walk, self.stopped_at >= 0
        before, states = self._before
        if stopped.any():
            walk.theta = torch.where(stopped, before, walk.theta)
            walk.states = {n: torch.where(stopped, states.get(n, new), new) for n, new in walk.states.items()}
        moved = (walk.answer - self.thetas[-1]).abs().reshape(-1, *stopped.shape)
        self.stopped_at[(moved <= xtol).all(0) & ~stopped] = len(self.thetas)

    @property
    def finished(self) -> bool:
        """Whether every descent has come to rest or diverged."""
        if self.xtol is None:
            return False
        self._before = self.walk.theta, self.walk.states
        return bool(((self.stopped_at >= 0) | self._gone(self.thetas[-1], self.losses[-1])).all())

    def _gone(self, theta: Tensor, loss: Tensor) -> Tensor:
        return diverged(theta.reshape(-1, *loss.shape), loss)

    def result(self) -> dict[str, Any]:
        """The records with batch axes first, and NaN after a descent diverged."""
        self.losses.append(self._heights(self.thetas[-1]))
        # An optimizer that is not ours may begin to remember something later; that is not a record of every step.
        names = [name for name in self.states[0] if all(name in s for s in self.states)]
        theta, grad = _turned(self.thetas, self.rank), _turned(self.grads, self.rank)
        batch = self.stopped_at.dim()
        states = {n: _turned([s[n] for s in self.states], self.states[0][n].dim() - batch) for n in names}
        loss = torch.stack(self.losses)
        bad = diverged(theta.reshape(*loss.shape, -1).movedim(-1, 0), loss)
        # A rule that looks at signs alone would rest unnoticed where the gradient is not finite.
        bad[1:] |= ~torch.isfinite(grad).reshape(*grad.shape[: batch + 1], -1).all(-1)
        diverged_at = torch.where(bad.any(0), bad.int().argmax(0), -1)
        evaluations = torch.stack(self.evaluations)
        # What was asked for in a descent's name after its end does not count.
        ends = torch.where(self.stopped_at >= 0, self.stopped_at, len(theta) - 1)
        evaluations = torch.minimum(evaluations, evaluations.gather(0, ends[None]))
        if bad.any():
            step = torch.arange(len(theta)).reshape(-1, *(1,) * batch)
            gone = (diverged_at >= 0) & (step > diverged_at)
            for record in (theta, loss, *states.values()):
                record[gone] = math.nan
            grad[gone[1:]] = math.nan
        return {
            "theta": theta.numpy(),
            "loss": loss.numpy(),
            "grad": grad.numpy(),
            "evaluations": evaluations.numpy(),
            "states": {name: record.numpy() for name, record in states.items()},
            "diverged_at": step_or_none(diverged_at),
            "stopped_at": step_or_none(self.stopped_at),
        }


def _turned(records: list[Tensor], rank: int) -> Tensor:
    """One record for every step, its first ``rank`` axes behind those of the batch."""
    stacked = torch.stack(records)
    return stacked.movedim(tuple(range(1, 1 + rank)), tuple(range(-rank, 0))).contiguous() if rank else stacked


def diverged(theta: Tensor, loss: Tensor) -> Tensor:
    """Which iterates, coordinates along the first axis, or losses are not finite or too large."""
    # A comparison with NaN is false, so "not within" catches NaN as well as infinity.
    return ~((theta.abs().amax(0) <= DIVERGED) & (loss.abs() <= DIVERGED))


def step_or_none(step: Tensor) -> Any:
    if step.dim():
        return step.numpy()
    return None if step < 0 else int(step)
