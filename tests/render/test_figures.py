"""Figures: the data in the artists equal the data recorded, and every function returns its axes."""

import dataclasses
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest

from optguide import optimizers, signals, surfaces
from optguide.descent import descend
from optguide.race import race
from optguide.render import (
    plot_arrows,
    plot_curve,
    plot_loss,
    plot_map,
    plot_responses,
    plot_states,
    plot_surface,
    plot_trails,
    repaint,
)
from optguide.render.style import INK, assign_styles
from optguide.signals import respond


@pytest.fixture(autouse=True)
def close_figures():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def camel():
    return race([optimizers.SGD, optimizers.Adam, optimizers.Lion], surfaces.tilted_camel, steps=30, lr=0.1)


def trails(ax):
    return [line for line in ax.lines if line.get_gid() == "trail"]


def test_trails_are_the_recorded_points(camel):
    ax = plot_map(surfaces.tilted_camel)
    assert plot_trails(camel, ax=ax) is ax
    assert len(trails(ax)) == 3
    for line, run in zip(trails(ax), camel.values(), strict=True):
        np.testing.assert_allclose(line.get_xydata(), run.theta)
        assert line.get_color() == run.color
    assert ax.get_xlim() == (-1, 1) and ax.get_xlabel() == "x"
    assert [t.get_text().split("\n")[0] for t in ax.get_legend().get_texts()] == list(camel)


def test_a_run_that_leaves_does_not_stretch_the_map():
    run = descend(optimizers.Lion, surfaces.unit_rosenbrock, steps=100, lr=0.1)
    ax = plot_trails(run)
    assert ax.get_xlim() == (-1, 1) and ax.get_ylim() == (-1, 1)
    shown = trails(ax)[0].get_xydata()
    assert np.nanmax(np.abs(shown)) <= 1
    assert "left at step" in ax.get_legend().get_texts()[0].get_text()


def test_arrows_too_long_for_a_number_are_refused():
    run = descend(optimizers.SGD, surfaces.rosenbrock, (-1.5, 2.0), 3, lr=1e-3)
    with pytest.raises(ValueError, match="^scale must leave the arrows finite, got 1e\\+307"):
        plot_arrows(run, scale=1e307)


def test_arrows_lie_on_a_map_that_is_turned_round():
    run = descend(optimizers.SGD, surfaces.sphere, start=(4, -3), steps=5, lr=0.1)
    ax = plot_map(surfaces.sphere)
    ax.invert_yaxis()
    limits = ax.get_ylim()
    assert plot_arrows(run, ax=ax).get_ylim() == limits and limits[0] > limits[1]


def test_a_refused_curve_leaves_no_empty_figure():
    with pytest.raises(ValueError, match="no finite height in this box"):
        plot_curve(lambda x: x * np.nan, box=((0, 1),))
    assert not plt.get_fignums()


def test_a_complex_box_is_refused_not_cut():
    for box in (np.ones((2, 2)) * 1j, ((0, 1j), (0, 1))):
        with pytest.raises(TypeError, match="box must hold 2"):
            plot_map(surfaces.sphere, box=box)
    with pytest.raises(TypeError, match="levels must be an array of numbers"):
        plot_map(surfaces.sphere, levels=np.array([1, 2 + 1j]))


def test_map_heights_are_the_functions(camel):
    _, given = plt.subplots()
    assert plot_map(surfaces.rosenbrock, ax=given) is given
    image = (given.images or given.collections)[0].get_array()
    assert np.isfinite(np.asarray(image)).all()
    plain = plot_map(lambda x, y: x**2 + y, box=((0, 1), (2, 3)))
    assert plain.get_xlim() == (0, 1) and plain.get_ylim() == (2, 3)
    with pytest.raises(ValueError, match="box must be given"):
        plot_map(lambda x, y: x + y)


def contours(ax):
    return next(c for c in ax.collections if hasattr(c, "levels"))


