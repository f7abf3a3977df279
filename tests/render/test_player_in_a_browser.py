"""The player in a real browser: what is drawn is what was recorded, and every control does what it says."""

import json
import math
from functools import partial

import numpy as np
import pytest

import optguide as og
from optguide.render import player, web


@pytest.fixture(scope="module")
def camel():
    six = [og.SGD, og.Lion, og.AdamD, og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
    return og.race(six, og.surfaces.tilted_camel, steps=100, lr=0.1)


@pytest.fixture(scope="module")
def wild():
    runners = {"calm": partial(og.SGD, lr=0.1), "wild": partial(og.SGD, lr=1e3), "off": partial(og.Lion, lr=0.1)}
    return og.race(runners, og.surfaces.unit_rosenbrock, steps=100)


@pytest.fixture(scope="module")
def folder(camel, wild, tmp_path_factory):
    """Pages as the site has them, data in files, and a page as a notebook has it, all in one."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "player.js").write_text(web.script(), encoding="utf-8")
    (folder / "player.css").write_text(web.style(), encoding="utf-8")
    films = {"camel": camel.animate(), "wild": wild.animate()}
    films["alone"] = og.animate(camel["AdaBeliefD"], panels=("map", "m", "s"))
    films["line"] = og.animate(og.descend(og.SGD, og.surfaces.quadratic_1d, steps=40, lr=0.05))
    films["long"] = og.animate(og.descend(og.SGD, og.surfaces.quadratic_1d, steps=12_345, lr=1e-4))
    films["answer"] = og.respond(og.Momentum, og.signals.saturation, 99, lr=0.25, momentum=[0.5, 0.9]).animate()
    half = og.descend(og.SGD, lambda x, y: (x + y).sqrt(), start=(0.5, 0.5), steps=5, lr=0.01)
    films["half"] = og.animate(half, box=((-1, 1), (-1, 1)))
    evil = "</script><img src=x onerror='document.title=1'>"
    films["evil"] = og.animate({evil: camel["SGD"]}, title=evil)
    for name, film in films.items():
        (folder / f"{name}.json").write_text(player.dumps(film.recording))
        (folder / f"{name}-map.json").write_text(player.dumps(film.landscape))
    (folder / "favicon.ico").write_bytes(b"")
    (folder / "cut.json").write_text((folder / "camel.json").read_text()[:5000])
    record = json.loads((folder / "camel.json").read_text())
    record["runs"][0]["channels"]["theta"] = record["runs"][0]["channels"]["loss"][:-9] + "AAAA"
    (folder / "spoiled.json").write_text(json.dumps(record))
    (folder / "later.json").write_text(json.dumps(record | {"format": 99}))

    def page(*figures, **options):
        parts = []
        for data, land in figures:
            film = films.get(data, films["camel"])
            files = {"recording": f"{data}.json", "landscape": f"{land}-map.json", **options}
            if film.landscape is None:
                del files["landscape"]
            stills = ["<img alt='still'>"] * (2 if film.landscape else 1)
            parts.append(player.markup(film.recording, stills, files))
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title>'
            '<link rel="stylesheet" href="player.css"><script type="module" src="player.js"></script>'
            f"<body>{'<p>between</p>'.join(parts)}</body></html>"
        )

    for name in films:
        (folder / f"{name}.html").write_text(page((name, name)))
    for name in ("cut", "spoiled", "later", "gone"):
        (folder / f"{name}.html").write_text(page((name, "camel"), ("camel", "camel")))
    (folder / "risen.html").write_text(page(("camel", "camel"), view="surface"))
    (folder / "two.html").write_text(page(("camel", "camel"), ("alone", "alone")))
    films["camel"].save(folder / "whole.html")
    return folder


@pytest.fixture(scope="module")
def pages(folder, serving):
    with serving(folder) as address:
        yield address


@pytest.fixture
def show(pages, open_page):
    """Open a page and wait for its player: at rest on the last step, unless motion is wanted."""

    def opened(name, moving=False, **options):
        page = open_page(pages + name, reduced_motion="no-preference" if moving else "reduce", **options)
        page.wait_for_selector(".og-player[data-live]")
        return page

    return opened


def say(page, what):
    """An expression of the page's first player, ``p``."""
    return page.evaluate(f"() => {{ const p = document.querySelector('.og-player').player; return {what}; }}")


def settle(page):
    """Wait until nothing moves and everything is drawn."""
    page.wait_for_function("!document.querySelector('.og-player').player.frame")


def color_at(page, x, y):
    """What is painted at a place of the stage, in CSS pixels."""
    place = f"{x} * p.stage.ratio, {y} * p.stage.ratio"
    return say(page, f"[...p.stage.canvas.getContext('2d').getImageData({place}, 1, 1).data].slice(0, 3)")


@pytest.mark.parametrize("width", [1280, 390])
def test_heads_are_drawn_where_the_runs_were(show, camel, width):
    page = show("camel.html", viewport={"width": width, "height": 900})
    box = np.array(og.surfaces.tilted_camel.box)
    for step in (0, 7, 55, 100):
        say(page, f"p.seek({step}), p.draw()")
        heads = {
            head["name"]: head for head in say(page, "p.heads().map(({name, point, pixel}) => ({name, point, pixel}))")
        }
        (left, bottom), (right, top) = say(page, "p.stage.view.eye.frame")
        for name, run in camel.items():
            np.testing.assert_allclose(heads[name]["point"], run.theta[step], rtol=1e-6, atol=1e-7)
            share = (run.theta[step] - box[:, 0]) / np.ptp(box, axis=1)
            wanted = [left + share[0] * (right - left), bottom + share[1] * (top - bottom)]
            np.testing.assert_allclose(heads[name]["pixel"], wanted, atol=0.01)
    for i, name in enumerate(camel):  # each alone, so that no other head covers it
        say(page, f"p.runs.forEach((_, j) => p.toggle(j, j === {i})), p.seek(40), p.draw()")
        (head,) = say(page, "p.heads().map(({pixel}) => pixel)")
        painted = color_at(page, *head)
        color = camel[name].color
        assert painted == [int(color[k : k + 2], 16) for k in (1, 3, 5)], name


def test_between_two_steps_a_head_is_between_two_records(show, camel):
    page = show("camel.html")
    point = say(page, "p.heads(12.25)[0].point")
    theta = camel["SGD"].theta
    np.testing.assert_allclose(point, 0.75 * theta[12] + 0.25 * theta[13], rtol=1e-5)


def test_play_pause_step_and_scrub_with_the_mouse(show):
    page = show("camel.html")
    assert say(page, "p.step") == 100 and not say(page, "p.playing")
    page.get_by_role("button", name="play", exact=True).click()
    page.wait_for_function(
        "() => { const s = document.querySelector('.og-player').player.step; return s > 3 && s < 90; }"
    )
    page.get_by_role("button", name="pause", exact=True).click()
    step = say(page, "p.step")
    assert step == int(step)
    page.wait_for_timeout(200)
    assert say(page, "p.step") == step
    page.get_by_role("button", name="one step forward", exact=True).click()
    page.get_by_role("button", name="one step forward", exact=True).click()
    page.get_by_role("button", name="one step back", exact=True).click()
    assert say(page, "p.step") == step + 1
    slider = page.get_by_role("slider", name="step", exact=True).bounding_box()
    page.mouse.click(slider["x"] + slider["width"] / 2, slider["y"] + slider["height"] / 2)
    assert abs(say(page, "p.step") - 50) <= 1
    page.wait_for_function("document.querySelector('.og-step').textContent.endsWith(' / 100')")
    chart = page.locator(".og-chart canvas").first.bounding_box()
    page.mouse.click(chart["x"] + chart["width"] / 4, chart["y"] + chart["height"] / 2)
    assert 10 < say(page, "p.step") < 30


def test_the_keyboard_does_all_that_the_mouse_does(show, camel):
    page = show("camel.html")
    page.locator(".og-stage").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert say(page, "p.step") == 1
    page.keyboard.press("End")
    assert say(page, "p.step") == 100
    page.keyboard.press("3")
    assert say(page, "p.camera.goal") == 1
    before = say(page, "p.camera.azimuth")
    page.keyboard.press("Shift+ArrowRight")
    assert say(page, "p.camera.azimuth") > before
    page.keyboard.press("+")
    assert say(page, "p.camera.zoom") > 1
    page.keyboard.press("0")
    assert say(page, "[p.camera.zoom, p.camera.azimuth]") == [1, before]
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.og-player').player.step > 2")
    page.keyboard.press(" ")
    assert not say(page, "p.clock.wanted")
    settle(page)
    order = []
    for _ in range(24):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent")
        )
    for control in ("play", "one step back", "one step forward", "step", "speed", "repeat", "3-D", "full screen"):
        assert control in order
    assert sum(str(name).startswith(tuple(camel)) for name in order) >= 6, (
        "every optimizer of the legend can be reached"
    )


