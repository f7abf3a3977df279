"""Write docs/inventories: where other projects describe the names that the API leads to (docs/_ext/elsewhere.py).

A project's own ``objects.inv`` is asked where a name is described. Without a network, or where a name is missing there,
the address follows the pattern by which the project names its pages.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
import zlib
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

from elsewhere import CODE, TYPES  # noqa: E402

PAGE = "_as_gen/{name}.html#{name}"
#: Of each project: its address, and the pattern of the pages of classes, by the first part of a name.
PROJECTS = {
    "python": ("https://docs.python.org/3/", {"pathlib": "library/pathlib.html#{name}"}),
    "torch": ("https://docs.pytorch.org/docs/stable/", {"torch": "generated/{name}.html#{name}"}),
    "numpy": ("https://numpy.org/doc/stable/", {"numpy": "reference/generated/{name}.html#{name}"}),
    "matplotlib": (
        "https://matplotlib.org/stable/",
        {"matplotlib": f"api/{PAGE}", "mpl_toolkits": "api/toolkits/mplot3d/axes3d.html#{name}"},
    ),
    "xarray": ("https://docs.xarray.dev/en/stable/", {"xarray": "generated/{name}.html#{name}"}),
}
#: Pages that do not follow the pattern.
ODD = {
    "torch.Tensor": "tensors.html#{name}",
    "torch.dtype": "tensor_attributes.html#{name}",
    "torch.optim.Optimizer": "optim.html#{name}",
    "torch.device": "tensor_attributes.html#{name}",
}
HEAD = (
    "# Sphinx inventory version 2\n# Project: {}\n# Version: \n# The remainder of this file is compressed using zlib.\n"
)


def value_of(name: str) -> object | None:
    """What a full name stands for in what is installed, if it does."""
    module, _, last = name.rpartition(".")
    try:
        return getattr(import_module(module), last, None)
    except ImportError:
        return None


def wanted() -> set[str]:
    """The types of docstrings, and the names that stand in them as code."""
    sources = (path.read_text(encoding="utf-8") for path in sorted((ROOT / "optguide").rglob("*.py")))
    named = {found[2] for source in sources for found in CODE.finditer(source)}
    return {*TYPES.values(), *(name for name in named if callable(value_of(name)))}


def online(address: str) -> dict[str, str]:
    """The addresses of names from the project's own inventory; none if it cannot be reached."""
    try:
        with urllib.request.urlopen(f"{address}objects.inv", timeout=20) as answer:
            data = answer.read().split(b"\n", 4)[4]
    except (urllib.error.URLError, TimeoutError):
        print(f"{address} cannot be reached: addresses by its pattern")
        return {}
    lines = (line.split(" ", 4) for line in zlib.decompress(data).decode().splitlines())
    return {name: place.replace("$", name) for name, role, _, place, _ in lines if role.startswith("py:")}


def write(project: str, names: list[str], found: dict[str, str], folder: Path) -> Path:
    """One inventory with these names only."""
    lines = []
    for name in sorted(names):
        value = value_of(name)
        if value is None:
            raise SystemExit(f"there is no {name} in what is installed: mend docs/_ext/elsewhere.py")
        pattern = ODD.get(name) or PROJECTS[project][1][name.split(".")[0]]
        place = found.get(name) or pattern.format(name=name)
        lines.append(f"{name} py:{'class' if isinstance(value, type) else 'function'} 1 {place} -\n")
    path = folder / f"{project}.inv"
    path.write_bytes(HEAD.format(project).encode() + zlib.compress("".join(lines).encode(), 9))
    return path


def main() -> None:
    folder = ROOT / "docs" / "inventories"
    folder.mkdir(exist_ok=True)
    every = wanted()
    for project, (address, patterns) in PROJECTS.items():
        names = [name for name in every if name.split(".")[0] in patterns]
        path = write(project, names, online(address), folder)
        print(f"{path.relative_to(ROOT)}: {len(names)} names, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
