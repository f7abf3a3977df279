"""The base class: everything a `torch.optim.Optimizer` must do, derived from one pure function."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch._C import _functorch

from .hyperparameters import HYPERPARAMETERS, check

_REDUCED_PRECISION = (torch.float16, torch.bfloat16)
_FORM = "update(theta, grad, t, *state, *, lr=...)"


class Optimizer(torch.optim.Optimizer):
    """A `torch.optim.Optimizer` made from one pure function.

    A subclass writes a static method ``update`` and the facts of its card. The signature of ``update`` is the
    specification: after ``theta, grad, t`` the positional names are state (zero at the start, unless ``init`` says
    otherwise), the keyword-only names are hyperparameters with their only defaults::

        class Momentum(Optimizer):
            @staticmethod
            def update(theta, grad, t, v, *, lr=1e-3, momentum=0.9):
                v = momentum * v + grad(theta)
                theta = theta - lr * v
                return theta, v

    ``theta`` is the tensor of parameters, ``t`` counts steps from 1, and ``grad`` is a callable: ``grad(theta)``
    is the gradient where we stand, ``grad(theta - lr * v)`` the gradient somewhere else, which needs
    ``step(closure)``. ``update`` returns the new ``theta`` and the new state in order, and never writes to its
    arguments.

    Complex parameters are stepped as pairs of real numbers. Half-precision parameters are stepped in float32,
    with float32 state, and rounded once at the end.

    Raises
    ------
    TypeError
        If a hyperparameter is unknown or not a number (or True or False, where the default is), a parameter is of a
        type that cannot be stepped, or a gradient is sparse.
    ValueError
        If a hyperparameter lies outside its range, or ``params`` is empty.
    """

    #: Names of the state tensors, in the order ``update`` takes and returns them.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: What a state holds before the first step if not zero, as a number or as the name of a hyperparameter.
    init: ClassVar[dict[str, float | str]] = {}
    #: Hyperparameters and their defaults, in the order the constructor takes them.
    hyperparameters: ClassVar[dict[str, Any]] = {}
    #: Whether ``update`` treats every coordinate by itself. A rule that mixes them, say by dividing by the length of
    #: the gradient, sets this to False; batches of descents then go through `torch.func.vmap`.
    elementwise: ClassVar[bool] = True
    #: Year of publication, family, bibliography key and colour in every picture.
    year: ClassVar[int | None] = None
    family: ClassVar[str | None] = None
    cite: ClassVar[str | None] = None
    color: ClassVar[str | None] = None
    #: Name of the rule beside which this one is explained, if it has no page of its own.
    variant_of: ClassVar[str | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update" not in vars(cls):
            return
        cls.state_names, cls.hyperparameters = _read_signature(cls)
        for name, start in cls.init.items():
            if name not in cls.state_names or isinstance(start, str) and start not in cls.hyperparameters:
                raise TypeError(
                    f"{cls.__name__}.init: {name!r} must be a state of update, {start!r} a number or a hyperparameter"
                )
        parameters = [inspect.Parameter("params", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
            for name, default in cls.hyperparameters.items()
        ]
        cls.__signature__ = inspect.Signature(parameters)
        cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{_parameter_section(cls)}"

    @staticmethod
    def update(theta: Tensor, grad: Callable[[Tensor], Tensor], t: int, *state: Tensor, **hyperparameters: Any):
        """One step of the rule: pure, straight-line mathematics on tensors. Every subclass writes its own."""
        raise NotImplementedError(f"an optimizer needs a static method {_FORM}")

    def __init__(self, params: Iterable, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        if cls.update is Optimizer.update:
            raise TypeError(f"{cls.__name__} has no rule: give a subclass a static method {_FORM}")
        try:
            bound = inspect.signature(cls).bind(params, *args, **kwargs)
        except TypeError as error:
            takes = ", ".join(cls.hyperparameters)
            raise TypeError(f"{cls.__name__}(): {error}; it takes params, {takes}") from None
        bound.apply_defaults()
        bound.arguments.pop("params")
        for name, value in bound.arguments.items():
            check(name, value, cls.hyperparameters[name])
            bound.arguments[name] = _as_number(value)
        super().__init__(params, dict(bound.arguments))

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters, with hyperparameters of its own where the group names them.

        Raises
        ------
        TypeError, ValueError
            As the constructor does.
        """
        for name, default in self.hyperparameters.items():
            if name in param_group:
                check(name, param_group[name], default)
                param_group[name] = _as_number(param_group[name])
        super().add_param_group(param_group)
        name = type(self).__name__
        for p in self.param_groups[-1]["params"]:
            if not (p.is_floating_point() or p.is_complex()):
                self.param_groups.pop()
                raise TypeError(f"{name} needs floating-point or complex parameters, got {p.dtype}")
            if p.is_floating_point() and p.element_size() < 2:
                self.param_groups.pop()
                raise TypeError(
                    f"{name} cannot step parameters in {p.dtype}, which torch stores but does not add; "
                    "use bfloat16 or wider"
                )

    @classmethod
    def describe_hyperparameters(cls) -> list[tuple[str, Any, str, str]]:
        """Name, default, allowed range and meaning of each hyperparameter."""
        facts = []
        for name, default in cls.hyperparameters.items():
            known = HYPERPARAMETERS.get(name)
            facts.append((name, default, known.range if known else "", known.meaning if known else ""))
        return facts

    @classmethod
    def initial_state(cls, theta: Tensor, **hyperparameters: Any) -> tuple[Tensor, ...]:
        """The state before the first step: one tensor shaped like ``theta`` for each name in ``state_names``."""
        state = []
        for name in cls.state_names:
            start = cls.init.get(name, 0)
            value = hyperparameters[start] if isinstance(start, str) else start
            state.append(torch.zeros_like(theta) + value)
        return tuple(state)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient by one step of the rule.

        Parameters
        ----------
        closure : callable, optional
            Clears the gradients, computes the loss, calls ``backward`` and returns the loss. Rules that look
            at the gradient somewhere else than at the current point need it.

        Returns
        -------
        The loss that the closure returned first (for a look-ahead rule: the loss at its first look), or None.

        Raises
        ------
        RuntimeError
            If the rule asks for a gradient away from the current point and there is no closure.
        TypeError
            If a gradient is sparse.
        """
        everything = [(p, group) for group in self.param_groups for p in group["params"] if p.requires_grad]
        if closure is None:
            everything = [(p, group) for p, group in everything if p.grad is not None]
            for p, _ in everything:
                self._refuse_unsuitable(p)
            for p, group in everything:
                self._write(p, self._run(p, group, itertools.repeat(p.grad)))
            return None
        # A rule may ask for gradients at points that the closure has yet to visit, and all parameters must go
        # there together. Because `update` is pure it can be run again from the start: each round runs every
        # rule up to its first unanswered question, then one call of the closure answers all of them.
        answers: dict[Tensor, list[Tensor]] = {p: [] for p, _ in everything}
        losses = []
        while True:
            outcomes = {p: self._run(p, group, answers[p], may_ask=True) for p, group in everything if p in answers}
            questions = {p: outcome for p, outcome in outcomes.items() if isinstance(outcome, _Question)}
            if not questions:
                break
            losses.append(_evaluate(closure, questions))
            for p in questions:
                if p.grad is None:
                    del answers[p]
                else:
                    self._refuse_unsuitable(p)
                    answers[p].append(p.grad.clone())
        for p, result in outcomes.items():
            self._write(p, result)
        return losses[0] if losses else None

    def _refuse_unsuitable(self, p: Tensor) -> None:
        if p.grad.layout != torch.strided:
            name = type(self).__name__
            raise TypeError(f"{name} does not take sparse gradients, got layout {p.grad.layout}; make them dense")

    def _run(self, p: Tensor, group: dict[str, Any], gradients: Iterable[Tensor], may_ask: bool = False) -> Any:
        """Run ``update`` for one parameter; the result is not written yet."""
        theta = _as_real(p.detach())
        waiting = iter(gradients)

        def grad(point: Tensor) -> Tensor:
            if point is not theta and not may_ask:
                raise RuntimeError(
                    f"{type(self).__name__} looks at the gradient away from the current point: "
                    "call step(closure) with a closure that clears the gradients, computes the loss, "
                    "calls backward() and returns the loss"
                )
            gradient = next(waiting, None)
            if gradient is None:
                raise _Question(None if point is theta else point)
            return _as_real(gradient)

        settings = {name: group[name] for name in self.hyperparameters}
        if saved := self.state.get(p):
            t, state = saved["step"], [saved[name] for name in self.state_names]
        else:
            t, state = torch.zeros((), dtype=torch.float64), self.initial_state(theta, **settings)
        t = t + 1 if torch.compiler.is_compiling() else int(t) + 1
        try:
            return t, call_update(type(self), theta, grad, t, state, settings)
        except _Question as question:
            return question

    def _write(self, p: Tensor, result: tuple[Any, tuple[Tensor, ...]]) -> None:
        t, (theta, *new_state) = result
        state = dict(zip(self.state_names, _apart(new_state, p), strict=True))
        p.copy_(torch.view_as_complex(theta) if p.is_complex() else theta)
        self.state[p].update(state, step=torch.as_tensor(t, dtype=torch.float64))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state saved by ``state_dict()``; a resumed run then equals an uninterrupted one.

        Raises
        ------
        ValueError
            If the state is another optimizer's: a hyperparameter or a state is missing, or a state unknown.
        """
        translated = []
        # The last of the hooks sees what the others made of it, and nothing is changed yet.
        last = self.register_load_state_dict_pre_hook(lambda _, given: translated.append(self._recognize(given)))
        try:
            super().load_state_dict(state_dict)
        finally:
            last.remove()
        (state_dict,) = translated
        # torch casts state to the dtype of its parameter; ours is float32 for half-precision parameters.
        ours = itertools.chain.from_iterable(group["params"] for group in self.param_groups)
        theirs = itertools.chain.from_iterable(group["params"] for group in state_dict["param_groups"])
        for p, key in zip(ours, theirs, strict=True):
            saved = state_dict["state"].get(key)
            if saved and p.dtype in _REDUCED_PRECISION:
                self.state[p].update({name: saved[name].to(p.device, copy=True) for name in self.state_names})

    def _recognize(self, state_dict: dict[str, Any]) -> dict[str, Any]:
        """The ``state_dict`` itself, if it may be one of ours."""
        parts = [name for name in ("param_groups", "state") if name not in state_dict]
        groups = state_dict.get("param_groups", ())
        states = [saved for saved in state_dict.get("state", {}).values() if isinstance(saved, dict) and saved]
        names = ("step", *self.state_names)
        faults = {
            "it lacks": parts,
            "the groups lack": [n for n in self.hyperparameters if any(n not in group for group in groups)],
            "the state lacks": [n for n in names if any(n not in saved for saved in states)],
            "the state has unknown": list(dict.fromkeys(n for saved in states for n in saved if n not in names)),
        }
        if any(faults.values()):
            told = "; ".join(f"{fault} {', '.join(map(str, found))}" for fault, found in faults.items() if found)
            raise ValueError(f"state_dict must be one of {type(self).__name__}: {told}")
        return state_dict


