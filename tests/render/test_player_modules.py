"""The player's modules: how they become one script, and what they compute, in V8 without a browser."""

import base64
import json
import math
import posixpath
import re
import zlib

import numpy as np
import pytest
from py_mini_racer import JSPromiseError

import optguide as og
from optguide.render import packing, player, web

SOURCES = {
    path.relative_to(web.HERE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(web.HERE.rglob("*.js"))
}
PLAYER = [path.name for path in web.HERE.glob("*.js")]
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let|var) (\w+)", re.MULTILINE)
#: Where a script begins what it does, on a page or in a worker.
BEGINS = "if (globalThis.document)", 'if ("WorkerGlobalScope" in globalThis)'


# --- How they become one script.


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_keeps_to_the_forms_that_can_be_joined(name):
    source = SOURCES[name]
    assert source.startswith("// @ts-check\n")
    assert source.count("\n") <= 300
    for line in re.sub("`[^`]*`", "``", source).splitlines():
        if line.startswith("import "):
            assert re.fullmatch(r'import \{ \w+(, \w+)* \} from "\.{1,2}/[\w/-]+\.js";', line)
        elif line.startswith("export "):
            assert re.match(r"export ((async )?function\*?|class|const) \w+\b", line)
        elif not line.startswith(("//", "/**", " ", "}")) and line:
            assert DECLARED.match(line) or line.startswith(BEGINS), f"does something: {line}"


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_imports_what_another_exports_and_uses_it(name):
    for names, other in re.findall(r'^import \{ (.*) \} from "(.*)";', SOURCES[name], re.MULTILINE):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
        for imported in names.split(", "):
            assert re.search(rf"^export [\w* ]*\b{imported}\b", SOURCES[other], re.MULTILINE), f"{imported} of {other}"
            assert len(re.findall(rf"\b{imported}\b", SOURCES[name])) > 1, f"{imported} is not used"


def test_no_two_modules_declare_the_same_name():
    declared = [name for source in SOURCES.values() for name in DECLARED.findall(source)]
    assert sorted(declared) == sorted(set(declared))


def test_the_script_holds_every_module_after_those_that_it_imports():
    order = list(web.modules("main.js"))
    assert sorted(order) == sorted(PLAYER)
    for i, name in enumerate(order):
        assert set(re.findall(r'^import .* from "\./(.*)";', SOURCES[name], re.MULTILINE)) <= set(order[:i])


def test_the_script_imports_and_exports_nothing_and_says_what_it_does_elsewhere():
    script = web.script()
    assert not re.search(r"^(import|export)\b|^ *//|/\*\*|\n\n", script, re.MULTILINE)
    for name in {name for file in PLAYER for name in DECLARED.findall(SOURCES[file])}:
        assert re.search(rf"^(async )?(function\*?|class|const|let) {name}\b", script, re.MULTILINE)


# --- What they compute.


class Scripts:
    """The player's script in V8: ``js("ticks(0, 1, 4)")``. Names in capitals in what is asked are given as values."""

    def __init__(self, v8):
        self.v8 = v8
        self.v8.eval(web.script())
        # What Python deflated is inflated by Python: V8 alone has no streams.
        self.v8.eval("var inflated = {}; bytes = async (text) => Uint8Array.from(inflated[text]);")
        # What is shown of a value, in which JSON has no word for some numbers.
        self.v8.eval("""var shown = (value = null) => JSON.stringify(value, (_, x) =>
            typeof x === "number" && !Number.isFinite(x) ? { number: String(x) } :
            ArrayBuffer.isView(x) ? [...x] : x instanceof Map ? [...x] : x)""")

    def do(self, what):
        self.v8.eval(what)

    def __call__(self, what, **values):
        for name, value in values.items():
            self.v8.eval(f"globalThis.{name} = {json.dumps(value)}")
        return self.plain(self.v8.eval(f"shown(({what}))"))

    def wait(self, name, what, **values):
        """Keep under a name what comes of a promise."""
        for key, value in values.items():
            self.v8.eval(f"globalThis.{key} = {json.dumps(value)}")
        self.v8.eval(f"(async () => {{ globalThis.{name} = await {what}; return 0; }})()").get()

    def inflate(self, *texts):
        for text in texts:
            self.v8.eval(f"inflated[{json.dumps(text)}] = {list(zlib.decompress(base64.b64decode(text)))}")

    def run(self, name, data, steps):
        """Keep under a name a run that Python packed."""
        self.inflate(*data["channels"].values(), *filter(None, [data["kept"]]))
        self.wait(name, f"readRun(DATA, {steps})", DATA=data)

    def land(self, name, data):
        self.inflate(data.get("curve") or data["heights"])
        self.wait(name, "readLandscape(DATA)", DATA=data)

    @staticmethod
    def plain(text):
        return json.loads(text, object_hook=lambda value: float(value["number"]) if "number" in value else value)


