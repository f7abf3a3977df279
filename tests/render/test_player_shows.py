"""What the player shows, in a real browser: every number, name and line that it draws is compared with the record.

Canvases here keep a list of what is drawn on them, so that a test can ask what is written, and where.
"""

import json
import math
import re
from functools import partial

import numpy as np
import pytest
import torch

import optguide as og
from optguide.render.canvas import Shade, heights, leaves_box_at
from optguide.render.losses import Losses
from optguide.render.style import HEIGHTS

KEPT = """
const lists = new WeakMap();
const listOf = (canvas) => lists.get(canvas) ?? lists.set(canvas, []).get(canvas);
window.drawnOn = (canvas) => listOf(canvas);
const width = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, "width");
Object.defineProperty(HTMLCanvasElement.prototype, "width", {
  ...width, set(value) { lists.delete(this); width.set.call(this, value); },
});
window.Path2D = class extends Path2D {
  constructor(...given) { super(...given); this.outline = given[0]; this.made = []; this.begins = []; }
  moveTo(x, y) { this.begins.push(this.made.length); this.made.push([x, y]); super.moveTo(x, y); }
  lineTo(x, y) { this.made.push([x, y]); super.lineTo(x, y); }
};
const pen = CanvasRenderingContext2D.prototype;
const keep = (name, entry) => {
  const own = pen[name];
  pen[name] = function (...given) {
    const at = ([x, y]) => { const p = this.getTransform().transformPoint({ x, y }); return [p.x, p.y]; };
    const found = entry(this, at, given);
    if (found) listOf(this.canvas).push({ color: this.fillStyle, alpha: this.globalAlpha, ...found });
    return own.apply(this, given);
  };
};
const corners = new WeakMap();
keep("beginPath", (pen) => { corners.set(pen, []); });
keep("lineTo", (pen, at, place) => { corners.get(pen).push(at(place)); });
keep("clearRect", ({ canvas }) => { lists.delete(canvas); });
keep("fillText", ({ textAlign: align }, at, [text, ...place]) =>
  ({ text, at: at(place), align, turned: at([1, 0])[1] - at([0, 0])[1] }));
keep("strokeText", ({ strokeStyle: color }, at, [text, ...place]) => ({ behind: text, at: at(place), color }));
keep("fillRect", (_, at, [x, y, ...size]) => ({ bar: [...at([x, y]), ...size] }));
keep("arc", ({ strokeStyle: color, lineWidth: width }, at, [x, y, ring, from, to]) =>
  ({ ring, at: at([x, y]), color, width, whole: to - from >= 2 * Math.PI }));
keep("fill", ({ strokeStyle: edge }, at, [path]) =>
  path && { mark: path.outline, at: at([0, 0]), unit: at([1, 1]).map((x, j) => x - at([0, 0])[j]), edge });
keep("stroke", (pen, at, [path]) => {
  const { strokeStyle: color, lineWidth: width } = pen;
  if (path) return path.made.length && { line: path.made.map(at), begins: path.begins, color, width };
  return corners.get(pen)?.length && { outline: corners.get(pen), color, width };
});
keep("drawImage", ({ canvas }, _, [image, , , width, ...rest]) => {
  listOf(canvas).push(...listOf(image));
  return rest.length > 2 && { cut: width };
});
"""
STEPS = 40
LAND = og.surfaces.six_hump_camel  # neither its box nor its minima are the same with x and y exchanged
BOX = np.array(LAND.box)
NO_WEBGL = """HTMLCanvasElement.prototype.getContext = ((own) => function (kind, ...rest) {
  return kind === "webgl2" ? null : own.call(this, kind, ...rest); })(HTMLCanvasElement.prototype.getContext);"""


def words(x):
    """A number as the player is to write it: of the record, which has single precision."""
    with np.errstate(over="ignore"):
        x = float(np.float32(x))
    if not np.isfinite(x):
        return "–"
    if x and not 1e-3 <= abs(x) < 1e5:
        text = re.sub(r"e([+-])0", r"e\1", f"{x:.2e}")
    else:
        text = np.format_float_positional(x, precision=4, fractional=False, trim="-")
    return text.replace("-", "−")


def number(text):
    return float(text.replace("−", "-"))


class Shown:
    """A player in a page: ``shown("p.step")``, with p the player."""

    def __init__(self, page, runs):
        self.page, self.runs = page, dict(runs)
        self.steps = max(run.steps for run in runs.values())
        self.first = self("[p.charts.map((c) => c.select.value), document.querySelector('.og-bar select').value]")

    def __call__(self, what):
        return self.page.evaluate(f"() => {{ const p = document.querySelector('.og-player').player; return {what}; }}")

    def reset(self):
        self("p.pause(), p.runs.forEach((_, i) => p.toggle(i, true)), p.follow(-1), p.resetView(), p.turn(false)")
        self("p.charts.forEach((c) => { c.select.value = 'loss'; c.stale = true; })")
        self.at(self.steps)

    def at(self, step):
        self(f"p.seek({step}), p.draw()")

    def on(self, canvas, kind):
        """What is drawn of one kind: ``on("p.stage.canvas", "text")``."""
        return self(f"drawnOn({canvas}).filter((entry) => {kind!r} in entry)")

    def eye(self):
        return self("p.stage.view.eye")

    def project(self, point, height=None):
        """Where a point stands on the stage, or each of several; under it on the floor with a height of 0."""
        eye = self.eye()
        u, v = (((np.asarray(point) - BOX[:, 0]) / np.ptp(BOX, axis=1) * 2 - 1) * eye["extent"]).T
        a, e, z = eye["azimuth"], eye["elevation"], ((0.5 if height is None else height) - 0.5) * eye["rise"]
        right, up = u * math.cos(a) - v * math.sin(a), (u * math.sin(a) + v * math.cos(a)) * math.sin(e)
        return np.array([eye["x"] + eye["scale"] * right, eye["y"] - eye["scale"] * (up + z * math.cos(e))]).T


def opened(browser, film, runs, path, script=KEPT, **options):
    film.save(path)
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce", **options)
    context.add_init_script(script)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".og-player[data-live]")
    return context, Shown(page, runs)


