"""Links to a lab: what is written can be read, and what cannot be read is refused in words, by V8."""

import json
import random
import string
from urllib.parse import unquote

import numpy as np
import pytest
from py_mini_racer import JSEvalException, JSTimeoutException

import optguide as og
from optguide import programs
from optguide.render import web

#: Whether two values are the same, to the last bit: a zero has its sign.
SAME = """var isObject = (value) => value !== null && typeof value === "object";
var same = (a, b) => Object.is(a, b) || (isObject(a) && isObject(b)
    && Object.keys(a).length === Object.keys(b).length
    && Object.keys(a).every((key) => Object.hasOwn(b, key) && same(a[key], b[key])))"""


@pytest.fixture(scope="module")
def catalogue():
    return programs.catalogue()


@pytest.fixture(scope="module")
def v8(v8_alone, catalogue):
    found = v8_alone()
    found.eval(web.script("lab/hash.js"))
    found.eval(SAME)
    found.eval(f"var catalogue = {json.dumps(catalogue)}")
    return found


@pytest.fixture(scope="module")
def read(v8):
    return lambda text: json.loads(v8.eval(f"JSON.stringify(readHash({json.dumps(text)}, catalogue))"))


@pytest.fixture(scope="module")
def write(v8):
    return lambda scene: v8.eval(f"writeHash({scene if isinstance(scene, str) else json.dumps(scene)}, catalogue)")


def scene(**changed):
    runs = [{"rule": "Adam", "name": "Adam", "settings": {}, "code": None}]
    usual = {"surface": "rosenbrock", "parameters": {}, "formula": None, "box": None, "start": [-1.5, 2], "steps": 200,
             "noise": 0, "seed": 0, "runs": runs, "step": None, "view": "map", "hide": []}  # fmt: skip
    return usual | changed


def test_nothing_said_is_the_usual_scene(read, write):
    assert read("") == read("#") == read("lab#") == scene()
    assert write(scene()) == "surface=rosenbrock&run=Adam"


def test_everything_said_is_read(read, write):
    said = (
        "surface=rosenbrock;b:50&start=-1,2&steps=100&run=Adam;lr:0.05;betas:0.9,0.99&run=SGD;name:slow%20one;lr:0.0001"
        "&noise=0.1&seed=3&step=40&view=3d&hide=rules,noise"
    )
    runs = [
        {"rule": "Adam", "name": "Adam", "settings": {"lr": 0.05, "betas": [0.9, 0.99]}, "code": None},
        {"rule": "SGD", "name": "slow one", "settings": {"lr": 0.0001}, "code": None},
    ]
    found = read(f"https://example.org/lab.html#{said}")
    assert found == scene(parameters={"b": 50}, start=[-1, 2], steps=100, runs=runs, noise=0.1, seed=3, step=40,
                          view="3d", hide=["rules", "noise"])  # fmt: skip
    assert write(found) == said


def test_what_differs_in_nothing_from_a_default_is_left_out(read, write):
    long = (
        "surface=rosenbrock;a:1;b:100.0&start=-1.5,2&steps=200&run=Adam;lr:1e-3;betas:.9,.999&noise=0&seed=0&view=map"
    )
    assert read(long) == scene()
    assert write(scene()) == "surface=rosenbrock&run=Adam"


def test_a_typed_landscape_has_a_box_of_one_or_two_sides(read, write):
    found = read("formula=x**2+10*sin(y)%20&run=SGD")
    assert found["formula"] == "x**2+10*sin(y) " and found["box"] == [[-5, 5], [-5, 5]] and found["start"] == [-3, 3]
    assert read(write(found)) == found
    found = read("formula=x**2&box=0,2.5")
    assert found["box"] == [[0, 2.5]] and found["start"] == [0.5]
    assert write(found) == "formula=x**2&box=0,2.5&run=Adam"


