"""The parts of the project in which `checks/mutants.py` plants faults, and the tests that should notice."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What makes a formula a surface: files beside those that hold the formulas.
CLASS = ("surface", "minima", "values")
#: Of each group of modules: where they are and the tests of them; one that stands twice is of the first.
PYTHON = {
    "language": ("optguide/language/*.py", "tests/language"),
    "wrappers": (
        "optguide/optimizers/{wrapper,sam,lookahead}.py",
        "tests/optimizers/test_wrappers.py",
        "tests/facts",
    ),
    "optimizer": (
        "optguide/optimizers/{__init__,optimizer,rule,settings,parts,inquiry,saved,divided}.py",
        *(f"tests/optimizers/test_{name}.py" for name in ("contract", "rule", "training", "otherwise")),
    ),
    "walk": ("optguide/walk.py", "tests/test_descent.py", "tests/test_sweep.py"),
    "descent": (
        "optguide/{descent,recorder,race,foreign,schedule,noise}.py",
        *(f"tests/test_{name}.py" for name in ("descent", "race", "foreign", "sweep")),
    ),
    "sweep": ("optguide/sweep/*.py", *(f"tests/test_{name}.py" for name in ("sweep", "sweep_compiled", "arguments"))),
    "surface": ("optguide/surfaces/{__init__,surface,minima,values}.py", "tests/surfaces"),
    "signals": ("optguide/signals.py", "tests/test_signals.py"),
    "problems": ("optguide/problems/*.py", "tests/problems"),
    "training": (
        "optguide/{training/*,groups,optimizers/assembled}.py",
        "tests/test_train.py",
        "tests/optimizers/test_otherwise.py",
    ),
    "study": ("optguide/study/*.py", "tests/study"),
    "render": (
        "optguide/render/{*,*/*}.py",
        *(f"tests/render/test_{name}.py" for name in ("canvas", "figures", "animation", "thumbnail", "player")),
        "tests/render/test_snapshots.py",
        *(f"tests/render/test_{name}.py" for name in ("sweeps", "responses", "matrices", "player_modules")),
        "tests/test_package.py",
        "tests/test_train.py",
    ),
    "command line": ("optguide/{cli,load,__main__}.py", "tests/test_cli.py"),
    "services": (
        "optguide/*.py",
        *(f"tests/test_{name}.py" for name in ("arguments", "files", "programs", "package", "race", "fuzz", "cli")),
    ),
    # Those of the built site find none beside a fault: they are asked last, of a site that is built with it.
    "extensions": ("docs/_ext/*.py", "tests/docs"),
    "tools": (
        "tools/*.py",
        *(f"tests/test_{name}.py" for name in ("new_rule", "types", "tools")),
    ),
}
SCRIPTS = {
    "player": ("optguide/render/web/{*,matrix/*}.js", "tests/render/test_{player*,matrices,lab}.py"),
    "live": ("optguide/render/web/live/*.js", "tests/render/test_{live*,parse,lab_hash,planes*,responses}.py"),
    "lab": ("optguide/render/web/lab/*.js", "tests/render/test_{lab*,planes*}.py"),
    "site scripts": (
        "docs/_static/*.js",
        "tests/docs/test_{page_scripts,media,folds,way,lab_links,share,front,synonyms}.py",
    ),
}
#: Where sentences, years and comments are changed: each is a part, and all its files share its faults. What makes rules
#: and surfaces of formulas, or wraps rules, is left out: its comments are for those who work on it.
WORDS = {
    "optimizers": (
        "optguide/optimizers/*.py",
        "tests/facts",
        "tests/optimizers/test_contract.py",
        "tests/docs/test_cards.py",
    ),
    "landscapes": ("optguide/surfaces/*.py", "tests/facts", "tests/surfaces", "tests/docs/test_cards.py"),
    "problems": ("optguide/problems/*.py", "tests/facts", "tests/problems"),
    "pages": ("gallery/*/plot_*.py", "tests/facts", "tests/docs/test_{pages,contract}.py", "tests/test_prose.py"),
    "documents": ("docs/*.md", "tests/facts", "tests/docs/test_{pages,documents,news}.py", "tests/test_prose.py"),
}
GROUPS = ("rules", "surfaces", *PYTHON, *SCRIPTS, "words", "pages")


@dataclass
class Target:
    """A piece of the project whose faults are planted: where it stands, and what should notice."""

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

    @property
    def layers(self) -> tuple[str, ...]:
        """What is asked, one after the other: a browser takes a minute, and most have no formula and no page."""
        if self.path.endswith(".js"):
            return ("tests", "browser")
        if self.group == "extensions":
            return ("tests", "site")
        formulas = self.group in ("rules", "surfaces", "language", "optimizer", "wrappers") or self.name == "optimizers"
        return ("tests", *["snapshot"] * formulas, *["page"] * (self.page is not None))


def files(pattern: str) -> list[Path]:
    """The files that a pattern names, in order; braces hold alternatives."""
    before, brace, rest = pattern.partition("{")
    inner, _, after = rest.partition("}")
    names = [before + one + after for one in inner.split(",")] if brace else [pattern]
    return sorted({path for name in names for path in ROOT.glob(name)})


def tests_of(patterns) -> list[str]:
    """Those that exist, the files of a pattern in the order of their names."""
    return [name_of(path) for pattern in patterns for path in files(pattern)]


def targets(each: int) -> list[Target]:
    found = []
    for path in sorted(ROOT.glob("optguide/optimizers/*.py")):
        for c in ast.parse(path.read_text()).body:
            if isinstance(c, ast.ClassDef) and "Optimizer" in map(ast.unparse, c.bases):
                update = [f for f in c.body if isinstance(f, ast.FunctionDef) and f.name == "update"]
                tests = ["tests/optimizers/test_oracles.py", "tests/optimizers/test_contract.py"]
                states = [a.arg for a in update[0].args.args[3:]]
                nodes = [*update[0].args.kw_defaults, *update[0].body]
                found.append(Target("rules", c.name, name_of(path), nodes, each, tests, states=states))
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
                found.append(Target("surfaces", name, name_of(path), facts, -(-each * 2 // 3), ["tests/surfaces"]))
    taken = {target.path for target in found}
    for group, (pattern, *tests) in (PYTHON | SCRIPTS).items():
        for path in files(pattern):
            if name_of(path) not in taken:
                taken.add(name_of(path))
                found.append(_module(group, pattern, path, tests, each))
    inner = {path for group in ("optimizer", "wrappers", "surface") for path in files(PYTHON[group][0])}
    for name, (pattern, *tests) in WORDS.items():
        few, tests = max(each // 9, 1), tests_of(tests)
        found += [Target("words", name, name_of(path), [], few, tests) for path in files(pattern) if path not in inner]
    pages = {path: path.read_text() for path in sorted(ROOT.glob("gallery/*/plot_*.py"))}
    for target in found:
        if target.group in ("rules", "surfaces"):
            target.others = {t.name for t in found if t.group == target.group} - {target.name}
            find_page(target, pages)
        elif target.group == "descent":
            target.page = "gallery/foundations/plot_hand_written_descent.py"
    return found


def find_page(target: Target, pages: dict[Path, str]) -> None:
    """The page of a rule or a landscape: its own, or the one that shows it most."""
    own = [p for p in pages if p.stem == "plot_" + Path(target.path).stem]
    shown = {p: len(re.findall(rf"\bog\.(?:surfaces\.)?{target.name}\b", text)) for p, text in pages.items()}
    page = max(shown, key=lambda p: (shown[p] > 0, p.parent.name == "landscapes", shown[p]))
    target.page = name_of(own[0]) if own else name_of(page) if shown[page] else None


def _module(group: str, pattern: str, path: Path, tests: list[str], each: int) -> Target:
    """A module as a part: one of 8000 letters gets as many faults as a rule, a script no fewer than 2."""
    text, tests = path.read_text(encoding="utf-8"), tests_of(tests)
    folder = re.split(r"/[^/]*[*{]", pattern)[0] if re.search("[*{]", pattern) else ""
    within = path.relative_to(ROOT / folder)
    name = (within.parent if path.stem == "__init__" else within.with_suffix("")).as_posix()
    name = {".": path.parent.name, name_of(path.with_suffix("")): path.stem}.get(name, name)
    if group == "extensions":  # the tests that name it, if any do
        named = [test for test in files("tests/docs/test_*.py") if re.search(rf"\b{name}\b", test.read_text("utf-8"))]
        tests = [name_of(test) for test in named if test.stem != "test_site"] or tests
    syntax = ast.parse(text).body if path.suffix == ".py" else []
    nodes = [node for node in syntax if not isinstance(node, (ast.Import, ast.ImportFrom))]
    each = max(round(each * len(text) / 8000), 2 if group in SCRIPTS else 1)
    return Target(group, name, name_of(path), nodes, each, tests)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
