"""Numbers in the sentences of pages: how many come from a run, and which do not: ``prose_numbers.py [plot_adam ...]``.

Counted are numbers in text blocks, outside formulas, code, links, citations and directives, and without years and the
digits in names. Those that a run gives stand in the role ``:n:``; the others are listed, for someone to judge: a
setting that stands in the code beside it may be typed, a measurement may not.

`said` reads more, for the record in ``tests/facts``: every number that a text states, in figures or in words.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

from sphinx_gallery.py_source_parser import split_code_and_text_blocks

ROOT = Path(__file__).resolve().parents[1]
TIED = re.compile(r":n:`[^`]+`")
#: What holds digits that nobody measured. The role ``:n:`` has been counted and taken out before.
SKIPPED = re.compile(
    r"^\.\. .*(?:\n(?:[ \t].*)?)*|(?::[\w:]+:)?``?[^`]+``?_*|\b(?:1[6-9]|20)\d\d\b|\b[A-Za-z_]\w*|\w+-D\b", re.MULTILINE
)
LITERAL = re.compile(r"[-−+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?:\s?%)?")
WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million "
    "billion twice thrice half third thirds quarter quarters fourth fifth sixth seventh eighth ninth tenth hundredth "
    "thousandth dozen"
).split()
#: What states a number: a directive, a role, a literal, a formula or a link that holds one, a figure, a word.
SAID = re.compile(
    rf"\w+-D\b|(?P<said>^\.\. .*(?:\n(?:[ \t].*)?)*|(?::[\w:]+:|\{{[\w:]+\}})?``?[^`]+``?_*|\$[^$]+\$"
    rf"|{LITERAL.pattern}|\b(?i:{'|'.join(WORDS)})\b)|[A-Za-z_]\w*",
    re.MULTILINE,
)


def said(text: str, code: frozenset[float] | None = None) -> list[str]:
    """What states a number in a text, in order. A figure that is none of the numbers of the code has a ? before it."""
    found = [" ".join(match["said"].split()) for match in SAID.finditer(text) if match["said"]]
    found = [one for one in found if one.startswith(":n:") or re.search(r"\d", one) or one.lower() in WORDS]
    return [f"?{one}" if code is not None and is_loose(one, code) else one for one in found]


def is_loose(figure: str, code: frozenset[float]) -> bool:
    """Whether it is neither a small whole number, nor a year, nor a number of the code, as it is or in percent."""
    if not LITERAL.fullmatch(figure) or re.fullmatch(r"(1[6-9]|20)\d\d", figure):
        return False
    try:
        value = abs(float(figure.replace("−", "-").replace(",", "").rstrip(" %")))
    except ValueError:  # 8.3.2: a section
        return True
    return value not in {0, 1, 2} | code and not (figure.endswith("%") and value / 100 in code)


def code_numbers(code: str) -> frozenset[float]:
    """The numbers of a page's code."""
    values = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    return frozenset(abs(float(value)) for value in values if type(value) in (int, float))


def said_on_page(page: Path) -> list[str]:
    """What its texts, its proofs and comments, and the words of its pictures state."""
    blocks = split_code_and_text_blocks(page)[1]
    code = code_numbers("\n".join(block.content for block in blocks if block.type == "code"))
    found = []
    for block in blocks:
        if block.type == "text":
            found += said(block.content, code)
        else:
            tokens = tokenize.generate_tokens(io.StringIO(block.content).readline)
            words = [t.string for t in tokens if t.type in (tokenize.COMMENT, tokenize.STRING) and " " in t.string]
            found += [
                one for text in words if not text.startswith(("f'", 'f"')) for one in said(text.strip("#'\" "), code)
            ]
    return found


def said_in_markdown(text: str) -> list[str]:
    """What Markdown states outside blocks of code; a glossary is text."""
    text = re.sub(r"^```\{glossary\}\n(.*?)^```$", r"\1", text, flags=re.MULTILINE | re.DOTALL)
    return said(re.sub(r"\A---\n.*?^---\n|^(```+).*?^\1|^\s*\d+\. ", "", text, flags=re.MULTILINE | re.DOTALL))


def said_in_docstrings(source: str) -> list[str]:
    """What the docstrings of a module state."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return [
        x
        for node in ast.walk(ast.parse(source))
        if isinstance(node, kinds)
        for x in said(ast.get_docstring(node) or "")
    ]


def numbers(page: Path) -> tuple[int, list[str]]:
    """How many numbers of a page come from its run, and the others."""
    tied, typed = 0, []
    for block in split_code_and_text_blocks(page)[1]:
        if block.type == "text":
            tied += len(TIED.findall(block.content))
            typed += LITERAL.findall(SKIPPED.sub(" ", TIED.sub(" ", block.content)))
    return tied, typed


def main(names: list[str]) -> int:
    found = {
        page.relative_to(ROOT).with_suffix("").as_posix(): numbers(page)
        for page in sorted(ROOT.glob("gallery/*/plot_*.py"))
        if not names or page.stem in names
    }
    for page, (tied, typed) in found.items():
        print(f"{page}: {tied} from the run, {len(typed)} typed{': ' * bool(typed)}{'  '.join(typed)}")
    total, others = sum(tied for tied, _ in found.values()), sum(len(typed) for _, typed in found.values())
    print(
        f"{len(found)} pages: {total} from the run, {others} typed ({total / max(total + others, 1):.0%} from the run)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
