"""Planes in a browser: where whole grids of descents end is where `og.sweep` says, in a worker and without one."""

import json
import math

import numpy as np
import pytest
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.render import web

SIDE = 64


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/worker.js"))
    found.eval("""var shown = (value) => JSON.stringify(value, (_, x) =>
        typeof x === "number" && !Number.isFinite(x) ? String(x) : ArrayBuffer.isView(x) ? Array.from(x) : x);
    var ask = (...request) => {
        const reports = [];
        attend(request, (report) => reports.push(report));
        const { found, why } = reports.at(-1);
        if (why) throw new Error(why);
        return found;
    };""")
    return found


def known(land):
    """A surface as the planes take it."""
    return programs.surface_data(land) | {"minima": [list(point) for point in land.known_minima()]}


def ask(v8, what, rule, land, *rest):
    """What a plane finds, as arrays by name; of points, one row for each descent."""
    request = json.dumps([what, programs.rule_data(rule.rule), known(land), *rest])
    text = v8.eval(f"shown(ask(...JSON.parse({json.dumps(request)})))")
    found = {name: np.array(value, dtype=float) for name, value in json.loads(text).items()}
    found["theta"] = found["theta"].reshape(land.dim, -1).T
    return found


def classes(minimum, diverged_at):
    """The minimum that is reached; -1 none; -2 diverged: what the colours of a basin map say."""
    return np.where(diverged_at >= 0, -2, minimum)


@pytest.mark.parametrize(("name", "lr"), [("Adam", 0.1), ("SGD", 0.015), ("Nesterov", 0.01), ("Lion", 0.03)])
def test_a_plane_of_starts_leads_where_a_sweep_leads(v8, name, lr):
    """Some of Nesterov's descents diverge, most of Lion's and some of SGD's reach no minimum."""
    land, rule = og.surfaces.himmelblau, getattr(og, name)
    found = ask(v8, "basins", rule, land, land.box, SIDE, 200, {"lr": lr})
    starts = land.grid(SIDE)
    data = og.sweep(rule, land, starts, 200, lr=lr).data.squeeze(["optimizer", "seed"])
    mine = classes(found["minimum"], found["divergedAt"])
    theirs = classes(data.minimum.values.ravel(), data.diverged_at.values.ravel())
    differ = np.flatnonzero(mine != theirs)
    assert len(differ) <= 1e-3 * SIDE**2
    for cell in differ:  # it must be chaos: one unit in the last place beside it a start leads elsewhere in Python, too
        start = starts.reshape(-1, 2)[cell]
        near = np.stack([np.nextafter(start, side) for side in (math.inf, -math.inf)])
        beside = og.sweep(rule, land, near, 200, lr=lr).data
        others = classes(beside.minimum.values.ravel(), beside.diverged_at.values.ravel())
        apart = np.abs(beside.theta.values.reshape(2, 2) - data.theta.values.reshape(-1, 2)[cell]).max()
        assert (others != theirs[cell]).any() or apart > 1e-6, f"{start} leads elsewhere without chaos"
    same = mine == theirs
    np.testing.assert_array_equal(found["divergedAt"][same], data.diverged_at.values.ravel()[same])
    late = found["arrivedAt"][same] != data.arrived_at.values.ravel()[same]
    assert late.mean() < 1e-3
    assert len({*theirs}) >= 4


def test_points_and_losses_are_those_of_a_sweep_where_nothing_is_chaotic(v8):
    land = og.surfaces.booth
    found = ask(v8, "basins", og.Adam, land, [[-10, 10], [-5, 5]], 16, 60, {"lr": 0.3, "betas": [0.5, 0.9]})
    xs, ys = np.linspace(-10, 10, 16), np.linspace(-5, 5, 16)
    data = og.sweep(og.Adam, land, np.stack(np.meshgrid(xs, ys), -1), 60, lr=0.3, betas=[(0.5, 0.9)]).data
    np.testing.assert_allclose(found["theta"], data.theta.values.reshape(-1, 2), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["loss"], data.loss.values.ravel(), rtol=1e-7, atol=1e-20)
    apart = np.hypot(*(data.theta.values.reshape(-1, 2) - land.known_minima()[0]).T)
    np.testing.assert_allclose(found["distance"], apart, rtol=1e-7)


def test_more_descents_than_a_block_holds_are_those_of_one(v8):
    land = og.surfaces.himmelblau
    whole = ask(v8, "basins", og.Momentum, land, land.box, 64, 50, {"lr": 0.01})
    assert 2 * 64**2 > 4096
    for cell in (0, 2047, 2048, 4095):
        run = og.descend(og.Momentum, land, start=land.grid(64).reshape(-1, 2)[cell], steps=50, lr=0.01)
        np.testing.assert_allclose(whole["theta"][cell], run.theta[-1], rtol=1e-9)


def test_a_picture_is_out_of_date_when_what_it_was_made_of_has_changed():
    """Rates are of one start and every learning rate, basins of every start and one learning rate."""
    v8 = MiniRacer()
    v8.eval("class HTMLElement {}\n" + web.script("lab/planes.js"))
    run = {"name": "Adam", "rule": "Adam", "settings": {"lr": 0.1, "eps": 0.5}, "code": None}
    scene = {"surface": "rosenbrock", "parameters": {"b": 3}, "formula": None, "box": [[0, 1], [0, 1]],
             "start": [0, 0], "steps": 9, "noise": 0, "seed": 0, "runs": [{"name": "x"}, run]}  # fmt: skip

    def key(what, **changes):
        given = json.dumps({"lab": {"scene": scene | changes}})
        return v8.eval(f"Planes.prototype.keyOf.call({given}, {what!r}, 'Adam')")

    changes = {"surface": "sphere", "parameters": {"b": 4}, "formula": "x", "steps": 8, "noise": 1, "seed": 1}
    for what, free, bound in (("rates", "box", "start"), ("basins", "start", "box")):
        for name, value in (changes | {bound: [[2, 2], [2, 2]]}).items():
            assert key(what, **{name: value}) != key(what), (what, name)
        assert key(what, **{free: [[2, 2], [2, 2]]}) == key(what)
        for name, value in {"rule": "Lion", "code": "theta", "settings": {"lr": 0.1, "eps": 0.6}}.items():
            assert key(what, runs=[run | {name: value}]) != key(what, runs=[run]), (what, name)
        other = run | {"settings": {"lr": 0.2, "eps": 0.5}}
        assert (key(what, runs=[other]) == key(what, runs=[run])) == (what == "rates")


