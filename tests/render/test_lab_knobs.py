"""The lab's panel of controls: its scales in V8, and every control in a browser, with the scene that it changes."""

import copy
import json
import shutil

import pytest
from py_mini_racer import MiniRacer

import optguide as og
from optguide import programs
from optguide.render import web

SCENE = {
    "surface": "rosenbrock", "parameters": {}, "formula": None, "box": None, "start": [-1.5, 2], "steps": 200,
    "noise": 0, "seed": 0, "step": None, "view": "map", "hide": [],
    "runs": [
        {"rule": "Adam", "name": "Adam", "settings": {"lr": 0.05}, "code": None},
        {"rule": "SGD", "name": "SGD", "settings": {}, "code": None},
    ],
}  # fmt: skip

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="player.css"><link rel="stylesheet" href="lab/lab.css">
<main></main><script type="module" src="page.js"></script></html>"""

#: As much of a lab as a panel sees: a scene that changes, and that it is told of.
LAB = """
import { Knobs } from "./lab/knobs.js";
const catalogue = await (await fetch("catalogue.json")).json();
const lab = window.lab = { catalogue, scene: await (await fetch("scene.json")).json(), changes: 0,
  change(patch) {
    if (JSON.stringify(patch).includes("666")) throw new Error("not that one");
    this.scene = { ...this.scene, ...patch }; this.changes += 1; this.knobs.show();
  } };
