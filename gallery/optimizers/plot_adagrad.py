r"""
Adagrad
=======

Adagrad divides each coordinate's step by the root of the sum of all its squared gradients so far. Parameters that
rarely get a gradient take long steps when they do, and the steps of every parameter become shorter for good.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
race = og.race({"SGD": og.SGD.at(lr=2 / 101), "Adagrad": og.Adagrad.at(lr=1.0)}, ravine, steps=120)
race

# %%
# SGD has the best learning rate there is for this ravine, a hundred times as curved across as along. Adagrad's first
# step is one learning rate in each coordinate, and within a few more both are near their minimum. Both sums ``G`` only
# grow, and level off as the gradients vanish.

og.card(og.Adagrad)

# %%
# The rule
# --------
# One number is kept for every parameter: the sum ``G`` of its squared gradients.

og.pseudocode(og.Adagrad)

# %%

og.pseudocode(og.Adagrad).hyperparameters

# %%
# What it repairs
# ---------------
# With one learning rate for all, a parameter that gets a gradient in every tenth step moves a tenth as far as one
# that gets it in every step. Words in a text are like that: most are rare. With gradients of 1, Adagrad's *n*-th step
# that is not zero is :math:`1/\sqrt n` learning rates long, however much time lies in between. After 500 steps the
# rare parameter is behind by a factor of :n:`gap:.1f` instead of 10, about :math:`\sqrt{10}`.

# proof: the *n*-th gradient of 1 gives a step of :math:`1/\sqrt n`, be they frequent or rare
steady = og.respond(og.Adagrad, lambda t: np.ones_like(t), steps=500, lr=1.0).update
sparse = og.respond(og.Adagrad, lambda t: 1.0 * (t % 10 == 0), steps=500, lr=1.0).update
np.testing.assert_allclose(steady, np.arange(1, 501) ** -0.5, rtol=1e-9)
np.testing.assert_allclose(sparse[::10], steady[:50], rtol=1e-9)
gap = steady.sum() / sparse.sum()
assert 3.3 < gap < 3.5

# %%
# The division has a second effect: the size of the gradient cancels. At the start in the ravine the gradient across
# is :n:`ratio:.0f` times the one along, and both coordinates move by one learning rate.

# proof: the first step is one learning rate in each coordinate, and a thousand times the loss
# gives the same path
run = race["Adagrad"]
ratio = abs(run.grad[0, 1] / run.grad[0, 0])
np.testing.assert_allclose(run.theta[1] - run.theta[0], (1, -1))
steep = {"function": lambda x, y: 1000 * ravine(x, y), "start": ravine.start}
scaled = og.descend(og.Adagrad.at(lr=1.0), **steep, steps=120)
np.testing.assert_allclose(run.theta, scaled.theta, atol=1e-8)
assert 16 < ratio < 17 and (np.diff(run.states["G"], axis=0) >= 0).all() and run.loss[-1] < 1e-2

# %%
# Measured in the same way for every rule:

study.traits(og.Adagrad)

# %%
# Three relatives
# ---------------
# :cite:t:`siarshai2017` mentions three more ways to slow down, without names; those used here are ours. They change
# the sum, leave out the root, or put an exponential in its place.

og.pseudocode(og.AdagradAbs)

# %%

og.pseudocode(og.AdagradNoRoot)

# %%

og.pseudocode(og.AdagradExp)

# %%
# Under a constant gradient of 0.5, Adagrad and the sum of magnitudes shrink their steps as :math:`1/\sqrt t`, and the
# rule without a root as :math:`1/t`. On two logarithmic axes these are straight lines. The exponential rule has all
# but stopped before step 60.

family = (og.Adagrad, og.AdagradAbs, og.AdagradNoRoot, og.AdagradExp)
half = {"signal": lambda t: 0.5 * np.ones_like(t), "steps": 100, "lr": 1.0}
steps = {rule.__name__: og.respond(rule, **half).update for rule in family}
t = np.arange(1, 101)
fig, ax = plt.subplots(layout="constrained")
for rule, line in zip(family, ("-", "--", "-.", ":"), strict=True):
    ax.loglog(t, steps[rule.__name__], line, color=rule.color, label=rule.__name__)
ax.set_title("Under a constant gradient every one of them slows down")
ax.set(xlabel="step", ylabel="length of the step", ylim=(1e-6, 10))
ax.legend()

# %%

# proof: under a constant gradient Adagrad's steps shrink as :math:`1/\sqrt t`
np.testing.assert_allclose(steps["Adagrad"], t**-0.5, rtol=1e-8)

# %%

# proof: with the sum of magnitudes, steps shrink as :math:`1/\sqrt t`, too
np.testing.assert_allclose(steps["AdagradAbs"], (2 * t) ** -0.5, rtol=1e-8)

# %%

# proof: without the root, steps shrink as :math:`1/t`
np.testing.assert_allclose(steps["AdagradNoRoot"], 2 / t, rtol=1e-8)

# %%

# proof: with the factor :math:`e^{-G}`, steps shrink as :math:`e^{-t/4}`
np.testing.assert_allclose(steps["AdagradExp"], np.exp(-t / 4) / 2, atol=1e-9)
assert steps["AdagradExp"][59] < 1e-6

# %%
# Only with Adagrad itself the scale of the loss cancels. If the gradient is ten times as large, the first step of the
# relatives is :n:`ratios[1]:.1f`, :n:`ratios[2]:.1f` and :n:`ratios[3]:.0e` times as long. The last one divides by
# :math:`e^{25}` and hardly moves.

# proof: at ten times the gradient, first steps change by 1, √10, 1/10 and :math:`10 \, e^{-24.75}`
tenfold = [og.respond(r, lambda t: 5 * np.ones_like(t), 1, lr=1.0).update[0] for r in family]
ratios = np.array(tenfold) / [each[0] for each in steps.values()]
np.testing.assert_allclose(ratios, (1, np.sqrt(10), 0.1, 10 * np.exp(-24.75)), rtol=1e-6)

# %%
# One knob: where the sum starts
# ------------------------------
# The first gradients are divided by little but themselves. A sum that starts above zero shortens these steps. The
# thin line is one of :doc:`Siarshai's signals </api/signals>`, spikes of 1; the bright one is the step. With a start
# of 10, five spikes are answered almost alike. With almost zero, the fifth answer is less than half as high as the
# first.

starts = {"initial_accumulator_value": np.array((1e-7, 0.1, 10))}
spikes = og.respond(og.Adagrad, og.signals.spikes, lr=2.5, eps=0, **starts)
axes = og.plot_responses({"spikes": spikes})
for ax, start in zip(axes.flat, ("1e-7", "0.1", "10"), strict=True):
    ax.set_title(f"start {start}")

# %%

# proof: the *n*-th spike is answered by :math:`1 / \sqrt{a + n}` learning rates, where *a* is the
# start
np.testing.assert_allclose(spikes.update[0], 2.5 / np.sqrt((1, 1.1, 11)), rtol=1e-6)
np.testing.assert_allclose(spikes.update[240], 2.5 / np.sqrt((5, 5.1, 15)), rtol=1e-6)

# %%
# A descent that calms down
# -------------------------
# Shorter and shorter steps have their use. On this landscape, Adagrad and
# :ref:`RMSprop <sphx_glr_gallery_optimizers_plot_rmsprop.py>` end in the same side valley, where both turn back in
# nearly every step. In the last 50 steps RMSprop still covers a distance of :n:`way[0]:.0f`, while Adagrad has come
# to rest.

pair = {
    "RMSprop": og.RMSprop.at(lr=0.25, alpha=0.9, eps=0, eps_root=1e-6),
    "Adagrad": og.Adagrad.at(lr=1, eps=0, initial_accumulator_value=1e-6),
}
hills = og.race(pair, og.surfaces.hills_and_canyon, steps=125)
hills

# %%

# proof: in the last 50 steps both keep turning, but only RMSprop moves
moves = [np.diff(walk.theta[-51:], axis=0) for walk in hills.values()]
way = [np.linalg.norm(move, axis=1).sum() for move in moves]
turns = [((m[1:] * m[:-1]).sum(axis=1) < 0).sum() for m in moves]
assert way[0] > 15 and way[1] < 1e-9 and min(turns) > 40

# %%
# The whole axis of learning rates
# --------------------------------
# The learning rate is now a length and no longer compared with a curvature. So the axis is shifted far to the right:
# Adagrad's best learning rate is :n:`rates.best["Adagrad"] / rates.best["SGD"]:.0f` times SGD's, and none diverges.

rates = study.rates(og.Adagrad, beside=og.SGD)
rates

# %%
# What limits it on the left is the distance. Under a constant gradient 200 steps lead
# :math:`1 + 1/\sqrt 2 + \dots + 1/\sqrt{200}`, or :n:`far:.0f`, learning rates far. To move by 1, a coordinate needs a
# learning rate of about :n:`1 / far:.2f`, and the good learning rates begin at :n:`rates.good["Adagrad"][0]:.2f`.

# proof: the good learning rates begin where 200 steps can lead as far as 1, and none diverges
far = (np.arange(1, 201) ** -0.5).sum()
assert 0.5 < rates.good["Adagrad"][0] * far < 3 and rates.diverged["Adagrad"] is None
assert rates.best["Adagrad"] > 50 * rates.best["SGD"]

# %%
# Basins
# ------
# With a learning rate of 0.1 only those starts reach a minimum that are near one, from
# :n:`100 * basins.reached["Adagrad"]:.0f` %. Near means roughly near in each coordinate by itself, so the two islands
# on the left are almost squares. With a learning rate of 1 every start reaches a minimum.

tenfold = {"Adagrad at ten times that": og.Adagrad.at(lr=1)}
basins = study.basins(og.Adagrad.at(lr=0.1), beside=tenfold)
basins

# %%

# proof: with 0.1 fewer than 35 % of the starts reach a minimum, with 1 more than 99 %; the islands
# on the left fill more than three quarters of the rectangles around them
small, large = basins.reached.values()
assert 0.15 < small < 0.35 and large > 0.99
for number in (1, 2):
    island = basins.sweep.data.minimum.values[0, 0] == number
    assert island.sum() > 0.75 * np.prod([np.ptp(where) + 1 for where in np.nonzero(island)])

# %%
# How to set it
# -------------
# In *T* steps it gets about :math:`2 \sqrt T` learning rates far, so the learning rate should not be much smaller
# than the distance divided by that. If a coordinate is never further than *D* from the minimum, the regret bound in
# theorem 5 of :cite:t:`duchi2011` is proportional to :math:`D^2 / (2 \eta) + \eta`. It is lowest for
# :math:`\eta = D / \sqrt 2`, in which the number of steps does not occur: the rule has its schedule built in. The
# default of 0.01 is PyTorch's, and is too small for small landscapes.
#
# Where it fails
# --------------
# Nothing ever leaves the sum. Rectangles, +1 and −1 in turn, are answered ever more weakly although the gradients stay as
# large; the picture is on :ref:`RMSprop's page <sphx_glr_gallery_optimizers_plot_rmsprop.py>`. In 3,000 steps with a
# learning rate of 2.5 the step has shrunk to :n:`abs(longer[-1]):.3f`.

# proof: rectangles of ±1 are answered with steps that fade as :math:`1/\sqrt{t}`
adagrad = og.Adagrad.at(lr=2.5, eps=0, initial_accumulator_value=0.1)
longer = og.respond(adagrad, og.signals.rectangles, steps=3000).update
np.testing.assert_allclose(np.abs(longer), 2.5 / np.sqrt(np.arange(1, 3001) + 0.1), rtol=1e-8)
assert abs(longer[-1]) < 0.05

# %%
# Nor does it recover from an outlier. After one gradient of 100 in the first step, all later ones, of size 1, get
# steps of less than a hundredth of the learning rate. After 300 steps hardly anything has changed.

# proof: 300 steps after a gradient of 100 the step is still 1/101 of the learning rate or shorter
burnt = og.respond(og.Adagrad, lambda t: np.where(t == 0, 100.0, 1.0), lr=1.0).update
np.testing.assert_allclose(burnt[-1], 1 / np.sqrt(100**2 + 299), rtol=1e-8)
assert burnt[-1] < 1 / 101

# %%
# Provenance
# ----------
# :cite:t:`duchi2011`, figure 1, the diagonal case, with its small constant outside the root. Others put it inside:
# that is the same rule with ``eps=0`` and the constant as ``initial_accumulator_value``, as on the signals and hills
# above. The oracles by hand write out the sums over the whole past.
#
# .. oracles:: Adagrad AdagradAbs AdagradNoRoot AdagradExp

# proof: torch.optim.Adagrad takes the same steps
theirs = og.descend(torch.optim.Adagrad, ravine, steps=120, lr=1.0)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-12)
