import re
from types import SimpleNamespace

import pytest

import optguide as og

tables = pytest.importorskip("ledger_tables", reason="needs the docs requirements")
across_tables = pytest.importorskip("across_tables", reason="needs the docs requirements")

from ledger import across, measure, rows  # noqa: E402 - in the folder that the extension adds

MEASURED = measure.read()


def test_every_row_is_on_the_page_of_its_rule():
    named = {rule for row in rows.ROWS.values() for rule in row.rules}
    here = {name for name in named if hasattr(og, name)}
    assert {"Rprop", "Adam", "Lookahead"} <= here
    for name in here:
        text = tables.section(tables.page_of(getattr(og, name)))
        assert text.startswith("The same name elsewhere\n---") and re.search(rf"ledger:: .*\b{name}\b", text)
    assert tables.section("plot_adabc") == tables.section("plot_ravine") == ""


def test_the_page_of_a_rule_that_libraries_have_shows_them():
    for name in across.RULES:
        assert f".. across:: {name}\n" in tables.section(tables.page_of(getattr(og, name)))


def test_the_section_stands_before_what_sphinx_gallery_writes_below_a_page():
    app = SimpleNamespace(env=SimpleNamespace(note_dependency=lambda path: None))
    content = ["Rprop\n=====\n\nText.\n\n.. _sphx_glr_download_gallery_plot_rprop.py:\n\nfoot\n"]
    tables.add(app, "gallery/optimizers/plot_rprop", content)
    assert content[0].index("Text.") < content[0].index(".. ledger:: Rprop") < content[0].index("_sphx_glr_download")
    other = ["Adam\n====\n\n.. _sphx_glr_download_x:\n"]
    tables.add(app, "gallery/landscapes/plot_adam", other)
    assert "ledger" not in other[0]


def test_a_row_says_who_how_far_where_and_what_it_means():
    row = rows.ROWS["rprop-late"]
    text = tables.entry_rst(row, MEASURED["rprop-late"], named=True)
    newest = MEASURED["rprop-late"][0]
    for part in (
        r"Rprop\: which step is taken",
        f":First: ``{newest['a']}``",
        f":Second: ``{newest['b']}``",
        f":Apart: {newest['distance']:.2g}, from step 1 on",
        ":Paper: The paper has neither.",
        ":Here: This guide's rule takes the steps of the first.",
        f"``{newest['lines'][0]}``",
        "<https://github.com/google-deepmind/optax/issues/1725>`__",
        "open when it was read",
        ":For you: Every update comes one step late",
        'id="ledger-rprop-late"',
    ):
        assert part in text


def test_a_row_tells_of_earlier_versions_and_of_chaos():
    row = rows.ROWS["rprop-late"]
    newest = MEASURED["rprop-late"][0]
    old = newest | {"versions": {"optax": "0.1"}, "distance": 0.3}
    text = tables.entry_rst(row, [newest | {"nudged": 4e-9}, old], named=False)
    assert "0.3 with optax 0.1." in text and r":math:`4 \cdot 10^{-9}`\  away" in text
    assert "away" not in tables.entry_rst(row, [newest], named=False)


def test_a_curve_is_logarithmic_and_keeps_inside_its_frame():
    points = re.search(r'points="([^"]+)"', tables.curve([0.0, 1e-9, 1e-4, 10.0, 1e9], "x"))[1].split()
    assert [point.split(",")[1] for point in points] == ["36.0", "36.0", "18.0", "0.0", "0.0"]


def test_a_table_of_libraries_has_a_line_for_the_paper_and_for_each():
    cells = across_tables.rows("Adam", across.read()["Adam"])
    assert [row[0].split("(")[0].strip("` ") for row in cells] == [
        "the paper", "torch.optim.Adam", "optax.adam", "keras.optimizers.Adam", "optguide.Adam"
    ]  # fmt: skip
    assert cells[1][2] != cells[3][2] and "corrected after" in cells[3][2]
    assert across_tables.told([0.9, 1e-8]) == "(0.9, 1e-8)" and across_tables.told(None) == "None"
    assert across_tables.first([1.0, 0.03]) == "1; 0.03 for g = 0.01" and across_tables.first([1.0, 1.0]) == "1"
