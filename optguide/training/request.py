"""What a training was asked for: a task, optimizers with their settings, and seeds, all checked."""

from __future__ import annotations

import functools
import inspect
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import check
from ..given import color_of, follows_rule, refuse_unknown, unwrap
from ..optimizers.assembled import assembled, looks_elsewhere, why_not
from ..optimizers.divided import other_rule
from ..optimizers.rule import Rule
from ..problems.task import Draw, Task
from ..schedule import make_scheduler
from ..sweep.request import check_rule
from .rows import by_coordinates

#: Other arguments of a training, to tell a misspelt one.
ARGUMENTS = ("task", "steps", "batch", "seed", "every", "dtype", "weights")


@dataclass(frozen=True)
class Request:
    """Everything that the optimizers have in common.

    ``rows`` has the numbers of the examples in each batch, shape (seeds, steps, batch); ``checks`` the numbers of steps
    after which the held-out examples are looked at, ``keep`` whether the last weights are kept. ``apart`` says why the
    network trains by itself only, if it does, and ``changes`` whether it changes its buffers.
    """

    task: Task
    draws: list[Draw]
    seeds: list[int]
    rows: Tensor
    checks: np.ndarray
    axes: dict[str, list[Any]]
    dtype: torch.dtype
    keep: bool
    apart: str
    changes: bool

    @property
    def steps(self) -> int:
        """How many steps each run takes."""
        return self.rows.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """The runs of one optimizer: hyperparameters, seeds."""
        return *map(len, self.axes.values()), len(self.seeds)

    @property
    def size(self) -> int:
        """How many runs each optimizer makes."""
        return math.prod(self.shape)

    def settings(self) -> Iterator[dict[str, Any]]:
        """Every combination of the hyperparameters that are axes, in the order of the runs."""
        return (dict(zip(self.axes, values, strict=True)) for values in itertools.product(*self.axes.values()))

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the weights."""
        return list(self.draws[0].problem.shapes.values())

    def weights(self) -> list[torch.nn.Parameter]:
        """Weights of the network's shapes, all of them zero."""
        return [torch.nn.Parameter(torch.zeros(shape, dtype=self.dtype)) for shape in self.shapes]


@dataclass(frozen=True)
class Runner:
    """One optimizer of a training, with its settings checked.

    ``rule`` is what all runs follow at once, None for an optimizer that is not ours; each run is a loop of its own if
    there is a reason in ``alone``.
    """

    name: str
    make: Callable[..., Any]
    rule: Rule | None
    settings: dict[str, Any]
    schedule: Any
    color: str
    described: dict[str, Any]
    default_lr: float
    alone: str = ""

    @classmethod
    def read(cls, name: str, optimizer: Any, request: Request, fixed: dict[str, Any]) -> Runner:
        """The runner that an optimizer is; its name stands before every complaint."""
        axes = request.axes
        try:
            make, settings = unwrap(optimizer, dict(fixed))
            rate = _default_rate(make, settings)
            schedule = settings.pop("schedule", None)
            ours = follows_rule(make)
            # Who steps what one of our rules does not.
            otherwise = {name: settings.pop(name) for name in ("otherwise",) if ours and name in settings}
            refuse_unknown(make, {**settings, **axes}, ARGUMENTS)
            settings = {n: v for n, v in settings.items() if n not in axes}
            if ours:
                settings = check_rule(make.rule, settings, axes)
            # Once with every combination of settings: whatever an optimizer refuses, it refuses now.
            for chosen in request.settings():
                probe = make(request.weights(), **settings, **otherwise, **chosen)
                check.optimizer(probe)
                if schedule is not None:
                    make_scheduler(schedule, probe)
        except (TypeError, ValueError) as error:
            raise type(error)(f"optimizer {name!r}: {error}") from None
        if not ours:
            described = {n: v for n, v in {**probe.defaults, **settings}.items() if n not in axes}
            makers = [functools.partial(make, **settings, **chosen) for chosen in request.settings()]
            why = request.apart
            if not why and request.size < 3:
                why = "there are too few runs to gain by more"
            if not why and not all(by_coordinates(one, request.shapes) for one in makers):
                why = "it is not seen to step every weight by itself"
            return cls(name, make, None, settings, schedule, color_of(probe) or "", described, rate, why)
        rule, why = _for_all(make.rule, other_rule(otherwise.get("otherwise")), request)
        described = {**settings, **{name: str(given) for name, given in otherwise.items()}}
        color = make.color or ""
        return cls(name, functools.partial(make, **otherwise), rule, settings, schedule, color, described, rate, why)


def _default_rate(make: Callable[..., Any], settings: dict[str, Any]) -> float:
    """The learning rate that an optimizer has unless told otherwise; NaN if it has none."""
    parameters = inspect.signature(make).parameters
    rate = settings.get("lr", parameters["lr"].default if "lr" in parameters else None)
    return float(rate) if isinstance(rate, (int, float)) and not isinstance(rate, bool) else math.nan


def _for_all(rule: Rule, other: Rule | None, request: Request) -> tuple[Rule | None, str]:
    """The rule that steps all weights of a network as one vector; if there is none, None and why."""
    shapes = request.shapes
    rules = [rule if other is None or rule.takes(shape) else other for shape in shapes]
    if request.apart:
        return None, request.apart
    if request.changes:
        for one in dict.fromkeys(rules):
            if looks_elsewhere(one):
                return None, f"the network changes its buffers, and {one.name} looks at it more than once"
    if rule.is_elementwise or rule.mixes == "model" and all(one is rule for one in rules):
        return rule, ""
    for one in dict.fromkeys((rule, *rules)):
        why = why_not(one)
        if why:
            return None, f"tensors are stepped by themselves, and {one.name} {why}"
    return assembled(rule, rules, shapes), ""


def read_dtype(dtype: Any) -> torch.dtype:
    """A precision, by its name or as torch's."""
    known = {"float64": torch.float64, "float32": torch.float32}
    if dtype in known.values():
        return dtype
    check.kind("dtype", dtype, str, "'float64' or 'float32'")
    return check.choice("dtype", dtype, known)
