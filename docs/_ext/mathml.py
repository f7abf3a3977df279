"""Formulas as MathML, written at build time: pages need no script and no other site to show them.

KaTeX (in the sphinxcontrib-katex wheel) runs in V8 (the mini-racer wheel). The font is STIX Two Math (in the
ziamath wheel, SIL Open Font License), cut down to the characters that the site uses.
"""

from __future__ import annotations

import contextlib
import functools
import html
import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from fontTools import subset
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.errors import ExtensionError
from sphinx.util.logging import get_node_location
from sphinx.util.math import get_node_equation_number

_TAG = re.compile("<[^>]*>")
#: Forms of letters that a formula asks the font for: those below an accent. Forms for indices would be half of it,
#: and Chromium does not ask for them: it makes the letters smaller.
_FORMS = ("dtls", "flac")


class MathError(ValueError):
    """A formula that KaTeX does not accept."""


@functools.cache
def _v8() -> MiniRacer:
    context = MiniRacer()
    katex = Path(find_spec("sphinxcontrib.katex").origin).with_name("katex.min.js")
    context.eval(katex.read_text(encoding="utf-8"))
    return context


@functools.cache
def to_mathml(latex: str, display: bool = False) -> str:
    """The formula as a ``<math>`` element.

    Raises
    ------
    MathError
        If KaTeX does not know a command, or a styled letter does not exist in Unicode.
    """
    options = {"output": "mathml", "displayMode": display, "throwOnError": True, "strict": "error"}
    try:
        markup = _v8().call("katex.renderToString", latex, options)
    except JSEvalException as error:
        reason = re.search(r"KaTeX parse error: (.*)|LaTeX-incompatible.*", str(error))
        raise MathError(f"{reason[0] if reason else error} in {latex!r}") from None
    markup = re.search(r"<math.*</math>", markup, re.DOTALL)[0]
    markup = re.sub(r"<annotation.*?</annotation>|</?semantics>", "", markup, flags=re.DOTALL)
    markup = markup.replace("<mo>^</mo></mover>", '<mo stretchy="false">ˆ</mo></mover>')  # the caret sits too low
    # Browsers leave as much room around a bar as around a relation, and after ( or = around a sign as in a difference.
    markup = re.sub('<mo stretchy="false">([∣∥])', r'<mo stretchy="false" lspace="0" rspace="0">\1', markup)
    markup = re.sub("((?:[(,=←]|&[lg]t;)</mo>)<mo>−</mo>", r'\1<mo form="prefix">−</mo>', markup)
    # An operator whose name is a word, such as mod: KaTeX writes elements into it where HTML knows text only.
    markup = re.sub("(<mo[^>]*>)<mrow>(.*?)</mrow></mo>", lambda m: f"{m[1]}{_TAG.sub('', m[2])}</mo>", markup)
    # KaTeX writes the name of a function as two elements; above or below something there is room for one.
    markup = re.sub("(<mi>[a-z]+</mi><mo>\u2061</mo>)(?=</msu)", r"<mrow>\1</mrow>", markup)
    return re.sub(r'<(m\w+) mathvariant="([\w-]+)">([^<]*)</\1>', _restyle, markup)


def _restyle(match: re.Match) -> str:
    tag, variant, text = match.groups()
    if variant in ("normal", "italic"):  # the two that browsers know
        return match[0]
    return f"<{tag}>{''.join(_styled(c, variant) for c in html.unescape(text))}</{tag}>"


def _styled(char: str, variant: str) -> str:
    """The character of a styled alphabet: browsers dropped the attribute ``mathvariant`` that KaTeX writes."""
    if not char.isalnum():
        return html.escape(char)
    letter = re.sub(f"^{'LATIN' if char.isascii() else 'GREEK'} |LETTER ", "", unicodedata.name(char))
    style = variant.upper().replace("BOLD-ITALIC", "BOLD ITALIC")
    early = "BLACK-LETTER" if style == "FRAKTUR" else style  # some letters had a place before the alphabets did
    for name in (f"MATHEMATICAL {style} {letter}", f"{early} {letter}"):
        with contextlib.suppress(KeyError):
            return unicodedata.lookup(name)
    raise MathError(f"no {variant} form of {char!r}")


