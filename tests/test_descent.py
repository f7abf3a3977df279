"""Descents: what is recorded, when they stop, how they blow up, and that batches equal single descents."""

import pickle
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, OneCycleLR, StepLR

from optguide import optimizers, surfaces
from optguide.descent import descend
from optguide.problems import Problem
from optguide.race import race
from optguide.signals import respond, spikes
from optguide.sweep import sweep

RULES = [getattr(optimizers, name) for name in optimizers.on_landscapes]
every = pytest.mark.parametrize("rule", RULES, ids=lambda r: r.__name__)
camel = surfaces.six_hump_camel


class Everything(optimizers.Optimizer):
    """Looks ahead, mixes coordinates, begins its state with a hyperparameter, and decays what the reader names."""

    mixes = "tensor"
    init = {"scale": "lr"}

    @staticmethod
    def update(theta, grad, t, v, scale, *, lr=0.1, betas=(0.9, 0.99), pull=0.01):
        beta1, beta2 = betas
        v = beta1 * v + (1 - beta1) * grad(theta - lr * v)
        scale = beta2 * scale + (1 - beta2) * torch.sum(v**2)
        theta = (1 - lr * pull) * theta - lr / (1 - beta2**t) * v / torch.sqrt(scale + 1e-3)
        return theta, v, scale + torch.zeros_like(v)


@every
def test_equals_stepping_the_optimizer_by_hand(rule):
    """The pure path of `descend` and the class as a torch optimizer are one and the same rule."""
    hill = lambda x, y: camel(x, y)  # noqa: E731  (no surface, so that both sides have their slopes from autograd)
    lr = {"lr": 0.01} if "lr" in rule.hyperparameters else {}
    run = descend(rule, hill, start=(-1.8, 0.4), steps=100, **lr)
    p = torch.nn.Parameter(torch.tensor([-1.8, 0.4], dtype=torch.float64))
    optimizer = rule([p], **lr)

    def closure():
        optimizer.zero_grad()
        loss = camel(*p.unbind())
        (p.grad,) = torch.autograd.grad(loss, p, create_graph=rule.rule.is_curved)
        return loss

    # What a rule draws in `descend` is what torch draws from the first number of that seed.
    torch.manual_seed(int(torch.randint(2**62, (), generator=torch.Generator().manual_seed(0))))
    answer = rule.rule.answer  # where it is a state, the record has that for theta, and theta for the state
    place = lambda: optimizer.state[p][answer] if answer in optimizer.state[p] else p.detach()  # noqa: E731
    for step in range(100):
        assert run.loss[step] == pytest.approx(camel(*place().unbind()).item(), rel=1e-12)
        optimizer.step(closure)
        np.testing.assert_allclose(run.theta[step + 1], place().numpy(), rtol=1e-12, atol=1e-14)
        for name in rule.state_names:
            state = p.detach() if name == answer else optimizer.state[p][name]
            np.testing.assert_allclose(run.states[name][step + 1], state.numpy(), rtol=1e-11, atol=1e-14)


