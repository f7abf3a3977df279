"""The landing page, and what it says of other pages."""

import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from py_mini_racer import MiniRacer

import optguide as og

front = pytest.importorskip("front", reason="needs the docs requirements")
import tiles  # noqa: E402
from family_tree import read_tree  # noqa: E402

ROOT = Path(__file__).parents[2]


def test_every_family_has_a_sentence():
    for name, rule in read_tree().rules.items():
        assert rule.family in front.FAMILIES, f"{name}: say in FAMILIES of docs/_ext/front.py what {rule.family!r} is"
    assert set(front.FAMILIES) == {rule.family for rule in read_tree().rules.values()}, "no sentence without a family"


def test_families_show_few_rules_those_on_which_most_build_and_lead_to_all():
    html = front.families_html(read_tree(), lambda name: f"to-{name}", "tree.html")
    adaptive = html.split("<b>Adaptive</b>")[1].split("card-box")[0]
    shown = re.findall(r'href="to-(\w+)"', adaptive)
    count = sum(rule.family == "adaptive" for rule in read_tree().rules.values())
    assert shown[:2] == ["Adam", "AdamW"] and len(shown) == front.SHOWN
    assert f'<a href="tree.html">and {count - front.SHOWN} more</a>' in adaptive
    assert "more" not in html.split("<b>Wrapper</b>")[1]


def test_a_descent_has_settled_from_when_it_stays_near_the_minimum():
    path = np.array([[1.0, 0], [0.01, 0], [0.2, 0], [0.01, 0], [0, 0]])
    assert front.settles(path, (0, 0)) == 3 and front.settles(path[:3], (0, 0)) is None
    assert front.settles(path[3:], (0, 0)) == 0


def test_the_numbers_are_counted_from_the_oracles_the_pages_and_the_planted_mistakes(monkeypatch):
    rows = [{"planted": "7", "equivalent": "2", "nobody": "1"}, {"planted": "1", "equivalent": "0", "nobody": "0"}]
    monkeypatch.setattr(front, "read_counts", lambda: rows)
    monkeypatch.setattr(front, "read_table", lambda: {"A": [("x", 1e-9), ("y", 1e-9)], "B": [("x", 1e-9)]})
    monkeypatch.setattr(front, "statements", lambda page: (10, ""))
    rules, oracles, checked, noticed = front.numbers()
    assert rules[0] == str(len(og.optimizers.__all__)) and oracles[0] == "3"
    assert checked[0] == f"{10 * len(list(ROOT.glob('gallery/*/plot_*.py'))):,}"
    assert noticed[:2] == ("5", "of 6 planted mistakes noticed")


def test_a_page_says_title_claim_and_minutes():
    title, claim, minutes = tiles.facts("gallery/landscapes/plot_ravine")
    assert title == "Ravine" and claim.startswith("The steps that plain descent needs") and claim.endswith(".")
    assert ". " not in claim and 1 <= minutes <= 15
    assert tiles.plain("a :ref:`word <x.py>`, ``code`` and *more*") == "a word, code and more"


def test_a_tile_shows_the_thumbnail_that_there_is(tmp_path):
    folder = tmp_path / "gallery" / "optimizers" / "images" / "thumb"
    folder.mkdir(parents=True)
    page = "gallery/optimizers/plot_sgd"
    assert not tiles.make(tmp_path, page, "Words.").children
    for theme in ("", "_light"):
        (folder / f"sphx_glr_plot_sgd_thumb{theme}.webp").touch()
    made = tiles.make(tmp_path, page, "Words & more.", "SGD, 1951")
    uris = [child["uri"] for child in made.children]
    assert uris == [f"/gallery/optimizers/images/thumb/sphx_glr_plot_sgd_thumb{theme}.webp" for theme in ("_light", "")]
    builder = SimpleNamespace(
        current_docname="index", get_relative_uri=lambda here, page: f"{page}.html", imgpath="_images",
        images=dict(zip(uris, ("l.webp", "t.webp"), strict=True)),
    )  # fmt: skip
    translator = SimpleNamespace(builder=builder, body=[])
    with pytest.raises(tiles.nodes.SkipNode):
        tiles.visit(translator, made)
    html = translator.body[0]
    assert '<a href="gallery/optimizers/plot_sgd.html">SGD, 1951</a>' in html and "Words &amp; more." in html
    assert 'src="_images/t.webp" alt=""' in html and 'loading="lazy"' in html


def test_what_the_landing_page_names_exists():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\{tiles\}\n(.*?)```", text, re.DOTALL)
    names = [name for block in blocks for name in block.split()]
    assert len(names) == 12
    for name in names:
        assert hasattr(og, name) or (ROOT / "gallery" / f"{name}.py").exists(), name


def test_a_page_of_that_title_comes_before_the_glossary(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a build may be started anywhere
    monkeypatch.setattr(sys, "path", [*sys.path])
    scorer = Path(runpy.run_path(str(ROOT / "docs" / "conf.py"))["html_search_scorer"])
    v8 = MiniRacer()
    v8.eval(scorer.read_text(encoding="utf-8"))

    def score(page, anchor, score, kind):
        return v8.eval(f"Scorer.score([{page!r}, 't', {anchor!r}, null, {score}, 'f', {kind!r}])")

    page = score("gallery/optimizers/plot_momentum", "", 16, "title")
    assert page > score("glossary", "#term-momentum", 100, "index") > score("glossary", "", 5, "text")
    assert score("gallery/optimizers/plot_adam", "#the-rule", 15, "title") == 15, "a heading is no page"
    assert score("api/optimizers", "", 11, "object") == 11
