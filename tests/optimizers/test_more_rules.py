"""The rules beside Adam's core: each against independent implementations, and against arithmetic written by hand.

The hand-written oracles are plain Python on floats. They know nothing of running states: where a rule has a closed
form, it is computed anew at every step from the whole history of slopes.
"""

from functools import partial
from math import copysign, exp, prod, sin, sqrt

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import pytorch_optimizer
import torch
import torch_optimizer
from torch.optim.lr_scheduler import LinearLR, OneCycleLR

import optguide as og

jax.config.update("jax_enable_x64", True)

SHAPES = [(), (5,), (4, 3)]
STEPS = 120
BETAS = (0.8, 0.95)
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


def problem(shape):
    """A start, and slopes of very different size that depend on where we stand, change sign, and are zero at times."""
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(shape, generator=generator, dtype=torch.float64)
    size = torch.logspace(-1, 1.5, start.numel(), dtype=torch.float64).reshape(shape)
    noise = torch.randn((STEPS, *shape), generator=generator, dtype=torch.float64)
    flat = torch.rand(noise.shape, generator=generator) < 0.1

    def slope(theta, step):
        return torch.where(flat[step], 0.0, size * (0.2 * theta + 0.5 * noise[step] + sin(step / 9)))

    return start, slope


def walk(make, shape):
    """The path of a torch optimizer, ours or another's."""
    start, slope = problem(shape)
    p = torch.nn.Parameter(start.clone())
    optimizer = make([p])
    path = [start.numpy()]
    for step in range(STEPS):
        optimizer.zero_grad()

        def closure(step=step):
            p.grad = slope(p.detach(), step)
            return p.new_zeros(())

        optimizer.step(closure)
        path.append(p.detach().numpy().copy())
    return np.stack(path)


def walk_optax(transform, lr, shape):
    theta, slope = problem(shape)
    state = transform.init(jnp.asarray(theta.numpy()))
    path = [theta.numpy()]
    for step in range(STEPS):
        update, state = transform.update(jnp.asarray(slope(theta, step).numpy()), state)
        theta = theta - lr * torch.as_tensor(np.array(update))
        path.append(theta.numpy())
    return np.stack(path)


def walk_by_hand(step_of, shape, settings):
    """The path of a rule written as: the step that follows from the slopes so far (the newest last)."""
    theta, slope = problem(shape)
    path, seen = [theta.numpy()], []
    for step in range(STEPS):
        seen.append(slope(theta, step).flatten().tolist())
        steps = [step_of(list(history), **settings) for history in zip(*seen, strict=True)]
        theta = theta - torch.tensor(steps, dtype=torch.float64).reshape(shape)
        path.append(theta.numpy())
    return np.stack(path)


def assert_same(ours, theirs):
    assert np.isfinite(ours).all() and np.median(np.ptp(ours, axis=0)) > 1e-3, "a path that shows nothing"
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


# Our rule, its settings, another's class, and its settings where they differ.
LIBRARIES = [
    (og.Rprop, dict(lr=0.03, etas=(0.4, 1.3), step_sizes=(0.02, 0.2)), torch.optim.Rprop, {}),
    (og.Adagrad, dict(lr=0.3, eps=0.2, initial_accumulator_value=0.1), torch.optim.Adagrad, {}),
    (og.RMSprop, dict(lr=0.03, alpha=0.8, eps=0.1), torch.optim.RMSprop, {}),
    (og.Adadelta, dict(lr=0.7, rho=0.8, eps=0.01), torch.optim.Adadelta, {}),
    (og.Adamax, dict(lr=0.03, betas=BETAS, eps=0.1), torch.optim.Adamax, {}),
    (og.Adamax, dict(lr=0.03, betas=BETAS, eps=0.1), pytorch_optimizer.AdaMax, {}),
    (og.NAdam, dict(lr=0.03, betas=BETAS, eps=0.1, momentum_decay=0.2), torch.optim.NAdam, {}),
    (og.AMSGrad, dict(lr=0.03, betas=(0.8, 0.9), eps=0.1), torch.optim.Adam, dict(amsgrad=True)),
    (og.RAdam, dict(lr=0.03, betas=BETAS, eps=0.1), torch.optim.RAdam, {}),
    (og.RAdam, dict(lr=0.03, betas=BETAS, eps=0.1), pytorch_optimizer.RAdam, dict(degenerated_to_sgd=True)),
    (og.Yogi, dict(lr=0.03, betas=BETAS, eps=0.1, initial_accumulator_value=0.3), torch_optimizer.Yogi, "renamed"),
    (og.Yogi, dict(lr=0.03, betas=BETAS, eps=0.1, initial_accumulator_value=0.3), pytorch_optimizer.Yogi, "renamed"),
    (og.AdaBound, dict(lr=0.03, betas=BETAS, final_lr=0.02, gamma=0.05, eps=0.1), torch_optimizer.AdaBound, {}),
    (og.AdaBound, dict(lr=0.03, betas=BETAS, final_lr=0.02, gamma=0.05, eps=0.1), pytorch_optimizer.AdaBound, {}),
]