def test_it_fills_the_screen_and_leaves_it(show):
    page = show("two.html")
    button = page.get_by_role("button", name="full screen", exact=True).first
    width = say(page, "p.stage.width")
    button.click()
    page.wait_for_function("document.fullscreenElement === document.querySelector('.og-player')")
    page.wait_for_function(f"document.querySelector('.og-player').player.stage.width > {width}")
    assert button.get_attribute("aria-pressed") == "true"
    legend = page.locator(".og-legend").first.bounding_box()
    assert legend["y"] + legend["height"] <= 900, "it needs no scrolling"
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
    page.wait_for_function(f"document.querySelector('.og-player').player.stage.width === {width}")
    assert button.get_attribute("aria-pressed") == "false"
    page.add_init_script("Object.defineProperty(Document.prototype, 'fullscreenEnabled', { get: () => false })")
    page.reload()
    page.wait_for_selector(".og-player[data-live]")
    assert page.get_by_role("button", name="full screen").count() == 0


def test_speed_and_repeat(show):
    page = show("camel.html")
    page.get_by_label("speed", exact=True).select_option("4")
    page.get_by_role("button", name="repeat", exact=True).click()
    say(page, "p.seek(0), p.play()")
    page.wait_for_function("document.querySelector('.og-player').player.step >= 100", timeout=4000)
    page.wait_for_function("!document.querySelector('.og-player').player.playing", timeout=4000)
    assert say(page, "p.step") == 100
    page.get_by_role("button", name="repeat", exact=True).click()
    say(page, "p.seek(99), p.play()")
    page.wait_for_function(
        "(() => { const s = document.querySelector('.og-player').player.step; return s > 0 && s < 50; })()"
    )


