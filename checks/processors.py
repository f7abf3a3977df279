"""Run every page as processors of other kinds would: ``python checks/processors.py [PAGES ...]``.

How a sum of many numbers is rounded depends on the instructions that compute it. A claim that rests on the last digits
holds on one machine and stops the build on the next; here both are this machine. For what no kind here rounds
differently, every descent is nudged, too: it begins a few units of the last digit aside.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
#: What keeps torch, its linear algebra, NumPy's and NumPy from newer instructions, for two kinds of processors.
KINDS: dict[str, dict[str, str]] = {
    "this processor": {},
    "AVX2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_CBWR": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    },
    "SSE2": {
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    },
}

NUDGED = "nudged by 2e-14"
#: Runs a page with such descents.
NUDGE = """
import runpy, sys
from optguide.walk import Walk
def begin(self, rule, field, theta, *arguments, sound=Walk.__init__):
    sound(self, rule, field, theta + 2e-14, *arguments)
Walk.__init__ = begin
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def refused(job: tuple[str, Path]) -> str:
    """The end of what a page says that does not hold on a processor of this kind, or nothing."""
    kind, page = job
    settings = {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    settings |= KINDS.get(kind, {})
    command = [sys.executable, "-W", "ignore", *["-c", NUDGE] * (kind == NUDGED), page]
    done = subprocess.run(
        command, cwd=page.parent, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    return "\n".join(done.stderr.splitlines()[-6:]) if done.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", help="names of pages, as plot_adam; without any, all")
    given = parser.parse_args()
    pages = sorted(ROOT.glob("gallery/*/plot_*.py"))
    if unknown := set(given.pages) - {page.stem for page in pages}:
        parser.error(f"there is no page of the name {', '.join(sorted(unknown))}")
    pages = [page for page in pages if page.stem in given.pages or not given.pages]
    jobs = list(itertools.product([*KINDS, NUDGED], pages))
    count = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = tqdm(pool.map(refused, jobs), total=len(jobs), disable=None, unit="page")
        for (kind, page), answer in zip(jobs, answers, strict=True):
            if answer:
                count += 1
                tqdm.write(f"{page.relative_to(ROOT)}, {kind}:\n{answer}\n")
    print(f"{len(pages)} pages on {len(KINDS)} kinds of processors and {NUDGED}: {count} refused")
    return bool(count)


if __name__ == "__main__":
    sys.exit(main())
