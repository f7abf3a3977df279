"""What is copied as Python makes the race of the page: it is executed, and its last points are compared."""

import ast
import json
import math

import numpy as np
import pytest
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.render import web

#: The last points of a scene as the page computes them.
ENDS = """var ends = (scene) => play(scene, catalogue).runs.map(({ theta }) =>
    [...theta.slice(-scene.start.length)].map(String));"""


@pytest.fixture(scope="module")
def catalogue():
    return programs.catalogue()


@pytest.fixture(scope="module")
def v8(catalogue):
    found = MiniRacer()
    found.eval(web.script("lab/more.js"))
    found.eval(ENDS)
    found.eval(f"var catalogue = {json.dumps(catalogue)}")
    return found


@pytest.fixture
def copied(v8):
    """The text that is copied from a scene that a link shows."""
    return lambda text: v8.eval(f"asPython(readHash({json.dumps(text)}, catalogue), catalogue)")


def race(text):
    space = {}
    exec(compile(text, "copied.py", "exec"), space)
    return space["race"]


def compare(v8, scene):
    """Fail unless both end at the same points; where they do not, a nudge of the start must move Python's further."""
    text = v8.eval(f"asPython({json.dumps(scene)}, catalogue)")
    ends = np.array(json.loads(v8.eval(f"JSON.stringify(ends({json.dumps(scene)}))")), dtype=float)
    found = race(text)
    assert list(found) == [run["name"] for run in scene["runs"]]
    for end, (name, run) in zip(ends, found.items(), strict=True):
        if np.allclose(end, run.theta[-1], rtol=1e-12, atol=1e-12, equal_nan=True):
            continue
        nudges = [tuple(np.nextafter(scene["start"], side).tolist()) for side in (math.inf, -math.inf)]
        up, down = (race(text.replace("start=", f"start={nudge},  # "))[name].theta[-1] for nudge in nudges)
        moved = np.abs(up - down).max()
        assert moved * 10 >= np.abs(end - run.theta[-1]).max(), (name, end, run.theta[-1], text)
    return text, found


def scene(runs, **changed):
    runs = [{"name": run["rule"], "settings": {}, "code": None} | run for run in runs]
    usual = {"surface": "rosenbrock", "parameters": {}, "formula": None, "box": None, "start": [-1.5, 2], "steps": 120,
             "noise": 0, "seed": 0, "step": None, "view": "map", "hide": []}  # fmt: skip
    return usual | changed | {"runs": runs}


def test_a_race_of_two_is_these_lines(copied):
    assert copied("surface=rosenbrock;b:50&run=Adam;lr:0.05;betas:0.9,0.99&run=SGD;name:slow&noise=0.1&seed=3") == (
        "import optguide as og\n\n"
        "race = og.race(\n"
        "    {\n"
        '        "Adam": og.Adam.at(lr=0.05, betas=(0.9, 0.99)),\n'
        '        "slow": og.SGD,\n'
        "    },\n"
        "    og.surfaces.rosenbrock.replace(b=50),\n"
        "    start=(-1.5, 2),\n"
        "    steps=200,\n"
        "    noise=0.1,\n"
        "    seed=3,\n"
        ")\n"
    )


def test_an_edited_rule_is_a_class_and_a_typed_landscape_a_surface(copied):
    code = (
        "def update(theta, grad, t, v, *, lr=0.5, eps=1e-10):%0A    g = grad(theta)%0A    v = v + abs(g)  %23 no square"
    )
    code += "%0A    theta = theta - lr * g / (sqrt(v) + eps)%0A    return theta, v"
    assert copied(f"formula=x**2 %2B 10*sin(y)&box=-5,5,-5,5&run=Adagrad;lr:0.1;code:{code}&steps=50") == (
        "import optguide as og\n"
        "from optguide.language import sqrt\n"
        "from torch import sin\n"
        "\n\n"
        "@og.surface(box=((-5, 5), (-5, 5)))\n"
        "def landscape(x, y):\n"
        "    return x**2 + 10*sin(y)\n"
        "\n\n"
        "class EditedAdagrad(og.Optimizer):\n"
        "    @staticmethod\n"
        "    def update(theta, grad, t, v, *, lr=0.5, eps=1e-10):\n"
        "        g = grad(theta)\n"
        "        v = v + abs(g)  # no square\n"
        "        theta = theta - lr * g / (sqrt(v) + eps)\n"
        "        return theta, v\n"
        "\n\n"
        "race = og.race(\n"
        '    {"Adagrad": EditedAdagrad.at(lr=0.1)},\n'
        "    landscape,\n"
        "    start=(-3, 3),\n"
        "    steps=50,\n"
        ")\n"
    )


