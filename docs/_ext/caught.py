"""What the checks notice, in pictures: mistakes planted in Adam, and the table of all that were planted.

``.. caught::`` plants each of ``MISTAKES`` in the source of Adam, lets it descend beside the right one, and says how
far its path is from that of ``torch.optim.Adam``, and what the tests allow. ``.. planted-chart::`` draws the table of
``checks/mutants.csv``: who was the first to notice.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import charts
import headline
import matplotlib
import numpy as np
import torch
from docutils import nodes
from matplotlib.figure import Figure
from oracle_table import TABLE, read_module, within
from scraper import list_table
from sphinx.errors import ExtensionError

import optguide as og

#: What is wrong, in words; what stands in the source, and what is planted there.
MISTAKES = {
    "no bias correction": ("v_hat = v / (1 - beta2**t)", "v_hat = v"),
    "swapped betas": ("beta1, beta2 = betas", "beta2, beta1 = betas"),
    "ε under the root": ("(sqrt(v_hat) + eps)", "sqrt(v_hat + eps)"),
    "a sign flipped": ("beta2 * v + (1 - beta2) * g**2", "beta2 * v - (1 - beta2) * g**2"),
}
STEPS, RATE = 60, 0.2
WRONG = "#e5484d"
#: Who notices, as the table says it; how a chart does, and in which colour.
LAYERS = {
    "tests": ("tests", charts.OURS),
    "formulas": ("then the formulas", "#00a58e"),
    "page": ("then the page", "#e8a33d"),
    "nobody": ("undetected", WRONG),
    "equivalent": ("changes nothing", charts.BESIDE),
}


class Caught(NamedTuple):
    """A planted mistake: both texts, the path, and how far it is from torch's; nan if it ends."""

    right: str
    wrong: str
    theta: np.ndarray
    distance: float


def planted(right: str, wrong: str) -> type:
    """Adam with a mistake in its source, read from a file as Adam is."""
    source = Path(inspect.getfile(og.Adam)).read_text(encoding="utf-8")
    if source.count(right) != 1:
        raise ExtensionError(f"caught: the source of Adam has no single {right!r} to plant a mistake in")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "adam.py")
        path.write_text(source.replace(right, wrong), encoding="utf-8")
        name = f"{og.Adam.__module__}_planted"
        spec = importlib.util.spec_from_file_location(name, path)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            module.Adam.rule  # noqa: B018 - reads the source, while it is there
        finally:
            del sys.modules[name]
    return module.Adam


def descend(optimizer: type, settings: Mapping[str, Any]) -> np.ndarray:
    return og.descend(optimizer, og.surfaces.himmelblau, steps=STEPS, lr=RATE, **settings).theta


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest distance, as in the tests: relative for coordinates above 1, else absolute; nan if one path ends."""
    return float(np.max(np.abs(one - other) / np.maximum(np.abs(other), 1)))


def comparison() -> tuple[dict[str, Any], float]:
    """The settings besides the learning rate at which the tests compare Adam with torch's, and what they allow."""
    *_, case = (c for c in read_module().CASES if (c.rule, c.implementation) == ("Adam", "torch.optim.Adam"))
    return {name: value for name, value in case.settings.items() if name != "lr"}, case.tolerance


def catch() -> tuple[np.ndarray, float, dict[str, Caught]]:
    """The path of torch's Adam, how far ours is from it, and what is planted; all of it has to be noticed."""
    settings, allowed = comparison()
    oracle = descend(torch.optim.Adam, settings)
    ours = apart(descend(og.Adam, settings), oracle)
    found = {}
    for name, (right, wrong) in MISTAKES.items():
        theta = descend(planted(right, wrong), settings)
        found[name] = Caught(right, wrong, theta, apart(theta, oracle))
    missed = [name for name, caught in found.items() if caught.distance <= allowed]
    if missed or ours > allowed:
        raise ExtensionError(f"caught: {', '.join(missed) or 'Adam as it is'} would not be told from the other")
    return oracle, ours, found


