r"""
Prodigy
=======

Prodigy is Adam whose learning rate is an estimate of the distance from the start to the minimum. The estimate begins at
a millionth, and gradients that point back to the start raise it.
"""

import numpy as np

import optguide as og
from optguide import study

booth = og.surfaces.booth
rules = {
    "Adam, lr 0.01": og.Adam.at(lr=0.01),
    "Adam, lr 1": og.Adam.at(lr=1.0),
    "Adam, lr 30": og.Adam.at(lr=30.0),
    "Prodigy": og.Prodigy,
}
race = og.race(rules, booth, steps=150)
race

# %%
# With a small learning rate Adam is hardly on its way after 150 steps, and with a large one it jumps far past the minimum.
# At 1 it ends at :n:`ends[1]:.0e`. Prodigy stands still for about ten steps, while its estimate grows from a millionth to
# :n:`d[-1]:.2f`, and ends at :n:`ends[3]:.0e`: it found the learning rate, at the price of some steps.

# proof: the estimate grows from a millionth to the best of the three learning rates, and Prodigy
# ends between Adam at that one and at the others
ends = [run.loss[-1] for run in race.values()]
d = race["Prodigy"].states["d"]
assert ends[1] < ends[3] < min(ends[0], ends[2]) / 10
assert d[1] == 1e-6 and 0.7 < d[-1] < 1.5

# %%

og.card(og.Prodigy)

# %%
# The rule
# --------
# ``m`` and ``v`` are Adam's, of gradients that are multiplied by the estimate. ``r`` and ``s`` are two sums with the same
# weights, and their quotient, if it is larger, is the new estimate ``d``. It is one number for the whole model, and it never
# falls. ``lr`` is a factor for schedules, and otherwise 1.

og.pseudocode(og.Prodigy)

# %%

og.pseudocode(og.Prodigy).hyperparameters

# %%
# As long as the estimate stays the same, Prodigy is Adam without bias correction, at the learning rate ``d``: the factor
# in ``m`` and the one in the root of ``v`` cancel.

# proof: with a first estimate that never has to grow, Prodigy is almost-Adam at that learning rate
fixed = og.descend(og.Prodigy.at(d0=20.0, eps=0.01), booth, steps=100)
almost = og.descend(og.AlmostAdam.at(lr=20.0, eps=0.01), booth, steps=100)
assert (fixed.states["d"][1:] == 20).all()
np.testing.assert_allclose(fixed.theta, almost.theta, rtol=1e-9)

# %%
# What it repairs
# ---------------
# Why is the quotient a distance? Let :math:`w_i` be the weights of the gradients. If the loss is convex, no gradient points
# towards the minimum: :math:`g_i \cdot (\theta_i - \theta^\star) \ge 0`. So
#
# .. math:: r = \sum w_i \, g_i \cdot (\theta_0 - \theta_i) \le \sum w_i \, g_i \cdot (\theta_0 - \theta^\star)
#           = s \cdot (\theta_0 - \theta^\star) \le \lVert s \rVert_1 \, \max_j \lvert \theta_0 - \theta^\star \rvert_j.
#
# Hence :math:`r / \lVert s \rVert_1` is never more than the largest coordinate of the way to the minimum. It is a
# learning rate from below, in the unit in which Adam's learning rate is: the length of a step of one coordinate.

race["Prodigy"].plot_states("d")

# %%

# proof: from 20 starts on a convex bowl the estimate stays below the largest coordinate of the way
starts = booth.sample(20)
far = np.abs(starts - np.array(booth.known_minima()[0])).max(1)
bounds = og.descend(og.Prodigy, booth, starts, steps=200).states["d"][-1]
assert (bounds <= far).all() and (bounds > 0.01 * far).all()

# %%
# What follows from the formula alone. It is measured at the factor 1, and in units of the map:

study.traits(og.Prodigy)

