"""Our rules in real training loops: what PyTorch puts around an optimizer must work around each of ours."""

from __future__ import annotations

import copy
import gc
import importlib
import inspect
import io
import itertools
import os
import pickle
import re
import shutil
import subprocess
import sys
import warnings

import pytest
import torch
from shared import ALL, FEW, HERE, assert_same, at, each, every_kind
from torch.optim import lr_scheduler
from torch.testing._internal.common_optimizers import get_error_inputs_for_all_optims, optim_db

from optguide import optimizers
from optguide.optimizers import Adam, Momentum, Nesterov


def network(dtype=torch.float64):
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).to(dtype)
    return net, torch.randn(8, 3, dtype=dtype), torch.randn(8, 2, dtype=dtype)


def slope(net, inputs, targets, optimizer, after=lambda: None):
    """A closure: clears the gradients, computes the loss and its gradients, then calls ``after``."""

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(net(inputs), targets)
        loss.backward()
        after()
        return loss.detach()

    return closure


# --- Scaled and clipped gradients


@each([cls for cls in FEW if cls in HERE])
def test_a_gradient_scaler_changes_nothing_but_skips_a_step_that_overflowed(cls):
    net, inputs, targets = network(torch.float32)
    other = copy.deepcopy(net)
    optimizer, reference = cls(net.parameters(), lr=1e-2), cls(other.parameters(), lr=1e-2)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, growth_interval=2)  # powers of two lose no bit
    for step in range(6):
        optimizer.zero_grad()
        scaler.scale(torch.nn.functional.mse_loss(net(inputs), targets)).backward()
        if step == 3:
            net[0].bias.grad[0] = torch.inf
        scaler.step(optimizer)
        scaler.update()
        if step != 3:
            slope(other, inputs, targets, reference)()
            reference.step()
        assert_same(net.parameters(), other.parameters())
    assert scaler.get_scale() == 2.0**11  # doubled after two good steps, halved by the bad one, doubled again
    assert all(optimizer.state[p]["step"] == 5 for p in net.parameters())


@every_kind
@pytest.mark.parametrize("by", ["norm", "value"])
def test_clipped_gradients_are_what_the_rule_sees(cls, by):
    net, inputs, targets = network()
    other = copy.deepcopy(net)
    optimizer, reference = cls(net.parameters(), lr=1e-2), cls(other.parameters(), lr=1e-2)
    size = 1e-2

    def clip():
        if by == "norm":
            torch.nn.utils.clip_grad_norm_(net.parameters(), size)
        else:
            torch.nn.utils.clip_grad_value_(net.parameters(), size)

    def clip_by_hand():
        slopes = [p.grad for p in other.parameters()]
        norm = torch.cat([g.ravel() for g in slopes]).norm()
        assert norm > size
        for g in slopes:
            g.copy_(g * size / (norm + 1e-6) if by == "norm" else g.clamp(-size, size))

    for _ in range(4):
        optimizer.step(slope(net, inputs, targets, optimizer, after=clip))
        reference.step(slope(other, inputs, targets, reference, after=clip_by_hand))
    assert_same(net.parameters(), other.parameters(), rtol=1e-9, atol=1e-12)


# --- Compiled (a compiled step without a closure is tested in test_contract.py)


def test_a_rule_that_looks_ahead_can_be_compiled_with_its_closure():
    torch._dynamo.reset()
    net, inputs, targets = network()
    other = copy.deepcopy(net)
    optimizer, reference = Nesterov(net.parameters(), lr=1e-2), Nesterov(other.parameters(), lr=1e-2)
    step = torch.compile(optimizer.step, backend="eager")
    for _ in range(3):
        step(torch.compiler.disable(slope(net, inputs, targets, optimizer)))
        reference.step(slope(other, inputs, targets, reference))
    assert_same(net.parameters(), other.parameters(), rtol=1e-13, atol=1e-15)


