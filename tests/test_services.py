"""What runs the tests elsewhere: the browser, and the workflows of the repository."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SERVICES = sorted(path for path in [*ROOT.glob(".github/**/*.y*ml"), *ROOT.glob(".*.yaml"), ROOT / "CITATION.cff"])
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


@pytest.mark.parametrize(
    "named, installed, expected",
    [
        (None, ["own", "/bin/chromium"], "own"),
        (None, ["/bin/google-chrome"], "/bin/google-chrome"),
        (None, [], None),
        ("/opt/chrome", ["own", "/bin/chromium", "/opt/chrome"], "/opt/chrome"),
        ("/opt/chrome", ["own", "/bin/chromium"], None),
    ],
)
def test_the_browser_is_the_named_one_or_playwrights_own_or_any(monkeypatch, named, installed, expected):
    monkeypatch.delenv("OPTGUIDE_CHROMIUM", raising=False)
    if named:
        monkeypatch.setenv("OPTGUIDE_CHROMIUM", named)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if f"/bin/{name}" in installed else None)

    def start(executable_path, args):
        if (executable_path or "own") not in installed:
            raise OSError
        return executable_path or "own"

    launch = runpy.run_path(str(ROOT / "tests" / "conftest.py"))["_launch"]
    assert launch(SimpleNamespace(launch=start), OSError) == expected


def test_a_failure_can_be_told_to_another_process_whatever_it_says(tmp_path):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_text.py").write_text("def test_it():\n    raise ValueError('not text: \\ud800')\n")
    command = [sys.executable, "-m", "pytest", "-n1", "--rootdir", str(tmp_path), str(tmp_path)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert "ValueError: not text: \\ud800" in result.stdout and "1 failed" in result.stdout, result.stdout


def test_what_torch_says_on_the_first_python_3_13_fails_no_test():
    message = "Guards may run slower on Python 3.13.0. Consider upgrading to Python 3.13.1+."
    warnings.warn(message, RuntimeWarning, stacklevel=1)
    with pytest.raises(RuntimeWarning):
        warnings.warn(message.replace("3.13.0", "3.14.0"), RuntimeWarning, stacklevel=1)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_what_services_read_can_be_read(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def wrong_use(line: str) -> bool:
    """Whether a workflow's line takes an action by a name that may come to mean something else."""
    use = re.search(r"\buses:\s*(.*)", line)
    return bool(use) and not re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./[\w./-]+", use[1])


@pytest.mark.parametrize(
    "line, wrong",
    [
        ("      - uses: actions/checkout@v4", True),
        ("        uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", True),
        ("      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b # v7.0.1", True),
        ("      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", False),
        ("      - uses: ./.github/actions/python", False),
        ("      - run: make lint", False),
    ],
)
def test_a_loose_action_is_seen(line, wrong):
    assert wrong_use(line) == wrong


def test_actions_are_pinned_by_commit_and_one_version_of_each_is_used():
    found = {}
    for path in ROOT.glob(".github/**/*.yml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not wrong_use(line), f"{path.name}: {line.strip()}"
            if use := re.search(r"\buses:\s*([^@]*)(@.*)?", line):
                found.setdefault(use[1], set()).add(use[2])
                assert use[2] or (ROOT / use[1]).exists(), f"{path.name}: there is no {use[1]}"
    assert found and all(len(versions) == 1 for versions in found.values()), found


def steps(path: Path) -> list[dict]:
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job.get("steps", [])]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_hold_few_rights(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def targets() -> set[str]:
    names = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return {*names, *(f".venv/{extra}.stamp" for extra in PROJECT["optional-dependencies"])}


def lacking(command: str) -> list[str]:
    """Files, tests and make's targets that a command names and the repository does not have."""
    found = []
    for word in re.split(r"[\s\"=]+", command):
        file, _, test = word.partition("::")
        if re.match(r"(\.ci|checks|docs|gallery|tests)/(?!_build)", file):
            path = ROOT / file
            if not path.exists() or test and f"def {test}(" not in path.read_text(encoding="utf-8"):
                found.append(word)
    words = shlex.split(command, comments=True)
    if words[:1] == ["make"]:
        found += [word for word in words[1:] if word[0] != "-" and "=" not in word and word not in targets()]
    return found


@pytest.mark.parametrize(
    "command, expected",
    [
        ("make docs PYTHON=python # cold", []),
        ("make --no-print-directory docs .venv/docs.stamp", []),
        ("make dogs .venv/dogs.stamp", ["dogs", ".venv/dogs.stamp"]),
        ("python docs/build.py -W; cp docs/_build/html elsewhere; .ci/wheels dist/*.whl", [".ci/wheels"]),
        (
            'make test PYTESTOPTS="--ignore tests/dogs --deselect tests/test_services.py::test_x"',
            ["tests/dogs", "tests/test_services.py::test_x"],
        ),
    ],
)
def test_what_a_command_lacks_is_seen(command, expected):
    assert lacking(command) == expected


def test_services_run_what_there_is():
    jobs = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text(encoding="utf-8"))["build"]["jobs"]
    commands = [*jobs["install"], *jobs["build"]["html"]]
    commands += re.findall("make --no-print.*", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    for path in WORKFLOWS:
        commands += [line for step in steps(path) for line in step.get("run", "").splitlines()]
    assert len(commands) > 15
    assert {command: lacking(command) for command in commands if lacking(command)} == {}


def test_the_oldest_versions_are_the_lower_bounds():
    command = [sys.executable, ".ci/oldest.py"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    oldest = {pin.name: pin for pin in map(Requirement, result.stdout.splitlines())}
    for requirement in map(Requirement, PROJECT["dependencies"]):
        ((bound,), (pin,)) = requirement.specifier, oldest.pop(requirement.name).specifier
        assert (bound.operator, pin.operator) == (">=", "==") and bound.version == pin.version, requirement
    assert not oldest


def test_the_pythons_that_are_tested_are_those_that_are_named():
    tried = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))["jobs"]["tests"]
    named = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r"Python :: 3\.", name)]
    assert set(named) <= set(tried["strategy"]["matrix"]["python"])
    assert f">={named[0]}" == PROJECT["requires-python"]
