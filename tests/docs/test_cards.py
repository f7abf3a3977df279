"""Cards of gallery pages: their pictures, claims and tags, and the index of a section."""

from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

cards = pytest.importorskip("cards", reason="needs the docs requirements")
thumbnails = pytest.importorskip("thumbnails", reason="needs the docs requirements")
scraper = pytest.importorskip("scraper", reason="needs the docs requirements")
whole = pytest.importorskip("whole", reason="needs the docs requirements")

GALLERY = Path(__file__).parents[2] / "gallery"


def test_a_claim_is_the_first_sentence_below_the_title():
    assert (
        cards.claim('"""\nT\n=\n\nAt 0.9 a step\nis :math:`x`. It ends.\n\nMore.\n"""') == "At 0.9 a step is :math:`x`."
    )


def test_every_page_of_a_section_has_one_card_and_optimizers_stand_by_family(tmp_path):
    (tmp_path / "GALLERY_HEADER.rst").write_text("T\n=\n\n.. pages: plot_b\n")
    for page in ("plot_a", "plot_b"):
        (tmp_path / f"{page}.py").touch()
    assert cards.index(tmp_path).split()[-2:] == [f"gallery/{tmp_path.name}/plot_{page}" for page in "ba"]
    for section in sorted(path for path in GALLERY.iterdir() if path.is_dir()):
        pages = [line.split("/")[-1] for line in cards.index(section).split("\n") if "/plot_" in line]
        assert sorted(pages) == sorted(path.stem for path in section.glob("plot_*.py"))
    parts = cards.index(GALLERY / "optimizers").split(".. cards::")
    assert parts[0].split() == ["..", "card-filters::", "Plain", "descent", "-" * 13]
    assert "plot_sgd" in parts[1] and parts[1].endswith("Momentum\n--------\n\n") and "plot_nesterov" in parts[2]


def test_landscapes_stand_by_what_makes_them_hard(tmp_path):
    landscapes = GALLERY / "landscapes"
    text = cards.index(landscapes)
    titles = [title for title, _ in scraper.section_groups(landscapes)]
    assert text.startswith(".. card-filters::") and "Others" not in text and len(titles) > 3
    places = [text.index(f"{title}\n---") for title in titles]
    assert places == sorted(places) and places[1] < text.index("plot_ravine") < places[2]
    assert cards.landscape_tags(landscapes / "plot_ravine.py") == {"Kind": titles[1], "Lowest points": "one"}
    assert cards.landscape_tags(landscapes / "plot_four_hollows.py")["Lowest points"] == "several"
    assert cards.landscape_tags(landscapes / "plot_saddles.py")["Lowest points"] == "none"
    (tmp_path / "GALLERY_HEADER.rst").write_text("T\n=\n\n.. pages (A group): plot_b\n")
    for page in ("plot_a", "plot_b"):
        (tmp_path / f"{page}.py").touch()
    assert cards.index(tmp_path).split("Others")[1].split()[-1].endswith("plot_a"), "a new page is not left out"


def test_tags_come_from_the_rule():
    assert cards.tags("plot_muon") == {
        "Family": "matrix", "Published": "since 2022", "Kept per weight": "one number",
        "A step depends on": "rows and columns",
    }  # fmt: skip
    assert cards.tags("plot_polyak_step")["Asks for"] == "the loss"
    for what, words in {
        "Published": {"sgd": "before 2012", "adam": "2012–2017", "yogi": "2018–2021", "muon": "since 2022"},
        "Kept per weight": {"sgd": "nothing", "momentum": "one number", "adam": "two numbers", "dog": "more"},
        "A step depends on": {
            "adam": "each weight by itself",
            "lamb": "a whole tensor",
            "muon": "rows and columns",
            "dog": "the whole model",
        },
    }.items():
        assert {page: cards.tags(f"plot_{page}")[what] for page in words} == words
    assert cards.tags("plot_averaged_nesterov")["Published"] == "2012–2017", "of the rule, not of its variants"
    assert cards.tags("plot_sam") == {"Family": "wrapper", "Published": "2018–2021"}


