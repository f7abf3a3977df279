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

from .grammar import ALWAYS, ENDINGS, FUNCTIONS, NAMES, RELATIONS

# How tightly an expression holds together; a looser one needs parentheses inside a tighter one.
_RELATION, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(6)


class NotationError(ValueError):
    """A rule or formula uses something that the notation does not know."""


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
    step t. Names assigned on the way are timed if ``index_locals`` is set (a rule), unless they are made of
    hyperparameters alone, and bare otherwise (a formula). ``callables`` maps the names of other functions
    that may be called to their LaTeX.
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
    ) -> None:
        self.tree, self.lines = tree, lines
        self.symbols = {name: self._symbol(name, tree) for name in (*ALWAYS, *constants)}
        self.symbols |= {name: f"{self._symbol(name, tree)}_{{t-1}}" for name in timed}
        self.timed = timed
        self.hyperparameters = set(constants)
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
                if not self.index_locals:
                    self.result = self.expression(node.value)
                continue
            if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
                raise self._error(node, "only assignments and one final return can be typeset")
            latex = self._assignment(node)
            if latex:
                comment = next(
                    (self.comments[n] for n in range(node.end_lineno, node.lineno - 1, -1) if n in self.comments), ""
                )
                steps.append(Step(latex, comment, ast.get_source_segment("\n".join(self.lines), node)))
        if not body or not isinstance(body[-1], ast.Return):
            raise self._error(self.tree, "the last line must be a return")
        return steps

    def _assignment(self, node: ast.Assign) -> str:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple):  # beta1, beta2 = betas: gives the parts of a hyperparameter their names
            if not (isinstance(value, ast.Name) and value.id in self.hyperparameters):
                raise self._error(node, "only a hyperparameter can be taken apart")
            if not all(isinstance(part, ast.Name) for part in target.elts):
                raise self._error(node, "a hyperparameter can only be taken apart into plain names")
            for part in target.elts:
                self.symbols[part.id] = self._symbol(part.id, node)
                self.hyperparameters.add(part.id)
            return ""
        if not isinstance(target, ast.Name):
            raise self._error(node, "only plain names can be assigned")
        if isinstance(value, ast.Name) and value.id in self.timed and target.id not in self.timed:
            self.symbols[target.id] = self.expression(value)  # g_before = g: gives an old value a name
            return ""
        right = self.expression(value)
        symbol = self._symbol(target.id, node)
        read = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
        if target.id not in self.timed and read <= self.hyperparameters:
            self.symbols[target.id] = symbol  # made of hyperparameters alone: the same in every step
            self.hyperparameters.add(target.id)
            return f"{symbol} = {right}"
        self.symbols[target.id] = f"{symbol}_t" if self.index_locals else symbol
        arrow = r"\leftarrow" if self.index_locals else "="
        return f"{self.symbols[target.id]} {arrow} {right}"

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
                if name not in self.symbols:
                    raise self._error(node, f"{name!r} is read before it has a value")
                return self.symbols[name], _ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.expression(operand, _SIGNED)}", _SIGNED
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return f"{self.expression(left)} + {self.expression(right, _PRODUCT)}", _SUM
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return f"{self.expression(left)} - {self.expression(right, _PRODUCT)}", _SUM
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._product(self.expression(left, _PRODUCT), self.expression(right, _POWER)), _PRODUCT
            case ast.BinOp(left=ast.BinOp(left=factor, op=ast.Mult(), right=top), op=ast.Div(), right=bottom):
                fraction = rf"\frac{{{self.expression(top)}}}{{{self.expression(bottom)}}}"
                return self._product(self.expression(factor, _PRODUCT), fraction), _PRODUCT
            case ast.BinOp(left=top, op=ast.Div(), right=bottom):
                return rf"\frac{{{self.expression(top)}}}{{{self.expression(bottom)}}}", _POWER
            case ast.BinOp(left=ast.Call(func=ast.Name(id="sin" | "cos")) as call, op=ast.Pow(), right=exponent):
                # sin(x)^2 could be read as sin(x^2), so it is written as it always is: sin^2(x).
                head, _, tail = self.expression(call).partition("(")
                return f"{head}^{{{self.expression(exponent)}}}({tail}", _ATOM
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                power = self.expression(exponent)
                # A fraction or a power as a base needs its parentheses, though a product would not.
                return f"{self.expression(base, _ATOM)}^{{{power}}}", _POWER
            case ast.Compare(left=left, ops=[relation], comparators=[right]) if type(relation).__name__ in RELATIONS:
                sign = RELATIONS[type(relation).__name__]
                return f"{self.expression(left)} {sign} {self.expression(right)}", _RELATION
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(node, name, [self.expression(a, _RELATION) for a in arguments]), _ATOM
        raise self._error(node, f"{type(node).__name__} has no notation")

    @staticmethod
    def _product(left: str, right: str) -> str:
        return rf"{left} \cdot {right}" if right[0].isdigit() else rf"{left} \, {right}"

    def _call(self, node: ast.Call, name: str, arguments: list[str]) -> str:
        if name in self.callables:
            return f"{self.callables[name]}({', '.join(arguments)})"
        if name not in FUNCTIONS:
            raise self._error(node, f"unknown function {name!r}; known are {', '.join(sorted(FUNCTIONS))}")
        count, template = FUNCTIONS[name]
        if len(arguments) != count:
            raise self._error(node, f"{name} must have {count} arguments, got {len(arguments)}")
        return template.format(*arguments)

    def _symbol(self, name: str, node: ast.AST) -> str:
        return name_latex(name, lambda message: self._error(node, message))

    def _error(self, node: ast.AST, message: str) -> NotationError:
        line = getattr(node, "lineno", 1)
        return NotationError(f"{self.tree.name}, line {line} ({self.lines[line - 1].strip()!r}): {message}")


def name_latex(name: str, error: Callable[[str], Exception] = NotationError) -> str:
    """The symbol of a name of the closed table, endings included."""
    for ending, template in ENDINGS.items():
        if name.endswith(ending) and name.removesuffix(ending) in NAMES:
            return template.format(NAMES[name.removesuffix(ending)])
    if name not in NAMES:
        raise error(
            f"unknown name {name!r}; known are {', '.join(sorted(NAMES))} and their endings {', '.join(ENDINGS)}"
        )
    return NAMES[name]


def number_latex(number: float) -> str:
    """A number as it is written by hand: 0.5, 100, 10^{-8}, 2.5 \\cdot 10^{-5}."""
    text = f"{number:g}" if float(f"{number:g}") == number else repr(number)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def _comments(lines: list[str]) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline)
    return {t.start[0]: t.string.lstrip("# ").strip() for t in tokens if t.type == tokenize.COMMENT}