def test_a_landscape_is_seen_in_another_box(read, write):
    found = read("surface=himmelblau&box=0,4,-1,3")
    assert found["box"] == [[0, 4], [-1, 3]] and found["start"] == list(og.surfaces.himmelblau.start)
    assert write(found) == "surface=himmelblau&box=0,4,-1,3&run=Adam"
    assert read("surface=himmelblau&box=-5,5,-5,5")["box"] is None


def test_runs_of_one_rule_have_names_that_differ(read, write):
    found = read("run=Adam&run=Adam;lr:0.1&run=Adam")
    assert [run["name"] for run in found["runs"]] == ["Adam", "Adam 2", "Adam 3"]
    assert write(found) == "surface=rosenbrock&run=Adam&run=Adam;lr:0.1&run=Adam"


def test_a_race_without_runners_stays_one(read, write):
    assert read(write(scene(runs=[])))["runs"] == []


def test_an_edited_rule_travels_as_code(read, write, catalogue):
    source = catalogue["rules"]["Adam"]["source"].replace("beta1 * m", "beta1 * m * 1")
    runs = [{"rule": "Adam", "name": "Adam", "settings": {"lr": 0.05, "betas": [0.5, 0.9]}, "code": source}]
    assert read(write(scene(runs=runs)))["runs"] == runs


def test_settings_of_code_are_those_that_the_code_has(read, write):
    found = read(f"run=Adam;lr:0.1;nesterov:false;code:{CODE}")["runs"]
    assert found == [{"rule": "Adam", "name": "Adam", "settings": {"nesterov": False}, "code": unquote(CODE)}]
    assert ";nesterov:false;" in write(scene(runs=found))


def number(rng):
    kind = rng.integers(4)
    if kind == 0:
        return float(rng.integers(-9, 10))
    if kind == 1:
        return float(np.ldexp(rng.uniform(-1, 1), int(rng.integers(-1070, 1020))))  # down to those without all digits
    return (
        float(rng.normal())
        if kind == 2
        else [-0.0, 5e-324, 1e21, 1e-7, 0.1 + 0.2, 2**53, -1.7976931348623157e308][rng.integers(7)]
    )


def setting(rng, usual, kind):
    """A value like the default that lies in the range."""
    low, high = kind["low"] or 0, kind["high"] or 1e3
    if kind.get("integer"):
        return int(rng.integers(low, high))
    draw = lambda: float(low + (high - low) * rng.uniform(1e-9, 1 - 1e-9) ** rng.integers(1, 9))  # noqa: E731
    return sorted(draw() for _ in usual) if isinstance(usual, list) else draw()


def any_scene(rng, catalogue, rule, surface):
    letters = string.printable.replace("\x0b", "").replace("\x0c", "").replace("\r", "") + "äθ→😀"
    word = lambda most: "".join(rng.choice(list(letters), rng.integers(1, most)))  # noqa: E731
    land = catalogue["surfaces"][surface]
    runs = {}
    for each in [rule, *rng.choice(list(catalogue["rules"]), rng.integers(0, 5))]:
        listed = catalogue["rules"][each]
        names = [n for n in listed["settings"] if rng.random() < 0.6]
        settings = {n: setting(rng, listed["settings"][n], listed["hyperparameters"][n]) for n in names}
        name = str(each) if rng.random() < 0.6 else word(50)
        code = listed["source"] if rng.random() < 0.2 and listed["source"] else None
        runs.setdefault(name, {"rule": str(each), "name": name, "settings": settings, "code": code})
    typed = rng.random() < 0.3
    edges = [sorted(rng.normal(size=2).tolist()) for _ in range(land["dim"])]
    steps = int(rng.integers(1, 5001))
    return {
        "surface": "rosenbrock" if typed else surface,
        "parameters": {}
        if typed
        else {name: x for name in land["parameters"] if (x := number(rng)) != land["parameters"][name]},
        "formula": f"{number(rng)} * x # {word(200)}".replace("\n", "") if typed else None,
        "box": edges if typed or rng.random() < 0.3 else None,
        "start": [number(rng) for _ in range(land["dim"])],
        "steps": steps,
        "noise": abs(number(rng)) if rng.random() < 0.5 else 0,
        "seed": int(rng.integers(2**32)) if rng.random() < 0.5 else 0,
        "runs": list(runs.values()),
        "step": int(rng.integers(steps + 1)) if rng.random() < 0.5 else None,
        "view": str(rng.choice(["map", "3d"])),
        "hide": [c for c in ("start", "knobs", "rule", "share") if rng.random() < 0.3],
    }


