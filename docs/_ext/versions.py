"""The switcher between the versions of the site that Read the Docs keeps beside each other: those of the changelog.

Elsewhere the site stands alone, and there is none. Its list lies in the site, so a page asks no other host for it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urljoin

from news import CHANGELOG, releases
from sphinx.application import Sphinx

FILE = "versions.json"


def listed(address: str, changelog: str) -> list[dict[str, str]]:
    """Each version's name, its folder at Read the Docs, and where that is; none before a first release."""
    found = [(release.version, f"v{release.version}") for release in releases(changelog)]
    folders = [("in development", "latest"), ("last release", "stable"), *found] if address and found else []
    return [{"name": name, "version": slug, "url": urljoin(address, f"../{slug}/")} for name, slug in folders]


def here() -> list[dict[str, str]]:
    """The versions beside a site that Read the Docs builds."""
    address = "" if os.environ.get("OPTGUIDE_SITE_URL") else os.environ.get("READTHEDOCS_CANONICAL_URL", "")
    return listed(address, CHANGELOG.read_text(encoding="utf-8"))


def options() -> dict[str, object]:
    """What the theme is told: nothing where there is one version."""
    if not here():
        return {}
    switcher = {"json_url": f"_static/{FILE}", "version_match": os.environ.get("READTHEDOCS_VERSION", "latest")}
    ends = ["version-switcher", "theme-switcher", "navbar-icon-links"]
    return {"switcher": switcher, "check_switcher": False, "navbar_end": ends}


def write(app: Sphinx, exception: Exception | None) -> None:
    if not exception and app.builder.format == "html" and (found := here()):
        Path(app.outdir, "_static", FILE).write_text(json.dumps(found, indent=1), encoding="utf-8")


def setup(app: Sphinx):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
