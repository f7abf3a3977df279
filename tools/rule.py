"""Write the stubs of a new rule, all of them or none: ``python tools/rule.py Signum`` (or ``make rule NAME=Signum``).

A stub is plain descent under the new name, so everything can be imported and shown before a line is written. What must
not be forgotten is red until it is done: the oracle, and the formulas that somebody has read.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
from pathlib import Path

from signatures import read, signatures

ROOT = Path(__file__).resolve().parents[1]

RULE = '''\
from .optimizer import Optimizer
from .settings import Rate


class {name}(Optimizer):
    """One sentence that says what is special about it.

    Who (year), the place in the paper, the variant.
    """

    year = 1847
    family = "plain descent"
    repairs = {{"SGD": "what SGD does badly"}}
    cite = "cauchy1847"
    color = "#9aa5b1"

    @staticmethod
    def update(theta, grad, t, *, lr: Rate = 1e-3):
        g = grad(theta)  # gradient at the current point
        theta = theta - lr * g  # step downhill
        return theta
'''
ORACLE = """\
@steps
def {stem}(slopes, lr):
    raise NotImplementedError("write {name} a second time, by hand: the step that follows from the slopes so far")


"""
ROW = """\
    ("{name}", [{{"lr": 0.02}}], {{BY_HAND: by_hand({stem})}}),
"""
FORMULAS = """\
## {name}
- not read yet: hold it beside the paper, then `OPTGUIDE_UPDATE=1 pytest tests/language`

"""
STOP = """\
1. [](gallery/optimizers/plot_{stem}): one reason to read it, in a few words.
"""
PAGE = '''\
r"""
{name}
{line}

The claim in one sentence.
"""

import optguide as og

valley = og.surfaces.rosenbrock
og.race([og.{name}], valley, steps=100)

# %%

og.card(og.{name})

# %%
# The rule
# --------
# What each line is for.

og.pseudocode(og.{name})

# %%

og.pseudocode(og.{name}).hyperparameters

# %%
# What it repairs
# ---------------
# What its predecessor does badly, in plain words, and a number from the run: after 100 steps the loss is
# :n:`run.loss[-1]:.2g`.

# proof: the loss ends below where it began
run = og.descend(og.{name}, valley, steps=100)
assert run.loss[-1] < run.loss[0]

# %%
# One knob
# --------
# What one hyperparameter changes.

# %%
# Learning rates
# --------------
# The whole axis: the final loss against the learning rate, divergence marked.

# %%
# Basins
# ------
# Which minimum each start leads to, beside another rule.

# %%
# How to set it
# -------------
# What to try first.

# %%
# Where it fails
# --------------
# Executed and proved.

# %%
# Provenance
# ----------
# The paper, the variant, how others differ.
#
# .. oracles:: {name}
'''


def put(text: str, pattern: str, new: str) -> str:
    """The text with something new after the first match of a pattern."""
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise ValueError(f"there is no {pattern!r} after which {new.splitlines()[0]!r} could stand")
    return text[: found.end()] + new + text[found.end() :]


def stubs(root: Path, name: str) -> dict[Path, str]:
    """The files that the rule needs, each with its new text."""
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or keyword.iskeyword(name):
        raise ValueError(f"NAME must be the name of a class, such as Signum, got {name!r}")
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    house, gallery = root / "optguide" / "optimizers", root / "gallery" / "optimizers"
    rule, page, listed = house / f"{stem}.py", gallery / f"plot_{stem}.py", house / "__init__.py"
    for path in (rule, page):
        if path.exists():
            raise ValueError(f"NAME must be new, got {name!r}: there is {path.relative_to(root)}")
    homes = {
        alias.asname or alias.name: node.module
        for file in (root / "optguide" / "__init__.py", listed)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if name in homes:
        raise ValueError(f"NAME must be new, got {name!r}: optguide has that name")

    head, *imports, names = re.split(r"(?<=\n)(?=from|\n__all__)", listed.read_text(encoding="utf-8"))
    imports = sorted([*imports, f"from .{stem} import {name}\n"], key=lambda line: line.split()[1])
    ranked = re.findall(r'^    "(\w+)",$', names, re.MULTILINE)
    before = next(name for name in reversed(ranked) if (gallery / f"plot_{homes[name]}.py").exists())
    words = {"name": name, "stem": stem, "line": "=" * len(name)}

    def extended(file: str, *additions: tuple[str, str]) -> dict[Path, str]:
        text = (root / file).read_text(encoding="utf-8")
        for pattern, new in additions:
            text = put(text, pattern, new.format(**words))
        return {root / file: text}

    new, longer = RULE.format(**words), head + "".join(imports) + put(names, r"(?=^\]$)", f'    "{name}",\n')
    return {
        rule: new,
        listed: longer,
        listed.with_suffix(".pyi"): signatures(longer, {**read(house), stem: new}),
        page: PAGE.format(**words),
        **extended(
            "tests/optimizers/oracles.py", (r"(?=^class ByHand:)", ORACLE), (r"(?=^\]  # fmt: skip\n\nCASES)", ROW)
        ),
        **extended("tests/language/formulas.md", (r"(?=^## [a-z])", FORMULAS)),
        **extended("docs/learning-path.md", (rf"^1\. .*plot_{homes[before]}\): .*\n", STOP)),
    }


def write(texts: dict[Path, str]) -> None:
    """Write all files or, if anything goes wrong, none."""
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    try:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except BaseException:
        for path, content in before.items():
            path.unlink(missing_ok=True) if content is None else path.write_bytes(content)
        raise


def main(arguments: list[str]) -> int:
    try:
        (name,) = arguments or [""]
        texts = stubs(ROOT, name)
    except ValueError as error:
        print(f"{error}. Nothing was written.", file=sys.stderr)
        return 1
    write(texts)
    print("\n".join(str(path.relative_to(ROOT)) for path in texts))
    print(f"Now write them: CONTRIBUTING.md says how. Then: make page PAGE=plot_{next(iter(texts)).stem}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