@every
def test_a_batch_equals_its_single_descents(rule):
    starts = np.array([[-1.8, 0.4], [0.3, -0.9], [1.1, 0.2]])
    name, values = next((n, [0.001, 0.02]) for n in ("lr", *rule.hyperparameters) if n in rule.hyperparameters)
    batch = descend(rule, camel, start=starts, **{name: np.array(values)[:, None]}, steps=60, noise=0.1, seed=3)
    assert batch.theta.shape == (61, 2, 3, 2)
    assert batch.loss.shape == (61, 2, 3)
    assert batch.grad.shape == (60, 2, 3, 2)
    for i, value in enumerate(values):
        for j, start in enumerate(starts):
            single = descend(rule, camel, start=start, **{name: value}, steps=60, noise=0.1, seed=3)
            np.testing.assert_allclose(batch.theta[:, i, j], single.theta, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(batch.loss[:, i, j], single.loss, rtol=1e-12)
            for kept in rule.state_names:
                np.testing.assert_allclose(batch.states[kept][:, i, j], single.states[kept], rtol=1e-11, atol=1e-14)


# Every kind of hyperparameter, one value per descent.
BATCHES = [
    ("Rprop", "lr", [0.001, 0.1]),
    ("Adagrad", "initial_accumulator_value", [0.0, 5.0]),
    ("RMSprop", "alpha", [0.5, 0.99]),
    ("RMSprop", "eps_root", [0.0, 0.3]),
    ("Adadelta", "rho", [0.5, 0.95]),
    ("Adadelta", "initial_accumulator_value", [0.0, 0.01]),
    ("Adamax", "eps", [1e-8, 0.5]),
    ("NAdam", "momentum_decay", [0.004, 0.5]),
    ("Yogi", "initial_accumulator_value", [1e-6, 0.5]),
    ("AdaBound", "gamma", [0.01, 0.5]),
    ("AdaBound", "final_lr", [0.001, 0.01]),
    ("RAdam", "betas", [(0.9, 0.6), (0.7, 0.99)]),
    ("AdaBound", "betas", [(0.9, 0.6), (0.7, 0.99)]),
]


@pytest.mark.parametrize(("rule", "name", "values"), BATCHES, ids=str)
def test_a_hyperparameter_may_differ_between_the_descents_of_a_batch(rule, name, values):
    rule = getattr(optimizers, rule)
    run = partial(descend, rule, camel, start=(-1.8, 0.4), steps=40, noise=0.1)
    batch = run(**{name: tuple(map(list, zip(*values, strict=True))) if name == "betas" else values})
    assert not np.allclose(batch.theta[-1, 0], batch.theta[-1, 1], atol=1e-6)
    for i, value in enumerate(values):
        single = run(**{name: value})
        np.testing.assert_allclose(batch.theta[:, i], single.theta, rtol=1e-12, atol=1e-14)
        for state in rule.state_names:
            np.testing.assert_allclose(batch.states[state][:, i], single.states[state], rtol=1e-11, atol=1e-14)


def test_records_are_what_happened():
    run = descend(optimizers.SGD, surfaces.sphere, start=(1, -2), steps=3, lr=0.25)
    np.testing.assert_allclose(run.theta, [(1, -2), (0.5, -1), (0.25, -0.5), (0.125, -0.25)])
    np.testing.assert_allclose(run.loss, [5, 1.25, 0.3125, 0.078125])
    np.testing.assert_allclose(run.grad, [(2, -4), (1, -2), (0.5, -1)])
    assert (run.steps, run.name, run.settings, run.diverged_at, run.stopped_at) == (3, "SGD", {"lr": 0.25}, None, None)
    assert run.color == optimizers.SGD.color
    assert run.theta.dtype == np.float64
    assert repr(run) == "<descent of SGD: 3 steps, ends at (0.125, -0.25) with loss 0.078125>"
    batch = descend(optimizers.SGD, surfaces.sphere, start=[(1, -2), (3, 4)], steps=3, lr=0.25)
    assert repr(batch) == "<descent of SGD: 3 steps, 2 descents>"


def test_a_look_ahead_rule_records_the_loss_where_it_stands():
    run = descend(optimizers.Nesterov, surfaces.sphere, start=(1, -2), steps=20, lr=0.1)
    np.testing.assert_allclose(run.loss, (run.theta**2).sum(-1))
    look = run.theta[:-1] - 0.9 * run.states["v"][:-1]
    np.testing.assert_allclose(run.grad, 2 * look)


def test_states_begin_at_zero_and_follow_the_step():
    run = descend(optimizers.Momentum, surfaces.sphere, start=(1, 0), steps=2, lr=0.1, momentum=0.5)
    np.testing.assert_allclose(run.states["v"], [(0, 0), (2, 0), (1 + 1.6, 0)])


def test_a_state_begins_where_init_says():
    run = descend(optimizers.Adadelta, surfaces.sphere, steps=2, initial_accumulator_value=50)
    np.testing.assert_array_equal([run.states["v"][0], run.states["s"][0]], [(0, 0), (50, 50)])
    run = descend(optimizers.Rprop, surfaces.sphere, start=[(1, 1), (2, 2)], steps=2, lr=[0.1, 0.2])
    np.testing.assert_array_equal(run.states["delta"][0], [(0.1, 0.1), (0.2, 0.2)])
    assert (descend(optimizers.NAdam, surfaces.sphere, steps=1).states["p"][0] == 1).all()


def test_document_d_to_the_last_digit():
    run = descend(optimizers.SGD, surfaces.quadratic_1d, start=0.75, lr=1e-4, xtol=1e-6)
    moves = np.abs(np.diff(run.theta[:, 0]))
    assert (moves > 1e-6).sum() == 10_792
    assert run.stopped_at == run.steps == 10_793
    assert abs(run.theta[-1, 0] - -0.331667951428822) < 1e-12


def test_document_b_ends_where_it_was_checked():
    starts = [(0, 4), (-0.5, 4), (-1.5, -1), (1.5, -2)]
    run = descend(optimizers.SGD, surfaces.rosenbrock.replace(b=10), start=starts, steps=10_000, lr=1e-3)
    ends = [(1.0082, 1.0167), (0.9855, 0.9706), (0.9937, 0.9872), (0.9938, 0.9875)]
    np.testing.assert_allclose(run.theta[-1], ends, atol=5e-5)


def test_tolerance_freezes_each_descent_of_a_batch_by_itself():
    starts = np.array([[1.0, 0.0], [100.0, 0.0]])
    batch = descend(optimizers.Momentum, surfaces.sphere, start=starts, lr=0.05, momentum=0.3, xtol=1e-3)
    for i in range(2):
        single = descend(optimizers.Momentum, surfaces.sphere, start=starts[i], lr=0.05, momentum=0.3, xtol=1e-3)
        assert batch.stopped_at[i] == single.stopped_at
        np.testing.assert_allclose(batch.theta[: single.steps + 1, i], single.theta, rtol=1e-13)
        np.testing.assert_allclose(
            batch.theta[single.steps :, i], np.tile(single.theta[-1], (batch.steps - single.steps + 1, 1))
        )
    assert batch.stopped_at[0] < batch.stopped_at[1] == batch.steps


def test_max_steps_gives_up():
    run = descend(optimizers.SGD, surfaces.sphere, lr=1e-6, xtol=1e-12, max_steps=7)
    assert run.steps == 7 and run.stopped_at is None


def test_a_descent_that_blows_up_is_a_result():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = descend(optimizers.SGD, surfaces.rosenbrock, lr=1.0, steps=50)
        torch_run = descend(torch.optim.SGD, surfaces.rosenbrock, lr=1.0, steps=50)
        batch = descend(optimizers.SGD, surfaces.sphere, start=[(1, 1), (0, 0)], lr=[0.1, 3.0], steps=50)
    first = run.diverged_at
    assert first is not None and torch_run.diverged_at == first
    assert np.isfinite(run.theta[:first]).all() and (np.abs(run.theta[:first]) <= 1e10).all()
    assert np.isnan(run.theta[first + 1 :]).all() and np.isnan(run.loss[first + 1 :]).all()
    assert f"diverged at step {first}" in repr(run)
    assert batch.diverged_at.tolist() == [-1, -1], "the minimum itself does not diverge, whatever lr"
    wild = descend(optimizers.SGD, surfaces.sphere, start=[(1, 1), (1, 0)], lr=[0.1, 3.0], steps=50)
    assert wild.diverged_at[0] == -1
    # The factor per step is 1 - 2 lr = -5: the loss 25^k passes 1e10 at k = 8.
    assert wild.diverged_at[1] == 8


def test_a_step_along_a_slope_that_is_no_number_is_marked():
    """The sign of NaN is 0 in torch: a rule that looks at signs alone would seem to rest there."""
    tip = lambda x, y: torch.sqrt(x**2 + y**2)  # noqa: E731
    run = descend(optimizers.Lion, tip, start=[(0.0, 0.0), (1.0, 0.5)], steps=5, lr=0.1)
    assert run.diverged_at.tolist() == [1, -1]
    assert np.isnan(run.theta[2:, 0]).all() and np.isfinite(run.theta[:, 1]).all()


def test_a_function_that_returns_nan_is_a_result_too():
    run = descend(optimizers.Adam, lambda x, y: torch.sqrt(x) + y**2, start=(0.01, 1.0), lr=0.1, steps=20)
    assert run.diverged_at is not None
    until = descend(optimizers.SGD, lambda x: torch.log(x), start=0.5, lr=1.0, xtol=1e-6, max_steps=50)
    assert until.diverged_at is not None and until.steps < 50


#: All of them have the heights of a bowl, and none has a slope that torch could know.
WITHOUT_SLOPE = {
    "detach": lambda x, y: x.detach() ** 2 + y.detach() ** 2,
    "item": lambda x, y: torch.full_like(x, x.item() ** 2 + y.item() ** 2),
    "numpy": lambda x, y: torch.as_tensor(np.square(x.detach().numpy()) + np.square(y.detach().numpy())),
    "no_grad": torch.no_grad()(lambda x, y: x**2 + y**2),
    "inference_mode": torch.inference_mode()(lambda x, y: x**2 + y**2),
}


@pytest.mark.parametrize("which", WITHOUT_SLOPE)
@pytest.mark.parametrize("rule", [optimizers.Adam, Everything, torch.optim.Adam], ids=lambda r: r.__module__[:5])
def test_a_function_without_a_slope_is_not_taken_for_flat(rule, which):
    function = WITHOUT_SLOPE[which]
    for start in [(1, 1), (0, 0), [(1, 1), (2, -1)]]:
        many = np.ndim(start) == 2
        if many and which == "item":
            continue
        with pytest.raises(TypeError, match=r"function must be computed by torch.*\.detach\(\), \.item\(\)"):
            descend(rule, function, start, 5)
    with pytest.raises(TypeError, match="function must be computed by torch"):
        race([rule], function, (1, 1), 5)
    with pytest.raises(TypeError, match="function must be computed by torch"):
        sweep(rule, function, [(1, 1)] if which == "item" else [(1, 1), (2, -1)], 5)
    if which == "item" and rule is not torch.optim.Adam:  # theirs are stepped start by start
        with pytest.raises(TypeError, match=r"function must take many points at once, without \.item\(\)"):
            sweep(rule, function, [(1, 1), (2, -1)], 5)


@pytest.mark.parametrize("rule", [optimizers.Adam, Everything, torch.optim.Adam], ids=lambda r: r.__module__[:5])
def test_inference_mode_is_not_taken_for_flat_ground(rule):
    bowl = lambda x, y: x**2 + y**2  # noqa: E731
    function = surfaces.sphere if rule is torch.optim.Adam else bowl  # our rules need no gradients on our surfaces
    with torch.inference_mode():
        for call in (descend, lambda rule, *more: race([rule], *more), sweep):
            with pytest.raises(TypeError, match=r"torch\.inference_mode\(\) keeps no gradients.*torch\.no_grad\(\)"):
                call(rule, function, (1, 1), 5)
        here = descend(optimizers.Adam, surfaces.sphere, (1, 1), 5, lr=0.1)
    with torch.no_grad():
        there = descend(rule, function, (1, 1), 5, lr=0.1)
    for run in (here, there):
        assert (run.theta[1] != run.theta[0]).all()


@pytest.mark.parametrize("rule", [optimizers.Adam, Everything, torch.optim.Adam], ids=lambda r: r.__module__[:5])
def test_a_true_constant_is_flat(rule):
    for flat in (
        lambda x, y: torch.full(x.shape, 7.0),
        lambda x, y: x * 0,
        lambda x, y: torch.floor(x + 0.5),
        lambda x, y: torch.where(x > 3, x, 3.0).detach(),  # flat here, and the far side is not in sight
    ):
        for start in [(1, 2), [(1, 2), (0, 0)]]:
            run = descend(rule, flat, start, 5, **{"pull": 0.0} if rule is Everything else {})
            np.testing.assert_array_equal(run.theta[-1], run.theta[0])
    nowhere = descend(rule, lambda x, y: torch.full(x.shape, torch.nan), (1, 2), 5)
    assert nowhere.diverged_at == 0


def test_a_flat_function_stays_where_it_is():
    run = descend(optimizers.Adam, lambda x, y: torch.zeros_like(x), start=(1, 2), steps=5)
    np.testing.assert_array_equal(run.theta, np.tile([1.0, 2.0], (6, 1)))


def test_noise_is_seeded_shared_and_of_the_stated_size():
    noisy = partial(descend, optimizers.SGD, surfaces.sphere, start=(1, 1), steps=4000, lr=1e-9, noise=0.5)
    run, same, other = noisy(seed=1), noisy(seed=1), noisy(seed=2)
    np.testing.assert_array_equal(run.theta, same.theta)
    assert not np.array_equal(run.theta, other.theta)
    assert (run.grad - 2).std() == pytest.approx(0.5, rel=0.05)
    assert abs((run.grad - 2).mean()) < 0.02
    theirs = descend(torch.optim.SGD, surfaces.sphere, start=(1, 1), steps=4000, lr=1e-9, noise=0.5, seed=1)
    np.testing.assert_allclose(theirs.theta, run.theta, rtol=1e-13)


def test_noise_has_all_digits():
    still = descend(optimizers.SGD, surfaces.sphere, start=(0, 0), steps=3, lr=0.1, noise=1.0)
    noise = still.grad[0]
    assert (noise != noise.astype("float32")).all()


def test_noise_can_have_heavy_tails():
    flat = Problem(lambda w: 0 * w.sum(), (20000,), [np.zeros(20000)])
    noisy = partial(descend, optimizers.SGD, flat, steps=2, lr=1e-12, noise=0.5)
    # Quantiles of Student's t distribution from tables.
    for tails, quantiles in {1: (1.0, 3.078, 6.314), 3: (0.765, 1.638, 2.353), 2.5: (0.784, 1.720, 2.558)}.items():
        run = noisy(tails=tails, seed=4)
        assert run.tails == tails
        drawn = run.grad.ravel() / 0.5
        np.testing.assert_allclose(np.quantile(drawn, (0.75, 0.9, 0.95)), quantiles, rtol=0.05)
        np.testing.assert_allclose(np.quantile(drawn, (0.25, 0.1, 0.05)), -np.array(quantiles), rtol=0.05)
    assert np.abs(np.corrcoef(drawn[::2], drawn[1::2])[0, 1]) < 0.05
    np.testing.assert_array_equal(noisy(tails=3, seed=1).grad, noisy(tails=3, seed=1).grad)
    plane = descend(optimizers.SGD, surfaces.sphere, steps=3, noise=0.5, tails=3)
    assert "heavier tails" in plane.animate().recording["why"]


def test_a_seed_is_any_whole_number_that_torch_takes():
    once = partial(descend, optimizers.SGD, surfaces.sphere, steps=1, lr=0.1, noise=0.5)
    for seed in (-(2**63), np.int64(7), 2**64 - 1):
        assert np.isfinite(once(seed=seed).theta).all()
    for seed in (-(2**63) - 1, 2**64):
        with pytest.raises(ValueError, match="seed must be an int of at most 64 bits, got"):
            once(seed=seed)
    for seed in (True, 1.0):
        with pytest.raises(TypeError, match="seed must be an int, got"):
            once(seed=seed)


@pytest.mark.parametrize(
    "schedule",
    [
        partial(ExponentialLR, gamma=0.9),
        partial(StepLR, step_size=7, gamma=0.5),
        partial(CosineAnnealingLR, T_max=30),
        partial(OneCycleLR, max_lr=0.05, total_steps=40, cycle_momentum=False),
    ],
    ids=lambda s: s.func.__name__,
)
def test_schedules_are_torchs_own(schedule):
    ours = descend(optimizers.Adam, camel, steps=30, lr=0.02, schedule=schedule)
    theirs = descend(torch.optim.Adam, camel, steps=30, lr=0.02, schedule=schedule)
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-12)
    constant = descend(optimizers.Adam, camel, steps=30, lr=0.02)
    assert not np.allclose(ours.theta[-1], constant.theta[-1])


