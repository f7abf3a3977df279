"""What a reader takes along from a lab, in a real Chromium: links, Python, pictures, numbers, a snippet."""

import csv
import html
import io
import json
import re

import matplotlib.image
import numpy as np
import pytest

import optguide as og
from optguide.render import player, web

HASH = "surface=rosenbrock;b:50&run=Adam;lr:0.05&run=SGD;lr:0.001&steps=120&noise=0.1&seed=3"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A site with nothing but the page of the lab."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "_static").mkdir()
    files = web.site_scripts() | {"player.css": web.style(), "lab.css": web.style("lab/lab.css")}
    files["catalogue.json"] = player.dumps(player.catalogue())
    for name, text in files.items():
        (folder / "_static" / name).write_text(text, encoding="utf-8")
    head = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>lab</title>'
        '<link rel="stylesheet" href="_static/player.css"><script type="module" src="_static/player.js"></script>'
    )
    (folder / "lab.html").write_text(f"{head}<body><og-lab follows></og-lab></body></html>", encoding="utf-8")
    (folder / "favicon.ico").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def site(folder, serving):
    with serving(folder, Content_Security_Policy="default-src 'self'") as address:
        yield address


@pytest.fixture
def lab(site, open_page):
    def opened(text, clipboard=True, **options):
        granted = {"permissions": ["clipboard-read", "clipboard-write"]} if clipboard else {}
        page = open_page(f"{site}lab.html#{text}", reduced_motion="reduce", **granted, **options)
        page.set_default_timeout(10_000)
        page.wait_for_selector("og-lab[data-live]")
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        return page

    return opened


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def said(page):
    told = page.locator("og-lab .og-said[role=status]")
    told.filter(has_text=".").wait_for()
    return told.inner_text()


def copied(page):
    return page.evaluate("navigator.clipboard.readText()")


def ends(page):
    """The last points of the runs, with all their digits."""
    return page.evaluate(
        "document.querySelector('og-lab').runs.map(({ name, theta }) => [name, ...[...theta.slice(-2)].map(String)])"
    )


def test_a_copied_link_shows_the_same_to_the_last_bit_in_another_page(lab, open_page):
    page = lab(HASH)
    page.evaluate("document.querySelector('og-lab').lab.change({ start: [0.1 + 0.2, 1 / 3] })")
    press(page, "Copy link")
    assert said(page) == "The link is copied."
    link = copied(page)
    assert "start=0.30000000000000004,0.3333333333333333" in link and "&hide" not in link
    other = open_page(link)
    other.wait_for_selector("og-lab[data-live]")
    assert ends(other) == ends(page) and len(ends(page)) == 2


def test_a_link_says_how_the_landscape_is_turned_and_where_it_stands_still(lab):
    page = lab(HASH)
    page.evaluate("document.querySelector('.og-player').player.stopAt(40)")
    page.get_by_role("button", name="3-D", exact=True).click()
    press(page, "Copy link")
    said(page)
    assert copied(page).endswith("&step=40&view=3d")
    page.evaluate("(({ player }) => { player.play(); player.seek(7); })(document.querySelector('.og-player'))")
    press(page, "Copy link")
    said(page)
    assert copied(page).endswith("&view=3d") and "step=" not in copied(page), "what plays stands nowhere"


def test_what_is_copied_as_python_ends_where_the_page_does(lab):
    page = lab(HASH)
    press(page, "Copy as Python")
    assert said(page) == "The Python code is copied."
    space = {}
    exec(copied(page), space)
    for name, *end in ends(page):
        np.testing.assert_allclose(space["race"][name].theta[-1], np.array(end, float), rtol=1e-12)


def test_where_the_clipboard_is_refused_the_text_is_selected(lab):
    page = lab(HASH, clipboard=False)
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))")
    press(page, "Copy as Python")
    assert said(page) == "The Python code is selected: copy it with Ctrl+C or ⌘C."
    field = page.get_by_role("textbox", name="what is copied", exact=True)
    assert field.input_value().startswith("import optguide as og\n")
    assert field.evaluate("(field) => document.activeElement === field && field.readOnly && "
                          "field.selectionEnd - field.selectionStart === field.value.length")  # fmt: skip
    page.evaluate("document.querySelector('og-lab').lab.change({ steps: 50 })")
    assert not field.is_visible(), "it was of another scene"


