"""What the tests of optimizers share: the rules, a few that stand for all, and parameters with something to descend."""

from __future__ import annotations

import inspect

import pytest
import torch

from optguide import optimizers

ALL = [getattr(optimizers, name) for name in optimizers.on_landscapes]
#: One of each kind, for what `Optimizer` does whatever the rule: no state; two; one that begins at a hyperparameter;
#: a look ahead; two settings that are tuples.
FEW = [optimizers.SGD, optimizers.Adam, optimizers.Rprop, optimizers.Nesterov, optimizers.AdaBC]
#: Rules that ask for the slope where we stand, and for nothing else; these need no closure.
HERE = [cls for cls in ALL if cls.rule.asks == ("grad",) and "grad(theta)" in inspect.getsource(cls.update)]


def at(cls, lr):
    """The settings of a rule at a learning rate, of one that has it."""
    return {"lr": lr} if "lr" in cls.hyperparameters else {}


def answers(cls, slope):
    """Answers to what a rule asks for, whatever the height, in their order."""
    known = {
        "grad": slope,
        "loss": lambda point: point.new_tensor(2.0),
        "hvp": lambda point, vector: 0.5 * vector,
        "hessian": lambda point: 0.5 * torch.eye(point.numel(), dtype=point.dtype),
        "noise": lambda: torch.tensor(0.7),
    }
    return [known[question] for question in cls.rule.asks]


def each(rules):
    return pytest.mark.parametrize("cls", rules, ids=lambda cls: cls.__name__)


every_rule, every_kind = each(ALL), each(FEW)


def parameters(*shapes, dtype=torch.float64):
    return [torch.nn.Parameter(torch.randn(shape, dtype=dtype)) for shape in shapes]


def make_closure(params, target=0.3, rule=None):
    """Clears the gradients, computes a warped distance to ``target``, its gradients, and returns it.

    For a rule that looks at the Hessian the gradients have a graph.
    """
    curved = rule is not None and rule.rule.is_curved

    def closure():
        for p in params:
            p.grad = None
        loss = sum(((p - target).abs() ** 2 * (i + 1)).sum() + p.real.sin().sum() for i, p in enumerate(params))
        if curved:
            for p, slope in zip(params, torch.autograd.grad(loss, params, create_graph=True), strict=True):
                p.grad = slope
        else:
            loss.backward()
        return loss.detach()

    return closure


def assert_same(ours, theirs, **tolerance):
    torch.testing.assert_close(list(ours), list(theirs), **{"rtol": 0, "atol": 0, **tolerance})
