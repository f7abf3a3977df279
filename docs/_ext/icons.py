"""Cuts the theme's icon font down to the icons that the pages show, and drops its second copy, a script."""

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
    icons = re.findall(r'((?:\.fa-[\w-]+,?)+)\{--fa:"\\(\w+)"\}', css)
    codes = {code for names, code in icons if used & set(re.findall(r"fa-[\w-]+", names))}
    characters = {chr(int(code, 16)) for code in codes}
    characters |= set(re.findall(r'--pst-icon-[\w-]+:"(.)"', css))  # icons that the style sheet itself sets
    fonts = Path("vendor", "fontawesome", "webfonts")
    for font in (_THEME / fonts).glob("*.woff2"):
        subset_font(font, "".join(sorted(characters)), static / fonts / font.name)
    (static / "scripts" / "fontawesome.js").write_text("// The icons come from the font.\n", encoding="utf-8")


def setup(app):
    app.connect("build-finished", _cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
