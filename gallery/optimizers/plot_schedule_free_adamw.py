r"""
Schedule-Free AdamW
===================

Schedule-Free AdamW steps as AdamW does without momentum, answers with the average of its path, and takes the gradients
near that average. Under noise it does without a schedule for the learning rate.
"""

from functools import partial

import numpy as np
from torch.optim.lr_scheduler import LinearLR

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=1000)
falling = partial(LinearLR, start_factor=1, end_factor=0)
adam, free = og.Adam.at(lr=0.1), og.ScheduleFreeAdamW.at(lr=0.1)
rules = {
    "Adam": adam,
    "Adam, falling for 100 steps": partial(adam, schedule=partial(falling, total_iters=100)),
    "Adam, falling for 400 steps": partial(adam, schedule=partial(falling, total_iters=400)),
    "Schedule-Free AdamW": free,
}
race = og.race(rules, ravine, steps=400, noise=1.0)
race

# %%
# The noise keeps Adam moving at a constant learning rate: its mean loss over the last hundred steps is
# :n:`means[0]:.3f`. With a schedule for 100 steps it has stopped too early, at :n:`means[1]:.3f`; with one for 400 steps
# it comes down to :n:`means[2]:.4f`. Schedule-Free AdamW, which knows of no end, is at :n:`means[3]:.4f`.

# proof: over the last hundred steps Schedule-Free AdamW has less than half of the others' mean loss
means = [run.loss[-100:].mean() for run in race.values()]
assert means[3] < min(means[:3]) / 2 and means[0] > 3 * means[2]

# %%

og.card(og.ScheduleFreeAdamW)

# %%
# The rule
# --------
# This is :ref:`Schedule-Free SGD <sphx_glr_gallery_optimizers_plot_schedule_free_sgd.py>` with the step of
# :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`: ``z`` moves along the gradient divided by its recent size.
# There is no average of gradients. ``betas[0]`` stands in the place of Adam's, and says how near the average ``x`` the
# next gradient is taken. Weight decay acts at that point.

og.pseudocode(og.ScheduleFreeAdamW)

# %%

og.pseudocode(og.ScheduleFreeAdamW).hyperparameters

# %%

# proof: the answer is the mean of all z, which for beta1 = 0 are the path of Adam without momentum
run = race["Schedule-Free AdamW"]
mean = np.cumsum(run.states["z"][1:], axis=0) / np.arange(1, 401)[:, None]
np.testing.assert_allclose(run.theta[1:], mean, atol=1e-12)
same = {"function": ravine, "lr": 0.1, "steps": 100, "noise": 1.0, "betas": (0.0, 0.999)}
plain = og.descend(og.ScheduleFreeAdamW, **same)
np.testing.assert_allclose(plain.states["z"], og.descend(og.Adam, **same).theta, atol=1e-12)

# %%
# What it repairs
# ---------------
# Schedule-Free SGD has one learning rate for all coordinates, and the steepest decides how large it may be. In this
# ravine, a thousand times as steep across as along, it has :n:`left:.0%` of its way along the floor still to go after 400
# steps.

sgd = og.ScheduleFreeSGD.at(lr=0.005)
pair = og.race(
    {"Schedule-Free SGD": sgd, "Schedule-Free AdamW": free}, ravine, steps=400, noise=1.0
)
pair.plot()

# %%

# proof: the loss of Schedule-Free SGD is more than a hundred times as high, and two to four tenths
# of its way are left
late = {name: one.loss[-100:].mean() for name, one in pair.items()}
assert late["Schedule-Free SGD"] > 100 * late["Schedule-Free AdamW"]
left = np.divide(*pair["Schedule-Free SGD"].theta[[-1, 0], 0])
assert 0.2 < left < 0.4

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.ScheduleFreeAdamW)

# %%
# One knob: how near the average the gradient is taken
# ----------------------------------------------------
# Without noise, a ``betas[0]`` of 0 leaves an average that remembers the whole way: its loss after 400 steps is
# :n:`ends[0]:.1g`. At 0.9 it is :n:`ends[1]:.1g`. At 0.98 the gradient hardly sees how far ``z`` has gone, which runs far
# past the minimum before the average notices; a longer descent profits from it.

