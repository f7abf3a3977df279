"""How the optimizers of each library are stepped along the test bed, and where the lines that make them differ stand.

Nothing is imported before it is asked for: who reads the ledger needs none of these packages.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import bed

#: What a module is called where it is installed, if that is not its own name.
DISTRIBUTIONS = {
    "torch_optimizer": "torch-optimizer",
    "adabelief_pytorch": "adabelief-pytorch",
    "mechanic_pytorch": "mechanic-pytorch",
}
#: What torch calls otherwise.
NAMES = {"learning_rate": "lr", "epsilon": "eps"}
#: Those that ask for the gradient once more.
ASKING = {"pytorch_optimizer.SAM", "ledger.authors.ASAM"}
Shapes = tuple[tuple[int, ...], ...]


#: Where the tensors begin; and the gradients of each step, or None for those of the test bed.
Start, Given = list[np.ndarray], list[np.ndarray] | None


@dataclass(frozen=True)
class Side:
    """One implementation at its settings, and how it is stepped."""

    name: str
    path: Callable[[Start, Given], np.ndarray] = field(compare=False, repr=False)
    needs: tuple[str, ...]
    settings: Callable[[], dict[str, float]] = field(default=dict, compare=False, repr=False)

    @property
    def versions(self) -> dict[str, str]:
        """Of every package; the guide itself is the one at hand."""
        return {distribution(module): version(module) for module in self.needs if module != "optguide"}


def distribution(module: str) -> str:
    return DISTRIBUTIONS.get(module, module)


def version(module: str) -> str:
    """Without what a build adds, such as ``+cpu``."""
    return importlib.metadata.version(distribution(module)).partition("+")[0]


def settings(name: str, values: dict[str, Any]) -> str:
    """``torch.optim.Adam(lr=0.05)``"""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in values.items())})"


def numbers(name: str, values: dict[str, Any], wrapper: str = "", others: dict[str, Any] | None = None) -> dict:
    """All that an optimizer is set to, defaults included, by torch's names; each beta by itself."""
    if wrapper:
        return numbers(name, values) | {f"wrapper's {key}": one for key, one in numbers(wrapper, others or {}).items()}
    parameters = inspect.signature(find(name)).parameters.values()
    found = {p.name: p.default for p in parameters if p.default is not p.empty} | values
    found |= {f"b{i}": beta for i, beta in enumerate(found.pop("betas", None) or (), start=1)}
    return {NAMES.get(key, key): value for key, value in found.items() if isinstance(value, (int, float))}


def wrapped(shown: str, around: tuple[str, dict[str, Any]] | None) -> str:
    return settings(around[0], around[1]).replace("(", f"({shown}, ", 1) if around else shown


def find(name: str) -> Any:
    """What a dotted name stands for."""
    module, _, attribute = name.rpartition(".")
    if module.startswith("timm."):
        _prepare_timm()
    if module.startswith("keras."):
        os.environ.setdefault("KERAS_BACKEND", "jax")
    return getattr(importlib.import_module(module), attribute)


def _prepare_timm() -> None:
    """Let ``timm.optim`` be imported without the rest of timm, which needs torchvision."""
    if "timm" not in sys.modules:
        sys.modules["timm"] = importlib.util.module_from_spec(importlib.util.find_spec("timm"))
        sys.modules["timm.models"] = types.ModuleType("timm.models")
        sys.modules["timm.models"].group_parameters = None


