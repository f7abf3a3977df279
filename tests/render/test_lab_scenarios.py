"""The scenarios of the lab: each sentence is held to what og.descend finds, and no scenario goes without a test."""

import json
import re

import numpy as np
import pytest
from py_mini_racer import MiniRacer

import optguide as og
from optguide.render import web


@pytest.fixture(scope="module")
def scenarios():
    v8 = MiniRacer()
    v8.eval(web.script("lab/scenarios.js"))
    return {scenario["name"]: scenario for scenario in json.loads(v8.eval("JSON.stringify(SCENARIOS)"))}


@pytest.fixture
def play(scenarios):
    """The descents of a scenario as the lab runs it, in order."""

    def played(name):
        scenario = scenarios[name]
        surface = getattr(og.surfaces, scenario["surface"])
        options = {"steps": scenario.get("steps", 200), "noise": scenario.get("noise", 0), "seed": 0}
        start = scenario.get("start", surface.start)
        return [og.descend(rule, surface, start=start, lr=lr, **options) for rule, lr in scenario["runs"]]

    return played


TESTS = {}


def holds(name):
    """The function below checks what the scenario says."""

    def keep(check):
        TESTS[name] = check
        return check

    return keep


def test_every_scenario_is_checked(scenarios):
    assert list(scenarios) == list(TESTS) and len(TESTS) >= 8


@pytest.mark.parametrize("name", TESTS)
def test_what_a_scenario_says_is_true(name, play):
    TESTS[name](*play(name))


def test_every_scenario_can_be_staged(scenarios):
    for scenario in scenarios.values():
        rules = [rule for rule, _ in scenario["runs"]]
        assert 2 <= len(rules) <= 12 and set(rules) <= set(og.optimizers.__all__)
        assert 1 <= scenario.get("steps", 200) <= 2000
        for rule in set(rules):
            assert re.search(rf"\b{rule}\b", scenario["words"]), f"{scenario['name']} says nothing of {rule}"


def crossings(values):
    """How often the sign changes from one step to the next."""
    return int((np.diff(np.sign(values)) != 0).sum())


@holds("Diverges")
def diverges(calm, wild, adam):
    assert og.surfaces.ravine.parameters == {"condition": 50} and calm.settings["lr"] < 2 / 50 < wild.settings["lr"]
    assert calm.diverged_at is None and calm.loss[-1] < 1e-6
    across = np.abs(np.diff(wild.theta[: wild.diverged_at, 1]))
    assert wild.diverged_at is not None and (np.diff(across) > 0).all()
    assert adam.settings["lr"] == wild.settings["lr"] and adam.diverged_at is None and adam.loss[-1] < 1e-3


@holds("Caught in a local minimum")
def caught(sgd, momentum, adam):
    ((minimum),) = og.surfaces.styblinski_tang.known_minima()
    np.testing.assert_allclose(minimum, (-2.9, -2.9), atol=0.05)
    for run in (sgd, momentum, adam):
        assert np.abs(run.grad[-1]).max() < 0.01, "the gradient vanishes"
        assert np.linalg.norm(run.theta[-1] - minimum) > 1, "and not in the global minimum"
    assert momentum.loss[-1] < sgd.loss[-1] - 1 and momentum.loss[-1] < adam.loss[-1] - 1
    np.testing.assert_allclose(sgd.theta[-1], adam.theta[-1], atol=0.01)
    assert min(sgd.theta[:, 1].min(), adam.theta[:, 1].min()) > 0.5 and momentum.theta[-1, 1] < -0.5
    x, hill = 2.7468, 0.157
    beside = og.surfaces.styblinski_tang(x, np.array([hill - 0.5, hill, hill + 0.5]))
    assert beside[1] > beside[0] and beside[1] > beside[2], "there is a hill between"


@holds("Saddle point")
def saddle(sgd, adam, momentum):
    y = sgd.theta[:, 1]
    assert y[0] == 0.01 and sgd.steps == 60
    np.testing.assert_allclose(y[1:] / y[:-1], 1.04)
    assert y[-1] < 0.15
    assert np.diff(adam.theta[:, 1]) == pytest.approx(np.full(60, 0.02), rel=0.5)
    assert momentum.theta[-1, 1] > og.surfaces.saddle.box[1][1]


