"""Figures as Sphinx writes them, on a page of a site of its own: each opens large, by mouse, finger and keyboard."""

import warnings
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("media", reason="needs the docs requirements")
STATIC = Path(__file__).parents[2] / "docs" / "_static"
SIZE = (1120, 670)


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    folder = tmp_path_factory.mktemp("media")
    (source := folder / "source").mkdir()
    for theme, color in (("light", "#222"), ("dark", "#ddd")):
        Image.new("RGB", SIZE, color).save(source / f"{theme}.webp")
    picture = (
        "\n.. picture:: /light.webp\n   :dark: /dark.webp\n   :alt: What is seen\n   :width: 700\n   :height: 419\n"
    )
    (source / "index.rst").write_text(f"Page\n====\n{picture}\n.. toctree::\n\n   bare\n")
    (source / "bare.rst").write_text("Bare\n====\n\nWords.\n")
    conf = {"extensions": ["media"], "html_theme": "pydata_sphinx_theme", "html_static_path": [str(STATIC)]}
    conf |= {"html_css_files": ["custom.css"]}
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        app = Sphinx(source, None, folder / "html", folder / "doctrees", "html", conf, exception_on_warning=True)
        app.build()
    return folder / "html"


@pytest.fixture
def visit(html, serving, open_page):
    with serving(html) as address:
        yield lambda **options: open_page(f"{address}index.html", **options)


def test_only_pages_with_figures_load_what_opens_them(html):
    loads = [("large.js" in (html / f"{page}.html").read_text(encoding="utf-8")) for page in ("index", "bare")]
    assert loads == [True, False]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_opens_large_in_the_ink_of_the_theme_and_the_keyboard_does_it(visit, theme):
    page = visit(color_scheme=theme, viewport={"width": 1366, "height": 900})
    small, link = page.locator(f"a.picture img.only-{theme}"), page.get_by_role("link", name="What is seen", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    large = page.get_by_role("dialog").get_by_role("img", name="What is seen", exact=True)
    assert large.get_attribute("src").endswith(f"/{theme}.webp")
    box, window = large.bounding_box(), page.viewport_size
    assert box["width"] == window["width"] > 1.5 * small.bounding_box()["width"]
    assert box["height"] == window["height"], "no part of it is out of sight"
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    assert link.evaluate("link => link === document.activeElement")
    for closing in (
        lambda: page.get_by_role("button", name="Close", exact=True).click(),
        lambda: page.mouse.click(200, 300),
    ):
        link.click()
        assert page.get_by_role("dialog").is_visible()
        closing()
        assert page.get_by_role("dialog").count() == 0
    assert page.url.endswith("index.html")


def test_on_a_phone_a_figure_has_its_full_size_and_is_panned(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page.get_by_role("link", name="What is seen", exact=True).tap()
    dialog = page.get_by_role("dialog")
    large = dialog.get_by_role("img")
    page.wait_for_function("document.querySelector('dialog img').complete")
    box = large.bounding_box()
    assert (box["width"], box["height"]) == SIZE and box["x"] == 0
    dialog.evaluate("dialog => dialog.scrollTo(5000, 0)")
    assert large.bounding_box()["x"] == pytest.approx(390 - SIZE[0], abs=1), "its right edge can be reached"
    assert page.get_by_role("button", name="Close", exact=True).bounding_box()["x"] < 390


def test_without_scripts_a_figure_links_its_file(visit):
    page = visit(java_script_enabled=False)
    with page.expect_navigation():
        page.get_by_role("link", name="What is seen", exact=True).click()
    assert page.url.endswith("/light.webp")
