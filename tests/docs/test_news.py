"""The feed of releases."""

from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

news = pytest.importorskip("news", reason="needs the docs requirements")
TEXT = """# Changelog

## [Unreleased]

- Something.

## [0.2.0] - 2026-12-01

### Added

- Rules <b> & "words".

## [0.1.0] - 2026-11-01

- All of it.

[0.2.0]: https://example.org
"""
ATOM = "{http://www.w3.org/2005/Atom}"


def _app(tmp_path, address):
    config = SimpleNamespace(html_baseurl=address, project="optguide")
    return SimpleNamespace(config=config, outdir=str(tmp_path), builder=SimpleNamespace(format="html"))


def test_the_feed_has_the_dated_versions_with_their_words_the_newest_first(tmp_path, monkeypatch):
    (tmp_path / "CHANGELOG.md").write_text(TEXT)
    monkeypatch.setattr(news, "CHANGELOG", tmp_path / "CHANGELOG.md")
    app, context = _app(tmp_path, "https://example.org/guide/"), {}
    news.write(app, None)
    news.link(app, "index", "", context, None)
    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["optguide 0.2.0", "optguide 0.1.0"]
    assert [entry.findtext(f"{ATOM}content") for entry in entries] == [
        '### Added\n\n- Rules <b> & "words".',
        "- All of it.",
    ]
    assert feed.findtext(f"{ATOM}updated") == "2026-12-01T00:00:00Z" == entries[0].findtext(f"{ATOM}updated")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
    assert 'href="https://example.org/guide/feed.xml"' in context["metatags"]


def test_without_a_release_or_an_address_there_is_no_feed(tmp_path, monkeypatch):
    for text, address in ((TEXT, ""), (TEXT.split("## [0.2")[0], "https://example.org/")):
        (tmp_path / "CHANGELOG.md").write_text(text)
        monkeypatch.setattr(news, "CHANGELOG", tmp_path / "CHANGELOG.md")
        app, context = _app(tmp_path, address), {}
        news.write(app, None)
        news.link(app, "index", "", context, None)
        assert not (tmp_path / "feed.xml").exists() and not context


def test_the_changelog_of_this_repository_can_be_read():
    assert "\n## [" in Path(news.CHANGELOG).read_text(encoding="utf-8")
    news.releases(Path(news.CHANGELOG).read_text(encoding="utf-8"))
