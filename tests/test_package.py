"""The house itself: who may import whom, what is documented, what the wheel contains."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import optguide as og

HOUSE = Path(og.__file__).parent
ROOT = HOUSE.parent

#: Which parts of the package each part may import, besides itself.
MAY_IMPORT = {
    "check": set(),
    "version": set(),
    "table": set(),
    "progress": set(),
    "files": {"check"},
    "noise": {"check"},
    "language": {"table"},
    "optimizers": {"check", "language"},
    "problems": {"check"},
    "recorder": {"problems", "walk", "foreign"},
    "surfaces": {"check", "language", "problems", "table"},
    "given": {"check", "optimizers", "problems", "surfaces"},
    "schedule": {"optimizers"},
    "groups": {"check", "given", "table"},
    "walk": {"optimizers"},
    "foreign": {"check", "given", "problems", "schedule"},
    "descent": {"check", "foreign", "given", "noise", "optimizers", "problems", "progress", "recorder", "render",
                "schedule", "table", "walk"},
    "signals": {"check", "given", "optimizers", "render", "walk"},
    "render": {"check", "files", "progress", "programs", "scene", "table"},
    "race": {"check", "descent", "given", "progress", "render", "table"},
    "sweep": {"check", "descent", "files", "given", "language", "noise", "optimizers", "problems", "progress",
              "recorder", "render", "schedule", "surfaces", "table", "version", "walk"},
    "study": {"check", "descent", "files", "foreign", "given", "language", "optimizers", "problems", "progress", "race",
              "render", "signals", "surfaces", "sweep", "table", "version"},
    "training": {"check", "files", "foreign", "given", "optimizers", "problems", "progress", "recorder", "render",
                 "schedule", "sweep", "table", "version", "walk"},
    "load": {"check"},
    "programs": {"check", "language", "optimizers", "surfaces"},
    "scene": {"language", "optimizers", "programs", "surfaces"},
    "cli": {"", "check", "files", "given", "load"},  # "" is the package as its users see it
    "__main__": {"cli"},
    "__init__": {
        "optimizers", "problems", "surfaces", "signals", "descent", "groups", "language", "race", "study", "sweep",
        "render", "table", "training", "version",
    },
}  # fmt: skip

#: Inside a part that is divided into rooms nobody imports what is built on it.
DIVIDED = {
    "sweep": ("request", "plan", "watch", "eager", "block", "compiled", "engine", "netcdf", "result", "__init__"),
    "training": ("rows", "request", "field", "together", "alone", "runs", "result", "__init__"),
    "render": (
        "style",
        "canvas",
        "losses",
        "spectra",
        "packing",
        "responses",
        "figures",
        "web",
        "player",
        "film",
        "__init__",
    ),
    "study": (
        "result",
        "articles",
        "rates",
        "responses",
        "basins",
        "difficulty",
        "compare",
        "side_by_side",
        "traits",
        "markup",
        "report",
        "__init__",
    ),
}
#: So many lines has a module at most.
LONGEST = 320


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
    inside = {
        name.split(".")[1] if "." in name else ""
        for name in imported_modules(path.read_text(encoding="utf-8"), package)
        if name.split(".")[0] == "optguide"
    }
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


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_module_is_long_and_none_takes_private_names(path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST, f"{path} is too long: divide it"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            private = [alias.name for alias in node.names if re.match("_[^_]", alias.name)]
            assert not private, f"{path} takes {private} from another module"


@pytest.mark.parametrize("part", DIVIDED)
def test_the_rooms_of_a_divided_part(part):
    order = DIVIDED[part]
    for path in (HOUSE / part).rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        inside = path.relative_to(HOUSE / part).parts
        room = inside[0].removesuffix(".py")
        assert room in order, f"{room} is new: say in DIVIDED what it is built on"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.level == len(inside):  # from the part itself
                taken = [node.module] if node.module else [alias.name for alias in node.names]
                below = {name.split(".")[0] for name in taken} - {room}
                assert below <= {*order[: order.index(room)]}, f"{path} imports what is built on it"


def test_optimizers_do_not_import_each_other():
    shared = {"optimizer", "settings", "wrapper"}
    machinery = {
        "assembled",
        "divided",
        "inquiry",
        "optimizer",
        "parts",
        "rule",
        "saved",
        "settings",
        "wrapper",
        "__init__",
    }
    for path in (HOUSE / "optimizers").glob("*.py"):
        if path.stem not in machinery:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.level == 1:
                    assert node.module in shared, f"{path.name} imports {node.module}: one rule, one file, no ties"


def test_the_package_does_not_import_its_own_name_for_no_reason():
    for path in HOUSE.rglob("*.py"):
        if path.name != "cli.py":
            names = imported_modules(path.read_text(encoding="utf-8"), "elsewhere")
            assert "optguide" not in names, f"{path.name}: import from the module that defines the name"


def test_every_public_name_is_documented():
    missing = [name for name in og.__all__ if not (getattr(og, name).__doc__ or "").strip()]
    for name in og.__all__:
        value = getattr(og, name)
        if inspect.isclass(value):
            # A dataclass without a docstring gets its signature for one.
            missing += [name] if "__doc__" not in vars(value) or value.__doc__.startswith(f"{name}(") else []
            for attribute, member in vars(value).items():
                if not attribute.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                    missing += [] if inspect.getdoc(member) or attribute == "update" else [f"{name}.{attribute}"]
    surfaces = {f"surfaces.{name}": getattr(og.surfaces, name).__doc__ for name in og.surfaces.__all__}
    assert missing + [name for name, doc in surfaces.items() if doc in (None, "", og.Surface.__doc__)] == []


def test_public_names_are_unique():
    assert len(set(og.__all__)) == len(og.__all__)


def test_what_a_package_of_pictures_takes_together_is_what_it_offers():
    for package in (og.render, og.render.figures, og.render.film):
        syntax = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
        taken = [name.name for node in syntax.body if isinstance(node, ast.ImportFrom) for name in node.names]
        assert sorted(package.__all__) == sorted(taken), package.__name__


def python(code: str) -> str:
    """What a fresh Python prints."""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_who_trains_with_a_rule_waits_for_torch_and_little_else():
    loaded = python("import sys, torch, optguide as og; og.AdaBelief.at(lr=0.1); print(*sys.modules)").split()
    late = {"xarray", "h5netcdf", "joblib", "matplotlib", "imageio_ffmpeg", "PIL", "pandas", "sklearn"}
    assert not late & set(loaded)


def test_who_descends_does_not_wait_for_what_compiles_models():
    code = "import sys, optguide as og; og.descend(og.Adam, og.surfaces.sphere, lr=[0.1, 0.2]); print(*sys.modules)"
    assert not {"sympy", "torch._dynamo", "torch.fx.experimental.symbolic_shapes"} & set(python(code).split())


#: Ways to come by the package, each in names of its own.
FIRST = [
    "import optguide as og; assert set(og.__all__) <= set(dir(og)); assert og.render.__name__ == 'optguide.render'",
    "from optguide import *; import optguide as og; assert callable(plot_map)",
    "import optguide as og, optguide.race, optguide.sweep",
    "import optguide as og; og.Race, og.Sweep",
]


def test_what_is_loaded_late_is_there_all_the_same():
    """``race`` and ``sweep`` are the functions, whichever way the modules of that name were loaded first."""
    script = f"""if True:
        import sys, torch
        for first in {FIRST}:
            names = {{}}
            exec(first, names)
            print(*(type(getattr(names["og"], name)).__name__ for name in ("race", "sweep")))
            for module in [name for name in sys.modules if name.partition(".")[0] == "optguide"]:
                del sys.modules[module]"""
    assert python(script).splitlines() == ["function function"] * len(FIRST)


def test_a_name_that_is_not_there_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'optguide' has no attribute 'plot_nothing'"):
        og.plot_nothing  # noqa: B018


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    result = subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    here = {
        str(path.relative_to(ROOT).as_posix())
        for path in HOUSE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "optguide/py.typed" in here
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if ".dist-info/" not in name} == here


def test_the_wheel_carries_our_licence_and_no_work_of_others(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (ours,) = [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
        assert archive.read(ours).decode() == (ROOT / "LICENSE").read_text(encoding="utf-8")
        package = {name: archive.read(name) for name in names if ".dist-info/" not in name}
    kinds = {Path(name).suffix for name in package}
    assert kinds == {".py", ".pyi", ".typed", ".js", ".css", ".jinja"}, "a font or a script of others needs its licence"
    theirs = re.compile(rb"copyright (?!\d{4} the optguide authors)|\(c\) (19|20)\d\d|@licen[cs]e", re.IGNORECASE)
    assert not [name for name, text in package.items() if theirs.search(text)]
    assert b"License-Expression: MIT" in zipfile.ZipFile(wheel).read(ours.replace("licenses/LICENSE", "METADATA"))


def test_the_wheel_carries_the_version(wheel):
    assert wheel.name == f"optguide-{og.__version__}-py3-none-any.whl"


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

#: Left free: torch's default build for Linux pins its CUDA libraries itself, and the CPU build has none.
CUDA = re.compile(r"nvidia-.*|cuda-.*|triton")


def requirements(lines) -> list[Requirement]:
    return [Requirement(line.strip()) for line in lines if line.strip() and not line.startswith("#")]


def pins() -> dict[str, Requirement]:
    found = requirements((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    named = {canonicalize_name(pin.name): pin for pin in found}
    assert len(named) == len(found), "a package is pinned twice"
    return named


def needed(direct: list[Requirement], requires) -> dict[str, str]:
    """What installing ``direct`` brings on any Python we name, with what asked for it; a name without its extras."""
    todo, seen, found = [(requirement, "pyproject.toml") for requirement in direct], set(), {}
    while todo:
        requirement, by = todo.pop()
        name = canonicalize_name(requirement.name)
        found.setdefault(name, by)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                environments = [{"python_version": python, "extra": extra} for python in PYTHONS]
                todo += [
                    (further, name)
                    for further in requirements(requires(name))
                    if not further.marker or any(map(further.marker.evaluate, environments))
                ]
    return found


def installed(name: str) -> list[str]:
    """What a package says it requires; nothing if it is not installed here."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def declared() -> list[Requirement]:
    """What the package, its tests and its site need; what the ledger measures besides is held by a file of its own."""
    groups = PROJECT["project"]["optional-dependencies"].items()
    extras = [line for name, extra in groups if name != "ledger" for line in extra]
    build = [*PROJECT["build-system"]["requires"], "editables"]  # hatchling wants it for editable installs, unsaid
    return requirements([*PROJECT["project"]["dependencies"], *extras, *build])


