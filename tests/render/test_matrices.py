"""Pictures of descents of matrices: singular values over the steps, spectra of updates, images of the unit circle."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

import optguide as og
from optguide.render import player, web

BARS = """
window.bars = [];
window.paths = [];
const pen = CanvasRenderingContext2D.prototype;
const keep = (name, list, entry) => {
  const own = pen[name];
  pen[name] = function (...given) { list.push(entry(this, given)); return own.apply(this, given); };
};
keep("fillRect", bars, ({ canvas, fillStyle }, box) => ({ canvas, color: fillStyle, box }));
window.texts = [];
keep("fillText", texts, ({ canvas, textAlign: align, globalAlpha: alpha }, [text, ...at]) =>
  ({ canvas, text, at, align, alpha }));
window.points = [];
keep("arc", points, ({ canvas, fillStyle }, at) => ({ canvas, color: fillStyle, at }));
keep("lineTo", paths, ({ canvas, strokeStyle }, at) => ({ canvas, color: strokeStyle, at }));
"""


def singular(matrices):
    return np.linalg.svd(matrices, compute_uv=False)


@pytest.fixture(scope="module")
def race():
    problem = og.problems.matrix_quadratic(5, 3, 4.0)
    return og.race({"SGD": og.SGD.at(lr=0.9), "Adam": og.Adam.at(lr=0.1)}, problem, steps=25)


@pytest.fixture(scope="module")
def small():
    problem = og.problems.matrix_quadratic(2, 2, 3.0)
    return og.race({"SGD": og.SGD.at(lr=0.9), "Adam": og.Adam.at(lr=0.1)}, problem, steps=25)


def trails(ax, label):
    first = next(line for line in ax.lines if line.get_label() == label)
    return [line for line in ax.lines if line.get_color() == first.get_color()]


def test_singular_values_are_drawn_over_the_steps(race):
    ax = og.plot_singular_values(race)
    target = race.function.known_minima()[0]
    for name, run in race.items():
        lines = np.array([line.get_ydata() for line in trails(ax, name)])
        np.testing.assert_allclose(lines, singular(run.theta - target).T, rtol=1e-12)
    assert ax.get_yscale() == "log" and ax.get_ylabel() == "singular values of W − W*"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["SGD", "Adam"]
    ax = og.plot_singular_values(race["Adam"], of="update")
    lines = np.array([line.get_ydata() for line in ax.lines])
    assert np.isnan(lines[:, 0]).all() and ax.get_ylabel() == "singular values of the update"
    np.testing.assert_allclose(lines[:, 1:], singular(np.diff(race["Adam"].theta, axis=0)).T, rtol=1e-12)


def test_of_a_factorization_the_product_is_shown_without_the_zeros_of_its_rank():
    problem = og.problems.factorization(6, 2, 5.0, scale=0.1)
    run = og.descend(og.SGD, problem, steps=20, lr=0.1)
    lines = np.array([line.get_ydata() for line in og.plot_singular_values(run).lines])
    P, Q = problem.blocks(run.theta)
    np.testing.assert_allclose(lines, singular(P @ Q.swapaxes(1, 2)).T[:2], rtol=1e-10)
    updates = np.array([line.get_ydata() for line in og.plot_singular_values(run, of="update").lines])
    assert len(updates) == 4  # of both factors


def test_of_many_singular_values_the_first_the_last_and_some_between_are_shown():
    run = og.descend(og.SGD, og.problems.half_square(40, 30), steps=2, lr=0.1)
    lines = og.plot_singular_values(run).lines
    assert len(lines) == 12
    assert lines[0].get_ydata()[0] == pytest.approx(1) and lines[-1].get_ydata()[0] == pytest.approx(0.1)


def test_what_diverged_is_drawn_as_far_as_it_is_known():
    problem = og.problems.matrix_quadratic(3, 3)
    run = og.descend(og.SGD, problem, steps=60, lr=30.0)
    assert run.diverged_at is not None
    lines = og.plot_singular_values({"gone": run}).lines
    assert np.isnan(lines[0].get_ydata()[run.diverged_at + 1 :]).all() and lines[0].get_ydata()[1] > 0
    assert og.animate(run).stills()[0].size == (480, 480)


def test_the_spectrum_of_an_update_is_flat_where_it_is_orthogonal(race):
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 3)))[0]
    steps = np.zeros((26, 5, 3)) + np.arange(26)[:, None, None] * 0.1 * Q
    flat = dataclasses.replace(race["Adam"], theta=steps)
    ax = og.plot_update_spectrum({"SGD": race["SGD"], "flat": flat}, step=4)
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    values = singular(race["SGD"].theta[4] - race["SGD"].theta[3])
    np.testing.assert_allclose(heights, [values / values[0], np.ones(3)], rtol=1e-9)
    places = [[bar.get_x() + bar.get_width() / 2 for bar in bars] for bars in ax.containers]
    np.testing.assert_allclose(np.mean(places, 0), [1, 2, 3])
    assert places[0][0] < places[1][0] and "update 4" in ax.get_ylabel()


def test_a_matrix_is_shown_by_what_it_makes_of_the_unit_circle(small):
    run = small["Adam"]
    ax = og.plot_circle_images(run, [0, 25])
    goal, *ellipses = (line.get_xydata() for line in ax.lines)
    for drawn, matrix in zip((goal, ellipses[1]), (small.function.known_minima()[0], run.theta[25]), strict=True):
        lengths = np.linalg.norm(drawn, axis=1)
        assert (lengths.max(), lengths.min()) == pytest.approx(singular(matrix), abs=2e-3)
        np.testing.assert_allclose(drawn[[0, 45]], matrix.T, atol=1e-15)
    assert len(ellipses) == 2 and not ellipses[0].any()  # it starts at the zero matrix
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["minimum", "Adam"]
    assert len(og.plot_circle_images(run).lines) == 7


def test_a_race_of_matrices_is_a_film_of_losses_and_singular_values(race, small, tmp_path):
    film = race.animate()
    assert film.recording["charts"] == ["loss", "singular values of W − W*"]
    assert film.recording["matrix"]["target"] is None and film.landscape is None and len(film.stills()) == 2
    goal = small.function.known_minima()[0]
    assert small.animate().recording["matrix"]["target"] == pytest.approx(goal.ravel())
    assert og.animate(race["Adam"], panels=("update", "m")).save(tmp_path / "film.png").stat().st_size > 10_000
    tracks = film._scene.tracks
    assert [track.marker for track in tracks] == ["o", "s", "o", None, None, "s", None, None]
    highest = [np.nanmin(track.points[:, 1]) for track in tracks[2:5]]
    assert highest == sorted(highest, reverse=True)  # pixels: the largest singular value is the highest line
    plain = og.descend(og.SGD, lambda *x: sum(c**2 for c in x), np.ones(3), 2).animate()
    assert "matrix" not in plain.recording and plain.recording["charts"] == ["loss", "step length"]
    assert "matrix" not in og.descend(og.SGD, "sphere", steps=2).animate().recording


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda run: og.plot_singular_values(run, of="norm"),
            ValueError,
            "unknown of 'norm'; known are matrix, update",
        ),
        (lambda run: og.plot_update_spectrum(run, 26), ValueError, "step must be >= 1 and at most 25, got 26"),
        (lambda run: og.plot_circle_images(run), ValueError, "must have two rows and two columns"),
        (lambda run: og.plot_singular_values(og.descend(og.SGD, "sphere")), ValueError, "sphere are no matrices"),
        (lambda run: og.plot_update_spectrum(og.descend(og.SGD, lambda x: x**2, (1,))), ValueError, "no matrices"),
        (lambda run: og.animate(og.descend(og.SGD, "sphere"), panels="update"), ValueError, "has no state 'update'"),
    ],
)
def test_bad_input_names_the_culprit(make, error, message, race):
    with pytest.raises(error, match=message):
        make(race["Adam"])


# --- In the player


def write_page(race, folder, site):
    """The page of a race, as a notebook has it or as a site has it."""
    film = race.animate()
    if not site:
        film.save(folder / "page.html")
    else:
        files = web.site_scripts() | {"race.json": json.dumps(film.recording)}
        head = '<!doctype html><meta charset="utf-8"><script type="module" src="player.js"></script>'
        files["page.html"] = f"{head}<style>{web.style()}</style>" + player.markup(
            film.recording, ["<img alt=''>"] * 2, {"recording": "race.json"}
        )
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("site", [False, True], ids=["alone", "site"])
def test_bars_are_the_singular_values_of_the_step_that_is_shown(race, browser, serving, tmp_path, site):
    write_page(race, tmp_path, site)
    with serving(tmp_path) as address:
        context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
        context.add_init_script(BARS)
        page = context.new_page()
        page.goto(f"{address}page.html")
        page.wait_for_selector(".og-player[data-live]")
        page.evaluate("window.p = document.querySelector('.og-player').player")
        goal = race.function.known_minima()[0]
        matrix = race.animate().recording["matrix"]
        written, rows, panels = page.evaluate("""() => {
            texts.length = bars.length = 0; p.stage.drawn = ""; p.draw();
            const own = ({ canvas }) => canvas === p.stage.ground;
            const written = texts.filter(own).map(({ text, at, alpha }) => [alpha === 1 ? text : alpha, ...at]);
            return [written, bars.filter(own).map(({ box }) => box), p.stage.panels];
        }""")
        (above, below), titles = panels, [matrix["values"], f"{matrix['update']}, relative to the largest"]
        assert [text for text, x, _ in written if x == 52] == titles
        assert [y for _, x, y in written if x == 52] == [above["top"] - 16, below["top"] - 16]
        ticks = [(float(text.replace("−", "-")), y) for text, x, y in written if x == 46]
        high = [(value, y) for value, y in ticks if y <= above["bottom"]]
        share = [(above["bottom"] - y) / (above["bottom"] - above["top"]) for _, y in high]
        reach = np.log10([above["low"], above["high"]])
        np.testing.assert_allclose(
            np.log10([value for value, _ in high]), reach[0] + np.array(share) * np.ptp(reach), atol=1e-6
        )
        low = [
            (value, (below["bottom"] - y) / (below["bottom"] - below["top"]) * 1.05)
            for value, y in ticks
            if y > above["bottom"]
        ]
        np.testing.assert_allclose(*np.transpose(low), atol=1e-6)
        assert len(high) >= 2 and {value for value, _ in low} == {0, 0.5, 1}
        assert [y for x, y, _, height in rows if height == 1 and x == 52] == [y for _, y in ticks]
        for step in (7, 20, 7.4):
            found = page.evaluate(
                f"""() => {{ bars.length = 0; p.pause(); p.seek({step}); p.draw();
                const own = bars.filter(({{ canvas }}) => canvas === p.stage.canvas);
                const boxes = own.map(({{ color, box }}) => [color, ...box]);
                return [boxes, p.stage.panels, p.runs.map((run) => run.color)]; }}"""
            )
            drawn, panels, colors = found
            for run, color in zip(race.values(), colors, strict=True):
                tops = np.array([y for name, _, y, _, _ in drawn if name == color])
                above, below = tops[:3], tops[3:]
                share = (panels[0]["bottom"] - above) / (panels[0]["bottom"] - panels[0]["top"])
                low, high = np.log(panels[0]["low"]), np.log(panels[0]["high"])
                before, then = (singular(run.theta[i] - goal) for i in (int(step), math.ceil(step)))
                values = before + (step % 1) * (then - before)
                np.testing.assert_allclose(np.exp(low + share * (high - low)), values, rtol=2e-3)
                share = (panels[1]["bottom"] - below) / (panels[1]["bottom"] - panels[1]["top"]) * panels[1]["high"]
                values = singular(run.theta[int(step)] - run.theta[int(step) - 1])  # an update is that of a whole step
                np.testing.assert_allclose(share, values / values[0], rtol=2e-3)
        page.evaluate("p.toggle(0), bars.length = 0, p.draw()")
        hidden = page.evaluate(
            "bars.filter(({canvas, color}) => canvas === p.stage.canvas && color === p.runs[0].color).length"
        )
        assert hidden == 0
        context.close()


def test_the_image_of_the_circle_follows_the_steps(small, browser, serving, tmp_path):
    write_page(small, tmp_path, False)
    with serving(tmp_path) as address:
        context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
        context.add_init_script(BARS)
        page = context.new_page()
        page.goto(f"{address}page.html")
        page.wait_for_selector(".og-player[data-live]")
        page.evaluate("window.p = document.querySelector('.og-player').player")
        points, colors, middle, unit = page.evaluate(
            """() => { paths.length = 0; p.pause(); p.seek(12); p.draw(); const s = p.stage;
            const middle = s.project([0, 0]);
            return [paths.filter(({ canvas }) => canvas === s.canvas).map(({ color, at }) => [color, ...at]),
                    p.runs.map((run) => run.color), middle, s.project([1, 0])[0] - middle[0]]; }"""
        )
        for run, color in zip(small.values(), colors, strict=True):
            drawn = np.array([[x, y] for name, x, y in points if name == color])
            drawn = (drawn - middle) / unit * [1, -1]
            np.testing.assert_allclose(drawn[0], run.theta[12][:, 0], atol=2e-3)
            lengths = np.linalg.norm(drawn, axis=1)
            assert (lengths.max(), lengths.min()) == pytest.approx(singular(run.theta[12]), abs=2e-3)
            turned = np.array([np.cos(t := np.pi / 48 * np.arange(97)), np.sin(t)])
            np.testing.assert_allclose(drawn, (run.theta[12] @ turned).T, atol=2e-3)
        firsts, ground, written = page.evaluate("""() => {
            texts.length = paths.length = points.length = 0; p.stage.drawn = ""; p.draw();
            const own = ({ canvas }) => canvas === p.stage.ground;
            return [points.map(({ color, at }) => [color, at[0], at[1]]), paths.filter(own).map(({ at }) => at),
                texts.filter(own).map(({ text, at, align }) => [text, align === "center" ? at[0] : at[1], align])];
        }""")
        assert [color for color, *_ in firsts] == colors
        for (_, *at), run in zip(firsts, small.values(), strict=True):
            np.testing.assert_allclose((np.array(at) - middle) / unit * [1, -1], run.theta[12][:, 0], atol=2e-3)
        (target,) = [np.reshape(found, (2, 2)) for found in small.function.known_minima()]
        np.testing.assert_allclose((np.array(ground) - middle) / unit * [1, -1], (target @ turned).T, atol=2e-3)
        for text, at, align in written:
            j = int(align != "center")
            assert (at - middle[j]) / unit * (1, -1)[j] == pytest.approx(float(text.replace("−", "-")), abs=1e-3)
        assert len(written) >= 6
        assert page.get_attribute(".og-stage", "aria-label").startswith(
            "Matrix quadratic, rotated: the image of the unit"
        )
        context.close()
