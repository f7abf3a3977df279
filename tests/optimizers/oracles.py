"""Independent implementations of every rule, and the settings at which ours is held against them.

``CASES`` is the table the tests run through; ``ORACLES`` says the same by rule, for the page of a rule to read.
A setting is chosen so that every term of the rule matters: unequal betas, a large eps, weight decay on.
"""

from __future__ import annotations

import importlib
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch

TOLERANCE = 1e-9
BY_HAND = "a trace computed by hand"


# --- The rules by hand: one coordinate, plain floats. A rule yields where it stands (with where it looks, if that
# is another point) and is sent the slope there. Running means are written out as sums over the whole past.


def mean(past: list[float], beta: float) -> float:
    """The exponentially weighted mean of a history that starts at zero: no recursion, the sum itself."""
    return (1 - beta) * math.fsum(beta**age * value for age, value in enumerate(reversed(past)))


def sgd(x, lr):
    while True:
        x -= lr * (yield x)


def momentum(x, lr, momentum):
    slopes = []
    while True:
        slopes.append((yield x))
        x -= lr * math.fsum(momentum**age * slope for age, slope in enumerate(reversed(slopes)))


def nesterov(x, lr, momentum):
    before = x
    while True:
        look = x + momentum * (x - before)  # Nesterov's own two sequences, without a velocity
        slope = yield x, look
        before, x = x, look - lr * slope


def simplified_nesterov(x, lr, momentum):
    position = before = x  # the classical iterate, of which this rule shows only the look-ahead point
    while True:
        position, before = x - lr * (yield x), position
        x = position + momentum * (position - before)


def adam(x, lr, betas, eps, weight_decay=0.0, correct_mean=True):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        direction = mean(slopes, betas[0]) / (1 - betas[0] ** t if correct_mean else 1)
        scale = mean([slope * slope for slope in slopes], betas[1]) / (1 - betas[1] ** t)
        x = x * (1 - lr * weight_decay) - lr * direction / (math.sqrt(scale) + eps)


def belief(x, lr, betas, eps, correct_mean=True, bounds=(0.0, math.inf)):
    slopes, surprises = [], []
    for t in itertools.count(1):
        slopes.append((yield x))
        average = mean(slopes, betas[0])
        surprises.append((slopes[-1] - average) ** 2)
        aged_eps = eps * math.fsum(betas[1] ** age for age in range(t))
        scale = math.sqrt((mean(surprises, betas[1]) + aged_eps) / (1 - betas[1] ** t))
        direction = average / (1 - betas[0] ** t) if correct_mean else average
        ratio = direction / (scale + eps)
        x -= lr * math.copysign(min(max(math.fabs(ratio), bounds[0]), bounds[1]), ratio)


def derivative(x, lr, betas, eps):
    slopes = [0.0]
    for t in itertools.count(1):
        slopes.append((yield x))
        changes = [(new - old) ** 2 for old, new in itertools.pairwise(slopes)]
        aged_eps = eps * math.fsum(betas[1] ** age for age in range(t))
        scale = math.sqrt((mean(changes, betas[1]) + aged_eps) / (1 - betas[1] ** t))
        x -= lr * mean(slopes[1:], betas[0]) / (scale + eps)


def lion(x, lr, betas, weight_decay):
    slopes = []
    while True:
        slope = yield x
        blend = betas[0] * mean(slopes, betas[1]) + (1 - betas[0]) * slope
        slopes.append(slope)
        x = (1 - lr * weight_decay) * x - math.copysign(lr, blend) * (blend != 0)


