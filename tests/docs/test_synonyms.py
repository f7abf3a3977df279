"""A search for another word of the field finds the page."""

import json
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="needs the docs requirements")
synonyms = pytest.importorskip("synonyms", reason="needs the docs requirements")

ROOT = Path(__file__).parents[2]


def test_pages_with_synonyms_exist():
    for page in synonyms.SYNONYMS:
        assert (ROOT / f"{page}.py").exists(), page


def test_the_search_leads_from_a_synonym_to_its_page(tmp_path):
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    page = "gallery/foundations/plot_warm_up"
    source = tmp_path / "source"
    (source / page).parent.mkdir(parents=True)
    (source / "conf.py").write_text("extensions = ['synonyms']\n")
    (source / f"{page}.rst").write_text(":orphan:\n\nA page\n======\n\nWords.\n")
    (source / "index.rst").write_text("Start\n=====\n\nWords.\n")
    with docutils_namespace():
        Sphinx(source, source, tmp_path / "html", tmp_path / "trees", "html", status=None).build()
    text = (tmp_path / "html" / "searchindex.js").read_text()
    found = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    number = found["docnames"].index(page)
    for word in ("warmup", "warm up"):
        assert found["indexentries"][word] == [[number, "", True]]