def test_hundreds_of_scenes_are_the_same_to_the_last_bit_after_a_link(v8, catalogue):
    rng = np.random.default_rng(0)
    rules, lands = list(catalogue["rules"]), list(catalogue["surfaces"])
    for i in range(400):
        drawn = any_scene(rng, catalogue, rules[i % len(rules)], lands[i % len(lands)])
        v8.eval(f"var scene = {json.dumps(drawn)}, hash = writeHash(scene, catalogue)")
        assert v8.eval("same(readHash(hash, catalogue), scene)"), (drawn, v8.eval("hash"))
        assert v8.eval("writeHash(readHash(hash, catalogue), catalogue) === hash")
        assert v8.eval('/^[\\x21-\\x7e]*$/.test(hash) && !/["<>#]/.test(hash)'), "it can stand in an address as it is"


CODE = "def update(theta, grad, t, *, lr=0.1, nesterov=True):%0A    return theta - lr * grad(theta)"
REFUSED = {
    "run=Adam;lr:-1": "lr must be > 0, got -1",
    "run=Adam;lr:0": "lr must be > 0, got 0",
    "run=Adam;lr:0x10": "lr must be a number, got 0x10",
    "run=Adam;lr:": 'lr must be a number, got ""',
    "run=Adam;lr:nan": "lr must be a number, got nan",
    "run=Adam;lr:1e999": "lr must be a finite number, got 1e999",
    "run=Adam;lr": "run must hold name:value, got lr",
    "run=Adam;lr:1;lr:2": "lr is given twice in run",
    "run=Adam;betas:0.9": 'betas must hold 2 numbers, got "0.9"',
    "run=Adam;betas:0.9,1": 'betas must be in [0, 1), got "0.9,1"',
    "run=Rprop;etas:1.2,0.5": 'etas must be in increasing order, got "1.2,0.5"',
    "run=Adam;rate:0.1": "unknown hyperparameter of Adam rate; known are lr, betas, eps",
    "run=Adam;beta:0.1": "unknown hyperparameter of Adam beta; did you mean betas?",
    "run=SGD;__proto__:1": "unknown hyperparameter of SGD __proto__; known are lr",
    "run=Adm": "unknown rule Adm; did you mean Adam?",
    "run=adam": "unknown rule adam; did you mean Adam?",
    "run=__proto__": "unknown rule __proto__",
    "run=constructor": "unknown rule constructor",
    "run=Adam;code:%00": r'code must be plain text, got the control character "\u0000"',
    "run=Adam;code:a%0Db": r'code must be plain text, got the control character "\r"',
    "run=Adam;code:" + "x" * 4001: "code must have at most 4000 characters, got 4001",
    "run=Adam;code:x": "code of Adam: line 1: a rule begins with def update(theta, grad, t",
    f"run=Adam;code:{CODE};rate:1": "unknown hyperparameter of Adam rate; known are lr, nesterov",
    f"run=Adam;code:{CODE};lr:-1": "lr must be > 0, got -1",
    f"run=Adam;code:{CODE};nesterov:1": "nesterov must be true or false, got 1",
    "run=<b>;code:x": 'unknown rule "<b>"',
    "run=SGD;name:Adam&run=Adam;name:Adam": "two runs are named Adam; name one of them otherwise",
    "run=SGD;name:" + "n" * 61: "name must have at most 60 characters, got 61",
    "&".join(["run=SGD"] * 13): "a link has at most 12 runs, got 13",
    "steps=1e9": "steps must be 1 to 5000, got 1e9",
    "steps=0": "steps must be 1 to 5000, got 0",
    "steps=2.5": "steps must be a whole number, got 2.5",
    "steps=9&step=10": "step must be 0 to 9, got 10",
    "start=1": 'start must hold 2 numbers, got "1"',
    "start=1,2,3": 'start must hold 2 numbers, got "1,2,3"',
    "start=1,": 'start must be a number, got ""',
    "noise=-1": "noise must be >= 0, got -1",
    "seed=-1": "seed must be 0 to 4294967295, got -1",
    "surface=rosenbrok": "unknown surface rosenbrok; did you mean rosenbrock?",
    "surface=toString": "unknown surface toString",
    "surface=rosenbrock;c:1": "unknown parameter of rosenbrock c; did you mean a?",
    "surface=himmelblau;c:1": "unknown parameter of himmelblau c",
    "surface=rosenbrock;hasOwnProperty:1": "unknown parameter of rosenbrock hasOwnProperty; known are a, b",
    "surface=sphere&formula=x": "a link has a surface or a formula, got both",
    "box=0,1": 'box must hold 4 numbers, got "0,1"',
    "formula=x&box=1": 'box must hold 4 numbers, got "1"',
    "formula=x&box=1,1": "box must have low < high, got 1,1",
    "formula=x&box=-1e308,1e308": "box must have low < high, got -1e+308,1e+308",
    "formula=" + "x" * 501: "formula must have at most 500 characters, got 501",
    "formula=x&box=0,1&start=1,2": 'start must hold 1 number, got "1,2"',
    "formula=z": "formula: line 1: unknown name 'z'; known are x, y",
    "formula=y&box=0,1": "formula: line 1: unknown name 'y'; known are x",
    "formula=": "formula: line 1: ",
    "view=2d": "unknown view 2d; did you mean 3d?",
    "hide=knob": "unknown control knob; did you mean knobs?",
    "hide=everything": "unknown control everything; known are start, knobs, rules",
    "__proto__=1": "unknown item __proto__",
    "Steps=1": "unknown item Steps; did you mean steps?",
    "steps=1&steps=1": "steps is given twice in the link",
    "steps": "the link must hold name=value, got steps",
    "surface=%E0%A4%A": 'surface must be percent-encoded UTF-8, got "%E0%A4%A"',
    "run=%": 'run must be percent-encoded UTF-8, got "%"',
    "<img src=x onerror=alert(1)>": 'unknown item "<img src"',
    "x" * 8001: "the link must have at most 8000 characters behind #, got 8001",
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), REFUSED.items(), ids=[text[:40] for text in REFUSED])
def test_what_cannot_be_read_is_named(v8, text, says):
    with pytest.raises(JSEvalException) as refused:
        v8.eval(f"readHash({json.dumps('#' + text)}, catalogue)")
    assert f"Error: {says}" in str(refused.value)


