from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest

import optguide as og

scraper = pytest.importorskip("scraper", reason="needs the docs requirements")
film = pytest.importorskip("film", reason="needs the docs requirements")


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


def scrape(code, tmp_path, **names):
    paths = iter(str(tmp_path / f"image_{i}.png") for i in range(9))
    block = SimpleNamespace(content=code)
    return scraper.scrape(block, {"image_path_iterator": paths, "example_globals": names}, {"src_dir": str(tmp_path)})


def test_a_figure_is_saved_in_light_and_in_dark_ink(tmp_path):
    plt.figure(figsize=(3, 2)).add_subplot().set_title("T")
    rst = scrape("x = 1", tmp_path)
    assert ".. picture:: /image_0_light.webp" in rst and ":dark: /image_0.webp" in rst and ":alt: T" in rst
    light, dark = (tmp_path / "image_0_light.webp").read_bytes(), (tmp_path / "image_0.webp").read_bytes()
    assert light != dark
    assert not plt.get_fignums()


def test_only_a_cell_that_ends_with_an_expression_shows_its_value(tmp_path):
    table = og.Table("T", ("a",), [("1",)])
    assert "list-table" in scrape("table", tmp_path, ___=table)
    assert "list-table" not in scrape("x = 1", tmp_path, ___=table)


def test_an_animation_becomes_a_film_with_a_poster(tmp_path, monkeypatch):
    from PIL import Image

    class Fake(og.Animation):
        alt, size = "Adam\narrives.", (640, 320)

        def __init__(self):
            pass

        def save(self, path):
            if Path(path).suffix == ".png":
                Image.new("RGB", (8, 4)).save(path)
            else:
                Path(path).write_bytes(b"film")

    rst = scrape("race", tmp_path, ___=Fake())
    assert rst.split() == (
        ".. film:: /image_0.mp4 :poster: /image_0.webp :alt: Adam arrives. :width: 640 :height: 320".split()
    )
    assert (tmp_path / "image_0.mp4").exists() and (tmp_path / "image_0.webp").exists()


def written(visit, node):
    images = {child["uri"]: child["uri"].rpartition("/")[2] for child in node.children}
    translator = SimpleNamespace(body=[], builder=SimpleNamespace(imgpath="../_images", images=images))
    with pytest.raises(film.nodes.SkipNode):
        visit(translator, node)
    return "".join(translator.body)


def test_the_video_is_muted_waits_for_the_reader_and_escapes_its_description():
    node = film.film("", film.file(uri="a/b.mp4"), film.file(uri="a/b.webp"), alt='"<&', width=640, height=320)
    html = written(film.visit_film, node)
    for part in (
        'poster="../_images/b.webp"',
        'src="../_images/b.mp4"',
        'width="640" height="320"',
        "muted loop",
        "playsinline",
        "controls",
        'preload="none"',
        'aria-label="&quot;&lt;&amp;"',
        'href="../_images/b.mp4"',
    ):
        assert part in html
    assert "autoplay" not in html and '"<&' not in html


def test_a_picture_has_one_file_for_each_theme():
    node = film.picture("", film.file(uri="l.webp"), film.file(uri="d.webp"), alt="x", width=7, height=5)
    html = written(film.visit_picture, node)
    assert 'class="figure only-light" src="../_images/l.webp"' in html
    assert 'class="figure only-dark" src="../_images/d.webp"' in html
    assert html.count('loading="lazy"') == 2


def test_optimizer_pages_follow_the_package_and_others_their_header(tmp_path):
    assert scraper.section_pages(Path("gallery/optimizers"))[0] == "plot_sgd"
    assert len(scraper.section_pages(Path("gallery/optimizers"))) == len(og.optimizers.__all__)
    (tmp_path / "GALLERY_HEADER.rst").write_text("T\n=\n\n.. pages: plot_b plot_a\n   plot_c\n\nText plot_d.\n")
    order = scraper.PageOrder(str(tmp_path))
    files = ["plot_z.py", "plot_c.py", "plot_a.py", "plot_b.py", "plot_y.py"]
    assert sorted(files, key=order) == ["plot_b.py", "plot_a.py", "plot_c.py", "plot_y.py", "plot_z.py"]