def call_update(
    rule: type[Optimizer],
    theta: Tensor,
    grad: Callable[[Tensor], Tensor],
    t: Any,
    state: Sequence[Tensor],
    settings: dict[str, Any],
) -> tuple[Tensor, ...]:
    """One step of a rule: the new ``theta`` and the new state, in order.

    Whoever steps a rule calls its ``update`` here: a mistake in it is then told in the same words everywhere.

    Raises
    ------
    TypeError
        If ``update`` returns anything but a tuple of tensors (or, if it has no state, a tensor).
    ValueError
        If it returns too few or too many, changes a shape, or writes to what it was given.
    """
    names = ("theta", *rule.state_names)
    # An update is straight-line mathematics: what it does at its first step it does at every one. Compiled code cannot
    # count writes.
    first = not torch.compiler.is_compiling() and t == 1
    if first:
        lent = [(name, x, _version(x)) for name, x in zip(names, (theta, *state), strict=True)]
        asked = grad

        def grad(point: Tensor) -> Tensor:
            gradient = asked(point)
            lent.append(("the gradient", gradient, _version(gradient)))
            return gradient

    result = rule.update(theta, grad, t, *state, **settings)
    if not isinstance(result, tuple):
        if state:
            expected = f"a tuple ({', '.join(names)})"
            raise TypeError(f"{rule.__name__}.update must return {expected}, got {type(result).__name__}")
        result = (result,)
    if len(result) != len(names):
        raise ValueError(f"{rule.__name__}.update must return ({', '.join(names)}), got {len(result)} values")
    if not first:
        return result
    for name, tensor, version in lent:
        if _version(tensor) != version:
            x = "g" if name == "the gradient" else name
            raise ValueError(
                f"{rule.__name__}.update must not write to its arguments, but changed {name} in place: "
                f"write {x} = {x} + ..., not {x} += ..."
            )
    for name, old, new in zip(names, (theta, *state), result, strict=True):
        if not isinstance(new, Tensor):
            raise TypeError(f"{rule.__name__}.update must return tensors, got {type(new).__name__} for {name}")
        if new.shape != old.shape:
            raise ValueError(
                f"{rule.__name__}.update must keep the shape of {name}, {tuple(old.shape)}, got {tuple(new.shape)}"
            )
    return result


