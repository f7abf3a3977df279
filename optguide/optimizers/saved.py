"""What a saved state must hold, and how it comes back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from .parts import REDUCED_PRECISION
from .rule import Rule


def recognized(
    state_dict: dict[str, Any], name: str, pairs: Sequence[tuple[Rule, Mapping[str, Any]]]
) -> dict[str, Any]:
    """The ``state_dict`` itself, if it may be one of an optimizer of this name.

    ``pairs`` are its groups, each with the rule that it should have.

    Raises
    ------
    ValueError
        If a hyperparameter or a state is missing, or a state is unknown.
    """
    faults: dict[str, list[str]] = {
        "it lacks": [part for part in ("param_groups", "state") if part not in state_dict],
        "the groups lack": [],
        "the state lacks": [],
        "the state has unknown": [],
    }
    by_rule: dict[Rule, list[Mapping[str, Any]]] = {}
    for rule, group in pairs:
        by_rule.setdefault(rule, []).append(group)
    saved = state_dict.get("state", {})
    for rule, groups in by_rule.items():
        keys = [*itertools.chain.from_iterable(group.get("params", ()) for group in groups)]
        states = [s for s in (saved.get(key) for key in keys) if isinstance(s, dict) and s]
        names = ("step", *rule.states)
        known = {*names, "theta"}  # what `Optimizer.eval` keeps
        # What a rule remembers of the model as a whole lies at one parameter.
        some = all if rule.mixes == "model" else any
        faults["the groups lack"] += [n for n in rule.hyperparameters if any(n not in group for group in groups)]
        faults["the state lacks"] += [n for n in names if states and some(n not in s for s in states)]
        faults["the state has unknown"] += list(dict.fromkeys(n for s in states for n in s if n not in known))
    if any(faults.values()):
        told = "; ".join(f"{fault} {', '.join(map(str, found))}" for fault, found in faults.items() if found)
        raise ValueError(f"state_dict must be one of {name}: {told}")
    return state_dict


def restore_precision(
    state: Mapping[Tensor, dict[str, Any]],
    saved: Mapping[Any, Any],
    pairs: Iterable[tuple[Rule, Mapping[str, Any], Mapping[str, Any]]],
) -> None:
    """Put back what torch cast to the dtype of its parameter: ours is float32 for half-precision parameters.

    ``pairs`` are the rules of all groups, with the groups themselves and as they were saved.
    """
    for rule, ours, theirs in pairs:
        for p, key in zip(ours["params"], theirs["params"], strict=True):
            if saved.get(key) and p.dtype in REDUCED_PRECISION:
                kept = [name for name in rule.states if name in saved[key]]
                state[p].update({name: saved[key][name].to(p.device, copy=True) for name in kept})
