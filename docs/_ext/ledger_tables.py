"""The directives ``ledger`` and ``ledger-summary``: implementations that share a name and take different steps.

They show the rows of ``checks/ledger`` with what was measured. The page of a rule gets the rows of that rule by itself,
in a section before its foot.
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

from docutils import nodes
from foot import DOWNLOADS
from oracle_table import implementation_rst
from scraper import cell_to_rst, list_table, page_of
from sphinx.util.docutils import SphinxDirective

import optguide as og

CHECKS = Path(__file__).parents[2] / "checks"
sys.path.append(str(CHECKS))

from ledger import across  # noqa: E402 - these checks are scripts beside the package
from ledger.bed import STEPS  # noqa: E402
from ledger.libraries import Line  # noqa: E402
from ledger.measure import MEASURED, read  # noqa: E402
from ledger.rows import ROWS, Row  # noqa: E402

#: Whose steps the paper's are, in the table and in words.
PAPER = {
    "a": ("the first", "The paper has the first."),
    "b": ("the second", "The paper has the second."),
    "both": ("both", "Both can be read from the paper or its authors' code."),
    "neither": ("neither", "The paper has neither."),
    "each": ("its own each", "Each has a paper of its own."),
    "no paper": ("none", "There is no paper to decide it."),
    "unsettled": ("", "Not settled here."),
}
#: The curve of a row: its size, and the exponents at its lower and its upper edge.
WIDTH, HEIGHT, LOW, HIGH = 120, 36, -9, 1


def told(value: float) -> str:
    """A distance in two digits: 0.2, 4.9e-2 as a power of ten below a thousandth."""
    return f"{value:.2g}" if value >= 1e-3 else power(value)


def power(value: float) -> str:
    mantissa, exponent = f"{value:.0e}".split("e")
    factor = "" if mantissa == "1" else rf"{mantissa} \cdot "
    return f"${factor}10^{{{int(exponent)}}}$"


def curve(apart: list[float], name: str) -> str:
    """The distance after each step as a small picture with a logarithmic axis, described in words.

    It carries the place that links lead to: a label of Sphinx's is one of the whole site, and rows are on two pages.
    """
    heights = [min(max(math.log10(max(value, 1e-99)), LOW), HIGH) for value in apart]
    points = " ".join(
        f"{WIDTH * t / STEPS:.0f},{HEIGHT * (HIGH - height) / (HIGH - LOW):.1f}" for t, height in enumerate(heights)
    )
    words = f"The distance after each of {STEPS} steps, on a logarithmic axis from 1e{LOW} to {10**HIGH}"
    return (
        f'<svg id="ledger-{name}" class="ledger-curve" role="img" aria-label="{words}" width="{WIDTH}" '
        f'height="{HEIGHT + 4}" viewBox="0 -2 {WIDTH} {HEIGHT + 4}"><title>{words}</title>'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )


def versions(found: dict, names: list[str] | None = None) -> str:
    return ", ".join(f"{name} {number}" for name, number in found["versions"].items() if not names or name in names)


def how_far(found: dict) -> str:
    """The sentence about the distance, and whether it would grow by itself."""
    text = f"{told(found['distance'])}, from step {found['first']} on, with {versions(found)}."
    grown = found["nudged"] / 1e-13
    if grown > 10:
        ends = power(found["nudged"])
        text += f" A start moved by $10^{{-13}}$ ends {ends} away, so a small part of this grows by itself."
    return text


def seen(row: Row, found: dict) -> str:
    """Where the difference can be read: lines of packages and threads."""
    places = iter(found["lines"])
    parts = []
    for source in row.sources:
        if isinstance(source, Line):
            parts.append(f"``{next(places)}``")
        else:
            state = ", open when it was read" if source.open else ""
            parts.append(f"`{source.place} <{source.address}>`__: {cell_to_rst(source.says)}{state}")
    return "; ".join(parts)


def entry_rst(row: Row, measured: list[dict], named: bool) -> str:
    """One row: what differs, and below it the facts."""
    newest, *older = measured
    head = f"{', '.join(row.rules)}: {row.differs}" if named else row.differs[0].upper() + row.differs[1:]
    facts = [
        ("First", implementation_rst(newest["a"])),
        ("Second", implementation_rst(newest["b"])),
        (
            "Apart",
            cell_to_rst(
                " ".join([how_far(newest), *(f"{told(old['distance'])} with {versions(old)}." for old in older)])
            ),
        ),
        ("Paper", PAPER[row.paper][1]),
    ]
    if newest.get("ours") in ("a", "b"):
        facts.append(
            ("Here", f"This guide's rule takes the steps of the {'first' if newest['ours'] == 'a' else 'second'}.")
        )
    if row.equal:
        one, other = (implementation_rst(side.name) for side in row.equal)
        facts.append(("Equal", f"{one} and {other}, to {cell_to_rst(power(newest['equal']))}"))
    facts += [("Seen", seen(row, newest)), ("For you", cell_to_rst(row.meaning))]
    lines = [".. container:: ledger-row", "", "   .. raw:: html", "", f"      {curve(newest['apart'], row.name)}", ""]
    lines += ["   .. container:: ledger-head", "", f"      {cell_to_rst(head)}", ""]
    lines += [f"   :{name}: {text}" for name, text in facts]
    return "\n".join(lines) + "\n"


def rows_of(rules: list[str], measured: dict[str, list[dict]]) -> list[Row]:
    return [row for row in ROWS.values() if row.name in measured and (not rules or {*rules} & {*row.rules})]


class Ledger(SphinxDirective):
    """``.. ledger:: Adam AdamW``: the rows of these rules; without a name, all."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        note(self.env)
        measured, rules = read(), self.arguments[0].split() if self.arguments else []
        rows = rows_of(rules, measured)
        if not rows:
            raise self.error(f"ledger: there is no row of {', '.join(rules)}")
        return self.parse_text_to_nodes("\n".join(entry_rst(row, measured[row.name], not rules) for row in rows))


