"""Words that the guide avoids, each with what to write instead: ``python checks/prose.py`` (part of ``make lint``).

Read are Markdown, headers of sections, and comments and texts in pages and in the package; code and mathematics are
not. Where a word is right, its paragraph, or the last line of the one before, says ``prose: slope``; ``prose: any``
allows every word.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

AVOIDED = {
    r"slopes?": "gradient or derivative; a line has a slope",
    r"running means?": "exponential moving average, or EMA",
    r"performance profiles?": "data profile",
    r"hollows?": "local minimum, or basin",
    r"(egg )?cups?": "local minimum",
    r"lost": "diverged",
    r"arriv(e|es|ed|ing|als?)": "reaches the minimum, or succeeds",
    r"mend(s|ed|ing)?": "corrects, or repairs",
    r"nobody": "name what is meant, or use the passive",
    r"whoever": "name what is meant, or use the passive",
    r"every(one|body)": "name what is meant: every rule, every start",
    r"forgiv(es?|ing)|betrays?|manners|fate": "say what happens: optimizers have no character",
    r"simply|obviously|of course|powerful|seamless(ly)?|state[ -]of[ -]the[ -]art": "leave it out",
}
#: What is code or mathematics within a line, where a link leads to, and names of parameters.
CODE = re.compile(
    r"``.*?``|:[\w:]+:`[^`]*`|\{[\w:]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|<[^>]*>|\{[^{}]*\}|\w+_\w*|\b\w+\("
    r"|^ *[\w, ]+ : "
)
#: Comments that are no text.
MARK = re.compile(r"# ?(%%|fmt:|type:|noqa|pyright:)")
ALLOWED = re.compile(r"\bprose: ([\w ,-]+?)\s*(?:-->)?$")
TEXT = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}


def files(root: Path = ROOT) -> list[Path]:
    """What is read."""
    texts = ("README.md", "CONTRIBUTING.md", "docs/*.md", "gallery/*/GALLERY_HEADER.rst", "gallery/*/plot_*.py")
    return sorted(path for pattern in (*texts, "optguide/**/*.py") for path in root.glob(pattern))


def prose(text: str, suffix: str) -> list[str]:
    """The lines of a file, in which everything but prose is left out."""
    lines = text.splitlines()
    if suffix == ".py":
        found = ["" for _ in lines]
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in TEXT and " " in token.string and not MARK.match(token.string):
                for i, line in enumerate(token.string.splitlines(), token.start[0] - 1):
                    found[i] += " " + line.lstrip("#: ")
        return found
    fence = ""
    for i, line in enumerate(lines):
        if mark := re.match(r"\s*(```+)(.*)", line):
            fence, lines[i] = "" if fence else "text" if "glossary" in mark[2] else "code", ""
        elif fence == "code":
            lines[i] = ""
    return lines


def complaints(text: str, suffix: str) -> Iterator[tuple[int, str, str]]:
    """The number of each line with such a word, the word, and what to write instead."""
    lines = prose(text, suffix)
    ends = [i for i, line in enumerate(lines) if not line.strip()] + [len(lines)]
    start, given = 0, []
    for end in ends:
        paragraph = lines[start:end]
        given += [word for line in paragraph for found in ALLOWED.findall(line) for word in found.split(", ")]
        for number, line in enumerate(paragraph, start + 1):
            for pattern, better in AVOIDED.items():
                for match in re.finditer(rf"\b({pattern})\b", CODE.sub(" ", ALLOWED.sub("", line)), re.IGNORECASE):
                    if not {match[0].lower(), "any"} & set(given):
                        yield number, match[0], better
        # A permission that ends its paragraph is meant for the next.
        if paragraph and ALLOWED.sub("", paragraph[-1]).strip(" .<!-"):
            given = []
        start = end + 1


def main(root: Path = ROOT) -> int:
    """Print every complaint; 1 if there is one."""
    said = [
        f"{path.relative_to(root)}:{number}: instead of {word!r}: {better}"
        for path in files(root)
        for number, word, better in complaints(path.read_text(encoding="utf-8"), path.suffix)
    ]
    print(*said, sep="\n", end="\n" if said else "")
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