def test_a_step_compiled_to_machine_code_equals_an_eager_one(tmp_path, monkeypatch):
    if not shutil.which("g++"):
        pytest.skip("torch.compile needs a C++ compiler, and there is no g++")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    with warnings.catch_warnings():  # while it is imported, torch's compiler uses what torch has deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        importlib.import_module("torch._inductor.compile_fx")
    torch._dynamo.reset()
    p = torch.nn.Parameter(torch.randn(5, dtype=torch.float64))
    q = copy.deepcopy(p)
    optimizer, reference = Adam([p], lr=1e-2), Adam([q], lr=1e-2)
    step = torch.compile(optimizer.step)
    for i in range(4):
        p.grad, q.grad = (x.detach().sin() for x in (p, q))
        (step if i else optimizer.step)()  # with its state there from the start it is compiled once
        reference.step()
    assert_same([p], [q], rtol=1e-13, atol=1e-15)
    assert list(tmp_path.rglob("*.cpp"))


# --- Two processes


#: One of two processes: trains a network with each rule on its half of the data, and says where it ends.
RANK = """
import pickle, sys
import torch
from torch.nn.parallel import DistributedDataParallel
rank, folder = int(sys.argv[1]), sys.argv[2]
torch.distributed.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=2)
ends = []
with open(f"{folder}/runs", "rb") as file:
    runs = pickle.load(file)
for net, optimizer, here, to_none, inputs, targets in runs:
    parallel = DistributedDataParallel(net, gradient_as_bucket_view=True)
    def closure():
        optimizer.zero_grad(set_to_none=to_none)
        torch.nn.functional.mse_loss(parallel(inputs[rank]), targets[rank]).backward()
    for _ in range(5):
        optimizer.step(closure)
        if here:
            closure()
            optimizer.step()
    ends.append([p.detach() for p in net.parameters()])
with open(f"{folder}/ends{rank}", "wb") as file:
    pickle.dump(ends, file)
torch.distributed.destroy_process_group()
"""


def test_two_processes_with_views_of_buckets_train_as_one(tmp_path):
    runs, expected = [], []
    for cls, to_none in itertools.product([*FEW, optimizers.Muon], (True, False)):
        net, inputs, targets = network()
        if cls.rule.matrix:
            net[0].bias, net[2].bias = None, None
        optimizer, halves = cls(net.parameters(), lr=1e-3), (inputs.chunk(2), targets.chunk(2))
        here = cls in HERE or cls.rule.matrix
        runs.append((*copy.deepcopy((net, optimizer)), here, to_none, *halves))

        def closure(net=net, optimizer=optimizer, halves=halves):
            optimizer.zero_grad()
            for x, y in zip(*halves, strict=True):
                (torch.nn.functional.mse_loss(net(x), y) / 2).backward()

        for _ in range(5):
            optimizer.step(closure)
            if here:
                closure()
                optimizer.step()
        expected.append((cls.__name__, to_none, [p.detach() for p in net.parameters()]))
    (tmp_path / "runs").write_bytes(pickle.dumps(runs))
    settings = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    ranks = [subprocess.Popen([sys.executable, "-c", RANK, str(rank), str(tmp_path)], env=settings) for rank in (0, 1)]
    try:
        assert [process.wait(timeout=300) for process in ranks] == [0, 0]
    finally:
        for process in ranks:
            process.kill()
            process.wait()
    for rank in (0, 1):
        ends = pickle.loads((tmp_path / f"ends{rank}").read_bytes())
        for (name, to_none, ours), theirs in zip(expected, ends, strict=True):
            assert all(map(torch.equal, ours, theirs)), f"{name}, set_to_none={to_none}"


# --- Saved, sent and resumed


CONTINUE = """
import pickle, sys
import torch
import optguide
runs = pickle.load(sys.stdin.buffer)
for params, optimizer in runs:
    for _ in range(3):
        def closure():
            for p in params:
                p.grad = p.sin()
            return 2.0
        optimizer.step(closure)
pickle.dump([[[p.detach() for p in params], optimizer.state_dict()] for params, optimizer in runs], sys.stdout.buffer)
"""


