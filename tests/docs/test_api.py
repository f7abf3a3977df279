"""The pages of the API: one for each public name, who uses it, and what leads to other projects."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

api = pytest.importorskip("api", reason="needs the docs requirements")
import elsewhere  # noqa: E402
import used_by  # noqa: E402
from sphinx.util.inventory import InventoryFile  # noqa: E402

import optguide as og  # noqa: E402

ROOT = Path(__file__).parents[2]
SITES = {
    "python": "https://docs.python.org/3", "torch": "https://docs.pytorch.org/docs/stable",
    "numpy": "https://numpy.org/doc/stable", "matplotlib": "https://matplotlib.org/stable",
    "xarray": "https://docs.xarray.dev/en/stable",
}  # fmt: skip


def inventories():
    found = {}
    for path in sorted((ROOT / "docs" / "inventories").glob("*.inv")):
        for items in InventoryFile.loads(path.read_bytes(), uri=SITES[path.stem]).data.values():
            found |= {name: item.uri for name, item in items.items()}
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    for page in ("adam", "sam"):
        path = root / "gallery" / "optimizers" / f"plot_{page}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""{page}"""\nimport optguide as og\n\nog.{"Adam" if page == "adam" else "SAM(og.Adam)"}\n')
    (root / "docs" / "api").mkdir(parents=True)
    (root / "docs" / "api" / "stale.rst").write_text("old")
    api.write_pages(SimpleNamespace(srcdir=root / "docs"))
    return {path.name: path.read_text() for path in (root / "docs" / "api").iterdir()}


def test_every_public_name_has_a_page_and_stands_in_a_group(pages):
    names = api.public_names()
    files = [api.file_of(name, names) for name in names]
    assert len({file.lower() for file in files}) == len(names), "files that differ in capitals are one on some disks"
    groups = "".join(pages[f"{group}.rst"] for group, *_ in api.PAGES)
    for name, file in zip(names, files, strict=True):
        assert pages[f"{file}.rst"].startswith(f"{name}\n===") and f":doc:`{name} <{file}>`" in groups
    assert "optguide.race.rst" in pages and "optguide.Race-class.rst" in pages
    assert "stale.rst" not in pages


def test_the_documentation_of_a_rule_and_of_a_wrapper_leads_to_its_page(pages):
    for name in ("Adam", "SAM"):
        link = f":doc:`Its page in the guide </gallery/optimizers/plot_{name.lower()}>`"
        assert f".. autoclass:: optguide.{name}\n\n   {link}\n" in pages[f"optguide.{name}.rst"]


def test_a_name_shows_the_pages_that_use_it(pages):
    adam = pages["optguide.Adam.rst"].split("Pages that use it")[1]
    assert adam.index("gallery/optimizers/plot_adam") < adam.index("gallery/optimizers/plot_sam"), "fewest names first"
    assert "plot_sam" in pages["optguide.SAM.rst"] and "plot_adam\n" not in pages["optguide.SAM.rst"]
    assert "Pages that use it" not in pages["optguide.Lion.rst"]
    many = used_by.section({"x": [f"gallery/a/plot_{i}" for i in range(8)]}, "x")
    assert many.count("\n   gallery/") == used_by.CARDS and many.endswith("Also: :doc:`/gallery/a/plot_6`, "
                                                                          ":doc:`/gallery/a/plot_7`\n")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("rosenbrock", "[-2, 2] × [-1, 3]. Starts: (-1.5, 2), (1.5, -0.5), (-0.5, 2.5). Minima: (1, 1)."),
        ("quadratic_1d", "Parabola, shown on [-1.5, 0.9]. Starts: (0.75). Minima: (-0.333333)."),
    ],
)
def test_a_landscape_tells_its_box_its_starts_and_its_minima(name, facts):
    assert facts in api._surface_entry(name, getattr(og.surfaces, name))


def test_names_are_found_whatever_a_script_calls_their_parts():
    known = {f"optguide.{name}" for name in ("Adam", "surfaces.cliff", "study.rates", "language.rows", "SGD")}
    script = (
        "import optguide as og\nfrom optguide import study as s\nfrom optguide.language import rows\n"
        "maps = og.surfaces\nmaps.cliff\ns.rates(og.Adam.at(lr=1))\nrows(1)\nother.SGD\n'og.SGD'\n"
    )
    assert used_by.uses(script, known) == known - {"optguide.SGD"}


def test_types_and_code_lead_to_other_projects():
    lines = ["A `torch.optim.Adam` and ``torch.nope``.", "", "Parameters", "----------"]
    lines += ["ax : matplotlib Axes, optional", "    An ndarray : not here.", ""]
    lines += ["Returns", "-------", "ndarray, shape (2,)", "    No Axes here."]
    made = elsewhere.link(lines, {"torch.optim.Adam"})
    assert made[0] == "A :py:obj:`torch.optim.Adam` and ``torch.nope``."
    assert made[4] == "ax : :py:obj:`matplotlib Axes <matplotlib.axes.Axes>`, optional"
    assert made[5] == lines[5] and made[10] == lines[10]
    assert made[9] == ":py:obj:`ndarray <numpy.ndarray>`, shape (2,)"


def test_the_inventories_hold_what_the_docstrings_name_and_nothing_else():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import inventories as tool
    finally:
        sys.path.pop(0)
    found = inventories()
    assert set(found) == tool.wanted(), "run make inventories"
    assert {"torch.optim.Adam", "numpy.ndarray", "matplotlib.axes.Axes", "pathlib.Path"} <= set(found)
    for name, address in found.items():
        assert re.fullmatch(rf"https://[\w./-]+\.html#{re.escape(name)}", address), address
    conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    for project, address in SITES.items():
        assert f'"{project}": ("{address}", "inventories/{project}.inv")' in conf


def test_listings_of_sources_are_valid():
    code = '<h1>Source</h1><div class="highlight"><pre>\n<div class="viewcode-block" id="A">a</div>\n</pre></div>\n'
    found = api.valid_listing(code)
    assert found == code.replace(
        '<div class="viewcode-block" id="A">a</div>', '<span class="viewcode-block" id="A">a</span>'
    )
    rows = "<h1>All</h1>\n<ul><li>a</li>\n<ul><li>a.b</li>\n</ul><li>c</li>\n</ul></ul>"
    assert api.valid_listing(rows) == "<h1>All</h1>\n<ul><li>a</li>\n<li>a.b</li>\n<li>c</li>\n</ul>"