@shapes
@pytest.mark.parametrize(
    ("rule", "settings", "other", "more"), LIBRARIES, ids=lambda x: x.__module__ if isinstance(x, type) else ""
)
def test_equals_another_implementation(rule, settings, other, more, shape):
    theirs = dict(settings)
    if more == "renamed":
        theirs["initial_accumulator"] = theirs.pop("initial_accumulator_value")
    else:
        theirs |= more
    assert_same(walk(partial(rule, **settings), shape), walk(partial(other, **theirs), shape))


OPTAX = {
    # optax adds its constant inside the root, which is a start of the sum by another name.
    "adagrad": (og.Adagrad, dict(eps=0, initial_accumulator_value=0.3), optax.scale_by_rss(0.1, eps=0.2)),
    "rmsprop": (og.RMSprop, dict(alpha=0.8, eps=0.1), optax.scale_by_rms(0.8, eps=0.1, eps_in_sqrt=False)),
    "rmsprop root": (og.RMSprop, dict(alpha=0.8, eps=0, eps_root=0.1), optax.scale_by_rms(0.8, eps=0.1)),
    "adadelta": (og.Adadelta, dict(rho=0.8, eps=0.01), optax.scale_by_adadelta(0.8, 0.01)),
    "adamax": (og.Adamax, dict(betas=BETAS, eps=0.1), optax.scale_by_adamax(*BETAS, 0.1)),
    # optax adds eps beside the corrected root, torch beside the uncorrected one: the same only where eps is nothing.
    "radam": (og.RAdam, dict(betas=BETAS, eps=1e-30), optax.scale_by_radam(*BETAS, 1e-30)),
    "yogi": (
        og.Yogi,
        dict(betas=BETAS, eps=0.1, initial_accumulator_value=0.3),
        optax.scale_by_yogi(*BETAS, 0.1, initial_accumulator_value=0.3),
    ),
}


@shapes
@pytest.mark.parametrize("name", OPTAX)
def test_equals_optax(name, shape):
    rule, settings, transform = OPTAX[name]
    assert_same(walk(partial(rule, lr=0.05, **settings), shape), walk_optax(transform, 0.05, shape))


def mean(values, beta, depth=1):
    """Running mean from zero, ``depth`` of them one behind the other: the weights of the past, in closed form."""
    weights = {1: lambda k: 1, 2: lambda k: k + 1, 3: lambda k: (k + 1) * (k + 2) / 2}[depth]
    return (1 - beta) ** depth * sum(weights(k) * beta**k * x for k, x in enumerate(reversed(values)))


def squares(gs):
    return [g * g for g in gs]


def adagrad(gs, lr, initial_accumulator_value, eps):
    return lr * gs[-1] / (sqrt(initial_accumulator_value + sum(squares(gs))) + eps)


def adagrad_abs(gs, lr, eps):
    total = sum(abs(g) for g in gs)
    return lr * gs[-1] / (sqrt(total) + eps)


def adagrad_no_root(gs, lr, eps):
    return lr * gs[-1] / (sum(squares(gs)) + eps)


def adagrad_exp(gs, lr):
    return lr * gs[-1] * prod(exp(-g * g) for g in gs)


def rmsprop(gs, lr, alpha, eps, eps_root):
    return lr * gs[-1] / (sqrt(mean(squares(gs), alpha) + eps_root) + eps)


def adadelta(gs, lr, rho, eps, initial_accumulator_value):
    moves = []
    for t in range(1, len(gs) + 1):
        typical_move = sqrt(initial_accumulator_value * rho ** (t - 1) + mean(squares(moves), rho) + eps)
        moves.append(gs[t - 1] * typical_move / sqrt(mean(squares(gs[:t]), rho) + eps))
    return lr * moves[-1]


def almost_adam(gs, lr, betas, eps):
    return lr * mean(gs, betas[0]) / (sqrt(mean(squares(gs), betas[1])) + eps)


