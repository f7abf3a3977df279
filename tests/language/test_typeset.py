"""The typeset rules: committed snapshots that were read against the papers, and the grammar's refusals."""

import ast
import math
import os
from pathlib import Path

import pytest
import torch

import optguide as og
from optguide import optimizers, surfaces
from optguide.language import NotationError, card, formula, identity, pseudocode, solve
from optguide.language.formula import WIDTH, break_rows, width_of
from optguide.language.symbols import NAMES, Symbols, number_latex
from optguide.language.typeset import read_function
from optguide.language.vocabulary import CALLED, QUESTIONS
from optguide.optimizers import Optimizer

SNAPSHOT = Path(__file__).with_name("formulas.md")


def render_all() -> str:
    lines = [
        "# Every formula as it is typeset",
        "",
        "Read against the papers; rewritten by `OPTGUIDE_UPDATE=1 pytest tests/language`.",
    ]
    for name in optimizers.__all__:
        whole = pseudocode(getattr(optimizers, name)).latex  # with the defaults and what the state begins with
        rows = whole.removeprefix(r"\begin{array}{l} ").removesuffix(r" \end{array}").split(r" \\[4pt] ")
        lines += ["", f"## {name}", *(f"- ${row}$" for row in rows)]
    for name in surfaces.__all__:
        lines += ["", f"## {name}", *(f"- ${line}$" for line in formula(getattr(surfaces, name)).lines)]
    return "\n".join(lines) + "\n"


def test_formulas_are_the_ones_that_were_read():
    if os.environ.get("OPTGUIDE_UPDATE"):
        SNAPSHOT.write_text(render_all(), encoding="utf-8")
    assert render_all() == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", optimizers.__all__)
def test_every_line_of_a_rule_is_explained(name):
    for step in pseudocode(getattr(optimizers, name)).steps:
        assert step.comment, f"{step.code} has no comment"
        assert "#" not in step.code


def typeset(update):
    return [step.latex for step in pseudocode(type("Rule", (Optimizer,), {"update": staticmethod(update)})).steps]


def test_a_state_read_before_it_is_assigned_belongs_to_the_step_before():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        g = grad(theta - v)
        v = v + g
        theta = theta - lr * v
        theta = theta - v
        return theta, v

    assert typeset(update) == [
        r"g_t \leftarrow \nabla f(\theta_{t-1} - v_{t-1})",
        r"v_t \leftarrow v_{t-1} + g_t",
        r"\theta_t \leftarrow \theta_{t-1} - \eta \, v_t",
        r"\theta_t \leftarrow \theta_t - v_t",
    ]


def test_what_is_made_of_hyperparameters_alone_has_no_time_index():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        beta1, beta2 = betas
        r = lr * beta1
        s = r + sqrt(beta2) * pi  # noqa: F821
        theta = theta - s * grad(theta)
        return theta, v

    assert typeset(update)[:2] == [r"r = \eta \, \beta_1", r"s = r + \sqrt{\beta_2} \, \pi"]
    assert typeset(update)[2].endswith(r"s \, \nabla f(\theta_{t-1})")


def test_a_copy_of_a_state_is_a_name_for_its_old_value():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        s = v
        v = grad(theta)
        theta = theta - lr * (v - s)
        return theta, v

    assert typeset(update)[-1] == r"\theta_t \leftarrow \theta_{t-1} - \eta \, (v_t - v_{t-1})"


def test_assigning_a_state_is_never_hidden():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        g = grad(theta)
        v = g
        theta = theta - lr * v
        return theta, v

    assert r"v_t \leftarrow g_t" in typeset(update)