def test_the_legend_hides_a_run_everywhere(show):
    page = show("camel.html")
    button = page.get_by_role("button", name="Lion", exact=True).last  # the first shows it alone
    assert "Lion" in button.inner_text() and button.get_attribute("aria-pressed") == "true"
    button.click()
    settle(page)
    assert button.get_attribute("aria-pressed") == "false"
    assert "Lion" not in say(page, "p.heads().map((h) => h.name)")
    assert say(page, "p.charts[0].series.length") == 5
    button.click()
    settle(page)
    assert "Lion" in say(page, "p.heads().map((h) => h.name)")


def test_a_trail_answers_to_the_pointer(show, camel):
    page = show("camel.html")
    stage = page.locator(".og-stage canvas").bounding_box()
    x, y = say(page, "p.heads(20)[0].pixel")
    page.mouse.move(stage["x"] + x, stage["y"] + y)
    text = page.locator(".og-tip").inner_text()
    name, step = text.split("\n")[0], int(text.split("step ")[1].split("\n")[0])
    assert name in camel
    assert f"loss {camel[name].loss[step]:.4g}"[:8] in text.replace("−", "-")
    page.mouse.move(stage["x"] + stage["width"] - 30, stage["y"] + 60)
    assert page.locator(".og-tip").is_hidden()