def test_nothing_a_link_holds_does_harm(v8):
    """Pieces of links, broken and put together at random: a scene, or an Error with a message, at once."""
    rng = random.Random(0)
    pieces = ["run=", "Adam", ";", ":", "&", "=", ",", "#", "lr", "betas", "code:", "name:", "surface=", "rosenbrock",
              "start=", "steps=", "1", "-", "1e400", "0.5,0.5", "__proto__", "constructor", "toString", "%", "%00",
              "%0A", "%ff", "%F0%9F", "\0", "\ud800", "<script>", "hide=", "formula=", "box=", "view=", "step=",
              "9" * 400, "a" * 3000, "😀", "seed="]  # fmt: skip
    v8.eval("""var tried = (text) => {
        try { readHash(text, catalogue); return ""; }
        catch (error) { return error.constructor === Error && error.message.length < 400 ? "" : String(error.stack); }
    }""")
    for _ in range(3000):
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 40)))
        assert v8.eval(f"tried({json.dumps(text)})", timeout_sec=1) == "", text
    assert v8.eval("Object.keys({}).length === 0 && ({}).lr === undefined && Object.prototype.constructor === Object")


def test_an_evaluation_has_a_limit_beside_an_open_browser(browser, v8_alone):
    with pytest.raises(JSTimeoutException):
        v8_alone().eval("for (;;);", timeout_sec=0.1)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"steps": 6000}, "steps must be 1 to 5000, got 6000"),
        ({"surface": "mine"}, "unknown surface mine"),
        ({"start": [1, None]}, "start must be a number, got null"),
        ({"formula": "x # " + "é" * 400}, None),
        ({"runs": [{"rule": "Adam", "name": "Adam", "settings": {}, "code": "é" * 4000}]}, "at most 8000 characters"),
    ],
)
def test_a_link_that_could_not_be_read_is_not_written(write, read, changed, says):
    if says is None:
        changed["box"] = [[-5, 5], [-5, 5]]
        assert read(write(scene(**changed)))["formula"] == changed["formula"]
        return
    with pytest.raises(JSEvalException, match=says):
        write(scene(**changed))