@pytest.fixture(scope="module")
def js(v8_alone):
    return Scripts(v8_alone())


RUN = """({ name: "one", color: "#123456", shown: true, diverged: null, left: null, lengths: [],
            at: Float32Array.from(AT),
            channels: { theta: THETA.map((values) => Float32Array.from(values)), loss: [Float32Array.from(AT)] } })"""
BOX = ((-1, 1), (-1, 1))


def test_what_python_packs_is_unpacked(js):
    race = og.race([og.Adam, og.SGD], og.surfaces.tilted_camel, steps=20, lr=0.1)
    for data, run in zip(race.animate().recording["runs"], race.values(), strict=True):
        js.run("run", data, 20)
        assert js("run.at") == list(range(21)) and js("run.shown")
        channels = {name: np.array(values).T for name, values in js("run.channels").items()}
        np.testing.assert_array_equal(channels["theta"], run.theta.astype(np.float32))
        np.testing.assert_array_equal(channels["loss"][:, 0], run.loss.astype(np.float32))
        for name, state in run.states.items():
            np.testing.assert_allclose(channels[name], state, rtol=2**-12, atol=1e-45)
        moved = np.diff(run.theta, axis=0)
        np.testing.assert_allclose(channels["step length"][1:, 0], np.linalg.norm(moved, axis=1), rtol=1e-3)
        np.testing.assert_allclose(channels["step / gradient"][1:], abs(moved / run.grad), rtol=1e-3)
        assert np.isnan(channels["step / gradient"][0]).all()
    run = og.respond(og.Adam, og.signals.noisy_sine, 30)
    signal, adam = run.animate().recording["runs"]
    js.run("run", signal, 29)
    assert js("run.channels") == {"gradient": [pytest.approx(run.gradient, rel=1e-3)]}
    js.run("run", adam, 29)
    assert list(js("run.channels")) == ["update", "parameter", "m", "v"] and js("run.at") == list(range(30))
    np.testing.assert_allclose(js("run.channels.update[0]"), run.update, rtol=1e-3)


@pytest.mark.parametrize("name", ["tilted_camel", "cliff"])
def test_heights_that_python_packs_are_unpacked(js, name):
    share = np.random.default_rng(0).uniform(size=(9, 9))
    share[2:4, 5] = np.nan  # a hole
    land = og.animate(og.descend(og.SGD, getattr(og.surfaces, name), steps=1, lr=1e-6)).landscape
    js.land("land", land | {"size": 9, "heights": packing.pack_heights(share)})
    np.testing.assert_allclose(np.reshape(js("land.heights"), (9, 9)), share, atol=0.51 / (packing.HOLE - 1))
    js.land("land", land)
    heights = np.reshape(js("land.heights"), (land["size"], -1))
    surprise = np.frombuffer(zlib.decompress(base64.b64decode(land["heights"])), np.uint8).reshape(2, -1).T
    surprise = np.ascontiguousarray(surprise).view("<u2").reshape(land["size"], -1).astype(int)
    steps = np.where(surprise % 2, -(surprise + 1) // 2, surprise // 2).cumsum(0).cumsum(1)
    np.testing.assert_allclose(heights, np.where(steps == packing.HOLE, np.nan, steps / (packing.HOLE - 1)), rtol=1e-6)


def test_a_curve_that_python_packs_is_unpacked(js):
    land = og.animate(og.descend(og.SGD, og.surfaces.quadratic_1d, steps=1, lr=0.1)).landscape
    js.land("land", land)
    heights = js("land.heights")
    assert len(heights) == 501 and [min(heights), max(heights)] == pytest.approx(land["range"], rel=1e-6)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"theta": 5 * 4 + 1}, "cut short"),
        ({"theta": 5 * 4}, "theta of SGD has 5 numbers for 4 steps"),
        ({"loss": 6 * 4}, "steps of SGD do not fit"),
    ],
)
def test_a_recording_that_is_spoiled_is_refused(js, broken, says):
    data = og.animate({"SGD": og.descend(og.SGD, og.surfaces.sphere, steps=3, lr=0.1)}).recording["runs"][0]
    data = data | {"channels": dict(data["channels"])}
    for name, size in broken.items():
        data["channels"][name] = base64.b64encode(zlib.compress(bytes(size))).decode()
    with pytest.raises(JSPromiseError, match=says):
        js.run("run", data, 3)


def test_a_landscape_that_is_cut_is_refused(js):
    land = og.animate(og.descend(og.SGD, og.surfaces.sphere, steps=1, lr=0.1)).landscape
    with pytest.raises(JSPromiseError, match="has 9 heights instead of 16"):
        js.land("land", land | {"size": 4, "heights": packing.pack_heights(np.zeros((3, 3)))})


