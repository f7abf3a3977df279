"""The base class: everything a `torch.optim.Optimizer` must do, derived from one pure function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import torch
from torch import Tensor

from .divided import divided, other_rule
from .inquiry import Inquiry, Question, settle
from .parts import ModelPart, TensorPart, fault_of
from .rule import Rule, Start, parameter_section
from .saved import recognized, restore_precision
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

    With ``otherwise=AdamW.at(lr=1e-3)`` another of our rules steps what this one does not: with a rule that steps
    matrices, everything else. That is in groups of its own, which say ``"otherwise": True`` and have the other rule's
    hyperparameters; so may a group that is handed over. `parameter_groups` shows what goes where.

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
    #: What it repairs, by the rule that has the fault; the first is its parent in the family tree. Empty: a root.
    repairs: ClassVar[Mapping[str, str]] = {}
    #: Name of the rule beside which this one is explained, if it has no page of its own.
    variant_of: ClassVar[str | None] = None
    #: Names of the state tensors, in the order ``update`` takes and returns them.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: Hyperparameters and their defaults, in the order the constructor takes them.
    hyperparameters: ClassVar[dict[str, Any]] = {}

    other: Rule | None = None  #: The rule that steps what this one does not, if one was named for that.

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
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter("params", kind)]
        parameters += [inspect.Parameter(name, kind, default=value) for name, value in cls.hyperparameters.items()]
        cls.__signature__ = inspect.Signature(parameters)
        cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{parameter_section(cls.rule)}"

    def __init__(self, params: Iterable, *args: Any, otherwise: Any = None, **kwargs: Any) -> None:
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
        self._check(bound.arguments, self.rule)
        self.other = other_rule(otherwise)
        super().__init__(params, dict(bound.arguments))

    @classmethod
    def at(cls, **settings: Any) -> functools.partial[Self]:
        """The optimizer with settings bound: ``og.Adam.at(lr=0.05)`` stands wherever an optimizer is expected.

        Raises
        ------
        TypeError, ValueError
            As the constructor does.
        """
        cls.rule.settings({name: value for name, value in settings.items() if name != "otherwise"})
        other_rule(settings.get("otherwise"))
        return functools.partial(cls, **settings)

    def _check(self, settings: dict[str, Any], rule: Rule) -> None:
        """Refuse what no hyperparameter may be, and write the others as numbers that tensors can be multiplied with."""
        for name, hyperparameter in rule.hyperparameters.items():
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
        before = len(self.param_groups)
        try:
            for group in [param_group] if self.other is None else divided(param_group, self.rule):
                self._add(group)
        except Exception:
            del self.param_groups[before:]
            raise

    def _add(self, group: dict[str, Any]) -> None:
        rule = self._rule_of(group)
        if group.get("otherwise") and rule is self.rule:
            raise ValueError("a group says otherwise, and no optimizer is named for it: otherwise=og.AdamW, say")
        self._check(group, rule)
        if rule is not self.rule:  # torch will fill in the defaults of the other rule
            group |= {name: as_number(value) for name, value in rule.defaults.items() if name not in group}
        super().add_param_group(group)
        if rule is not self.rule:
            for name in self.hyperparameters.keys() - rule.hyperparameters.keys():
                del group[name]
        count = sum(len(group["params"]) for group in self.param_groups[:-1])
        for number, p in enumerate(group["params"], count):
            if fault := fault_of(p, number, rule, rule.name):
                raise fault

    def _rule_of(self, group: Mapping[str, Any]) -> Rule:
        """The rule that steps a group."""
        return self.other if self.other is not None and group.get("otherwise") else self.rule

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | ({} if self.other is None else {"other": self.other})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient by one step of the rule.

        Parameters
        ----------
        closure : callable, optional
            Clears the gradients, computes the loss, calls ``backward`` and returns the loss. Rules that look
            at the gradient somewhere else than at the current point need it. Rules that multiply by the Hessian need
            ``backward(create_graph=True)``, in a closure or before the step; after it the graph is let go.

        Returns
        -------
        The loss that the closure returned first (at its first look, if the rule looks ahead), or None.

        Raises
        ------
        RuntimeError
            If the rule asks for a gradient away from the current point and there is no closure, or for a product with
            the Hessian and the gradients have no graph.
        TypeError
            If a gradient is sparse.
        """
        if any(group.get("evaluating") for group in self.param_groups):
            raise RuntimeError(f"{type(self).__name__} was not in training mode: call train() after eval()")
        inquiries = [Inquiry(part, type(self).__name__, may_ask=closure is not None) for part in self._parts()]
        if closure is None:
            slopes = [self._gradient(inquiry.part) for inquiry in inquiries]  # all, before any parameter is moved
            pairs = [(i, slope) for i, slope in zip(inquiries, slopes, strict=True) if slope is not None]
            for inquiry, slope in pairs:
                inquiry.home = None, slope.detach()
            inquiries = [inquiry for inquiry, _ in pairs]
            if not any(inquiry.part.rule.is_curved for inquiry in inquiries):
                for inquiry in inquiries:
                    self._write(inquiry.part, *self._run(inquiry))
                return None
        outcomes, losses = settle(inquiries, self._run, self._gradient, closure)
        for inquiry, (t, result) in zip(inquiries, outcomes, strict=True):
            self._write(inquiry.part, t, result)
        return losses[0] if losses else None

    def _parts(self) -> list[TensorPart | ModelPart]:
        parts: list[TensorPart | ModelPart] = []
        for rule in (self.rule,) if self.other is None else (self.rule, self.other):
            groups = [group for group in self.param_groups if self._rule_of(group) is rule]
            pairs = [(p, group) for group in groups for p in group["params"] if p.requires_grad]
            if rule.mixes == "model":
                parts += [ModelPart(rule, pairs, self.state)] if pairs else []
            else:
                parts += [TensorPart(rule, p, group, self.state) for p, group in pairs]
        return parts

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
            return t, part.rule.step(part.theta, t, states, part.settings, inquiry.answers())
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
        for group in self.param_groups:
            name = self._rule_of(group).answer
            if name != "theta" and group.get("evaluating", False) != evaluating:
                group["evaluating"] = evaluating
                for p in group["params"]:
                    state = self.state.get(p, {})
                    if evaluating and name in state:
                        state["theta"], answer = p.detach().clone(), state[name]
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
        groups = zip(self.param_groups, state_dict["param_groups"], strict=True)
        pairs = [(self._rule_of(ours), ours, theirs) for ours, theirs in groups]
        restore_precision(self.state, state_dict["state"], pairs)

    def _recognize(self, state_dict: dict[str, Any]) -> dict[str, Any]:
        groups = state_dict.get("param_groups", ())
        return recognized(state_dict, type(self).__name__, [(self._rule_of(group), group) for group in groups])
