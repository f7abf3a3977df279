"""Training: the numbers of a plain loop, the same data for everybody, and refusals before any work."""

import copy
import importlib
import json
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
import pytorch_optimizer
import torch
import xarray as xr
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.optim.lr_scheduler import ExponentialLR, ReduceLROnPlateau

import optguide as og
from optguide.language.matrices import identity, orthogonalize, solve
from optguide.problems import Task, digits_task
from optguide.training import together
from optguide.training.rows import by_coordinates

STEPS, BATCH, EVERY = 12, 16, 5


class Layerwise(og.Optimizer):
    """Each tensor takes steps of one length."""

    mixes = "tensor"
    init = {"best": lambda theta, lr: lr * theta.norm(), "slow": "theta", "peak": "beta"}

    @staticmethod
    def update(theta, grad, t, m, best, slow, peak, *, lr=1e-2, beta=0.9):
        g = grad(theta)
        m = beta * m + (1 - beta) * g
        best = 0.5 * best + 0.1 * theta.norm()
        slow = 0.5 * slow + 0.5 * theta
        theta = theta - lr * (1 + best + peak) * m / m.norm() - 0.01 * (theta - slow)
        return theta, m, best, slow, 0.5 * peak


class Polyak(og.Optimizer):
    """Asks for the loss, and for the length of the whole gradient."""

    mixes = "model"

    @staticmethod
    def update(theta, grad, loss, t, *, lr=0.1):
        g = grad(theta)
        return theta - lr * loss(theta) * g / (1 + g.norm())


class LookingLayer(og.Optimizer):
    """Each tensor looks ahead, all of them together: only the loop of a run by itself knows how."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, t, m, *, lr=1e-2):
        m = 0.5 * m + grad(theta - 0.1 * m)
        return theta - lr * m / (1 + m.norm()), m


class Clearing(torch.optim.SGD):
    """Clears the gradients and then calls the closure for new ones."""

    def step(self, closure=None):
        self.zero_grad()
        closure()
        super().step()


class Averaging(og.ScheduleFreeSGD):
    """Has a step of its own, so that it is tried as one that is not ours."""

    @torch.no_grad()
    def step(self, closure=None):
        return super().step(closure)


class Foreign(torch.optim.Optimizer):
    """A step along what `direction` says, for each tensor."""

    def __init__(self, params, lr=1e-3):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p -= group["lr"] * self.direction(p.grad)

    def direction(self, g):
        return g / g.norm()


class Centred(Foreign):
    """Mixes the coordinates of matrices, not of vectors, as the centralisation of gradients does."""

    def direction(self, g):
        return g - g.mean(0) if g.dim() > 1 else g


class Careful(Foreign):
    """Does not move a tensor in which anything is not finite."""

    def direction(self, g):
        return g * g.isfinite().all()


class Noisy(Foreign):
    """Adds noise to the gradient."""

    def direction(self, g):
        return g + 1e-3 * torch.randn_like(g)


class Trying(Foreign):
    """Steps, looks again where that leads to, and steps once more."""

    @torch.no_grad()
    def step(self, closure=None):
        super().step(closure)
        super().step(closure)

    def direction(self, g):
        return g / 2


class Turning(og.Optimizer):
    """Steps matrices, by steps whose singular values are near 1."""

    mixes = "matrix"

    @staticmethod
    def update(theta, grad, t, m, *, lr=0.02, momentum=0.9):
        m = momentum * m + grad(theta)
        return theta - lr * orthogonalize(m), m


class CurvedLayer(og.Optimizer):
    """Each tensor is divided by its own curvature along the gradient, which is a piece of the product of the model."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, hvp, t, *, lr=0.1):
        g = grad(theta)
        h = hvp(theta, g)
        return theta - lr * g / (1 + h.norm() + h**2)


class CurvedEach(og.Optimizer):
    """As before, coordinate by coordinate: all weights are stepped as one vector."""

    @staticmethod
    def update(theta, grad, hvp, t, *, lr=0.1):
        g = grad(theta)
        return theta - lr * g / (1 + hvp(theta, g) ** 2)


@pytest.fixture(scope="module")
def task():
    return digits_task(hidden=5, validation=30, test=40)


def plain_loop(task, seed, make, steps=STEPS, schedule=None, graph=False):
    """What anybody would write: a module, an optimizer, batches in their order, random numbers from the seed."""
    draw = task.draw(seed)
    network = copy.deepcopy(draw.problem.network)
    torch.manual_seed(seed)
    optimizer = make(list(network.parameters()))
    scheduler = schedule and schedule(optimizer)
    losses, held_out = [], []

    def look():
        for mode in ("eval", "train"):
            getattr(optimizer, mode, lambda: None)()
            getattr(network, mode)()
            if mode == "eval":
                with torch.no_grad():
                    found = []
                    for inputs, targets in draw.held_out.values():
                        scores = network(inputs)
                        right = (scores.argmax(-1) == targets).double().mean().item()
                        found.append((cross_entropy(scores, targets).item(), right))
                held_out.append(found)

    for t, rows in enumerate(task.batches(seed, BATCH, steps)):
        if t % EVERY == 0:
            look()

        def closure(rows=rows):
            optimizer.zero_grad()
            loss = cross_entropy(network(draw.problem.inputs[rows]), draw.problem.labels[rows])
            loss.backward(create_graph=graph)
            return loss

        with torch.random.fork_rng(), torch.no_grad():  # for the record: nothing is to change by it
            scores = copy.deepcopy(network)(draw.problem.inputs[rows])
        losses.append(cross_entropy(scores, draw.problem.labels[rows]).item())
        optimizer.step(closure)
        if scheduler:
            scheduler.step()
    look()
    return np.array(losses), np.array(held_out)