def test_a_rule_of_ones_own_travels_as_code_or_says_why_not(v8):
    source = "def update(theta, grad, t, *, lr=0.1):\n    theta = theta - lr * grad(theta)\n    return theta"
    rule = {"own": True, "settings": {"lr": 0.1}, "hyperparameters": {}, "states": {}, "answer": "theta"}
    runs = json.dumps([{"rule": "Rolling", "name": "Rolling", "settings": {"lr": 0.5}, "code": None}])

    def linked(**changed):
        return v8.eval(f"""(() => {{
            const rules = {{ ...catalogue.rules, Rolling: {json.dumps(rule | changed)} }};
            const own = {{ ...readHash("", catalogue), runs: {runs} }};
            return JSON.stringify(readHash(writeHash(own, {{ ...catalogue, rules }}), catalogue).runs);
        }})()""")

    assert json.loads(linked(source=source)) == [json.loads(runs)[0] | {"rule": "SGD", "code": source}]
    with pytest.raises(JSEvalException, match="Rolling is a rule of your own that cannot be linked: its source is not"):
        linked(source=None)
    with pytest.raises(JSEvalException, match="cannot be linked: a state of it starts elsewhere than at 0"):
        linked(source=source, states={"v": 1})


def test_a_landscape_of_ones_own_travels_as_its_formula_or_says_that_it_cannot(v8):
    def linked(formula):
        return v8.eval(f"""(() => {{
            const own = {{ own: true, formula: {json.dumps(formula)}, box: [[0, 1], [0, 2]] }};
            const mine = {{ ...catalogue.surfaces.rosenbrock, ...own }};
            const surfaces = {{ ...catalogue.surfaces, mine }};
            return writeHash({{ ...readHash("", catalogue), surface: "mine" }}, {{ ...catalogue, surfaces }});
        }})()""")

    assert linked("x + y") == "formula=x%20%2B%20y&box=0,1,0,2&start=-1.5,2&run=Adam"
    with pytest.raises(JSEvalException, match="mine is a landscape of your own that cannot be linked: its formula"):
        linked(None)


def test_a_whole_number_is_asked_for_where_a_rule_needs_one(v8):
    k = {"low": 1, "high": None, "includes_low": True, "range": ">= 1", "integer": True}
    rule = {"settings": {"k": 5}, "hyperparameters": {"k": k}, "states": {}, "answer": "theta", "source": None}
    v8.eval(f"var counted = {{ ...catalogue, rules: {{ Counted: {json.dumps(rule)} }} }}")
    assert v8.eval('readHash("run=Counted;k:7", counted).runs[0].settings.k') == 7
    with pytest.raises(JSEvalException, match="k must be a whole number, got 2.5"):
        v8.eval('readHash("run=Counted;k:2.5", counted)')


def test_names_and_defaults_are_those_of_the_package(read):
    assert read("")["steps"] == og.descend(og.SGD, og.surfaces.sphere).steps
    assert read("surface=himmelblau")["start"] == list(og.surfaces.himmelblau.start)
