"""What a rule does not step, and who steps it instead."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

from .parts import as_real
from .rule import Rule


def other_rule(otherwise: Any) -> Rule | None:
    """The rule that another optimizer stands for, with the settings bound to it as its defaults; None for None.

    Raises
    ------
    TypeError
        If it is not one of ours.
    ValueError
        If a setting is out of range.
    """
    if otherwise is None:
        return None
    settings: dict[str, Any] = {}
    while isinstance(otherwise, functools.partial) and not otherwise.args:
        settings = {**otherwise.keywords, **settings}
        otherwise = otherwise.func
    if not (isinstance(otherwise, type) and isinstance(getattr(otherwise, "rule", None), Rule)):
        told = getattr(otherwise, "__name__", repr(otherwise))
        raise TypeError(f"otherwise must be one of our optimizers, such as og.AdamW.at(lr=1e-3), got {told}")
    return otherwise.rule.bound(settings)


def divided(group: Mapping[str, Any], rule: Rule) -> list[dict[str, Any]]:
    """A group of parameters in two: what a rule steps, and what it does not.

    A group that says ``otherwise`` is left as it is. So is one whose parameters are no list: torch refuses it.
    """
    params = group.get("params")
    if "otherwise" in group or isinstance(params, set) or not isinstance(params, (Tensor, Iterable)):
        return [{"otherwise": False, **group}]
    listed = [params] if isinstance(params, Tensor) else list(params)
    apart: dict[bool, list[Any]] = {False: [], True: []}
    for entry in listed:
        apart[not steps(rule, entry[1] if isinstance(entry, tuple) else entry)].append(entry)
    main = {**group, "params": apart[False], "otherwise": False}
    # Settings that the group names are the rule's own: the other one has its defaults.
    rest: dict[str, Any] = {"params": apart[True], "otherwise": True}
    return [part for part in (main, rest) if part["params"]] or [main]


def steps(rule: Rule, p: Any) -> bool:
    """Whether a rule steps a parameter, as far as its shape goes."""
    return not isinstance(p, Tensor) or rule.takes(as_real(p).shape)
