r"""
Choppy swell
============

With waves half as long as on the swell, AdaBeliefD is caught in a local minimum beside the lowest point, while AdamD
and AdaDerivative reach it. Over all starts the three succeed about equally often: between short waves it is hardly
predictable where a descent ends.
"""

import numpy as np

import optguide as og
from optguide import study

choppy = og.surfaces.choppy_swell
race = study.impactcrater2024(choppy)
race

# %%
# The landscape
# -------------
# The cone of :ref:`sphx_glr_gallery_landscapes_plot_swell.py` under waves half as long, ``k = 6`` instead of 3; again
# from :cite:t:`impactcrater2024`, which starts this one at (-0.9, 0.8). The short waves move the lowest point from the
# tip of the cone, (0.5, -0.5), to (0.470, -0.545).

og.formula(choppy)

# %%

# proof: the lowest point lies at (0.470, -0.545), by more than 0.003 below the tip of the cone
lowest = np.array(choppy.known_minima()[0])
np.testing.assert_allclose(lowest, (0.470, -0.545), atol=1e-3)
assert choppy(0.5, -0.5) > choppy(*lowest) + 0.003

# %%
# Who reaches the lowest point
# ----------------------------
# AdaBeliefD ends at (0.572, -0.684), at a height of :n:`race["AdaBeliefD"].loss[-1]:.3f`. That is a local minimum: ten
# times as many steps do not lead out of it. On the long swell it had reached the tip. AdamD and AdaDerivative settle at
# the lowest point, AdaBC wanders about within 0.05 of it, and Lion jumps to and fro beside it, 0.1 in each coordinate.
# SGD stops in the first valley, after a way of :n:`way:.2f`.

race.table()

# %%

# proof: AdaBeliefD is caught at (0.572, -0.684), where it still is after 1,000 steps
np.testing.assert_allclose(race["AdaBeliefD"].theta[-1], (0.572, -0.684), atol=0.01)
patient = og.descend(og.AdaBeliefD.at(lr=0.1), choppy, steps=1000)
np.testing.assert_allclose(patient.theta[-1], (0.575, -0.683), atol=0.01)
assert 0.05 < race["AdaBeliefD"].loss[-1] < 0.06

# %%

# proof: on the long swell it is not caught, and ends within 0.02 of the tip
calm = og.descend(og.AdaBeliefD.at(lr=0.1), og.surfaces.swell, steps=100)
np.testing.assert_allclose(calm.theta[-1], (0.5, -0.5), atol=0.02)

# %%

# proof: AdamD and AdaDerivative end within 0.015 of the lowest point; AdaBC spends its last twenty
# steps within 0.05, and Lion its last fifty within 0.3, most of them back against the one before
ends = np.array([race[name].theta[-1] for name in ("AdamD", "AdaDerivative")])
assert np.linalg.norm(ends - lowest, axis=1).max() < 0.015
assert np.linalg.norm(race["AdaBC"].theta[-20:] - lowest, axis=1).max() < 0.05
lion = race["Lion"].theta[-51:]
jumps = np.diff(lion, axis=0)
np.testing.assert_allclose(np.abs(jumps), 0.1)
assert np.linalg.norm(lion - lowest, axis=1).max() < 0.3
assert ((jumps[1:] * jumps[:-1]).sum(axis=1) < 0).mean() > 0.7

# %%

# proof: SGD stops in the first valley, after a way of 0.13
way = np.linalg.norm(np.diff(race["SGD"].theta, axis=0), axis=1).sum()
assert 0.1 < way < 0.15 and race["SGD"].loss[-1] > 0.8

# %%
# From every start
# ----------------
# The race suggests that AdaBeliefD is the more easily caught. One path cannot show that. From a grid of starts over the
# whole map, AdaBeliefD reaches the lowest point from :n:`100 * basins.reached["AdaBeliefD"]:.0f` %, AdamD from
# :n:`100 * basins.reached["AdamD"]:.0f` % and AdaDerivative from :n:`100 * basins.reached["AdaDerivative"]:.0f` %.
# From :n:`100 * only_adam:.0f` % of the starts AdamD succeeds and AdaBeliefD does not, from
# :n:`100 * only_belief:.0f` % it is the other way round. Far from the lowest point the maps look like noise: one start
# succeeds, and its neighbour does not.

three = [og.AdaBeliefD.at(lr=0.1), og.AdamD.at(lr=0.1, eps=1e-16), og.AdaDerivative.at(lr=0.1)]
basins = study.basins(three, surface=choppy, steps=100)
basins

# %%

# proof: the three succeed from more than half of the starts, and differ by less than 0.08
shares = list(basins.reached.values())
assert 0.5 < min(shares) and max(shares) - min(shares) < 0.08

# %%

# proof: AdamD succeeds where AdaBeliefD fails from more than a tenth of the starts, and vice versa
success = (basins.sweep.data.minimum >= 0).values
only_belief, only_adam = (success[0] & ~success[1]).mean(), (success[1] & ~success[0]).mean()
assert min(only_belief, only_adam) > 0.1 and abs(only_belief - only_adam) < 0.07

# %%
# How hard is it?
# ---------------
# It is hard to find the lowest point, and easier to stay there than on the long swell. At the tip of the cone the
# gradient did not fade. At this lowest point it does, and the steps become shorter with it. With a learning rate of
# :n:`stays_lr:.2g`, Adam is there after the last step from about three of four starts. SGD and RMSprop only come by, with
# learning rates at which they jump about.

hard = study.difficulty(choppy)
hard

# %%

# proof: Adam succeeds from about three of four starts; with a learning rate of 0.046 it stays about
# as often
stays = (hard.sweep.data.minimum >= 0).mean(("seed", "start"))
stays_lr = float(stays.lr[8])
assert 0.65 < hard.success["Adam"] < 0.88
assert 0.65 < stays.sel(optimizer="Adam", lr=stays_lr) < 0.85 and 0.046 < stays_lr < 0.047

# %%

# proof: SGD and RMSprop are there in the end from at most one start in eight, at any learning rate
assert stays.sel(optimizer=["SGD", "RMSprop"]).max() < 1 / 8

# %%

# proof: the gradient vanishes at the lowest point
assert np.abs(og.descend(og.SGD, choppy, lowest, 1).grad[0]).max() < 1e-6

# %%
# Where a rule jumps about, a success is chance. When the starts are changed in the thirteenth digit, SGD at its best
# learning rate succeeds from other starts than before: :n:`moved` of 48 outcomes change. Adam at :n:`stays_lr:.2g`
# succeeds from the same ones.

# proof: a change in the starts' thirteenth digit changes where SGD succeeds, not where Adam does
nudged = study.difficulty(choppy, starts=choppy.sample(48) * (1 + 1e-13))
one, other = (found.sweep.data.arrived_at >= 0 for found in (hard, nudged))
changed = (one != other).sum(("seed", "start"))
moved = int(changed.sel(optimizer="SGD", lr=hard.lr["SGD"]))
assert moved > 5 and changed.sel(optimizer="Adam", lr=stays_lr) == 0