RULES = {
    "SGD": (og.SGD, torch.optim.SGD),
    "Adam": (og.Adam, torch.optim.Adam),
    "Nesterov, which looks ahead": (og.Nesterov, og.Nesterov),
    "Schedule-Free, whose answer is a state": (og.ScheduleFreeSGD, og.ScheduleFreeSGD),
    "SAM, which mixes all weights and looks elsewhere": (og.SAM(og.Adam), og.SAM(og.Adam)),
    "a rule that mixes all weights": (Polyak, Polyak),
    "a rule that mixes the weights of a tensor": (Layerwise, Layerwise),
    "a rule that steps each tensor and looks ahead": (LookingLayer, LookingLayer),
    "one that leaves vectors to another": 2 * (Turning.at(otherwise=og.AdamW.at(lr=0.05)),),
    "one that leaves them to one with a state for its answer": 2 * (Turning.at(otherwise=og.ScheduleFreeSGD),),
    "torch's": (torch.optim.RMSprop, torch.optim.RMSprop),
    "one that clears the gradients itself": (Clearing, torch.optim.SGD),
    "Schedule-Free as one that is not ours": (Averaging, og.ScheduleFreeSGD),
    "Schedule-Free of a package": 2 * (pytorch_optimizer.ScheduleFreeAdamW,),
    "L-BFGS, which asks again and again": 2 * (partial(torch.optim.LBFGS, max_iter=2),),
    "one that mixes the weights of a tensor": 2 * (Foreign,),
    "one that mixes those of matrices only": 2 * (Centred,),
    "one that draws random numbers": 2 * (Noisy,),
    "one that looks elsewhere": 2 * (Trying,),
}
RUN_BY_RUN = {
    "a rule that steps each tensor and looks ahead",
    "one that leaves them to one with a state for its answer",
    "L-BFGS, which asks again and again",
    "one that mixes the weights of a tensor",
    "one that mixes those of matrices only",
    "one that draws random numbers",
    "one that looks elsewhere",
}


def same_as_a_plain_loop(mine, task, reference, graph=False):
    """Checks the runs, and returns the way in which they were stepped."""
    lrs, seeds = [0.003, 0.1], [3, 8]
    found = og.train(mine, task, STEPS, batch=BATCH, seed=seeds, every=EVERY, lr=lrs)
    data = found.data.isel(optimizer=0)
    assert data.check.values.tolist() == [0, 5, 10, 12]
    for lr in lrs:
        for seed in seeds:
            run = data.sel(lr=lr, seed=seed)
            losses, held_out = plain_loop(task, seed, partial(reference, lr=lr), graph=graph)
            np.testing.assert_allclose(run.loss, losses, rtol=1e-9, atol=0)
            np.testing.assert_allclose(run.held_out_loss, held_out[..., 0], rtol=1e-9, atol=0)
            np.testing.assert_array_equal(run.accuracy, held_out[..., 1])
            assert run.diverged_at == -1
    (way,) = json.loads(found.data.attrs["way"]).values()
    return way


@pytest.mark.parametrize("name", RULES)
def test_every_run_is_a_plain_loop(task, name):
    mine, reference = RULES[name]
    way = same_as_a_plain_loop(mine, task, reference)
    assert way.startswith("run by run" if name in RUN_BY_RUN else "all runs at once")


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
def test_one_that_differentiates_the_gradient_is_a_plain_loop(task):
    way = same_as_a_plain_loop(pytorch_optimizer.AdaHessian, task, pytorch_optimizer.AdaHessian, graph=True)
    assert way == "run by run: it is not seen to step every weight by itself"


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
@pytest.mark.parametrize("rule", [CurvedEach, CurvedLayer], ids=lambda rule: rule.__name__)
def test_a_rule_that_multiplies_by_the_hessian_is_a_plain_loop(task, rule):
    way = same_as_a_plain_loop(rule, task, rule, graph=True)
    alone = "run by run: tensors are stepped by themselves, and CurvedLayer asks for grad, hvp"
    assert way == ("all runs at once" if rule is CurvedEach else alone)


# --- Networks that are more than weights


def normalised(**options):
    return lambda: nn.Sequential(nn.Linear(64, 5), nn.BatchNorm1d(5, **options), nn.Tanh(), nn.Linear(5, 10))


AT_ONCE_ALL = "all runs at once"
TWICE = "run by run: the network changes its buffers, and {} looks at it more than once"
WITH_BUFFERS = {
    "SGD": (og.SGD, torch.optim.SGD, AT_ONCE_ALL),
    "torch's": (torch.optim.Adam, torch.optim.Adam, AT_ONCE_ALL),
    "one that mixes weights": (Polyak, Polyak, AT_ONCE_ALL),
    "Schedule-Free": (og.ScheduleFreeSGD, og.ScheduleFreeSGD, AT_ONCE_ALL),
    "two rules": (*2 * (Turning.at(otherwise=og.AdamW),), AT_ONCE_ALL),
    "Nesterov": (og.Nesterov, og.Nesterov, TWICE.format("Nesterov")),
    "SAM": (og.SAM(og.Adam), og.SAM(og.Adam), TWICE.format("SAM(Adam)")),
    "one that searches": (*2 * (Trying,), "run by run: it is not seen to step every weight by itself"),
}


@pytest.mark.parametrize("name", WITH_BUFFERS)
def test_batch_normalisation_is_that_of_each_run(name):
    mine, reference, expected = WITH_BUFFERS[name]
    task = digits_task(normalised(), validation=30, test=40)
    assert same_as_a_plain_loop(mine, task, reference) == expected


class Features(nn.Module):
    """Has random features that stay as they are, and a count of what it has seen."""

    def __init__(self, counts):
        super().__init__()
        self.register_buffer("features", torch.randn(64, 7), persistent=False)
        self.register_buffer("seen", torch.zeros(()))
        self.counts, self.last = counts, nn.Linear(7, 10)

    def forward(self, x):
        if self.training and self.counts:
            self.seen = self.seen + 1  # another tensor
        return self.last(torch.sin(x @ self.features)) / (1 + self.seen)


