r"""
RMSprop
=======

RMSprop is Adagrad with a memory that fades. It divides each slope by the recent size of that slope, so old steep
slopes are forgiven, and steps do not shrink for good. For the same reason it never comes to rest.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.RMSprop)

# %%
# The rule
# --------
# Adagrad's sum becomes a running mean. A slope that lies *n* steps back counts :math:`\alpha^n` times as much as the
# newest. The root of the mean of squares, RMS for short, gave the rule its name.

og.pseudocode(og.RMSprop)

# %%

og.pseudocode(og.RMSprop).hyperparameters

# %%
# What it repairs
# ---------------
# :ref:`Adagrad <sphx_glr_gallery_optimizers_plot_adagrad.py>` cannot forget. Show both rules rectangles, +1 and -1 in
# turn: Adagrad's steps fade, those of RMSprop settle at the learning rate.

rmsprop = partial(og.RMSprop, lr=0.25, eps=0, eps_root=1e-5)
adagrad = partial(og.Adagrad, lr=2.5, eps=0, initial_accumulator_value=0.1)
settled = og.respond(rmsprop, og.signals.rectangles, alpha=0.9)
fading = og.respond(adagrad, og.signals.rectangles)
fig, ax = plt.subplots(layout="constrained")
ax.plot(settled.t, settled.update, color=og.RMSprop.color, label="RMSprop")
ax.plot(fading.t, fading.update, color=og.Adagrad.color, label="Adagrad")
ax.set_title("Slopes of ±1: RMSprop settles at a level, Adagrad fades")
ax.set(xlabel="t", ylabel="step")
ax.legend()

# %%

np.testing.assert_allclose(np.abs(settled.update[-100:]), 0.25, rtol=1e-4)
assert abs(fading.update[299]) < 0.15 < 2.3 < fading.update[0]

# %%
# It also recovers from a shock. After a single slope of 100 among slopes of 1, Adagrad's steps stay a hundred times
# too small. RMSprop with ``alpha=0.9`` is back at nine tenths of its usual step after 80 steps.


def jolt(t):
    return np.where(t == 0, 100.0, 1.0)


healed = og.respond(og.RMSprop, jolt, lr=1.0, alpha=0.9).update
burnt = og.respond(og.Adagrad, jolt, lr=1.0).update
back = int(np.argmax(healed[1:] > 0.9)) + 1
print(f"back at step {back}; at the end {healed[-1]:.3f}, Adagrad {burnt[-1]:.3f}")
assert 78 <= back <= 82
assert burnt[-1] < 0.01
np.testing.assert_allclose(healed[-1], 1, rtol=1e-4)

# %%
# Watch it
# --------
# A straight ravine, a hundred times steeper across than along. RMSprop walks it at the same speed in both directions.
# ``v`` in the upper chart jumps up with the first slopes and then decays: this is the memory fading.

ravine = og.surfaces.ravine.replace(condition=100)
run = og.descend(og.RMSprop, ravine, lr=0.04, alpha=0.9, steps=120)
og.animate({"RMSprop": run}, panels=("map", "v"))

# %%
# Once it has arrived, it jumps to and fro between +0.02 and -0.02 in both coordinates. That is half a learning rate to
# either side. There the slope has the same size at every step, so it is divided by itself, and each step is one
# learning rate long: just enough to reach the other side. How steep the ravine is makes no difference.

steeper = og.descend(og.RMSprop, ravine.replace(condition=3000), lr=0.04, alpha=0.9, steps=400)
longer = og.descend(og.RMSprop, ravine, lr=0.04, alpha=0.9, steps=400)
print("last two points:", longer.theta[-2:], sep="\n")
np.testing.assert_allclose(np.abs(longer.theta[-50:]), 0.02, rtol=1e-2)
np.testing.assert_allclose(np.abs(steeper.theta[-50:]), 0.02, rtol=1e-2)

# %%
# One knob: the memory
# --------------------
# ``alpha`` sets how long a slope is remembered: about :math:`1/(1-\alpha)` steps. Three values on two of
# :doc:`Siarshai's signals </api/signals>`. The thin line is the slope that is shown, the bright one the step.

alphas = np.array((0.25, 0.9, 0.975))
memory = partial(rmsprop, alpha=alphas)
shown = {
    "rectangles": og.respond(memory, og.signals.rectangles),
    "uneven_sawtooth": og.respond(memory, og.signals.uneven_sawtooth),
}
og.plot_responses(shown)

# %%
# The longer the memory, the larger the first step: the mean starts at zero, and the first slope fills only a share
# of :math:`1-\alpha` of it. The first step is therefore :math:`1/\sqrt{1-\alpha}` learning rates long. And on the
# sawtooth, whose teeth become four times lower after t = 80, a short memory hardly sees the change.

first = shown["rectangles"].update[0]
print("first steps, in learning rates:", first / 0.25)
np.testing.assert_allclose(first / 0.25, 1 / np.sqrt(1 - alphas), rtol=1e-3)
teeth = shown["uneven_sawtooth"].update
high, low = teeth[60:80].max(axis=0), teeth[81:100].max(axis=0)
print("tops of the last high and first low tooth:", high, low, sep="\n")
assert low[0] > 0.9 * high[0]
assert low[2] < 0.6 * high[2]

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley from 64 random starts, 200 steps each.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep([og.Adagrad, og.RMSprop], valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Steps that do not shrink want a rate twenty times smaller than Adagrad's. Further right the loss climbs with the rate:
# whoever has arrived jumps to and fro. Up to 5 nobody is lost for good. At 10 nearly half of the starts are, all of
# them at the very first step, which is ten rates long.

median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
best = lrs[median.argmin(axis=1)]
lost_at = rates.data.diverged_at.squeeze().values[1]
lost = (lost_at >= 0).mean(axis=1)
print("best rates:", best, " lost at 10:", lost[-1])
assert 5 < best[0] / best[1] < 60 and median[1, -7] > 5 * median[1].min()
assert lost[lrs < 5].max() == 0 and lost[-1] > 0.3 and lost_at[-1].max() == 1

# %%
# The same restlessness, seen over the plane of starts at a rate of 0.1. Nine in ten come within a loss of 0.001
# of one of four minima. After 200 steps only half of them are still so near; the grey ones jump around it.

hills = og.surfaces.himmelblau
basins = og.sweep(og.RMSprop, hills, hills.grid(96), lr=0.1)
og.plot_basins(basins)

# %%

came = float((basins.data.arrived_at >= 0).mean())
stayed = float((basins.data.minimum >= 0).mean())
print(f"came {came:.0%}, stayed {stayed:.0%}")
assert 0.8 < came and stayed < 0.6 * came

# %%
# Where it fails
# --------------
# Its first step is too long. At the default of 0.99, it is ten learning rates:
# :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` later divides this bias out.

rushed = og.descend(og.RMSprop, ravine, lr=0.04, steps=4000)
print("first step:", rushed.theta[1] - rushed.theta[0])
np.testing.assert_allclose(np.abs(rushed.theta[1] - rushed.theta[0]), 0.4)

# %%
# Its rest does not last, either. With the long memory the walk seems to end well: after 400 steps the loss is zero for
# all practical purposes. But now that the slopes are tiny, ``v`` shrinks, and what is divided by it grows. In the end
# even the smallest deviation is too much, and the walk is thrown out of the minimum.

og.plot_loss({"RMSprop": rushed}).set_title("Arrived, and thrown out again")

# %%

thrown = 400 + int(np.argmax(rushed.loss[400:] > 1e-3))
print(f"loss after 400 steps: {rushed.loss[400]:.1g}")
print(f"first above 0.001 again at step {thrown}")
print(f"largest loss from then on: {rushed.loss[400:].max():.3g}")
assert rushed.loss[400] < 1e-30
assert rushed.loss[400:].max() > 1

# %%
# Plain descent on :math:`k y^2/2` is stable as long as learning rate times ``k`` stays below 2. Here the learning rate
# in effect is ``lr`` over the root of ``v``. Times 100, it passes 2 at the very step at which y was smallest.

effective = 0.04 / np.sqrt(rushed.states["v"][1:600, 1])
unstable = int(np.argmax(100 * effective > 2))
smallest = int(np.argmin(np.abs(rushed.theta[:600, 1])))
print("unstable from step", unstable, " y smallest at step", smallest)
assert abs(unstable - smallest) <= 1

# %%
# The usual remedy is a learning rate that falls. With a cosine from torch the short memory comes to rest, too:

cosine = partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=300)
falling = og.descend(og.RMSprop, ravine, lr=0.04, alpha=0.9, steps=300, schedule=cosine)
constant = og.descend(og.RMSprop, ravine, lr=0.04, alpha=0.9, steps=300)
print(f"constant rate: {constant.loss[-1]:.2g}, cosine: {falling.loss[-1]:.2g}")
assert constant.loss[-1] > 0.015
assert falling.loss[-1] < 1e-10

# %%
# Provenance
# ----------
# A slide of a lecture, :cite:t:`tieleman2012`, never a paper. The slide has no small constant at all. PyTorch puts one
# outside the root, other libraries inside; ours has both, as ``eps`` and ``eps_root``. PyTorch's rule can also carry
# momentum and subtract the mean slope, both of which are off by default and left out here.
#
# PyTorch's own RMSprop, on the same descent:

theirs = og.descend(torch.optim.RMSprop, ravine, lr=0.04, alpha=0.9, steps=120)
print(
    "largest difference to torch.optim.RMSprop:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-9)

# %%
# Optax puts the constant outside the root or inside. The trace by hand writes out the means over the whole past.
#
# .. oracles:: RMSprop
#
# Before this: :ref:`Adagrad <sphx_glr_gallery_optimizers_plot_adagrad.py>`, which never forgets.
# Next: :ref:`Adadelta <sphx_glr_gallery_optimizers_plot_adadelta.py>`, which needs no learning rate.
