"""Cuts what every page loads, so that it is shown sooner.

The theme's style sheet and icons are cut down to what the pages can show, sphinx-gallery's style sheets for what no
page has are left out, and scripts wait for the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pydata_sphinx_theme
from mathml import subset_font

_THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"

#: Style sheets that sphinx-gallery loads with every page: for buttons and tables that none of ours has.
_SPARED = ("sg_gallery-binder.css", "sg_gallery-dataframe.css", "sg_gallery-rendered-html.css")
#: What names other selectors: a rule does not depend on every class in it.
_OTHERS = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
#: A class, but for those that Bootstrap's scripts put together, such as ``bs-tooltip-auto``.
_CLASS = re.compile(r"\.(?!bs-)(-?[a-zA-Z_][\w-]*)")


def words(out: str) -> set[str]:
    """The classes of all pages, and the words of all scripts, which may set them."""
    found = set()
    for file in Path(out).rglob("*.html"):
        for classes in re.findall(r'\bclass="([^"]*)"', file.read_text(encoding="utf-8")):
            found |= set(classes.split())
    for file in Path(out, "_static").rglob("*.js"):
        found |= set(re.findall(r"[\w-]+", file.read_text(encoding="utf-8")))
    return found


def without_unused(css: str, used: set[str]) -> str:
    """A style sheet without the selectors whose classes occur nowhere, and without what is empty then."""

    def cut(rule: re.Match) -> str:
        kept = [
            selector
            for selector in re.split(r",(?![^()]*(?:\([^()]*\)[^()]*)*\))", rule[1])
            if set(_CLASS.findall(_OTHERS.sub("", selector))) <= used
        ]
        return f"{','.join(kept)}{{{rule[2]}}}" if kept else ""

    return re.sub(r"@[^{}@;]*\{\}", "", re.sub(r"([^{};]+)\{([^{}]*)\}", cut, css))


def _cut(app, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    css = (_THEME / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    used, codes = words(app.outdir), set()

    def keep(rule: re.Match) -> str:
        if not used & set(re.findall(r"fa-[\w-]+", rule[1])):
            return ""
        codes.add(rule[2])
        return rule[0]

    shorter = re.sub(r'((?:\.fa-[\w-]+,?)+)\{--fa:"\\(\w+)"\}', keep, css)
    (static / "styles" / "pydata-sphinx-theme.css").write_text(without_unused(shorter, used), "utf-8")
    characters = {chr(int(code, 16)) for code in codes}
    characters |= set(re.findall(r'--pst-icon-[\w-]+:"(.)"', css))  # icons that the style sheet itself sets
    fonts = Path("vendor", "fontawesome", "webfonts")
    for font in (_THEME / fonts).glob("*.woff2"):
        subset_font(font, "".join(sorted(characters)), static / fonts / font.name, name="Some icons")
    (static / "scripts" / "fontawesome.js").write_text("// The icons come from the font.\n", encoding="utf-8")
    (static / "scripts" / "fontawesome.js.map").unlink()


def _defer(app, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Let scripts wait for the page, in their order. The theme writes to the first of them while the page is read."""
    context["css_files"] = [file for file in context["css_files"] if Path(str(file.filename)).name not in _SPARED]
    for script in context["script_files"]:
        if pagename == "search":  # has scripts of its own, which need these at once; all pages share these objects
            script.attributes.pop("defer", None)
        elif (name := script.filename) and "documentation_options" not in str(name) and "type" not in script.attributes:
            script.attributes["defer"] = "defer"


def setup(app):
    app.connect("html-page-context", _defer, priority=900)
    app.connect("build-finished", _cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
