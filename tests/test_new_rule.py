"""The stubs of a new rule: complete, importable, and refused or taken back as a whole."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import optguide as og

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def writer():
    sys.path.insert(0, str(ROOT / "tools"))  # as where it is run as a script
    spec = importlib.util.spec_from_file_location("rule_stubs", ROOT / "tools" / "rule.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(ROOT / "tools"))


def contents(tree):
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


@pytest.fixture
def tree(tmp_path):
    """What a new rule touches, and the package around it."""
    for pattern in ("optguide/**/*", "gallery/optimizers/*.py", "tests/optimizers/oracles.py",
                    "tests/language/formulas.md", "docs/learning-path.md", "tools/*.py"):  # fmt: skip
        for path in ROOT.glob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    return tmp_path


READER = """
import sys
sys.path[:0] = [{tree!r}, {tests!r}]
import optguide as og
assert og.__file__.startswith({tree!r})
assert og.optimizers.__all__[-1] == "BrandNew" and og.BrandNew.__module__ == "optguide.optimizers.brand_new"
assert og.descend(og.BrandNew, og.surfaces.sphere, steps=3).loss[-1] > 0
assert len(og.pseudocode(og.BrandNew).steps) == 2 and og.card(og.BrandNew)
from oracles import CASES, ORACLES
assert list(ORACLES)[-1] == "BrandNew"
import torch
weight = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
reference = CASES[-1].make([weight], {{"lr": 0.1}})
try:
    reference.step(lambda: (weight**2).sum().backward())
except NotImplementedError as error:
    print(error)
"""


def test_the_stubs_of_a_rule_can_be_imported_and_say_what_is_to_be_done(tree):
    before = contents(tree)
    command = [sys.executable, "tools/rule.py", "BrandNew"]
    done = subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout
    after = contents(tree)
    touched = {path.relative_to(tree).as_posix() for path in after if after[path] != before.get(path)}
    assert touched == set(done.splitlines()[:-1])
    assert {"optguide/optimizers/brand_new.py", "gallery/optimizers/plot_brand_new.py"} <= touched
    assert "## BrandNew\n- not read yet" in (tree / "tests/language/formulas.md").read_text(encoding="utf-8")
    assert "](gallery/optimizers/plot_brand_new): " in (tree / "docs/learning-path.md").read_text(encoding="utf-8")
    code = READER.format(tree=str(tree), tests=str(tree / "tests" / "optimizers"))
    said = subprocess.run([sys.executable, "-c", code], cwd=tree, check=True, capture_output=True, text=True).stdout
    assert said.startswith("write BrandNew a second time, by hand")
    style = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "I,E,F", "--line-length", "120"]
    if importlib.util.find_spec("ruff"):
        subprocess.run([*style, "optguide/optimizers", "--ignore", "E741", *touched - {"docs/learning-path.md",
                        "tests/language/formulas.md"}], cwd=tree, check=True)  # fmt: skip


def test_the_new_page_stands_on_the_learning_path_behind_the_last_rule(tree, writer):
    path = tree / "docs" / "learning-path.md"
    for name in ("BrandNew", "Newer"):
        writer.write(writer.stubs(tree, name))
    pages = re.findall(r"\]\(gallery/optimizers/plot_(\w+)\): ", path.read_text(encoding="utf-8"))
    homes = [getattr(og, name).__module__.rsplit(".", 1)[-1] for name in og.optimizers.__all__]
    last = next(home for home in reversed(homes) if home in pages)
    assert pages[pages.index(last) + 1 :][:2] == ["brand_new", "newer"]


def test_the_new_page_keeps_the_contract_of_pages(tree, writer, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "checks")
    contract = pytest.importorskip("contract", reason="needs the docs requirements")
    writer.write(writer.stubs(tree, "BrandNew"))
    assert contract.faults(tree / "gallery" / "optimizers" / "plot_brand_new.py") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "NAME must be the name of a class, such as Signum, got ''"),
        ("signum", "NAME must be the name of a class, such as Signum, got 'signum'"),
        ("None", "NAME must be the name of a class"),
        ("../Signum", "NAME must be the name of a class"),
        ("Adam", "NAME must be new, got 'Adam': there is optguide/optimizers/adam.py"),
        ("ADAM", "NAME must be new, got 'ADAM': there is optguide/optimizers/adam.py"),
        ("Sweep", "NAME must be new, got 'Sweep': optguide has that name"),
    ],
)
def test_a_name_that_will_not_do_is_refused_before_anything_is_written(tree, name, message):
    before = contents(tree)
    command = [sys.executable, "tools/rule.py", name]
    refused = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    assert refused.returncode == 1 and refused.stderr.startswith(message)
    assert contents(tree) == before


def test_stubs_are_written_whole_or_not_at_all(tree, writer, monkeypatch):
    before = contents(tree)
    texts = writer.stubs(tree, "BrandNew")
    broken = list(texts)[len(texts) // 2]
    texts[broken] = None  # what cannot be written
    with pytest.raises(TypeError):
        writer.write(texts)
    assert contents(tree) == before


def test_a_house_that_was_rebuilt_is_noticed(tree, writer):
    oracles = tree / "tests/optimizers/oracles.py"
    oracles.write_text(oracles.read_text(encoding="utf-8").replace("class ByHand:", "class Otherwise:"))
    with pytest.raises(ValueError, match=r"there is no .*class ByHand:.* after which '@steps' could stand"):
        writer.stubs(tree, "BrandNew")
