"""Responses to a prescribed gradient: what pictures of them need to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import check
from .style import FAINT


def is_response(value: Any) -> bool:
    return hasattr(value, "update") and hasattr(value, "gradient")


def are_responses(value: Any) -> bool:
    """Whether this is a response, or a mapping that begins with one."""
    return is_response(next(iter(value.values()), None) if isinstance(value, Mapping) else value)


def signal_of(response: Any) -> str:
    """What the prescribed gradient is called, in words."""
    name = getattr(response.signal, "__name__", "<lambda>")
    return "signal" if name == "<lambda>" else name.replace("_", " ").strip()


def as_responses(responses: Any) -> dict[str, Any]:
    """One response or a mapping of responses as a checked dict; each is single, or a batch along one axis."""
    if is_response(responses):
        responses = {getattr(responses.signal, "__name__", "signal"): responses}
    check.named("responses", responses, "Response", is_response)
    for name, response in responses.items():
        if response.update.ndim > 2:
            raise ValueError(f"{name!r} is a batch of shape {response.update.shape[1:]}; one axis can be drawn")
    return dict(responses)


def varied(settings: dict[str, Any], columns: int) -> list[dict[str, str]]:
    """What distinguishes the responses of a batch: the settings that are arrays, and the value in each response."""
    found: list[dict[str, str]] = [{} for _ in range(columns)]
    for name, value in settings.items():
        parts = value if isinstance(value, tuple) else (value,)
        if any(np.size(part) > 1 for part in parts):
            spread = np.broadcast_arrays(*(np.ravel(part) for part in parts), np.empty(columns))[:-1]
            for each, numbers in zip(found, zip(*spread, strict=True), strict=True):
                text = ", ".join(f"{number:g}" for number in numbers)
                each[name] = f"({text})" if isinstance(value, tuple) else text
    return found


@dataclass(frozen=True, eq=False)
class Answer:
    """A single response, or the signal alone, as a film shows it.

    Attributes
    ----------
    states : dict of str to ndarray, shape (steps, 1)
        What can be seen against time: the gradient of the signal; the update of a rule, the parameter and the states
        after it.
    told : str
        The one of them that is told in the legend.
    settings : dict or None
        None for the signal.
    response : Response or None
        Of which this is one; None for the signal.
    """

    states: dict[str, np.ndarray]
    told: str
    color: str | None = None
    settings: dict[str, Any] | None = None
    response: Any = None
    diverged_at: None = None

    @property
    def rule(self) -> Any:
        """What was followed; None for the signal."""
        return self.response and self.response.rule

    @property
    def steps(self) -> int:
        """The last time."""
        return len(self.states[self.told]) - 1

    @property
    def end(self) -> str:
        """What was told, in words."""
        values = self.states[self.told]
        return f"{self.told} between {values.min():.3g} and {values.max():.3g}, {values[-1, 0]:.3g} in the end"


def as_answers(responses: Any) -> tuple[dict[str, Answer], str]:
    """The signal and every single response to it, by what distinguishes them; and a title."""
    named, responses = not is_response(responses), as_responses(responses)
    first = next(iter(responses.values()))
    for name, response in responses.items():
        if response.signal is not first.signal or response.steps != first.steps:
            raise ValueError(
                f"responses must be to one signal, with as many steps, to share a picture: that of {name!r} is "
                f"{signal_of(response)}, {response.steps} steps, another {signal_of(first)}, {first.steps} steps"
            )
    found: dict[str, Answer] = {}
    for name, response in responses.items():
        count = response.update[0].size
        for i, own in enumerate(varied(response.settings, count)):
            words = ", ".join(f"{setting.replace('_', ' ')} = {value}" for setting, value in own.items())
            label = ", ".join(filter(None, (name if named else "", words))) or response.name
            found[label] = _one_of(response, i, count)
    signal = signal_of(first)
    shown = Answer({"gradient": first.gradient[:, None]}, "gradient", FAINT)
    names = {response.name for response in responses.values()}
    title = f"{names.pop()}: response to {signal}" if len(names) == 1 else f"Responses to {signal}"
    return {"signal" if signal in found else signal: shown, **found}, title


def _one_of(response: Any, i: int, count: int) -> Answer:
    """One response of a batch of so many."""
    line = lambda values: values.reshape(len(values), count)[:, i : i + 1]  # noqa: E731
    pick = lambda part: np.broadcast_to(np.ravel(part), count)[i] if np.size(part) > 1 else part  # noqa: E731
    states = {name: values for name, values in response.states.items() if values[0].size == count}
    after = {"parameter": response.theta, **states}
    return Answer(
        {"update": line(response.update), **{name: line(values[1:]) for name, values in after.items()}},
        "update",
        response.color,
        {
            name: tuple(map(pick, value)) if isinstance(value, tuple) else pick(value)
            for name, value in response.settings.items()
        },
        response,
    )
