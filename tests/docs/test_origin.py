"""Links from a page to its source, and the entry by which the guide is cited."""

from pathlib import Path
from types import SimpleNamespace

import pytest

origin = pytest.importorskip("origin", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]


def _led(repository, page):
    context = {}
    origin.lead(SimpleNamespace(config=SimpleNamespace(source_repository=repository)), page, "", context, None)
    return context


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("gallery/optimizers/plot_adam", "gallery/optimizers/plot_adam.py"),
        ("gallery/optimizers/index", "gallery/optimizers/GALLERY_HEADER.rst"),
        ("glossary", "docs/glossary.md"),
        ("index", "docs/index.md"),
    ],
)
def test_a_page_leads_to_the_file_that_it_was_made_from(page, file):
    context = _led("owner/name@main", page)
    assert context["page_source"] == f"https://github.com/owner/name/blob/main/{file}"
    assert context["page_edit"] == f"https://github.com/owner/name/edit/main/{file}"
    assert (ROOT / file).is_file()


def test_what_the_build_writes_leads_to_the_repository_only_and_an_unknown_repository_nowhere():
    assert _led("owner/name@main", "api/optimizers") == {"repository": "https://github.com/owner/name"}
    assert _led("", "gallery/optimizers/plot_adam") == {}


@pytest.mark.parametrize("name", ["name", "owner/name", "https://github.com/owner/name", "owner/name@"])
def test_a_repository_without_its_branch_is_refused(name):
    with pytest.raises(Exception, match=r"OPTGUIDE_SOURCE_REPOSITORY is .* like owner/name@main"):
        origin.check(None, SimpleNamespace(source_repository=name))


def test_the_entry_for_bibtex_says_what_the_citation_file_says():
    facts = {"title": "A guide: to X", "authors": [{"name": "The authors"}]}
    text = origin.bibtex(facts, "1.2", "https://example.org/")
    assert text == (
        "@software{optguide,\n  title = {{A guide: to X}},\n  author = {{The authors}},\n"
        "  version = {1.2},\n  url = {https://example.org/},\n}"
    )
    assert "url" not in origin.bibtex(facts, "1.2", "")
