import re
from pathlib import Path

import pytest

import optguide as og

oracle_table = pytest.importorskip("oracle_table", reason="needs the docs requirements")
scraper = pytest.importorskip("scraper", reason="needs the docs requirements")
PAGES = Path(__file__).parents[2] / "gallery" / "optimizers"


def test_the_page_of_every_rule_shows_what_the_rule_is_compared_with():
    for name in og.optimizers.__all__:
        page = PAGES / f"{scraper.page_of(getattr(og, name))}.py"
        named = re.findall(r"^# \.\. oracles:: (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert name in " ".join(named).split(), page


def test_the_table_is_that_of_the_tests():
    oracles = oracle_table.read_table()
    assert set(oracles) == set(og.optimizers.__all__)
    assert ("torch.optim.Adam", 1e-9) in oracles["Adam"]


def test_one_rule_has_a_row_for_each_implementation_and_several_a_row_each():
    oracles = {
        "Adam": [("torch.optim.Adam(amsgrad=True), eps -> 0", 1e-9), ("a trace", 1e-9)],
        "SGD": [("x.Y", 2e-12), ("a.B", 2e-12)],
    }
    links = {"Adam": "A", "SGD": "S"}
    cells = re.findall(r"- (.*)", oracle_table.table_rst(["Adam"], oracles, links))
    ninth = r":math:`10^{-9}`"
    assert cells[2:] == ["``torch.optim.Adam(amsgrad=True)``, eps → 0", ninth, "a trace", ninth]
    cells = re.findall(r"- (.*)", oracle_table.table_rst(["Adam", "SGD"], oracles, links))
    assert cells[-3:] == ["S", "``x.Y``; ``a.B``", r":math:`2 \cdot 10^{-12}`"]