def test_saved_data_are_the_numbers_of_the_page(lab, tmp_path):
    page = lab(HASH)
    with page.expect_download() as download:
        press(page, "Save data")
    assert download.value.suggested_filename == "rosenbrock-adam-sgd.csv"
    download.value.save_as(tmp_path / "data.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "data.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 2 * 121
    for name, *end in ends(page):
        last = [row for row in rows if row["run"] == name][-1]
        assert [last["x"], last["y"]] == end and last["step"] == "120"
    assert said(page) == "Saved as rosenbrock-adam-sgd.csv."
    assert not [url for url in page.requests if not url.startswith("blob:")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_saved_picture_holds_landscape_charts_title_and_legend(lab, tmp_path, scheme, width):
    page = lab(HASH, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.locator(".og-share details").evaluate("(fold) => void (fold.open = true)")  # closed on a phone
    before = page.evaluate("document.querySelector('.og-stage canvas').width")
    stage = page.locator(".og-stage").bounding_box()
    chart = page.locator(".og-chart").first.bounding_box()
    with page.expect_download() as download:
        press(page, "Save picture")
    assert download.value.suggested_filename == "rosenbrock-adam-sgd.png"
    download.value.save_as(tmp_path / "picture.png")
    picture = matplotlib.image.imread(tmp_path / "picture.png")[..., :3]
    height = (stage["height"] if width > 600 else 3 * stage["height"]) if width > 600 else stage["height"]
    assert picture.shape[1] >= 2 * (stage["width"] + (chart["width"] if width > 600 else 0))
    drawn = [canvas.bounding_box() for canvas in page.locator(":is(.og-stage, .og-chart) canvas").all()]
    across = max(box["x"] + box["width"] for box in drawn) - min(box["x"] for box in drawn)
    assert picture.shape[1] == pytest.approx(2 * (across + 32), abs=1), "no wider than what it shows and its edges"
    assert picture.shape[0] >= 2 * (height + 60)
    ground = picture[2, 2]
    assert (ground > 0.9).all() if scheme == "light" else (ground < 0.15).all()
    written = abs(picture - ground).max(axis=2) > 0.2
    rows = written.any(axis=1)
    assert rows[:80].any(), "a title"
    assert rows[-90:-30].any(), "a legend"
    top, left = 2 * 50, 2 * 16
    landscape = picture[top : top + int(2 * stage["height"]), left : left + int(2 * stage["width"])]
    assert (landscape.reshape(-1, 3).std(axis=0) > 0.05).all(), "the landscape"
    for color in page.evaluate("document.querySelector('.og-player').player.runs.map(({ color }) => color)"):
        wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        where = np.argwhere(abs(picture - wanted).max(axis=2) < 0.02)
        assert len(where) > 50 and where[:, 0].max() > picture.shape[0] - 130, "its mark stands in the legend"
    assert page.evaluate("document.querySelector('.og-stage canvas').width") == before


WRITTEN = """() => {
    window.written = [];
    const pen = CanvasRenderingContext2D.prototype;
    for (const name of ["fillText", "fill", "drawImage"]) {
        const own = pen[name];
        pen[name] = function (...given) {
            const place = name === "fill" ? [0, 0] : given.slice(1, 3);
            const { x, y } = this.getTransform().transformPoint({ x: place[0], y: place[1] });
            const { canvas, fillStyle: color, textAlign: align } = this;
            written.push({ canvas, name, what: given[0], color, align, x, y });
            return own.apply(this, given);
        };
    }
}"""


def test_a_saved_picture_says_which_step_and_which_runs_it_shows(lab):
    page = lab("surface=rosenbrock&run=Adam;lr:0.05&run=SGD;lr:1&run=Momentum;lr:0.0005&run=Lion;lr:0.02&steps=60")
    page.evaluate("document.querySelector('.og-player').player.toggle(2)")
    page.evaluate("document.querySelector('.og-player').player.stopAt(40)")
    page.evaluate(WRITTEN)
    with page.expect_download():
        press(page, "Save picture")
    texts, marks, parts = page.evaluate("""() => {
        const { canvas } = written.find(({ what }) => /^step \\d+ of/.test(what));
        const [texts, marks, parts] = ["fillText", "fill", "drawImage"].map((name) =>
            written.filter((entry) => entry.canvas === canvas && entry.name === name));
        const { stage, charts } = document.querySelector(".og-player").player;
        const canvases = [stage, ...charts].map(({ canvas }) => canvas);
        return [texts.map(({ what, x, y, align }) => [what, x, y, align]),
            marks.map(({ color, x, y }) => [color, x, y]),
            parts.map(({ what, x, y }) => [canvases.indexOf(what), x, y])];
    }""")
    race = {"Adam": og.descend(og.Adam, "rosenbrock", steps=60, lr=0.05)}
    race |= {"SGD": og.descend(og.SGD, "rosenbrock", steps=60, lr=1.0)}
    race |= {"Lion": og.descend(og.Lion, "rosenbrock", steps=60, lr=0.02)}
    headings = page.locator(".og-heading").all_inner_texts()
    legend = [
        f"Adam · lr 0.05 · loss {race['Adam'].loss[40]:.4g}",
        f"SGD · lr 1 · diverged at {race['SGD'].diverged_at}",
    ]
    legend += [f"Lion · lr 0.02 · loss {race['Lion'].loss[40]:.4g}"]
    assert [text for text, *_ in texts] == [og.surfaces.rosenbrock.title, "step 40 of 60", *headings, *legend]
    assert [align for *_, align in texts[:2]] == ["start", "right"]
    assert [part for part, *_ in parts] == [0, 1, 2]
    for (_, x, y), (_, left, top, _) in zip(parts[1:], texts[2:4], strict=True):
        assert [left - x, top - y] == [2 * 49, 2 * 13], "each chart's heading stands on it"
    colors = page.evaluate("document.querySelector('.og-player').player.runs.map(({ color }) => color)")
    assert [color for color, *_ in marks] == [colors[i] for i in (0, 1, 3)]
    assert [[x - mark, y] for (_, mark, _), (_, x, y, _) in zip(marks, texts[4:], strict=True)] == [
        [2 * 18, y] for _, _, y in marks
    ]


def test_a_snippet_embeds_the_scene_without_what_is_hidden(lab, folder, site, open_page):
    page = lab(HASH)
    opener = page.get_by_role("button", name="Embed", exact=True)
    assert opener.get_attribute("aria-expanded") == "false"
    opener.click()
    assert opener.get_attribute("aria-expanded") == "true"
    page.get_by_role("checkbox", name="share", exact=True).check()
    page.get_by_role("checkbox", name="rules", exact=True).check()
    press(page, "Copy snippet")
    assert said(page) == "The snippet is copied."
    snippet = copied(page)
    assert re.fullmatch(r'<iframe src="[^"<]*" title="[^"<]*"[^<>]*></iframe>', snippet)
    assert html.unescape(snippet).count("&hide=rules,share") == 1
    assert 'title="Rosenbrock\'s function: Adam, SGD"' in snippet
    (folder / "embeds.html").write_text(f"<!doctype html><title>embeds</title>{snippet}", encoding="utf-8")
    frame = open_page(f"{site}embeds.html").frame_locator("iframe")
    frame.locator("og-lab[data-live]").wait_for()
    frame.locator("og-lab[data-whole]").wait_for()
    assert not frame.locator(".og-share").is_visible()


def test_what_cannot_be_done_is_said(lab):
    page = lab(HASH)
    page.evaluate("document.querySelector('og-lab').lab.scene.steps = 6000")
    press(page, "Copy link")
    assert said(page) == "This cannot be done: steps must be 1 to 5000, got 6000."


def test_names_of_runs_are_text_and_nothing_else(lab):
    evil = "<img src=x onerror='document.title=1'>\"&"
    page = lab(f"run=Adam;name:{json.dumps(evil)[1:-1].replace('&', '%26')}".replace("\\", ""))
    page.get_by_role("button", name="Embed", exact=True).click()
    press(page, "Copy snippet")
    said(page)
    assert "<img" not in copied(page) and page.title() == "lab"
    press(page, "Save data")
    assert page.locator("og-lab img").count() == 0
