"""Photograph the built site for the README, light and dark: ``python tools/pictures.py`` (or ``make pictures``)."""

from __future__ import annotations

import io
import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SITE, TARGET = ROOT / "docs" / "_build" / "html", ROOT / "docs" / "readme"
#: What is shown of which page: from the top, or one element; and how far the first player has played, from 0 to 1.
SHOTS = {
    "race": ("index.html", ".og-player", 1.0),
    "page": ("gallery/optimizers/plot_adam.html", None, 1.0),
    "lab": ("lab.html", None, 1.0),
}
SIZE = {"width": 1180, "height": 780}
SHOWN = 900


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


def shoot(browser, address: str, name: str, theme: str) -> Image.Image:
    path, element, played = SHOTS[name]
    page = browser.new_page(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
    page.goto(address + path)
    player = page.locator(".og-player").first
    player.wait_for()
    step = player.get_by_label("step", exact=True)
    step.evaluate(
        "(range, part) => { range.value = part * range.max; range.dispatchEvent(new Event('input')); }", played
    )
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1500)  # pictures settle
    data = (page.locator(element).first if element else page).screenshot()
    page.close()
    return Image.open(io.BytesIO(data)).convert("RGB")


def main() -> int:
    if not (SITE / "index.html").exists():
        print("There is no site yet: run make docs first.")
        return 1
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    images = {}
    with sync_playwright() as playwright:
        own = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        for name in SHOTS:
            for theme in ("light", "dark"):
                images[f"{name}-{theme}.webp"] = shoot(browser, f"http://127.0.0.1:{server.server_port}/", name, theme)
        browser.close()
    TARGET.mkdir(exist_ok=True)
    for name, image in images.items():  # when all of them are there
        image.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
        image.save(TARGET / name, quality=75, method=6)
        print(f"{(TARGET / name).relative_to(ROOT)}: {(TARGET / name).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