class Summary(SphinxDirective):
    """``.. ledger-summary::``: a line for each row, the largest distance first."""

    def run(self) -> list[nodes.Node]:
        note(self.env)
        measured = read()
        rows = sorted(rows_of([], measured), key=lambda row: -measured[row.name][0]["distance"])
        cells = [
            [
                f"`{', '.join(row.rules)} <#ledger-{row.name}>`__",
                cell_to_rst(row.differs),
                cell_to_rst(told(measured[row.name][0]["distance"])),
                PAPER[row.paper][0],
            ]
            for row in rows
        ]
        return self.parse_text_to_nodes(list_table("ledger", ("Rule", "What differs", "Apart", "Paper"), cells))


def note(env) -> None:
    """Read a page again when a row or a measurement changes."""
    for path in (MEASURED, CHECKS / "ledger" / "rows.py"):
        env.note_dependency(str(path))


def rules_on(page: str) -> list[str]:
    """The rules and wrappers that a page explains."""
    return [
        name
        for name in dict.fromkeys([*og.optimizers.__all__, *(rule for row in ROWS.values() for rule in row.rules)])
        if hasattr(og, name) and page_of(getattr(og, name)) == page
    ]


def section(page: str) -> str:
    """What the page of a rule says of others by its name, as reStructuredText; nothing if nothing was measured."""
    rules = rules_on(page)
    tables = [rule for rule in rules if rule in across.read()]
    title = "The same name elsewhere"
    parts = [f"{title}\n{'-' * len(title)}\n"]
    for rule in tables:
        parts += [f"{rule} in libraries, measured as :doc:`another page </libraries>` says.\n", f".. across:: {rule}\n"]
    if rules and rows_of(rules, read()):
        text = "Implementations that share the name and take other steps, measured along one path of"
        text += f" {STEPS} steps at equal settings. :doc:`The ledger </ledger>` says how, and has those of other rules."
        parts += [f"{text}\n", f".. ledger:: {' '.join(rules)}\n"]
    return "\n".join(parts) if len(parts) > 1 else ""


def add(app, docname: str, content: list[str]) -> None:
    found = re.fullmatch(r"gallery/optimizers/(plot_\w+)", docname)
    if found and (text := section(found[1])):
        note(app.env)
        content[0] = DOWNLOADS.sub(lambda place: f"\n{text}\n\n{place[0]}", content[0], count=1)


def setup(app):
    app.connect("source-read", add, priority=400)  # before the foot of the page
    app.add_directive("ledger", Ledger)
    app.add_directive("ledger-summary", Summary)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