def test_a_thinned_run_is_drawn_where_it_was(js):
    run = og.descend(og.SGD, og.surfaces.rosenbrock, start=(-1.5, 2), steps=2000, lr=1e-3)
    (data,) = og.animate(run).recording["runs"]
    js.run("run", data, 2000)
    at = js("run.at")
    assert at[0] == 0 and at[-1] == 2000 and len(at) < 400
    drawn = np.array(js("Array.from({ length: 2001 }, (_, step) => position(run, step))"))
    spans = np.ptp(np.array(og.surfaces.rosenbrock.box), axis=1)
    assert abs((drawn - run.theta) / spans).max() < 1.01 * player.SEEN
    np.testing.assert_allclose(drawn[np.array(at, int)], run.theta[np.array(at, int)], rtol=1e-6)


def test_a_run_stands_between_two_records_and_nowhere_once_it_is_lost(js):
    js.do(f"AT = [0, 2, 6, 7]; THETA = [[0, 1, 3, NaN], [4, 4, 0, NaN]]; run = {RUN}")
    assert js("[0, 1, 2, 5, 6].map((step) => position(run, step))") == [[0, 4], [0.5, 4], [1, 4], [2.5, 1], [3, 0]]
    assert js("[6.5, 7].map((step) => position(run, step))") == [None, None]


def test_the_part_of_a_segment_inside_a_box(js):
    assert js("clip([-2, 0], [2, 0], BOX)", BOX=BOX) == [0.25, 0.75]
    assert js("clip([0, 0], [0.5, 1], BOX)") == [0, 1]
    assert js("clip([0, 1], [0.5, 3], BOX)") == [0, 0], "it touches the edge with its first point"
    assert js("clip([0, 2], [1, 2], BOX)") is None
    assert js("clip([1, -1], [1, 3], BOX)") == [0, 0.5], "along the edge"
    rng = np.random.default_rng(0)
    segments = rng.uniform(-2, 2, (300, 2, 2))
    parts = js("SEGMENTS.map(([a, b]) => clip(a, b, BOX))", SEGMENTS=segments.tolist())
    assert 50 < sum(part is None for part in parts) < 250
    share = np.linspace(0, 1, 401)
    for (a, b), part in zip(segments, parts, strict=True):
        inside = (abs(a + share[:, None] * (b - a)) <= 1).all(axis=1)
        low, high = part or (2, 2)
        assert (inside == ((share >= low) & (share <= high))).all()


def test_ticks_are_round_even_and_inside(js):
    assert js("ticks(0, 1, 4)") == [0, 0.25, 0.5, 0.75, 1]
    assert js("ticks(-1.5, 2, 5)") == [-1, 0, 1, 2]
    assert js("ticks(0, 0.7, 7)") == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], "without noise in the last digit"
    assert js("ticks(0, 100, 5)") == [0, 20, 40, 60, 80, 100]
    rng = np.random.default_rng(0)
    ranges = [(x, x + 10**e, int(n)) for x, e, n in zip(*rng.uniform([-9, -4, 2], [9, 4, 7], (99, 3)).T, strict=True)]
    for (low, high, count), found in zip(ranges, js("R.map((range) => ticks(...range))", R=ranges), strict=True):
        assert found and low - 1e-6 * (high - low) <= found[0] and found[-1] <= high + 1e-6 * (high - low)
        assert len(found) <= count + 1
        if len(found) > 2:
            step = np.diff(found)
            np.testing.assert_allclose(step, step[0], rtol=1e-6)
            assert round(step[0] / 10 ** math.floor(math.log10(step[0] * 1.0001)), 6) in (1, 2, 2.5, 5)
            assert len(found) + 2 > count / 2.5, "not too few either"


def test_the_last_number_that_is_not_above(js):
    assert js("[-1, 0, 2, 3, 5, 9].map((step) => before([0, 3, 5], step))") == [0, 0, 0, 1, 2, 2]


def test_the_least_and_the_greatest(js):
    assert js("range([3, -1, 2])") == [-1, 3]
    assert js("range([])") == [math.inf, -math.inf]


LAND = """({ box: [[-2, 2], [0, 1]], equal: false, size: 3, minima: [], levels: [[0.25, "a"], [0.75, "b"]],
             heights: Float32Array.of(0, 0.5, 1, 0, 0.5, 1, NaN, 0.5, 1) })"""


def test_the_map_fills_its_frame_and_zooming_moves_only_what_is_in_it(js):
    js.do(f"land = {LAND}; camera = new Camera(); eye = camera.eye(land, 464, 254)")
    corners = js("[[-2, 0], [2, 1]].map(([x, y]) => project(land, eye, x, y))")
    assert js("eye.frame") == [[152, 212], [352, 12]] == corners
    assert js("project(land, eye, 0, 0.5)") == [252, 112] == js("[eye.x, eye.y]")
    js("camera.scale(2), camera.drag(30, -10)")
    js.do("eye = camera.eye(land, 464, 254)")
    assert js("eye.frame") == [[152, 212], [352, 12]]
    assert js("project(land, eye, 0, 0.5)") == [282, 102]
    assert js("project(land, eye, 2, 1)") == [282 + 200, 102 - 200]
    js.do("land.equal = true; eye = new Camera().eye(land, 464, 254)")
    (left, bottom), (right, top) = js("eye.frame")
    assert right - left == pytest.approx(4 * (bottom - top)), "a unit of x is as long as a unit of y"


