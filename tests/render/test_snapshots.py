"""Snapshots: one figure of every renderer, and the player, look as they did when somebody last looked at them.

Pictures are compared by what matplotlib compares its own with. pytest-mpl would do less: it takes figures of
matplotlib, and neither a film's stills nor screenshots of the player are any.
"""

import functools
import io
import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure
from PIL import Image

import optguide as og
from optguide import render
from optguide.render import player

BASELINE = Path(__file__).with_name("baseline")
UPDATE = "OPTGUIDE_UPDATE=1 .venv/bin/python -m pytest tests/render/test_snapshots.py"
#: Root mean square of all differences, of 255. From run to run there are none, and with other vector instructions none
#: in a figure; another way of painting a canvas gives up to 1.1. Faults planted in drawing, such as a trail that ends
#: one step early, give at least 0.88 in some figure and 1.7 in some player.
FIGURE, CANVAS = 0.5, 1.25

# Logarithmic shading, a minimum to be marked, and few contour lines, since every one costs bytes.
LAND = replace(og.surfaces.tilted_camel, levels=(0.05, 0.15, 0.25, 0.45))


@functools.cache
def race():
    """Long steps up to the last, so that one more or less is seen, and a run that gets lost."""
    wild = partial(og.Momentum, lr=0.5)
    return og.race({"Adam": partial(og.Adam, lr=0.2), "Lion": partial(og.Lion, lr=0.1), "wild": wild}, LAND, steps=10)


@functools.cache
def film():
    return race().animate()


@functools.cache
def plane():
    """The same rule from everywhere on a plane with four minima: some starts are too steep, some take too long."""
    grid = np.stack(np.meshgrid(np.linspace(-7, 7, 20), np.linspace(-7, 7, 20)), axis=-1)
    return og.sweep(partial(og.SGD, lr=0.012), og.surfaces.himmelblau, grid, 30)


def trails():
    ax = render.plot_trails(race(), ax=render.plot_map(LAND, labels=True))
    return render.plot_arrows(race()["Adam"], every=2, ax=ax)


def surface():
    return render.plot_surface(LAND, race())


def loss():
    return render.plot_loss(race())


def both():
    return race().plot()


def states():
    return render.plot_states(race()["Adam"])[0]


def curve():
    line = og.surfaces.quadratic_1d
    runners = {"SGD": partial(og.SGD, lr=0.05), "Adam": partial(og.Adam, lr=0.3)}
    return render.plot_curve(line, og.race(runners, line, steps=5))


def responses():
    respond = partial(og.respond, og.Adam, lr=0.25, betas=([0.25, 0.975], 0.999))
    return render.plot_responses({name: respond(getattr(og.signals, name)) for name in ("spikes", "saturation")})[0, 0]


def rates():
    starts = np.random.default_rng(0).uniform(-2, 2, (9, 2))
    return render.plot_rates(og.sweep([og.SGD, og.Adam], og.surfaces.rosenbrock, starts, 40, lr=np.logspace(-4, 0, 9)))


def basins():
    return render.plot_basins(plane())


def share():
    return render.plot_share(plane())


def settings():
    axes = {"lr": np.logspace(-4, -1, 10), "momentum": np.linspace(0, 0.9, 7)}
    return render.plot_plane(og.sweep(og.Momentum, og.surfaces.himmelblau, (4.5, 0.5), 20, **axes), *axes)


FIGURES = {
    draw.__name__: draw for draw in (trails, surface, loss, both, states, curve, responses, rates, basins, share)
}
FIGURES["plane"] = settings
STILLS = {f"stills_{theme}": theme for theme in ("light", "dark")}
PLAYERS = {
    "player_light": {},
    "player_dark": {"color_scheme": "dark"},
    "player_3d": {},
    "player_phone": {"viewport": {"width": 390, "height": 844}},
}

