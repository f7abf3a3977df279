"""A landscape that a page makes is the one that Python makes: heights, contour lines, minima."""

import base64
import json
import zlib

import numpy as np
import pytest
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.render import packing, player, web

CHANGED = {"rosenbrock": {"b": 10}, "ravine": {"condition": 5}, "rastrigin": {"a": 3}, "unit_rosenbrock": {"a": 0.5}}


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/land.js"))
    return found


def land_of(v8, data, parameters=None):
    call = json.dumps(data), json.dumps(parameters or {})
    text = v8.eval(f"""JSON.stringify(landOf({call[0]}, {call[1]}, {{ colors: ["#000", "#fff"] }}), (_, value) =>
        ArrayBuffer.isView(value) ? Array.from(value, String) : value)""")
    land = json.loads(text)
    return land | {"heights": np.array(land["heights"], float)}


def unpacked(land):
    """Heights as Python packed them, as shares of the range."""
    packed = np.frombuffer(zlib.decompress(base64.b64decode(land["heights"])), np.uint8)
    surprise = np.ascontiguousarray(packed.reshape(2, -1).T).view("<u2").reshape(land["size"], -1).astype(int)
    steps = np.where(surprise % 2, -(surprise + 1) // 2, surprise // 2).cumsum(0).cumsum(1)
    return np.where(steps == packing.HOLE, np.nan, steps / (packing.HOLE - 1))


def assert_same(mine, theirs):
    """Two landscapes: the one that V8 made and the one that Python packed."""
    assert {**mine, "heights": 0, "levels": 0, "minima": 0, "colors": 0} == {
        **theirs, "heights": 0, "levels": 0, "minima": 0, "colors": 0, "axes": list(theirs["axes"])
    }  # fmt: skip
    np.testing.assert_allclose(mine["heights"], unpacked(theirs).ravel(), atol=0.51 / (packing.HOLE - 1))
    assert np.nanmin(mine["heights"]) >= 0 and np.nanmax(mine["heights"]) <= 1
    assert [words for _, words in mine["levels"]] == [words for _, words in theirs["levels"]]
    np.testing.assert_allclose(
        [share for share, _ in mine["levels"]], [share for share, _ in theirs["levels"]], atol=1.01e-5
    )
    np.testing.assert_allclose(np.reshape(mine["minima"], (-1, 2)), np.reshape(theirs["minima"], (-1, 2)), rtol=1e-15)


def box_of(surface):
    return np.array(surface.box, float)


@pytest.mark.parametrize("name", [name for name in og.surfaces.__all__ if getattr(og.surfaces, name).dim == 2])
def test_a_landscape_made_in_a_page_is_that_of_a_picture(v8, name):
    surface = getattr(og.surfaces, name)
    assert_same(land_of(v8, programs.landscape_data(surface)), player.landscape(surface, box_of(surface)))


@pytest.mark.parametrize("name", CHANGED)
def test_other_parameters_make_another_landscape(v8, name):
    surface = getattr(og.surfaces, name)
    mine = land_of(v8, programs.landscape_data(surface), CHANGED[name])
    surface = surface.replace(**CHANGED[name])
    assert_same(mine, player.landscape(surface, box_of(surface)))


def test_a_curve_made_in_a_page_is_that_of_a_picture(v8):
    curve = og.surfaces.quadratic_1d
    mine, theirs = land_of(v8, programs.landscape_data(curve)), player.landscape(curve, box_of(curve))
    heights = np.frombuffer(zlib.decompress(base64.b64decode(theirs.pop("curve"))), np.uint8)
    np.testing.assert_array_equal(mine.pop("heights"), np.ascontiguousarray(heights.reshape(4, -1).T).view("<f4")[:, 0])
    assert mine == theirs | {"axes": ["x"]}


def test_where_there_is_no_height_there_is_a_hole(v8):
    half = og.surfaces.surface(box=((-1, 2), (-1, 1)), levels=(0.5, 0.125, 1e-7)[::-1])(lambda x, y: (x + y).sqrt())
    mine = land_of(v8, programs.landscape_data(half))
    assert 0.2 < np.isnan(mine["heights"]).mean() < 0.5
    assert_same(mine, player.landscape(half, box_of(half)))
    ends = og.surfaces.surface(box=((0, 1), (-1, 1)), name="ends")(lambda x, y: 1 / x + y)
    mine = land_of(v8, programs.landscape_data(ends))
    assert np.isnan(mine["heights"]).sum() == mine["size"], "infinite at x = 0"
    assert_same(mine, player.landscape(ends, box_of(ends)))
    none = programs.landscape_data(og.surfaces.surface(box=((-1, 1), (-1, 1)), name="none")(lambda x, y: x / 0 * 0))
    with pytest.raises(JSEvalException, match="none has no finite height in this box"):
        land_of(v8, none)


def test_no_share_lies_above_the_range_by_which_colours_are_spread(v8):
    """The grid between the two others has places where that range was not measured."""
    waves = og.surfaces.surface(box=((-1, 1), (-1, 1)), parameters={"k": 23}, name="waves")
    waves = waves(lambda x, y, *, k=8: (k * x).sin() * (k * y).sin())
    mine = land_of(v8, programs.landscape_data(waves), {"k": 23})
    assert mine["size"] == 193 and mine["heights"].max() == 1
    assert_same(mine, player.landscape(waves, box_of(waves)))


def test_a_landscape_that_varies_along_one_axis_alone_fills_its_map(v8):
    for formula in (lambda x, y: y**2 - 1, lambda x, y: x**2 - 1):
        gutter = og.surfaces.surface(box=((-1, 1), (-1, 2)), name="gutter")(formula)
        assert_same(land_of(v8, programs.landscape_data(gutter)), player.landscape(gutter, box_of(gutter)))


def test_a_minimum_that_another_setting_raises_is_none(v8):
    bowl = og.surfaces.surface(box=((-1, 1), (-1, 1)), minima="find", parameters={"a": 0.25}, name="bowl")
    bowl = bowl(lambda x, y, *, a=0: (x - a) ** 2 + y**2)
    data = programs.landscape_data(bowl)
    np.testing.assert_allclose(land_of(v8, data)["minima"], [(0.25, 0)], atol=1e-9)
    assert land_of(v8, data, {"a": 0.5})["minima"] == []
    upside_down = land_of(v8, programs.landscape_data(og.surfaces.rosenbrock), {"b": -1})
    assert upside_down["minima"] == [] and upside_down["heights"].max() == 1


@pytest.mark.parametrize(
    "name", [name for name in og.surfaces.__all__ if not name.startswith(("unit", "tilted", "swell", "choppy"))]
)
def test_the_shading_of_a_formula_is_that_which_was_chosen_by_hand(v8, name):
    """Of the published functions and the plain ones; but a furrowed bowl, and those whose source shades them so."""
    surface = getattr(og.surfaces, name)
    if surface.dim == 1 or name == "levy_13":
        return
    data = programs.landscape_data(surface)
    typed = {key: data[key] for key in ("name", "axes", "program", "parameters", "box", "levels", "minima")}
    np.testing.assert_array_equal(land_of(v8, typed)["heights"], land_of(v8, data)["heights"])


@pytest.mark.parametrize(
    ("height", "words"),
    [
        (0, "0"), (1234.5, "1.23e+03"), (999.6, "1e+03"), (0.5, "0.5"), (-12.34, "-12.3"), (0.0001234, "0.000123"),
        (0.00001234, "1.23e-05"), (1e-120, "1e-120"), (100, "100"), (99.96, "100"),
    ],
)  # fmt: skip
def test_heights_are_written_as_python_writes_them(v8, height, words):
    assert v8.eval(f"threeDigits({height})") == words == f"{height:.3g}"
