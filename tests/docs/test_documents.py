"""The table of facts in docs/documents.csv: every page and test it names exists and holds the line it quotes."""

import csv
import functools
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import optguide as og

ROOT = Path(__file__).parents[2]
with open(ROOT / "docs" / "documents.csv", encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@functools.cache
def code(path):
    """A script without its comments, white space folded: a formatter may break lines anew."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return " ".join(" ".join(line for line in lines if not line.lstrip().startswith("#")).split())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['document']}-{row['fact'][:40]}-{row['check'][-40:]}")
def test_every_fact_of_the_documents_has_a_page_and_a_check(row):
    path, _, test = row["check"].partition("::")
    assert re.fullmatch(r"gallery/\w+/plot_\w+\.py", row["page"])
    assert code(row["page"])
    if path.startswith("tests/"):
        assert f"def {test}(" in code(path)
    else:
        assert row["check"] in code(row["page"])


def test_no_row_stands_twice():
    assert len({tuple(row.values()) for row in ROWS}) == len(ROWS)


def test_all_parts_of_all_documents_are_there():
    facts = {document: [] for document in ("A", "B", "C", "D", "E", "E1", "E2")}
    for row in ROWS:
        facts[row["document"]].append(row["fact"])
    assert {re.match(r"(Claim \d)?", fact)[0] for fact in facts["A"]} == {"", *(f"Claim {i}" for i in range(1, 9))}
    count = {
        (document, kind): sum(fact.startswith(kind) for fact in set(facts[document]))
        for document, kind in [("A", "Surface"), ("A", "Rule"), ("E1", "Signal"), ("E1", "Method"), ("E2", "Surface")]
    }
    assert list(count.values()) == [7, 6, 6, 8, 7]
    assert [sum(fact.startswith("Claim") for fact in set(facts[document])) for document in ("C", "E1", "E2")] == [
        4,
        7,
        13,
    ]


# What the documents give once for all their pictures, and no page says again.


def test_the_race_of_document_a():
    names = "unit_rosenbrock unit_six_hump_camel unit_bowl unit_rastrigin tilted_camel swell choppy_swell".split()
    starts = {name: getattr(og.surfaces, name).start for name in names}
    assert starts.pop("unit_rastrigin") == (-0.7, 0.8)
    assert starts.pop("choppy_swell") == (-0.9, 0.8)
    assert set(starts.values()) == {(-0.9, 0.9)}
    assert all(getattr(og.surfaces, name).box == ((-1, 1), (-1, 1)) for name in names)
    for rule in (og.AdamD, og.AdaBeliefD, og.AdaDerivative, og.AdaBC):
        assert rule.hyperparameters["betas"] == (0.9, 0.999)
    assert og.Lion.hyperparameters["betas"] == (0.9, 0.99)
    assert og.AdaBeliefD.hyperparameters["eps"] == og.AdaDerivative.hyperparameters["eps"] == 1e-16
    assert 1 - 0.1 * 1e-16 == 1, "the weight decay of 1e-16 is nothing in double precision"


def test_the_pictures_of_document_a():
    view = {name: p.default for name, p in inspect.signature(og.plot_surface).parameters.items()}
    assert (view["elev"], view["azim"] % 360) == (45, 330)
    assert inspect.signature(og.animate).parameters["frames"].default == 100
    lines = og.plot_map(og.surfaces.tilted_camel).collections
    assert any(len(getattr(collection, "levels", ())) == 16 for collection in lines)
    assert {s.shading for s in map(og.surfaces.__dict__.get, og.surfaces.__all__) if s.name.startswith("unit_")} == {
        "log"
    }


def test_the_signals_of_document_e():
    run = og.respond(og.Momentum, og.signals.spikes)
    assert len(run.update) == 300
    np.testing.assert_array_equal(np.nonzero(run.gradient)[0], range(0, 300, 60))


def test_the_landscapes_of_document_e():
    names = "simple_quadratic wobbly basins_and_walls ripple giant_plateau hills_and_canyon two_minima".split()
    for name in names:
        surface = getattr(og.surfaces, name)
        assert surface.start == (-2.8, -2.5) and surface.box == ((-3, 3), (-3, 3))