@holds("Zigzag in a ravine")
def zigzag(sgd, momentum):
    assert crossings(sgd.theta[:, 1]) == sgd.steps
    assert (np.abs(np.diff(sgd.theta[:, 0])) < 0.04 * np.abs(sgd.theta[:-1, 0])).all(), "it creeps along"
    assert momentum.settings["lr"] == pytest.approx(sgd.settings["lr"] / 4)
    assert abs(momentum.theta[-1, 0]) < abs(sgd.theta[-1, 0]) and momentum.loss[-1] < sgd.loss[-1]


@holds("Noise floor")
def floor(fast, slow):
    assert fast.settings["lr"] == pytest.approx(10 * slow.settings["lr"])
    floors = [run.loss[150:].mean() for run in (fast, slow)]
    for run, level in zip((fast, slow), floors, strict=True):
        assert run.loss[0] > 20 * level and 0.5 < run.loss[150:225].mean() / run.loss[225:].mean() < 2, "it stays there"
    assert 10 < floors[0] / floors[1] < 30
    assert np.argmax(fast.loss < 2 * floors[0]) < np.argmax(slow.loss < 2 * floors[1])


@holds("Plateau")
def plateau(sgd, adam, rprop):
    minimum = og.surfaces.giant_plateau.known_minima()[0]
    assert np.linalg.norm(sgd.grad[0]) == pytest.approx(2e-5, rel=0.2)
    assert np.linalg.norm(sgd.theta[-1] - sgd.theta[0]) < 1e-3
    for run in (adam, rprop):
        assert np.linalg.norm(run.theta[-1] - minimum) < 1e-3


@holds("Too large a learning rate")
def leaps(sgd, adam, lion):
    assert {run.settings["lr"] for run in (sgd, adam, lion)} == {1}
    assert sgd.diverged_at == 1
    assert adam.loss.max() > 10 * adam.loss[0]
    assert np.linalg.norm(np.diff(adam.theta[-20:], axis=0), axis=1).max() < 0.01
    assert adam.loss[-1] < 1e-3
    assert (np.abs(np.diff(lion.theta, axis=0)) == 1).all() and lion.loss[-50:].max() > lion.loss[0]


@holds("The same learning rate for all")
def same(sgd, momentum, adam, lion, adagrad):
    assert {run.settings["lr"] for run in (sgd, momentum, adam, lion, adagrad)} == {0.01}
    minima = np.array(og.surfaces.himmelblau.known_minima())
    for run in (sgd, momentum):
        assert np.linalg.norm(run.theta[-1] - minima, axis=1).min() < 1e-3
    for run in (adam, lion):
        assert np.abs(np.diff(run.theta[:100], axis=0)) == pytest.approx(np.full((99, 2), 0.01), rel=0.5)
        assert run.loss[-1] > 10
    lengths = np.abs(np.diff(adagrad.theta, axis=0))
    assert lengths[0] == pytest.approx([0.01, 0.01]) and (np.diff(lengths, axis=0) < 0).all()


@holds("Momentum overshoots")
def overshoots(momentum, nesterov, sgd):
    assert crossings(momentum.theta[:, 0]) > 2
    assert momentum.theta[:, 0].max() > 1.2 * nesterov.theta[:, 0].max() > 0
    assert (sgd.theta[:, 0] < 0).all() and (sgd.theta[:, 1] > 0).all()
    near = [np.argmax(run.loss < 0.1) for run in (momentum, nesterov, sgd)]
    assert near[2] > max(near[:2])


@holds("Thrown off a cliff")
def cliff(sgd, adam):
    lengths = np.linalg.norm(np.diff(sgd.theta, axis=0), axis=1)
    thrown = int(lengths.argmax())
    assert lengths[thrown] > 100 * lengths[thrown - 10] and lengths[: thrown - 5].max() < 0.2
    assert (og.surfaces.cliff.box[0][0] < sgd.theta[: thrown + 1, 0]).all()
    assert sgd.theta[thrown + 1, 0] > og.surfaces.cliff.box[0][1]
    assert np.linalg.norm(np.diff(adam.theta, axis=0), axis=1).max() < 0.1