def test_parentheses_follow_the_arithmetic():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        beta1, beta2 = betas
        g = grad(theta)
        r = theta - (v - g)
        s = (theta - v) * (g + r) / (v + g) ** 2
        c = -(theta + v) * 2 * 3
        m = (-v) ** 2 * 1e-8**t
        v = (theta / g) ** 2 / (1 - beta1**t)
        theta = theta - (v / g) * lr * full_like(v, beta2 - 1)  # noqa: F821
        return theta, v

    assert typeset(update)[1:] == [
        r"r_t \leftarrow \theta_{t-1} - (v_{t-1} - g_t)",
        r"s_t \leftarrow (\theta_{t-1} - v_{t-1}) \, \frac{g_t + r_t}{(v_{t-1} + g_t)^{2}}",
        r"c_t \leftarrow -(\theta_{t-1} + v_{t-1}) \cdot 2 \cdot 3",
        r"m_t \leftarrow (-v_{t-1})^{2} \, (10^{-8})^{t}",
        r"v_t \leftarrow \frac{(\frac{\theta_{t-1}}{g_t})^{2}}{1 - \beta_1^{t}}",
        r"\theta_t \leftarrow \theta_{t-1} - \frac{v_t}{g_t} \, \eta \, (\beta_2 - 1)",
    ]


def test_a_power_of_a_sine_is_written_before_its_argument():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        g = grad(theta)
        v = sin(2 * g) ** 2 + cos(g**2 + 1)  # noqa: F821
        theta = theta - lr * v
        return theta, v

    assert typeset(update)[1] == r"v_t \leftarrow \sin^{2}(2 \, g_t) + \cos(g_t^{2} + 1)"


def refused(update) -> str:
    with pytest.raises(NotationError) as caught:
        typeset(update)
    return str(caught.value)


