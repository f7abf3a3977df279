"""The built site as a reader sees it: pages, tables, links, and formulas as text that can be compared."""

import functools
import html
import posixpath
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

from latex2mathml.converter import convert

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"
MATH = re.compile(r"<math.*?</math>", re.DOTALL)
#: Parts of a formula that stand elsewhere than one after the other.
SHAPES = {
    "mfrac": "[{}/{}]", "msqrt": "√[{}]", "mroot": "root[{}][{}]", "mtr": "{};",
    "msub": "{}_[{}]", "munder": "{}_[{}]", "msup": "{}^[{}]", "mover": "{}^[{}]",
    "msubsup": "{}_[{}]^[{}]", "munderover": "{}_[{}]^[{}]",
}  # fmt: skip
#: Signs that two programs write in two ways.
SIGNS = str.maketrans(
    {
        "ˆ": "^",
        "∣": "|",
        "∥": "‖",
        "-": "−",
        "\u2061": "",
        "ϕ": "φ",
        "~": "˜",
        "∼": "˜",
        "¯": "ˉ",
        "⋆": "*",
        "⋅": "·",
        "…": "...",
        "⋯": "...",
    }
)
#: What docutils makes of the signs of a text.
TYPED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\xa0": " "})


@functools.cache
def page(path):
    return (SITE / path).read_text(encoding="utf-8")


def article(path):
    return re.search(r'<article class="bd-article">(.*?)</article>', page(path), re.DOTALL)[1]


def pages(pattern="**/*.html"):
    found = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob(pattern))
    return [path for path in found if not path.startswith("_static")]


def target(path, link):
    """The page, or the page and place, that a link on a page leads to, as seen from the site's root."""
    file, _, place = html.unescape(link).partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    return f"{file}#{place}" if place else file


def linear(element):
    """A formula in a line: ``g_[t]^[2]`` for a g with two indices, ``[1/2]`` for a fraction; without spaces."""
    tag = element.tag.rpartition("}")[2]
    parts = [linear(child) for child in element]
    if not parts:
        # A dot above or a hat would become a space and a sign.
        text = unicodedata.normalize("NFKC", element.text or "") if tag != "mo" else element.text or ""
        return re.sub(r"\s", "", text.translate(SIGNS))
    if tag in ("msqrt", "mtr"):
        parts = ["".join(parts)]
    return SHAPES.get(tag, "{}" * len(parts)).format(*parts)


@functools.cache
def shown(markup):
    """A formula of a page, in a line."""
    return linear(ElementTree.fromstring(re.sub(r"&(?!lt|gt|amp)\w+;", lambda c: html.unescape(c[0]), markup)))


@functools.cache
def meant(latex):
    """A formula in LaTeX, in a line: by another program than the one that the site is built with."""
    return linear(ElementTree.fromstring(convert(latex.replace(r"\\[4pt]", r"\\"))))


def formulas(markup):
    return [shown(found) for found in MATH.findall(markup)]


def said(markup):
    """A piece of a page in words: formulas between dollars, code between backquotes."""
    markup = re.sub(r'<a class="headerlink".*?</a>', "", markup, flags=re.DOTALL)
    markup = MATH.sub(lambda found: f"${html.escape(shown(found[0]))}$", markup)
    markup = re.sub(r"</?code[^>]*>", "`", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).translate(TYPED).split())


def told(cell):
    """A cell of a table of the package as ``said`` has it: text with ``$latex$`` and code between backquotes."""
    parts = re.split(r"(?<!\\)(`[^`]+`|\$[^$]+\$)", " ".join(cell.split()))
    parts = [f"${meant(p[1:-1])}$" if i % 2 and p[0] == "$" else p for i, p in enumerate(parts)]
    return "".join(parts).replace("\\$", "$").replace("\\`", "`").translate(TYPED)


def rst(text):
    """A line of reStructuredText as ``said`` has it."""
    text = re.sub(r":math:`([^`]+)`", lambda found: f"${meant(found[1])}$", text)
    text = re.sub(r":\w+:`([^`<]*?)(?:\s*<[^`]*>)?`(?!`)", r"\1", text)
    return " ".join(re.sub(r"``", "`", text).replace("\\ ", "").translate(TYPED).split())


def tables(markup, kind):
    """Of each table of a kind its title and its rows of cells, the head first; cells are HTML."""
    for found in re.findall(rf'<table class="{kind}\b[^"]*".*?</table>', markup, re.DOTALL):
        title = re.search(r'<span class="caption-text">(.*?)</span><a class="headerlink"', found, re.DOTALL)
        rows = re.findall(r"<tr\b.*?</tr>", found, re.DOTALL)
        yield title and said(title[1]), [re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]


def words(rows):
    return [[said(cell) for cell in row] for row in rows]


def links(path, markup):
    """The links in a piece of a page: their words, and where they lead."""
    found = re.findall(r'<a\b[^>]*\bhref="([^"]+)"[^>]*>(.*?)</a>', markup, re.DOTALL)
    return [(said(text), target(path, link)) for link, text in found]


def cited_keys():
    """The keys of the bibliography that pages, documents, docstrings and rules cite."""
    patterns = ("docs/*.md", "gallery/*/*.py", "gallery/*/*.rst", "optguide/**/*.py", "docs/_ext/*.py")
    texts = [file.read_text(encoding="utf-8") for pattern in patterns for file in ROOT.glob(pattern)]
    found = [keys for text in texts for keys in re.findall(r":cite:\w+:`([\w, ]+)`|\{cite:\w+\}`([\w, ]+)`", text)]
    found += [(key, "") for text in texts for key in re.findall(r'^    cite(?:: .*)? = "(\w+)"', text, re.MULTILINE)]
    return {key.strip() for pair in found for keys in pair for key in keys.split(",") if key.strip()}


@functools.cache
def printed(latex):
    """A name or a title of the bibliography as it is printed."""
    from pybtex.richtext import Text

    # The reader of LaTeX takes longer than all else that a test of the bibliography does.
    return Text.from_latex(latex).render_as("text") if re.search(r"[\\{~$]|--", latex) else latex


@functools.cache
def heading(path):
    """The title that a page has."""
    return said(re.search(r"<h1>(.*?)</h1>", page(path), re.DOTALL)[1])
