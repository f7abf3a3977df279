"""Small pictures for cards: what is bold, what is faint, and that they reach the edge."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import optguide as og
from optguide.render.film import thumbnail


@pytest.fixture(scope="module")
def film():
    ravine = og.surfaces.ravine.replace(condition=100)
    return og.race({"Momentum": og.Momentum.at(lr=0.01), "Adam": og.Adam.at(lr=0.3)}, ravine, steps=60).animate()


def pixels(image, color):
    """How many pixels are about of this colour."""
    return int((np.abs(np.asarray(image, float) / 255 - to_rgb(color)).max(-1) < 0.06).sum())


def test_a_bold_trail_is_thick_and_a_faint_one_is_not(film):
    bold = film.thumbnail(bold=["Adam"], faint=["Momentum"])
    assert bold.size == (480, 300)
    assert 4000 > pixels(bold, og.Adam.color) > 1200 > 20 > pixels(bold, og.Momentum.color)
    other = film.thumbnail(bold=["Momentum"])
    assert pixels(other, og.Momentum.color) > 1200 and pixels(other, og.Adam.color) == 0
    both = film.thumbnail(bold=["Momentum"], faint=["Adam"])
    changed = (np.abs(np.asarray(both, float) - np.asarray(other, float)).max(-1) > 25).sum()
    assert 800 < changed < 2100, "thinner than a bold one"


def test_a_map_and_a_chart_reach_the_edge_without_words(film):
    image = np.asarray(film.thumbnail("light", bold=["Adam"]), float)
    frame = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert frame.mean() > 140 and np.ptp(frame.mean(1)) > 20, "heights, where axes would leave one ground"
    chart = og.race({"Muon": og.Muon}, og.problems.matrix_quadratic(3, 3), steps=20).animate()
    image = np.asarray(chart.thumbnail("light"), float)
    frame = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert np.ptp(frame.mean(1)) == 0, "no axis, tick or letter cuts the edge"


def test_the_light_one_is_light_and_the_dark_one_dark(film):
    light, dark = (np.asarray(film.thumbnail(theme), float).mean() for theme in ("light", "dark"))
    assert light > 150 > 90 > dark


def test_a_trail_is_seen_whole():
    small = og.race({"Adam": og.Adam.at(lr=0.05)}, og.surfaces.himmelblau, start=(-4.5, -4.5), steps=60).animate()
    image = np.asarray(small.thumbnail(bold=["Adam"]), float) / 255
    rows, _ = np.nonzero(np.abs(image - to_rgb(og.Adam.color)).max(-1) < 0.06)
    assert np.ptp(rows) > 110 and 8 < rows.min() and rows.max() < 292, "the map is enlarged around it"


@pytest.mark.parametrize("trail", [[[-4, 0], [4, 0.1]], [[0, -4], [0.1, 4]], [[1, 1], [1, 1]]])
def test_a_map_that_is_drawn_to_scale_is_cut_to_the_proportions_of_the_picture(trail):
    edges, trail = np.array([[-5, 5], [-5, 5]]), np.array(trail)
    (left, right), (low, high) = view = thumbnail._view(edges, [trail])
    assert (right - left) / (high - low) == pytest.approx(480 / 300)
    assert (view[:, 0] < trail.min(0)).all() and (view[:, 1] > trail.max(0)).all()
    strip = np.array([[-5, 5], [-1, 1]])
    (left, right), (low, high) = thumbnail._view(strip, [trail / (1, 5)])
    assert (right - left) / (high - low) != pytest.approx(480 / 300), "a strip is not drawn to scale"


def test_without_trails_the_landscape_stands_alone(film):
    relief = film.thumbnail(bold=())
    assert pixels(relief, og.Adam.color) == pixels(relief, og.Momentum.color) == 0
    assert np.asarray(relief, float).std() > 15


def test_responses_and_functions_of_one_coordinate_have_curves():
    answer = og.respond(og.Adam, og.signals.spikes, lr=0.25)
    assert pixels(answer.animate().thumbnail(bold=["Adam"]), og.Adam.color) > 1200
    run = og.descend(og.SGD, og.surfaces.quadratic_1d, start=0.75, lr=0.1, steps=10)
    assert pixels(og.animate(run).thumbnail(), og.SGD.color) > 300


def test_an_unknown_theme_or_run_is_refused(film):
    with pytest.raises(ValueError, match="unknown theme 'blue'"):
        film.thumbnail("blue")
    with pytest.raises(ValueError, match="unknown run 'Lion'; known are Momentum, Adam"):
        film.thumbnail(bold=["Lion"])