@pytest.mark.parametrize("name", ["Adam", "SGD", "AveragedNesterov"])
def test_rates_are_those_of_descents_one_by_one(v8, name):
    land, rule = og.surfaces.rosenbrock, getattr(og, name)
    axis = {"low": 1e-5, "high": 3, "count": 37, "noise": 0.1, "seed": 3}
    found = ask(v8, "rates", rule, land, list(land.start), 100, {}, axis)
    np.testing.assert_allclose(found["lrs"], np.geomspace(1e-5, 3, 37), rtol=5e-4)
    assert all(lr == float(f"{lr:.4g}") for lr in found["lrs"])
    assert found["lrs"][0] == 1e-5 and found["lrs"][-1] == 3
    starts = np.broadcast_to(land.start, (37, 2))
    run = og.descend(rule, land, start=starts, steps=100, lr=found["lrs"], noise=0.1, seed=3)
    np.testing.assert_array_equal(found["divergedAt"], run.diverged_at)
    gone = run.diverged_at >= 0
    assert gone.any() == (name != "Adam") and np.isnan(found["loss"][gone]).all()
    np.testing.assert_allclose(found["loss"][~gone], run.loss[-1][~gone], rtol=1e-6)
    np.testing.assert_allclose(found["distance"][~gone], np.hypot(*(run.theta[-1][~gone] - (1, 1)).T), rtol=1e-6)


def test_where_no_minimum_is_known_nothing_is_reached(v8):
    land = og.Surface(lambda x, y: x * x + y * y, ((-1, 1), (-1, 1)), name="own")
    found = ask(v8, "basins", og.SGD, land, land.box, 4, 10, {"lr": 0.1})
    assert (found["minimum"] == -1).all() and (found["arrivedAt"] == -1).all() and np.isnan(found["distance"]).all()
    assert np.isfinite(found["loss"]).all()


def test_work_is_handed_out_in_parts_and_reports_what_is_done(v8):
    """Between two of them a page can draw, and stop."""
    request = json.dumps(json.dumps([programs.rule_data(og.Adam.rule), known(og.surfaces.himmelblau)]))
    shares = json.loads(
        v8.eval(f"""JSON.stringify([...basins(...JSON.parse({request}), [[-5, 5], [-5, 5]], 64, 40, {{}})])""")
    )
    assert len(shares) == 2 * 41 and shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    rates = f"rates(...JSON.parse({request}), [4, 4], 40, {{}}, {{ low: 1e11, high: 1e12, count: 9 }})"
    assert v8.eval(f"[...{rates}].length") == 2, "nothing is left to step once all have diverged"
    v8.eval("""var times = [0, 0, 50, 120, 130, 200, 500], kept = Date.now;
        Date.now = () => times.length > 1 ? times.shift() : times[0];""")
    told = v8.eval(f"""(() => {{
        const told = [];
        const request = ["basins", ...JSON.parse({request}), [[-5, 5], [-5, 5]], 8, 5, {{}}];
        attend(request, (report) => told.push(report));
        Date.now = kept;
        return JSON.stringify(told.map((report) => report.share ?? Object.keys(report)));
    }})()""")
    assert json.loads(told) == [0.4, 0.8, ["found"]]


@pytest.mark.parametrize(
    ("what", "rest", "says"),
    [
        ("basins", [[[-5, 5], [-5, 5]], 257, 10, {}], "there must be 2 to 256 starts along an axis, got 257"),
        ("basins", [[[-5, 5], [-5, 5]], 8, 10001, {}], "there must be 1 to 10000 steps, got 10001"),
        (
            "rates",
            [[0, 0], 10, {}, {"low": 0, "high": 1, "count": 9}],
            "learning rates must go from one above 0 to a larger one, got 0 to 1",
        ),
        (
            "rates",
            [[0, 0], 10, {}, {"low": 1, "high": 9, "count": 1}],
            "there must be 2 to 65536 learning rates, got 1",
        ),
        ("constructor", [], "not a function"),
        ("__proto__", [], "not a function"),
    ],
)
def test_what_cannot_be_computed_is_refused(v8, what, rest, says):
    with pytest.raises(JSEvalException, match=says):
        ask(v8, what, og.Adam, og.surfaces.himmelblau, *rest)


def test_a_rule_without_a_learning_rate_and_a_curve_have_no_planes(v8):
    class Halving(og.optimizers.Optimizer):
        """No learning rate."""

        @staticmethod
        def update(theta, grad, t):
            return theta / 2

    with pytest.raises(JSEvalException, match="Halving has no learning rate"):
        ask(v8, "rates", Halving, og.surfaces.himmelblau, [0, 0], 10, {}, {"low": 0.1, "high": 1, "count": 3})
    with pytest.raises(JSEvalException, match="a landscape of two coordinates"):
        ask(v8, "basins", og.Adam, og.surfaces.quadratic_1d, [[-5, 5]], 8, 10, {})
