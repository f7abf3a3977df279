"""What holds for every rule that steps matrices, and where it is refused."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import re

import numpy as np
import pytest
import torch
from shared import assert_same, make_closure, parameters
from torch.optim.lr_scheduler import ExponentialLR

import optguide as og
from optguide import programs
from optguide.language import NotationError, trace
from optguide.language.matrices import inverse_root, row_identity, row_mean, row_zeros, rows, transpose
from optguide.language.vocabulary import FUNCTIONS


class Halved(og.Optimizer):
    """Half of Shampoo: a rule with states of three shapes, one of which begins at a hyperparameter."""

    mixes = "matrix"
    init = {"L": row_identity, "r": row_zeros}

    @staticmethod
    def update(theta, grad, t, L, r, m, *, lr=1e-2, eps=0.5):
        g = grad(theta)
        L = L + g @ transpose(g)
        r = r + row_mean(g**2) / rows(g)
        m = 0.5 * m + inverse_root(L, 2) @ g
        theta = theta - lr * m / (1 + r)
        return theta, L, r, m


LISTED = [getattr(og, name) for name in og.optimizers.__all__ if getattr(og, name).rule.matrix]
RULES = [Halved, *LISTED]
every = pytest.mark.parametrize("rule", RULES, ids=lambda cls: cls.__name__)
PROBLEM = og.problems.matrix_quadratic(4, 3)


def test_those_that_step_matrices_are_not_among_those_that_a_landscape_shows():
    listed, shown = og.optimizers.__all__, og.optimizers.on_landscapes
    assert [name for name in listed if name not in shown] == [rule.__name__ for rule in LISTED]
    assert list(og.study.traits([og.SGD, og.Adam]).scaled) == ["SGD", "Adam"]


@pytest.mark.parametrize("name", og.optimizers.__all__)
def test_a_rule_says_that_it_steps_matrices_if_it_uses_a_word_for_them(name):
    """Means of rows and columns are no such words: a vector has them, too."""
    words = {"matmul", "transpose", "rows", "columns", "orthogonalize", "inverse_root", "eigenbasis"}
    assert words <= FUNCTIONS.keys()
    used = {line.function for line in trace(getattr(og, name).update).lines}
    assert getattr(og, name).rule.matrix is bool(used & words)


# --- Where it is refused


@every
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4), (8, 3, 3, 3)], ids=str)
def test_a_parameter_of_another_shape_is_refused_by_its_number(rule, shape):
    params = parameters((4, 3), (2, 2), shape)
    message = f"{rule.__name__} steps matrices: parameter 2 has the shape {shape}; give it to another optimizer"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        rule(params)
    optimizer = rule([{"params": params[:1]}, {"params": params[1:2]}])
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        optimizer.add_param_group({"params": params[2:]})
    assert len(optimizer.param_groups) == 2


@every
def test_complex_matrices_are_refused(rule):
    with pytest.raises(ValueError, match=r"steps matrices: complex parameter 0 has the shape \(4, 3\)"):
        rule(parameters((4, 3), dtype=torch.complex128))


@every
@pytest.mark.parametrize(
    "use",
    [
        lambda rule: og.descend(rule, og.surfaces.rosenbrock, steps=3),
        lambda rule: og.descend(rule, og.surfaces.rosenbrock, [(1, 1), (2, 2)], 3),
        lambda rule: og.race([og.SGD, rule], og.surfaces.rosenbrock, steps=3),
        lambda rule: og.sweep([og.SGD, rule], og.surfaces.rosenbrock, [(1, 1), (2, 2)], 3, lr=[0.1, 0.2]),
        lambda rule: og.respond(rule, og.signals.spikes),
        lambda rule: og.study.traits(rule),
        lambda rule: og.study.rates(rule, lrs=[0.1, 0.2], starts=2, steps=2),
        lambda rule: og.study.basins(rule),
        lambda rule: og.report(rule),
        lambda rule: og.descend(og.Lookahead(rule), og.surfaces.rosenbrock, steps=3),
    ],
    ids="descend batch race sweep respond traits rates basins report wrapped".split(),
)
def test_a_landscape_is_refused_with_the_reason(rule, use):
    with pytest.raises(ValueError, match=r"steps matrices, and a point here has the shape \(.*matrix_quadratic"):
        use(rule)


@every
def test_a_wrapper_that_takes_all_parameters_as_one_vector_refuses_it(rule):
    with pytest.raises(
        TypeError, match=f"^SAM steps all parameters as one vector, and {rule.__name__} steps matrices$"
    ):
        og.SAM(rule)


# --- What works


@every
def test_many_descents_are_each_as_if_alone(rule):
    starts = np.random.default_rng(0).normal(size=(5, 4, 3))
    lrs = np.array([0.01, 0.03])
    # Beside a small eps SOAP's second step divides rounding by rounding: along its bases the gradient is diagonal.
    eps = {"eps": 0.1} if "eps" in rule.hyperparameters else {}
    together = og.descend(rule, PROBLEM, starts, 12, lr=lrs[:, None], **eps)
    swept = og.sweep(rule, PROBLEM, starts, 12, lr=lrs, **eps)
    for i, lr in enumerate(lrs):
        for j, start in enumerate(starts):
            alone = og.descend(rule, PROBLEM, start, 12, lr=lr, **eps)
            np.testing.assert_allclose(together.theta[:, i, j], alone.theta, rtol=1e-8, atol=1e-10)
            found = swept.data.loss.sel(lr=lr).isel(start=j).item()
            assert found == pytest.approx(alone.loss[-1], rel=1e-7)
    assert together.loss[-1].mean() < together.loss[0].mean()


@every
def test_a_descent_that_blows_up_is_a_result(rule):
    run = og.descend(rule, PROBLEM, steps=40, lr=1e12)
    assert run.diverged_at is not None
    together = og.descend(rule, PROBLEM, np.stack([PROBLEM.start, PROBLEM.start + 1]), 40, lr=[1e12, 1e-2])
    assert together.diverged_at[0] >= 0 and together.diverged_at[1] == -1 and np.isfinite(together.loss[:, 1]).all()
    with np.errstate(all="ignore"):
        start = np.full((4, 3), np.finfo(float).max / 1e10)
    assert og.descend(rule, PROBLEM, start, 3).diverged_at is not None


@every
def test_descents_and_optimizers_pickle(rule):
    run = pickle.loads(pickle.dumps(og.descend(rule, PROBLEM, steps=2)))
    assert run.rule.matrix and run.rule.initial(torch.ones(4, 3), run.rule.defaults)
    params = parameters((4, 3))
    optimizer = rule(params)
    optimizer.step(make_closure(params))
    (twin,), other = pickle.loads(pickle.dumps((params, optimizer)))
    optimizer.step(make_closure(params))
    other.step(make_closure([twin]))
    assert_same(params, [twin])


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_matrices_of_every_form_are_stepped_saved_and_resumed(rule, dtype):
    params = parameters((4, 3), (3, 4), (2, 2), (1, 3), (3, 1), (1, 1), dtype=dtype)
    closure = make_closure(params)
    away = lambda: sum((p.detach().double() - 0.3).square().sum() for p in params)  # noqa: E731
    before = away()
    optimizer = rule(params, lr=0.05)
    for _ in range(10):
        optimizer.step(closure)
    assert away() < before
    for p in params:
        assert set(optimizer.state[p]) == {"step", *rule.state_names}
        kept = torch.float32 if dtype == torch.bfloat16 else dtype
        assert all(optimizer.state[p][name].dtype == kept for name in rule.state_names)
    copies = copy.deepcopy(params)
    resumed = rule(copies, lr=0.5)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for _ in range(3):
        optimizer.step(closure)
        resumed.step(make_closure(copies))
    assert_same(params, copies)


@every
def test_update_is_pure(rule):
    theta, g = (torch.rand(4, 3, dtype=torch.float64) + 0.1 for _ in range(2))
    states = rule.rule.initial(theta, rule.rule.defaults)
    before = [tensor.clone() for tensor in (theta, g, *states)]
    result = rule.update(theta, lambda point: g, 1, *states)
    assert_same([theta, g, *states], before)
    result = result if isinstance(result, tuple) else (result,)
    assert [x.shape for x in result] == [x.shape for x in (theta, *states)]


@every
def test_a_wrapper_of_one_tensor_takes_it(rule):
    wrapped = og.Lookahead(rule)
    assert wrapped.rule.matrix
    run = og.descend(wrapped, PROBLEM, steps=12, lr=1e-2)
    assert run.loss[-1] < run.loss[0]
    with pytest.raises(ValueError, match="steps matrices: parameter 0"):
        wrapped(parameters((3,)))


@pytest.mark.parametrize("rule", LISTED, ids=lambda cls: cls.__name__)
def test_a_page_does_not_step_it(rule):
    assert rule.__name__ not in programs.catalogue()["rules"]
    with pytest.raises(NotationError, match=f"{rule.__name__} does more than step each coordinate by its gradient"):
        programs.rule_data(rule.rule)
    assert "why" in og.race([rule], PROBLEM, steps=3).animate().recording


def test_a_start_may_take_hyperparameters():
    params = parameters((3, 2))
    optimizer = Halved([{"params": params, "eps": 0.25}], eps=9.0)
    params[0].grad = torch.zeros(3, 2, dtype=torch.float64)
    optimizer.step()
    assert torch.equal(optimizer.state[params[0]]["L"], 0.25 * torch.eye(3, dtype=torch.float64))
    assert "eps" in inspect.signature(row_identity).parameters
    spread = og.descend(Halved, PROBLEM, np.stack([PROBLEM.start] * 2), 3, eps=[0.1, 2.0])
    assert not np.allclose(spread.theta[-1, 0], spread.theta[-1, 1])


def test_a_start_that_takes_what_is_no_hyperparameter_is_refused():
    def wrong(theta, other):
        return theta

    with pytest.raises(TypeError, match="Odd.init: 'm' takes 'other', which is no hyperparameter"):
        type("Odd", (og.Optimizer,), {"update": Halved.update, "mixes": "matrix", "init": {"m": wrong}})


def test_a_switch_says_that_it_is_one():
    (row,) = (row for row in og.pseudocode(og.Muon).hyperparameters.rows if row[1] == "`nesterov`")
    assert row[3:] == ("True or False", "average with the newest gradient once more")
    assert "Average with the newest gradient once more; must be True or False." in og.Muon.__doc__
    with pytest.raises(TypeError, match="nesterov must be True or False, got 1"):
        og.Muon(parameters((2, 2)), nesterov=1)


# --- In training: a network whose parameters are matrices, and what PyTorch puts around an optimizer


def network(dtype=torch.float64):
    torch.manual_seed(0)
    linear = functools.partial(torch.nn.Linear, bias=False, dtype=dtype)
    net = torch.nn.Sequential(linear(3, 4), torch.nn.Tanh(), linear(4, 2))
    return net, torch.randn(8, 3, dtype=dtype), torch.randn(8, 2, dtype=dtype)


def learn(net, inputs, targets, scale=lambda loss: loss):
    net.zero_grad()
    scale(torch.nn.functional.mse_loss(net(inputs), targets)).backward()


@every
def test_a_gradient_scaler_changes_nothing_but_skips_a_step_that_overflowed(rule):
    net, inputs, targets = network(torch.float32)
    other = copy.deepcopy(net)
    optimizer, reference = rule(net.parameters(), lr=1e-2), rule(other.parameters(), lr=1e-2)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, growth_interval=100)  # powers of two lose no bit
    for step in range(5):
        learn(net, inputs, targets, scaler.scale)
        if step == 2:
            net[0].weight.grad[0, 0] = torch.inf
        scaler.step(optimizer)
        scaler.update()
        if step != 2:
            learn(other, inputs, targets)
            reference.step()
        assert_same(net.parameters(), other.parameters())
    assert all(optimizer.state[p]["step"] == 4 for p in net.parameters())


@every
def test_clipped_gradients_are_what_the_rule_sees(rule):
    net, inputs, targets = network()
    other = copy.deepcopy(net)
    optimizer, reference = rule(net.parameters(), lr=1e-2), rule(other.parameters(), lr=1e-2)
    for _ in range(4):
        learn(net, inputs, targets)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1e-2)
        optimizer.step()
        learn(other, inputs, targets)
        length = torch.cat([p.grad.ravel() for p in other.parameters()]).norm()
        assert length > 1e-2
        for p in other.parameters():
            p.grad *= 1e-2 / (length + 1e-6)
        reference.step()
    assert_same(net.parameters(), other.parameters(), rtol=1e-9, atol=1e-12)


@every
def test_a_compiled_step_equals_an_eager_one(rule):
    torch._dynamo.reset()
    net, inputs, targets = network()
    other = copy.deepcopy(net)
    optimizer, reference = rule(net.parameters(), lr=1e-2), rule(other.parameters(), lr=1e-2)
    step = torch.compile(optimizer.step, backend="eager")
    for _ in range(3):
        learn(net, inputs, targets)
        learn(other, inputs, targets)
        step()
        reference.step()
    assert_same(net.parameters(), other.parameters(), rtol=1e-10, atol=1e-12)


@every
def test_a_scheduler_sets_the_learning_rate_of_the_next_step(rule):
    run = og.descend(rule, PROBLEM, steps=4, lr=0.2, schedule=functools.partial(ExponentialLR, gamma=0.5))
    p = torch.nn.Parameter(torch.from_numpy(PROBLEM.start.copy()))
    optimizer = rule([p], lr=0.2)
    for step in range(4):
        optimizer.param_groups[0]["lr"] = 0.2 * 0.5**step
        p.grad = PROBLEM.slope(p.detach())[1]
        optimizer.step()
    torch.testing.assert_close(p.detach(), torch.from_numpy(run.theta[-1]), rtol=1e-9, atol=1e-11)
