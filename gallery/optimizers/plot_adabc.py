r"""
AdaBC
=====

AdaBC takes AdaBelief's step and limits its length: each coordinate moves by at least 0.1 and at most 2 learning rates in
every step. The upper bound keeps steps from growing. The lower bound means that it never comes to rest.
"""

from functools import partial

import numpy as np
import torch

import optguide as og
from optguide import study

bowl = og.surfaces.unit_bowl
race = og.race([og.AdaBeliefD, og.AdaBC], bowl, start=(-0.2, -0.25), lr=0.1, steps=120)
race.animate(box=((-0.22, 0.22), (-0.6, -0.16)), panels=("map", "loss", "m"))

# %%
# Near the bottom of a bowl AdaBelief's path closes in on the minimum. AdaBC's bends smoothly at first, too. In the end
# both coordinates move by the smallest step, so that the path consists of diagonals, as Lion's does. ``m`` fades, and the
# point keeps moving.

# proof: every step of a coordinate is between 0.1 and 2 learning rates long, the last ones 0.1
sizes = np.abs(np.diff(race["AdaBC"].theta, axis=0)) / 0.1
assert 0.1 - 1e-8 <= sizes.min() and sizes.max() <= 2 + 1e-8
np.testing.assert_allclose(sizes[-30:], 0.1)
assert np.abs(np.diff(race["AdaBeliefD"].theta, axis=0))[-30:].min() < 0.001

# %%

og.card(og.AdaBC)

# %%
# The rule
# --------
# ``r`` is the step that AdaBelief without its first bias correction would take, in learning rates. The last line keeps
# its sign and limits its size. (Where ``m`` is exactly zero the point does not move, as zero has no sign.)

og.pseudocode(og.AdaBC)

# %%

og.pseudocode(og.AdaBC).hyperparameters

# %%
# What it repairs
# ---------------
# Under a long steady gradient AdaBelief's steps keep growing, here to :n:`longest["AdaBeliefD"] / 0.1:.1f` learning rates,
# and overshoot where it ends. AdaBC's stop growing at two. So it runs :n:`past["AdaBC"]:.2f` past the minimum instead of
# :n:`past["AdaBeliefD"]:.2f`, but it takes :n:`first["AdaBC"]` steps to get there instead of :n:`first["AdaBeliefD"]`.


@og.surface(title="Rounded corner", box=((-31, 6),), starts=((-30.0,),), minima=((0,),))
def corner(x):
    """Two straight lines, joined by a curve at the bottom."""
    return torch.sqrt(0.01 + x**2)


far = og.race([og.AdaBeliefD, og.AdaBC], corner, steps=300, lr=0.1)
far

# %%

# proof: AdaBC's steps stop growing at two learning rates; it overshoots less, and gets there later
longest = {name: np.abs(np.diff(run.theta, axis=0)).max() for name, run in far.items()}
past = {name: run.theta.max() for name, run in far.items()}
first = {name: int((run.theta[:, 0] > 0).argmax()) for name, run in far.items()}
np.testing.assert_allclose(longest["AdaBC"], 0.2)
assert longest["AdaBeliefD"] > 0.4 and past["AdaBC"] < past["AdaBeliefD"] - 0.1
assert first["AdaBC"] > first["AdaBeliefD"] + 40

# %%

study.traits(og.AdaBC)

# %%
# One knob: the bounds
# --------------------
# The bounds lead from one rule to another. Wide open they leave AdaBelief's step alone. Closed to the single number 1
# they leave the sign of ``m`` only, which is :ref:`Lion <sphx_glr_gallery_optimizers_plot_lion.py>` with equal betas.

bounds = {f"bounds = {b}": og.AdaBC.at(bounds=b) for b in ((0, 1000), (0.1, 2), (0.5, 2), (1, 1))}
between = og.race(bounds, bowl, steps=100, lr=0.1)
between.plot()

# %%

# proof: with bounds wide open it is AdaBelief without the first correction
open_end = og.descend(og.AdaBeliefD, bowl, steps=100, lr=0.1)
np.testing.assert_allclose(between["bounds = (0, 1000)"].theta, open_end.theta, atol=1e-9)

# %%

# proof: with both bounds at 1 it is Lion with equal betas
closed_end = og.descend(og.Lion, bowl, steps=100, lr=0.1, betas=(0.9, 0.9))
np.testing.assert_allclose(between["bounds = (1, 1)"].theta, closed_end.theta, atol=1e-9)

