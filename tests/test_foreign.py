"""Optimizers that are not ours: which may step many descents as one tensor, and that it changes nothing."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import pytorch_optimizer
import torch

import optguide as og
from optguide.foreign import AtOnce, at_once


class Mixing(torch.optim.Optimizer):
    """Normalised gradient descent: what one coordinate does depends on all."""

    def __init__(self, params, lr=1e-3):
        super().__init__(params, {"lr": lr})

    def step(self, closure=None):
        loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    p -= group["lr"] * p.grad / (p.grad.norm() + 1e-12)
        return loss


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.Rprop, partial(torch.optim.SGD, momentum=0.9)])
def test_many_descents_as_one_tensor_are_those_one_by_one(optimizer):
    fast = at_once(optimizer)
    assert isinstance(fast.func if isinstance(fast, partial) else fast, AtOnce)
    options = {"start": og.surfaces.rosenbrock.sample(5), "steps": 50, "lr": [1e-3, 0.1, 1.0]}
    found, expected = (og.sweep(o, og.surfaces.rosenbrock, noise=0.1, **options).data for o in (fast, optimizer))
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-12)
    np.testing.assert_array_equal(found.diverged_at, expected.diverged_at)
    assert list(found.optimizer.values) == list(expected.optimizer.values)


class Centred(torch.optim.SGD):
    """Takes the mean of its rows from the gradient of a matrix."""

    def step(self, closure=None):
        loss = closure()
        for p in self.param_groups[0]["params"]:
            if p.dim() > 1:
                p.grad -= p.grad.mean(0)
        super().step()
        return loss


def test_one_that_treats_matrices_otherwise_sees_none():
    fast = at_once(Centred)
    assert isinstance(fast, AtOnce)
    starts = og.surfaces.rosenbrock.sample(5)
    found, expected = (og.descend(o, og.surfaces.rosenbrock, starts, 5, lr=1e-4).theta for o in (fast, Centred))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_one_that_draws_random_numbers_is_stepped_as_ever():
    assert at_once(pytorch_optimizer.AdaHessian) is pytorch_optimizer.AdaHessian


def test_one_that_mixes_coordinates_is_stepped_as_ever():
    assert at_once(Mixing) is Mixing
    assert at_once(torch.optim.LBFGS) is torch.optim.LBFGS
    assert at_once(og.Adam) is og.Adam
    assert at_once(partial(Mixing, lr=0.1)).func is Mixing


def test_one_with_two_points_answers_with_the_one_that_is_to_be_evaluated():
    settings = {"lr": 0.01, "betas": (0.8, 0.99), "steps": 40}
    ours = og.descend(og.ScheduleFreeAdamW, og.surfaces.rosenbrock, weight_decay=0.0, **settings)
    theirs = og.descend(pytorch_optimizer.ScheduleFreeAdamW, og.surfaces.rosenbrock, **settings)
    np.testing.assert_allclose(theirs.theta, ours.theta, rtol=1e-9)
    np.testing.assert_allclose(theirs.loss, ours.loss, rtol=1e-9)


def test_going_to_the_point_of_evaluation_and_back_leaves_the_path_as_it_is():
    point = torch.nn.Parameter(torch.tensor(og.surfaces.rosenbrock.start, dtype=torch.float64))
    optimizer = pytorch_optimizer.ScheduleFreeAdamW([point], lr=0.01)
    for _ in range(30):
        optimizer.zero_grad()
        og.surfaces.rosenbrock(*point).backward()
        optimizer.step()
    found = og.descend(pytorch_optimizer.ScheduleFreeAdamW, og.surfaces.rosenbrock, steps=30, lr=0.01)
    assert np.array_equal(found.states["z"][-1], optimizer.state[point]["z"])


def test_one_that_differentiates_the_gradient_is_handed_one_that_can_be():
    rates, bend = np.array([1.0, 50.0]), torch.tensor([1.0, 50.0], dtype=torch.float64)
    found = og.descend(
        pytorch_optimizer.AdaHessian, og.Problem(lambda x: 0.5 * (bend * x**2).sum(), (2,)), (3.0, 1.0), 25,
        lr=0.1, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0,
    )  # fmt: skip
    # The Hessian is diagonal, so what is drawn of it is exact: an average of the gradient over the curvatures.
    theta, m = np.array([3.0, 1.0]), 0.0
    for t in range(1, 26):
        m = 0.9 * m + 0.1 * rates * theta
        theta = theta - 0.1 * m / (1 - 0.9**t) / (rates + 1e-8)
    np.testing.assert_allclose(found.theta[-1], theta, rtol=1e-9)


def test_one_that_wants_groups_or_a_model_says_how_it_is_made():
    says = r"AdaMuon cannot be made from a list of one parameter .*lambda params: AdaMuon\(\[\{'params': params"
    with pytest.raises(TypeError, match=says):
        og.descend(pytorch_optimizer.AdaMuon, og.surfaces.sphere)
    run = og.descend(
        lambda params: pytorch_optimizer.AdaMuon([{"params": params, "use_muon": False}]), og.surfaces.sphere, steps=2
    )
    assert run.steps == 2


class Counted(og.Problem):
    """A bowl that counts how often its gradient was asked for."""

    def __init__(self):
        super().__init__(lambda x: (x**2).sum(), (2,), [(3.0, -2.0)])
        self.asked = 0

    def heights(self, theta):
        self.asked += theta.requires_grad
        return super().heights(theta)

    def slope(self, theta):
        self.asked += 1
        return super().slope(theta.detach())


@pytest.mark.parametrize(
    ("optimizer", "first"),
    [
        (og.Adam, 1),
        (og.SAM(og.Momentum), 2),
        (og.AveragedNesterov, None),
        (torch.optim.Adam, 1),
        (torch.optim.LBFGS, None),
    ],
)
def test_gradients_are_counted(optimizer, first):
    bowl = Counted()
    run = og.descend(optimizer, bowl, steps=3)
    assert run.evaluations.shape == (4,) and run.evaluations[0] == 0
    assert (np.diff(run.evaluations) > 0).all()
    if first:
        assert list(run.evaluations) == [0, first, 2 * first, 3 * first]
    assert run.evaluations[-1] <= bowl.asked <= 3 * run.evaluations[-1]
    if optimizer is torch.optim.LBFGS:
        assert run.evaluations[1] > 2


def test_gradients_are_counted_for_each_descent_up_to_its_end():
    run = og.descend(og.SAM(og.SGD), og.surfaces.sphere, [(1.0, 1.0), (1e-3, 0.0)], xtol=1e-4, lr=0.2, rho=1e-6)
    assert run.stopped_at[0] > run.stopped_at[1] > 0
    assert list(run.evaluations[-1]) == list(2 * run.stopped_at)
    both = og.descend(torch.optim.LBFGS, og.surfaces.rosenbrock, [(-1.5, 2.0), (1.0, 1.0)], 2)
    assert both.evaluations.shape == (3, 2) and both.evaluations[-1, 0] > both.evaluations[-1, 1]


def test_a_product_with_the_hessian_counts_as_two_gradients():
    class Curved(og.Optimizer):
        @staticmethod
        def update(theta, grad, hvp, t, *, lr=0.1):
            g = grad(theta)
            theta = theta - lr * hvp(theta, g)
            return theta

    run = og.descend(Curved, og.surfaces.sphere, steps=2)
    assert list(run.evaluations) == [0, 3, 6]
