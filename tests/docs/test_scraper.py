import ast
import contextlib
import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import optguide as og

OPTIMIZERS = Path(__file__).parents[2] / "gallery" / "optimizers"
scraper = pytest.importorskip("scraper", reason="needs the docs requirements")
media = pytest.importorskip("media", reason="needs the docs requirements")
api = pytest.importorskip("api", reason="needs the docs requirements")


@pytest.mark.parametrize(
    ("cell", "rst"),
    [
        ("plain", "plain"),
        ("`a*b`", "``a*b``"),
        (r"$\eta$", r":math:`\eta`"),
        (r"rate $\eta$, code `lr`", r"rate \ :math:`\eta`\ , code \ ``lr``"),
        ("2*x_ and |y|", r"2\*x\_ and \|y\|"),
        (r"costs \$5", "costs $5"),
    ],
)
def test_cells_become_restructuredtext(cell, rst):
    assert scraper.cell_to_rst(cell) == rst


def test_a_table_keeps_title_header_rows_and_kind():
    table = og.Table("Ends", ("name", "loss"), [("`Adam`", "$1$"), ("SGD", "")], "results")
    assert scraper.table_to_rst(table).splitlines() == [
        "",
        ".. list-table:: Ends",
        "   :class: results",
        "   :header-rows: 1",
        "",
        "   * - name",
        "     - loss",
        "   * - ``Adam``",
        "     - :math:`1`",
        "   * - SGD",
        "     -",
    ]


def test_the_description_of_a_figure_names_what_is_written_on_it():
    fig, ax = plt.subplots()
    ax.plot([0, 1], label="Adam")
    ax.set(title="Loss of $f$", xlabel="step", ylabel="loss")
    ax.legend()
    fig.suptitle("A run")
    assert scraper.describe(fig) == "A run. Loss of f; axes step, loss; showing Adam"
    plt.close(fig)
    og.descend(og.Adam, og.surfaces.booth, steps=3).plot_states("m")
    assert scraper.describe(plt.gcf()) == "What Adam remembers on Booth's function. axes step, m; showing x, y", (
        "untitled"
    )
    plt.close()


