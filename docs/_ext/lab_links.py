"""Pictures of sweeps lead to the lab: each point of them is a descent, and its scene a link.

A picture whose rules, landscape or schedule a link cannot name leads nowhere.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import optguide as og
from optguide.programs import steps_in_a_page

#: The most steps of a descent in the lab.
MOST_STEPS = 5000


def planes_of(fig: Any) -> list[dict[str, Any]]:
    """For each axes of a saved figure that shows descents: where it lies, what is along it, and the link of a point.

    Returns
    -------
    list of dict
        ``box``, left, top, width and height as shares of the picture; ``axes``, for x and perhaps y ``what``, ``low``,
        ``high`` and ``log``; ``hash``, in which ``{x}`` and ``{y}`` stand for numbers; ``at``, those of a default.
    """
    found = []
    for ax in fig.axes:
        shown = getattr(ax, "shows_descents", None)
        text = shown and scene_text(**shown)
        if not text:
            continue
        left, bottom, width, height = ax.get_position().bounds
        axes = []
        for letter, name in shown["axes"].items():
            low, high = getattr(ax, f"get_{letter}lim")()
            log = getattr(ax, f"get_{letter}scale")() == "log"
            words = {"lr": "learning rate"}.get(name, name.replace("start_", "start, "))
            axes.append({"what": words, "low": low, "high": high, "log": log})
        box = [round(x, 5) for x in (left, 1 - bottom - height, width, height)]
        found.append({"box": box, "axes": axes, "hash": text, "at": _best(shown)})
    return found


def scene_text(data: Any, optimizers: list[str], axes: dict[str, str]) -> str | None:
    """The scene of the descents at one point, as a link says it; None if a link cannot."""
    facts = data.attrs
    listed = getattr(og.surfaces, facts["function"], None) if facts["function"] in og.surfaces.__all__ else None
    parameters = json.loads(facts["parameters"])
    if listed is None or facts["steps"] > MOST_STEPS or json.loads(facts["schedules"]):
        return None
    known = {name for name in og.optimizers.__all__ if steps_in_a_page(getattr(og, name).rule)}
    if set(parameters) != set(listed.parameters) or not set(optimizers) <= known:
        return None
    if json.loads(facts["box"]) != [list(edge) for edge in listed.replace(**parameters).box]:
        return None
    letters = {name: f"{{{letter}}}" for letter, name in axes.items()}
    changed = {name: x for name, x in parameters.items() if x != listed.parameters[name]}
    parts = ["surface=" + facts["function"] + _settings(changed)]
    places = [name for name in data.coords if str(name).startswith("start_")]
    if all(name in letters for name in places):
        parts.append("start=" + ",".join(letters[f"start_{axis}"] for axis in listed.axes))
    elif data.sizes.get("start") == 1:
        parts.append("start=" + ",".join(_number(data[f"start_{axis}"].item()) for axis in listed.axes))
    parts.append(f"steps={facts['steps']}")
    for name in optimizers:
        defaults = getattr(og, name).rule.defaults
        given = json.loads(facts["settings"])[name]
        given = {n: v for n, v in given.items() if v != (list(d) if isinstance(d := defaults[n], tuple) else d)}
        parts.append(f"run={name}" + _settings(given | {n: x for n, x in letters.items() if n in defaults}))
    if facts["noise"]:
        parts += [f"noise={_number(facts['noise'])}", f"seed={int(data.seed.values[0])}"]
    return "&".join(parts)


def _settings(given: dict[str, Any]) -> str:
    texts = {name: x if isinstance(x, str) else ",".join(map(_number, np.ravel(x))) for name, x in given.items()}
    return "".join(f";{name}:{text}" for name, text in texts.items())


def _number(x: Any) -> str:
    return str(bool(x)).lower() if isinstance(x, (bool, np.bool_)) else f"{float(x)!r}".removesuffix(".0")


def _best(shown: dict[str, Any]) -> list[float]:
    """Where the lowest of the losses is."""
    loss = shown["data"].loss.sel(optimizer=shown["optimizers"][0])
    lowest = loss.fillna(np.inf).argmin(...)
    return [float(f"{loss.isel(lowest)[name].item():.4g}") for name in shown["axes"].values()]
