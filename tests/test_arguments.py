"""One vocabulary of arguments: what goes in is called the same everywhere, and what comes out shows itself."""

import inspect
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import optguide as og
from optguide import cli


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_one_optimizer_or_a_name_goes_wherever_a_list_goes():
    alone = og.race(og.Adam, "rosenbrock", steps=2)
    named = og.race(["adam"], "Rosenbrock", steps=2)
    assert list(alone) == list(named) == list(og.race("adam", og.surfaces.rosenbrock, steps=2)) == ["Adam"]
    assert alone.function is named.function is og.surfaces.rosenbrock
    np.testing.assert_array_equal(alone["Adam"].theta, named["Adam"].theta)
    named.plot_map()
    listed = og.sweep([torch.optim.SGD], og.surfaces.sphere, steps=2).data
    assert og.sweep("torch.sgd", "sphere", steps=2).data.equals(listed)
    assert og.respond("adam", og.signals.spikes, 3).name == "Adam"
    with pytest.raises(ValueError, match=r"unknown optimizer 'adamm' \(did you mean"):
        og.race(["sgd", "adamm"], "sphere")
    with pytest.raises(ValueError, match=r"unknown surface 'rosenbrok' \(did you mean rosenbrock"):
        og.race("adam", "rosenbrok")


def test_a_sweep_and_a_response_hint_at_arguments_too():
    with pytest.raises(TypeError, match=r"'Adam': Adam has no hyperparameter 'step' \(did you mean steps\?\)"):
        og.sweep(og.Adam, "sphere", step=3)
    with pytest.raises(TypeError, match=r"'Adam': Adam has no .* 'learning_rate' \(did you mean lr\?\)"):
        og.sweep(torch.optim.Adam, "sphere", learning_rate=[0.1, 0.2])
    with pytest.raises(TypeError, match=r"Adam has no hyperparameter 'step' \(did you mean steps\?\)"):
        og.respond(og.Adam, og.signals.spikes, step=3)


def test_a_sweep_takes_what_its_start_and_seed_were_called():
    starts = [(1, 2), (2, 1)]
    new = og.sweep(og.SGD, "sphere", starts, 3, noise=0.1, seed=[1, 2]).data
    assert new.identical(og.sweep(og.SGD, "sphere", starts=starts, steps=3, noise=0.1, seeds=[1, 2]).data)


@pytest.mark.parametrize(
    ("optimizers", "options", "what"),
    [
        (og.SGD, {"lr": [0.1, 0.2]}, "lr"),
        (og.SGD, {"lr": (0.1, 0.2)}, "lr"),
        (partial(og.SGD, lr=np.array([0.1, 0.2])), {}, "lr"),
        (og.Adam, {"lr": [0.1, 0.2], "betas": ([0.8, 0.9], 0.99)}, "lr and betas"),
        (og.Adam, {"start": [(1, 2), (2, 3)], "lr": 0.1, "betas": (0.8, 0.9)}, "start"),
        (torch.optim.SGD, {"start": [(1, 2), (2, 3)]}, "start"),
    ],
)
def test_a_race_names_what_is_a_batch(optimizers, options, what):
    with pytest.raises(ValueError, match=rf"a race has one {what}, got .* shape \(2, 2\); use descend"):
        og.race(optimizers, "sphere", steps=2, **options)


def test_the_same_fault_has_the_same_class_everywhere():
    run = og.descend(og.SGD, "sphere", steps=2)
    wrong_kind = [
        ("tol", lambda: run.arrived("small")),
        ("tol", lambda: run.arrived(True)),
        ("memory", lambda: og.sweep(og.SGD, "sphere", memory=2.5)),
        ("memory", lambda: og.sweep(og.SGD, "sphere", memory=None)),
        ("jobs", lambda: og.sweep(og.SGD, "sphere", jobs=1.5)),
        ("every", lambda: run.plot_arrows(every=1.5)),
        ("levels", lambda: run.plot_map(levels="many")),
        ("fps", lambda: run.animate(fps="fast")),
    ]
    out_of_range = [
        ("tol", lambda: run.arrived(-1)),
        ("memory", lambda: og.sweep(og.SGD, "sphere", memory=-1)),
        ("jobs", lambda: og.sweep(og.SGD, "sphere", jobs=0)),
        ("every", lambda: run.plot_arrows(every=0)),
        ("levels", lambda: run.plot_map(levels=0)),
        ("fps", lambda: run.animate(fps=0)),
    ]
    for error, calls in ((TypeError, wrong_kind), (ValueError, out_of_range)):
        for name, call in calls:
            with pytest.raises(error, match=rf"^{name} must be"):
                call()


