"""What to descend, and by what, as they are given: classes, partials, names, lists and mappings; surfaces, problems,
plain functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from . import check, surfaces
from . import optimizers as rules
from .optimizers.optimizer import Optimizer
from .problems.problem import Formula, Problem


def known_optimizers() -> dict[str, type[torch.optim.Optimizer]]:
    """Ours by name, torch's by ``torch.`` and name."""
    known: dict[str, Any] = {name: getattr(rules, name) for name in rules.__all__}
    for name, value in vars(torch.optim).items():
        if isinstance(value, type) and issubclass(value, torch.optim.Optimizer) and value is not torch.optim.Optimizer:
            known[f"torch.{name}"] = value
    return known


def unwrap(optimizer: Any, settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The optimizer inside nested partials, and all settings; the outermost ones win."""
    while isinstance(optimizer, functools.partial) and not optimizer.args:
        settings = {**optimizer.keywords, **settings}
        optimizer = optimizer.func
    if isinstance(optimizer, str):
        optimizer = check.choice("optimizer", optimizer, known_optimizers())
    if not callable(optimizer):
        raise TypeError(f"optimizer must be an optimizer class, got {optimizer!r}")
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer) and not hasattr(optimizer, "rule"):
        raise TypeError(f"{optimizer.__name__} has no update of its own: a subclass of Optimizer must define one")
    return optimizer, settings


def by_name(*groups: Any) -> dict[str, Any]:
    """Optimizers under the names given by a mapping, or under those of their classes."""
    pairs: list[tuple[Any, Any]] = []
    for optimizers in groups:
        if isinstance(optimizers, str) or callable(optimizers):
            optimizers = [optimizers]
        check.kind("optimizers", optimizers, (Mapping, list, tuple), "an optimizer, a list or a mapping of them")
        pairs += optimizers.items() if isinstance(optimizers, Mapping) else [(name_of(o), o) for o in optimizers]
    if not pairs:
        raise ValueError("optimizers must not be empty")
    found: dict[str, Any] = {}
    for name, optimizer in pairs:
        if not isinstance(name, str):
            raise TypeError(f"optimizers must be named by strings, got {name!r}")
        if name in found:
            raise ValueError(f"two optimizers are called {name!r}: pass a mapping with a name for each")
        found[name] = optimizer
    return found


def name_of(optimizer: Any) -> str:
    """The name of an optimizer's class, inside all partials."""
    while isinstance(optimizer, functools.partial):
        optimizer = optimizer.func
    if isinstance(optimizer, str):
        optimizer = check.choice("optimizer", optimizer, known_optimizers())
    return getattr(optimizer, "__name__", type(optimizer).__name__)


def follows_rule(optimizer: Callable[..., Any]) -> bool:
    """Whether all that an optimizer does is in its rule (torch wraps ``step``, hence the unwrapping)."""
    return (
        isinstance(optimizer, type)
        and issubclass(optimizer, Optimizer)
        and hasattr(optimizer, "rule")
        and inspect.unwrap(optimizer.step) is inspect.unwrap(Optimizer.step)
    )


def without_rate(named: dict[str, Any]) -> dict[str, Any]:
    """Those of our rules that have no ``lr`` to choose."""
    made = {name: unwrap(one, {})[0] for name, one in named.items()}
    return {n: named[n] for n, make in made.items() if follows_rule(make) and "lr" not in make.rule.hyperparameters}


def refuse_unknown(optimizer: Callable[..., Any], given: Iterable[str], arguments: Iterable[str] = ()) -> None:
    """Raise where a keyword is no hyperparameter of an optimizer, as far as it says which it has."""
    if follows_rule(optimizer):
        takes = list(optimizer.rule.hyperparameters)
    else:
        try:
            parameters = list(inspect.signature(optimizer).parameters.values())
        except (TypeError, ValueError):
            return
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            return
        takes = [p.name for p in parameters[1:] if p.kind is not p.VAR_POSITIONAL]
    for name in given:
        if name not in takes:
            raise check.unknown(name_of(optimizer), name, takes, arguments)


def color_of(optimizer: Any) -> str | None:
    """The colour of an optimizer; one that is not ours has that of our rule of its name, if there is one."""
    name = type(optimizer).__name__
    twin = getattr(rules, name) if name in rules.__all__ else None
    return getattr(optimizer, "color", getattr(twin, "color", None))


def landscape(function: Any) -> Any:
    """What is descended: a problem as it is, one of ours by its name, or any function of coordinates."""
    if isinstance(function, str):
        known = {name: getattr(surfaces, name) for name in surfaces.__all__}
        return check.choice("surface", function, known)
    check.function("function", function)
    return function


def read_start(name: str, start: Any, function: Any) -> tuple[Problem, Tensor]:
    """The problem that a function is, and where to start: points of shape ``(*shape, *batch)``."""
    if isinstance(function, Problem):
        points = check.points(name, function.start if start is None else start, function.shape)
        problem = function
    else:
        if start is None:
            raise ValueError(f"{name} must be given: this function has no start of its own")
        points = check.points(name, start)
        problem = Formula(function, points.shape[-1])
    rank = len(problem.shape)
    ahead = points.dim() - rank
    return problem, points.permute([*range(ahead, points.dim()), *range(ahead)]).contiguous()
