"""Plant faults in the package one at a time, and count who notices: the tests, the recorded formulas, the pages.

    python checks/mutants.py RESULTS [rules surfaces ... pages] [--jobs 2] [--each 9] [--layers all] [--csv TABLE]

Each fault is written into a private copy of the tree, which a fresh process then tests; it stops at the first layer
that notices. Results are appended to the file RESULTS, one JSON object per line; a second run goes on where the
first one stopped, and tries again what nobody noticed. The same faults are drawn each time.

The tests must pass without a fault, or they notice everything: run `make test` before.

`--csv` writes the counts to a table, a row for each rule, surface, module and page; rows that were not counted stay.

Pages are treated differently: every number and relation that one asserts is changed, and the page must refuse it.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import csv
import datetime
import gc
import importlib
import json
import multiprocessing
import os
import queue
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from doubts import doubted
from faults import mutants
from order import Only, noticed_by
from parts import GROUPS, ROOT, targets

LAYERS = ("tests", "browser", "snapshot", "site", "page")
#: Of the table that `--csv` writes: how many faults of a part were planted, and who was the first to notice.
COLUMNS = ("group", "part", "planted", "tests", "formulas", "page", "nobody", "equivalent", "date")
SNAPSHOT = "test_formulas_are_the_ones_that_were_read"
#: What no fault can touch is imported once, and every process that tests one inherits it.
HEAVY = """numpy torch scipy.optimize matplotlib.pyplot matplotlib.animation mpl_toolkits.mplot3d sympy sklearn.datasets
pytest torch._dynamo.testing jax optax pytorch_optimizer torch_optimizer lion_pytorch adabelief_pytorch
playwright.sync_api py_mini_racer jinja2""".split()
#: Tests of JavaScript that noticed a fault, and were seen to pass alone and without one.
FAIR: set[str] = set()
#: Of a site that is built with a fault: what was executed without it, but for one page, which shows most there is to
#: show; and what is asked of it. Tests that build or execute pages of their own would be asked twice.
EXECUTED, AGAIN = "docs/gallery", "optimizers/plot_momentum"
BUILT = ["tests/docs", "--ignore=tests/docs/test_build.py", "--ignore=tests/docs/test_execution.py"]
LEAVE = {"ignore": shutil.ignore_patterns("__pycache__", "_build", "api", "gallery")}  # what the site build makes
#: Faults that change nothing, and why: what the report prints of them, and the reason.
EQUIVALENT = json.loads(Path(__file__).with_name("equivalent.json").read_text(encoding="utf-8"))


def run_layer(tree: str, layer: str, target, past: Path, fault: str, test: str | None = None) -> None:
    """Exit with 0 if the layer has nothing to complain about; in a process of its own."""
    prepare(tree)
    if layer == "page":
        runpy.run_path(target.page, run_name="__main__")
        return
    if target.path.endswith(".js"):
        os.environ["OPTGUIDE_TEST_LIMIT"] = "120"  # what a fault has made endless; the longest takes 15 s
    if layer == "site" and not test:
        build_site(tree)
    import pytest

    options = ["-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "-k"]
    asked = {"snapshot": ["tests/language"], "site": BUILT}.get(layer, target.tests)
    options += [SNAPSHOT if layer == "snapshot" else f"not {SNAPSHOT}", *([test] if test else asked)]
    only = Only(target, layer, past, fault)
    code = pytest.main(options, plugins=[only])
    os._exit(0 if code == pytest.ExitCode.TESTS_FAILED and not only.noticed else int(code))


def build_site(tree: str) -> None:
    """Build the site of a tree with what the project's own has executed; exit with 1 if that fails or warns."""
    docs = Path(tree, "docs")
    shutil.copytree(ROOT / EXECUTED, docs / "gallery")
    for kept in ("charts", "front"):  # pictures that a build draws only where there are none
        shutil.rmtree(docs / "gallery" / kept, ignore_errors=True)
    Path(tree, EXECUTED, AGAIN + ".py.md5").unlink()
    (docs / "_build").mkdir()
    here = os.environ | {"PYTHONPATH": f"{tree}:{docs}"}
    stamp = "import build; build.STAMP.write_text(build.package())"  # or it would execute everything again
    for command in (["-c", stamp], ["docs/build.py", "--quiet", "-W", "-n", "-j", "2"]):
        if subprocess.run([sys.executable, *command], env=here).returncode:
            sys.exit(1)


