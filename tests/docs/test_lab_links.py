"""Pictures of sweeps lead to the lab: the descent under the pointer is the one whose numbers the axes show there."""

import json
import re
import warnings
from pathlib import Path
from urllib.parse import unquote

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from py_mini_racer import MiniRacer

import optguide as og
from optguide import study
from optguide.render import player, web

scraper = pytest.importorskip("scraper", reason="needs the docs requirements")
lab_links = pytest.importorskip("lab_links", reason="needs the docs requirements")
STATIC = Path(__file__).parents[2] / "docs" / "_static"


@pytest.fixture
def read():
    """What the lab reads in a link."""
    v8 = MiniRacer()
    v8.eval(web.script("lab/hash.js"))
    v8.eval(f"var catalogue = {json.dumps(player.catalogue())};")
    return lambda text: json.loads(v8.eval(f"JSON.stringify(readHash({json.dumps(text)}, catalogue))"))


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


def scene(plane, x, y=None):
    return plane["hash"].format(x=x, y=y)


def test_a_rate_is_that_of_every_optimizer_of_the_sweep(read):
    fig = study.rates(og.Adam.at(betas=(0.8, 0.9)), beside=og.SGD, lrs=np.logspace(-3, 0, 4), starts=3, steps=20).plot()
    (plane,) = lab_links.planes_of(fig)
    found = read(scene(plane, 0.02))
    assert (found["surface"], found["steps"], found["start"]) == ("rosenbrock", 20, list(og.surfaces.rosenbrock.start))
    settings = {run["rule"]: run["settings"] for run in found["runs"]}
    assert settings == {"Adam": {"lr": 0.02, "betas": [0.8, 0.9]}, "SGD": {"lr": 0.02}}
    assert plane["axes"] == [{"what": "learning rate", "low": 0.001, "high": 1.0, "log": True}]


def test_a_start_is_where_the_axes_say_and_each_map_has_its_optimizer(read):
    fig = study.basins(og.Adam.at(lr=0.1), beside=og.SGD.at(lr=0.01), starts=8, steps=20).plot()
    planes = lab_links.planes_of(fig)
    for plane, (rule, lr) in zip(planes, (("Adam", 0.1), ("SGD", 0.01)), strict=True):
        found = read(scene(plane, 1.5, -2))
        assert (found["surface"], found["start"]) == ("himmelblau", [1.5, -2])
        assert [(run["rule"], run["settings"]) for run in found["runs"]] == [(rule, {"lr": lr})]
    assert planes[0]["box"][0] < planes[1]["box"][0]


def test_a_plane_sets_two_hyperparameters_and_keeps_start_and_parameters(read):
    bowl = og.surfaces.ravine.replace(condition=9)
    sweep = og.sweep(og.Momentum, bowl, [1, -1], steps=6, lr=[0.1, 0.2], momentum=[0.5, 0.9], noise=0.5, seed=3)
    (plane,) = lab_links.planes_of(og.plot_plane(sweep, "lr", "momentum").figure)
    found = read(scene(plane, 0.15, 0.7))
    assert found["parameters"] == {"condition": 9} and found["start"] == [1, -1]
    assert found["runs"][0]["settings"] == {"lr": 0.15, "momentum": 0.7}
    assert (found["noise"], found["seed"]) == (0.5, 3)


