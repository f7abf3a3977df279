"""A site with a player and a lab, for the tests that open one in a real browser."""

import asyncio
import contextlib
import threading

import pytest
from py_mini_racer import mini_racer

import optguide as og
from optguide.render import player, web

LINK = "surface=himmelblau&start=-1,0.5&steps=60&run=Adam;lr:0.1&run=SGD;lr:0.01&noise=0.5&seed=3"


@pytest.fixture(scope="session")
def runners():
    return {"SGD": og.SGD.at(lr=0.002), "Momentum": og.Momentum, "Adam": og.Adam.at(lr=0.1)}


@pytest.fixture(scope="session")
def v8_alone():
    """Make a V8 with an event loop that always runs, so that it may be given limits and promises.

    By itself V8 takes the loop of a browser that is open, and that one does not run while a test waits.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(mini_racer(loop))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory, runners):
    """A page with a player as the site has it, ``page.html``, and a lab alone, ``lab.html``."""
    folder = tmp_path_factory.mktemp("lab")
    files = web.site_scripts() | {"player.css": web.style(), "lab.css": web.style("lab/lab.css"), "favicon.ico": ""}
    files["lab-worker.js"] = web.script("live/worker.js")
    files["catalogue.json"] = player.dumps(player.catalogue())
    film = og.race(runners, og.surfaces.rosenbrock, steps=200).animate()
    files |= {"race.json": player.dumps(film.recording), "map.json": player.dumps(film.landscape)}
    head = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>lab</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="player.css"><script type="module" src="player.js"></script><body>'
    )
    data = {"recording": "race.json", "landscape": "map.json", "lab": ""}
    files["page.html"] = head + player.markup(film.recording, ["<img alt='still'>"] * 2, data)
    files["lab.html"] = f'{head}<og-lab follows hash="{LINK}"></og-lab>'
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def pages(site, serving):
    with serving(site, **{"Content-Security-Policy": "default-src 'self'"}) as address:
        yield address


@pytest.fixture
def show(pages, open_page):
    """Open a page, take hold of its player if it has one, and wait for the lab; nothing but the site is allowed."""

    def opened(name, **options):
        page = open_page(pages + name, reduced_motion="reduce", **options)
        if "lab.html" not in name:
            page.click(".og-try")
        page.wait_for_selector("og-lab[data-whole]")
        return page

    return opened
