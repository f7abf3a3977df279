"""Pages as sphinx-gallery writes them, in a site of two pages: what is folded, what is open, and the switch."""

import re
import warnings
from pathlib import Path

import pytest

folds = pytest.importorskip("folds", reason="needs the docs requirements")
DOCS = Path(__file__).parents[2] / "docs"

PAGE = """\
.. only:: html

    .. note::
        :class: sphx-glr-download-link-note

        :ref:`Go to the end <sphx_glr_download_page>`
        to download the full example code.

Page
====

The claim.

.. GENERATED FROM PYTHON SOURCE LINES 8-9

.. code-block:: Python


    import hero
    hero.picture

.. image:: hero.svg

.. GENERATED FROM PYTHON SOURCE LINES 10-11

Words.

.. code-block:: python

    no_cell = 1

.. GENERATED FROM PYTHON SOURCE LINES 12-13

.. code-block:: Python


    setup = 2

.. GENERATED FROM PYTHON SOURCE LINES 14-15

.. code-block:: Python


    shown

.. list-table:: Numbers

   * - 1

.. GENERATED FROM PYTHON SOURCE LINES 16-17

.. code-block:: Python


    {long}

.. rst-class:: sphx-glr-script-out

 .. code-block:: none

    printed

.. GENERATED FROM PYTHON SOURCE LINES 18-19

.. code-block:: Python


    # proof: the loss with ``lr=0.1`` is twice that of :math:`x^2`,
    # wherever it begins

    # a comment that stays
    assert True

.. _sphx_glr_download_page:

.. only:: html

  .. container:: sphx-glr-footer

     Downloads
"""
LONG = "\n    ".join(f"line_{i} = {i}" for i in range(folds.SHORT + 1))
OTHER = """\
Other
=====

.. GENERATED FROM PYTHON SOURCE LINES 1-2

.. code-block:: Python


    setup

.. GENERATED FROM PYTHON SOURCE LINES 3-4

.. code-block:: Python


    picture

.. image:: hero.svg
"""
PROOF = "proof-the-loss-with-lr-0-1-is-twice-that-of-x-2-wherever-it-begins"
CLOSED = "details:is(.code, .proof):not([open])"


def build(source, builder="html", **settings):
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    conf = {"extensions": ["folds"], **settings}
    out, doctrees = source.with_name(builder), source.with_name("doctrees")
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        Sphinx(source, None, out, doctrees, builder, conf, None, None, exception_on_warning=True).build()
    return out


