"""What stands below a page: its neighbours on the learning path, and other pages on its subject."""

from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import pytest

foot = pytest.importorskip("foot", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]
ADAM, SGD, BOARD = "gallery/optimizers/plot_adam", "gallery/optimizers/plot_sgd", foot.LEADERBOARD
CAMEL = "gallery/landscapes/plot_tilted_camel"
SCRIPTS = {
    ADAM: "og.race([og.Adam, og.SGD], og.surfaces.tilted_camel)",
    SGD: "og.SGD; og.Adam",
    CAMEL: "og.surfaces.tilted_camel; og.surfaces.sphere; og.Adam",
    "gallery/signals/plot_signals_adam": "og.Adam",
    "gallery/foundations/plot_warm_up": "'og.Adam'",
    "gallery/landscapes/plot_saddles": "from optguide import surfaces\nsurfaces.sphere; og.Adam",
    BOARD: "og.Adam; og.SGD; og.Lion; surfaces.tilted_camel",
}
PATH = {SGD: "the plain rule.", "gallery/signals/plot_signals_adam": "its *signal*, `b` and $c$.", ADAM: "with both."}


def test_the_foot_says_what_comes_before_and_next_and_why():
    gallery = foot.Gallery(SCRIPTS, PATH)
    text = gallery.foot("gallery/signals/plot_signals_adam")
    assert f"Before: :doc:`/{SGD}`: the plain rule.\n\nNext: :doc:`/{ADAM}`: with both.\n" in text
    assert gallery.foot(SGD).splitlines()[3] == (
        r"Next: :doc:`/gallery/signals/plot_signals_adam`: its \*signal\*, \ ``b``\  and \ :math:`c`\ ."
    )
    assert "Before:" not in gallery.foot(SGD) and "Next:" not in gallery.foot(ADAM)


def test_a_rule_leads_to_who_applies_it_the_most_specific_first_and_to_no_other_rule():
    gallery = foot.Gallery(SCRIPTS, PATH)
    found = gallery.see_also(ADAM)  # its signals are its neighbour on the path, and a text is no use
    assert found == ["gallery/landscapes/plot_saddles", CAMEL, BOARD]
    assert gallery.see_also(CAMEL) == [ADAM, BOARD]
    assert gallery.see_also("gallery/landscapes/plot_saddles") == [CAMEL], "the simpler page of a landscape is its home"
    assert gallery.see_also(BOARD) == [ADAM, SGD, CAMEL]


def test_the_leaderboard_is_among_the_few_that_are_shown():
    many = {f"gallery/comparisons/plot_{i}": "og.Adam" for i in range(20)}
    found = foot.Gallery(SCRIPTS | many, PATH).see_also(ADAM)
    assert len(found) == foot.MOST and found[-1] == BOARD
    assert found[:-1] == list(many)[: foot.MOST - 1]


def test_a_page_that_ends_with_links_of_its_own_gets_no_other_foot_and_others_follow_their_gallery():
    gallery = foot.Gallery(SCRIPTS, PATH)
    env = SimpleNamespace(metadata=defaultdict(dict), all_docs={ADAM, SGD})
    app = SimpleNamespace(gallery=gallery, env=env, srcdir=str(ROOT / "docs"))
    end = "\n.. _sphx_glr_download_gallery_x.py:\n\nDownloads"
    mine, by_hand = [f"Text.\n{end}"], [f"Before this: a. Next: b.\n{end}"]
    foot.add(app, ADAM, mine)
    foot.add(app, SGD, by_hand)
    text, _, downloads = mine[0].partition(end[1:9])
    assert text.startswith("Text.\n") and "Before and next\n---" in text and "See also\n---" in text and downloads
    assert by_hand[0] == f"Before this: a. Next: b.\n{end}"
    assert foot.changed(app, env, (), (), ()) == [ADAM], "the real gallery is another"
    env.metadata[ADAM]["foot"] = app.gallery.foot(ADAM)
    assert foot.changed(app, env, (), (), ()) == []


def test_the_arrows_below_a_page_follow_the_path():
    gallery = foot.Gallery(SCRIPTS, PATH)
    builder = SimpleNamespace(
        render_partial=lambda title: {"title": title.upper()}, get_relative_uri=lambda here, there: there
    )
    env = SimpleNamespace(titles={page: page[-4:] for page in (*SCRIPTS, "learning-path")})
    app, context = SimpleNamespace(gallery=gallery, builder=builder, env=env), {"next": "the toctree's"}
    foot.follow(app, SGD, "", context, None)
    assert context["prev"] == {"link": "learning-path", "title": "PATH"}
    assert context["next"]["link"] == "gallery/signals/plot_signals_adam"
    elsewhere = {"next": "the toctree's"}
    foot.follow(app, "glossary", "", elsewhere, None)
    assert elsewhere == {"next": "the toctree's"}


def test_in_the_gallery_a_rule_leads_to_its_signals_and_a_signal_to_its_rule():
    gallery = foot.read_gallery(ROOT / "docs")
    assert list(gallery.path) == list(gallery.uses), "the path holds every page"
    assert "gallery/signals/plot_signals_momentum" in gallery.see_also("gallery/optimizers/plot_momentum")
    assert "gallery/optimizers/plot_momentum" in gallery.see_also("gallery/signals/plot_signals_momentum")
    for page in gallery.uses:
        found = gallery.see_also(page)
        assert page not in found and len(found) == len(set(found)) <= foot.MOST
