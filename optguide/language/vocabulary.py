"""The vocabulary of rules and formulas: every function that may stand in one, and all that is known of it.

One row a function. A function that is missing here is an error, never a guess; adding one is one row.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.fx import Proxy

from . import matrices, pairs


def sqrt(x: Tensor | float) -> Tensor | float:
    """The square root, of a number as well: one that depends only on the step counter and on hyperparameters.

    That of a positive number stays a number, so float32 parameters stay float32. Zero and NaN become tensors of no
    dimension, by which one may divide where Python would raise.
    """
    if isinstance(x, (Tensor, Proxy)):
        return torch.sqrt(x)
    return math.sqrt(x) if x > 0 else torch.sqrt(torch.tensor(float(x)))


def where(condition: Tensor | bool, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, ``no`` elsewhere; the condition may be one of numbers."""
    return torch.where(condition, yes, no) if isinstance(condition, (Tensor, Proxy)) else yes if condition else no


def log(x: Tensor | float) -> Tensor | float:
    """The logarithm, of a number as well, as `sqrt` is the root of one."""
    if isinstance(x, (Tensor, Proxy)):
        return torch.log(x)
    return math.log(x) if x > 0 else torch.log(torch.tensor(float(x)))


@matrices.noted
def maximum(x: Any, y: Any) -> Any:
    """The larger of two, of which one or both may be plain numbers."""
    return torch.maximum(*_alike(x, y)) if isinstance(x, Tensor) or isinstance(y, Tensor) else max(x, y)


@matrices.noted
def minimum(x: Any, y: Any) -> Any:
    """The smaller of two, of which one or both may be plain numbers."""
    return torch.minimum(*_alike(x, y)) if isinstance(x, Tensor) or isinstance(y, Tensor) else min(x, y)


def _alike(x: Any, y: Any) -> list[Tensor]:
    """Two tensors; a number beside a tensor becomes one like it."""
    like = x if isinstance(x, Tensor) else y
    dtype = like.dtype if like.is_floating_point() else torch.float64
    return [z if isinstance(z, Tensor) else torch.as_tensor(z, dtype=dtype, device=like.device) for z in (x, y)]


@dataclass(frozen=True)
class Function:
    """A row of the vocabulary.

    Attributes
    ----------
    name : str
        As rules and formulas call it; an operator is called as in Python's module `operator`.
    arity : int
        How many arguments it takes.
    call : callable or None
        The function that runs. None for a question, which the caller of the rule answers.
    python, javascript, latex : str
        What is written in each language, with the arguments in braces. JavaScript is None where a function takes all
        coordinates at once: there it is no expression. A first argument that LaTeX has as the base of a power gets
        parentheses where it is more than a symbol.
    slopes : tuple of str
        The derivative in each argument, in terms of the arguments ``a``, ``b`` and ``c`` and the result ``r``; empty
        if none is known. A constant factor comes first.
    """

    name: str
    arity: int
    call: Callable[..., Any] | None
    python: str
    javascript: str | None
    latex: str
    slopes: tuple[str, ...] = ()

    @property
    def bare(self) -> int:
        """How many arguments, from the first on, LaTeX has with nothing around them."""
        return re.findall(r"^(?:\{\}(?: \\, )?)*", self.latex)[0].count("{}")

    @property
    def is_operator(self) -> bool:
        """Whether it is written as a sign between or before its arguments."""
        return not self.python.startswith(f"{self.name}(")


