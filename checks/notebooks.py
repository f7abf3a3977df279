"""Run every notebook and script of a built site in fresh environments, as a reader would: ``notebooks.py SITE``.

An environment gets torch, Jupyter's engine, and nothing else; what a notebook needs, its first cell installs from the
site. Scripts have no such cell and run after the notebooks. Two environments share the work.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
#: How a proof in a notebook says that it failed: FAILS in docs/_ext/cells.py.
FAILS = "With these numbers it no longer holds:"
TIMEOUT = 900  # seconds for one notebook


def run(command: list, folder: Path) -> str:
    """Run a command; what went wrong, or nothing."""
    constraints = {"PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    settings = os.environ | constraints | {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    settings.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return f"not done after {TIMEOUT} s"
    return (done.stdout + done.stderr)[-3000:] if done.returncode else ""


def environment(folder: Path) -> Path:
    """A fresh virtual environment that can run notebooks; its folder of programs."""
    programs = folder / "bin"
    for command in (
        [sys.executable, "-m", "venv", folder],
        [programs / "python", "-m", "pip", "install", "-qq", "torch", "nbclient", "ipykernel"],
    ):
        if problem := run(command, folder.parent):
            raise SystemExit(f"no environment to run notebooks in: {problem}")
    return programs


def failed_proofs(notebook: Path) -> str:
    """What the proofs of an executed notebook say; they do not stop it."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ())]
    return "\n".join(line for text in texts for line in text.splitlines() if line.startswith(FAILS))


def work(programs: Path, files: list[Path]) -> dict[Path, str]:
    """What went wrong with each file."""
    problems = {}
    for file in files:
        begin = time.monotonic()
        if file.suffix == ".ipynb":
            command = [programs / "jupyter-execute", "--inplace", f"--timeout={TIMEOUT}", file.name]
        else:
            command = [programs / "python", file.name]
        problems[file] = run(command, file.parent) or (failed_proofs(file) if file.suffix == ".ipynb" else "")
        print(f"{'FAILED' if problems[file] else 'clean'} {file.name} {time.monotonic() - begin:.0f} s", flush=True)
    return problems


def main(site: Path) -> int:
    if not (site / "index.html").exists():
        raise SystemExit(f"there is no site at {site}: run make docs first")
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        shutil.copytree(site / "_downloads", Path(folder, "_downloads"))
        for wheel in (site / "_static").glob("*.whl"):
            for place in Path(folder, "_downloads").iterdir():
                shutil.copy(wheel, place)  # as in the zip of the page
        files = sorted(Path(folder).glob("_downloads/*/plot_*.ipynb")) + sorted(Path(folder).glob("_downloads/*/*.py"))
        places = list(pool.map(environment, [Path(folder, f"environment{i}") for i in range(WORKERS)]))
        print(f"{WORKERS} environments in {time.monotonic() - begin:.0f} s", flush=True)
        shares = [files[i::WORKERS] for i in range(WORKERS)]
        problems = {file: what for found in pool.map(work, places, shares) for file, what in found.items()}
    for file, what in problems.items():
        if what:
            print(f"\n{file.name}:\n{what}")
    for suffix, kind in ((".ipynb", "notebooks"), (".py", "scripts")):
        results = [what for file, what in problems.items() if file.suffix == suffix]
        print(f"{len(results)} {kind}, {results.count('')} clean")
    print(f"{time.monotonic() - begin:.0f} s")
    return any(problems.values()) or not problems


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
