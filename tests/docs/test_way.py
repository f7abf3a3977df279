"""The learning path as a picture of the way, and the marks on pages that were read."""

import json
import re
import warnings
from pathlib import Path

import pytest
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

way = pytest.importorskip("way", reason="needs the docs requirements")
import foot  # noqa: E402
import tiles  # noqa: E402

ROOT = Path(__file__).parents[2]
PATH = """# Path

## The whole path

1. [](gallery/optimizers/plot_sgd): the plain rule.
1. [](gallery/optimizers/plot_adam): with both.

- [](other): no stop.
"""


def test_the_short_path_takes_its_hour():
    text = (ROOT / "docs" / "learning-path.md").read_text(encoding="utf-8")
    short = text.split("## The short path")[1].split("## The whole path")[0]
    pages = re.findall(r"\]\((gallery/\w+/plot_\w+)\)", short)
    assert "About an hour" in short and 50 <= sum(tiles.facts(page)[2] for page in pages) <= 70


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("way")
    source = folder / "source"
    thumbs = source / "gallery" / "optimizers" / "images" / "thumb"
    thumbs.mkdir(parents=True)
    for theme in ("", "_light"):
        Image.new("RGB", (48, 30)).save(thumbs / f"sphx_glr_plot_sgd_thumb{theme}.webp")
    (source / "learning-path.md").write_text(PATH)
    (source / "other.md").write_text("# Other\n")
    for page in ("sgd", "adam"):
        text = f"# {page}\n\n" + "Words.\n\n" * 300 + "## Before and next\n\nWords.\n"
        (source / "gallery" / "optimizers" / f"plot_{page}.md").write_text(text)
    conf = {"extensions": ["myst_parser", "media", "tiles", "way"], "root_doc": "learning-path"}
    conf |= {"html_theme": "pydata_sphinx_theme", "html_static_path": [str(ROOT / "docs" / "_static")]}
    conf |= {"html_css_files": ["custom.css"], "suppress_warnings": ["toc.not_included"]}
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        app = Sphinx(source, None, folder / "html", folder / "doctrees", "html", conf, status=None)
        app.gallery = foot.Gallery({}, foot.read_path(PATH))
        app.build()
    return folder / "html"


@pytest.fixture
def visit(html, serving, open_page):
    with serving(html) as address:
        yield lambda page, **options: open_page(f"{address}{page}.html", **options)


def test_a_stop_has_its_thumbnail_and_its_minutes(html):
    text = (html / "learning-path.html").read_text(encoding="utf-8")
    assert text.count('class="stop"') == 2 and text.count("_thumb.webp") == text.count("_thumb_light.webp") == 1
    assert re.findall(r'data-page="([\w/]+)"', text) == ["gallery/optimizers/plot_sgd", "gallery/optimizers/plot_adam"]
    minutes = [int(found) for found in re.findall(r'class="minutes">\s*(\d+) min', text)]
    assert minutes == [tiles.facts(f"gallery/optimizers/plot_{page}")[2] for page in ("sgd", "adam")]
    assert re.search(r'<ol class="[^"]*\bway\b', text)
    loads = ["way.js" in (html / f"{page}.html").read_text() for page in ("other", "gallery/optimizers/plot_sgd")]
    assert loads == [False, True]


def test_a_page_is_marked_when_its_end_was_seen_and_a_click_takes_the_mark_back(visit):
    page = visit("learning-path")
    marks = page.locator("button.read")
    assert marks.all_inner_texts() == ["not read yet"] * 2
    page.get_by_role("link", name="sgd", exact=True).click()
    page.wait_for_load_state()
    assert page.evaluate("localStorage.getItem('optguide-read')") is None, "its beginning is not its end"
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("localStorage.getItem('optguide-read')")
    page.go_back()
    page.wait_for_function("document.querySelector('button.read')?.textContent === '✓ read'")
    assert marks.all_inner_texts() == ["✓ read", "not read yet"]
    assert marks.first.get_attribute("aria-pressed") == "true"
    marks.first.click()
    marks.last.click()
    assert marks.all_inner_texts() == ["not read yet", "✓ read"]
    assert json.loads(page.evaluate("localStorage.getItem('optguide-read')")) == ["gallery/optimizers/plot_adam"]
    page.evaluate("localStorage.setItem('optguide-read', '{broken')")
    page.reload()
    assert marks.all_inner_texts() == ["not read yet"] * 2


def test_without_scripts_the_path_has_no_marks_and_says_the_same(visit):
    page = visit("learning-path", java_script_enabled=False)
    assert page.locator("button.read").count() == 0
    assert page.locator("ol.way > li").count() == 2 and "the plain rule." in page.locator("ol.way").inner_text()
