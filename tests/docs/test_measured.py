"""Numbers in the text of a page: what its run gave, where and when."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

measured = pytest.importorskip("measured", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]

CONF = """
import sys
sys.path.insert(0, {folder!r})
extensions = ["sphinx_gallery.gen_gallery", "measured"]
sphinx_gallery_conf = {{
    "examples_dirs": ["../gallery/x"], "gallery_dirs": ["gallery/x"], "image_scrapers": ["measured.scrape"],
    "parallel": {processes}, "write_computation_times": False, "min_reported_time": 1e6, "abort_on_example_error": True,
    "filename_pattern": "plot_",
}}
"""
PAGE = '''\
"""
A page
======

After the first cell x is :n:`x:d`.
"""

x = 1

# %%
# Before the second, x is :n:`x:d`, (:n:`names["a
# b"][x]`) and :n:`x`. Its name comes later: :n:`late`.

x, names = 2, {"a b": "_*nothing*, one, two".split(", ")}

# %%
# Two texts
# ---------
# :n:`x`. This is no list; ``code`` is.

# %%
# Once more :n:`x`.

x, late = 3, "late"

# %%
# After the last cell x is :n:`x`.
'''


@pytest.fixture
def tree(tmp_path):
    for folder in ("docs", "gallery/x"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs" / "conf.py").write_text(CONF.format(folder=str(ROOT / "docs" / "_ext"), processes=1))
    (tmp_path / "docs" / "index.rst").write_text("A site\n======\n\n.. toctree::\n\n   gallery/x/index\n")
    (tmp_path / "gallery" / "x" / "GALLERY_HEADER.rst").write_text("Pages\n=====\n")
    for name in ("plot_a", "plot_b"):
        (tmp_path / "gallery" / "x" / f"{name}.py").write_text(PAGE)
    return tmp_path


def build(tree, *options):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", *options, "-b", "html", "docs", "html"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True)


def words(tree, page="plot_a"):
    text = (tree / "html" / "gallery" / "x" / f"{page}.html").read_text()
    found = [" ".join(re.sub("<[^>]+>", "", part).split()) for part in re.findall(r"(?s)<p>(.*?)</p>", text)]
    return found[1:]  # sphinx-gallery's own comes first


def test_a_number_is_what_the_run_gave_after_the_cell_that_follows_the_text(tree):
    page = tree / "gallery" / "x" / "plot_c.py"
    page.write_text(PAGE)
    conf = tree / "docs" / "conf.py"
    conf.write_text(
        conf.read_text().replace('"parallel": 1', '"parallel": 2')
    )  # what was found in other processes, too
    assert build(tree).stderr == ""
    said = [
        "After the first cell x is 1.",
        "Before the second, x is 2, (two) and 2. Its name comes later: late.",
        "3. This is no list; code is.",
        "Once more 3.",
        "After the last cell x is 3.",
    ]
    assert words(tree)[: len(said)] == words(tree, "plot_b")[: len(said)] == said
    assert 'tooltip="After the first cell x is 1."' in (tree / "html" / "gallery" / "x" / "index.html").read_text()
    kept = tree / "docs" / "gallery" / "x" / "plot_a.numbers.json"
    first = kept.read_bytes(), kept.stat().st_mtime_ns
    page.write_text(PAGE.replace("x, late = 3", "x, late = 4"))
    page.with_name("plot_b.py").write_text(re.sub(":n:`[^`]+`", "it", PAGE))
    assert build(tree, "-E").stderr == ""
    assert (kept.read_bytes(), kept.stat().st_mtime_ns) == first, "it was not executed again"
    assert words(tree)[: len(said)] == said
    assert words(tree, "plot_c")[3:5] == ["Once more 4.", "After the last cell x is 4."]
    assert not kept.with_name("plot_b.numbers.json").exists()


def test_what_cannot_be_evaluated_stops_the_build(tree):
    (tree / "gallery" / "x" / "plot_b.py").write_text(PAGE.replace("Once more :n:`x`", "Once more :n:`y`"))
    built = build(tree)
    assert built.returncode != 0
    assert "plot_b.py, line 22: 'y' gives no number" in built.stderr and "name 'y' is not defined" in built.stderr


@pytest.mark.parametrize("field", ["y", "x:.1q", "x +", "x["])
def test_what_cannot_be_evaluated_is_named_with_its_page_and_line(field):
    text = SimpleNamespace(content=f"Two\n\n:n:`{field}`", lineno=5)
    with pytest.raises(measured.ExtensionError, match=rf"plot_a.py, line 7: '{re.escape(field)}' gives no number"):
        list(measured.told([text], "plot_a.py", {"x": 1}, [], last=True))


def test_a_page_that_was_not_executed_says_so(tree):
    built = build(tree, "-D", "sphinx_gallery_conf.filename_pattern=plot_b", "--keep-going")
    assert "plot_a: no run gave 'x:d', 'x:d', 'names[\"a b\"][x]'" in built.stderr and "plot_b:" not in built.stderr
    assert words(tree)[0] == "After the first cell x is …."


@pytest.mark.parametrize("text", ["x} and {x", "x=", "''", "'a\\nb'", "", "x:{'1'"])
def test_a_field_is_one_expression_that_gives_a_word(text):
    with pytest.raises((ValueError, SyntaxError)):
        measured.evaluate(text, {"x": 1})


def test_a_field_is_that_of_an_f_string():
    names = {"x": 0.12345, "d": {"a": 2}}
    got = [measured.evaluate(text, names) for text in ("x:.2g", "x:.0%", "d['a']", 'd["a"]:03d', "x:.{d['a']}f", "x!s")]
    assert got == ["0.12", "12%", "2", "002", "0.12", "0.12345"]
    assert set(names) == {"x", "d"}
