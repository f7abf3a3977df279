"""What the two planes write and draw of what was found: every text, mark and line, in V8 without a browser."""

import json
import math
import re

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from optguide.render import web

BOX, MINIMA, COUNT, STEPS = [[-2, 4], [0, 3]], [[1, 0.5], [-1.5, 2], [3, 1.25]], 4, 50
MINIMUM = [0, 0, 2, 2, 1, -1, 0, 2, 1, 1, -1, 0, 1, -1, 0, 2]
GONE = [-1] * 13 + [7, 9, -1]
LRS = [0.001, 0.01, 0.1, 1.0, 10.0]
LOSSES, ENDED, AWAY = (
    [900.5, 30.25, 1.5, math.nan, math.nan],
    [-1, -1, -1, 12, 3],
    [4, 0.25, 0.0625, math.nan, math.nan],
)
LEFT, TOP = 56, 8  # where a plane begins on its canvas
LANDS = """
const numbers = (list) => Float64Array.from(list, Number);
class ImageData { constructor(width, height) {
    Object.assign(this, { width, height, data: new Uint8ClampedArray(4 * width * height) }); } }
class OffscreenCanvas { getContext() { return { putImageData: () => {} }; } }
// A pen that keeps what it is asked to do, with the colour, and where a text that is turned begins.
const recorder = () => {
    const made = [], moves = [];
    let moved = null;
    return new Proxy({ made, globalAlpha: 1 }, { get(pen, name) {
        if (name in pen) return pen[name];
        return (...given) => {
            if (name === "translate") moved = { at: given };
            if (name === "rotate") moved.turned = given[0];
            if (name === "restore") moved = null;
            const { fillStyle, strokeStyle, globalAlpha, textAlign } = pen;
            made.push({ name, given, fillStyle, strokeStyle, globalAlpha, textAlign, ...moved });
        };
    } });
};
const drawn = (plane, cursor, now) => {
    const pen = recorder();
    plane.draw(pen, "#123456", cursor, now);
    return pen.made;
};
const shown = (value) => JSON.stringify(value, (_, x) =>
    typeof x === "number" && !Number.isFinite(x) ? null : ArrayBuffer.isView(x) ? [...x] : x);
"""


def test_a_frame_leaves_room_for_what_is_written_beside_it(js):
    assert say(js, "new Frame(100, 50)") == {"across": 100, "up": 50, "width": 56 + 100 + 12, "height": 8 + 50 + 38}


@pytest.fixture(scope="module")
def js():
    v8 = MiniRacer()
    v8.eval(web.script("lab/rates.js") + LANDS)
    found = {"count": COUNT, "box": BOX, "minimum": MINIMUM, "divergedAt": GONE}
    found |= {"arrivedAt": [3 * i % 17 if m >= 0 else -1 for i, m in enumerate(MINIMUM)]}
    found |= {"theta": [i / 8 for i in range(32)], "loss": [i + 0.5 for i in range(16)]}
    v8.eval(
        f"const found = {json.dumps(found)}; const basins = new BasinMap(found, {MINIMA}, ['x', 'y'], {STEPS}, false)"
    )
    rates = {"lrs": LRS, "loss": LOSSES, "divergedAt": ENDED, "distance": AWAY}
    v8.eval(f"""const rates = {json.dumps(rates).replace("NaN", "null")};
        for (const name of ["lrs", "loss", "distance"]) rates[name] = Float64Array.from(rates[name], (x) => x ?? NaN);
        const chart = new RateChart(rates, "#4fb0e8", 0.5), plain = new RateChart(rates, "#4fb0e8", 0);""")
    v8.found = found
    return v8


def say(js, what):
    return json.loads(js.eval(f"shown({what})"))


def words(*values):
    return ", ".join(f"{x:.4g}" for x in values).replace("-", "−")


def number(text):
    return float(text.replace("−", "-"))


