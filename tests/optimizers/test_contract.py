"""What every optimizer of the list promises as a `torch.optim.Optimizer`, whatever its rule."""

from __future__ import annotations

import copy
import inspect
import io
import itertools
import math
import pickle
import re

import numpy as np
import pytest
import torch
from shared import ALL, FEW, HERE, answers, assert_same, at, each, every_kind, every_rule, make_closure, parameters
from torch._dynamo.testing import CompileCounterWithBackend
from torch.optim import lr_scheduler

from optguide import optimizers
from optguide.language import card
from optguide.optimizers import Adam, Nesterov, Optimizer

SHAPES = [(), (5,), (3, 4), (2, 1, 3, 2)]
LOOKS = {cls: card(cls).gradients_per_step for cls in ALL}


def walk(optimizer, closure, steps):
    for _ in range(steps):
        optimizer.step(closure)


def make_rule(update, name="Wrong", **facts):
    return type(name, (Optimizer,), {"update": staticmethod(update), **facts})


# --- The rule itself


@every_rule
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_update_is_pure_and_keeps_shape_and_dtype(cls, shape, dtype):
    theta, g = (torch.rand(shape, dtype=dtype) + 0.1 for _ in range(2))
    state = [torch.rand_like(start) + 0.1 for start in cls.rule.initial(theta, cls.hyperparameters)]
    before = [tensor.clone() for tensor in (theta, g, *state)]
    result = cls.update(theta, *answers(cls, lambda point: g), 3, *state)
    result = result if isinstance(result, tuple) else (result,)
    assert_same([theta, g, *state], before)
    assert [tensor.shape for tensor in result] == [shape, *(tensor.shape for tensor in state)]
    assert all(tensor.dtype == dtype for tensor in result)
    assert not torch.equal(result[0], theta)


@each([cls for cls in ALL if cls.rule.is_elementwise])
def test_a_batch_is_stepped_as_its_rows(cls):
    theta, g, *state = (torch.rand(6, 4, dtype=torch.float64) + 0.1 for _ in range(2 + len(cls.state_names)))
    together = cls.update(theta, *answers(cls, lambda point: g * point), 3, *state)
    for i in range(6):
        alone = cls.update(theta[i], *answers(cls, lambda point, i=i: g[i] * point), 3, *(s[i] for s in state))
        for batch, row in zip(*(x if isinstance(x, tuple) else (x,) for x in (together, alone)), strict=True):
            torch.testing.assert_close(batch[i], row, rtol=1e-14, atol=0)


# --- Parameters: shapes, precision, complex numbers, missing gradients


@every_kind
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_parameters_of_every_shape_descend(cls, dtype):
    params = parameters(*SHAPES, dtype=dtype)
    closure = make_closure(params)
    before = closure()
    optimizer = cls(params, lr=1e-2)
    walk(optimizer, closure, 20)
    assert closure() < before
    for p in params:
        assert set(optimizer.state[p]) == {"step", *cls.state_names}
        assert optimizer.state[p]["step"] == 20
        assert all(optimizer.state[p][name].shape == p.shape for name in cls.state_names)
        assert all(optimizer.state[p][name].dtype == p.dtype for name in cls.state_names)


@every_kind
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_is_stepped_in_float32_and_rounded_once(cls, dtype):
    half = parameters((3, 4), dtype=dtype)
    optimizer = cls(half, lr=1e-2)
    for _ in range(5):
        full = [torch.nn.Parameter(half[0].detach().float())]
        reference = cls(full, lr=1e-2)
        if half[0] in optimizer.state:
            reference.state[full[0]].update(optimizer.state[half[0]])
        slope = torch.randn(3, 4).to(dtype)

        def closure(slope=slope, full=full):
            half[0].grad, full[0].grad = slope.clone(), slope.float()

        optimizer.step(closure)
        reference.step(closure)
        assert_same(half, [full[0].to(dtype)])
        for name in cls.state_names:
            assert optimizer.state[half[0]][name].dtype == torch.float32
            assert_same([optimizer.state[half[0]][name]], [reference.state[full[0]][name]])


