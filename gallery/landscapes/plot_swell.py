r"""
Swell
=====

Long waves lie across a cone. SGD stops in the first valley between two waves; the rules that scale an exponential
moving average cross the valleys, to the tip of the cone.
"""

import numpy as np

import optguide as og
from optguide import study

swell = og.surfaces.swell
race = study.impactcrater2024(swell)
race

# %%
# The landscape
# -------------
# Seven tenths of it are a cone with its tip at (0.5, -0.5), three tenths are crossing sine waves on an inclined plane;
# from :cite:t:`impactcrater2024`. The waves are long: ``k = 3``.
# :ref:`sphx_glr_gallery_landscapes_plot_choppy_swell.py` has the same cone under waves half as long.

og.formula(swell)

# %%
# Who reaches the tip
# -------------------
# SGD stops at (-0.468, 0.493), halfway up. AdamD, AdaBeliefD, AdaDerivative and AdaBC end within 0.04 of the tip, and
# AdaBeliefD is the nearest of them.
#
# None of these four comes to rest. At the tip of a cone the gradient does not fade; it changes its direction. In the last
# ten steps it is never shorter than :n:`shortest:.2f`, and each of the four goes on jumping over the tip.

race.table()

# %%

# proof: SGD stops at (-0.468, 0.493), at half the height of the map
np.testing.assert_allclose(race["SGD"].theta[-1], (-0.468, 0.493), atol=2e-3)
assert 0.5 < race["SGD"].loss[-1] < 0.55

# %%

# proof: AdaBeliefD ends at (0.497, -0.503), nearest to the tip of four that end within 0.04 of it
away = {name: np.linalg.norm(run.theta[-1] - (0.5, -0.5)) for name, run in race.items()}
np.testing.assert_allclose(race["AdaBeliefD"].theta[-1], (0.497, -0.503), atol=0.01)
others = [away[name] for name in ("AdamD", "AdaDerivative", "AdaBC")]
assert away["AdaBeliefD"] < min(others) and max(others) < 0.04

# %%

# proof: in the last ten steps of these four the gradient is longer than 0.1, and one move than 0.01
four = [race[name] for name in ("AdamD", "AdaBeliefD", "AdaDerivative", "AdaBC")]
shortest = min(np.linalg.norm(run.grad[-10:], axis=1).min() for run in four)
moves = [np.linalg.norm(np.diff(run.theta[-11:], axis=0), axis=1).max() for run in four]
assert shortest > 0.1 and min(moves) > 0.01

# %%
# Lion ends on the tip by accident
# --------------------------------
# Lion ends exactly on the tip. In each step it moves by 0.1 or -0.1 in each coordinate, so it can only visit points of
# a square lattice through its start. With a start at (-0.9, 0.9) the tip happens to be a point of that lattice. The
# second Lion begins at (-0.85, 0.85), and no point of its lattice is nearer to the tip than 0.07.

beside = og.descend(og.Lion.at(lr=0.1), swell, start=(-0.85, 0.85), steps=100)
og.plot_trails({"from (-0.9, 0.9)": race["Lion"], "from (-0.85, 0.85)": beside}, og.plot_map(swell))

# %%

# proof: from (-0.9, 0.9) Lion ends exactly on the tip
np.testing.assert_allclose(race["Lion"].theta[-1], (0.5, -0.5), atol=1e-9)
np.testing.assert_allclose(np.abs(np.diff(race["Lion"].theta, axis=0)), 0.1)

# %%

# proof: from (-0.85, 0.85) it never comes nearer than 0.07
assert np.linalg.norm(beside.theta - (0.5, -0.5), axis=1).min() > 0.07

# %%
# From every start
# ----------------
# The order of the others is as accidental. In the race AdaBeliefD ends nearest to the tip. From a grid of starts over
# the whole map, it ends within 0.02 of the height of the tip from :n:`100 * basins.reached["AdaBeliefD"]:.0f` % of the
# starts, and AdamD from :n:`100 * basins.reached["AdamD"]:.0f` %.

belief, adam = og.AdaBeliefD.at(lr=0.1), og.AdamD.at(lr=0.1, eps=1e-16)
basins = study.basins(belief, beside=[adam, og.SGD.at(lr=0.1)], surface=swell, steps=100, tol=0.02)
basins

# %%

# proof: AdaBeliefD reaches the tip from fewer starts than AdamD, and both from far more than SGD
assert 0.54 < basins.reached["AdaBeliefD"] < 0.61 and 0.62 < basins.reached["AdamD"] < 0.70
assert basins.reached["SGD"] < 0.2
ends = np.linalg.norm(basins.sweep.data.theta - (0.5, -0.5), axis=-1).reshape(3, -1)
found = (ends < 0.1).mean(axis=1)
np.testing.assert_allclose(
    found[:2], [basins.reached[n] for n in ("AdaBeliefD", "AdamD")], atol=0.01
)

# %%
# How hard is it?
# ---------------
# It is hard to reach the tip, and harder to stay. Adam succeeds from nearly three of four starts and momentum from more
# than half; SGD and Lion hardly succeed.

hard = study.difficulty(swell)
hard

# %%
# Here a success needs a height within 0.001 of the lowest, which means to come within 0.006 of the tip. Since the
# gradient does not fade there, the next step leads away again. After the last step no rule is so near from more than
# :n:`100 * stays:.0f` % of the starts, whatever the learning rate.

# proof: Adam succeeds from nearly three of four starts, momentum from more than half, SGD and Lion
# from less than 15 %
assert 0.7 < hard.success["Adam"] < 0.75 and 0.52 < hard.success["Momentum"] < 0.6
assert max(hard.success["SGD"], hard.success["Lion"]) < 0.15

# %%

# proof: farther than 0.006 from the tip, no descent succeeds
angle = np.linspace(0, 2 * np.pi, 361)
ring = swell(0.5 + 0.006 * np.cos(angle), -0.5 + 0.006 * np.sin(angle))
assert ring.min() > swell(0.5, -0.5) + 1e-3

# %%

# proof: at the last step no rule is near the tip from as many as three starts in ten
stays = float((hard.sweep.data.minimum >= 0).mean(("seed", "start")).max())
assert 0.15 < stays < 0.3
