r"""
Thousands at once
=================

A rule here is a pure function, so it takes a thousand descents as readily as one, and each gets the numbers that it
would have got alone. That turns "it worked when I tried it" into a share.
"""

# sphinx_gallery_thumbnail_number = 3
import tempfile
from functools import partial
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np

import optguide as og

# %%
# Why that is possible
# --------------------
# The whole of a rule is ``update``: parameters, gradient and memory go in, new parameters and new memory come out, and
# nothing else changes. Each line of it is arithmetic on tensors. Give it a tensor with one descent in each place and it
# moves all of them; the learning rate may be a tensor, too.

print(og.Adam.hyperparameters, og.Adam.state_names)
hollows = og.surfaces.himmelblau
starts, rates = hollows.sample(64), 10 ** np.linspace(-3, 1, 17)
study = og.sweep(
    [og.SGD, og.Momentum, og.Adam],
    hollows,
    starts,
    steps=200,
    noise=3.0,
    seeds=range(8),
    lr=rates,
)
print(study)

# %%
# Three rules, 17 rates, 8 seeds of noise and 64 starts: a list becomes an axis. The result is a labelled array for each
# question. Where did it end, when did it arrive, was it lost?

print(study.data.loss.dims)
one = study.data.sel(optimizer="Adam", seed=5, start=7).isel(lr=8)
alone = og.descend(og.Adam, hollows, starts[7], 200, noise=3.0, seed=5, lr=float(one.lr))
print("in the sweep", one.loss.item(), "  alone", alone.loss[-1])
np.testing.assert_allclose(one.loss, alone.loss[-1], rtol=1e-9, atol=1e-12)

# %%
# The whole axis of learning rates
# --------------------------------
# The line is the median of 512 descents, the band the middle half. A cross marks the last rate at which most of them
# survive.

og.plot_rates(study)

# %%
# Adam survives rates more than a hundred times as high as the others. That is no merit by itself: its best rate is more
# than ten times theirs as well. Rates of different rules are different lengths.

typical = study.data.loss.fillna(np.inf).median(("seed", "start"))
survived = study.data.lr.where(np.isfinite(typical)).max("lr").to_series()
best = typical.idxmin("lr").to_series()
print("highest:", survived.to_dict(), "\nbest:   ", best.to_dict())
assert survived["Adam"] > 100 * survived[["SGD", "Momentum"]].max()
assert best["Adam"] > 10 * best[["SGD", "Momentum"]].max()

# %%
# Success against budget
# ----------------------
# Each rule at one rate, and the share of descents that have come within 0.001 of the lowest height after so many steps.
# Such a curve is called a performance profile. It is read in two ways: upwards, how many arrive within a budget; to the
# right, how long it takes until half have.

chosen = {
    "SGD": partial(og.SGD, lr=0.01),
    "Momentum": partial(og.Momentum, lr=0.01),
    "Nesterov": partial(og.Nesterov, lr=0.01),
    "Rprop": partial(og.Rprop, lr=0.1),
    "RMSprop": partial(og.RMSprop, lr=0.1),
    "Adam": partial(og.Adam, lr=0.3),
}
grid = hollows.grid(128)
plane = og.sweep(chosen, hollows, grid, steps=200)
og.plot_share(plane)

# %%

arrived = plane.data.arrived_at
share = (arrived >= 0).mean(("seed", "start_y", "start_x")).to_series()
print((100 * share).round(1).to_string())
stays = (plane.data.minimum >= 0).mean(("seed", "start_y", "start_x"))
print("of RMSprop there in the end:", stays.sel(optimizer="RMSprop").item())
assert share.drop("RMSprop").min() > 0.98 and share["RMSprop"] < 0.95
assert stays.sel(optimizer="RMSprop") < 0.6
half = arrived.where(arrived >= 0, np.inf).median(("seed", "start_y", "start_x"))
print("steps of half of them:", half.to_series().to_dict())
assert half.sel(optimizer="SGD") < 20 < 50 < half.sel(optimizer="Momentum")

# %%
# RMSprop does not settle at this rate: where the slope vanishes, so does what it divides by. It passes through, and half
# of those that arrived have left again. On these round hollows plain descent is among the fastest.
#
# Whose hollow is it?
# -------------------
# The same 98,304 descents, now by where they ended. Each point is a start, its colour the minimum that was reached, and
# the darker the later. Grey is near none in the end, black is lost.

fig, axes = plt.subplots(2, 3, figsize=(10, 7.2), layout="constrained")
for name, ax in zip(chosen, axes.flat, strict=True):
    og.plot_basins(plane, name, ax)
    ax.get_legend().remove()
    ax.set(title=name, xlabel="", ylabel="")

# %%
# Plain descent, Adam and Rprop divide the plane nearly alike, by the nearest hollow. With momentum a start rolls through
# its hollow into another one, and nearly a third of the plane changes hands.

ends = plane.data.minimum.squeeze("seed")
moved = (ends != ends.sel(optimizer="SGD")).mean(("start_y", "start_x"))
print("ends elsewhere than SGD:", moved.to_series().round(3).to_dict())
assert moved.sel(optimizer=["Adam", "Rprop"]).max() < 0.1
assert moved.sel(optimizer=["Momentum", "Nesterov"]).min() > 0.25

# %%
# Keep it
# -------
# A sweep is kept as NetCDF, which other programs read, too. The file appears whole or not at all, and ends with a
# checksum, so that a damaged one is not taken for a result.

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "study.nc")
    study.save(file)
    again = og.Sweep.load(file)
    print(file.name, f"{file.stat().st_size / 1e6:.1f} MB", again)
    assert again.data.equals(study.data)

# %%
# More than one machine
# ---------------------
# The work is cut into chunks that know nothing of each other, and joblib carries them. ``jobs=2`` takes two processes;
# here it is two threads, which start at once. The numbers do not depend on who computed them.

with joblib.parallel_config("threading", n_jobs=2):
    shared = og.sweep(chosen, hollows, grid, steps=200)
assert shared.data.equals(plane.data)

# %%
# A cluster differs in the name of the carrier. With `Dask <https://docs.dask.org>`__:
#
# .. code-block:: python
#
#    from dask.distributed import Client
#
#    client = Client("tcp://scheduler:8786")  # Client() makes a cluster of this machine
#    with joblib.parallel_config("dask"):
#        study = og.sweep(rules, surface, starts, lr=rates, memory="4 GiB")
#
# With Ray, ``ray.util.joblib.register_ray()`` and then ``"ray"`` in place of ``"dask"``. The tests run the first of the
# two on a cluster of one machine. ``memory`` bounds starts, results and a chunk of work together; what does not fit is
# refused before anything is computed.
#
# The fourth picture, a plane of two settings, is on the page before this one.
#
# Before this: :ref:`two settings and their border <sphx_glr_gallery_comparisons_plot_learning_rate_and_momentum.py>`.
# Next: :ref:`a fair comparison <sphx_glr_gallery_comparisons_plot_leaderboard.py>`, sixteen rules on nine maps.
