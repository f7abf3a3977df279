"""The table of planted faults: what `checks/mutants.py` writes, and what stands in the tree."""

import csv
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).parents[1] / "checks"


@pytest.fixture
def mutants(monkeypatch):
    monkeypatch.syspath_prepend(str(CHECKS))
    import mutants

    yield mutants
    for name in ("mutants", "faults", "doubts"):
        sys.modules.pop(name, None)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults(part, *caught, date="2026-01-02"):
    return [{"id": str(i), "group": "rules", "name": part, "path": "", "caught": c, "date": date}
            for i, c in enumerate(caught)]  # fmt: skip


def test_a_part_has_a_row_when_all_its_faults_were_counted_and_other_rows_stay(mutants, tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    monkeypatch.setattr(mutants, "EQUIVALENT", {"3": "why"})
    parts = {("rules", "SGD"): 4, ("rules", "Adam"): 2, ("rules", "Lion"): 1}
    mutants.tabulate(path, faults("Lion", ["tests"], date="2026-01-01") + faults("Gone", ["tests"]), parts)
    found = faults("SGD", ["tests"], ["snapshot", "page"], [], []) + faults("Adam", ["tests"])
    mutants.tabulate(path, found, parts)
    assert [list(row.values()) for row in read(path)] == [
        ["rules", "Lion", "1", "1", "0", "0", "0", "0", "2026-01-01"],
        ["rules", "SGD", "4", "1", "1", "0", "1", "1", "2026-01-02"],
    ]
    before = path.read_bytes()
    monkeypatch.setattr(mutants.csv.DictWriter, "writerows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mutants.tabulate(path, found, parts)
    assert path.read_bytes() == before


def test_the_table_in_the_tree_adds_up_and_nobody_missed_anything(mutants):
    rows = read(CHECKS / "mutants.csv")
    assert tuple(rows[0]) == mutants.COLUMNS
    assert {row["group"] for row in rows} <= {*mutants.GROUPS}
    for row in rows:
        counts = [int(row[name]) for name in mutants.COLUMNS[2:-1]]
        assert counts[0] == sum(counts[1:]) > 0, row
        assert row["nobody"] == "0", row
