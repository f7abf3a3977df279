r"""
AdaBC
=====

AdaBC takes AdaBelief's step and clips its length: each coordinate moves by at least 0.1 and at most 2 learning rates,
every time. The upper bound tames long strides. The lower bound means that it never comes to rest.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np
import torch

import optguide as og

og.card(og.AdaBC)

# %%
# The rule
# --------
# ``r`` is the step in units of ``lr`` that AdaBelief without its first correction would take. The last line keeps
# its sign and bounds its size.

og.pseudocode(og.AdaBC)

# %%

og.pseudocode(og.AdaBC).hyperparameters

# %%
# What it repairs
# ---------------
# On a long steady slope the steps of AdaBelief grow and grow, and at its end they run far past the bottom. AdaBC's
# stop growing at twice the learning rate.


def valley(x):
    """A valley between two straight slopes, rounded at the bottom."""
    return torch.sqrt(0.01 + x**2)


far = og.race([og.AdaBeliefD, og.AdaBC], valley, start=-30.0, steps=300, lr=0.1)
longest = {name: float(np.abs(np.diff(run.theta, axis=0)).max()) for name, run in far.items()}
past = {name: float(run.theta.max()) for name, run in far.items()}
arrival = {name: int((run.theta[:, 0] > 0).argmax()) for name, run in far.items()}
print("longest step:", longest)
print("farthest past the bottom:", past)
print("gets there at step:", arrival)
np.testing.assert_allclose(longest["AdaBC"], 0.2)
assert longest["AdaBeliefD"] > 0.4 and past["AdaBC"] < past["AdaBeliefD"] - 0.1
assert arrival["AdaBC"] > arrival["AdaBeliefD"] + 40

# %%
# The caution costs time: it gets there later.
#
# Watch it
# --------
# Near the bottom of a plain bowl. The path bends smoothly at first. In the end both coordinates move by the smallest
# step, so the path consists of diagonals, as Lion's does. The mean ``m`` fades, and yet the head keeps moving.

bowl = og.surfaces.unit_bowl
run = og.descend(og.AdaBC, bowl, start=(-0.2, -0.25), steps=120, lr=0.1)
og.animate(
    {"AdaBC": run},
    panels=("map", "m", "s"),
    box=((-0.25, 0.25), (-0.65, -0.15)),
)

# %%
# Every recorded step lies within the bounds, and the last thirty lie on the lower one in both coordinates.
# (A coordinate whose ``m`` is exactly zero would stay where it is: zero has no sign.)

sizes = np.abs(np.diff(run.theta, axis=0))
print("smallest and largest step of a coordinate:", sizes.min(), sizes.max())
assert 0.1 * 0.1 - 1e-9 <= sizes.min() and sizes.max() <= 2 * 0.1 + 1e-9
np.testing.assert_allclose(sizes[-30:], 0.01)

# %%
# One knob: the bounds
# --------------------
# The bounds lead from one known rule to another. Wide open they leave AdaBelief's step alone. Closed to a single
# number they leave only the sign of ``m``: that is Lion with equal betas. In between lies AdaBC.

knob = {
    f"bounds = {b}": partial(og.AdaBC, bounds=b) for b in ((0, 1000), (0.1, 2), (0.5, 2), (1, 1))
}
between = og.race(knob, bowl, steps=100, lr=0.1)
between.plot()

# %%

open_end = og.descend(og.AdaBeliefD, bowl, steps=100, lr=0.1)
closed_end = og.descend(og.Lion, bowl, steps=100, lr=0.1, betas=(0.9, 0.9))
np.testing.assert_allclose(between["bounds = (0, 1000)"].theta, open_end.theta, atol=1e-9)
np.testing.assert_allclose(between["bounds = (1, 1)"].theta, closed_end.theta, atol=1e-9)
print(
    "mean loss over the last 20 steps:",
    {name: f"{r.loss[-20:].mean():.2g}" for name, r in between.items()},
)

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley from 64 starts, with 200 steps; median of the last loss and its middle half. AdaBeliefD, whose
# steps AdaBC clips, may take a rate that is far too large: its steps shrink when the slope does. AdaBC's do not
# go below a tenth of the rate. So its curve has an optimum at about 0.1, and from 1 to 10 the loss grows more than
# a hundredfold.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.AdaBeliefD, og.AdaBC],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, (free, clipped) = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
print(
    "best rates:",
    lr[free.argmin()],
    lr[clipped.argmin()],
    " median loss at 10:",
    free[-1],
    clipped[-1],
)
assert 0.03 < lr[clipped.argmin()] < 0.3 and lr[free.argmin()] > 1
assert clipped[-1] > 100 * clipped[30] > 500 * free[30]

# %%
# At 0.03, on Himmelblau's function, the four basins are there, but sprinkled with grey. Nearly every start gets within
# 0.001 of a minimum. A third of them is not so near at the end, and which third is chance: it depends on where the
# last of the smallest steps happens to fall.

basins = og.sweep(
    [og.AdaBeliefD, og.AdaBC],
    himmelblau,
    himmelblau.grid(96),
    steps=200,
    lr=0.03,
)
og.plot_basins(basins, "AdaBC")

# %%

came = (basins.data.arrived_at >= 0).mean(("seed", "start_y", "start_x")).values
stays = (basins.data.minimum >= 0).mean(("seed", "start_y", "start_x")).values
print(
    "share of starts that come by, AdaBeliefD and AdaBC:",
    came,
    " that are there in the end:",
    stays,
)
assert came[1] > 0.95 and 0.55 < stays[1] < 0.8 and stays[0] > came[0] - 0.005

# %%
# Where it fails
# --------------
# It cannot settle. After 300 steps it still runs about, by half a percent of the square's side at every step, where
# AdaBelief without bounds stands still. What brings it to rest is a schedule, because the bounds are in units of
# ``lr``: let the rate decay and the smallest step decays with it.

decay = partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.98)
restless = og.descend(og.AdaBC, bowl, steps=300, lr=0.1)
unbounded = og.descend(og.AdaBeliefD, bowl, steps=300, lr=0.1)
settled = og.descend(og.AdaBC, bowl, steps=300, lr=0.1, schedule=decay)
walked = [np.abs(np.diff(r.theta[-51:], axis=0)).sum(0) for r in (restless, unbounded, settled)]
print("walked in the last 50 steps, per coordinate:", *walked)
np.testing.assert_allclose(walked[0], 0.5)
assert walked[1].max() < 0.001 and walked[2].max() < 0.05
assert np.abs(settled.theta[-1] - (0, -0.4)).max() < 1e-3

# %%
# Trails of the two on the bowl, at a constant rate and with the decay:

og.Race({"constant rate": restless, "decaying rate": settled}, bowl).plot()

# %%
# The lower bound has a second price. A coordinate whose slope is all but zero moves as well, on the word of a sign.
# This floor falls along x, and is almost perfectly flat along y. AdaBelief's ``eps`` is enough to keep y where it is.
# AdaBC throws it ten thousand times as far from zero as it began.


def floor(x, y):
    """A slope along x, and next to nothing along y."""
    return x + 1e-12 * y**2


flat = og.race([og.AdaBC, og.AdaBeliefD], floor, start=(0, 1e-6), steps=50, lr=0.1)
farthest = {name: float(np.abs(run.theta[:, 1]).max()) for name, run in flat.items()}
print("farthest from y = 0:", farthest)
np.testing.assert_allclose(farthest["AdaBC"], 0.01, rtol=1e-3)
assert farthest["AdaBeliefD"] < 1.1e-6

# %%
# Provenance
# ----------
# The rule of the repository OptimizerVisualizer, :cite:t:`impactcrater2024`, without its negligible weight decay.
# There is no paper, and no package has it. The two equalities above, at the ends of the bounds, are its oracle,
# together with steps worked out by hand.
#
# .. oracles:: AdaBC
#
# AdaBound (Luo and others, 2019) has a similar name and a different aim. It clips the learning rate of each
# coordinate and lets the bounds close in on a common value; the step still shrinks with the slope. AdaBC clips the
# step itself.
#
# Before this: :ref:`AdaDerivative <sphx_glr_gallery_optimizers_plot_adaderivative.py>`,
# whose steps may grow without bound.
# Next: :ref:`Lion <sphx_glr_gallery_optimizers_plot_lion.py>`, where every step has the same length.
