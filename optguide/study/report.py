"""A page about any rule, made of the blocks that the guide's own pages are made of."""

from __future__ import annotations

import functools
import inspect
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import check, optimizers, surfaces
from ..files import check_path, whole
from ..foreign import AtOnce, at_once
from ..given import follows_rule, name_of, refuse_unknown, unwrap, without_rate
from ..language import NotationError, Pseudocode, card, pseudocode
from ..progress import tqdm
from ..race import Race, race
from ..table import Table, plain, title_of
from ..version import __version__
from .basins import Basins, basins
from .difficulty import RULES, Difficulty, difficulty
from .markup import figure_to_html, table_to_html
from .rates import Rates, rates
from .traits import Traits, traits

#: Where a rule takes its place among ours: a curved valley, four equal minima, and four of which one is the lowest.
LANDSCAPES = (surfaces.rosenbrock, surfaces.himmelblau, surfaces.styblinski_tang)


@dataclass(frozen=True)
class Sizes:
    """How much is measured: learning rates and starts of the axis, starts along an edge of the map, and both again
    for each landscape."""

    rates: int
    starts: int
    edge: int
    few_rates: int
    few_starts: int


#: For what steps many descents at a time, and for what steps one by one.
MANY, FEW = Sizes(37, 64, 48, 19, 48), Sizes(13, 4, 10, 7, 8)