def test_a_schedule_drives_every_rate_of_a_batch():
    schedule = partial(ExponentialLR, gamma=0.8)
    batch = descend(optimizers.SGD, camel, lr=[0.01, 0.04], steps=20, schedule=schedule)
    for i, lr in enumerate([0.01, 0.04]):
        single = descend(optimizers.SGD, camel, lr=lr, steps=20, schedule=schedule)
        np.testing.assert_allclose(batch.theta[:, i], single.theta, rtol=1e-13)


def cycles(optimizer):
    """Whether there is a momentum, or a beta1, for a scheduler to cycle."""
    return bool({"momentum", "betas"} & set(optimizer.defaults))


SCHEDULERS = {
    "LambdaLR": partial(lr_scheduler.LambdaLR, lr_lambda=lambda t: 1 / (1 + t)),
    "MultiplicativeLR": partial(lr_scheduler.MultiplicativeLR, lr_lambda=lambda t: 0.9),
    "StepLR": partial(StepLR, step_size=2),
    "MultiStepLR": partial(lr_scheduler.MultiStepLR, milestones=[2, 5, 7]),
    "ConstantLR": partial(lr_scheduler.ConstantLR, factor=0.3, total_iters=4),
    "LinearLR": partial(lr_scheduler.LinearLR, start_factor=0.1, total_iters=8),
    "ExponentialLR": partial(ExponentialLR, gamma=0.9),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, 0.1, total_iters=4), ExponentialLR(o, 0.8)], milestones=[4]
    ),
    "CosineAnnealingLR": partial(CosineAnnealingLR, T_max=6, eta_min=1e-4),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o, 0.5, 3), ExponentialLR(o, 0.9)]
    ),
    "ReduceLROnPlateau": partial(lr_scheduler.ReduceLROnPlateau, patience=2, threshold=0.3),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 1e-3, 3e-2, 3, cycle_momentum=cycles(o)),
    "CosineAnnealingWarmRestarts": partial(lr_scheduler.CosineAnnealingWarmRestarts, T_0=3, T_mult=2),
    "OneCycleLR": lambda o: OneCycleLR(o, 5 * o.defaults["lr"], total_steps=40, cycle_momentum=cycles(o)),
    "PolynomialLR": partial(lr_scheduler.PolynomialLR, total_iters=10, power=2.0),
}


