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

import optguide as og

surface = og.surfaces.linear_regression()
best = np.array(surface.known_minima()[0])
print(surface, "from", surface.start, "to", best.round(4))

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and slope b. It is steep in b and flat in a.
#
# All four
# --------

four = {
    "SGD": og.SGD,
    "momentum 0.2": partial(og.Momentum, momentum=0.2),
    "RMSprop": og.RMSprop,
    "Adam": og.Adam,
}
race = og.race(four, surface, steps=100, lr=0.1)
race.animate(
    panels=("map", "loss"),
    title="Four optimizers, one learning rate",
    box=((-4, 10), (0.5, 3)),
)

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

gone = [float(9 - race[name].theta[10, 0]) for name in ("RMSprop", "Adam")]
print("way in a after 10 steps, RMSprop and Adam:", np.round(gone, 2))
assert gone[0] > 4 * gone[1] and 0.9 < gone[1] < 1.1

# %%
# Has Adam trouble turning?
# -------------------------
# The other claim is that momentum makes Adam turn badly in the end. At 0.1 there is no end to see. So give Adam a
# learning rate of 1, which makes its first step as long as RMSprop's. It then runs almost three units past the minimum
# and has to come back. RMSprop does not. And momentum is indeed the cause: with ``beta1`` zero, the same rule runs
# past by 0.03 only.

adam = partial(og.Adam, lr=1.0)
turning = og.race(
    {
        "RMSprop, lr 0.1": partial(og.RMSprop, lr=0.1),
        "Adam, lr 1": adam,
        "beta1 = 0, lr 1": partial(adam, betas=(0.0, 0.999)),
    },
    surface,
    steps=100,
)
paths = np.stack([run.theta for run in turning.values()], axis=1)
past = best[0] - paths[:, :, 0].min(axis=0)
print("past the best intercept (negative: not reached):", past.round(2))
assert past[0] < 0 and 2.5 < past[1] < 3 and 0 < past[2] < 0.1

fig, axes = plt.subplots(2, 1, figsize=(7, 4.8), sharex=True, layout="constrained")
axes[0].plot(paths[:, :, 0], label=list(turning))
axes[1].plot(paths[:, :, 1])
axes[0].set(
    title="Adam at full speed overshoots; without momentum it rattles",
    ylabel="a (intercept)",
)
axes[1].set(ylabel="b (slope)", xlabel="step")
axes[0].legend()

# %%
# That is half of the story. In the lower chart the rule without momentum does not come to rest: its steps across the
# trough stay about as long as the learning rate and change sign every time. Adam averages them away. The same mean
# that runs past the minimum along the trough is what calms the steps across it.

errors = np.abs(paths[-1, :, 1] - best[1])
print("error of b after 100 steps:", errors.round(3))
assert errors[2] > 0.3 and errors[1] < 0.02

# %%
# Before this: :ref:`almost Adam and Adam <sphx_glr_gallery_comparisons_plot_regression_adam.py>`.
# Next: :ref:`a rate that falls, and Adadelta <sphx_glr_gallery_comparisons_plot_regression_schedule.py>`.