def test_what_a_link_cannot_say_leads_nowhere():
    own = og.Surface(lambda x, y: x * x + y * y, ((-1, 1), (-1, 1)), name="himmelblau")
    for sweep in (
        og.sweep(og.Adam, own, [1, 1], steps=3, lr=[0.1, 0.2]),
        og.sweep({"mine": og.Adam}, og.surfaces.himmelblau, [1, 1], steps=3, lr=[0.1, 0.2]),
        og.sweep(og.Adam, og.surfaces.himmelblau, [1, 1], steps=5001, lr=[0.1, 0.2]),
    ):
        assert lab_links.planes_of(og.plot_rates(sweep).figure) == []
    figure, ax = plt.subplots()
    ax.plot([1, 2])
    assert lab_links.planes_of(figure) == []


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """A page with two figures of sweeps, as the scraper saves them."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    folder = tmp_path_factory.mktemp("links")
    (source := folder / "source").mkdir()
    land = og.surfaces.himmelblau
    figures = [
        study.basins(og.Adam.at(lr=0.1), beside=og.SGD.at(lr=0.01), starts=8, steps=20).plot(),
        og.plot_rates(og.sweep(og.Adam, land, [1, 1], steps=9, lr=np.logspace(-4, 0, 9))).figure,
    ]
    parts, places = [], []
    for i, fig in enumerate(figures):
        parts.append(scraper.save_figure(fig, source / f"{i}.png", str(source)))
        places.append([(ax.transData.inverted(), fig.get_size_inches() * fig.dpi) for ax in fig.axes])
    plt.close("all")
    (source / "index.rst").write_text("Page\n====\n" + "\n".join(parts) + "\n.. toctree::\n\n   lab\n   bare\n")
    (source / "lab.rst").write_text("Lab\n===\n\nWords.\n")
    Image.new("RGB", (40, 30)).save(source / "plain.webp")
    plain = ".. picture:: /plain.webp\n   :dark: /plain.webp\n   :alt: A\n   :width: 4\n   :height: 3\n"
    (source / "bare.rst").write_text(f"Bare\n====\n\n{plain}")
    conf = {"extensions": ["media"], "html_theme": "pydata_sphinx_theme", "html_static_path": [str(STATIC)]}
    conf |= {"html_css_files": ["custom.css"]}
    with warnings.catch_warnings(), docutils_namespace():
        warnings.simplefilter("ignore")  # other packages' own
        Sphinx(source, None, folder / "html", folder / "doctrees", "html", conf, exception_on_warning=True).build()
    return folder / "html", places


def test_only_pages_with_sweeps_load_what_leads_to_the_lab(html):
    folder, _ = html
    loads = ["in-lab.js" in (folder / f"{page}.html").read_text(encoding="utf-8") for page in ("index", "bare")]
    assert loads == [True, False]


@pytest.mark.parametrize(("figure", "panel"), [(0, 0), (0, 1), (1, 0)])
def test_the_numbers_under_the_pointer_are_the_axes_own(html, serving, open_page, figure, panel):
    folder, places = html
    inverse, size = places[figure][panel]
    with serving(folder) as address:
        page = open_page(f"{address}index.html", viewport={"width": 1366, "height": 900})
        link = page.locator("a.picture").nth(figure)
        link.scroll_into_view_if_needed()
        box = link.locator("img.only-light").bounding_box()
        left, top, width, height = json.loads(link.get_attribute("data-planes"))[panel]["box"]
        place = (left + 0.3 * width, top + 0.6 * height)
        pixel = (round(box["x"] + place[0] * box["width"]), round(box["y"] + place[1] * box["height"]))
        share = ((pixel[0] - box["x"]) / box["width"], 1 - (pixel[1] - box["y"]) / box["height"])
        x, y = inverse.transform(np.array(share) * size)
        page.mouse.move(*pixel)
        said = page.locator("p.in-lab output").nth(figure).inner_text()
        numbers = [float(text) for text in re.findall(r"-?[\d.]+(?:e-?\d+)?$|-?[\d.]+(?=,)", said)]
        assert numbers == pytest.approx([x] if figure else [x, y], rel=2e-3, abs=2e-3)
        page.mouse.click(*pixel)
        page.wait_for_url("**/lab.html#*")
        hash_ = unquote(page.url.split("#")[1])
    written = re.search(r"start=([^&]*)", hash_)[1].split(",") if not figure else [re.search(r"lr:([^&;]*)", hash_)[1]]
    assert [float(text) for text in written] == numbers
    assert ("run=SGD" in hash_) == (panel == 1)


def test_beside_its_axes_a_figure_opens_large_and_the_keyboard_has_a_link(html, serving, open_page):
    folder, _ = html
    with serving(folder) as address:
        page = open_page(f"{address}index.html", viewport={"width": 1366, "height": 900})
        link = page.locator("a.picture").nth(1)
        link.focus()
        page.keyboard.press("Enter")
        assert page.get_by_role("dialog").is_visible()
        page.keyboard.press("Escape")
        plain = page.locator("p.in-lab a").nth(1)
        plain.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/lab.html#surface=himmelblau&start=1,1&steps=9&run=Adam;lr:1")