class ByHand:
    """Steps every coordinate of every parameter by a generator of its own."""

    def __init__(self, params: Iterable[torch.Tensor], rule: Callable, settings: dict[str, Any]) -> None:
        self.params = list(params)
        self.rules = [[rule(x, **settings) for x in p.detach().flatten().tolist()] for p in self.params]
        self.asked = [[next(rule) for rule in rules] for rules in self.rules]

    def _place(self, which: int) -> None:
        for p, asked in zip(self.params, self.asked, strict=True):
            values = [value[which] if isinstance(value, tuple) else value for value in asked]
            p.data.copy_(torch.tensor(values, dtype=p.dtype).view_as(p))

    def step(self, closure: Callable[[], Any]) -> None:
        self._place(1)
        closure()
        slopes = [p.grad.flatten().tolist() for p in self.params]
        self.asked = [
            [rule.send(slope) for rule, slope in zip(*pair, strict=True)]
            for pair in zip(self.rules, slopes, strict=True)
        ]
        self._place(0)


# --- Packages, imported only when a case needs them.


def package(path: str, warm_up: bool = False, **fixed: Any) -> Callable:
    """A factory for the optimizer class at ``path``. ``warm_up`` multiplies lr by 1 - beta1**t: exactly what
    leaving out the bias correction of the first moment does.
    """

    def make(params, settings):
        module, name = path.rsplit(".", 1)
        optimizer = getattr(importlib.import_module(module), name)(params, **settings, **fixed)
        if warm_up:
            count = itertools.count(1)
            group, lr, beta1 = optimizer.param_groups[0], settings["lr"], settings["betas"][0]
            optimizer.register_step_pre_hook(lambda *_: group.update(lr=lr * (1 - beta1 ** next(count))))
        return optimizer

    return make


class Optax:
    """An optax transformation, stepping torch parameters."""

    def __init__(self, params: Iterable[torch.Tensor], name: str, settings: dict[str, Any]) -> None:
        import jax
        import optax

        jax.config.update("jax_enable_x64", True)
        self.params = list(params)
        transform = getattr(optax, name)(**settings)
        self.state = transform.init([p.detach().numpy().copy() for p in self.params])
        self.update = jax.jit(transform.update)

    def step(self, closure: Callable[[], Any]) -> None:
        closure()
        here = [p.detach().numpy().copy() for p in self.params]
        updates, self.state = self.update([p.grad.numpy() for p in self.params], self.state, here)
        for p, change in zip(self.params, updates, strict=True):
            p.data += torch.from_numpy(change.__array__().copy())


def in_optax(name: str, **fixed: Any) -> Callable:
    def make(params, settings):
        settings = dict(settings)
        renamed = {"learning_rate": settings.pop("lr")}
        if "betas" in settings:
            renamed["b1"], renamed["b2"] = settings.pop("betas")
        if name == "adabelief":
            renamed["eps_root"] = settings["eps"]
        return Optax(params, name, {**renamed, **settings, **fixed})

    return make


def by_hand(rule: Callable, **fixed: Any) -> Callable:
    return lambda params, settings: ByHand(params, rule, {**settings, **fixed})


# --- The table.


@dataclass(frozen=True)
class Case:
    """One comparison: our rule, an implementation of it, the settings both are given."""

    rule: str
    implementation: str
    make: Callable
    settings: dict[str, Any]
    tolerance: float = TOLERANCE


UNEQUAL = {"lr": 0.02, "betas": (0.8, 0.95)}
ADAM = [{**UNEQUAL, "eps": 1e-8}, {**UNEQUAL, "eps": 1e-2}]
BELIEF = [{**UNEQUAL, "eps": 1e-16}, {**UNEQUAL, "eps": 1e-2}]
DECAYED = [{**settings, "weight_decay": 0.3} for settings in ADAM]
BOUNDED = [{**settings, "bounds": bounds} for settings in BELIEF for bounds in [(0.1, 2.0), (0.4, 0.7)]]
HEAVY = [{"lr": 0.01, "momentum": 0.9}, {"lr": 0.03, "momentum": 0.5}]
SIGNS = [
    {"lr": 0.01, "betas": (0.6, 0.95), "weight_decay": 0.3},
    {"lr": 0.01, "betas": (0.9, 0.99), "weight_decay": 0.0},
]
NO_EPS = [{**UNEQUAL, "eps": 1e-100}]

