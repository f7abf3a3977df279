"""One rule in every library: its defaults, where eps stands, how weight decay is coupled, how long the first step is.

    python -m ledger.across

Defaults are read from signatures. The rest is found by stepping: eps by fitting the lengths of a first step with a
large eps, weight decay by a step without a gradient, the first step at the defaults. Nothing is taken from
documentation, except the rows of the papers, which say so. A rule of matrices is stepped on a square one; its first
step is that along directions whose singular values are 1 and 0.01.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .libraries import Side, by_keras, by_optax, by_torch, find

ACROSS = Path(__file__).with_name("across.json")
#: The settings that a table shows, by the names that they have somewhere, in the order of the table.
LR, EPS, DECAY = ("lr", "learning_rate"), ("eps", "epsilon"), ("weight_decay",)
SHOWN = (
    *LR, "betas", "b1", "b2", "beta_1", "beta_2", "alpha", "rho", "decay", "momentum_decay",
    "initial_accumulator_value", *EPS, *DECAY,
)  # fmt: skip
#: Gradients of the first steps that are fitted, and the eps that is fitted from them.
GRADIENTS, LARGE = np.array([0.01, 0.03, 0.1, 0.3, 1.0]), 0.1
#: What eps is added to: outside or inside of a root, whose first moment is the whole of a squared gradient, a share of
#: it, or a share on top of a start at 1.
ADAM = {("outside", "whole"): "$\\sqrt{\\hat v} + ε$", ("outside", "share"): "$\\sqrt v + ε$, corrected after"}
RMSPROP = {
    ("outside", "share"): "$\\sqrt v + ε$",
    ("inside", "share"): "$\\sqrt{v + ε}$",
    ("inside", "start"): "$\\sqrt{v + ε}$, v from 1",
}
LENGTH = ("$\\max(\\lVert G \\rVert, ε)$", "$\\lVert G \\rVert + ε$", "ε is not that of matrices")
ADAGRAD = {("outside", "whole"): "$\\sqrt s + ε$", ("inside", "whole"): "$\\sqrt{s + ε}$"}


@dataclass(frozen=True)
class Entry:
    """A class or transformation of a library, and settings that make it the rule; ``fit`` has more for fitting eps."""

    library: str
    name: str
    by: Callable[..., Side]
    fixed: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def full(self) -> str:
        return f"keras.optimizers.{self.name}" if self.by is by_keras else self.name


@dataclass(frozen=True)
class Rule:
    """A rule as its paper has it, in the columns of the table; the places of eps that are known; and its entries.

    ``also`` are settings that the table shows besides, ``matrix`` whether it steps matrices.
    """

    paper: tuple[str, str, str, str]
    places: dict[tuple[str, str], str]
    entries: tuple[Entry, ...]
    also: tuple[str, ...] = ()
    matrix: bool = False


def torch(name: str, library: str = "", **options: Any) -> Entry:
    return Entry(library or name.partition(".")[0], name, by_torch, **options)


def optax(name: str, **options: Any) -> Entry:
    return Entry("optax", f"optax.{name}", by_optax, **options)


def keras(name: str, **options: Any) -> Entry:
    return Entry("Keras", name, by_keras, **options)


TORCHS = "timm and pytorch_optimizer have torch's own"
RULES = {
    "Adam": Rule(
        ("lr 0.001, betas (0.9, 0.999), eps 1e-8", ADAM["outside", "whole"], "none", "1"),
        ADAM,
        (
            torch("torch.optim.Adam", note=TORCHS),
            optax("adam"),
            keras("Adam"),
            torch("optguide.Adam", "this guide"),
        ),
    ),
    "AdamW": Rule(
        ("lr 0.001, betas (0.9, 0.999), eps 1e-8", ADAM["outside", "whole"], "$θ - sλθ$, s a schedule without η", "1"),
        ADAM,
        (
            torch("torch.optim.AdamW", note=TORCHS),
            optax("adamw"),
            keras("AdamW"),
            torch("timm.optim.AdamWLegacy"),
            torch("optguide.AdamW", "this guide"),
        ),
    ),
    "RMSprop": Rule(
        ("decay 0.9", "no ε", "none", "3.16"),
        RMSPROP,
        (
            torch("torch.optim.RMSprop", note="timm's factory gives it alpha = 0.9"),
            optax("rmsprop"),
            keras("RMSprop"),
            torch("timm.optim.RMSpropTF"),
            torch("optguide.RMSprop", "this guide"),
        ),
    ),
    "Adagrad": Rule(
        ("none", ADAGRAD["outside", "whole"], "none", "1"),
        ADAGRAD,
        (
            torch("torch.optim.Adagrad", note="timm's factory gives it eps = 1e-8"),
            optax("adagrad", fit={"initial_accumulator_value": 0.0}),
            keras("Adagrad", fit={"initial_accumulator_value": 0.0}),
            torch("optguide.Adagrad", "this guide"),
        ),
    ),
    "NAdam": Rule(
        ("momentum rises with $0.96^{t/250}$", ADAM["outside", "whole"], "none", "–"),
        ADAM,
        (
            torch("torch.optim.NAdam", note=TORCHS),
            optax("nadam"),
            keras("Nadam"),
            torch("timm.optim.NAdamLegacy"),
            torch("optguide.NAdam", "this guide"),
        ),
    ),
    "AMSGrad": Rule(
        ("none", "no ε", "none", "3.16 with betas (0.9, 0.999)"),
        ADAM,
        (
            torch("torch.optim.Adam", fixed={"amsgrad": True}, note=TORCHS),
            optax("amsgrad"),
            keras("Adam", fixed={"amsgrad": True}),
            torch("optguide.AMSGrad", "this guide"),
        ),
    ),
    "Lion": Rule(
        ("betas (0.9, 0.99)", "no ε", "$θ - ηλθ$", "1"),
        {},
        (
            optax("lion"),
            keras("Lion"),
            torch("timm.optim.Lion"),
            torch("pytorch_optimizer.Lion"),
            torch("lion_pytorch.Lion"),
            torch("optguide.Lion", "this guide"),
        ),
    ),
    "Adamax": Rule(
        ("lr 0.002, betas (0.9, 0.999)", "no ε", "none", "1"),
        {("outside", "whole"): "$u + ε$"},
        (
            torch("torch.optim.Adamax"),
            optax("adamax"),
            keras("Adamax"),
            torch("pytorch_optimizer.AdaMax"),
            torch("optguide.Adamax", "this guide"),
        ),
    ),
    "Muon": Rule(
        ("lr 0.02, momentum 0.95, nesterov", LENGTH[1], "none", "0.68 to 1.13"),
        {},
        (
            torch("torch.optim.Muon"),
            optax("contrib.muon"),
            keras("Muon"),
            torch("timm.optim.Muon"),
            torch("optguide.Muon", "this guide"),
        ),
        ("momentum", "beta", "nesterov", "adjust_lr_fn", "consistent_rms", "rms_rate"),
        matrix=True,
    ),
}


def defaults(entry: Entry, also: tuple[str, ...] = ()) -> dict[str, Any]:
    """The settings in the order of the table, with their defaults; "required" for one that has none."""
    found = inspect.signature(find(entry.full)).parameters
    values = {name: found[name].default for name in (*SHOWN, *also) if name in found} | entry.fixed
    return {name: "required" if value is inspect.Parameter.empty else value for name, value in values.items()}


def step(entry: Entry, theta: np.ndarray, gradient: np.ndarray, **settings: Any) -> np.ndarray:
    """What the first step adds to theta."""
    path = entry.by(entry.name, **entry.fixed | settings).path([theta], [gradient])
    return (path[1] - path[0]).reshape(theta.shape)


def chosen(known: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in known), None)


def place_of_eps(places: dict[tuple[str, str], str], steps: np.ndarray, share: float) -> str:
    """Where eps stands, from the lengths of first steps; an error if no place that is known fits them.

    A step is a multiple of g / (a|g| + e) with eps outside the root, of g / sqrt(a²g² + e) inside: g over the step, or
    its square, is a straight line in \\|g\\|, or in g². What that line has at zero says what eps was added to.
    """
    for form, power in (("outside", 1), ("inside", 2)):
        line, residual, *_ = np.polyfit(GRADIENTS**power, (GRADIENTS / steps) ** power, 1, full=True)
        if residual[0] < 1e-9 * ((GRADIENTS / steps) ** (2 * power)).sum():
            ratio = line[1] / line[0]
            expected = {
                "whole": LARGE,
                "share": LARGE / share ** (power / 2),
                "start": (1 - share + LARGE) / share,
            }
            for beside, value in expected.items():
                if abs(ratio / value - 1) < 1e-3 and (form, beside) in places:
                    return places[form, beside]
    raise ValueError(f"no place of eps that is known gives these first steps: {steps}")


def eps_beside_length(entry: Entry, **settings: Any) -> str:
    """What eps does to the length that a matrix is divided by, from steps with none, a small and a large one."""
    gradient = np.diag([0.5, 0.5, 0.5, 0.5])  # of length 1
    eps = chosen(inspect.signature(find(entry.full)).parameters, EPS)
    plain, small, large = (step(entry, 0 * gradient, gradient, **settings, **{eps: e}) for e in (1e-12, 0.02, 20.0))
    if np.allclose(plain, large, 1e-6, 0):
        return LENGTH[2]
    return LENGTH[0] if np.allclose(plain, small, 1e-6, 0) else LENGTH[1]


def measure(rule: Rule, entry: Entry) -> dict[str, Any]:
    """The row of one entry."""
    known = defaults(entry, rule.also)
    rate, eps, decay = (chosen(known, names) for names in (LR, EPS, DECAY))
    lr = {rate: 1e-3 if known[rate] == "required" else known[rate]}
    still = {decay: 0.0} if decay else {}
    if rule.matrix:
        gradient = np.diag([1.0, 0.01, 1.0, 0.01])
        first = np.abs(np.diag(step(entry, 0 * gradient, gradient, **lr, **still)))[:2] / lr[rate]
    else:
        first = np.abs(step(entry, np.zeros(2), np.array([1.0, 0.01]), **lr, **still)) / lr[rate]
    found = {
        "library": entry.library,
        "name": entry.full,
        "versions": entry.by(entry.name).versions,
        "defaults": {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()},
        "first": [float(f"{value:.3g}") for value in first],
        "eps": "no ε",
        "decay": "none",
        "note": entry.note,
    }
    if eps and rule.matrix:
        found["eps"] = eps_beside_length(entry, **lr, **still)
    elif eps:
        second = next((known[name] for name in ("b2", "beta_2", "alpha", "rho", "decay") if name in known), None)
        share = 1 - (known["betas"][1] if "betas" in known else second if second is not None else 0.0)
        theta = np.zeros(len(GRADIENTS))
        steps = step(entry, theta, GRADIENTS, **{rate: 1e-3, eps: LARGE}, **still, **entry.fit)
        found["eps"] = place_of_eps(rule.places, steps, share)
    if decay:
        theta = np.resize([2.0, -0.5], (4, 4) if rule.matrix else 2)
        moved = step(entry, theta, 0 * theta, **{rate: 0.01, decay: 0.1}) / -theta
        apart = {"$θ - ηλθ$": 0.001, "$θ - λθ$": 0.1}
        found["decay"] = next((words for words, far in apart.items() if np.allclose(moved, far)), "in the gradient")
    return found


def read(path: Path = ACROSS) -> dict[str, list[dict[str, Any]]]:
    """For each rule its entries, measured."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(found: dict[str, list[dict[str, Any]]], path: Path = ACROSS) -> None:
    parts = [f'"{rule}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for rule, rows in found.items()]
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def main() -> None:
    write({name: [measure(rule, entry) for entry in rule.entries] for name, rule in RULES.items()})


if __name__ == "__main__":
    main()
