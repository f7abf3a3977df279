"""The faults that `checks/mutants.py` plants: what may be wrong with one expression or line of the package.

An operator, a constant, a dropped term, a swapped name, a wrong time index. A fault replaces the text of one syntax
node and leaves every other byte of its file alone, for the notation reads comments, too.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import copy
import random
import struct

import scripts
import words
from parts import ROOT, Target

#: The faults that are known to live on in released code, planted wherever they are possible.
NOTORIOUS = ("dropped eps", "no bias correction", "swapped betas", "no 1 - beta", "state zeroed", "float32")

OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
RELATIONS = {ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt)}
RELATIONS |= {ast.GtE: (ast.Gt, ast.LtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,)}
RELATIONS |= {ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,)}
FUNCTIONS = {"sin": "cos", "cos": "sin", "maximum": "minimum", "max": "min", "min": "max", "any": "all", "all": "any"}
IDENTITY = ("sqrt", "sign", "abs", "exp", "clamp")
SWAPS = [{"m", "v"}, {"m", "s"}, {"v", "s"}, {"m1", "m2"}, {"m2", "m3"}, {"v", "delta"}, {"m", "v_max"}, {"delta", "g"},
         {"beta1", "beta2"}, {"x", "y"}, {"u", "v"}, {"a", "b"}, {"a", "r"}, {"mu", "nu"}, {"c", "delta"}]  # fmt: skip


def sites(node: ast.AST):
    """The nodes that may be changed: no docstrings, annotations, decorators, messages of errors, parts of f-strings."""
    if isinstance(node, (ast.Raise, ast.Import)) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    yield node
    if isinstance(node, ast.JoinedStr):
        return
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list", "ctx", "op", "ops"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from sites(child)


def variants(node: ast.AST, target: Target):
    """Everything that may be wrong with one node: the kind of fault and the node (or text) that replaces it."""
    rule = target.group == "rules"
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in OPERATORS and not isinstance(left, (ast.JoinedStr, ast.List)):
                yield "operator", ast.BinOp(left, OPERATORS[type(op)](), right)
            if isinstance(op, (ast.Add, ast.Sub)):
                eps = isinstance(right, ast.Name) and right.id.startswith("eps")
                yield "dropped eps" if eps else "dropped term", left
                if isinstance(op, ast.Add) and not (rule and eps):
                    yield "dropped term", right
            if isinstance(op, ast.Div):
                correction = rule and any(isinstance(n, ast.Name) and n.id == "t" for n in ast.walk(right))
                yield "no bias correction" if correction else "dropped term", left
            if isinstance(op, ast.Mult):
                one_minus = rule and isinstance(left, ast.BinOp) and isinstance(left.op, ast.Sub)
                yield "no 1 - beta" if one_minus else "dropped term", right
                yield "dropped term", left
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in RELATIONS:
            for other in RELATIONS[type(op)]:
                yield "comparison", ast.Compare(left, [other()], [right])
        case ast.BoolOp(op=op, values=values):
            yield "operator", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(operand=operand):
            yield "operator", operand
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "swapped arguments", ast.IfExp(test, orelse, body)
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield "constant", ast.Constant(value * 1.5)
            (rounded,) = struct.unpack("f", struct.pack("f", value))
            if target.group == "surfaces" and rounded != value:
                yield "float32", ast.Constant(rounded)
        case ast.Constant(value=str(value)):
            yield "text", ast.Constant("X" + value)
        case ast.JoinedStr(values=values):
            yield "text", ast.JoinedStr([ast.Constant("X"), *values])
        case ast.Name(id=name, ctx=ast.Load()) if target.group in ("rules", "surfaces"):
            for pair in SWAPS:
                if name in pair:
                    (other,) = pair - {name}
                    if other in target.names:
                        yield "swapped state" if name in target.states else "swapped arguments", ast.Name(other)
            if rule and name == "t":
                yield "wrong time index", ast.BinOp(node, ast.Add(), ast.Constant(1))
        case ast.Attribute(value=value, attr="float64"):
            yield "float32", ast.Attribute(value, "float32")
        case ast.Call(func=ast.Name(id="grad") as grad, args=[point]) if rule:
            yield "float32", f"{ast.unparse(node)}.float().double()"
            if not isinstance(point, ast.Name):
                yield "wrong time index", ast.Call(grad, [ast.Name("theta")], [])
        case ast.Call(func=function, args=arguments, keywords=keywords):
            name = getattr(function, "id", "")
            if name in FUNCTIONS:
                yield "operator", ast.Call(ast.Name(FUNCTIONS[name]), arguments, keywords)
            if name in IDENTITY:
                yield "dropped term", arguments[0]
            if len(arguments) > 1 and not any(isinstance(a, ast.Starred) for a in arguments):
                yield "swapped arguments", ast.Call(function, [*arguments[:-2], *arguments[:-3:-1]], keywords)
        case ast.Assign(targets=[ast.Tuple(elts=[one, other])], value=value) if rule:
            kind = "swapped betas" if one.id == "beta1" else "swapped arguments"
            yield kind, f"{other.id}, {one.id} = {ast.unparse(value)}"
        case ast.Return(value=ast.Tuple(elts=[theta, *states])) if rule:
            names = [n.id for n in (theta, *states)]
            for i in range(1, len(names)):
                yield "state zeroed", f"return {', '.join([*names[:i], f'0 * {names[i]}', *names[i + 1 :]])}"
                if i > 1:
                    swapped = [*names[: i - 1], names[i], names[i - 1], *names[i + 1 :]]
                    yield "swapped state", f"return {', '.join(swapped)}"
        case ast.Assign() | ast.AugAssign() | ast.Expr() if not rule and target.group != "surfaces":
            yield "dropped line", "pass"
        case ast.Continue():
            yield "dropped line", "break"


def old_states(source: bytes, target: Target):
    """Faults that need two places: a line reads the state of the step before, after it has been renewed."""
    body = [n for n in target.nodes if isinstance(n, ast.Assign)]
    for state in target.states:
        at = [i for i, n in enumerate(body) if getattr(n.targets[0], "id", "") == state]
        for later in body[at[-1] + 1 :] if at else ():
            for n in ast.walk(later):
                if isinstance(n, ast.Name) and n.id == state:
                    changed = splice(source, n, f"{state}_before")
                    keep = f"{state}_before = {state}  # before\n{' ' * body[at[0]].col_offset}"
                    start = offset(source, body[at[0]])[0]
                    text = changed[:start] + keep.encode() + changed[start:]
                    yield "wrong time index", later.lineno, f"{ast.unparse(later)}: {state} of the step before", text


def offset(source: bytes, node: ast.AST) -> tuple[int, int]:
    lines = source.splitlines(keepends=True)
    before = [sum(map(len, lines[: n - 1])) for n in (node.lineno, node.end_lineno)]
    return before[0] + node.col_offset, before[1] + node.end_col_offset


def splice(source: bytes, node: ast.AST, text: str) -> bytes:
    start, end = offset(source, node)
    return source[:start] + text.encode() + source[end:]


def in_python(source: bytes, target: Target):
    """Every fault of the nodes of a target: its kind, its line, what is changed and the whole text with it."""
    yield from old_states(source, target)
    for root in target.nodes:
        for node in sites(root):
            for kind, new in variants(node, target):
                text = new if isinstance(new, str) else ast.unparse(ast.fix_missing_locations(copy.deepcopy(new)))
                if isinstance(new, ast.AST) and not isinstance(new, (ast.Constant, ast.Name, ast.Call, ast.JoinedStr)):
                    text = f"({text})"
                what = f"{' '.join(ast.unparse(node).split())} -> {text}"
                yield kind, node.lineno, what, splice(source, node, text)


def tells_apart(source: bytes, target: Target):
    """What says of a changed text whether it can be read, and is another program than all before."""
    if target.path.endswith(".js"):
        read = scripts.parser().parse
        return lambda text: not read(text).root_node.has_error
    if target.group == "words":
        return lambda text: text != source
    seen = {ast.dump(ast.parse(source))}

    def new(text: bytes) -> bool:
        with contextlib.suppress(SyntaxError):
            if (dump := ast.dump(ast.parse(text))) not in seen:
                seen.add(dump)
                return True
        return False

    return new


def mutants(target: Target) -> list[dict]:
    """The faults of one target that are planted: all notorious ones, and others of every kind in turn."""
    source = (ROOT / target.path).read_bytes()
    lines = source.decode().splitlines()
    if target.path.endswith(".js"):
        everything = scripts.faults(source)
    else:
        everything = words.faults(source, target.path) if target.group == "words" else in_python(source, target)
    fresh = tells_apart(source, target)
    small = target.group in ("rules", "surfaces")  # of others, only what was drawn is read again: that takes long
    by_kind, twins = collections.defaultdict(list), collections.Counter()
    for kind, line, what, text in everything:
        if small and not fresh(text):
            continue
        owner = f", {target.name}" * (target.group in ("rules", "surfaces"))
        name = f"{target.path}{owner}: {lines[line - 1].partition('  #')[0].strip()}: {what}"
        twins[name] += 1
        name += f" (number {twins[name]})" * (twins[name] > 1)
        by_kind[kind].append({"id": name, "line": line, "kind": kind, "text": text.decode()})
    draw = random.Random(target.path + target.name)
    chosen = [m for kind in NOTORIOUS for m in by_kind.pop(kind, [])] if target.group == "rules" else []
    pools = [draw.sample(pool, len(pool)) for _, pool in sorted(by_kind.items())]
    draw.shuffle(pools)
    room = max(target.each, len(chosen) + target.each // 2)
    while len(chosen) < room and any(pools):
        drawn = [pool.pop() for pool in pools if pool]
        chosen += [fault for fault in drawn if small or fresh(fault["text"].encode())][: room - len(chosen)]
    return [{"group": target.group, "name": target.name, "path": target.path, **m} for m in chosen]