class _Question(Exception):
    """A rule asked for a gradient that is not known yet, at ``point`` (None: where the parameter stands)."""

    def __init__(self, point: Tensor | None) -> None:
        self.point = point


def _evaluate(closure: Callable[[], Any], questions: dict[Tensor, _Question]) -> Any:
    """Call the closure with each parameter moved to the point in question, then move all of them back."""
    moved = {p: (p.detach().clone(), question.point) for p, question in questions.items() if question.point is not None}
    try:
        for p, (_, point) in moved.items():
            p.copy_(torch.view_as_complex(point) if p.is_complex() else point)
        with torch.enable_grad():
            return closure()
    finally:
        for p, (home, _) in moved.items():
            p.copy_(home)


def _apart(new_state: list[Tensor], p: Tensor) -> list[Tensor]:
    """The new state in memory of its own: a rule may keep its gradient or where it stood, to which others write."""
    if torch.compiler.is_compiling():  # which knows no memory, and does not copy what is fresh
        return [value.clone() for value in new_state]
    taken = {_memory(tensor) for tensor in (p, p.grad) if tensor is not None} if new_state else set()
    apart = []
    for value in new_state:
        memory = _memory(value)
        apart.append(value.clone() if memory in taken else value)
        taken.add(memory)
    return apart


