"""What a rule steps as one: a tensor, or, if it mixes all parameters, the whole model as one long vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .rule import Rule

#: What an optimizer remembers of each parameter.
Memory = Mapping[Tensor, dict[str, Any]]

REDUCED_PRECISION = (torch.float16, torch.bfloat16)


def as_real(tensor: Tensor) -> Tensor:
    """The tensor in the form ``update`` sees: complex as pairs of reals, half precision as float32."""
    real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    return real.float() if real.dtype in REDUCED_PRECISION else real


def fault_of(p: Tensor, number: int, rule: Rule, name: str) -> Exception | None:
    """What keeps an optimizer of this name from stepping a parameter, as an error to raise."""
    if not (p.is_floating_point() or p.is_complex()):
        return TypeError(f"{name} needs floating-point or complex parameters, got {p.dtype}")
    if p.is_floating_point() and p.element_size() < 2:
        return TypeError(
            f"{name} cannot step parameters in {p.dtype}, which torch stores but does not add; use bfloat16 or wider"
        )
    if not rule.takes(as_real(p).shape):
        kind = "complex " if p.is_complex() else ""
        shape = tuple(p.shape)
        return ValueError(
            f"{name} steps matrices: {kind}parameter {number} has the shape {shape}; give it to another optimizer, "
            "with otherwise=og.AdamW, for example"
        )
    return None


def apart(states: Sequence[Tensor], p: Tensor) -> list[Tensor]:
    """States in memory of their own: a rule may keep its gradient or where it stood, to which others write."""
    if torch.compiler.is_compiling():  # which knows no memory, and does not copy what is fresh
        return [state.clone() for state in states]
    taken = {_memory(tensor) for tensor in (p, p.grad) if tensor is not None} if states else set()
    own = []
    for state in states:
        memory = _memory(state)
        own.append(state.clone() if memory in taken else state)
        taken.add(memory)
    return own


def _memory(tensor: Any) -> int:
    """A number that tensors have in common if they share memory."""
    local = tensor.to_local() if hasattr(tensor, "to_local") else tensor  # sharded tensors hold their part of it
    return local.untyped_storage()._cdata


class TensorPart:
    """One parameter, stepped by itself."""

    def __init__(
        self, rule: Rule, p: Tensor, group: Mapping[str, Any], memory: Mapping[Tensor, dict[str, Any]]
    ) -> None:
        self.rule, self.p, self.memory = rule, p, memory
        self.theta = as_real(p.detach())
        self.settings = {name: group[name] for name in rule.hyperparameters}

    @property
    def parameters(self) -> list[Tensor]:
        return [self.p]

    @property
    def gradient(self) -> Tensor | None:
        """The gradient that lies at the parameter now."""
        return None if self.p.grad is None else as_real(self.p.grad)

    def moves(self, p: Tensor) -> bool:
        """Whether the step is one of this parameter, too."""
        return True

    def spread(self, point: Tensor) -> list[Tensor]:
        """A point as ``update`` sees it, as one tensor for each parameter."""
        return [torch.view_as_complex(point) if self.p.is_complex() else point]

    def join(self, tensors: Sequence[Tensor]) -> Tensor:
        """One tensor for each parameter as ``update`` sees them."""
        return as_real(tensors[0])

    def remember(self) -> tuple[Any, Sequence[Tensor]]:
        """Number of the last step, and the states after it."""
        if saved := self.memory.get(self.p):
            return saved["step"], [saved[name] for name in self.rule.states]
        return torch.zeros((), dtype=torch.float64), self.rule.initial(self.theta, self.settings)

    def keep(self, t: Any, states: Sequence[Tensor]) -> None:
        """What `remember` returns at the next step."""
        states = apart(states, self.p)
        self.memory[self.p].update(
            zip(self.rule.states, states, strict=True), step=torch.as_tensor(t, dtype=torch.float64)
        )


class ModelPart:
    """All parameters, stepped as one vector. A setting that differs between groups becomes one number per coordinate.

    A state shaped like that vector is kept in pieces, one at each parameter, and any other at the first one. Parameters
    without a gradient stand in the vector with a gradient of zero, and neither they nor their states change.
    """

    def __init__(self, rule: Rule, pairs: Sequence[tuple[Tensor, Mapping[str, Any]]], memory: Memory) -> None:
        self.rule, self.memory = rule, memory
        self.parameters = [p for p, _ in pairs]
        self.theta = self.join([p.detach() for p in self.parameters])
        sizes = [as_real(p).numel() for p in self.parameters]
        self.cuts = sizes
        self.settings = {name: self._setting([group[name] for _, group in pairs]) for name in rule.hyperparameters}
        for name, h in rule.hyperparameters.items():
            if h.kind and h.kind.shapes and isinstance(self.settings[name], Tensor):
                sizes = [*dict.fromkeys(group[name] for _, group in pairs)]
                raise ValueError(f"{name} must be the same in every group, got {', '.join(map(str, sizes))}")

    def join(self, tensors: Sequence[Tensor]) -> Tensor:
        """One tensor for each parameter as ``update`` sees them."""
        return torch.cat([as_real(tensor).reshape(-1) for tensor in tensors])

    def _setting(self, values: list[Any]) -> Any:
        if all(value is values[0] or not isinstance(value, Tensor) and value == values[0] for value in values):
            return values[0]
        if isinstance(values[0], tuple):
            return tuple(map(self._setting, map(list, zip(*values, strict=True))))
        return torch.cat([self.theta.new_full((n,), float(v)) for n, v in zip(self.cuts, values, strict=True)])

    @property
    def gradient(self) -> Tensor | None:
        if all(p.grad is None for p in self.parameters):
            return None
        return self.join([torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters])

    def moves(self, p: Tensor) -> bool:
        """Whether the step is one of this parameter, too."""
        return p.grad is not None or all(other.grad is None for other in self.parameters)

    def spread(self, point: Tensor) -> list[Tensor]:
        pieces = [piece.view_as(as_real(p)) for piece, p in zip(point.split(self.cuts), self.parameters, strict=True)]
        return [
            torch.view_as_complex(piece) if p.is_complex() else piece
            for piece, p in zip(pieces, self.parameters, strict=True)
        ]

    def remember(self) -> tuple[Any, Sequence[Tensor]]:
        first = self.memory.get(self.parameters[0], {})
        fresh = self.rule.initial(self.theta, self.settings)
        states = []
        for name, start in zip(self.rule.states, fresh, strict=True):
            if start.shape != self.theta.shape:
                states.append(first.get(name, start))
                continue
            pieces = start.split(self.cuts)
            kept = [self.memory.get(p, {}).get(name) for p in self.parameters]
            states.append(torch.cat([n if k is None else k.reshape(-1) for n, k in zip(pieces, kept, strict=True)]))
        return first.get("step", torch.zeros((), dtype=torch.float64)), states

    def keep(self, t: Any, states: Sequence[Tensor]) -> None:
        for p in self.parameters:
            self.memory[p]["step"] = torch.as_tensor(t, dtype=torch.float64)
        for name, state in zip(self.rule.states, states, strict=True):
            if state.shape != self.theta.shape:
                self.memory[self.parameters[0]][name] = state.clone()
                continue
            for p, piece in zip(self.parameters, state.split(self.cuts), strict=True):
                if self.moves(p):
                    self.memory[p][name] = piece.reshape(as_real(p).shape).clone()
