"""The protocols that pages share: against what the pages wrote by hand, and against planted errors."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import optguide as og
from optguide import study
from optguide.study.result import listed
from optguide.table import title_of

LRS = np.logspace(-4, 0, 9)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def rates():
    return study.rates(og.Adam, beside=og.Momentum, lrs=LRS, starts=6, steps=40)


@pytest.fixture(scope="module")
def basins():
    return study.basins(og.Adam.at(lr=0.1), beside={"Lion": og.Lion.at(lr=0.1), "fast": og.SGD.at(lr=0.03)}, starts=12)


def test_rates_are_read_off_the_medians_of_single_descents(rates):
    valley = og.surfaces.rosenbrock
    for name, rule in (("Adam", og.Adam), ("Momentum", og.Momentum)):
        ends = np.stack([og.descend(rule, valley, valley.sample(6), 40, lr=lr).loss[-1] for lr in LRS])
        ends = np.where(np.isfinite(ends), ends, np.inf)
        median = np.median(ends, axis=1)
        near = LRS[median <= 10 * median.min()]
        assert rates.best[name] == LRS[median.argmin()]
        assert rates.loss[name] == pytest.approx(median.min(), rel=1e-12)
        assert rates.good[name] == (near[0], near[-1]) and near[0] < near[-1]
        assert rates.decades[name] == pytest.approx(np.log10(near[-1] / near[0]))
        gone = LRS[np.isinf(ends).any(axis=1)]
        assert rates.diverged[name] == (gone[0] if len(gone) else None)
    assert rates.diverged["Adam"] is None and rates.diverged["Momentum"]


def test_rates_of_which_none_is_good_are_no_numbers():
    nothing = study.rates(og.SGD, surface=lambda x: -1e9 * x**2, lrs=[1, 2], starts=[[1.0], [2.0]], steps=5)
    assert np.isnan([nothing.best["SGD"], *nothing.good["SGD"], nothing.decades["SGD"]]).all()
    assert nothing.diverged["SGD"] == 1
    assert nothing.table().rows == [("SGD", "–", "inf", "–", "–", "1")]


def test_the_loss_of_rates_is_the_height_above_the_lowest_and_may_be_zero():
    exact = study.rates(og.SGD, surface=lambda x: x**2, lrs=[0.25, 0.5], starts=[[1.0], [2.0]], steps=1)
    assert exact.loss["SGD"] == 0 and exact.good["SGD"] == (0.5, 0.5) and exact.decades["SGD"] == 0
    camel = og.surfaces.unit_six_hump_camel
    found = study.rates(og.Adam, surface=camel, lrs=[0.01, 0.1], starts=4, steps=300)
    low = camel(*camel.known_minima()[0])
    ends = og.descend(og.Adam, camel, camel.sample(4), 300, lr=found.best["Adam"]).loss[-1]
    assert found.loss["Adam"] == pytest.approx(np.median(ends) - low, abs=1e-12)


def test_a_rule_without_a_learning_rate_has_one_loss_beside_others_and_no_rates():
    found = study.rates(og.DoG, beside=og.Adam, lrs=LRS, starts=6, steps=40)
    valley = og.surfaces.rosenbrock
    ends = np.median([og.descend(og.DoG, valley, start, 40).loss[-1] for start in valley.sample(6)])
    assert found.loss["DoG"] == pytest.approx(ends)
    assert np.isnan([found.best["DoG"], *found.good["DoG"], found.decades["DoG"]]).all()
    assert found.diverged["DoG"] is None and found.best["Adam"] > 0
    assert found.table().rows[0][1:] == ("–", f"{float(f'{ends:.2g}'):g}", "–", "–", "–")
    with pytest.raises(ValueError, match="beside must have a learning rate, got DoG, DoWG without one; og.sweep tries"):
        study.rates(og.DoG, beside=og.DoWG)
    hard = study.difficulty(valley, rules=[og.DoG, og.Adam], starts=6, steps=40)
    assert np.isnan(hard.lr["DoG"]) and list(hard.success) == ["DoG", "Adam"]


def test_rates_show_themselves_as_a_picture_listed(rates):
    figure = rates.show()
    (ax,) = figure.axes
    assert ax.get_title() == "Adam beside Momentum:\nfinal loss after 40 steps on " + title_of(og.surfaces.rosenbrock)
    assert [line.get_color() for line in ax.lines[:1]] == [og.Adam.color]
    before = plt.get_fignums()
    assert rates._repr_png_().startswith(b"\x89PNG") and plt.get_fignums() == before
    assert [row[0] for row in rates.table().rows] == ["Adam", "Momentum"]


def test_basins_count_the_ends_of_single_descents(basins):
    hills = og.surfaces.himmelblau
    minima, reached = np.array(hills.known_minima()), []
    for rule, lr in ((og.Adam, 0.1), (og.Lion, 0.1), (og.SGD, 0.03)):
        run = og.descend(rule, hills, hills.grid(12).reshape(-1, 2), 200, lr=lr)
        nearest = np.linalg.norm(run.theta[-1][:, None] - minima, axis=-1).argmin(-1)
        reached.append(np.where(run.loss[-1] < 1e-3, nearest, -1))
    assert list(basins.reached.values()) == [np.mean(ends >= 0) for ends in reached]
    assert list(basins.changed.values()) == [np.mean(ends != reached[0]) for ends in reached]
    assert basins.reached["Adam"] > 0.9 > 0.5 > basins.reached["Lion"] and 0 < basins.changed["Lion"]


def test_basins_count_what_ends_within_a_tolerance():
    shares = [study.basins(og.Lion.at(lr=0.1), starts=6, tol=tol).reached["Lion"] for tol in (1e-3, 0.1, 1e6)]
    assert shares[0] < shares[1] < shares[2] == 1


def test_basins_show_a_map_for_each_rule_under_one_legend_of_all_that_is_on_them(basins):
    figure = basins.show()
    assert [ax.get_title() for ax in figure.axes] == [
        "Adam, learning rate 0.1",
        "Lion, learning rate 0.1",
        "fast, learning rate 0.03",
    ]
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert len(words) == 6 and words[-2:] == ["none of them", "diverged"]
    assert [row[0] for row in basins.table().rows] == ["Adam", "Lion", "fast"]
    alone = study.basins(og.Adam.at(lr=0.1), starts=4, steps=3).plot()
    assert alone.axes[0].get_title().startswith("Adam, learning rate 0.1:\nwhere 3 steps lead on ")


def test_difficulty_is_the_table_of_a_sweep_in_numbers():
    camel = og.surfaces.tilted_camel
    hard = study.difficulty(camel, rules=[og.SGD, og.Adam], lrs=LRS, starts=8)
    by_hand = og.sweep([og.SGD, og.Adam], camel, camel.sample(8), lr=LRS).table()
    assert hard.table().rows == by_hand.rows and hard.show().title.startswith(f"{title_of(camel)}: within 0.001 of")
    for row, name in zip(by_hand.rows, ("SGD", "Adam"), strict=True):
        steps = f"{hard.steps[name]:.0f}".replace("inf", "never")
        assert row == (name, f"{hard.success[name]:.0%}", steps, f"{hard.lr[name]:.2g}")
        first = og.descend(name, camel, camel.sample(8), 200, lr=hard.lr[name]).arrived(1e-3)
        assert hard.success[name] == np.mean(first >= 0)
    assert hard._repr_markdown_() == hard.table()._repr_markdown_() and str(hard) == str(hard.table())


def test_difficulty_where_nobody_succeeds_or_no_minimum_is_known():
    far = study.difficulty(og.surfaces.rosenbrock, rules=og.SGD, lrs=[1e-9, 1e-8], starts=2, steps=2)
    assert far.success["SGD"] == 0 and far.steps["SGD"] == np.inf and np.isnan(far.lr["SGD"])
    unknown = study.difficulty(lambda x: x**2 + 1, rules=og.SGD, lrs=[0.1, 0.5], starts=[[1.0], [2.0]], steps=2)
    assert unknown.success["SGD"] == 1 and np.isnan(unknown.steps["SGD"]) and unknown.lr["SGD"] == 0.5


def test_defaults_are_those_of_the_pages(monkeypatch):
    asked = {}

    def noted(optimizers, surface, starts, steps, **options):
        asked.update(optimizers=optimizers, surface=surface, starts=np.array(starts), steps=steps, **options)
        raise InterruptedError

    for name in ("rates", "basins", "difficulty"):  # by their modules, which are called as the functions are
        monkeypatch.setattr(sys.modules[f"optguide.study.{name}"], "sweep", noted)
    valley, hills, camel = og.surfaces.rosenbrock, og.surfaces.himmelblau, og.surfaces.tilted_camel
    for call, surface, starts, lr in (
        (lambda: study.rates(og.Adam), valley, valley.sample(64), np.logspace(-5, 1, 37)),
        (lambda: study.basins(og.Adam), hills, hills.grid(96), None),
        (lambda: study.difficulty(camel), camel, camel.sample(48), np.logspace(-4, 2, 19)),
    ):
        asked.clear()
        with pytest.raises(InterruptedError):
            call()
        assert asked["surface"] is surface and asked["steps"] == 200
        np.testing.assert_array_equal(asked["starts"], starts)
        np.testing.assert_array_equal(asked.get("lr"), lr)
    assert list(asked["optimizers"]) == ["SGD", "Momentum", "RMSprop", "Adam", "Lion"]


def test_the_race_of_siarshai_has_the_settings_of_the_article():
    race = study.siarshai2017(og.surfaces.wobbly, steps=9)
    given = {name: {k: run.settings[k] for k in study.SIARSHAI2017[name].keywords} for name, run in race.items()}
    assert given == {
        "Nesterov": {"lr": 0.01, "momentum": 0.9},
        "RMSprop": {"lr": 0.25, "alpha": 0.9, "eps": 0, "eps_root": 1e-6},
        "Adadelta": {"lr": 100.0, "rho": 0.95, "eps": 1e-6},
        "Adagrad": {"lr": 1.0, "eps": 0, "initial_accumulator_value": 1e-6},
        "Adam": {"lr": 0.25},
    }
    assert race["Nesterov"].name == "SimplifiedNesterov" and race["Adam"].steps == 9
    assert study.siarshai2017("wobbly")["Adam"].steps == 125
    other = study.siarshai2017(og.surfaces.wobbly, (1, 2), steps=1)
    np.testing.assert_array_equal(other["Adam"].theta[0], (1, 2))
    assert race.table().title == f"{title_of(og.surfaces.wobbly)}: after 9 steps"


def test_the_race_of_impactcrater_is_at_one_learning_rate():
    race = study.impactcrater2024("tilted_camel")
    six = [og.SGD, og.Lion, og.AdamD.at(eps=1e-16), og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
    by_hand = og.race(six, og.surfaces.tilted_camel, steps=100, lr=0.1)
    assert list(race) == list(by_hand)
    for name, run in race.items():
        np.testing.assert_array_equal(run.theta, by_hand[name].theta)
    assert {run.settings["lr"] for run in race.values()} == {0.1}


def test_names_stand_beside_each_other_listed():
    assert listed(["Adam"]) == "Adam"
    assert listed(["Adam", "SGD"]) == "Adam beside SGD"
    assert listed(["Adam", "SGD", "Lion", "Yogi"]) == "Adam beside SGD, Lion and Yogi"


def test_torchs_and_a_readers_own_may_be_studied():
    class Mine(og.Optimizer):
        """A reader's rule."""

        @staticmethod
        def update(theta, grad, t, *, lr=0.1):
            return (theta - lr * grad(theta),)

    found = study.rates(Mine, [torch.optim.SGD, og.SGD.at(lr=1)][:1], lrs=[0.001, 0.002], starts=2, steps=3)
    assert found.loss["Mine"] == pytest.approx(found.loss["SGD"], rel=1e-12)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: study.rates(og.Adam, og.Adam), ValueError, "two optimizers are called 'Adam'"),
        (lambda: study.rates(3), TypeError, "optimizers must be an optimizer, a list or a mapping of them, got 3"),
        (lambda: study.rates(og.Adam, lrs=0.1), ValueError, "lrs must be a list of at least two different numbers"),
        (lambda: study.rates(og.Adam, lrs=[1, 1]), ValueError, "lrs must be a list of at least two different numbers"),
        (lambda: study.rates(og.Adam, lrs=[-1, 1]), ValueError, "lr must be > 0, got -1"),
        (lambda: study.rates(og.Adam, starts=0), ValueError, "starts must be >= 1, got 0"),
        (lambda: study.rates(og.Adam, starts="many"), TypeError, "starts must be an int, got 'many'"),
        (lambda: study.rates(og.Adam, surface=lambda x: x), TypeError, "starts must be an array of points"),
        (lambda: study.basins(og.Adam, surface=lambda x: x), ValueError, "surface must know its minima, got Lambda"),
        (lambda: study.difficulty("rosenbrok"), ValueError, "unknown surface 'rosenbrok'"),
        (lambda: study.difficulty("sphere", rules=[]), ValueError, "optimizers must not be empty"),
        (lambda: study.impactcrater2024("sphere", lr=-0.1), ValueError, "lr must be > 0, got -0.1"),
    ],
)
def test_what_cannot_be_studied_is_refused(call, kind, says):
    with pytest.raises(kind, match=says.replace("(", r"\(")):
        call()


def test_responses_are_those_of_every_signal_and_show_one_setting_a_column():
    rule = og.Momentum.at(lr=0.25)
    found = study.responses(rule, steps=30, momentum=[0.5, 0.9], title="Momentum adds up")
    assert list(found) == og.signals.__all__ and len(found) == 6
    for name, response in found.items():
        alone = og.respond(rule, getattr(og.signals, name), 30, momentum=0.9)
        np.testing.assert_array_equal(response.update[:, 1], alone.update)
    figure = found.plot()
    assert figure.get_suptitle() == "Momentum adds up" and len(figure.axes) == 12
    assert study.responses(og.SGD).title == "SGD"