def test_what_the_table_does_not_know_is_refused_by_name_and_line():
    def unknown_function(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = tanh(theta)  # noqa: F821
        return theta, v

    def branch(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        if t > 1:
            v = v + 1
        return theta, v

    def in_place(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v += grad(theta)
        return theta, v

    def method(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = grad(theta).cumsum(0)
        return theta, v

    def by_keyword(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = clamp(v, low=0, high=1)  # noqa: F821
        return theta, v

    def slices(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = v[0] + 1
        return theta, v

    def shape(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = v + theta.T
        return theta, v

    def too_few(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        return theta - lr * v

    def unset(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = m + 1  # noqa: F821
        return theta, v

    def wrong_count(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        v = sqrt(v, lr)  # noqa: F821
        return theta, v

    assert "unknown function 'tanh'; known are abs, " in refused(unknown_function)
    assert "v = tanh(theta)" in refused(unknown_function)
    assert "only assignments" in refused(branch)
    assert "only assignments" in refused(in_place)
    assert "unknown function 'cumsum'" in refused(method)
    assert "clamp must have its arguments by position" in refused(by_keyword)
    assert "Subscript has no notation" in refused(slices)
    assert "Attribute has no notation" in refused(shape)
    assert "the last line must return theta, v" in refused(too_few)
    assert "'m' is read before it has a value" in refused(unset)
    assert "sqrt must have 1 arguments, got 2" in refused(wrong_count)


class SignMomentum(og.Optimizer):
    """Momentum by signs, as somebody may write it who has not read the guide."""

    @staticmethod
    def update(theta, grad, t, m_old, *, lr=0.01, beta=0.9, clip=1.0, nesterov=False):
        g = grad(theta)  # slope
        m_old = beta * m_old + (1 - beta) * g / g.norm()  # memory
        direction = torch.sign(m_old) * torch.abs(m_old).pow(2) + torch.sin(g) ** 2 - math.pi * torch.linalg.norm(g)
        beta_2 = math.sqrt(beta)  # not used
        theta = theta - lr * direction.clamp(-clip, clip) / m_old**2
        return theta, m_old


def test_a_readers_own_names_are_typeset_as_themselves():
    found = pseudocode(SignMomentum)
    assert [step.latex for step in found.steps] == [
        r"g_t \leftarrow \nabla f(\theta_{t-1})",
        r"\mathrm{m\_old}_t \leftarrow \beta \, \mathrm{m\_old}_{t-1} + (1 - \beta) \, \frac{g_t}{\lVert g_t \rVert}",
        (r"\mathrm{direction}_t \leftarrow \operatorname{sign}(\mathrm{m\_old}_t) \, "
        r"\lvert \mathrm{m\_old}_t \rvert^{2} + \sin^{2}(g_t) - \pi \, \lVert g_t \rVert"),
        r"\beta_{2} = \sqrt{\beta}",
        (r"\theta_t \leftarrow \theta_{t-1} - \eta \, "
        r"\frac{\operatorname{clip}(\mathrm{direction}_t, -\mathrm{clip}, \mathrm{clip})}{\mathrm{m\_old}_t^{2}}"),
    ]  # fmt: skip
    assert r"\beta = 0.9, \mathrm{clip} = 1, \mathrm{nesterov} = \mathrm{False}" in found.latex
    assert r"\mathrm{m\_old}_0 = 0" in found.latex
    assert tuple(found.hyperparameters.columns) == ("symbol", "name", "default", "range", "meaning")
    assert [row[0] for row in found.hyperparameters.rows] == [
        r"$\eta$", r"$\beta$", r"$\mathrm{clip}$", r"$\mathrm{nesterov}$",
    ]  # fmt: skip
    assert card(SignMomentum).table.rows[2] == ("state per parameter", r"1 number: $\mathrm{m\_old}$")


def test_symbols_may_be_given():
    given = {"m_old": r"m^{\star}", "clip": "c_1", "direction": "d"}
    steps = [step.latex for step in pseudocode(SignMomentum, symbols=given).steps]
    assert steps[1].startswith(r"m^{\star}_t \leftarrow \beta \, m^{\star}_{t-1} + ")
    assert steps[-1] == (
        r"\theta_t \leftarrow \theta_{t-1} - \eta \, \frac{\operatorname{clip}(d_t, -c_1, c_1)}{(m^{\star}_t)^{2}}"
    )
    valley, parameters = formula(surfaces.rosenbrock, symbols={"x": "x_1", "b": r"\beta"}).rows
    assert valley == [r"\operatorname{rosenbrock}(x_1, y) = (a - x_1)^{2}", r"\quad {} + \beta \, (y - x_1^{2})^{2}"]
    assert parameters == [r"a = 1, \; \beta = 100"]
    with pytest.raises(ValueError, match="symbols has 'btea', a name that does not occur; t, pi, e, lr, beta, "):
        pseudocode(SignMomentum, symbols={"btea": r"\beta"})
    with pytest.raises(ValueError, match="symbols has 'z', a name that does not occur; t, pi, e, x, y, "):
        formula(surfaces.rosenbrock, symbols={"z": r"\zeta"})
    for wrong in (["beta"], {"beta": 1}, {1: "b"}):
        with pytest.raises(TypeError, match="symbols must be a dict from names to LaTeX, got "):
            pseudocode(SignMomentum, symbols=wrong)


@pytest.mark.parametrize(
    ("name", "symbol"),
    {
        "q": "q", "tau": r"\tau", "Omega": r"\Omega", "beta4": r"\beta_{4}", "x_12": "x_{12}", "θ": "θ",
        "lambda_": r"\lambda", "tau_hat": r"\hat{\tau}", "step": r"\mathrm{step}", "x1y": r"\mathrm{x1y}",
        "_hat": r"\mathrm{\_hat}", "m_hat": r"\hat{m}",
    }.items(),
)  # fmt: skip
def test_letters_stand_for_themselves_and_words_upright(name, symbol):
    assert Symbols()[name] == symbol


def test_two_names_never_share_a_symbol():
    symbols = Symbols()
    assert [symbols[name] for name in ("lr", "eta", "lr", "gamma", "momentum")] == [
        r"\eta", r"\mathrm{eta}", r"\eta", r"\gamma", r"\mathrm{momentum}",
    ]  # fmt: skip
    wanted = Symbols({"eta": r"\eta"})
    assert (wanted["lr"], wanted["eta"]) == (r"\eta", r"\eta")  # unless somebody asks for it


def test_a_variable_may_be_called_as_a_module():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        math = grad(theta)
        v = math.abs()
        return theta, v

    assert typeset(update)[1] == r"v_t \leftarrow \lvert \mathrm{math}_t \rvert"


def test_what_is_computed_when_it_is_returned_has_a_line():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        g = grad(theta)
        return theta - lr * g, v + g  # both at once

    assert typeset(update)[1:] == [
        r"\theta_t \leftarrow \theta_{t-1} - \eta \, g_t",
        r"v_t \leftarrow v_{t-1} + g_t",
    ]


def test_a_symbol_with_an_index_is_kept_together():
    def update(theta, grad, t, v, *, lr=0.1, betas=(0.5, 0.25)):
        x2 = grad(theta)
        theta = theta - lr * x2**2
        return theta, v

    assert typeset(update) == [
        r"{x_{2}}_t \leftarrow \nabla f(\theta_{t-1})",
        r"\theta_t \leftarrow \theta_{t-1} - \eta \, {x_{2}}_t^{2}",
    ]


def test_functions_of_torch_and_of_a_tensor_are_the_same_in_a_formula():
    @og.surface(box=((-1, 1), (-1, 1)))
    def waves(x, y):
        return torch.sin(x) ** 2 + y.abs() + torch.exp(x) * math.e + (y.cos()) ** 2

    assert formula(waves).rows[0] == [
        r"\operatorname{waves}(x, y) = \sin^{2}(x) + \lvert y \rvert + \exp(x) \, e",
        r"\quad {} + \cos^{2}(y)",
    ]


def test_the_docstring_lists_what_may_be_called():
    listed = pseudocode.__doc__.split("a method of a tensor: ")[1].split(".")[0]
    assert " ".join(listed.split()) == CALLED


def test_a_class_without_update_is_refused():
    with pytest.raises(NotationError, match="Adam has no pure update"):
        pseudocode(torch.optim.Adam)
    with pytest.raises(NotationError, match="Adam has no pure update"):
        card(torch.optim.Adam)


def test_numbers_are_written_as_by_hand():
    assert [number_latex(x) for x in (1, 0.5, 100, 1e-8, 2.5e-5, 2509, 0.999)] == [
        "1", "0.5", "100", "10^{-8}", r"2.5 \cdot 10^{-5}", "2509", "0.999",
    ]  # fmt: skip
    assert float(number_latex(79.98309326)) == 79.98309326


def own_names(function):
    """What a function of the guide's own calls its arguments and values."""
    tree, _ = read_function(function)
    arguments = [a.arg for a in (*tree.args.args, *tree.args.kwonlyargs)]
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | {*arguments}


def test_every_name_of_the_guide_has_its_own_symbol():
    for name in optimizers.__all__:
        names = own_names(getattr(optimizers, name).update) - {*QUESTIONS}
        names = {n for n in names if not n.endswith(("_hat", "_before"))}  # another name's hat, another name's value
        assert len({NAMES[n] for n in names}) == len(names)
    for name in surfaces.__all__:
        if name != "linear_regression":
            names = own_names(getattr(surfaces, name).function)
            assert len({NAMES[n] for n in names}) == len(names)


def test_card_counts_state_and_gradients():
    facts = card(optimizers.AdaDerivative)
    assert (facts.state_names, facts.gradients_per_step, facts.year) == (("m", "s", "g"), 1, 2023)
    assert facts.claim == "Adam that divides by how much the gradient changed since the last step."
    assert ("state per parameter", "3 numbers: $m$, $s$, $g$") in facts.table.rows
    assert card(optimizers.SGD).table.rows[2] == ("state per parameter", "0 numbers")
    assert card(optimizers.SmoothedNesterov).gradients_per_step == 4

    class Same(optimizers.SGD):
        pass

    assert card(Same).claim == ""


def test_formula_carries_frame_parameters_and_parts():
    lines = formula(surfaces.tilted_camel).lines
    assert r"\operatorname{tilted-camel}(x, y) = \\[4pt] \quad {} h_{0.0705535}^{1}" in lines[0]
    assert any(r"\operatorname{six-hump-camel}(2 \, x, -y)" in line for line in lines)
    assert lines[-2:] == [r"h_{a}^{b}(z) = \delta + (1 - \delta) \, \frac{z - a}{b - a}", r"\delta = 10^{-5}"]
    assert formula(surfaces.rosenbrock.replace(b=10)).lines[1] == r"a = 1, \; b = 10"
    framed = surfaces.rosenbrock.framed("half", scale=(0.5, -2), shift=(1, -3))
    assert formula(framed).lines[0].endswith(r"\operatorname{rosenbrock}(0.5 \, x + 1, -3 - 2 \, y)")
    one_axis = surfaces.sphere.framed("aside", scale=(1, 1), shift=(0, 2))
    assert formula(one_axis).lines[0].endswith(r"\operatorname{sphere}(x, y + 2)")
    assert formula(one_axis).table.rows == [(f"${line}$",) for line in formula(one_axis).lines]


def test_every_intermediate_value_has_a_line_of_its_own():
    lines = formula(surfaces.goldstein_price).lines
    assert [line.split(" = ")[0] for line in lines[1:]] == ["u", "v", "a", "b"]
    assert formula(surfaces.ravine).lines[1:] == [r"\kappa = 50"]


def test_long_equations_are_broken_into_rows_at_the_outermost_sums():
    def hill(x, y):
        a = 1 + 2 * (x**2 - 3 * y**2 + 4 * x - 5 * y + 6) - sqrt(7 * abs(x - 8)) + x - y - x - y - x  # noqa: F821
        return (x + y) * a

    found = formula(surfaces.surface(box=((0, 1), (0, 1)))(hill))
    assert found.rows == [
        [r"\operatorname{hill}(x, y) = (x + y) \, a"],
        [
            r"a = 1 + 2 \, (x^{2} - 3 \, y^{2} + 4 \, x - 5 \, y + 6)",
            r"\quad {} - \sqrt{7 \, \lvert x - 8 \rvert} + x - y - x - y - x",
        ],
    ]
    assert found.lines[1] == r"\begin{array}{l} " + r" \\[4pt] ".join(found.rows[1]) + r" \end{array}"
    assert found.latex == r"\begin{array}{l} " + r" \\[4pt] ".join(sum(found.rows, [])) + r" \end{array}"


def test_a_sum_of_absolute_values_is_not_broken_within_one():
    def folds(x, y):
        return abs(x + y + 1) * 1000000 + abs(x - y - 1) * 1000000 + abs(x - y + 1) * 1000000

    (rows,) = formula(surfaces.surface(box=((0, 1), (0, 1)))(folds)).rows
    assert len(rows) > 1
    assert all(row.count(r"\lvert") == row.count(r"\rvert") for row in rows)

    def lengths(x, y):
        return torch.norm(x + y + 1) * 1000000 + torch.norm(x - y - 1) * 1000000 + torch.norm(x - y + 1) * 1000000

    (rows,) = formula(surfaces.surface(box=((0, 1), (0, 1)))(lengths)).rows
    assert len(rows) > 1
    assert all(row.count(r"\lVert") == row.count(r"\rVert") for row in rows)


@pytest.mark.parametrize("name", surfaces.__all__)
def test_rows_fit_where_they_can_be_broken(name):
    for rows in formula(getattr(surfaces, name)).rows:
        for row in rows:
            assert width_of(row) <= WIDTH
        whole = " ".join(row.removeprefix(r"\quad {} ") for row in rows)
        assert whole.count("(") == whole.count(")")
        assert break_rows(whole) == rows


def test_width_counts_what_is_seen():
    for latex, width in {
        r"2 \, x^{10}": 4,
        r"\frac{1 + x}{y}": 5,
        r"\frac{x^{2}}{\frac{3}{1234}}": 4,
        r"h_{-1.5}^{2}\bigl(x\bigr)": 8,
        r"\operatorname{two-minima}(x, y)": 16,
        r"\sin^{2}(\pi \, x)": 8,
        r"\quad {} + \lvert x \rvert": 8,
        r"\lVert \tau \rVert": 3,
        r"\beta \, \mathrm{two\_words}": 10,
    }.items():
        assert width_of(latex) == width, latex


def test_the_table_has_formula_words_and_code_side_by_side():
    assert pseudocode(optimizers.Momentum).table.rows[:2] == [
        ("$v_0 = 0$", "before the first step", ""),
        (r"$g_t \leftarrow \nabla f(\theta_{t-1})$", "gradient at the current point", "`g = grad(theta)`"),
    ]
    assert pseudocode(optimizers.SGD).table.rows[0][1] == "gradient at the current point"


def test_pseudocode_shows_itself_in_a_notebook():
    shown = pseudocode(optimizers.Adam)._repr_markdown_()
    assert r"$\theta_t \leftarrow" in shown and "`g = grad(theta)`" in shown
    whole = pseudocode(optimizers.Adam).latex
    assert r"\eta = 0.001" in whole and r"m_0 = 0, v_0 = 0" in whole and r"\epsilon = 10^{-8}" in whole


def test_only_a_hyperparameter_is_taken_apart():
    def of_a_state(theta, grad, t, m, *, lr=0.1):
        a, b = m
        return theta - lr * grad(theta), a + b

    def of_numbers(theta, grad, t, *, lr=0.1):
        a, b = (0.1, 0.2)
        return theta - lr * (a + b) * grad(theta)

    for update in (of_a_state, of_numbers):
        with pytest.raises(NotationError, match="only a hyperparameter can be taken apart"):
            typeset(update)


def test_grad_is_a_question_only_where_a_rule_is_given_one():
    def update(theta, grad, t, *, lr=0.1):
        return theta - lr * torch.sign(grad)

    with pytest.raises(NotationError, match="grad"):
        typeset(update)


def test_what_a_rule_returns_as_it_came_has_no_time_and_need_not_be_said_to_begin():
    class Tethered(optimizers.Optimizer):
        init = {"theta0": "theta", "home": "theta"}

        @staticmethod
        def update(theta, grad, t, theta0, home, m, *, lr=0.1):
            m = m + theta0 + home
            theta = theta - lr * (theta - theta0) - m
            return theta, theta0, home, m

    lines = pseudocode(Tethered).latex.split(r" \\[4pt] ")
    assert lines[1] == r"\textbf{start with: } \mathrm{home}_0 = \theta_0, m_0 = 0"
    assert lines[3] == r"\quad m_t \leftarrow m_{t-1} + \theta_0 + \mathrm{home}"


def test_what_a_rule_draws_is_another_one_in_every_step_and_a_product_with_the_hessian_stands_together():
    class Probed(og.Optimizer):
        @staticmethod
        def update(theta, grad, hvp, noise, t, *, lr=0.1):
            z = noise()
            d = z * hvp(theta, z)
            w = torch.sign(noise())
            theta = theta - lr * grad(theta) / (1 + w * d)
            return theta

    class Whole(og.Optimizer):
        mixes = "model"

        @staticmethod
        def update(theta, grad, hessian, t, *, lr=0.1):
            h = hessian(theta)
            theta = theta - lr * solve(h + lr * identity(h), grad(theta))
            return theta

    lines = [step.latex for step in pseudocode(Probed).steps]
    assert lines[0] == r"z_t \sim \mathcal{N}(0, I)"
    assert lines[1] == r"d_t \leftarrow z_t \, (\nabla^2 f(\theta_{t-1}) \, z_t)"
    assert lines[2] == r"w_t \leftarrow \operatorname{sign}(\mathcal{N}(0, I))"
    lines = [step.latex for step in pseudocode(Whole).steps]
    assert lines[0] == r"h_t \leftarrow \nabla^2 f(\theta_{t-1})"
    assert r"(h_t + \eta \, I)^{-1} \, \nabla f(\theta_{t-1})" in lines[1]
