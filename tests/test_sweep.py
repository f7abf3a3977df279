"""Sweeps: the same numbers as single descents, whole files, bounded memory, and refusals before any work."""

import hashlib
import json
import math
import os
import re
import subprocess
import sys
import textwrap
from functools import partial

import h5py
import joblib
import numpy as np
import pytest
import torch
import xarray as xr
from torch.optim.lr_scheduler import ExponentialLR, OneCycleLR, ReduceLROnPlateau

import optguide as og
from optguide import optimizers, surfaces
from optguide.optimizers import Optimizer
from optguide.sweep import Sweep, sweep
from optguide.sweep.netcdf import seal
from optguide.sweep.plan import NUMBERS_PER_CHUNK, read_memory
from optguide.sweep.watch import Watch

RULES = [getattr(optimizers, name) for name in optimizers.on_landscapes]
STARTS = np.array([[-1.8, 0.4], [0.3, -0.9], [1.1, 0.2]])
camel = surfaces.six_hump_camel


class Normalised(Optimizer):
    """A step of length lr, whatever the slope: the coordinates are not treated one by one."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, t, *, lr=0.1):
        g = grad(theta)
        theta = theta - lr * g / torch.linalg.vector_norm(g)
        return theta


class LookAhead(Optimizer):
    """Mixes coordinates, has states, and asks for a gradient somewhere else."""

    mixes = "tensor"
    init = {"scale": "lr"}

    @staticmethod
    def update(theta, grad, t, v, scale, *, lr=0.1, betas=(0.9, 0.99)):
        beta1, beta2 = betas
        v = beta1 * v + grad(theta - lr * v)
        scale = beta2 * scale + (1 - beta2) * torch.sum(v**2)
        theta = theta - lr / (1 - beta2**t) * v / torch.sqrt(scale + 1e-3)
        return theta, v, scale + torch.zeros_like(v)


def equals_single_descents(found, rules, function, close=1e-12, **options):
    """Compare every member of a sweep with `descend` run for it alone."""
    data, tol = found.data, found.data.attrs["tol"]
    hyperparameters = [name for name in data.loss.dims if name not in ("optimizer", "seed", "start")]
    for index in np.ndindex(*data.loss.shape):
        member = data[dict(zip(data.loss.dims, index, strict=True))]
        values = {name: member[name].item() for name in hyperparameters}
        values = {n: tuple(json.loads(f"[{v[1:-1]}]")) if isinstance(v, str) else v for n, v in values.items()}
        start = [member[f"start_{axis}"].item() for axis in "xy"]
        rule = rules[member.optimizer.item()]
        run = og.descend(rule, function, start, seed=member.seed.item(), **options, **values)
        where = f"{member.optimizer.item()} {values} {start}"
        assert member.diverged_at == (-1 if run.diverged_at is None else run.diverged_at), where
        if run.diverged_at is None:
            np.testing.assert_allclose(member.theta, run.theta[-1], rtol=close, atol=close, err_msg=where)
            np.testing.assert_allclose(member.loss, run.loss[-1], rtol=close, atol=close, err_msg=where)
        else:
            assert np.isnan(member.loss) and np.isnan(member.theta).all(), where
        np.testing.assert_allclose(member.best_loss, np.nanmin(run.loss), rtol=close, atol=close, err_msg=where)
        arrived = run.arrived(tol)
        assert member.arrived_at == (-1 if arrived is None else arrived), where


@pytest.mark.parametrize("rule", [*RULES, Normalised, LookAhead], ids=lambda r: r.__name__)
def test_equals_single_descents(rule):
    """Noise, seeds, and two axes of hyperparameters where a rule has two."""
    first = "lr" if "lr" in rule.hyperparameters else next(iter(rule.hyperparameters))
    grids = {first: [0.004, 0.02]}
    if "betas" in rule.hyperparameters:
        rest = rule.rule.hyperparameters["betas"].default[2:]
        grids["betas"] = [(0.9, 0.99, *rest), (0.5, 0.9, *rest)]
    elif rest := [(n, d) for n, d in rule.hyperparameters.items() if n != first and not isinstance(d, bool | int)]:
        name, default = rest[0]
        other = (0.4, 1.1) if isinstance(default, tuple) else 0.8 if default >= 0 else default / 2
        grids[name] = [default, other]
    found = sweep(rule, camel, STARTS, 30, noise=0.1, seeds=[3, 5], **grids)
    assert found.data.loss.dims == ("optimizer", *grids, "seed", "start")
    assert found.data.loss.dtype == np.float64
    # One unit in the last place of a start moves a descent of BFGS in this noise by up to 3.5e-12: it divides by k**2.
    close = 1e-10 if rule is optimizers.BFGS else 1e-12
    equals_single_descents(found, {rule.__name__: rule}, camel, close, steps=30, noise=0.1)


@pytest.mark.parametrize("tails", [1, 2.5])
def test_noise_with_heavy_tails_is_that_of_single_descents(tails, tmp_path):
    rules = {
        "ours": optimizers.Adam,
        "mixing": Normalised,
        "theirs": torch.optim.SGD,
        "scheduled": partial(optimizers.SGD, schedule=partial(ExponentialLR, gamma=0.9)),
    }
    same = {"noise": 0.2, "tails": tails}
    found = sweep(rules, camel, STARTS, 30, lr=[0.001, 0.02], seed=[1, 2], **same)
    equals_single_descents(found, rules, camel, steps=30, **same)
    assert found.data.attrs["tails"] == tails
    beside = sweep([optimizers.SGD, optimizers.DoG], camel, steps=30, lr=[0.001, 0.02], seed=2, **same).data
    alone = og.descend(optimizers.DoG, camel, steps=30, seed=2, **same)
    np.testing.assert_allclose(beside.theta.sel(optimizer="DoG", lr=0.02).squeeze(), alone.theta[-1], rtol=1e-12)
    found.save(tmp_path / "tails.nc")
    assert og.Sweep.load(tmp_path / "tails.nc").data.attrs["tails"] == tails
    assert "tails" not in sweep(optimizers.SGD, camel, steps=1).data.attrs


def test_a_list_of_one_value_is_that_value():
    lists = {"lr": [0.02], "betas": [(0.5, 0.9)]}
    found = sweep(optimizers.Adam, camel, STARTS, 30, **lists).data
    same = sweep(optimizers.Adam, camel, STARTS, 30, lr=0.02, betas=(0.5, 0.9)).data
    np.testing.assert_array_equal(found.theta.squeeze(("lr", "betas")), same.theta)


def test_several_optimizers_torchs_own_among_them():
    rules = {
        "ours": optimizers.Momentum,
        "theirs": partial(torch.optim.SGD, momentum=0.5),
        "ahead": partial(LookAhead, betas=(0.8, 0.9)),
        "scheduled": partial(optimizers.Adam, schedule=partial(ExponentialLR, gamma=0.9)),
        "theirs, scheduled": partial(torch.optim.Adam, schedule=partial(ExponentialLR, gamma=0.9)),
    }
    found = sweep(rules, surfaces.himmelblau, STARTS, 40, lr=[0.001, 0.01, 0.2], noise=0.2, seeds=(1, 2))
    assert (found.data.diverged_at >= 0).any() and (found.data.diverged_at < 0).any()
    equals_single_descents(found, rules, surfaces.himmelblau, steps=40, noise=0.2)
    colors = found.data.color.values.tolist()
    assert colors == [optimizers.Momentum.color, optimizers.SGD.color, "", *[optimizers.Adam.color] * 2]


def test_schedules_drive_every_descent_as_they_drive_it_alone():
    """Momenta that cycle, ends that depend on the descent's own rate, rates that depend on the descent's own loss."""
    cycle = lambda o: OneCycleLR(o, 10 * o.defaults["lr"], total_steps=60)  # noqa: E731
    plateau = partial(ReduceLROnPlateau, patience=1, threshold=0.2)
    rules = {
        "cycled": partial(optimizers.Adam, schedule=cycle),
        "theirs, cycled": partial(torch.optim.Adam, schedule=cycle),
        "waiting": partial(optimizers.Adam, schedule=plateau),
        "waiting, mixed": partial(LookAhead, schedule=plateau),
        "theirs, waiting": partial(torch.optim.Adam, schedule=plateau),
    }
    grids = {"lr": [0.001, 0.02], "betas": [(0.9, 0.99), (0.5, 0.9)]}
    equals_single_descents(sweep(rules, camel, STARTS, 40, **grids), rules, camel, steps=40)


def test_a_bad_schedule_is_refused_before_anything_runs():
    never = lambda x, y: pytest.fail("a descent was begun")  # noqa: E731
    for rule in (optimizers.SGD, torch.optim.SGD):
        for message, schedule in [
            ("schedule must make a scheduler from an optimizer, got 3$", 3),
            (r"schedule must make a scheduler from an optimizer, got \[3\]$", [3]),
            ("schedule must make a scheduler from an optimizer, got one that made None", lambda o: None),
            ("schedule cannot drive SGD: .*gamma", ExponentialLR),
        ]:
            with pytest.raises(TypeError, match=f"optimizer 'SGD': {message}"):
                sweep(rule, never, STARTS, 5, schedule=schedule)


@pytest.mark.parametrize("rule", [optimizers.SGD, optimizers.Nesterov, Normalised], ids=lambda r: r.__name__)
def test_members_that_diverge_leave_the_others_alone(rule):
    lrs = [0.0005, 0.01, 1.0, 3e9]
    found = sweep(rule, surfaces.rosenbrock, STARTS, 30, lr=lrs)
    equals_single_descents(found, {rule.__name__: rule}, surfaces.rosenbrock, steps=30)
    gone = found.data.diverged_at >= 0
    assert gone.any() and not gone.all()
    assert np.isnan(found.data.loss.where(gone)).all() and np.isfinite(found.data.loss.where(~gone, 0)).all()
    assert sweep(rule, surfaces.rosenbrock, STARTS, 30, lr=3e9).data.diverged_at.min() >= 0
    # A start that is already lost, a loss that is nowhere a number.
    nowhere = sweep(rule, lambda x, y: torch.log(-(x**2) - y**2), STARTS, 5)
    assert (nowhere.data.diverged_at == 0).all() and np.isnan(nowhere.data.best_loss).all()


def test_a_descent_that_was_lost_does_not_come_back():
    there_and_back = partial(optimizers.SGD, lr=3.0, schedule=partial(ExponentialLR, gamma=1 / 6))
    found = sweep(there_and_back, surfaces.sphere, [(3e4, 3e4), (1, 1)], 5)  # five times as far out, then to (0, 0)
    assert found.data.diverged_at.values.ravel().tolist() == [1, -1]
    assert found.data.arrived_at.values.ravel().tolist() == [-1, 2]
    equals_single_descents(found, {"SGD": there_and_back}, surfaces.sphere, steps=5)


@pytest.mark.parametrize("rule", [Normalised, LookAhead], ids=lambda r: r.__name__)
def test_descend_steps_a_batch_of_a_rule_that_mixes_coordinates_one_by_one(rule):
    run = partial(og.descend, rule, camel, steps=40, noise=0.1, seed=2)
    lrs = np.array([0.01, 0.03])
    batch = run(start=STARTS, lr=lrs[:, None])
    assert batch.theta.shape == (41, 2, 3, 2)
    for i, lr in enumerate(lrs):
        for j, start in enumerate(STARTS):
            single = run(start=start, lr=lr)
            np.testing.assert_allclose(batch.theta[:, i, j], single.theta, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(batch.loss[:, i, j], single.loss, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(batch.grad[:, i, j], single.grad, rtol=1e-12, atol=1e-14)
            for name in rule.state_names:
                np.testing.assert_allclose(batch.states[name][:, i, j], single.states[name], rtol=1e-12, atol=1e-14)
    moves = np.linalg.norm(np.diff(og.descend(Normalised, camel, STARTS, 5, lr=0.1).theta, axis=0), axis=-1)
    np.testing.assert_allclose(moves, 0.1)


def test_a_grid_of_starts_is_a_map():
    xs, ys = np.linspace(-5, 5, 7), np.linspace(-4, 4, 5)
    found = sweep(optimizers.Adam, surfaces.himmelblau, np.stack(np.meshgrid(xs, ys), -1), 400, lr=0.1)
    data = found.data.squeeze()
    assert data.minimum.dims == ("start_y", "start_x")
    np.testing.assert_array_equal(data.start_x, xs)
    np.testing.assert_array_equal(data.start_y, ys)
    assert set(np.unique(data.minimum)) == {0, 1, 2, 3}
    ends = data.theta.stack(start=("start_y", "start_x"))
    near = np.abs(ends - data.minima.isel(known=data.minimum.stack(start=("start_y", "start_x")))).max()
    assert near < 0.05
    one = og.descend(optimizers.Adam, surfaces.himmelblau, (xs[1], ys[4]), 400, lr=0.1)
    np.testing.assert_allclose(data.theta.sel(start_x=xs[1], start_y=ys[4]), one.theta[-1], rtol=1e-12)


def test_labels_say_what_they_hold():
    found = sweep(partial(optimizers.Adam, eps=1e-6), camel, lr=np.array([0.1, 0.2]), betas=(0.5, 0.9), steps=3)
    data = found.data
    assert data.loss.sizes == {"optimizer": 1, "lr": 2, "seed": 1, "start": 1}
    np.testing.assert_array_equal([data.start_x.item(), data.start_y.item()], camel.start)
    assert json.loads(data.attrs["settings"]) == {"Adam": {"betas": [0.5, 0.9], "eps": 1e-6}}
    assert (data.attrs["steps"], data.attrs["optguide"]) == (3, og.__version__)
    begins = {"loss": "loss after", "best_loss": "lowest loss", "theta": "where", "arrived_at": "first step with a"}
    begins |= {"diverged_at": "first step at", "minimum": "number of", "minima": "the known"}
    assert {name: data[name].attrs["long_name"].startswith(text) for name, text in begins.items()} == dict.fromkeys(
        data.data_vars, True
    )
    assert all(v.attrs["units"] for v in data.data_vars.values())
    assert repr(found) == "<sweep of 2 descents on six_hump_camel: 1 optimizer x 2 lr x 1 seed x 1 start>"
    blind = sweep(optimizers.SGD, lambda *at: sum(a**2 for a in at), np.ones((4, 3)), 2).data
    assert "arrived_at" not in blind and "minimum" not in blind
    assert blind.coordinate.values.tolist() == ["x0", "x1", "x2"]


def test_a_minimum_counts_only_where_the_descent_ended_low_enough():
    stay = partial(optimizers.SGD, lr=1e-12)
    starts = [(3, 2), (3, 2.01), (3.58, -1.84), (0, 0)]
    data = sweep(stay, surfaces.himmelblau, starts, 1, tol=0.1).data.squeeze()
    assert data.minimum.values.tolist() == [0, 0, 3, -1]
    assert data.arrived_at.values.tolist() == [0, 0, 0, -1]


COUNT = NUMBERS_PER_CHUNK // 2 + 100  # more than one chunk
MANY = partial(
    sweep,
    {"Adam": optimizers.Adam, "Nesterov": optimizers.Nesterov},
    surfaces.rastrigin,
    np.random.default_rng(0).uniform(-1.5, 1.5, (COUNT, 2)),
    10,
    lr=0.02,
    noise=0.1,
)


def test_results_do_not_depend_on_how_the_work_is_cut():
    whole = MANY()
    small = MANY(memory="3 MiB")
    xr.testing.assert_identical(whole.data, small.data)
    threads = MANY(jobs=joblib.Parallel(n_jobs=2, backend="threading"))
    xr.testing.assert_identical(whole.data, threads.data)
    last = whole.data.isel(optimizer=1, seed=0, start=-1)
    start = last.start_x.item(), last.start_y.item()
    run = og.descend(optimizers.Nesterov, surfaces.rastrigin, start, 10, lr=0.02, noise=0.1)
    np.testing.assert_allclose(last.theta, run.theta[-1], rtol=1e-12)


def test_axes_of_hyperparameters_are_cut_as_well():
    lrs = np.geomspace(1e-4, 0.1, 501).tolist()
    run = partial(sweep, [LookAhead, optimizers.RAdam], lambda x, y: torch.cosh(x) + torch.cosh(y), STARTS, 12, lr=lrs)
    whole = run(betas=[(0.9, 0.8), (0.8, 0.9)])
    for memory in (400_000, 450_000, 480_000):
        small = run(betas=[(0.9, 0.8), (0.8, 0.9)], memory=memory)
        xr.testing.assert_identical(whole.data, small.data)


def test_a_local_dask_cluster_carries_a_sweep():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        carried = MANY()
        theirs = sweep([Normalised, torch.optim.SGD], camel, STARTS, 5, lr=[0.1, 0.2])
    xr.testing.assert_identical(carried.data, MANY().data)
    xr.testing.assert_identical(theirs.data, sweep([Normalised, torch.optim.SGD], camel, STARTS, 5, lr=[0.1, 0.2]).data)


def test_saved_and_read_again_it_is_the_same(tmp_path):
    starts = np.stack(np.meshgrid([0.1, 0.2], [-1.0, 0.5, 1.0]), -1)
    found = sweep([optimizers.SGD, optimizers.Lion], camel, starts, 5, lr=[0.1, 40.0])
    pairs = sweep(optimizers.Adam, camel, steps=5, betas=[(0.5, 0.9), (0.9, 0.9)])
    for one in (found, pairs):
        one.save(tmp_path / "sweep.nc")
        again = Sweep.load(str(tmp_path / "sweep.nc"))
        xr.testing.assert_identical(one.data, again.data)
        assert again.data.diverged_at.dtype == np.int32
        again.save(tmp_path / "copy.NC")  # what was read can be saved again
        xr.testing.assert_identical(one.data, Sweep.load(tmp_path / "copy.NC").data)
        xr.testing.assert_identical(one.data, xr.load_dataset(tmp_path / "sweep.nc"))  # any reader of NetCDF
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.NC", "sweep.nc"]


def test_saving_refuses_what_it_cannot_do(tmp_path):
    found = sweep(optimizers.SGD, camel, steps=1)
    (tmp_path / "folder.nc").mkdir()
    for call in (found.save, Sweep.load):
        with pytest.raises(ValueError, match=r"path must end in \.nc, got .*sweep\.csv"):
            call(tmp_path / "sweep.csv")
        with pytest.raises(ValueError, match=r"path must end in \.nc, got .*sweep\.npz"):
            call(tmp_path / "sweep.npz")
        with pytest.raises(ValueError, match=r"path must be a file, got .*folder\.nc"):
            call(tmp_path / "folder.nc")
        for wrong in (None, 3):
            with pytest.raises(TypeError, match=f"path must be a path, got {wrong}"):
                call(wrong)
    (tmp_path / "folder.nc").rmdir()
    with pytest.raises(FileNotFoundError, match="no folder"):
        found.save(tmp_path / "nowhere" / "sweep.nc")
    with pytest.raises(FileNotFoundError):
        Sweep.load(tmp_path / "sweep.nc")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("moment", ["sweep", "save"])
def test_killed_midway_it_leaves_the_older_file_whole(moment, tmp_path):
    path = tmp_path / "sweep.nc"
    old = sweep(optimizers.SGD, camel, steps=1)
    old.save(path)
    script = """
        import os, signal, sys
        import optguide as og
        from optguide import sweep

        module = sys.modules["optguide.sweep.watch"]
        die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        if sys.argv[1] == "save":
            os.replace = die  # everything is written, but not yet in its place
        else:
            observe, calls = module.Watch.observe, []
            def watched(*arguments):
                calls.append(1)
                return die() if len(calls) > 50 else observe(*arguments)
            module.Watch.observe = watched
        og.sweep(og.Adam, og.surfaces.rosenbrock, steps=100).save(sys.argv[2])
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(script), moment, path], timeout=120)
    assert result.returncode == -9
    xr.testing.assert_identical(Sweep.load(path).data, old.data)


