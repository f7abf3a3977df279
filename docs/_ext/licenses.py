"""The terms of everything in the site's folder ``_static``: texts that travel with it, and the directive ``licenses``.

The texts come from the installed packages that the files come from. Some of these carry the work of others and name
its authors without the words of the licence; for them the notice stands here. A file that no part covers stops the
build.
"""

from __future__ import annotations

from fnmatch import fnmatch
from importlib.metadata import distribution, version
from pathlib import Path
from typing import NamedTuple

import matplotlib
from docutils import nodes
from media import MADE
from scraper import list_table
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
FOLDER = "_static/licenses"


class Part(NamedTuple):
    """Files of one origin, as patterns below ``_static``; the short name of their licence, and its text."""

    name: str
    files: str
    terms: str
    text: str

    @property
    def file(self) -> str:
        return f"{self.name.lower().replace(' ', '-')}.txt"


def installed(package: str, name: str) -> str:
    """A file among those that an installed package says about itself."""
    for file in distribution(package).files or ():
        if file.name == name and ".dist-info" in str(file):
            return file.locate().read_text(encoding="utf-8")
    raise ExtensionError(f"licenses: {package} {version(package)} comes without {name}")


def mit(notice: str) -> str:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return f"MIT License\n\n{notice}\n\n{text[text.index('Permission is hereby granted') :]}"


def open_font_license(notice: str) -> str:
    """The words that matplotlib keeps beside the fonts that it brings along."""
    text = Path(matplotlib.get_data_path(), "fonts", "ttf", "LICENSE_STIX").read_text(encoding="utf-8")
    return f"{notice}\n\n{text[text.index('SIL OPEN FONT LICENSE Version 1.1') :]}"


STIX = """\
STIX Two Math, cut down to the characters of this site and compressed

Copyright 2001-2021 The STIX Fonts Project Authors (https://github.com/stipub/stixfonts)

STIX Fonts is a trademark of The Institute of Electrical and Electronics Engineers, Inc.

Portions copyright 1998-2003 by MicroPress, Inc. (www.micropress-inc.com), with Reserved Font Name TM Math.
Portions copyright 1990 by Elsevier, Inc.
Portions copyright 2010, 2012, 2014 Adobe Systems Incorporated."""
AWESOME = """\
Font Awesome Free, cut down to the icons of this site and therefore under another name

Copyright (c) 2026 Fonticons, Inc. (https://fontawesome.com), with Reserved Font Name "Font Awesome"."""
OURS = [*sorted(path.name for path in (ROOT / "docs" / "_static").iterdir()), *MADE]
PARTS = (
    Part(
        "optguide",
        " ".join([*OURS, "math.txt", "versions.json", "*.whl"]),
        "MIT",
        (ROOT / "LICENSE").read_text(encoding="utf-8"),
    ),
    Part("STIX Two Math", "math.woff2", "SIL Open Font License 1.1", open_font_license(STIX)),
    Part(
        "Font Awesome Free",
        "vendor/fontawesome/webfonts/*.woff2 scripts/fontawesome.js*",
        "SIL Open Font License 1.1",
        open_font_license(AWESOME),
    ),
    Part(
        "Sphinx",
        "basic.css doctools.js documentation_options.js language_data.js searchtools.js sphinx_highlight.js "
        "file.png minus.png plus.png",
        "BSD, two clauses",
        installed("sphinx", "LICENSE.rst"),
    ),
    Part("Snowball", "*-stemmer.js", "BSD, three clauses", installed("snowballstemmer", "COPYING")),
    Part("Pygments", "pygments.css", "BSD, two clauses", installed("pygments", "LICENSE")),
    Part(
        "PyData Sphinx Theme",
        "scripts/pydata-sphinx-theme.js* styles/*.css* webpack-macros.html",
        "BSD, three clauses",
        installed("pydata-sphinx-theme", "LICENSE"),
    ),
    Part(
        "Bootstrap",
        "scripts/bootstrap.js* styles/pydata-sphinx-theme.css*",
        "MIT",
        mit("Copyright (c) 2011-2024 The Bootstrap Authors (https://getbootstrap.com)"),
    ),
    Part("Popper", "scripts/bootstrap.js*", "MIT", mit("Copyright (c) 2019 Federico Zivolo (https://popper.js.org)")),
    Part(
        "compare-versions",
        "scripts/pydata-sphinx-theme.js*",
        "MIT",
        mit("Copyright (c) 2015-2021 Ole Michelsen (https://github.com/omichelsen/compare-versions)"),
    ),
    Part(
        "Sphinx-Gallery",
        "sg*.css sg-tags.js *_badge_logo.svg broken_example.png no_image.png",
        "BSD, three clauses",
        installed("sphinx-gallery", "LICENSE"),
    ),
    Part(
        "sphinx-copybutton",
        "copybutton.css copybutton*.js copy-button.svg check-solid.svg",
        "MIT",
        installed("sphinx-copybutton", "LICENSE"),
    ),
    Part("clipboard.js", "clipboard.min.js", "MIT", mit("Copyright (c) Zeno Rocha (https://clipboardjs.com)")),
)


class Licenses(SphinxDirective):
    """``.. licenses::``: a row for each part, with a link to its text."""

    def run(self) -> list[nodes.Node]:
        rows = [
            [part.name, f"`{part.terms} <{FOLDER}/{part.file}>`__", ", ".join(f"``{n}``" for n in part.files.split())]
            for part in PARTS
        ]
        return self.parse_text_to_nodes(list_table("licenses", ("What", "Terms", "Files in ``_static``"), rows))


def uncovered(static: Path) -> list[str]:
    """The files of a site's folder ``_static`` that no part names."""
    patterns = [pattern for part in PARTS for pattern in part.files.split()]
    names = [path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()]
    return sorted(name for name in names if not any(fnmatch(name, pattern) for pattern in patterns))


def write(app, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    if unknown := uncovered(Path(app.outdir, "_static")):
        raise ExtensionError(f"on what terms does the site ship {', '.join(unknown)}? Say it in docs/_ext/licenses.py")
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(exist_ok=True)
    for part in PARTS:
        (folder / part.file).write_text(part.text, encoding="utf-8")


def setup(app):
    app.add_directive("licenses", Licenses)
    app.connect("build-finished", write, priority=900)  # after all that the other extensions write
    return {"parallel_read_safe": True, "parallel_write_safe": True}
