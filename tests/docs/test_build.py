"""How the site is built and what it hands out, seen on a site of two pages."""

import importlib.util
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

import optguide as og

notebooks = pytest.importorskip("notebooks", reason="needs the docs requirements")
whole = pytest.importorskip("whole", reason="needs the docs requirements")

ROOT = Path(__file__).parents[2]


CONF = """
import sys
sys.path.insert(0, {folder!r})
extensions = ["sphinx_gallery.gen_gallery", "whole"]
sphinx_gallery_conf = {{
    "examples_dirs": ["../gallery/x"], "gallery_dirs": ["gallery/x"], "reset_modules": ["whole.note"],
    "reset_modules_order": "both", "parallel": 2, "write_computation_times": False, "min_reported_time": 1e6,
}}
"""
#: Stops the build while it executes a page, and looks whether that page goes on alone.
KILLER = """
import os, signal, time
if os.path.exists({flag!r}):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1)
    os.rename({flag!r}, {flag!r} + ".alone")
"""


class Tree:
    """A small site: the script that builds ours, and two pages."""

    def __init__(self, root):
        self.root, self.site, self.flag = root, root / "docs" / "_build" / "html", root / "kill"
        for folder in ("docs", "gallery/x", "optguide"):
            (root / folder).mkdir(parents=True)
        (root / "docs" / "build.py").write_bytes((ROOT / "docs" / "build.py").read_bytes())
        (root / "docs" / "conf.py").write_text(CONF.format(folder=str(ROOT / "docs" / "_ext")))
        (root / "docs" / "index.rst").write_text("A site\n======\n\n.. toctree::\n\n   gallery/x/index\n")
        (root / "gallery" / "x" / "GALLERY_HEADER.rst").write_text("Pages\n=====\n")
        self.write("first")

    def write(self, title):
        for name in ("plot_a", "plot_b"):
            code = KILLER.format(flag=str(self.flag)) if name == "plot_b" else "print(1)\n"
            text = f'"""\n{title}\n{"=" * len(title)}\n"""\n{code}'
            (self.root / "gallery" / "x" / f"{name}.py").write_text(text)

    def build(self, **options):
        command = [sys.executable, "docs/build.py", "--quiet", "-W"]
        return subprocess.run(command, cwd=self.root, stdout=subprocess.DEVNULL, **options)

    def pages(self):
        return {path.relative_to(self.site): path.read_text() for path in self.site.rglob("*.html")}


def test_a_killed_build_leaves_the_site_before_it_and_the_next_build_recovers(tmp_path):
    tree = Tree(tmp_path)
    assert tree.build().returncode == 0
    first = tree.pages()
    tree.write("second")
    tree.flag.touch()
    assert tree.build().returncode == -signal.SIGKILL
    assert tree.pages() == first, "the site is still the one before, whole"
    time.sleep(2)
    assert tree.flag.exists(), "who executes a page ends with the build"
    tree.flag.unlink()
    assert tree.build().returncode == 0
    second = tree.pages()
    assert second.keys() == first.keys() and all("second" in second[path] for path in second if "plot_" in path.name)
    assert sorted(path.name for path in tree.site.parent.iterdir()) == ["doctrees", "html", "package.stamp"]


def test_a_page_that_wants_a_thumbnail_which_is_not_there_stops_the_build(tmp_path):
    tree = Tree(tmp_path)
    with (tmp_path / "gallery" / "x" / "plot_a.py").open("a") as page:
        page.write("# sphinx_gallery_thumbnail_number = 2\n")
    built = tree.build(stderr=subprocess.PIPE, text=True)
    assert built.returncode > 0 and "plot_a.py wants picture 2 for its thumbnail, and has 0" in built.stderr


@pytest.fixture
def build(tmp_path, monkeypatch):
    """The script that builds the site, in a house of its own."""
    spec = importlib.util.spec_from_file_location("build_site", ROOT / "docs" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    docs = tmp_path / "docs"
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "DOCS", docs)
    monkeypatch.setattr(module, "GENERATED", (docs / "gallery", docs / "api"))
    for name, path in vars(module).items():
        if isinstance(path, Path) and path.is_relative_to(ROOT / "docs" / "_build"):
            monkeypatch.setattr(module, name, docs / path.relative_to(ROOT / "docs"))
    docs.mkdir()
    return module