@pytest.fixture(scope="module")
def race():
    runners = {
        "calm": partial(og.SGD, lr=0.01),
        "Adam": partial(og.Adam, lr=0.05),
        "gone": partial(og.SGD, lr=0.5),
        "away": partial(og.Lion, lr=2.0),
    }
    return og.race(runners, LAND, start=(-1.4, 0.9), steps=STEPS)


@pytest.fixture(scope="module")
def film(race):
    return race.animate()


@pytest.fixture(scope="module")
def opened_race(browser, race, film, tmp_path_factory):
    context, shown = opened(browser, film, race, tmp_path_factory.mktemp("shows") / "race.html")
    yield shown
    context.close()


@pytest.fixture
def shown(opened_race):
    opened_race.reset()
    return opened_race


def test_the_race_of_these_tests_has_a_run_of_every_kind(race):
    assert [run.diverged_at is None for run in race.values()] == [True, True, False, True]
    assert [leaves_box_at(race[name].theta, BOX) for name in ("calm", "Adam")] == [None, None]
    assert 1 < leaves_box_at(race["away"].theta, BOX) < STEPS and 1 < race["gone"].diverged_at < STEPS


def test_axes_of_the_map_are_named_and_each_number_stands_at_its_place(shown):
    (left, bottom), (right, top) = shown.eye()["frame"]
    assert not shown.on("p.stage.canvas", "outline"), "no floor lies under a map"
    below = [e for e in shown.on("p.stage.canvas", "text") if e["at"][1] > bottom]
    beside = [e for e in shown.on("p.stage.canvas", "text") if e["at"][0] < left and e not in below]
    for name, entries, j in (("x", below, 0), ("y", beside, 1)):
        (named,) = [e for e in entries if e["text"] == name]
        assert named["at"][j] == pytest.approx(((left + right) / 2, (top + bottom) / 2)[j])
        marks = [e for e in entries if e is not named]
        assert len(marks) >= 3
        bars = [e["bar"] for e in shown.on("p.stage.canvas", "bar") if e["bar"][2 + j] == 1]
        for mark, bar in zip(marks, bars, strict=True):
            wanted = shown.project(np.full(2, number(mark["text"])))
            assert mark["at"][j] == pytest.approx(wanted[j], abs=0.01)
            assert bar == pytest.approx(
                [(wanted[0] - 0.5, bottom, 1, 4), (left - 4, wanted[1] - 0.5, 4, 1)][j], abs=0.01
            )
        assert {(e["align"], e["alpha"]) for e in marks} == {(("center", "right")[j], 1)}
        assert (named["align"], named["turned"]) == ("center", -j), "the name of y is read from below"


def test_a_height_beside_a_contour_line_is_that_of_the_line(shown, race, film):
    (left, bottom), (right, top) = shown.eye()["frame"]
    levels = [number(text) for _, text in film.landscape["levels"]]
    labels = [e for e in shown.on("p.stage.canvas", "text") if left < e["at"][0] and e["at"][1] < bottom]
    assert len({e["text"] for e in labels}) >= 3
    for label in labels:
        share = (np.array(label["at"]) - (left, bottom)) / (right - left, top - bottom)
        height = heights(LAND, *(BOX[:, 0] + share * np.ptp(BOX, axis=1)))
        assert number(label["text"]) == min(levels, key=lambda level: abs(level - height))
        assert label["color"] == film.recording["style"]["ink"]
    behind = shown.on("p.stage.canvas", "behind")
    assert [(e["behind"], e["at"]) for e in behind] == [(e["text"], e["at"]) for e in labels]
    assert {e["color"] for e in behind} == {film.recording["style"]["ground"]}
    for mark in (*LAND.minima, race["calm"].theta[0]):
        away = np.abs([e["at"] - shown.project(mark) for e in labels])
        assert ((away[:, 0] >= 52) | (away[:, 1] >= 34)).all()


