"""The faults that `checks/mutants.py` plants in what is only read: numbers, years, names and comments, and claims."""

from __future__ import annotations

import ast
import io
import re
import tokenize

#: Words of which one says the opposite of the other.
OPPOSITES = """larger smaller|largest smallest|faster slower|fastest slowest|more less|most fewest|before after|
above below|left right|first last|always never|minimum maximum|minima maxima|steep flat|wide narrow|long short|high low|
rows columns|without with|grows shrinks|falls rises|one two|two three|four five|six seven|nothing everything|
only also|every no|times steps|norm mean|global local|positive negative|near far|divided multiplied"""
PAIRS = [pair.split() for pair in " ".join(OPPOSITES.split("\n")).split("|")]
OTHER = {word: other for pair in PAIRS for word, other in (pair, pair[::-1])}
YEAR = r"\b(?:18|19|20)\d\d\b"
WORD = re.compile(rf"(?P<year>{YEAR})|(?P<number>(?<![\w.#-])\d+(?:\.\d+)?(?![\w.]*\w))|(?P<word>\b[a-z]+\b)")
#: What is written by one person and read by another, but is no sentence: a link, a role, a formula, code.
APART = re.compile(
    r"https?://\S+|:\w+:`[^`]*`|``?[^`]*``?_*|\$[^$]*\$|\]\([^)]*\)|\{\w+\}|^\s*\.\. .*|\bfmt: \w+|\bnoqa\b.*"
)
NAME = re.compile(r"\b[A-Z]\w+(?=,? (?:and|et al|\())")


def faults(source: bytes, path: str):
    """Each as its kind, its line, what is changed and the whole text with it."""
    text = source.decode()
    places = list(in_python(text)) if path.endswith(".py") else [("sentence", 0, text)]
    names = [found[0] for _, _, words in places for found in NAME.finditer(words)]
    comments = [(start, words) for kind, start, words in places if kind == "comment beside code"]
    for number, (start, words) in enumerate(comments[1:], 1):
        other = comments[number - 1][1]
        if words != other:
            yield change(text, "a neighbour's comment", start, start + len(words), other)
    for kind, at, words in places:
        apart = [(found.start(), found.end()) for line in lines_of(words) for found in spans(APART, words, *line)]
        for found in [*WORD.finditer(words), *NAME.finditer(words)]:
            if any(start <= found.start() < end for start, end in apart):
                continue
            start, end = at + found.start(), at + found.end()
            if found.re is NAME:
                other = next((name for name in names if name != found[0]), None)
                if other:
                    yield change(text, "name", start, end, other)
            elif found["year"]:
                yield change(text, "year", start, end, str(int(found[0]) + 1))
            elif found["number"]:
                digit = str((int(found[0][-1]) + 1) % 10)
                yield change(text, "number in words", start, end, found[0][:-1] + digit)
            elif found[0] in OTHER:
                where = "comment" if kind.startswith("comment") else "sentence"
                yield change(text, f"opposite in a {where}", start, end, OTHER[found[0]])


def change(text: str, kind: str, start: int, end: int, new: str):
    line = text.count("\n", 0, start) + 1
    return kind, line, f"{text[start:end]} -> {new}", (text[:start] + new + text[end:]).encode()


def lines_of(words: str):
    at = 0
    for line in words.splitlines(keepends=True):
        yield at, at + len(line)
        at += len(line)


def spans(pattern, words: str, start: int, end: int):
    return pattern.finditer(words, start, end)


def in_python(text: str):
    """The docstrings, the constants of classes and decorators that are read, and the comments, each with its place."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    read = {(node.lineno, node.col_offset) for node in docstrings(ast.parse(text))}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        at = starts[token.start[0] - 1] + token.start[1]
        if token.type == tokenize.COMMENT:
            beside = token.line[: token.start[1]].strip()
            yield "comment beside code" if beside else "comment", at, token.string
        elif token.type in (tokenize.STRING, tokenize.NUMBER) and token.start in read:
            yield "sentence", at, token.string


def docstrings(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value
        if isinstance(node, ast.ClassDef):  # year = 2018, repairs = {...}
            for line in node.body:
                if isinstance(line, (ast.Assign, ast.AnnAssign)) and line.value is not None:
                    yield from (one for one in ast.walk(line.value) if isinstance(one, ast.Constant))
