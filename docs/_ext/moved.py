"""Addresses of pages last: ``docs/addresses.txt`` records them all, and where those have gone that are no more.

A line is the address of a page, without its ending, or ``old -> new``, for which the build writes a page that leads on,
to the same place in it. A recorded address that is neither a page nor led on from stops the build. ``make addresses``
records new ones.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container
from html import escape
from pathlib import Path

from api import PAGES, file_of, public_names
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs" / "addresses.txt"
HEAD = "# Addresses of pages; docs/_ext/moved.py says what a line means. `make addresses` adds new ones.\n"
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Moved</title>
<link rel="canonical" href="{new}">
<meta http-equiv="refresh" content="1; url={new}">
<script>location.replace("{new}" + location.search + location.hash);</script>
<p>This page has moved: <a href="{new}">here it is</a>.</p>
</html>
"""


def read(text: str) -> dict[str, str]:
    """The recorded addresses, each with where it leads now: to nothing else if it is a page."""
    lines = [line.split(" -> ") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    twice = [line[0] for i, line in enumerate(lines) if line[0] in [other[0] for other in lines[:i]]]
    wrong = [" -> ".join(line) for line in lines if len(line) > 2 or " " in "".join(line)]
    if twice or wrong:
        raise ExtensionError(f"docs/addresses.txt: {(twice or wrong)[0]!r} stands twice, or is no address")
    return {line[0]: line[1] if len(line) > 1 else "" for line in lines}


def write(record: dict[str, str]) -> str:
    lines = [f"{old} -> {new}\n" if new else f"{old}\n" for old, new in sorted(record.items())]
    return HEAD + "".join(lines)


def check(record: dict[str, str], pages: Container[str]) -> None:
    """Raise unless every recorded address is a page, or leads to one."""
    for old, new in record.items():
        if not new and old not in pages:
            raise ExtensionError(
                f"docs/addresses.txt: there is no page {old} any more. Links from elsewhere lead to it, so its "
                f"line must say where it has gone: {old} -> ..."
            )
        if new and new not in pages:
            raise ExtensionError(f"docs/addresses.txt: {old} leads to {new}, which is no page")
        if new and old in pages:
            raise ExtensionError(f"docs/addresses.txt: {old} is a page, and leads on to {new}: take out ' -> {new}'")


def unrecorded(record: dict[str, str], pages: set[str]) -> list[str]:
    return sorted(pages - {*record, "404"})


def sources() -> set[str]:
    """The pages that a build makes, without building."""
    names = public_names()
    gallery = {path.with_suffix("").relative_to(ROOT).as_posix() for path in ROOT.glob("gallery/*/plot_*.py")}
    sections = {f"{page.rpartition('/')[0]}/index" for page in gallery}
    api = {"api/index", *(f"api/{page}" for page, *_ in PAGES), *(f"api/{file_of(name, names)}" for name in names)}
    return {path.stem for path in (ROOT / "docs").glob("*.md")} | gallery | sections | api


def page(old: str, new: str) -> str:
    """What stands at an address that has moved."""
    return PAGE.format(new=escape(posixpath.relpath(f"{new}.html", posixpath.dirname(old) or ".")))


def _check(app, env) -> None:
    check(read(RECORD.read_text(encoding="utf-8")), env.found_docs)


def _lead_on(app, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    for old, new in read(RECORD.read_text(encoding="utf-8")).items():
        if new:
            target = Path(app.outdir, f"{old}.html")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page(old, new), encoding="utf-8")


def setup(app):
    app.connect("env-check-consistency", _check)
    app.connect("build-finished", _lead_on)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