def run_page(tree: str, page: str, report: str) -> None:
    """Execute a page, and after each of its assertions every one that should fail; report those that did not."""
    prepare(tree)
    code, faults = doubted(Path(page).read_text(encoding="utf-8"))
    tried, noticed = set(), set()
    space = {"__name__": "__main__", "__file__": page, "__tried__": tried.add, "__noticed__": noticed.add}
    exec(compile(code, page, "exec"), space)
    lines, twins = [], collections.Counter()
    for i, (kind, line, what) in enumerate(faults):
        if i in tried:
            twins[what] += 1
            name = f"{page}: {what}" + f" (number {twins[what]})" * (twins[what] > 1)
            caught = ["page"] * (i in noticed)
            lines.append({"id": name, "line": line, "group": "pages", "path": page, "kind": kind, "caught": caught})
    append(report, lines)


def prepare(tree: str) -> None:
    os.setsid()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(tree)
    sys.path.insert(0, tree)


def fails(run, *arguments, limit: float = 900) -> bool:
    """Whether a process complains; one that never ends does."""
    process = multiprocessing.get_context("fork").Process(target=run, args=arguments)
    process.start()
    process.join(limit)
    if process.is_alive():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
    # pytest ends with 3 or 4 if it could not run at all, with 5 if there is no such test.
    assert process.exitcode <= 2 or process.exitcode == 5 and "browser" in arguments, (
        f"{arguments} ended with {process.exitcode}"
    )
    return process.exitcode not in (0, 5)


def plant(tree: str, target, faults: list[dict], results: str, all_layers: bool) -> None:
    """Plant every fault of one target, and see which layer notices it."""
    path, past = Path(tree, target.path), Path(results + ".tests")
    sound = path.read_text(encoding="utf-8")
    page_works = None

    def notices(layer: str, fault: str) -> bool:
        nonlocal page_works
        if layer == "page" and page_works is None:
            with written(path, sound):
                page_works = not fails(run_layer, tree, "page", target, past, "")
            assert page_works, f"{target.page} fails without any fault"
        complains = fails(run_layer, tree, layer, target, past, fault)
        if layer == "site":  # no other fault finds a built site beside it
            for made in ("_build", "api", "gallery"):
                shutil.rmtree(Path(tree, "docs", made), ignore_errors=True)
        if not complains:
            return False
        for test in noticed_by(past, fault) - FAIR if layer != "site" else ():
            with written(path, sound):
                assert not fails(run_layer, tree, layer, target, past, "", test), f"{test} fails without any fault"
            FAIR.add(test)
        return True

    for fault in faults:
        caught = []
        with written(path, fault.pop("text")):
            began = time.monotonic()
            for layer in target.layers:
                if (all_layers or not caught) and notices(layer, fault["id"]):
                    caught.append(layer)
        append(results, [fault | {"caught": caught, "seconds": round(time.monotonic() - began)}])


@contextlib.contextmanager
def written(path: Path, text: str):
    before = path.read_bytes()
    path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        path.write_bytes(before)


def append(results: str, lines: list[dict]) -> None:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    with open(results, "a", encoding="utf-8") as file:
        file.write("".join(json.dumps(line | {"date": today}) + "\n" for line in lines))


def recorded(results: str) -> dict[str, dict]:
    """What is known of every fault; the last word counts."""
    lines = Path(results).read_text(encoding="utf-8").splitlines() if os.path.exists(results) else []
    return {fault["id"]: fault for fault in map(json.loads, lines)}


def work(jobs, results: str, all_layers: bool) -> None:
    with tempfile.TemporaryDirectory() as tree:
        for path in ROOT.glob("[!.]*"):  # all of it: where a file is missing, its tests notice every fault
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, Path(tree, path.name), **LEAVE if copy is shutil.copytree else {})
        while True:
            try:
                job = jobs.get(timeout=1)
            except queue.Empty:
                return
            if isinstance(job, str):
                assert not fails(run_page, tree, job, results), f"{job} fails without any fault"
            else:
                plant(tree, *job, results, all_layers)


def part(fault: dict) -> str:
    return fault.get("name") or Path(fault["path"]).stem


