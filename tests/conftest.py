"""What every test relies on: runs that repeat themselves, and a browser for those that look at pages."""

import contextlib
import functools
import http.server
import os
import shutil
import signal
import sys
import threading
import traceback
from urllib.parse import urljoin

import pytest
import torch

if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)  # the other processes have the other cores

#: Seconds that a test may take. Where no Python runs any more, pytest's own limit, a minute later, ends the process.
LIMIT = int(os.environ.get("OPTGUIDE_TEST_LIMIT", 600))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """End the process of a test that does not end: the others go on, and the test fails by its name.

    pytest's own limit ends with a first failure, and shows no line of a test that waits for a browser.
    """
    signal.signal(signal.SIGALRM, functools.partial(_give_up, item))
    signal.alarm(LIMIT)
    try:
        return (yield)
    finally:
        signal.alarm(0)


def _give_up(item, _, frame):
    item.config.pluginmanager.getplugin("capturemanager").suspend_global_capture()
    # A call of a browser waits in a greenlet of its own; the test is in the one that made it.
    waiting = sys.modules["greenlet"].getcurrent().parent if "greenlet" in sys.modules else None
    stack = traceback.format_stack(waiting.gr_frame if waiting else frame)[-12:]  # above it, pytest calls the test
    print(f"{''.join(stack)}{item.nodeid} has not ended in {LIMIT} s", file=sys.stderr, flush=True)
    os._exit(1)


@pytest.fixture(autouse=True)
def seed():
    """Draw the same random numbers in every test, whichever tests run before it."""
    torch.manual_seed(0)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Let a process that runs tests beside others tell of text that is none: a lone surrogate would end them all."""
    return _writable((yield))


def _writable(value):
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    return type(value)(map(_writable, value)) if isinstance(value, (list, tuple)) else value


@pytest.fixture(scope="session")
def missing():
    """Skip with a reason, or fail with it where a browser is demanded."""
    return pytest.fail if os.environ.get("OPTGUIDE_REQUIRE_BROWSER") else pytest.skip


@pytest.fixture(scope="session")
def browser(missing):
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        missing("playwright is not installed")
    with sync_playwright() as playwright:
        chromium = _launch(playwright.chromium, Error)
        if chromium is None:
            missing("no Chromium: install one, or set OPTGUIDE_CHROMIUM to its path")
        yield chromium
        chromium.close()


def _launch(chromium, error):
    """The browser that OPTGUIDE_CHROMIUM names; else Playwright's own, which it was made for; else any."""
    named = os.environ.get("OPTGUIDE_CHROMIUM")
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    # WebGL by software; all else without a graphics processor, which would have to be played by software, too.
    arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    arguments += ["--disable-gpu-rasterization", "--disable-accelerated-2d-canvas", "--disable-gpu-compositing"]
    for path in [named] if named else [None, *found]:  # without a path, Playwright takes its own
        with contextlib.suppress(error):
            return chromium.launch(executable_path=path, args=arguments)
    return None


@pytest.fixture(scope="session")
def serving():
    return _serving


@contextlib.contextmanager
def _serving(folder, **headers):
    """The files of a folder at the address that is yielded; every answer carries the headers."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def end_headers(self):
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            super().end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def contexts(browser):
    """The context of a script and of options, made once: a new one for every page takes as long as two tests."""
    made = {}

    def context_of(script, options):
        key = repr((script, sorted(options.items())))
        if key not in made:
            made[key] = browser.new_context(**options)
            made[key].add_init_script(script)
            made[key].new_page()  # it stays open, and with it the process that draws the others
        return made[key]

    return context_of


@pytest.fixture
def open_page(contexts):
    """Open an address in a page that begins with a script: ``open_page(url, **options)``.

    Nothing that a page keeps is there for the pages of the next test.
    """
    used, origins = [], set()

    def visit(url, script="", **options):
        context = contexts(script, {"viewport": {"width": 1280, "height": 900}, **options})
        used.append(context)
        page = context.new_page()
        page.on("framenavigated", lambda frame: origins.add(urljoin(frame.url, "/").removesuffix("/")))
        page.goto(url)
        return page

    yield visit
    for context in used:
        first, *pages = context.pages
        session = context.new_cdp_session(first)
        for page in pages:
            page.close()
        for origin in origins:
            if origin:
                session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        context.clear_cookies()