@every_kind
def test_complex_parameters_are_stepped_as_pairs_of_reals(cls):
    z = torch.nn.Parameter(torch.randn(3, 2, dtype=torch.complex128))
    pair = torch.nn.Parameter(torch.view_as_real(z.detach()).clone())
    optimizer, reference = cls([z], lr=1e-2), cls([pair], lr=1e-2)

    def pair_closure():
        pair.grad = None
        w = torch.view_as_complex(pair)
        loss = ((w - 0.3).abs() ** 2).sum() + w.real.sin().sum()
        loss.backward()
        return loss

    for _ in range(10):
        optimizer.step(make_closure([z]))
        reference.step(pair_closure)
    torch.testing.assert_close(torch.view_as_real(z), pair, rtol=1e-12, atol=1e-12)


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@every_kind
def test_half_complex_numbers_are_stepped_in_float32_and_rounded_once(cls):
    z = torch.nn.Parameter(torch.randn(3, 2, dtype=torch.complex64).to(torch.complex32))
    optimizer = cls([z], lr=1e-2)
    for _ in range(5):
        full = torch.nn.Parameter(z.detach().to(torch.complex64))
        reference = cls([full], lr=1e-2)
        if z in optimizer.state:
            reference.state[full].update(optimizer.state[z])
        slope = torch.randn(3, 2, dtype=torch.complex64).to(torch.complex32)

        def closure(slope=slope, full=full):
            z.grad, full.grad = slope.clone(), slope.to(torch.complex64)

        optimizer.step(closure)
        reference.step(closure)
        assert torch.view_as_real(z.detach()).isfinite().all()
        assert torch.equal(torch.view_as_real(z.detach()), torch.view_as_real(full.detach().to(torch.complex32)))
        assert all(optimizer.state[z][name].dtype == torch.float32 for name in cls.state_names)
        assert_same(optimizer.state[z].values(), reference.state[full].values())
    resumed = cls([z], lr=1e-2)
    resumed.load_state_dict(optimizer.state_dict())
    assert_same(resumed.state[z].values(), optimizer.state[z].values())


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2], ids=str)
def test_numbers_that_torch_only_stores_are_refused(dtype):
    message = f"^Adam cannot step parameters in {dtype}, which torch stores but does not add; use bfloat16 or wider$"
    with pytest.raises(TypeError, match=message):
        Adam([torch.ones(3).to(dtype)])
    optimizer = Adam(parameters((3,)))
    with pytest.raises(TypeError, match=message):
        optimizer.add_param_group({"params": torch.ones(3).to(dtype)})
    assert len(optimizer.param_groups) == 1


@every_kind
def test_parameters_without_a_gradient_and_frozen_ones_stay_put(cls):
    used, unused, frozen = parameters((3,), (3,), (3,))
    frozen.requires_grad_(False)
    before = [unused.detach().clone(), frozen.detach().clone()]
    optimizer = cls([used, unused, frozen], lr=1e-2)
    walk(optimizer, make_closure([used]), 3)
    assert_same([unused.detach(), frozen.detach()], before)
    assert list(optimizer.state) == [used]


@every_kind
def test_sparse_gradients_are_refused_before_anything_moves(cls):
    dense, sparse = parameters((3,), (3,))
    before = [dense.detach().clone(), sparse.detach().clone()]
    optimizer = cls([dense, sparse])

    def closure():
        dense.grad, sparse.grad = torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64).to_sparse()

    with pytest.raises(TypeError, match=f"{cls.__name__} does not take sparse gradients, got layout torch.sparse_coo"):
        optimizer.step(closure)
    assert_same([dense.detach(), sparse.detach()], before)
    assert not optimizer.state


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool], ids=str)
def test_parameters_that_cannot_have_a_gradient_are_refused(dtype):
    message = f"^Adam needs floating-point or complex parameters, got {dtype}$"
    with pytest.raises(TypeError, match=message):
        Adam([torch.ones(3, dtype=dtype)])
    optimizer = Adam(parameters((3,)))
    with pytest.raises(TypeError, match=message):
        optimizer.add_param_group({"params": torch.ones(3, dtype=dtype)})
    assert len(optimizer.param_groups) == 1


# --- What torch's training loops do with an optimizer


@every_kind
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.complex128], ids=str)
def test_a_run_saved_and_loaded_goes_on_bit_for_bit(cls, dtype):
    params = parameters((3,), (2, 2), dtype=dtype)
    optimizer = cls(params, lr=1e-2)
    walk(optimizer, make_closure(params), 7)
    file = io.BytesIO()
    torch.save([optimizer.state_dict(), params], file)
    file.seek(0)
    saved, copies = torch.load(file, weights_only=False)
    resumed = cls(copies, lr=0.5)
    resumed.load_state_dict(saved)
    walk(optimizer, make_closure(params), 7)
    walk(resumed, make_closure(copies), 7)
    assert_same(params, copies)
    for p, q in zip(params, copies, strict=True):
        assert_same(optimizer.state[p].values(), resumed.state[q].values())


@every_kind
def test_loading_does_not_tie_two_optimizers_together(cls):
    params = parameters((3,), dtype=torch.bfloat16)
    optimizer = cls(params)
    walk(optimizer, make_closure(params), 2)
    saved = optimizer.state_dict()
    before = copy.deepcopy(saved)
    resumed = cls(params)
    resumed.load_state_dict(saved)
    walk(resumed, make_closure(params), 2)
    torch.testing.assert_close(optimizer.state_dict(), before, rtol=0, atol=0)


