"""The rule in the lab: its lines with the numbers of a step, and its code, which a reader changes and races."""

import json
from typing import ClassVar

import numpy as np
import pytest
import torch
from py_mini_racer import MiniRacer

import optguide as og
from optguide import programs
from optguide.language import where
from optguide.render import player, web

HASH = "surface=rosenbrock&amp;start=-1.5,2&amp;steps=60&amp;run=Adam;lr:0.05&amp;run=SGD;lr:0.001"
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="player.css"><script type="module" src="player.js"></script>
<body><og-lab hash="{HASH}"></og-lab></body></html>"""


# --- The numbers of a step, in V8.


@pytest.fixture(scope="module")
def js():
    v8 = MiniRacer()
    v8.eval(web.script("lab/rule.js"))
    v8.eval(f"""var catalogue = {player.dumps(player.catalogue())};
        var traced = (name, noise, step, settings) => {{
            const scene = {{ surface: "rosenbrock", parameters: {{}}, start: [-1.5, 2], steps: 20, noise, seed: 3,
                runs: [{{ rule: name, name, settings }}] }};
            const {{ surface, runs: [found] }} = play(scene, catalogue);
            const rule = parseRule(catalogue.rules[name].source, catalogue.vocabulary);
            const traced = new TracedStep(rule, settings, surface, catalogue.rules[name].answer);
            traced.take(found, step);
            return {{ rule, found, traced }};
        }};""")
    return lambda what: json.loads(v8.eval(f"JSON.stringify({what})"))


@pytest.mark.parametrize("name", player.catalogue()["rules"])
@pytest.mark.parametrize("noise", [0, 0.1])
def test_a_step_that_is_taken_again_ends_where_it_did(js, name, noise):
    ends = js(f"""[1, 2, 20].map((step) => {{
        const {{ rule, found, traced: again }} = traced("{name}", {noise}, step, {{}});
        if (found.divergedAt >= 0 && step > found.divergedAt) return [0, 0]; // of which there is no record
        const at = (values) => [...values.subarray(2 * step, 2 * step + 2)];
        const {{ answer }} = catalogue.rules["{name}"]; // whose record stands for theta's, and theta's for its own
        const kept = new Map([["theta", found.theta], ...found.states.map(({{ name, values }}) => [name, values])]);
        return [rule.program.outputs.map((term) => [...again.values.get(term)]),
            [...kept.keys()].map((n) => at(kept.get(n === "theta" ? answer : n === answer ? "theta" : n)))];
    }})""")
    for again, first in ends:
        if noise:
            np.testing.assert_allclose(np.array(again, float), np.array(first, float), rtol=1e-10)  # null is NaN
        else:
            assert again == first


class Averaged(og.Optimizer):
    """Gradient descent whose answer is the mean of where it has been."""

    init: ClassVar = {"mean": "theta"}
    answer = "mean"

    @staticmethod
    def update(theta, grad, t, mean, *, lr=0.002):
        theta = theta - lr * grad(theta)
        mean = mean + (theta - mean) / (t + 1)
        return theta, mean


def test_the_answer_of_a_rule_may_be_a_state(js):
    run = og.descend(Averaged, og.surfaces.rosenbrock, start=(-1.5, 2), steps=20)
    theta, mean, ends = js(f"""(() => {{
        catalogue.rules.Averaged = {json.dumps(programs.rule_data(Averaged.rule))};
        const {{ rule, found, traced: again }} = traced("Averaged", 0, 7, {{}});
        const ends = rule.program.outputs.map((term) => [...again.values.get(term)]);
        return [[...found.theta], [...found.states[0].values], ends];
    }})()""")
    np.testing.assert_array_equal(theta, run.theta.ravel())
    np.testing.assert_array_equal(mean, run.states["mean"].ravel())
    assert ends == [run.states["mean"][7].tolist(), run.theta[7].tolist()]


class Switched(og.Optimizer):
    """Momentum that a reader switches off, or turns round."""

    @staticmethod
    def update(theta, grad, t, m, *, lr=0.001, uphill=True, heavy=False):
        g = where(uphill, -grad(theta), grad(theta))
        m = where(heavy, 0.9 * m + g, g)
        theta = theta - lr * m
        return theta, m


def test_a_setting_of_a_typed_rule_may_be_true_or_false(js):
    tried = [{}, {"uphill": False}, {"uphill": False, "heavy": True}]
    ends = js(f"""{json.dumps(tried)}.map((settings) => {{
        const code = {json.dumps(programs.rule_data(Switched.rule)["source"])};
        const scene = {{ surface: "rosenbrock", parameters: {{}}, start: [-1.5, 2], steps: 5, noise: 0, seed: 0,
            runs: [{{ rule: "Momentum", name: "typed", settings, code }}] }};
        return [...play(scene, catalogue).runs[0].theta.slice(-2)];
    }})""")
    for end, settings in zip(ends, tried, strict=True):
        assert end == og.descend(Switched, og.surfaces.rosenbrock, (-1.5, 2), 5, **settings).theta[-1].tolist()


def test_a_line_is_written_with_its_numbers(js):
    said = js("""(({ rule, traced }) => rule.statements.map((s) => [0, 1].map((j) => traced.words(s, j))))
        (traced("Adam", 0, 3, { lr: 0.05 }))""")
    run = og.descend(og.Adam, og.surfaces.rosenbrock, start=(-1.5, 2), steps=20, lr=0.05)
    assert [line[0] for line in said[:3]] == [
        "beta1, beta2 = 0.9, 0.999",
        "g = grad(−1.409, 2.09) = 54.36",
        "m = 0.9 · (−17.49) + (1 − 0.9) · 54.36 = −10.3",
    ]
    for line, state in ((2, "m"), (3, "v")):
        ends = [float(text.rsplit(" = ", 1)[1].replace("−", "-")) for text in said[line]]
        np.testing.assert_allclose(ends, run.states[state][3], rtol=1e-3)
    np.testing.assert_allclose(
        [float(text.rsplit(" = ", 1)[1].replace("−", "-")) for text in said[-1]], run.theta[3], rtol=1e-3
    )


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("-a - -b", "−2 − (−(−0.5)) = −2.5"),
        ("a * b / (a + b)", "2 · (−0.5) / (2 + (−0.5)) = −0.6667"),
        ("a - (b - a)", "2 − (−0.5 − 2) = 4.5"),
        ("b**2 + a**-b", "(−0.5)² + 2^(−(−0.5)) = 1.664"),
        ("sqrt(a) * sqrt(abs(b))", "√2 · √|−0.5| = 1"),
        ("where(b < 0, maximum(a, 3), b)", "where(−0.5 < 0, maximum(2, 3), −0.5) = 3"),
        ("grad(theta + 1)", "grad(−0.5 + 1) = 0"),
        ("a", "2"),
    ],
)
def test_an_expression_is_written_with_parentheses_where_it_needs_them(js, expression, words):
    flat = json.dumps(
        programs.surface_data(og.Surface(lambda x, y: 0 * x + 0 * y, box=((-1, 1), (-1, 1)), name="flat"))
    )
    text = f"def update(theta, grad, t, *, a=2, b=-0.5):\n  g = {expression}\n  return theta - g"
    said = js(f"""(() => {{
        const rule = parseRule({json.dumps(text)}, catalogue.vocabulary);
        const again = new TracedStep(rule, {{}}, {flat});
        again.take({{ theta: Float64Array.of(-0.5, 2), grad: Float64Array.of(0, 0), states: [] }}, 1);
        return again.words(rule.statements[0], 0);
    }})()""")
    assert said == f"g = {words}"


# --- In a browser.


@pytest.fixture(scope="module")
def pages(tmp_path_factory, serving):
    folder = tmp_path_factory.mktemp("rule")
    for name, text in web.site_scripts().items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "player.css").write_text(web.style(), encoding="utf-8")
    (folder / "lab.css").write_text(web.style("lab/lab.css"), encoding="utf-8")
    (folder / "catalogue.json").write_text(player.dumps(player.catalogue()), encoding="utf-8")
    (folder / "favicon.ico").write_bytes(b"")
    (folder / "lab.html").write_text(PAGE, encoding="utf-8")
    with serving(folder, Content_Security_Policy="default-src 'self'") as address:
        yield address


@pytest.fixture
def show(pages, open_page):
    errors = []

    def opened(**options):
        page = open_page(pages + "lab.html", reduced_motion="reduce", **options)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.wait_for_selector("og-lab[data-live]")
        page.get_by_text("The rule, with the numbers of the step").click()
        page.wait_for_selector(".og-rule math")
        return page

    yield opened
    assert errors == []


def say(page, what):
    return page.evaluate(f"() => {{ const {{ lab }} = document.querySelector('og-lab'); return {what}; }}")


def numbers(page):
    """What each line gave: by the name to which it gave it."""
    texts = page.locator(".og-rule .og-numbers").all_inner_texts()
    ends = [(text.split(" = ")[0], text.split(" = ")[-1].replace("−", "-")) for text in texts]
    return {name: float(end) for name, end in ends if "," not in name}


def test_the_lines_are_shown_as_formulas_words_code_and_numbers(show):
    page = show()
    card = og.language.pseudocode(og.Adam)
    rows = page.locator(".og-rule tbody tr").all()
    cells = [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]
    assert [(row[1], row[2]) for row in cells if row[1]] == [(step.comment, step.code) for step in card.steps]
    assert page.locator(".og-rule tbody math").count() == len(card.steps)


def test_the_numbers_follow_the_step_the_coordinate_and_the_run(show):
    page = show()
    runs = {
        "Adam": og.descend(og.Adam, og.surfaces.rosenbrock, start=(-1.5, 2), steps=60, lr=0.05),
        "SGD": og.descend(og.SGD, og.surfaces.rosenbrock, start=(-1.5, 2), steps=60, lr=0.001),
    }
    panel = page.locator(".og-rule")
    for name, axis, step in (("Adam", 0, 60), ("Adam", 0, 7), ("Adam", 1, 7), ("SGD", 1, 7), ("SGD", 1, 0)):
        panel.get_by_role("combobox", name="Rule of", exact=True).select_option(name)
        panel.get_by_role("combobox", name="coordinate", exact=True).select_option("xy"[axis])
        say(page, f"(lab.player.seek({step}), lab.player.draw())")
        taken = max(step, 1)  # at the start, the numbers of the first step
        assert panel.locator("th").last.inner_text() == f"step {taken}, {'xy'[axis]}"
        found = numbers(page)
        run = runs[name]
        assert found["theta"] == pytest.approx(run.theta[taken, axis], rel=1e-3)
        assert found["g"] == pytest.approx(run.grad[taken - 1, axis], rel=1e-3)
        assert all(found[s] == pytest.approx(run.states[s][taken, axis], rel=1e-3) for s in run.states)
    say(page, "lab.change({ start: [1.5, -0.5] })")
    assert numbers(page)["g"] == pytest.approx(og.descend(
        og.SGD, og.surfaces.rosenbrock, start=(1.5, -0.5), steps=1).grad[0, 1], rel=1e-3)  # fmt: skip


def test_a_run_that_diverged_shows_its_last_step(show):
    page = show()
    say(page, "lab.change({ runs: lab.scene.runs.map((run) => ({ ...run, settings: { lr: 0.1 } })) })")
    page.get_by_role("combobox", name="Rule of", exact=True).select_option("SGD")
    at = say(page, "lab.found[1].divergedAt")
    assert 1 < at < 20
    assert page.locator(".og-rule th").last.inner_text() == f"step {at}, x"
    run = og.descend(og.SGD, og.surfaces.rosenbrock, start=(-1.5, 2), steps=60, lr=0.1)
    assert run.diverged_at == at and numbers(page)["theta"] == pytest.approx(run.theta[at, 0], rel=5e-3)


def test_a_line_that_is_no_rule_is_told_and_the_last_good_rule_keeps_running(show):
    page = show()
    code, note = page.get_by_label("Edit the rule", exact=True), page.locator(".og-fault")
    source = code.input_value()
    before = say(page, "[...lab.found[0].theta]")
    code.fill(source.replace("m_hat / (sqrt", "tanh(m_hat) / (sqrt"))
    assert note.inner_text().startswith("line 8: unknown function 'tanh'; known are abs,")
    assert note.get_attribute("role") == "status"
    assert code.get_attribute("aria-invalid") == "true"
    assert code.get_attribute("aria-describedby") == note.get_attribute("id")
    assert say(page, "[...lab.found[0].theta]") == before and say(page, "lab.found.length") == 2
    row = 24 * 7
    band = page.locator(".og-band").bounding_box()
    assert band["height"] == 24 and band["y"] - code.bounding_box()["y"] == pytest.approx(row + 6.4, abs=0.6)
    assert note.bounding_box()["y"] - code.bounding_box()["y"] == pytest.approx(row + 6.4, abs=2)
    say(page, "lab.change({ start: [1, 1] })")  # what is typed stays, whatever else is changed
    assert "tanh" in code.input_value() and code.get_attribute("aria-invalid") == "true"
    code.fill(source)
    assert note.inner_text() == "" and code.get_attribute("aria-invalid") == "false"
    assert say(page, "lab.found.length") == 2 and say(page, "lab.scene.runs[0].code") is None


def test_an_edited_rule_races_what_it_was_until_it_is_reset(show):
    page = show()
    code, reset = page.get_by_label("Edit the rule", exact=True), page.get_by_role("button", name="reset", exact=True)
    source = code.input_value()
    assert not reset.is_visible()
    before = say(page, "[...lab.found[0].theta]")
    edited = source.replace("beta1 * m + (1 - beta1) * g", "0.5 * m + g").replace("g**2", "abs(g)**1.5")
    code.fill(edited)
    assert say(page, "lab.found.map(({ name }) => name)") == ["Adam", "Adam as published", "SGD"]
    assert say(page, "[...lab.found[1].theta]") == before
    assert say(page, "lab.scene.runs[0].code") == edited

    class Edited(og.Optimizer):
        @staticmethod
        def update(theta, grad, t, m, v, *, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            beta1, beta2 = betas
            g = grad(theta)
            m = 0.5 * m + g
            v = beta2 * v + (1 - beta2) * abs(g) ** 1.5
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            theta = theta - lr * m_hat / (torch.sqrt(v_hat) + eps)
            return theta, m, v

    run = og.descend(Edited, og.surfaces.rosenbrock, start=(-1.5, 2), steps=60, lr=0.05)
    np.testing.assert_allclose(np.reshape(say(page, "[...lab.found[0].theta]"), (-1, 2)), run.theta, rtol=1e-10)
    assert numbers(page)["m"] == pytest.approx(run.states["m"][60, 0], rel=1e-3)
    assert page.locator(".og-rule tbody tr").nth(2).locator("code").inner_text() == "m = 0.5 * m + g"
    code.fill(edited.replace("0.5 * m", "0.7 * m"))
    assert say(page, "lab.found.length") == 3
    code.fill("def update(theta, grad, t):\n    return theta - 0.001 * grad(theta)")
    assert say(page, "lab.found.length") == 3
    assert page.locator(".og-rule tbody tr").count() == 1 and "theta" in numbers(page)
    reset.click()
    assert code.input_value() == source and say(page, "lab.found.map(({ name }) => name)") == ["Adam", "SGD"]
    assert say(page, "[...lab.found[0].theta]") == before
    assert not reset.is_visible() and page.evaluate("document.activeElement.localName") == "textarea"


def test_typing_is_the_codes_own_and_the_tabulator_leaves_it(show):
    page = show()
    code = page.get_by_label("Edit the rule", exact=True)
    code.focus()
    page.keyboard.press("Control+Home")
    step = say(page, "lab.player.step")
    for key in ("End", "ArrowLeft", "Home", "3", " "):
        page.keyboard.press(key)
    assert say(page, "[lab.player.step, lab.player.camera.goal]") == [step, 0]
    assert code.input_value().startswith("3 def")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.localName") != "textarea"


def test_a_rule_that_is_too_long_for_a_link_is_refused(show):
    page = show()
    code = page.get_by_label("Edit the rule", exact=True)
    code.fill(code.input_value() + "\n#" + "x" * 4000)
    assert page.locator(".og-fault").inner_text().startswith("line 1: a rule has at most 4000 characters, got 4")


def test_names_in_code_are_text(show):
    page = show()
    code = page.get_by_label("Edit the rule", exact=True)
    code.fill(code.input_value().replace("# likewise", "# <img src=x onerror='document.title=1'>"))
    assert "<img src=x" in page.locator(".og-rule tbody tr").nth(5).inner_text()
    assert page.title() == "test" and page.locator(".og-rule img").count() == 0


def test_it_fits_a_phone(show):
    page = show(viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    code = page.get_by_label("Edit the rule", exact=True)
    code.fill(code.input_value().replace("sqrt", "root"))
    note, edge = page.locator(".og-fault").bounding_box(), code.bounding_box()
    assert note["y"] >= edge["y"] + edge["height"] and note["width"] > 300
