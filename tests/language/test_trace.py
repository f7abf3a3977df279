"""Programs: what a rule or a formula computes, to the last bit, and what cannot be written out."""

import math

import pytest
import torch

import optguide as og
from optguide.language import NotationError, trace
from optguide.language.python import python_function, python_source

RULES = [getattr(og, name) for name in og.optimizers.__all__]


def slope_at(theta):
    return torch.sin(3 * theta) * 40 - theta


def equal(found, expected):
    """The same tensors, or the same numbers, of the same types."""
    found, expected = (value if isinstance(value, tuple) else (value,) for value in (found, expected))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert type(one) is type(other)
        assert torch.equal(one, other) and one.dtype == other.dtype if torch.is_tensor(one) else one == other


#: A setting for each column is none for each matrix, nor for all that have a Hessian in common.
WHOLE = [rule for rule in RULES if rule.rule.matrix or "hessian" in rule.rule.asks]
TRACED = [(rule, spread) for rule in RULES for spread in (False, True) if not (spread and rule in WHOLE)]


@pytest.mark.parametrize(
    ("rule", "spread"), TRACED, ids=[f"{r.__name__}-{'a setting for each' if s else 'numbers'}" for r, s in TRACED]
)
def test_a_traced_rule_takes_the_same_steps_to_the_last_bit(rule, spread):
    program = python_function(trace(rule.update))
    theta = torch.randn(5, 8, dtype=torch.float64 if spread else torch.float32)
    settings = dict(rule.hyperparameters)
    if spread:
        one = lambda value: value * torch.linspace(0.5, 1, 8, dtype=torch.float64)  # noqa: E731
        spread_out = lambda v: tuple(map(one, v)) if isinstance(v, tuple) else one(v)  # noqa: E731
        same = [n for n, h in rule.rule.hyperparameters.items() if h.kind.shapes]  # in every column
        settings = {n: v if isinstance(v, bool) or n in same else spread_out(v) for n, v in settings.items()}
    state = rule.rule.initial(theta, settings)
    known = {
        "grad": slope_at,
        "loss": lambda theta: torch.sum(theta**2),
        "hvp": lambda theta, vector: torch.cos(theta) * vector,
        "hessian": lambda theta: torch.diag(torch.cos(theta).flatten()),
        "noise": lambda: torch.full_like(theta, 0.7),
    }
    asked = [known[name] for name in rule.rule.asks]
    for t in range(1, 9):
        expected = rule.update(theta, *asked, t, *state, **settings)
        equal(program(theta, *asked, t, *state, **settings), expected)
        theta, *state = expected if isinstance(expected, tuple) else (expected,)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_program_knows_whether_coordinates_mix(rule):
    assert trace(rule.update).mixes is (rule.rule.mixes != "nothing")


def test_what_users_write_is_traced_as_well():
    def update(theta, grad, t, m, *, lr=0.1, beta=0.9):
        m = beta * m + (1 - beta) * grad(theta) / grad(theta).norm()
        theta = theta - lr * torch.sign(m) * m.abs().mean() + torch.linalg.norm(m) - m.clamp(-1, 1)
        return theta, m

    program = trace(update)
    assert program.mixes and (program.inputs, program.settings) == (("theta", "grad", "t", "m"), ("lr", "beta"))
    theta, m = torch.randn(2, 5, dtype=torch.float64)
    equal(python_function(program)(theta, slope_at, 1, m, lr=0.1, beta=0.9), update(theta, slope_at, 1, m))


def test_a_question_is_asked_as_often_as_the_rule_asks():
    program = trace(lambda theta, grad, t: theta - grad(theta) - grad(theta))
    assert [line.function for line in program.lines] == ["grad", "sub", "grad", "sub"]


def test_nothing_is_computed_twice_or_for_nothing():
    def square(x, y):
        torch.exp(x)
        return (x * y + 1) * (x * y + 1)

    assert [line.function for line in trace(square).lines] == ["mul", "add", "mul"]


def test_numbers_are_told_apart_as_they_are_written():
    program = trace(lambda x: x**2 + x**2.0 + x * 0.0 + x * -0.0)
    assert [line.arguments[1] for line in program.lines if line.function in ("pow", "mul")] == [2, 2.0, 0.0, -0.0]
    assert len({line.name for line in program.lines}) == 7


@pytest.mark.parametrize(
    "formula",
    [
        lambda t: (-2) ** t,
        lambda t: 3 - t * -2 - -t,
        lambda t: t * math.inf,
        lambda t: 2 - t**-1,
        lambda t0, t1: (t0 - t1) * t0,
        lambda t: (t, 1.5),
    ],
)
def test_python_is_written_with_its_parentheses(formula):
    numbers = [2.0, 5.0][: formula.__code__.co_argcount]
    equal(python_function(trace(formula))(*numbers), formula(*numbers))


def test_a_surface_is_a_program_of_its_coordinates():
    program = trace(og.surfaces.ravine, og.surfaces.ravine.axes)
    assert program.settings == () and program.inputs == ("x", "y")
    equal(python_function(program)(torch.ones(2), torch.ones(2)), og.surfaces.ravine(torch.ones(2), torch.ones(2)))
    assert trace(og.surfaces.ravine.function).settings == ("condition",)


def test_the_source_is_a_function():
    assert python_source(trace(lambda x, *, a=(1, 2): abs(x) ** a[1] - 3), "f") == (
        "def f(x, *, a):\n    t1 = a[1]\n    t2 = abs(x)\n    t3 = t2 ** t1\n    t4 = t3 - 3\n    return (t4,)\n"
    )


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (lambda x: torch.tanh(x), "unknown function 'tanh'; known are .*, sqrt, "),
        (lambda x: x.cumsum(0), "unknown function 'cumsum'"),
        (lambda x: x.T + 1, "unknown function 'T'"),
        (lambda x: x // 2, "unknown function 'floordiv'"),
        (lambda x: x if x > 0 else 1, "a choice between branches has no notation; where"),
        (lambda x: torch.clamp(x, min=0), "clamp must have 3 arguments, by position"),
        (lambda x: torch.ones(2) * x, "only numbers and terms may be used, got tensor"),
        (lambda x: torch.maximum(x, torch.ones(2)), "only numbers and terms may be used, got tensor"),
        (lambda x: x + True, "only numbers and terms may be used, got True"),
        (lambda norm: norm - norm.norm(), "'norm' is an argument here, and a function"),
    ],
)
def test_what_the_vocabulary_does_not_know_is_refused_by_name(formula, message):
    with pytest.raises(NotationError, match=message):
        trace(formula)


def test_a_refusal_says_whose_mathematics_it_is():
    def heights(x):
        return torch.tanh(x)

    class Bowl:
        name = "a bowl"
        __call__ = staticmethod(heights)

    for function, name in ((heights, "heights"), (Bowl(), "a bowl")):
        with pytest.raises(NotationError, match=f"^{name}: unknown function 'tanh'"):
            trace(function, ["x"])
