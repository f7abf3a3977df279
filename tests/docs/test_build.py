"""How the site is built and what it hands out, without building it: that is what the scripts in ``checks`` do."""

import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

notebooks = pytest.importorskip("notebooks", reason="needs the docs requirements")
whole = pytest.importorskip("whole", reason="needs the docs requirements")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def build(tmp_path, monkeypatch):
    """The script that builds the site, in a house of its own."""
    spec = importlib.util.spec_from_file_location("build_site", ROOT / "docs" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    docs = tmp_path / "docs"
    for name, path in {"ROOT": tmp_path, "DOCS": docs, "BUILD": docs / "_build"}.items():
        monkeypatch.setattr(module, name, path)
    monkeypatch.setattr(module, "GENERATED", (docs / "gallery", docs / "api"))
    for file in ("optguide/a.py", "optguide/render/web/player.js", "docs/conf.py", "docs/_templates/layout.html",
                 "docs/refs.bib", "gallery/x/plot_a.py", "README.md"):  # fmt: skip
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(file)
    return module


@pytest.mark.parametrize(
    ("file", "executes"),
    [
        ("optguide/a.py", True),
        ("optguide/render/web/player.js", True),
        ("docs/conf.py", True),
        ("docs/_templates/layout.html", False),
        ("docs/refs.bib", False),
        ("gallery/x/plot_a.py", False),
        ("README.md", False),
    ],
)
def test_the_builder_sees_every_file_that_changes_moves_or_goes(build, tmp_path, file, executes):
    def both():
        return build.digest(build.PACKAGE), build.digest((*build.PACKAGE, *build.TEXTS))

    path = tmp_path / file
    before, time = both(), path.stat()
    path.write_text(file[::-1])
    os.utime(path, (time.st_atime, time.st_mtime))  # an older file may take the place of a newer one
    changed = both()
    path.rename(path.with_name("b"))
    moved = both()
    path.with_name("b").unlink()
    gone = both()
    for other in (changed, moved, gone):
        assert other[1] != before[1]
        assert (other[0] != before[0]) == executes
    assert changed[1] not in (moved[1], gone[1])


def test_the_builder_knows_what_the_site_is_made_with_and_leaves_out_what_only_tests_need(build):
    names = {line.split()[0] for line in build.installed()}
    assert {"torch", "matplotlib", "sphinx", "sphinx-gallery", "pydata-sphinx-theme"} <= names
    assert not {"pytest", "playwright", "ruff"} & names


def test_the_builder_does_not_mistake_what_it_made_for_what_it_is_made_from(build, tmp_path):
    before = build.digest(build.TEXTS)
    for made in ("docs/_build/html/index.html", "docs/gallery/x/plot_a.rst", "docs/api/index.rst"):
        (tmp_path / made).parent.mkdir(parents=True)
        (tmp_path / made).write_text("made")
    assert build.digest(build.TEXTS) == before
    (tmp_path / "gallery/gallery").mkdir()
    (tmp_path / "gallery/gallery/plot_a.py").write_text("a page")
    assert build.digest(build.TEXTS) != before


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page that was executed and written, in the folder of the site's texts."""
    for folder in ("gallery/x", "docs/gallery/x"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "plot_a.py").write_text("code")
    (tmp_path / "docs/gallery/x/images").mkdir()
    monkeypatch.setenv("OPTGUIDE_BUILDER", str(os.getpid()))
    page = tmp_path / "docs/gallery/x/plot_a.py"
    whole.note({"src_dir": str(tmp_path / "docs")}, "plot_a.py", "before")
    for suffix in whole.PARTS:
        page.with_suffix(suffix).write_text(suffix)
    (page.parent / "images/sphx_glr_plot_a_001.webp").touch()
    whole.note({"src_dir": str(tmp_path / "docs")}, "plot_a.py", "after")
    return page


def remembered(page):
    whole.forget(SimpleNamespace(srcdir=str(page.parents[2])))
    return page.with_suffix(".py.md5").exists()


def test_a_page_that_was_finished_is_not_executed_again(page):
    assert remembered(page)


@pytest.mark.parametrize("suffix", [*whole.PARTS[1:], ".done"])
@pytest.mark.parametrize("content", [None, "", "older"])
def test_a_page_with_a_part_missing_cut_or_of_another_day_is_executed_again(page, suffix, content):
    page.with_suffix(suffix).unlink()
    if content is not None:
        page.with_suffix(suffix).write_text(content)
    assert not remembered(page)


def test_a_page_is_not_finished_while_it_is_executed(page):
    whole.note({"src_dir": str(page.parents[2])}, "plot_a.py", "before")
    assert not remembered(page)


def test_nothing_is_left_of_a_page_that_is_gone(page):
    (page.parents[3] / "gallery/x/plot_a.py").unlink()
    page.with_name("plot_ab.py").write_text("another")
    (page.parents[3] / "gallery/x/plot_ab.py").write_text("another")
    remembered(page)
    assert [path.name for path in page.parent.iterdir() if path.is_file()] == ["plot_ab.py"]


def test_pictures_of_an_earlier_execution_are_not_kept(page):
    images = page.parent / "images"
    (images / "thumb").mkdir()
    for name in ("plot_a_002", "plot_a_002_light", "plot_a_thumb", "plot_ab_001", "plot_ab_thumb"):
        (images / ("thumb" if "thumb" in name else "") / f"sphx_glr_{name}.webp").touch()
    whole.note({"src_dir": str(page.parents[2])}, "plot_a.py", "before")
    assert sorted(p.stem for p in images.rglob("*.webp")) == ["sphx_glr_plot_ab_001", "sphx_glr_plot_ab_thumb"]
    with pytest.raises(whole.ExtensionError, match=r"plot_a.py wants picture 1 for its thumbnail, and has 0"):
        whole.note({"src_dir": str(page.parents[2])}, "plot_a.py", "after")
    assert not remembered(page)


WORKER = """
import sys, time
sys.path.insert(0, {folder!r})
import whole
whole.end_with_the_build()
print("ready", flush=True)
time.sleep(20)
print("went on alone", flush=True)
"""
BUILDER = """
import os, subprocess, sys
os.environ["OPTGUIDE_BUILDER"] = str(os.getpid())
subprocess.run([sys.executable, "-c", sys.argv[1]])
"""


def test_a_process_that_executes_pages_ends_with_the_build():
    code = WORKER.format(folder=str(ROOT / "docs" / "_ext"))
    with subprocess.Popen([sys.executable, "-c", BUILDER, code], stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout.readline() == "ready\n"
        builder.kill()
        assert builder.stdout.read() == "", "it ends when nobody can write any more"


def notebook(*codes):
    cells = [{"cell_type": "markdown", "source": ["# import nothing"]}]
    return json.dumps({"cells": [*cells, *({"cell_type": "code", "source": code} for code in codes)]})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return notebooks.build_wheel(tmp_path_factory.mktemp("wheel"))


def first_cell(wheel, address, *codes):
    text = notebooks.with_install_cell(notebook(*codes), wheel, address)
    assert notebooks.with_install_cell(text, wheel, address) == text, "the cell stands there once"
    return "".join(json.loads(text)["cells"][0]["source"])


def test_the_wheel_is_the_same_for_the_same_tree(wheel, tmp_path):
    assert notebooks.build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_a_notebook_installs_optguide_and_what_else_it_imports(wheel):
    cell = first_cell(wheel, "", "import torch\nimport json, sympy as sp", "from sklearn.datasets import load_digits")
    assert "%pip install --quiet {wheel} scikit-learn sympy\n" in cell
    assert first_cell(wheel, "", "import optguide as og").count("{wheel}\n") == 2
    with pytest.raises(notebooks.ExtensionError, match="a page imports pandas: say in PACKAGES"):
        first_cell(wheel, "", "import pandas")


def run_cell(cell, tmp_path, monkeypatch, installed):
    """What a cell's Python does; its magics are left out."""
    monkeypatch.chdir(tmp_path)
    optguide = SimpleNamespace(read_text=lambda file: installed)
    monkeypatch.setattr("importlib.metadata.distribution", lambda name: optguide)
    names = {}
    exec("\n".join(line for line in cell.splitlines() if not line.startswith("%pip")), names)
    return str(names["wheel"])


def test_a_notebook_finds_the_wheel_on_the_site_or_beside_itself(wheel, tmp_path, monkeypatch):
    digest = notebooks.hashlib.sha256(wheel.read_bytes()).hexdigest()
    address = run_cell(first_cell(wheel, "https://a.org/og/"), tmp_path, monkeypatch, digest)
    assert address == f"https://a.org/og/_static/{wheel.name}"
    cell = first_cell(wheel, "")
    here = tmp_path / "_downloads" / "abc"
    here.mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=f"copy {wheel.name} from the site's folder _static"):
        run_cell(cell, here, monkeypatch, digest)
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / wheel.name).touch()
    assert run_cell(cell, here, monkeypatch, digest) == f"../../_static/{wheel.name}"
    (here / wheel.name).touch()
    assert run_cell(cell, here, monkeypatch, digest) == wheel.name
    for other in ("0" * 64, None):
        with pytest.raises(AssertionError, match="pip has not installed the optguide of this page"):
            run_cell(cell, here, monkeypatch, other)


