"""The directive ``across``: one rule in every library, from what ``checks/ledger/across.py`` found."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from ledger_tables import CHECKS
from oracle_table import implementation_rst
from scraper import cell_to_rst, list_table
from sphinx.util.docutils import SphinxDirective

from ledger.across import ACROSS, RULES, read  # isort: skip - its folder is found by now

HEADS = ("In", "Defaults", "ε stands in", "Weight decay", "First step, in η")


def told(value: Any) -> str:
    """A default as a reader writes it."""
    if isinstance(value, list):
        return f"({', '.join(map(told, value))})"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return re.sub(r"e-0", "e-", text)


def settings(known: dict[str, Any]) -> str:
    return ", ".join(f"{name} {told(value)}" for name, value in known.items())


def first(lengths: list[float]) -> str:
    """The first step for a gradient of 1 and, if it is another, for one of 0.01."""
    one, hundredth = (f"{length:.3g}" for length in lengths)
    return one if one == hundredth else f"{one}; {hundredth} for g = 0.01"


def rows(rule: str, found: list[dict[str, Any]]) -> list[list[str]]:
    """A row for the paper, and one for each library."""
    cells = [["the paper", *map(cell_to_rst, RULES[rule].paper)]]
    for entry in found:
        versions = ", ".join(f"{name} {number}" for name, number in entry["versions"].items() if name not in ("jax",))
        about = "; ".join(filter(None, [versions if entry["library"] != "this guide" else "this guide", entry["note"]]))
        facts = [settings(entry["defaults"]), entry["eps"], entry["decay"], first(entry["first"])]
        cells.append([f"{implementation_rst(entry['name'])} ({cell_to_rst(about)})", *map(cell_to_rst, facts)])
    return cells


class Across(SphinxDirective):
    """``.. across:: Adam``"""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        for path in (ACROSS, CHECKS / "ledger" / "across.py"):
            self.env.note_dependency(str(path))
        (rule,), found = self.arguments, read()
        if rule not in found:
            raise self.error(f"across: there is no {rule}; there are {', '.join(found)}")
        return self.parse_text_to_nodes(list_table("across", HEADS, rows(rule, found[rule])))


def setup(app):
    app.add_directive("across", Across)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