@pytest.mark.parametrize("turned", [0, 2.2])
def test_edges_of_the_relief_are_named_and_numbered(shown, film, turned):
    shown(f"p.turn(true), p.rotate({turned}, 0.05), p.draw()")
    texts = shown.on("p.stage.canvas", "text")
    for j, name in enumerate("xy"):
        edges = []
        for side in BOX[1 - j]:
            points = np.full((3, 2), side)
            points[:, j] = [BOX[j, 0], BOX[j].mean(), BOX[j, 1]]
            edges.append([shown.project(point, height=0) for point in points])
        near = max(edges, key=lambda edge: edge[1][1])
        for text, place in zip((words(BOX[j, 0]), name, words(BOX[j, 1])), near, strict=True):
            away = min(np.hypot(*(np.array(e["at"]) - place)) for e in texts if e["text"] == text)
            assert away == pytest.approx(15, abs=0.5), text
    levels = {text for _, text in film.landscape["levels"]}
    assert len(texts) == 6 and not levels & {e["text"] for e in texts}, "the axes of the map are gone"
    (floor,) = shown.on("p.stage.canvas", "outline")
    (x0, x1), (y0, y1) = BOX
    corners = [shown.project(point, height=0) for point in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    np.testing.assert_allclose(floor["outline"], corners, atol=0.01)
    assert floor["alpha"] == pytest.approx(0.35)


def test_minima_and_starts_are_ringed_where_they_are(shown, race, film):
    rings = shown.on("p.stage.canvas", "ring")
    minima = [e["at"] for e in rings if e["ring"] == 5]
    np.testing.assert_allclose(minima, [shown.project(point) for point in LAND.minima], atol=0.01)
    starts = [e["at"] for e in rings if e["ring"] == 3.4]
    np.testing.assert_allclose(starts, [shown.project(run.theta[0]) for run in race.values()], atol=0.01)
    assert [e["color"] for e in rings] == [film.recording["style"]["ink"]] * len(minima) + ["#ffffff"] * len(starts)
    assert all(e["whole"] for e in rings)
    assert [e["width"] for e in rings if e["ring"] == 5] == [1.5] * len(minima)
    shown("p.toggle(0), p.follow(1), p.draw()")
    rings = [e["alpha"] for e in shown.on("p.stage.canvas", "ring") if e["ring"] == 3.4]
    assert rings == pytest.approx([1, 0.15, 0.15]), "hidden runs have none, and those that are not followed a faint one"


def apart(place, points):
    """How far a place is from the line through points."""
    begins, ways = np.array([points[0], *points[:-1]]), np.diff(points, axis=0, prepend=[points[0]])
    shares = ((place - begins) * ways).sum(axis=1) / np.maximum((ways**2).sum(axis=1), 1e-9)
    return np.hypot(*(begins + np.clip(shares, 0, 1)[:, None] * ways - place).T).min()


def test_trails_and_marks_have_the_colours_shapes_and_places_of_their_runs(shown, race, film):
    lost, halo = film.recording["style"]["lost"], film.recording["style"]["halo"]
    for step in (0, 1, 7, race["gone"].diverged_at - 1, race["gone"].diverged_at, STEPS, 9, 0):
        shown.at(step)
        marks = {e["color"]: e for e in shown.on("p.stage.canvas", "mark")}
        lines = shown.on("p.stage.canvas", "line")
        for data, run in zip(film.recording["runs"], race.values(), strict=True):
            mark = marks[data["color"]]
            gone = step >= min(x for x in (data["diverged"], data["left"], math.inf) if x is not None)
            assert mark["mark"] == (lost if gone else data["shape"]), (run.name, step)
            assert mark["unit"] == pytest.approx([13, 13]) and mark["edge"] == "#ffffff"
            been = [shown.project(point) for point in run.theta[: step + 1] if np.isfinite(point).all()]
            drawn = [e for e in lines if e["color"] == data["color"]]
            for i, entry in enumerate(drawn):
                before = lines[lines.index(entry) - 1]
                assert before["color"] == halo and before["line"][-1] == entry["line"][-1], i
                assert [e[k] for e in (before, entry) for k in ("width", "alpha")] == pytest.approx([4.6, 0.55, 2.3, 1])
            for place in [place for entry in drawn for place in entry["line"]]:
                assert apart(place, been) < 0.05, f"{run.name} at step {step} is drawn where it has not been"
            if not gone and ((run.theta[step] >= BOX[:, 0]) & (run.theta[step] <= BOX[:, 1])).all():
                np.testing.assert_allclose(mark["at"], shown.project(run.theta[step]), atol=0.01)
                trail = [e["line"] for e in lines if e["color"] == data["color"]]
                if step:
                    np.testing.assert_allclose(trail[-1][-1], mark["at"], atol=0.01)
    icons = shown("[...document.querySelectorAll('.og-legend li')].map((li) => {"
                  "const path = li.querySelector('path'); return [li.querySelector('span').textContent, "
                  "path.getAttribute('fill'), path.getAttribute('d')]; })")  # fmt: skip
    assert icons == [[run["name"], run["color"], run["shape"]] for run in film.recording["runs"]]


def tips(shown, places):
    """What the tip says when the pointer is at places of the stage, None where it is hidden."""
    return shown(f"""{[[float(x) for x in place] for place in places]}.map(([x, y]) => {{
        const box = p.stage.canvas.getBoundingClientRect();
        const at = {{ clientX: box.left + x, clientY: box.top + y, bubbles: true, pointerId: 1 }};
        p.stage.element.dispatchEvent(new PointerEvent("pointermove", at));
        return p.stage.tip.hidden ? null : p.stage.tip.innerText.split("\\n").filter(Boolean); }})""")


def test_the_tip_stands_at_its_record_and_goes_with_the_pointer(shown, race):
    width = shown("p.stage.width")
    style = "[p.stage.tip.style.left, p.stage.tip.style.top, p.stage.tip.className]"
    point = race["Adam"].theta[20]
    for below, zoom in ((False, "1"), (True, "2, {0}, [{0}[0], 60]")):
        shown(f"p.scale({zoom.format(list(map(float, shown.project(point))))}), p.draw()")
        place = shown.project(point)
        assert tips(shown, [place]) != [None] and (place[1] < 90) == below
        left, top, name = shown(style)
        assert float(left.removesuffix("px")) == pytest.approx(np.clip(place[0], 70, width - 70), abs=0.01)
        assert float(top.removesuffix("px")) == pytest.approx(place[1], abs=0.01)
        assert ("og-below" in name) == below, "above there is no room"
    shown("p.stage.element.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'touch' }))")
    assert not shown("p.stage.tip.hidden"), "a finger that lets go has not pointed elsewhere"
    shown("p.stage.element.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }))")
    assert shown("p.stage.tip.hidden")


def test_the_tip_says_whose_record_is_nearest_and_all_of_it(shown, race):
    rng = np.random.default_rng(0)
    for step, hidden in ((STEPS, None), (9, None), (STEPS, "Adam")):
        shown("p.runs.forEach((run, i) => p.toggle(i, run.name !== {!r}))".format(hidden or ""))
        shown.at(step)
        records = [
            (name, i, shown.project(run.theta[i]))
            for name, run in race.items()
            for i in range(min(step + 1, len(run.theta)))
            if name != hidden and ((run.theta[i] >= BOX[:, 0]) & (run.theta[i] <= BOX[:, 1])).all()
        ]
        near = [shown.project(race[name].theta[i]) for name, i in (("calm", 3), ("Adam", 20), ("Adam", 8), ("away", 2))]
        places = np.concatenate([np.array(near) + rng.uniform(-3, 3, (4, 2)), [(80, 30)]])
        for place, said in zip(places, tips(shown, places), strict=True):
            distances = [np.hypot(*(place - at)) for *_, at in records]
            order = np.argsort(distances, kind="stable")
            if distances[order[0]] > 14:
                assert said is None
                continue
            name, i, _ = records[order[0]]
            x, y = map(words, race[name].theta[i])
            assert said == [name, f"step {i}", f"({x}, {y})", f"loss {words(race[name].loss[i])}"]


def test_legend_and_bar_say_where_each_run_stands_at_this_very_step(shown, race, film):
    said = """[[...document.querySelectorAll('.og-legend li')].map((entry) => {
            const [only, { title, ariaPressed, children: [name, settings, now] }] = entry.querySelectorAll('button');
            return [only.ariaLabel, only.title, title, ariaPressed, now.className,
                ...[name, settings, now].map((part) => part.textContent)]; }),
        p.bar.slider.value, p.bar.slider.max, p.bar.slider.getAttribute('aria-valuetext'), p.bar.counter.textContent]"""
    gone, left = race["gone"].diverged_at, leaves_box_at(race["away"].theta, BOX)
    for step in sorted({0, 1, 13, gone - 1, gone, gone + 1, left - 1, left, left + 1, STEPS - 1, STEPS}):
        shown.at(step)
        wanted = []
        for data, (name, run) in zip(film.recording["runs"], race.items(), strict=True):
            now = words(run.loss[step])
            if data["diverged"] is not None and step >= gone:
                now = f"diverged at {gone}"
            elif data["left"] is not None and step >= left:
                now = f"left at {left}"
            what = [f"only {name}", "only this, or all again", "show or hide", "true"]
            wanted.append([*what, "og-gone" if " at " in now else "", name, data["settings"], now])
        assert shown(said) == [wanted, str(step), str(STEPS), f"step {step} of {STEPS}", f"{step} / {STEPS}"]
    assert len({entry[6] for entry in wanted}) == len(race), "every run has settings of its own"
    shown.at(6.9)
    entries, *_, counter = shown(said)
    assert [entry[-1] for entry in entries[:2]] == [words(race[name].loss[6]) for name in ("calm", "Adam")]
    assert counter == f"6 / {STEPS}", "a step counts when it is done"
    name = "document.querySelector('.og-stage').ariaLabel"
    keys = "Space plays, arrows step, 3 turns the landscape up."
    assert shown(name) == f"{film.recording['title']}: the descents so far. {keys}"


def charted(shown, key):
    """What the first chart shows of a choice: lines that come, texts, and what values its heights stand for."""
    shown(f"(p.charts[0].select.value = {key!r}, p.charts[0].select.dispatchEvent(new Event('change')), p.draw())")
    texts = shown.on("p.charts[0].canvas", "text")
    lines = [e for e in shown.on("p.charts[0].canvas", "line") if e["alpha"] < 0.5]
    marks = [(number(e["text"]), e["at"][1]) for e in texts if e["at"][0] == 41 and e["text"] != "log"]
    values, heights = np.array(marks).T
    log = any(e["text"] == "log" for e in texts)
    slope, first = np.polyfit(np.log10(values) if log else values, heights, 1)
    np.testing.assert_allclose(heights, first + slope * (np.log10(values) if log else values), atol=0.05)

    def height(value):
        with np.errstate(divide="ignore", invalid="ignore"):
            return first + slope * (np.log10(value) if log else value)

    assert [e["alpha"] for e in lines] == pytest.approx([0.28] * len(lines)), "what is to come is faint"
    strong = [e for e in shown.on("p.charts[0].canvas", "line") if e["alpha"] == 1]
    assert [(e["color"], e["line"]) for e in strong] == [(e["color"], e["line"]) for e in lines]
    assert {e["color"] for e in texts if e["at"][0] == 41} == {shown("p.charts[0].ink")}
    bars = [e["bar"] for e in shown.on("p.charts[0].canvas", "bar") if e["bar"][0] == 46 and e["bar"][3] == 1]
    np.testing.assert_allclose(
        [y for _, y, *_ in bars], [e["at"][1] for e in texts if e["at"][0] == 41 and e["text"] != "log"]
    )
    return lines, texts, height


def channels(run, loss):
    """All that a chart can show of a run, by the name of its channel: (records, coordinates)."""
    steps = np.diff(run.theta, axis=0, prepend=np.nan)
    gradient = np.concatenate([run.grad, np.full((1, 2), np.nan)])
    with np.errstate(all="ignore"):
        own = {
            "theta": run.theta,
            "gradient": gradient,
            "step": steps,
            "step length": np.hypot(*steps.T)[:, None],
            "step / gradient": np.concatenate([np.full((1, 2), np.nan), np.abs(np.diff(run.theta, axis=0) / run.grad)]),
        }
    return {"loss": loss[:, None], **own, **{name: np.reshape(x, (len(x), -1)) for name, x in run.states.items()}}


def test_every_choice_of_a_chart_draws_the_numbers_of_its_runs_and_names_them(shown, race, film):
    losses = Losses.of(race)
    known = {name: channels(run, losses.series[name]) for name, run in race.items()}
    colors = {run["name"]: run["color"] for run in film.recording["runs"]}
    width = shown("p.charts[0].width")
    choices = shown("[...p.charts[0].select.options].map((o) => [o.value, o.textContent])")
    assert losses.label in dict(choices).values() and len(choices) > 20
    linear = 0
    for key, title in choices:
        name, _, channel = key.rpartition("\n")
        if name == "gone":  # its scale is that of numbers on the way to infinity
            continue
        lines, texts, height = charted(shown, key)
        linear += "log" not in [e["text"] for e in texts]
        assert shown("p.charts[0].heading.textContent") in (title, re.sub(r" *\([^()]*\)$", "", title))
        log = any(e["text"] == "log" for e in texts)
        assert shown("p.charts[0].select.title") == title + ", logarithmic" * log
        wanted = []
        for run in [name] if name else race:
            for j, values in enumerate(known[run].get(channel, np.empty((0, 0))).T):
                y = height(values)
                finite = np.isfinite(y) & np.isfinite(np.float32(values))
                x = 46 + np.arange(len(values)) / STEPS * (width - 64)
                color = film.recording["style"]["coordinates"][j - 1] if name and j else colors[run]
                wanted.append((color, 1.3 if j else 2, np.array([x[finite], y[finite]]).T))
        drawn = [(e["color"], round(e["width"], 3), e["line"]) for e in lines]
        assert [d[:2] for d in drawn] == [w[:2] for w in wanted if len(w[2])], key
        for (*_, line), (*_, points) in zip(drawn, [w for w in wanted if len(w[2])], strict=True):
            line, near = np.array(line), np.abs(points[:, 1]) < 1e3
            np.testing.assert_allclose(line[:, 0], points[:, 0], atol=0.01, err_msg=key)
            np.testing.assert_allclose(line[near, 1], points[near, 1], atol=1, err_msg=key)  # 12 bits are kept
        names = [(e["text"], e["color"]) for e in texts if e["text"] in ("x", "y")]
        first = name or next(run for run in race if channel in known[run])
        one = [color for color, *_ in wanted[: known[first][channel].shape[1]]]
        ink = film.recording["style"]["ink"]
        assert names == ([] if len(one) < 2 else [("y", one[1] if name else ink), ("x", one[0] if name else ink)]), key
        keys = [(e["color"], *e["bar"][2:]) for e in shown.on("p.charts[0].canvas", "bar") if e["bar"][2] == 16]
        assert keys == [(color, 16, width) for (_, color), width in zip(names, (1.3, 2), strict=False)], key
        below = [(number(e["text"]), e["at"][0]) for e in texts if e["text"].isdigit() and e["at"][0] > 41]
        for step, x in below:
            assert x == pytest.approx(46 + step / STEPS * (width - 64))
        assert len(below) >= 2 and any(e["text"] == "step" for e in texts)
    assert linear >= 5
    assert "(" in losses.label and losses.label in shown("p.charts[0].select.innerText")


def test_a_menu_of_a_chart_offers_every_channel_by_its_name(shown, race, film):
    assert shown.first[0] == film.recording["charts"]
    groups = shown("""[...p.charts[0].select.children].map((group) =>
        [group.label, [...group.children].map((option) => [option.value, option.textContent])])""")
    (_, everyone), *own = groups
    assert [title for title, _ in groups] == ["everyone", *race]
    assert everyone[:2] == [["loss", Losses.of(race).label], ["step length", "step length"]]
    assert all(key == text for key, text in everyone[1:])
    for name, choices in own:
        channels = [key.removeprefix(f"{name}\n") for key, _ in choices]
        assert [text for _, text in choices] == [f"{name}: {c.replace('theta', 'position')}" for c in channels]
        assert {*race[name].states, "theta", "gradient", "step length"} < {*channels}


def test_a_chart_says_when_it_is_and_what_has_been(shown, film):
    width, height = shown("[p.charts[0].width, p.charts[0].height]")
    low, high = film.recording["loss"]["limits"]
    assert shown("p.charts[0].scale") == {"log": True, "low": low, "high": high}
    for step in (0, 6.5, 13, STEPS):
        shown.at(step)
        x = 46 + step / STEPS * (width - 64)
        (now,) = [e for e in shown.on("p.charts[0].canvas", "bar") if e["bar"][2:] == [1, height - 48]]
        assert now["bar"][:2] == pytest.approx([x - 0.5, 26]) and now["color"] == film.recording["style"]["ink"]
        (past,) = shown.on("p.charts[0].canvas", "cut")
        assert past["cut"] == pytest.approx(x, abs=0.5)


def test_where_a_number_is_missing_a_line_is_broken(shown):
    shown(
        "(p.runs[0].kept = p.runs[0].channels.theta, p.runs[0].channels.theta = p.runs[0].kept.map((x) => x.slice()))"
    )
    shown("(p.runs[0].channels.theta[0][7] = NaN, p.charts[0].select.value = 'calm\\ntheta', p.charts[0].stale = true)")
    shown("p.draw()")
    lines = shown.on("p.charts[0].canvas", "line")
    shown("p.runs[0].channels.theta = p.runs[0].kept")
    assert [(len(e["line"]), e["begins"]) for e in lines] == [(STEPS, [0, 7]), (STEPS + 1, [0])] * 2


def test_a_chart_marks_the_last_step_before_a_run_diverged(shown, race, film):
    shown("p.draw()")
    marks = [e for e in shown.on("p.charts[0].canvas", "mark") if e["mark"] == film.recording["style"]["lost"]]
    (run,) = [run for run in film.recording["runs"] if run["diverged"] is not None]
    assert [e["color"] for e in marks] == [run["color"]]
    width = shown("p.charts[0].width")
    place = [46 + (run["diverged"] - 1) / STEPS * (width - 64), marks[0]["at"][1]]
    assert marks[0]["at"] == pytest.approx(place) and marks[0]["unit"] == pytest.approx([9, 9])
    low, high = np.log(film.recording["loss"]["limits"])
    loss = Losses.of(race).series["gone"][run["diverged"] - 1]
    bottom = shown("p.charts[0].height") - 26
    height = bottom - (np.log(loss) - low) / (high - low) * (bottom - 30)
    assert place[1] == pytest.approx(np.clip(height, 30, bottom), abs=0.5)


def test_a_run_that_is_hidden_is_drawn_nowhere_and_one_that_is_followed_stands_out(shown, film):
    color = [run["color"] for run in film.recording["runs"]]

    def seen():
        shown("p.draw()")
        stage = shown.on("p.stage.canvas", "line") + shown.on("p.stage.canvas", "mark")
        chart = shown.on("p.charts[0].canvas", "line")
        return [{c: max([e["alpha"] for e in entries if e["color"] == c], default=0) for c in color}
                for entries in (stage, chart)]  # fmt: skip

    entry = shown.page.locator(".og-legend li").nth(1)
    entry.hover()
    for alpha in seen():
        assert alpha[color[1]] == 1 and all(0 < alpha[c] < 0.3 for c in color if c != color[1])
    shown.page.mouse.move(1, 1)
    assert all(alpha == dict.fromkeys(color, 1) for alpha in seen())
    entry.get_by_role("button", name="only Adam", exact=True).focus()
    shown.page.keyboard.press("Tab")  # from the mark to the name
    assert all(alpha[color[0]] < 0.3 for alpha in seen()), "the keyboard follows, too"
    shown.page.keyboard.press("Space")
    assert shown("p.runs.map((run) => run.shown)") == [True, False, True, True]
    assert all(alpha == {c: float(c != color[1]) for c in color} for alpha in seen())
    entry.get_by_role("button", name="only Adam", exact=True).click()
    shown.page.mouse.move(1, 1)
    assert all(alpha == {c: float(c == color[1]) for c in color} for alpha in seen())
    entry.get_by_role("button", name="only Adam", exact=True).click()
    assert shown("p.runs.map((run) => run.shown)") == [True] * 4


def test_controls_do_what_they_say(shown):
    speeds = shown("""[...document.querySelectorAll('.og-bar select option')].map((option) => {
        option.parentElement.value = option.value; option.parentElement.dispatchEvent(new Event("change"));
        return [option.textContent, p.clock.speed]; })""")
    assert len(speeds) == 5 and all(text == f"{speed:g}×" for text, speed in speeds)
    shown("p.pace(1)")
    shown.page.locator(".og-stage").focus()
    for key, wanted in (("Home", 0), ("ArrowRight", 1), ("End", STEPS), ("ArrowLeft", STEPS - 1)):
        shown.page.keyboard.press(key)
        assert shown("p.step") == wanted, key
    zooms = [shown("p.camera.zoom")]
    for key in "++-":
        shown.page.keyboard.press(key)
        zooms.append(shown("p.camera.zoom"))
    assert zooms == pytest.approx([1, 1.2, 1.44, 1.2])
    shown("p.resetView(), p.turn(true)")
    turned = [shown("[p.camera.azimuth, p.camera.elevation]")]
    for key in ("Right", "Up", "Left", "Down"):
        shown.page.keyboard.press(f"Shift+Arrow{key}")
        turned.append(shown("[p.camera.azimuth, p.camera.elevation]"))
    turns = [[0.12, 0], [0, 0.08], [-0.12, 0], [0, -0.08]]
    np.testing.assert_allclose(np.diff(turned, axis=0), turns, atol=1e-12)
    for key, step in (("Left", STEPS - 2), ("Right", STEPS - 1), ("Up", STEPS - 1)):
        shown.page.keyboard.press(f"Arrow{key}")
        assert shown("p.step") == step and shown("[p.camera.azimuth, p.camera.elevation]") == turned[-1], key
    names = "[p.bar.play.getAttribute('aria-label'), p.bar.play.title]"
    shown("p.draw()")
    assert shown(names) == ["play"] * 2
    assert shown("(p.play(), p.draw(), " + names + ")") == ["pause"] * 2
    shown("p.pause(), p.draw()")
    box = shown.page.locator(".og-chart canvas").first.bounding_box()
    for step in (0, 7, 31, STEPS):
        shown.page.mouse.click(box["x"] + 46 + step / STEPS * (box["width"] - 64), box["y"] + 100)
        assert shown("p.step") == step
        assert shown("p.bar.show(p.step, false), p.bar.slider.value") == str(step)
    at = lambda step: (box["x"] + 46 + step / STEPS * (box["width"] - 64), box["y"] + 60)  # noqa: E731
    shown("(p.play(), p.seek(5))")
    shown.page.mouse.move(*at(12))
    assert shown("p.clock.wanted"), "a pointer that passes asks for nothing"
    shown.page.mouse.down()
    assert shown("[p.step, p.clock.wanted]") == [12, False]
    shown.page.mouse.move(*at(20))
    shown.page.mouse.up()
    shown.page.mouse.move(*at(30))
    assert shown("p.step") == 20, "a drag takes time along"


def test_every_control_says_what_it_is_and_shows_it(shown):
    film = "[p.bar.play, ...document.querySelectorAll('.og-bar > *')].slice(1)"
    said = shown(f"{film}.map((c) => [c.ariaLabel ?? c.textContent, c.title, c.ariaPressed])")
    speeds = "".join(f"{speed:g}×" for speed in (0.25, 0.5, 1, 2, 4))
    assert said == [
        ["play", "play", None], ["one step back", "one step back", None],
        ["one step forward", "one step forward", None], ["step", "", None], [f"{STEPS} / {STEPS}", "", None],
        ["speed", "", None], ["repeat", "repeat", "true"],
        ["3-D", "map or landscape", "false"], ["full screen", "full screen", "false"],
    ]  # fmt: skip
    assert shown.first[1] == "1" and shown("document.querySelector('.og-bar select').textContent") == speeds
    filled = """[...document.querySelectorAll('.og-bar path')].map((path) => [5.5, 7.5, 12, 16.5, 18.5].map(
        (x) => path.isPointInFill(new DOMPoint(x, x === 12 ? 12 : 6)) ? "#" : " ").join(""))"""
    assert shown(filled)[:3] == [" ##  ", "# ## ", " ## #"], "triangles, and bars where they end"
    shown("(p.play(), p.draw())")
    assert shown(filled)[0] == " # # ", "two bars"
    shown("(p.pause(), p.draw())")
    repeat = shown.page.get_by_role("button", name="repeat", exact=True)
    for loops in (False, True):
        repeat.click()
        assert shown("p.clock.loop") == loops and repeat.get_attribute("aria-pressed") == str(loops).lower()
    shown("p.turn(true)")
    assert shown.page.get_by_role("button", name="3-D", exact=True).get_attribute("aria-pressed") == "true"


def test_keys_mean_in_a_field_and_to_the_browser_what_they_mean_there(shown):
    page = shown.page
    shown("(p.stopAt(9), document.body.style.paddingBottom = '2000px')")
    turned = shown("p.camera.azimuth")
    page.locator(".og-stage").focus()
    for key in ("Control+0", "Alt+ArrowLeft", "Control+ArrowRight", "Shift+ArrowRight"):
        shown(f"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {keyed(key)}))")
    assert shown("[p.step, p.camera.zoom, p.clock.wanted, p.camera.azimuth]") == [9, 1, False, turned]
    page.get_by_role("slider", name="step", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert shown("p.step") == 10, "the slider moves itself"
    page.locator(".og-chart select").first.focus()
    for key in ("ArrowRight", "Home", "3", "Space"):
        shown(f"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {keyed(key)}))")
    assert shown("[p.step, p.camera.goal, p.clock.wanted]") == [10, 0, False]
    page.get_by_role("button", name="one step back", exact=True).focus()
    page.keyboard.press("Space")
    assert shown("[p.step, p.clock.wanted]") == [9, False], "a button is pressed by it"
    page.locator(".og-stage").focus()
    page.keyboard.press("Space")
    assert shown("p.clock.wanted") and page.evaluate("scrollY") == 0
    shown("(p.pause(), document.body.style.paddingBottom = '')")


def keyed(key):
    """What a press of keys is to a listener: ``Alt+0``."""
    *held, name = key.replace("Space", " ").split("+")
    names = {"Control": "ctrlKey", "Alt": "altKey", "Shift": "shiftKey"}
    return json.dumps({"key": name, "bubbles": True, **dict.fromkeys(map(names.get, held), True)})


def test_a_drag_turns_the_relief_and_a_double_click_takes_it_back(shown):
    shown("(p.turn(true), p.draw())")
    box = shown.page.locator(".og-stage canvas").bounding_box()
    turns = "[p.camera.azimuth, p.camera.elevation, p.camera.zoom]"
    before = shown(turns)
    x, y = box["x"] + 200, box["y"] + 200
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 30, y + 10)
    shown.page.mouse.up()
    assert np.subtract(shown(turns), before) == pytest.approx([0.3, 0.08, 0])
    shown.page.mouse.dblclick(x, y)
    assert shown(turns) == pytest.approx(before)
    shown("(p.turn(false), p.scale(4), p.draw())")
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 30, y + 10)
    shown.page.mouse.up()
    assert shown("p.camera.pan") == pytest.approx([30, 10])
    shown.at(STEPS)
    (left, bottom), (right, top) = shown.eye()["frame"]
    stray = """((edges) => {
        const { data } = p.stage.canvas.getContext("2d").getImageData(...edges);
        const colors = p.runs.map(({ color }) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)));
        return data.filter((_, k) => k % 4 === 0 && colors.some((color) =>
            color.every((part, j) => Math.abs(part - data[k + j]) < 9))).length;
    })"""
    frame = [left + 10, top + 10, right - left - 20, bottom - top - 20]
    assert shown(f"{stray}({frame})") > 50
    for edges in ([0, 0, left - 10, bottom], [0, bottom + 10, right, box["height"] - bottom - 10]):
        assert shown(f"{stray}({edges})") == 0, "nothing runs beyond the frame of the map"
    shown("(p.resetView(), p.draw())")


