"""The chain rule, which walks through a program from its result back to its inputs."""

from __future__ import annotations

import ast
import functools
from typing import Any, NamedTuple

from .symbols import NotationError
from .trace import Line, Program, Value, Writer
from .vocabulary import FUNCTIONS


class Product(NamedTuple):
    """A number times a line. Numbers are multiplied while the program is written, not while it runs."""

    number: float
    line: str | None = None


def derivative(program: Program) -> Program:
    """A program that returns what this one returns, a height, and after it the derivative in every input.

    Raises
    ------
    NotationError
        If the derivative of something in it is not known.
    """
    (height,) = program.outputs
    slopes = _Slopes(program)
    slopes.walk(program.lines, height)
    outputs = (height, *(slopes.output(name, height) for name in program.inputs))
    return Program(program.inputs, program.settings, slopes.writer.lines(outputs), outputs)


#: How the vocabulary calls the signs that its derivatives are written with.
_SIGNS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Div: "truediv", ast.Pow: "pow", ast.Lt: "lt", ast.Gt: "gt",
}  # fmt: skip


class _Slopes:
    """How much the height gains from every line and every input."""

    def __init__(self, program: Program) -> None:
        self.writer = Writer([*program.inputs, *program.settings], program.lines)
        self.gains: dict[Value, Product] = {}

    def walk(self, lines: tuple[Line, ...], height: Value) -> None:
        self.gains[height] = Product(1)
        for line in reversed(lines):
            gain = self.gains.get(line.name, Product(0))
            if gain.number:
                self._pass_on(line, gain)

    def _pass_on(self, line: Line, gain: Product) -> None:
        """Add to what each argument of a line gains."""
        known = FUNCTIONS[line.function].slopes
        letters = dict(zip("abc", line.arguments, strict=False)) | {"r": line.name}
        for i, argument in enumerate(line.arguments):
            if not isinstance(argument, str):
                continue
            if i >= len(known):
                raise NotationError(f"the derivative of {line.function} in argument {i + 1} is not known")
            slope = self._evaluate(_parse(known[i]), letters)
            if slope.line and not slope.number:
                raise NotationError("the derivative of a power of 0 would divide by the term")
            share = self._times(gain, slope)
            self.gains[argument] = self._plus(self.gains[argument], share) if argument in self.gains else share

    def output(self, name: str, height: Value) -> Value:
        """What an input gains, shaped like the height."""
        gain = self._value(self.gains.get(name, Product(0)))
        return gain if isinstance(gain, str) else self.writer.write("full_like", height, gain)

    def _evaluate(self, node: ast.expr, letters: dict[str, Value]) -> Product:
        """A derivative as the vocabulary writes it."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return Product(number)
            case ast.Name(id=letter):
                value = letters[letter]
                return Product(1, value) if isinstance(value, str) else Product(value)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._times(self._evaluate(left, letters), self._evaluate(right, letters))
            case ast.UnaryOp(operand=operand):
                return self._times(Product(-1), self._evaluate(operand, letters))
            case ast.BinOp(left=left, op=sign, right=right):
                function, parts = _SIGNS[type(sign)], (left, right)
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                function, parts = _SIGNS[type(sign)], (left, right)
            case ast.Call(func=ast.Name(id=function), args=parts):
                pass
        values = [self._evaluate(part, letters) for part in parts]
        arguments = [value.number if value.line is None else self._value(value) for value in values]
        if not any(isinstance(a, str) for a in arguments):
            call: Any = FUNCTIONS[function].call
            return Product(call(*arguments))
        if function == "pow" and arguments[1] == 1:
            return Product(1, values[0].line)
        return Product(1, self.writer.write(function, *arguments))

    def _value(self, product: Product) -> Value:
        number, line = float(product.number), product.line
        return number if line is None else line if number == 1 else self.writer.write("mul", number, line)

    def _times(self, one: Product, other: Product) -> Product:
        lines = [line for line in (one.line, other.line) if line]
        line = self.writer.write("mul", *lines) if len(lines) == 2 else lines[0] if lines else None
        return Product(one.number * other.number, line)

    def _plus(self, one: Product, other: Product) -> Product:
        a, b = self._value(one), self._value(other)
        if isinstance(a, str) or isinstance(b, str):
            return Product(1, self.writer.write("add", a, b))
        return Product(a + b)


@functools.lru_cache(256)
def _parse(derivative: str) -> ast.expr:
    return ast.parse(derivative, mode="eval").body
