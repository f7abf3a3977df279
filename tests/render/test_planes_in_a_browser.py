"""The whole picture in a real browser: computed in a worker, or on the page, and what is pointed at plays."""

import json
import math

import numpy as np
import pytest

import optguide as og
from optguide.render import player, web
from optguide.render.figures import sweeps

HASH = "surface=himmelblau&start=0,0&steps=200&run=Adam;lr:0.1&run=SGD;lr:0.01"
POLICY = "default-src 'self'"


def page_of(hash_):
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title>'
        '<link rel="stylesheet" href="player.css"><link rel="stylesheet" href="lab.css" data-lab>'
        f'<script type="module" src="player.js"></script><body><og-lab hash="{hash_}"></og-lab></body></html>'
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    files = web.site_scripts() | {"player.css": web.style(), "lab.css": web.style("lab/lab.css"), "favicon.ico": ""}
    files |= {"catalogue.json": player.dumps(player.catalogue()), "lab.html": page_of(HASH)}
    files |= {"curve.html": page_of("surface=quadratic_1d&start=3&run=Adam;lr:0.1")}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "alone").mkdir()
    for name, text in files.items():
        if name != "lab-worker.js":
            (folder / "alone" / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def said():
    return []


@pytest.fixture
def show(folder, serving, open_page, said):
    """Open a page under the strictest policy, and wait for its lab; what the console says is kept."""
    servers = []

    def opened(name="lab.html", **options):
        servers.append(serving(folder, Content_Security_Policy=POLICY))
        address = servers[-1].__enter__()
        page = open_page("about:blank", **{"viewport": {"width": 1280, "height": 1800}, **options})
        # What the tests' own renderer says of its speed says nothing of the page.
        page.on("console", lambda message: said.append(message.text) if "ReadPixels" not in message.text else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address + name)
        page.wait_for_selector("og-lab[data-live]")
        return page

    yield opened
    for server in servers:
        server.__exit__(None, None, None)


def compute(page, what):
    page.get_by_role("button", name=f"every {what}", exact=True).click()
    plane = page.get_by_role("application", name=f"where every {what} leads of ")
    plane.wait_for(timeout=60_000)
    return plane


def lab(page, what):
    return page.evaluate(f"() => {{ const lab = document.querySelector('og-lab').lab; return {what}; }}")


PLANES = "lab.panels.find((panel) => panel.views)"
VIEW = f"{PLANES}.drawn"


def found_of(what):
    return f"{VIEW}.get('{what}').picture.found"


def place(plane, across, up, share=(56, 8, 280, 280)):
    """A place inside the frame of a plane, as shares of its width and its height."""
    left, top, width, height = share
    return {"x": left + across * width, "y": top + (1 - up) * height}


def test_colours_are_those_of_the_package():
    source = (web.HERE / "lab" / "basins.js").read_text(encoding="utf-8")
    assert f"MINIMA = {json.dumps(list(sweeps.BASINS))}" in source
    assert f'NOWHERE = "{sweeps.NOWHERE}"' in source and f'LOST = "{sweeps.LOST}"' in source


def test_every_start_is_drawn_as_plot_basins_draws_it(show, said):
    page = show()
    plane = compute(page, "start")
    count = 128
    land = og.surfaces.himmelblau
    ax = og.sweep(og.Adam, land, land.grid(count), 200, lr=0.1).plot_basins()
    wanted = np.rint(255 * np.asarray(ax.images[0].get_array(), dtype=float))
    drawn = lab(page, f"[...{VIEW}.get('basins').picture.image.data]")
    drawn = np.array(drawn).reshape(count, count, 4)[::-1, :, :3]  # the highest y comes first
    apart = np.abs(drawn - wanted).max(-1)
    assert (apart <= 1).mean() > 0.999
    # The middle of a cell on the canvas has its colour.
    for column, row in ((3, 5), (100, 17), (60, 120)):
        x, y = 56 + (column + 0.5) * 280 / count, 8 + (count - row - 0.5) * 280 / count
        color = plane.locator("canvas").evaluate(
            "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]",
            [x, y],
        )
        assert color[:3] == drawn[row, column].tolist()
    assert [text for text in said if "willReadFrequently" not in text] == []  # a remark on this test's own reading


def test_a_click_on_a_cell_moves_the_start_and_plays_from_there(show, said):
    page = show()
    plane = compute(page, "start")
    plane.click(position=place(plane, 115.5 / 128, 25.5 / 128))
    box = np.array(og.surfaces.himmelblau.box)
    start = lab(page, "lab.scene.start")
    axes = [np.linspace(*edge, 128) for edge in box]
    assert start == [axes[0][115], axes[1][25]]
    run = og.descend(og.Adam, og.surfaces.himmelblau, start=start, steps=200, lr=0.1)
    said_there = page.locator(".og-views .og-said").inner_text()
    nearest = min(og.surfaces.himmelblau.known_minima(), key=lambda point: math.dist(point, run.theta[-1]))
    assert said_there.startswith(f"Start ({start[0]:.4g}, {start[1]:.4g}".replace("-", "−"))
    assert f"reaches ({nearest[0]:.4g}, {nearest[1]:.4g})".replace("-", "−") in said_there
    assert f"at step {run.arrived(1e-3)}." in said_there
    assert lab(page, "[...lab.found[0].theta.slice(-2)]") == pytest.approx(run.theta[-1], rel=1e-9)
    assert lab(page, "lab.player.playing || lab.player.step > 0") or lab(page, "lab.player.clock.wanted")
    assert page.locator(".og-stale").count() == 0, "the start does not change where starts lead"
    assert not said, said


def test_the_keyboard_moves_over_a_plane_and_plays(show):
    page = show()
    plane = compute(page, "start")
    plane.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    axes = [np.linspace(*edge, 128) for edge in og.surfaces.himmelblau.box]
    x, y = axes[0][66], axes[1][64 + 1 - 10]
    output = page.locator(".og-views .og-said")
    assert output.inner_text().startswith(f"Start ({x:.4g}, {y:.4g})".replace("-", "−"))
    page.keyboard.press("Enter")
    assert lab(page, "lab.scene.start") == [x, y]


def test_every_learning_rate_is_drawn_and_one_of_them_plays(show, said):
    page = show()
    page.get_by_role("combobox", name="Where it leads:", exact=True).select_option("SGD")
    plane = compute(page, "learning rate")
    found = lab(page, f"(({{ lrs, divergedAt }}) => ({{ lrs: [...lrs], gone: [...divergedAt] }}))({found_of('rates')})")
    lrs = np.array(found["lrs"])
    run = og.descend(og.SGD, og.surfaces.himmelblau, start=np.zeros((len(lrs), 2)), steps=200, lr=lrs)
    assert found["gone"] == run.diverged_at.tolist()
    assert 0 < (run.diverged_at >= 0).sum() < len(lrs)
    plane.click(position=place(plane, 0.5, 0.5, (56, 8, 280, 240)))
    assert lab(page, "lab.scene.runs[1].settings.lr") == lrs[90] == 0.01
    plane.focus()
    page.keyboard.press("ArrowLeft")
    text = page.locator(".og-views .og-said").inner_text()
    assert text.startswith(f"Learning rate {lrs[89]:.4g}: loss in the end") and "from the nearest minimum" in text
    page.keyboard.press("Enter")
    assert lab(page, "lab.scene.runs.map(({settings}) => settings.lr)") == [0.1, lrs[89]]
    page.keyboard.press("Shift+ArrowRight")
    for _ in range(9):
        page.keyboard.press("Shift+ArrowRight")
    assert f"diverged at step {run.diverged_at[-1]}." in page.locator(".og-views .og-said").inner_text()
    assert page.locator(".og-stale").count() == 0, "the learning rate is what the axis is about"
    assert not said, said


def test_a_plane_says_when_the_settings_have_changed(show):
    page = show()
    compute(page, "start")
    lab(page, "lab.change({ runs: [{ ...lab.scene.runs[0], settings: { lr: 0.2 } }, lab.scene.runs[1]] })")
    assert page.locator(".og-stale").count() == 1
    assert "changed" in page.locator(".og-views .og-said").inner_text()
    lab(page, "lab.change({ runs: [{ ...lab.scene.runs[0], settings: { lr: 0.1 } }, lab.scene.runs[1]] })")
    assert page.locator(".og-stale").count() == 0


def test_a_rule_that_the_reader_has_changed_is_the_one_that_is_computed(show):
    page = show()
    code = "def update(theta, grad, t, *, lr=0.1):\n    return theta - lr * 0 * grad(theta)"
    lab(page, f"lab.change({{ runs: [{{ ...lab.scene.runs[0], code: {json.dumps(code)} }}] }})")
    compute(page, "start")
    minimum = lab(page, f"[...{found_of('basins')}.minimum]")
    assert np.mean(np.array(minimum) == -1) > 0.99, "it stays where it is"


def test_the_page_answers_while_a_worker_computes_and_work_can_be_stopped(show):
    page = show()
    lab(page, "lab.change({ steps: 5000 })")
    words = """(() => {
        const said = [];
        const button = lab.panels.find((panel) => panel.views).buttons[1];
        for (const _ of [1, 2]) {
            button.click();
            said.push(button.textContent);
        }
        return said;
    })()"""
    assert lab(page, words) == ["stop", "every start"]
    assert page.locator(".og-choose + .og-said").inner_text() == "stopped"
    assert page.get_by_role("button", name="every start", exact=True).is_enabled()
    assert not lab(page, f"{PLANES}.task")
    page.wait_for_timeout(300)
    assert page.locator(".og-plane").count() == 0


def test_a_worker_begins_and_is_heard(show):
    """It is not the page that computes in its place."""
    page = show()
    page.evaluate("""() => { globalThis.heard = []; globalThis.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            for (const name of ["message", "error"]) this.addEventListener(name, () => heard.push(name));
        } }; }""")
    lab(page, "lab.change({ steps: 30 })")
    compute(page, "start")
    assert set(page.evaluate("heard")) == {"message"}


@pytest.mark.parametrize("name", ["lab.html", "alone/lab.html"])
def test_a_computation_that_takes_too_long_is_ended_and_says_so(show, name):
    """Whether in a worker or on the page."""
    page = show(name)
    lab(page, f"[lab.change({{ steps: 5000 }}), {PLANES}.limit = 0.02]")
    page.get_by_role("button", name="every start", exact=True).click()
    page.get_by_text("ended after 0.02 s; with fewer steps it takes less").wait_for()
    assert page.get_by_role("button", name="every start").is_enabled() and page.locator(".og-plane").count() == 0
    lab(page, f"{PLANES}.limit = 60")
    compute(page, "learning rate")


@pytest.mark.parametrize("refused", [False, True])
def test_where_no_worker_can_begin_the_page_computes_in_slices(show, refused):
    """There is no such file, or the browser refuses at once."""
    page = show("lab.html" if refused else "alone/lab.html")
    if refused:
        page.evaluate("() => { globalThis.Worker = class { constructor() { throw new Error('no'); } }; }")
    lab(page, f"[lab.change({{ steps: 30 }}), {PLANES}.limit = 60]")
    page.evaluate("() => { globalThis.pauses = 0; setInterval(() => { pauses += 1; }, 4); }")
    compute(page, "start")
    assert not lab(page, f"{PLANES}.task")
    minimum = lab(page, f"[...{found_of('basins')}.minimum]")
    assert {0, 1, 2, 3} <= set(minimum)
    assert page.evaluate("pauses") > 3


def test_on_a_curve_there_are_learning_rates_only(show):
    page = show("curve.html")
    assert page.get_by_role("button", name="every start", exact=True).is_disabled()
    assert "the minima are known" in page.locator(".og-choose").inner_text(), "why it is"
    compute(page, "learning rate")


def test_a_saved_page_has_a_worker_made_of_its_own_script(tmp_path, open_page):
    og.race([og.Adam], og.surfaces.himmelblau, steps=50, lr=0.1).animate().save(tmp_path / "saved.html")
    page = open_page((tmp_path / "saved.html").as_uri(), reduced_motion="reduce")
    page.evaluate("""() => {
        globalThis.heard = [];
        globalThis.Worker = class extends Worker {
            constructor(url) { super(url); this.addEventListener("message", () => heard.push(url)); }
        };
    }""")
    page.get_by_role("button", name="Try it", exact=True).click()
    page.wait_for_selector("og-lab[data-live]")
    compute(page, "start")
    assert page.evaluate("heard.length && heard.every((url) => url.startsWith('blob:'))")