def texts(made, size):
    """Texts of both axes with their places as shares of the plane, and the names of the axes."""
    across, up = size
    found = [e for e in made if e["name"] == "fillText"]
    assert {e["fillStyle"] for e in found} == {"#123456"}
    below = [(e["given"][0], (e["given"][1] - LEFT) / across) for e in found if e["given"][2] == TOP + up + 7]
    beside = [(e["given"][0], 1 - (e["given"][2] - TOP) / up) for e in found if e["given"][1] == LEFT - 7]
    ticks = [e["given"] for e in made if e["name"] == "fillRect" and e["fillStyle"] == "#123456"]
    wanted = [[LEFT + at * across - 0.5, TOP + up, 1, 4] for _, at in below]
    np.testing.assert_allclose(ticks, wanted + [[LEFT - 4, TOP + (1 - at) * up - 0.5, 4, 1] for _, at in beside])
    *_, (name, *place) = [e["given"] for e in found if "turned" not in e and e["given"][2] == TOP + up + 22]
    assert place == [LEFT + across / 2, TOP + up + 22]
    (turned,) = [e for e in found if "turned" in e]
    assert turned["at"] == [9, TOP + up / 2] and turned["turned"] == -math.pi / 2 and turned["textAlign"] == "center"
    assert len(found) == len(below) + len(beside) + 2 and min(len(below), len(beside)) >= 3
    return below, beside, name, turned["given"][0]


def test_a_plane_of_starts_says_of_each_where_it_leads(js):
    source = (web.HERE / "lab" / "basins.js").read_text(encoding="utf-8")
    colors = json.loads(re.search(r"MINIMA = (\[.*\])", source)[1])
    wanted = [[color, f"reaches ({words(*point)})"] for color, point in zip(colors, MINIMA, strict=False)]
    assert say(js, "basins.legend") == [*wanted, ["#4a5468", "none of them"], ["#000000", "diverged"]]
    xs, ys = (np.linspace(*edge, COUNT) for edge in BOX)
    assert say(js, "basins.size") == [COUNT, COUNT]
    for n, minimum in enumerate(MINIMUM):
        column, row = n % COUNT, n // COUNT
        start, end = (xs[column], ys[row]), (js.found["theta"][n], js.found["theta"][16 + n])
        assert say(js, f"basins.chosen({column}, {row})") == {"start": list(start)}
        where = f"reaches ({words(*MINIMA[minimum])}), first near it at step {js.found['arrivedAt'][n]}."
        if minimum < 0:
            where = f"reaches none of the minima; it ends at ({words(*end)}) with loss {n + 0.5:g}."
        if GONE[n] >= 0:
            where = f"diverged at step {GONE[n]}."
        assert say(js, f"basins.say({column}, {row})") == f"Start ({words(*start)}): {where}"
        place = [LEFT + (column + 0.5) * 70, TOP + (COUNT - row - 0.5) * 70]
        assert say(js, f"basins.at({place})") == [column, row]
    assert say(js, "[basins.at([55, 20]), basins.at([60, 289])]") == [None, None], "beside it"