def painted(shown):
    """At places spread over the map: how far what is painted there is from what the height there asks for."""
    shown("p.runs.forEach((_, i) => p.toggle(i, false)), p.draw()")
    shade = Shade.of(LAND, heights(LAND, *np.meshgrid(*(np.linspace(*edge, 257) for edge in BOX))))
    points = BOX[:, 0] + np.random.default_rng(0).uniform(0.02, 0.98, (200, 2)) * np.ptp(BOX, axis=1)
    (left, bottom), (right, top) = shown.eye()["frame"]
    places = shown.project(points)
    inside = ((places > (left, top)) & (places < (right - 1, bottom - 1))).all(axis=1)
    points, places = points[inside], places[inside].tolist()
    found = shown(f"{places}.map(([x, y]) => [...p.stage.canvas.getContext('2d').getImageData(x, y, 1, 1).data])")
    colors = HEIGHTS(np.clip(shade(heights(LAND, *points.T)), 0, 1)) * 255
    return np.abs(np.array(found)[:, :3] - colors[:, :3]).max(axis=1)


def test_the_map_is_painted_as_high_as_the_landscape_is(shown):
    assert np.mean(painted(shown) < 6) > 0.7, "elsewhere there are contour lines, their labels and minima"


def test_contour_lines_lie_where_the_landscape_is_as_high_as_they_say(shown, film):
    """From one end of the map to the other: the darkest places are those of levels, and every level is one."""
    shown("p.runs.forEach((_, i) => p.toggle(i, false)), p.draw()")
    (left, _), (right, _) = shown.eye()["frame"]
    x = BOX[0, 0] + (np.arange(int(left) + 1, int(right)) + 0.5 - left) / (right - left) * np.ptp(BOX[0])
    shade = Shade.of(LAND, heights(LAND, *np.meshgrid(*(np.linspace(*edge, 257) for edge in BOX))))
    levels = [level for level, _ in film.landscape["levels"]]
    faint = np.array([int(film.recording["style"]["faint"][k : k + 2], 16) for k in (1, 3, 5)])
    on, away = [], []
    for y in np.linspace(*BOX[1], 12)[1:-1]:
        row = int(shown.project((0, y))[1])
        y = BOX[1, 1] - (row + 0.5 - shown.eye()["frame"][1][1]) / np.ptp(
            [f[1] for f in shown.eye()["frame"]]
        ) * np.ptp(BOX[1])
        read = f"p.stage.canvas.getContext('2d').getImageData({int(left) + 1}, {row}, {len(x)}, 1).data"
        pixels = np.reshape(shown(f"[...{read}]"), (-1, 4))[:, :3]
        share = np.clip(shade(heights(LAND, x, np.full_like(x, y))), 0, 1)
        ground = HEIGHTS(share)[:, :3] * 255
        inked = ((pixels - ground) * (faint - ground)).sum(axis=1) / ((faint - ground) ** 2).sum(axis=1)
        for level in levels:
            crossed = np.flatnonzero(np.diff(np.sign(share - level)))
            clear = crossed[np.abs(np.diff(share))[crossed] < 0.01]  # where lines stand apart
            on.extend(inked[max(i - 1, 0) : i + 3].max() for i in clear)
        far = np.min([np.abs(share - level) for level in levels], axis=0) > 3 * np.abs(np.gradient(share)) + 0.004
        away.extend(inked[far])
    assert len(on) > 60 and np.mean(np.array(on) > 0.2) > 0.8, "the rest lies under a label"
    assert np.mean(np.abs(away) < 0.08) > 0.8