def adamax(gs, lr, betas, eps):
    largest = max(betas[1] ** k * (abs(g) + eps) for k, g in enumerate(reversed(gs)))
    return lr * mean(gs, betas[0]) / (1 - betas[0] ** len(gs)) / largest


def nadam(gs, lr, betas, eps, momentum_decay):
    t = len(gs)
    mu = [betas[0] * (1 - 0.96 ** (i * momentum_decay) / 2) for i in range(1, t + 2)]
    ahead = mu[t] * mean(gs, betas[0]) / (1 - prod(mu)) + (1 - mu[t - 1]) * gs[-1] / (1 - prod(mu[:-1]))
    return lr * ahead / (sqrt(mean(squares(gs), betas[1]) / (1 - betas[1] ** t)) + eps)


def amsgrad(gs, lr, betas, eps):
    t = len(gs)
    largest = max(mean(squares(gs[:i]), betas[1]) for i in range(1, t + 1))
    return lr * mean(gs, betas[0]) / (1 - betas[0] ** t) / (sqrt(largest / (1 - betas[1] ** t)) + eps)


def radam(gs, lr, betas, eps):
    t, (beta1, beta2) = len(gs), betas
    direction = mean(gs, beta1) / (1 - beta1**t)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 5:
        return lr * direction
    trust = sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return lr * direction * trust * sqrt(1 - beta2**t) / (sqrt(mean(squares(gs), beta2)) + eps)


def yogi(gs, lr, betas, eps, initial_accumulator_value):
    t, (beta1, beta2), v = len(gs), betas, initial_accumulator_value
    for q in squares(gs):
        v += (1 - beta2) * (0 if q == v else copysign(q, q - v))
    m = mean(gs, beta1) + initial_accumulator_value * beta1**t
    return lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)


def adabound(gs, lr, betas, final_lr, gamma, eps):
    t, (beta1, beta2) = len(gs), betas
    rate = lr * sqrt(1 - beta2**t) / (1 - beta1**t) / (sqrt(mean(squares(gs), beta2)) + eps)
    low, high = final_lr - final_lr / (gamma * t + 1), final_lr + final_lr / (gamma * t)
    return min(max(rate, low), high) * mean(gs, beta1)


def rprop(gs, lr, etas, step_sizes):
    size, before, sign = lr, 0, 0
    for g in gs:
        sign = (g > 0) - (g < 0)
        if sign * before > 0:
            size *= etas[1]
        if sign * before < 0:
            size, sign = size * etas[0], 0
        size, before = min(max(size, step_sizes[0]), step_sizes[1]), sign
    return size * sign


def adabelief_deep(depth, gs, lr, betas, eps):
    """Impact Crater's AdaBelief with DEMA (depth 2) or TEMA (depth 3), the means in closed form."""
    t, (beta1, beta2) = len(gs), betas
    share = {2: (2, -1), 3: (3, -3, 1)}[depth]
    trend = [sum(c * mean(gs[:i], beta1, d) for d, c in enumerate(share, 1)) for i in range(1, t + 1)]
    surprise = mean([(g - m) ** 2 + eps / (1 - beta2) for g, m in zip(gs, trend, strict=True)], beta2)
    return lr * trend[-1] / (sqrt(surprise / (1 - beta2**t)) + eps)


BY_HAND = [
    (og.Rprop, rprop, dict(lr=0.03, etas=(0.4, 1.3), step_sizes=(0.02, 0.2))),
    (og.Adagrad, adagrad, dict(lr=0.3, eps=0.2, initial_accumulator_value=0.1)),
    (og.AdagradAbs, adagrad_abs, dict(lr=0.3, eps=0.2)),
    (og.AdagradNoRoot, adagrad_no_root, dict(lr=0.3, eps=0.2)),
    (og.AdagradExp, adagrad_exp, dict(lr=0.3)),
    (og.RMSprop, rmsprop, dict(lr=0.03, alpha=0.8, eps=0.1, eps_root=0.2)),
    (og.Adadelta, adadelta, dict(lr=0.7, rho=0.8, eps=0.01, initial_accumulator_value=0.0)),
    (og.Adadelta, adadelta, dict(lr=0.01, rho=0.8, eps=0.01, initial_accumulator_value=50.0)),
    (og.AlmostAdam, almost_adam, dict(lr=0.03, betas=BETAS, eps=0.1)),
    (og.Adamax, adamax, dict(lr=0.03, betas=BETAS, eps=0.1)),
    (og.NAdam, nadam, dict(lr=0.03, betas=BETAS, eps=0.1, momentum_decay=0.2)),
    (og.AMSGrad, amsgrad, dict(lr=0.03, betas=(0.8, 0.9), eps=0.1)),
    (og.RAdam, radam, dict(lr=0.03, betas=BETAS, eps=0.1)),
    (og.Yogi, yogi, dict(lr=0.03, betas=BETAS, eps=0.1, initial_accumulator_value=0.3)),
    (og.AdaBound, adabound, dict(lr=0.03, betas=BETAS, final_lr=0.02, gamma=0.05, eps=0.1)),
    (og.AdaBeliefDEMA, partial(adabelief_deep, 2), dict(lr=0.03, betas=BETAS, eps=0.1)),
    (og.AdaBeliefTEMA, partial(adabelief_deep, 3), dict(lr=0.03, betas=BETAS, eps=0.1)),
]


