r"""
Four optimizers fit a line
==========================

Plain descent, momentum, RMSprop and Adam fit the same line from the same start at the same learning rate. At 0.1 the
two that rescale their steps are the slower ones. That says more about 0.1 than about them.
"""

# sphinx_gallery_thumbnail_number = 1
import matplotlib.pyplot as plt
import numpy as np

import optguide as og

surface = og.surfaces.linear_regression()
four = {
    "SGD": og.SGD,
    "momentum 0.2": og.Momentum.at(momentum=0.2),
    "RMSprop": og.RMSprop,
    "Adam": og.Adam,
}
race = og.race(four, surface, steps=100, lr=0.1)
near = ((-4, 10), (0.5, 3))
race.animate(panels=("map", "loss"), title="Four optimizers, one learning rate", box=near)

# %%
# The surface is :ref:`the mean squared residual of a line <sphx_glr_gallery_comparisons_plot_regression_surface.py>`
# with intercept a and coefficient b, steep in b and flat in a. Plain descent and momentum reach the minimum in 100
# steps. This surface suits them: its curvatures are 2 and 16, and a learning rate of 0.1 is right for both.

race.table()

# %%

# proof: at a learning rate of 0.1 plain descent and momentum find the line, and RMSprop is closer
# to it than Adam
assert race["momentum 0.2"].loss[-1] < 2e-6 and race["SGD"].loss[-1] < 2e-6
assert race["Adam"].loss[-1] > race["RMSprop"].loss[-1] > 0.01

# %%

ax = race.plot_surface(elev=60, azim=35)
ax.set_title("Four descents, from 60 degrees above")

# %%
# What the source says of them
# ----------------------------
# :cite:t:`pascal2022` runs this race and makes three remarks on Adam. The first: Adam starts slower than RMSprop. After
# ten steps RMSprop has covered :n:`gone[0]:.1f` units of intercept, Adam :n:`gone[1]:.1f`. Both divide by an average that
# began at zero, but only Adam corrects for it.

# proof: after ten steps RMSprop has covered more than four times Adam's way
gone = [9 - race[name].theta[10, 0] for name in ("RMSprop", "Adam")]
assert gone[0] > 4 * gone[1] and 0.9 < gone[1] < 1.1

# %%
# The second: like RMSprop, Adam moves less along b and more along a.
# :ref:`For RMSprop that holds <sphx_glr_gallery_comparisons_plot_regression_rescaling.py>` from the third step on. For
# Adam it does not, at this learning rate: :n:`100 * share["Adam"]:.0f` % of its way is along a, and
# :n:`100 * share["SGD"]:.0f` % of that of plain descent.

# proof: at a learning rate of 0.1 Adam's way has no larger share along the intercept than plain
# descent's
ways = {name: np.abs(np.diff(run.theta, axis=0)).sum(0) for name, run in race.items()}
share = {name: way[0] / way.sum() for name, way in ways.items()}
assert share["Adam"] < share["SGD"]

# %%
# The third: where RMSprop begins to turn towards the minimum, Adam has trouble turning, because of its momentum. At 0.1
# nothing of the kind is seen, since Adam is still on its way. So give Adam a learning rate of 1, which makes its first
# step as long as RMSprop's. It then runs :n:`past[1]:.1f` units past the minimum and has to come back. RMSprop does not.
# Momentum is indeed the cause: with ``beta1`` zero the same rule runs past by :n:`past[2]:.2f`.

rules = {"RMSprop, lr 0.1": og.RMSprop.at(lr=0.1), "Adam, lr 1": og.Adam.at(lr=1.0)}
rules["beta1 = 0, lr 1"] = og.Adam.at(lr=1.0, betas=(0.0, 0.999))
turning = og.race(rules, surface, steps=100)
paths = np.stack([run.theta for run in turning.values()], axis=1)
fig, axes = plt.subplots(2, 1, figsize=(7, 4.8), sharex=True, layout="constrained")
axes[0].plot(paths[:, :, 0], label=list(turning))
axes[1].plot(paths[:, :, 1])
axes[0].set(title="Adam at 1 overshoots; without momentum it swings across", ylabel="a (intercept)")
axes[1].set(ylabel="b (coefficient of x)", xlabel="step")
axes[0].legend()

# %%

# proof: at a learning rate of 1 Adam runs far past the best intercept, and without momentum it
# does not
best = np.array(surface.known_minima()[0])
past = best[0] - paths[:, :, 0].min(axis=0)
assert past[0] < 0 and 2.5 < past[1] < 3 and 0 < past[2] < 0.1

# %%
# That is half of the story. In the lower chart the rule without momentum does not come to rest: its steps across the
# valley stay about as long as the learning rate and change sign every time, and after 100 steps b is off by
# :n:`errors[2]:.2f`. With momentum the steps of opposite sign cancel, and b is off by :n:`errors[1]:.3f`. The same average
# that runs past the minimum along the valley calms the steps across it.

# proof: without momentum b keeps swinging, with it b settles
errors = np.abs(paths[-1, :, 1] - best[1])
assert errors[2] > 0.3 and errors[1] < 0.02