def test_the_map_turns_into_a_landscape_and_back(show, camel):
    page = show("camel.html")
    flat = color_at(page, 200, 120)
    page.get_by_role("button", name="3-D", exact=True).click()
    page.wait_for_function("document.querySelector('.og-player').player.depth === 1")
    settle(page)
    colors = {tuple(color_at(page, x, y)) for x in range(60, 380, 20) for y in range(100, 360, 20)}
    assert len(colors) > 25, "a landscape is painted, in light and shade"
    # The same points, projected here: turned, tilted, and raised to the height of the landscape.
    camera = say(page, "p.stage.view.eye")
    land = og.surfaces.tilted_camel
    from optguide.render.canvas import Shade, heights

    grid = heights(land, *np.meshgrid(*(np.linspace(*edge, 257) for edge in land.box)))
    for head in say(page, "p.heads(30).map(({name, point, pixel}) => ({name, point, pixel}))"):
        u, v = head["point"]  # the box is [-1, 1]²
        z = (float(Shade.of(land, grid)(heights(land, u, v))) - 0.5) * camera["rise"]
        a, e = camera["azimuth"], camera["elevation"]
        right = u * math.cos(a) - v * math.sin(a)
        up = (u * math.sin(a) + v * math.cos(a)) * math.sin(e) + z * math.cos(e)
        wanted = [camera["x"] + camera["scale"] * right, camera["y"] - camera["scale"] * up]
        np.testing.assert_allclose(head["pixel"], wanted, atol=0.5)
    stage = page.locator(".og-stage canvas").bounding_box()
    page.mouse.move(stage["x"] + 100, stage["y"] + 100)
    page.mouse.down()
    page.mouse.move(stage["x"] + 160, stage["y"] + 110, steps=3)
    page.mouse.up()
    assert say(page, "p.camera.azimuth") != pytest.approx(camera["azimuth"])
    page.mouse.wheel(0, -300)  # the stage has the focus now
    page.wait_for_function("document.querySelector('.og-player').player.camera.zoom > 1.2")
    page.get_by_role("button", name="3-D", exact=True).click()
    page.wait_for_function("document.querySelector('.og-player').player.depth === 0")
    settle(page)
    assert color_at(page, 200, 120) == flat


def test_a_player_that_opens_in_3d_says_so(show):
    page = show("risen.html")
    button = page.get_by_role("button", name="3-D", exact=True)
    assert say(page, "p.depth") == 1 and button.get_attribute("aria-pressed") == "true"
    button.click()
    assert button.get_attribute("aria-pressed") == "false"


def test_the_turn_is_smooth_where_motion_is_wanted(show):
    page = show("camel.html", moving=True)
    say(page, "p.pause(), p.turn()")
    page.wait_for_function(
        "(() => { const d = document.querySelector('.og-player').player.depth; return d > 0 && d < 1; })()"
    )
    page.wait_for_function("document.querySelector('.og-player').player.depth === 1")


def test_the_wheel_scrolls_the_page_until_the_landscape_is_taken_hold_of(show):
    page = show("two.html")
    stage = page.locator(".og-stage canvas").first.bounding_box()
    page.mouse.move(stage["x"] + 200, stage["y"] + 200)
    page.mouse.wheel(0, 200)
    page.wait_for_function("scrollY > 0")
    assert say(page, "p.camera.zoom") == 1


