"""Rules and formulas as text, read in the browser: the same tables as Python's, and refusals in words."""

import gzip
import inspect
import json
import random
import re

import pytest
from py_mini_racer import MiniRacer

import optguide as og
from optguide import programs
from optguide.language import derivative, trace
from optguide.language.javascript import program_data
from optguide.language.vocabulary import FUNCTIONS
from optguide.render import web

VOCABULARY = {name: {"arity": row.arity, "python": row.python, "slopes": row.slopes} for name, row in FUNCTIONS.items()}
SURFACES = [s if isinstance(s, og.Surface) else s() for s in (getattr(og.surfaces, n) for n in og.surfaces.__all__)]


def source(rule):
    """A rule as a reader is shown it."""
    return programs.rule_data(rule)["source"]


class Reader:
    def __init__(self):
        self.v8 = MiniRacer()
        self.v8.eval(web.script("live/derive.js"))
        self.v8.eval(f"""var vocabulary = {json.dumps(VOCABULARY)};
            var shown = (value) => JSON.stringify(value, (_, x) => x instanceof Map ? [...x] : x);
            var refused = (read) => {{
                try {{ read(); return [null]; }}
                catch (error) {{ return [error.name, error.message, error.line]; }}
            }};""")

    def __call__(self, what):
        return json.loads(self.v8.eval(f"shown({what})"))

    def rule(self, text):
        return self(f"parseRule({json.dumps(text)}, vocabulary)")

    def formula(self, text, axes="xy"):
        return self(f"parseFormula({json.dumps(text)}, {json.dumps(list(axes))}, vocabulary)")

    def refusal(self, text, axes=None):
        """What is said, if something is."""
        call = "parseRule(text, vocabulary)" if axes is None else f"parseFormula(text, {json.dumps(axes)}, vocabulary)"
        name, *said = json.loads(self.v8.eval(f"text = {json.dumps(text)}; JSON.stringify(refused(() => {call}))"))
        assert name in (None, "GrammarError"), (name, said, text)
        if name:
            message, line = said
            assert message.startswith(f"line {line}: ") and 1 <= line <= text.count("\n") + 1, (message, line)
            return message
        return None


@pytest.fixture(scope="module")
def js():
    return Reader()


def meaning(table):
    """A table whose lines are called by what they compute, so that what is written twice counts once."""
    names = {name: name for name in (*table["inputs"], *table["settings"])}
    calls = {}
    for name, function, *arguments in table["lines"]:
        told = (function, *(names[a] if isinstance(a, str) else repr(float(a)) for a in arguments))
        told += (len(names),) if function == "grad" else ()
        names[name] = calls.setdefault(told, f"#{len(calls)}")
    return [names[value] if isinstance(value, str) else float(value) for value in table["outputs"]], list(calls)


# --- The same tables as Python's.


@pytest.mark.parametrize("name", programs.catalogue()["rules"])
def test_a_rule_read_from_its_text_is_the_rule(js, name):
    rule = getattr(og, name).rule
    read, known = js.rule(source(rule)), programs.rule_data(rule)
    assert read["program"] == known["program"]
    assert read["settings"] == known["settings"]
    assert read["states"] == list(known["states"])
    assert read["asks"] == ["grad"] and read["inputs"] == known["program"]["inputs"]
    steps = [(s["code"], s["comment"]) for s in read["statements"] + read["last"]]
    assert [step for step in steps if step[1]] == [
        (step.code, step.comment) for step in og.language.pseudocode(getattr(og, name)).steps
    ]


@pytest.mark.parametrize("land", SURFACES, ids=lambda land: land.name)
def test_derivatives_written_in_a_browser_are_those_of_python(js, land):
    program = trace(land, ["x", "y"][: land.dim])
    mine = js(f"withSlopes({json.dumps(program_data(program))}, vocabulary)")
    assert meaning(mine) == meaning(program_data(derivative(program)))


