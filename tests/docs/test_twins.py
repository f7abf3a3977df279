"""Pages as Markdown for programs that read, in a site of a gallery page and two others."""

import json
import re
import warnings

import pytest

twins = pytest.importorskip("twins", reason="needs the docs requirements")
CELLS = [
    ("markdown", "# Adam\n\nIt divides by\nan average.\n"),
    ("code", f"{twins.INSTALLS} that this page was made with.\n%pip install x"),
    ("code", "race = og.race()\nrace"),
    ("markdown", "The ratio is 16.5."),
]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    folder = tmp_path_factory.mktemp("twins")
    (section := folder / "source" / "gallery" / "optimizers").mkdir(parents=True)
    (section / "plot_adam.rst").write_text("Adam\n====\n\nIt divides by\nan average.\n")
    (section / "index.rst").write_text("Optimizers\n==========\n\n.. toctree::\n\n   plot_adam\n")
    first = (
        "---\nhtml_theme.sidebar_secondary.remove: x\n---\n\n# Guide\n\nA guide to what optimizers do, in pictures.\n"
    )
    (folder / "source" / "index.md").write_text(f"{first}\n```{{toctree}}\ngallery/optimizers/index\n```\n")
    conf = {"extensions": ["myst_parser", "media", "share", "twins"], "html_baseurl": ""}
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        app = Sphinx(
            folder / "source", None, folder / "html", folder / "trees", "html", conf, exception_on_warning=True
        )
        (downloads := folder / "html" / "_downloads" / "0a").mkdir(parents=True)
        cells = [{"cell_type": kind, "source": text.splitlines(keepends=True)} for kind, text in CELLS]
        (downloads / "plot_adam.ipynb").write_text(json.dumps({"cells": cells}))
        app.build()
    return folder / "html"


def test_a_gallery_page_is_its_notebook_without_the_installation(html):
    text = (html / "gallery" / "optimizers" / "plot_adam.html.md").read_text()
    assert text == (
        "# Adam\n\nIt divides by\nan average.\n\n```python\nrace = og.race()\nrace\n```\n\nThe ratio is 16.5.\n"
    )


def test_another_page_is_its_source_without_what_only_the_theme_reads(html):
    assert (html / "index.html.md").read_text().startswith("# Guide\n\nA guide to what")


def test_the_list_names_every_page_by_its_part_with_what_it_claims_and_leads_to_it(html):
    text = (html / "llms.txt").read_text()
    assert text.startswith("# optguide\n\n> ")
    heads = re.findall("^## (.*)", text, re.MULTILINE)
    found = re.findall(r"^- \[(.*?)\]\((.*?)\): (.*)", text, re.MULTILINE)
    assert heads == ["The guide", "Optimizers"]
    assert found == [
        ("Guide", "index.html.md", "A guide to what optimizers do, in pictures."),
        ("Adam", "gallery/optimizers/plot_adam.html.md", "It divides by an average."),
    ]
    assert all((html / file).exists() for _, file, _ in found)


def test_a_page_leads_to_its_twin_and_one_without_does_not(html):
    pages = ["index", "gallery/optimizers/plot_adam", "gallery/optimizers/index", "genindex"]
    texts = [(html / f"{page}.html").read_text(encoding="utf-8") for page in pages]
    found = [re.findall(r'type="text/markdown" href="(.*?)"', text) for text in texts]
    assert found == [["index.html.md"], ["plot_adam.html.md"], [], []]
