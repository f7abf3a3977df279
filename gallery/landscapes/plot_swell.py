r"""
Swell
=====

Long waves lie across a cone. AdaBelief, in the form that leaves the first moment uncorrected, and its relatives reach
the tip of the cone; SGD stops in the first trough.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import numpy as np

import optguide as og

swell = og.surfaces.swell
six = [og.SGD, og.Lion, partial(og.AdamD, eps=1e-16)]
six += [og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
race = og.race(six, swell, steps=100, lr=0.1)
race

# %%
# The landscape
# -------------
# Seven parts of a cone with its tip at (0.5, -0.5), three parts of crossing sine waves on an inclined plane; from
# :cite:t:`impactcrater2024`. The waves are long: ``k = 3``. :ref:`sphx_glr_gallery_landscapes_plot_choppy_swell.py`
# has the same cone under waves half as long.

og.formula(swell)

# %%
# Who fares how
# -------------

race.table()

# %%
# SGD stops at (-0.468, 0.493), halfway up. AdamD, AdaBeliefD, AdaDerivative and AdaBC cross the troughs and end within
# 0.04 of the tip; AdaBeliefD, at (0.497, -0.503), is the closest of the four.

away = {
    name: float(np.linalg.norm(run.theta[-1] - (0.5, -0.5)))
    for name, run in race.items()
}
print({name: round(distance, 4) for name, distance in away.items()})
np.testing.assert_allclose(race["SGD"].theta[-1], (-0.468, 0.493), atol=2e-3)
np.testing.assert_allclose(
    race["AdaBeliefD"].theta[-1], (0.497, -0.503), atol=0.01
)
assert max(away["AdamD"], away["AdaDerivative"], away["AdaBC"]) < 0.04

# %%
# None of these four has come to rest. At the tip of a cone the slope does not fade; it keeps its size and changes its
# direction. So the point keeps hopping over the tip.

four = [
    race[name] for name in ("AdamD", "AdaBeliefD", "AdaDerivative", "AdaBC")
]
slopes = np.array(
    [np.linalg.norm(run.grad[-10:], axis=1).min() for run in four]
)
moves = np.array(
    [
        np.linalg.norm(np.diff(run.theta[-11:], axis=0), axis=1).max()
        for run in four
    ]
)
print(
    "smallest of the last ten slopes:",
    slopes.round(3),
    "; longest of the last ten moves:",
    moves.round(4),
)
assert slopes.min() > 0.1 and moves.min() > 0.01

# %%
# Lion's luck
# -----------
# Lion ends exactly on the tip. That is no skill. From (-0.9, 0.9), with a stride of 0.1, it can only visit points on a
# square lattice of that spacing, and the tip happens to be one of them. Begin 0.05 further in, and no point of the
# lattice is closer to the tip than 0.07.

np.testing.assert_allclose(race["Lion"].theta[-1], (0.5, -0.5), atol=1e-9)
shifted = og.descend(og.Lion, swell, start=(-0.85, 0.85), steps=100, lr=0.1)
miss = float(np.linalg.norm(shifted.theta[-1] - (0.5, -0.5)))
print("Lion from (-0.85, 0.85) ends", round(miss, 3), "from the tip")
assert np.linalg.norm(shifted.theta - (0.5, -0.5), axis=1).min() > 0.07

# %%
# The same caution holds for everyone: one start shows one path. From 400 starts all over the square, AdaBeliefD finds
# the tip from fewer than AdamD does.

grid = np.stack(
    np.meshgrid(*[np.linspace(-0.95, 0.95, 20)] * 2), axis=-1
).reshape(-1, 2)
adam = og.descend(
    og.AdamD, swell, start=grid, steps=100, lr=0.1, eps=1e-16
).theta[-1]
belief = og.descend(og.AdaBeliefD, swell, start=grid, steps=100, lr=0.1).theta[
    -1
]
found = [
    (np.linalg.norm(ends - (0.5, -0.5), axis=1) < 0.1).mean()
    for ends in (adam, belief)
]
print(
    "share of starts that end within 0.1 of the tip: AdamD {:.3f}, AdaBeliefD {:.3f}".format(
        *found
    )
)
assert 0.62 < found[0] < 0.70 and 0.54 < found[1] < 0.61

# %%
# How hard is it?
# ---------------
# Hard to come to the point. Five rules, each at the best of 13 rates from 0.001 to 1, from 48 random starts: the share
# that comes within 0.001 of the lowest height in 200 steps. SGD and Lion hardly do. Adam comes by from about seven
# starts in ten, but only from a quarter is it still so near at the last step, at whichever rate.

rates = np.logspace(-3, 0, 13)
rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
place = og.surfaces.swell
sweep = og.sweep(rules, place, place.sample(48), steps=200, lr=rates)
arrived = (sweep.data.arrived_at >= 0).mean(("seed", "start"))
share = arrived.max("lr").values
near = sweep.data.loss <= place(*place.minima[0]) + 1e-3
stays = near.sel(optimizer="Adam").mean(("seed", "start")).values.max()
print("share of Adam's that is so near in the end, at its best rate:", stays)
assert share[0] < 0.2 and share[4] < 0.25 and share[3] > 0.6
assert 0.15 < stays < share[3] / 2
og.Table(
    "Arrivals at the best of 13 rates",
    ["Rule", "Share of starts", "Learning rate"],
    [
        [rule.__name__, f"{line.max():.0%}", f"{rates[line.argmax()]:.2g}"]
        for rule, line in zip(rules, arrived.values, strict=True)
    ],
)

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_tilted_camel.py`, where SGD was caught as well.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_choppy_swell.py`, the same waves at half the length.