def draw(oracle: np.ndarray, found: Mapping[str, Caught]) -> Figure:
    """A map for each mistake: the right path, and the wrong one over it."""
    figure = Figure(figsize=(charts.WIDTH, 5.6), layout="constrained")
    with matplotlib.rc_context(charts.FONTS):
        for ax, (name, caught) in zip(figure.subplots(2, 2, sharex=True, sharey=True).flat, found.items(), strict=True):
            og.plot_map(og.surfaces.himmelblau, ax=ax)
            ax.plot(*oracle.T, color=charts.OURS, linewidth=3, label="as in the paper")
            ax.plot(*caught.theta.T, color=WRONG, linewidth=1.3, label="with the mistake")
            end = caught.theta[np.isfinite(caught.theta).all(axis=1)][-1]
            ax.plot(*end, "X", color=WRONG, markeredgecolor="white", markersize=8)
            ax.set_title(name, loc="left")
            ax.set(xlabel="", ylabel="")
        figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def said(caught: Caught) -> str:
    return within(caught.distance) if np.isfinite(caught.distance) else "the root of a negative number ends it"


class Mistakes(charts.Chart):
    """``.. caught::``: the picture, and a row for each mistake."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(TABLE))
        oracle, ours, found = catch()
        words = ", ".join(f"{name}: {said(c)}".replace(":math:", "").replace("`", "") for name, c in found.items())
        alt = f"Paths of Adam on Himmelblau's function, right and with a mistake. Distance from torch's path: {words}"
        rows = [[f"``{c.right}``", f"``{c.wrong}``", said(c)] for c in found.values()]
        rows.append(["Adam as it is", "", within(ours)])
        settings, allowed = comparison()
        rows.append(["What the tests allow", "", within(allowed)])
        table = list_table("caught", ("In the source", "Planted", "Apart from torch's path"), rows)
        name, least = min(found.items(), key=lambda item: np.nan_to_num(item[1].distance, nan=np.inf))
        given = ", ".join(f"``{key} = {value}``" for key, value in settings.items())
        text = (
            f"{STEPS} steps with the settings of the tests, {given}, and ``lr = {RATE}``. "
            f"The smallest distance is {least.distance / allowed:,.0f} times what the tests allow: {name}."
        )
        return [*self.chart(draw(oracle, found), "caught", alt), *self.parse_text_to_nodes(f"{table}\n{text}\n")]


def draw_planted(totals: Mapping[str, Mapping[str, int]]) -> Figure:
    """A bar for each group of parts, in shares of its mistakes, with their number at its end."""
    figure = Figure(figsize=(charts.WIDTH, 1.3 + 0.42 * len(totals)), layout="constrained")
    with matplotlib.rc_context(charts.FONTS):
        ax = figure.subplots()
        left = np.zeros(len(totals))
        counts = np.array([total["planted"] for total in totals.values()])
        for layer, (words, color) in LAYERS.items():
            share = np.array([total[layer] for total in totals.values()]) / counts * 100
            if share.any():
                ax.barh(list(totals), share, left=left, color=color, height=0.7, label=words)
            left += share
        for name, count in zip(totals, counts, strict=True):
            ax.annotate(f"{count:,}", (100, name), (4, 0), textcoords="offset points", va="center", gid="ink")
        ax.margins(y=0.01)
        ax.invert_yaxis()
        ax.set(xlim=(0, 100), xlabel="% of the planted mistakes")
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.tick_params(axis="y", length=0)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


class Planted(charts.Chart):
    """``.. planted-chart::``: who noticed, and which parts were not counted."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(headline.COUNTS))
        rows = headline.read_counts()
        totals = headline.by_group(rows)
        parts = [
            f"{name}: {total['planted']} mistakes, "
            + ", ".join(f"{total[layer]} {words}" for layer, (words, _) in LAYERS.items() if total[layer])
            for name, total in totals.items()
        ]
        made = self.chart(draw_planted(totals), "planted", f"Bars: who noticed first. {'; '.join(parts)}")
        if missing := headline.uncounted(rows):
            made += self.parse_text_to_nodes(f"Not counted with the tests as they are now: {', '.join(missing)}.")
        return made


def setup(app):
    app.add_directive("caught", Mistakes)
    app.add_directive("planted-chart", Planted)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
