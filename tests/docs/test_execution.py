"""What stops the execution of a page. Each build here has the settings of the site, and pages of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("scraper", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]

PAGE = """\
\"\"\"
A page
======

Words.
\"\"\"

import warnings

import matplotlib.pyplot as plt

figure = plt.figure()

# %%
# More words.

{code}
"""
#: A warning that Python does not show unless it is asked to, and one that it shows.
WARNINGS = """
try:
    warnings.warn("hidden", DeprecationWarning)
except DeprecationWarning:
    warnings.warn("shown", FutureWarning)
"""


def test_any_warning_of_a_page_stops_the_build(tmp_path):
    """That pages without one are executed under these settings, the site itself shows."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("_ext", "_static", "_templates", "conf.py", "refs.bib", "learning-path.md", "inventories"):
        (docs / name).symlink_to(ROOT / "docs" / name)
    for name in ("optguide", "checks", "LICENSE", "CHANGELOG.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    (docs / "index.rst").write_text("A\n=\n")
    for section in ("foundations", "optimizers", "landscapes", "signals", "comparisons"):
        (tmp_path / "gallery" / section).mkdir(parents=True)
        (tmp_path / "gallery" / section / "GALLERY_HEADER.rst").write_text("A\n=\n\nWords.\n")
    pages = tmp_path / "gallery" / "signals"
    (pages / "plot_a.py").write_text(PAGE.format(code=WARNINGS))
    (pages / "plot_b.py").write_text(PAGE.format(code=""))  # two pages are executed side by side
    # Pages are executed before any document is read, and the interface takes long to read.
    command = [sys.executable, "-m", "sphinx", "-D", "exclude_patterns=api,gallery", "-b", "dummy", "docs", "built"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode != 0 and "FutureWarning: shown" in built.stderr, built.stderr
    assert not (docs / "gallery" / "signals" / "plot_a.done").exists()
