r"""
Thousands of descents at once
=============================

A descent from one start shows that a rule can work. A descent from every start shows how often it does. One call runs
them all, and each has the numbers that it would have alone.
"""

import tempfile
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np

import optguide as og

himmelblau = og.surfaces.himmelblau
chosen = {
    "SGD": og.SGD.at(lr=0.01),
    "Momentum": og.Momentum.at(lr=0.01),
    "Nesterov": og.Nesterov.at(lr=0.01),
    "Rprop": og.Rprop.at(lr=0.1),
    "RMSprop": og.RMSprop.at(lr=0.1),
    "Adam": og.Adam.at(lr=0.3),
}
plane = og.sweep(chosen, himmelblau, himmelblau.grid(128), steps=200)
fig, axes = plt.subplots(2, 3, figsize=(9, 6.2), layout="constrained", sharex=True, sharey=True)
for name, ax in zip(chosen, axes.flat, strict=True):
    og.plot_basins(plane, name, ax)
    ax.get_legend().remove()
    ax.set(title=name, xlabel="", ylabel="")
fig.suptitle("The minimum that 200 steps reach from each start, on Himmelblau's function")

# %%
# These are :n:`plane.data.loss.size:,` descents. Every pixel is a start, its colour one of the four minima, and the
# darker the later. Grey is near none of them in the end, black has diverged. SGD, Adam and Rprop divide the plane
# nearly alike, mostly by the nearest minimum. With momentum a start rolls through its basin into another one: from
# :n:`100 * moved["Momentum"]:.0f` % of the starts it ends in another minimum than SGD.

# proof: Adam and Rprop reach another minimum than SGD from fewer than 10 % of the starts, momentum
# and Nesterov from more than 25 %
ends = plane.data.minimum.squeeze("seed")
moved = (ends != ends.sel(optimizer="SGD")).mean(("start_y", "start_x")).to_series()
assert moved[["Adam", "Rprop"]].max() < 0.1
assert moved[["Momentum", "Nesterov"]].min() > 0.25

# %%
# Success against budget
# ----------------------
# The same descents, by the step at which they first come within 0.001 of the lowest height. Such a curve is called a
# data profile :cite:p:`more2009`. It is read upwards, how many succeed within a budget, and to the right, how long it
# takes until half have succeeded. For plain SGD that is :n:`half["SGD"]:.0f` steps and for momentum
# :n:`half["Momentum"]:.0f`: in round basins like these, momentum has nothing to repair. The profiles of
# :cite:t:`dolan2002` are other curves, with the ratio to the best solver's budget on their axis.

og.plot_share(plane)

# %%
# RMSprop alone does not succeed nearly always, nor does it settle at this learning rate: where the gradient vanishes,
# so does what it divides by. :n:`100 * share["RMSprop"]:.0f` % of its descents come to a minimum and pass through it;
# after the last step :n:`100 * float(stays):.0f` % are at one.

# proof: RMSprop succeeds from fewer than 95 % of the starts and the others from more than 98 %, and
# fewer than 60 % of RMSprop's descents are at a minimum in the end
every_start = ("seed", "start_y", "start_x")
arrived = plane.data.arrived_at
share = (arrived >= 0).mean(every_start).to_series()
half = arrived.where(arrived >= 0, np.inf).median(every_start).to_series()
stays = (plane.data.minimum >= 0).mean(every_start).sel(optimizer="RMSprop")
assert share.drop("RMSprop").min() > 0.98 and share["RMSprop"] < 0.95
assert stays < 0.6
assert half["SGD"] < 20 < 50 < half["Momentum"]

# %%
# A list becomes an axis
# ----------------------
# The whole of a rule is ``update``: parameters, gradient and memory go in, new parameters and new memory come out. Each
# line of it is arithmetic on tensors. Given a tensor with one descent in each place, it moves all of them, and the
# learning rate may be a tensor, too. So every hyperparameter that is given as a list becomes an axis. Here it is 17
# learning rates, with 8 seeds of noise and 64 starts. The line is the median of 512 descents, the band the middle half,
# and a cross marks the last learning rate at which most of them do not diverge.

