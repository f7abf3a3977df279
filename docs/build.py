"""Build the site, whole or not at all: ``python docs/build.py [--page NAME] [options of sphinx-build]``.

Sphinx writes into a folder of its own, always from nothing; only when it has succeeded is that folder renamed to
``docs/_build/html``. Executed pages and parsed documents are kept between builds, and thrown away when the package that
they were made with has changed; parsed documents also when the last build did not end well.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from sphinx.cmd.build import main as sphinx

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
BUILD = DOCS / "_build"
SITE, NEW, OLD, PAGE, DOCTREES = (BUILD / name for name in ("html", "html.new", "html.old", "page", "doctrees"))
UNFINISHED, STAMP = BUILD / "unfinished", BUILD / "package.stamp"
GENERATED = (DOCS / "gallery", DOCS / "api")
#: What every page is executed with.
PACKAGE = ("optguide/**/*", "docs/_ext/*", "docs/conf.py", "constraints.txt")


def package() -> str:
    """One number for the files that pages are executed with, and for the versions that are installed."""
    needs = map(Requirement, requires("optguide"))  # what only the tests need does not show on a page
    names = [need.name for need in needs if not need.marker or need.marker.evaluate({"extra": "docs"})]
    total = hashlib.sha256(repr([sys.version, *((name, version(name)) for name in sorted(names))]).encode())
    for path in sorted(path for pattern in PACKAGE for path in ROOT.glob(pattern)):
        if path.is_file() and path.parent.name != "__pycache__":
            total.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def remove(*folders: Path) -> None:
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


def main(arguments: list[str]) -> int:
    BUILD.mkdir(exist_ok=True)
    remove(NEW, OLD)
    if UNFINISHED.exists():  # its warnings would not come again, and documents may be half written
        remove(DOCTREES)
    made_with = package()
    if not STAMP.exists() or STAMP.read_text() != made_with:
        STAMP.unlink(missing_ok=True)
        remove(*GENERATED, DOCTREES, PAGE)
        STAMP.write_text(made_with)

    if arguments[:1] == ["--page"]:
        # Beside the site, with documents of its own: it neither waits for other pages nor vouches for them.
        page, *options = arguments[1:]
        for md5 in DOCS.glob(f"gallery/*/{page}.py.md5"):
            md5.unlink()
        os.environ["OPTGUIDE_PAGE"] = page
        only = rf"sphinx_gallery_conf.filename_pattern=/{page}\.py$"
        return sphinx([*options, "-D", only, "-b", "html", str(DOCS), str(PAGE)])
    UNFINISHED.touch()
    status = sphinx(["-j", "auto", *arguments, "-d", str(DOCTREES), "-b", "html", str(DOCS), str(NEW)])
    if status:
        print(f"The build failed. {'The site is still the one before it.' if SITE.exists() else 'There is no site.'}")
        return status
    (NEW / ".buildinfo").unlink()  # says what the next build may keep, which is nothing; depends on folder and machine
    if SITE.exists():
        SITE.rename(OLD)
    NEW.rename(SITE)
    remove(OLD)
    UNFINISHED.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
