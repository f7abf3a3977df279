"""Races: a mapping of descents on one function that can show itself."""

from functools import partial

import numpy as np
import pytest
import torch

from optguide import optimizers, surfaces
from optguide.descent import descend
from optguide.race import race
from optguide.table import Table


def test_a_race_is_its_descents_by_name():
    runners = {"slow": partial(optimizers.SGD, lr=0.01), "torch": partial(torch.optim.Adam, lr=0.1)}
    result = race(runners, surfaces.sphere, start=(1, 2), steps=5)
    assert list(result) == ["slow", "torch"] and len(result) == 2
    alone = descend(optimizers.SGD, surfaces.sphere, start=(1, 2), steps=5, lr=0.01)
    np.testing.assert_array_equal(result["slow"].theta, alone.theta)
    assert result.function is surfaces.sphere
    assert repr(result) == "<race of slow, torch on sphere>"


def test_a_list_is_named_by_its_classes_and_shares_settings():
    result = race([optimizers.SGD, partial(optimizers.Adam, eps=1e-3)], surfaces.sphere, steps=2, lr=0.2)
    assert result["SGD"].settings == {"lr": 0.2}
    assert result["Adam"].settings["lr"] == 0.2 and result["Adam"].settings["eps"] == 1e-3
    with pytest.raises(ValueError, match="two optimizers are called 'Adam': pass a mapping"):
        race([optimizers.Adam, torch.optim.Adam], surfaces.sphere)


def test_everyone_sees_the_same_noise():
    result = race({"a": optimizers.SGD, "b": torch.optim.SGD}, surfaces.sphere, steps=20, lr=0.1, noise=1.0, seed=5)
    np.testing.assert_allclose(result["a"].theta, result["b"].theta, rtol=1e-12)


def test_table_says_where_everyone_ended():
    result = race({"good": optimizers.SGD, "bad": partial(optimizers.SGD, lr=5.0)}, surfaces.sphere, (1, 2), 20)
    rows = result.table().rows
    assert result.table().title == "Sphere function: after 20 steps"
    good = result["good"]
    assert rows[0] == (
        "good",
        "`lr=0.001`",
        f"({good.theta[-1, 0]:.4g}, {good.theta[-1, 1]:.4g})",
        f"{good.loss[-1]:.4g}",
    )
    assert rows[1] == ("bad", "`lr=5`", f"diverged at step {result['bad'].diverged_at}", "none")


def test_a_table_of_runs_that_come_to_rest_counts_the_steps_of_the_longest():
    result = race({"fast": partial(optimizers.SGD, lr=0.4), "slow": optimizers.SGD}, surfaces.sphere, xtol=1e-3)
    fast, slow = (run.steps for run in result.values())
    assert fast < slow and result.table().title == f"Sphere function: after {slow} steps"


def test_the_loss_in_the_table_is_the_last_one_not_the_lowest():
    rising = race(
        {"swings": partial(optimizers.Momentum, lr=0.1), "adam": optimizers.Adam}, surfaces.sphere, (1, 2), 20
    )
    assert rising["swings"].loss[-1] > rising["swings"].loss.min()
    assert rising.table().rows[0][-1] == f"{rising['swings'].loss[-1]:.4g}"


def test_a_race_in_many_dimensions_shows_its_losses():
    """There is no map to draw: a notebook shows the charts."""
    bowl = lambda *x: sum(c**2 for c in x)  # noqa: E731
    for dim in (3, 10):
        result = race([optimizers.SGD, torch.optim.Adam], bowl, np.ones(dim), steps=5, lr=0.1)
        page = result._repr_html_()
        assert "SGD" in page and "loss" in page
        assert result.animate().size == result.animate(panels=("loss",)).size
        with pytest.raises(ValueError, match="coordinates"):
            result.animate(panels=("map",))


def test_a_race_is_drawn_as_a_map_beside_its_losses():
    figure = race(["SGD", "Adam"], surfaces.sphere, steps=3).plot()
    left, right = figure.axes
    assert figure.get_layout_engine() is not None and (left.get_ylabel(), right.get_xlabel()) == ("y", "step")


def test_a_rate_that_is_no_number_is_left_out_of_the_table():
    class Rateless(torch.optim.SGD):
        def __init__(self, params):
            super().__init__(params, lr=0.1)
            self.defaults["lr"] = None

    assert race([Rateless], surfaces.sphere, steps=1).table().rows[0][1] == ""


def test_bad_input():
    with pytest.raises(ValueError, match="optimizers must not be empty"):
        race({}, surfaces.sphere)
    with pytest.raises(ValueError, match="a race has one start"):
        race([optimizers.SGD], surfaces.sphere, start=[(0, 1), (1, 0)])


def test_table_as_markdown_and_text():
    table = Table("Facts", ("a", "b"), [("$x$", "`1|2`")], "results")
    assert table._repr_markdown_() == "**Facts**\n\n| a | b |\n| --- | --- |\n| $x$ | `1\\|2` |"
    assert str(table) == "Facts\na    b\n$x$  `1|2`"
    with pytest.raises(ValueError, match="a row must hold 2 cells, got 1"):
        Table("Facts", ("a", "b"), [("x",)])
    with pytest.raises(TypeError, match="a cell must be text, such as .*, got 0.5"):
        Table("title", ["a", "b"], [["0.5", 0.5]])
