r"""
DoG
===

DoG, distance over gradients, sets its step size from two numbers that any descent can measure: how far it has come from
its start, and how large the gradients were. It begins with a step of a millionth and finds the right size by itself.
"""

import numpy as np

import optguide as og
from optguide import study

hills = og.surfaces.himmelblau
rules = {
    "SGD, lr 0.01": og.SGD.at(lr=0.01),
    "SGD, lr 0.03": og.SGD.at(lr=0.03),
    "DoG": og.DoG,
}
race = og.race(rules, hills, steps=200)
race

# %%
# One learning rate suits SGD here, and one three times as large diverges. DoG was given none. For :n:`begun` steps it moves
# less than a tenth of a unit; then it goes to the minimum, with a final step size of :n:`size[-1]:.3f`.

# proof: DoG ends within 0.01 of the lowest height, and SGD at the larger learning rate diverges
slow, fast, run = race.values()
assert run.loss[-1] < 0.01 and fast.diverged_at is not None and slow.loss[-1] < 0.01
size = run.states["r"][1:] / np.sqrt(run.states["G"][1:] + 1e-8)
begun = int((run.states["r"] < 0.1).sum())
assert 40 < begun < 80 and 0.005 < size[-1] < 0.03

# %%

og.card(og.DoG)

# %%
# The rule
# --------
# ``r`` is the largest distance from the start so far, ``G`` the sum of all squared gradients. Both are a single number for
# the whole model, and the start is kept as one more copy of the weights. Before the first step the distance is zero, so a
# small first guess, ``reps_rel`` times one plus the length of the start, takes its place.

og.pseudocode(og.DoG)

# %%

og.pseudocode(og.DoG).hyperparameters

# %%
# What it repairs
# ---------------
# For a convex loss whose gradients are no longer than :math:`L`, SGD is best at the learning rate
# :math:`D / (L \sqrt{T})`: the distance :math:`D` from the start to the minimum, over the root of the sum of
# :math:`T` squared gradients. In advance :math:`D` is unknown. DoG puts in the distance that it has come, which is too
# small at first and becomes about right: from below, since a step size that is too small still moves away from the start.
# While the gradient stays the same, each step multiplies the distance, so even a first guess that is a million times too
# small costs few steps.

run.plot_states("r")

# %%

# proof: at first the distance grows by at least a tenth in each step, and in the end it is that
# from the start to the minimum, to a tenth
r = run.states["r"]
assert (r[3:40] > 1.1 * r[2:39]).all()
way = np.linalg.norm(run.theta[-1] - run.theta[0])
assert abs(r[-1] / way - 1) < 0.1

# %%
# Both parts of the quotient have their units: distance over gradient is what a learning rate must be. A loss that is a
# thousand times as large changes nothing, nor does a turned map.

study.traits(og.DoG)

# %%

# proof: a thousand times the loss, and a turned map, give the same path
measured = study.traits(og.DoG)
assert measured.same_scaled["DoG"] and measured.same_turned["DoG"]

# %%
# One knob: the first guess
# -------------------------
# The first guess of the distance is the only thing to set. Ten thousand times as large, it saves :n:`saved` of
# :n:`arrived[0]` steps on this surface. But it must be too small rather than too large: the largest distance never shrinks,
# and a first step across the valley stays in it for ever.

guesses = {f"reps_rel = {r:g}": og.DoG.at(reps_rel=r) for r in (1e-6, 1e-4, 1e-2, 1e2)}
knob = og.race(guesses, hills, steps=300)
og.plot_loss(knob)

# %%

# proof: a larger guess is there sooner, and a guess of many sizes of the map is not there at all
arrived = [run.arrived(1e-3) for run in knob.values()]
saved = arrived[0] - arrived[2]
assert arrived[0] > 2 * arrived[1] > 2 * arrived[2] and arrived[3] is None

# %%
# No axis of learning rates
# -------------------------
# On Rosenbrock's function from 64 starts its median loss is :n:`rates.loss["DoG"]:.2f` after 200 steps. Adam, at the best of 37
# learning rates, reaches :n:`rates.loss["Adam"]:.3f`, and SGD :n:`rates.loss["SGD"]:.2f`. DoG is close to SGD tuned, which it
# is made to replace, and cannot have Adam's scale for each coordinate.

rates = study.rates(og.DoG, beside=[og.SGD, og.Adam])
rates

# %%

# proof: it is within a factor of two of SGD at its best learning rate, and behind Adam
assert 0.5 < rates.loss["DoG"] / rates.loss["SGD"] < 2
assert rates.loss["DoG"] > 5 * rates.loss["Adam"]

# %%
# Basins
# ------
# From :n:`basins.reached["DoG"]:.0%` of the starts 200 steps are enough to reach a minimum. SGD at a learning rate that was
# chosen for this surface reaches one from :n:`basins.reached["SGD"]:.0%`.

basins = study.basins(og.DoG, beside=og.SGD.at(lr=0.01), starts=48)
basins

# %%

# proof: DoG reaches a minimum from fewer starts than SGD at a learning rate that suits the surface
assert 0.7 < basins.reached["DoG"] < basins.reached["SGD"]

# %%
# How to set it
# -------------
# Leave ``reps_rel`` at 1e-6; the authors raise it to 1e-4 for networks with batch normalization. The step size never
# falls fast, so they call an average of the iterates crucial, and ship one with their package:
# without it, compare DoG with SGD at a constant learning rate. In their experiments it comes close to tuned SGD, and a
# variant with a distance for each layer close to tuned Adam. :cite:t:`kasimbeg2025b` find less on the workloads of a
# benchmark: rules without a learning rate did poorly there at the settings of the literature, and the best of them
# slightly worse than NAdamW after both were calibrated.
#
# Where it fails
# --------------
# Nothing in the sum of gradients is forgotten. A start high above a valley, where the first gradients are a hundred times those
# down there, makes every later step short. From such a start DoG is still at :n:`steep.loss[-1]:.1f` after 2,000
# steps, while Adam is at :n:`adam.loss[-1]:.0e`.

valley = og.surfaces.rosenbrock
steep = og.descend(og.DoG, valley, start=(-1.8, 3.0), steps=2000)
adam = og.descend(og.Adam.at(lr=0.1), valley, start=(-1.8, 3.0), steps=2000)
og.plot_loss({"DoG": steep, "Adam, lr 0.1": adam})

# %%

# proof: after 2,000 steps DoG has come down less than two thirds of its height, Adam all of it
first, later = np.linalg.norm(steep.grad[0]), np.median(np.linalg.norm(steep.grad[500:], axis=1))
assert first > 100 * later and steep.loss[-1] > 0.4 * steep.loss[0] and adam.loss[-1] < 1e-3

# %%
# Provenance
# ----------
# :cite:t:`ivgi2023`, without the average of the iterates. Their package, like ``optax.contrib.dog``, has a factor ``lr``
# that they advise to leave at 1, and a weight decay that is added to the gradient. Their variant for layers, LDoG, takes
# distance and gradients of each tensor by itself. ``optax`` has an older second version,
# ``scale_by_distance_over_gradients``.
#
# .. oracles:: DoG
