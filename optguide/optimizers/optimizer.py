"""The base class: everything a `torch.optim.Optimizer` must do, derived from one pure function."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

import torch
from torch import Tensor

from .inquiry import Inquiry, Question, evaluate
from .parts import REDUCED_PRECISION, ModelPart, TensorPart, fault_of
from .rule import Rule, Start, parameter_section
from .settings import as_number


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

    ``step = torch.compile(optimizer.step)`` compiles the whole step of a rule that looks nowhere else, with the first
    call; it then takes less time than torch's foreach path.

    Complex parameters are stepped as pairs of real numbers. Half-precision parameters are stepped in float32,
    with float32 state, and rounded once at the end.

    Raises
    ------
    TypeError
        If a hyperparameter is unknown or not a number (or True or False, where the default is), a parameter is of a
        type that cannot be stepped, or a gradient is sparse.
    ValueError
        If a hyperparameter lies outside its range, ``params`` is empty, or a rule of matrices is given a parameter of
        another shape.
    """

    #: The rule: what ``update`` and its signature say, as a value.
    rule: ClassVar[Rule]
    #: What a state holds before the first step if not zero: a number, the name of a hyperparameter, ``"theta"``, or a
    #: function that makes a tensor of any shape from theta, and from hyperparameters that it takes by their names.
    init: ClassVar[dict[str, Start]] = {}
    #: How much of the parameters one number of the result depends on: ``"nothing"`` but itself, on its ``"tensor"``
    #: (a norm), on its ``"matrix"`` (a product; the rule then steps nothing else), or on the whole ``"model"``. Batches
    #: of descents of a rule that mixes go through `torch.func.vmap`.
    mixes: ClassVar[str] = "nothing"
    #: The point that is the result: ``"theta"``, or the name of the state that holds it. See `eval`.
    answer: ClassVar[str] = "theta"
    #: Year of publication, family, bibliography key and colour in every picture.
    year: ClassVar[int | None] = None
    family: ClassVar[str | None] = None
    cite: ClassVar[str | None] = None
    color: ClassVar[str | None] = None
    #: Name of the rule beside which this one is explained, if it has no page of its own.
    variant_of: ClassVar[str | None] = None
    #: Names of the state tensors, in the order ``update`` takes and returns them.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: Hyperparameters and their defaults, in the order the constructor takes them.
    hyperparameters: ClassVar[dict[str, Any]] = {}

    if TYPE_CHECKING:
        #: One step of the rule: pure, straight-line mathematics on tensors. Every subclass writes its own.
        update: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update" in vars(cls):
            cls.rule = Rule.read(cls.update, cls.__name__, init=cls.init, mixes=cls.mixes, answer=cls.answer)
        elif "rule" not in vars(cls):
            return
        cls.state_names, cls.hyperparameters = tuple(cls.rule.states), cls.rule.defaults
        parameters = [inspect.Parameter("params", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
            for name, default in cls.hyperparameters.items()
        ]
        cls.__signature__ = inspect.Signature(parameters)
        cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{parameter_section(cls.rule)}"

    def __init__(self, params: Iterable, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        if not hasattr(cls, "rule"):
            raise TypeError(
                f"{cls.__name__} has no rule: give a subclass a static method update(theta, grad, t, *state, *, lr=...)"
            )
        try:
            bound = inspect.signature(cls).bind(params, *args, **kwargs)
        except TypeError as error:
            takes = ", ".join(cls.hyperparameters)
            raise TypeError(f"{cls.__name__}(): {error}; it takes params, {takes}") from None
        bound.apply_defaults()
        bound.arguments.pop("params")
        self._check(bound.arguments)
        super().__init__(params, dict(bound.arguments))

    @classmethod
    def at(cls, **settings: Any) -> functools.partial[Self]:
        """The optimizer with settings bound: ``og.Adam.at(lr=0.05)`` stands wherever an optimizer is expected.

        Raises
        ------
        TypeError, ValueError
            As the constructor does.
        """
        cls.rule.settings(settings)
        return functools.partial(cls, **settings)

    def _check(self, settings: dict[str, Any]) -> None:
        """Refuse what no hyperparameter may be, and write the others as numbers that tensors can be multiplied with."""
        for name, hyperparameter in self.rule.hyperparameters.items():
            if name in settings:
                hyperparameter.check(settings[name])
                settings[name] = as_number(settings[name])

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters, with hyperparameters of its own where the group names them.

        Raises
        ------
        TypeError, ValueError
            As the constructor does.
        """
        self._check(param_group)
        super().add_param_group(param_group)
        name = type(self).__name__
        count = sum(len(group["params"]) for group in self.param_groups[:-1])
        for number, p in enumerate(self.param_groups[-1]["params"], count):
            if fault := fault_of(p, number, self.rule, name):
                self.param_groups.pop()
                raise fault

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
        The loss that the closure returned first (at its first look, if the rule looks ahead), or None.

        Raises
        ------
        RuntimeError
            If the rule asks for a gradient away from the current point and there is no closure.
        TypeError
            If a gradient is sparse.
        """
        if any(group.get("evaluating") for group in self.param_groups):
            raise RuntimeError(f"{type(self).__name__} was not in training mode: call train() after eval()")
        if closure is None:
            return self._step_from_gradients()
        # A rule may ask for gradients at points that the closure has yet to visit, and all parameters must go
        # there together. Because `update` is pure it can be run again from the start: each round runs every
        # rule up to its first unanswered question, then one call of the closure answers all of them.
        inquiries = [Inquiry(part, type(self).__name__, may_ask=True) for part in self._parts()]
        losses = []
        while True:
            outcomes = [self._run(inquiry) for inquiry in inquiries]
            asking = [
                (i, outcome) for i, outcome in zip(inquiries, outcomes, strict=True) if isinstance(outcome, Question)
            ]
            if not asking:
                break
            losses.append(evaluate(closure, [(inquiry.part, question.point) for inquiry, question in asking]))
            for inquiry, _ in asking:
                gradient = self._gradient(inquiry.part)
                if gradient is None:
                    inquiries.remove(inquiry)
                else:
                    inquiry.told.append((losses[-1], gradient.clone()))
        for inquiry, (t, result) in zip(inquiries, outcomes, strict=True):
            self._write(inquiry.part, t, result)
        return losses[0] if losses else None

    def _step_from_gradients(self) -> None:
        """One step along the gradients that lie at the parameters; all are looked at before any is moved."""
        inquiries = []
        for part in self._parts():
            gradient = self._gradient(part)
            if gradient is not None:
                inquiries.append(Inquiry(part, type(self).__name__, may_ask=False))
                inquiries[-1].told.append((None, gradient))
        for inquiry in inquiries:
            self._write(inquiry.part, *self._run(inquiry))

    def _parts(self) -> list[TensorPart | ModelPart]:
        pairs = [(p, group) for group in self.param_groups for p in group["params"] if p.requires_grad]
        if self.rule.mixes == "model":
            return [ModelPart(self.rule, pairs, self.state)] if pairs else []
        return [TensorPart(self.rule, p, group, self.state) for p, group in pairs]

    def _gradient(self, part: TensorPart | ModelPart) -> Tensor | None:
        for p in part.parameters:
            if p.grad is not None and p.grad.layout != torch.strided:
                name = type(self).__name__
                raise TypeError(f"{name} does not take sparse gradients, got layout {p.grad.layout}; make them dense")
        return part.gradient

    def _run(self, inquiry: Inquiry) -> Any:
        """Run the rule for one part of the model; the result is not written yet."""
        part = inquiry.part
        t, states = part.remember()
        t = t + 1 if torch.compiler.is_compiling() else int(t) + 1
        try:
            return t, self.rule.step(part.theta, t, states, part.settings, inquiry.answers())
        except Question as question:
            return question

    def _write(self, part: TensorPart | ModelPart, t: Any, result: tuple[Tensor, ...]) -> None:
        theta, *states = result
        part.keep(t, states)  # first: a state may be a view of where the parameters stand
        for p, tensor in zip(part.parameters, part.spread(theta), strict=True):
            if part.moves(p):
                p.copy_(tensor)

    @torch.no_grad()
    def eval(self) -> None:
        """Put the rule's answer into the parameters, where it is not where the rule steps: an average, for example.

        `train` takes it back. Rules whose answer is theta itself do nothing here.
        """
        self._exchange(evaluating=True)

    @torch.no_grad()
    def train(self) -> None:
        """Put the point at which the rule goes on back into the parameters, after `eval`."""
        self._exchange(evaluating=False)

    def _exchange(self, evaluating: bool) -> None:
        if self.rule.answer == "theta":
            return
        for group in self.param_groups:
            if group.get("evaluating", False) != evaluating:
                group["evaluating"] = evaluating
                for p in group["params"]:
                    state = self.state.get(p, {})
                    if evaluating and self.rule.answer in state:
                        state["theta"], answer = p.detach().clone(), state[self.rule.answer]
                        p.copy_(torch.view_as_complex(answer) if p.is_complex() else answer)
                    elif "theta" in state:
                        p.copy_(state.pop("theta"))

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
            if saved and p.dtype in REDUCED_PRECISION:
                kept = [name for name in self.state_names if name in saved]
                self.state[p].update({name: saved[name].to(p.device, copy=True) for name in kept})

    def _recognize(self, state_dict: dict[str, Any]) -> dict[str, Any]:
        """The ``state_dict`` itself, if it may be one of ours."""
        parts = [name for name in ("param_groups", "state") if name not in state_dict]
        groups = state_dict.get("param_groups", ())
        states = [saved for saved in state_dict.get("state", {}).values() if isinstance(saved, dict) and saved]
        names = ("step", *self.state_names)
        known = {*names, "theta"}  # see `eval`
        # What a rule remembers of the model as a whole lies at one parameter.
        some = all if self.rule.mixes == "model" else any
        faults = {
            "it lacks": parts,
            "the groups lack": [n for n in self.hyperparameters if any(n not in group for group in groups)],
            "the state lacks": [n for n in names if states and some(n not in saved for saved in states)],
            "the state has unknown": list(dict.fromkeys(n for saved in states for n in saved if n not in known)),
        }
        if any(faults.values()):
            told = "; ".join(f"{fault} {', '.join(map(str, found))}" for fault, found in faults.items() if found)
            raise ValueError(f"state_dict must be one of {type(self).__name__}: {told}")
        return state_dict
