"""Build the site twice from nothing, in two folders, and name every file whose bytes differ.

Trees and packages lie elsewhere in each, at paths of different lengths. The second build runs with two threads instead
of one and another hash seed. None of this shows on the site.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copy_tree(target: Path) -> None:
    """What git keeps of this tree, with changes that are not committed yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())


def build(tree: Path, **settings: str) -> Path:
    """Build a tree and return the folder of its site."""
    (tree / ".venv").symlink_to(sys.prefix)
    command = [".venv/bin/python", "docs/build.py", "--quiet", "-W", "-n", "--keep-going"]
    subprocess.run(command, cwd=tree, check=True, env=os.environ | settings)
    return tree / "docs" / "_build" / "html"


def contents(site: Path) -> dict[str, bytes]:
    """Every file of a site."""
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The files that only one of two sites has, or that differ, with the first bytes that do."""
    found = [f"{name}: only in one of them" for name in sorted(set(one) ^ set(other))]
    for name in sorted(set(one) & set(other)):
        if (a := one[name]) != (b := other[name]):
            at = next((i for i, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), min(len(a), len(b)))
            around = slice(max(at - 30, 0), at + 50)
            found.append(f"{name}: at byte {at}, {a[around]!r} and {b[around]!r}")
    return found


def main() -> int:
    sites = []
    with tempfile.TemporaryDirectory() as folder:
        for name, settings in (
            ("first", {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}),
            ("another", {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2"}),
        ):
            begin = time.monotonic()
            copy_tree(Path(folder, name))
            sites.append(contents(build(Path(folder, name), **settings)))
            print(f"{name} build: {len(sites[-1])} files in {time.monotonic() - begin:.0f} s", flush=True)
    found = differences(*sites)
    print("\n".join(found) or "No byte differs.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