def test_axes_say_where_things_are_however_much_is_seen(js):
    js.do(f"""land = {LAND}; land.axes = ["x", "y"]; camera = new Camera(); written = [];
        pen = {{ fillRect() {{}}, save() {{}}, restore() {{}}, translate() {{}}, rotate() {{}},
                 fillText: (...what) => written.push(what) }};
        axes = () => {{ written = []; eye = camera.eye(land, 464, 254); drawAxes(pen, land, eye, "#000", 1); }}""")
    js("axes()")
    assert js("written") == [
        ["−2", 152, 219], ["0", 252, 219], ["2", 352, 219], ["x", 252, 236],
        ["0", 145, 212], ["0.5", 145, 112], ["1", 145, 12], ["y", 0, 0],
    ]  # fmt: skip
    js("camera.scale(4), camera.drag(50, 0), axes()")
    assert js("written.map(([text, x, y]) => [text, Math.round(x), Math.round(y)])") == [
        ["−0.5", 202, 219], ["0", 302, 219], ["x", 252, 236],
        ["0.4", 145, 192], ["0.5", 145, 112], ["0.6", 145, 32], ["y", 0, 0],
    ]  # fmt: skip
    js.do("""written = []; eye = new Camera().eye(land, 464, 254); eye.x += 300; eye.y += 400;
             for (const corner of eye.frame) { corner[0] += 300; corner[1] += 400; }
             drawAxes(pen, land, eye, "#000", 1)""")
    assert js("written.map(([text, x, y]) => [text, x - 300, y - 400]).slice(0, -1)") == [
        ["−2", 152, 219], ["0", 252, 219], ["2", 352, 219], ["x", 252, 236],
        ["0", 145, 212], ["0.5", 145, 112], ["1", 145, 12],
    ]  # fmt: skip


def test_a_canvas_has_the_size_of_its_place_and_is_emptied_only_by_another(js):
    js.do("""sized = []; canvas = { parentElement: { clientWidth: 10, clientHeight: 30 },
        get width() { return 20; }, set width(x) { sized.push(x); },
        get height() { return 60; }, set height(y) { sized.push(y); } }""")
    assert js("fit(canvas, 2)") == [10, 30] and js("sized") == []
    for width, height in ((10, 31), (11, 30)):
        js.do(f"sized = []; canvas.parentElement = {{ clientWidth: {width}, clientHeight: {height} }}")
        assert js("fit(canvas, 2)") == [width, height] and js("sized") == [2 * width, 2 * height]


def test_what_is_written_is_grey_where_no_style_says_otherwise(js):
    js.do("getComputedStyle = ({ told }) => ({ getPropertyValue: (name) => (name === '--og-ink' ? told : 'x') })")
    assert js("[inkOf({ told: ' #123456' }), inkOf({ told: '' })]") == ["#123456", "#888"]


def test_heights_beside_contour_lines_lie_on_them_and_on_nothing_else(js):
    js.do(f"""land = {LAND}; land.heights[6] = 0; land.levels.splice(1, 0, [0.3, "c"]);
        eye = new Camera().eye(land, 264, 254);
        pen = {{ strokeText() {{}}, fillText: (...what) => written.push(what) }};
        labels = (marked) => {{ written = [];
            drawLabels(pen, land, eye, {{ ground: "#000", ink: "#fff" }}, 1, marked); return written; }}""")
    (left, bottom), (right, top) = js("eye.frame")
    free = js("labels([])")
    assert {"b", "c"} <= {text for text, *_ in free}
    for text, x, y in free:
        assert (x - left) / (right - left) == pytest.approx({"a": 0.25, "b": 0.75, "c": 0.3}[text], abs=0.01)
        assert left + 22 < x < right - 22 and top + 10 < y < bottom - 10
    for i, (_, x, y) in enumerate(free):
        assert all(abs(x - u) >= 52 or abs(y - v) >= 34 for _, u, v in free[:i])
    text, x, y = free[0]
    mark = [4 * (x - left) / (right - left) - 2, (bottom - y) / (bottom - top)]
    assert js("project(land, eye, ...MARK)", MARK=mark) == pytest.approx([x, y])
    assert all(abs(x - u) >= 52 or abs(y - v) >= 34 for _, u, v in js("labels([MARK])"))


