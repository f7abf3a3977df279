"""Addresses of pages last: they are recorded, and those of pages that have gone lead on."""

import warnings

import pytest

moved = pytest.importorskip("moved", reason="needs the docs requirements")
RECORD = moved.RECORD.read_text(encoding="utf-8")


def test_every_page_is_recorded_and_every_record_is_a_page_or_leads_to_one():
    record, pages = moved.read(RECORD), moved.sources()
    assert {"index", "gallery/optimizers/plot_adam", "api/optguide.Adam", "gallery/signals/index"} <= pages
    moved.check(record, pages)
    assert not moved.unrecorded(record, pages), "new pages: run make addresses"
    assert moved.write(record) == RECORD, "run make addresses"


@pytest.mark.parametrize(
    ("record", "pages", "said"),
    [
        ({"a": ""}, {"b"}, r"no page a any more.*a -> \.\.\."),
        ({"a": "b"}, {"c"}, "a leads to b, which is no page"),
        ({"a": "b", "b": "c"}, {"c"}, "a leads to b, which is no page"),
        ({"a": "b", "b": ""}, {"a", "b"}, "a is a page, and leads on to b"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(record, pages, said):
    with pytest.raises(moved.ExtensionError, match=said):
        moved.check(record, pages)


def test_a_record_is_read_as_it_is_written():
    record = {"a": "x/b", "c": ""}
    assert moved.read(moved.write(record)) == record and moved.unrecorded(record, {"c", "d", "404"}) == ["d"]
    for wrong in ("a\na -> b\n", "a -> b -> c\n", "a b\n"):
        with pytest.raises(moved.ExtensionError, match="stands twice, or is no address"):
            moved.read(wrong)


def build(folder, record):
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    moved.RECORD.write_text(record, encoding="utf-8")
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        app = Sphinx(folder / "source", None, folder / "html", folder / "trees", "html", {"extensions": ["moved"]})
        app.build()


def test_a_page_that_was_renamed_stops_the_build_until_its_address_leads_on(tmp_path, monkeypatch):
    monkeypatch.setattr(moved, "RECORD", tmp_path / "addresses.txt")
    (tmp_path / "source" / "new").mkdir(parents=True)
    (tmp_path / "source" / "index.rst").write_text("Guide\n=====\n\n.. toctree::\n\n   new/page\n")
    (tmp_path / "source" / "new" / "page.rst").write_text("Page\n====\n")
    with pytest.raises(moved.ExtensionError, match="no page old/page any more"):
        build(tmp_path, "index\nold/page\n")
    build(tmp_path, "index\nold/page -> new/page\nnew/page\n")
    text = (tmp_path / "html" / "old" / "page.html").read_text()
    assert 'content="1; url=../new/page.html"' in text and '<a href="../new/page.html">' in text
    assert 'location.replace("../new/page.html" + location.search + location.hash)' in text
