"""What pages say of themselves to search engines and chats, in a site of three pages."""

import re
import warnings
from pathlib import Path

import docutils.core
import pytest
from PIL import Image

share = pytest.importorskip("share", reason="needs the docs requirements")
TEMPLATES = Path(__file__).parents[2] / "docs" / "_templates"
ADDRESS = "https://example.org/guide/"
RED, GREEN = (250, 20, 20), (20, 250, 20)
CLAIM = "Adam divides by the root of an average. It is “scaled” by this, & more."


def _site(folder, address):
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    (source := folder / "source" / "gallery").mkdir(parents=True)
    for name, color in (("light", (255, 255, 255)), ("dark", RED), ("ours", GREEN)):
        Image.new("RGB", (800, 400), color).save(source / f"{name}.webp", lossless=True)
    picture = (
        ".. picture:: /gallery/light.webp\n   :dark: /gallery/{}.webp\n   :alt: Seen\n   :width: 8\n   :height: 4\n"
    )
    (source / "adam.rst").write_text(
        f"Adam *rule*\n===========\n\n.. note:: Go elsewhere, and read it there.\n\n{CLAIM}\n\n{picture.format('dark')}"
    )
    (source.parent / "index.rst").write_text(
        f"Guide\n=====\n\n{picture.format('ours')}\n.. toctree::\n\n   gallery/adam\n"
    )
    (source.parent / "404.rst").write_text(
        ":orphan:\n\nNone\n====\n\nNothing stands at this address, :doc:`go on <gallery/adam>`.\n"
    )
    conf = {"extensions": ["media", "share"], "html_baseurl": address, "project": "optguide"}
    conf |= {"html_theme": "pydata_sphinx_theme", "templates_path": [str(TEMPLATES)]}
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        Sphinx(
            folder / "source", None, folder / "html", folder / "trees", "html", conf, exception_on_warning=True
        ).build()
    return folder / "html"


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return _site(tmp_path_factory.mktemp("share"), ADDRESS)


def _tags(html, page):
    text = (html / f"{page}.html").read_text(encoding="utf-8")
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', text)
    assert len(dict(found)) == len(found), "nothing is said twice"
    return dict(found)


def test_a_page_is_described_by_its_own_first_words_and_has_one_viewport(html):
    tags = _tags(html, "gallery/adam")
    said = "Adam divides by the root of an average. It is “scaled” by this, &amp; more."
    assert tags["description"] == tags["og:description"] == said
    assert tags["og:title"] == "Adam rule" and tags["viewport"]
    assert tags["og:url"] == f"{ADDRESS}gallery/adam.html"
    assert _tags(html, "index")["description"] == share.SITE == _tags(html, "search")["description"]


@pytest.mark.parametrize(("page", "color"), [("gallery/adam", RED), ("404", GREEN)])
def test_the_card_of_a_page_holds_its_own_dark_picture_beside_its_title(html, page, color):
    tags = _tags(html, page)
    file = tags["og:image"].removeprefix(ADDRESS)
    with Image.open(html / file) as card:
        assert card.size == (int(tags["og:image:width"]), int(tags["og:image:height"])) == (1200, 630)
        right, left = (card.crop(box).getcolors(10**6) for box in ((650, 200, 1120, 430), (0, 0, 600, 630)))
    (count, seen), title = max(right), {ink for _, ink in left}
    assert count > 10_000 and max(abs(a - b) for a, b in zip(seen, color, strict=True)) < 12
    assert max(map(sum, title)) > 650, "words in a light ink"


def test_words_too_long_for_a_card_end_in_dots_within_it_and_what_is_transparent_is_its_ground(tmp_path):
    Image.new("RGBA", (800, 400), (255, 255, 255, 0)).save(tmp_path / "clear.webp")
    card = share.card("A very long title " * 20, "A claim of many words. " * 60, tmp_path / "clear.webp")
    assert card.crop((640, 0, 1200, 630)).getcolors() == [(560 * 630, (10, 16, 34))]
    assert card.size == share.SIZE
    assert {card.getpixel((x, y)) for x in range(0, 1200, 3) for y in (3, 627)} == {(10, 16, 34)}, "a margin all round"


def test_search_engines_find_every_page_and_no_other(html):
    found = re.findall("<loc>(.*?)</loc>", (html / "sitemap.xml").read_text())
    assert found == [f"{ADDRESS}gallery/adam.html", f"{ADDRESS}index.html"]
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (html / "robots.txt").read_text()


def test_where_there_is_no_page_every_link_begins_at_the_root(html, serving, open_page):
    folder = html.parent / "server"
    folder.mkdir()
    (folder / "guide").symlink_to(html)
    (folder / "guide" / "gone").mkdir()
    (html / "gone" / "away.html").write_bytes((html / "404.html").read_bytes())  # as a server answers
    with serving(folder) as address:
        page = open_page(f"{address}guide/gone/away.html")
        links = page.locator("a[href], link[href], script[src]").evaluate_all("all => all.map((e) => e.href || e.src)")
        assert f"{address}guide/gallery/adam.html" in links
        assert [link for link in links if not link.startswith((f"{address}guide/", "https://"))] == []
        assert [link for link in links if "/gone/" in link] == []
        page.get_by_role("link", name="go on", exact=True).click()
        assert page.url == f"{address}guide/gallery/adam.html"


def test_a_site_without_an_address_only_describes_itself(tmp_path):
    html = _site(tmp_path, "")
    assert not [name for name in _tags(html, "gallery/adam") if name.startswith(("og:", "twitter:"))]
    assert _tags(html, "gallery/adam")["description"].startswith("Adam divides")
    assert not list(html.rglob("*.jpg")) and not (html / "sitemap.xml").exists()


def test_a_formula_is_described_with_letters_that_a_chat_can_show():
    text = r"A mean that starts at zero lags by :math:`1 - \beta^t`, and :math:`\beta` is below 1."
    said = share.summary(docutils.core.publish_doctree(text))
    assert said == "A mean that starts at zero lags by 1 - β^t, and β is below 1."
    fraction = r"A fraction is left as it stands: :math:`\frac{1}{2}`."
    assert share.summary(docutils.core.publish_doctree(fraction)) == r"A fraction is left as it stands: \frac{1}{2}."
