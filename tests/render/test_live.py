"""What a browser computes is what `og.descend` computes: rules and surfaces as tables, run in V8."""

import functools
import json
import math

import numpy as np
import pytest
import torch
from py_mini_racer import JSEvalException, MiniRacer

import optguide as og
from optguide import programs
from optguide.language import derivative, trace
from optguide.language.vocabulary import FUNCTIONS
from optguide.render import web

STEPS = 100
LANDS = "rosenbrock himmelblau ravine booth swell rastrigin".split()
#: What gives the same bits everywhere, and a square. A root does not: torch's (of Intel's library) is at times the
#: neighbour of the rounded one.
EXACT = set("add sub mul truediv neg lt le gt ge eq abs sign maximum minimum clamp where full_like getitem".split())
#: Learning rates beside a rule's own.
LRS = (0.003, 0.05)


#: What a page finds of one descent, in terms that survive JSON.
TOLD = """function told(rule, surface, start, steps, settings, noise) {
    const written = (values) => Array.from(values, (x) => Number.isFinite(x) ? x : String(x));
    const { theta, loss, grad, states, divergedAt } = descend(rule, surface, start, steps, settings, noise);
    return { theta: written(theta), loss: written(loss), grad: written(grad), at: divergedAt,
        states: states.map(({ name, values }) => [name, written(values)]) };
}"""


@pytest.fixture(scope="module")
def v8():
    found = MiniRacer()
    found.eval(web.script("live/descent.js") + TOLD)
    return found


def read(told, steps):
    """Iterates, losses and states as a page finds them, and where it sees a divergence."""
    plain = lambda values: np.array([float(x) for x in values]).reshape(steps + 1, -1)  # noqa: E731
    states = {name: plain(values) for name, values in told["states"]}
    return plain(told["theta"]), plain(told["loss"])[:, 0], states, None if told["at"] < 0 else told["at"]


def tell(v8, rule, land, start, steps=STEPS, settings=None, noise=None):
    tables = programs.rule_data(rule), programs.surface_data(land)
    call = ", ".join(map(json.dumps, (*tables, start, steps, settings or {}, noise or {})))
    return json.loads(v8.eval(f"JSON.stringify(told({call}))"))


def descend(v8, rule, land, start, steps=STEPS, settings=None, noise=None):
    return read(tell(v8, rule, land, start, steps, settings, noise), steps)


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


def settings_of(name):
    """The settings with which a rule is tried: its own learning rate and two others, if it has one."""
    lr = getattr(og, name).hyperparameters.get("lr")
    return [{}] if lr is None else [{"lr": each} for each in (lr, *LRS)]


@functools.cache
def recorded(name, land, noise=0, seed=0):
    """What Python finds with each of the settings."""
    land = getattr(og.surfaces, land)
    tried = settings_of(name)
    given = {key: [settings[key] for settings in tried] for key in tried[0]}
    start = np.broadcast_to(land.start, (len(tried), 2))
    return og.descend(getattr(og, name), land, start=start, steps=STEPS, noise=noise, seed=seed, **given)


def verdict(mine, name, land, i, **noise):
    """What is found with the i-th settings is ``same``, ``close`` (within 1e-12), ``chaotic`` (a nudge of the start
    moves Python's further); else it says how far apart they are.
    """
    theta, loss, states, at = mine
    run, rule, surface = recorded(name, land, **noise), getattr(og, name), getattr(og.surfaces, land)
    records = [(theta, run.theta), (loss, run.loss), *((states[s], run.states[s]) for s in run.states)]
    far = max(apart(mine, theirs[:, i]) for mine, theirs in records)
    if (-1 if at is None else at) == run.diverged_at[i] and far <= 1e-12:
        return "close" if far else "same"
    nudges = [np.nextafter(surface.start, side) for side in (math.inf, -math.inf)]
    moved = [og.descend(rule, surface, nudge, STEPS, **settings_of(name)[i], **noise).theta for nudge in nudges]
    chaotic = max(apart(each, run.theta[:, i]) for each in moved) * 10 >= apart(theta, run.theta[:, i])
    return "chaotic" if chaotic else f"apart by {far:.1e}"


def verdicts(v8, name, land, **noise):
    rule, surface = getattr(og, name).rule, getattr(og.surfaces, land)
    runs = [descend(v8, rule, surface, list(surface.start), STEPS, given, noise) for given in settings_of(name)]
    return [verdict(run, name, land, i, **noise) for i, run in enumerate(runs)]