lab.knobs = new Knobs(lab);
const element = document.createElement("og-lab"); // here a name alone: the panel's style is of what stands in it
element.append(lab.knobs.element);
document.querySelector("main").append(element);
lab.knobs.show();
document.body.dataset.ready = "";
"""


# --- Places of a slider and values.


@pytest.fixture(scope="module")
def js():
    v8 = MiniRacer()
    v8.eval(web.script("lab/scales.js"))
    return lambda what: json.loads(v8.eval(f"JSON.stringify({what})"))


SCALES = [
    "scaleFor('lr', { low: 0 }, 0.001)",
    "scaleFor('eps', { low: 0, includes_low: true }, 1e-8)",
    "scaleFor('weight_decay', { low: 0, includes_low: true }, 0)",
    "scaleFor('beta', { low: 0, high: 1, includes_low: true }, 0.9)",
    "scaleFor('share', { low: 0, high: 1, includes_high: true }, 0.5)",
    "scaleFor('gamma', { low: 0, high: 1 }, 0.001)",
    "scaleFor('k', { low: 1, includes_low: true, integer: true }, 5)",
    "scaleFor('own', {}, -2)",
    "scaleForParameter(100)",
    "scaleForParameter(-1)",
]


@pytest.mark.parametrize("scale", SCALES)
def test_every_place_has_a_value_of_its_own_and_is_found_again(js, scale):
    values = js(f"(() => {{ const s = {scale}; return Array.from({{ length: s.most + 1 }}, (_, i) => s.at(i)); }})()")
    assert len(values) > 10 and values == sorted(set(values))
    assert js(f"(() => {{ const s = {scale}; return [s.low, s.high]; }})()") == pytest.approx([values[0], values[-1]])
    assert js(f"{json.dumps(values)}.map((x) => ({scale}).place(x))") == list(range(len(values)))
    outside = [values[0] - 1, values[-1] + 1]
    assert js(f"{outside}.map((x) => ({scale}).place(x))") == [0, len(values) - 1]


def test_ranges_and_landmarks_of_the_scales(js):
    assert js("[0, 100, 200].map(scaleFor('lr', { low: 0 }, 0.1).at)") == [1e-5, 0.01, 10]
    assert js("[0, 40, 80, 120, 160, 200].map(decaying().at)") == [0, 0.5, 0.9, 0.99, 0.999, 0.9999]
    eps = js("[0, 1, 200].map(scaleFor('eps', { low: 0, includes_low: true }, 1e-8).at)")
    assert eps == [0, 1e-12, 1], "an amount has 0 at the left end"
    assert js("[0, 100, 200].map(scaleForParameter(100).at)") == [pytest.approx(3.33), 100, 3000]
    wide = js("((s) => [s.low, s.high])(scaleFor('lr', { low: 0 }, 0.001, 1000))")
    assert wide == [1e-5, 1000], "a value outside widens the scale"
    assert js("scaleFor('lr', { low: 0 }, 0.001, 1e-7).low") == 1e-7
    assert js("((s) => [s.at(0), s.at(1), s.at(s.most)])(scaleFor('k', { low: 1, integer: true }, 5))") == [1, 2, 20]


@pytest.mark.parametrize("rule", sorted(programs.catalogue()["rules"]))
def test_no_slider_leaves_the_range_of_its_hyperparameter(js, rule):
    data = programs.catalogue()["rules"][rule]
    for name, usual in data["settings"].items():
        limits = json.dumps(data["hyperparameters"][name])
        for number in usual if isinstance(usual, list) else [usual]:
            ends = js(
                f"((s) => [s.at(0), s.at(s.most), s.at(s.place({number}))])(scaleFor('{name}', {limits}, {number}))"
            )
            for end in ends:
                assert js(f"refusal('{name}', '{end!r}', {limits})") == ""
            assert ends[2] == pytest.approx(number, rel=0.1, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "limits", "says"),
    [
        ("-1", {"low": 0, "range": "> 0"}, "lr must be > 0, got -1"),
        ("0", {"low": 0, "range": "> 0"}, "lr must be > 0, got 0"),
        ("0", {"low": 0, "includes_low": True, "range": ">= 0"}, ""),
        ("1", {"low": 0, "high": 1, "includes_low": True, "range": "in [0, 1)"}, "lr must be in [0, 1), got 1"),
        ("1", {"low": 0, "high": 1, "includes_high": True, "range": "in (0, 1]"}, ""),
        ("2.5", {"integer": True, "low": 1, "range": ">= 1"}, "lr must be a whole number, got 2.5"),
        ("1e999", {}, "lr must be finite, got 1e999"),
        ("", {}, "lr must be a number, got nothing"),
        ("0x10", {}, "lr must be a number, got 0x10"),
        ("1_0", {}, "lr must be a number, got 1_0"),
        ("__proto__", {}, "lr must be a number, got __proto__"),
        (" −1.5e-3 ", {}, ""),
        ("x" * 99, {}, "lr must be a number, got " + "x" * 24),
    ],
)
def test_what_is_refused_is_refused_in_words(js, text, limits, says):
    assert js(f"refusal('lr', {json.dumps(text)}, {json.dumps(limits)})") == says


# --- The panel.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "site"
    shutil.copytree(web.HERE, folder)
    catalogue = copy.deepcopy(programs.catalogue())
    for rule in catalogue["rules"].values():
        rule["page"] = f"gallery/plot_{rule['name'].lower()}"
    # Kinds that no listed rule has.
    kinds = {"lr": 0.1, "clip": True, "k": 5, "share": 0.5, "spread": [0.1, 2.0], "constructor": 3}
    limits = {
        "lr": {"low": 0, "range": "> 0"}, "clip": {"range": ""},
        "k": {"low": 1, "includes_low": True, "integer": True, "range": ">= 1"},
        "share": {"low": 0, "high": 1, "includes_high": True, "range": "in (0, 1]"},
        "spread": {"low": 0, "includes_low": True, "increasing": True, "range": ">= 0"},
    }  # fmt: skip
    odd = {"name": "Odd", "settings": kinds, "hyperparameters": limits, "family": "odd"}
    catalogue["rules"]["Odd"] = odd | {"program": {}}  # as a reader's own brings a table
    (folder / "catalogue.json").write_text(json.dumps(catalogue))
    (folder / "scene.json").write_text(json.dumps(SCENE))
    (folder / "page.html").write_text(PAGE)
    (folder / "page.js").write_text(LAB)
    (folder / "favicon.ico").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def address(folder, serving):
    with serving(folder, Content_Security_Policy="default-src 'self'") as found:
        yield found


@pytest.fixture
def show(address, open_page):
    """The panel in a page; nothing may be said in its console."""
    said = []

    def opened(**options):
        page = open_page("about:blank", **options)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address + "page.html")
        page.wait_for_selector("body[data-ready]")
        return page

    yield opened
    assert not said


def scene(page):
    return page.evaluate("lab.scene")


def settings(page, name):
    return next(run["settings"] for run in scene(page)["runs"] if run["name"] == name)


def card(page, name):
    return page.locator(".og-card").filter(has=page.get_by_role("button", name=f"remove {name}", exact=True))


def slider(within, label):
    return within.get_by_role("slider", name=label, exact=True)


def number(within, label):
    return within.get_by_role("textbox", name=label, exact=True)


def test_the_panel_says_what_runs(show, address):
    page = show()
    assert page.get_by_label("Landscape", exact=True).input_value() == "rosenbrock"
    assert [number(page, label).input_value() for label in ("a", "b", "start x", "start y")] == [
        "1",
        "100",
        "-1.5",
        "2",
    ]
    assert number(page, "steps").input_value() == "200" and number(page, "noise").input_value() == "0"
    assert number(card(page, "Adam"), "lr").input_value() == "0.05"
    assert number(card(page, "SGD"), "lr").input_value() == "0.001"
    assert card(page, "Adam").get_by_role("link").get_attribute("href") == f"{address}gallery/plot_adam.html"
    assert page.evaluate("lab.changes") == 0, "to show is not to change"
    families = [surface["family"] for surface in programs.catalogue()["surfaces"].values()]
    groups = page.locator("#" + page.get_by_label("Landscape", exact=True).get_attribute("id") + " optgroup")
    assert groups.evaluate_all("(all) => all.map((g) => g.label)") == list(dict.fromkeys(families))
    page.evaluate("lab.change({ steps: 77, start: [0.25, -1], noise: 0.5, parameters: { b: 3 } })")
    assert [number(page, x).input_value() for x in ("b", "start x", "start y", "steps", "noise")] == [
        "3", "0.25", "-1", "77", "0.5",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["lr", "k", "share", "spread\u00a01", "spread\u00a02"])
def test_a_slider_and_its_field_say_the_same(show, name):
    page = show()
    page.evaluate("lab.knobs.add('Odd')")
    odd = card(page, "Odd")
    odd.locator("summary").click()
    bar, field = slider(odd, name), number(odd, name)
    key, _, part = name.partition("\u00a0")

    def now():
        found = settings(page, "Odd").get(key)
        return found[int(part) - 1] if part else found

    before = field.input_value()
    bar.press("ArrowRight")
    assert field.input_value() != before and now() == float(field.input_value())
    assert bar.get_attribute("aria-valuetext") == field.input_value()
    seen, changes = [], page.evaluate("lab.changes")
    for _ in range(3):
        bar.press("ArrowLeft")
        seen.append(now())
    assert page.evaluate("lab.changes") == changes + 3, "every input changes the scene"
    place = bar.input_value()
    bar.press("ArrowLeft")
    field.fill(str(seen[-1]))
    assert bar.input_value() == place and now() == seen[-1]


def test_a_pointer_drags_a_slider_that_is_never_replaced(show):
    page = show()
    bar = slider(card(page, "Adam"), "lr")
    bar.evaluate("(e) => { window.held = e; }")
    box = bar.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    seen = []
    for share in (0.6, 0.7, 0.8, 0.9):
        page.mouse.move(box["x"] + share * box["width"], y)
        seen.append(settings(page, "Adam")["lr"])
    page.mouse.up()
    assert seen == sorted(set(seen)) and seen[0] > 0.01 and seen[-1] > 1
    assert page.evaluate("document.contains(held)") and number(card(page, "Adam"), "lr").input_value() == str(seen[-1])


def test_a_value_beyond_the_slider_widens_it(show):
    page = show()
    adam = card(page, "Adam")
    number(adam, "lr").fill("500")
    assert settings(page, "Adam")["lr"] == 500
    bar = slider(adam, "lr")
    assert bar.input_value() == bar.get_attribute("max")
    bar.press("Home")
    assert settings(page, "Adam")["lr"] == 1e-5
    bar.press("End")
    assert settings(page, "Adam")["lr"] == 500


def test_a_bad_number_is_refused_in_words_and_the_last_good_one_runs_on(show):
    page = show()
    adam = card(page, "Adam")
    field = number(adam, "lr")
    field.fill("-1")
    assert settings(page, "Adam") == {"lr": 0.05}
    assert field.get_attribute("aria-invalid") == "true"
    told = page.locator("#" + field.get_attribute("aria-describedby"))
    assert told.inner_text() == "lr must be > 0, got -1" and told.is_visible()
    number(page, "b").fill("3")
    assert field.input_value() == "-1", "another change leaves what is being typed"
    field.fill("0.2")
    assert settings(page, "Adam") == {"lr": 0.2}
    assert field.get_attribute("aria-invalid") is None and told.is_hidden()
    field.fill("")
    assert told.inner_text() == "lr must be a number, got nothing"
    slider(adam, "lr").press("End")
    assert told.is_hidden() and field.input_value() == "10"
    field.fill("x")
    adam.get_by_role("button", name="as published", exact=True).click()
    assert field.input_value() == "0.001" and told.is_hidden() and settings(page, "Adam") == {}
    number(page, "steps").fill("666")
    assert page.get_by_text("not that one").is_visible(), "what the lab refuses is said, too"
    assert scene(page)["steps"] == 200


def test_numbers_of_a_pair_keep_their_order(show):
    page = show()
    page.evaluate("lab.knobs.add('Odd')")
    odd = card(page, "Odd")
    odd.locator("summary").click()
    number(odd, "spread\u00a01").fill("3")
    assert odd.get_by_text("spread must be in increasing order, got (3, 2)").is_visible()
    assert settings(page, "Odd") == {}
    number(page, "steps").fill("90")
    assert number(odd, "spread\u00a01").input_value() == "3", "what was refused stands there until it is mended"
    number(odd, "spread\u00a02").fill("4")
    assert settings(page, "Odd") == {"spread": [0.1, 4]}
    assert number(odd, "constructor").input_value() == "3", "no name finds what no one wrote"
    number(odd, "k").fill("2.5")
    assert odd.get_by_text("k must be a whole number, got 2.5").is_visible()
    odd.get_by_label("clip", exact=True).uncheck()
    assert settings(page, "Odd") == {"spread": [0.1, 4], "clip": False}
    odd.get_by_label("clip", exact=True).check()
    assert settings(page, "Odd") == {"spread": [0.1, 4]}, "only what differs is kept"


def test_what_belongs_to_the_scene(show):
    page = show()
    number(page, "b").fill("-7.5")
    assert scene(page)["parameters"] == {"b": -7.5}, "any finite number"
    number(page, "b").fill("100")
    assert scene(page)["parameters"] == {}
    number(page, "start y").fill("1e-1")
    assert scene(page)["start"] == [-1.5, 0.1]
    number(page, "steps").fill("0")
    assert page.get_by_text("steps must be >= 1").is_visible() and scene(page)["steps"] == 200
    slider(page, "steps").press("ArrowRight")
    assert scene(page)["steps"] == 210
    slider(page, "noise").press("End")
    assert scene(page)["noise"] == 10
    slider(page, "noise").press("Home")
    assert scene(page)["noise"] == 0
    number(page, "seed").fill("12")
    assert scene(page)["seed"] == 12
    page.get_by_role("button", name="new seed", exact=True).click()
    assert scene(page)["seed"] != 12 and number(page, "seed").input_value() == str(scene(page)["seed"])


def test_another_landscape_brings_its_parameters_and_its_start(show):
    page = show()
    number(page, "b").fill("3")
    menu = page.get_by_label("Landscape", exact=True)
    menu.select_option("ravine")
    now = scene(page)
    assert (now["surface"], now["parameters"], now["start"]) == ("ravine", {}, [-3.6, 0.6])
    assert number(page, "b").count() == 0 and number(page, "condition").input_value() == "50"
    slider(page, "condition").press("Home")
    assert scene(page)["parameters"] == {"condition": 1.67}
    menu.select_option("quadratic_1d")
    assert number(page, "start y").count() == 0 and number(page, "start x").input_value() == "0.75"


def test_a_rule_is_found_by_name_and_added(show):
    page = show()
    field = page.get_by_role("combobox", name="Add a rule", exact=True)
    assert [field.get_attribute(f"aria-{name}") for name in ("expanded", "autocomplete")] == ["false", "list"]
    field.click()
    options = page.get_by_role("listbox", name="rules", exact=True).get_by_role("option")
    assert options.count() == len(programs.catalogue()["rules"]) + 1
    assert page.get_by_role("group", name="momentum", exact=True).get_by_role("option").first.is_visible()
    field.fill("rmsp")
    assert options.count() == 1 and programs.catalogue()["rules"]["RMSprop"]["claim"] in options.first.inner_text()
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Enter")
    assert [run["name"] for run in scene(page)["runs"]] == ["Adam", "SGD", "RMSprop"]
    assert field.get_attribute("aria-expanded") == "false" and field.input_value() == ""
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("ArrowUp")
    assert page.locator('[role="option"][aria-selected="true"]').inner_text().startswith("SGD")
    field.press("Escape")
    assert options.count() == 0
    field.fill("adam")
    page.locator("[role=option][data-rule=Adam]").click()
    assert scene(page)["runs"][-1] == {"rule": "Adam", "name": "Adam 2", "settings": {}, "code": None}
    field.fill("no such")
    assert page.get_by_text("no rule of this name").is_visible()
    field.press("Enter")
    assert len(scene(page)["runs"]) == 4
    for _ in range(8):
        page.evaluate("lab.knobs.add('SGD')")
    assert field.is_disabled() and len(scene(page)["runs"]) == 12


def test_a_run_is_removed_and_the_others_stay_as_they_are(show):
    page = show()
    card(page, "SGD").evaluate("(e) => { window.kept = e; }")
    number(card(page, "SGD"), "lr").fill("oops")
    card(page, "Adam").get_by_role("button", name="remove Adam", exact=True).press("Enter")
    assert [run["name"] for run in scene(page)["runs"]] == ["SGD"]
    assert page.evaluate("document.contains(kept)") and number(card(page, "SGD"), "lr").input_value() == "oops"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "remove SGD"
    page.keyboard.press("Enter")
    assert scene(page)["runs"] == []
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"


def test_what_is_typed_is_typeset_below(show):
    page = show()
    page.evaluate("lab.change({ formula: 'x**2 + 3*cos(y)', box: [[-5, 5], [-5, 5]] })")
    equation = page.locator(".og-equation math")
    drawn = "(e) => [e.namespaceURI, e.textContent.replace(/\\s|\u2061/gu, ''), e.querySelectorAll('msup').length]"
    space = "http://www.w3.org/1998/Math/MathML"
    assert equation.evaluate(drawn) == [space, "f(x,y)=x2+3cos(y)", 1]
    page.get_by_label("f(x, y) =", exact=True).fill("x**2 / eval(y)")
    assert equation.evaluate(drawn)[1] == "f(x,y)=x2+3cos(y)", "the one that runs"
    page.get_by_label("f(x, y) =", exact=True).fill("sqrt(x**2 / 2)")
    assert equation.evaluate(drawn)[1] == "f(x,y)=x22" and equation.locator("msqrt mfrac").is_visible()
    equation.evaluate("(e) => { window.kept = e; }")
    number(page, "steps").fill("50")
    assert page.evaluate("document.contains(kept)"), "it is made again only when it changes"
    assert page.locator(".og-equation").evaluate("(e) => e.tabIndex") == -1
    page.get_by_label("f(x, y) =", exact=True).fill(" + ".join(["x**2"] * 60))
    assert page.locator(".og-equation").evaluate("(e) => e.tabIndex") == 0, "too wide: the keyboard can scroll it"
    page.evaluate("lab.change({ formula: 'x**2', box: [[-5, 5]], start: [1] })")
    assert equation.evaluate(drawn)[1] == "f(x)=x2"


def test_a_landscape_is_typed_into_nonsense_and_back(show):
    page = show()
    menu = page.get_by_label("Landscape", exact=True)
    field = page.get_by_label("f(x, y) =", exact=True)
    assert field.is_hidden()
    menu.select_option(label="type your own …")
    now = scene(page)
    assert (now["formula"], now["box"], now["start"]) == ("x**2 + 10*sin(y)", [[-5, 5], [-5, 5]], [-1.5, 2])
    field.fill("x**2 + 3*cos(y)")
    assert scene(page)["formula"] == "x**2 + 3*cos(y)"
    field.fill("x**2 + eval(y)")
    told = page.locator("#" + field.get_attribute("aria-describedby"))
    assert field.get_attribute("aria-invalid") == "true" and "eval" in told.inner_text()
    assert scene(page)["formula"] == "x**2 + 3*cos(y)", "the last good one keeps running"
    number(page, "steps").fill("50")
    assert field.input_value() == "x**2 + eval(y)"
    field.fill("x**2 + exp(y)")
    assert scene(page)["formula"] == "x**2 + exp(y)" and told.is_hidden()
    number(page, "y to").fill("-6")
    assert page.get_by_text("the box must have low < high, got (-5, -6)").is_visible()
    number(page, "y to").fill("8")
    assert scene(page)["box"] == [[-5, 5], [-5, 8]]
    menu.select_option("himmelblau")
    assert scene(page)["formula"] is None and scene(page)["box"] is None and field.is_hidden()
    menu.select_option(label="type your own …")
    assert field.input_value() == "x**2 + exp(y)", "what was typed is not lost"


def test_a_scenario_says_what_to_look_at_while_it_is_shown(show):
    page = show()
    menu, words = page.get_by_label("Scenario", exact=True), page.locator(".og-look")
    names = menu.locator("option").all_inner_texts()[1:]
    assert len(names) == len(set(names)) >= 8
    v8 = MiniRacer()
    v8.eval(web.script("lab/scenarios.js"))
    scenarios = {one["name"]: one for one in json.loads(v8.eval("JSON.stringify(SCENARIOS)"))}
    page.evaluate("lab.change({ noise: 1, steps: 70, formula: 'x + y', box: [[0, 1], [0, 1]] })")
    for name in names:
        menu.select_option(label=name)
        assert len(words.inner_text()) > 40
        now = scene(page)
        assert now["formula"] is None and now["seed"] == 0 and len(now["runs"]) >= 2
        wanted = scenarios[name]
        start = wanted.get("start", getattr(og.surfaces, wanted["surface"]).start)
        assert [now[what] for what in ("surface", "start", "steps", "noise")] == [
            wanted["surface"], list(start), wanted.get("steps", 200), wanted.get("noise", 0),
        ]  # fmt: skip
        assert [[run["rule"], run["settings"]] for run in now["runs"]] == [[r, {"lr": lr}] for r, lr in wanted["runs"]]
        assert page.get_by_label("Landscape", exact=True).input_value() == now["surface"]
        assert number(page.locator(".og-card").first, "lr").input_value() == str(now["runs"][0]["settings"]["lr"])
    menu.select_option(label="Diverges")
    assert [run["name"] for run in scene(page)["runs"]] == ["SGD", "SGD 2", "Adam"]
    page.evaluate("lab.change({ step: 4, view: '3d' })")
    assert words.is_visible() and menu.input_value() != "", "to look is not to change"
    slider(card(page, "SGD"), "lr").press("ArrowLeft")
    assert words.is_hidden() and menu.input_value() == ""


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("scenarios", "[aria-label=controls] label:text-is('Scenario')"),
        ("landscape", "label:text-is('Landscape')"),
        ("start", "label:text-is('start x')"),
        ("noise", "label:text-is('seed')"),
        ("rules", "[aria-label^=remove]"),
        ("rules", "[role=combobox]"),
        ("knobs", ".og-card label"),
        ("knobs", "label:text-is('steps')"),
    ],
)
def test_a_scene_hides_controls(show, name, gone):
    page = show()
    assert page.locator(gone).first.is_visible()
    page.evaluate(f"lab.change({{ hide: ['{name}'] }})")
    assert page.locator(gone).first.is_hidden()
    assert page.get_by_role("link", name="Adam", exact=True).is_visible()
    page.evaluate("lab.change({ hide: [] })")
    assert page.locator(gone).first.is_visible()


def test_every_control_is_reached_by_the_keyboard_and_has_a_name(show):
    page = show()
    wanted = page.evaluate("""[...document.querySelectorAll(".og-knobs :is(input, select, button, summary, a)")].filter(
        (e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled).length""")
    reached, names = set(), []
    page.get_by_label("Scenario", exact=True).focus()
    for _ in range(wanted):
        found = page.evaluate("""(() => { const e = document.activeElement; e.dataset.seen ??= Math.random();
            const name = e.labels?.[0]?.textContent || e.getAttribute("aria-label") || e.textContent;
            return [e.dataset.seen, name]; })()""")
        reached.add(found[0])
        names.append(found[1])
        page.keyboard.press("Tab")
    assert len(reached) == wanted and all(name.strip() for name in names)


@pytest.mark.parametrize("width", [1366, 390])
def test_it_fits_and_can_be_hit(show, width):
    phone = width == 390
    page = show(viewport={"width": width, "height": 900}, has_touch=phone, is_mobile=phone)
    page.evaluate("lab.knobs.add('AdaBound'), lab.knobs.add('Yogi')")
    page.get_by_label("Landscape", exact=True).select_option(label="type your own …")
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate("""[...document.querySelectorAll(".og-knobs :is(input, select, button, summary, a)")].filter(
        (e) => e.checkVisibility({ visibilityProperty: true })).map((e) => { const { left, right, width, height } =
        e.getBoundingClientRect(); return { what: e.outerHTML.slice(0, 80), left, right, width, height }; })""")
    assert len(boxes) > 30
    for box in boxes:
        assert box["left"] >= 0 and box["right"] <= width, box
        assert box["width"] >= 24 and box["height"] >= (44 if phone else 24) - 0.5, box
    overlap = page.evaluate("""[...document.querySelectorAll(".og-knob")].filter((e) => {
        const [label, next] = e.children; const a = label.getBoundingClientRect(), b = next.getBoundingClientRect();
        return a.width && a.right > b.left + 1; }).map((e) => e.textContent)""")
    assert not overlap
