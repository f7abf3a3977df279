r"""
AdamD
=====

AdamD is Adam with one of its two bias corrections left out, so that the first step is ``lr * (1 - beta1)`` instead of
``lr``. That makes it exactly Adam with a short built-in warm-up, and nothing else.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.AdamD)

# %%
# The rule
# --------
# Compared with Adam one line is missing. The running mean ``m`` starts at zero and is left to grow; only the scale
# ``v`` has its bias removed.

og.pseudocode(og.AdamD)

# %%

og.pseudocode(og.AdamD).hyperparameters

# %%
# What it repairs
# ---------------
# Adam's first step moves every coordinate by the full learning rate, however small its slope is. That hurts when the
# parameters are already good, for example when training is taken up again with a new optimizer. Here both begin
# almost at the bottom of a bowl.

bowl = og.surfaces.unit_bowl
resumed = og.race(
    {"Adam": og.Adam, "AdamD": og.AdamD},
    bowl,
    start=(0.03, -0.41),
    steps=60,
    lr=0.1,
)
first = {name: np.abs(run.theta[1] - run.theta[0]) for name, run in resumed.items()}
farthest = {
    name: np.linalg.norm(run.theta - (0, -0.4), axis=1).max() for name, run in resumed.items()
}
print("first step:", first)
print("farthest from the minimum:", farthest)
np.testing.assert_allclose(first["Adam"], 0.1, rtol=1e-4)
np.testing.assert_allclose(first["AdamD"], 0.1 * (1 - 0.9), rtol=1e-4)
assert farthest["Adam"] > 0.11 and farthest["AdamD"] < 0.032

# %%
# Adam leaps more than three times as far away as it began. AdamD is never farther
# off than at the start.
#
# Watch it
# --------
# Adam leaps off and has to come back; AdamD stays close. The two means ``m`` and ``v`` are defined alike in both
# rules. Adam's are larger only because Adam has gone to steeper places.

og.animate(resumed, panels=("map", "m", "v"), box=((-0.15, 0.15), (-0.55, -0.25)))

# %%
# How long is the warm-up?
# ------------------------
# On a straight slope the gradient never changes, so the steps show the rule alone: step ``t`` has the length
# :math:`\eta\,(1 - \beta_1^t)`. PyTorch users write such a warm-up as a schedule. ``LinearLR`` over ten steps
# comes close.


def slope(x):
    """A straight slope."""
    return 3 * x


linear = partial(torch.optim.lr_scheduler.LinearLR, start_factor=0.1, total_iters=10)
t = np.arange(1, 41)
own = -np.diff(og.descend(og.AdamD, slope, start=0.0, steps=40, lr=1.0).theta[:, 0])
scheduled = -np.diff(
    og.descend(og.Adam, slope, start=0.0, steps=40, lr=1.0, schedule=linear).theta[:, 0]
)
np.testing.assert_allclose(own, 1 - 0.9**t, rtol=1e-6)

fig, ax = plt.subplots(layout="constrained")
ax.plot(t, own, color=og.AdamD.color, lw=2, label="AdamD")
ax.plot(
    t,
    scheduled,
    color=og.Adam.color,
    lw=2,
    ls="--",
    label="Adam with LinearLR over ten steps",
)
ax.set(
    title="AdamD warms up by itself",
    xlabel="step",
    ylabel="length of the step / lr",
)
ax.legend()

# %%
# A schedule with the right formula does more than come close. Adam then draws AdamD's path on any landscape, to the
# last digits.

exact = partial(
    torch.optim.lr_scheduler.LambdaLR,
    lr_lambda=lambda epoch: 1 - 0.9 ** (epoch + 1),
)
choppy = og.surfaces.choppy_swell
adamd = og.descend(og.AdamD, choppy, steps=100, lr=0.1)
warmed = og.descend(og.Adam, choppy, steps=100, lr=0.1, schedule=exact)
print(
    "largest distance between the paths:",
    np.abs(adamd.theta - warmed.theta).max(),
)
np.testing.assert_allclose(warmed.theta, adamd.theta, atol=1e-9)

# %%
# One knob: ``beta1`` is the warm-up, too
# ---------------------------------------
# About :math:`1 / (1 - \beta_1)` steps: the same number that says how long a slope is remembered. At 0 there is no
# warm-up and AdamD is Adam. At 0.99 it takes a hundred steps.

knob = {f"beta1 = {b}": partial(og.AdamD, betas=(b, 0.999)) for b in (0, 0.9, 0.99)}
warmups = og.race(knob, bowl, steps=200, lr=0.1)
warmups.plot()

# %%

plain = og.descend(og.Adam, bowl, steps=200, lr=0.1, betas=(0, 0.999))
np.testing.assert_array_equal(warmups["beta1 = 0"].theta, plain.theta)

# %%
# The whole axis of rates
# -----------------------
# Rosenbrock's valley, 64 random starts, 200 steps, 37 rates; the line is the median loss in the end, the band the middle
# half. Up to 0.1 or so the missing correction hardly shows: ten cautious steps of 200 cost little. On the right
# it pays. What ruins Adam there are its first steps, and AdamD's first is a tenth as long, so its good rates begin and
# end about ten times higher. The best of them also gets lower.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.Adam, og.AdamD],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, medians = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
best = lr[medians.argmin(axis=1)]
good = [lr[line < 10 * line.min()][[0, -1]].round(3) for line in medians]
print(
    "best rates:",
    best,
    " within a factor 10 of the best loss, Adam and AdamD:",
    *good,
)
ratio = medians[1, :20] / medians[0, :20]
print(f"AdamD's median over Adam's, up to {lr[19]:.2g}: at most {ratio.max():.2f}")
assert ratio.min() > 1 and ratio.max() < 1.5
assert best[1] > 2 * best[0] and good[1][0] > 5 * good[0][0] and good[1][1] > 3 * good[0][1]
assert medians[1].min() < 0.7 * medians[0].min()

# %%
# Where a descent goes is another matter. Himmelblau's function has four minima, ringed, and at 0.3 a start of
# AdamD's ends in the same one as Adam's nearly always; the map shows which. It only arrives later, by ten steps at
# the median: the length of the warm-up.

basins = og.sweep([og.Adam, og.AdamD], himmelblau, himmelblau.grid(96), steps=200, lr=0.3)
og.plot_basins(basins, "AdamD")

# %%

adam, adamd_ends = basins.data.minimum.squeeze().values
arrival = basins.data.arrived_at.median(("seed", "start_y", "start_x")).values
print(
    "share of starts with the same end:",
    (adam == adamd_ends).mean(),
    " median arrival:",
    arrival,
)
assert (adam == adamd_ends).mean() > 0.97
assert 7 <= arrival[1] - arrival[0] <= 13

# %%
# Where it fails
# --------------
# The warm-up cannot be chosen apart from the memory. Who wants a long one gets a heavy ball with it: with 0.99 the
# run above is still far from the bottom after 200 steps, farther than Adam with the same memory.

heavy = og.descend(og.Adam, bowl, steps=200, lr=0.1, betas=(0.99, 0.999))
print("AdamD:", warmups["beta1 = 0.99"])
print("Adam: ", heavy)
assert warmups["beta1 = 0.99"].loss[-1] > 3 * heavy.loss[-1] > 0.01

# %%
# And from a far start there is nothing to protect. The cautious steps are then simply late: AdamD reaches the
# neighbourhood of the minimum after Adam does.

near = {
    cls.__name__: np.argmax(
        np.linalg.norm(og.descend(cls, bowl, lr=0.1).theta - (0, -0.4), axis=1) < 0.05
    )
    for cls in (og.Adam, og.AdamD)
}
print("first step within 0.05 of the minimum:", near)
assert near["Adam"] + 5 < near["AdamD"] < near["Adam"] + 25

# %%
# Provenance
# ----------
# :cite:t:`stjohn2021`, algorithm 1. The rule that :cite:t:`impactcrater2024` draws under the name AdamW is this one
# with ``eps=1e-16`` and a negligible weight decay. PyTorch has no AdamD. ``pytorch_optimizer`` has a switch for it,
# ``adam_debias=True``; its AdamP under that switch, projection off and ``eps`` close to 0, is this rule, too.
#
# .. oracles:: AdamD
#
# Here is PyTorch's own Adam, under the schedule from above.

theirs = og.descend(torch.optim.Adam, choppy, steps=100, lr=0.1, schedule=exact)
print(
    "largest difference to torch.optim.Adam with the schedule:",
    np.abs(theirs.theta - adamd.theta).max(),
)
np.testing.assert_allclose(theirs.theta, adamd.theta, atol=1e-9)

# %%
# Before this: :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`, Adam with another decay.
# Next: :ref:`AdaBelief <sphx_glr_gallery_optimizers_plot_adabelief.py>`,
# which keeps both corrections and changes the scale.
