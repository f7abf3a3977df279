"""optguide: the executable field guide to gradient-based optimizers."""

from . import optimizers, problems, signals, surfaces
from .descent import Descent, descend
from .language import Card, Pseudocode, card, formula, pseudocode
from .optimizers import *  # noqa: F403
from .optimizers import SAM, Lookahead, Optimizer, Rule
from .problems import Problem
from .race import Race, race
from .render import (
    Animation,
    animate,
    plot_arrows,
    plot_basins,
    plot_curve,
    plot_loss,
    plot_map,
    plot_plane,
    plot_rates,
    plot_responses,
    plot_share,
    plot_states,
    plot_surface,
    plot_trails,
)
from .signals import Response, respond
from .surfaces import Surface, surface
from .sweep import Sweep, sweep
from .table import Table

__version__ = "0.1.0"

__all__ = [
    "optimizers",
    "problems",
    "surfaces",
    "signals",
    "Optimizer",
    "Rule",
    "SAM",
    "Lookahead",
    *optimizers.__all__,
    "Problem",
    "Surface",
    "surface",
    "descend",
    "Descent",
    "race",
    "Race",
    "sweep",
    "Sweep",
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
]
