r"""
Six-hump camel
==============

Of six minima, two are global. From the start of this race SGD stops in a local minimum near it, while the rules that
scale an exponential moving average run past to a global one. From most other starts both reach the same minimum.
"""

import numpy as np

import optguide as og
from optguide import study

camel = og.surfaces.unit_six_hump_camel
race = study.impactcrater2024(camel)
race

# %%
# The landscape
# -------------
# The function is that of :cite:t:`dixon1978`. :cite:t:`impactcrater2024` halves its width, turns y around and maps
# the heights to the range from 0 to 1. The global minima lie at (0.045, 0.713) and, mirrored, at (-0.045, -0.713).

og.formula(camel)

# %%
# The article seems to have read the lowest height from a grid: the true minima lie slightly below it, at
# :n:`lowest:.5f`. A plain logarithm of the height would fail there. So our maps are coloured by the logarithm of the
# height above the lowest point, plus a small share of the range.

# proof: both global minima lie slightly below zero
lowest = camel(*camel.known_minima()[0])
assert -3e-4 < lowest < -2e-4
np.testing.assert_allclose(camel.known_minima(), [(0.045, 0.713), (-0.045, -0.713)], atol=1e-3)
np.testing.assert_allclose(camel(*camel.known_minima()[1]), lowest, rtol=1e-6)

# %%
# Where they end
# --------------
# SGD stops at (-0.804, 0.569), at almost half the height of the range. AdamD, AdaBeliefD, AdaDerivative and AdaBC come
# within 0.13 of this point after six to eight steps. They are then moving by :n:`speeds.min():.2f` to
# :n:`speeds.max():.2f` per step, because their moving average still holds the gradients of their way down, and they
# go on to a global minimum. Lion ends beside a third minimum, at (-0.852, -0.795): its steps of 0.1 in each coordinate
# are too long to settle there, and it repeats the same five points.

race.table()

# %%

# proof: SGD ends in a local minimum at almost half the height of the range
trap = race["SGD"].theta[-1]
np.testing.assert_allclose(trap, (-0.804, 0.569), atol=1e-3)
assert np.abs(race["SGD"].grad[-1]).max() < 1e-5 and 0.47 < race["SGD"].loss[-1] < 0.49

# %%

# proof: AdamD, AdaBeliefD, AdaDerivative and AdaBC pass it at steps 6 to 8, within 0.13
four = np.array([race[name].theta for name in ("AdamD", "AdaBeliefD", "AdaDerivative", "AdaBC")])
passing = np.linalg.norm(four - trap, axis=2)
at = passing.argmin(axis=1)
speeds = np.linalg.norm(four[range(4), at + 1] - four[range(4), at], axis=1)
assert (passing.min(axis=1) < 0.13).all() and set(at) <= {6, 7, 8} and speeds.min() > 0.04

# %%

# proof: these four end within 0.015 of the global minimum at (0.045, 0.713)
ends = four[:, -1]
np.testing.assert_allclose(ends, np.broadcast_to((0.045, 0.713), ends.shape), atol=0.015)

# %%

# proof: in its last 50 steps Lion visits five points, within 0.2 of the minimum at (-0.852, -0.795)
lion = race["Lion"].theta
visited = np.unique(lion[-50:].round(6), axis=0)
np.testing.assert_allclose(lion[-1], (-0.9, -0.9), atol=0.01)
assert len(visited) == 5 and np.linalg.norm(visited - (-0.852, -0.795), axis=1).max() < 0.2

# %%
# From every start
# ----------------
# The race begins at an exceptional place. On a grid over the whole map, SGD reaches a global minimum from
# :n:`100 * basins.reached["SGD"]:.0f` % of the starts and AdaBeliefD from
# :n:`100 * basins.reached["AdaBeliefD"]:.0f` %, and only from :n:`100 * differ:.0f` % of them one does and the other
# does not. Both succeed from the middle of the map, where the ground falls towards the two global minima. Along the
# left and the right edge AdaBeliefD succeeds from wider strips than SGD, and the race begins in one of these.

belief, plain = og.AdaBeliefD.at(lr=0.1), og.SGD.at(lr=0.1)
basins = study.basins(belief, beside=plain, surface=camel, steps=100)
basins

# %%

# proof: only one start in twenty-five succeeds with one of the two rules and not with the other
success = (basins.sweep.data.minimum >= 0).values
differ = (success[0] != success[1]).mean()
assert 0.02 < differ < 0.06
shares = [basins.reached[name] for name in ("SGD", "AdaBeliefD")]
np.testing.assert_allclose(shares, (0.615, 0.645), atol=0.015)

# %%
# How hard is it?
# ---------------
# With learning rates from 0.022 to 0.1, SGD succeeds from two thirds of 48 random starts, those in the basins of the
# two global minima. To succeed from the other :n:`len(freed)` a descent has to leave a local minimum. Adam does so from
# :n:`int(freed.sum())` of them, with a learning rate of 0.22.

hard = study.difficulty(camel)
found = hard.sweep.data.arrived_at.squeeze("seed") >= 0
stuck = ~found.sel(optimizer="SGD").isel(lr=8)
freed = found.sel(optimizer="Adam", lr=hard.lr["Adam"])[stuck]
hard

# %%
# Momentum gains hardly anything. RMSprop comes by from :n:`100 * hard.success["RMSprop"]:.0f` % of the starts, but
# is there in the end only from :n:`100 * there:.0f` %.

# proof: SGD succeeds from two thirds of the starts at learning rates from 0.022 to 0.1
share = (hard.sweep.data.arrived_at >= 0).mean(("seed", "start"))
np.testing.assert_allclose(share.lr[7:10], (0.022, 0.046, 0.1), rtol=0.03)
np.testing.assert_allclose(share.sel(optimizer="SGD")[7:10], 2 / 3, atol=0.02)

# %%

# proof: Adam succeeds from more than 90 % at 0.22, and from over two thirds of the starts from
# which SGD does not; momentum at none from more than 71 %
assert hard.success["Adam"] > 0.9 and 0.21 < hard.lr["Adam"] < 0.22
assert 2 / 3 < freed.mean() < 0.9
assert hard.success["Momentum"] < 0.71

# %%

# proof: RMSprop succeeds from five starts in six, and is there in the end from one in five
there = hard.sweep.data.minimum.sel(optimizer="RMSprop", lr=hard.lr["RMSprop"]) >= 0
there = float(there.mean())
assert 0.81 < hard.success["RMSprop"] < 0.86 and 0.17 < there < 0.23