def test_a_save_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    found = sweep(optimizers.SGD, camel, steps=1)
    monkeypatch.setattr(hashlib, "file_digest", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        found.save(tmp_path / "sweep.nc")
    assert not list(tmp_path.iterdir())


def test_what_could_not_be_read_again_is_not_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "getsize", lambda _: 9)  # smaller than what it says that it holds
    with pytest.raises(ValueError, match="it declares more than the file holds"):
        sweep(optimizers.SGD, camel, steps=1).save(tmp_path / "sweep.nc")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def kept(tmp_path):
    """A sweep in a file."""
    sweep([optimizers.SGD, optimizers.Adam], camel, STARTS, 5, lr=[0.1, 40.0]).save(tmp_path / "kept.nc")
    return tmp_path / "kept.nc"


def refused(path, why=""):
    with pytest.raises(ValueError, match=f"^{re.escape(repr(str(path)))} is not a sweep.*{why}"):
        Sweep.load(path)


def test_damaged_files_are_refused(kept):
    whole, draw = kept.read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        place, value = int(draw.integers(len(whole))), int(draw.integers(1, 256))
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ value]) + whole[place + 1 :])
        refused(kept)
    for size in (0, 10, 100, 1000, len(whole) // 2, len(whole) - 1):
        kept.write_bytes(whole[:size])
        refused(kept)
    kept.write_bytes(whole + b"\n")
    refused(kept)
    kept.write_bytes(whole)
    assert Sweep.load(kept)


def test_foreign_files_are_refused(kept):
    path = kept.with_name("other.nc")
    path.write_text("a letter\n" * 100)
    refused(path, "Sweep.save did not write it")
    xr.Dataset({"loss": ("optimizer", [1.0])}).to_netcdf(path, engine="h5netcdf")
    refused(path, "Sweep.save did not write it")
    path.unlink()
    os.mkfifo(path)  # a reader would wait for ever
    with pytest.raises(ValueError, match="path must be a file"):
        Sweep.load(path)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.nc"):
        Sweep.load(kept.with_name("nowhere.nc"))


def _declare(file):  # 8 TiB, of which nothing is stored
    file.create_dataset("loss2", (2**40,), "f8")


def _squeeze(file):
    file.create_dataset("loss2", data=np.zeros(2**22), compression="gzip")


def _repeat(file):  # one long text, referred to again and again
    text = file.create_dataset("text", (50,), h5py.string_dtype())
    text[0] = "x" * 10_000
    at = text.id.get_offset()
    return lambda data: data[:at] + 50 * data[at : at + 16] + data[at + 16 * 50 :]


def _link(file):
    file["outside"] = h5py.ExternalLink("secret.h5", "/data")


def _soft(file):
    file["elsewhere"] = h5py.SoftLink("/loss")


def _borrow(file):
    file.create_dataset("outside", (16,), "u1", external=[("secret", 0, 16)])


def _mirror(file):
    layout = h5py.VirtualLayout((16,), "u1")
    layout[:] = h5py.VirtualSource("secret.h5", "data", (16,))
    file.create_virtual_dataset("outside", layout)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_declare, "more than the file holds"),
        (_squeeze, "more than the file holds"),
        (_repeat, "more than the file holds"),
        (_link, "'outside' is stored elsewhere"),
        (_soft, "'elsewhere' is stored elsewhere"),
        (_borrow, "'outside' is stored elsewhere"),
        (_mirror, "'outside' is stored elsewhere"),
        (lambda file: file.create_group("more"), "'more' is not an array"),
        (lambda file: file.pop("loss"), "it has no loss"),
        (lambda file: file.attrs.pop("function"), "it does not name its function"),
        (lambda file: file.attrs.__setitem__("steps", "many"), "it does not say how many steps"),
        (lambda file: file.attrs.__setitem__("tol", [1.0, 2.0]), "it does not say within which tol"),
    ],
    ids=lambda v: getattr(v, "__name__", "").strip("_<>") or None,
)
def test_files_made_up_to_do_harm_are_refused(change, why, kept):
    """Their checksums fit: anybody can compute those."""
    (kept.parent / "secret").write_text("sixteen letters!")
    monkey = kept.with_name("monkey.nc")
    data = kept.read_bytes()
    monkey.write_bytes(data[: len(data) - len(seal(kept))])
    with h5py.File(monkey, "a") as file:
        forge = change(file)
    if callable(forge):
        monkey.write_bytes(forge(monkey.read_bytes()))
    with monkey.open("ab") as file:
        file.write(seal(monkey))
    refused(monkey, why)