#: Whose state is loaded by whom, and what the latter says.
FOREIGN = {
    "torch's": (
        torch.optim.Adam,
        Adam,
        "state_dict must be one of Adam: the state lacks m, v; the state has unknown exp_avg, exp_avg_sq",
    ),
    "another rule's": (
        optimizers.Momentum,
        Adam,
        "state_dict must be one of Adam: the groups lack betas, eps; the state lacks m",
    ),
    "that of more": (Adam, optimizers.SGD, "state_dict must be one of SGD: the state has unknown m, v"),
    "that of less": (
        optimizers.SGD,
        Adam,
        "state_dict must be one of Adam: the groups lack betas, eps; the state lacks m, v",
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_the_state_of_another_optimizer_is_refused_before_anything_changes(case, dtype):
    theirs, ours, message = FOREIGN[case]
    params = parameters((3,), (2, 2), dtype=dtype)
    other, optimizer = theirs(params, lr=0.5), ours(params, lr=1e-2)
    other.step(make_closure(params))
    walk(optimizer, make_closure(params), 2)
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        optimizer.load_state_dict(other.state_dict())
    torch.testing.assert_close(optimizer.state_dict(), before, rtol=0, atol=0)
    walk(optimizer, make_closure(params), 1)


@every_rule
def test_no_rule_takes_the_state_of_one_that_remembers_something_else(cls):
    params = parameters((3,))
    for other in ALL:
        theirs, ours = other(params), cls(params)
        theirs.step(make_closure(params, rule=other))
        if {*other.state_names} == {*cls.state_names} and {*cls.hyperparameters} <= {*other.hyperparameters}:
            ours.load_state_dict(theirs.state_dict())
            walk(ours, make_closure(params, rule=cls), 1)
        else:
            with pytest.raises(ValueError, match=f"^state_dict must be one of {cls.__name__}: "):
                ours.load_state_dict(theirs.state_dict())


def test_the_weights_of_a_network_are_no_state_of_an_optimizer():
    optimizer = Adam(parameters((3,)))
    with pytest.raises(ValueError, match="^state_dict must be one of Adam: it lacks param_groups, state$"):
        optimizer.load_state_dict(torch.nn.Linear(2, 1).state_dict())


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_a_state_that_a_hook_translates_is_taken(dtype):
    params = parameters((3,), dtype=dtype)
    theirs, ours = torch.optim.Adam(params), Adam(params)
    theirs.step(make_closure(params))

    def translate(optimizer, state_dict):
        names = {"step": "step", "exp_avg": "m", "exp_avg_sq": "v"}
        state = {key: {names[name]: value for name, value in s.items()} for key, s in state_dict["state"].items()}
        return {**state_dict, "state": state}

    ours.register_load_state_dict_pre_hook(translate)
    ours.load_state_dict(theirs.state_dict())
    assert_same([ours.state[params[0]]["m"].to(dtype)], [theirs.state[params[0]]["exp_avg"]])
    walk(ours, make_closure(params), 1)


@every_kind
def test_looking_into_an_empty_state_leaves_the_first_step_as_it_is(cls):
    params = parameters((3,))
    others = copy.deepcopy(params)
    looked, fresh = cls(params, lr=1e-2), cls(others, lr=1e-2)
    assert looked.state[params[0]] == {}
    resumed = cls(params, lr=1e-2)
    resumed.load_state_dict(looked.state_dict())
    walk(resumed, make_closure(params), 2)
    walk(fresh, make_closure(others), 2)
    assert_same(params, others)


@every_kind
def test_groups_have_their_own_hyperparameters(cls):
    together, alone = parameters((3,), (4,)), parameters((3,), (4,))
    with torch.no_grad():
        for p, q in zip(together, alone, strict=True):
            q.copy_(p)
    one = cls([{"params": together[:1], "lr": 1e-2}], lr=1e-3)
    one.add_param_group({"params": together[1:]})
    two = [cls(alone[:1], lr=1e-2), cls(alone[1:], lr=1e-3)]
    for _ in range(5):
        one.step(make_closure(together))
        two[0].step(make_closure(alone))
        with torch.no_grad():  # the second steps from the same place as if both had gone at once
            two[1].step(make_closure(alone))
    assert [group["lr"] for group in one.param_groups] == [1e-2, 1e-3]
    assert_same(together, alone)


@every_rule
def test_the_closure_is_called_once_per_gradient_and_its_first_loss_returned(cls):
    params = parameters((3,))
    closure = make_closure(params, rule=cls)
    calls = []

    def counting():
        assert torch.is_grad_enabled()
        calls.append(closure())
        return calls[-1]

    optimizer = cls(params, **at(cls, 1e-2))
    assert optimizer.step(counting) == calls[0]
    assert optimizer.step(counting) == calls[LOOKS[cls]]
    assert len(calls) == 2 * LOOKS[cls]


@each([cls for cls in FEW if cls in HERE])
def test_stepping_with_and_without_a_closure_is_the_same(cls):
    params, others = parameters((3,), (2, 2)), None
    others = copy.deepcopy(params)
    with_closure, without = cls(params, lr=1e-2), cls(others, lr=1e-2)
    for _ in range(5):
        with_closure.step(make_closure(params))
        make_closure(others)()
        assert without.step() is None
    assert_same(params, others)


SCHEDULERS = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 6, eta_min=1e-4),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=20, cycle_momentum=False),
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=1e9),
}


