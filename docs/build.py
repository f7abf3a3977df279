"""Build the site, whole or not at all: ``python docs/build.py [--page NAME] [options of sphinx-build]``.

Sphinx writes into a folder of its own, always from nothing; only when it has succeeded is that folder renamed to
``docs/_build/html``. Executed pages and parsed documents are kept between builds, and thrown away when what they were
made from has changed or the last build did not finish. When nothing has changed, nothing is done.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
BUILD = DOCS / "_build"
SITE, NEW, OLD, PAGE = (BUILD / name for name in ("html", "html.new", "html.old", "page"))
DOCTREES, UNFINISHED = BUILD / "doctrees", BUILD / "unfinished"
GENERATED = (DOCS / "gallery", DOCS / "api")

#: What every page is executed with, and what else the site is made from.
PACKAGE = ("optguide", "docs/_ext", "docs/conf.py", "constraints.txt")
TEXTS = ("docs", "gallery", "tests/optimizers", "pyproject.toml", "LICENSE", *sorted(p.name for p in ROOT.glob("*.md")))
SETTINGS = ("OPTGUIDE_SITE_URL", "OPTGUIDE_SITE_REPOSITORY", "READTHEDOCS_CANONICAL_URL", "SOURCE_DATE_EPOCH")


def files(names: tuple[str, ...]) -> list[Path]:
    """The files under these names, without what is generated."""
    found = []
    for name in names:
        path = ROOT / name
        for folder, folders, inside in os.walk(path):
            made = {p.name for p in (*GENERATED, BUILD)} if Path(folder) == DOCS else set()
            folders[:] = sorted(set(folders) - made - {"__pycache__"})
            found += [Path(folder, file) for file in sorted(inside)]
        found += [path] if path.is_file() else []
    return found


def digest(names: tuple[str, ...], *words: str) -> str:
    """One number for the names and contents of files, and for some words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in files(names):
        total.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def installed() -> list[str]:
    """The versions of what the package and its site need. What only the tests need does not show on a page."""
    needs = map(Requirement, requires("optguide"))
    return sorted(f"{n.name} {version(n.name)}" for n in needs if not n.marker or n.marker.evaluate({"extra": "docs"}))


def same(stamp: Path, text: str) -> bool:
    return stamp.exists() and stamp.read_text() == text


def remove(*folders: Path) -> None:
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


def main(arguments: list[str]) -> int:
    page = arguments[1] if arguments[:1] == ["--page"] else None
    options = arguments[2:] if page else arguments
    package = digest(PACKAGE, sys.version, *installed())
    site = digest(TEXTS, package, *options, *(os.environ.get(name, "") for name in SETTINGS))
    package_stamp, site_stamp = BUILD / "package.stamp", BUILD / "site.stamp"
    if not page and same(site_stamp, site) and (SITE / "index.html").exists():
        print("Nothing has changed since the site was built.")
        return 0

    BUILD.mkdir(exist_ok=True)
    remove(NEW, OLD)
    if UNFINISHED.exists():  # its warnings would not come again, and documents may be half written
        remove(DOCTREES)
    if not same(package_stamp, package):
        package_stamp.unlink(missing_ok=True)
        remove(*GENERATED, DOCTREES, PAGE)
        package_stamp.write_text(package)
    from sphinx.cmd.build import main as sphinx  # late: when nothing has changed, it is not needed

    if page:  # beside the site, with documents of its own: it neither waits for other pages nor vouches for them
        for md5 in DOCS.glob(f"gallery/*/{page}.py.md5"):
            md5.unlink()
        os.environ["OPTGUIDE_PAGE"] = page
        only = rf"sphinx_gallery_conf.filename_pattern=/{page}\.py$"
        return sphinx([*options, "-D", only, "-b", "html", str(DOCS), str(PAGE)])
    UNFINISHED.touch()
    status = sphinx([*options, "-d", str(DOCTREES), "-b", "html", str(DOCS), str(NEW)])
    if status:
        print(f"The build failed. {'The site is still the one before it.' if SITE.exists() else 'There is no site.'}")
        return status
    (NEW / ".buildinfo").unlink()  # says what the next build may keep, which is nothing; depends on folder and machine
    site_stamp.unlink(missing_ok=True)
    if SITE.exists():
        SITE.rename(OLD)
    NEW.rename(SITE)
    remove(OLD)
    UNFINISHED.unlink()
    site_stamp.write_text(site)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