@pytest.mark.parametrize("rule", programs.catalogue()["rules"])
def test_what_is_copied_of_a_rule_ends_where_the_page_does(v8, catalogue, rule):
    """As it is, with another learning rate in noise, and as code of its own, with another default."""
    listed = catalogue["rules"][rule]
    faster = {"lr": 3 * listed["settings"]["lr"]} if "lr" in listed["settings"] else {}
    compare(v8, scene([{"rule": rule}, {"rule": rule, "name": "faster", "settings": faster}], noise=0.3, seed=7))
    edited = listed["source"].replace("grad(theta)", "0.5 * grad(theta)", 1)
    assert edited != listed["source"] or "grad(theta" in edited
    text, _ = compare(
        v8, scene([{"rule": rule, "code": edited, "settings": faster}], surface="himmelblau", start=[1, 1])
    )
    assert f"class Edited{rule}(og.Optimizer):" in text and " 0.5 * grad" in text or "grad(theta -" in text


@pytest.mark.parametrize("surface", og.surfaces.__all__)
def test_what_is_copied_of_a_landscape_ends_where_the_page_does(v8, catalogue, surface):
    land = catalogue["surfaces"][surface]
    changed = {name: value * 4 / 3 + 0.1 for name, value in land["parameters"].items()}
    start = [low + (high - low) / 3 for low, high in land["box"]]
    place = {"surface": surface, "start": start, "steps": 40}
    compare(v8, scene([{"rule": "Adam", "settings": {"lr": 0.01}}], **place))  # of which nothing must remain
    text, found = compare(v8, scene([{"rule": "Adam", "settings": {"lr": 0.01}}], parameters=changed, **place))
    assert not changed or ".replace(" in text
    assert found.function.name == surface


@pytest.mark.parametrize(
    ("formula", "box"),
    [
        ("x**2 + 10*sin(y)", [[-5, 5], [-5, 5]]),
        ("  x**4/4 - x  ", [[-2, 2]]),
        ("abs(x) + exp(-y**2) # a ridge", [[-2, 2], [-2, 2]]),
        ("(x - 1)**2 +(\n y**2)", [[-2, 2], [-2, 2]]),
        ("sqrt(x**2 + 1) + torch.cos(math.pi * y) * e", [[-2, 2], [-2, 2]]),
        ("exp(1)*x**2 + y**2 * log(3) + cos(0.5)", [[-2, 2], [-2, 2]]),
        (
            "maximum(x, 0) + minimum(x, -y) + clamp(x*y, -1, 1) + where(x > y, x, y**2) + atan2(y, x)",
            [[-2, 2], [-2, 2]],
        ),
    ],
)
def test_what_is_copied_of_a_typed_landscape_ends_where_the_page_does(v8, formula, box):
    start = [0.7 * high for _, high in box]
    typed = scene([{"rule": "Momentum", "settings": {"lr": 0.01}}], formula=formula, box=box, start=start, steps=60)
    compare(v8, typed)


RULES = {
    "a number is given to torch's functions": """def walk(theta, grad, t, m, *, lr=0.01, cap=2.0):
    "A docstring, which torch.exp does not mind."
    g = grad(theta)
    scale = exp(-t) + maximum(cap, t) / 10
    m = maximum(m, 0) + clamp(g, -cap, cap) * scale
    theta = theta - lr * where(t > 5, m, sign(g))  # math.pi stands here

    # a line of its own
    return theta, m""",
    "modules, tabs and a tuple": """def update(theta, grad, t, v, *, lr=0.01, betas=(0.9, 0.99)):
\tb, c = betas
\tv = b * v + (
\t\t1 - b) * grad(theta - lr * v)

\ttheta = theta - lr * v * torch.sqrt(c * math.pi)
\treturn theta, v""",
    "what is computed when it is returned": """def update(theta, grad, t, *, lr=0.01):
  return theta - lr * grad(theta) * e""",
    "lines as Windows ends them": """def update(theta, grad, t, *, lr=0.01):\r
    theta = theta - lr * grad(theta)\r
    return theta\r\n""",
}