@pytest.mark.parametrize("counts", [False, True])
def test_buffers_are_those_that_a_seed_drew(counts):
    task = digits_task(partial(Features, counts), validation=30, test=40)
    assert same_as_a_plain_loop(og.Adam, task, og.Adam) == AT_ONCE_ALL
    way = same_as_a_plain_loop(og.SAM(og.SGD), task, og.SAM(og.SGD))
    assert way == (TWICE.format("SAM(SGD)") if counts else AT_ONCE_ALL)


ALONE = {
    "randomness": lambda: nn.Sequential(nn.Linear(64, 9), nn.Dropout(0.4), nn.Linear(9, 10)),
    ".item()": normalised(momentum=None),
}


@pytest.mark.parametrize("why", ALONE)
@pytest.mark.parametrize("optimizer", [og.Adam, og.Nesterov, torch.optim.SGD])
def test_a_network_that_cannot_be_run_many_times_at_once_is_trained_run_by_run(why, optimizer):
    way = same_as_a_plain_loop(optimizer, digits_task(ALONE[why], validation=30, test=40), optimizer)
    assert way.startswith("run by run: torch.func.vmap cannot run the network: ") and why in way


class Unused(nn.Linear):
    """Has a weight that nothing depends on, and a frozen one."""

    def __init__(self):
        super().__init__(64, 10)
        self.idle, self.bias.requires_grad = nn.Parameter(torch.ones(3)), False


def test_weights_without_a_gradient_stay_where_they_are():
    decaying = partial(torch.optim.SGD, weight_decay=0.1)
    ours = og.AdamW.at(weight_decay=0.1)
    task = digits_task(Unused, validation=30, test=40)
    for mine, reference in ((decaying, decaying), (ours, ours)):
        assert same_as_a_plain_loop(mine, task, reference) == "run by run: bias, idle have no gradient"


def test_random_numbers_outside_are_left_as_they_are():
    before = torch.get_rng_state()
    og.train([og.Adam, Noisy], digits_task(ALONE["randomness"], validation=30, test=40), 2)
    og.train(Noisy, digits_task(hidden=3, validation=30, test=40), 2)
    assert torch.equal(before, torch.get_rng_state())


def test_batch_normalisation_refuses_batches_of_one():
    with pytest.raises(ValueError, match="^task cannot be trained on batches of 1: Expected more than 1 value"):
        og.train(og.SGD, digits_task(normalised(), validation=30, test=40), 1, batch=1)


# --- Optimizers that are not ours, many runs at once


class Leap(og.Optimizer):
    """Ends its first step out of all numbers."""

    @staticmethod
    def update(theta, grad, t, *, lr=1e300):
        return theta - lr * 1e300 * grad(theta)


def test_a_run_may_diverge_in_its_last_step(task):
    run = og.train(Leap, task, 1).data
    assert run.diverged_at == 1
    assert (og.train(og.SGD, task, 1).data.diverged_at == -1).all()


def test_progress_knows_how_many_steps_there_will_be(task, monkeypatch):
    seen = []

    class Bar:
        def __init__(self, _, what, total, **others):
            seen.append([what, total, 0])

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self):
            seen[0][2] += 1

    monkeypatch.setattr(importlib.import_module("optguide.training"), "tqdm", Bar)
    og.train([og.Adam, torch.optim.SGD, torch.optim.Rprop], task, 3, seed=range(3))
    ((what, total, steps),) = seen
    assert what == "train" and total == steps > 0


def test_a_run_that_diverges_leaves_the_others_alone(task):
    both = og.train([torch.optim.SGD, Careful], task, 30, seed=[0, 1], lr=[1e200, 0.1])
    alone = og.train([torch.optim.SGD, Careful], task, 30, seed=1, lr=0.1).data
    assert (both.data.diverged_at.sel(lr=1e200) > 0).all()
    for name in ("loss", "held_out_loss"):
        np.testing.assert_allclose(both.data[name].sel(lr=0.1, seed=1), alone[name].isel(seed=0), rtol=1e-9)
    ways = json.loads(both.data.attrs["way"])
    assert ways["SGD"] == AT_ONCE_ALL and ways["Careful"].startswith("run by run")


def test_every_combination_of_settings_is_tried(task):
    found = og.train(Sometimes, task, 3, lr=0.1, centred=[0.0, 1.0, 0.5])
    assert json.loads(found.data.attrs["way"])["Sometimes"].startswith("run by run")
    found = og.train(Sometimes, task, 3, lr=[0.1, 0.2, 0.3])
    assert json.loads(found.data.attrs["way"])["Sometimes"] == AT_ONCE_ALL


class Late(Foreign):
    """Mixes the weights of a tensor where no trial gets to."""

    def direction(self, g):
        return g / g.norm() if 0 < g.abs().max() < 0.2 else g


def test_runs_at_once_are_checked_by_runs_alone(task):
    makers = [partial(Late, lr=lr) for lr in (0.003, 0.1)]
    assert all(by_coordinates(make, [(5, 64), (5,), (10, 5), (10,)]) for make in makers)
    assert same_as_a_plain_loop(Late, task, Late) == "run by run: at once its runs were others"


def test_few_runs_of_an_optimizer_that_is_not_ours_are_not_stepped_at_once(task):
    ways = [json.loads(og.train(torch.optim.Adam, task, 1, seed=range(n)).data.attrs["way"])["Adam"] for n in (2, 3)]
    assert ways == ["run by run: there are too few runs to gain by more", "all runs at once"]


class Sometimes(Foreign):
    """Mixes coordinates if told to."""

    def __init__(self, params, lr=1e-3, centred=0.0):
        super().__init__(params, lr)
        self.centred = centred

    def direction(self, g):
        return g - g.mean() if self.centred else g