def tabulate(path: Path, found: list[dict], parts: dict[tuple[str, str], int]) -> None:
    """Write the counts of every part that was counted to its end; `parts` says how many faults each has."""
    rows = {}
    if path.exists():
        with open(path, encoding="utf-8", newline="") as file:
            rows = {(row["group"], row["part"]): row for row in csv.DictReader(file)}
    counted = collections.defaultdict(list)
    for fault in found:
        counted[fault["group"], part(fault)].append(fault)
    for key, faults in counted.items():
        if len(faults) == parts.get(key):
            first = collections.Counter((fault["caught"] or ["nobody"])[0] for fault in faults)
            same = sum(fault["id"] in EQUIVALENT and not fault["caught"] for fault in faults)
            tests = sum(first[layer] for layer in ("tests", "browser", "site"))
            counts = (tests, first["snapshot"], first["page"], first["nobody"] - same, same)
            date = max(fault["date"] for fault in faults)
            rows[key] = dict(zip(COLUMNS, (*key, len(faults), *counts, date), strict=True))
    rows = {key: row for key, row in rows.items() if key in parts}  # what is gone has no row
    draft = path.with_name(path.name + ".part")
    with open(draft, "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows[key] for key in sorted(rows, key=lambda key: (GROUPS.index(key[0]), key[1].lower())))
    draft.replace(path)


def report(found: list[dict]) -> None:
    """The tables: per group, per file and per kind, who noticed how many; then what nobody noticed."""
    for title, key in (("group", "group"), ("file", "path"), ("kind of fault", "kind")):
        print(f"\n{title:48} planted " + " ".join(f"{layer:>8}" for layer in LAYERS) + " nobody equivalent  noticed")
        table = collections.defaultdict(list)
        for fault in found:
            if fault["group"] != "pages" or key != "path":
                table[fault[key]].append(fault)
        for name, faults in [*sorted(table.items()), *([("in all", found)] if key == "group" else [])]:
            equivalent = sum(f["id"] in EQUIVALENT and not f["caught"] for f in faults)
            nobody = sum(not f["caught"] for f in faults) - equivalent
            layers = " ".join(f"{sum(layer in f['caught'] for f in faults):8}" for layer in LAYERS)
            share = 1 - nobody / max(len(faults) - equivalent, 1)
            print(f"{name:48} {len(faults):7} {layers} {nobody:6} {equivalent:10} {share:8.1%}")
    for fault in found:
        if not fault["caught"]:
            print(f"\n{fault['kind']}: {fault['id']}\n    {EQUIVALENT.get(fault['id'], 'nobody noticed')}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results")
    parser.add_argument("groups", nargs="*", default=GROUPS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--each", type=int, default=9, help="how many faults per rule; other targets in proportion")
    parser.add_argument("--layers", choices=("first", "all"), default="first", help="go on after a layer noticed?")
    parser.add_argument("--csv", type=Path, help="write the counts to this table")
    parser.add_argument("--only", default="", help="only targets whose name or path contains this")
    options = parser.parse_args()
    if set(options.groups) - set(GROUPS):
        parser.error(f"groups must be among {', '.join(GROUPS)}, got {' '.join(options.groups)}")

    options.results = os.path.abspath(options.results)
    known = recorded(options.results)
    settled = {f["id"] for f in known.values() if f["caught"] or f["id"] in EQUIVALENT}
    open_pages = {f["path"] for f in known.values() if f["id"] not in settled}
    settled |= {f["path"] for f in known.values()} - open_pages
    context = multiprocessing.get_context("fork")
    jobs, wanted, parts = context.Queue(), set(), collections.Counter()
    for target in targets(options.each):
        parts[target.group, target.name] += 0
        if target.group not in options.groups or options.only not in target.path + target.name:
            continue
        faults = mutants(target)
        parts[target.group, target.name] += len(faults)
        wanted |= {f["id"] for f in faults}
        if faults := [f for f in faults if f["id"] not in settled]:
            for i in range(0, len(faults), 8):
                jobs.put((target, faults[i : i + 8]))
    for page in sorted(ROOT.glob("gallery/*/plot_*.py")):
        parts["pages", page.stem] = 0  # nobody knows how many before it is executed
        page = page.relative_to(ROOT).as_posix()
        if "pages" in options.groups and options.only in page and page not in settled:
            jobs.put(page)
    for name in HEAVY:
        importlib.import_module(name)
    gc.freeze()  # so that no process looks through all of this again
    arguments = (jobs, options.results, options.layers == "all")
    workers = [context.Process(target=work, args=arguments) for _ in range(options.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    pages = "pages" in options.groups
    found = [f for f in recorded(options.results).values() if f["id"] in wanted or pages and f["group"] == "pages"]
    report(found)
    if options.csv:
        parts.update(key for f in found if f["group"] == "pages" and (key := ("pages", part(f))) in parts)
        tabulate(options.csv, found, parts)
    return any(not f["caught"] and f["id"] not in EQUIVALENT for f in found) or any(w.exitcode for w in workers)


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # or a fault of the same second and length would be hidden by a compiled file
    os.environ |= {"MPLBACKEND": "Agg", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "JAX_PLATFORMS": "cpu"}
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