# What is written depends on the fonts of a machine: on the canvas, bars stand for it, and the rest of the page is left
# out. A canvas that is said to be read often is painted by the processor, which does it everywhere alike.
PAGE = """<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>
  body { margin: 0; background: light-dark(#fff, #101520); }
  .og-player { margin: 0 !important; }
  .og-body { --og-map: 320px !important; }
  .og-player :is(.og-title, .og-bar, .og-legend, .og-words, .og-heading, select) { display: none !important; }
</style>
<script>
  const context = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, options) {
    return context.call(this, kind, { willReadFrequently: true, ...options });
  };
  for (const [write, draw] of [["fillText", "fillRect"], ["strokeText", "strokeRect"]]) {
    CanvasRenderingContext2D.prototype[write] = function (text, x, y) {
      const width = 6 * text.length;
      this[draw](x - ({ center: width / 2, right: width }[this.textAlign] ?? 0), y - 4, width, 8);
    };
  }
</script>"""


@pytest.fixture(autouse=True)
def plain():
    """Draw in matplotlib's own style, whatever the reader prefers."""
    with plt.style.context("default", after_reset=True):
        yield
    plt.close("all")


@pytest.fixture
def compare(tmp_path):
    """Compare a picture with the one that was recorded, or record it where it differs."""

    def compared(name, image, tolerance=FIGURE):
        old, new = BASELINE / f"{name}.png", tmp_path / f"{name}.png"
        image.save(new, optimize=True)
        try:
            trouble = compare_images(old, new, tolerance)
        except (OSError, ImageComparisonFailure) as error:  # there is none yet, or one of another size
            trouble = f"{error}\n  Actual:\n    {new}"
        if trouble and os.environ.get("OPTGUIDE_UPDATE"):
            BASELINE.mkdir(exist_ok=True)
            shutil.copyfile(new, old)
        elif trouble:
            pytest.fail(f"{trouble}\nIf the new picture is right, record it: {UPDATE}", pytrace=False)

    return compared


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name, compare):
    file = io.BytesIO()
    FIGURES[name]().figure.savefig(file)
    compare(name, Image.open(file).convert("RGB").reduce(4))


@pytest.mark.parametrize("name", STILLS)
def test_the_stills_of_a_film_look_as_they_did(name, compare):
    landscape, charts = film().stills(STILLS[name])
    both = Image.new("RGBA", (landscape.width + charts.width, landscape.height))
    both.paste(landscape, (0, 0))
    both.paste(charts, (landscape.width, 0))
    compare(name, both.reduce(3))


def test_a_film_looks_as_it_did(compare, tmp_path):
    """The stills leave out its title, its step and its legend, and show the map."""
    film = race().animate(panels="surface").save(tmp_path / "last.png")
    compare("film", Image.open(film).reduce(3))


@pytest.mark.parametrize("name", PLAYERS)
def test_the_player_looks_as_it_did(name, compare, open_page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(PAGE + player.fragment(film().recording, film().landscape, ["", ""]), encoding="utf-8")
    options = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 1, "reduced_motion": "reduce"}
    page = open_page(file.as_uri(), **options | PLAYERS[name])
    page.wait_for_selector(".og-player[data-live]")
    up = "true" if name == "player_3d" else "false"
    page.evaluate(f"p = document.querySelector('.og-player').player; p.seek(8); p.turn({up}); p.draw()")
    page.wait_for_function("!p.frame")  # nothing moves
    seen = page.locator(".og-body" if name == "player_phone" else ".og-stage").screenshot()
    compare(name, Image.open(io.BytesIO(seen)).convert("RGB").reduce(2), CANVAS)


def test_every_recorded_picture_has_its_test():
    recorded = {path.name for path in BASELINE.iterdir()}
    wanted = {f"{name}.png" for name in (*FIGURES, *STILLS, "film", *PLAYERS)}
    if os.environ.get("OPTGUIDE_UPDATE"):
        for name in recorded - wanted:
            (BASELINE / name).unlink()
        recorded &= wanted
    assert recorded == wanted, f"put right by {UPDATE}"