def test_levels_are_heights_and_labels_say_which():
    ax = plot_map(surfaces.rosenbrock, levels=[-5, 10, 400, 1e6], labels=True)
    assert {t.get_text() for t in ax.texts} == {"10", "400"}  # the others lie outside
    for path, height in zip(contours(ax).get_paths(), (10, 400), strict=True):
        points = path.interpolated(1).vertices
        np.testing.assert_allclose(surfaces.rosenbrock(*points.T), height, rtol=0.25)
    assert len(contours(plot_map(surfaces.sphere, levels=5)).levels) == 5
    assert not plot_map(surfaces.sphere, levels=5).texts
    assert not any(hasattr(c, "levels") for c in plot_map(surfaces.sphere, levels=[-1]).collections)


@pytest.mark.parametrize("shading", ["linear", "sqrt", "log"])
def test_labels_of_counted_levels_undo_the_shading(shading):
    bowl = surfaces.sphere.framed("bowl", shading=shading)
    ax = plot_map(bowl, levels=3, labels=True)
    corner = float(bowl(*np.transpose(bowl.box)[1]))
    shares = {"linear": [1 / 4, 1 / 2, 3 / 4], "sqrt": [1 / 16, 1 / 4, 9 / 16]}
    shares["log"] = [(101**share - 1) / 100 for share in shares["linear"]]
    written = sorted({float(text.get_text()) for text in ax.texts})
    np.testing.assert_allclose(written, np.multiply(shares[shading], corner), rtol=1e-3)


def test_a_surface_brings_its_levels():
    surface = surfaces.two_minima
    ax = plot_map(surface, labels=True)
    written = {float(text.get_text()) for text in ax.texts}
    assert written <= set(surface.levels) and {1.25, 2.5, 3.75} <= written
    assert surface.levels[:2] == (-2, -1.75) and surface.levels[36:38] == (7, 8) and surface.levels[-1] == 19
    assert len(contours(plot_map(surfaces.tilted_camel)).levels) == 16
    lifted = surface.framed("lifted", height=(1, 4))
    assert lifted.levels[-1] == pytest.approx((19 - 1) / 3 * (1 - 1e-5) + 1e-5)
    with pytest.raises(ValueError, match="levels of two_minima must be ascending"):
        dataclasses.replace(surface, levels=(2, 1))


def test_bad_levels():
    for error, says, several in (
        (TypeError, "levels must be an int, got", (True, 2.5)),
        (TypeError, "levels must be an array of numbers, got '12'", ("12",)),
        (ValueError, "levels must be >= 1", (0,)),
        (ValueError, "levels must not be empty", ([],)),
        (ValueError, "levels must be finite", ([0, np.nan],)),
        (ValueError, "levels must be ascending heights in one row", ([2, 1], [1, 1], [[1, 2]])),
    ):
        for levels in several:
            with pytest.raises(error, match=says):
                plot_map(surfaces.sphere, levels=levels)


def test_a_race_passes_its_map_on(camel):
    options = {"box": ((-0.5, 0.5), (-0.25, 0.5)), "levels": [0.1, 0.2], "labels": True}
    for ax in (camel.plot_map(**options), camel.plot(**options).axes[0]):
        assert ax.get_xlim() == (-0.5, 0.5) and ax.get_ylim() == (-0.25, 0.5)
        assert {text.get_text() for text in ax.texts} == {"0.1", "0.2"}


def test_arrows_are_minus_lr_times_the_gradient():
    run = descend(optimizers.SGD, surfaces.sphere, start=(4, -3), steps=5, lr=0.1)
    ax = plot_arrows(run, every=1)
    quiver = next(c for c in ax.collections if hasattr(c, "U"))
    np.testing.assert_allclose(np.column_stack([quiver.U, quiver.V]), -0.1 * run.grad)
    np.testing.assert_allclose(quiver.get_offsets(), run.theta[:-1])