def test_the_relief_is_painted_where_trails_lie_on_it_in_light_and_shade(shown):
    shown("(p.turn(true), p.runs.forEach((_, i) => p.toggle(i, false)), p.draw())")
    eye, n = shown.eye(), 201
    u, v = np.meshgrid(*[np.linspace(-1, 1, n)] * 2)
    x, y = (BOX[j, 0] + (w + 1) / 2 * np.ptp(BOX[j]) for j, w in enumerate((u, v)))
    share = np.clip(Shade.of(LAND, heights(LAND, x, y))(heights(LAND, x, y)), 0, 1)
    a, e = eye["azimuth"], eye["elevation"]
    p, q, z = u * eye["extent"][0], v * eye["extent"][1], (share - 0.5) * eye["rise"]
    back = p * np.sin(a) + q * np.cos(a)
    places = np.array([
        eye["x"] + eye["scale"] * (p * np.cos(a) - q * np.sin(a)),
        eye["y"] - eye["scale"] * (back * np.sin(e) + z * np.cos(e)),
    ]).reshape(2, -1)  # fmt: skip
    nearness = (z * np.sin(e) - back * np.cos(e)).ravel()
    along, across = np.gradient(share, 2 / (n - 1))[::-1]
    normal = np.array([-along * eye["rise"], -across * eye["rise"], np.ones_like(share)])
    sun = np.array([-0.5, 0.45, 0.75]) / np.linalg.norm([-0.5, 0.45, 0.75])
    light = 0.62 + 0.55 * np.maximum(np.tensordot(sun, normal / np.linalg.norm(normal, axis=0), 1), 0)
    wanted = (HEIGHTS(share)[..., :3] * 255 * light[..., None]).reshape(-1, 3)
    seen = []
    for k in np.random.default_rng(0).choice(n * n, 400, replace=False):
        there = np.abs(places - places[:, [k]]).max(axis=0) < 2
        if nearness[there].max() < nearness[k] + 0.02:  # nothing stands before it
            seen.append(k)
    found = [f"...p.stage.canvas.getContext('2d').getImageData({x}, {y}, 1, 1).data" for x, y in places[:, seen].T]
    painted = np.reshape(shown(f"[{', '.join(found)}]"), (-1, 4))[:, :3]
    assert len(seen) > 100 and np.mean(np.abs(painted - wanted[seen]).max(axis=1) < 12) > 0.6


