"""The lab in a real browser: a recorded race becomes one that is computed, and a lab of its own opens from a link."""

import functools
import json

import numpy as np
import pytest
import torch
from py_mini_racer import mini_racer

import optguide as og
from optguide.render import player, web


@pytest.fixture(scope="module")
def folder(tmp_path_factory, runners):
    """Pages that were saved, with all that they need."""
    folder = tmp_path_factory.mktemp("saved")
    og.race(runners, og.surfaces.rosenbrock, steps=200).save(folder / "saved.html")

    def wavy(x, y, *, k=2.0):
        return x**2 + y**2 + torch.sin(k * x)

    own = og.race([og.SGD, og.Adam], wavy, start=(1.0, -1.5), steps=30, lr=0.05)
    own.save(folder / "own.html")
    answers = {rule.__name__: og.respond(rule, og.signals.spikes) for rule in (og.Adam, og.SGD)}
    og.animate(answers).save(folder / "signal.html")
    og.race({"torch's": torch.optim.SGD}, og.surfaces.booth, steps=5, lr=0.01).save(folder / "torch.html")
    return folder


PANELS = ["og-knobs", "og-rule", "og-planes", "og-share"]  # in this order


def say(page, what):
    """An expression of the page's lab, ``lab``, its element ``el`` and its player ``p``."""
    return page.evaluate(
        f"() => {{ const el = document.querySelector('og-lab'), lab = el.lab, p = lab.player; return {what}; }}"
    )


def until(page, what):
    """Wait until an expression holds; the page's policy forbids the browser to poll one by itself."""
    for _ in range(100):
        if say(page, what):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{what} does not come true")


def thetas(page):
    """The iterates of every run, by name."""
    runs = say(page, "el.runs.map(({ name, theta }) => [name, [...theta]])")
    return {name: np.array(theta).reshape(-1, 2) for name, theta in runs}


def test_a_recorded_race_becomes_a_lab_with_the_same_runs(show, runners):
    page = show("page.html")
    race = og.race(runners, og.surfaces.rosenbrock, steps=200)
    found = thetas(page)
    assert list(found) == list(race)
    for name in ("SGD", "Momentum"):  # sums, products and quotients alone: to the last bit
        np.testing.assert_array_equal(found[name], race[name].theta)
    np.testing.assert_allclose(found["Adam"], race["Adam"].theta, rtol=1e-12)
    drawn = say(page, "p.runs.map((run) => [run.color, [...run.channels.theta[1]]])")
    assert [color for color, _ in drawn] == [run["color"] for run in race.animate().recording["runs"]]
    np.testing.assert_array_equal(drawn[0][1], race["SGD"].theta[:, 1])
    limits = say(page, "[lab.record.loss.scale, ...lab.record.loss.limits]")
    known = race.animate().recording["loss"]
    assert limits[0] == known["scale"]
    np.testing.assert_allclose(limits[1:], known["limits"])
    assert page.locator(".og-player").count() == 1 and page.locator(".og-try").count() == 0


def place_of_start(page):
    box = page.locator(".og-start").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def check_follows(page, runners):
    """Every run begins where the start is now, and goes where Python goes from there."""
    start, steps = say(page, "[lab.scene.start, lab.scene.steps]")
    race = og.race(runners, og.surfaces.rosenbrock, start=start, steps=steps)
    for name, theta in thetas(page).items():
        np.testing.assert_allclose(theta, race[name].theta, rtol=1e-9, atol=1e-12)
    point = say(page, f"p.stage.project([{start[0]}, {start[1]}])")
    left, top = say(page, "(({ left, top }) => [left, top])(p.stage.canvas.getBoundingClientRect())")
    np.testing.assert_allclose(place_of_start(page), [left + point[0], top + point[1]], atol=1)
    return start