shares = {
    f"beta1 = {b}": og.ScheduleFreeAdamW.at(lr=0.2, betas=(b, 0.999)) for b in (0.0, 0.9, 0.98)
}
knob = og.race(shares, ravine, steps=400)
knob.plot()

# %%

# proof: of the three, 0.9 ends lowest by a factor of more than a hundred
ends = [one.loss[-1] for one in knob.values()]
assert ends[1] < min(ends[0], ends[2]) / 100

# %%
# The whole axis of learning rates
# --------------------------------
# In 200 steps on Rosenbrock's function without noise Adam gets lower, :n:`rates.loss["Adam"]:.2f` against
# :n:`rates.loss["ScheduleFreeAdamW"]:.2f` because an average
# holds the whole way there. The range of good learning rates is at least as wide. Neither diverges.

rates = study.rates(og.ScheduleFreeAdamW, beside=og.Adam)
rates

# %%

# proof: without noise Adam has half the loss or less, and the good learning rates span as much
assert rates.loss["Adam"] < rates.loss["ScheduleFreeAdamW"] / 2
assert rates.decades["ScheduleFreeAdamW"] > rates.decades["Adam"]
assert rates.diverged["ScheduleFreeAdamW"] is None

# %%
# Basins
# ------
# After 200 steps at a learning rate of 0.1 the average is within 0.001 of the height of a minimum from
# :n:`basins.reached["ScheduleFreeAdamW"]:.0%` of the starts. ``z`` still swings round the minimum, higher up than the
# average, and both come down slowly: after 1,000 steps it is :n:`later:.0%`.

basins = study.basins({"ScheduleFreeAdamW": free, "Adam": adam})
basins

# %%

# proof: Adam has reached a minimum from every start, the average from less than half of them
assert basins.reached["Adam"] > 0.999 and 0.38 < basins.reached["ScheduleFreeAdamW"] < 0.5

# %%

# proof: after 200 steps z is five times as high as the average, in the median, and after 1,000 the
# average has reached a minimum from nearly every start
hills, axis = og.surfaces.himmelblau, np.linspace(-5, 5, 48)
starts = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
slow = og.descend(free, hills, start=starts, steps=1000)
later = (slow.loss[-1] < 1e-3).mean()
assert np.median(hills(*slow.states["z"][200].T)) > 5 * np.median(slow.loss[200]) and later > 0.95

# %%
# How to set it
# -------------
# Call ``optimizer.eval()`` before evaluating or saving, ``optimizer.train()`` before training on; statistics of batch
# normalization have to be computed anew at the average. :cite:t:`defazio2024` warm the learning rate up, tune it and the
# weight decay anew instead of taking AdamW's, and use a ``betas[0]`` of 0.9, or 0.95 to 0.98 for long training. In the
# AlgoPerf competition (:cite:t:`kasimbeg2025`) it won among the methods without any tuning, about 8 % faster
# than the baseline.
#
# Where it fails
# --------------
# ``z`` is steered from afar: the gradient is taken near the average and sees a tenth of what ``z`` does. In a straight
# ravine that is harmless. In Rosenbrock's curved valley ``z`` swings out: after 200 steps it is at a height of
# :n:`height:.0f`, while the answer has come down to :n:`bend["Schedule-Free AdamW"].loss[-1]:.1f` and Adam to
# :n:`bend["Adam"].loss[-1]:.1f`.

valley = og.surfaces.rosenbrock
bend = og.race({"Schedule-Free AdamW": free, "Adam": adam}, valley, steps=200)
bend.plot()

# %%

# proof: z is ninety times as high as the answer, and Adam is lower than both
height = valley(*bend["Schedule-Free AdamW"].states["z"][-1])
answer = bend["Schedule-Free AdamW"].loss[-1]
assert height > 90 * answer and bend["Adam"].loss[-1] < answer / 1.4

# %%
# Provenance
# ----------
# :cite:t:`defazio2024`, algorithm 1. The paper multiplies the learning rate by the correction of the bias, which then
# enters the weights of the average as well; the authors' package has it in the denominator since version 1.3, and so
# has this rule. ``optax`` counts one step differently during a warm-up.
#
# .. oracles:: ScheduleFreeAdamW
