"""Takes an executed page for done only when all that belongs to it was written.

sphinx-gallery notes that a page is up to date as soon as its code has run, before its text, notebook and zip are there.
So a page that a stopped build left in between is executed again, and what is left of a page that is gone is removed.
So are the pictures of an earlier execution: a page that asks for one that it does not have any more is an error.
Pages are executed in processes of their own, which end with the one that builds: going on alone, they would write
between the files of the next build.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx_gallery.py_source_parser import extract_file_config


def note(gallery_conf, fname: str, when: str) -> None:
    """Called by sphinx-gallery before a page is executed and after all of it was written."""
    end_with_the_build()
    (page,) = Path(gallery_conf["src_dir"]).glob(f"gallery/*/{fname}")
    images = page.parent / "images"
    if when == "before":
        page.with_suffix(".done").unlink(missing_ok=True)
        for old in (f"sphx_glr_{page.stem}_[0-9]*", f"thumb/sphx_glr_{page.stem}_thumb*.webp"):
            for picture in images.glob(old):
                picture.unlink()
    else:
        put_thumbnail(page, images)
        page.with_suffix(".done").touch()


def put_thumbnail(page: Path, images: Path) -> None:
    """Our own thumbnail takes the place of what sphinx-gallery scaled down: the dark one; the light one lies beside."""
    thumb = images / "thumb" / f"sphx_glr_{page.stem}_thumb.webp"
    dark = thumb.with_name(f"{thumb.stem}_dark.webp")
    if dark.exists():
        dark.replace(thumb)
    elif number := extract_file_config(page.read_text(encoding="utf-8")).get("thumbnail_number"):
        count = len(list(images.glob(f"sphx_glr_{page.stem}_[0-9][0-9][0-9].webp")))
        raise ExtensionError(f"{page.name} wants picture {number} for its thumbnail, and has {count}")


@functools.cache
def end_with_the_build() -> None:
    """Watch for the end of the process that builds, if this is another."""
    builder = int(os.environ["OPTGUIDE_BUILDER"])

    def watch() -> None:
        while os.getppid() == builder:
            time.sleep(0.05)
        os._exit(1)

    if os.getpid() != builder:
        threading.Thread(target=watch, daemon=True).start()


def forget(app) -> None:
    """Forget pages that were not finished, and pages that are gone."""
    made, sources = Path(app.srcdir, "gallery"), Path(app.srcdir).parent / "gallery"
    for page in made.glob("*/plot_*.py"):
        if not (sources / page.relative_to(made)).exists():
            for part in page.parent.glob(f"{page.stem}.*"):
                part.unlink()
        elif not page.with_suffix(".done").exists():
            page.with_suffix(".py.md5").unlink(missing_ok=True)


def setup(app):
    os.environ["OPTGUIDE_BUILDER"] = str(os.getpid())
    app.connect("builder-inited", forget, priority=50)  # before the gallery is executed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
