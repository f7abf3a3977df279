"""optguide: the executable field guide to gradient-based optimizers."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import optimizers, problems, signals, surfaces
from .descent import Descent, descend
from .groups import ParameterGroups, parameter_groups
from .language import Card, Pseudocode, card, formula, pseudocode
from .optimizers import *  # noqa: F403
from .optimizers import SAM, Lookahead, Optimizer, Rule
from .problems import Problem
from .signals import Response, respond
from .surfaces import Surface, surface
from .table import Table
from .version import __version__ as __version__

if TYPE_CHECKING:
    from . import render as render
    from . import study as study
    from .race import Race, race
    from .render import (
        Animation,
        animate,
        plot_arrows,
        plot_basins,
        plot_circle_images,
        plot_curve,
        plot_loss,
        plot_map,
        plot_plane,
        plot_rates,
        plot_responses,
        plot_share,
        plot_singular_values,
        plot_states,
        plot_surface,
        plot_trails,
        plot_training,
        plot_training_rates,
        plot_update_spectrum,
    )
    from .study import Comparison, Report, compare, report
    from .sweep import Sweep, sweep
    from .training import Training, train


__all__ = [
    "optimizers",
    "problems",
    "surfaces",
    "signals",
    "Optimizer",
    "Rule",
    "SAM",
    "Lookahead",
]
__all__ += optimizers.__all__
__all__ += [
    "Problem",
    "Surface",
    "surface",
    "descend",
    "Descent",
    "race",
    "Race",
    "sweep",
    "Sweep",
    "train",
    "Training",
    "parameter_groups",
    "ParameterGroups",
    "compare",
    "Comparison",
    "report",
    "Report",
    "respond",
    "Response",
    "pseudocode",
    "Pseudocode",
    "card",
    "Card",
    "formula",
    "Table",
    "animate",
    "Animation",
    "plot_map",
    "plot_plane",
    "plot_rates",
    "plot_trails",
    "plot_arrows",
    "plot_basins",
    "plot_surface",
    "plot_curve",
    "plot_loss",
    "plot_states",
    "plot_responses",
    "plot_share",
    "plot_singular_values",
    "plot_update_spectrum",
    "plot_circle_images",
    "plot_training",
    "plot_training_rates",
]

#: Parts that are loaded when one of their names is first used: who trains with a rule does not wait for matplotlib and
#: xarray. Every other public name is in `render`.
_PARTS = ("render", "study")
_LATER = {
    "race": ("Race", "race"),
    "sweep": ("Sweep", "sweep"),
    "training": ("Training", "train"),
    "study": ("Comparison", "Report", "compare", "report"),
}


if not TYPE_CHECKING:  # a checker knows the names from above, and that there are no others

    def __getattr__(name: str) -> Any:
        if name in _PARTS:
            return importlib.import_module(f".{name}", __name__)
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        part = next((part for part, names in _LATER.items() if name in names), "render")
        value = globals()[name] = getattr(importlib.import_module(f".{part}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_PARTS})


class _Package(ModuleType):
    """A package in which ``race`` and ``sweep`` are the functions, though the modules that hold them are called so."""

    def __setattr__(self, name: str, value: Any) -> None:
        # What an import of the module sets.
        if not (name in _LATER.get(name, ()) and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