@dataclass(frozen=True, eq=False)
class Report:
    """What the guide would show of a rule; made by `report`. Shows itself in a notebook, and saves itself as a page.

    Attributes
    ----------
    name : str
        What the rule is called.
    claim : str
        The first line of its docstring.
    card : Table
        Facts at a glance.
    rule : Pseudocode or None
        The rule, typeset from its source; None of what is no rule of the guide's kind.
    untold : str
        Why there are no formulas, if there are none.
    hyperparameters : Table
        Names and defaults.
    race : Race
        The rule and a familiar one on Rosenbrock's valley, each at its best learning rate: the film.
    traits : Traits
        What the rule does, measured as for ours.
    rates : Rates or None
        Final losses over the axis of learning rates; None if the rule has none.
    basins : Basins
        Which minimum each start leads to.
    places : dict of str to Difficulty
        On each of three landscapes, how many descents succeed, beside rules of ours.
    """

    name: str
    claim: str
    card: Table
    rule: Pseudocode | None = field(repr=False)
    untold: str = field(repr=False)
    hyperparameters: Table = field(repr=False)
    race: Race = field(repr=False)
    traits: Traits = field(repr=False)
    rates: Rates | None = field(repr=False)
    basins: Basins = field(repr=False)
    places: dict[str, Difficulty] = field(repr=False)

    @property
    def made(self) -> str:
        """With what it was made."""
        return f"Made by optguide {__version__} with torch {torch.__version__}."

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one file that needs no other and asks no other site for anything.

        Parameters
        ----------
        path : path
            Ends in ``.html``.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        TypeError, ValueError
            If it is no path, ends otherwise, or is no file.
        FileNotFoundError, PermissionError
            If the folder does not exist or cannot be written to.
        """
        path = check_path(path, [".html"])
        with whole(path) as unfinished:
            page = f"{_template().document(self, self._sections())}\n"
            Path(unfinished).write_text(page, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return str(_template().fragment(self, self._sections()))

    def __repr__(self) -> str:
        return f"<report of {self.name}: shows itself in a notebook; save('page.html') writes it>"

    def _sections(self) -> list[tuple[str, list[str], str]]:
        """Title, sentences and body of each part of the page."""
        familiar = list(self.race)[-1]
        told = table_to_html(self.rule.table) if self.rule else ""
        parts = [
            ("", [], self.race._repr_html_() or ""),
            ("", [], table_to_html(self.card)),
            ("The rule", [self.untold] if self.untold else [], told + table_to_html(self.hyperparameters)),
            ("Traits", [], table_to_html(self.traits.table())),
        ]
        if self.rates:
            sentences = [_rates_in_words(self.name, self.rates)]
            body = figure_to_html(self.rates.plot(), self.rates.title) + table_to_html(self.rates.table())
            parts.append(("Learning rates", sentences, body))
        body = figure_to_html(self.basins.plot(), self.basins.title) + table_to_html(self.basins.table())
        sentences = [f"Every start of a grid is coloured by the minimum to which it leads, beside {familiar}."]
        parts.append(("Basins", sentences, body))
        sentences = ["Each rule at its best learning rate: how many random starts lead to the lowest height, how soon."]
        parts.append(("Its place", sentences, "".join(table_to_html(p.table()) for p in self.places.values())))
        return parts


def report(optimizer: Any, *, beside: Any = None) -> Report:
    """Measure a rule as the guide measures its own: a page with its film, its formulas, and what it does.

    Rules of the guide's kind, and optimizers that treat every coordinate by itself (which is tried), take seconds. Any
    other is stepped start by start, so there are fewer starts and learning rates, and it takes minutes.

    Parameters
    ----------
    optimizer : optimizer
        Your own subclass of `Optimizer`, any class of `torch.optim` or of another library, a `functools.partial` of
        one with its settings, or a name. What is not a subclass of `Optimizer` has no formulas.
    beside : optimizer, optional
        The familiar rule that it is shown beside; `Adam` by default (`Momentum` beside Adam itself).

    Returns
    -------
    Report

    Raises
    ------
    TypeError, ValueError
        If it is no optimizer, steps matrices, or its settings are wrong.

    Examples
    --------
    >>> import torch, optguide as og
    >>> og.report(torch.optim.NAdam).save("nadam.html")  # doctest: +SKIP
    """
    cls, settings = unwrap(optimizer, {})
    if follows_rule(cls):
        cls.rule.check_point((2,))
    defaults = _defaults(cls, settings)
    name = _label(optimizer)
    if beside is None:
        beside = optimizers.Momentum if cls is optimizers.Adam else optimizers.Adam
    other = _label(beside)
    if other == name:
        raise ValueError(f"beside must be a rule of another name, got {name} again")
    mine, familiar = at_once(optimizer), at_once(beside)
    size = MANY if follows_rule(cls) or isinstance(unwrap(mine, {})[0], AtOnce) else FEW
    has_rate = "lr" in defaults or follows_rule(cls)  # which then has one result for all of them
    neither = len(without_rate({name: mine, other: familiar})) == 2
    parts = tqdm(total=7, desc=f"report of {name}", unit="part", leave=False, disable=None, delay=1)

    def part(study: Callable[..., Any], *args: Any, **options: Any) -> Any:
        found = study(*args, **options)
        parts.update()
        return found

    with parts:
        axis, over = np.logspace(-5, 1, size.rates), None
        if has_rate and not neither:
            over = part(rates, {name: _free(mine)}, {other: _free(familiar)}, lrs=axis, starts=size.starts)
        best = over.best if over else {}
        film = {name: _at(optimizer, best.get(name)), other: _at(beside, best.get(other))}
        shown = part(race, film, surfaces.rosenbrock, title=title_of(surfaces.rosenbrock))
        axis = np.logspace(-4, 2, size.few_rates) if has_rate else [0.1, 0.2]
        rivals = {rule.__name__: rule for rule in RULES} | {other: _free(familiar)}
        own, places = _free(mine), {}
        for surface in LANDSCAPES:
            rules = {name: own} | rivals | {name: own} if has_rate else rivals
            places[title_of(surface)] = part(difficulty, surface, rules=rules, lrs=axis, starts=size.few_starts)
        best = places[title_of(surfaces.himmelblau)].lr
        maps = {name: _at(mine, best.get(name))}, {other: _at(familiar, best[other])}
        plane = part(basins, *maps, starts=size.edge)
        measured = part(traits, {name: optimizer})
    told, untold = _told(cls)
    return Report(
        name=name,
        claim=card(cls).claim if told else inspect.cleandoc(vars(cls).get("__doc__") or "").partition("\n")[0],
        card=card(cls).table if told else _facts(cls, name, size is MANY),
        rule=told,
        untold=untold,
        hyperparameters=told.hyperparameters if told else _listed(name, defaults),
        race=shown,
        traits=measured,
        rates=over,
        basins=plane,
        places=places,
    )


def _label(optimizer: Any) -> str:
    """What a rule is called; one that has the name of one of ours is told from it by where it comes from."""
    cls, _ = unwrap(optimizer, {})
    name = name_of(cls)
    if getattr(optimizers, name, cls) is cls:
        return name
    home = str(getattr(cls, "__module__", "")).partition(".")[0]
    return f"{name} ({'yours' if home == '__main__' else home})"


def _defaults(optimizer: Callable[..., Any], settings: dict[str, Any]) -> dict[str, Any]:
    """All hyperparameters, as an instance has them."""
    refuse_unknown(optimizer, settings)
    made = optimizer([torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))], **settings)
    check.optimizer(made)
    return made.defaults


def _at(optimizer: Any, lr: float | None) -> Any:
    """The optimizer at a learning rate, or at its default; one that was given with a learning rate keeps that."""
    optimizer, settings = unwrap(optimizer, {})
    if lr is not None and not math.isnan(lr):
        settings.setdefault("lr", float(f"{lr:.2g}"))
    return functools.partial(optimizer, **settings) if settings else optimizer


def _free(optimizer: Any) -> Any:
    """The optimizer with its settings, but without a learning rate."""
    optimizer, settings = unwrap(optimizer, {})
    settings.pop("lr", None)
    return functools.partial(optimizer, **settings) if settings else optimizer


def _told(optimizer: Any) -> tuple[Pseudocode | None, str]:
    """The rule, typeset; or why it is not."""
    if not hasattr(optimizer, "rule"):
        return None, "It has no pure update to typeset: what follows is what it was seen to do."
    try:
        return pseudocode(optimizer), ""
    except (NotationError, OSError) as error:
        return None, f"Its update cannot be typeset: {error}."


def _facts(optimizer: Any, name: str, alone: bool) -> Table:
    """The card of what has no rule to read it from."""
    home = f"{getattr(optimizer, '__module__', '')}.{getattr(optimizer, '__qualname__', name)}"
    rows = [("from", f"`{home}`"), ("treats every coordinate by itself", "yes, as tried" if alone else "not seen to")]
    return Table(f"{plain(name)} at a glance", ("fact", "value"), rows, "card")


def _listed(name: str, defaults: dict[str, Any]) -> Table:
    """The hyperparameters of what has no rule to read them from."""
    rows = [(f"`{key}`", f"`{value}`") for key, value in defaults.items()]
    return Table(f"Hyperparameters of {plain(name)}", ("name", "default"), rows, "hyperparameters")


def _rates_in_words(name: str, found: Rates) -> str:
    if name in found.sweep.free:
        other = next(n for n in found.best if n not in found.sweep.free)
        at = f"that of {other} at its best learning rate, {found.best[other]:.2g}, is {found.loss[other]:.2g}"
        return f"{name} has no learning rate; its median loss is {found.loss[name]:.2g}. For comparison, {at}."
    best, (low, high), gone = found.best[name], found.good[name], found.diverged[name]
    if math.isnan(best):
        return f"At every learning rate more than half of the descents of {name} diverge."
    sentence = f"{name} does best at a learning rate of {best:.2g}"
    sentence += f"; from {low:.2g} to {high:.2g} the median loss stays within a factor of 10 of that"
    return f"{sentence}. {'None diverges.' if gone is None else f'From {gone:.2g} on, descents diverge.'}"


@functools.cache
def _template() -> Any:
    from jinja2 import Environment

    source = Path(__file__).with_name("report.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source).module