def test_a_site_appears_whole_or_not_at_all(build, monkeypatch):
    def sphinx(arguments):
        seen.append([build.DOCTREES.exists(), build.GENERATED[0].exists()])
        out = Path(arguments[-1])
        for folder in (build.DOCTREES, build.GENERATED[0], out):
            folder.mkdir(exist_ok=True)
        assert not list(out.iterdir()), "it begins from nothing"
        (out / "index.html").write_text(f"{len(seen)}")
        (out / ".buildinfo").touch()
        if ends[0] == "killed":
            raise KeyboardInterrupt
        return ends.pop(0)

    def index():
        path = build.SITE / "index.html"
        return path.read_text() if path.exists() else None

    seen, ends = [], ["killed", 0, 1, 0, 0, "killed", 0]
    monkeypatch.setattr(build, "sphinx", sphinx)
    sites = []
    while ends:
        if ends[0] == "killed":
            with pytest.raises(KeyboardInterrupt):
                build.main([])
            ends.pop(0)
        else:
            build.main([])
        sites.append(index())
    assert sites == [None, "2", "2", "4", "5", "5", "7"]
    # What was parsed is forgotten after a build that did not end well, or its warnings would not come again.
    assert [parsed for parsed, _ in seen] == [False, False, True, False, True, True, False]
    assert [executed for _, executed in seen] == [False, *[True] * 6]
    assert not (build.NEW.exists() or build.OLD.exists() or build.UNFINISHED.exists())


@pytest.mark.parametrize(
    ("file", "executes"),
    [
        ("optguide/a.py", True),
        ("optguide/render/web/player.js", True),
        ("docs/conf.py", True),
        ("docs/_ext/media.py", True),
        ("docs/refs.bib", False),
        ("gallery/x/plot_a.py", False),
        ("optguide/__pycache__/a.pyc", False),
    ],
)
def test_pages_are_executed_again_when_what_they_are_made_with_changes_moves_or_goes(build, tmp_path, file, executes):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    seen = [build.package()]
    path.write_text(file)
    seen.append(build.package())
    times = path.stat()
    path.write_text(file[::-1])
    os.utime(path, (times.st_atime, times.st_mtime))  # an older file may take the place of a newer one
    seen.append(build.package())
    path = path.rename(path.with_stem("b"))
    seen.append(build.package())
    assert len(set(seen)) == (1 if not executes else 3 if file == "docs/conf.py" else 4)
    path.unlink()
    assert build.package() == seen[0]


def test_pages_are_executed_again_with_other_versions_of_what_the_site_needs(build, monkeypatch):
    asked = []
    monkeypatch.setattr(build, "version", lambda name: asked.append(name) or "1")
    before = build.package()
    assert {"torch", "matplotlib", "sphinx", "sphinx-gallery", "pydata-sphinx-theme"} <= set(asked)
    assert not {"pytest", "playwright", "ruff"} & set(asked)
    monkeypatch.setattr(build, "version", lambda name: "2" if name == "matplotlib" else "1")
    assert build.package() != before


