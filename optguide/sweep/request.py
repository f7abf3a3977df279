"""What a sweep was asked for: optimizers with their settings, axes, seeds and starts, all checked."""

from __future__ import annotations

import inspect
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import check
from ..given import color_of, follows_rule, read_start, refuse_unknown, unwrap
from ..optimizers.rule import Rule
from ..problems.problem import Problem
from ..schedule import make_scheduler

#: What each array of a sweep holds, and its unit.
MEANINGS = {
    "loss": ("loss after the last step, without noise; NaN where the descent diverged", "1"),
    "best_loss": ("lowest loss from the start to the last step", "1"),
    "theta": ("where the descent ended; NaN where it diverged", "1"),
    "arrived_at": ("first step with a loss within tol of the lowest known height; 0 is the start, -1 never", "step"),
    "diverged_at": ("first step at which an iterate or the loss was not finite or exceeded 1e10; -1 never", "step"),
    "minimum": ("number of the known minimum nearest to the end, where the end is within tol of its height; else -1",
                "1"),
    "minima": ("the known minima", "1"),
}  # fmt: skip
#: Other arguments of a sweep, to tell a misspelt one.
ARGUMENTS = ("start", "steps", "noise", "tails", "seed", "tol", "memory", "jobs", "engine", "device")
RESERVED = {*MEANINGS, "optimizer", "color", "seed", "start", "coordinate", "known"}


