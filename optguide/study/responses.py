"""How a rule responds to every signal of the guide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import signals
from ..signals import Response, respond
from .result import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Responses(Picture, Mapping[str, Response]):
    """One `Response` for each signal, by the signal's name; made by `responses`. Shows itself as a picture.

    Attributes
    ----------
    title : str
        What the picture is called.
    """

    found: dict[str, Response] = field(repr=False)
    title: str

    def __getitem__(self, name: str) -> Response:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def plot(self) -> Figure:
        """A row for each signal, a column for each setting; as `optguide.plot_responses`."""
        from ..render import plot_responses

        figure = plot_responses(self.found)[0, 0].figure
        figure.suptitle(self.title)
        return figure


def responses(optimizer: Any, *, title: str = "", steps: int = 300, **hyperparameters: Any) -> Responses:
    """Give a rule each signal of `optguide.signals`, with the settings of Siarshai (2017) or your own.

    Parameters
    ----------
    optimizer : class
        One of our rules, or your own `Optimizer` with a pure ``update``; or either with settings, by ``at``.
    title : str
        What the picture is called; the rule's name by default.
    steps : int
        Number of steps.
    **hyperparameters
        Passed to the rule. A value may be an array: one column for each of its elements.

    Returns
    -------
    Responses

    Raises
    ------
    TypeError, ValueError
        As `optguide.respond` does.
    """
    found = {name: respond(optimizer, getattr(signals, name), steps, **hyperparameters) for name in signals.__all__}
    return Responses(found, title or next(iter(found.values())).name)