def test_the_way_in_which_each_was_stepped_is_told(task):
    optimizers = {o.__name__: o for o in (og.Adam, Layerwise, LookingLayer, torch.optim.RMSprop)}
    for other in (og.Lion, og.ScheduleFreeSGD, og.SAM(og.SGD)):
        optimizers[f"Turning and {other.__name__}"] = Turning.at(otherwise=other)
    ways = json.loads(og.train(optimizers, task, 1, seed=range(3)).data.attrs["way"])
    alone = "run by run: tensors are stepped by themselves, and"
    assert ways == {
        "Turning and Lion": "all runs at once",
        "Turning and ScheduleFreeSGD": f"{alone} ScheduleFreeSGD has a state for its answer",
        "Turning and SAM(SGD)": f"{alone} SAM(SGD) looks at the whole model",
        "Adam": "all runs at once",
        "Layerwise": "all runs at once",
        "LookingLayer": f"{alone} LookingLayer looks at gradients elsewhere",
        "RMSprop": "all runs at once",
    }


class Whole(og.Optimizer):
    """A damped Newton step."""

    mixes = "model"

    @staticmethod
    def update(theta, grad, hessian, t, *, lr=0.1):
        h = hessian(theta)
        return theta - lr * solve(h @ h + 1e-2 * identity(h), h @ grad(theta))


class Shaken(og.Optimizer):
    """Draws numbers of its own."""

    @staticmethod
    def update(theta, grad, noise, t, *, lr=0.1):
        return theta - lr * grad(theta) + lr * noise()


class ShakenLayer(Shaken):
    """As before, tensor by tensor."""

    mixes = "tensor"
    update = Shaken.update


class Wandering(og.Optimizer):
    """Goes where it is drawn, and nowhere else."""

    @staticmethod
    def update(theta, grad, noise, t, *, lr=0.1):
        return theta + lr * noise()


def test_every_seed_has_noise_of_its_own_the_same_as_in_a_descent(task):
    found = og.train(Wandering, task, 2, seed=[7, 8], lr=[0.1, 0.2]).data.held_out_loss.isel(optimizer=0, check=-1)
    for seed in (7, 8):
        draw = task.draw(seed)
        end = og.descend(Wandering, draw.problem, draw.problem.start, 2, seed=seed, lr=0.2).theta[-1]
        x, y = (torch.as_tensor(part) for part in draw.held_out["test"])
        expected = cross_entropy(draw.problem.scores(torch.from_numpy(end), x.double()), y).item()
        assert found.sel(seed=seed, lr=0.2, part="test") == pytest.approx(expected, rel=1e-12)


def test_a_rule_that_draws_numbers_draws_those_of_the_seed(task):
    for rule in (Shaken, ShakenLayer):
        runs = []
        for seeds, lrs in (([7], [0.1]), ([7, 8], [0.1, 0.3])):
            torch.manual_seed(len(lrs))  # whatever torch would draw
            runs.append(og.train(rule, task, 4, seed=seeds, lr=lrs).data.loss.isel(optimizer=0).sel(lr=0.1, seed=7))
        np.testing.assert_allclose(*runs, rtol=1e-12)
        still = og.train(og.SGD, task, 4, seed=7, lr=[0.1]).data.loss.isel(optimizer=0).sel(lr=0.1, seed=7)
        assert not np.allclose(still[1:], runs[0][1:], rtol=1e-3)


def test_the_hessian_of_a_small_network_is_that_of_the_batch():
    task = digits_task(hidden=1, validation=30, test=40)
    found = og.train(Whole, task, 1, batch=BATCH, seed=4).data.isel(optimizer=0, seed=0)
    problem = task.draw(4).problem
    rows = task.batches(4, BATCH, 1)
    theta = torch.from_numpy(problem.start)
    loss = lambda theta: cross_entropy(problem.scores(theta, problem.inputs[rows[0]]), problem.labels[rows[0]])  # noqa: E731
    gradient, h = torch.func.grad(loss)(theta), torch.autograd.functional.hessian(loss, theta)
    after = theta - 0.1 * torch.linalg.solve(h @ h + 1e-2 * torch.eye(len(h)), h @ gradient)
    x, y = task.draw(4).held_out["validation"]
    held_out = cross_entropy(problem.scores(after, torch.as_tensor(x, dtype=torch.float64)), torch.as_tensor(y))
    assert found.held_out_loss.sel(part="validation")[-1] == pytest.approx(held_out.item(), rel=1e-9)


class Curved(og.Optimizer):
    """Asks for the Hessian's product with the gradient, whose length it takes over all weights."""

    mixes = "model"

    @staticmethod
    def update(theta, grad, hvp, t, *, lr=0.1):
        g = grad(theta)
        return theta - lr * g / (1 + hvp(theta, g).norm())


def test_a_product_with_the_hessian_is_that_of_the_batch(task):
    found = og.train(Curved, task, 2, batch=BATCH, seed=[4, 5], lr=[0.1, 0.5]).data.isel(optimizer=0)
    problem = task.draw(5).problem
    rows = task.batches(5, BATCH, 2)
    theta = torch.from_numpy(problem.start)

    def loss(theta, t):
        return cross_entropy(problem.scores(theta, problem.inputs[rows[t]]), problem.labels[rows[t]])

    gradient = torch.func.grad(loss)(theta, 0)
    curved = torch.autograd.functional.hessian(lambda theta: loss(theta, 0), theta) @ gradient
    after = loss(theta - 0.5 * gradient / (1 + curved.norm()), 1).item()
    assert found.loss.sel(lr=0.5, seed=5)[1] == pytest.approx(after, rel=1e-12)


