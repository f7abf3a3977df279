"""The compiled engine of sweeps: the numbers of the reference, and what it does where it cannot be had."""

import json
import os
import warnings
from functools import partial

import joblib
import numpy as np
import pytest
import torch
import xarray as xr
from torch.optim.lr_scheduler import ExponentialLR

import optguide as og
from optguide import optimizers, surfaces
from optguide.optimizers import Optimizer
from optguide.sweep import compiled, plan, sweep
from optguide.sweep.engine import read_engine

RULES = [getattr(optimizers, name).rule for name in optimizers.__all__]
RULES = [rule.name for rule in RULES if rule.is_elementwise and not rule.is_curved]
camel = surfaces.six_hump_camel


@pytest.fixture
def as_written(monkeypatch):
    """Blocks of steps as they are written, not compiled, which takes no time."""
    monkeypatch.setattr(compiled, "run", partial(compiled.run, backend=""))


def equals_eager(rules, function, starts, steps, device=None, **options):
    """Compare the engines; return what the reference found."""
    eager = sweep(rules, function, starts, steps, **options).data
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = sweep(rules, function, starts, steps, engine="compiled", device=device, **options).data
    assert set(json.loads(eager.attrs["engine"]).values()) == {"eager"}
    assert set(json.loads(found.attrs["engine"]).values()) == {"compiled"}
    for name in eager.variables:
        if eager[name].dtype.kind == "f":
            np.testing.assert_allclose(found[name], eager[name], rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            np.testing.assert_array_equal(found[name], eager[name], err_msg=name)
    return eager


def plain_bowl(x, y):
    return x**2 + 3 * y**2


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_the_numbers_of_the_reference(as_written, rule):
    for function in (surfaces.rosenbrock, surfaces.rastrigin):
        lr = {} if optimizers.__dict__[rule].rule.rate is None else {"lr": 0.01}
        equals_eager(rule, function, function.sample(70), 63, **lr)


def test_a_rule_that_asks_for_what_cannot_be_written_out_runs_with_the_reference():
    why = r"not compiled, but run with engine='eager': SophiaH: .* \(it asks for grad, hvp, noise\)"
    same = {"function": camel, "start": camel.sample(3), "steps": 5, "seed": [1, 2]}
    with pytest.warns(UserWarning, match=why):
        found = sweep("SophiaH", engine="compiled", **same).data
    np.testing.assert_array_equal(found.theta, sweep("SophiaH", **same).data.theta)


def test_settings_and_noise_differ_between_descents(as_written):
    betas = [(0.9, 0.99), (0.5, 0.9)]
    options = dict(lr=[1e-3, 0.1], betas=betas, noise=0.1, seed=[0, 5])
    equals_eager(["Adam", "RAdam", "NAdam", "AdaBound", "Lion"], camel, camel.sample(5), 23, **options)
    equals_eager("Rprop", camel, camel.sample(5), 12, etas=[(0.5, 1.2), (0.1, 1.1)], noise=0.01)
    equals_eager(["SGD", "Lion"], camel, camel.sample(5), 23, noise=0.1, tails=1.5, seed=[0, 5])
    equals_eager("SGD", plain_bowl, [[1.0, 2.0]], 12, lr=[0.1])


def test_those_that_diverge_and_those_that_arrive_are_seen_at_the_same_steps(as_written):
    found = equals_eager(["SGD", "Nesterov"], surfaces.rosenbrock, surfaces.rosenbrock.sample(50), 300, lr=[1e-3, 0.1])
    assert (found.diverged_at >= 0).any()
    assert (found.arrived_at > 0).any()
    assert (equals_eager("SGD", plain_bowl, [[1.0, 1.0]], 40, lr=10.0).diverged_at > 0).all()


class Averaged(Optimizer):
    """Answers with the mean of its iterates, switches, and hands on a number."""

    answer = "mean"

    @staticmethod
    def update(theta, grad, t, mean, count, *, lr=0.1, flipped=True):
        g = grad(theta)
        theta = theta + lr * g if flipped else theta - lr * g
        mean = mean + (theta - mean) / t
        return theta, mean, count * 0 + t


class ByLoss(Optimizer):
    """Asks for the loss at a point of its own."""

    @staticmethod
    def update(theta, grad, loss, t, low, *, lr=0.1):
        z = loss(theta - lr * grad(theta))
        low = torch.where(z < 1.0, low + z, low)
        theta = theta - lr * grad(theta) / (1 + low)
        return theta, low


class Returning(Optimizer):
    """Comes back from afar, where it has diverged already."""

    @staticmethod
    def update(theta, grad, t, *, lr=1e6):
        theta = torch.where(torch.abs(theta) > 1e10, 0.5, lr * theta)
        return theta


def test_who_has_diverged_does_not_come_back(as_written):
    assert (equals_eager(Returning, plain_bowl, [[1.0, 2.0]], 9).diverged_at > 0).all()


class Spiking(Optimizer):
    """Answers with a state that is the same in every coordinate, and is far away for one step only."""

    answer = "place"

    @staticmethod
    def update(theta, grad, t, place, *, lr=0.1):
        theta = theta - lr * grad(theta)
        place = torch.full_like(theta, 10.0 ** (300 - 300 * (t - 3) ** 2))  # at t = 2, 3 and 4: 1, 1e300 and 1
        return theta, place


def test_a_state_of_numbers_alone_is_one_and_who_was_lost_stays_lost(as_written):
    aside = lambda x, y: (x - 2) ** 2 + y**2  # noqa: E731
    assert equals_eager(Spiking, aside, [[1.0, 2.0]], 2).loss.item() == aside(1, 1)
    assert equals_eager(Spiking, aside, [[1.0, 2.0]], 9).diverged_at.item() == 3


def test_rules_of_ones_own_run_compiled(as_written):
    equals_eager([ByLoss, partial(Averaged, flipped=False)], camel, camel.sample(9), 21, lr=[0.01, 0.05])
    gone = equals_eager(Averaged, surfaces.sphere, [[1.0, 1.0]], 90, lr=1.0)
    assert (gone.diverged_at > 0).all()


def test_chunks_are_cut_anywhere(as_written, monkeypatch):
    starts = camel.sample(300)
    whole = sweep("Adam", camel, starts, 15, lr=[0.01, 0.1], engine="compiled").data
    monkeypatch.setattr(plan, "DESCENTS_PER_COMPILED_CHUNK", 128)
    xr.testing.assert_identical(whole, sweep("Adam", camel, starts, 15, lr=[0.01, 0.1], engine="compiled").data)
    threads = joblib.Parallel(n_jobs=2, backend="threading")
    found = sweep("Adam", camel, starts, 15, lr=[0.01, 0.1], engine="compiled", jobs=threads).data
    xr.testing.assert_identical(whole, found)


def test_worker_processes_carry_chunks_and_an_interrupt_of_one_reaches_the_caller(monkeypatch):
    caller, interrupted = os.getpid(), [False]

    def tilted(x, y):
        if interrupted[0] and os.getpid() != caller:
            raise KeyboardInterrupt
        return x**2 + 3 * y**2 + x

    monkeypatch.setattr(plan, "DESCENTS_PER_COMPILED_CHUNK", 128)
    run = partial(sweep, "Adam", tilted, plain_starts(300), plan.STEPS_PER_BLOCK - 1, lr=[0.01, 0.1], engine="compiled")
    xr.testing.assert_identical(run().data, run(jobs=2).data)
    interrupted[0] = True
    with pytest.raises(KeyboardInterrupt):
        run(jobs=2)


def test_after_an_interrupt_while_compiling_the_next_sweep_compiles_anew(monkeypatch):
    def backend(graph, _):
        if not asked:
            asked.append("interrupted")
            raise KeyboardInterrupt
        asked.append("compiled")
        return graph

    asked = []
    monkeypatch.setattr(compiled, "run", partial(compiled.run, backend=backend))
    monkeypatch.setattr(compiled, "STEPS_PER_BLOCK", 1)
    with pytest.raises(KeyboardInterrupt):
        sweep("SGD", plain_bowl, plain_starts(3), 2, lr=0.1, engine="compiled")
    equals_eager("SGD", plain_bowl, plain_starts(3), 2, lr=0.1)
    assert asked == ["interrupted", "compiled"]


class Normalised(Optimizer):
    mixes = "tensor"

    @staticmethod
    def update(theta, grad, t, *, lr=0.1):
        g = grad(theta)
        theta = theta - lr * g / torch.linalg.vector_norm(g)
        return theta


class Branching(Optimizer):
    @staticmethod
    def update(theta, grad, t, *, lr=0.1):
        theta = theta - lr * grad(theta) if t > 3 else theta - grad(theta)
        return theta


def test_what_cannot_be_compiled_runs_eagerly_and_one_warning_says_so(as_written):
    mixed = {
        "Adam": partial(og.Adam, lr=0.1),
        "Normalised": Normalised,
        "theirs": partial(torch.optim.SGD, lr=0.1),
        "scheduled": partial(og.SGD, lr=0.1, schedule=partial(ExponentialLR, gamma=0.9)),
        "Branching": Branching,
        "wrapped": og.Lookahead(og.SGD),
    }
    with pytest.warns(UserWarning, match="not compiled, but run with engine='eager'") as told:
        found = sweep(mixed, camel, [[0.5, 0.5], [1.0, -0.3]], 12, engine="compiled").data
    (warning,) = told
    assert warning.filename == __file__
    for words in ("Normalised: its rule mixes", "theirs: it is not one of our rules", "scheduled: it has a schedule",
                  "Branching: its rule cannot be written out", "wrapped: its rule cannot"):  # fmt: skip
        assert words in str(warning.message)
    assert json.loads(found.attrs["engine"]) == {name: "compiled" if name == "Adam" else "eager" for name in mixed}
    eager = sweep(mixed, camel, [[0.5, 0.5], [1.0, -0.3]], 12).data
    xr.testing.assert_allclose(found, eager, rtol=1e-12)
    with pytest.warns(UserWarning, match="Adam: the gradient of <lambda> cannot be written out"):
        sweep("Adam", lambda x, y: torch.cosh(x) + torch.cosh(y), [[0.5, 0.5]], 2, engine="compiled")


def test_engine_and_device_are_refused_before_any_work():
    run = partial(sweep, "SGD", camel, steps=2)
    for kind, words, options in (
        (ValueError, "unknown engine 'compild' .did you mean compiled", dict(engine="compild")),
        (TypeError, "engine must be one of 'eager', 'compiled', got 3", dict(engine=3)),
        (ValueError, "device='cuda' needs engine='compiled'", dict(device="cuda")),
        (ValueError, "device must be 'cpu' or 'cuda', got 'gpu'", dict(engine="compiled", device="gpu")),
        (ValueError, "device must be 'cpu' or 'cuda', got 'meta'", dict(engine="compiled", device="meta")),
        (TypeError, "device must be 'cpu' or 'cuda', got 1.5", dict(engine="compiled", device=1.5)),
        (ValueError, "device='cuda:99' is not there", dict(engine="compiled", device="cuda:99")),
    ):
        with pytest.raises(kind, match=words):
            run(**options)


def test_a_graphics_card_is_named_by_its_number_or_is_the_first(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert read_engine("compiled", "cuda") == ("compiled", "cuda")
    assert read_engine("compiled", "cuda:1") == ("compiled", "cuda:1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert read_engine("compiled", "cuda") == ("compiled", "cuda")
    with pytest.raises(ValueError, match="device='cuda:1' is not there: torch .* finds 1 CUDA devices here"):
        read_engine("compiled", "cuda:1")


def test_without_a_compiler_it_says_what_to_install(monkeypatch):
    from torch._inductor import cpp_builder
    from torch._inductor.exc import InvalidCxxCompiler

    def missing(*_):
        raise InvalidCxxCompiler

    monkeypatch.setattr(cpp_builder, "get_cpp_compiler", missing)
    with pytest.raises(ValueError, match=r"needs a C\+\+ compiler, and torch finds none: install g\+\+"):
        sweep("SGD", camel, steps=2, engine="compiled")
    assert sweep("SGD", camel, steps=2).data.loss.notnull().all()


def bowl(steepness):
    return lambda x, y: x**2 + steepness * y**2


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_one_process_may_sweep_more_than_torch_compiles_one_code_object(monkeypatch, threads):
    monkeypatch.setattr(compiled, "run", partial(compiled.run, backend="eager"))
    monkeypatch.setattr(compiled, "STEPS_PER_BLOCK", 1)
    more = range(1, torch._dynamo.config.recompile_limit + 2)
    for number in more:
        equals_eager("SGD", bowl(number), [[1.0, 2.0]], 2, lr=0.1)
    for number in more:
        threads(number)
        equals_eager("SGD", plain_bowl, [[1.0, 2.0]], 2, lr=0.1)


def test_only_the_number_of_descents_is_open_in_the_code_whatever_was_swept_before(monkeypatch):
    def backend(graph, _):
        inputs = (node.meta["example_value"] for node in graph.graph.nodes if node.op == "placeholder")
        shapes.extend(tuple(map(str, value.shape)) for value in inputs if isinstance(value, torch.Tensor))
        return graph

    shapes = []
    monkeypatch.setattr(compiled, "run", partial(compiled.run, backend=backend))
    monkeypatch.setattr(compiled, "STEPS_PER_BLOCK", 1)
    for lr in (0.1, [0.1, 0.2]):  # which is one of the numbers of a step, or each descent's own
        sweep("SGD", surfaces.sphere, steps=1, lr=lr, engine="compiled")
    numbers, *others = [shape for shape in shapes if len(shape) == 2]
    assert numbers == ("1", "3")
    assert ("1", "2") in others


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # torch, where it first compiles
@pytest.mark.parametrize("rule", ["SGD", "Rprop"])
def test_compiled_code_has_these_numbers_too(rule, monkeypatch):
    monkeypatch.setattr(compiled, "STEPS_PER_BLOCK", 3)  # compiled sooner than more; 13 steps leave a remainder
    # Of two widths, so that the same code runs on both.
    for count in (70, 200):
        equals_eager(rule, plain_bowl, plain_starts(count), 13, lr=[0.01, 0.4])


def plain_starts(count):
    return np.random.default_rng(0).uniform(-2, 2, (count, 2))


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_graphics_card_has_these_numbers_too():
    equals_eager("Adam", camel, camel.sample(500), 33, lr=[0.01, 0.1], device="cuda")