def test_without_webgl_it_is_painted_just_so(browser, race, film, tmp_path):
    context, shown = opened(browser, film, race, tmp_path / "race.html", NO_WEBGL + KEPT)
    assert shown("p.canTurn") is False
    assert shown("document.querySelector('.og-turn').title") == "this browser has no WebGL"
    for zoom in (1, 2.5):
        shown(f"p.scale({zoom}, [300, 100])")
        assert np.mean(painted(shown) < 8) > 0.7
    context.close()


def test_a_thinned_run_is_shown_at_the_steps_that_were_kept(browser, tmp_path):
    run = og.descend(og.Momentum, LAND, start=(-1.4, 0.9), steps=1500, lr=1e-3)
    context, shown = opened(browser, run.animate(), {"Momentum": run}, tmp_path / "thin.html")
    kept = shown("[...p.runs[0].at]")
    assert len(kept) < 400 and kept[-1] == 1500
    gap = next(i for i in range(20, len(kept)) if kept[i] - kept[i - 1] > 2)
    for step, known in ((kept[gap], kept[gap]), (kept[gap] - 1, kept[gap - 1]), (1500, 1500)):
        shown.at(step)
        assert shown("document.querySelector('.og-legend output').textContent") == words(run.loss[int(known)])
        assert shown("p.bar.counter.textContent") == f"{step:.0f} / 1500"
    i = int(kept[gap])
    (said,) = tips(shown, [shown.project(run.theta[i])])
    step = int(said[1].split()[1])
    x, y = map(words, run.theta[step])
    assert step in kept and said == ["Momentum", f"step {step}", f"({x}, {y})", f"loss {words(run.loss[step])}"]
    lines, texts, height = charted(shown, "Momentum\ntheta")
    width = shown("p.charts[0].width")
    last = max((e for e in texts if e["text"].isdigit()), key=lambda e: e["at"][0])
    assert last["text"] == "1500" and last["at"][0] + 4 * 7 / 2 <= width  # a figure is 7 pixels wide at most
    x = 46 + np.array(kept) / 1500 * (width - 64)
    for line, values in zip(lines, run.theta[np.array(kept, int)].T, strict=True):
        np.testing.assert_allclose(line["line"], np.array([x, height(values)]).T, atol=0.3)
    context.close()


