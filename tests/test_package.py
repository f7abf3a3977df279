"""The house itself: who may import whom, what is documented, what the wheel contains."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import optguide as og

HOUSE = Path(og.__file__).parent
ROOT = HOUSE.parent

#: Which parts of the package each part may import, besides itself.
MAY_IMPORT = {
    "optimizers": set(),
    "surfaces": set(),
    "table": set(),
    "progress": set(),
    "files": set(),
    "descent": {"optimizers", "progress", "surfaces"},
    "render": {"descent", "files", "progress"},
    "notation": {"table"},
    "signals": {"descent", "optimizers"},
    "race": {"descent", "progress", "render", "table"},
    "sweep": {"descent", "files", "optimizers", "progress", "table", "__version__"},
    "cli": {"", "render"},  # "" is the package as its users see it
    "__main__": {"cli"},
    "__init__": {"optimizers", "surfaces", "signals", "descent", "notation", "race", "sweep", "render", "table"},
}


def imported_modules(source: str, package: str) -> set[str]:
    """Full names of all modules that a source inside ``package`` imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            # `from . import render` names a module; so may any other name imported from the package itself.
            found.update(f"{origin}.{alias.name}" if origin == "optguide" else origin for alias in node.names)
    return found


def parts_imported(path: Path) -> set[str]:
    package = ".".join(["optguide", *path.relative_to(HOUSE).parent.parts])
    inside = {name.split(".")[1] if "." in name else ""
              for name in imported_modules(path.read_text(encoding="utf-8"), package)
              if name.split(".")[0] == "optguide"}
    part = path.relative_to(HOUSE).parts[0].removesuffix(".py")
    return inside - {part}


def test_the_reader_of_imports_sees_every_form():
    source = """
import numpy
import optguide as og
from . import base
def f():
    from ..render.style import INK
    from .. import race
"""
    expected = {"numpy", "optguide", "optguide.optimizers", "optguide.render.style", "optguide.race"}
    assert imported_modules(source, "optguide.optimizers") == expected


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_one_way(path):
    part = path.relative_to(HOUSE).parts[0].removesuffix(".py")
    assert part in MAY_IMPORT, f"{part} is new: say in MAY_IMPORT what it may import"
    assert parts_imported(path) <= MAY_IMPORT[part]


def test_optimizers_do_not_import_each_other():
    shared = {"base", "functions", "hyperparameters"}
    for path in (HOUSE / "optimizers").glob("*.py"):
        if path.name != "__init__.py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.level:
                    assert node.module in shared, f"{path.name} imports {node.module}: one rule, one file, no ties"


def test_the_package_does_not_import_its_own_name_for_no_reason():
    for path in HOUSE.rglob("*.py"):
        if path.name != "cli.py":
            names = imported_modules(path.read_text(encoding="utf-8"), "elsewhere")
            assert "optguide" not in names, f"{path.name}: import from the module that defines the name"


@pytest.mark.parametrize("name", og.__all__)
def test_every_public_name_is_documented(name):
    value = getattr(og, name)
    assert value.__doc__ and value.__doc__.strip()
    if inspect.isclass(value):
        # A dataclass without a docstring gets its signature for one.
        assert "__doc__" in vars(value) and not value.__doc__.startswith(f"{name}(")
        for attribute, member in vars(value).items():
            if not attribute.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                assert inspect.getdoc(member) or attribute == "update", f"{name}.{attribute} has no docstring"


@pytest.mark.parametrize("name", og.surfaces.__all__)
def test_every_surface_is_documented(name):
    surface = getattr(og.surfaces, name)
    assert surface.__doc__ and surface.__doc__ != og.Surface.__doc__


def test_public_names_are_unique():
    assert len(set(og.__all__)) == len(og.__all__)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    result = subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    here = {str(path.relative_to(ROOT).as_posix()) for path in HOUSE.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}
    assert "optguide/py.typed" in here
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if ".dist-info/" not in name} == here
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_carries_the_version(wheel):
    assert wheel.name == f"optguide-{og.__version__}-py3-none-any.whl"
