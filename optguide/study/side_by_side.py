"""Rules side by side: the lines of each beside those of the first, so that what differs can be seen."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ..given import by_name, follows_rule, unwrap
from ..language import card, pseudocode
from ..language.typeset import Step
from ..table import Table, plain
from .result import Tabular


@dataclass(frozen=True, eq=False)
class SideBySide(Tabular):
    """Lines of several rules in one order; made by `side_by_side`. Shows itself as a table.

    Attributes
    ----------
    words : list of str
        What each row is, in the words of the first rule that has it.
    lines : dict of str to list of str or None
        For each rule one formula, in LaTeX, for each row; None where it has no such line.
    facts : dict of str to dict of str to str
        For each rule what it remembers, how many gradients a step takes, and its hyperparameters.
    """

    words: list[str]
    lines: dict[str, list[str | None]]
    facts: dict[str, dict[str, str]]

    @property
    def same(self) -> dict[str, list[bool]]:
        """For each rule and row whether the line is that of the first rule, to the letter; both may lack it."""
        first = next(iter(self.lines.values()))
        return {name: [a == b for a, b in zip(lines, first, strict=True)] for name, lines in self.lines.items()}

    def table(self) -> Table:
        """A column for each rule. A line that is the first one's is written as "same", a missing one is left out."""
        first, *others = self.lines
        rows: list[list[str]] = []
        for number, (words, line) in enumerate(zip(self.words, self.lines[first], strict=True)):
            cells = [f"${line}$" if line else ""]
            for name in others:
                own = self.lines[name][number]
                cells.append("" if own is None else "same" if self.same[name][number] else f"${own}$")
            rows.append([words, *cells])
        rows += [[fact, *(self.facts[name][fact] for name in self.lines)] for fact in self.facts[first]]
        title = f"{', '.join(map(plain, others))}: what differs from {plain(first)}"
        return Table(title, ("", *map(plain, self.lines)), rows, "side-by-side")


def side_by_side(optimizers: Any) -> SideBySide:
    """Put the rules of optimizers side by side: lines that assign the same name stand in one row.

    Parameters
    ----------
    optimizers : list of optimizers, or mapping of str to optimizer
        Ours, or your own with an ``update``; two or more. The first is what the others are compared with.

    Returns
    -------
    SideBySide

    Raises
    ------
    TypeError
        If one has no pure rule.
    ValueError
        If there are fewer than two, or two of one name.
    NotationError
        If a rule leaves the grammar.
    """
    named = by_name(optimizers)
    if len(named) < 2:
        raise ValueError(f"optimizers must be two or more, got {len(named)}")
    found: dict[str, list[tuple[str, Step]]] = {}
    facts: dict[str, dict[str, str]] = {}
    for name, optimizer in named.items():
        made, settings = unwrap(optimizer, {})
        if not follows_rule(made):
            raise TypeError(f"{name} must be an optimizer with a pure update, which has lines to show")
        found[name] = [(_assigned(step.code), step) for step in pseudocode(made).steps]
        facts[name] = _facts(made, settings)
    order: list[str] = []
    for lines in found.values():
        order = _merged(order, [target for target, _ in lines])
    placed = {name: _placed(lines, order) for name, lines in found.items()}
    words = [next(step.comment for step in row if step) for row in zip(*placed.values(), strict=True)]
    return SideBySide(words, {n: [s.latex if s else None for s in lines] for n, lines in placed.items()}, facts)


def _assigned(code: str) -> str:
    """The name that a line gives a value to; for what is returned at once, theta."""
    node = ast.parse(code).body[0]
    return node.targets[0].id if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) else "theta"


def _merged(order: list[str], names: list[str]) -> list[str]:
    """One order of rows that holds both. They are matched from the end, where a rule takes its step."""
    one, other = order[::-1], names[::-1]
    rows: list[str] = []
    for what, i, j, k, end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        rows += one[i:j] if what == "equal" else one[i:j] + other[k:end]
    return rows[::-1]


def _placed(lines: Sequence[tuple[str, Step]], order: list[str]) -> list[Step | None]:
    """The lines of a rule in the rows that bear their names, from the last one up."""
    rows: list[Step | None] = [None] * len(order)
    row = len(order)
    for target, step in reversed(lines):
        row = len(order) - 1 - order[::-1].index(target, len(order) - row)
        rows[row] = step
    return rows


def _facts(optimizer: Any, settings: dict[str, Any]) -> dict[str, str]:
    said = card(optimizer)
    kept = [f"`{name}`" + (f" ({said.apart[name]})" if said.apart.get(name) else "") for name in said.state_names]
    values = optimizer.rule.settings(settings)
    return {
        "remembers": ", ".join(kept) or "nothing",
        "gradients per step": said.gradients,
        "settings": ", ".join(f"`{name}={value}`" for name, value in values.items()),
    }
