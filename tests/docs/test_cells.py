"""What a downloaded notebook says, far from the site."""

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

cells = pytest.importorskip("cells", reason="needs the docs requirements")
pypandoc = pytest.importorskip("pypandoc", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]
DOCNAME = "gallery/optimizers/plot_adam"
TITLES = {DOCNAME: "Adam", "gallery/optimizers/plot_sgd": "SGD", "gallery/signals/plot_overview": "One signal"}


@pytest.fixture(scope="module")
def literature():
    from pybtex.database import parse_file

    return parse_file(str(ROOT / "docs" / "refs.bib"))


def site(literature, address=""):
    titles = {name: SimpleNamespace(astext=lambda title=title: title) for name, title in TITLES.items()}
    domain = SimpleNamespace(bibdata=SimpleNamespace(data=literature))
    return cells.Site(SimpleNamespace(titles=titles, get_domain=lambda name: domain), address)


def finished(text, tmp_path, site):
    """The cells of a notebook with this text, as sphinx-gallery and then the build make it."""
    options = {"--to=markdown_strict+tex_math_dollars+pipe_tables+backtick_code_blocks", "--wrap=none"}
    lua = str(ROOT / "docs" / "_ext" / "notebook.lua")
    markdown = pypandoc.convert_text(text, to="md", format="rst", extra_args=sorted(options), filters=[lua])
    notebook = {"cells": [{"cell_type": "markdown", "source": [markdown]}]}
    cells.finish_texts(notebook, tmp_path / "plot_adam.py", DOCNAME, site)
    return ["".join(cell["source"]).strip() for cell in notebook["cells"]]


TEXT = """\
See :ref:`plain descent <sphx_glr_gallery_optimizers_plot_sgd.py>` read
:ref:`sphx_glr_gallery_optimizers_plot_sgd.py`,
:doc:`plot_sgd`, :doc:`signals </gallery/signals/plot_overview>` and :cite:t:`dixon1978`, :cite:t:`impactcrater2024`.
"""


def test_links_and_citations_survive_where_the_address_is_known(tmp_path, literature):
    text, end = finished(TEXT, tmp_path, site(literature, "https://a.org/og/"))
    sgd = "https://a.org/og/gallery/optimizers/plot_sgd.html"
    assert text == (
        f"See [plain descent]({sgd}) read [SGD]({sgd}), [SGD]({sgd}), "
        "[signals](https://a.org/og/gallery/signals/plot_overview.html) and Dixon and Szegö (1978), "
        "ImpactCrater (2024)."
    )
    assert end.startswith("## References\n\n- L. C. W. Dixon and G. P. Szegö. The global optimization problem")
    assert "This notebook is the page [Adam](https://a.org/og/gallery/optimizers/plot_adam.html) of optguide" in end


def test_without_an_address_links_are_words(tmp_path, literature):
    text, end = finished(TEXT, tmp_path, site(literature))
    assert text.startswith("See plain descent read SGD, SGD, signals and Dixon and Szegö (1978)")
    assert "This notebook is the page Adam of optguide" in end and "](" not in text
    assert finished("No citation.", tmp_path, site(literature))[1].startswith("This notebook")


def test_a_link_to_a_page_that_is_not_there_stops_the_build(tmp_path, literature):
    with pytest.raises(
        cells.ExtensionError, match=r"plot_adam.py: its notebook links gallery/x/plot_y, which is no page"
    ):
        finished(":doc:`/gallery/x/plot_y`", tmp_path, site(literature))


PROOF = "\n# proof: ``x`` is what\n# it :math:`=`\nassert x == 1\n"


def test_a_proof_is_a_closed_cell_that_says_whether_it_holds(capsys):
    notebook = {
        "cells": [
            {"cell_type": "code", "source": ["x = 1"], "metadata": {}},
            {"cell_type": "code", "source": [PROOF], "metadata": {"collapsed": False}},
        ]
    }
    cells.fold_proofs(notebook)
    first, proof = notebook["cells"]
    assert first == {"cell_type": "code", "source": ["x = 1"], "metadata": {}}
    assert proof["metadata"] == {"jupyter": {"source_hidden": True}, "tags": ["proof", "hide-input"]}
    exec("".join(proof["source"]), {"x": 1})
    exec("".join(proof["source"]), {"x": 2})
    assert capsys.readouterr().out == f"✓ `X` is what it $=$\n{cells.FAILS} `X` is what it $=$\n".replace("X", "x")


def test_a_proof_that_another_layout_would_change_is_refused():
    with pytest.raises(cells.ExtensionError, match="holds a text of several lines"):
        cells.proof_cell("A", "assert x == '''a\nb'''")


def test_whoever_runs_the_notebooks_sees_a_proof_that_fails(tmp_path):
    checks = runpy.run_path(str(ROOT / "checks" / "notebooks.py"))  # another module has its name
    assert checks["FAILS"] == cells.FAILS
    output = {"output_type": "stream", "text": [f"{cells.FAILS} it is one\n"]}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}, {"cell_type": "markdown"}]}))
    assert checks["failed_proofs"](path) == f"{cells.FAILS} it is one"


def test_a_notebook_has_the_numbers_in_its_texts(tmp_path):
    page = tmp_path / "plot_a.py"
    page.with_suffix(".numbers.json").write_text(json.dumps([["x:d", "1"], ["a b", "_c_"], ["x:d", "2"]]))
    texts = ["x is [`x:d`](optguide:n).", "so [`a\nb`](optguide:n) and [`x:d`](optguide:n)"]
    found = [{"cell_type": "markdown", "source": [text]} for text in texts]
    found.insert(1, {"cell_type": "code", "source": ["x"]})
    cells.put_numbers({"cells": found}, page)
    assert [cell["source"] for cell in found] == [["x is 1."], ["x"], [r"so \_c\_ and 2"]]
