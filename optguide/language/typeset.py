"""From source to LaTeX: straight-line Python mathematics, typeset with time indices."""

from __future__ import annotations

import ast
import inspect
import io
import sys
import textwrap
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .symbols import ALWAYS, NotationError, Symbols, indexed, number_latex
from .vocabulary import CALLED, FUNCTIONS, QUESTIONS

# How tightly an expression holds together; a looser one needs parentheses inside a tighter one.
_RELATION, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(6)

#: What each operator is called in the vocabulary, how tightly it holds, and how tightly its sides must. A fraction or
#: a power as a base needs its parentheses, though a product would not.
_OPERATORS = {
    ast.Add: ("add", _SUM, _SUM, _PRODUCT),
    ast.Sub: ("sub", _SUM, _SUM, _PRODUCT),
    ast.Mult: ("mul", _PRODUCT, _PRODUCT, _POWER),
    ast.Div: ("truediv", _POWER, _SUM, _SUM),
    ast.MatMult: ("matmul", _PRODUCT, _PRODUCT, _POWER),
    ast.Mod: ("mod", _PRODUCT, _PRODUCT, _POWER),
    ast.Pow: ("pow", _POWER, _ATOM, _SUM),
    ast.Lt: ("lt", _RELATION, _SUM, _SUM),
    ast.LtE: ("le", _RELATION, _SUM, _SUM),
    ast.Gt: ("gt", _RELATION, _SUM, _SUM),
    ast.GtE: ("ge", _RELATION, _SUM, _SUM),
    ast.Eq: ("eq", _RELATION, _SUM, _SUM),
}
_SIGNS = {name: sign for sign, (name, *_) in _OPERATORS.items()}

#: What functions may be called from.
_MODULES = ("torch", "math")


@dataclass(frozen=True)
class Step:
    """One line of a rule: its formula, the comment beside it, and its code."""

    latex: str
    comment: str
    code: str


def read_function(function: Callable[..., Any]) -> tuple[ast.FunctionDef, list[str]]:
    """Syntax tree and source lines of a function.

    Raises
    ------
    NotationError
        If the source cannot be read (a function typed at a bare prompt has none).
    """
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError, IndentationError):
        raise NotationError(f"the source of {getattr(function, '__name__', function)!r} cannot be read") from None
    tree = ast.parse(source).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise NotationError(f"expected a function, got {type(tree).__name__}")
    return tree, source.splitlines()