def by_hand(make, function, start, steps, schedule, **settings):
    """The iterates of an optimizer with a scheduler, stepped as any training loop does."""
    p = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    optimizer = make([p], **settings)
    scheduler = schedule(optimizer)

    def closure():
        optimizer.zero_grad()
        loss = function(*p.unbind())
        loss.backward()
        return loss

    thetas = [p.detach().clone()]
    for _ in range(steps):
        loss = function(*p.detach().unbind())
        optimizer.step(closure)
        scheduler.step(*([loss] if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau) else []))
        thetas.append(p.detach().clone())
    return torch.stack(thetas).numpy()


def test_no_scheduler_of_torch_is_missing():
    assert {*SCHEDULERS, "LRScheduler"} == set(lr_scheduler.__all__)


#: A rule of each kind: what there is to cycle, where it looks, what it remembers, whose it is.
KINDS = [getattr(optimizers, name) for name in ("Momentum", "Nesterov", "Rprop", "AdamW")]
KINDS += [Everything, torch.optim.Adam]


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("rule", KINDS, ids=lambda r: f"{r.__module__.split('.')[0]}.{r.__name__}")
def test_a_schedule_changes_all_that_it_changes_by_hand(rule, name):
    """To the last bit: both sides have their slopes from autograd."""
    hill = lambda x, y: camel(x, y)  # noqa: E731
    run = descend(rule, hill, start=(-1.8, 0.4), steps=20, lr=0.01, schedule=SCHEDULERS[name])
    np.testing.assert_array_equal(run.theta, by_hand(rule, hill, (-1.8, 0.4), 20, SCHEDULERS[name], lr=0.01))


def test_a_schedule_cycles_the_momentum():
    """By default these two do: the run is another one without."""
    start = surfaces.rosenbrock.start
    for rule, schedule in [
        (optimizers.Adam, partial(OneCycleLR, max_lr=0.1, total_steps=60)),
        (optimizers.Momentum, partial(lr_scheduler.CyclicLR, base_lr=1e-5, max_lr=1e-3, step_size_up=5)),
    ]:
        run = descend(rule, surfaces.rosenbrock, steps=50, schedule=schedule)
        expected = by_hand(rule, surfaces.rosenbrock, start, 50, schedule)
        np.testing.assert_allclose(run.theta, expected, rtol=1e-12)
        without = by_hand(rule, surfaces.rosenbrock, start, 50, partial(schedule, cycle_momentum=False))
        assert np.abs(without - expected).max() > 1e-3


