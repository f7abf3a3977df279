"""Pictures of sweeps show the numbers of the sweep."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

import optguide as og
from optguide.render.figures import plot_basins, plot_plane, plot_rates, plot_share
from optguide.render.figures.sweeps import BASINS, LOST, NOWHERE
from optguide.sweep import sweep

RATES = np.logspace(-4, 1, 21)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def rates():
    starts = np.random.default_rng(0).uniform(-2, 2, (9, 2))
    return sweep([og.SGD, og.Adam], og.surfaces.rosenbrock, starts, 100, lr=RATES)


@pytest.fixture(scope="module")
def plane():
    grid = np.stack(np.meshgrid(np.linspace(-5, 5, 24), np.linspace(-4, 4, 18)), axis=-1)
    runners = {"SGD": partial(og.SGD, lr=0.01), "wild": partial(og.SGD, lr=0.035)}
    return sweep(runners, og.surfaces.himmelblau, grid, 150)


def drawn(ax, gid):
    return {line.get_gid(): line for line in ax.lines if line.get_gid() == gid}[gid]


def test_the_learning_rate_axis_shows_medians_and_where_it_ends(rates):
    ax = plot_rates(rates)
    medians = [line for line in ax.lines if line.get_gid() == "median"]
    for line, name in zip(medians, ("SGD", "Adam"), strict=True):
        loss = rates.data.loss.sel(optimizer=name).values.squeeze()
        loss = np.where(np.isfinite(loss), loss, np.inf)
        wanted = np.sort(loss, axis=1)[:, 4]  # the middle one of nine
        np.testing.assert_array_equal(line.get_xdata(), RATES[np.isfinite(wanted)])
        np.testing.assert_array_equal(line.get_ydata(), wanted[np.isfinite(wanted)])
    lost = [line for line in ax.lines if line.get_gid() == "lost"]
    assert len(lost) == 1 and lost[0].get_xdata()[0] == medians[0].get_xdata()[-1]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    first_lost = RATES[len(medians[0].get_xdata())]
    assert texts == [f"SGD\n(diverges from {first_lost:.2g})", "Adam"]
    assert ax.get_xscale() == ax.get_yscale() == "log" and ax.get_title() == "Rosenbrock's function, after 100 steps"


def test_heights_are_counted_from_the_lowest_one():
    found = sweep(og.SGD, og.surfaces.six_hump_camel, [(0.1, 0.5), (0.2, -0.6)], 50, lr=[1e-3, 1e-2])
    ax = plot_rates(found)
    wanted = np.sort(found.data.loss.values.squeeze() - found.data.attrs["lowest"], axis=1)
    assert "lowest (-1.032)" in ax.get_ylabel()
    shown = drawn(ax, "median").get_ydata()
    assert ((shown >= wanted[:, 0]) & (shown <= wanted[:, 1])).all() and (shown > 0).all()


def test_a_basin_map_has_the_hue_of_the_minimum_reached(plane):
    ax = plot_basins(plane, "SGD")
    data = plane.data.sel(optimizer="SGD").squeeze()
    picture = ax.images[0].get_array()
    reached = data.minimum.values
    assert picture.shape[:2] == (18, 24) and set(np.unique(reached)) >= {0, 1, 2, 3}
    for number in range(4):
        here = picture[reached == number]
        np.testing.assert_allclose(
            here / here.max(1, keepdims=True),
            np.tile(np.array(to_rgb(BASINS[number])) / max(to_rgb(BASINS[number])), (len(here), 1)),
            atol=1e-9,
        )
    steps = data.arrived_at.values
    early, late = (
        picture[(reached == 0) & (steps == steps[reached == 0].min())],
        picture[(reached == 0) & (steps == steps[reached == 0].max())],
    )
    assert early.max() > late.max()
    x, y = np.linspace(-5, 5, 24), np.linspace(-4, 4, 18)
    np.testing.assert_allclose(ax.images[0].get_extent(), (-5 - 5 / 23, 5 + 5 / 23, -4 - 4 / 17, 4 + 4 / 17))
    i, j = 3, 20
    run = og.descend(og.SGD, og.surfaces.himmelblau, start=(x[j], y[i]), steps=150, lr=0.01)
    nearest = np.linalg.norm(plane.data.minima.values - run.theta[-1], axis=1).argmin()
    assert reached[i, j] == nearest


def test_lost_and_unreached_starts_have_colours_of_their_own(plane):
    ax = plot_basins(plane, "wild")
    data = plane.data.sel(optimizer="wild").squeeze()
    picture, lost = ax.images[0].get_array(), data.diverged_at.values >= 0
    nowhere = (data.minimum.values < 0) & ~lost
    assert lost.any() and nowhere.any()
    assert (picture[lost] == to_rgb(LOST)).all() and (picture[nowhere] == to_rgb(NOWHERE)).all()
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[-2:] == ["none of them", "diverged"]


def test_the_share_that_arrived_grows_to_what_the_sweep_counted(plane):
    ax = plot_share(plane)
    for line, name in zip(ax.lines, ("SGD", "wild"), strict=True):
        arrived = plane.data.arrived_at.sel(optimizer=name).values
        assert line.get_ydata()[-1] == pytest.approx((arrived >= 0).mean())
        assert line.get_xdata()[0] == 0.5 and line.get_xdata()[-1] == ax.get_xlim()[1], "the axis begins at step 1"
        assert (np.diff(line.get_ydata()) >= 0).all()
        half = int(np.median(arrived[arrived >= 0]))
        share = line.get_ydata()[line.get_xdata() <= half].max()
        assert share == pytest.approx(((arrived >= 0) & (arrived <= half)).mean())


def test_a_plane_of_settings_is_black_where_it_diverges():
    lrs, momenta = np.linspace(0.005, 0.045, 9), np.linspace(0, 0.9, 7)
    bowl = og.surfaces.ravine  # curvatures 1 and 50: momentum diverges from lr = 2 (1 + momentum) / 50
    found = sweep(og.Momentum, bowl, None, 400, lr=lrs, momentum=momenta)
    ax = plot_plane(found, "lr", "momentum")
    shown = np.ma.getmaskarray(ax.collections[0].get_array()).reshape(7, 9)
    np.testing.assert_array_equal(shown, found.data.diverged_at.squeeze().transpose("momentum", "lr").values >= 0)
    assert "black diverges" in ax.get_title()


def test_what_a_picture_needs_is_asked_for(rates, plane):
    one = sweep(og.SGD, og.surfaces.rosenbrock, None, 5, lr=1e-3)
    blind = sweep(og.SGD, lambda x, y: x**2 + y**2, (1, 1), 5, lr=[1e-3, 1e-2])
    for draw, message in [
        (partial(plot_rates, one), "at least two learning rates"),
        (partial(plot_basins, plane), "optimizer must be one of SGD, wild"),
        (partial(plot_basins, plane, "Adam"), "must be one of SGD, wild, got 'Adam'"),
        (partial(plot_basins, rates, "SGD"), "must be a grid"),
        (partial(plot_share, blind), "does not know its minima"),
        (partial(plot_plane, one, "lr", "momentum"), "two numbers 'lr'"),
        (partial(plot_plane, rates, "lr", "lr"), "one optimizer at a time"),
    ]:
        with pytest.raises(ValueError, match=message):
            draw()
    with pytest.raises(TypeError, match="must be a Sweep, got dict"):
        plot_rates({})
    with pytest.raises(TypeError, match="ax must be a matplotlib Axes, got 3"):
        plot_rates(rates, ax=3)


def test_torchs_own_classes_have_a_place_too():
    found = sweep({"theirs": torch.optim.Adam}, og.surfaces.sphere, (1, 1), 20, lr=[0.01, 0.1])
    assert len(plot_rates(found).lines) == 1