class Typesetter:
    """Typesets the statements of one function in order.

    ``timed`` names carry a time index: read before they are assigned they belong to step t - 1, afterwards to
    step t; what is returned as it came is the same at every step, and has none. Names assigned on the way are timed if
    ``index_locals`` is set (a rule), unless they are made of hyperparameters alone, and bare otherwise (a formula).
    ``callables`` maps the names of other functions that may be called, also with functions for arguments, to their
    LaTeX; ``symbols`` says how names are written.
    """

    def __init__(
        self,
        tree: ast.FunctionDef,
        lines: list[str],
        *,
        timed: tuple[str, ...] = (),
        constants: tuple[str, ...] = (),
        index_locals: bool = False,
        callables: dict[str, str] | None = None,
        symbols: Symbols | None = None,
    ) -> None:
        self.tree, self.lines = tree, lines
        self.symbols = symbols or Symbols()
        #: What stands for each name that has a value by now.
        self.values = {name: self.symbols[name] for name in (*ALWAYS, *constants)}
        kept = _returned_as_they_came(tree, timed)
        self.values |= {n: self.symbols[n] if n in kept else indexed(self.symbols[n], "{t-1}") for n in timed}
        self.timed = timed
        self.hyperparameters = {*constants, "pi", "e"}
        self.index_locals = index_locals
        self.callables = callables or {}
        self.result = ""
        self.comments = _comments(lines)

    def steps(self) -> list[Step]:
        """The function's lines; what it returns is left in ``result``."""
        steps = []
        body = self.tree.body[1:] if ast.get_docstring(self.tree) else self.tree.body
        for node in body:
            if isinstance(node, ast.Return) and node is body[-1] and node.value is not None:
                if self.index_locals:
                    steps += self._returned(node, node.value)
                else:
                    self.result = self.expression(node.value)
                continue
            if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
                raise self._error(node, "only assignments and one final return can be typeset")
            latex = self._assignment(node)
            if latex:
                steps.append(self._step(latex, node))
        if not body or not isinstance(body[-1], ast.Return):
            raise self._error(self.tree, "the last line must be a return")
        return steps

    def _step(self, latex: str, node: ast.stmt | ast.expr) -> Step:
        """One line, with the comment that stands beside it."""
        beside = range(node.end_lineno or node.lineno, node.lineno - 1, -1)
        comment = next((self.comments[n] for n in beside if n in self.comments), "")
        return Step(latex, comment, ast.get_source_segment("\n".join(self.lines), node) or "")

    def _returned(self, node: ast.Return, value: ast.expr) -> list[Step]:
        """What a rule computes only when it returns it."""
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        if len(parts) != len(self.timed):
            raise self._error(node, f"the last line must return {', '.join(self.timed)}")
        return [
            self._step(rf"{indexed(self.symbols[name], 't')} \leftarrow {self.expression(part)}", part)
            for name, part in zip(self.timed, parts, strict=True)
            if not (isinstance(part, ast.Name) and part.id == name)
        ]

    def _assignment(self, node: ast.Assign) -> str:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple):  # beta1, beta2 = betas: gives the parts of a hyperparameter their names
            if not (isinstance(value, ast.Name) and value.id in self.hyperparameters):
                raise self._error(node, "only a hyperparameter can be taken apart")
            names = [part.id for part in target.elts if isinstance(part, ast.Name)]
            if len(names) < len(target.elts):
                raise self._error(node, "a hyperparameter can only be taken apart into plain names")
            for name in names:
                self.values[name] = self.symbols[name]
                self.hyperparameters.add(name)
            if value.id not in self.symbols.given:
                self.symbols.names[value.id] = ", ".join(self.values[name] for name in names)
            return ""
        if not isinstance(target, ast.Name):
            raise self._error(node, "only plain names can be assigned")
        if isinstance(value, ast.Name) and value.id in self.timed and target.id not in self.timed:
            self.values[target.id] = self.expression(value)  # g_before = g: gives an old value a name
            return ""
        right = self.expression(value)
        symbol = self.symbols[target.id]
        read = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & self.values.keys()
        called = {n.func.id for n in ast.walk(value) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        # What answers a question, as noise does, is another one in every step.
        if target.id not in self.timed and read <= self.hyperparameters and called.isdisjoint(QUESTIONS):
            self.values[target.id] = symbol  # made of hyperparameters alone: the same in every step
            self.hyperparameters.add(target.id)
            return f"{symbol} = {right}"
        self.values[target.id] = indexed(symbol, "t") if self.index_locals else symbol
        arrow = r"\leftarrow" if self.index_locals else "="
        if right == FUNCTIONS["noise"].latex.format():  # a draw has its own sign
            arrow = r"\sim"
        return f"{self.values[target.id]} {arrow} {right}"

    def expression(self, node: ast.expr, at_least: int = _SUM) -> str:
        """LaTeX of an expression, in parentheses if it is looser than ``at_least``."""
        latex, tightness = self._typeset(node)
        return latex if tightness >= at_least else f"({latex})"

    def _typeset(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant(value=bool()):
                raise self._error(node, f"{node.value!r} is not a number")
            case ast.Constant(value=int() | float() as number) if abs(number) <= sys.float_info.max:
                return number_latex(number), _ATOM
            case ast.Constant():
                raise self._error(node, f"{node.value!r} is not a number")
            case ast.Name(id=name):
                if name not in self.values:
                    raise self._error(node, f"{name!r} is read before it has a value")
                return self.values[name], _ATOM
            case ast.Attribute(value=ast.Name(id=module), attr="pi" | "e" as number) if self._is_module(module):
                return self.values[number], _ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.expression(operand, _SIGNED)}", _SIGNED
            case ast.BinOp(left=ast.BinOp(left=factor, op=ast.Mult(), right=top), op=ast.Div(), right=bottom):
                fraction = self._operator(ast.Div, top, bottom)[0]
                return self._product(self.expression(factor, _PRODUCT), fraction), _PRODUCT
            case ast.BinOp(left=ast.Call() as call, op=ast.Pow(), right=exponent) if self._is_trigonometric(call):
                # sin(x)^2 could be read as sin(x^2), so it is written as it always is: sin^2(x).
                head, _, tail = self.expression(call).partition("(")
                return f"{head}^{{{self.expression(exponent)}}}({tail}", _ATOM
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
                return self._operator(type(sign), left, right)
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPERATORS:
                return self._operator(type(sign), left, right)
            case ast.Call(func=ast.Name() | ast.Attribute()):
                name, arguments = self._called(node)
                if name in _SIGNS and len(arguments) == 2:  # g.pow(2)
                    return self._operator(_SIGNS[name], *arguments)
                if name == "full_like" and len(arguments) == 2:  # leaves no mark of its own, that would enclose a sum
                    return self._typeset(arguments[1])
                bare = FUNCTIONS[name].bare if name not in self.callables and name in FUNCTIONS else 0
                base = [self._base(a) for a in arguments[:bare]]
                rest = [self._argument(a, name) for a in arguments[len(base) :]]
                return self._call(node, name, base + rest), _ATOM if bare < 2 else _POWER
        raise self._error(node, f"{type(node).__name__} has no notation")

    def _argument(self, node: ast.expr, function: str) -> str:
        """What a function is given. Another rule takes functions, too: a question itself, or one written in place."""
        match node:
            case ast.Name(id="grad") if function in self.callables and "grad" not in self.values:
                return FUNCTIONS["grad"].latex.partition("(")[0]
            case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)]), body=body) if function in self.callables:
                outside = self.values
                self.values = {**outside, name: self.symbols[name]}
                image = self.expression(body, _RELATION)
                self.values = outside
                return rf"{self.symbols[name]} \mapsto {image}"
        return self.expression(node, _RELATION)

    def _operator(self, sign: type, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        name, tightness, *at_least = _OPERATORS[sign]
        sides = [self.expression(side, least) for side, least in zip((left, right), at_least, strict=True)]
        if name == "pow":
            sides[0] = self._base(left)
        return self._product(*sides) if name == "mul" else FUNCTIONS[name].latex.format(*sides), tightness

    def _base(self, node: ast.expr) -> str:
        """What a power is taken of: in parentheses if it is a power itself, or has a mark there."""
        latex = self.expression(node, _ATOM)
        marked = "^" in latex and (isinstance(node, (ast.Name, ast.Constant)) or self._is_power(node))
        return f"({latex})" if marked else latex

    def _is_power(self, node: ast.expr) -> bool:
        function = FUNCTIONS.get(self._called(node)[0]) if isinstance(node, ast.Call) else None
        return function is not None and function.latex.startswith("{}^")

    @staticmethod
    def _product(left: str, right: str) -> str:
        template = r"{} \cdot {}" if right[0].isdigit() else FUNCTIONS["mul"].latex
        return template.format(left, right)

    def _is_trigonometric(self, call: ast.Call) -> bool:
        return self._called(call)[0] in ("sin", "cos")

    def _is_module(self, name: str) -> bool:
        return name in _MODULES and name not in self.values

    def _called(self, node: ast.Call) -> tuple[str, list[ast.expr]]:
        """The function that is called and its arguments: ``abs(x)``, ``torch.abs(x)`` and ``x.abs()`` are the same."""
        if not isinstance(node.func, ast.Attribute):
            return getattr(node.func, "id", ""), node.args
        home = node.func.value
        while isinstance(home, ast.Attribute):  # torch.linalg.norm
            home = home.value
        if isinstance(home, ast.Name) and self._is_module(home.id):
            return node.func.attr, node.args
        return node.func.attr, [node.func.value, *node.args]

    def _call(self, node: ast.Call, name: str, arguments: list[str]) -> str:
        if name in self.callables:
            return f"{self.callables[name]}({', '.join(arguments)})"
        function = FUNCTIONS.get(name)
        if function is None or function.is_operator:
            raise self._error(node, f"unknown function {name!r}; known are {CALLED}")
        if node.keywords:
            raise self._error(node, f"{name} must have its arguments by position")
        if len(arguments) != function.arity:
            raise self._error(node, f"{name} must have {function.arity} arguments, got {len(arguments)}")
        return function.latex.format(*arguments)

    def _error(self, node: ast.AST, message: str) -> NotationError:
        line = getattr(node, "lineno", 1)
        return NotationError(f"{self.tree.name}, line {line} ({self.lines[line - 1].strip()!r}): {message}")


def _returned_as_they_came(tree: ast.FunctionDef, names: tuple[str, ...]) -> set[str]:
    """Those of the names that a function returns in their places without having assigned them."""
    end = tree.body[-1]
    parts = end.value.elts if isinstance(end, ast.Return) and isinstance(end.value, ast.Tuple) else []
    assigned = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    returned = {n for n, part in zip(names, parts, strict=False) if isinstance(part, ast.Name) and part.id == n}
    return returned - assigned


def _comments(lines: list[str]) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline)
    return {t.start[0]: t.string.lstrip("# ").strip() for t in tokens if t.type == tokenize.COMMENT}