def test_a_sweep_hints_at_every_argument_of_its_own():
    for name in inspect.signature(og.sweep).parameters:
        if name not in ("optimizers", "function", "grids"):
            with pytest.raises(TypeError, match=rf"Adam has no hyperparameter '{name}_' \(did you mean {name}"):
                og.sweep(og.Adam, "sphere", **{f"{name}_": 1})


def test_a_surface_without_facts_is_told_how():
    def bowl(x, y):
        return x**2 + y**2

    for call in (lambda: og.surface(bowl), lambda: og.surface()(bowl), lambda: og.surface(bowl, starts=((1, 1),))):
        with pytest.raises(TypeError, match=r"surface needs a box .*@og\.surface\(box="):
            call()


DESCENTS = [
    lambda f, start: og.descend(og.SGD, f, start, 2),
    lambda f, start: og.descend(torch.optim.SGD, f, start, 2),
    lambda f, start: og.race(og.Adam, f, start, 2),
    lambda f, start: og.sweep([og.Adam, torch.optim.SGD], f, start, 2),
    lambda f, start: og.descend(og.SGD, og.surface(box=((-1, 1),) * 2)(lambda x, y: f(x, y)), start, 2),
]


@pytest.mark.parametrize("descent", DESCENTS)
def test_a_function_of_numpy_is_told_what_to_write(descent):
    with pytest.raises(TypeError, match=r"function must compute with torch, not NumPy: torch\.sin for np\.sin"):
        descent(lambda x, y: np.sin(x) + y**2, (1.0, 2.0))


@pytest.mark.parametrize("descent", DESCENTS[:4])
def test_a_function_of_one_vector_is_told_what_it_is(descent):
    def bowl(x):
        return (x**2).sum()

    with pytest.raises(TypeError, match=r"function must take 2 coordinates one by one, .*og\.Problem\(bowl, \(2,\)\)"):
        descent(bowl, (1.0, 2.0))
    descent(og.Problem(bowl, (2,)), (1.0, 2.0))  # the mend works

    def mistaken(x, y):
        return len(3)

    with pytest.raises(TypeError, match=r"object of type 'int' has no len"):  # a mistake of its own stays one
        descent(mistaken, (1.0, 2.0))


class Switched(og.Optimizer):
    """A rule with a switch."""

    @staticmethod
    def update(theta, grad, t, *, lr=0.1, nesterov: bool = False):
        return theta - (2 if nesterov else 1) * lr * grad(theta)


def test_a_switch_is_a_hyperparameter_in_descents_and_sweeps():
    on, off = (og.descend(Switched, "sphere", (1, 1), 1, nesterov=v).theta[-1, 0] for v in (True, False))
    assert (on, off) == pytest.approx((0.6, 0.8))
    both = {"on": partial(Switched, nesterov=True), "off": Switched}
    assert og.sweep(both, "sphere", (1, 1), 1).data.theta.squeeze().values[:, 0] == pytest.approx([0.6, 0.8])
    assert og.sweep(Switched, "sphere", (1, 1), 1, nesterov=[True]).data.theta.squeeze()[0] == pytest.approx(0.6)
    with pytest.raises(ValueError, match="nesterov cannot be an axis, for it is a switch: give one optimizer to each"):
        og.sweep(Switched, "sphere", nesterov=[True, False])
    with pytest.raises(TypeError, match="nesterov must be True or False, got 2"):
        og.descend(Switched, "sphere", nesterov=2)