def _memory(tensor: Tensor) -> int:
    """A number that tensors have in common if they share memory."""
    local = tensor.to_local() if hasattr(tensor, "to_local") else tensor  # sharded tensors hold their part of it
    return local.untyped_storage()._cdata


def _as_real(tensor: Tensor) -> Tensor:
    """The tensor in the form ``update`` sees: complex as pairs of reals, half precision as float32."""
    real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    return real.float() if real.dtype in _REDUCED_PRECISION else real


def _as_number(value: Any) -> Any:
    """NumPy's numbers as Python's, with which tensors can be multiplied from the left; all others as they are."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_as_number, value))
    return value.item() if hasattr(value, "item") and not isinstance(value, Tensor) else value


def _version(tensor: Tensor) -> int | None:
    """How often a tensor was written to; None where torch does not count, which is in inference mode."""
    while _functorch.is_batchedtensor(tensor):  # inside `torch.func.vmap`
        tensor = _functorch.get_unwrapped(tensor)
    return None if tensor.is_inference() else tensor._version


def _read_signature(cls: type) -> tuple[tuple[str, ...], dict[str, Any]]:
    """State names and hyperparameters of a rule, from the signature of its ``update``."""
    parameters = list(inspect.signature(cls.update).parameters.values())
    if [p.name for p in parameters[:3]] != ["theta", "grad", "t"]:
        raise TypeError(f"{cls.__name__}.update must begin with theta, grad, t")
    state, hyperparameters = [], {}
    for p in parameters[3:]:
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty:
            state.append(p.name)
        elif p.kind is p.KEYWORD_ONLY and p.default is not p.empty:
            hyperparameters[p.name] = p.default
        else:
            raise TypeError(
                f"{cls.__name__}.update: {p.name} must be state (positional, no default) "
                "or a hyperparameter (keyword-only, with a default)"
            )
    return tuple(state), hyperparameters


def _parameter_section(cls: type[Optimizer]) -> str:
    """The numpydoc ``Parameters`` section that `help` shows for a rule."""
    lines = ["Parameters", "----------", "params : iterable"]
    lines.append("    Parameters to optimize, or dicts defining parameter groups.")
    for name, default, allowed, meaning in cls.describe_hyperparameters():
        kind = "bool" if isinstance(default, bool) else "float"
        if isinstance(default, tuple):
            kind = f"tuple of {len(default)} floats"
        lines.append(f"{name} : {kind}, default {default}")
        if meaning:
            lines.append(f"    {meaning[0].upper()}{meaning[1:]}; must be {allowed}.")
    return "\n".join(lines)
