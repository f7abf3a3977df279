"""Doubts about a page: after each of its assertions, others that contradict it and so have to fail.

Executing a page once is enough for all of them: an assertion changes nothing.
"""

from __future__ import annotations

import ast
import copy


def doubted(source: str) -> tuple[ast.Module, list[tuple[str, int, str]]]:
    """A page that tries, after each of its assertions, the same with another number or relation: they should fail."""
    faults = []

    class Doubt(ast.NodeTransformer):
        def visit_Assert(self, node):
            return [node, *self.attempts(node, comparisons(node))]

        def visit_Expr(self, node):
            name = getattr(getattr(node.value, "func", None), "attr", "")
            return [node, *(self.attempts(node, closeness(node)) if name.startswith("assert_") else ())]

        def attempts(self, node, changes):
            for kind, place, new in changes:
                whole = replaced(node, place, new)
                number = len(faults)
                what = [ast.unparse(n).replace("\n", " ") for n in (node, place, new)]
                faults.append((kind, node.lineno, f"{what[0]}: {what[1]} -> {what[2]}"))
                code = f"__tried__({number})\ntry:\n    pass\nexcept Exception:\n    __noticed__({number})"
                attempt = ast.parse(code).body
                attempt[1].body = [whole]
                yield from attempt

    tree = ast.fix_missing_locations(Doubt().visit(ast.parse(source)))
    return tree, faults


def comparisons(node: ast.Assert):
    """Assertions that contradict this one: other numbers for an equality, the opposite relation, an interval moved."""
    for n in ast.walk(node.test):
        match n:
            case ast.BoolOp(op=ast.And(), values=values):
                for value in values:
                    if not isinstance(value, ast.Compare):
                        yield "relation", value, ast.UnaryOp(ast.Not(), value)
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                yield from numbers(left)
                yield from numbers(right)
            case ast.Compare(left=low, ops=[ast.Lt() | ast.LtE(), ast.Lt() | ast.LtE()], comparators=[middle, high]):
                width = ast.BinOp(high, ast.Sub(), low)
                for op in (ast.Add(), ast.Sub()):
                    ends = [ast.BinOp(end, op, width) for end in (low, high)]
                    yield "interval", n, ast.Compare(ends[0], n.ops, [middle, ends[1]])
            case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() as op], comparators=[right]):
                opposite = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}[type(op)]
                yield "relation", n, ast.Compare(left, [opposite()], [right])


def closeness(node: ast.Expr):
    """What should be close to this should not be close to a number a quarter larger."""
    first, *others = node.value.args
    if isinstance(first, ast.Starred):  # both in one: assert_allclose(*pair)
        both = f"[x * (1 + i / 4) + i / 100 for i, x in enumerate(map(np.asarray, {ast.unparse(first.value)}))]"
        yield "number", first.value, ast.parse(both, mode="eval").body
        return
    desired = others[0]
    larger = ast.parse(f"1.25 * np.asarray({ast.unparse(desired)}) + 0.01", mode="eval").body
    yield from list(numbers(desired)) or [("number", desired, larger)]


def numbers(node: ast.expr):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        larger = node.value * 1.25 or 0.25
        yield "number", node, ast.Constant(round(larger) + 1 if isinstance(node.value, int) else larger)
    elif isinstance(node, (ast.Tuple, ast.List, ast.BinOp, ast.UnaryOp, ast.Dict)):
        for child in ast.iter_child_nodes(node):
            yield from numbers(child)


def replaced(root: ast.AST, place: ast.AST, new: ast.AST) -> ast.AST:
    """A copy of a tree in which one node is another."""
    return copy.deepcopy(root, {id(place): new})
