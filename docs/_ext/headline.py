"""The line below the first picture of a page, and the table of planted mistakes: how far what is said was checked.

``checks/mutants.csv`` has a row for each part in which mistakes were planted; ``make mutants`` writes it.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from pathlib import Path

from docutils import nodes
from folds import read_proof
from oracle_table import TABLE, read_table, within
from scraper import list_table, page_of
from sphinx.util.docutils import SphinxDirective
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

import optguide as og

ROOT = Path(__file__).parents[2]
COUNTS = ROOT / "checks" / "mutants.csv"
#: Groups of parts in the order of the table, in words; {} is how many parts there are.
GROUPS = {
    "rules": "{} optimizers",
    "surfaces": "{} landscapes and parts of them",
    "language": "the notation",
    "wrappers": "what wraps an optimizer",
    "optimizer": "what makes a rule an optimizer",
    "walk": "the steps of a walk",
    "descent": "the record of a descent",
    "sweep": "sweeps",
    "surface": "what makes a formula a landscape",
    "signals": "signals",
    "problems": "problems",
    "training": "training",
    "study": "what pages of a section share",
    "render": "pictures",
    "command line": "the command line",
    "services": "what all parts use",
    "extensions": "what builds this site",
    "tools": "tools for contributors",
    "player": "the player",
    "live": "what a browser computes",
    "lab": "the lab",
    "site scripts": "scripts of this site",
    "words": "sentences, years, names and comments",
    "pages": "assertions of {} pages",
}
COLUMNS = ("planted", "tests", "formulas", "page", "nobody", "equivalent")
#: The comment that sphinx-gallery writes above what follows the first cell.
AFTER_FIRST_CELL = re.compile(
    r"(\.\. code-block:: Python\n.*?^\.\. GENERATED FROM PYTHON SOURCE LINES [\d-]+\n\n)", re.DOTALL | re.MULTILINE
)


def statements(page: Path) -> tuple[int, str]:
    """How many statements a page checks, its proofs if it has any; and the place of the first proof."""
    codes = [block.content for block in split_code_and_text_blocks(page)[1] if block.type == "code"]
    proofs = [sentence for sentence in (read_proof(code)[0] for code in codes) if sentence]
    if proofs:
        words = re.sub(r":\w+:`([^`]*)`", r"\1", proofs[0]).replace("``", "")
        return len(proofs), f"#{nodes.make_id(f'proof ✓ {words}')}"
    calls = [node for code in codes for node in ast.walk(ast.parse(code))]
    asserts = [n for n in calls if isinstance(n, ast.Assert) or getattr(n, "attr", "").startswith("assert_")]
    return len(asserts), ""


def read_counts(path: Path = COUNTS) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def planted(page: str, rows: list[dict[str, str]]) -> tuple[int, int]:
    """How many mistakes in what a page is about were noticed, and of how many that change anything."""
    noticed = total = 0
    for row in rows:
        rule = row["group"] == "rules" and page_of(getattr(og, row["part"]))
        if page in (f"optimizers/{rule}", f"landscapes/plot_{row['part']}" if row["group"] == "surfaces" else ""):
            count = int(row["planted"]) - int(row["equivalent"])
            total, noticed = total + count, noticed + count - int(row["nobody"])
    return noticed, total


def implementations(page: str, oracles: dict[str, list[tuple[str, float]]]) -> tuple[int, float]:
    """How many implementations of the rule of a page were compared with, and the largest difference allowed."""
    found = [
        pair
        for name in og.optimizers.__all__
        if page == f"optimizers/{page_of(getattr(og, name))}" and not getattr(og, name).variant_of
        for pair in oracles.get(name, ())
    ]
    return len(found), max((far for _, far in found), default=0.0)


def line(page: Path, oracles: dict[str, list[tuple[str, float]]], rows: list[dict[str, str]]) -> str:
    """What was checked, as reStructuredText; each part leads to its place."""
    name, parts = f"{page.parent.name}/{page.stem}", []
    count, place = statements(page)
    if count:
        words = f"{count} statement{'s' * (count > 1)} checked when this page was built"
        parts.append(f"`{words} <{place}>`__" if place else words)
    count, far = implementations(name, oracles)
    if count:
        words = f"equals {count} independent implementation{'s' * (count > 1)}"
        parts.append(f":doc:`{words} </oracles>` to {within(far)}")
    noticed, total = planted(name, rows)
    if total:
        place = "../../how-this-site-works.html#whether-a-mistake-would-be-noticed"
        parts.append(f"`{noticed} of {total} planted mistakes noticed <{place}>`__")
    return " · ".join(parts)


def add(app, docname: str, content: list[str]) -> None:
    page = ROOT / f"{docname}.py"
    if re.fullmatch(r"gallery/\w+/plot_\w+", docname) and page.exists():
        for source in (TABLE, COUNTS):
            app.env.note_dependency(str(source))
        if words := line(page, read_table(), read_counts()):
            head = f".. rst-class:: checked\n\n{words}\n\n"
            content[0] = AFTER_FIRST_CELL.sub(lambda found: found[1] + head, content[0], count=1)


def by_group(rows: list[dict[str, str]]) -> dict[str, Counter[str]]:
    """The sums of each group of parts, by its words, in the order of ``GROUPS``; a group without words comes last."""
    found = list(dict.fromkeys(row["group"] for row in rows))
    totals = {}
    for group in sorted(found, key=lambda group: [*GROUPS, *found].index(group)):
        parts = [row for row in rows if row["group"] == group]
        total = Counter({name: sum(int(row[name]) for row in parts) for name in COLUMNS})
        totals[GROUPS.get(group, group).format(len(parts))] = total
    return totals


def uncounted(rows: list[dict[str, str]]) -> list[str]:
    """The groups, in words, of which the table has no part."""
    found = {row["group"] for row in rows}
    return [words.replace("{} ", "") for group, words in GROUPS.items() if group not in found]


def table_rst(rows: list[dict[str, str]]) -> str:
    """A row for each group of parts: how many mistakes, who was the first to notice, and where nobody looked."""
    cells = [[words, *(str(total[name]) for name in COLUMNS)] for words, total in by_group(rows).items()]
    cells += [[words, "not counted", *[""] * (len(COLUMNS) - 1)] for words in uncounted(rows)]
    heads = ("planted in", "mistakes", "tests noticed", "then the formulas", "then the page", "undetected")
    return list_table("planted", (*heads, "equivalent"), cells)


class Planted(SphinxDirective):
    """``.. planted::``: the table of planted mistakes."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(COUNTS))
        return self.parse_text_to_nodes(table_rst(read_counts()))


def setup(app):
    app.connect("source-read", add)
    app.add_directive("planted", Planted)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
