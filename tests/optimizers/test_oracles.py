"""Every rule equals independent implementations of it, step by step, where every term of it matters."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import torch
from oracles import CASES, HEAVY, ORACLES, in_double, package
from torch.optim.lr_scheduler import LinearLR, OneCycleLR

import optguide as og
from optguide import optimizers

#: Enough for every switch and bound of the rules, and few enough for oracles that look back at every step.
STEPS = 40


def network():
    """Linear, tanh, linear on fixed data; the slopes of its parameters differ by orders of magnitude."""
    generator = torch.Generator().manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    inputs = torch.randn(16, 3, generator=generator, dtype=torch.float64) * torch.tensor([0.01, 1.0, 3.0])
    targets = torch.randn(16, 2, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=torch.float64))
    return list(net.parameters()), lambda step: ((net(inputs) - targets) ** 2).mean()


def noise(*shape):
    """Slopes of very different size that depend on where we stand, change sign, and are zero at times."""

    def problem():
        generator = torch.Generator().manual_seed(1)
        p = torch.nn.Parameter(torch.randn(shape, generator=generator, dtype=torch.float64))
        size = torch.logspace(-1, 1.5, p.numel(), dtype=torch.float64).reshape(shape)
        drawn = torch.randn((STEPS, *shape), generator=generator, dtype=torch.float64)
        flat = torch.rand(drawn.shape, generator=generator) < 0.1

        def loss(step):
            slope = size * (0.2 * p.detach() + 0.5 * drawn[step] + math.sin(step / 9))
            return (torch.where(flat[step], 0.0, slope) * p).sum()

        return [p], loss

    return problem


def matrices():
    """The weights of a network without biases: a tall matrix and a wide one."""
    params, loss = network()
    return [p for p in params if p.dim() == 2], loss


PROBLEMS = {
    "network": network,
    "noisy number": noise(),
    "noisy matrix": noise(4, 3),
}
#: For rules that step matrices.
OF_MATRICES = {
    "weights of a network": matrices,
    "noisy matrix": noise(4, 3),
    "noisy wide matrix": noise(3, 4),
}


#: Where rows of the first gradient depend on each other, some of its eigenvectors are arbitrary, and SOAP's path with
#: them: two ways to compute them are compared where they do not.
OF_FULL_RANK = {"noisy matrix": noise(4, 3), "noisy wide matrix": noise(3, 4), "noisy square matrix": noise(3, 3)}


def coupled():
    """A matrix whose entries bend each other, some of them upward and some downward, under slopes that change."""
    (p,), slopes = noise(3, 4)()
    size = torch.linspace(-1, 2, p.numel(), dtype=torch.float64).reshape(p.shape)
    return [p], lambda step: slopes(step) / 5 + (size * p**2 / 2 + p**4 / 8).sum() + (p.sin().sum() ** 2) / 9


#: For rules that look at the Hessian.
OF_CURVATURE = {"network": network, "coupled matrix": coupled}


def problems_of(rule):
    if getattr(optimizers, rule).rule.is_curved:
        return OF_CURVATURE
    if rule == "SOAP":
        return OF_FULL_RANK
    return OF_MATRICES if getattr(optimizers, rule).rule.matrix else PROBLEMS


#: A network is several tensors, stepped one by one, and takes the longest: one setting of an implementation does.
FIRST = {(case.rule, case.implementation): case for case in reversed(CASES)}.values()
COMPARISONS = [
    (case, problem) for case in CASES for problem in problems_of(case.rule) if "network" not in problem or case in FIRST
]


def iterates(make, settings, problem, steps=STEPS, curved=False):
    """All parameters after every step, as one array (steps, number of coordinates).

    For rules that look at the Hessian the gradients have a graph, and the seed of what is drawn is the step.
    """
    params, loss = problem()
    optimizer = make(params, settings)

    path = []
    for step in range(steps):

        def closure(step=step):
            for p in params:
                p.grad = None
            value = loss(step)
            if curved:
                torch.manual_seed(step)
                for p, slope in zip(params, torch.autograd.grad(value, params, create_graph=True), strict=True):
                    p.grad = slope
            else:
                value.backward()
            return value

        optimizer.step(closure)
        path.append(torch.cat([p.detach().flatten() for p in params]))
    return torch.stack(path)


@functools.cache
def our_iterates(rule, settings, problem):
    make, curved = getattr(optimizers, rule), getattr(optimizers, rule).rule.is_curved
    return iterates(lambda p, _: make(p, **dict(settings)), {}, problems_of(rule)[problem], curved=curved)


def difference(ours, theirs):
    """Largest difference between two paths: relative where a coordinate is larger than 1, else absolute."""
    return ((ours - theirs).abs() / ours.abs().clamp(min=1)).max().item()


def settings_id(case):
    return ",".join(f"{value}" for value in case.settings.values())


@pytest.mark.parametrize(
    ("case", "problem"), COMPARISONS, ids=[f"{c.rule}-{c.implementation}-{settings_id(c)}-{p}" for c, p in COMPARISONS]
)
def test_rule_equals_oracle(case, problem):
    ours = our_iterates(case.rule, tuple(case.settings.items()), problem)
    curved = getattr(optimizers, case.rule).rule.is_curved
    theirs = iterates(case.make, case.settings, problems_of(case.rule)[problem], curved=curved)
    assert difference(ours, theirs) <= case.tolerance
    assert difference(ours[:1], ours[-1:]) > 1e-3, "the problem must move, or the comparison says nothing"


def test_every_rule_has_an_oracle():
    assert set(ORACLES) == set(optimizers.__all__)
    assert all(ORACLES.values())


@pytest.mark.parametrize("settings", HEAVY, ids=str)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_simplified_nesterov_walks_through_the_look_ahead_points(problem, settings):
    params, loss = PROBLEMS[problem]()
    optimizer = optimizers.Nesterov(params, **settings)
    looked_at = []

    for step in range(STEPS):

        def closure(step=step):
            looked_at.append(torch.cat([p.detach().flatten() for p in params]))
            optimizer.zero_grad()
            value = loss(step)
            value.backward()
            return value

        optimizer.step(closure)
    velocity = torch.cat([optimizer.state[p]["v"].flatten() for p in params])
    position = torch.cat([p.detach().flatten() for p in params])
    looked_at.append(position - settings["momentum"] * velocity)
    simplified = our_iterates("SimplifiedNesterov", tuple(settings.items()), problem)
    assert difference(simplified, torch.stack(looked_at[1:])) <= 1e-12


@pytest.mark.parametrize(
    ("rule", "share", "looks"),
    [("AveragedNesterov", 2 / 3, 3), ("WeightedNesterov", 6 / 7, 3), ("SmoothedNesterov", 5 / 8, 4)],
)
def test_look_aheads_meet_nesterov_where_the_slope_is_straight(rule, share, looks):
    """On a quadratic a weighted mean of slopes is the slope at the weighted mean: a shorter look-ahead."""
    rule = getattr(optimizers, rule)
    run = og.descend(rule, og.surfaces.sphere, start=(1, -2), steps=50, lr=0.05, momentum=0.8)
    looked = run.theta[:-1] - 0.8 * share * run.states["v"][:-1]
    np.testing.assert_allclose(run.states["v"][1:], 0.8 * run.states["v"][:-1] + 0.05 * 2 * looked, atol=1e-14)
    assert og.card(rule).gradients_per_step == looks


@pytest.mark.parametrize(
    "schedule",
    [
        functools.partial(LinearLR, start_factor=0.1, total_iters=20),
        functools.partial(OneCycleLR, max_lr=0.5, total_steps=60, cycle_momentum=False),
    ],
)
def test_a_state_that_starts_from_lr_starts_from_the_scheduled_one(schedule):
    ours = og.descend(og.Rprop, og.surfaces.six_hump_camel, steps=50, lr=0.05, schedule=schedule)
    theirs = og.descend(torch.optim.Rprop, og.surfaces.six_hump_camel, steps=50, lr=0.05, schedule=schedule)
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-12)


def test_radam_takes_any_beta2():
    """At 0.6 and below the scale never rests on enough slopes: plain momentum, and no division by zero."""
    for beta2 in (1 / 3, 0.5, 0.6):
        ours = og.descend(og.RAdam, og.surfaces.six_hump_camel, steps=30, lr=0.02, betas=(0.9, beta2))
        theirs = og.descend(torch.optim.RAdam, og.surfaces.six_hump_camel, steps=30, lr=0.02, betas=(0.9, beta2))
        np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-12)


# Three rules are published in no package under their name. Four steps of each, worked out with 40 decimals from the
# formula, for these slopes at lr 0.1, betas (0.5, 0.75), eps 0.01, from theta = 1.
SLOPES = (1.0, -2.0, 4.0, 0.5)
LITERAL = [
    ("AdaBeliefD", {}, (0.908845036096334873, 0.981674435753890188, 0.889108011496622948, 0.815642913337963702)),
    ("AdaDerivative", {}, (0.951447066894963123, 0.982974966824199329, 0.945553304292362142, 0.919381363881720768)),
    # The four ratios of AdaBeliefD, 0.912, -0.728, 0.926 and 0.735: the first is kept, the others are clipped.
    (
        "AdaBC",
        {"bounds": (0.8, 0.92)},
        (0.908845036096334873, 0.988845036096334873, 0.896845036096334873, 0.816845036096334873),
    ),
]


@pytest.mark.parametrize(("name", "settings", "numbers"), LITERAL)
def test_numbers_worked_out_by_hand(name, settings, numbers):
    p = torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
    optimizer = getattr(optimizers, name)([p], lr=0.1, betas=(0.5, 0.75), eps=0.01, **settings)
    for slope, number in zip(SLOPES, numbers, strict=True):
        p.grad = torch.tensor(slope, dtype=torch.float64)
        optimizer.step()
        assert p.item() == pytest.approx(number, abs=1e-15)


def test_one_coordinate_that_agrees_among_very_many_moves_a_thousand_times_as_far():
    """And not two thousand times: the share by which Cautious AdamW divides is at least 0.001."""
    steps = {}
    for rule in (optimizers.AdamW, optimizers.CautiousAdamW):
        p = torch.nn.Parameter(torch.zeros(2000, dtype=torch.float64))
        optimizer = rule([p], lr=0.01, weight_decay=0)
        for sign in (1, 1, 1, -1):
            before = p.detach().clone()
            p.grad = torch.full_like(p, sign)
            p.grad[0] = 1
            optimizer.step()
        steps[rule] = (p.detach() - before)[0]
    torch.testing.assert_close(steps[optimizers.CautiousAdamW], 1000 * steps[optimizers.AdamW], rtol=1e-12, atol=0)


def test_a_tensor_of_zeros_takes_adams_step_and_one_without_a_gradient_stays():
    """Its length is no measure of a step, and the ratio would be 0 or NaN; optax does the same."""
    for gradient, expected in ((1.0, -0.01), (0.0, 0.0)):
        p = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
        p.grad = torch.full_like(p, gradient)
        optimizers.LAMB([p], lr=0.01, eps=1e-12).step()
        torch.testing.assert_close(p.detach(), torch.full_like(p.detach(), expected))


@pytest.mark.parametrize("t0", [0, 1, 2.5, 20, 1e6])
def test_the_average_of_asgd_is_that_of_torch(t0):
    """Which torch keeps in its state, and ours answers with."""
    settings = {"lr": 0.05, "lambd": 0.3, "alpha": 0.6, "t0": t0}
    p = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    q = torch.nn.Parameter(p.detach().clone())
    ours, theirs = optimizers.ASGD([p], **settings), in_double(package("torch.optim.ASGD"))([q], settings)
    for step in range(STEPS):
        for x, optimizer in ((p, ours), (q, theirs)):
            x.grad = x.detach() + math.sin(step)
            optimizer.step()
        torch.testing.assert_close(ours.state[p]["ax"], theirs.state[q]["ax"], rtol=1e-12, atol=1e-14)
    ours.eval()
    torch.testing.assert_close(p.detach(), theirs.state[q]["ax"], rtol=1e-12, atol=1e-14)


def test_a_gradient_of_zero_leaves_the_rules_without_a_learning_rate_where_they_are():
    for rule in (og.PolyakStep, og.DoG, og.DoWG, og.Prodigy, og.DAdaptAdam, og.BarzilaiBorwein):
        run = og.descend(rule, og.surfaces.sphere.replace(), start=(0.0, 0.0), steps=5)
        assert run.diverged_at is None and (run.theta == 0).all(), rule.__name__


def test_barzilai_borwein_takes_its_first_step_size_where_the_curvature_is_not_positive():
    """On a hill every step meets a negative curvature, which would lead back up to the top."""
    run = og.descend(og.BarzilaiBorwein, lambda x: -(x**2) / 2, start=(1.0,), steps=5, lr=0.1)
    np.testing.assert_allclose(run.theta[:, 0], 1.1 ** np.arange(6), rtol=1e-14)


def test_the_bound_of_a_polyak_step_is_one_of_its_size():
    run = og.descend(og.PolyakStep, lambda x: x**4, start=(1.0,), steps=1, eta_max=0.01)
    np.testing.assert_allclose(run.theta[-1], 1 - 0.01 * 4, rtol=1e-15)