def test_every_rule_goes_on_in_another_process():
    runs = []
    for cls in ALL:
        params = [torch.nn.Parameter(torch.randn(shape, dtype=torch.float64)) for shape in ((3,), ())]
        runs.append((params, cls([{"params": params[:1], **at(cls, 0.01)}, {"params": params[1:]}], **at(cls, 0.02))))
    walk = lambda: [  # noqa: E731
        optimizer.step(lambda params=params: [setattr(p, "grad", p.sin()) for p in params] and 2.0)
        for params, optimizer in runs
        for _ in range(3)
    ]
    walk()
    sent = pickle.dumps(runs)
    result = subprocess.run([sys.executable, "-c", CONTINUE], input=sent, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()
    walk()
    for (params, optimizer), (there, state) in zip(runs, pickle.loads(result.stdout), strict=True):
        assert_same((p.detach() for p in params), there)
        torch.testing.assert_close(optimizer.state_dict(), state, rtol=0, atol=0)


@every_kind
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_checkpoint_with_groups_and_a_schedule_resumes_bit_for_bit(cls, dtype):
    net, inputs, targets = network(dtype)

    def make(net):
        groups = [{"params": net[0].parameters(), "lr": 3e-2}, {"params": net[2].parameters()}]
        optimizer = cls(groups, lr=1e-2)
        return optimizer, lr_scheduler.OneCycleLR(optimizer, [3e-2, 1e-2], total_steps=12, cycle_momentum=False)

    def walk(net, optimizer, scheduler, steps):
        for _ in range(steps):
            optimizer.step(slope(net, inputs, targets, optimizer))
            scheduler.step()

    optimizer, scheduler = make(net)
    walk(net, optimizer, scheduler, 5)
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "lr": scheduler.state_dict()}, file)
    walk(net, optimizer, scheduler, 6)
    file.seek(0)
    saved = torch.load(file)  # torch's default, which unpickles nothing but tensors and plain values
    resumed_net = network(dtype)[0]
    resumed, resumed_scheduler = make(resumed_net)
    resumed_net.load_state_dict(saved["net"])
    resumed.load_state_dict(saved["optimizer"])
    resumed_scheduler.load_state_dict(saved["lr"])
    walk(resumed_net, resumed, resumed_scheduler, 6)
    assert_same(net.parameters(), resumed_net.parameters())
    torch.testing.assert_close(optimizer.state_dict(), resumed.state_dict(), rtol=0, atol=0)


# --- Which parameters take part


@every_kind
def test_a_group_frozen_and_thawed_continues_where_it_was(cls):
    thawing, moving = (torch.nn.Parameter(torch.randn(4, dtype=torch.float64)) for _ in range(2))
    alone = [copy.deepcopy(p) for p in (thawing, moving)]
    together = cls([{"params": [thawing]}, {"params": [moving]}], lr=1e-2)
    apart = [cls([p], lr=1e-2) for p in alone]

    def closure_of(*params):
        def closure():
            for p in params:
                p.grad = None
            loss = sum((p.sin() * p).sum() for p in params if p.requires_grad)
            loss.backward()
            return loss

        return closure

    for step in range(9):
        if step == 3:
            thawing.requires_grad_(False)
        if step == 6:
            thawing.requires_grad_(True)
        together.step(closure_of(thawing, moving))
        if not 3 <= step < 6:
            apart[0].step(closure_of(alone[0]))
        apart[1].step(closure_of(alone[1]))
        assert_same([thawing.detach(), moving.detach()], [p.detach() for p in alone])
    assert together.state[thawing]["step"] == 6 and together.state[moving]["step"] == 9


@every_kind
def test_parameters_without_elements_take_steps_too(cls):
    params = [torch.nn.Parameter(torch.ones(shape)) for shape in ((0,), (2, 0, 3), ())]
    optimizer = cls(params, lr=1e-2)
    for _ in range(3):
        optimizer.step(lambda: [setattr(p, "grad", p.detach().clone()) for p in params])
    assert [tuple(p.shape) for p in params] == [(0,), (2, 0, 3), ()]
    assert params[-1] < 1
    assert all(optimizer.state[p]["step"] == 3 for p in params)