def write(folder, **pages):
    """The source of a site: these pages and what lists them."""
    source = folder / "source"
    source.mkdir()
    (source / "hero.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    for name, text in pages.items():
        (source / f"{name}.rst").write_text(text)
    (source / "index.rst").write_text("Index\n=====\n\n.. toctree::\n\n   " + "\n   ".join(pages))
    return source


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write(tmp_path_factory.mktemp("folds"), page=PAGE.replace("{long}", LONG), other=OTHER)


@pytest.fixture(scope="module")
def html(source):
    theme = {"html_theme": "pydata_sphinx_theme", "html_static_path": [str(DOCS / "_static")]}
    theme |= {"html_css_files": ["custom.css"], "html_js_files": ["paper.js"]}
    return build(source, **theme)


@pytest.fixture(scope="module")
def page(html):
    """The article of the page, without the marks of the highlighter."""
    text = (html / "page.html").read_text(encoding="utf-8")
    return re.sub(r"</?span[^>]*>", "", re.search(r"<article.*</article>", text, re.DOTALL)[0])


def folded(page):
    """Each fold: its class, whether it is open, its summary and its code."""
    found = re.findall(
        r'<details class="(\w+)"( id="[^"]*")?( open)?[^>]*>\n?<summary>(.*?)</summary>(.*?)</details>', page, re.DOTALL
    )
    return [
        (kind, bool(is_open), summary, re.sub("<[^>]*>", "", code).strip()) for kind, _, is_open, summary, code in found
    ]


def test_the_first_picture_comes_before_its_code(page):
    assert (
        page.index("The claim.") < page.index("<img") < page.index("Code of this picture") < page.index("import hero")
    )
    assert folded(page)[0] == ("code", False, "Code of this picture", "import hero\nhero.picture")


def test_short_code_stands_open_above_what_it_shows_and_the_rest_is_closed(page):
    _, setup, shown, long, _ = folded(page)
    assert setup == ("code", False, "Code", "setup = 2")
    assert shown == ("code", True, "Code", "shown")
    assert page.index("shown\n") < page.index("<table")
    assert long[:3] == ("code", False, "Code") and long[3].count("\n") == folds.SHORT
    assert page.index("line_0") < page.index("printed")


def test_a_first_cell_that_shows_nothing_is_no_picture_s_code(html):
    assert [fold[:3] for fold in folded((html / "other.html").read_text(encoding="utf-8"))] == [
        ("code", False, "Code"),
        ("code", True, "Code"),
    ]


def test_a_proof_is_its_sentence(page):
    kind, is_open, sentence, code = folded(page)[-1]
    assert (kind, is_open) == ("proof", False)
    assert sentence.startswith(
        '✓ The loss with <code class="docutils literal notranslate">lr=0.1</code> is twice that of'
    )
    assert r"\(x^2\)" in sentence and sentence.endswith(", wherever it begins")
    assert code == "# a comment that stays\nassert True"
    assert f'<details class="proof" id="{PROOF}">' in page


@pytest.mark.parametrize(
    ("cell", "sentence", "code"),
    [
        ("x = 1", "", "x = 1"),
        ("# prove: this", "", "# prove: this"),
        ("x = 1\n# proof: too late", "", "x = 1\n# proof: too late"),
        ("# proof: a is b\na = 1", "A is b", "a = 1"),
        ("# proof: ``a`` is b\n#   and c\n\n# so\na = 1\n", "``a`` is b and c", "# so\na = 1"),
        ("# proof: a", "A", ""),
    ],
)
def test_the_sentence_of_a_proof(cell, sentence, code):
    assert folds.read_proof(cell) == (sentence, code)


def test_a_proof_without_a_sentence_stops_the_build(tmp_path):
    from sphinx.errors import SphinxError

    source = write(tmp_path, page="Page\n====\n\n.. code-block:: Python\n\n   # proof:\n   assert True\n")
    with pytest.raises(SphinxError, match="a proof says what it proves"):
        build(source, "dummy")


def test_other_code_is_not_folded(page):
    assert "no_cell" in page and page.count("<summary>") == 5
    assert "no_cell" not in "".join(code for *_, code in folded(page))


def test_the_way_to_the_downloads_is_neither_shown_nor_searched(html, page):
    assert "Go to the end" not in page
    index = (html / "searchindex.js").read_text(encoding="utf-8")
    terms = re.search(r'"terms":\s*(\{.*?\})', index)[1]
    assert '"exampl"' not in terms
    assert all(f'"{word}"' in terms for word in ("claim", "twice", "setup", "download"))


def test_without_html_a_fold_holds_its_sentence_and_its_code(source):
    text = (build(source, "text") / "page.txt").read_text(encoding="utf-8")
    assert "✓ The loss with" in text and "assert True" in text and "import hero" in text


@pytest.fixture
def visit(html, serving, open_page):
    with serving(html, Content_Security_Policy="default-src 'self'") as address:
        yield lambda path="page.html", **options: open_page(address + path, **options)


def test_one_switch_shows_or_hides_the_code_of_all_pages(visit):
    page = visit()
    before = page.locator(CLOSED).count()
    show, hide = "show all", "hide all"
    press = lambda name: page.get_by_role("button", name=name, exact=True).press("Enter")  # noqa: E731
    pressed = lambda: page.get_by_role("button", pressed=True).all_inner_texts()  # noqa: E731
    assert (before, pressed()) == (4, [])
    press(show)
    assert (page.locator(CLOSED).count(), pressed()) == (0, [show])
    press(hide)
    assert (page.locator(CLOSED).count(), pressed()) == (5, [hide])
    page.goto(page.url.replace("page.html", "other.html"))
    assert (page.locator(CLOSED).count(), pressed()) == (2, [hide])
    press(show)
    page.reload()
    assert (page.locator(CLOSED).count(), pressed()) == (0, [show])
    press(show)
    assert (page.locator(CLOSED).count(), pressed()) == (1, [])


def test_a_link_to_a_proof_opens_it(visit):
    page = visit()
    assert not page.get_by_text("assert True").is_visible()
    page.evaluate("id => { location.hash = id }", PROOF)
    page.wait_for_selector(f"#{PROOF}[open]")
    assert visit(f"page.html#{PROOF}").get_by_text("assert True").is_visible()


def test_without_scripts_code_opens_and_there_is_no_switch(visit):
    page = visit(java_script_enabled=False)
    assert page.get_by_role("button", name="show all").count() == 0
    assert not page.get_by_text("import hero").is_visible()
    page.get_by_text("Code of this picture").click()
    assert page.get_by_text("import hero").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_paper_shows_all_code(visit, scripts):
    page = visit(java_script_enabled=scripts)
    page.emulate_media(media="print")
    if scripts:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown = "code => code.checkVisibility() && code.getBoundingClientRect().height > 5"
    assert [code.evaluate(shown) for code in page.locator("details pre").all()] == [True] * 5
    if scripts:
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(CLOSED).count() == 4


@pytest.mark.parametrize("width", [1366, 390])
def test_a_summary_is_one_line(visit, width):
    page = visit("other.html", viewport={"width": width, "height": 800})
    assert [box.bounding_box()["height"] < 32 for box in page.locator("summary").all()] == [True, True]
