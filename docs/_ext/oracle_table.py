"""The directive ``oracles``: which independent implementations the tests hold a rule against, and how closely.

It reads the table that the tests run through, so a page cannot claim a comparison that is not made.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import re
import sys
from pathlib import Path
from types import ModuleType

from api import page_link
from docutils import nodes
from scraper import list_table, page_of
from sphinx.util.docutils import SphinxDirective

import optguide as og

TABLE = Path(__file__).parents[2] / "tests" / "optimizers" / "oracles.py"


def read_module(path: Path = TABLE) -> ModuleType:
    """The module of the tests that holds the table. Reading it imports none of the packages it names."""
    spec = importlib.util.spec_from_file_location("optguide_oracles", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def read_table(path: Path = TABLE) -> dict[str, list[tuple[str, float]]]:
    """``ORACLES`` of the tests, if they are there."""
    return read_module(path).ORACLES if path.exists() else {}


def implementation_rst(name: str) -> str:
    """``torch.optim.Adam(amsgrad=True), eps -> 0`` with its code set as code; other words stay words."""
    code = re.match(r"\w+(?:\.\w+)+(?:\(.*\))?", name)
    return f"``{code[0]}``{name[code.end() :].replace('->', '→')}" if code else name


def within(tolerance: float) -> str:
    """1e-9 as a power of ten."""
    mantissa, exponent = f"{tolerance:.0e}".split("e")
    factor = "" if mantissa == "1" else rf"{mantissa} \cdot "
    return f":math:`{factor}10^{{{int(exponent)}}}`"


def table_rst(rules: list[str], oracles: dict[str, list[tuple[str, float]]], links: dict[str, str]) -> str:
    """One rule: a row for each implementation. Several: a row for each rule."""
    heads = ("In the tests, every step agrees with", "to within")
    if len(rules) == 1:
        return list_table(
            "oracles", heads, [[implementation_rst(name), within(far)] for name, far in oracles[rules[0]]]
        )
    rows = []
    for rule in rules:
        for far, group in itertools.groupby(oracles[rule], key=lambda pair: pair[1]):
            names = "; ".join(implementation_rst(name) for name, _ in group)
            rows.append([links[rule], names, within(far)])
    return list_table("oracles", ("Rule", *heads), rows)


class Oracles(SphinxDirective):
    """``.. oracles:: Adagrad AdagradAbs``; without a name, all rules, each linked to its page."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        oracles = read_table()
        self.env.note_dependency(str(TABLE))
        rules = self.arguments[0].split() if self.arguments else og.optimizers.__all__
        unknown = [rule for rule in rules if rule not in oracles]
        if unknown:
            raise self.error(f"oracles: the tests compare nothing with {', '.join(unknown)}")
        gallery = Path(self.env.srcdir).parent / "gallery"
        links = dict.fromkeys(rules)
        for rule in rules:
            link = "" if self.arguments else page_link(gallery, "optimizers", page_of(getattr(og, rule)), rule)
            links[rule] = link.strip() or f":class:`{rule} <optguide.{rule}>`"
        return self.parse_text_to_nodes(table_rst(rules, oracles, links))


def setup(app):
    app.add_directive("oracles", Oracles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
