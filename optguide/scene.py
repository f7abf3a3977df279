"""What a page needs to compute recorded descents anew: the scene, and the rules and the landscape that are its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import optimizers, surfaces
from .language import NotationError
from .programs import landscape_data, rule_data, steps_in_a_page
from .surfaces.surface import Surface

#: The most values of a signal that a recording carries.
MOST_TIMES = 10_000


def scene_of(runs: Mapping[str, Any], box: Any) -> dict[str, Any]:
    """The scene of descents from one start on one function, as the lab reads it.

    Parameters
    ----------
    runs : mapping of str to Descent
    box : array, shape (dim, 2), or None
        The part of the domain that is shown.

    Returns
    -------
    dict
        ``scene``, and under ``own`` the rules and the landscape in it that the guide does not list; or, if a browser
        cannot compute it, ``why`` it cannot, in a sentence.
    """
    try:
        return _scene(runs, box)
    except NotationError as error:
        return {"why": f"{str(error).rstrip('.')}."}


def _scene(runs: Mapping[str, Any], box: Any) -> dict[str, Any]:
    first = next(iter(runs.values()))
    if box is None:
        raise NotationError("only descents in one or two coordinates can be computed in the page")
    own: dict[str, dict[str, Any]] = {"rules": {}, "surfaces": {}}
    land = _landscape(first.function, box)
    parameters: dict[str, float] = {}
    listed = getattr(surfaces, land.name, None) if land.name in surfaces.__all__ else None
    if listed is not None and land == listed.replace(**land.parameters):
        parameters = {n: v for n, v in land.parameters.items() if v != listed.parameters[n]}
    else:
        own["surfaces"][land.name] = landscape_data(land) | {"own": True}
    for run in runs.values():
        same = (run.theta[0] == first.theta[0]).all() and run.steps == first.steps
        if not same or (run.noise, run.seed) != (first.noise, first.seed):
            raise NotationError("the runs differ in more than their rules: in start, steps or noise")
        if run.tails is not None:
            raise NotationError("a page draws normal noise, and this has heavier tails")
    scene = {
        "surface": land.name,
        "parameters": parameters,
        "box": None if np.array_equal(box, land.box) else np.asarray(box).tolist(),
        "start": first.theta[0].tolist(),
        "steps": first.steps,
        "noise": first.noise,
        "seed": first.seed,
        "runs": _runners(runs, own["rules"]),
    }
    return {"scene": scene} | ({"own": own} if any(own.values()) else {})


def scene_of_responses(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The scene of single responses to one signal: as `scene_of`, with the signal in the place of the landscape.

    Parameters
    ----------
    answers : mapping of str to Answer
        Those of rules, and that of the signal itself.
    """
    answers = {name: answer for name, answer in answers.items() if answer.rule}
    responses = [answer.response for answer in answers.values()]
    own: dict[str, Any] = {}
    try:
        runners = _runners(answers, own)
        first, values, straight = _values_of(responses)
        tables = [rule_data(answer.rule)["program"]["lines"] for answer in answers.values()]
        if not straight and any(line[1] == "grad" and line[2] != "theta" for lines in tables for line in lines):
            raise NotationError("a rule looks ahead, and between whole times the signal is not straight")
    except NotationError as error:
        return {"why": f"{str(error).rstrip('.')}."}
    name = getattr(responses[0].signal, "__name__", "signal").strip("<>")
    signal = {"name": name, "first": first, "values": values}
    scene = {"signal": signal, "steps": responses[0].steps, "runs": runners}
    return {"scene": scene} | ({"own": {"rules": own, "surfaces": {}}} if own else {})


def _values_of(responses: list[Any]) -> tuple[int, list[float], bool]:
    """The first whole time at which the signal is known, its values from there on, and whether it is straight between.

    It is known for as long before and after the responses as they last, if it can be read there; else, as far as they
    read it.
    """
    steps, signal = responses[0].steps, responses[0].signal
    read = math.floor(min(r.read[0] for r in responses)), math.ceil(max(r.read[1] for r in responses))
    for first, last in ((min(read[0], -steps), max(read[1], 2 * steps)), read):
        times = np.arange(first, min(last, first + MOST_TIMES) + 1.0)
        try:
            values, between = (np.asarray(signal(t), dtype=np.float64) for t in (times, times[:-1] + 0.5))
            straight = np.allclose(between, (values[1:] + values[:-1]) / 2, rtol=0, atol=1e-12)
        except Exception:  # a reader's own function may end where the response does
            continue
        if values.shape == times.shape and np.isfinite(values).all() and times[-1] >= last:
            return first, values.tolist(), bool(straight)
    raise NotationError("the signal cannot be written down as its values at whole times")


def _runners(runs: Mapping[str, Any], own: dict[str, Any]) -> list[dict[str, Any]]:
    """Who runs, with which settings; rules that the guide does not list go to ``own``."""
    entries, rules = [], {}
    for name, run in runs.items():
        if run.rule is None:
            raise NotationError(f"{name} is no rule of optguide's with fixed settings, so a page cannot step it")
        if rules.setdefault(run.rule.name, run.rule).update is not run.rule.update:
            raise NotationError(f"two rules are called {run.rule.name}, and a page tells them apart by name")
        rule = _listed(run.rule)
        entries.append({"name": name, "rule": run.rule.name, "settings": _changed(run, rule or run.rule)})
        if rule is None or not steps_in_a_page(rule):  # of such a one there is no table either, which says why
            own[run.rule.name] = rule_data(run.rule) | {"own": True}
    return entries


def _landscape(function: Any, box: Any) -> Surface:
    if isinstance(function, Surface):
        return function
    name = getattr(function, "__name__", "f").strip("<>")
    try:
        return Surface(function, box=tuple(map(tuple, np.asarray(box).tolist())), name=name)
    except (TypeError, ValueError):
        raise NotationError(f"{name} is no function of named coordinates, so a page cannot compute it") from None


def _listed(rule: Any) -> Any:
    """The guide's rule of this name, if this is it, whatever its settings."""
    listed = getattr(optimizers, rule.name).rule if rule.name in optimizers.__all__ else None
    return listed if listed is not None and listed.update is rule.update else None


def _changed(run: Any, rule: Any) -> dict[str, Any]:
    """The settings of a run that differ from the defaults."""
    changed = {}
    for name, value in run.settings.items():
        if value != rule.defaults[name]:
            changed[name] = list(map(float, value)) if isinstance(value, tuple) else value
    for name, value in changed.items():
        if np.ndim(value) > 1 or not all(isinstance(x, (bool, int, float)) for x in np.ravel(value).tolist()):
            raise NotationError(f"{name} of {rule.name} is no plain number")
    return {name: value if isinstance(value, (list, bool)) else float(value) for name, value in changed.items()}
