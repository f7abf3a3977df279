"""What the player shows, in a real browser: every number, name and line that it draws is compared with the record.

Canvases here keep a list of what is drawn on them, so that a test can ask what is written, and where.
"""

import math
import re
from functools import partial

import numpy as np
import pytest

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
  constructor(...given) { super(...given); this.outline = given[0]; this.made = []; }
  moveTo(x, y) { this.made.push([x, y]); super.moveTo(x, y); }
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
keep("clearRect", ({ canvas }) => { lists.delete(canvas); });
keep("fillText", (_, at, [text, ...place]) => ({ text, at: at(place) }));
keep("arc", (_, at, [x, y, ring]) => ({ ring, at: at([x, y]) }));
keep("fill", (_, at, [path]) => path && { mark: path.outline, at: at([0, 0]) });
keep("stroke", ({ strokeStyle: color, lineWidth: width }, at, [path]) =>
  path?.made.length && { line: path.made.map(at), color, width });
keep("drawImage", ({ canvas }, _, [image]) => { listOf(canvas).push(...listOf(image)); });
"""
STEPS = 40
LAND = og.surfaces.six_hump_camel  # neither its box nor its minima are the same with x and y exchanged
BOX = np.array(LAND.box)
NO_WEBGL = """HTMLCanvasElement.prototype.getContext = ((own) => function (kind, ...rest) {
  return kind === "webgl2" ? null : own.call(this, kind, ...rest); })(HTMLCanvasElement.prototype.getContext);"""


def words(x):
    """A number as the player is to write it: of the record, which has single precision."""
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
        """Where a point stands on the stage; on the floor under it where a height is given, a share of the rise."""
        eye = self.eye()
        u, v = ((np.asarray(point) - BOX[:, 0]) / np.ptp(BOX, axis=1) * 2 - 1) * eye["extent"]
        a, e, z = eye["azimuth"], eye["elevation"], ((0.5 if height is None else height) - 0.5) * eye["rise"]
        right, up = u * math.cos(a) - v * math.sin(a), (u * math.sin(a) + v * math.cos(a)) * math.sin(e)
        return np.array([eye["x"] + eye["scale"] * right, eye["y"] - eye["scale"] * (up + z * math.cos(e))])


def opened(browser, film, runs, path, script=KEPT):
    film.save(path)
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
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
    below = [e for e in shown.on("p.stage.canvas", "text") if e["at"][1] > bottom]
    beside = [e for e in shown.on("p.stage.canvas", "text") if e["at"][0] < left and e not in below]
    for name, entries, j in (("x", below, 0), ("y", beside, 1)):
        (named,) = [e for e in entries if e["text"] == name]
        assert named["at"][j] == pytest.approx(((left + right) / 2, (top + bottom) / 2)[j])
        marks = [e for e in entries if e is not named]
        assert len(marks) >= 3
        for mark in marks:
            wanted = shown.project(np.full(2, number(mark["text"])))
            assert mark["at"][j] == pytest.approx(wanted[j], abs=0.01)


def test_a_height_beside_a_contour_line_is_that_of_the_line(shown, film):
    (left, bottom), (right, top) = shown.eye()["frame"]
    levels = [number(text) for _, text in film.landscape["levels"]]
    labels = [e for e in shown.on("p.stage.canvas", "text") if left < e["at"][0] and e["at"][1] < bottom]
    assert len({e["text"] for e in labels}) >= 3
    for label in labels:
        share = (np.array(label["at"]) - (left, bottom)) / (right - left, top - bottom)
        height = heights(LAND, *(BOX[:, 0] + share * np.ptp(BOX, axis=1)))
        assert number(label["text"]) == min(levels, key=lambda level: abs(level - height))


@pytest.mark.parametrize("turned", [0, 2.2])
def test_edges_of_the_relief_are_named_and_numbered(shown, turned):
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


def test_minima_and_starts_are_ringed_where_they_are(shown, race):
    rings = shown.on("p.stage.canvas", "ring")
    minima = [e["at"] for e in rings if e["ring"] == 5]
    np.testing.assert_allclose(minima, [shown.project(point) for point in LAND.minima], atol=0.01)
    starts = [e["at"] for e in rings if e["ring"] == 3.4]
    np.testing.assert_allclose(starts, [shown.project(run.theta[0]) for run in race.values()], atol=0.01)


def test_trails_and_marks_have_the_colours_shapes_and_places_of_their_runs(shown, race, film):
    (lost,) = {film.recording["style"]["lost"]}
    for step in (0, 1, 7, race["gone"].diverged_at - 1, race["gone"].diverged_at, STEPS):
        shown.at(step)
        marks = {e["color"]: e for e in shown.on("p.stage.canvas", "mark")}
        lines = shown.on("p.stage.canvas", "line")
        for data, run in zip(film.recording["runs"], race.values(), strict=True):
            mark = marks[data["color"]]
            gone = step >= min(x for x in (data["diverged"], data["left"], math.inf) if x is not None)
            assert mark["mark"] == (lost if gone else data["shape"]), (run.name, step)
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
    said = """[[...document.querySelectorAll('.og-legend output')].map((now) => now.textContent),
        p.bar.slider.value, p.bar.slider.max, p.bar.slider.getAttribute('aria-valuetext'), p.bar.counter.textContent]"""
    gone, left = race["gone"].diverged_at, leaves_box_at(race["away"].theta, BOX)
    for step in sorted({0, 1, 13, gone - 1, gone, gone + 1, left - 1, left, left + 1, STEPS - 1, STEPS}):
        shown.at(step)
        wanted = []
        for data, run in zip(film.recording["runs"], race.values(), strict=True):
            if data["diverged"] is not None and step >= gone:
                wanted.append(f"diverged at {gone}")
            elif data["left"] is not None and step >= left:
                wanted.append(f"left at {left}")
            else:
                wanted.append(words(run.loss[step]))
        assert shown(said) == [wanted, str(step), str(STEPS), f"step {step} of {STEPS}", f"{step} / {STEPS}"]


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
        linear += not any(e["text"] == "log" for e in texts)
        assert shown("p.charts[0].heading.textContent") in (title, re.sub(r" *\([^()]*\)$", "", title))
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
        below = [(number(e["text"]), e["at"][0]) for e in texts if e["text"].isdigit() and e["at"][0] > 41]
        for step, x in below:
            assert x == pytest.approx(46 + step / STEPS * (width - 64))
        assert len(below) >= 2 and any(e["text"] == "step" for e in texts)
    assert linear >= 5
    assert "(" in losses.label and losses.label in shown("p.charts[0].select.innerText")


def test_a_chart_marks_the_last_step_before_a_run_diverged(shown, race, film):
    shown("p.draw()")
    marks = [e for e in shown.on("p.charts[0].canvas", "mark") if e["mark"] == film.recording["style"]["lost"]]
    (run,) = [run for run in film.recording["runs"] if run["diverged"] is not None]
    assert [e["color"] for e in marks] == [run["color"]]
    width = shown("p.charts[0].width")
    assert marks[0]["at"][0] == pytest.approx(46 + (run["diverged"] - 1) / STEPS * (width - 64))


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
    entry.get_by_role("button", name="only Adam").focus()
    shown.page.keyboard.press("Tab")  # from the mark to the name
    assert all(alpha[color[0]] < 0.3 for alpha in seen()), "the keyboard follows, too"
    shown.page.keyboard.press("Space")
    assert shown("p.runs.map((run) => run.shown)") == [True, False, True, True]
    assert all(alpha == {c: float(c != color[1]) for c in color} for alpha in seen())
    entry.get_by_role("button", name="only Adam").click()
    shown.page.mouse.move(1, 1)
    assert all(alpha == {c: float(c == color[1]) for c in color} for alpha in seen())
    entry.get_by_role("button", name="only Adam").click()
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


def painted(shown):
    """At places spread over the map: what is painted there, and what the height there asks for."""
    shown("p.runs.forEach((_, i) => p.toggle(i, false)), p.draw()")
    shade = Shade.of(LAND, heights(LAND, *np.meshgrid(*(np.linspace(*edge, 257) for edge in BOX))))
    points = BOX[:, 0] + np.random.default_rng(0).uniform(0.02, 0.98, (80, 2)) * np.ptp(BOX, axis=1)
    places = [[float(x) for x in shown.project(point)] for point in points]
    found = shown(f"{places}.map(([x, y]) => [...p.stage.canvas.getContext('2d').getImageData(x, y, 1, 1).data])")
    colors = HEIGHTS(np.clip(shade(heights(LAND, *points.T)), 0, 1)) * 255
    return np.abs(np.array(found)[:, :3] - colors[:, :3]).max(axis=1)


def test_the_map_is_painted_as_high_as_the_landscape_is(shown):
    assert np.mean(painted(shown) < 6) > 0.7, "elsewhere there are contour lines, their labels and minima"


def test_without_webgl_it_is_painted_just_so(browser, race, film, tmp_path):
    context, shown = opened(browser, film, race, tmp_path / "race.html", NO_WEBGL + KEPT)
    assert shown("p.canTurn") is False
    assert np.mean(painted(shown) < 8) > 0.8
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
    (said,) = tips(shown, [mark["at"]])
    assert said == ["SGD", "step 7", f"({words(run.theta[7, 0])})", f"loss {words(run.loss[7])}"]
    context.close()