@pytest.mark.parametrize(
    "text",
    [
        "maximum(x, y) * minimum(x * y, 2 * y) + sign(x) * y",
        "where(x > y, x * y, y**2) * x + where(y <= 0.5, x, 3 * y)",
        "clamp(x, -0.5, 0.5) * y + clamp(x * y, -1, 1)",
        "atan2(y, x) * x + atan2(x, abs(y))",
    ],
)
def test_derivatives_of_a_typed_formula_are_those_of_python(js, text):
    formula = eval(f"lambda x, y: {text}", {name: row.call for name, row in FUNCTIONS.items()})
    typed = f"parseFormula({json.dumps(text)}, ['x', 'y'], vocabulary).program"
    mine = js(f"withSlopes({typed}, vocabulary)")
    assert meaning(mine) == meaning(program_data(derivative(trace(formula, ["x", "y"]))))


def test_a_rule_read_from_its_text_takes_the_same_steps(js):
    v8 = MiniRacer()
    v8.eval(web.script("live/descent.js"))
    land = json.dumps(programs.surface_data(og.surfaces.rosenbrock))
    for rule in (og.Adam.rule, og.Rprop.rule, og.NAdam.rule, og.RAdam.rule, og.WeightedNesterov.rule):
        known = programs.rule_data(rule)
        read = known | {"program": js.rule(source(rule))["program"]}
        ends = [
            v8.eval(f"JSON.stringify([...descend({json.dumps(data)}, {land}, [-1.5, 2], 100).theta])")
            for data in (known, read)
        ]
        assert ends[0] == ends[1] and "null" not in ends[0]


@pytest.mark.parametrize("land", [s for s in SURFACES if s.function.__kwdefaults__], ids=lambda land: land.name)
def test_a_program_with_its_settings_bound_is_the_one_that_python_writes_with_numbers(js, land):
    def free(*coordinates, **settings):
        return land.function(*coordinates, **settings)

    free.__signature__ = inspect.signature(land.function)
    settings = {name: value + 0.7 for name, value in land.parameters.items()}
    fixed = trace(lambda *at: land.function(*at, **settings), list(land.axes))
    mine = js(f"bound({json.dumps(program_data(trace(free)))}, {json.dumps(settings)})")
    assert meaning(mine) == meaning(program_data(fixed)) and mine["settings"] == []


def test_numbers_are_computed_as_python_does(js):
    numbers = random.Random(0)
    for _ in range(300):
        a, b, c = (numbers.uniform(0.1, 3) for _ in range(3))
        text = f"x + ({a!r} - {b!r} * {c!r} / -{a!r} ** 3 + 2 ** -{b!r} % {c!r} - sqrt({a!r}))"
        ((_, _, _, number),) = js.formula(text)["program"]["lines"]
        assert number == a - b * c / -(a**3) + 2**-b % c - a**0.5


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("-x**2", [["t0", "pow", "x", 2], ["t1", "neg", "t0"]]),
        ("x**-y**2", [["t0", "pow", "y", 2], ["t1", "neg", "t0"], ["t2", "pow", "x", "t1"]]),
        ("x**y**2", [["t0", "pow", "y", 2], ["t1", "pow", "x", "t0"]]),
        ("x - y - 1", [["t0", "sub", "x", "y"], ["t1", "sub", "t0", 1]]),
        ("x / y * -x", [["t0", "truediv", "x", "y"], ["t1", "neg", "x"], ["t2", "mul", "t0", "t1"]]),
        ("x + y % 3 * 2", [["t0", "mod", "y", 3], ["t1", "mul", "t0", 2], ["t2", "add", "x", "t1"]]),
        ("x.pow(2) + torch.abs(y).sqrt()",
         [["t0", "pow", "x", 2], ["t1", "abs", "y"], ["t2", "sqrt", "t1"], ["t3", "add", "t0", "t2"]]),
        ("where(x + 1 <= y, 2*pi, math.e)",
         [["t0", "add", "x", 1], ["t1", "le", "t0", "y"], ["t2", "where", "t1", 6.283185307179586, 2.718281828459045]]),
        ("sin(x) * sin(x)  # twice", [["t0", "sin", "x"], ["t1", "mul", "t0", "t0"]]),
        ("(\n x +\n 1e-3)", [["t0", "add", "x", 0.001]]),
        ("2 * 3 + .5 > 1.", []),
    ],
)  # fmt: skip
def test_a_formula_is_read_as_python_reads_it(js, text, lines):
    assert js.formula(text)["program"]["lines"] == lines