def test_a_page_is_executed_again_unless_it_was_finished_and_goes_with_its_source(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTGUIDE_BUILDER", str(os.getpid()))
    for folder in ("gallery/x", "docs/gallery/x"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in ("plot_a.py", "plot_ab.py"):
            (tmp_path / folder / name).write_text("code")
    md5 = tmp_path / "docs/gallery/x/plot_a.py.md5"

    def remembered(*calls):
        md5.touch()
        for when in calls:
            whole.note({"src_dir": str(tmp_path / "docs")}, "plot_a.py", when)
        whole.forget(SimpleNamespace(srcdir=str(tmp_path / "docs")))
        return md5.exists()

    assert not remembered()
    assert remembered("before", "after")
    assert remembered()
    assert not remembered("before")
    remembered("before", "after")
    (tmp_path / "gallery/x/plot_a.py").unlink()
    remembered()
    assert [path.name for path in md5.parent.iterdir()] == ["plot_ab.py"]


def test_pictures_of_an_earlier_execution_are_gone_and_one_that_is_asked_for_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTGUIDE_BUILDER", str(os.getpid()))
    images = tmp_path / "docs/gallery/x/images"
    (images / "thumb").mkdir(parents=True)
    (images.parent / "plot_a.py").write_text("# sphinx_gallery_thumbnail_number = 1\n")
    old = ("plot_a_002", "plot_a_002_light", "thumb/plot_a_thumb", "thumb/plot_a_thumb_light")
    for name in (*old, "plot_ab_001", "thumb/plot_ab_thumb"):
        (images / name).with_name(f"sphx_glr_{Path(name).name}.webp").touch()
    note = partial(whole.note, {"src_dir": str(tmp_path / "docs")}, "plot_a.py")
    note("before")
    assert sorted(p.stem for p in images.rglob("*.webp")) == ["sphx_glr_plot_ab_001", "sphx_glr_plot_ab_thumb"]
    with pytest.raises(whole.ExtensionError, match=r"plot_a.py wants picture 1 for its thumbnail, and has 0"):
        note("after")
    assert not (images.parent / "plot_a.done").exists()
    (images / "thumb" / "sphx_glr_plot_a_thumb_dark.webp").touch()
    note("after")
    assert (images.parent / "plot_a.done").exists()


def notebook(*codes):
    cells = [{"cell_type": "markdown", "source": ["# import nothing"]}]
    return json.dumps({"cells": [*cells, *({"cell_type": "code", "source": code} for code in codes)]})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return notebooks.build_wheel(tmp_path_factory.mktemp("wheel"))


def installing(wheel, address, *codes):
    """The cell that installs, of a notebook with these cells."""
    made = json.loads(notebook(*codes))
    notebooks.with_install_cell(made, wheel, address)
    assert made["cells"][0] == json.loads(notebook())["cells"][0], "the title comes first"
    return "".join(made["cells"][1]["source"])


def test_the_wheel_is_the_same_for_the_same_tree(wheel, tmp_path):
    assert notebooks.build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_the_link_to_the_wheel_names_its_file(wheel):
    role = notebooks.WheelLink()
    env = SimpleNamespace(docname="a/b", config=SimpleNamespace(release=og.__version__))
    role.text, role.inliner = "it", SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env)))
    ((link,), messages) = role.run()
    assert link["refuri"] == f"../_static/{wheel.name}" and not messages


def test_a_notebook_installs_optguide_and_what_else_it_imports(wheel):
    codes = "import torch\nimport json, sympy as sp", "from sklearn.datasets import load_digits"
    cell = installing(wheel, "https://a.org/og/", *codes)
    assert cell.endswith(f"    %pip install --quiet https://a.org/og/_static/{wheel.name} scikit-learn sympy")
    assert installing(wheel, "", "import optguide as og").endswith(f"    %pip install --quiet {wheel.name}")
    assert installing(wheel, "", "og.problems.digits()").endswith(f"{wheel.name} scikit-learn")
    assert "in the zip of this page" in installing(wheel, "", "") and '"CPU"' in cell
    with pytest.raises(notebooks.ExtensionError, match="a page imports pandas: say in PACKAGES"):
        installing(wheel, "", "import pandas")


@pytest.mark.parametrize(("code", "installs"), [("import sklearn, optguide", False), ("import sympy", True)])
def test_a_notebook_installs_only_what_is_not_there(wheel, monkeypatch, code, installs):
    asked = []
    python = installing(wheel, "", code).replace("%pip", "pip(") + ")"
    python = re.sub(r"pip\( .*\)", "pip()", python)
    find = "importlib.util.find_spec"
    monkeypatch.setattr(find, lambda name: None if name == "sympy" else name)
    exec(python, {"pip": lambda: asked.append(1)})
    assert bool(asked) == installs


def test_a_zip_does_not_depend_on_the_hour_or_the_order(wheel, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)

    def zipped(names, year, more=()):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name in names:
                file.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), f"of {name}")
        return notebooks.same_zip(out.getvalue(), lambda text, name: text.upper(), dict(more))

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
    assert (
        found
        == [
            "https://colab.research.google.com/github/me/og/blob/gh-pages/_downloads/abc/plot_a.ipynb",
            "https://mybinder.org/v2/gh/me/og/gh-pages?labpath=_downloads%2Fabc%2Fplot_a.ipynb",
        ][:links]
    )