@every_kind
def test_many_parameters_are_stepped_as_each_alone(cls):
    dtypes = (torch.float32, torch.float64, torch.bfloat16)
    params = [torch.nn.Parameter(torch.randn(i % 5 + 1, dtype=dtypes[i % 3])) for i in range(90)]
    alone = copy.deepcopy(params[::30])
    optimizer, references = cls(params, lr=1e-2), [cls([p], lr=1e-2) for p in alone]
    for _ in range(2):
        optimizer.step(lambda: [setattr(p, "grad", p.detach().sin()) for p in params])
        for p, reference in zip(alone, references, strict=True):
            reference.step(lambda p=p: setattr(p, "grad", p.detach().sin()))
    assert_same(params[::30], alone)


# --- Every learning-rate scheduler of torch


def chained(o):
    return lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(o, 0.5, 3), lr_scheduler.ExponentialLR(o, 0.9)])


def sequential(o):
    parts = [lr_scheduler.LinearLR(o, 0.1, total_iters=4), lr_scheduler.ExponentialLR(o, 0.8)]
    return lr_scheduler.SequentialLR(o, parts, milestones=[4])


SCHEDULERS = {
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda epoch: 0.9),
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [2, 5, 7]),
    "ConstantLR": lambda o: lr_scheduler.ConstantLR(o, 0.3, 4),
    "LinearLR": lambda o: lr_scheduler.LinearLR(o, 0.1, total_iters=8),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "SequentialLR": sequential,
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 6, eta_min=1e-4),
    "ChainedScheduler": chained,
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, threshold=1e9),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 1e-3, 1e-1, 3, cycle_momentum=cycles_momentum(o)),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=14, cycle_momentum=cycles_momentum(o)),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, 10, 2.0),
}
#: Rules that torch has too, and what makes its class the same rule: with and without a momentum to cycle, with a state
#: that begins at the rate, with a decay that goes with it.
TWINS = {
    "SGD": {},
    "Momentum": {"momentum": 0.9},
    "Rprop": {},
    "Adam": {},
    "AdamW": {"weight_decay": 0.01},
}


def cycles_momentum(optimizer):
    return any(optimizer.defaults.get(name) for name in ("momentum", "betas"))


def test_no_scheduler_of_torch_is_missing():
    assert {*SCHEDULERS, "LRScheduler"} == set(lr_scheduler.__all__)


