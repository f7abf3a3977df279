"""Numbers in the sentences of pages: how many come from a run, and which do not: ``prose_numbers.py [plot_adam ...]``.

Counted are numbers in text blocks, outside formulas, code, links, citations and directives, and without years and the
digits in names. Those that a run gives stand in the role ``:n:``; the others are listed, for someone to judge: a
setting that stands in the code beside it may be typed, a measurement may not.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx_gallery.py_source_parser import split_code_and_text_blocks

ROOT = Path(__file__).resolve().parents[1]
TIED = re.compile(r":n:`[^`]+`")
#: What holds digits that nobody measured. The role ``:n:`` has been counted and taken out before.
SKIPPED = re.compile(
    r"^\.\. .*(?:\n(?:[ \t].*)?)*|(?::[\w:]+:)?``?[^`]+``?_*|\b(?:1[6-9]|20)\d\d\b|\b[A-Za-z_]\w*|\w+-D\b", re.MULTILINE
)
LITERAL = re.compile(r"[-−+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?:\s?%)?")


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