def test_the_landscape_is_turned_tilted_and_raised(js):
    js.do(f"land = {LAND}; camera = new Camera(); camera.goal = camera.depth = 1; camera.rotate(0.3, 0.1)")
    js.do("eye = camera.eye(land, 400, 300)")
    eye = js("eye")
    assert [eye["azimuth"], eye["elevation"], eye["rise"]] == pytest.approx([-0.32, 0.82, 0.8])
    a, e = eye["azimuth"], eye["elevation"]
    for x, y, height in ((-2, 0, 0), (2, 1, 1), (0.5, 0.25, 0.625), (-2, 1, 1)):  # the last has none, and stands high
        u, v, z = x / 2, 2 * y - 1, (height - 0.5) * eye["rise"]
        right = u * math.cos(a) - v * math.sin(a)
        up = (u * math.sin(a) + v * math.cos(a)) * math.sin(e) + z * math.cos(e)
        wanted = [200 + eye["scale"] * right, 150 - eye["scale"] * up]
        assert js(f"project(land, eye, {x}, {y})") == pytest.approx(wanted)


def test_heights_between_those_that_are_known(js):
    js.do(f"land = {LAND}")
    places = [[-2, 0], [-1, 0.1], [1.5, 0.75], [2, 1], [9, -9]]
    assert js("P.map(([x, y]) => heightAt(land, x, y))", P=places) == [0, 0.25, 0.875, 1, 1]
    assert js("heightAt(land, -1.9, 0.9)") == 1, "a hole"


def test_the_camera_keeps_within_its_limits(js):
    js.do(f"camera = new Camera(); camera.eye({LAND}, 464, 254)")
    assert js("[camera.drag(5, 5), camera.held]") == [False, False], "a map in its frame stays there"
    js("camera.scale(100)")
    assert js("camera.zoom") == 12
    assert js("[camera.drag(5, 7), camera.held, camera.pan]") == [True, True, [5, 7]]
    js("camera.scale(0.001)")
    assert js("[camera.zoom, camera.held, camera.pan]") == [1, False, [0, 0]]
    js("camera.scale(3), camera.drag(1, 1), camera.turn(true)")
    assert js("[camera.goal, camera.zoom, camera.pan]") == [1, 1, [0, 0]]
    before = js("camera.azimuth")
    assert js("camera.drag(10, 1000)") and js("[camera.azimuth, camera.elevation]") == [before + 0.1, math.pi / 2]
    js("camera.rotate(0, -9)")
    assert js("camera.elevation") == 0.12
    js("camera.scale(2), camera.reset()")
    assert js("[camera.azimuth, camera.elevation, camera.zoom, camera.goal]") == [before, 0.72, 1, 1]


def test_what_the_reader_zooms_into_stays_under_the_pointer_and_the_map_in_its_frame(js):
    js.do(f"""land = {LAND}; camera = new Camera(); look = () => camera.eye(land, 464, 254); look();
        at = (place) => {{ const eye = look(); return place.map((x, j) => (x - [eye.x, eye.y][j]) / eye.scale); }}""")
    under = js("at([300, 50])")
    js("camera.scale(3, [300, 50])")
    assert js("at([300, 50])") == pytest.approx(under)
    js("camera.scale(0.7, [300, 50])")
    assert js("at([300, 50])") == pytest.approx(under)
    js("camera.scale(1.5, [300, 50], [280, 60])")
    assert js("at([280, 60])") == pytest.approx(under), "two fingers take along what lies between them"
    middle = js("at(camera.middle)")
    js("camera.scale(1.2)")
    assert js("at(camera.middle)") == pytest.approx(middle), "the keyboard zooms into the middle"
    for drag in ((999, 999), (-9999, -9999)):
        js("camera.drag(...D)", D=drag)
        (left, bottom), (right, top) = js("look().frame")
        low, high = js("[[-2, 0], [2, 1]].map(([x, y]) => project(land, look(), x, y))")
        assert low[0] < left + 1e-6 and low[1] > bottom - 1e-6 and high[0] > right - 1e-6 and high[1] < top + 1e-6
    (left, bottom), (right, top) = js("camera.eye(land, 264, 154).frame")
    low, high = js("[[-2, 0], [2, 1]].map(([x, y]) => project(land, camera.eye(land, 264, 154), x, y))")
    assert low[0] <= left and low[1] >= bottom and high[0] >= right and high[1] <= top, "a smaller stage, too"


def test_a_turn_takes_its_time_and_ends(js):
    js.do("camera = new Camera(); camera.turn(true)")
    assert js("[camera.advance(0.25), camera.depth]") == [True, 0.45]
    assert js("[camera.advance(9), camera.depth, camera.advance(1), camera.depth]") == [True, 1, False, 1]
    js("camera.turn(false)")
    assert js("[camera.advance(0.25), camera.depth]") == [True, 0.55]


VIEW = "({ project: ([x, y]) => [100 * x, 100 * y], pieces: () => PIECES })"