def test_what_is_not_a_sweep_does_not_become_one(kept):
    with pytest.raises(TypeError, match="data must be an xarray.Dataset, got 3"):
        Sweep(3)
    with pytest.raises(ValueError, match="data is not a sweep: it has no loss"):
        Sweep(xr.Dataset())
    part = Sweep(Sweep.load(kept).data.sel(optimizer=["Adam"], seed=0))
    assert part.table().rows[0][0] == "Adam"
    part.save(kept)
    xr.testing.assert_identical(Sweep.load(kept).data, part.data)


def test_what_does_not_fit_is_refused_with_its_size(monkeypatch):
    monkeypatch.setattr(Watch, "observe", lambda *_: pytest.fail("computed before refusing"))
    starts = np.zeros((100_000, 2))
    message = r"memory=1 MiB is too little: the results of 200,000 descents .* 11\.44 MiB, .* give memory=12 \* 2\*\*20"
    with pytest.raises(ValueError, match=message):
        sweep(optimizers.SGD, camel, starts, lr=[0.1, 0.2], memory="1 MiB")
    with pytest.raises(ValueError, match="results of 100,000,000,000 descents and the starts take 4.002 TiB"):
        sweep(optimizers.SGD, camel, starts, lr=np.linspace(0.1, 1, 1000), noise=1, seeds=range(1000), memory="64 GiB")
    # Numbers that a chunk holds at once: for our own rule 64 descents of 2 coordinates, each with 16 numbers a
    # coordinate, 4 for Adam's two states, and 48 more; for another one the records of every step of one descent.
    for rule, steps, numbers, more in (
        (optimizers.SGD, 9, 64 * (2 * 16 + 48), 0),
        (optimizers.Adam, 9, 64 * (2 * (16 + 4) + 48), 0),
        (partial(torch.optim.SGD, lr=0.1), 200, 2 * 201 * 13, 20_000),
    ):
        size = (8 * numbers + more) / 2**10
        with pytest.raises(ValueError, match=f"the smallest chunk of work {size:.4g} KiB"):
            sweep(rule, camel, steps=steps, memory=1000)