def test_a_finger_scrolls_the_page_until_the_landscape_is_zoomed_or_turned(show):
    page = show("two.html", has_touch=True, viewport={"width": 390, "height": 700})
    session = page.context.new_cdp_session(page)
    stage = page.locator(".og-stage").first.bounding_box()

    def touch(kind, *places):
        points = [{"x": stage["x"] + x, "y": stage["y"] + y, "id": i} for i, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drag(*ways):
        touch("touchStart", *(way[0] for way in ways))
        for k in range(1, 6):
            touch("touchMove", *([a + (b - a) * k / 5 for a, b in zip(*way, strict=True)] for way in ways))
        page.wait_for_timeout(150)  # fingers that rest before they let go leave the page at rest
        touch("touchEnd")
        settle(page)

    at = "(([x, y]) => [(x - p.stage.view.eye.x), (y - p.stage.view.eye.y)].map((d) => d / p.camera.zoom))"
    drag([(200, 250), (200, 190)])
    assert page.evaluate("scrollY") > 30 and say(page, "p.camera.pan") == [0, 0]
    page.evaluate("scrollTo(0, 0)")
    before = say(page, f"{at}([200, 160])")
    drag([(200, 150), (200, 100)], [(200, 170), (200, 220)])
    assert page.evaluate("scrollY") == 0 and say(page, "p.camera.zoom") == pytest.approx(6)
    assert say(page, f"{at}([200, 160])") == pytest.approx(before, abs=1e-6), "what the fingers held is there still"
    before = say(page, "p.camera.pan")
    drag([(200, 250), (180, 190)])
    moved = np.subtract(say(page, "p.camera.pan"), before)
    assert page.evaluate("scrollY") == 0 and list(moved) == pytest.approx([-20, -60])
    say(page, "p.resetView(), p.turn(), p.draw()")
    before = say(page, "[p.camera.azimuth, p.camera.elevation]")
    drag([(200, 250), (200, 190)])
    after = say(page, "[p.camera.azimuth, p.camera.elevation]")
    assert page.evaluate("scrollY") == 0 and after == pytest.approx([before[0], before[1] - 0.48])
    say(page, "p.turn(false), p.draw()")
    drag([(200, 250), (200, 190)])
    assert page.evaluate("scrollY") > 30


def test_a_finger_reads_a_trail(show, camel):
    page = show("camel.html", has_touch=True)
    stage = page.locator(".og-stage canvas").bounding_box()
    x, y = say(page, "p.heads()[5].pixel")
    page.touchscreen.tap(stage["x"] + x, stage["y"] + y)
    assert page.locator(".og-tip").is_visible() and page.locator(".og-tip b").inner_text() in camel
    page.touchscreen.tap(stage["x"] + stage["width"] - 30, stage["y"] + 60)
    assert page.locator(".og-tip").is_hidden()


def test_the_wheel_zooms_to_the_pointer(show):
    page = show("camel.html")
    stage = page.locator(".og-stage").bounding_box()
    page.locator(".og-stage").focus()
    before = say(page, "p.stage.project([0.5, 0.5])")
    page.mouse.move(stage["x"] + before[0], stage["y"] + before[1])
    page.mouse.wheel(0, -400)
    page.wait_for_function("document.querySelector('.og-player').player.camera.zoom > 1.2")
    settle(page)
    assert say(page, "p.stage.project([0.5, 0.5])") == pytest.approx(before, abs=1)
    assert say(page, "p.camera.zoom") == pytest.approx(math.exp(0.6))


def test_a_chart_shows_the_state_that_is_asked_for(show, camel):
    page = show("alone.html")
    assert say(page, "p.charts.map((c) => c.select.value.split('\\n').at(-1))") == ["m", "s"]
    page.get_by_label("what this chart shows", exact=True).first.select_option("AdaBeliefD\nstep / gradient")
    settle(page)
    drawn = say(page, "p.charts[0].series.map(({values}) => [...values].slice(1))")
    run = camel["AdaBeliefD"]
    np.testing.assert_allclose(drawn, np.abs(np.diff(run.theta, axis=0) / run.grad).T, rtol=1e-3)
    page = show("camel.html")
    options = page.locator(".og-chart select").first.locator("option").all_inner_texts()
    assert {"step length", "gradient", "AdaBC: m", "AdaDerivative: g", "SGD: position"} <= set(options)


def test_a_heading_of_a_chart_is_as_long_as_there_is_room(show):
    page = show("camel.html")
    whole = "loss − lowest value (−8.581e−05)"
    heading, menu = page.locator(".og-heading").first, page.locator(".og-chart select").first
    assert heading.inner_text() == whole
    page.set_viewport_size({"width": 640, "height": 900})
    page.wait_for_function(f"document.querySelector('.og-heading').textContent !== {json.dumps(whole)}")
    assert heading.inner_text() == "loss − lowest value"
    menu.select_option("AdaDerivative\nstep / gradient")
    settle(page)
    assert heading.inner_text().startswith("AdaDerivative: ") and heading.inner_text().endswith("…")
    box, chart = heading.bounding_box(), page.locator(".og-chart").first.bounding_box()
    assert box["x"] + box["width"] <= chart["x"] + chart["width"]
    assert heading.evaluate("e => e.scrollWidth <= e.clientWidth"), "the arrow is seen, too"
    assert {whole, "AdaDerivative: step / gradient"} <= set(menu.locator("option").all_inner_texts())


def test_a_chart_names_its_axis(show):
    page = show("camel.html")
    said = say(page, """(() => {
        const said = [], { fillText } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.fillText = function (text) { said.push(text); };
        p.charts[0].drawGround("#000");
        CanvasRenderingContext2D.prototype.fillText = fillText;
        return said;
    })()""")  # fmt: skip
    assert {"step", "0", "100"} <= set(said)


def test_lost_and_departed_runs_are_marked(show, wild):
    page = show("wild.html")
    texts = page.locator(".og-legend output").all_inner_texts()
    assert float(texts[0].replace("−", "-")) == pytest.approx(wild["calm"].loss[-1], rel=1e-2)
    assert texts[1].startswith("diverged at") and texts[2].startswith("left at")
    marks = say(page, "p.stage.marks(p.step).map(({shape}) => shape === p.stage.lostShape)")
    assert marks == [False, True, True]


def test_a_curve_is_drawn_with_its_iterates(show):
    page = show("line.html")
    x, y = say(page, "p.heads()[0].pixel")
    run = og.descend(og.SGD, og.surfaces.quadratic_1d, steps=40, lr=0.05)
    assert x == pytest.approx(say(page, f"p.stage.view.x({run.theta[-1, 0]})"), abs=0.01)
    assert y == pytest.approx(say(page, f"p.stage.view.y({run.loss[-1]})"), abs=0.5)
    assert page.locator(".og-turn").count() == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_responses_are_charts_of_the_signal_and_of_what_each_rule_makes_of_it(show, width):
    page = show("answer.html", viewport={"width": width, "height": 844})
    run = og.respond(og.Momentum, og.signals.saturation, 99, lr=0.25, momentum=[0.5, 0.9])
    drawn = say(page, "p.charts.map((c) => c.series.map(({values}) => [...values]))")
    np.testing.assert_allclose(drawn[0], [run.gradient], rtol=1e-6)
    np.testing.assert_allclose(drawn[1], run.update.T, rtol=1e-3)
    assert page.locator(".og-heading").all_inner_texts() == ["saturation: gradient", "update"]
    assert page.evaluate("document.querySelector('.og-player').player.charts.some((c) => c.scale.log)") is False
    told = page.locator(".og-legend output")
    wanted = [run.gradient[-1], *run.update[-1]]
    assert [float(text.replace("−", "-")) for text in told.all_inner_texts()] == pytest.approx(wanted, rel=1e-3)
    before = told.evaluate_all("all => all.map((e) => getComputedStyle(e, '::before').content)")
    assert before == (['"gradient "', '"update "', '"update "'] if width > 600 else ["none"] * 3)
    page.locator(".og-bar button").first.focus()
    page.keyboard.press("Home")
    settle(page)
    assert float(told.nth(2).inner_text()) == pytest.approx(run.update[0, 1], rel=1e-3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".og-chart").first.bounding_box()["width"] > 0.9 * min(width, 1100)
    chart, bar = page.locator(".og-chart").last.bounding_box(), page.locator(".og-bar").bounding_box()
    assert chart["y"] + chart["height"] <= bar["y"] + 1
    page.get_by_label("what this chart shows", exact=True).nth(1).select_option("parameter")
    settle(page)
    np.testing.assert_allclose(
        say(page, "p.charts[1].series.map(({values}) => [...values])"), run.theta[1:].T, rtol=1e-3
    )


def test_where_a_landscape_has_no_height_nothing_is_painted(show):
    page = show("half.html")
    left, right = (say(page, f"p.stage.project([{x}, {x}])") for x in (-0.6, 0.6))
    alpha = "p.stage.canvas.getContext('2d').getImageData({} * p.stage.ratio, {} * p.stage.ratio, 1, 1).data[3]"
    assert [say(page, alpha.format(*place)) for place in (left, right)] == [0, 255]


def test_two_players_share_a_page_and_not_their_time(show):
    page = show("two.html", viewport={"width": 1280, "height": 2000})
    page.wait_for_function("[...document.querySelectorAll('.og-player')].every((f) => f.player)")
    page.get_by_role("button", name="one step back", exact=True).first.click()
    steps = page.evaluate("[...document.querySelectorAll('.og-player')].map((f) => f.player.step)")
    assert steps == [99, 100]


def test_it_plays_when_seen_rests_when_not_and_costs_nothing_then(show):
    page = show("two.html", moving=True, viewport={"width": 1280, "height": 700})
    page.wait_for_function("document.querySelector('.og-player').player.step > 1")
    page.evaluate("document.querySelector('.og-player').style.marginBottom = '3000px'")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("!document.querySelector('.og-player').player.frame")
    say(page, "(p.draw = () => { throw new Error('drawn unseen'); })")
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.wait_for_timeout(500)
    assert not errors
    page = show("camel.html", moving=True)
    say(page, "p.pause()")
    settle(page)
    page.wait_for_timeout(300)
    assert not say(page, "p.frame"), "at rest no frame is asked for"


def test_less_motion_means_a_still_with_a_play_button(show):
    page = show("camel.html")
    page.wait_for_timeout(300)
    assert say(page, "p.step") == 100 and not say(page, "p.playing")
    assert page.get_by_role("button", name="play", exact=True).is_visible()


def test_ink_follows_the_theme_while_the_page_is_open(show):
    page = show("camel.html", color_scheme="light")
    inks = []
    for theme in ("light", "dark", "light"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        page.wait_for_function("""(() => {
            const figure = document.querySelector(".og-player");
            return figure.player.charts[0].ink === getComputedStyle(figure).getPropertyValue("--og-ink").trim();
        })()""")
        inks.append(say(page, "p.charts[0].ink"))
    assert inks[0] == inks[2] != inks[1]


@pytest.mark.parametrize(("column", "height", "least", "most"), [(800, 900, 460, 520), (690, 900, 390, 410)])
def test_landscape_bar_and_legend_stand_on_one_screen(show, column, height, least, most):
    """Below a title and a claim of two lines, in the column of a page."""
    page = show("camel.html", viewport={"width": 1366, "height": height})
    page.add_style_tag(content=f"body {{ width: {column}px; margin: 0 auto; padding-top: 276px; }}")
    page.wait_for_function(f"document.querySelector('.og-player').offsetWidth === {column}")
    view, charts = page.locator(".og-view").bounding_box(), page.locator(".og-charts").bounding_box()
    assert view["y"] >= 300 and least <= view["width"] <= most and view["width"] == view["height"]
    assert charts["x"] == view["x"] + view["width"] and view["width"] + charts["width"] == column
    assert (charts["y"], charts["height"]) == (view["y"], view["height"])
    legend = page.locator(".og-legend").bounding_box()
    assert legend["y"] + legend["height"] <= height


def test_a_phone_shows_it_without_scrolling_sideways(show):
    page = show("camel.html", viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    stage, chart = page.locator(".og-stage").bounding_box(), page.locator(".og-chart").first.bounding_box()
    bar = page.locator(".og-bar").bounding_box()
    assert stage["width"] > 340 and chart["width"] > 340
    assert stage["y"] < bar["y"] < chart["y"], "the controls stand under the landscape"


@pytest.mark.parametrize("name", ["camel", "long"])
def test_what_a_control_shows_reaches_no_further_than_its_own_box(show, name):
    # The count of steps once ran into the speed, and one of five digits beyond the article, near the end of the film.
    page = show(f"{name}.html", viewport={"width": 390, "height": 844})
    page.get_by_label("step", exact=True).press("End")
    for width in (340, 272):  # as an article of the site has it there, 390 and 320 wide
        page.set_viewport_size({"width": width, "height": 844})
        wide = "all => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.outerHTML)"
        assert page.locator(".og-bar > *").evaluate_all(wide) == []


def test_the_picture_is_sharp_on_a_dense_screen(show):
    page = show("camel.html", device_scale_factor=2)
    assert say(page, "p.stage.canvas.width / p.stage.canvas.clientWidth") == pytest.approx(2, abs=0.01)
    say(page, "p.seek(50), p.draw()")
    columns = say(
        page,
        """(({ canvas }) => {
        const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const colors = p.runs.map(({ color }) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)).join());
        const strong = new Set();
        for (let k = 0; k < data.length; k += 4) {
            if (colors.includes([...data.subarray(k, k + 3)].join())) strong.add((k / 4) % width);
        }
        return [Math.min(...strong), Math.max(...strong), ...[0, 50].map((step) => 2 * p.charts[0].x(step))];
    })(p.charts[0])""",
    )
    assert columns[:2] == pytest.approx(columns[2:], abs=4), "what has been is drawn at full strength, up to now"


def test_without_scripts_the_stills_the_legend_and_the_words_remain(pages, open_page):
    page = open_page(pages + "camel.html", java_script_enabled=False)
    assert page.locator(".og-player img").count() == 2 and page.locator(".og-player img").first.is_visible()
    assert "AdaBeliefD" in page.locator(".og-legend").inner_text()
    page.locator(".og-words summary").click()
    assert page.locator(".og-words tbody tr").count() == 6


def test_paper_shows_the_stills(show):
    page = show("camel.html")
    assert page.locator(".og-view img").is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".og-view img").is_visible() and page.locator(".og-stage").is_hidden()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cut", "JSON"),
        ("spoiled", "cannot be played"),
        ("later", "format 99"),
        ("gone", "gone.json could not be fetched"),
    ],
)
def test_bad_data_give_a_message_in_the_place_of_the_picture(pages, open_page, name, says):
    page = open_page(pages + f"{name}.html", viewport={"width": 1280, "height": 2000})
    problem = page.locator(".og-player").first.locator(".og-problem")
    problem.wait_for()
    assert says in problem.inner_text()
    page.wait_for_function("document.querySelectorAll('.og-player')[1].player"), "the other picture is not affected"


