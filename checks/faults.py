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
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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
#: What makes a formula a surface: files beside those that hold the formulas.
CLASS = ("surface", "minima", "values")


@dataclass
class Target:
    """A piece of the package whose faults are planted: where it stands, and what should notice."""

    group: str
    name: str
    path: str
    nodes: list[ast.AST]
    each: int
    tests: list[str]
    page: str | None = None
    states: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        return {n.id for node in self.nodes for n in ast.walk(node) if isinstance(n, ast.Name)}


def targets(each: int) -> list[Target]:
    found = []
    for path in sorted(ROOT.glob("optguide/optimizers/*.py")):
        for c in ast.parse(path.read_text()).body:
            if isinstance(c, ast.ClassDef) and "Optimizer" in map(ast.unparse, c.bases):
                update = [f for f in c.body if isinstance(f, ast.FunctionDef) and f.name == "update"]
                tests = ["tests/optimizers/test_oracles.py", "tests/optimizers/test_contract.py"]
                states = [a.arg for a in update[0].args.args[3:]]
                nodes = [*update[0].args.kw_defaults, *update[0].body]
                found.append(Target("rules", c.name, _name(path), nodes, each, tests, states=states))
    for path in sorted(ROOT.glob("optguide/surfaces/*.py")):
        if path.stem in ("__init__", *CLASS):
            continue
        for n in ast.parse(path.read_text()).body:
            calls = [d for d in getattr(n, "decorator_list", [getattr(n, "value", None)]) if isinstance(d, ast.Call)]
            facts = [k.value for d in calls for k in d.keywords if k.arg in ("height", "scale", "shift", "parameters")]
            inner = [getattr(d.func, "value", None) for d in calls]  # rastrigin.replace(a=2).framed(...)
            facts += [k.value for d in inner if isinstance(d, ast.Call) for k in d.keywords]
            name = n.name if isinstance(n, ast.FunctionDef) else facts and n.targets[0].id
            if isinstance(n, ast.FunctionDef):
                facts += [*n.args.kw_defaults, *n.body] if path.stem != "data" else n.body[3:-2]
            if name:
                found.append(Target("surfaces", name, _name(path), facts, -(-each * 2 // 3), ["tests/surfaces"]))
    house = [f"optimizers/{name}" for name in ("optimizer", "rule", "settings", "parts", "inquiry")]
    contract = [f"tests/optimizers/test_{name}.py" for name in ("contract", "rule", "training")]
    for group, patterns, tests in (
        ("language", ["language/*"], ["tests/language"]),
        ("optimizer", house, contract),
        ("wrappers", [f"optimizers/{name}" for name in ("wrapper", "sam", "lookahead")],
         ["tests/optimizers/test_wrappers.py"]),
        ("walk", ["walk"], ["tests/test_descent.py", "tests/test_sweep.py"]),
        ("descent", ["descent", "recorder"], ["tests/test_descent.py", "tests/test_race.py", "tests/test_sweep.py"]),
        ("sweep", ["sweep/*"], ["tests/test_sweep.py", "tests/test_sweep_compiled.py"]),
        ("surface", [f"surfaces/{name}" for name in CLASS], ["tests/surfaces"]),
        ("signals", ["signals"], ["tests/test_signals.py"]),
    ):  # fmt: skip
        files = [path for name in patterns for path in sorted(ROOT.glob(f"optguide/{name}.py"))]
        files = [path for path in files if path.stem != "__init__"]
        share = [len(path.read_text()) for path in files]
        for path, size in zip(files, share, strict=True):
            nodes = [n for n in ast.parse(path.read_text()).body if not isinstance(n, (ast.Import, ast.ImportFrom))]
            found.append(Target(group, path.stem, _name(path), nodes, round(each * 7 * size / sum(share)), tests))
    pages = {path: path.read_text() for path in sorted(ROOT.glob("gallery/*/plot_*.py"))}
    for target in found:
        target.others = {t.name for t in found if t.group == target.group} - {target.name}
        own = [p for p in pages if p.stem == "plot_" + Path(target.path).stem]
        shown = {p: len(re.findall(rf"\bog\.(?:surfaces\.)?{target.name}\b", text)) for p, text in pages.items()}
        page = max(shown, key=lambda p: (shown[p] > 0, p.parent.name == "landscapes", shown[p]))
        if target.group in ("rules", "surfaces"):
            target.page = _name(own[0]) if own else _name(page) if shown[page] else None
        elif target.group == "descent":
            target.page = "gallery/foundations/plot_hand_written_descent.py"
    return found


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


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


def mutants(target: Target) -> list[dict]:
    """The faults of one target that are planted: all notorious ones, and others of every kind in turn."""
    source = (ROOT / target.path).read_bytes()
    lines, same = source.decode().splitlines(), ast.dump(ast.parse(source))
    by_kind, everything = collections.defaultdict(list), list(old_states(source, target))
    for root in target.nodes:
        for node in sites(root):
            for kind, new in variants(node, target):
                text = new if isinstance(new, str) else ast.unparse(ast.fix_missing_locations(copy.deepcopy(new)))
                if isinstance(new, ast.AST) and not isinstance(new, (ast.Constant, ast.Name, ast.Call, ast.JoinedStr)):
                    text = f"({text})"
                what = f"{' '.join(ast.unparse(node).split())} -> {text}"
                everything.append((kind, node.lineno, what, splice(source, node, text)))
    seen, twins = {same}, collections.Counter()
    for kind, line, what, text in everything:
        with contextlib.suppress(SyntaxError):
            if (dump := ast.dump(ast.parse(text))) not in seen:
                seen.add(dump)
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
        chosen += [pool.pop() for pool in pools if pool][: room - len(chosen)]
    return [{"group": target.group, "name": target.name, "path": target.path, **m} for m in chosen]