@dataclass(frozen=True)
class Request:
    """Everything that the optimizers of a sweep have in common.

    ``points`` has the shape (S, *shape); ``start_dims`` and ``start_coords`` are the dimensions that the starts span,
    with their sizes, and what labels them.
    """

    function: Callable[..., Any]
    problem: Problem
    points: np.ndarray
    start_dims: dict[str, int]
    start_coords: dict[str, Any]
    axes: dict[str, list[Any]]
    seeds: list[int]
    steps: int
    noise: float
    tails: float | None
    tol: float
    minima: np.ndarray
    low: float | None

    @property
    def shape(self) -> tuple[int, ...]:
        """The descents of one optimizer: hyperparameters, seeds, starts."""
        return *map(len, self.axes.values()), len(self.seeds), len(self.points)

    @property
    def size(self) -> int:
        """How many descents each optimizer makes."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Runner:
    """One optimizer of a sweep, with its settings checked. ``rule`` is None if it has to be stepped start by start.

    ``engine`` says how its chunks run: ``"eager"`` or ``"compiled"``.
    """

    name: str
    make: Callable[..., Any]
    rule: Rule | None
    settings: dict[str, Any]
    schedule: Any
    color: str
    described: dict[str, Any]
    engine: str = "eager"

    @property
    def way(self) -> str:
        """How its descents are taken: ``"alone"``, start by start, or many at a time by its engine."""
        return self.engine if self.rule else "alone"

    @classmethod
    def read(
        cls, name: str, optimizer: Any, axes: dict[str, list[Any]], fixed: dict[str, Any], problem: Problem
    ) -> Runner:
        """The runner that an optimizer is; its name stands before every complaint."""
        try:
            make, settings = unwrap(optimizer, dict(fixed))
            schedule = settings.pop("schedule", None)
            refuse_unknown(make, {**settings, **axes}, ARGUMENTS)
            settings = {n: v for n, v in settings.items() if n not in axes}
            if follows_rule(make):
                make.rule.check_point(problem.shape)
                settings = check_rule(make.rule, settings, axes)
                if schedule is not None:
                    first = {n: values[0] for n, values in axes.items()}
                    make_scheduler(schedule, make([torch.nn.Parameter(torch.zeros(1, 1))], **settings, **first))
                return cls(name, make, make.rule, settings, schedule, make.color or "", settings)
            for values in itertools.product(*axes.values()):
                point = torch.nn.Parameter(torch.zeros(problem.shape, dtype=torch.float64))
                probe = make([point], **settings, **dict(zip(axes, values, strict=True)))
                check.optimizer(probe)
                if schedule is not None:
                    make_scheduler(schedule, probe)
        except (TypeError, ValueError) as error:
            raise type(error)(f"optimizer {name!r}: {error}") from None
        described = {n: v for n, v in {**probe.defaults, **settings}.items() if n not in axes}
        return cls(name, make, None, settings, schedule, color_of(probe) or "", described)


def check_rule(rule: Rule, settings: dict[str, Any], axes: dict[str, list[Any]]) -> dict[str, Any]:
    """All settings of one of our rules that are not axes, defaults included; every value is checked."""
    for name, values in axes.items():
        for value in values:
            rule.settings({name: value})
        kind, switch = rule.hyperparameters[name].kind, isinstance(rule.defaults[name], bool)
        if len(values) > 1 and (switch or kind and kind.shapes):
            why = "it is a switch" if switch else "states have as many entries"
            raise ValueError(f"{name} cannot be an axis, for {why}: give one optimizer to each of its values")
    return {name: value for name, value in rule.settings(settings).items() if name not in axes}


def read_seeds(seeds: Any) -> list[int]:
    """The seeds of the noise, one descent for each."""
    if isinstance(seeds, (int, np.integer)):
        seeds = [seeds]
    check.kind("seed", seeds, Iterable, "an int or a list of them")
    seeds = [check.seed("seed", seed) for seed in seeds]
    if min(seeds, default=0) < 0 and max(seeds) >= 2**63:
        raise ValueError(f"seed must be >= 0 everywhere if one is >= 2**63, got {min(seeds)}")
    refuse_bad_list("seed", seeds)
    return seeds


def refuse_same_seeds(seeds: list[int], noise: float, runners: list[Runner]) -> None:
    """Refuse several seeds where nothing is drawn: neither noise of the gradients nor by a rule."""
    if len(seeds) > 1 and not noise and not any(runner.rule and "noise" in runner.rule.asks for runner in runners):
        raise ValueError(f"{len(seeds)} seeds need noise > 0: without it all of their descents are the same")


def read_starts(start: Any, function: Any) -> tuple[Problem, np.ndarray, dict[str, Any], dict[str, int]]:
    """The problem; the starts as a list of points; the labels and the sizes of the dimensions that they span."""
    problem, theta = read_start("start", start, function)
    rank = len(problem.shape)
    batch = theta.shape[rank:]
    points = theta.reshape(*problem.shape, -1).movedim(-1, 0).numpy()
    names = [f"start_{axis}" for axis in axis_names(function, problem)]
    if len(batch) < 2:
        columns = points.reshape(len(points), -1)
        coords = {name: ("start", columns[:, i]) for i, name in enumerate(names)}
        return problem, points, {"start": np.arange(len(points)), **coords}, {"start": len(points)}
    grid = points.reshape(*batch, -1)
    xs, ys = grid[0, :, 0], grid[:, 0, -1]
    if not (len(batch) == 2 and problem.shape == (2,) and (grid == np.stack(np.meshgrid(xs, ys), -1)).all()):
        raise ValueError(
            f"start of shape {(*batch, *problem.shape)} must be a grid in the plane, "
            "np.stack(np.meshgrid(xs, ys), -1); give any other starts as a list of shape (S, dim)"
        )
    return problem, points, {names[1]: ys, names[0]: xs}, {names[1]: batch[0], names[0]: batch[1]}


def axis_names(function: Any, problem: Problem) -> tuple[str, ...]:
    """Names of the coordinates, all in one row."""
    names = getattr(function, "axes", None)
    if names is None and not isinstance(function, Problem):
        try:
            parameters = inspect.signature(function).parameters.values()
            names = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
        except (TypeError, ValueError):  # a function of a compiled library may hide its signature
            names = ()
    return tuple(names or ()) if len(names or ()) == problem.size else tuple(f"x{i}" for i in range(problem.size))


def read_grids(grids: dict[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The hyperparameters that are axes, each with its values, and those that are the same everywhere."""
    axes, fixed = {}, {}
    for name, value in grids.items():
        if isinstance(value, (np.ndarray, Tensor, range)) and np.ndim(value):
            value = np.asarray(value).tolist()
        if not isinstance(value, list) or name == "schedule":
            fixed[name] = value
            continue
        if name in RESERVED or name.startswith("start_"):
            raise ValueError(f"{name} cannot be an axis: a sweep has an array or an axis of that name")
        values = [tuple(v) if isinstance(v, (list, tuple, np.ndarray)) else v for v in value]
        refuse_bad_list(name, values)
        if len({isinstance(v, tuple) and len(v) for v in values}) > 1:
            raise ValueError(f"{name} must be a list of numbers or a list of tuples of one length, got {value!r}")
        axes[name] = values
    return axes, fixed


def refuse_bad_list(name: str, values: Sequence[Any]) -> None:
    """Refuse a list that is empty or names something twice."""
    if not values:
        raise ValueError(f"{name} must not be empty")
    value, count = Counter(values).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{name} must not name anything twice, got {value!r} {count} times")