def test_memory_is_read_with_its_unit():
    sizes = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
    sizes |= {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
    for unit, size in sizes.items():
        assert read_memory(f" 1.5 {unit}") == int(1.5 * size) and read_memory(f"2{unit}") == 2 * size
    assert read_memory(10**6) == 10**6


def test_bad_input_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr(Watch, "observe", lambda *_: pytest.fail("computed before refusing"))
    sgd, both = optimizers.SGD, [optimizers.SGD, optimizers.Adam]
    grid = np.zeros((2, 3, 2))
    grid[1, 1, 0] = 1
    for error, message, call in [
        (TypeError, "'SGD': SGD has no hyperparameter 'betas'; it takes lr", lambda: sweep(both, camel, betas=(0, 0))),
        (TypeError, "'A': SGD has no hyperparameter 'eps'", lambda: sweep({"A": sgd}, camel, eps=1)),
        (TypeError, "optimizer 'SGD': .*speed", lambda: sweep(torch.optim.SGD, camel, speed=[1, 2])),
        (ValueError, "optimizer 'Adam': .*-0.5", lambda: sweep(torch.optim.Adam, camel, lr=[0.1, -0.5])),
        (ValueError, r"'SGD': lr must be > 0, got -0\.1", lambda: sweep(sgd, camel, lr=[0.1, -0.1])),
        (ValueError, r"'SGD': lr must be > 0, got nan", lambda: sweep(sgd, camel, lr=[0.1, float("nan")])),
        (ValueError, "betas must be in", lambda: sweep(optimizers.Adam, camel, betas=[(0.9, 0.9), (0.9, 1.5)])),
        (TypeError, "betas must be a tuple of 2", lambda: sweep(optimizers.Adam, camel, betas=[0.9, 0.99])),
        (ValueError, "etas must be in increasing", lambda: sweep(optimizers.Rprop, camel, etas=[(0.5, 1.2), (2, 1)])),
        (TypeError, "lr must be a single number", lambda: sweep(partial(sgd, lr=[0.1, 0.2]), camel)),
        (ValueError, "lr must not be empty", lambda: sweep(sgd, camel, lr=[])),
        (ValueError, r"lr must not name anything twice, got 0\.1 2 times", lambda: sweep(sgd, camel, lr=[0.1, 0.1])),
        (ValueError, "list of numbers or a list of tuples", lambda: sweep(sgd, camel, lr=[0.1, (0.1, 0.2)])),
        (ValueError, "loss cannot be an axis", lambda: sweep(sgd, camel, loss=[0.1])),
        (ValueError, "two optimizers are called 'SGD'", lambda: sweep([sgd, torch.optim.SGD], camel)),
        (ValueError, "optimizers must not be empty", lambda: sweep([], camel)),
        (TypeError, "optimizers must be", lambda: sweep(3, camel)),
        (TypeError, "'x': optimizer must be an optimizer class, got 3", lambda: sweep({"x": 3}, camel)),
        (TypeError, "'<lambda>': optimizer must make a torch.optim.Opt", lambda: sweep(lambda p, **_: p, camel)),
        (TypeError, "function must be callable", lambda: sweep(sgd, 3)),
        (TypeError, "function must return a tensor", lambda: sweep(sgd, lambda x, y: 3.0, STARTS)),
        (ValueError, "one height per point", lambda: sweep(sgd, lambda x, y: x.sum(), STARTS)),
        (ValueError, "start must have 2 coordinates", lambda: sweep(sgd, camel, [(1, 2, 3)])),
        (ValueError, "start must be finite", lambda: sweep(sgd, camel, [(1, np.inf)])),
        (ValueError, "start must not be empty", lambda: sweep(sgd, camel, np.zeros((0, 2)))),
        (ValueError, r"start of shape \(2, 3, 2\) must be a grid", lambda: sweep(sgd, camel, grid)),
        (ValueError, r"shape \(2, 2, 2, 2\) must be a grid", lambda: sweep(sgd, camel, np.zeros((2, 2, 2, 2)))),
        (ValueError, "steps must be >= 1", lambda: sweep(sgd, camel, steps=0)),
        (TypeError, "steps must be an int", lambda: sweep(sgd, camel, steps=1.5)),
        (ValueError, "tol must be > 0, got 0", lambda: sweep(sgd, camel, tol=0)),
        (TypeError, "tol must be a number", lambda: sweep(sgd, camel, tol="small")),
        (ValueError, "noise must be >= 0, got -1", lambda: sweep(sgd, camel, noise=-1)),
        (ValueError, "tails must be > 0, got 0", lambda: sweep(sgd, camel, noise=1, tails=0)),
        (ValueError, "noise is 0: give noise > 0, or leave out tails=3", lambda: sweep(sgd, camel, tails=3)),
        (TypeError, r"seed must be an int, got 0\.5", lambda: sweep(sgd, camel, noise=1, seed=[0.5])),
        (ValueError, "seed must be an int of at most 64 bits, got 18", lambda: sweep(sgd, camel, noise=1, seeds=2**64)),
        (ValueError, "seed must be an int of at most 64 bits, got -9", lambda: sweep(sgd, camel, seeds=[-(2**63) - 1])),
        (ValueError, r"seed must be >= 0 everywhere if one is >= 2\*\*63",
         lambda: sweep(sgd, camel, noise=1, seeds=[-1, 2**63])),
        (TypeError, "seed must be an int, got True", lambda: sweep(sgd, camel, noise=1, seed=[True])),
        (TypeError, "seed must be an int or a list of them", lambda: sweep(sgd, camel, noise=1, seeds=None)),
        (ValueError, "seed must not be empty", lambda: sweep(sgd, camel, noise=1, seeds=[])),
        (ValueError, "seed must not name anything twice", lambda: sweep(sgd, camel, noise=1, seeds=[1, 1])),
        (ValueError, "2 seeds need noise > 0", lambda: sweep(sgd, camel, seeds=[1, 2])),
        (ValueError, "memory must be", lambda: sweep(sgd, camel, memory="1 apple")),
        (ValueError, "memory must be", lambda: sweep(sgd, camel, memory=0)),
        (TypeError, "jobs must be", lambda: sweep(sgd, camel, jobs="many")),
    ]:  # fmt: skip
        with pytest.raises(error, match=rf"(?<!\w){message}"):
            call()


def test_progress_is_shown_in_a_terminal_and_not_in_a_pipe(monkeypatch):
    seen = []
    monkeypatch.setattr(sys.modules["optguide.sweep"], "tqdm", lambda it, *a, **kw: seen.append((a, kw)) or it)
    sweep(optimizers.SGD, camel, steps=1)
    (((name, chunks), options),) = seen
    assert name == "sweep" and chunks == 1 and options["disable"] is None and options["unit"] == "chunk"


def made_up(arrived_at, **axes):
    """A sweep whose arrivals are given: (optimizer, *axes, seed, start)."""
    arrived_at = np.array(arrived_at)
    dims = ("optimizer", *axes, "seed", "start")
    names = ["A$", "B"][: len(arrived_at)]
    given = {name: (dims, np.zeros(arrived_at.shape)) for name in ("loss", "best_loss", "theta", "diverged_at")}
    data = xr.Dataset({**given, "arrived_at": (dims, arrived_at)},
                      {"optimizer": names, "color": ("optimizer", names), **axes},
                      {"function": "f`", "tol": 0.01, "steps": 9})  # fmt: skip
    return Sweep(data)


def test_a_table_of_everyones_best_setting():
    found = made_up([[[[3, -1, -1]], [[5, 9, -1]], [[9, 8, -1]]], [[[-1, -1, -1]], [[-1, 0, -1]], [[0, -1, -1]]]],
                    lr=[0.001, 0.01, 0.1])  # fmt: skip
    table = found.table()
    assert table.title == "f\\`: within 0.01 of the lowest height in 9 steps"
    assert table.columns == ("optimizer", "succeed", "median steps", "learning rate")
    # As many arrive from two rates: sooner at one of them, or else the first of them is named.
    assert table.rows == [("A\\$", "67%", "9", "0.01"), ("B", "33%", "never", "0.01")]


def test_a_table_says_when_half_have_arrived_and_gives_no_rate_to_whom_none_helps():
    half = [[[7, -1]], [[-1, -1]], [[6, -1]]]
    found = made_up([half, [[[-1, -1]]] * 3], lr=[0.0012345, 46.41589, 100.0])
    assert found.table().rows == [("A\\$", "50%", "6", "100"), ("B", "0%", "never", "–")]
    found = made_up([[[[9, 8, 9]], [[2, 2, -1]]]], lr=[0.1, 1.0])
    assert found.table().rows == [("A\\$", "100%", "9", "0.1")], "most, though not the fastest"
    found = made_up([[[[[-1]], [[-1]]]]], lr=[0.1], momentum=[0.5, 0.9])
    assert found.table().rows == [("A\\$", "0%", "never", "–", "–")]
    found = made_up([[[[8, -1, 5, -1]]]], lr=[0.0012345])
    assert found.table().rows == [("A\\$", "50%", "8", "0.0012")]


def test_a_table_counts_seeds_and_every_other_axis():
    found = made_up([[[[[-1], [-1]], [[4], [2]]]]], lr=[0.1], betas=["(0.9, 0.99)", "(0.5, 0.9)"])
    assert found.table().rows == [("A\\$", "100%", "2", "0.1", "(0.5, 0.9)")]
    found = sweep(optimizers.Adam, camel, camel.grid(3), 50, lr=0.1)
    share = float((found.data.arrived_at >= 0).mean())
    assert 0 < share and found.table().rows[0][:2] == ("Adam", f"{share:.0%}") and len(found.table().columns) == 3


def test_where_no_minimum_is_known_a_table_says_how_many_came_near_the_best_seen():
    def bowl(x, y):
        return x**2 + y**2 - 3

    rates = [1e-9, 0.1, 0.49, 1e9]
    data = sweep([optimizers.SGD, optimizers.Lion], bowl, [(1.03, 1.0), (2.0, 0.07)], 60, lr=rates, tol=1e-4).data
    seen = float(data.best_loss.min())
    table = Sweep(data).table()
    assert table.title == f"Bowl: within 0.0001 of the best seen, {seen:.6g}, in 60 steps"
    assert table.columns == ("optimizer", "come near", "learning rate")
    share = (data.best_loss <= seen + 1e-4).mean(("seed", "start"))
    assert table.rows[0] == ("SGD", "100%", "0.49") and share.sel(optimizer="SGD").max() == 1
    assert table.rows[1] == ("Lion", f"{share.sel(optimizer='Lion').max():.0%}", "–")
    assert "arrived_at" not in data and "lowest" not in data.attrs
    lost = sweep(optimizers.SGD, lambda x, y: torch.log(-(x**2) - y**2), STARTS, 2, lr=[0.1, 0.2]).table()
    assert lost.title.endswith("within 0.001 of the best seen, none, in 2 steps")
    assert lost.rows == [("SGD", "0%", "–")]


def test_a_table_says_if_descents_went_below_what_was_known():
    egg = surfaces.eggholder
    table = sweep(optimizers.SGD, egg, [egg.known_minima()[0], (0.0, 0.0)], 50, lr=1.0).table()
    assert table.title.endswith("of the lowest known height, below which some descents went, in 50 steps")


def test_seeds_may_be_as_large_as_torch_takes_them(tmp_path):
    """Alone as in a sweep, and not rounded on the way."""
    seeds = [3, 2**63, 2**64 - 1]
    found = sweep(optimizers.SGD, camel, STARTS, 3, noise=0.1, seeds=seeds)
    equals_single_descents(found, {"SGD": optimizers.SGD}, camel, steps=3, noise=0.1)
    found.save(tmp_path / "seeds.nc")
    assert Sweep.load(tmp_path / "seeds.nc").data.seed.values.tolist() == seeds
    assert sweep(optimizers.SGD, camel, steps=3, noise=0.1, seeds=[-1, 2]).data.seed.values.tolist() == [-1, 2]


def test_a_rule_without_a_learning_rate_descends_once_beside_others(tmp_path):
    starts, same = [(1.0, 1.5), (-2.0, 0.5)], {"steps": 30, "noise": 0.1, "seed": [1, 2]}
    found = og.sweep([og.DoG, og.Adam, og.DoWG], og.surfaces.himmelblau, starts, lr=[0.01, 0.1, 0.3], **same)
    assert list(found.data.optimizer.values) == ["DoG", "Adam", "DoWG"] and found.free == ("DoG", "DoWG")
    free = og.sweep([og.DoG, og.DoWG], og.surfaces.himmelblau, starts, **same).data
    adam = og.sweep(og.Adam, og.surfaces.himmelblau, starts, lr=[0.01, 0.1, 0.3], **same).data
    assert found.data.loss.dims == adam.loss.dims and found.data.theta.dims == adam.theta.dims
    for name in ("loss", "theta", "best_loss", "arrived_at", "diverged_at", "minimum"):
        assert found.data[name].dtype == adam[name].dtype
        for i in range(3):
            got = found.data[name].isel(lr=i)
            np.testing.assert_array_equal(got.sel(optimizer=["DoG", "DoWG"]), free[name])
            np.testing.assert_array_equal(got.sel(optimizer=["Adam"]), adam[name].isel(lr=i))
    assert json.loads(found.data.attrs["settings"]).keys() == {"DoG", "Adam", "DoWG"}
    cells = {row[0]: row[-1] for row in found.table().rows}
    assert cells["DoG"] == "–" and math.isnan(found.best()["DoG"].settings["lr"])
    found.save(tmp_path / "found.nc")
    assert og.Sweep.load(tmp_path / "found.nc").free == found.free
    assert "DoG\n(no learning rate)" in [t.get_text() for t in found.plot_rates().get_legend().get_texts()]


def test_a_rule_without_a_learning_rate_is_given_none():
    with pytest.raises(TypeError, match="DoG has no hyperparameter 'lr'; it takes reps_rel, eps"):
        og.sweep([og.DoG, og.Adam], og.surfaces.ravine, lr=0.1)
    with pytest.raises(TypeError, match="DoG has no hyperparameter 'lr'; it takes reps_rel, eps"):
        og.sweep([og.DoG, og.DoWG], og.surfaces.ravine, lr=[0.1, 0.2])


def test_a_rule_with_large_states_is_swept_in_smaller_chunks_with_the_same_result():
    problem, starts = og.problems.matrix_quadratic(8, 8), np.random.default_rng(0).normal(size=(70, 8, 8))
    whole = og.sweep(og.BFGS, problem, starts, 4, lr=0.5)
    message = r"the smallest chunk of work 20\.4 MiB"  # 64 descents, with ten matrices of 64 x 64 numbers each
    with pytest.raises(ValueError, match=message):
        og.sweep(og.BFGS, problem, starts, 4, lr=0.5, memory="10 MiB")
    og.sweep(og.Adam, problem, starts, 4, lr=0.5, memory="10 MiB")
    cut = og.sweep(og.BFGS, problem, starts, 4, lr=0.5, memory="30 MiB")
    np.testing.assert_allclose(cut.data.loss, whole.data.loss, rtol=1e-12)
