"""What is saved from a lab: the numbers of its runs, in V8 and as `og.descend` has them, and names of files."""

import csv
import io
import json

import numpy as np
import pytest
from py_mini_racer import MiniRacer

import optguide as og
from optguide import programs
from optguide.render import web


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("lab/save.js"))
    found.eval(web.script("live/descent.js", without="lab/save.js"))
    return found


def table(v8, surface, runs, axes, steps=25):
    """The rows of the table of runs, each given as rule, name, settings."""
    start = json.dumps([1.5, -0.3][: len(axes)])
    land = json.dumps(programs.surface_data(surface))
    found = []
    for rule, name, settings in runs:
        given = ", ".join([json.dumps(programs.rule_data(rule.rule)), land, start, str(steps), json.dumps(settings)])
        found.append(f"{{ name: {json.dumps(name)}, ...descend({given}) }}")
    text = v8.eval(f"asTable([{', '.join(found)}], {json.dumps(axes)})")
    assert text.endswith("\n") and "\r" not in text
    return list(csv.DictReader(io.StringIO(text)))


def column(rows, name):
    return np.array([float(row[name] or "nan") for row in rows])


def test_every_number_of_every_step_is_that_of_the_descent(v8):
    valley = og.surfaces.rosenbrock
    rows = table(v8, valley, [(og.Momentum, "a", {"lr": 1e-4}), (og.Adagrad, "b", {})], ["x", "y"])
    assert list(rows[0]) == ["run", "step", "x", "y", "loss", "gradient x", "gradient y", "v x", "v y", "G x", "G y"]
    assert [row["run"] for row in rows] == ["a"] * 26 + ["b"] * 26
    for name, run in {
        "a": og.descend(og.Momentum, valley, (1.5, -0.3), 25, lr=1e-4),
        "b": og.descend(og.Adagrad, valley, (1.5, -0.3), 25),
    }.items():
        own = [row for row in rows if row["run"] == name]
        assert column(own, "step").tolist() == list(range(26))
        expected = {"x": run.theta[:, 0], "y": run.theta[:, 1], "loss": run.loss}
        for state, values in run.states.items():
            expected |= {f"{state} x": values[:, 0], f"{state} y": values[:, 1]}
        for what, values in expected.items():
            np.testing.assert_allclose(column(own, what), values, rtol=1e-13, err_msg=what)
        for i, axis in enumerate("xy"):
            gradient = column(own, f"gradient {axis}")
            np.testing.assert_allclose(gradient[: len(run.grad)], run.grad[:, i], rtol=1e-12)
            assert own[-1][f"gradient {axis}"] == "", "none is taken where the last step ends"
        other = {"a": "G x", "b": "v x"}[name]
        assert {row[other] for row in own} == {""}, "a state of another rule"


def test_sums_and_products_alone_are_written_with_every_digit(v8):
    rows = table(v8, og.surfaces.rosenbrock, [(og.Momentum, "a", {"lr": 1e-4})], ["x", "y"])
    run = og.descend(og.Momentum, og.surfaces.rosenbrock, (1.5, -0.3), 25, lr=1e-4)
    assert column(rows, "x").tolist() == run.theta[:, 0].tolist()
    assert column(rows, "v y").tolist() == run.states["v"][:, 1].tolist()


def test_a_run_that_diverges_ends_where_it_does(v8):
    rows = table(v8, og.surfaces.rosenbrock, [(og.SGD, "wild", {"lr": 10})], ["x", "y"])
    run = og.descend(og.SGD, og.surfaces.rosenbrock, (1.5, -0.3), 25, lr=10)
    assert len(rows) == run.diverged_at + 1
    assert all(row["x"] != "NaN" and "Infinity" not in row["loss"] for row in rows)


def test_a_curve_has_one_coordinate(v8):
    rows = table(v8, og.surfaces.quadratic_1d, [(og.SGD, "a", {"lr": 0.1})], ["x"])
    assert list(rows[0]) == ["run", "step", "x", "loss", "gradient x"]
    assert len(rows) == 26


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("a,b", "a,b"),
        ('say "a"', 'say "a"'),
        ("two\nlines", "two\nlines"),
        ("=1+1", "'=1+1"),
        ("-a", "'-a"),
        ("@x", "'@x"),
    ],
)
def test_no_name_becomes_a_column_or_a_formula(v8, name, read):
    rows = table(v8, og.surfaces.sphere, [(og.SGD, name, {"lr": 0.1})], ["x", "y"], steps=1)
    assert [row["run"] for row in rows] == [read] * 2 and rows[0]["x"] == "1.5"


@pytest.mark.parametrize(
    ("land", "runs", "name"),
    [
        ("rosenbrock", ["Adam", "SGD 2"], "rosenbrock-adam-sgd-2.csv"),
        ("x**2 + 10*sin(y)", ["Adam"], "x-2-10-sin-y-adam.csv"),
        ("../../etc/passwd", ["<b>"], "etc-passwd-b.csv"),
        ("θ", ["…"], "race.csv"),
        ("sphere", ["a" * 200], f"sphere-{'a' * 73}.csv"),
    ],
)
def test_a_file_name_says_what_is_inside(v8, land, runs, name):
    assert v8.eval(f"fileName({json.dumps(land)}, {json.dumps(runs)}, 'csv')") == name
