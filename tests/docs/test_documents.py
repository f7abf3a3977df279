"""The table of facts in docs/documents.csv: every page it names proves what it says, and every test exists."""

import csv
import functools
import inspect
import re
import types
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


@functools.cache
def proofs(path):
    """The sentences that a page proves, as the first lines of its proofs say them."""
    found = re.findall(r"^# proof: (.+(?:\n#.*)*)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    return {" ".join(line.strip("# ") for line in sentence.splitlines()) for sentence in found}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['document']}-{row['fact'][:40]}-{row['check'][-40:]}")
def test_every_fact_of_the_documents_has_a_page_and_a_check(row):
    look_at(row["page"], row["check"])


def look_at(page, check):
    kind, _, what = check.partition(": ")
    path, _, test = check.partition("::")
    if not page:
        assert kind == "left out" and len(what) > 15, "a fact without a page is left out for a reason"
        return
    assert re.fullmatch(r"gallery/\w+/plot_\w+\.py|docs/documents\.md", page)
    assert (ROOT / page).is_file()
    if path.startswith("tests/"):
        assert f"def {test}(" in code(path)
    else:
        assert kind == "proof", "name a proof of the page, or a test"
        assert what in proofs(page)


ADAM = "gallery/optimizers/plot_adam.py"


@pytest.mark.parametrize(
    "page, check",
    [
        ("", "left out: "),
        ("", "tests/test_cli.py::test_list"),
        ("gallery/optimizers/plot_nobody.py", "proof: a"),
        (ADAM, "tests/docs/test_documents.py::test_nobody_wrote"),
        (ADAM, "proof: nobody has proved this"),
        (ADAM, "todo"),
        (ADAM, "og.pseudocode(og.Adam)"),
    ],
    ids=["no reason", "no page", "no such page", "no test", "no proof", "still to do", "a line of code"],
)
def test_a_fact_without_evidence_is_noticed(page, check):
    with pytest.raises(AssertionError):
        look_at(page, check)


def test_a_proof_is_found_by_its_sentence_and_linked_to_its_place(tmp_path):
    (page := tmp_path / "plot_mine.py").write_text(
        "# proof: ``lr`` is one,\n# exactly\nassert 1\n\n# %%\n# proof: b\nx\n"
    )
    assert proofs(page) == {"``lr`` is one, exactly", "b"}
    documents = pytest.importorskip("documents", reason="needs the docs requirements")
    nodes = pytest.importorskip("docutils.nodes")
    here = types.SimpleNamespace(parse_inline=lambda text: ([nodes.Text(text)], []))
    link = documents.Documents.check_rst(here, "gallery/signals/plot_a.py", "proof: a_b is one")
    assert link == "`✓ a\\_b is one <gallery/signals/plot_a.html#proof-a-b-is-one>`__"


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
        14,
    ]


def test_the_documents_and_their_sources_are_credited():
    text = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    cited = re.findall(r"\{cite:t\}`(\w+)`", text)
    sources = "impactcrater2024 zou2023 pascal2022 ruder2016 sutskever2013 saha2015 siarshai2017".split()
    assert set(sources) <= set(cited) and "maskot1977" in text
    known = (ROOT / "docs" / "refs.bib").read_text(encoding="utf-8")
    assert all(f"{{{key}," in known for key in cited)
    assert "10.1016/j.engappai.2022.105755" in known
    assert og.AdaDerivative.cite == "zou2023"


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
