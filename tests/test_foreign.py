"""Optimizers that are not ours: which may step many descents as one tensor, and that it changes nothing."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
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


def test_one_that_mixes_coordinates_is_stepped_as_ever():
    assert at_once(Mixing) is Mixing
    assert at_once(torch.optim.LBFGS) is torch.optim.LBFGS
    assert at_once(og.Adam) is og.Adam
    assert at_once(partial(Mixing, lr=0.1)).func is Mixing
