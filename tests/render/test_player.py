"""What the player is given is what was recorded, small, and harmless."""

import base64
import gzip
import json
import re
import zlib
from functools import partial

import numpy as np
import pytest

import optguide as og
from optguide.render import packing, player, web
from optguide.render.canvas import Shade, heights


@pytest.fixture(scope="module")
def camel():
    six = [og.SGD, og.Lion, og.AdamD, og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
    return og.race(six, og.surfaces.tilted_camel, steps=100, lr=0.1)


def inflated(text, kind):
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    width = np.dtype(kind).itemsize
    return np.ascontiguousarray(planes.reshape(width, -1).T).view(kind).ravel()


def channel(run, name):
    """A channel as (records, coordinates)."""
    values = inflated(run["channels"][name], "<f4")
    count = len(inflated(run["channels"]["loss"], "<f4"))
    return values.reshape(-1, count).T


def shares(land):
    """The heights of a landscape as shares of its range."""
    u = inflated(land["heights"], "<u2").astype(int)
    surprise = np.where(u % 2, -(u + 1) // 2, u // 2).reshape(land["size"], -1)
    steps = surprise.cumsum(0).cumsum(1)
    return np.where(steps == packing.HOLE, np.nan, steps / (packing.HOLE - 1))


def test_the_recording_holds_every_step_of_a_short_race(camel):
    record = camel.animate().recording
    for data, run in zip(record["runs"], camel.values(), strict=True):
        assert data["kept"] is None
        np.testing.assert_array_equal(channel(data, "theta"), run.theta.astype(np.float32))
        np.testing.assert_array_equal(channel(data, "loss")[:, 0], run.loss.astype(np.float32))
        np.testing.assert_allclose(channel(data, "gradient")[:-1], run.grad, rtol=2**-12)
        np.testing.assert_allclose(channel(data, "step")[1:], np.diff(run.theta, axis=0), rtol=2**-12)
        for name, state in run.states.items():
            np.testing.assert_allclose(channel(data, name), state, rtol=2**-12, atol=1e-45)


def test_a_learning_rate_stays_in_one_line_with_its_name():
    film = og.race({"slow": og.SGD.at(lr=1e-3), "fast": og.SGD.at(lr=0.1)}, og.surfaces.sphere, steps=3).animate()
    assert [run["settings"] for run in film.recording["runs"]] == [
        "lr\N{NO-BREAK SPACE}0.001",
        "lr\N{NO-BREAK SPACE}0.1",
    ]


def test_six_races_with_their_states_stay_small(camel):
    film = camel.animate()
    size = len(gzip.compress(player.dumps([film.recording, film.landscape]).encode()))
    assert size < 60_000
    assert len(gzip.compress((web.script() + web.style()).encode())) < 20_000


def test_a_long_descent_is_thinned_to_what_can_be_seen():
    run = og.descend(og.SGD, og.surfaces.rosenbrock, start=(-1.5, 2), steps=20_000, lr=1e-3)
    film = og.animate(run)
    (data,) = film.recording["runs"]
    kept = inflated(data["kept"], "<f4").astype(int)
    assert kept[0] == 0 and kept[-1] == 20_000 and len(kept) < 400
    np.testing.assert_array_equal(channel(data, "theta"), run.theta[kept].astype(np.float32))
    box = np.ptp(np.array(og.surfaces.rosenbrock.box), axis=1)
    drawn = np.stack([np.interp(np.arange(20_001), kept, run.theta[kept, j]) for j in (0, 1)], axis=1)
    assert (np.abs(drawn - run.theta) / box).max() < 1.01 * player.SEEN


def test_a_restless_descent_keeps_its_turns():
    run = og.descend(og.Lion, og.surfaces.sphere, start=(1, -2), steps=500, lr=0.05)
    (data,) = og.animate(run).recording["runs"]
    assert data["kept"] is None
    np.testing.assert_array_equal(channel(data, "theta"), run.theta.astype(np.float32))


def test_the_loss_chart_knows_what_the_axis_shows():
    run = og.descend(og.Adam, og.surfaces.six_hump_camel, start=(0.4, -0.4), steps=30, lr=0.05)
    record = og.animate(run).recording
    assert "lowest value" in record["loss"]["label"] and record["loss"]["scale"] == "log"
    lowest = heights(og.surfaces.six_hump_camel, *og.surfaces.six_hump_camel.known_minima()[0])
    np.testing.assert_allclose(channel(record["runs"][0], "chart")[:, 0], run.loss - lowest, rtol=1e-3)


def test_what_became_of_a_run_is_said_and_kept():
    wild = og.race(
        {"calm": partial(og.SGD, lr=0.1), "wild": partial(og.SGD, lr=1e3), "off": partial(og.Lion, lr=0.1)},
        og.surfaces.unit_rosenbrock,
        steps=100,
    )
    calm, lost, off = wild.animate().recording["runs"]
    assert calm["diverged"] is None
    assert lost["diverged"] == wild["wild"].diverged_at and f"diverged at step {lost['diverged']}" in lost["end"]
    assert np.isnan(channel(lost, "theta")[-1]).all()
    assert off["left"] is not None and f"off the map from step {off['left']}" in off["end"]
    text = player.dumps(wild.animate().recording)
    assert "NaN" not in text and "Infinity" not in text


@pytest.mark.parametrize("name", ["rosenbrock", "tilted_camel", "rastrigin", "cliff"])
def test_heights_are_those_of_the_surface(name):
    surface = getattr(og.surfaces, name)
    land = og.descend(og.SGD, surface, steps=2, lr=1e-6)
    land = og.animate(land).landscape
    share = shares(land)
    (x0, x1), (y0, y1) = surface.box
    x, y = np.linspace(x0, x1, land["size"]), np.linspace(y0, y1, land["size"])
    z = heights(surface, x, y[:, None])
    fine = heights(surface, *np.meshgrid(np.linspace(x0, x1, 257), np.linspace(y0, y1, 257)))
    np.testing.assert_allclose(share, np.clip(Shade.of(surface, fine)(z), 0, 1), atol=1e-3)


def test_a_landscape_is_drawn_to_scale_unless_it_is_a_narrow_strip():
    for height, equal in ((2, True), (1, False)):
        land = og.descend(og.SGD, lambda x, y: x**2 + y**2, (0.1, 0.1), 2, lr=1e-3)
        assert og.animate(land, box=((-2, 2), (-height / 2, height / 2))).landscape["equal"] is equal


def test_holes_of_a_landscape_stay_holes():
    def half(x, y):
        return (x + y).sqrt()

    run = og.descend(og.SGD, half, start=(0.5, 0.5), steps=2, lr=1e-3)
    share = shares(og.animate(run, box=((-1, 1), (-1, 1))).landscape)
    assert np.isnan(share[0, 0]) and np.isfinite(share[-1, -1])


def test_a_curve_and_a_function_of_many_coordinates():
    line = og.descend(og.SGD, og.surfaces.quadratic_1d, steps=20, lr=0.1)
    land = og.animate(line).landscape
    assert len(inflated(land["curve"], "<f4")) == 501 and len(land["minima"]) == 1
    many = og.descend(og.Adam, lambda a, b, c: a**2 + b**2 + 3 * c**2, start=(1, 2, 3), steps=20, lr=0.1)
    film = og.animate(many, panels=("loss", "m"))
    assert film.landscape is None and film.recording["charts"] == ["loss", "m"]
    assert 'class="og-view"' not in film._repr_html_() and 'class="og-charts"' in film._repr_html_()


def test_a_notebook_gets_a_fragment_that_needs_nothing_else(camel, tmp_path):
    film = camel.animate()
    page = film.save(tmp_path / "race.html").read_text()
    assert film._repr_html_() in page and page.startswith("<!doctype html>")
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)  # where a lab writes what embeds it
    for name in re.findall(r'(?:src|href)="([^"]+)"', markup):
        assert name.startswith("data:image/webp;base64,")
    assert not re.search("^import ", page.split('<script type="module">')[1], re.MULTILINE)
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', page)
    assert json.loads(data)["record"] == json.loads(player.dumps(film.recording))


def test_names_cannot_carry_markup():
    evil = '</script><img src=x onerror="alert(1)">'
    runs = {evil: og.descend(og.SGD, og.surfaces.sphere, steps=3)}
    page = og.animate(runs, title=evil)._repr_html_()
    assert "<img src=x" not in page
    assert page.count("</script>") == 2
    (given,) = re.findall(r'<script type="application/json">(.*?)</script>', page)
    assert [run["name"] for run in json.loads(given)["record"]["runs"]] == [evil]


def test_the_same_race_gives_the_same_bytes(camel, tmp_path):
    first = camel.animate().save(tmp_path / "a.html").read_bytes()
    assert camel.animate().save(tmp_path / "b.html").read_bytes() == first