def test_a_race_has_a_title_and_saves_itself(tmp_path):
    race = og.race(og.SGD, lambda x, y: x**2 + y**2, (1, 2), 3, title="my <losses>")
    assert race.table().title == "my <losses>: after 3 steps"
    assert race.animate().recording["title"] == "my <losses>, learning rate 0.001"
    assert race.animate(title="other").recording["title"] == "other, learning rate 0.001"
    assert race.save(tmp_path / "race.html") == tmp_path / "race.html"
    assert "my &lt;losses&gt;" in (tmp_path / "race.html").read_text()
    with pytest.raises(TypeError, match="title must be a string, got 3"):
        og.race(og.SGD, "sphere", title=3)


def test_a_descent_draws_itself():
    run = og.descend(og.Momentum, "sphere", steps=4)
    for ax in (run.plot_map(), run.plot_surface(), run.plot_loss(), run.plot_arrows(every=2)):
        assert ax.lines or ax.collections or ax.patches
    assert len(np.ravel(run.plot_states())) == len(np.ravel(og.plot_states(run)))
    np.testing.assert_array_equal(run.animate(frames=2).steps, og.animate(run, frames=2).steps)
    assert run._repr_html_() == run.animate()._repr_html_()
    assert "loss" in og.descend(og.SGD, lambda *x: sum(c**2 for c in x), np.ones(3), 2)._repr_html_()
    assert og.descend(og.SGD, "sphere", [(1, 1), (2, 1)], 2)._repr_html_() is None  # a batch has no film
    nowhere = lambda x, y: x * np.nan  # noqa: E731
    assert og.descend(og.SGD, nowhere, (1, 1), 2)._repr_html_() is None  # what blows up is a result
    assert og.race(og.SGD, nowhere, (1, 1), 2)._repr_html_() is None
    assert run._repr_png_()[:4] == og.race(og.SGD, "sphere", steps=2)._repr_png_()[:4] == b"\x89PNG"
    assert (
        og.descend(og.SGD, nowhere, (1, 1), 2)._repr_png_() is og.race(og.SGD, nowhere, (1, 1), 2)._repr_png_() is None
    )
    matrix = og.problems.matrix_quadratic()
    assert "loss" in og.descend(og.SGD, matrix, steps=2)._repr_html_()
    assert "loss" in og.race(og.SGD, og.problems.matrix_quadratic(3, 2), steps=2)._repr_html_()


def test_a_sweep_draws_itself():
    found = og.sweep(og.Momentum, "sphere", og.surfaces.sphere.grid(3), 4, lr=[0.1, 0.2], momentum=[0.5, 0.9])
    basins = og.sweep(og.Momentum, "sphere", og.surfaces.sphere.grid(3), 4)
    for axes in (found.plot_rates(), basins.plot_basins(), found.plot_share(), found.plot_plane("lr", "momentum")):
        assert np.ravel(axes)[0].figure
    assert found._repr_markdown_() == found.table()._repr_markdown_()


def test_a_command_takes_as_many_steps_as_python(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command = ["race", "--surface", "sphere", "--optimizer", "sgd", "lr=0.01"]
    assert cli.main([*command, "--title", "slow", "-o", "race.html"]) == 0
    run = og.descend(og.SGD, "sphere", lr=0.01)
    assert f"loss {run.loss[-1]:.6g}" in capsys.readouterr().out
    assert "slow" in (tmp_path / "race.html").read_text()


def test_a_command_takes_switches(tmp_path, capsys):
    """Of our own rules none has one."""
    ends = []
    for value in ("true", "False"):
        setting = ["lr=0.1", "momentum=0.9", f"nesterov={value}"]
        command = ["race", "--surface", "sphere", "--optimizer", "torch.sgd", *setting, "--steps", "3"]
        assert cli.main([*command, "-o", str(tmp_path / "race.html")]) == 0
        ends.append(capsys.readouterr().out.split("loss")[1].split()[0])
        run = og.descend("torch.sgd", "sphere", steps=3, lr=0.1, momentum=0.9, nesterov=value == "true")
        assert float(ends[-1]) == pytest.approx(run.loss[-1], rel=1e-5)
    assert ends[0] != ends[1]


def test_the_list_names_torch_s_own_too(capsys):
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert any(line.split()[:1] == ["torch.Adam"] for line in lines)
    assert any(line.split()[:1] == ["torch.LBFGS"] for line in lines)