@pytest.mark.parametrize("code", RULES.values(), ids=list(RULES))
def test_what_is_copied_of_a_rule_that_was_typed_ends_where_the_page_does(v8, code):
    compare(v8, scene([{"rule": "SGD", "code": code}], surface="himmelblau", start=[1, 1], noise=0.1, seed=1))


def test_each_edited_rule_is_a_class_once(v8, catalogue):
    one = catalogue["rules"]["Adam"]["source"]
    other = one.replace("g**2", "abs(g)")
    runs = [{"rule": "Adam", "name": str(i), "code": code, "settings": {"lr": 0.01 * (i + 1)}}
            for i, code in enumerate([one, other, one, None])]  # fmt: skip
    text, found = compare(v8, scene(runs))
    assert text.count("class EditedAdam(") == text.count("class EditedAdam2(") == 1
    assert [run.name for run in found.values()] == ["EditedAdam", "EditedAdam2", "EditedAdam", "Adam"]


def test_states_begin_where_those_of_the_rule_did(v8, catalogue):
    text, _ = compare(v8, scene([{"rule": "Rprop", "code": catalogue["rules"]["Rprop"]["source"]}]))
    assert '    init = {"delta": "lr"}\n' in text


def test_names_and_numbers_of_any_kind(v8):
    name = "\"'\\\n{}%s 😀\x7f"
    runs = [
        {"rule": "SGD", "name": name, "settings": {"lr": 5e-324}},
        {"rule": "SGD", "name": "b", "settings": {"lr": 1e21}},
    ]
    text, found = compare(v8, scene(runs, start=[-0.0, 1e20], steps=1))
    assert list(found) == [name, "b"] and "start=(-0.0, 1e+20)" in text


@pytest.mark.parametrize(
    "typed",
    [
        "__import__('os').system('true')",
        "x\r__import__('os')",
        "x # \r__import__('os')",
        "x; y",
        "lambda: x",
        "x\ny",
        "",
        "x.real",
        "x # \x0c\n\x0c y",
        "x # \u2028y = 1",
        "print(x)",
        "'x'",
        "f'{x}'",
        "[x]",
        "x if y else x",
    ],  # fmt: skip
)
def test_nothing_but_what_the_grammar_knows_becomes_python(v8, typed):
    """A text that is refused, or one whose Python is nothing but the arithmetic: no name is called but known ones."""
    known = set(programs.catalogue()["vocabulary"]) | {"surface", "race", "at"}
    given = json.dumps(scene([{"rule": "SGD"}], formula=typed, box=[[0, 1], [0, 1]], start=[0, 0]))
    try:
        text = v8.eval(f"asPython({given}, catalogue)")
    except JSEvalException as refused:
        assert "line " in str(refused)
        return
    tree = ast.parse(text)
    called = {node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
              for node in ast.walk(tree) if isinstance(node, ast.Call)}  # fmt: skip
    assert called <= known
    (landscape,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [type(node).__name__ for node in landscape.body] == ["Return"]
    assert [type(node).__name__ for node in tree.body if not isinstance(node, (ast.Import, ast.ImportFrom))] == [
        "FunctionDef",
        "Assign",
    ]


def test_what_has_no_source_says_so(v8):
    bare = {"own": True, "settings": {}, "hyperparameters": {}, "states": {}, "answer": "theta", "source": None}
    v8.eval(f"""var owned = {{ ...catalogue, rules: {{ ...catalogue.rules, Mine: {json.dumps(bare)} }},
        surfaces: {{ ...catalogue.surfaces, mine: {{ own: true, formula: null }} }} }}""")
    for given, says in (
        (scene([{"rule": "Mine"}]), "Mine is a rule of your own, whose source is not at hand"),
        (scene([{"rule": "SGD"}], surface="mine"), "mine is a landscape of your own, whose formula is not at hand"),
    ):
        with pytest.raises(JSEvalException, match=says):
            v8.eval(f"asPython({json.dumps(given)}, owned)")