# %%
# The whole axis of learning rates
# --------------------------------
# AdaBeliefD, whose steps AdaBC limits, may have far too large a learning rate: its steps shrink when the gradient does.
# AdaBC's do not get shorter than a tenth of it. So its curve has its best at :n:`rates.best["AdaBC"]:.2g`, and from 1 to 10
# the loss grows by a factor of :n:`clipped[-1] / clipped[30]:.0f`.

rates = study.rates(og.AdaBC, beside=og.AdaBeliefD)
rates

# %%

# proof: AdaBC's best learning rate is near 0.1, and its loss grows over a hundredfold from 1 to 10
clipped, free = rates.sweep.data.loss.median(("seed", "start")).values
assert 0.03 < rates.best["AdaBC"] < 0.3 and rates.best["AdaBeliefD"] > 1
assert clipped[-1] > 100 * clipped[30] > 500 * free[30]

# %%
# Basins
# ------
# On Himmelblau's function, at 0.03, AdaBC's basins have grey spots. From :n:`came[0]:.0%` of the starts the descent comes
# within 0.001 of the height of a minimum, but after 200 steps only :n:`basins.reached["AdaBC"]:.0%` are there. Which ones
# is chance: it depends on where the last of the smallest steps happens to end.

basins = study.basins(og.AdaBC.at(lr=0.03), beside=og.AdaBeliefD.at(lr=0.03))
basins

# %%

# proof: AdaBC comes by a minimum from nearly every start and is there in the end from fewer
came = (basins.sweep.data.arrived_at >= 0).mean(("seed", "start_y", "start_x")).values
assert came[0] > 0.95 and 0.55 < basins.reached["AdaBC"] < 0.8
assert basins.reached["AdaBeliefD"] > came[1] - 0.005

# %%
# How to set it
# -------------
# The bounds are in units of ``lr``. So a schedule that lets the learning rate fall brings AdaBC to rest, as the smallest
# step falls with it; at a constant one it walks :n:`walked[0][0]:.1f` along each coordinate in the last 50 of 300 steps.

falling = partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.98)
rule = og.AdaBC.at(lr=0.1)
pair = og.race({"constant": rule, "falling": partial(rule, schedule=falling)}, bowl, steps=300)
pair.plot_map()

# %%

# proof: it comes to rest with a falling learning rate, or without bounds, and otherwise it does not
free = og.descend(og.AdaBeliefD, bowl, steps=300, lr=0.1)
runs = (pair["constant"], pair["falling"], free)
walked = [np.abs(np.diff(run.theta[-51:], axis=0)).sum(0) for run in runs]
np.testing.assert_allclose(walked[0], 0.5)
assert walked[1].max() < 0.05 and walked[2].max() < 0.001
assert np.abs(pair["falling"].theta[-1] - bowl.minima[0]).max() < 1e-3

# %%
# Where it fails
# --------------
# A coordinate whose gradient is all but zero moves as well, by the sign of ``m``. This floor falls along x and is almost
# flat along y. AdaBelief's ``eps`` is enough to keep y at 1e-6. AdaBC takes it to :n:`farthest["AdaBC"]:.2f`, ten thousand
# times as far from zero as it began.

# proof: along an almost flat direction AdaBC moves ten thousand times as far away as it began
flat = dict(start=(0, 1e-6), steps=50, lr=0.1)
flats = og.race([og.AdaBC, og.AdaBeliefD], lambda x, y: x + 1e-12 * y**2, **flat)
farthest = {name: np.abs(run.theta[:, 1]).max() for name, run in flats.items()}
np.testing.assert_allclose(farthest["AdaBC"], 0.01, rtol=1e-3)
assert farthest["AdaBeliefD"] < 1.1e-6

# %%
# Provenance
# ----------
# The rule is the article's own (:cite:t:`impactcrater2024`), without its negligible weight decay. There is no paper, and no
# package has it. Its author added the bounds, after AdaBound's, for a network of 480 channels, 128 blocks and 256
# layers that did not train without them; that is not checked here. :ref:`AdaBound
# <sphx_glr_gallery_optimizers_plot_adabound.py>` (:cite:t:`luo2019`) limits each coordinate's step size, so its steps still
# shrink with the gradient, and its bounds close in on one value. AdaBC limits the step itself. The two equalities above, at
# the ends of the bounds, and steps worked out by hand are what it is tested against.
#
# .. oracles:: AdaBC
