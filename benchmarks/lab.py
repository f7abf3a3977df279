"""What a reader of the lab waits for, in Chromium: six descents while the start is dragged, and a plane of starts.

A plane is computed in a worker; meanwhile the page draws, and the longest time between two of its tasks is taken. Other
work on the machine spoils the figures: of several tries the fastest tells most, and so does the processor's time.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import statistics
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import record
from playwright.sync_api import Page, sync_playwright

import optguide as og
from optguide import programs
from optguide.render import web

DRAGGED = (og.SGD, og.Momentum, og.Nesterov, og.RMSprop, og.Adam, og.AdaBelief)
STEPS = 200
STARTS, FIRST = 300, 100  # the first are slower, and left out
SIDE = 128
TRIES = 5

#: A place of the start after another, as in a drag: milliseconds for all six descents.
DRAG = """([rules, surface, steps, starts, first]) => Array.from({ length: starts + first }, (_, i) => {
    const begin = performance.now();
    const moved = i / (starts + first);
    for (const rule of rules) descend(rule, surface, [-1.5 + moved, 2 - moved], steps, { lr: 0.001 });
    return performance.now() - begin;
}).slice(first)"""

#: Seconds until the plane is there; meanwhile the longest pause between two tasks, and the longest task, in ms.
PLANE = """(request) => new Promise((resolve, reject) => {
    let [longest, pause, last] = [0, 0, performance.now()];
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    const watch = setInterval(() => {
        const now = performance.now();
        [pause, last] = [Math.max(pause, now - last), now];
    }, 4);
    const begin = performance.now();
    const worker = new Worker("worker.js");
    worker.onmessage = ({ data: { found, why } }) => {
        if (why) reject(new Error(why));
        if (!found) return;
        const seconds = (performance.now() - begin) / 1000;
        setTimeout(() => { clearInterval(watch); resolve({ seconds, longest, pause }); }, 200);
        worker.terminate();
    };
    worker.postMessage(request);
})"""


def main() -> None:
    on = record.machine()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = os.environ.get("OPTGUIDE_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = opened(browser.new_page(), Path(folder))
        on["Chromium"] = browser.version
        dragged = drag(page)
        system = browser.new_browser_cdp_session()
        filled = plane(page, lambda: system.send("SystemInfo.getProcessInfo")["processInfo"])
        browser.close()
    settings = {"rules": len(DRAGGED), "steps": STEPS, "starts": STARTS, "side": SIDE, "tries": TRIES}
    record.save(__file__, on, settings, drag=dragged, plane=filled)


def opened(page: Page, folder: Path) -> Page:
    """A page that has the descents, and a worker's script beside it."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    (folder / "worker.js").write_text(web.script("live/worker.js"), encoding="utf-8")
    (folder / "index.html").write_text("<!doctype html><script src='worker.js'></script>", encoding="utf-8")
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
    return page


def drag(page: Page) -> list[dict[str, Any]]:
    rules = [programs.rule_data(optimizer.rule) for optimizer in DRAGGED]
    times = sorted(page.evaluate(DRAG, [rules, programs.surface_data(og.surfaces.rosenbrock), STEPS, STARTS, FIRST]))
    shares = {"fastest": 0, "median": 0.5, "95 % within": 0.95}
    return [{"share": words, "ms": times[int(k * (len(times) - 1))]} for words, k in shares.items()]


def plane(page: Page, processes: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    land = og.surfaces.himmelblau
    surface = programs.surface_data(land) | {"minima": land.known_minima()}
    request = ["basins", programs.rule_data(og.Adam.rule), surface, land.box, SIDE, STEPS, {"lr": 0.1}]
    used = lambda: sum(p["cpuTime"] for p in processes() if p["type"] == "renderer")  # noqa: E731
    found = []
    for _ in range(TRIES):
        before = used()
        found.append(page.evaluate(PLANE, json.loads(json.dumps(request))))
        found[-1]["processor"] = used() - before
    seconds = [one["seconds"] for one in found]
    return [
        {
            "fastest_s": min(seconds),
            "median_s": statistics.median(seconds),
            "processor_s": min(one["processor"] for one in found),
            "longest_task_ms": max(one["longest"] for one in found),  # none is told of below 50
            "longest_pause_ms": min(one["pause"] for one in found),  # in the calmest try
        }
    ]


if __name__ == "__main__":
    main()