def test_the_start_is_dragged_clicked_and_moved_with_arrow_keys(show, runners):
    page = show("page.html")
    page.evaluate(
        "() => { window.heard = 0; document.querySelector('og-lab').addEventListener('change', () => heard++); }"
    )
    x, y = place_of_start(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, 6):
        page.mouse.move(x + 12 * i, y + 8 * i)
    page.mouse.up()
    dragged = check_follows(page, runners)
    assert dragged[0] > -1.5 and dragged[1] < 2 and page.evaluate("heard") >= 5
    page.focus(".og-start")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    moved = check_follows(page, runners)
    np.testing.assert_allclose(np.subtract(moved, dragged), [0.02, 0.2], atol=0.01)
    assert say(page, "p.step") == 200  # the arrows are no steps here
    stage = page.locator(".og-stage").bounding_box()
    page.mouse.click(stage["x"] + 0.7 * stage["width"], stage["y"] + 0.5 * stage["height"])
    clicked = check_follows(page, runners)
    assert clicked[0] > 0.3
    assert f"({clicked[0]:.4g}" in page.locator(".og-start").get_attribute("aria-label").replace("−", "-")
    until(page, "document.querySelector('.og-words p').textContent.includes('3 descents from (')")
    say(page, "p.turn(true)")
    until(page, "document.querySelector('.og-start').hidden")


def words(*values):
    """Numbers as the lab writes them."""
    return ", ".join(f"{x:.4g}" for x in values).replace("-", "−")


def test_title_legend_and_words_are_those_of_the_race_that_is_shown(show):
    """Another start, another landscape, settings of each run's own, one that diverges, one that is hidden."""
    page = show("lab.html")
    say(page, "void p.toggle(1)")
    runs = [("Adam", "Adam", {"lr": 0.05}), ("SGD", "SGD", {"lr": 0.02}), ("SGD", "far", {"lr": 9})]
    runs += [("Adam", "held", {"betas": [0.5, 0.75]})]
    runs = [{"rule": rule, "name": name, "settings": settings, "code": None} for rule, name, settings in runs]
    scene = {"surface": "booth", "start": [-2.5, 1.5], "steps": 40, "noise": 0, "runs": runs}
    say(page, f"void lab.change({json.dumps(scene)})")
    until(page, "document.querySelector('.og-words p').textContent.includes('Booth')")
    runners = {"Adam": og.Adam.at(lr=0.05), "SGD": og.SGD.at(lr=0.02), "far": og.SGD.at(lr=9)}
    runners["held"] = og.Adam.at(betas=(0.5, 0.75))
    race = og.race(runners, og.surfaces.booth, start=(-2.5, 1.5), steps=40)
    title, gone = og.surfaces.booth.title, f"diverged at {race['far'].diverged_at}"
    ends = [
        gone if name == "far" else f"ends at ({words(*run.theta[-1])}) with loss {words(run.loss[-1])}"
        for name, run in race.items()
    ]
    settings = ["lr 0.05", "lr 0.02", "lr 9", "betas 0.5, 0.75"]
    all_ends = "; ".join(f"{name} {end}" for name, end in zip(race, ends, strict=True))
    assert page.locator(".og-title").text_content() == title
    said = page.locator(".og-words p").text_content()
    assert said == f"{title}: 4 descents from (−2.5, 1.5), 40 steps: {all_ends}."
    table = page.locator(".og-words table tr").evaluate_all(
        "(all) => all.map((row) => [...row.cells].map((c) => c.textContent))"
    )
    assert table == [["optimizer", "setting", "result"], *map(list, zip(race, settings, ends, strict=True))]
    legend = page.locator(".og-legend li").evaluate_all("""(all) => all.map((entry) => [
        ...["span", "small", "output"].map((part) => entry.querySelector(part).textContent),
        entry.lastElementChild.ariaPressed, entry.querySelector("path").getAttribute("fill")])""")
    losses = [gone if name == "far" else words(run.loss[-1]) for name, run in race.items()]
    shown = ["true", "false", "true", "true"]
    assert [entry[:4] for entry in legend] == [list(e) for e in zip(race, settings, losses, shown, strict=True)]
    colors = [entry[4] for entry in legend]
    assert len(set(colors)) == 4 and colors == say(page, "p.runs.map((run) => run.color)")
    cards = page.locator(".og-card-head path").evaluate_all("(all) => all.map((path) => path.getAttribute('fill'))")
    assert cards == colors and len(set(say(page, "p.runs.map((run) => run.shape)"))) == 4
    start = page.locator(".og-start")
    assert start.get_attribute("aria-label") == "start at (−2.5, 1.5): the arrow keys move it"
    place = say(page, "p.stage.project([-2.5, 1.5])")
    style = start.evaluate("({ style }) => [style.left, style.top].map(parseFloat)")
    assert style == pytest.approx(place, abs=0.01)
    for key, move in (("ArrowUp", [0, 1 / 200]), ("Shift+ArrowUp", [0, 1 / 20]), ("ArrowLeft", [-1 / 200, 0])):
        before = say(page, "lab.scene.start")
        start.press(key)
        box = np.array(og.surfaces.booth.box)
        moved = np.subtract(say(page, "lab.scene.start"), before)
        np.testing.assert_allclose(moved, move * np.ptp(box, axis=1), atol=0.011)
    say(page, "void lab.change({ surface: 'six_hump_camel', start: [-1.4, 0.9] })")
    (lowest, *_) = sorted(
        og.surfaces.six_hump_camel(*torch.tensor(point)).item() for point in og.surfaces.six_hump_camel.minima
    )
    label = say(page, "p.charts[0].select.options[0].textContent")
    assert label == f"loss − lowest value ({words(lowest)})", "where a loss may be negative"