@pytest.fixture
def double():
    """torch keeps the product of NAdam's momenta in the default precision."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("rule", TWINS)
def test_a_scheduler_drives_ours_as_it_drives_torchs(rule, name):
    p = torch.nn.Parameter(torch.linspace(-1, 2, 5, dtype=torch.float64))
    q = copy.deepcopy(p)
    ours = getattr(optimizers, rule)([p], lr=1e-2)
    theirs = getattr(torch.optim, {"Momentum": "SGD"}.get(rule, rule))([q], **{"lr": 1e-2, **TWINS[rule]})
    if rule == "AdamW":
        ours.param_groups[0]["weight_decay"] = 0.01
    schedulers = [SCHEDULERS[name](ours), SCHEDULERS[name](theirs)]
    rates = []
    for _ in range(12):
        p.grad, q.grad = (x.detach() + x.detach().sin() for x in (p, q))
        for optimizer, scheduler in zip((ours, theirs), schedulers, strict=True):
            optimizer.step()
            scheduler.step(*([1.0] if name == "ReduceLROnPlateau" else []))
        rates.append([o.param_groups[0]["lr"] for o in (ours, theirs)])
        assert rates[-1][0] == rates[-1][1]
    assert len({rate for rate, _ in rates}) > 1
    assert_same([p], [q], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
@pytest.mark.parametrize("cls", [Adam, Momentum], ids=lambda cls: cls.__name__)
def test_a_scheduler_may_cycle_the_momentum(cls, name):
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = cls([p], lr=1e-2)
    scheduler = SCHEDULERS[name](optimizer)
    seen = set()
    for _ in range(6):
        p.grad = torch.ones(2)
        optimizer.step()
        scheduler.step()
        group = optimizer.param_groups[0]
        seen.add(group["betas"][0] if "betas" in group else group["momentum"])
    assert len(seen) > 3


# --- Many steps


@every_kind
def test_two_thousand_steps_leave_nothing_behind(cls):
    p = torch.nn.Parameter(torch.ones(3))
    optimizer = cls([p])
    p.grad = torch.full((3,), 1e-3)
    closure = None if cls in HERE else lambda: setattr(p, "grad", torch.full((3,), 1e-3))
    tensors = lambda: {id(x): x for x in gc.get_objects() if issubclass(type(x), torch.Tensor)}  # noqa: E731

    def walk(steps):
        for _ in range(steps):
            optimizer.step(closure)
        gc.collect()

    walk(100)
    before, blocks = tensors(), sys.getallocatedblocks()  # held here: what other tests left cannot go meanwhile
    walk(1_900)
    known = before.keys() | {id(x) for x in (p.grad, *optimizer.state[p].values())}
    assert [x for key, x in tensors().items() if key not in known] == []
    assert sys.getallocatedblocks() < blocks + 1000  # less than one a step
    assert optimizer.state[p]["step"] == 2_000
    assert set(optimizer.state[p]) == {"step", *cls.state_names}


# --- The cases that torch's own test suite tries on each of its optimizers, as far as they ship with torch


INFOS = {info.optim_cls.__name__: info for info in optim_db if info.optim_cls.__name__ in optimizers.__all__}
#: What torch refuses for the sake of its own implementations: numbers and tensors mixed.
NOT_OURS = re.compile("as a Tensor|as Tensor|both floats or both Tensors|Tensor lr must")


def shared_cases():
    for name, info in INFOS.items():
        takes = getattr(optimizers, name).hyperparameters
        for case in info.optim_inputs_func("cpu", torch.float64):
            # torch's Muon rounds to bfloat16, as is measured on its page; its LBFGS takes 20 steps in one and wants a
            # closure.
            if set(case.kwargs) <= set(takes) and name not in ("Muon", "LBFGS"):
                yield pytest.param(name, case.kwargs, id=f"{name}-{case.desc}")


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize(("name", "settings"), list(shared_cases()))
def test_torchs_own_cases_give_torchs_own_numbers(name, settings):
    p = torch.nn.Parameter(torch.linspace(-1, 2, 5, dtype=torch.float64))
    q = copy.deepcopy(p)
    ours = getattr(optimizers, name)([p], **settings)
    takes = inspect.signature(getattr(torch.optim, name)).parameters
    theirs = getattr(torch.optim, name)([q], **{k: v for k, v in ours.defaults.items() if k in takes})
    for _ in range(10):
        p.grad, q.grad = (x.detach() + x.detach().sin() for x in (p, q))
        ours.step()
        theirs.step()
    assert_same([p], [q], rtol=1e-11, atol=1e-13)


def shared_mistakes():
    for name, info in INFOS.items():
        takes = getattr(optimizers, name).hyperparameters
        for case in info.optim_error_inputs_func("cpu", torch.float64):
            given = case.optimizer_error_input
            if given.params is None and set(given.kwargs) <= set(takes) and not NOT_OURS.search(case.error_regex):
                yield pytest.param(name, given.kwargs, id=f"{name}-{given.desc}")


@pytest.mark.parametrize(("name", "settings"), list(shared_mistakes()))
def test_torchs_own_mistakes_are_refused_by_ours(name, settings):
    for module in (torch.optim, optimizers):
        with pytest.raises(ValueError):
            getattr(module, name)([torch.nn.Parameter(torch.ones(2))], **settings)


@every_kind
def test_torchs_mistakes_with_parameters_are_refused_with_torchs_words(cls):
    tried = 0
    for case in get_error_inputs_for_all_optims("cpu", torch.float64):
        given = case.optimizer_error_input
        if given.params is not None:
            expected = pytest.warns if issubclass(case.error_type, Warning) else pytest.raises
            with expected(case.error_type, match=case.error_regex):
                cls(given.params, **given.kwargs)
            tried += 1
    assert tried >= 5