def test_the_index_that_sphinx_gallery_writes_is_replaced(tmp_path):
    app = SimpleNamespace(srcdir=str(GALLERY.parent / "docs"))
    written = (
        "Signals\n=======\n\n.. raw:: html\n\n  <div id='sg-tag-list' class='x'></div>\n\n\n.. raw:: html\n\n"
        '    <div class="sphx-glr-thumbnails">\n\ncards\n\n'
        ".. thumbnail-parent-div-close\n\n.. raw:: html\n\n    </div>\n\n.. toctree::\n"
    )
    content = [written]
    cards.replace(app, "gallery/signals/index", content)
    assert content[0].startswith("Signals\n=======\n\n.. cards::") and content[0].endswith("\n\n.. toctree::\n")
    assert "sg-tag" not in content[0]
    with pytest.raises(cards.ExtensionError, match="in another way"):
        cards.replace(app, "gallery/signals/index", ["Signals\n=======\n"])


def test_who_is_bold_and_who_is_faint():
    cast = thumbnails.cast
    assert cast("optimizers", "plot_adam", ["Momentum", "Adam"]) == {"bold": ("Adam",), "faint": ("Momentum",)}
    three = ["SGD", "Adam", "AdamW", "Lion"]
    assert cast("optimizers", "plot_adamw", three) == {"bold": ("AdamW",), "faint": ("Adam",)}, "its predecessor"
    assert cast("optimizers", "plot_barzilai_borwein", ["SGD, lr 1", "Barzilai and Borwein"])["bold"] == (
        "Barzilai and Borwein",
    )
    settings = ["lr = 1", "lr = 2", "lr = 3"]
    assert cast("optimizers", "plot_sgd", settings)["bold"] == ("lr = 2",), "of one rule, neither extreme"
    assert cast("landscapes", "plot_cliff", three) == {"bold": ()}
    assert cast("signals", "plot_overview", ["ramp", "Adam", "SGD"]) == {"bold": ("Adam",)}
    assert cast("comparisons", "plot_traits", three) == {}


def test_a_figure_keeps_its_first_axes_and_loses_its_words(tmp_path):
    source, picture = tmp_path / "comparisons" / "plot_x.py", tmp_path / "images" / "plot_x_001.png"
    source.parent.mkdir()
    source.write_text('"""X"""\n')
    figure, axes = plt.subplots(1, 2)
    for ax, color in zip(axes, ("#ff0000", "#0000ff"), strict=True):
        ax.plot([0, 1], [0, 1], color=color)
        ax.set(title="Title", xlabel="x", ylabel="y")
    axes[0].text(0.2, 0.8, "words", color="#00ff00", size=40)
    axes[0].legend(["red"])
    figure.suptitle("All", color="#00ff00", size=40)
    thumbnails.save(source, picture.with_name("plot_x_002.png"), figure)
    assert not picture.parent.exists(), "the page wants the first"
    thumbnails.save(source, picture, figure)
    plt.close(figure)
    for theme, ground in (("light", 240), ("dark", 15)):
        image = np.asarray(
            Image.open(tmp_path / f"images/thumb/sphx_glr_plot_x_thumb_{theme}.webp").convert("RGB"), float
        )
        assert image.shape == (300, 480, 3)
        red, blue = image[..., 0] - image[..., 2], image[..., 2] - image[..., 0]
        assert (red > 120).sum() > 1500 and (blue > 100).sum() == 0 and (image[..., 1] - image[..., 0] > 80).sum() == 0
        assert abs(image[:20, :20].mean() - ground) < 12, "nothing but the ground in the corner"


def test_ours_takes_the_place_of_what_sphinx_gallery_scaled_down(tmp_path):
    thumb = tmp_path / "images" / "thumb"
    thumb.mkdir(parents=True)
    (tmp_path / "plot_a.py").write_text('"""A"""\n')
    ours = thumb / "sphx_glr_plot_a_thumb.webp"
    for path, text in ((ours, "scaled"), (ours.with_name("sphx_glr_plot_a_thumb_dark.webp"), "drawn")):
        path.write_text(text)
    whole.put_thumbnail(tmp_path / "plot_a.py", tmp_path / "images")
    assert [path.read_text() for path in thumb.iterdir()] == ["drawn"]