def allowed(name, land):
    program = derivative(trace(getattr(og.surfaces, land), ["x", "y"]))
    exact = is_exact(trace(getattr(og, name).update)) and is_exact(program)
    return {"same"} if exact else {"same", "close", "chaotic"}


@pytest.mark.parametrize("name", programs.catalogue()["rules"])
def test_a_rule_takes_the_same_steps_in_a_browser(v8, name):
    for land in LANDS:
        assert set(verdicts(v8, name, land)) <= allowed(name, land), land


def test_all_rules_take_the_same_steps_in_chromium(open_page):
    """Through what a page has: the catalogue, whose rules are read there, and whose surfaces get their derivatives."""
    page = open_page("about:blank")
    page.add_script_tag(content=web.script("live/scene.js"))
    page.add_script_tag(content=TOLD)
    calls = [(n, land, i, settings) for n in programs.catalogue()["rules"] for land in LANDS
             for i, settings in enumerate(settings_of(n))]  # fmt: skip
    found = page.evaluate(
        """([catalogue, calls, steps]) => {
            const { vocabulary, rules, surfaces } = JSON.parse(catalogue);
            return JSON.stringify(calls.map(([name, land, , settings]) => {
                const { dim, starts, parameters, program } = surfaces[land];
                const surface = { dim, program: withSlopes(bound(program, parameters), vocabulary) };
                return told(ruleOf({ rule: name }, { vocabulary, rules }), surface, starts[0], steps, settings, {});
            }));
        }""",
        [json.dumps(programs.catalogue()), calls, STEPS],
    )
    worse = [
        (name, land, settings, end)
        for (name, land, i, settings), told in zip(calls, json.loads(found), strict=True)
        if (end := verdict(read(told, STEPS), name, land, i)) not in allowed(name, land)
    ]
    assert len(calls) > 500 and not worse


def other(value):
    """Another value that a hyperparameter may have."""
    if isinstance(value, tuple):
        return tuple(map(other, value))
    if type(value) is int and value:  # a count
        return value + 9
    return not value if isinstance(value, bool) else 0.9 * value if value else 0.1


@pytest.mark.parametrize("name", programs.catalogue()["rules"])
def test_a_rule_takes_the_same_steps_with_all_its_settings_changed(v8, name):
    """States that start at a setting start at the one that is given."""
    rule, land = getattr(og, name), og.surfaces.himmelblau
    settings = {key: other(h.default) for key, h in rule.rule.hyperparameters.items()}
    theta, loss, states, at = descend(v8, rule.rule, land, list(land.start), 30, settings)
    run = og.descend(rule, land, steps=30, **settings)
    assert at == run.diverged_at
    for mine, theirs in [(theta, run.theta), (loss, run.loss), *((states[s], run.states[s]) for s in run.states)]:
        assert apart(mine, theirs) < 1e-12


@pytest.mark.parametrize(
    ("name", "land", "start", "settings", "at"),
    [
        ("SGD", "rosenbrock", (-1.5, 2.0), {"lr": 0.01}, 4),
        ("Momentum", "rosenbrock", (-1.5, 2.0), {"lr": 0.01, "momentum": 0.5}, 4),
        ("Nesterov", "rosenbrock", (-1.5, 2.0), {"lr": 0.01}, 3),
        ("AdaBound", "monkey_saddle", (2e3, 0.0), {"lr": 1e9}, 1),
        ("SGD", "saddle", (-1.6, 0.01), {"lr": 1.0}, 15),
        ("Adam", "sphere", (1e5, 1e5), {}, 0),
        ("Lion", "sphere", (2e10, 0.0), {}, 0),
        ("Lion", "ackley", (0.0, 0.0), {}, 1),
        ("SGD", "sphere", (1.0, 1.0), {"lr": 1.0}, None),
    ],
)
def test_a_descent_that_diverges_ends_where_it_ends_in_python(v8, name, land, start, settings, at):
    rule, land = getattr(og, name), getattr(og.surfaces, land)
    theta, loss, states, found = descend(v8, rule.rule, land, list(start), 40, settings)
    run = og.descend(rule, land, start, 40, **settings)
    assert (found, run.diverged_at) == (at, at)
    received = [float(x) for x in tell(v8, rule.rule, land, list(start), 40, settings)["grad"]]
    np.testing.assert_allclose(np.reshape(received, run.grad.shape), run.grad, rtol=1e-12)
    for mine, theirs in [(theta, run.theta), (loss, run.loss), *((states[s], run.states[s]) for s in run.states)]:
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
        assert at is None or np.isnan(mine[at + 1 :]).all()


