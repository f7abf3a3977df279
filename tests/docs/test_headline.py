"""The line below the first picture: what was checked on a page, counted from data."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

headline = pytest.importorskip("headline", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]
ORACLES = {"Adam": [("a.B", 1e-9), ("c.D", 1e-12)], "AMSGrad": [("a.C", 1e-9)]}
ROW = {"formulas": "0", "page": "0", "tests": "9", "date": "2026-11-26"}
ROWS = [
    ROW | {"group": "rules", "part": "Adam", "planted": "13", "nobody": "1", "equivalent": "2"},
    ROW | {"group": "rules", "part": "SGD", "planted": "5", "nobody": "0", "equivalent": "0"},
    ROW | {"group": "surfaces", "part": "tilted_camel", "planted": "7", "nobody": "0", "equivalent": "0"},
]


def page(tmp_path, section, name, code):
    path = tmp_path / section / f"plot_{name}.py"
    path.parent.mkdir()
    path.write_text(f'"""\nA\n=\n\nB.\n"""\n\n{code}')
    return path


PROOFS = (
    "x = 1\n\n# %%\n# Text.\n\n# proof: ``x`` is :math:`1`\nassert x == 1\nassert x\n\n# %%\n\n# proof: b\nassert x\n"
)


def test_proofs_are_counted_and_otherwise_what_is_asserted(tmp_path):
    path = page(tmp_path, "optimizers", "adam", PROOFS)
    assert headline.statements(path) == (2, "#proof-x-is-1")
    path.write_text('"""\nA\n=\n"""\n\nassert x\nnp.testing.assert_allclose(x, 1)\n')
    assert headline.statements(path) == (2, "")


def test_the_line_has_the_parts_that_there_are_data_for(tmp_path):
    path = page(tmp_path, "optimizers", "adam", PROOFS)
    first = "`2 statements checked when this page was built <#proof-x-is-1>`__"
    second = ":doc:`equals 2 independent implementations </oracles>` to :math:`10^{-9}`"
    third = "`10 of 11 planted mistakes noticed <../../how-this-site-works.html#whether-a-mistake-would-be-noticed>`__"
    assert headline.line(path, ORACLES, ROWS) == f"{first} · {second} · {third}"
    assert headline.line(path, {}, []) == first
    land = page(tmp_path, "landscapes", "tilted_camel", "x = 1\n")
    assert headline.line(land, ORACLES, ROWS).startswith("`7 of 7 planted mistakes noticed <")
    assert headline.line(land, ORACLES, []) == ""


def test_the_line_stands_below_what_the_first_cell_shows():
    cell = ".. code-block:: Python\n\n    x\n\nshown\n\n.. GENERATED FROM PYTHON SOURCE LINES {}\n\n"
    content = [f"Adam\n====\n\n{cell.format('1-2')}The rule\n--------\n\n{cell.format('3-4')}"]
    app = SimpleNamespace(env=SimpleNamespace(note_dependency=lambda name: None))
    headline.add(app, "gallery/optimizers/plot_adam", content)
    before, _, after = content[0].partition(".. rst-class:: checked\n\n")
    assert before.endswith("LINES 1-2\n\n") and "checked when this page was built" in after.splitlines()[0]
    assert after.splitlines()[2] == "The rule"


def test_the_table_of_planted_mistakes_adds_up_its_parts():
    text = headline.table_rst(ROWS)
    assert "   * - 2 optimizers\n     - 18\n     - 18\n     - 0\n     - 0\n     - 1\n     - 2\n" in text
    assert "   * - 1 landscapes" in text
    assert "   * - the notation\n     - not counted\n     -\n" in text, (
        "none is said to be noticed where none was planted"
    )
    assert text.count("not counted") == len(headline.GROUPS) - 2


def test_each_number_stands_below_its_own_heading():
    row = {"group": "walk", "part": "walk", "planted": "15", "tests": "5", "formulas": "4", "page": "3", "nobody": "2"}
    cells = re.findall(r"^   [*] - (.*)|^     - (.*)", headline.table_rst([row | {"equivalent": "1"}]), re.MULTILINE)
    words = [first or other for first, other in cells]
    assert dict(zip(words[1:7], words[8:14], strict=True)) == {
        "mistakes": "15", "tests noticed": "5", "then the formulas": "4", "then the page": "3", "undetected": "2",
        "equivalent": "1",
    }  # fmt: skip


def test_the_table_knows_every_group_of_parts():
    import parts

    assert tuple(headline.GROUPS) == parts.GROUPS


def test_what_was_counted_is_about_what_there_is():
    for row in headline.read_counts():
        assert row["group"] in headline.GROUPS
        assert row["group"] != "rules" or hasattr(headline.og, row["part"])
        assert int(row["planted"]) == sum(int(row[n]) for n in ("tests", "formulas", "page", "nobody", "equivalent"))
