r"""
Four optimizers fit a line
==========================

Plain descent, momentum, RMSprop and Adam fit the same line from the same start at the same learning rate. At 0.1 the
two that rescale their steps are the slower ones here. That says more about 0.1 than about them.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import ExponentialLR

import optguide as og

surface = og.surfaces.linear_regression()
best = np.array(surface.find_minima()[0])
print(surface, "from", surface.start, "to", best.round(4))

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>` with
# intercept a and slope b. It is steep in b and flat in a.
#
# All four
# --------

four = {
    "SGD": og.SGD,
    "momentum 0.2": partial(og.Momentum, momentum=0.2),
    "RMSprop": torch.optim.RMSprop,
    "Adam": og.Adam,
}
race = og.race(four, surface, steps=100, lr=0.1)
race.animate(panels=("map", "loss"), title="Four optimizers, one learning rate")

# %%

race.table()

# %%
# The same four on the surface. The two that use the bare slope arrive. This surface is kind to them: its curvatures are
# 2 and 16, so a learning rate of 0.1 suits both directions.

ax = race.plot_surface(elev=60, azim=35)
ax.set_title("Four descents, from 60 degrees above")
assert race["momentum 0.2"].loss[-1] < 2e-6 and race["SGD"].loss[-1] < 2e-6
assert race["Adam"].loss[-1] > race["RMSprop"].loss[-1] > 0.01

# %%
# Adam starts slower
# ------------------
# After ten steps RMSprop has more than four units of intercept behind it, Adam one. Both divide by a running mean that
# began at zero, but only Adam corrects for it.

print(
    "intercept after 10 steps: RMSprop",
    race["RMSprop"].theta[10, 0].round(2),
    " Adam",
    race["Adam"].theta[10, 0].round(2),
)
assert 9 - race["RMSprop"].theta[10, 0] > 4 * (9 - race["Adam"].theta[10, 0])

# %%
# Has Adam trouble turning?
# -------------------------
# The other claim is that momentum makes Adam turn badly in the end. At 0.1 there is no end to see. So give Adam a
# learning rate of 1, which makes its first step as long as RMSprop's. It then runs almost three units past the minimum
# and has to come back. RMSprop does not. And momentum is indeed the cause: with ``beta1`` zero, the same rule runs
# past by 0.03 only.

turning = og.race(
    {
        "RMSprop, lr 0.1": partial(torch.optim.RMSprop, lr=0.1),
        "Adam, lr 1": partial(og.Adam, lr=1.0),
        "beta1 = 0, lr 1": partial(og.Adam, lr=1.0, betas=(0.0, 0.999)),
    },
    surface,
    steps=100,
)
past = {
    name: round(float(best[0] - run.theta[:, 0].min()), 2)
    for name, run in turning.items()
}
print("past the best intercept (negative: not reached):", past)
assert (
    past["Adam, lr 1"] > 2.5
    and past["beta1 = 0, lr 1"] < 0.1
    and past["RMSprop, lr 0.1"] < 0
)

fig, (left, right) = plt.subplots(
    2, 1, figsize=(7, 4.8), sharex=True, layout="constrained"
)
left.plot(
    np.stack([run.theta[:, 0] for run in turning.values()], axis=1),
    label=list(turning),
)
right.plot(np.stack([run.theta[:, 1] for run in turning.values()], axis=1))
left.set(
    title="Adam at full speed overshoots; without momentum it rattles",
    ylabel="a (intercept)",
)
right.set(ylabel="b (slope)", xlabel="step")
left.legend()

# %%
# That is half of the story. In the lower chart the rule without momentum does not come to rest: its steps across the
# trough stay about as long as the learning rate and change sign every time. Adam averages them away. The same mean
# that runs past the minimum along the trough is what calms the steps across it.

errors = {
    name: round(float(abs(run.theta[-1, 1] - best[1])), 3)
    for name, run in turning.items()
}
print("error of b after 100 steps:", errors)
assert errors["beta1 = 0, lr 1"] > 0.3 and errors["Adam, lr 1"] < 0.02

# %%
# A schedule
# ----------
# RMSprop with a short memory rattles, too. With ``alpha=0.9`` and a rate of 0.5 it ends up hopping from side to side of
# the minimum, half the learning rate to each side. An exponential decay lowers the rate by a constant factor after each
# step, and the hops shrink with it. If it decays too fast, the point rests before it arrives.

short = partial(torch.optim.RMSprop, lr=0.5, alpha=0.9)
constant = og.descend(short, surface, steps=300)
decayed = og.descend(
    short, surface, steps=300, schedule=partial(ExponentialLR, gamma=0.97)
)
hasty = og.descend(
    short, surface, steps=300, schedule=partial(ExponentialLR, gamma=0.9)
)
print(
    f"final loss: {constant.loss[-1]:.2g}, with gamma 0.97 {decayed.loss[-1]:.2g}, with 0.9 {hasty.loss[-1]:.2g}"
)
np.testing.assert_allclose(
    np.abs(np.diff(constant.theta, axis=0)[-1]), 0.5, rtol=0.1
)
assert (
    constant.loss[-1] > 0.5 and decayed.loss[-1] < 2e-6 and hasty.loss[-1] > 10
)

ax = og.plot_loss(
    {"constant": constant, "gamma 0.97": decayed, "gamma 0.9": hasty}
)
ax.set_title("RMSprop with alpha = 0.9: the rate must fall, but not too fast")

# %%
# Any other optimizer
# -------------------
# Every class from ``torch.optim`` can run here. Adadelta, for one, sets its own step length and starts very
# carefully. At its default rate of 1 it has hardly left after 100 steps.

print(og.descend(torch.optim.Adadelta, surface, steps=100))
assert (
    np.abs(
        og.descend(torch.optim.Adadelta, surface, steps=100).theta[-1]
        - surface.start
    ).max()
    < 0.5
)

# %%
# Before this: :ref:`RMSprop, almost Adam and Adam over plain descent
# <sphx_glr_gallery_comparisons_plot_regression_rescaling.py>`.
# The rules themselves: :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`.
