"""Wrappers: rules made of rules, held against other implementations, and what is said of them."""

from __future__ import annotations

import pytest

import optguide as og
from optguide.language import NotationError, card, pseudocode
from optguide.optimizers.wrapper import Wrapper

ALL = [getattr(og.optimizers, name) for name in og.optimizers.__all__]

# --- What is said of them


def test_pseudocode_of_sam_is_that_of_the_paper_and_refers_to_the_wrapped_rule():
    shown = pseudocode(og.SAM(og.Adam))
    assert [step.latex for step in shown.steps] == [
        r"g_t \leftarrow \nabla f(\theta_{t-1})",
        r"\hat{\epsilon}_t \leftarrow \rho \, \frac{g_t}{\lVert g_t \rVert + 10^{-12}}",
        r"\theta_t \leftarrow \operatorname{Adam}(\theta_{t-1}, x \mapsto \nabla f(x + \hat{\epsilon}_t))",
    ]
    assert shown.name == "SAM(Adam)" and all(step.comment for step in shown.steps)
    rows = shown.latex.split(r" \\[4pt] ")
    assert rows[:2] == [
        r"\begin{array}{l} \textbf{input: } \theta_0,\; f,\; \rho = 0.05",
        r"\textbf{wrapped: } \operatorname{Adam}: \eta = 0.001, \beta_1, \beta_2 = 0.9, 0.999, \epsilon = 10^{-8}",
    ]
    assert rows[-1] == r"\textbf{return } \theta_t \end{array}"
    assert [row[1] for row in shown.hyperparameters.rows] == ["`lr`", "`betas`", "`eps`", "`rho`"]


def test_pseudocode_of_lookahead_begins_and_returns_where_the_slow_weights_are():
    shown = pseudocode(og.Lookahead(og.SAM(og.Adam.at(lr=0.5))))
    after, synchronized = r"t \bmod k = 0", r"\\ \phi_{t-1} & \text{otherwise}"
    assert [step.latex for step in shown.steps] == [
        r"\theta_t \leftarrow \operatorname{SAM(Adam)}(\theta_{t-1}, \nabla f)",
        (
            rf"\phi_t \leftarrow \begin{{cases}} \phi_{{t-1}} + \alpha_{{\phi}} \, (\theta_t - \phi_{{t-1}}) & "
            rf"\text{{if }} {after} {synchronized} \end{{cases}}"
        ),
        (
            rf"\theta_t \leftarrow \begin{{cases}} \phi_t & \text{{if }} {after} \\ \theta_t & \text{{otherwise}} "
            r"\end{cases}"
        ),
    ]
    assert r"\operatorname{SAM(Adam)}: \eta = 0.5," in shown.latex and r"\rho = 0.05" in shown.latex
    assert r"\textbf{start with: } \phi_0 = \theta_0" in shown.latex
    assert shown.latex.endswith(r"\textbf{return } \phi_t \end{array}")
    within = pseudocode(og.SAM(og.Lookahead(og.SGD))).latex
    assert within.endswith(r"\textbf{return } \phi_t\text{ of } \operatorname{Lookahead(SGD)} \end{array}")


@pytest.mark.parametrize(
    ("optimizer", "looks", "state"),
    [
        (og.SAM(og.Adam), 2, "2 numbers: $m$, $v$"),
        (og.Lookahead(og.Adam), 1, r"3 numbers: $\phi$, $m$, $v$"),
        (og.Lookahead(og.SAM(og.SGD)), 2, r"1 number: $\phi$"),
        (og.SAM(og.SmoothedNesterov), 5, "1 number: $v$"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_card_counts_what_a_step_costs(optimizer, looks, state):
    facts = card(optimizer)
    assert facts.gradients_per_step == looks and facts.family == "wrapper"
    assert ("state per parameter", state) in facts.table.rows
    assert "hat" not in facts.claim and facts.claim == optimizer.__doc__.partition("\n")[0]


def test_a_function_may_only_be_given_to_the_wrapped_rule():
    class Odd(Wrapper):
        @staticmethod
        def update(theta, grad, step, t):
            theta = step(theta, grad) + abs(lambda x: x)
            return theta

    with pytest.raises(NotationError, match=r"update, line 3 .*: Lambda has no notation"):
        pseudocode(Odd(og.SGD))
