"""What a gallery page is held to, and what one still lacks: ``python checks/contract.py [plot_adam ...]``.

Only its source is read. The tests hold every page to it.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from sphinx_gallery.py_source_parser import split_code_and_text_blocks

ROOT = Path(__file__).resolve().parents[1]
#: Lines of code on a page without its proofs, and in one proof; imports, comments and blank lines are not counted.
LINES, PROOF_LINES = 60, 15
#: A cell whose first line is this form, perhaps continued by more comments, proves the sentence.
PROOF = re.compile(r"\s*# proof: (?P<sentence>\S.*(?:\n#.*)*)\n")
#: The role ``:n:`` where reStructuredText sees one: between blanks, brackets or punctuation.
NUMBER = re.compile(r"(?:^|(?<=[\s\-/:'\"<(\[{]))(?<!\w:):n:`[^`]+`(?=$|[\s\-/:.,;!?'\")\]}>%…])")


def faults(page: Path) -> list[str]:
    """What is wrong with a page, each with the line where it stands."""
    return [f"line {line}: {what}" for line, what in sorted(_faults(page))]


def _faults(page: Path) -> Iterator[tuple[int, str]]:
    source = page.read_text(encoding="utf-8")
    blocks = split_code_and_text_blocks(page)[1]
    codes = [(block.lineno, block.content) for block in blocks if block.type == "code"]
    texts = [(block.lineno, block.content) for block in blocks if block.type == "text"]
    proofs = [(line, code) for line, code in codes if PROOF.match(code)]
    cells = [(line, code) for line, code in codes if not PROOF.match(code)]
    total = sum(len(lines_of_code(code)) for _, code in cells)
    if total > LINES:
        yield 1, f"{total} lines of code outside proofs, at most {LINES}"
    first = ast.parse(codes[0][1]).body if codes else []
    if not (codes and first and shows(first[-1]) and not PROOF.match(codes[0][1])):
        yield 1, "the first cell must end in an expression, the page's first picture"
    for line, code in codes:
        yield from (
            (line + i, "a line of code is over 100 wide") for i, x in enumerate(code.split("\n")) if len(x) > 100
        )
    for line, code in cells:
        yield from ((line + node.lineno - 1, what) for node, what in in_a_cell(ast.parse(code)))
        yield from (
            (line + code.count("\n", 0, found.start()), "the first line of a proof is: # proof: the sentence")
            for found in re.finditer(r"# ?proof\b", code, re.IGNORECASE)
        )
    for line, code in proofs:
        yield from ((line + at, what) for at, what in in_a_proof(code))
    for line, text in texts:
        for found in re.finditer(r":n:`", text):
            if not NUMBER.match(text, found.start()):
                yield line + text.count("\n", 0, found.start()), "blanks or punctuation must surround :n:`...`"
        # Else the line is part of the text, and so is the header that follows it.
        if found := re.search(r"^%%", text, re.MULTILINE):
            yield line + text.count("\n", 0, found.start()), "a blank line must stand before # %%"
        if found := re.search(r"^(Before this|Next):", text, re.MULTILINE):
            yield line + text.count("\n", 0, found.start()), f"{found[1]!r} is written from docs/learning-path.md"
    yield from ((node.lineno, what) for node, what in anywhere(ast.parse(source)))


def lines_of_code(code: str) -> set[int]:
    """The lines on which something other than a comment or an import stands."""
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(code).readline) if t.type not in skipped]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines


def shows(node: ast.stmt) -> bool:
    """Whether a cell that ends like this has a value to show."""
    return isinstance(node, ast.Expr) and not called(node.value).startswith("assert_")


def called(node: ast.AST) -> str:
    """The last name of what is called: ``assert_allclose`` of ``np.testing.assert_allclose(...)``."""
    function = getattr(node, "func", None)
    return getattr(function, "attr", getattr(function, "id", ""))


def in_a_cell(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) or called(node).startswith("assert_"):
            yield node, "what is asserted stands in a proof"


def in_a_proof(code: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(code)
    sentence = PROOF.match(code)["sentence"]
    if sentence.rstrip().endswith("."):
        yield 1, "the sentence of a proof has no full stop"
    if len(lines_of_code(code)) > PROOF_LINES:
        yield 1, f"a proof has at most {PROOF_LINES} lines of code"
    if not any(isinstance(n, ast.Assert) or called(n).startswith("assert_") for n in ast.walk(tree)):
        yield 1, "a proof asserts something"
    if tree.body and shows(tree.body[-1]):
        yield tree.body[-1].lineno - 1, "a proof shows nothing"
    for node in ast.walk(tree):
        if re.match(r"plot(_|$)|animate$|figure$|subplots$", called(node)):
            yield node.lineno - 1, "a proof shows nothing"


def anywhere(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    used = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node, "no print: a number goes into a sentence with :n:, or into a table"
            case ast.Call(
                func=ast.Name(id="partial"), args=[ast.Attribute(value=ast.Name(id="og"), attr=name), *_]
            ) if name[0].isupper():
                yield node, f"settings are bound by og.{name}.at(...)"
            case ast.ClassDef(bases=bases) if not any(getattr(b, "attr", "") == "Optimizer" for b in bases):
                yield node, "a class on a page is an og.Optimizer"
            case ast.FunctionDef(name=name) if not node.decorator_list and name in used:
                yield node, f"{name} is a helper: a function on a page is handed over (a surface, a signal), not called"


def main(names: list[str]) -> int:
    pages = [page for page in sorted(ROOT.glob("gallery/*/plot_*.py")) if not names or page.stem in names]
    found = {page: faults(page) for page in pages}
    for page, what in found.items():
        print("\n    ".join([f"{page.relative_to(ROOT).as_posix()}: {len(what) or 'nothing'} to do", *what]))
    return any(found.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