def test_a_zip_does_not_depend_on_the_hour_or_the_order(wheel, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)

    def zipped(names, year, more=()):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name in names:
                file.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), f"of {name}")
        return notebooks.same_zip(out.getvalue(), str.upper, dict(more))

    one = zipped(["a.py", "b.ipynb"], 2001)
    assert one == zipped(["b.ipynb", "a.py"], 2002)
    with zipfile.ZipFile(io.BytesIO(zipped(["b.ipynb", "a.py"], 2002, {"x.whl": b"w"}))) as file:
        assert {name: file.read(name) for name in file.namelist()} == {
            "a.py": b"of a.py", "b.ipynb": b"OF B.IPYNB", "x.whl": b"w"}  # fmt: skip
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    dated = zipped(["a.py"], 2001)
    assert zipfile.ZipFile(io.BytesIO(dated)).infolist()[0].date_time == (2023, 11, 14, 22, 13, 20)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"site_repository": "owner/name", "html_baseurl": ""}, "like owner/name@gh-pages"),
        ({"site_repository": "", "html_baseurl": "example.org"}, "like https://example.org/optguide/"),
    ],
)
def test_the_settings_of_the_site_are_checked(settings, message):
    with pytest.raises(notebooks.ConfigError, match=message):
        notebooks.check(None, SimpleNamespace(**settings))


@pytest.mark.parametrize(
    ("address", "repository", "links"),
    [("https://a.org", "me/og@gh-pages", 2), ("", "me/og@gh-pages", 0), ("https://a.org", "", 0)],
)
def test_colab_and_binder_open_a_notebook_when_the_place_of_the_site_is_known(address, repository, links):
    nodes = notebooks.nodes
    download = notebooks.addnodes.download_reference("", "", filename="abc/plot_a.ipynb")
    tree = nodes.container("", nodes.container("", nodes.paragraph("", "", download)))
    config = SimpleNamespace(html_baseurl=address, site_repository=repository)
    notebooks.link(SimpleNamespace(config=config), tree, "page")
    found = [node["refuri"] for node in tree.findall(nodes.reference) if "refuri" in node]
    assert found == [
        "https://colab.research.google.com/github/me/og/blob/gh-pages/_downloads/abc/plot_a.ipynb",
        "https://mybinder.org/v2/gh/me/og/gh-pages?labpath=_downloads%2Fabc%2Fplot_a.ipynb",
    ][:links]
