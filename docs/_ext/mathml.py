"""Formulas as MathML, written at build time: pages need no script and no other site to show them.

KaTeX (in the sphinxcontrib-katex wheel) runs in V8 (the mini-racer wheel). The font is STIX Two Math (in the
ziamath wheel, SIL Open Font License), cut down to the characters that the site uses.
"""

from __future__ import annotations

import functools
import html
import re
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from fontTools import subset
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.errors import ExtensionError
from sphinx.util.logging import get_node_location
from sphinx.util.math import get_node_equation_number

#: First code points of the styled alphabets in Unicode: capitals, small letters, digits. Browsers dropped the
#: attribute `mathvariant` that KaTeX writes, so we write the characters themselves.
_ALPHABETS = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "bold-italic": (0x1D468, 0x1D482, None),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, None),
    "fraktur": (0x1D504, 0x1D51E, None),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
#: Letters that had a place in Unicode before the alphabets did.
_EARLY = {
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}
#: Small Greek: alpha to omega, then the same for the variants that stand after it in each alphabet.
_GREEK = {"bold": 0x1D6C2, "bold-italic": 0x1D736}


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
    return re.sub(r'<(m\w+) mathvariant="([\w-]+)">([^<]*)</\1>', _restyle, markup)


def _restyle(match: re.Match) -> str:
    tag, variant, text = match.groups()
    if variant in ("normal", "italic"):  # the two that browsers know
        return match[0]
    return f"<{tag}>{''.join(_styled(c, variant) for c in html.unescape(text))}</{tag}>"


def _styled(char: str, variant: str) -> str:
    if char in _EARLY.get(variant, ()):
        return _EARLY[variant][char]
    starts = _ALPHABETS.get(variant, (None, None, None))
    for first, last, start in zip("Aa0", "Zz9", starts, strict=True):
        if start is not None and first <= char <= last:
            return chr(start + ord(char) - ord(first))
    if variant in _GREEK and "α" <= char <= "ω":
        return chr(_GREEK[variant] + ord(char) - ord("α"))
    if char.isalnum():
        raise MathError(f"no {variant} form of {char!r}")
    return html.escape(char)


def _convert(node: nodes.Element, display: bool) -> str:
    try:
        return to_mathml(node.astext().strip(), display)
    except MathError as error:
        while node.line is None and node.parent is not None:
            node = node.parent
        raise ExtensionError(f"{get_node_location(node)}: {error}") from None


def visit_inline(translator, node: nodes.math) -> None:
    translator.body.append(_convert(node, display=False))
    raise nodes.SkipNode


def visit_block(translator, node: nodes.math_block) -> None:
    latex = node.astext().strip()
    if not node.get("no-wrap") and re.search(r"\\\\|(?<!\\)&", latex) and "\\begin{" not in latex:
        node = node.deepcopy()
        node.children[:] = [nodes.Text(rf"\begin{{aligned}}{latex}\end{{aligned}}")]
    name = translator.starttag(node, "div", CLASS="math display")
    number = ""
    if node.get("number"):
        shown = get_node_equation_number(translator, node)
        number = f'<span class="eqno">({shown})</span>'
    translator.body.append(f"{name}{_convert(node, display=True)}{number}</div>\n")
    raise nodes.SkipNode


def _write_font(app, exception: Exception | None) -> None:
    """Cut the font down to the characters in the pages' formulas."""
    if exception or app.builder.format != "html":
        return
    characters = {"√", "x", "0", " "}  # browsers draw the root sign themselves; no text holds it
    for page in Path(app.outdir).rglob("*.html"):
        for formula in re.findall(r"<math.*?</math>", page.read_text(encoding="utf-8"), re.DOTALL):
            characters |= set(html.unescape(re.sub(r"<[^>]*>", "", formula)))
    target = Path(app.outdir, "_static", "math.woff2")
    note = target.with_suffix(".txt")
    wanted = "".join(sorted(characters | _italics(characters)))
    if target.exists() and note.exists() and note.read_text(encoding="utf-8") == wanted:
        return
    subset_font(font_file(), wanted, target)
    note.write_text(wanted, encoding="utf-8")


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
    options.layout_features = ["ssty", "dtls", "flac"]
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
    app.connect("build-finished", _write_font)
    # V8 does not survive a fork, and Sphinx writes in forked processes.
    return {"parallel_read_safe": True, "parallel_write_safe": False}
