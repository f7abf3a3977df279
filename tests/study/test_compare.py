"""Two optimizers side by side: where they part, and whether that means anything."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

import optguide as og
from optguide.study import Parting


class Heavy(og.Optimizer):
    """A heavy ball in words of its own."""

    @staticmethod
    def update(theta, grad, t, velocity, *, lr=1e-3, friction=0.1):
        velocity = (1 - friction) * velocity + grad(theta)
        theta = theta - lr * velocity
        return theta, velocity


class Late(og.Optimizer):
    """Gradient descent that doubles its step once, at step 7."""

    @staticmethod
    def update(theta, grad, t, *, lr=1e-3):
        theta = theta - lr * (1 + og.language.where(t == 7, 1, 0)) * grad(theta)
        return theta


def test_a_rule_and_torch_s_version_of_it_never_part():
    found = og.compare(og.Adam, torch.optim.Adam, lr=0.1)
    assert list(found) == ["rosenbrock", "himmelblau", "rastrigin"]
    assert found.names == ("optguide.Adam", "torch.Adam")
    assert found.same and found.settings == {}
    for parting in found.values():
        assert parting.parted_at is None and parting.by == 0 and parting.end < 1e-12
        assert parting.difference.shape == (201,)
        assert parting.verdict == "the same"


def test_a_reader_s_rule_against_torch_s():
    assert og.compare(Heavy, partial(torch.optim.SGD, momentum=0.9), "rosenbrock", lr=1e-3).same


def test_the_first_step_that_differs_is_named_and_by_how_much():
    found = og.compare(Late, og.SGD, ["himmelblau"], steps=20, lr=0.01)
    parting = found["himmelblau"]
    assert parting.parted_at == 7
    run = og.descend(og.SGD, "himmelblau", steps=20, lr=0.01)
    largest = max(np.abs(parting.first.theta[:8]).max(), np.abs(run.theta[:8]).max())
    assert parting.by == pytest.approx(0.01 * np.abs(run.grad[6]).max() / largest)
    assert parting.end == parting.difference[-1] > 0
    assert not parting.chaotic and not found.same
    assert "part at step 7" in repr(parting) and "step 7" in repr(found) and "not the same" in repr(found)
    assert "step 7" in found._repr_markdown_()
    assert og.compare(Late, og.SGD, "himmelblau", steps=6, lr=0.01).same


def test_where_a_nudge_parts_sooner_nothing_is_told_apart():
    found = og.compare(og.SGD, torch.optim.SGD, "swell", lr=0.5)
    parting = found["swell"]
    assert parting.chaotic and parting.nudged_at <= parting.parted_at and parting.end > 1e-3
    assert parting.growth > 1e6
    assert found.same and "not told apart" in repr(found)


@pytest.mark.parametrize(("nudged", "chaotic"), [(4, True), (5, True), (6, False), (9, False)])
def test_a_nudge_that_parts_no_later_is_explanation_enough(nudged, chaotic):
    run = og.descend(og.SGD, "himmelblau", steps=8)
    at = np.arange(9)
    parting = Parting(run, run, np.where(at < 5, 0.0, 1.0), np.where(at < nudged, 1e-13, 1.0), rtol=1e-9)
    assert parting.parted_at == 5 and parting.nudged_at == (nudged if nudged < 9 else None)
    assert parting.chaotic is parting.same is chaotic


def test_who_diverges_alone_is_infinitely_far_away():
    parting = og.compare(og.SGD, og.Adam, "rosenbrock", lr=1.0)["rosenbrock"]
    assert parting.end == np.inf and not parting.same
    both = og.compare(og.SGD, torch.optim.SGD, "rosenbrock", lr=1.0)["rosenbrock"]
    assert both.end == 0 and both.verdict == f"the same until both diverge at step {both.first.diverged_at}"


def test_settings_that_differ_are_named():
    found = og.compare(og.Adam.at(lr=0.1), partial(torch.optim.Adam, lr=0.2, betas=[0.9, 0.999]), "sphere")
    assert found.settings == {"lr": (0.1, 0.2)}
    assert "lr 0.1 and 0.2" in repr(found)
    assert og.compare("adam", og.Adam.at(lr=0.1), "sphere").names == ("the first Adam", "the second Adam")


def test_a_matrix_and_a_plain_function_will_do():
    assert og.compare(og.SGD, torch.optim.SGD, og.problems.matrix_quadratic(4, 3), lr=0.01).same
    found = og.compare(og.SGD, torch.optim.SGD, lambda x, y: x**2 + y**4, (1.0, -1.0), lr=0.1)
    assert list(found) == ["<lambda>"] and found.same
    at_rest = og.compare(og.SGD, torch.optim.SGD, lambda x: x**2, [0.0], lr=0.1)["<lambda>"]
    assert at_rest.end == 0 and at_rest.growth == pytest.approx(1)


def test_the_same_noise_for_both():
    assert og.compare(og.Adam, torch.optim.Adam, "sphere", noise=1.0, seed=3, lr=0.01).same


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rtol": 0}, "rtol must be > 0"),
        ({"nudge": -1.0}, "nudge must be > 0"),
        ({"functions": []}, "functions must not be empty"),
        ({"functions": ["sphere", "sphere"]}, "two called 'sphere'"),
        ({"start": [(1, 2), (2, 3)]}, "start must be a single point"),
        ({"lr": [0.1, 0.2]}, "every hyperparameter must be a single value"),
        ({"functions": "spere"}, "did you mean sphere"),
        ({"xtol": 1e-3}, "steps and xtol cannot both be given"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_mistakes_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        og.compare(og.SGD, og.Adam, **{"functions": "sphere", "steps": 2, **options})