def by_torch(
    name: str,
    *,
    around: tuple[str, dict[str, Any]] | None = None,
    made: str | None = None,
    schedule: str | None = None,
    cleared: bool = True,
    penalty: float = 0.0,
    scale: float = 1.0,
    flags: dict[str, Any] | None = None,
    **values: Any,
) -> Side:
    """An optimizer of torch's kind; ``around`` names a wrapper and its settings, ``made`` what changes its class.

    ``schedule="linear"``: the learning rate falls in a straight line to zero. Without ``cleared`` a gradient is written
    over the one before, as after ``zero_grad(set_to_none=False)``. ``penalty`` times the parameter is added to it, and
    it is multiplied by ``scale``.
    ``flags`` are what the group of parameters has to say.
    """

    def path(start: Start, given: Given = None) -> np.ndarray:
        import torch

        params = [torch.nn.Parameter(torch.from_numpy(value.copy())) for value in start]
        cls = find(made)(find(name)) if made else find(name)
        found = {n: find(v) if n == "base_optimizer" else v for n, v in values.items()}
        optimizer = cls([{"params": params, **flags}] if flags else params, **found)
        if around:
            optimizer = find(around[0])(optimizer, **around[1])
        if hasattr(optimizer, "train"):
            optimizer.train()
        points = [_flat([p.detach().numpy() for p in params])]
        for t, gradient in bed.gradients(given):
            if schedule:
                optimizer.param_groups[0]["lr"] = values["lr"] * (1 - (t - 1) / bed.STEPS)

            def look(gradient: Any = gradient, t: int = t) -> None:
                for p in params:
                    found = scale * torch.from_numpy(gradient(p.detach().numpy(), t)) + penalty * p.detach()
                    if p.grad is None or cleared:
                        p.grad = found
                    else:
                        p.grad.copy_(found)

            look()
            optimizer.step(*(look,) * (name in ASKING))
            points.append(_flat([p.detach().numpy() for p in params]))
        return np.array(points)

    names = [name, made, around and around[0]]
    shown = settings(name, values)
    if made:
        shown = f"{made}({name}){shown.removeprefix(name)}"
    shown = shown.replace("ledger.authors.", "authors' ") + " with gradients cleared in place" * (not cleared)
    if flags:
        shown += f" with {flags} for its group"
    if penalty:
        shown += f" with {penalty}θ added to the gradient"
    if scale != 1:
        shown += f" with gradients times {scale}"
    return Side(
        wrapped(shown, around),
        path,
        tuple(dict.fromkeys([*(n.partition(".")[0] for n in names if n and not n.startswith("ledger.")), "torch"])),
        lambda: numbers(name, values, *(around or (made or "",))),
    )


def by_optax(name: str, *, around: tuple[str, dict[str, Any]] | None = None, **values: Any) -> Side:
    """A transformation of optax; ``around`` names a wrapper and its settings."""

    def path(start: Start, given: Given = None) -> np.ndarray:
        import jax

        with jax.enable_x64(True):
            transformation = find(name)(**values)
            if around:
                transformation = find(around[0])(transformation, **around[1])
            params = {str(i): jax.numpy.asarray(value) for i, value in enumerate(start)}
            state, update = transformation.init(params), jax.jit(transformation.update)
            points = [_flat(params.values())]
            for t, gradient in bed.gradients(given):
                grads = {key: jax.numpy.asarray(gradient(np.asarray(p), t)) for key, p in params.items()}
                updates, state = update(grads, state, params)
                params = find("optax.apply_updates")(params, updates)
                points.append(_flat(params.values()))
        return np.array(points)

    return Side(
        wrapped(settings(name, values), around), path, ("optax", "jax"), lambda: numbers(name, values, *(around or ()))
    )


def by_keras(name: str, backend: str = "jax", schedule: str | None = None, **values: Any) -> Side:
    """An optimizer of Keras, in a process of its own, since the backend is chosen when Keras is imported."""

    def path(start: Start, given: Given = None) -> np.ndarray:
        order = {"name": name, "values": values, "schedule": schedule}
        order |= {"start": [v.tolist() for v in start], "given": given and [v.tolist() for v in given]}
        process = _keras(backend)
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return np.array(json.loads(process.stdout.readline()))

    where = "" if backend == "jax" else f" on {backend}"
    return Side(settings(f"keras.optimizers.{name}", values) + where, path, ("keras", backend))


@functools.cache
def _keras(backend: str) -> subprocess.Popen:
    """A process that steps Keras on this backend: it reads an order a line, and ends with this one."""
    folders = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    surroundings = os.environ | {"KERAS_BACKEND": backend, "JAX_ENABLE_X64": "1", "PYTHONPATH": folders}
    command = [sys.executable, "-m", "ledger.keras_steps"]
    return subprocess.Popen(command, env=surroundings, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _flat(values: Any) -> np.ndarray:
    return np.concatenate([np.array(value, dtype=np.float64).ravel() for value in values])


@dataclass(frozen=True)
class Line:
    """A line of an installed package, found by what it says; where it stands is told when it is measured."""

    module: str
    file: str
    says: str

    def place(self) -> str:
        """``optax 0.2.8, _src/transform.py:666``; a LookupError that names the line if it is gone."""
        root = Path(importlib.util.find_spec(self.module).submodule_search_locations[0])
        lines = (root / self.file).read_text(encoding="utf-8").splitlines()
        found = [number for number, line in enumerate(lines, start=1) if self.says in line]
        if not found:
            raise LookupError(
                f"{self.module} {version(self.module)}: no line of {self.file} says {self.says!r} any more"
            )
        return f"{distribution(self.module)} {version(self.module)}, {self.file}:{found[0]}"


@dataclass(frozen=True)
class Thread:
    """A discussion in public: ``owner/repository#number``, what it says, and whether it was open when it was read."""

    place: str
    says: str
    open: bool = False

    @property
    def address(self) -> str:
        repository, _, number = self.place.partition("#")
        return f"https://github.com/{repository}/issues/{number}"
