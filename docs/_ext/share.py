"""What a page says of itself elsewhere: a description to search engines, and to chats a card with its own picture.

A card and a list of all pages (``sitemap.xml``) hold whole addresses, so they are made where ``html_baseurl`` is known.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import matplotlib
from docutils import nodes
from media import picture, player
from PIL import Image, ImageDraw, ImageFont

#: What is said of pages without a text of their own, such as the index.
SITE = "A field guide to gradient-based optimizers in which every formula, picture and claim comes from running code."
SIZE = (1200, 630)  # what chats and feeds cut cards to
EDGE, SQUARE = 60, 510
FACE, INK, FAINT = "#0a1022", "#eef2f9", "#9fb0cc"
#: A search engine shows about so many characters.
LONGEST = 200
FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")


def summary(doctree: nodes.document) -> str:
    """The first paragraph of a page, whole sentences as far as they fit."""
    for paragraph in doctree.findall(nodes.paragraph):
        outside = {type(parent) for parent in _parents(paragraph)} <= {nodes.document, nodes.section, nodes.container}
        text = re.sub(r"\\([a-z]+)", _greek, " ".join(paragraph.astext().split()))
        if outside and len(text) > 30:
            break
    else:
        return SITE
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z\d])", text)
    kept = sentences.pop(0)
    while sentences and len(kept) + len(sentences[0]) < LONGEST:
        kept += f" {sentences.pop(0)}"
    return textwrap.shorten(kept, LONGEST, placeholder=" …")


def _greek(command: re.Match) -> str:
    """The letter that TeX calls so, if it does: no chat and no search engine sets a formula."""
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {command[1]}")
    except KeyError:
        return command[0]


def _parents(node: nodes.Node):
    while node := node.parent:
        yield node


def dark_still(doctree: nodes.document, source: Path) -> Path | None:
    """The first picture of a page, in the ink for a dark ground; a page that was never executed has none yet."""
    for node in doctree.findall(lambda node: isinstance(node, player | picture)):
        number = node["data"] + 1 if isinstance(node, player) else 1
        path = Path(source, node.children[number]["uri"].lstrip("/"))
        return path if path.exists() else None
    return None


def _write(draw: ImageDraw.ImageDraw, text: str, y: float, size: int, ink: str, bold: bool, lines: int) -> float:
    """Text in the left column, as many lines as are allowed; returns where it ends."""
    font = ImageFont.truetype(FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf", size)
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        rows = [*rows[:-1], longer] if font.getlength(longer) <= SIZE[0] - 3 * EDGE - SQUARE else [*rows, word]
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"{rows[lines - 1].rstrip('.,:;')} …"]
    for row in rows:
        draw.text((EDGE, y), row, font=font, fill=ink)
        y += size * 1.35
    return y


def card(title: str, text: str, still: Path | None) -> Image.Image:
    """A dark tile of 1200 x 630: title and claim on the left, the picture on the right."""
    tile = Image.new("RGB", SIZE, FACE)
    draw = ImageDraw.Draw(tile)
    y = _write(draw, title, EDGE, 50, INK, bold=True, lines=3)
    _write(draw, text, y + 24, 27, FAINT, bold=False, lines=7)
    _write(draw, "optguide", SIZE[1] - EDGE - 32, 30, INK, bold=True, lines=1)
    if not still:
        return tile
    with Image.open(still) as image:
        shown = image.convert("RGBA")
    scale = SQUARE / max(shown.size)
    shown = shown.resize([round(pixels * scale) for pixels in shown.size], Image.Resampling.LANCZOS)
    place = (SIZE[0] - EDGE - (SQUARE + shown.width) // 2, (SIZE[1] - shown.height) // 2)
    tile.paste(shown, place, shown)  # what surrounds the axes is transparent
    return tile


def describe(app, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    # Sphinx's page template has a viewport of its own, and docutils says it again.
    context["metatags"] = re.sub(r'<meta name="viewport"[^>]*>\n?', "", context.get("metatags", ""))
    if pagename == "404":  # which a server shows for an address in any folder; what has an address comes after
        root = escape(urlsplit(app.config.html_baseurl).path or "/")
        context["metatags"] = f'<base href="{root}">\n{context["metatags"]}'
    words = summary(doctree) if doctree else SITE
    tags = {"description": words}
    if (address := app.config.html_baseurl) and doctree:
        # A page without a picture shows that of the first page.
        still = dark_still(doctree, app.srcdir) or dark_still(app.env.get_doctree("index"), app.srcdir)
        file = f"_cards/{pagename}.jpg"
        Path(app.outdir, file).parent.mkdir(parents=True, exist_ok=True)
        title = re.sub("<.*?>", "", context["title"])
        card(title, words, still).save(Path(app.outdir, file), quality=85)
        tags |= {
            "og:type": "article",
            "og:site_name": app.config.project,
            "og:title": title,
            "og:description": words,
            "og:url": urljoin(address, app.builder.get_target_uri(pagename)),
            "og:image": urljoin(address, file),
            "og:image:width": str(SIZE[0]),
            "og:image:height": str(SIZE[1]),
            "og:image:alt": f"The first picture of the page “{title}”, beside what it claims",
            "twitter:card": "summary_large_image",
        }
    for name, value in tags.items():
        key = "property" if name.startswith("og:") else "name"
        context["metatags"] += f'<meta {key}="{name}" content="{escape(value)}">\n'


def list_pages(app, exception: Exception | None) -> None:
    """``sitemap.xml``, and ``robots.txt`` that leads to it."""
    address = app.config.html_baseurl
    if exception or app.builder.format != "html" or not address:
        return
    pages = sorted(urljoin(address, app.builder.get_target_uri(name)) for name in app.env.found_docs - {"404"})
    rows = "".join(f"<url><loc>{escape(page)}</loc></url>\n" for page in pages)
    whole = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    Path(app.outdir, "sitemap.xml").write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{whole}', encoding="utf-8")
    Path(app.outdir, "robots.txt").write_text(
        f"User-agent: *\nAllow: /\nSitemap: {urljoin(address, 'sitemap.xml')}\n", encoding="utf-8"
    )


def setup(app):
    app.connect("html-page-context", describe)
    app.connect("build-finished", list_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