def test_a_trail_ends_at_the_edge_and_goes_on_where_it_comes_back(js):
    js.do(f"AT = [0, 1, 2, 4]; THETA = [[0, 0, 2, 0], [0, 0.5, 0.5, -0.5]]; PIECES = 1; run = {RUN}")
    trail = js(f"trailOf(run, BOX, {VIEW})", BOX=BOX)
    assert trail["t"] == [0, 1, 1.5, 3, 4] and trail["jump"] == [True, False, False, True, False]
    assert trail["x"] == [0, 0, 100, 100, 0] and trail["y"] == [0, 50, 50, 0, -50]
    draped = js(f"trailOf(run, BOX, {VIEW})", PIECES=4)
    assert draped["t"][:5] == [0, 0.25, 0.5, 0.75, 1] and sum(draped["jump"]) == 2
    js.do(f"AT = [0, 1, 2]; THETA = [[0, NaN, 0.5], [0, NaN, 0.5]]; PIECES = 1; run = {RUN}")
    assert js(f"trailOf(run, BOX, {VIEW})")["t"] == [], "what is lost leaves nothing behind it"


def test_a_frame_adds_to_a_trail_what_is_new(js):
    js.do("trail = { t: [0, 1, 1.5, 3, 4], x: [0, 0, 100, 100, 0], y: [0, 50, 50, 0, -50], "
               "jump: [true, false, false, true, false] }")  # fmt: skip
    js.do("followed = (from, to) => { const seen = []; const end = follow({ moveTo: (...at) => seen.push('M', ...at), "
               "lineTo: (...at) => seen.push('L', ...at) }, trail, from, to); return [seen, end]; }")  # fmt: skip
    assert js("followed(0, 0.5)") == [["M", 0, 0, "L", 0, 25], [0, 25]]
    assert js("followed(1, 1.25)") == [["M", 0, 50, "L", 50, 50], [50, 50]]
    assert js("followed(1, 2)") == [["M", 0, 50, "L", 100, 50], [100, 50]], "outside the map there is no trail"
    assert js("followed(1.5, 4)") == [["M", 100, 50, "M", 100, 0, "L", 0, -50], [0, -50]]
    js.do("trail.t = [2, 3]")
    assert js("followed(0, 1)") == [[], None], "it enters the map later"


def test_a_relief_needs_more_pieces_than_a_map(js):
    view = "Object.assign(Object.create(MapView.prototype), { eye: { rise: RISE } })"
    assert js(f"[0, 0.05, 9].map((length) => {view}.pieces(length))", RISE=0) == [1, 1, 1]
    assert js(f"[0, 0.05, 9].map((length) => {view}.pieces(length))", RISE=0.8) == [1, 3, 50]


CLOCK = """frames = []; requestAnimationFrame = (frame) => frames.push(frame); drawn = 0; moving = false;
    run = (now) => frames.splice(0).forEach((frame) => frame(now));
    clock = new Clock(100, 5, () => moving, () => { drawn++; clock.dirty = false; })"""


def test_time_brings_steps_and_the_end_stays_for_a_moment(js):
    js.do(CLOCK)
    assert js("[clock.advance(0.5), clock.step]") == [None, 10]
    js.do("clock.speed = 4")
    assert js("[clock.advance(0.5), clock.step]") == [None, 50]
    js("clock.advance(99)")
    assert js("clock.step") == 100
    js("clock.advance(1.1)")
    assert js("clock.step") == 100
    js("clock.advance(0.2)")
    assert js("[clock.step, clock.wanted]") == [0, True]
    js.do("clock.loop = false; clock.seek(100); clock.advance(1.3)")
    assert js("[clock.step, clock.wanted]") == [100, False]
    js("clock.play()")
    assert js("[clock.step, clock.wanted]") == [0, True]


def test_frames_are_asked_for_only_while_something_moves_and_is_seen(js):
    js.do(CLOCK)
    js("clock.play(), clock.refresh()")
    assert js("frames.length") == 0, "it is not seen"
    js("clock.see(true)")
    assert js("frames.length") == 1
    js("run(1000), run(1050)")
    assert js("[clock.step, drawn, frames.length]") == [1, 2, 1]
    js("run(9000)")
    assert js("clock.step") == 3, "a long gap counts as a tenth of a second"
    js("clock.pause(), run(9050)")
    assert js("[clock.playing, frames.length, drawn]") == [False, 0, 4], "the last frame shows that it rests"
    js("clock.seek(12.6), clock.refresh()")
    assert js("frames.length") == 1, "two reasons, one frame"
    js.do("moving = true; run(9100)")
    assert js("[frames.length, drawn]") == [1, 5], "something else moves"
    js("clock.see(false), run(9150)")
    assert js("[frames.length, drawn]") == [0, 5]
    js("clock.pause()")
    assert js("clock.step") == 13
    js.do("moving = false; clock.see(true); run(9200); clock.see(true); run(9250)")
    assert js("[frames.length, drawn]") == [0, 6], "it is drawn when it is seen again, and not once more"