@shapes
@pytest.mark.parametrize(
    ("rule", "step_of", "settings"), BY_HAND, ids=lambda x: x.__name__ if isinstance(x, type) else ""
)
def test_equals_arithmetic_by_hand(rule, step_of, settings, shape):
    assert_same(walk(partial(rule, **settings), shape), walk_by_hand(step_of, shape, settings))


LOOKS = {  # where each rule looks, in units of what the velocity would carry us, and how much each look weighs
    og.AveragedNesterov: {1 / 3: 1 / 3, 2 / 3: 1 / 3, 1: 1 / 3},
    og.WeightedNesterov: {1 / 2: 1 / 7, 3 / 4: 2 / 7, 1: 4 / 7},
    og.SmoothedNesterov: {1 / 4: 1 / 4, 1 / 2: 1 / 4, 3 / 4: 1 / 4, 1: 1 / 4},
}


@shapes
@pytest.mark.parametrize("rule", LOOKS, ids=lambda rule: rule.__name__)
def test_look_aheads_equal_arithmetic_by_hand(rule, shape):
    theta, slope = problem(shape)
    velocity, path = 0 * theta, [theta.numpy()]
    for step in range(STEPS):
        seen = sum(weight * slope(theta - 0.7 * far * velocity, step) for far, weight in LOOKS[rule].items())
        velocity = 0.7 * velocity + 0.01 * seen
        theta = theta - velocity
        path.append(theta.numpy())
    assert_same(walk(partial(rule, lr=0.01, momentum=0.7), shape), np.stack(path))


@pytest.mark.parametrize("rule", LOOKS, ids=lambda rule: rule.__name__)
def test_look_aheads_meet_nesterov_where_the_slope_is_straight(rule):
    """On a quadratic a weighted mean of slopes is the slope at the weighted mean: a shorter look-ahead."""
    share = sum(far * weight for far, weight in LOOKS[rule].items())
    run = og.descend(rule, og.surfaces.sphere, start=(1, -2), steps=50, lr=0.05, momentum=0.8)
    looked = run.theta[:-1] - 0.8 * share * run.states["v"][:-1]
    np.testing.assert_allclose(run.states["v"][1:], 0.8 * run.states["v"][:-1] + 0.05 * 2 * looked, atol=1e-14)
    assert og.card(rule).gradients_per_step == len(LOOKS[rule])


# Every new kind of hyperparameter, one value per descent.
BATCHES = [
    (og.Rprop, "lr", [0.001, 0.1]),
    (og.Adagrad, "initial_accumulator_value", [0.0, 5.0]),
    (og.RMSprop, "alpha", [0.5, 0.99]),
    (og.RMSprop, "eps_root", [0.0, 0.3]),
    (og.Adadelta, "rho", [0.5, 0.95]),
    (og.Adadelta, "initial_accumulator_value", [0.0, 0.01]),
    (og.Adamax, "eps", [1e-8, 0.5]),
    (og.NAdam, "momentum_decay", [0.004, 0.5]),
    (og.Yogi, "initial_accumulator_value", [1e-6, 0.5]),
    (og.AdaBound, "gamma", [0.01, 0.5]),
    (og.AdaBound, "final_lr", [0.001, 0.01]),
    (og.RAdam, "betas", [(0.9, 0.6), (0.7, 0.99)]),
    (og.AdaBound, "betas", [(0.9, 0.6), (0.7, 0.99)]),
]


