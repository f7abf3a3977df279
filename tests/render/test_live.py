"""What a browser computes is what `og.descend` computes: rules and surfaces as tables, run in V8."""

import json
import math

import numpy as np
import pytest
import torch
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.language import derivative, trace
from optguide.render import web

STEPS = 100
LANDS = "rosenbrock himmelblau ravine booth swell rastrigin".split()
#: What gives the same bits everywhere, and a square. A root does not: torch's (of Intel's library) is at times the
#: neighbour of the rounded one.
EXACT = set("add sub mul truediv neg lt le gt ge eq abs sign maximum minimum clamp where full_like getitem".split())
#: Learning rates beside a rule's own.
LRS = (0.003, 0.05)


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/descent.js"))
    found.eval("""var written = (values) => Array.from(values, (x) =>
        Number.isFinite(x) ? x : String(x));""")
    return found


def descend(v8, rule, land, start, steps=STEPS, settings=None, noise=None):
    """Iterates, losses and states as V8 finds them, and where it sees a divergence."""
    tables = programs.rule_data(rule), programs.surface_data(land)
    call = ", ".join(map(json.dumps, (*tables, start, steps, settings or {}, noise or {})))
    text = v8.eval(f"""(() => {{
        const found = descend({call});
        return JSON.stringify({{ theta: written(found.theta), loss: written(found.loss), at: found.divergedAt,
            states: found.states.map(({{ name, values }}) => [name, written(values)]) }});
    }})()""")
    found = json.loads(text)
    read = lambda values: np.array([float(x) for x in values]).reshape(steps + 1, -1)  # noqa: E731
    states = {name: read(values) for name, values in found["states"]}
    return read(found["theta"]), read(found["loss"])[:, 0], states, None if found["at"] < 0 else found["at"]


def is_exact(program):
    """Whether it is made of operations that give the same bits everywhere."""
    return all(
        line.function in EXACT or line.function == "grad" or line.function == "pow" and line.arguments[1] == 2
        for line in program.lines
    )


def apart(one, other):
    """The largest relative difference; infinite where one of two is finite."""
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        far = np.abs(one - other) / np.maximum(np.abs(other), 1)
    return float(np.where(same, 0, np.where(np.isfinite(far), far, math.inf)).max())


def verdicts(v8, name, land, **noise):
    """For each learning rate: ``same``, ``close`` (within 1e-12), ``chaotic`` (a nudge of the start moves Python's
    further), or how far they are apart.
    """
    rule = getattr(og, name)
    lrs = [rule.hyperparameters["lr"], *LRS] if "lr" in rule.hyperparameters else [None]
    given = {"lr": lrs} if lrs != [None] else {}
    run = og.descend(rule, land, start=np.broadcast_to(land.start, (len(lrs), 2)), steps=STEPS, **given, **noise)
    ends = []
    for i, lr in enumerate(lrs):
        theta, loss, states, at = descend(v8, rule.rule, land, list(land.start), STEPS, {"lr": lr} if lr else {}, noise)
        records = [(theta, run.theta), (loss, run.loss), *((states[s], run.states[s]) for s in run.states)]
        far = max(apart(mine, theirs[:, i]) for mine, theirs in records)
        where = None if run.diverged_at[i] < 0 else run.diverged_at[i]
        if at == where and far <= 1e-12:
            ends.append("close" if far else "same")
            continue
        nudges = [np.nextafter(land.start, side) for side in (math.inf, -math.inf)]
        given = {"lr": lr} if lr else {}
        moved = [og.descend(rule, land, nudge, STEPS, **given, **noise).theta for nudge in nudges]
        chaotic = max(apart(each, run.theta[:, i]) for each in moved) * 10 >= apart(theta, run.theta[:, i])
        ends.append("chaotic" if chaotic else f"apart by {far:.1e}")
    return ends