def packed(name, **channels):
    """A run as a chart needs it."""
    said = {"name": name, "color": f"#{name}", "shown": True, "diverged": None, "left": None, "lengths": []}
    return said | {"channels": channels}


def test_a_chart_offers_what_all_have_and_what_each_has(js):
    record = {"runs": [packed("A", theta=1, loss=1, chart=1, step=1, m=1), packed("B", theta=1, loss=1, step=1, s=1)],
              "loss": {"label": "loss above"}}  # fmt: skip
    choices = dict(js("choicesOf(RECORD)", RECORD=record))
    assert [(c["key"], c["text"], c["run"]) for c in choices["everyone"]] == [
        ("loss", "loss above", None), ("step length", "step length", None), ("step", "step", None)
    ]  # fmt: skip
    assert [(c["key"], c["text"], c["channel"]) for c in choices["A"]] == [
        ("A\ntheta", "A: position", "theta"), ("A\nstep", "A: step", "step"), ("A\nm", "A: m", "m")
    ]  # fmt: skip
    assert [c["run"]["name"] for c in choices["B"]] == ["B", "B", "B"]
    alone = dict(js("choicesOf({ ...RECORD, runs: [RECORD.runs[0]] })"))
    assert [c["key"] for c in alone["everyone"]] == ["loss"]


def test_responses_to_a_signal_have_no_loss(js):
    record = {"runs": [packed("S", gradient=1), packed("A", update=1, m=1), packed("B", update=1)], "loss": None}
    choices = dict(js("choicesOf(RECORD)", RECORD=record))
    assert [c["key"] for c in choices["everyone"]] == ["update"]
    assert [c["text"] for name in "SA" for c in choices[name]] == ["S: gradient", "A: update", "A: m"]


def test_a_chart_says_where_only_the_length_is_known(js):
    runs = [packed(name, theta=1, loss=1, m=1) | {"lengths": ["theta", "m"]} for name in "AB"]
    choices = dict(js("choicesOf(RECORD)", RECORD={"runs": runs, "loss": {"label": "loss"}}))
    assert [(c["key"], c["text"]) for c in choices["everyone"]][2:] == [("m", "length of m")]
    assert [c["text"] for c in choices["A"]] == ["A: length of position", "A: length of m"]


def test_a_chart_draws_the_runs_that_are_shown_or_the_coordinates_of_one(js):
    runs = [packed("A", loss=[[5, 6]], chart=[[1, 2]], m=[[1, 2], [3, 4], [5, 6]]), packed("B", loss=[[3, 4]])]
    lines = "linesOf(RUNS, CHOICE, ['#x', '#y']).map(({ values, color, width }) => [values, color, width])"
    assert js(lines, RUNS=runs, CHOICE={"channel": "loss", "run": None}) == [[[1, 2], "#A", 2], [[3, 4], "#B", 2]]
    assert js(lines, CHOICE={"channel": "m", "run": None}) == [
        [[1, 2], "#A", 2], [[3, 4], "#A", 1.3], [[5, 6], "#A", 1.3]
    ]  # fmt: skip
    own = lines.replace("CHOICE", "{ channel: 'm', run: RUNS[0] }")
    assert js(own) == [[[1, 2], "#A", 2], [[3, 4], "#x", 1.3], [[5, 6], "#y", 1.3]]
    assert js("linesOf(RUNS, { channel: 'loss', run: RUNS[1] }, []).length") == 1
    js.do("RUNS[0].shown = false")
    assert js(lines, CHOICE={"channel": "loss", "run": None}) == [[[3, 4], "#B", 2]] and js(own) == []


def test_a_chart_is_logarithmic_where_numbers_differ_much_and_leaves_out_what_diverged(js):
    scale = "scaleOf(LINES.map(([values, diverged]) => ({ run: { diverged }, values: values.map(Number) })))"
    assert js(scale, LINES=[[[1, 2, 3], None]]) == pytest.approx({"log": False, "low": 0.88, "high": 3.12})
    assert js(scale, LINES=[[[1, 302], None]]) == pytest.approx({"log": True, "low": 2 / 3, "high": 453})
    linear = scale.replace("})))", "})), true)")
    assert js(linear, LINES=[[[1, 302], None]]) == pytest.approx({"log": False, "low": -17.06, "high": 320.06})
    assert js(scale, LINES=[[[0, 1, 302], None]])["low"] == pytest.approx(2 / 3), "zero has no place on it"
    assert not js(scale, LINES=[[[1, 299], None]])["log"] and not js(scale, LINES=[[[-1, 1, 302], None]])["log"]
    assert js(scale, LINES=[[[1, 3], None], [[1e9], 4]])["high"] == pytest.approx(3.12)
    assert js(scale, LINES=[[[1, 3], 4]])["high"] == pytest.approx(3.12), "where all diverged, they count"
    assert js(scale, LINES=[[["NaN", 1, "Infinity", 3], None]])["high"] == pytest.approx(3.12)
    assert js(scale, LINES=[[[2, 2], None]]) == pytest.approx({"log": False, "low": 1.94, "high": 2.06})
    close = js(scale, LINES=[[[0.01, 0.010001], None]])
    assert len({text for _, text in js("marksOf(CLOSE)", CLOSE=close)}) == len(js("marksOf(CLOSE)")) >= 3
    assert js(scale, LINES=[]) == pytest.approx({"log": False, "low": -0.06, "high": 1.06})


