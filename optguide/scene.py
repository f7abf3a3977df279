"""What a page needs to compute recorded descents anew: the scene, and the rules and the landscape that are its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import optimizers, surfaces
from .language import NotationError
from .programs import landscape_data, rule_data
from .surfaces.surface import Surface


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
        own["surfaces"][land.name] = landscape_data(land)
    entries = []
    for name, run in runs.items():
        same = (run.theta[0] == first.theta[0]).all() and run.steps == first.steps
        if not same or (run.noise, run.seed) != (first.noise, first.seed):
            raise NotationError("the runs differ in more than their rules: in start, steps or noise")
        if run.rule is None:
            raise NotationError(f"{name} is no rule of optguide's with fixed settings, so a page cannot step it")
        rule = _listed(run.rule)
        entries.append({"name": name, "rule": run.rule.name, "settings": _changed(run, rule or run.rule)})
        if rule is None:
            own["rules"][run.rule.name] = rule_data(run.rule)
    scene = {
        "surface": land.name,
        "parameters": parameters,
        "box": None if np.array_equal(box, land.box) else np.asarray(box).tolist(),
        "start": first.theta[0].tolist(),
        "steps": first.steps,
        "noise": first.noise,
        "seed": first.seed,
        "runs": entries,
    }
    return {"scene": scene} | ({"own": own} if any(own.values()) else {})


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