#: Questions, operators, functions of single coordinates, functions of all coordinates at once, functions of matrices.
_ROWS = (
    # name, arity, what runs, Python, JavaScript, LaTeX, derivatives
    Function("grad", 1, None, "grad({0})", "grad({0})", r"\nabla f({})"),
    Function("loss", 1, None, "loss({0})", "loss({0})", r"f({})"),
    Function("hvp", 2, None, "hvp({0}, {1})", "hvp({0}, {1})", r"(\nabla^2 f({}) \, {})"),
    Function("hessian", 1, None, "hessian({0})", "hessian({0})", r"\nabla^2 f({})"),
    Function("noise", 0, None, "noise()", "noise()", r"\mathcal{{N}}(0, I)"),
    Function("add", 2, operator.add, "{0} + {1}", "{0} + {1}", "{} + {}", ("1", "1")),
    Function("sub", 2, operator.sub, "{0} - {1}", "{0} - {1}", "{} - {}", ("1", "-1")),
    Function("mul", 2, operator.mul, "{0} * {1}", "{0} * {1}", r"{} \, {}", ("b", "a")),
    Function("truediv", 2, operator.truediv, "{0} / {1}", "{0} / {1}", r"\frac{{{}}}{{{}}}", ("1 / b", "-1 * (r / b)")),
    Function("pow", 2, operator.pow, "{0} ** {1}", "{0} ** {1}", "{}^{{{}}}", ("b * a ** (b - 1)",)),
    # JavaScript's remainder has the sign of what is divided.
    Function(
        "mod", 2, operator.mod, "{0} % {1}",
        "({0} % {1} !== 0 && {1} < 0 !== {0} % {1} < 0 ? {0} % {1} + {1} : {0} % {1})", r"{} \bmod {}",
    ),
    Function("neg", 1, operator.neg, "-{0}", "-{0}", "-{}", ("-1",)),
    Function("lt", 2, operator.lt, "{0} < {1}", "{0} < {1}", "{} < {}"),
    Function("le", 2, operator.le, "{0} <= {1}", "{0} <= {1}", r"{} \le {}"),
    Function("gt", 2, operator.gt, "{0} > {1}", "{0} > {1}", "{} > {}"),
    Function("ge", 2, operator.ge, "{0} >= {1}", "{0} >= {1}", r"{} \ge {}"),
    Function("eq", 2, operator.eq, "{0} == {1}", "{0} === {1}", "{} = {}"),
    Function("getitem", 2, operator.getitem, "{0}[{1}]", "{0}[{1}]", "{}_{{{}}}"),
    Function("sqrt", 1, sqrt, "sqrt({0})", "Math.sqrt({0})", r"\sqrt{{{}}}", ("0.5 * (1 / r)",)),
    Function("exp", 1, torch.exp, "exp({0})", "Math.exp({0})", r"\exp({})", ("r",)),
    Function("log", 1, log, "log({0})", "Math.log({0})", r"\log({})", ("1 / a",)),
    Function("sin", 1, torch.sin, "sin({0})", "Math.sin({0})", r"\sin({})", ("cos(a)",)),
    Function("cos", 1, torch.cos, "cos({0})", "Math.cos({0})", r"\cos({})", ("-1 * sin(a)",)),
    Function(
        "atan2", 2, torch.atan2, "atan2({0}, {1})", "Math.atan2({0}, {1})", r"\operatorname{{atan2}}({}, {})",
        (
            "b / (a ** 2 + b ** 2 + (1 - sign(a ** 2 + b ** 2)))",  # 0 at the origin, as in torch
            "-1 * (a / (a ** 2 + b ** 2 + (1 - sign(a ** 2 + b ** 2))))",
        ),
    ),
    Function("abs", 1, torch.abs, "abs({0})", "Math.abs({0})", r"\lvert {} \rvert", ("sign(a)",)),
    # The sign of NaN is 0 in torch and NaN in JavaScript.
    Function("sign", 1, torch.sign, "sign({0})", "Math.sign({0}) || 0", r"\operatorname{{sign}}({})", ("0",)),
    # Where both are equal, each counts for half, as in torch.
    Function(
        "maximum", 2, maximum, "maximum({0}, {1})", "Math.max({0}, {1})", r"\max({}, {})",
        ("0.5 + 0.5 * sign(a - b)", "0.5 - 0.5 * sign(a - b)"),
    ),
    Function(
        "minimum", 2, minimum, "minimum({0}, {1})", "Math.min({0}, {1})", r"\min({}, {})",
        ("0.5 - 0.5 * sign(a - b)", "0.5 + 0.5 * sign(a - b)"),
    ),
    Function(
        "clamp", 3, torch.clamp, "clamp({0}, {1}, {2})",
        "Math.min(Math.max({0}, {1}), {2})", r"\operatorname{{clip}}({}, {}, {})",
        ("where(a < b, 0, where(a > c, 0, full_like(a, 1)))",),
    ),
    Function(
        "where", 3, where, "where({0}, {1}, {2})", "{0} ? {1} : {2}",
        r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
        ("0", "where(a, full_like(r, 1), 0)", "where(a, 0, full_like(r, 1))"),
    ),
    Function("full_like", 2, torch.full_like, "full_like({0}, {1})", "{1}", "{1}"),
    Function("sum", 1, torch.sum, "sum({0})", None, r"\operatorname{{sum}}({})"),
    Function("mean", 1, torch.mean, "mean({0})", None, r"\operatorname{{mean}}({})"),
    Function("norm", 1, torch.norm, "norm({0})", None, r"\lVert {} \rVert"),
    Function("matmul", 2, operator.matmul, "{0} @ {1}", None, r"{} \, {}"),
    Function("transpose", 1, matrices.transpose, "transpose({0})", None, r"{}^\top"),
    Function("rows", 1, matrices.rows, "rows({0})", None, r"\operatorname{{rows}}({})"),
    Function("columns", 1, matrices.columns, "columns({0})", None, r"\operatorname{{columns}}({})"),
    Function("row_mean", 1, matrices.row_mean, "row_mean({0})", None, r"\operatorname{{row-mean}}({})"),
    Function("column_mean", 1, matrices.column_mean, "column_mean({0})", None, r"\operatorname{{column-mean}}({})"),
    Function(
        "orthogonalize", 1, matrices.orthogonalize, "orthogonalize({0})", None, r"\operatorname{{orthogonalize}}({})"
    ),
    Function("inverse_root", 2, matrices.inverse_root, "inverse_root({0}, {1})", None, "{}^{{-1/{}}}"),
    Function("identity", 1, matrices.identity, "identity({0})", None, "I"),
    Function("solve", 2, matrices.solve, "solve({0}, {1})", None, r"{}^{{-1}} \, {}"),
    Function("eigenbasis", 1, matrices.eigenbasis, "eigenbasis({0})", None, r"\operatorname{{eigenbasis}}({})"),
    Function("outer", 2, pairs.outer, "outer({0}, {1})", None, r"{} \, {}^\top"),
    Function("times", 2, pairs.times, "times({0}, {1})", None, r"{} \, {}"),
    Function("push", 2, pairs.push, "push({0}, {1})", None, r"\operatorname{{push}}({}, {})"),
    Function(
        "two_loop", 3, pairs.two_loop, "two_loop({0}, {1}, {2})", None, r"\operatorname{{two-loop}}({}, {}, {})"
    ),
)  # fmt: skip

#: Every row by its name.
FUNCTIONS = {row.name: row for row in _ROWS}
#: What a rule may ask for, before ``t`` in its signature: the gradient at a point, the loss at a point, the product of
#: the Hessian at a point with a vector, the Hessian at a point, normal noise shaped like theta.
QUESTIONS = tuple(row.name for row in _ROWS if row.call is None)
#: What a rule or a formula may call, for a message that says what is known.
CALLED = ", ".join(sorted(row.name for row in _ROWS if not row.is_operator))