def test_what_is_read_has_values_comments_and_lines(js):
    read = js.rule("""def update(theta, grad, t, m, *, lr=-1e-2, betas=(0.9, .5), fast=True):
    "What it does."

    one, two = betas
    # about the gradient
    m_before = m
    g = (grad(theta)  # asked once
         + grad(theta - m))

    m = one * m + (1 - one) * g  # kept
    unused = m / lr
    return theta - lr * m_before, m
""")
    assert read["settings"] == {"lr": -0.01, "betas": [0.9, 0.5], "fast": True}
    assert [(s["targets"], s["line"], s["comment"]) for s in read["statements"]] == [
        (["one", "two"], 4, ""), (["m_before"], 6, ""), (["g"], 7, "asked once"),
        (["m"], 10, "kept"), (["unused"], 11, ""),
    ]  # fmt: skip
    assert read["statements"][2]["code"] == "g = (grad(theta)  # asked once\n         + grad(theta - m))"
    assert [(s["targets"], s["code"]) for s in read["last"]] == [(["theta"], "theta - lr * m_before")]
    assert dict(read["statements"][0]["reads"]) == {"one": "t0", "two": "t1"}
    assert dict(read["statements"][3]["reads"]) == {"one": "t0", "m": "m", "g": read["statements"][2]["result"]}
    functions = [line[1] for line in read["program"]["lines"]]
    assert functions.count("grad") == 2 and functions.count("getitem") == 1 and "truediv" not in functions
    assert [line[1] for line in read["lines"]].count("truediv") == 1
    assert read["returned"][0]["func"] == "sub" and read["returned"][1] == {"type": "name", "name": "m"}


def test_a_question_is_asked_as_often_as_the_rule_asks_it(js):
    """Each answer may have its own noise."""
    read = js.rule("def update(theta, grad, t):\n    g = grad(theta) + grad(theta)\n    return theta - g")
    assert [line[1] for line in read["program"]["lines"]] == ["grad", "grad", "add", "sub"]


# --- What is refused.