def scrape(code, tmp_path, **names):
    paths = iter(str(tmp_path / f"image_{i}.png") for i in range(9))
    block = SimpleNamespace(content=code)
    script = tmp_path / "signals" / "plot_x.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text('"""X"""\n# sphinx_gallery_thumbnail_number = 99\n')
    page = {"image_path_iterator": paths, "example_globals": names}
    page |= {"src_file": script, "target_file": tmp_path / "gallery" / "plot_x.py"}
    return scraper.scrape(block, page, {"src_dir": str(tmp_path)})


def test_a_figure_is_saved_in_light_and_in_dark_ink(tmp_path):
    plt.figure(figsize=(3, 2)).add_subplot().set_title("T")
    rst = scrape("x = 1", tmp_path)
    assert ".. picture:: /image_0_light.webp" in rst and ":dark: /image_0.webp" in rst and ":alt: T" in rst
    light, dark = (tmp_path / "image_0_light.webp").read_bytes(), (tmp_path / "image_0.webp").read_bytes()
    assert light != dark
    assert not plt.get_fignums()


def test_words_printed_one_over_the_other_stop_the_build(tmp_path):
    names = [f"Optimizer {i}" for i in range(30)]
    plt.figure(figsize=(4, 8), layout="constrained").add_subplot().barh(names, range(30))
    scrape("x = 1", tmp_path)
    plt.figure(figsize=(4, 4), layout="constrained").add_subplot().barh(names, range(30))
    with pytest.raises(ValueError, match="'Optimizer 0' and 'Optimizer 1' are printed one over the other"):
        scrape("x = 1", tmp_path)
    plt.close("all")


def test_words_that_reach_beyond_the_edge_stop_the_build(tmp_path):
    for words, whole in (("A title", True), ("A title that takes more room than there is on three inches", False)):
        ax = plt.figure(figsize=(3, 2), layout="constrained").add_subplot()
        ax.plot([0, 1000], [0, 1])
        ax.set_xlim(0, 420)  # beyond which ticks have labels that nothing shows
        ax.set_xlabel(words)
        with (
            contextlib.nullcontext() if whole else pytest.raises(ValueError, match=f"{words!r} reaches beyond the edge")
        ):
            scrape("x = 1", tmp_path)
        plt.close("all")


def test_only_a_cell_that_ends_with_an_expression_shows_its_value(tmp_path):
    table = og.Table("T", ("a",), [("1",)])
    assert "list-table" in scrape("table", tmp_path, ___=table)
    assert "list-table" not in scrape("x = 1", tmp_path, ___=table)


def test_a_study_shows_its_picture_or_its_table(tmp_path):
    rates = og.study.rates(og.Adam, lrs=[0.1, 0.2], starts=2, steps=2)
    assert ".. picture::" in scrape("rates", tmp_path, ___=rates) and not plt.get_fignums()
    hard = og.study.difficulty(og.surfaces.sphere, rules=[og.SGD], lrs=[0.1, 0.2], starts=2, steps=2)
    rst = scrape("hard", tmp_path, ___=hard)
    assert ".. list-table::" in rst and ".. picture::" not in rst
    conf = Path(scraper.__file__).parents[1] / "conf.py"
    (silent,) = re.findall(r'"ignore_repr_types": (.*?),\n', conf.read_text(encoding="utf-8"), re.DOTALL)
    assert all(re.search(ast.literal_eval(f"({silent})"), str(type(each))) for each in (rates, hard))


def test_labelled_arrays_become_a_file_to_download(tmp_path):
    (tmp_path / "gallery").mkdir()
    labels = {"map": ["ravine", "Beale"], "rule": ["SGD", "Adam"]}
    data = xr.Dataset({"steps": (("map", "rule"), [[73.0, np.inf], [0.1234567, np.nan]])}, labels)
    rst = scrape("data", tmp_path, ___=data)
    assert rst.split() == ":download:`Download these numbers </gallery/plot_x.csv>` (CSV, 4 rows).".split()
    lines = (tmp_path / "gallery" / "plot_x.csv").read_text().splitlines()
    assert lines == ["map,rule,steps", "ravine,SGD,73", "ravine,Adam,inf", "Beale,SGD,0.123457", "Beale,Adam,"]


def test_an_animation_becomes_a_player_with_stills_in_two_inks(tmp_path):
    race = og.race([og.SGD, og.Adam], og.surfaces.sphere, steps=3)
    (tmp_path / "gallery").mkdir()
    rst = scrape("race", tmp_path, ___=race.animate(panels=("map", "loss")))
    (land,) = (tmp_path / "gallery/maps").iterdir()
    stills = " ".join(f"/image_0{part}.webp" for part in ("_light", "", "_charts_light", "_charts"))
    assert rst.split() == f".. player:: /image_0.json :landscape: /gallery/maps/{land.name} :stills: {stills}".split()
    record = json.loads((tmp_path / "image_0.json").read_text())
    assert [run["name"] for run in record["runs"]] == ["SGD", "Adam"]
    assert len({(tmp_path / still[1:]).read_bytes() for still in stills.split()}) == 4
    scrape("race", tmp_path, ___=og.race([og.Lion], og.surfaces.sphere, steps=5))
    assert len(list((tmp_path / "gallery/maps").iterdir())) == 1, "the landscape is the same and is stored once"


def test_a_response_becomes_a_player_of_charts(tmp_path):
    (tmp_path / "gallery").mkdir()
    rst = scrape("run", tmp_path, ___=og.respond(og.SGD, og.signals.spikes, 9))
    assert rst.split() == ".. player:: /image_0.json :stills: /image_0_light.webp /image_0.webp".split()
    record = json.loads((tmp_path / "image_0.json").read_text())
    assert [run["name"] for run in record["runs"]] == ["spikes", "SGD"]


def written(visit, node):
    images = {child["uri"]: child["uri"].rpartition("/")[2] for child in node.children}
    translator = SimpleNamespace(body=[], builder=SimpleNamespace(imgpath="../_images", images=images))
    with pytest.raises(media.nodes.SkipNode):
        visit(translator, node)
    return "".join(translator.body)


def test_a_player_names_its_files_and_escapes_what_it_says():
    race = og.race({"<b>": og.SGD}, og.surfaces.sphere, steps=3)
    files = ("r.json", "m.json", "l.webp", "d.webp", "cl.webp", "cd.webp")
    node = media.player("", *(media.file(uri=uri) for uri in files), data=2, view="")
    node["record"] = race.animate().recording
    html = written(media.visit_player, node)
    assert 'data-recording="../_images/r.json" data-landscape="../_images/m.json"' in html
    assert 'class="figure only-light" src="../_images/l.webp"' in html
    assert 'class="figure only-dark" src="../_images/cd.webp"' in html
    assert "<b>" not in html and "&lt;b&gt;" in html


def test_the_lab_knows_the_page_of_every_rule():
    rules = media.with_pages(media.catalogue())["rules"]
    assert rules["AdaBeliefTEMA"]["page"] == rules["AdaBeliefDEMA"]["page"], "a variant is explained with another rule"
    for name, rule in rules.items():
        text = Path(__file__).parents[2].joinpath(f"{rule['page']}.py").read_text(encoding="utf-8")
        assert re.search(rf"\b{name}\b", text), name


def test_a_picture_has_one_file_for_each_theme():
    node = media.picture("", media.file(uri="l.webp"), media.file(uri="d.webp"), alt="x", width=7, height=5)
    html = written(media.visit_picture, node)
    assert 'class="figure only-light" src="../_images/l.webp"' in html
    assert 'class="figure only-dark" src="../_images/d.webp"' in html
    assert html.count('loading="lazy"') == 2


def test_optimizer_pages_follow_the_family_tree_and_others_their_header(tmp_path):
    pages = scraper.section_pages(Path("gallery/optimizers"))
    assert pages[0] == "plot_sgd" and set(pages) == {path.stem for path in OPTIMIZERS.glob("plot_*.py")}
    families = {scraper.page_of(getattr(og, name)): getattr(og, name).family for name in og.optimizers.__all__}
    runs = [family for family, _ in itertools.groupby(families.get(page, "wrapper") for page in pages)]
    assert len(runs) == len(set(runs)), "the pages of a family stand together"
    assert pages.index("plot_adam") < pages.index("plot_adamw") < pages.index("plot_nadamw")
    (tmp_path / "GALLERY_HEADER.rst").write_text("T\n=\n\n.. pages: plot_b plot_a\n   plot_c\n\nText plot_d.\n")
    order = scraper.PageOrder(str(tmp_path))
    files = ["plot_z.py", "plot_c.py", "plot_a.py", "plot_b.py", "plot_y.py"]
    assert sorted(files, key=order) == ["plot_b.py", "plot_a.py", "plot_c.py", "plot_y.py", "plot_z.py"]