# %%
# One knob: the first estimate
# ----------------------------
# ``d0`` may be far too small, since the estimate grows by factors. A first estimate that is larger saves the first steps;
# one that is larger than the distance is kept, and is a learning rate that is too large. The authors tune
# with ``d_coef`` instead, which multiplies every later estimate.

guesses = {f"d0 = {d0:g}": og.Prodigy.at(d0=d0) for d0 in (1e-6, 1e-3, 1.0, 100.0)}
knob = og.race(guesses, booth, steps=150)
og.plot_loss(knob)

# %%

# proof: a first estimate of a hundred is kept, and ends more than ten times higher than the default
last = [run.loss[-1] for run in knob.values()]
assert knob["d0 = 100"].states["d"][-1] == 100 and last[3] > 10 * last[0]

# %%
# The whole axis of factors
# -------------------------
# On Rosenbrock's function the default factor of 1 leaves a median loss of :n:`at_one:.3f`, the best one,
# :n:`rates.best["Prodigy"]:.1f`, :n:`rates.loss["Prodigy"]:.3f`. Adam's best is :n:`rates.loss["Adam"]:.3f`, at a learning rate
# that had to be found.

rates = study.rates(og.Prodigy, beside=og.Adam)
rates

# %%

# proof: at its default factor Prodigy is within a factor of three of Adam at the best learning rate
at_one = rates.sweep.data.loss.sel(optimizer="Prodigy").sel(lr=1, method="nearest").median().item()
assert at_one < 3 * rates.loss["Adam"]

# %%
# Basins
# ------
# The first steps after the estimate has grown are long, and lead over the borders of basins: from
# :n:`basins.changed["Adam"]:.0%` of the starts Adam ends in another minimum.

basins = study.basins(og.Prodigy, beside=og.Adam.at(lr=0.1), starts=48)
basins

# %%

# proof: Prodigy reaches a minimum from most of the starts, often another one than Adam
assert basins.reached["Prodigy"] > 0.7 and basins.changed["Adam"] > 0.2

# %%
# How to set it
# -------------
# Keep ``lr`` at 1, with no schedule or a cosine: the authors recommend these. If the estimate stays at ``d0``,
# users raise that to 1e-5 or 1e-4. During a warm-up the factor is small, the estimate
# grows too far, and it never falls again; the authors' option ``safeguard_warmup`` takes the factor out of ``s``. They
# suggest ``d_coef``, from 0.5 to 2, for tuning. In their experiments Prodigy comes close to Adam tuned by hand. On the
# workloads of a benchmark, :cite:t:`kasimbeg2025b` found that rules without a learning rate do poorly at the settings
# of the literature, and that after a search for common settings the best of them were slightly behind NAdamW.
#
# Where it fails
# --------------
# Under noise the sums are as much noise as direction, and the estimate depends on the first steps. From the bottom of a
# bowl, where the distance is zero, noise alone raises it to :n:`noisy.states["d"][-1] / 1e-6:.0f` times what it was. And what has
# grown stays: after a jump to a place where steps should be short, Prodigy has no way back to them.

noisy = og.descend(og.Prodigy, og.surfaces.sphere, start=(0.0, 0.0), steps=1000, noise=1.0)
noisy.plot_states("d")

# %%

# proof: at the minimum, noise alone raises the estimate by more than ten times, and it never falls
assert noisy.states["d"][-1] > 1e-5 and (np.diff(noisy.states["d"]) >= 0).all()

# %%
# Provenance
# ----------
# :cite:t:`mishchenko2024`, the form for Adam, as in the authors' package ``prodigyopt``: decoupled weight decay and no bias
# correction by default. Its options ``safeguard_warmup``, ``growth_rate``, ``beta3`` and ``slice_p`` are left out, and
# different learning rates for groups, which it refuses, are not refused here. ``optax`` always corrects the bias. In
# ``pytorch_optimizer`` the sums are in torch's default dtype, float32, and paths differ from the sixth digit on.
#
# .. oracles:: Prodigy