@pytest.mark.parametrize("name", og.optimizers.__all__)
def test_a_rule_takes_the_same_steps_in_a_browser(v8, name):
    for land in LANDS:
        surface = getattr(og.surfaces, land)
        exact = is_exact(trace(getattr(og, name).update)) and is_exact(derivative(trace(surface, ["x", "y"])))
        assert set(verdicts(v8, name, surface)) <= ({"same"} if exact else {"same", "close", "chaotic"}), (land, exact)


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32 - 1, 2**32 + 5, 2**53 - 1, -1])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_random_numbers_are_those_of_torch(v8, seed, size):
    """1,000 of them, drawn so many at a time."""
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(size, generator=generator, dtype=torch.float64) for _ in range(1000 // size)]
    found = v8.eval(f"""(() => {{
        const normals = new Normals({seed});
        return JSON.stringify(Array.from({{ length: {1000 // size * size} }}, () => normals.next()));
    }})()""")
    np.testing.assert_allclose(json.loads(found), torch.cat(drawn).numpy(), rtol=1e-15)


@pytest.mark.parametrize("name", og.optimizers.__all__)
def test_a_rule_takes_the_same_steps_in_the_same_noise(v8, name):
    assert set(verdicts(v8, name, og.surfaces.rosenbrock, noise=0.3, seed=7)) <= {"same", "close", "chaotic"}


def test_a_rule_that_asks_for_no_gradient_has_one_in_its_record(v8):
    """A gradient that is no number is a divergence, whether the rule used it or not."""

    class Shrink(og.optimizers.Optimizer):
        """Halve what there is."""

        @staticmethod
        def update(theta, grad, t):
            return theta / 2

    cone = og.Surface(lambda x, y: (x * x + y * y) ** 0.5, ((-1, 1), (-1, 1)), name="cone")
    for start, diverges in ([0.5, 0.25], None), ([0.0, 0.0], 1):
        theta, loss, _, at = descend(v8, Shrink.rule, cone, start, steps=3)
        run = og.descend(Shrink, cone, start, steps=3)
        assert at == run.diverged_at == diverges
        np.testing.assert_array_equal(theta, run.theta)
        np.testing.assert_array_equal(loss, run.loss)


@pytest.mark.parametrize("name", og.surfaces.__all__)
def test_a_surface_has_the_same_heights_and_gradients_in_a_browser(v8, name):
    land = getattr(og.surfaces, name)
    land = land if isinstance(land, og.Surface) else land()
    points = land.sample(20)
    run = og.descend(og.SGD, land, start=points, steps=1)
    data = json.dumps(programs.surface_data(land))
    text = v8.eval(f"""(() => {{
        const field = new Field({data}, 20);
        field.look(Float64Array.from({json.dumps(points.T.ravel().tolist())}));
        return JSON.stringify([written(field.height), written(field.gradient)]);
    }})()""")
    height, gradient = (np.array(part, dtype=float) for part in json.loads(text))
    np.testing.assert_allclose(height, run.loss[0], rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(gradient.reshape(land.dim, 20).T, run.grad[0], rtol=1e-11, atol=1e-12)


def test_many_descents_at_once_are_those_one_by_one(v8):
    """Starts, a learning rate for each of them, the same noise for all."""
    starts, lrs = og.surfaces.rosenbrock.sample(5), np.logspace(-4, -2, 5)
    noise = {"noise": 0.5, "seed": 3}
    run = og.descend(og.Adam, og.surfaces.rosenbrock, start=starts, lr=lrs, steps=30, **noise)
    data = ", ".join(map(json.dumps, (programs.rule_data(og.Adam.rule), programs.surface_data(og.surfaces.rosenbrock))))
    text = v8.eval(f"""(() => {{
        const walk = new Walk({data}, Float64Array.from({json.dumps(starts.T.ravel().tolist())}),
            {{ lr: Float64Array.from({json.dumps(lrs.tolist())}) }}, {json.dumps(noise)});
        for (let i = 0; i < 30; i++) walk.step();
        return JSON.stringify(written(walk.answer));
    }})()""")
    np.testing.assert_allclose(np.array(json.loads(text)).reshape(2, 5).T, run.theta[-1], rtol=1e-12)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"lines": [["t0", "constructor", "x"]]}, "the browser knows no function constructor"),
        ({"lines": [["t0", "__proto__", "x"]]}, "the browser knows no function __proto__"),
        ({"lines": [["t0", "add", "x", "toString"]]}, "the program uses toString before it is known"),
        ({"lines": [["t0", "neg", "x"]] * 2001}, "a program has at most 2000 lines"),
    ],
)
def test_what_is_no_program_is_refused(v8, table, says):
    table = {"inputs": ["x"], "settings": [], "outputs": ["t0"]} | table
    with pytest.raises(JSEvalException, match=says):
        v8.eval(f"new Program({json.dumps(table)}, 2, {{ many: ['x'] }})")


def test_a_rule_that_mixes_has_no_table():
    with pytest.raises(og.language.NotationError, match="does more than step each coordinate"):
        programs.rule_data(og.SAM(og.SGD).rule)
    with pytest.raises(TypeError, match="surface must be one of og.surfaces or your own, got 3"):
        programs.surface_data(3)