def test_a_curve_has_its_axis_named_and_numbered(browser, tmp_path):
    run = og.descend(og.SGD, og.surfaces.quadratic_1d, steps=STEPS, lr=0.05)
    context, shown = opened(browser, run.animate(), {"SGD": run}, tmp_path / "line.html")
    width, height = shown("[p.stage.width, p.stage.height]")
    (low, high), (least, most) = og.surfaces.quadratic_1d.box[0], shown("p.stage.land.range")
    texts = shown.on("p.stage.canvas", "text")
    (name,) = [e for e in texts if e["text"] == "x"]
    assert name["at"][1] > height - 20
    for entry in texts:
        if entry is not name and entry["at"][1] == height - 28:
            wanted = 56 + (number(entry["text"]) - low) / (high - low) * (width - 72)
            assert entry["at"][0] == pytest.approx(wanted)
        elif entry is not name:
            wanted = height - 46 - (number(entry["text"]) - least) / (most - least) * (height - 72)
            assert entry["at"][1] - 4 == pytest.approx(wanted)
    assert len(texts) >= 7
    shown.at(7)
    (mark,) = shown.on("p.stage.canvas", "mark")
    x = 56 + (run.theta[7, 0] - low) / (high - low) * (width - 72)
    y = height - 46 - (run.loss[7] - least) / (most - least) * (height - 72)
    assert mark["at"] == pytest.approx([x, y], abs=0.5)
    (drawn,) = shown.on("p.stage.canvas", "outline")
    known = np.linspace(low, high, len(drawn["outline"]))
    theirs = np.array([og.surfaces.quadratic_1d(torch.tensor(x)).item() for x in known])
    line = [
        56 + (known - low) / (high - low) * (width - 72),
        height - 46 - (theirs - least) / (most - least) * (height - 72),
    ]
    np.testing.assert_allclose(drawn["outline"], np.transpose(line), atol=0.1)
    style = shown("p.record.style")
    assert drawn["color"] == style["faint"]
    rings = [e["at"] for e in shown.on("p.stage.canvas", "ring") if e["ring"] == 6]
    (minimum,) = og.surfaces.quadratic_1d.known_minima()
    np.testing.assert_allclose(
        rings, [[np.interp(minimum[0], known, line[0]), np.interp(minimum[0], known, line[1])]], atol=0.5
    )
    (said,) = tips(shown, [mark["at"]])
    assert said == ["SGD", "step 7", f"({words(run.theta[7, 0])})", f"loss {words(run.loss[7])}"]
    context.close()
