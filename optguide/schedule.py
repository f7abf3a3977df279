"""The hyperparameters of a rule, step by step, as torch's learning-rate schedulers set them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .optimizers.optimizer import Optimizer


class Schedule:
    """The hyperparameters of a rule, step by step, as torch's schedulers set them.

    Descents with the same hyperparameters share an instance of the rule, with nothing to step, and its scheduler. If
    that waits for the loss, every descent has its own.
    """

    def __init__(
        self, rule: Callable[..., Any], settings: dict[str, Any], schedule: Any, shape: tuple[int, ...]
    ) -> None:
        """``shape`` is that of a setting that has one value for every descent."""
        self.settings = self._given = settings
        numbers = (torch.as_tensor(number, dtype=torch.float64) for number in flat(settings))
        table = torch.stack(torch.broadcast_tensors(*numbers), -1) if settings else torch.zeros(0)
        rows, self._which = torch.unique(table.reshape(-1, table.shape[-1]), dim=0, return_inverse=True)
        self._drive(rule, schedule, rows)
        if self._waits and math.prod(shape) > 1:
            table = table.expand(*shape, -1)
            rows, self._which = table.reshape(-1, table.shape[-1]), slice(None)
            self._drive(rule, schedule, rows)
        self._shape = table.shape[:-1]
        self._read()

    def _drive(self, rule: Callable[..., Any], schedule: Any, rows: Tensor) -> None:
        point = torch.nn.Parameter(torch.zeros(1, 1))
        given = flat(self._given)
        settings = (filled(self._given, map(_like, given, row)) for row in rows.tolist())
        self._optimizers = [rule([point], **each) for each in settings]
        self._schedulers = [make_scheduler(schedule, optimizer) for optimizer in self._optimizers]
        for optimizer in self._optimizers:  # once, or torch warns that a scheduler came first
            optimizer.step()
        self._waits = waits_for_loss(self._schedulers[0])

    def _read(self) -> None:
        now = [[float(n) for n in flat(self._of_group(o))] for o in self._optimizers]
        columns = zip(flat(self._given), torch.tensor(now, dtype=torch.float64).unbind(1), strict=True)
        self.settings = filled(self._given, [self._spread(*column) for column in columns])

    def _of_group(self, optimizer: Optimizer) -> dict[str, Any]:
        return {name: optimizer.param_groups[0][name] for name in self._given}

    def _spread(self, given: Any, values: Tensor) -> Any:
        """One number for all descents as long as it was given and is one; else one value for each."""
        if not isinstance(given, Tensor) and (len(values) == 1 or (values == values[0]).all()):
            return _like(given, values[0].item())
        return values[self._which].reshape(self._shape)

    def step(self, loss: Tensor) -> dict[str, Any]:
        """The hyperparameters of the next step, after one that was taken from a place of this loss."""
        shown = [(height,) for height in loss.flatten().tolist()] if self._waits else [()] * len(self._schedulers)
        for scheduler, what in zip(self._schedulers, shown, strict=True):
            scheduler.step(*what)
        self._read()
        return self.settings


def flat(settings: dict[str, Any]) -> list[Any]:
    """The numbers, or tensors of them, in all settings."""
    return [number for value in settings.values() for number in (value if isinstance(value, tuple) else (value,))]


def _like(given: Any, number: float) -> Any:
    """The number, or the switch that it stands for."""
    return bool(number) if isinstance(given, (bool, np.bool_)) else number


def filled(settings: dict[str, Any], numbers: Iterable[Any]) -> dict[str, Any]:
    """The settings with other numbers in them."""
    rest = iter(numbers)
    return {
        name: tuple(next(rest) for _ in value) if isinstance(value, tuple) else next(rest)
        for name, value in settings.items()
    }


def make_scheduler(schedule: Any, optimizer: torch.optim.Optimizer) -> Any:
    """The scheduler that a schedule makes for an optimizer."""
    if not callable(schedule):
        raise TypeError(f"schedule must make a scheduler from an optimizer, got {schedule!r}")
    name = type(optimizer).__name__
    if not all("lr" in group for group in optimizer.param_groups):
        raise TypeError(f"{name} has no lr for a schedule to change")
    try:
        scheduler = schedule(optimizer)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"schedule cannot drive {name}: {error}") from error
    if isinstance(scheduler, torch.optim.Optimizer) or not callable(getattr(scheduler, "step", None)):
        made = type(scheduler).__name__
        raise TypeError(f"schedule must make a scheduler from an optimizer, got one that made {made}")
    return scheduler


def waits_for_loss(scheduler: Any) -> bool:
    """Whether a scheduler's step must be shown the loss."""
    return not takes(scheduler.step)


def takes(function: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Whether a function can be called so, as far as its signature tells."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    except ValueError:  # a function of a compiled library may hide its signature
        pass
    return True
