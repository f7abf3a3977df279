"""Measures the built site as a browser, a validator and Lighthouse see it: ``python checks/gates.py SITE``.

It fails where HTML is not valid, where axe finds a barrier, where a page moves while it loads, and where a first view
takes more than 250 KB. Lighthouse's scores are printed only: they are timings, and depend on the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".venv" / "gates" / "node_modules"

#: One page of each kind.
MEASURED = (
    "index.html", "gallery/optimizers/plot_adam.html", "gallery/landscapes/plot_unit_rosenbrock.html", "lab.html",
    "gallery/comparisons/plot_leaderboard.html", "api/optguide.descend.html",
)  # fmt: skip
SEEN = (
    *MEASURED, "family-tree.html", "learning-path.html", "api/index.html", "glossary.html", "search.html?q=adam",
    "404.html", "oracles.html", "benchmarks.html", "how-this-site-works.html", "gallery/optimizers/index.html",
    "ledger.html", "libraries.html",
)  # fmt: skip
#: Listings, each like the others: pages of single names, and of source.
LISTED = ("api/optguide.", "_modules/")
SCREENS = {"desktop": ViewportSize(width=1366, height=900), "phone": ViewportSize(width=390, height=844)}
#: Bytes of a first view, until so many milliseconds after it has loaded; and how far it may move meanwhile.
FIRST_VIEW, WAIT, MOVED = 250_000, 4000, 0.05
RUNS = 3
#: What a server does not compress: it is compressed already.
PACKED = (".webp", ".woff2", ".png", ".jpg", ".mp4", ".zip", ".whl")
SHIFTS = """window.moved = 0; new PerformanceObserver((list) => { for (const shift of list.getEntries()) {
  if (!shift.hadRecentInput) window.moved += shift.value; } }).observe({ type: "layout-shift", buffered: true });"""


@functools.cache
def compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


class Site(http.server.SimpleHTTPRequestHandler):
    """The files of a folder, compressed as a server does it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # browsers hang up when they have seen enough
            super().handle()

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file()
        path = path if found else Path(self.directory) / "404.html"
        packed = path.suffix in PACKED
        body = path.read_bytes() if packed else compressed(path)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        if not packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


def invalid(site: Path, tools: Path) -> Iterator[str]:
    """What the validator of HTML finds on all pages but listings."""
    pages = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    pages = [path for path in pages if not path.relative_to(site).as_posix().startswith(LISTED)]
    command = ["java", "-Xss4m", "-jar", str(tools / "vnu-jar/build/dist/vnu.jar"), "--errors-only", "--format", "json"]
    answer = subprocess.run([*command, *map(str, pages)], capture_output=True, text=True, check=False).stderr
    messages = json.loads(answer)["messages"]
    print(f"HTML: {len(messages)} errors on {len(pages)} pages")
    for message in messages:
        where = message.get("url", "").partition(f"{site}/")[2]
        yield f"{where}:{message.get('lastLine', '')}: {message['message']}"


def barriers(browser: Browser, address: str, tools: Path) -> Iterator[str]:
    """What axe finds on pages of all kinds, in both themes, on both screens."""
    axe, count = (tools / "axe-core/axe.min.js").read_text(encoding="utf-8"), 0
    for screen, size in SCREENS.items():
        for theme in ("light", "dark"):
            context = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
            page = context.new_page()
            for path in SEEN:
                page.goto(address + path, wait_until="load")
                page.wait_for_timeout(800)  # players and the search answer
                page.evaluate(axe)
                found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
                for kind in found:
                    for node in kind["nodes"]:
                        count += 1
                        yield f"{path}, {screen}, {theme}: {kind['id']}: {node['html'][:120]}"
            context.close()
    print(f"axe: {count} barriers on {len(SEEN)} pages in two themes and two widths")


def first_views(browser: Browser, address: str) -> Iterator[str]:
    """How many bytes a first view takes, and how far it moves."""
    print(f"\n{'first view':46}{'desktop':>12}{'phone':>12}{'moved by':>12}")
    for path in MEASURED:
        taken, moved = [], []
        for screen, size in SCREENS.items():
            context = browser.new_context(viewport=size)
            context.add_init_script(SHIFTS)
            page = context.new_page()
            session, sizes = context.new_cdp_session(page), []
            session.send("Network.enable")
            session.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
            page.goto(address + path, wait_until="load")
            page.wait_for_timeout(WAIT)
            taken.append(int(sum(sizes)))
            moved.append(page.evaluate("window.moved"))
            context.close()
            if taken[-1] > FIRST_VIEW:
                yield f"{path}, {screen}: a first view takes {taken[-1]:,} bytes, more than {FIRST_VIEW:,}"
            if moved[-1] > MOVED:
                yield f"{path}, {screen}: it moves by {moved[-1]:.3f} while it loads, more than {MOVED}"
        print(f"{path:46}{taken[0]:12,}{taken[1]:12,}{max(moved):12.3f}")


def scores(browser: str, address: str, tools: Path) -> None:
    """Lighthouse's scores on a phone, the median of some runs."""
    kinds = ("performance", "accessibility", "best-practices", "seo")
    print(f"\n{f'Lighthouse, median of {RUNS}':46}" + "".join(f"{kind:>15}" for kind in (*kinds, "blocked, ms")))
    for path in MEASURED:
        runs = [report(browser, address + path, kinds, tools) for _ in range(RUNS)]
        medians = [statistics.median(100 * run["categories"][kind]["score"] for run in runs) for kind in kinds]
        medians.append(statistics.median(run["audits"]["total-blocking-time"]["numericValue"] for run in runs))
        print(f"{path:46}" + "".join(f"{median:15.0f}" for median in medians), flush=True)


def report(browser: str, url: str, kinds: tuple[str, ...], tools: Path) -> dict:
    command = ["node", str(tools / "lighthouse/cli/index.js"), url, "--quiet", "--output=json"]
    command += ["--chrome-flags=--headless=new --no-sandbox", f"--only-categories={','.join(kinds)}"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "report.json")
        environment = os.environ | {"CHROME_PATH": browser}
        command.append(f"--output-path={target}")
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return json.loads(target.read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("site", type=Path)
    parser.add_argument("--only", nargs="+", default=["html", "axe", "views", "lighthouse"], help="some of the four")
    parser.add_argument("--tools", type=Path, default=TOOLS, help="where axe-core, lighthouse and vnu-jar are")
    given = parser.parse_args()
    site = given.site.resolve()
    if not (site / "index.html").exists():
        print(f"There is no site in {given.site}: run make docs first.")
        return 1
    if missing := [name for name in ("node", "java") if not shutil.which(name)]:
        print(f"This needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed here.")
        return 1
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Site, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    errors = list(invalid(site, given.tools)) if "html" in given.only else []
    with sync_playwright() as playwright:
        own = shutil.which("chromium") or shutil.which("google-chrome") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        errors += barriers(browser, address, given.tools) if "axe" in given.only else []
        errors += first_views(browser, address) if "views" in given.only else []
        browser.close()
    if "lighthouse" in given.only:
        scores(own, address, given.tools)
    server.shutdown()
    print("\n".join(["", *errors, f"{len(errors)} errors"]))
    return int(bool(errors))


if __name__ == "__main__":
    sys.exit(main())
