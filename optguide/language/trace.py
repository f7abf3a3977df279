"""A pure function as a Program: what it computes, line by line, in the words of the vocabulary.

The function is called once, with terms instead of numbers, which note what is done to them (`torch.fx`). What a program
says can then be printed in any language, and the chain rule can walk through it.
"""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import fx
from torch.fx.proxy import TracerBase

from .symbols import NotationError
from .vocabulary import CALLED, FUNCTIONS

#: The name of an input or of a line, or a number.
Value = str | int | float

#: Rows of the vocabulary by what may be called for them: the row's own function, torch's, Python's operator.
_BY_CALL = {
    call: row
    for row in FUNCTIONS.values()
    for call in (row.call, *(getattr(home, row.name, None) for home in (torch, torch.linalg, operator)))
    if call
}


@dataclass(frozen=True)
class Line:
    """``name = function(*arguments)``; the function is a row of the vocabulary."""

    name: str
    function: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True)
class Program:
    """Straight-line mathematics.

    Attributes
    ----------
    inputs, settings : tuple of str
        Names of the arguments, and of those that are passed by keyword.
    lines : tuple of Line
        Each is made of inputs and of lines before it. Nothing is computed twice, or for nothing.
    outputs : tuple of str or number
        What is returned.
    """

    inputs: tuple[str, ...]
    settings: tuple[str, ...]
    lines: tuple[Line, ...]
    outputs: tuple[Value, ...]

    @property
    def mixes(self) -> bool:
        """Whether a line takes all coordinates at once."""
        return any(FUNCTIONS[line.function].javascript is None for line in self.lines)


class Writer:
    """Collects the lines of a program. Nothing is computed twice."""

    def __init__(self, names: Iterable[str], lines: Iterable[Line] = ()) -> None:
        self._prefix = "t"
        while any(re.fullmatch(rf"{self._prefix}\d+", name) for name in names):
            self._prefix += "_"
        self._lines = {(line.function, *map(repr, line.arguments)): line for line in lines}

    def write(self, function: str, *arguments: Value) -> str:
        """The name of the line that computes this."""
        key = (function, *map(repr, arguments))  # by what is written: 2 is not 2.0, and 0.0 is not -0.0
        if FUNCTIONS[function].call is None:
            key += (str(len(self._lines)),)  # a question is asked as often as the rule asks it
        if key not in self._lines:
            self._lines[key] = Line(f"{self._prefix}{len(self._lines)}", function, arguments)
        return self._lines[key].name

    def lines(self, outputs: Sequence[Value]) -> tuple[Line, ...]:
        """Those on which the outputs depend, in order."""
        needed, kept = set(outputs), []
        for line in reversed(self._lines.values()):
            if line.name in needed:
                needed.update(line.arguments)
                kept.append(line)
        return tuple(reversed(kept))


def trace(function: Callable[..., Any], inputs: Sequence[str] | None = None) -> Program:
    """What a pure function computes.

    Parameters
    ----------
    function : callable
        Straight-line mathematics: a rule's ``update`` or a formula.
    inputs : sequence of str, optional
        Names for its positional arguments; by default they and the keyword-only ones are read from its signature.
        If they are given, keyword-only arguments keep their defaults.

    Raises
    ------
    NotationError
        If it uses something that the vocabulary does not know.
    """
    name = getattr(function, "__name__", getattr(function, "name", repr(function)))
    if inputs is None:
        parameters = inspect.signature(function).parameters.values()
        inputs = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    else:
        defaults = {}
    notes = _Notes(name, (*inputs, *defaults))
    terms = {name: notes.setting(name, default) for name, default in defaults.items()}
    result = function(*map(notes.input, inputs), **terms)
    outputs = tuple(map(notes.value, result if isinstance(result, tuple) else (result,)))
    return Program(tuple(inputs), tuple(defaults), notes.writer.lines(outputs), outputs)


class _Term(fx.Proxy):
    """An input or a line; as a proxy's node stands its name."""

    node: Any
    __array_ufunc__ = None  # NumPy's numbers leave the arithmetic to us

    def __init__(self, name: Any, tracer: TracerBase) -> None:
        super().__init__(name, tracer)

    def __abs__(self) -> Any:
        return torch.abs(cast(Any, self))


class _Notes(TracerBase):
    """Writes a line for everything that is done to a term."""

    def __init__(self, function: str, names: tuple[str, ...]) -> None:
        super().__init__()
        self.graph = fx.Graph()  # stays empty; proxies look for names in it
        self.function, self.names, self.writer = function, names, Writer(names)

    def create_proxy(self, kind: str, target: Any, arguments: Any, options: Any, name: str | None = None) -> _Term:
        """The line that calls ``target``."""
        if target is torch.norm:  # which tells all of its defaults
            options = {name: value for name, value in options.items() if value not in ("fro", None, False)}
        row = FUNCTIONS.get(target) if kind == "call_method" else _BY_CALL.get(target)
        if row is None:
            called = arguments[1] if target is getattr else getattr(target, "__name__", target)
            raise self._error(f"unknown function {called!r}; known are {CALLED}")
        if options or len(arguments) != row.arity:
            raise self._error(f"{row.name} must have {row.arity} arguments, by position")
        if row.call and row.name in self.names:
            raise self._error(f"{row.name!r} is an argument here, and a function of the vocabulary")
        return _Term(self.writer.write(row.name, *map(self.value, arguments)), self)

    def to_bool(self, term: fx.Proxy) -> bool:
        """Refuse: a term has no value to decide by."""
        raise self._error("a choice between branches has no notation; where(condition, this, that) has")

    def value(self, given: Any) -> Value:
        """What stands in a line for a term or a number."""
        if isinstance(given, _Term):
            return given.node
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise self._error(f"only numbers and terms may be used, got {given!r}")
        return float(given) if isinstance(given, float) else given

    def input(self, name: str) -> Any:
        """A term, or a function whose answers are terms, if the name is that of a question."""
        if name in FUNCTIONS and FUNCTIONS[name].call is None:
            return lambda *points: self.create_proxy("call_method", name, points, {})
        return _Term(name, self)

    def setting(self, name: str, default: Any) -> Any:
        """A term, or a tuple of them, if the default is a tuple."""
        term = self.input(name)
        return tuple(term[i] for i in range(len(default))) if isinstance(default, tuple) else term

    def _error(self, message: str) -> NotationError:
        return NotationError(f"{self.function}: {message}")
