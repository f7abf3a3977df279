"""What is edited in a browser is typeset there as Python typesets it, and shown as the pages show it, in V8."""

import ast
import gzip
import json
import random
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.language.formula import formula
from optguide.language.typeset import Typesetter
from optguide.render import web

CATALOGUE = programs.catalogue()
#: Surfaces that are one expression of their coordinates.
PLAIN = [name for name in og.surfaces.__all__ if len(formula(getattr(og.surfaces, name)).rows) == 1]


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/parse.js"))
    found.eval(web.script("lab/typeset.js"))
    found.eval(web.script("lab/mathml.js"))
    found.eval(f"var catalogue = {json.dumps(CATALOGUE)}")
    return found


@pytest.fixture(scope="module")
def rule(v8):
    """The lines of a rule's source."""
    return lambda source: json.loads(
        v8.eval(f"""JSON.stringify(
        typesetRule(parseRule({json.dumps(source)}, catalogue.vocabulary), catalogue))""")
    )


@pytest.fixture(scope="module")
def height(v8):
    """A height over some axes."""
    return lambda text, axes=("x", "y"): v8.eval(f"""typesetFormula(
        parseFormula({json.dumps(text)}, {json.dumps(axes)}, catalogue.vocabulary), {json.dumps(axes)}, catalogue)""")


@pytest.fixture(scope="module")
def tree(v8):
    return lambda latex: json.loads(v8.eval(f"JSON.stringify(mathml({json.dumps(latex)}))"))


# --- LaTeX.


@pytest.mark.parametrize("name", CATALOGUE["rules"])
def test_a_rule_is_typeset_as_python_typesets_it(rule, name):
    source = CATALOGUE["rules"][name]["source"]
    found = rule(source)
    wanted = og.pseudocode(getattr(og, name)).steps
    assert [(s["latex"], s["comment"], s["code"]) for s in found] == [(s.latex, s.comment, s.code) for s in wanted]
    for step in found:
        assert source.splitlines()[step["line"] - 1].strip().startswith(step["code"])


@pytest.mark.parametrize("name", PLAIN)
def test_a_height_is_typeset_as_python_typesets_it(height, name):
    surface = getattr(og.surfaces, name)
    tree = ast.parse(Path(sys.modules[surface.function.__module__].__file__).read_text(encoding="utf-8"))
    function = next(f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == surface.function.__name__)
    [rows] = formula(surface).rows
    wanted = " ".join(row.removeprefix(r"\quad {} ") for row in rows)
    axes = list(surface.axes)
    assert height(ast.unparse(function.body[-1].value), axes) == f"f({', '.join(axes)}){wanted[wanted.index(' = ') :]}"


def test_the_heights_that_are_compared_are_several():
    assert len(PLAIN) >= 10


HEAD = "def update(theta, grad, t, {states}, *, lr=0.1, betas=(0.9, 0.99), {settings}):\n    "


def both(rule, lines, states="v", settings="q=1"):
    """What V8 and Python make of the lines of a rule; the last one is what it returns."""
    source = (HEAD + "\n    ".join(lines)).format(states=states, settings=settings)
    tree = ast.parse(source).body[0]
    names = [argument.arg for argument in tree.args.args[3:]]
    constants = [argument.arg for argument in tree.args.kwonlyargs]
    wanted = Typesetter(
        tree, source.splitlines(), timed=("theta", *names), constants=tuple(constants), index_locals=True
    ).steps()
    found = [(step["latex"], step["comment"], step["code"]) for step in rule(source)]
    return found, [(step.latex, step.comment, step.code) for step in wanted]