@every_kind
@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedulers_set_the_learning_rate_of_the_next_step(cls, name):
    params = parameters((3,))
    by_hand = copy.deepcopy(params)
    optimizer, reference = cls(params, lr=1e-2), cls(by_hand, lr=1e-2)
    scheduler = SCHEDULERS[name](optimizer)
    rates = []
    for _ in range(6):
        rates.append(optimizer.param_groups[0]["lr"])
        reference.param_groups[0]["lr"] = rates[-1]
        loss = optimizer.step(make_closure(params))
        reference.step(make_closure(by_hand))
        scheduler.step(*([loss] if name == "ReduceLROnPlateau" else []))
    assert len(set(rates)) >= 3
    assert_same(params, by_hand)


@every_kind
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["copy", "pickle"])
def test_copies_go_on_alone(cls, duplicate):
    params = parameters((3,), (2, 2))
    optimizer = cls(params, lr=1e-2)
    walk(optimizer, make_closure(params), 3)
    twin_params, twin = duplicate((params, optimizer))
    walk(twin, make_closure(twin_params), 4)
    assert all(optimizer.state[p]["step"] == 3 for p in params)
    walk(optimizer, make_closure(params), 4)
    assert_same(params, twin_params)


def test_zero_grad():
    params = parameters((3,))
    make_closure(params)()
    optimizer = Adam(params)
    optimizer.zero_grad(set_to_none=False)
    assert not params[0].grad.any()
    optimizer.zero_grad()
    assert params[0].grad is None


# --- Looking ahead


def test_looking_ahead_without_a_closure_says_what_is_missing():
    params = parameters((3,), (3,))
    make_closure(params)()
    before = [p.detach().clone() for p in params]
    optimizer = Nesterov(params)
    with pytest.raises(RuntimeError, match=re.escape("Nesterov looks at the gradient away from the current point: ")):
        optimizer.step()
    assert_same([p.detach() for p in params], before)
    assert not optimizer.state


def test_all_parameters_look_ahead_together_and_frozen_ones_stay():
    moving, frozen = parameters((2,), (3, 2), ()), torch.nn.Parameter(torch.ones(3), requires_grad=False)
    optimizer = Nesterov([*moving, frozen], lr=0.1, momentum=0.5)
    walk(optimizer, make_closure(moving), 2)
    expected = [p.detach() - 0.5 * optimizer.state[p]["v"] for p in moving]
    seen = []

    def closure():
        seen.extend(p.detach().clone() for p in [*moving, frozen])
        return make_closure(moving)()

    optimizer.step(closure)
    assert_same(seen, [*expected, torch.ones(3)])


def test_a_closure_that_raises_leaves_no_trace():
    params = parameters((2,), (3, 2))
    optimizer = Nesterov(params, lr=0.1, momentum=0.5)
    walk(optimizer, make_closure(params), 2)
    before = [p.detach().clone() for p in params]
    state = copy.deepcopy(optimizer.state_dict())

    def closure():
        assert not torch.equal(params[0], before[0])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        optimizer.step(closure)
    assert_same([p.detach() for p in params], before)
    torch.testing.assert_close(optimizer.state_dict(), state, rtol=0, atol=0)


def test_without_a_closure_the_gradient_here_may_be_asked_for_twice():
    twice = make_rule(lambda theta, grad, t, *, lr=0.1: theta - lr * (grad(theta) + grad(theta)), "Twice")
    params = parameters((3,))
    make_closure(params)()
    expected = params[0].detach() - 0.1 * (params[0].grad + params[0].grad)
    twice(params).step()
    assert_same([params[0].detach()], [expected])


# --- Mistakes