HEAD = "def update(theta, grad, t, m, *, lr=0.1, betas=(0.9, 0.99)):\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("m = tanh(m)", "line 2: unknown function 'tanh'; known are abs, atan2, clamp, cos, exp, full_like, grad,"),
        ("m = m.tanh()", "line 2: unknown function 'tanh'"),
        ("m = torch.linalg.norm(m)", "line 2: unknown function 'norm'"),
        ("g = grad(theta)\n    m = q * m", "line 3: 'q' is read before it has a value"),
        ("m = grad", "line 2: 'grad' is asked for at a point: grad(theta)"),
        ("m = 1 if m > 0 else 2", "line 2: a choice between branches has no notation; where(condition, this, that)"),
        ("if m > 0:\n        m = 1", "line 2: a choice between branches has no notation"),
        ("m = m > 0 and m < 1", "line 2: a choice between branches has no notation"),
        ("for i in m: m = 1", "line 2: only assignments and one final return can stand here, got 'for'"),
        ("grad(theta)", "line 2: only assignments and one final return can stand here"),
        ("m += 1", "line 2: '+=' has no notation; write m = m + …"),
        ("m = m^2", "line 2: '^' has no notation; a power is written **"),
        ("m = m // 2", "line 2: '//' has no notation"),
        ("m = +m", "line 2: '+' has no notation"),
        ("m = betas[0]", "line 2: 'betas' is a tuple; take it apart first: one, two = betas"),
        ("m = m[0]", "line 2: '[' has no notation; a tuple is taken apart by one, two = its_name"),
        ("m = lr * betas", "line 2: 'betas' is a tuple; take it apart first: one, two = betas"),
        ("a, b, c = betas", "line 2: only a tuple of the settings can be taken apart, into as many names as it has"),
        ("a, b = m", "line 2: only a tuple of the settings can be taken apart"),
        ("a = m = 1", "line 2: one name is assigned in a line"),
        ("m = 0 < m < 1", "line 2: a comparison has two sides"),
        ("m = clamp(m, 0)", "line 2: clamp must have 3 arguments, got 2"),
        ("m = sqrt()", "line 2: sqrt must have 1 argument, got 0"),
        ("m = clamp(m, 0, max=1)", "line 2: 'max' is read before it has a value"),
        ("m = clamp(m, 0, m=1)", "line 2: clamp must have its arguments by position"),
        ("sign = m\n    m = sign(m)", "line 3: 'sign' has a value here, and is no function"),
        ("m = lambda: 1", "line 2: 'lambda' has no notation"),
        ("m = True", "line 2: 'True' is not a number"),
        ("m = 'text'", "line 2: did not expect ''text''"),
        ("m = 1e999", "line 2: '1e999' is too large for a number"),
        ("m = 1j", "line 2: '1j' is not a number"),
        ("m = 007", "line 2: '007' is not a number"),
        ("m = 0x10", "line 2: '0x10' is not a number"),
        ("m = (m", "line 3: expected ')', got 'return'"),
        ("m = m)", "line 2: did not expect ')'"),
        ("m = m m", "line 2: did not expect 'm'"),
        ("m =", "line 2: did not expect the end of the line"),
        ("m = math.tau", "line 2: math.tau has no notation"),
        ("m = m.T", "line 2: .T has no notation"),
        ("__proto__ = m", "line 2: '__proto__' cannot be a name here; choose another"),
        ("m = __proto__", "line 2: '__proto__' is read before it has a value"),
        ("m = constructor(m)", "line 2: unknown function 'constructor'"),
        ("m = m.__proto__(1)", "line 2: unknown function '__proto__'"),
        ("m = m.toString()", "line 2: unknown function 'toString'"),
        ("m = getitem(m, 0)", "line 2: unknown function 'getitem'"),
        ("m = loss(theta)", "line 2: unknown function 'loss'"),
        ("lambda = m", "line 2: only assignments and one final return can stand here, got 'lambda'"),
        ("m = " + "(" * 60 + "m" + ")" * 60, "line 2: at most 50 parentheses, signs and powers can be in each other"),
        ("m = " + "-" * 60 + "m", "line 2: at most 50 parentheses"),
        ("m = " + "m**" * 60 + "m", "line 2: at most 50 parentheses"),
        ("m = " + "sin(" * 60 + "m" + ")" * 60, "line 2: at most 50 parentheses"),
        ("m = " + "m+" * 301 + "m", "line 2: at most 300 operations can stand in a line; give a part a name"),
        ("m = " + "m+" * 5000 + "m", "line 1: at most 10000 characters can be read, got 10"),
        ("m=-m\n    " * 900 + "m=" + "*".join("m" * 200), None),
        ("  m = 1\n    m = 2", "line 3: all lines of a rule must be indented alike"),
        ("return m", "line 2: the last line must return theta, m"),
        ("return theta, m\n    m = 2", "line 3: nothing can follow the return"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_words_at_its_line(js, body, says):
    said = js.refusal(f"{HEAD}    {body}\n    return theta, m\n")
    assert said is None if says is None else said.startswith(says), said


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("", "line 1: a rule begins with def update(theta, grad, t, …, *, lr=0.001):"),
        ("m = 1", "line 1: a rule begins with def update("),
        ("def update(theta, t):", "line 1: the arguments must begin with theta, grad, t; a rule in the browser asks"),
        ("def update(theta, grad, loss, t):", "line 1: the arguments must begin with theta, grad, t"),
        ("def update(theta, grad, t, m, m):", "line 1: two arguments are called m"),
        ("def update(theta, grad, t, lr=0.1):", "line 1: lr is a setting, so it must stand after '*'"),
        ("def update(theta, grad, t, *, lr):", "line 1: lr needs a default: lr=0.1"),
        ("def update(theta, grad, t, *, lr=None):", "line 1: a default must be a number, a tuple of numbers, True or"),
        ("def update(theta, grad, t, *, lr=1e999):", "line 1: '1e999' is too large for a number"),
        ("def update(theta, grad, t, *, lr=(1, (2))):", "line 1: a default must be a number"),
        ("def update(theta, grad, t, toString):", "line 1: 'toString' cannot be a name here; choose another"),
        ("def update(theta, grad, t, *, __proto__=1):", "line 1: '__proto__' cannot be a name here; choose another"),
        ("def update(theta, grad, t)", "line 1: expected ':', got the end of the line"),
        ("def update(theta, grad, t):", "line 1: the last line must return theta"),
        ("def update(theta, grad, t):\nreturn theta", "line 2: all lines of a rule must be indented alike"),
        ("def update(theta, grad, t):\n  x = 1\n    return theta", "line 3: all lines of a rule must be indented"),
    ],
)  # fmt: skip
def test_a_head_that_is_none_is_refused(js, head, says):
    assert (js.refusal(head) or "").startswith(says), js.refusal(head)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: did not expect the end of the line"),
        ("x + z", "line 1: unknown name 'z'; known are x, y, pi, e"),
        ("x^2", "line 1: '^' has no notation; a power is written **"),
        ("z = x", "line 1: unknown name 'z'"),
        ("x = y", "line 1: a formula is one expression, without '='"),
        ("x\ny", "line 2: a formula is one expression"),
        ("grad(x)", "line 1: unknown function 'grad'; known are abs,"),
        ("constructor", "line 1: unknown name 'constructor'; known are x, y, pi, e"),
    ],
)
def test_what_is_no_formula_is_refused(js, text, says):
    assert (js.refusal(text, ["x", "y"]) or "").startswith(says), js.refusal(text, ["x", "y"])