def test_names_are_text_never_markup(show):
    page = show("evil.html")
    page.wait_for_timeout(200)
    assert page.title() == "test" and page.locator(".og-player img[src=x]").count() == 0
    assert "onerror" in page.locator(".og-legend").inner_text()


def test_a_browser_without_webgl_shows_the_map(pages, open_page):
    page = open_page(pages + "two.html", reduced_motion="reduce")
    page.add_init_script(
        "HTMLCanvasElement.prototype.getContext = (get => function (kind, ...rest) {"
        "return kind === 'webgl2' ? null : get.call(this, kind, ...rest); })(HTMLCanvasElement.prototype.getContext)"
    )
    page.reload()
    page.wait_for_function("document.querySelector('.og-player').player")
    assert page.locator(".og-turn").first.is_disabled()
    assert len({tuple(color_at(page, x, y)) for x in range(80, 400, 40) for y in range(40, 360, 40)}) > 20
    page.goto(pages + "risen.html")
    page.wait_for_function("document.querySelector('.og-player').player")
    assert say(page, "[p.camera.goal, p.camera.depth]") == [0, 0], "also where a page wants the relief"


#: Counts how often a relief is drawn, and says whether the page went on between that and the player's first picture.
WATCHED = """
  const draw = WebGL2RenderingContext.prototype.drawElements;
  window.drawn = 0;
  WebGL2RenderingContext.prototype.drawElements = function (...rest) {
    window.drawn++;
    setTimeout(() => { window.wentOn ??= !document.querySelector("[data-live]"); });
    return draw.apply(this, rest);
  };"""