def test_a_finger_drags_the_start(show, runners):
    page = show("page.html", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator(".og-start").scroll_into_view_if_needed()
    x, y = place_of_start(page)
    touch = page.context.new_cdp_session(page)
    for kind, dx in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
        points = [] if dx is None else [{"x": x + dx, "y": y + dx}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert check_follows(page, runners)[0] > -1.45


def test_a_lab_opens_from_a_link_and_follows_another(show):
    page = show("lab.html")
    race = og.race(
        {"Adam": og.Adam.at(lr=0.1), "SGD": og.SGD.at(lr=0.01)},
        og.surfaces.himmelblau, start=(-1, 0.5), steps=60, noise=0.5, seed=3,
    )  # fmt: skip
    for name, theta in thetas(page).items():
        np.testing.assert_allclose(theta, race[name].theta, rtol=1e-9)
    page.evaluate("location.hash = 'surface=rosenbrock;b:5&run=SGD;lr:0.01&steps=40&view=3d'")
    until(page, "el.scene.surface === 'rosenbrock'")
    run = og.descend(og.SGD, og.surfaces.rosenbrock.replace(b=5), steps=40, lr=0.01)
    np.testing.assert_array_equal(thetas(page)["SGD"], run.theta)
    say(page, "lab.change({ start: [0.25, 0.75] })")
    until(page, "location.hash.includes('start=0.25,0.75')")
    assert page.locator(".og-title").inner_text().startswith("Rosenbrock's function")


@pytest.mark.parametrize(
    ("link", "says"), [("run=Adm", "Adm"), ("steps=1e9", "steps"), ("surface=__proto__", "__proto__")]
)
def test_a_link_that_cannot_be_followed_is_told_and_the_usual_lab_shown(show, link, says):
    page = show(f"lab.html#{link}")
    assert says in page.locator("og-lab > .og-problem").inner_text()
    assert say(page, "el.runs.length") >= 1


def test_a_page_that_embeds_it_hides_what_its_author_names(pages, open_page):
    page = open_page(f"{pages}lab.html#hide=start,share,planes", reduced_motion="reduce")
    page.wait_for_selector("og-lab[data-whole]")
    shown = page.locator("og-lab > [data-part]")
    parts = {shown.nth(i).get_attribute("data-part"): shown.nth(i).is_visible() for i in range(shown.count())}
    assert parts == {"controls": True, "rule": True, "planes": False, "share": False}
    assert not page.locator(".og-start").is_visible() and not page.get_by_label("start x", exact=True).is_visible()
    stage = page.locator(".og-stage").bounding_box()
    page.mouse.click(stage["x"] + 0.7 * stage["width"], stage["y"] + 0.5 * stage["height"])
    assert say(page, "lab.scene.start") == list(og.surfaces.rosenbrock.start)
    page.evaluate("location.hash = 'steps=30'")
    until(page, "el.scene.steps === 30")
    assert page.locator("og-lab > [data-part='share']").is_visible() and page.locator(".og-start").is_visible()


def test_what_cannot_be_computed_leaves_the_last_scene(show):
    page = show("lab.html")
    before = json.dumps(say(page, "lab.scene"))
    for patch in ("{ surface: 'constructor' }", "{ runs: [{ rule: 'toString', name: 'x', settings: {} }] }"):
        with pytest.raises(Exception, match="unknown"):
            say(page, f"lab.change({patch})")
    assert json.dumps(say(page, "lab.scene")) == before
    say(page, "lab.change({ start: [1, 1] })")


def test_who_presses_twice_has_one_lab(pages, open_page):
    page = open_page(pages + "page.html", reduced_motion="reduce")
    page.wait_for_selector(".og-try")
    page.evaluate("(({ 0: button }) => { button.click(); button.click(); })(document.querySelectorAll('.og-try'))")
    page.wait_for_selector("og-lab[data-whole]")
    assert page.locator("og-lab").count() == page.locator(".og-player").count() == 1


def test_a_lab_begins_as_a_map_where_its_scene_says_nothing_else(pages, open_page):
    """Whatever the page's player showed: on a map, the start can be dragged."""
    page = open_page(pages + "page.html", reduced_motion="reduce")
    page.wait_for_selector(".og-try")
    page.evaluate("document.querySelector('.og-player').player.turn(true)")
    page.click(".og-try")
    page.wait_for_selector("og-lab[data-whole]")
    assert say(page, "p.camera.goal") == 0


def test_the_longest_descent_is_the_longest_that_is_said_and_one_step_more_is_refused(show):
    page = show("lab.html#surface=sphere&steps=20&run=SGD;lr:0.1")
    field = page.get_by_label("steps", exact=True).last
    for steps, taken in ((5000, 5000), (5001, 5000)):
        field.fill(str(steps))
        field.press("Enter")
        until(page, f"lab.scene.steps === {taken}")
    assert page.get_by_text("steps must be >= 1 and at most 5000").is_visible()
    until(page, "p.bar.counter.textContent.endsWith(' / 5000') && p.bar.slider.max === '5000'")


@pytest.mark.parametrize(
    ("land", "said"), [("goldstein_price", "loss"), ("six_hump_camel", "loss − lowest value (−1.0")]
)
def test_a_loss_that_is_positive_everywhere_is_shown_as_it_is(show, land, said):
    page = show(f"lab.html#surface={land}&start=1,1&steps=20&run=SGD;lr:0.01")
    assert say(page, "p.charts[0].select.selectedOptions[0].textContent").startswith(said)
    assert ("lowest" in said) == say(page, "p.record.loss.label.includes('lowest')")


def test_on_a_curve_the_start_is_the_point_under_the_pointer():
    with mini_racer() as v8:
        v8.eval(web.script("lab/handle.js"))
        at = "pointAt({ land: { box: [[-2, 4]] }, x: (x) => 120 + 50 * x }, [%d, 7])[0]"
        assert [v8.eval(at % place) for place in (20, 170, 320)] == [-2, 1, 4]


def test_saved_pages_are_labs_too_with_a_readers_own_landscape(folder, open_page):
    for name, box in (("saved.html", 200), ("own.html", 30)):
        page = open_page((folder / name).as_uri(), reduced_motion="reduce")
        page.click(".og-try")
        page.wait_for_selector("og-lab[data-live]")
        assert say(page, "lab.scene.steps") == box
        shown = page.evaluate("[...document.querySelectorAll('og-lab > *')].map((part) => part.className)")
        assert [name for name in shown if name in PANELS] == PANELS
    end = thetas(page)["SGD"][-1]

    def wavy(x, y):
        return x**2 + y**2 + torch.sin(2 * x)

    run = og.descend(og.SGD, wavy, start=(1.0, -1.5), steps=30, lr=0.05)
    np.testing.assert_allclose(end, run.theta[-1], rtol=1e-9)


def test_a_prescribed_gradient_is_answered_anew(folder, open_page):
    page = open_page((folder / "signal.html").as_uri(), reduced_motion="reduce")
    page.click(".og-try")
    page.wait_for_selector("og-lab[data-whole]")
    say(
        page,
        "lab.change({ runs: [{ ...lab.scene.runs[0], settings: { lr: 0.5, betas: [0.5, 0.9] } }, lab.scene.runs[1]] })",
    )
    drawn = say(page, "p.runs.map(({ name, channels }) => [name, [...(channels.update ?? channels.gradient)[0]]])")
    answers = [og.respond(og.Adam, og.signals.spikes, lr=0.5, betas=(0.5, 0.9)), og.respond(og.SGD, og.signals.spikes)]
    assert [name for name, _ in drawn] == ["spikes", "Adam", "SGD"]
    np.testing.assert_allclose(drawn[0][1], answers[0].gradient, rtol=1e-12)
    for (_, update), answer in zip(drawn[1:], answers, strict=True):
        np.testing.assert_allclose(update, answer.update, rtol=1e-9, atol=1e-12)
    until(page, "document.querySelectorAll('.og-legend small')[1].textContent === 'lr 0.5, betas 0.5, 0.9'")
    assert page.locator(".og-legend small").all_text_contents() == ["", "lr 0.5, betas 0.5, 0.9", ""]
    told = [float(text.replace("−", "-")) for text in page.locator(".og-legend output").all_text_contents()]
    last = [answers[0].gradient[-1], *(answer.update[-1] for answer in answers)]
    assert told == pytest.approx([float(x) for x in last], rel=1e-3)
    assert page.locator(".og-start").count() == 0
    assert not page.locator("og-lab").get_by_text("Landscape", exact=True).is_visible()
    assert page.locator(".og-title").inner_text() == "Responses to spikes"


def test_what_a_page_cannot_compute_stays_a_recording_that_says_why(folder, open_page):
    page = open_page((folder / "torch.html").as_uri(), reduced_motion="reduce")
    page.wait_for_selector(".og-player[data-live]")
    assert page.locator(".og-try").count() == 0
    assert "torch's is no rule of optguide's" in page.locator(".og-why").text_content()


@functools.cache
def sizes():
    import gzip

    scripts = web.site_scripts()
    weigh = lambda text: len(gzip.compress(text.encode(), 9))  # noqa: E731
    before = weigh(scripts["player.js"]) + weigh(web.style())
    catalogue = player.catalogue()
    a_rule = weigh(player.dumps(catalogue)) / len(catalogue["rules"])
    return before, weigh(scripts["lab.js"]) + weigh(web.style("lab/lab.css")), weigh(scripts["lab-more.js"]), a_rule


def test_a_page_that_is_not_touched_loads_little():
    before, touched, later, a_rule = sizes()
    assert before <= 20_480, before
    assert touched <= 36_800, touched
    assert later <= 17_000, later
    assert a_rule <= 360, a_rule  # of the catalogue, landscapes included