@pytest.mark.parametrize(("found", "gone"), [((2, 2), 0), ((0, -1), 0), ((1, -1), 16), ((-1, -1), 3)])
def test_the_legend_of_a_plane_names_what_is_on_it_and_nothing_else(js, found, gone):
    other = {"minimum": found * (COUNT**2 // 2), "divergedAt": [5] * gone + [-1] * (COUNT**2 - gone)}
    plane = f"new BasinMap({{ ...found, ...{json.dumps(other)} }}, {MINIMA}, ['x', 'y'], {STEPS}, false)"
    wanted = [f"reaches ({words(*point)})" for i, point in enumerate(MINIMA) if i in found]
    wanted += ["none of them"] * (-1 in found and gone < COUNT**2) + ["diverged"] * bool(gone)
    assert [text for _, text in say(js, f"{plane}.legend")] == wanted


def test_a_plane_of_starts_marks_minima_the_start_and_the_cursor(js):
    edges = [[-3, 5], [-0.5, 3.5]]  # a start is the middle of its cell

    def place(x, y):
        (x0, x1), (y0, y1) = edges
        return [LEFT + (x - x0) / (x1 - x0) * 280, TOP + (1 - (y - y0) / (y1 - y0)) * 280]

    made = say(js, "drawn(basins, [3, 1], { start: [0.5, 2.75] })")
    below, beside, *names = texts(made, (280, 280))
    assert names == ["start, x", "start, y"]
    for marks, (low, high) in ((below, edges[0]), (beside, edges[1])):
        np.testing.assert_allclose([low + at * (high - low) for _, at in marks], [number(text) for text, _ in marks])
    rings = [e["given"] for e in made if e["name"] == "arc"]
    np.testing.assert_allclose([ring[:2] for ring in rings], [place(*point) for point in (*MINIMA, [0.5, 2.75])])
    assert [ring[2] for ring in rings] == [4, 4, 4, 2.5]
    assert [e["fillStyle"] for e in made if e["name"] == "fill"] == ["#fff"], "the start alone is filled"
    assert [e["strokeStyle"] for e in made if e["name"] == "stroke"] == ["#fff"] * 4
    x, y = place(4, 1)
    cross = [e["given"] for e in made if e["name"] == "fillRect" and e["globalAlpha"] == 0.7]
    np.testing.assert_allclose(cross, [[x - 0.5, TOP, 1, 280], [LEFT, y - 0.5, 280, 1]])
    (image,) = [e["given"][1:] for e in made if e["name"] == "drawImage"]
    assert image == [LEFT, TOP, 280, 280]


def test_a_chart_of_learning_rates_says_of_each_where_it_leads(js):
    assert say(js, "[chart.legend, chart.size, chart.home]") == [[["#000000", "diverged"]], [5, 1], [2, 0]]
    for i, (lr, loss, gone, away) in enumerate(zip(LRS, LOSSES, ENDED, AWAY, strict=True)):
        where = f"loss in the end {words(loss)}, {words(away)} from the nearest minimum."
        where = f"diverged at step {gone}." if gone >= 0 else where
        assert say(js, f"chart.say({i}, 0)") == f"Learning rate {words(lr)}: {where}"
        assert say(js, f"chart.chosen({i})") == {"lr": lr}
        assert say(js, f"[-30, 0, 30].map((d) => chart.at([{LEFT} + {i} * 70 + d, 99]))") == [
            None if not LEFT <= LEFT + i * 70 + d <= LEFT + 280 else [i, 0] for d in (-30, 0, 30)
        ]


@pytest.mark.parametrize(("chart", "lowest", "name"), [
    ("chart", 0.5, "loss in the end − lowest (0.5)"), ("plain", 0, "loss in the end"),
])  # fmt: skip
def test_a_chart_of_learning_rates_is_drawn_at_its_numbers(js, chart, lowest, name):
    made = say(js, f"drawn({chart}, [1, 0], {{ lr: 1 }})")
    low, high = math.log10(1.5 - lowest) - 0.3, math.log10(900.5 - lowest) + 0.3
    below, beside, *names = texts(made, (280, 240))
    assert names == ["learning rate", name]
    assert [text for text, _ in below] == ["1e−3", "1e−2", "1e−1", "1", "10"]
    np.testing.assert_allclose([at for _, at in below], [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(
        [low + at * (high - low) for _, at in beside], [math.log10(number(t)) for t, _ in beside], atol=1e-12
    )
    grid = [e["given"] for e in made if e["name"] == "fillRect" and e["globalAlpha"] == 0.16]
    np.testing.assert_allclose(grid, [[LEFT, TOP + (1 - at) * 240, 280, 1] for _, at in beside])
    line = [e for e in made if e["name"] in ("moveTo", "lineTo")]
    assert [e["name"] for e in line] == ["moveTo", "lineTo", "lineTo"] and line[0]["strokeStyle"] == "#4fb0e8"
    heights = [(math.log10(loss - lowest) - low) / (high - low) for loss in LOSSES[:3]]
    wanted = [[LEFT + i * 70, TOP + (1 - height) * 240] for i, height in enumerate(heights)]
    np.testing.assert_allclose([e["given"] for e in line], wanted)
    gone = [e["given"] for e in made if e["name"] == "fillRect" and e["fillStyle"] == "#000000"]
    np.testing.assert_allclose(gone, [[LEFT + i * 70 - 35, TOP, 70.5, 240] for i in (3, 4)])
    now = [e["given"] for e in made if e["name"] == "fillRect" and e["fillStyle"] == "#4fb0e8"]
    np.testing.assert_allclose(now, [[LEFT + 210 - 1, TOP + 240 - 10, 2, 10]])
    cursor = [e["given"] for e in made if e["name"] == "fillRect" and e["globalAlpha"] == 0.7]
    np.testing.assert_allclose(cursor, [[LEFT + 70 - 0.5, TOP, 1, 240]])