MISTAKES = [
    ({"lr": -0.1}, ValueError, "lr must be > 0, got -0.1"),
    ({"lr": 0}, ValueError, "lr must be > 0, got 0"),
    ({"lr": math.nan}, ValueError, "lr must be > 0, got nan"),
    ({"lr": "fast"}, TypeError, "lr must be a number, got 'fast'"),
    ({"lr": True}, TypeError, "lr must be a number, got True"),
    ({"lr": None}, TypeError, "lr must be a number, got None"),
    ({"lr": torch.ones(2)}, TypeError, "lr must be a single number, got an array of shape (2,)"),
    ({"betas": 0.9}, TypeError, "betas must be a tuple of 2 numbers, got 0.9"),
    ({"betas": (0.9,)}, ValueError, "betas must hold 2 numbers, got (0.9,)"),
    ({"betas": (0.9, 1.0)}, ValueError, "betas must be in [0, 1), got (0.9, 1.0)"),
    ({"betas": (0.9, "x")}, TypeError, "betas must be a number, got 'x'"),
    ({"eps": -1e-8}, ValueError, "eps must be >= 0, got -1e-08"),
    ({"momentum": 1.5}, ValueError, "momentum must be in [0, 1), got 1.5"),
    ({"weight_decay": -1}, ValueError, "weight_decay must be >= 0, got -1"),
    ({"bounds": (2.0, 0.1)}, ValueError, "bounds must be in increasing order, got (2.0, 0.1)"),
    ({"etas": (1.2, 0.5)}, ValueError, "etas must be in increasing order, got (1.2, 0.5)"),
    ({"step_sizes": (1, 0.1)}, ValueError, "step_sizes must be in increasing order, got (1, 0.1)"),
    ({"alpha": 1}, ValueError, "alpha must be in [0, 1), got 1"),
    ({"rho": -0.1}, ValueError, "rho must be in [0, 1), got -0.1"),
    ({"initial_accumulator_value": -1}, ValueError, "initial_accumulator_value must be >= 0, got -1"),
    ({"gamma": 0}, ValueError, "gamma must be in (0, 1), got 0"),
    ({"final_lr": 0}, ValueError, "final_lr must be > 0, got 0"),
    ({"momentum_decay": -1}, ValueError, "momentum_decay must be >= 0, got -1"),
]


def of_this_kind(settings, message=""):
    """The rules that have these hyperparameters, of two numbers where it is a pair, in the range that is named."""
    said = re.search(r"must be (>=? 0|in [\[(]0, 1\))", message)

    def takes(cls, name):
        known = cls.rule.hyperparameters.get(name)
        if known is None or isinstance(known.default, tuple) and (len(known.default) != 2 or name == "eps"):
            return False
        return said is None or known.kind.range == said[1]

    rules = [cls for cls in ALL if all(takes(cls, name) for name in settings)]
    assert rules
    return rules


@pytest.mark.parametrize(("settings", "error", "message"), MISTAKES, ids=str)
def test_a_bad_value_is_named_with_what_would_do(settings, error, message):
    rules = of_this_kind(settings, message)
    for cls in rules:
        params = parameters((3,), (3,))
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            cls(params, **settings)
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            cls([{"params": params[:1]}, {"params": params[1:], **settings}])
        optimizer = cls(params[:1])
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            optimizer.add_param_group({"params": params[1:], **settings})
        assert len(optimizer.param_groups) == 1


#: In range, though not in float32, where they are 1, 0 and infinity.
NARROW = [
    {"betas": (0.9, 1 - 1e-8)},
    {"momentum": 1 - 1e-9},
    {"gamma": 1 - 1e-9},
    {"lr": 1e-46},
    {"lr": 1e39},
    {"eps": np.float64(1e-60)},
    {"bounds": [1e-60, 1e60]},
]


@pytest.fixture(params=[torch.float32, torch.float64, torch.bfloat16], ids=str)
def default_dtype(request):
    torch.set_default_dtype(request.param)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("default_dtype")
@pytest.mark.parametrize("settings", NARROW, ids=str)
def test_ranges_are_those_of_python_s_numbers_whatever_the_default_dtype(settings):
    for cls in of_this_kind(settings):
        optimizer = cls(parameters((3,)), **settings)
        cls(parameters((3,))).add_param_group({"params": parameters((3,)), **settings})
        assert settings.items() <= optimizer.defaults.items()


@pytest.mark.usefixtures("default_dtype")
@pytest.mark.parametrize(("settings", "error", "message"), MISTAKES, ids=str)
def test_what_lies_outside_is_refused_whatever_the_default_dtype(settings, error, message):
    for cls in of_this_kind(settings, message):
        with pytest.raises(error):
            cls(parameters((3,)), **settings)


def test_a_switch_is_true_or_false():
    def update(theta, grad, t, *, lr=0.1, double=False, ends=(1.0, True)):
        return theta - lr * grad(theta) * (2 if double else 1)

    rule = make_rule(update, "Switched")
    assert "double : bool, default False" in rule.__doc__
    for value, step in ((True, 0.2), (np.True_, 0.2), (False, 0.1)):
        p = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        p.grad = torch.ones_like(p)
        rule([p], double=value).step()
        assert p.tolist() == [-step, -step]
    for wrong in (1, 0.0, "yes", None, np.array([True, False]), torch.tensor(True)):
        with pytest.raises(TypeError, match=f"^{re.escape(f'double must be True or False, got {wrong!r}')}$"):
            rule(parameters((3,)), double=wrong)
    with pytest.raises(TypeError, match="^ends must be True or False, got 1$"):
        rule(parameters((3,)), ends=(1.0, 1))
    with pytest.raises(TypeError, match="^ends must be a number, got True$"):
        rule(parameters((3,)), ends=(True, True))


def test_the_base_class_is_no_optimizer():
    nothing = type("Nothing", (Optimizer,), {})
    for cls in (Optimizer, nothing):
        for arguments in ((), (0.1,)):
            with pytest.raises(TypeError, match=f"^{cls.__name__} has no rule: give a subclass a static method update"):
                cls(parameters((3,)), *arguments)