OWN = {
    "unknown names stand upright": ["direction = grad(theta)", "m_old = direction + v", "return theta - m_old, v"],
    "Greek letters": ["tau = grad(theta)", "Omega_hat = v * tau", "lambda_ = Omega_hat", "return lambda_, v"],
    "numbers at the end": ["x_12 = grad(theta)", "beta4 = x_12**2", "x1y = beta4 - 3", "return beta4, x1y"],
    "a symbol that is taken": ["eta = grad(theta)", "gamma = eta * lr", "return theta - gamma, momentum"],
    "an index is kept together": ["x2 = grad(theta)", "x2 = x2**2", "return theta - lr * x2, v"],
    "an exponent is kept together": ["m1 = grad(theta)", "v = m1**2", "return theta, v"],
    "a hyperparameter taken apart": ["low, high = betas", "r = low * lr", "k = 2", "return theta - r * k, v + high"],
    "an old value's name": ["old = v", "v = grad(theta)", "theta = theta - (v - old)", "return theta, v"],
    "all at once when it returns": ["g = grad(theta)  # here", "return theta - lr * g, v + theta  # there"],
    "what is returned is another name": ["g = grad(theta)", "return theta, g"],
    "a hyperparameter that changes": ["lr = lr / sqrt(t)", "w = lr * 2", "return theta - w * grad(theta), v"],
    "a comment of several lines": ["g = (grad(theta)  # one", "     + v)  # two", "return g, v"],
    "functions and cases": [
        "g = where(abs(v) >= 1e-3, sign(v), clamp(v, -q, q)) * atan2(v, 2) % 3",
        "v = maximum(-theta, minimum(v, full_like(v, lr))) + math.pi * torch.exp(e)",
        "return theta - g.abs(), cos(g)**2 == g",
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", OWN)
def test_a_readers_own_rule_is_typeset_as_python_typesets_it(rule, case):
    states = "momentum" if "momentum" in OWN[case][-1] else "v"
    found, wanted = both(rule, OWN[case], states, "q=1")
    assert found == wanted and found


NAMED = {
    "q": "q", "tau": r"\tau", "Omega": r"\Omega", "beta4": r"{\beta_{4}}", "x_12": "{x_{12}}", "θ": "θ",
    "lambda_": r"\lambda", "tau_hat": r"\hat{\tau}", "step": r"\mathrm{step}", "x1y": r"\mathrm{x1y}",
    "_hat": r"\mathrm{\_hat}", "eta": r"\mathrm{eta}", "eps_hat": r"\hat{\epsilon}",
}  # fmt: skip


def test_letters_stand_for_themselves_and_words_upright(rule):
    lines = [f"{name} = grad(theta)" for name in NAMED]
    found, wanted = both(rule, [*lines, "return theta, v"], settings="eps=1")
    assert found == wanted
    # theta, which is returned as it came, has no index.
    assert [latex for latex, _, _ in found] == [rf"{s}_t \leftarrow \nabla f(\theta)" for s in NAMED.values()]


NUMBERS = """0 1 2.0 0.5 100 1e-8 2.5e-5 0.0001 0.00012345678 12345678 123456.0 1234567.0 1e5 100000 1000000 1000001
    123456789012345678901234567890 1e15 123456789012345680.0 1.2345678e-5 79.98309326 1e300 .5 3.""".split()


def test_numbers_are_written_as_python_writes_them(rule):
    found, wanted = both(rule, [*(f"w{i} = {number}" for i, number in enumerate(NUMBERS)), "return theta, v"])
    assert found == wanted


def written(rng, depth):
    """Some expression."""
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(["theta", "v", "g", "lr", "m1", "v_hat", "x2", "own", "2", "0.5", "1e-8", "t"])
    a, b = written(rng, depth - 1), written(rng, depth - 1)
    signs = [f"({a}) {sign} ({b})" for sign in ("+", "-", "*", "/", "**", "%", "*", "/")]
    bare = [f"{a} {sign} {b}" for sign in ("+", "-", "*", "/")]
    return rng.choice(
        [*signs, *bare, f"-({a})", f"sin({a})**2", f"cos({a})**{b}", f"sqrt({a})", f"abs({a})", f"full_like(v, {b})"]
    )


def test_whatever_is_typed_is_typeset_as_python_typesets_it_and_can_be_shown(rule, tree):
    rng = random.Random(0)
    lines = [f"r{i} = {written(rng, 1 + i % 4)}" for i in range(400)]
    given = ["g = grad(theta)", "m1 = g + v", "v_hat = v * g", "x2 = v", "own = v + m1"]
    for i in range(0, len(lines), 40):
        found, wanted = both(rule, [*given, *lines[i : i + 40], "return theta, v"])
        assert found == wanted
        assert all(tree(latex)[0] == "math" for latex, _, _ in found)


def test_a_height_of_ones_own(height):
    assert height("x**2 + 10*sin(y)") == r"f(x, y) = x^{2} + 10 \, \sin(y)"
    assert height("-(x - 1)**2 / 2 * e", ["x"]) == r"f(x) = \frac{-(x - 1)^{2}}{2} \, e"
    assert height("pi*u*speed", ["u", "speed"]) == r"f(u, \mathrm{speed}) = \pi \, u \, \mathrm{speed}"


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "getitems"])
def test_what_has_no_notation_is_refused(v8, name):
    call = {"type": "call", "func": name, "args": [{"type": "name", "name": "x"}]}
    with pytest.raises(JSEvalException, match=f"{name} has no notation"):
        v8.eval(f"typesetFormula({json.dumps({'value': call})}, ['x'], catalogue)")


# --- MathML.


def bare(tree):
    """Names and texts of a tree; a row that only keeps things together is left out."""
    name, _, *children = tree
    found = []
    for child in children:
        inner = child if isinstance(child, str) else bare(child)
        rows = name in ("math", "mrow", "mtd", "msqrt", "mstyle")
        found += inner[1:] if rows and inner[0] in ("mrow", "mstyle") else [inner]
    return found[0] if name == "mrow" and len(found) == 1 else [name, *found]