def test_a_text_that_does_not_fit_is_shortened(js):
    cases = {25: "loss above (1.5)", 16: "loss above (1.5)", 15: "loss above", 10: "loss above", 9: "loss abo…"}
    cases |= {6: "loss…", 2: "l…"}
    for room, wanted in cases.items():
        assert js("fitting(TEXT, ROOM, (text) => text.length)", TEXT="loss above (1.5)", ROOM=room) == wanted


def test_the_numbers_beside_a_chart(js):
    assert js("marksOf({ log: false, low: -1, high: 1 })") == [
        [-1, "−1"], [-0.5, "−0.5"], [0, "0"], [0.5, "0.5"], [1, "1"]
    ]  # fmt: skip
    marks = js("marksOf({ log: true, low: 0.05, high: 200 })")
    assert marks == [[pytest.approx(0.1), "1e−1"], [1, "1"], [10, "10"], [100, "1e2"]]
    assert js("marksOf({ log: true, low: 0.9, high: 11 })") == [[1, "1"], [10, "10"]], "powers alone"


def test_numbers_in_words(js):
    numbers = [0, 1, -1.23456, 12345, 99999, 123456, 0.001, 0.000999, -1e-9, 2.5e20]
    wanted = ["0", "1", "−1.235", "12350", "100000", "1.23e+5", "0.001", "9.99e−4", "−1.00e−9", "2.50e+20"]
    assert js("NUMBERS.map(digits)", NUMBERS=numbers) == wanted
    assert js("[NaN, Infinity].map(digits)") == ["–", "–"]
    assert js("[-2, 0, 1, 2].map(power)") == ["1e−2", "1", "10", "1e2"]


def test_how_a_run_stands_in_words(js):
    run = packed("A", loss=[[4, 3, 2]], theta=[[0, 0.5, 1], [1, -1, 0]]) | {"at": [0, 10, 20]}
    said = "[0, 12, 20].map((step) => standing(RUN, step))"
    assert js(said, RUN=run) == [{"text": text, "gone": False} for text in ("4", "3", "2")]
    assert js(said, RUN=run | {"left": 12})[1:] == [{"text": "left at 12", "gone": True}] * 2
    assert js(said, RUN=run | {"diverged": 20, "left": 20})[1:] == [
        {"text": "3", "gone": False}, {"text": "diverged at 20", "gone": True}
    ]  # fmt: skip
    told = run | {"told": "theta"}
    assert [each["text"] for each in js(said, RUN=told)] == ["0", "0.5", "1"]
    assert js("record(RUN, 1)") == ["step 10", "(0.5, −1)", "loss 3"]


def test_a_contour_line_is_where_a_whole_number_is(js):
    assert js("[0.25, 0.75, 0.5, 0.24, 0, 0.76, 1].map((h) => bandAt([0.25, 0.75], h))") == pytest.approx(
        [0, 1, 0.5, -0.2, -0.49, 1.2, 1.49]
    )
    assert js("bandAt([], 0.3)") == 0.5


def test_a_relief_is_made_of_triangles_with_the_slopes_of_the_landscape(js):
    js.do(f"land = {LAND}; land.heights[6] = 0; mesh = triangles(land)")
    assert js("mesh.faces") == [0, 1, 3, 1, 4, 3, 1, 2, 4, 2, 5, 4, 3, 4, 6, 4, 7, 6, 4, 5, 7, 5, 8, 7]
    assert js("mesh.slopes") == [0.5, 0] * 9, "from 0 to 1 on the way from -1 to 1"
    assert js("mesh.places")[:6] == pytest.approx([0, -0.49, 0.5, 0.5, 1, 1.49])
    js.do("land.heights = Float32Array.of(0, 0, 0, 0.5, 0.5, 0.5, 1, 1, NaN); mesh = triangles(land)")
    assert js("mesh.slopes")[:4] == [0, 0.5, 0, 0.5]
    assert js("mesh.places")[16] == -1, "a hole lies below the ground, where nothing is painted"


def test_a_curve_lies_where_its_axes_say(js):
    js.do("""view = new CurveView({ box: [[-2, 2]], range: [0, 10], heights: Float32Array.of(10, 0, 10) }, {});
             view.look(472, 272)""")
    places = js("[[-2], [2], [0], [1]].map((point) => view.project(point))")
    assert places == [[56, 26], [456, 26], [256, 226], [356, 126]]