lrs = 10 ** np.linspace(-3, 1, 17)
rates = og.sweep(
    [og.SGD, og.Momentum, og.Adam],
    himmelblau,
    himmelblau.sample(64),
    steps=200,
    noise=3.0,
    seed=range(8),
    lr=lrs,
)
og.plot_rates(rates)

# %%

# proof: each of these descents has the numbers that it has alone
one = rates.data.sel(optimizer="Adam", seed=5, start=7).isel(lr=8)
start = [float(one.start_x), float(one.start_y)]
alone = og.descend(og.Adam, himmelblau, start, 200, noise=3.0, seed=5, lr=float(one.lr))
np.testing.assert_allclose(one.loss, alone.loss[-1], rtol=1e-9, atol=1e-12)

# %%
# Most descents of Adam survive all of them, most of SGD's none above :n:`survived["SGD"]:.2g`. That is no merit by
# itself, for Adam's best one is :n:`best["Adam"] / best["SGD"]:.0f` times as large as SGD's. Learning rates of
# different rules are different lengths.

# proof: Adam survives learning rates more than a hundred times as large as SGD and momentum do, and
# is best at one more than ten times as large
typical = rates.data.loss.fillna(np.inf).median(("seed", "start"))
survived = rates.data.lr.where(np.isfinite(typical)).max("lr").to_series()
best = typical.idxmin("lr").to_series()
assert survived["Adam"] == lrs.max() > 100 * survived[["SGD", "Momentum"]].max()
assert best["Adam"] > 10 * best[["SGD", "Momentum"]].max()

# %%
# What a sweep holds
# ------------------
# For each question there is a labelled array: where the descents ended, when they succeeded, when they diverged.
# ``rates.data`` is an ``xarray.Dataset``, whose dimensions have names.

rates.table()

# %%
# It is kept as NetCDF, which other programs read, too. The file appears whole or not at all, and ends with a checksum,
# so that a damaged one is not taken for a result.
#
# .. code-block:: python
#
#    rates.save("rates.nc")
#    again = og.Sweep.load("rates.nc")

# proof: a sweep that was saved is read back as it was
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "rates.nc")
    rates.save(file)
    assert og.Sweep.load(file).data.equals(rates.data)

# %%
# More than one machine
# ---------------------
# The work is cut into chunks that know nothing of each other, and joblib carries them to whatever computes. ``jobs=2``
# takes two processes. A cluster needs one more line; with `Dask <https://docs.dask.org>`__:
#
# .. code-block:: python
#
#    from dask.distributed import Client
#
#    client = Client("tcp://scheduler:8786")  # Client() makes a cluster of this machine
#    with joblib.parallel_config("dask"):
#        rates = og.sweep(rules, surface, starts, lr=lrs, memory="4 GiB")
#
# With Ray, ``ray.util.joblib.register_ray()`` and then ``"ray"`` in place of ``"dask"``. The tests run the first of the
# two on a cluster of one machine. ``memory`` bounds starts, results and a chunk of work together; what does not fit is
# refused before anything is computed.

# proof: two threads that share the work give the same numbers, to the last digit
with joblib.parallel_config("threading", n_jobs=2):
    shared = og.sweep(chosen, himmelblau, himmelblau.grid(64), steps=50)
single = og.sweep(chosen, himmelblau, himmelblau.grid(64), steps=50)
assert shared.data.equals(single.data)

# %%
# Two hyperparameters at a time make a plane: :ref:`the learning rate and the momentum
# <sphx_glr_gallery_comparisons_plot_learning_rate_and_momentum.py>`. Sixteen rules on nine maps make
# :ref:`a comparison <sphx_glr_gallery_comparisons_plot_leaderboard.py>`.
