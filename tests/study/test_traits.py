"""Measured properties, for all listed rules at once: answers, and how far each number is from where they turn."""

import math

import numpy as np
import pytest
import torch

import optguide as og
from optguide import study
from optguide.study.traits import SAME, SETTLED

#: Rules that each give a different answer to some question.
TOLD_APART = (og.SGD, og.Momentum, og.AveragedNesterov, og.Rprop, og.Adagrad, og.Adam, og.Yogi, og.Adadelta, og.Lion)


@pytest.fixture(scope="module")
def found():
    return study.traits(list(TOLD_APART))


def test_answers(found):
    yes = lambda answers: {name for name, answer in answers.items() if answer}  # noqa: E731
    assert yes(found.same_scaled) == {"Rprop", "Adagrad", "Adam", "Adadelta", "Lion"}
    assert yes(found.same_turned) == {"SGD", "Momentum", "AveragedNesterov"}
    assert yes(found.settles) == {"Rprop", "Adagrad"}


def test_no_number_lies_where_answers_turn(found):
    for name in found.scaled:
        for difference in (found.scaled[name], found.turned[name]):
            assert not SAME / 10 < difference < SAME * 10, name
        if max(found.spread[name], found.shrinks[name]) < SETTLED:
            assert max(found.spread[name], found.shrinks[name]) < SETTLED / 2, name
        else:
            assert max(found.spread[name], found.shrinks[name]) > SETTLED * 2, name


def test_numbers_that_are_known_without_measuring(found):
    assert found.longest["SGD"] == pytest.approx(7)  # the first gradient along y, 10 times 0.7
    assert found.longest["Adam"] == pytest.approx(1, rel=1e-6) and found.longest["Lion"] == pytest.approx(1)
    assert math.isinf(found.scaled["SGD"])  # 10,000 times 0.01 is far beyond 2
    for rule in TOLD_APART:
        assert found.memory[rule.__name__] == len(rule.state_names)
        assert found.gradients[rule.__name__] == og.card(rule).gradients_per_step


def test_settings_and_schedules_that_are_bound_are_those_that_are_measured(found):
    wide = study.traits(og.Lion.at(lr=0.02))
    assert wide.longest["Lion"] == pytest.approx(1) and wide.spread["Lion"] != found.spread["Lion"]
    assert study.traits(og.AveragedNesterov).apart["AveragedNesterov"] < 1e-9


def test_a_readers_own_rule_and_torchs_are_measured_as_ours_are(found):
    class Sign(og.Optimizer):
        """The sign of the gradient, and a state that nothing needs."""

        @staticmethod
        def update(theta, grad, t, old, *, lr=0.1):
            g = grad(theta)
            return theta - lr * torch.sign(g), g

    class Without(og.Optimizer):
        """It has no learning rate."""

        @staticmethod
        def update(theta, grad, t, *, share=0.01):
            return (theta - share * grad(theta),)

    own = study.traits([Sign, Without, torch.optim.Adam])
    assert own.same_scaled["Sign"] and not own.same_turned["Sign"] and not own.settles["Sign"]
    assert (own.memory["Sign"], own.gradients["Sign"], own.longest["Sign"]) == (1, 1, pytest.approx(1))
    assert own.same_turned["Without"] and own.longest["Without"] == pytest.approx(0.07)
    for numbers in ("scaled", "turned", "apart", "longest", "memory", "gradients", "spread", "shrinks"):
        theirs, ours = getattr(own, numbers)["Adam"], getattr(found, numbers)["Adam"]
        assert theirs == pytest.approx(ours, rel=1e-3, abs=1e-7), numbers


def test_what_finds_its_step_size_is_measured_as_it_is_and_without_learning_rates():
    own = study.traits([og.DoG, og.Prodigy, og.BarzilaiBorwein, og.SGD])
    assert own.unit == {"DoG": None, "Prodigy": None, "BarzilaiBorwein": None, "SGD": 0.01}
    run = og.descend(og.Prodigy, lambda x, y: x**2 / 2 + 5 * y**2, (1.0, 0.7), 50)
    assert own.longest["Prodigy"] == pytest.approx(np.abs(np.diff(run.theta, axis=0)).max())
    assert own.settles["BarzilaiBorwein"] is (own.shrinks["BarzilaiBorwein"] < SETTLED)
    assert own.memory["DoG"] == 1  # the start; two numbers for the model do not count
    assert [row[3][-1] for row in own.table().rows] == ["*", "*", "*", "7"] and own.table().title == (
        "What the rules do, measured (*: not in learning rates, for it finds its step size by itself)"
    )
    assert "learning rate" not in str(study.traits(og.DoG))


def test_a_rule_that_blows_up_is_a_result():
    hot = study.traits(og.SGD.at(lr=10.0))
    assert math.isinf(hot.spread["SGD"]) and not hot.settles["SGD"] and not hot.same_turned["SGD"]
    assert "diverges" in str(hot)


def test_one_rule_is_a_table_of_sentences_and_several_are_one_of_rows(found):
    alone = study.traits(og.SGD).show()
    assert alone.columns == ("question", "answer", "measured") and len(alone.rows) == 6
    assert [row[1] for row in alone.rows] == ["no", "yes", "7 × the learning rate", "0", "1", "no"]
    assert [row[0] for row in found.show().rows] == [rule.__name__ for rule in TOLD_APART]
    number = lambda value: f"{value:.2g}" if math.isfinite(value) else "diverges"  # noqa: E731
    for name, *cells in found.table().rows:
        star = "*" * (found.unit[name] is None)
        yes = ["yes" if part[name] else "no" for part in (found.same_scaled, found.same_turned, found.settles)]
        assert cells == [
            f"{yes[0]} ({number(found.scaled[name])})", f"{yes[1]} ({number(found.turned[name])})",
            number(found.longest[name]) + star, f"{found.memory[name]:g}", f"{found.gradients[name]:g}",
            f"{yes[2]} ({number(found.spread[name])}{star})",
        ]  # fmt: skip


def test_what_has_no_traits_is_refused():
    with pytest.raises(TypeError, match="optimizers must be an optimizer, a list or a mapping of them, got 3"):
        study.traits(3)
    with pytest.raises(ValueError, match="unknown optimizer 'adamm'"):
        study.traits("adamm")


def test_numbers_are_finite_for_rules_that_do_not_move():
    class Still(og.Optimizer):
        """It stays where it is."""

        @staticmethod
        def update(theta, grad, t, *, lr=0.1):
            return (theta,)

    still = study.traits(Still)
    assert still.longest["Still"] == 0 and still.same_scaled["Still"] and still.same_turned["Still"]
    assert np.isfinite(still.spread["Still"]) and str(still)