@every_kind
def test_unknown_names_and_missing_parameters(cls):
    takes = ", ".join(cls.hyperparameters)
    with pytest.raises(TypeError, match=re.escape(f"{cls.__name__}(): got an unexpected keyword argument 'speed'; it "
                                                  f"takes params, {takes}")):  # fmt: skip
        cls(parameters((3,)), speed=1)
    with pytest.raises(ValueError, match="empty parameter list"):
        cls([])
    with pytest.raises(TypeError):
        cls()


# --- What a reader sees


@every_rule
def test_signature_and_docstring_show_every_hyperparameter(cls):
    shown = {p.name: p.default for p in inspect.signature(cls).parameters.values()}
    assert shown.pop("params") is inspect.Parameter.empty
    update = inspect.signature(cls.update).parameters.values()
    assert shown == {p.name: p.default for p in update if p.kind is p.KEYWORD_ONLY} == cls.hyperparameters
    assert cls(parameters((3,))).defaults.items() >= shown.items()
    for name, default in shown.items():
        assert re.search(rf"^{name} : .*default {re.escape(str(default))}$\n    .+; must be .+\.$", cls.__doc__, re.M)
    # Positional arguments are taken in the order shown.
    assert cls(parameters((3,)), *shown.values()).defaults.items() >= shown.items()


def test_a_rule_whose_signature_is_no_specification_is_refused():
    with pytest.raises(TypeError, match="Odd.update must begin with theta, grad, t"):

        class Odd(Optimizer):
            @staticmethod
            def update(theta, t, grad):
                return theta

    with pytest.raises(TypeError, match="Even.update: lr must be state"):

        class Even(Optimizer):
            @staticmethod
            def update(theta, grad, t, lr=1.0):
                return theta


def test_init_must_name_a_state_and_what_it_holds():
    update = staticmethod(lambda theta, grad, t, v, *, lr=1e-3: (theta - lr * grad(theta), v))
    for init in ({"w": 1}, {"v": "speed"}):
        with pytest.raises(TypeError, match="must be a state of update, .* a number or a hyperparameter"):
            type("Wrong", (Optimizer,), {"update": update, "init": init})
    assert type("Right", (Optimizer,), {"update": update, "init": {"v": "lr"}}).state_names == ("v",)


def test_a_state_that_starts_from_a_hyperparameter_does_so_in_float32_for_half_precision():
    half = torch.nn.Parameter(torch.ones(3, dtype=torch.float16))
    half.grad = torch.ones_like(half)
    optimizer = optimizers.Rprop([{"params": [half], "lr": 0.25}])
    optimizer.step()
    assert optimizer.state[half]["delta"].dtype == torch.float32
    assert half.tolist() == [0.75] * 3


def test_the_help_of_a_rule_lists_its_arguments_as_numpydoc_does():
    lines = optimizers.Adam.__doc__.splitlines()
    at = lines.index("Parameters")
    assert lines[at + 1 : at + 4] == [
        "----------",
        "params : iterable",
        "    Parameters to optimize, or dicts defining parameter groups.",
    ]
    assert "lr : float, default 0.001" in lines and "betas : tuple of 2 floats, default (0.9, 0.999)" in lines


# --- What a state is made of


def memory(tensor):
    return tensor.untyped_storage().data_ptr()


def assert_owns_its_state(optimizer):
    for p, state in optimizer.state.items():
        places = [memory(p), memory(p.grad), *map(memory, state.values())]
        assert len(set(places)) == len(places), [name for name in state if memory(state[name]) in places[:2]]


def make_clearing_closure(params, rule):
    """As `make_closure`, but the gradients are cleared in place: each step's lie where the last step's did."""
    fresh = make_closure(params, rule=rule)

    def closure():
        before = [p.grad for p in params]
        loss = fresh()
        for p, grad in zip(params, before, strict=True):
            if grad is not None:
                p.grad = grad.copy_(p.grad)
        return loss

    return closure


def extrapolated(theta, grad, t, g_before, *, lr=1e-3):
    """The optimistic gradient method, whose state is the last gradient."""
    g = grad(theta)
    return theta - lr * (2 * g - g_before), g


def returning(theta, grad, t, home, *, lr=1e-3):
    """Keeps where it was."""
    return theta - lr * (grad(theta) + 0.1 * (theta - home)), theta


def keeping_views(theta, grad, t, here, slope, *, lr=1e-3):
    g = grad(theta)
    return theta - lr * (g + 0.1 * slope + 0.1 * here), theta.view_as(theta), g.detach()


def keeping_what_it_returns(theta, grad, t, there, again, *, lr=1e-3):
    theta = theta - lr * (grad(theta) + 0.1 * there + 0.1 * again)
    return theta, theta, theta.view_as(theta)