def test_losses_are_the_recorded_ones(camel):
    runs = race([optimizers.SGD, optimizers.Adam], surfaces.sphere, steps=20, lr=0.1)
    ax = plot_loss(runs)
    assert ax.get_yscale() == "log" and ax.get_xlabel() == "step"
    for line, run in zip([x for x in ax.lines if len(x.get_xdata()) == 21], runs.values(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), run.loss)
    below_zero = plot_loss(descend(optimizers.SGD, surfaces.quadratic_1d, steps=20, lr=0.01))
    assert "lowest value" in below_zero.get_ylabel()
    least, most = np.min([run.loss.min() for run in runs.values()]), max(run.loss.max() for run in runs.values())
    assert ax.get_ylim() == pytest.approx((least / 1.6, most * 1.6))
    fall = descend(optimizers.SGD, lambda x, y: x + 2 * y, (0, 0), 10, lr=0.1)  # a plane has no lowest value
    ax = plot_loss(fall)
    assert ax.get_yscale() == "linear" and ax.get_ylim() == pytest.approx((-5.3, 0.3)), "6 % of 5 above and below"


def test_losses_stand_where_as_many_gradients_were_asked_for():
    runs = race([optimizers.SGD, optimizers.SAM(optimizers.SGD)], surfaces.sphere, steps=20, lr=0.1)
    ax = runs.plot_loss(against="evaluations")
    assert ax.get_xlabel() == "gradient evaluations" and ax.get_xlim()[1] > 40
    for line, each in zip([x for x in ax.lines if len(x.get_xdata()) == 21], (1, 2), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), each * np.arange(21))
    with pytest.raises(ValueError, match="unknown against 'seconds'; known are step, evaluations"):
        runs.plot_loss(against="seconds")


def test_surface_and_curve_and_states(camel):
    assert plot_surface(surfaces.tilted_camel, camel).name == "3d"
    run = descend(optimizers.Adam, surfaces.quadratic_1d, steps=20, lr=0.1)
    ax = plot_curve(surfaces.quadratic_1d, run)
    points = np.column_stack([run.theta[:, 0], run.loss])
    assert any(line.get_xydata().shape == points.shape and np.allclose(line.get_xydata(), points) for line in ax.lines)
    states = plot_states(run)
    drawn = [line.get_ydata() for a in np.ravel(states) for line in a.lines]
    for name in ("m", "v"):
        assert any(len(d) == 21 and np.allclose(d, run.states[name][:, 0]) for d in drawn)


def test_a_landscape_marks_the_minima_that_it_shows():
    def marked(ax):
        return [np.ravel(line.get_data_3d()) for line in ax.lines if line.get_gid() == "minimum"]

    whole, part = (plot_surface(surfaces.himmelblau, box=box) for box in (None, ((0, 5), (-5, 5))))
    expected = sorted(surfaces.himmelblau.known_minima())
    np.testing.assert_allclose([point[:2] for point in sorted(map(tuple, marked(whole)))], expected)
    np.testing.assert_allclose([point[2] for point in marked(whole)], 0, atol=1e-6)
    assert len(expected) == 4 and len(marked(part)) == 2
    assert not marked(plot_surface(lambda x, y: x - y, box=((0, 1), (0, 1))))


def test_runs_are_told_apart_by_colour_and_shape(camel):
    same = {f"lr {i}": descend(optimizers.Adam, surfaces.sphere, steps=3, lr=0.1 * i) for i in (1, 2, 3)}
    found = assign_styles(same)
    assert len({style.color for style in found.values()}) == 3
    assert len({style.marker for style in found.values()}) == 3
    assert assign_styles(dict(camel))["Adam"].color == optimizers.Adam.color


def test_ink_follows_the_theme(camel):
    ax = plot_loss(camel)
    ax.set_title("Who gets there")
    for theme in ("dark", "light"):
        repaint(ax.figure, theme)
        assert ax.title.get_color() == ax.xaxis.label.get_color() == INK[theme]
        assert ax.figure.patch.get_alpha() == 0
    with pytest.raises(ValueError, match="theme must be 'light' or 'dark', got 'sepia'"):
        repaint(ax.figure, "sepia")


def test_repaint_reaches_the_legend_of_a_figure():
    figure, ax = plt.subplots()
    ax.plot([0, 1], label="a")
    legend = figure.legend()
    repaint(figure, "dark")
    assert legend.get_texts()[0].get_color() == INK["dark"]
    assert legend.get_frame().get_alpha() == 0