def _convert(node: nodes.Element) -> str:
    latex, display = node.astext().strip(), isinstance(node, nodes.math_block)
    if display and not node.get("no-wrap") and re.search(r"\\\\|(?<!\\)&", latex) and "\\begin{" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    try:
        return to_mathml(latex, display)
    except MathError as error:
        while node.line is None and node.parent is not None:
            node = node.parent
        raise ExtensionError(f"{get_node_location(node)}: {error}") from None


def _convert_all(app, doctree, docname) -> None:
    """Convert the formulas of a page before a forked process writes it: V8 does not survive a fork, its results do."""
    for node in doctree.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block))):
        _convert(node)


def visit_inline(translator, node: nodes.math) -> None:
    translator.body.append(_convert(node))
    raise nodes.SkipNode


def visit_block(translator, node: nodes.math_block) -> None:
    name = translator.starttag(node, "div", CLASS="math display")
    number = ""
    if node.get("number"):
        shown = get_node_equation_number(translator, node)
        number = f'<span class="eqno">({shown})</span>'
    translator.body.append(f"{name}{_convert(node)}{number}</div>\n")
    raise nodes.SkipNode


def _write_font(app, exception: Exception | None) -> None:
    """Cut the font down to the characters in the pages' formulas."""
    if exception or app.builder.format != "html":
        return
    characters = {"√", "x", "0", " "}  # browsers draw the root sign themselves; no text holds it
    for page in Path(app.outdir).rglob("*.html"):
        for formula in re.findall(r"<math.*?</math>", page.read_text(encoding="utf-8"), re.DOTALL):
            characters |= set(html.unescape(_TAG.sub("", formula)))
    target = Path(app.outdir, "_static", "math.woff2")
    note = target.with_suffix(".txt")
    wanted = "".join(sorted(characters | _italics(characters)))
    made = f"{' '.join(_FORMS)} {wanted}"
    if target.exists() and note.exists() and note.read_text(encoding="utf-8") == made:
        return
    subset_font(font_file(), wanted, target)
    note.write_text(made, encoding="utf-8")


def _italics(characters: set[str]) -> set[str]:
    """Browsers show a one-letter identifier in mathematical italic, which are characters of their own."""
    found = {chr(0x1D434 + ord(c) - ord("A")) for c in characters if "A" <= c <= "Z"}
    found |= {chr(0x1D44E + ord(c) - ord("a")) for c in characters if "a" <= c <= "z"}
    found |= {chr(0x1D6E2 + ord(c) - 0x391) for c in characters if "\u0391" <= c <= "\u03a9"}
    found |= {chr(0x1D6FC + ord(c) - 0x3B1) for c in characters if "\u03b1" <= c <= "\u03c9"}
    return found | {"ℎ", *"𝜕𝜖𝜗𝜘𝜙𝜚𝜛"}


def font_file() -> Path:
    """The whole font, where the ziamath wheel keeps it (its package is not imported: it warns)."""
    return Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"


def subset_font(source: Path, characters: str, target: Path, name: str | None = None) -> None:
    """Write the part of a font that these characters need, mathematical tables included, as WOFF2.

    What the font says of its makers and its licence stays; a part of some fonts must not keep their name, and gets one.
    """
    options = subset.Options()
    options.name_IDs = ["*"]
    options.flavor = "woff2"
    options.layout_features = list(_FORMS)
    options.hinting = False
    target.parent.mkdir(parents=True, exist_ok=True)
    with subset.load_font(str(source), options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        for record in font["name"].names if name else ():
            if record.nameID in (1, 3, 4, 6, 16):
                record.string = name.replace(" ", "") if record.nameID == 6 else name
        subset.save_font(font, str(target), options)


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("doctree-resolved", _convert_all, priority=900)  # after all that add formulas
    app.connect("build-finished", _write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