def looking_twice(theta, grad, t, g_before, *, lr=1e-3):
    """Extragradient with a memory: both of its gradients matter at the end."""
    g = grad(theta)
    ahead = grad(theta - lr * g)
    return theta - lr * (ahead + 0.1 * g + 0.1 * g_before), g


#: Rules as a reader may write them, that remember what they were given.
KEEPERS = [
    make_rule(update, update.__name__)
    for update in (extrapolated, returning, keeping_views, keeping_what_it_returns, looking_twice)
]
WITHOUT_CLOSURE = [*HERE, *KEEPERS[:-1]]
#: Every rule as it is; where it is stepped in another precision, or as pairs, those that stand for all.
OWNERS = [(cls, torch.float64) for cls in [*ALL, *KEEPERS]]
OWNERS += itertools.product([*FEW, *KEEPERS], [torch.bfloat16, torch.complex128])
name_of = lambda value: getattr(value, "__name__", str(value))  # noqa: E731


@pytest.mark.parametrize(("cls", "dtype"), OWNERS, ids=name_of)
def test_no_state_shares_memory_with_the_parameter_or_its_gradient(cls, dtype):
    params = parameters((3,), (2, 2), dtype=dtype)
    optimizer = cls(params, **at(cls, 1e-2))
    closure = make_clearing_closure(params, cls)
    for _ in range(3):
        optimizer.step(closure)
        assert_owns_its_state(optimizer)
        if cls in WITHOUT_CLOSURE:
            closure()
            optimizer.step()
            assert_owns_its_state(optimizer)


@pytest.mark.parametrize(
    ("cls", "dtype", "with_closure"),
    [*((*owner, True) for owner in OWNERS), *((*owner, False) for owner in OWNERS if owner[0] in WITHOUT_CLOSURE)],
    ids=lambda value: ("alone", "closure")[value] if isinstance(value, bool) else name_of(value),
)
def test_gradients_cleared_in_place_change_nothing(cls, dtype, with_closure):
    cleared = parameters((3,), (2, 2), dtype=dtype)
    renewed = copy.deepcopy(cleared)
    settings = at(cls, 1e-2)
    runs = [
        (cls(cleared, **settings), make_clearing_closure(cleared, cls)),
        (cls(renewed, **settings), make_closure(renewed, rule=cls)),
    ]
    for optimizer, closure in runs:
        torch.manual_seed(0)  # of what a rule draws
        for _ in range(6):
            if with_closure:
                optimizer.step(closure)
            else:
                closure()
                optimizer.step()
    assert_same(cleared, renewed)
    for p, q in zip(cleared, renewed, strict=True):
        assert_same(runs[0][0].state[p].values(), runs[1][0].state[q].values())


@each(KEEPERS[:-1])
def test_what_a_rule_remembers_is_what_it_returned(cls):
    p = parameters((3,))[0]
    optimizer = cls([p], lr=0.1)
    theta, state = p.detach().clone(), [torch.zeros_like(p) for _ in cls.state_names]
    for t in range(1, 4):
        p.grad = p.detach().sin()
        optimizer.step()
        theta, *state = (x.clone() for x in cls.update(theta, torch.sin, t, *state, lr=0.1))
        assert_same([p, *(optimizer.state[p][name] for name in cls.state_names)], [theta, *state])


# --- Compiled


@each([optimizers.SGD, optimizers.RAdam, optimizers.Rprop, KEEPERS[2]])
def test_a_compiled_step_equals_an_eager_one_and_is_compiled_twice_at_most(cls):
    torch._dynamo.reset()
    params = parameters((3,), (2, 2))
    others = copy.deepcopy(params)
    optimizer, reference = cls(params, lr=1e-2), cls(others, lr=1e-2)
    compilations = CompileCounterWithBackend("eager")
    step = torch.compile(optimizer.step, backend=compilations)
    for _ in range(6):
        make_closure(params)()
        make_closure(others)()
        step()
        reference.step()
        assert_owns_its_state(optimizer)
    torch.testing.assert_close(params, others, rtol=1e-13, atol=1e-15)
    assert 1 <= compilations.frame_count <= 2  # once without state, once with it; the step counter never counts


# --- What a rule returns


def plain(theta, grad, t, *, lr=0.1):
    return theta - lr * grad(theta)


def careful(theta, grad, t, m, v, *, lr=0.1):
    g = grad(theta)
    return theta - lr * g, m + g, v + g**2


def in_place(what, x, write):
    """An update that is right but for ``write``, which sees theta, the gradient and the states first."""

    def update(theta, grad, t, m, v, *, lr=0.1):
        g = grad(theta)
        write(theta, g, m, v)
        return theta - lr * g, m + g, v + g**2

    message = f"Wrong.update must not write to its arguments, but changed {what} in place: "
    return update, ValueError, f"{message}write {x} = {x} + ..., not {x} += ..."