@pytest.fixture(scope="module")
def shown():
    """What the pages show of LaTeX, as a tree."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "docs" / "_ext")
        pages = pytest.importorskip("mathml", reason="needs the docs requirements")

    def convert(node):
        return [node.tag.partition("}")[2], {}, *([node.text] if node.text else []), *map(convert, node)]

    return lambda latex: bare(convert(ElementTree.fromstring(pages.to_mathml(latex))))


@pytest.mark.parametrize("name", CATALOGUE["rules"])
def test_a_rule_is_shown_as_its_page_shows_it(tree, shown, name):
    for step in og.pseudocode(getattr(og, name)).steps:
        assert bare(tree(step.latex)) == shown(step.latex), step.latex


@pytest.mark.parametrize("name", og.surfaces.__all__)
def test_a_formula_is_shown_as_its_page_shows_it(tree, shown, name):
    for rows in formula(getattr(og.surfaces, name)).rows:
        latex = " ".join(row.removeprefix(r"\quad {} ") for row in rows)
        if r"\;" not in latex:  # several parameters: nobody types those
            assert bare(tree(latex)) == shown(latex), latex


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{cases} -a & \text{if } x \le 0 \\ \frac{b}{2} & \text{otherwise} \end{cases} + 1",
        r"\lVert x \rVert \ge \mathcal{N}(0, 1) = \log(x)",
        r"\bar{\epsilon} \mapsto \min(x, \exp(y)) > 2.5 \cdot 10^{-5}",
        r"\alpha \zeta \iota \nu \xi \omicron \sigma \tau \upsilon \omega \Gamma \Xi \Upsilon \Phi \Omega \varsigma",
        r"\nabla^2 f(x) \, v", r"{\alpha_{3}}_t^{2}", r"\hat{m^{(1)}}_t", r"\eta^{-} \rho_{\infty}",
    ],
)  # fmt: skip
def test_what_no_rule_has_is_shown_as_a_page_would_show_it(tree, shown, latex):
    assert bare(tree(latex)) == shown(latex)


def test_a_name_is_one_identifier_and_a_remainder_one_sign(tree):
    assert tree(r"\mathrm{m\_old}") == ["math", {}, ["mi", {"mathvariant": "normal"}, "m_old"]]
    assert bare(tree(r"x \bmod 2")) == ["math", ["mi", "x"], ["mo", "mod"], ["mn", "2"]]


def test_a_sign_stands_close_to_what_it_is_the_sign_of(tree):
    def forms(latex):
        return [child[1].get("form") for child in tree(latex)[2][2:] if child[2] == "−"]

    assert forms(r"-x - y \leftarrow -x") == ["prefix", None, "prefix"]
    assert forms(r"(-x) - \max(-x, -1)") == ["prefix", None, "prefix", "prefix"]
    assert forms(r"\lvert -x \rvert - x^{2} - 1") == ["prefix", None, None]


def test_fences_stand_close_and_keep_their_height(tree):
    for latex in (r"\lvert x \rvert", r"\lVert x \rVert"):
        for fence in (tree(latex)[2][2], tree(latex)[2][4]):
            assert fence[1] | {"form": ""} == {"form": "", "stretchy": "false", "lspace": "0", "rspace": "0"}
    assert [tree("(x)")[2][i][1]["stretchy"] for i in (2, 4)] == ["false", "false"]
    assert tree(r"\bigl(x\bigr)")[2][2][1]["minsize"] == "1.2em"


@pytest.mark.parametrize(
    "latex",
    [r"\foo", "x_1_2", "x^1^2", "{x", "x}", "a & b", r"\\", r"\frac{1}", "x^", "^2", "#", "$x$", "%", "[x]", "x'", "a;",
     r"\begin{array} x \end{array}", r"\begin{cases} x", r"\begin{cases} x \end{array}", r"\text{<b>}",
     r"\operatorname", r"\mathrm{a{b}}", r"\bigl[", r"\left(x\right)", r"\href{x}{y}", r"\constructor", r"\mathcal{M}"],
)  # fmt: skip
def test_what_is_never_written_is_refused(v8, latex):
    with pytest.raises(JSEvalException, match="RangeError: the formula cannot be shown at"):
        v8.eval(f"mathml({json.dumps(latex)})")


def test_a_tree_becomes_elements_and_texts(v8):
    v8.eval("""var document = { createElementNS: (space, name) => ({ space, name, attributes: [], children: [],
        style: {}, setAttribute(...pair) { this.attributes.push(pair); },
        append(...more) { this.children.push(...more); } }) }""")
    space = "http://www.w3.org/1998/Math/MathML"
    made = json.loads(v8.eval(r"JSON.stringify(element(mathml('\\hat{a}')))"))
    assert made["space"] == space and made["name"] == "math"
    [accent] = made["children"]
    assert (accent["space"], accent["name"], accent["attributes"]) == (space, "mover", [["accent", "true"]])
    assert [child["children"] for child in accent["children"]] == [["a"], ["ˆ"]]
    made = json.loads(v8.eval(r"JSON.stringify(element(mathml('\\begin{cases} a & b \\end{cases}')))"))
    assert [cell["style"] for cell in made["children"][0]["children"][1]["children"][0]["children"]] == [
        {"textAlign": "left"}
    ] * 2


def test_both_are_small():
    both = web.script("lab/typeset.js") + web.script("lab/mathml.js")
    assert len(gzip.compress(both.encode(), 9)) <= 4096