def test_a_schedule_may_change_whatever_a_rule_has():
    class Fading:
        """Not one of torch's: a third less decay at every step, and one eps more."""

        def __init__(self, optimizer):
            self.groups = optimizer.param_groups

        def step(self):
            for group in self.groups:
                group["weight_decay"] *= 2 / 3
                group["eps"] += 1.0

    hill = lambda x, y: camel(x, y)  # noqa: E731
    run = descend(optimizers.AdamW, hill, start=(-1.8, 0.4), steps=9, lr=0.1, weight_decay=3.0, schedule=Fading)
    expected = by_hand(optimizers.AdamW, hill, (-1.8, 0.4), 9, Fading, lr=0.1, weight_decay=3.0)
    np.testing.assert_array_equal(run.theta, expected)


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("rule", [optimizers.Nesterov, Everything])
def test_a_schedule_drives_every_descent_of_a_batch_as_it_drives_it_alone(rule, name):
    starts, lrs = [(-1.8, 0.4), (0.3, -0.9), (1.1, 0.2)], [0.004, 0.02]
    # Axes: the momenta, the rates, the starts.
    share = np.reshape([0.9, 0.5], (2, 1, 1))
    axes, more = {"momentum": share}, {"momentum": 0.5}
    if rule is Everything:
        axes, more = {"betas": (share, 0.95)}, {"betas": (0.5, 0.95)}
    run = partial(descend, rule, camel, steps=20, schedule=SCHEDULERS[name])
    batch = run(start=starts, lr=np.reshape(lrs, (2, 1)), **axes)
    assert batch.theta.shape == (21, 2, 2, 3, 2)
    for i, lr in enumerate(lrs):
        for j, start in enumerate(starts):
            single = run(start=start, lr=lr, **more)
            np.testing.assert_allclose(batch.theta[:, 1, i, j], single.theta, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("ahead", [True, np.False_])
def test_a_switch_stays_a_switch(ahead):
    class Switched(optimizers.Optimizer):
        @staticmethod
        def update(theta, grad, t, v, *, lr=0.1, momentum=0.9, nesterov=False):
            assert nesterov == ahead and isinstance(nesterov, (bool, np.bool_))
            g = grad(theta)
            v = momentum * v + g
            return theta - lr * (g + momentum * v if nesterov else v), v

    decay = partial(ExponentialLR, gamma=0.9)
    respond(Switched, spikes, 3, nesterov=ahead)
    for schedule in (None, decay):
        run = descend(Switched, camel, (-1.8, 0.4), 9, lr=[0.01, 0.02], nesterov=ahead, schedule=schedule)
        same = descend(torch.optim.SGD, camel, (-1.8, 0.4), 9, lr=0.02, momentum=0.9, nesterov=bool(ahead),
                       schedule=schedule)  # fmt: skip
        np.testing.assert_allclose(run.theta[:, 1], same.theta, rtol=1e-12)
        swept = partial(sweep, partial(Switched, schedule=schedule), camel, (-1.8, 0.4), 9, lr=[0.01, 0.02])
        for found in (swept(nesterov=ahead), swept(nesterov=[ahead])):
            np.testing.assert_allclose(found.data.theta.squeeze()[1], same.theta[-1], rtol=1e-12)
        with pytest.raises(ValueError, match="nesterov cannot be an axis, for it is a switch"):
            swept(nesterov=[True, False])


def test_a_bad_schedule_is_refused_in_one_sentence():
    class Rateless(optimizers.Optimizer):
        @staticmethod
        def update(theta, grad, t, *, pull=0.1):
            return theta - pull * grad(theta)

    decay = partial(ExponentialLR, gamma=0.9)
    once = partial(OneCycleLR, max_lr=0.1, total_steps=9)
    for rule in (optimizers.SGD, torch.optim.SGD):
        for error, message, schedule in [
            (TypeError, "schedule must make a scheduler from an optimizer, got 3$", 3),
            (TypeError, "schedule must make a scheduler from an optimizer, got 0$", 0),
            (TypeError, "schedule must make a scheduler from an optimizer, got one that made None", lambda o: None),
            (TypeError, "schedule must make a scheduler from an optimizer, got one that made SGD", lambda o: o),
            (TypeError, "schedule cannot drive SGD: .*gamma", ExponentialLR),
        ]:
            with pytest.raises(error, match=message):
                descend(rule, surfaces.sphere, schedule=schedule)
    with pytest.raises(ValueError, match="schedule cannot drive SGD: .* momentum"):
        descend(optimizers.SGD, surfaces.sphere, schedule=once)
    with pytest.raises(TypeError, match="Rateless has no lr for a schedule to change"):
        descend(Rateless, surfaces.sphere, schedule=decay)
    assert descend(Rateless, surfaces.sphere, start=(1, 0), steps=1).theta[-1].tolist() == [0.8, 0]
    # A schedule that leaves the range of a hyperparameter, or ends too soon, is the schedule's own mistake.
    with pytest.raises(ValueError, match="Tried to step 10 times"):
        descend(optimizers.Adam, surfaces.sphere, steps=20, schedule=once)


def test_arrived_is_the_first_step_close_to_the_lowest_known_height():
    halving = descend(optimizers.SGD, surfaces.sphere, start=(0, 8), steps=10, lr=0.25)  # y: 8, 4, 2, 1, ...
    assert [halving.arrived(tol) for tol in (64, 63, 1, 0.99, 0)] == [0, 1, 3, 4, None]
    assert type(halving.arrived(1)) is int
    below_zero = descend(optimizers.SGD, surfaces.quadratic_1d, start=[(2,), (-1 / 3,), (1e6,)], steps=40, lr=0.05)
    found = below_zero.arrived(0.01)
    low = -1 / 3
    assert found[1] == 0 and found[2] == -1
    assert below_zero.loss[found[0], 0] <= low + 0.01 < below_zero.loss[found[0] - 1, 0]
    overshoot = descend(optimizers.SGD, surfaces.sphere, start=(0, 1), steps=5, lr=1.25)
    assert overshoot.arrived(1) == 0  # that it leaves again does not matter
    lost = descend(optimizers.SGD, surfaces.sphere, start=(1, 1), steps=100, lr=5.0)
    assert lost.diverged_at is not None and lost.arrived(1e-3) is None
    with pytest.raises(ValueError, match="saddle has no known minimum"):
        descend(optimizers.SGD, surfaces.saddle, start=(1, 1), steps=1).arrived(1)
    with pytest.raises(ValueError, match="has no known minimum"):
        descend(optimizers.SGD, lambda x, y: x + y, start=(1, 1), steps=1).arrived(1)
    for tol in (-1, float("nan")):
        with pytest.raises(ValueError, match="tol must be >= 0, got"):
            halving.arrived(tol)


def test_a_rule_has_its_colour_whoever_wrote_it():
    class Wanderer(torch.optim.SGD):
        pass

    class Lion(torch.optim.SGD):
        color = "#123456"

    for theirs in (torch.optim.Adam, torch.optim.SGD, torch.optim.RMSprop):
        run = descend(theirs, surfaces.sphere, start=(1, 1), steps=1, lr=0.1)
        assert run.color == getattr(optimizers, theirs.__name__).color
    assert len({getattr(optimizers, name).color for name in ("Adam", "SGD", "RMSprop")}) == 3
    assert descend(Wanderer, surfaces.sphere, start=(1, 1), steps=1, lr=0.1).color is None
    assert descend(Lion, surfaces.sphere, start=(1, 1), steps=1, lr=0.1).color == "#123456"


def test_takes_any_torch_optimizer():
    ours = descend(optimizers.Adam, camel, steps=50, lr=0.05)
    theirs = descend(torch.optim.Adam, camel, steps=50, lr=0.05)
    np.testing.assert_allclose(theirs.theta, ours.theta, rtol=1e-10)
    np.testing.assert_allclose(theirs.states["exp_avg"], ours.states["m"], rtol=1e-9, atol=1e-14)
    several = descend(torch.optim.LBFGS, camel, start=[(-1.8, 0.4), (0.3, -0.9)], steps=5, lr=0.5)
    single = descend(torch.optim.LBFGS, camel, start=(0.3, -0.9), steps=5, lr=0.5)
    np.testing.assert_allclose(several.theta[:, 1], single.theta, rtol=1e-12)
    factory = descend(lambda params: torch.optim.SGD(params, lr=0.1), surfaces.sphere, start=(1, 0), steps=1)
    np.testing.assert_allclose(factory.theta[-1], [0.8, 0])
    assert descend(partial(optimizers.SGD, lr=0.1), surfaces.sphere, steps=1).settings == {"lr": 0.1}


class Own(torch.optim.Optimizer):
    """Plain descent as people write it first: the gradient is where torch leaves it, and there is no closure."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p -= group["lr"] * p.grad


class OwnThatIgnoresTheClosure(Own):
    def step(self, closure=None):
        super().step()


class OwnByKeyword(Own):
    def step(self, *, closure):
        with torch.enable_grad():
            closure()
        super().step()


class OwnThatAsksTwice(Own):
    def step(self, closure=None):
        with torch.enable_grad():
            closure()
            closure()
        super().step()


class OwnThatClearsFirst(Own):
    def step(self, closure=None):
        self.zero_grad()
        closure()
        super().step()


@pytest.mark.parametrize(
    "own", [Own, OwnThatIgnoresTheClosure, OwnByKeyword, OwnThatAsksTwice, OwnThatClearsFirst], ids=lambda c: c.__name__
)
def test_ones_own_optimizer_as_people_write_it(own):
    schedule = partial(ExponentialLR, gamma=0.9)
    for more in ({}, {"noise": 0.3, "seed": 2}, {"schedule": schedule}):
        run = descend(own, camel, [(-1.8, 0.4), (0.3, -0.9)], 20, lr=0.02, **more)
        same = descend(torch.optim.SGD, camel, [(-1.8, 0.4), (0.3, -0.9)], 20, lr=0.02, **more)
        np.testing.assert_allclose(run.theta, same.theta, rtol=1e-12)
        np.testing.assert_allclose(run.grad, same.grad, rtol=1e-12)
    ends = race([own, optimizers.SGD], camel, steps=20, lr=0.02)
    np.testing.assert_allclose(ends[own.__name__].theta, ends["SGD"].theta, rtol=1e-12)
    np.testing.assert_allclose(sweep(own, camel, (-1.8, 0.4), 20, lr=0.02).data.theta.squeeze(), descend(
        optimizers.SGD, camel, (-1.8, 0.4), 20, lr=0.02).theta[-1], rtol=1e-12)  # fmt: skip


def test_an_optimizer_that_does_nothing_stays():
    class Idle(Own):
        def step(self, closure=None):
            pass

    run = descend(Idle, surfaces.sphere, (1, -2), 3)
    np.testing.assert_array_equal(run.theta, [(1, -2)] * 4)
    np.testing.assert_array_equal(run.grad, [(2, -4)] * 3)


def test_the_function_is_not_evaluated_more_often_than_an_optimizer_asks():
    """Once a step and once for the record; a search along the line as often as it does without us."""
    calls = []

    def counted(x, y):
        if x.requires_grad or y.requires_grad:
            calls.append((x.item(), y.item()))
        return camel(x, y)

    for make, count in [(torch.optim.Adam, 6), (Own, 6), (OwnThatAsksTwice, 12)]:
        calls.clear()
        descend(make, counted, (-1.8, 0.4), 6)
        assert len(calls) == count, make
    calls.clear()
    search = partial(torch.optim.LBFGS, line_search_fn="strong_wolfe")
    run = descend(search, counted, (-1.8, 0.4), 2)
    ours = calls.copy()
    calls.clear()
    p = torch.nn.Parameter(torch.tensor([-1.8, 0.4], dtype=torch.float64))
    optimizer = search([p])

    def closure():
        optimizer.zero_grad()
        loss = counted(*p.unbind())
        loss.backward()
        return loss

    for _ in range(2):
        optimizer.step(closure)
    assert ours == calls
    np.testing.assert_array_equal(run.theta[-1], p.detach().numpy())


def test_states_of_any_precision_are_recorded_as_floats():
    class Coarse(Own):
        def step(self):
            for p in self.param_groups[0]["params"]:
                for kind in (torch.bfloat16, torch.float16, torch.float32, torch.float64, torch.int64, torch.bool):
                    self.state[p][str(kind)] = (p.detach() + 0.75).to(kind)
            super().step()

    run = descend(Coarse, surfaces.sphere, [(1, 2), (3, 4)], 3)
    assert len(run.states) == 6
    for name, record in run.states.items():
        assert record.shape == (4, 2, 2) and record.dtype == np.float64, name
    np.testing.assert_array_equal(run.states["torch.bfloat16"][1], [(1.75, 2.75), (3.75, 4.75)])
    np.testing.assert_array_equal(run.states["torch.int64"][1], [(1, 2), (3, 4)])
    assert descend(Coarse, surfaces.sphere, (1, 2), 30, lr=1e3).diverged_at is not None


def test_an_optimizer_s_memory_is_only_looked_at():
    class Shy(Own):
        def step(self):
            p = self.param_groups[0]["params"][0]
            self.seen = [*getattr(self, "seen", []), p in self.state]
            super().step()

    made = []
    descend(lambda params: made.append(Shy(params)) or made[-1], surfaces.sphere, (1, 2), 3)
    assert made[0].seen == [False] * 3


def test_a_state_that_begins_late_is_left_out():
    class Late(torch.optim.SGD):
        def step(self, closure=None):
            loss = super().step(closure)
            for p in self.param_groups[0]["params"]:
                self.state[p]["twice"] = 2 * p.detach()
                if self.state[p].setdefault("count", 0) == 2:
                    self.state[p]["late"] = p.detach().clone()
                self.state[p]["count"] += 1
            return loss

    run = descend(Late, surfaces.sphere, start=(1, 1), steps=5, lr=0.1)
    assert list(run.states) == ["twice"]
    np.testing.assert_array_equal(run.states["twice"][1:], 2 * run.theta[1:])
    two = descend(Late, surfaces.sphere, start=[(0, 0), (1, 1)], xtol=1e-2, max_steps=9, lr=0.1)
    assert list(two.states) == ["twice"] and two.stopped_at[0] == 1


def forgets(theta, grad, t, v, *, lr=0.1):
    return theta - lr * grad(theta)


def forgets_one(theta, grad, t, v, m, *, lr=0.1):
    return theta - lr * grad(theta), v


def lists(theta, grad, t, v, *, lr=0.1):
    return [theta - lr * grad(theta), v]


def returns_nothing(theta, grad, t, *, lr=0.1):
    theta = theta - lr * grad(theta)


def returns_a_number(theta, grad, t, *, lr=0.1):
    return 1.0


def works_in_place(theta, grad, t, *, lr=0.1):
    theta.sub_(lr * grad(theta))
    return theta


def works_on_its_state(theta, grad, t, v, *, lr=0.1):
    v += grad(theta)
    return theta - lr * v, v


MISTAKES = {
    forgets: r"update must return a tuple \(theta, v\), got Tensor",
    forgets_one: r"update must return \(theta, v, m\), got 2 values",
    lists: r"update must return a tuple \(theta, v\), got list",
    returns_nothing: "update must return tensors, got NoneType for theta",
    returns_a_number: "update must return tensors, got float for theta",
    works_in_place: "update must not write to its arguments, but changed theta in place",
    works_on_its_state: "update must not write to its arguments, but changed v in place",
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("mixes", ["nothing", "tensor"])
def test_a_mistake_in_a_rule_is_told_by_the_name_of_the_rule(mistake, mixes):
    rule = type("Mine", (optimizers.Optimizer,), {"update": staticmethod(mistake), "mixes": mixes})
    for call in [
        lambda: descend(rule, surfaces.sphere, (1, 1), 3),
        lambda: descend(rule, surfaces.sphere, [(1, 1), (2, 2)], 3),
        lambda: descend(rule, surfaces.sphere, (1, 1), 3, lr=[0.1, 0.2]),
        lambda: race([rule], surfaces.sphere, (1, 1), 3),
        lambda: sweep(rule, surfaces.sphere, [(1, 1), (2, 2)], 3, lr=[0.1, 0.2]),
        lambda: respond(rule, spikes, 3),
    ]:
        with pytest.raises((TypeError, ValueError), match=f"^Mine.{MISTAKES[mistake]}"):
            call()


@pytest.mark.parametrize("kind", ["nothing", "tensor"])
def test_a_rule_may_leave_out_a_look(kind):
    class Sometimes(optimizers.Optimizer):
        mixes = kind

        @staticmethod
        def update(theta, grad, t, *, lr=0.1):
            return theta if t % 2 else theta - lr * grad(theta)

    for start in [(1, 2), [(1, 2), (3, 4)]]:
        run = descend(Sometimes, surfaces.sphere, start, 3)
        np.testing.assert_allclose(run.grad, 2 * run.theta[:-1])
        np.testing.assert_array_equal(run.theta[[0, 2]], run.theta[[1, 3]])
        np.testing.assert_allclose(sweep(Sometimes, surfaces.sphere, start, 3).data.theta.squeeze(), run.theta[-1])


def test_a_class_without_a_rule_is_refused():
    class Empty(optimizers.Optimizer):
        pass

    for cls in (optimizers.Optimizer, Empty):
        for call in (descend, sweep, lambda *a, **k: race([a[0]], *a[1:], **k)):
            with pytest.raises(TypeError, match=f"{cls.__name__} has no update of its own: .* define one"):
                call(cls, surfaces.sphere, steps=1)


def test_descents_and_races_pickle():
    run = descend(optimizers.Adam, surfaces.sphere, [(1, 1), (2, 1)], 5)
    same = pickle.loads(pickle.dumps(run))
    assert repr(same) == repr(run) and same.settings == run.settings and same.function == surfaces.sphere
    np.testing.assert_array_equal(same.theta, run.theta)
    np.testing.assert_array_equal(same.states["v"], run.states["v"])
    ran = race({"a": optimizers.SGD, "b": torch.optim.Adam}, surfaces.sphere, (1, 2), 5)
    twin = pickle.loads(pickle.dumps(ran))
    assert repr(twin) == repr(ran) and str(twin.table()) == str(ran.table())
    np.testing.assert_array_equal(twin["b"].theta, ran["b"].theta)


def test_a_start_beyond_all_bounds_has_diverged_before_the_first_step():
    run = descend(optimizers.SGD, surfaces.sphere, start=(1e6, 0), steps=3, lr=0.1)
    assert run.diverged_at == 0 and run.loss[0] == 1e12
    assert np.isnan(run.theta[1:]).all() and np.isnan(run.loss[1:]).all() and np.isnan(run.grad).all()


def test_an_argument_that_is_called_otherwise_elsewhere_is_named():
    sphere, bare = surfaces.sphere, lambda x, y: x**2 + y**2
    for wrong, right in [
        ({"starts": (1, 2)}, "start"),
        ({"seeds": 1}, "seed"),
        ({"step": 3}, "steps"),
        ({"tol": 1e-3}, "xtol"),
        ({"learning_rate": 0.1}, "lr"),
    ]:
        (name,) = wrong
        for optimizer in (optimizers.Adam, torch.optim.Adam):
            for call in (descend, lambda o, *a, **k: race([o], *a, **k)):
                for function in (sphere, bare):
                    with pytest.raises(TypeError, match=rf"Adam has no .* '{name}' \(did you mean {right}\?\)"):
                        call(optimizer, function, **wrong)
    with pytest.raises(TypeError, match=r"<lambda> has no .* 'starts' \(did you mean start\?\); it takes none"):
        descend(lambda p: torch.optim.SGD(p, 0.1), sphere, starts=(1, 2))


def test_bad_input_names_the_culprit():
    sphere, sgd = surfaces.sphere, optimizers.SGD
    for error, message, call in [
        (ValueError, r"lr must be > 0, got -0\.1", lambda: descend(sgd, sphere, lr=-0.1)),
        (ValueError, "lr must be > 0", lambda: descend(sgd, sphere, lr=[0.1, -0.1])),
        (
            ValueError,
            r"lr, betas must broadcast against the leading axes of start, \(2,\)",
            lambda: descend(optimizers.Adam, sphere, start=[(1, 2), (3, 4)], lr=[0.1, 0.2, 0.3]),
        ),
        (TypeError, "lr must be a number, got 'fast'", lambda: descend(sgd, sphere, lr="fast")),
        (TypeError, "SGD has no hyperparameter 'flavour'; it takes lr", lambda: descend(sgd, sphere, flavour=1)),
        (TypeError, "it takes lr, momentum$", lambda: descend(optimizers.Momentum, sphere, flavour=1)),
        (TypeError, "betas must be a tuple of 2 numbers", lambda: descend(optimizers.Adam, sphere, betas=0.9)),
        (TypeError, "optimizer must be an optimizer class", lambda: descend(3, sphere)),
        (ValueError, r"unknown optimizer 'adamm' \(did you mean", lambda: descend("adamm", sphere)),
        (ValueError, r"unknown surface 'spere' \(did you mean sphere\?\)", lambda: descend(sgd, "spere")),
        (TypeError, "function must be callable", lambda: descend(sgd, 3)),
        (ValueError, "steps must be >= 1, got 0", lambda: descend(sgd, sphere, steps=0)),
        (ValueError, "steps must be >= 1 and at most 9223372036854775807", lambda: descend(sgd, sphere, steps=2**63)),
        (TypeError, r"steps must be an int, got 2\.5", lambda: descend(sgd, sphere, steps=2.5)),
        (ValueError, "steps and xtol cannot both be given", lambda: descend(sgd, sphere, steps=2, xtol=1e-3)),
        (ValueError, "max_steps needs xtol", lambda: descend(sgd, sphere, max_steps=2)),
        (ValueError, "^max_steps must be", lambda: descend(sgd, sphere, xtol=0.1, max_steps=-1)),
        (ValueError, "xtol must be > 0, got -1", lambda: descend(sgd, sphere, xtol=-1)),
        (ValueError, "noise must be >= 0, got -1", lambda: descend(sgd, sphere, noise=-1)),
        (ValueError, "tails must be > 0, got 0", lambda: descend(sgd, sphere, noise=1, tails=0)),
        (ValueError, "noise is 0: give noise > 0, or leave out tails=3", lambda: descend(sgd, sphere, tails=3)),
        (ValueError, "start must have 2 coordinates", lambda: descend(sgd, sphere, start=(1, 2, 3))),
        (ValueError, "start must be finite", lambda: descend(sgd, sphere, start=(1, float("nan")))),
        (ValueError, "start must not be empty", lambda: descend(sgd, sphere, start=np.zeros((0, 2)))),
        (TypeError, "start must be an array of numbers", lambda: descend(sgd, sphere, start="here")),
        (ValueError, "start must be given", lambda: descend(sgd, lambda x: x**2)),
        (TypeError, "function must return a tensor", lambda: descend(sgd, lambda x: 3.0, start=1)),
        (ValueError, "one height per point", lambda: descend(sgd, lambda x: x.sum(), start=[[1], [2]])),
        (TypeError, "must make a torch.optim.Optimizer, got list", lambda: descend(lambda p: p, sphere)),
    ]:  # fmt: skip
        with pytest.raises(error, match=rf"(?<!\w){message}"):
            call()


# Document E has all of its small numbers inside the root, except Adam's.
FIVE_OF_DOCUMENT_E = {
    "Nesterov": partial(optimizers.SimplifiedNesterov, lr=0.01, momentum=0.9),
    "RMSprop": partial(optimizers.RMSprop, lr=0.25, alpha=0.9, eps=0.0, eps_root=1e-6),
    "Adadelta": partial(optimizers.Adadelta, lr=100.0, rho=0.95, eps=1e-6),
    "Adagrad": partial(optimizers.Adagrad, lr=1.0, eps=0.0, initial_accumulator_value=1e-6),
    "Adam": partial(optimizers.Adam, lr=0.25, eps=1e-8),
}


def ends_of_document_e(surface):
    """Where the five methods stand after 125 steps from (-2.8, -2.5)."""
    return {name: descend(rule, surface, steps=125).theta[-1] for name, rule in FIVE_OF_DOCUMENT_E.items()}


def test_document_e_a_bad_start_leaves_nobody_a_chance():
    for name, end in ends_of_document_e(surfaces.two_minima).items():
        assert np.hypot(*(end - -2.5)) < 0.5, name


def test_document_e_only_adam_gets_through_the_canyon():
    ends = ends_of_document_e(surfaces.hills_and_canyon)
    np.testing.assert_allclose(ends.pop("Adam"), (-0.04, 0.08), atol=0.01)
    for name, end in ends.items():
        assert np.hypot(*end) > 2, name


def test_document_e_on_the_plateau_only_those_that_divide_by_the_slope_arrive():
    ends = ends_of_document_e(surfaces.giant_plateau)
    assert np.hypot(*(ends["Nesterov"] - (-2.8, -2.5))) < 1e-3
    assert np.hypot(*ends["Adam"]) < 0.01
    assert np.hypot(*ends["Adagrad"]) < 0.01


def test_one_coordinate_alone_may_diverge_and_of_one_descent_alone():
    run = descend(optimizers.SGD, lambda x, y: 0 * y - 1e-9 * x, (0, 1), 3, lr=np.array([1.0, 1e20]))
    assert run.diverged_at.tolist() == [-1, 1] and np.abs(run.loss[1]).max() < 1e3