#: What an update does, the error, and its words.
WRONG = {
    "a list": (
        lambda theta, grad, t, m, v, *, lr=0.1: [theta, m, v],
        TypeError,
        "Wrong.update must return a tuple (theta, m, v), got list",
    ),
    "nothing": (
        lambda theta, grad, t, m, v, *, lr=0.1: None,
        TypeError,
        "Wrong.update must return a tuple (theta, m, v), got NoneType",
    ),
    "nothing of a rule without state": (
        lambda theta, grad, t, *, lr=0.1: None,
        TypeError,
        "Wrong.update must return tensors, got NoneType for theta",
    ),
    "theta alone": (
        lambda theta, grad, t, m, v, *, lr=0.1: theta - lr * grad(theta),
        TypeError,
        "Wrong.update must return a tuple (theta, m, v), got Tensor",
    ),
    "one too few": (
        lambda theta, grad, t, m, v, *, lr=0.1: (theta - lr * grad(theta), m),
        ValueError,
        "Wrong.update must return (theta, m, v), got 2 values",
    ),
    "one too many": (
        lambda theta, grad, t, m, *, lr=0.1: (theta - lr * grad(theta), m, grad(theta)),
        ValueError,
        "Wrong.update must return (theta, m), got 3 values",
    ),
    "nothing at all": (
        lambda theta, grad, t, m, *, lr=0.1: (),
        ValueError,
        "Wrong.update must return (theta, m), got 0 values",
    ),
    "a number": (
        lambda theta, grad, t, m, v, *, lr=0.1: (theta - lr * grad(theta), 0.9, v),
        TypeError,
        "Wrong.update must return tensors, got float for m",
    ),
    "theta of another shape": (
        lambda theta, grad, t, *, lr=0.1: theta.sum(-1) - lr,
        ValueError,
        "Wrong.update must keep the shape of theta, (3,), got ()",
    ),
    "a state of another shape": (
        lambda theta, grad, t, m, v, *, lr=0.1: (theta - lr * grad(theta), m, v.unsqueeze(0)),
        ValueError,
        "Wrong.update must keep the shape of v, (3,), got (1, 3)",
    ),
    "theta changed": in_place("theta", "theta", lambda theta, g, m, v: theta.sub_(g)),
    "a state changed": in_place("v", "v", lambda theta, g, m, v: v.mul_(0.9)),
    "a part of a state changed": in_place("m", "m", lambda theta, g, m, v: m[:1].zero_()),
    "the gradient changed": in_place("the gradient", "g", lambda theta, g, m, v: g.mul_(2)),
}


@pytest.mark.parametrize("with_closure", [False, True], ids=["alone", "closure"])
@pytest.mark.parametrize("case", WRONG)
def test_a_rule_that_returns_what_it_must_not_is_named_with_what_would_do(case, with_closure):
    update, error, message = WRONG[case]
    params = parameters((3,))
    closure = make_closure(params)
    optimizer = make_rule(update)(params)
    closure()
    before = params[0].detach().clone()
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        optimizer.step(closure if with_closure else None)
    assert not optimizer.state
    if case != "theta changed":
        assert_same([params[0].detach()], [before])


@pytest.mark.parametrize("case", WRONG)
def test_whoever_calls_an_update_hears_the_same(case):
    update, error, message = WRONG[case]
    rule = make_rule(update).rule
    theta = torch.ones(3, dtype=torch.float64)
    call = lambda theta: rule.step(  # noqa: E731
        theta, 1, rule.initial(theta, {"lr": 0.1}), {"lr": 0.1}, {"grad": lambda point: point.sin()}
    )
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(theta)
    batch = torch.ones(3, 5, dtype=torch.float64)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        torch.func.vmap(call, in_dims=-1, out_dims=-1)(batch)


@pytest.mark.parametrize("update", [plain, careful], ids=["plain", "careful"])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_an_update_that_is_right_is_passed_on_as_a_tuple(update, mode):
    rule = make_rule(update).rule
    with mode():
        theta = torch.ones(3)
        start = rule.initial(theta, {"lr": 0.1})
        result = rule.step(theta, 1, start, {"lr": 0.1}, {"grad": torch.sin})
    expected = update(theta, torch.sin, 1, *start)
    assert type(result) is tuple
    assert_same(result, expected if isinstance(expected, tuple) else [expected])


def test_the_state_of_half_precision_is_loaded_as_a_copy_and_may_be_missing():
    stepped, idle = (torch.nn.Parameter(torch.ones(2, dtype=torch.bfloat16)) for _ in range(2))
    stepped.grad = torch.ones_like(stepped)
    first = optimizers.Adam([stepped, idle])
    first.step()
    saved = first.state_dict()
    again = optimizers.Adam([stepped, idle])
    again.load_state_dict(saved)
    assert idle not in again.state and again.state[stepped]["m"].dtype == torch.float32
    before = saved["state"][0]["m"].clone()
    again.state[stepped]["m"].add_(1)
    assert torch.equal(saved["state"][0]["m"], before)