def test_every_rule_of_ours_that_needs_no_help_is_trained(task):
    rules = [getattr(og, name) for name in og.optimizers.__all__]
    rules = [rule for rule in rules if not getattr(rule.rule, "matrix", False)]
    # The Hessian is singular: some pixels are always blank.
    rules = [rule.at(damping=10.0) if rule is og.Newton else rule for rule in rules]
    found = og.train(rules, task, 3, batch=8)
    assert np.isfinite(found.data.loss).all()
    assert set(json.loads(found.data.attrs["way"]).values()) == {"all runs at once"}


# --- The data


def test_all_optimizers_see_the_same_batches_in_the_order_of_the_seed(task):
    still = {"SGD": og.SGD, "Adam": og.Adam, "SAM": og.SAM(og.SGD), "layers": Layerwise, "torch's": torch.optim.SGD}
    found = og.train({name: partial(o, lr=1e-300) for name, o in still.items()}, task, 150, batch=40, seed=[1, 2])
    layers = og.train({"layers": Slow}, task, 150, batch=40, seed=[1, 2]).data.loss.isel(optimizer=0)
    for seed in (1, 2):
        problem = task.draw(seed).problem
        rows = task.batches(seed, 40, 150)
        weights = torch.from_numpy(problem.start)
        with torch.no_grad():
            expected = [cross_entropy(problem.scores(weights, problem.inputs[r]), problem.labels[r]) for r in rows]
        for name in ("SGD", "Adam", "SAM", "torch's"):
            loss = found.data.loss.sel(optimizer=name, seed=seed)
            np.testing.assert_allclose(loss, expected, rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(layers.sel(seed=seed), expected, rtol=1e-12)


class Slow(og.Optimizer):
    """Stays where it is, tensor by tensor."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, t, *, lr=1e-300):
        g = grad(theta)
        return theta - lr * g / g.norm()


def test_an_order_of_batches_has_every_example_once(task):
    each = task.train // 32
    rows = task.batches(7, 32, 2 * each + 1)
    assert rows.shape == (2 * each + 1, 32) and task.train % 32
    for first in (0, each):
        epoch = rows[first : first + each].flatten()
        assert len(epoch.unique()) == each * 32 and epoch.min() >= 0 and epoch.max() < task.train
    assert not torch.equal(rows[:each], rows[each : 2 * each])
    assert torch.equal(rows, task.batches(7, 32, 2 * each + 1)) and not torch.equal(
        rows, task.batches(8, 32, 2 * each + 1)
    )
    assert torch.equal(rows[:3], task.batches(7, 32, 3))


def test_a_seed_divides_the_examples_and_leaves_the_random_numbers_alone(task):
    before = torch.get_rng_state()
    draw, again, other = task.draw(5), task.draw(5), task.draw(6)
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(draw.problem.start, again.problem.start)
    assert torch.equal(draw.rows, again.rows) and not torch.equal(draw.rows, other.rows)
    assert (draw.problem.start != other.problem.start).any()
    parts = [draw.problem.inputs, *(inputs for inputs, _ in draw.held_out.values())]
    assert [len(part) for part in parts] == [1727, 30, 40]
    together_again = torch.cat(parts)
    order = lambda rows: np.lexsort(rows.numpy().T)  # noqa: E731
    assert torch.equal(together_again[order(together_again)], task.inputs[order(task.inputs)])  # each of them once
    assert torch.equal(draw.problem.inputs, task.inputs[draw.rows])


def test_the_same_seeds_give_the_same_runs(task):
    run = partial(og.train, [og.Adam, Layerwise], task, 5, lr=[0.01, 0.1])
    both, first = run(seed=[0, 1]), run(seed=0)
    xr.testing.assert_identical(both.data, run(seeds=range(2)).data)
    np.testing.assert_allclose(both.data.loss.sel(seed=[0]), first.data.loss, rtol=1e-12)
    assert (both.data.loss.sel(seed=0) != both.data.loss.sel(seed=1)).all()


def test_how_many_runs_go_at_once_changes_nothing(task, monkeypatch):
    run = partial(og.train, [og.Adam, og.SAM(og.SGD), Layerwise], task, 5, seed=range(3), lr=[0.01, 0.1])
    whole = run()
    monkeypatch.setattr(together, "MOST_NUMBERS", 4 * task.draw(0).problem.size + 1)
    steps = []
    monkeypatch.setattr(together, "run", lambda *a, run=together.run: steps.append(a[2]) or run(*a))
    parts = run()
    assert steps == 3 * [slice(0, 4), slice(4, 6)]
    for name in ("loss", "held_out_loss", "accuracy"):
        np.testing.assert_allclose(parts.data[name], whole.data[name], rtol=1e-12)


def test_runs_with_large_states_go_fewer_at_once(task, monkeypatch):
    run = partial(og.train, og.LBFGS.at(history_size=3), task, 5, seed=range(3), lr=0.1)
    whole, steps = run(), []
    monkeypatch.setattr(together, "MOST_NUMBERS", 6 * task.draw(0).problem.size + 1)
    monkeypatch.setattr(together, "run", lambda *a, run=together.run: steps.append(a[2]) or run(*a))
    np.testing.assert_allclose(run().data.loss, whole.data.loss, rtol=1e-9)
    assert steps == [slice(0, 2), slice(2, 3)]


def test_without_batches_every_step_sees_all_examples(task):
    found = og.train(og.SGD, task, 2, batch=None, seed=3, lr=0.5).data.loss.squeeze().values
    problem = task.draw(3).problem
    np.testing.assert_allclose(found, og.descend(og.SGD, problem, steps=2, lr=0.5).loss[:2], rtol=1e-12)


def test_single_precision_is_the_same_but_for_rounding(task):
    rules = [og.Adam, Layerwise, og.SAM(og.SGD), torch.optim.Adagrad]
    run = partial(og.train, rules, task, 5, lr=[0.01, 0.1])
    double, single = run(), run(dtype="float32")
    difference = abs(double.data.loss - single.data.loss)
    assert 0 < difference.max() < 1e-4 and (difference.max(("lr", "seed", "step")) > 1e-9).all()
    assert single.data.attrs["dtype"] == "float32" and double.data.attrs["dtype"] == "float64"


# --- Settings


def test_a_schedule_is_that_of_a_plain_loop(task):
    decay = partial(ExponentialLR, gamma=0.5)
    optimizers = {"ours": partial(og.SGD, schedule=decay), "torch's": partial(torch.optim.SGD, schedule=decay)}
    found = og.train(optimizers, task, STEPS, batch=BATCH, every=EVERY, seed=[2, 3], lr=[0.1, 0.5])
    losses, _ = plain_loop(task, 3, partial(torch.optim.SGD, lr=0.5), schedule=decay)
    for name in optimizers:
        np.testing.assert_allclose(found.data.loss.sel(optimizer=name, lr=0.5, seed=3), losses, rtol=1e-9)
    assert set(json.loads(found.data.attrs["schedules"])) == set(optimizers)


def test_a_schedule_drives_a_rule_that_steps_matrices(task):
    decay = partial(ExponentialLR, gamma=0.5)
    mixed = Turning.at(otherwise=og.SGD.at(lr=1e-12))
    found = og.train(partial(mixed, schedule=decay), task, STEPS, batch=BATCH, every=EVERY, seed=[2, 3], lr=[0.1, 0.5])
    losses, _ = plain_loop(task, 3, partial(mixed, lr=0.5), schedule=decay)
    np.testing.assert_allclose(found.data.loss[0].sel(lr=0.5, seed=3), losses, rtol=1e-9)


def test_a_schedule_that_waits_for_the_loss_is_told_that_of_the_batch(task):
    wait = partial(ReduceLROnPlateau, patience=0, factor=0.1)
    optimizers = {"ours": partial(og.SGD, schedule=wait), "torch's": partial(torch.optim.SGD, schedule=wait)}
    loss = og.train(optimizers, task, 10, seed=[2, 3], lr=[0.1, 2.0]).data.loss
    np.testing.assert_allclose(loss.sel(optimizer="ours"), loss.sel(optimizer="torch's"), rtol=1e-9)


def test_a_tuple_and_several_axes(task):
    found = og.train(og.Adam, task, 4, lr=[0.01, 0.1], betas=[(0.9, 0.99), (0.5, 0.9), (0.0, 0.9)], eps=1e-4)
    assert found.data.loss.dims == ("optimizer", "lr", "betas", "seed", "step")
    one = og.train(torch.optim.Adam, task, 4, lr=0.1, betas=(0.5, 0.9), eps=1e-4)
    mine = found.data.loss.sel(lr=0.1, betas="(0.5, 0.9)").values.ravel()
    np.testing.assert_allclose(mine, one.data.loss.values.ravel(), rtol=1e-9)
    assert {*found.settings} == {"lr", "betas"} and "betas" in found.chosen.coords
    with pytest.raises(ValueError, match="lr for its one axis.*got lr, betas"):
        found.default  # noqa: B018


def test_the_last_weights_are_kept_where_they_are_judged_if_asked_for(task, tmp_path):
    optimizers = {
        "ours": og.Adam, "torch's": torch.optim.Adam, "average": og.ScheduleFreeSGD, "by itself": Averaging,
        "wild": og.SGD.at(lr=1e6), "wild, torch's": partial(torch.optim.SGD, lr=1e6),
    }  # fmt: skip
    run = partial(og.train, optimizers, task, 30, seed=[0, 3])
    found = run(weights=True)
    assert found.data.theta.dims == ("optimizer", "seed", "weight") and "theta" not in run().data
    for name in optimizers:
        for seed in (0, 3):
            draw, here = task.draw(seed), found.data.sel(optimizer=name, seed=seed)
            if name.startswith("wild"):
                assert here.theta.isnull().all() and here.diverged_at > 0
                continue
            for part, (inputs, targets) in draw.held_out.items():
                scores = draw.problem.scores(torch.tensor(here.theta.values), inputs)
                loss = here.held_out_loss.sel(part=part).isel(check=-1)
                np.testing.assert_allclose(cross_entropy(scores, targets), loss, rtol=1e-12)
    found.save(tmp_path / "runs.nc")
    xr.testing.assert_identical(og.Training.load(tmp_path / "runs.nc").data, found.data)


# --- Divergence


def test_a_run_that_diverges_is_a_result_and_disturbs_no_other(task):
    optimizers = {"ours": og.SGD, "layers": Layerwise, "torch's": torch.optim.SGD, "SAM": og.SAM(og.SGD)}
    found = og.train(optimizers, task, 30, every=10, seed=[0, 1], lr=[0.1, 1e6]).data
    wild, calm = found.sel(lr=1e6), found.sel(lr=0.1)
    gone = wild.diverged_at
    assert (gone > 0).all() and (calm.diverged_at == -1).all()
    np.testing.assert_array_equal(gone.sel(optimizer="ours"), gone.sel(optimizer="torch's"))
    np.testing.assert_array_equal(wild.loss.isnull(), (wild.step >= gone).transpose(*wild.loss.dims))
    late = (wild.check >= gone).transpose("optimizer", "seed", "check")
    np.testing.assert_array_equal(wild.accuracy.isel(part=0).isnull(), late)
    np.testing.assert_array_equal(wild.held_out_loss.isel(part=1).isnull(), late)
    alone = og.train(optimizers, task, 30, every=10, seed=[0, 1], lr=[0.1]).data.sel(lr=0.1)
    np.testing.assert_allclose(calm.loss, alone.loss, rtol=1e-12)


# --- The protocol


def made(accuracy, lrs, default=0.01, classifies=1):
    """A training whose accuracies, by learning rate and seed, are known: the test examples tell the opposite."""
    accuracy = np.array([accuracy], dtype=float)
    rest = accuracy.shape
    both = np.stack([accuracy, 1 - accuracy], -1)[..., None, :]
    dims = ("optimizer", "lr", "seed")
    variables = {
        "loss": ((*dims, "step"), np.ones((*rest, 3))),
        "held_out_loss": ((*dims, "check", "part"), -both),
        "accuracy": ((*dims, "check", "part"), both if classifies else both * np.nan),
        "diverged_at": (dims, np.where(np.isnan(accuracy), 1, -1)),
    }
    coords = {"optimizer": ["Adam"], "color": ("optimizer", ["#ff0000"]), "default_lr": ("optimizer", [default])}
    coords |= {"lr": lrs, "seed": range(rest[-1]), "part": ["validation", "test"], "check": [3], "step": range(3)}
    return og.Training(xr.Dataset(variables, coords, {"task": "t", "steps": 3, "classifies": classifies}))


def test_the_chosen_setting_is_best_on_validation_examples_and_none_at_which_a_seed_diverges():
    runs = made([[0.5, 0.5], [0.9, np.nan], [0.6, 0.8], [0.7, 0.6]], [0.001, 0.01, 0.1, 1.0])
    assert runs.chosen.lr.item() == 0.1
    np.testing.assert_allclose(runs.judged(runs.chosen), [[40, 20]])
    assert runs.default.lr.item() == 0.01
    (row,) = runs.table().rows
    assert row == ("Adam", "0.01: 1 of 2 diverged", "0.1: 30.0 (20.0 to 40.0)")
    losses = made([[0.5, 0.5], [0.6, 0.8], [0.7, 0.6]], [0.001, 0.1, 1.0], classifies=0)
    assert losses.chosen.lr.item() == 0.1  # the lowest loss
    np.testing.assert_allclose(losses.judged(losses.chosen), [[-0.4, -0.2]])


def test_the_default_is_the_nearest_by_its_logarithm():
    lrs = [0.001, 0.03, 0.1]
    assert made([[0.5]] * 3, lrs, default=0.004).default.lr.item() == 0.001
    assert made([[0.5]] * 3, lrs, default=0.007).default.lr.item() == 0.03
    with pytest.raises(ValueError, match="Adam must have a default lr"):
        made([[0.5]] * 3, lrs, default=np.nan).default  # noqa: B018


def test_defaults_are_those_of_each_optimizer(task):
    optimizers = {
        "a": og.Adam,
        "b": og.Adam.at(lr=0.5),
        "c": torch.optim.Adagrad,
        "d": lambda p: torch.optim.SGD(p, 0.1),
    }
    found = og.train(optimizers, task, 1).data.default_lr.values
    np.testing.assert_array_equal(found, [0.001, 0.5, 0.01, np.nan])
    assert og.train({"b": og.Adam.at(lr=0.5)}, task, 1, lr=[0.1, 0.6]).default.lr.item() == 0.6


def test_tables_without_axes_and_with_several(task):
    assert og.train(og.Adam, task, 1).table().columns == ("optimizer", "as it is")
    table = og.train(og.Adam, task, 1, eps=[1e-8, 1e-3]).table()
    assert table.columns == ("optimizer", "at the chosen setting")
    assert "digits, 1 steps: accuracy on test examples in percent, one seed" in str(table)


# --- Other tasks


def test_what_is_no_class_has_a_loss_and_no_accuracy():
    x = torch.linspace(-1, 1, 60, dtype=torch.float64)[:, None]
    task = Task(lambda: nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)), x, x**2, 10, 10, loss=mse_loss)
    found = og.train(og.Adam, task, 200, batch=8, seed=range(2), lr=[1e-6, 0.03])
    assert found.data.accuracy.isnull().all() and found.chosen.lr.item() == 0.03
    assert found.judged(found.chosen).mean() < 0.5 * found.data.held_out_loss.isel(check=0).mean()
    assert "loss on test examples, median" in str(found.table())
    assert og.train(torch.optim.SGD, task, 2).data.accuracy.isnull().all()


def test_whole_numbers_as_inputs_stay_whole():
    tokens = torch.arange(40).reshape(20, 2) % 5
    task = Task(lambda: nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5)), tokens, tokens, 4, 4)
    found = og.train([og.Adam, torch.optim.SGD], task, 60, batch=4, lr=0.1, dtype="float32")
    assert found.data.accuracy.sel(optimizer="Adam")[0, -1, 0] == 1  # it copies


BAD_TASKS = {
    "network must be callable, got 3": {"network": 3},
    "network must be a callable that makes a torch.nn.Module, got 3": {"network": lambda: 3},
    "network must have weights": {"network": nn.ReLU},
    "inputs must be a tensor": {"inputs": [1, 2]},
    "targets must be as many as inputs, 9, got 8": {"targets": torch.zeros(8)},
    "loss must be callable, got 'mse'": {"loss": "mse"},
    "accuracy must be True or False, got 1": {"accuracy": 1},
    "validation must be >= 1, got 0": {"validation": 0},
    "test must be an int, got 0.1": {"test": 0.1},
    "validation and test must leave examples to train on, got 4 and 5 of 9": {"test": 5},
}


@pytest.mark.parametrize("message", BAD_TASKS)
def test_a_task_refuses_what_cannot_be_trained(message):
    given = {"network": lambda: nn.Linear(2, 3), "inputs": torch.zeros(9, 2), "targets": torch.zeros(9).long()}
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        Task(**{**given, "validation": 4, "test": 2, **BAD_TASKS[message]})


BAD = {
    "task must be a Task": {"task": og.surfaces.sphere},
    "steps must be >= 1, got 0": {"steps": 0},
    "batch must be >= 1 and at most 1727, got 2000": {"batch": 2000},
    "every must be >= 1, got 0": {"every": 0},
    "dtype must be 'float64' or 'float32', got 3": {"dtype": 3},
    "unknown dtype 'float16'": {"dtype": "float16"},
    "weights must be True or False, got 1": {"weights": 1},
    "seed must be an int or a list": {"seed": 0.5},
    "seed must be an int, got 0.5": {"seed": [0.5]},
    "seed must not name anything twice": {"seed": [1, 1]},
    "seed must not be empty": {"seed": []},
    "lr must not be empty": {"lr": []},
    "step cannot be an axis": {"step": [1, 2]},
    "optimizer 'SGD': lr must be > 0, got -1": {"lr": [0.1, -1]},
    "optimizer 'SGD': SGD has no hyperparameter 'rate'": {"rate": 0.1},
    "optimizer 'Adam': Invalid learning rate": {"optimizers": torch.optim.Adam, "lr": [-0.1]},
    "optimizer 'Turning': Turning steps matrices: parameter 1 has the shape": {"optimizers": Turning},
    "optimizer 'f': optimizer must make a torch.optim.Optimizer": {"optimizers": {"f": lambda params: 3}},
    "optimizers must not be empty": {"optimizers": []},
    "optimizer 'SGD': schedule must make a scheduler": {"optimizers": partial(og.SGD, schedule=3)},
}


@pytest.mark.parametrize("message", BAD)
def test_a_refusal_names_the_argument(task, message):
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        og.train(**{"optimizers": og.SGD, "task": task, "steps": 1, **BAD[message]})


# --- Files and pictures


@pytest.fixture(scope="module")
def runs(task):
    return og.train([og.Adam, og.SGD], task, 60, every=20, seed=range(3), lr=[1e-3, 0.1, 1e6])


def test_a_training_is_kept_in_a_file(runs, tmp_path):
    runs.save(tmp_path / "runs.nc")
    again = og.Training.load(tmp_path / "runs.nc")
    xr.testing.assert_identical(again.data, runs.data)
    xr.testing.assert_identical(again.chosen, runs.chosen)
    assert repr(again) == "<training of 18 runs on digits: 2 optimizer x 3 lr x 3 seed>"
    og.sweep(og.SGD, og.surfaces.sphere, steps=1).save(tmp_path / "sweep.nc")
    with pytest.raises(ValueError, match="sweep.nc' is not a training: .*it lacks held_out_loss, accuracy"):
        og.Training.load(tmp_path / "sweep.nc")
    (tmp_path / "bad.nc").write_bytes((tmp_path / "runs.nc").read_bytes()[:-1])
    with pytest.raises(ValueError, match="bad.nc' is not a training"):
        og.Training.load(tmp_path / "bad.nc")
    with pytest.raises(TypeError, match="data must be an xarray.Dataset"):
        og.Training(3)


def lines(ax, gid):
    return [line for line in ax.lines if line.get_gid() == gid]


@pytest.mark.parametrize("what", ["loss", "held_out_loss", "accuracy"])
def test_curves_are_the_median_of_the_seeds_and_their_band(runs, what):
    ax = runs.plot(what=what, at="default", smooth=4)
    if what == "loss":
        values = runs.default.loss.values.reshape(2, 3, 15, 4).mean(-1)
        x = np.arange(60).reshape(15, 4).mean(-1)
    else:
        values = runs.default[what].sel(part="test").values * (100 if what == "accuracy" else 1)
        x = [0, 20, 40, 60]
    for line, band, value in zip(lines(ax, "median"), ax.collections, values, strict=True):
        np.testing.assert_allclose(line.get_xdata(), x)
        np.testing.assert_allclose(line.get_ydata(), np.median(value, 0))
        edges = band.get_datalim(ax.transData).get_points()[:, 1]
        np.testing.assert_allclose(edges, [value.min(), value.max()])
    assert ax.get_yscale() == ("linear" if what == "accuracy" else "log")
    assert "default" in ax.get_title()
    plt.close(ax.figure)


def test_the_axis_of_learning_rates_shows_what_was_chosen(runs):
    ax = runs.plot_rates()
    expected = 100 * runs.data.accuracy.isel(check=-1).sel(part="test").median("seed", skipna=False)
    assert expected.isel(lr=2).isnull().any()
    for number, line in enumerate(lines(ax, "median")):
        np.testing.assert_array_equal(line.get_ydata(), expected.isel(optimizer=number))
    marks = {
        gid: [p.get_offsets()[0, 0] for p in ax.collections if p.get_gid() == gid] for gid in ("chosen", "default")
    }
    assert marks == {"chosen": runs.chosen.lr.values.tolist(), "default": [0.001, 0.001]}
    plt.close(ax.figure)


def test_where_one_seed_diverges_there_is_no_median():
    ax = made([[0.5, 0.5], [0.9, np.nan], [0.6, 0.8]], [0.001, 0.01, 0.1]).plot_rates()
    np.testing.assert_allclose(lines(ax, "median")[0].get_ydata(), [50, np.nan, 30])
    plt.close(ax.figure)


def test_pictures_refuse_what_they_cannot_show(runs, task):
    with pytest.raises(TypeError, match="training must be a Training, got dict"):
        og.plot_training({})
    with pytest.raises(ValueError, match="unknown what 'speed'; known are loss, held_out_loss, accuracy"):
        runs.plot(what="speed")
    with pytest.raises(ValueError, match="unknown at 'best'"):
        runs.plot(at="best")
    with pytest.raises(ValueError, match="smooth must be >= 1 and at most 60, got 61"):
        runs.plot(smooth=61)
    with pytest.raises(ValueError, match="must have lr for its one axis"):
        og.train(og.SGD, task, 1, lr=[0.1]).plot_rates()
