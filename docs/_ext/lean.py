"""Cuts what every page loads: icons down to those that the pages show, and scripts that need not hold up the page."""

from __future__ import annotations

import re
from pathlib import Path

import pydata_sphinx_theme
from mathml import subset_font

_THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def _cut(app, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    css = (_THEME / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    used = set()
    for file in (*Path(app.outdir).rglob("*.html"), static / "scripts" / "pydata-sphinx-theme.js"):
        used |= set(re.findall(r"\bfa-[\w-]+", file.read_text(encoding="utf-8")))
    codes = set()

    def keep(rule: re.Match) -> str:
        if not used & set(re.findall(r"fa-[\w-]+", rule[1])):
            return ""
        codes.add(rule[2])
        return rule[0]

    shorter = re.sub(r'((?:\.fa-[\w-]+,?)+)\{--fa:"\\(\w+)"\}', keep, css)
    (static / "styles" / "pydata-sphinx-theme.css").write_text(shorter, encoding="utf-8")
    characters = {chr(int(code, 16)) for code in codes}
    characters |= set(re.findall(r'--pst-icon-[\w-]+:"(.)"', css))  # icons that the style sheet itself sets
    fonts = Path("vendor", "fontawesome", "webfonts")
    for font in (_THEME / fonts).glob("*.woff2"):
        subset_font(font, "".join(sorted(characters)), static / fonts / font.name, name="Some icons")
    (static / "scripts" / "fontawesome.js").write_text("// The icons come from the font.\n", encoding="utf-8")
    (static / "scripts" / "fontawesome.js.map").unlink()


def _defer(app, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Let scripts wait for the page, in their order. The theme writes to the first of them while the page is read."""
    for script in context["script_files"]:
        if pagename == "search":  # has scripts of its own, which need these at once; all pages share these objects
            script.attributes.pop("defer", None)
        elif (name := script.filename) and "documentation_options" not in str(name) and "type" not in script.attributes:
            script.attributes["defer"] = "defer"


def setup(app):
    app.connect("html-page-context", _defer, priority=900)
    app.connect("build-finished", _cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