@pytest.mark.parametrize(("rule", "name", "values"), BATCHES, ids=str)
def test_a_hyperparameter_may_differ_between_the_descents_of_a_batch(rule, name, values):
    run = partial(og.descend, rule, og.surfaces.six_hump_camel, start=(-1.8, 0.4), steps=40, noise=0.1)
    batch = run(**{name: tuple(map(list, zip(*values, strict=True))) if name == "betas" else values})
    assert not np.allclose(batch.theta[-1, 0], batch.theta[-1, 1], atol=1e-6)
    for i, value in enumerate(values):
        single = run(**{name: value})
        np.testing.assert_allclose(batch.theta[:, i], single.theta, rtol=1e-12, atol=1e-14)
        for state in rule.state_names:
            np.testing.assert_allclose(batch.states[state][:, i], single.states[state], rtol=1e-11, atol=1e-14)


def test_a_state_begins_where_init_says():
    run = og.descend(og.Adadelta, og.surfaces.sphere, steps=2, initial_accumulator_value=50)
    np.testing.assert_array_equal([run.states["v"][0], run.states["s"][0]], [(0, 0), (50, 50)])
    run = og.descend(og.Rprop, og.surfaces.sphere, start=[(1, 1), (2, 2)], steps=2, lr=[0.1, 0.2])
    np.testing.assert_array_equal(run.states["delta"][0], [(0.1, 0.1), (0.2, 0.2)])
    assert (og.descend(og.NAdam, og.surfaces.sphere, steps=1).states["p"][0] == 1).all()
    half = torch.nn.Parameter(torch.ones(3, dtype=torch.float16))
    half.grad = torch.ones_like(half)
    optimizer = og.Rprop([{"params": [half], "lr": 0.25}])
    optimizer.step()
    assert optimizer.state[half]["delta"].dtype == torch.float32
    assert half.tolist() == [0.75] * 3


def test_init_must_name_a_state_and_what_it_holds():
    update = staticmethod(lambda theta, grad, t, v, *, lr=1e-3: (theta - lr * grad(theta), v))
    for init in ({"w": 1}, {"v": "speed"}):
        with pytest.raises(TypeError, match="must be a state of update, .* a number or a hyperparameter"):
            type("Wrong", (og.Optimizer,), {"update": update, "init": init})
    assert type("Right", (og.Optimizer,), {"update": update, "init": {"v": "lr"}}).state_names == ("v",)


@pytest.mark.parametrize(
    "schedule", [partial(LinearLR, start_factor=0.1, total_iters=20), partial(OneCycleLR, max_lr=0.5, total_steps=60)]
)
def test_a_state_that_starts_from_lr_starts_from_the_scheduled_one(schedule):
    if schedule.func is OneCycleLR:
        schedule = partial(schedule, cycle_momentum=False)
    ours = og.descend(og.Rprop, og.surfaces.six_hump_camel, steps=50, lr=0.05, schedule=schedule)
    theirs = og.descend(torch.optim.Rprop, og.surfaces.six_hump_camel, steps=50, lr=0.05, schedule=schedule)
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-12)


def test_the_pseudocode_says_how_a_state_begins():
    begin = og.pseudocode(og.Adadelta).table.rows[0][0]
    assert begin == "$v_0 = 0, s_0 = a$"
    assert r"\Delta_0 = \eta, g_0 = 0" in og.pseudocode(og.Rprop).latex
    assert "p_0 = 1" in og.pseudocode(og.NAdam).latex


def test_radam_takes_any_beta2():
    """At 0.6 and below the scale never rests on enough slopes: plain momentum, and no division by zero."""
    for beta2 in (1 / 3, 0.5, 0.6):
        ours = og.descend(og.RAdam, og.surfaces.six_hump_camel, steps=30, lr=0.02, betas=(0.9, beta2))
        theirs = og.descend(torch.optim.RAdam, og.surfaces.six_hump_camel, steps=30, lr=0.02, betas=(0.9, beta2))
        np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-12)


def test_wrong_values_are_refused():
    p = [torch.nn.Parameter(torch.zeros(2))]
    for make, message in [
        (partial(og.RMSprop, alpha=1), r"alpha must be in \[0, 1\), got 1"),
        (partial(og.Adadelta, rho=-0.1), "rho must be in"),
        (partial(og.Adagrad, initial_accumulator_value=-1), "initial_accumulator_value must be >= 0"),
        (partial(og.Rprop, etas=(1.2, 0.5)), "etas must be in increasing order"),
        (partial(og.Rprop, step_sizes=(1, 0.1)), "step_sizes must be in increasing order"),
        (partial(og.AdaBound, gamma=0), "gamma must be in"),
        (partial(og.AdaBound, final_lr=0), "final_lr must be > 0"),
        (partial(og.NAdam, momentum_decay=-1), "momentum_decay must be >= 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            make(p)