def test_a_gradient_with_one_coordinate_that_is_infinite_is_a_divergence(v8):
    """The iterates and the losses after it are finite: Lion takes its sign."""
    land = og.Surface(lambda x, y: y * y - x**0.5, ((0, 1), (0, 1)), name="root")
    theta, loss, _, found = descend(v8, og.Lion.rule, land, [0.0, 1.0], 3, {"lr": 0.1})
    assert np.isfinite([*theta[:2].ravel(), *loss[:2]]).all()
    assert found == og.descend(og.Lion, land, (0.0, 1.0), 3, lr=0.1).diverged_at == 1


FIRST = (0.0, -0.0, 1.0, -1.0, 0.3, -0.7, 2.5, -3.25, 7.0, 1e10, -1e-10, math.inf, -math.inf, math.nan)
SECOND = (0.0, 1.0, -1.0, 2.0, 3.0, -2.0, 0.5, -0.5, 4.0, -3.0, 1.5, 2.5, math.inf, -math.inf, math.nan)
THIRD = (0.5, -1.0, math.nan)
ROWS = {name: row for name, row in FUNCTIONS.items() if row.call and row.javascript and name != "getitem"}


@pytest.mark.parametrize("name", ROWS)
def test_an_operation_does_what_torch_does(v8, name):
    """To plain and to odd numbers, one each or one for all."""
    row = ROWS[name]
    parts = list(np.meshgrid(*(FIRST, SECOND, THIRD)[: row.arity], indexing="ij"))
    if name == "where":
        parts[0] = (parts[0] > 0).astype(float)
    if name in ("pow", "full_like"):  # the second is a number: for some powers torch has a shorter way
        wanted = torch.stack([row.call(torch.tensor(FIRST, dtype=torch.float64), y) for y in SECOND], 1).numpy()
    else:
        wanted = row.call(*(torch.tensor(part > 0 if (name, i) == ("where", 0) else part)
                            for i, part in enumerate(parts))).double().numpy()  # fmt: skip
    values = json.dumps([[str(n) for n in part.ravel()] for part in parts]).replace("inf", "Infinity")
    found = v8.eval(f"""(() => {{
        const given = {values}.map((values) => Float64Array.from(values)), none = [new Float64Array(1), 0];
        const out = new Float64Array({wanted.size}), one = new Float64Array(1);
        OPERATIONS.{name}(out, ...given.flatMap((values) => [values, 1]), ...none, ...none);
        const alone = Array.from(out, (_, n) => {{
            OPERATIONS.{name}(one, ...given.flatMap((values) => [values.subarray(n, n + 1), 0]), ...none, ...none);
            return one[0];
        }});
        return JSON.stringify([out, alone].map((values) => Array.from(values, String)));
    }})()""")
    exact = np.full(wanted.shape, name in {*EXACT, "sqrt", "mod"})
    if name == "pow":
        exact = np.isin(parts[1], (1, 2, 3, -1, -2, 0.5, -0.5))
    for mine in np.array(json.loads(found), float).reshape(2, *wanted.shape):
        np.testing.assert_array_equal(mine[exact], wanted[exact])
        np.testing.assert_allclose(mine, wanted, rtol=4e-16)


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


@pytest.mark.parametrize("name", programs.catalogue()["rules"])
def test_a_rule_takes_the_same_steps_in_the_same_noise(v8, name):
    assert set(verdicts(v8, name, "rosenbrock", noise=0.3, seed=7)) <= {"same", "close", "chaotic"}


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
        return JSON.stringify([Array.from(field.height), Array.from(field.gradient)]);
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
        return JSON.stringify(Array.from(walk.answer));
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
    with pytest.raises(og.language.NotationError, match=r"SAM\(SGD\) wraps another rule, which a page cannot step"):
        programs.rule_data(og.SAM(og.SGD).rule)
    with pytest.raises(og.language.NotationError, match="CautiousAdamW does more than step each coordinate"):
        programs.rule_data(og.CautiousAdamW.rule)
    with pytest.raises(TypeError, match="surface must be one of og.surfaces or your own, got 3"):
        programs.surface_data(3)