adabelief_pytorch = {"weight_decouple": True, "rectify": False, "print_change_log": False}

TABLE = [
    ("SGD", [{"lr": 0.02}], {
        "torch.optim.SGD": package("torch.optim.SGD"),
        "optax.sgd": in_optax("sgd"),
        BY_HAND: by_hand(sgd),
    }),
    ("Momentum", HEAVY, {
        "torch.optim.SGD(momentum)": package("torch.optim.SGD"),
        "optax.sgd(momentum)": in_optax("sgd"),
        BY_HAND: by_hand(momentum),
    }),
    ("Nesterov", HEAVY, {BY_HAND: by_hand(nesterov)}),
    ("SimplifiedNesterov", HEAVY, {
        "torch.optim.SGD(nesterov=True)": package("torch.optim.SGD", nesterov=True),
        "optax.sgd(nesterov=True)": in_optax("sgd", nesterov=True),
        BY_HAND: by_hand(simplified_nesterov),
    }),
    ("Adam", ADAM, {
        "torch.optim.Adam": package("torch.optim.Adam"),
        "optax.adam": in_optax("adam"),
        BY_HAND: by_hand(adam),
    }),
    ("AdamW", DECAYED, {
        "torch.optim.AdamW": package("torch.optim.AdamW"),
        "optax.adamw": in_optax("adamw"),
        BY_HAND: by_hand(adam),
    }),
    ("AdamD", ADAM, {
        "torch.optim.Adam(lr scaled by 1 - beta1**t)": package("torch.optim.Adam", warm_up=True),
        BY_HAND: by_hand(adam, correct_mean=False),
    }),
    # AdamP adds eps before it corrects the bias of the scale, hence without eps; delta=0 turns its projection off.
    ("AdamD", NO_EPS, {
        "pytorch_optimizer.AdamP(adam_debias=True, delta=0), eps -> 0":
            package("pytorch_optimizer.AdamP", adam_debias=True, delta=0.0),
    }),
    ("AdaBelief", BELIEF, {
        "adabelief_pytorch.AdaBelief(rectify=False)": package("adabelief_pytorch.AdaBelief", **adabelief_pytorch),
        "pytorch_optimizer.AdaBelief": package("pytorch_optimizer.AdaBelief"),
        "optax.adabelief(eps_root=eps)": in_optax("adabelief"),
        BY_HAND: by_hand(belief),
    }),
    ("AdaBeliefD", BELIEF, {
        "adabelief_pytorch.AdaBelief(lr scaled by 1 - beta1**t)":
            package("adabelief_pytorch.AdaBelief", warm_up=True, **adabelief_pytorch),
        "pytorch_optimizer.AdaBelief(adam_debias=True)": package("pytorch_optimizer.AdaBelief", adam_debias=True),
        BY_HAND: by_hand(belief, correct_mean=False),
    }),
    ("AdaDerivative", BELIEF, {BY_HAND: by_hand(derivative)}),
    ("AdaBC", BOUNDED, {BY_HAND: by_hand(belief, correct_mean=False)}),
    ("Lion", SIGNS, {
        "lion_pytorch.Lion": package("lion_pytorch.Lion"),
        "pytorch_optimizer.Lion": package("pytorch_optimizer.Lion"),
        "optax.lion": in_optax("lion"),
        BY_HAND: by_hand(lion),
    }),
]  # fmt: skip

CASES = [
    Case(rule, implementation, make, settings)
    for rule, grid, makers in TABLE
    for implementation, make in makers.items()
    for settings in grid
]

#: Rule -> the implementations it equals, each with the largest difference allowed (relative to the iterates' scale).
ORACLES: dict[str, list[tuple[str, float]]] = {
    rule: list(dict.fromkeys((case.implementation, case.tolerance) for case in CASES if case.rule == rule))
    for rule in dict.fromkeys(case.rule for case in CASES)
}
