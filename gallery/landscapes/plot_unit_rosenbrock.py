r"""
Rosenbrock's valley
===================

Six optimizers go down the same curved valley at the same rate, and Lion alone leaves the map: its steps do not become
shorter where the ground is flat.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

valley = og.surfaces.unit_rosenbrock
six = [og.SGD, og.Lion, partial(og.AdamD, eps=1e-16)]
six += [og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
race = og.race(six, valley, steps=100, lr=0.1)
race

# %%
# The landscape
# -------------
# The function is that of :cite:t:`rosenbrock1960`. The frame is that of :cite:t:`impactcrater2024`: it doubles
# x, turns y around, and maps the heights to the unit range. The minimum, at (1, 1) in the original, lies at (0.5, 0).

og.formula(valley)

# %%
# Finding the valley is easy, because its walls are steep. Following it is hard, because its floor is almost flat: on
# the floor at x = 0, half a unit from the minimum, the height is 0.0004 of the range.

floor = valley(0.0, 0.5)
print(f"height on the valley floor at x = 0: {floor:.6f}")
assert 3.5e-4 < floor < 4.5e-4

# %%
# Who fares how
# -------------

race.table()

# %%
# Lion leaves the square at step 24 and ends at (1.7, -4.9). It did not jump over a wall. With x doubled and y turned
# around, the floor is :math:`1 - 2y = (2x)^2`, and at x = 1.7 that is y = -5.28: Lion is still in the valley, far
# beyond the map. The five others never leave the square.

outside = {name: (np.abs(run.theta) > 1).any(axis=1) for name, run in race.items()}
lion = race["Lion"].theta
assert [name for name, out in outside.items() if out.any()] == ["Lion"]
assert outside["Lion"].argmax() == 24
np.testing.assert_allclose(lion[-1], (1.7, -4.9), atol=0.11)
np.testing.assert_allclose((1 - (2 * 1.7) ** 2) / 2, -5.28)

# %%
# At step 14 it stood only 0.1 from the minimum. The slope had become small there, and Lion takes no notice: it reads
# the sign of the slope, not its size.

beside = np.linalg.norm(lion - (0.5, 0), axis=1)
print(
    "Lion's closest approach: step",
    beside.argmin(),
    "at a distance of",
    round(float(beside.min()), 3),
)
assert beside.argmin() == 14 and 0.09 < beside.min() < 0.11
ax = plt.figure(layout="constrained").add_subplot()
x = np.linspace(-1, 1.9, 100)
ax.plot(x, (1 - (2 * x) ** 2) / 2, "--", color="gray", label="valley floor")
ax.plot(*lion.T, "o-", color=og.Lion.color, ms=3, lw=1, label="Lion")
ax.add_patch(plt.Rectangle((-1, -1), 2, 2, fill=False, ls=":", ec="gray", label="the map above"))
ax.set(title="Lion follows the valley off the map", xlabel="x", ylabel="y")
ax.legend()

# %%
# The others are slow rather than lost. SGD loses 99 % of its height in twenty steps, down the
# wall, and then creeps. AdaDerivative is the
# only one near the minimum after 100 steps: along the floor the slope hardly changes, and where the slope
# does not change AdaDerivative takes long steps.

away = {name: float(np.linalg.norm(run.theta[-1] - (0.5, 0))) for name, run in race.items()}
print({name: round(distance, 3) for name, distance in away.items()})
assert away["AdaDerivative"] < 0.03
assert min(away["SGD"], away["AdamD"], away["AdaBeliefD"], away["AdaBC"]) > 0.25
assert race["SGD"].loss[20] < 0.01 * race["SGD"].loss[0]
assert np.linalg.norm(np.diff(race["SGD"].theta[-10:], axis=0), axis=1).max() < 1e-3

# %%
# All this is one start and one learning rate for six different rules. It shows how each of them handles a curved
# valley, not which is best: 0.1 is a long stride for Lion, for which :cite:t:`chen2023` advise a rate three to ten
# times smaller than Adam's. :ref:`sphx_glr_gallery_comparisons_plot_lion_schedule.py` gives it a rate that falls.

# %%
# How hard is it?
# ---------------
# Finding the valley is easy, following it is not, and this table shows only the first. It has five rules, each at the
# best of 19 rates from 0.0001 to 100, from 48 random starts. Lion's best is a tenth of the rate that lost it above.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, valley, valley.sample(48), lr=rates)
study.table()

# %%
# On the floor, from x = -0.29 to the right-hand edge, every height is within 0.001 of the lowest. A descent that
# stands there has arrived. Half of the starts are there after seven steps, with any rule but Lion. The minimum itself
# is another matter: at none of the rates does a rule end within 0.1 of it from as many as three starts in ten.

x = np.linspace(-0.29, 1, 130)
on_floor = valley(x, (1 - (2 * x) ** 2) / 2) - valley(0.5, 0) < 1e-3
assert on_floor.all() and valley(-0.3, 0.32) - valley(0.5, 0) > 1e-3
steps = [int(row[2]) for row in study.table().rows]
assert 6 <= min(steps[:4]) <= max(steps[:4]) <= 7 and steps[4] > 20
share = (study.data.arrived_at >= 0).mean(("seed", "start"))
assert 0.009 < share.sel(optimizer="Lion").idxmax("lr") < 0.011
near = np.linalg.norm(study.data.theta - (0.5, 0), axis=-1) < 0.1
ends = near.mean(axis=(2, 3)).max(axis=1)
print("share that ends within 0.1, each rule at its best:", ends.round(2))
assert 0.2 < ends.max() < 0.3

# %%
# Before this: :ref:`sphx_glr_gallery_optimizers_plot_lion.py`, the last of the rules.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_unit_six_hump_camel.py`, where there is more than one place to arrive.
