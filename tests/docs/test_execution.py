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
{setting}
import warnings

import matplotlib.pyplot as plt

figure = plt.figure()

# %%
# More words.

{code}
"""
CASES = {
    "nothing": ("", "", ""),
    "a warning": ("", "warnings.warn('mind', FutureWarning)", "FutureWarning: mind"),
    "a warning that is not shown": ("", "warnings.warn('mind', DeprecationWarning)", "DeprecationWarning: mind"),
    "a thumbnail that is not there": (
        "# sphinx_gallery_thumbnail_number = 2",
        "",
        "plot_a.py wants picture 2 for its thumbnail, and has 1",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_a_page_stops_the_build(tmp_path, case):
    setting, code, message = CASES[case]
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("_ext", "_static", "_templates", "conf.py", "refs.bib", "learning-path.md"):
        (docs / name).symlink_to(ROOT / "docs" / name)
    for name in ("optguide", "LICENSE"):
        (tmp_path / name).symlink_to(ROOT / name)
    (docs / "index.rst").write_text("A\n=\n")
    for section in ("foundations", "optimizers", "landscapes", "signals", "comparisons"):
        (tmp_path / "gallery" / section).mkdir(parents=True)
        (tmp_path / "gallery" / section / "GALLERY_HEADER.rst").write_text("A\n=\n\nWords.\n")
    pages = tmp_path / "gallery" / "signals"
    (pages / "plot_a.py").write_text(PAGE.format(setting=setting, code=code))
    (pages / "plot_b.py").write_text(PAGE.format(setting="", code=""))  # two pages are executed side by side
    command = [sys.executable, "-m", "sphinx", "-b", "dummy", "docs", "docs/_build"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (built.returncode != 0) == bool(message), built.stderr
    assert message in built.stderr
    assert (docs / "gallery" / "signals" / "plot_a.done").exists() != bool(message)