def test_the_first_picture_is_drawn_once_and_the_page_goes_on_meanwhile(pages, open_page):
    page = open_page(pages + "risen.html", WATCHED, reduced_motion="reduce")
    page.wait_for_selector(".og-player[data-live]")
    settle(page)
    assert page.evaluate("[window.drawn, window.wentOn]") == [1, True]
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function("window.drawn === 2")  # it follows the size of its place, all the same


def test_between_two_steps_nothing_is_written(show):
    page = show("camel.html")
    say(page, "p.seek(7), p.draw()")
    page.evaluate("""() => {
      window.written = 0;
      const watch = new MutationObserver((found) => { window.written += found.length; });
      const all = { subtree: true, childList: true, characterData: true, attributes: true };
      for (const part of document.querySelectorAll(".og-bar, .og-legend")) watch.observe(part, all);
    }""")
    say(page, "p.seek(7.4), p.draw()")
    assert page.evaluate("new Promise((go) => setTimeout(() => go(window.written)))") == 0
    say(page, "p.seek(8), p.draw()")
    assert page.evaluate("new Promise((go) => setTimeout(() => go(window.written)))") > 0


def test_a_saved_page_and_a_notebook_need_no_server(folder, open_page):
    requests = []
    page = open_page("about:blank", reduced_motion="reduce")
    page.on("request", lambda request: requests.append(request.url))
    page.goto((folder / "whole.html").as_uri())
    page.wait_for_function("document.querySelector('.og-player').player")
    assert say(page, "p.heads().length") == 6
    assert all(url.startswith(("file:", "data:")) for url in requests)


def test_a_policy_that_allows_only_the_site_itself_is_enough(folder, serving, open_page):
    page = open_page("about:blank", viewport={"width": 1280, "height": 2000})
    said = []
    # That it is slow without a graphics processor is said once: in whichever test comes first.
    page.on("console", lambda message: said.append(message.text) if "ReadPixels" not in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    with serving(folder, Content_Security_Policy="default-src 'self'") as address:
        page.goto(address + "two.html")
        page.wait_for_selector(".og-player:last-of-type[data-live]")
        page.get_by_role("button", name="3-D", exact=True).first.click()
        trail = page.locator(".og-stage canvas").first.bounding_box()
        page.mouse.move(trail["x"] + 200, trail["y"] + 200)
        page.wait_for_timeout(500)
    assert not said


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_page_finds_what_the_page_of_another_test_kept(pages, open_page, when):
    """Tests share what costs time to make, a context with its process, and nothing else."""
    page = open_page(pages + "line.html")
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.evaluate("localStorage.kept = sessionStorage.kept = document.cookie = 'kept=1'")