def test_the_reader_of_requirements_follows_extras_and_markers():
    says = {
        "a": ["b[x]", 'old; python_version < "3.11"'],
        "b": ['c; extra == "x"', 'd; extra == "y"'],
        "c": ['new; python_version >= "3.13"', "A"],
    }
    found = needed(requirements(["a"]), lambda name: says.get(name, []))
    assert found == {"a": "pyproject.toml", "b": "a", "c": "b", "new": "c"}


def test_every_package_that_an_install_brings_is_pinned():
    brought = {name: by for name, by in needed(declared(), installed).items() if not CUDA.fullmatch(name)}
    free = {f"{name}, needed by {by}" for name, by in brought.items() if name not in pins()}
    assert not free, "add the installed versions to constraints.txt"
    unused = pins().keys() - brought.keys()
    assert not unused, "constraints.txt pins what nothing needs"


def test_pins_are_the_versions_installed_and_within_their_ranges():
    here = {}
    for distribution in metadata.distributions():  # the first is what one imports; setuptools brings older ones
        here.setdefault(canonicalize_name(distribution.name), distribution.version)
    for name, pin in pins().items():
        (version,) = pin.specifier
        assert version.operator == "==", f"{pin} is no pin"
        if name in here:  # "+cpu" and the like do not matter
            assert pin.specifier.contains(here[name], prereleases=True), f"{pin}, but {here[name]} is installed"
    for requirement in declared():
        (version,) = pins()[canonicalize_name(requirement.name)].specifier
        assert requirement.specifier.contains(version.version, prereleases=True), f"{requirement} excludes its own pin"


def test_what_the_tests_import_comes_with_them():
    """Those of the site, in tests/docs, need what builds the site, too."""
    project = PROJECT["project"]
    brought = needed(requirements([*project["dependencies"], *project["optional-dependencies"]["test"]]), installed)
    packages = metadata.packages_distributions()
    for path in (ROOT / "tests").rglob("*.py"):
        if "docs" not in path.relative_to(ROOT).parts:
            for module in imported_modules(path.read_text(encoding="utf-8"), "tests"):
                names = {canonicalize_name(name) for name in packages.get(module.split(".")[0], ())} - {"optguide"}
                assert not names or names & brought.keys(), f"{path.name} imports {module}: add it to the test extra"