def test_a_diverged_run_draws_no_warning():
    run = descend(optimizers.SGD, surfaces.rosenbrock, lr=0.5, steps=40)
    assert run.diverged_at is not None
    for ax in (plot_trails(run), plot_loss(run), plot_surface(surfaces.rosenbrock, run)):
        ax.figure.canvas.draw()
        assert "diverged" in ax.get_legend().get_texts()[0].get_text()


def test_bad_input():
    batch = descend(optimizers.SGD, surfaces.sphere, start=[(1, 1), (2, 2)], steps=3)
    for draw in (plot_trails, plot_loss, plot_states):
        with pytest.raises(ValueError, match="plot one descent at a time"):
            draw(batch)
    with pytest.raises(ValueError, match="'speed'"):
        plot_states(descend(optimizers.Adam, surfaces.sphere, steps=3), "speed")


def test_responses_are_small_multiples_of_gradient_and_update():
    responses = {
        name: respond(optimizers.Adam, getattr(signals, name), lr=0.25, betas=([0.25, 0.9, 0.975], 0.999))
        for name in ("spikes", "noisy_sine")
    }
    axes = plot_responses(responses)
    assert axes.shape == (2, 3)
    for row, response in zip(axes, responses.values(), strict=True):
        for i, ax in enumerate(row):
            lines = {line.get_gid(): line for line in ax.lines}
            np.testing.assert_array_equal(lines["gradient"].get_ydata(), response.gradient)
            np.testing.assert_array_equal(lines["update"].get_ydata(), response.update[:, i])
            assert lines["update"].get_color() == optimizers.Adam.color
            assert ax.get_ylim() == row[0].get_ylim()
    assert [ax.get_title() for ax in axes[0]] == [f"betas\n({beta1}, 0.999)" for beta1 in (0.25, 0.9, 0.975)]
    assert axes[1, 0].get_ylabel() == "noisy\nsine"
    assert axes[0, 0].figure.get_figwidth() <= 5
    single = plot_responses(respond(optimizers.SGD, signals.spikes))
    assert single.shape == (1, 1) and single[0, 0].get_title() == ""
    titles = [ax.get_title() for ax in plot_responses(respond(optimizers.SGD, signals.spikes, lr=[0.1, 1]))[0]]
    assert titles == ["lr\n0.1", "lr\n1"]
    two = plot_responses(respond(optimizers.Momentum, signals.spikes, lr=[0.1, 1], momentum=[0.5, 0.9]))[0]
    assert [ax.get_title() for ax in two] == ["lr\n0.1\nmomentum\n0.5", "lr\n1\nmomentum\n0.9"]
    rates = [0.1, 0.2, 0.3, 0.4]
    long = plot_responses(respond(optimizers.Adagrad, signals.spikes, initial_accumulator_value=rates))[0]
    assert long[0].get_title() == "initial\naccumulator\nvalue\n0.1", "a fourth of the figure is narrow"


def test_responses_refuse_what_they_cannot_draw():
    one, three = (respond(optimizers.SGD, signals.spikes, lr=lr) for lr in (0.1, [0.1, 0.2, 0.3]))
    with pytest.raises(TypeError, match="responses must be a Response or a mapping of Responses, got list"):
        plot_responses([one])
    with pytest.raises(TypeError, match=r"responses\['a'\] must be a Response, got int"):
        plot_responses({"a": 1})
    with pytest.raises(ValueError, match=r"same number of settings, got \[1, 3\]"):
        plot_responses({"a": one, "b": three})
    with pytest.raises(ValueError, match="responses must hold at least one Response, got an empty mapping"):
        plot_responses({})
    with pytest.raises(ValueError, match=r"'a' is a batch of shape \(1, 2\); one axis can be drawn"):
        plot_responses({"a": respond(optimizers.SGD, signals.spikes, lr=[[0.1, 0.2]])})
    with pytest.raises(ValueError, match="axes must hold 1 by 3 Axes, got 1"):
        plot_responses(three, axes=plt.figure().add_subplot())