def test_what_the_vocabulary_lacks_is_unknown(js):
    js.v8.eval("whole = vocabulary; vocabulary = { sin: whole.sin }")
    said = js.refusal("atan2(x, y)", ["x", "y"])
    js.v8.eval("vocabulary = whole")
    assert said == "line 1: unknown function 'atan2'; known are sin"


def test_a_derivative_that_is_not_known_is_refused(js):
    js.v8.eval('mod = parseFormula("x % y", ["x", "y"], vocabulary).program')
    said = json.loads(js.v8.eval("JSON.stringify(refused(() => withSlopes(mod, vocabulary)))"))
    assert said[:2] == ["GrammarError", "line 1: the derivative of mod in argument 1 is not known"]


def test_whatever_is_typed_is_read_or_refused(js):
    """Texts made of pieces of rules, and rules in which something was changed."""
    chance = random.Random(14)
    pieces = re.findall(r"\w+|\W", source(og.Adam.rule)) + ["1e999", "__proto__", "\n    ", "(", ")", "'", '"""', "\\"]
    pieces += [
        "torch.",
        "math",
        "𝛽",
        "\u2028",
        "\0",
        "0.",
        ".",
        "**",
        "-",
        "#",
        "\t",
        "\r",
        "[",
        "@",
        "e",
        "lambda",
        "=",
    ]
    read = 0
    for _ in range(1500):
        text = chance.choice((source(og.Adam.rule), source(og.SGD.rule)))
        parts = re.findall(r"\w+|\W", text)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(parts))
            parts[at : at + chance.choice((0, 1))] = chance.choices(pieces, k=chance.choice((0, 1, 1, 2)))
        read += js.refusal("".join(parts)) is None
        js.refusal("".join(chance.choices(pieces, k=chance.randrange(30))), ["x", "y"])
    assert 100 < read < 1000


def test_reading_is_light():
    """Beside what runs a program, which a live descent needs anyway."""
    weight = [len(gzip.compress(web.script(f"live/{name}.js").encode())) for name in ("derive", "program")]
    assert weight[0] - weight[1] <= 6 * 1024
