r"""
Rastrigin's function
====================

Here the learning rate decides more than the rule. With a small one a descent ends in a local minimum near its start,
with a large one it leaves the map, and the good ones in between lie within a factor of two.
"""

import numpy as np

import optguide as og
from optguide import study

land = og.surfaces.unit_rastrigin
three = {f"lr = {lr}": og.AdaBeliefD.at(lr=lr) for lr in (0.02, 0.1, 3.0)}
race = og.race(three, land, steps=100, title="AdaBeliefD at three learning rates")
race

# %%
# One rule from one start, three times. With 0.02 it ends in a local minimum near the start, with 0.1 in the global one,
# and with 3 it leaves the map.
#
# The landscape
# -------------
# The function is that of :cite:t:`rastrigin1974`: a bowl with a cosine added along each coordinate. The frame and the
# start (-0.7, 0.8) are those of :cite:t:`impactcrater2024`.

og.formula(land)

# %%
# The article's cosines have an amplitude ``a = 2``, while its heights are scaled for the usual amplitude 10. So the map
# does not reach up to 1: its highest point is at :n:`shallow:.2f`.

# proof: with amplitude 2 the map goes up to 0.67, with 10 to 1.01
x = np.linspace(-1, 1, 801)
shallow, deep = land(x, x[:, None]).max(), land.replace(a=10)(x, x[:, None]).max()
np.testing.assert_allclose((shallow, deep), (0.669, 1.009), atol=0.005)

# %%

# proof: with a learning rate of 0.02 AdaBeliefD ends in a local minimum, with 0.1 in the global one
assert np.linalg.norm(race["lr = 0.02"].theta[-1]) > 0.5
assert np.abs(race["lr = 0.02"].grad[-1]).max() < 0.01
assert np.linalg.norm(race["lr = 0.1"].theta[-1]) < 0.01

# %%
# Six rules at one learning rate
# ------------------------------
# The article settles on 0.1 by hand, and says how hard it is to find. With it AdamD, AdaBeliefD and AdaDerivative run
# across the local minima to the global one, and AdaBC circles it. The steps of SGD are in proportion to the gradient;
# it jumps to and fro in one place. Lion crosses the map in steps of 0.1, and ends one step away.

six = study.impactcrater2024(land)
six

# %%

# proof: AdamD, AdaBeliefD and AdaDerivative end within 0.01 of the minimum, AdaBC within 0.06
away = {name: np.linalg.norm(run.theta[-1]) for name, run in six.items()}
assert max(away[name] for name in ("AdamD", "AdaBeliefD", "AdaDerivative")) < 0.01
assert away["AdaBC"] < 0.06 and 0.05 < away["Lion"] < 0.15

# %%

# proof: SGD stays far away, and does not come to rest
assert away["SGD"] > 0.7
assert np.abs(np.diff(six["SGD"].theta[-11:], axis=0)).min() > 0.02

# %%
# The whole axis of learning rates
# --------------------------------
# From the same start with 81 learning rates: AdaBeliefD reaches the global minimum with every one from 0.07 to 0.14.
# Below 0.03 it stays in a local minimum near the start. From 0.15 on success is a matter of chance, and above 1 most
# descents leave the map.

lrs = np.logspace(-3, 1, 81)
rates = study.rates(
    og.AdaBeliefD, beside=og.SGD, surface=land, lrs=lrs, starts=[land.start], steps=100
)
rates

# %%

# proof: AdaBeliefD reaches the global minimum with every learning rate from 0.07 to 0.14
belief = og.descend(og.AdaBeliefD, land, steps=100, lr=lrs)
loss = belief.loss[-1]
assert (loss[(lrs > 0.07) & (lrs < 0.145)] < 0.01).all()

# %%

# proof: with less than 0.03 AdaBeliefD stays above 0.2, with 0.15 to 0.4 above 0.01
assert (loss[lrs < 0.03] > 0.2).all() and (loss[(lrs > 0.15) & (lrs < 0.4)] > 0.01).all()

# %%

# proof: AdaBeliefD leaves the map with most learning rates above 1, and with none below 0.5
left = (np.abs(belief.theta) > 1).any(axis=(0, 2))
assert left[lrs > 1].mean() > 0.5 and not left[lrs < 0.5].any()
assert np.abs(race["lr = 3.0"].theta).max() > 1

# %%
# For SGD no learning rate works. With a small one it stays in its local minimum, from 0.15 on it jumps about, and above 1
# it is thrown off the map. On the way a jump may land near the global minimum, but no descent stays there.

# proof: with none of the 81 learning rates SGD spends its last five steps near the global minimum
sgd = og.descend(og.SGD, land, steps=100, lr=lrs)
assert not (np.linalg.norm(sgd.theta[-5:], axis=2) < 0.05).all(axis=0).any()

# %%

# proof: below 0.09 SGD stays within 0.2 of its start, from 0.15 to 1 it jumps further than 0.8, and
# with every learning rate above 1 it leaves the map or diverges
reach = np.linalg.norm(sgd.theta - land.start, axis=2).max(axis=0)
assert (reach[lrs < 0.09] < 0.2).all() and (reach[(lrs > 0.15) & (lrs < 1)] > 0.8).all()
gone = (np.abs(sgd.theta) > 1).any(axis=(0, 2)) | (sgd.diverged_at >= 0)
assert gone[lrs > 1].all()

# %%
# From every start
# ----------------
# The start was a good one, too. With the same learning rate of 0.1, AdaBeliefD reaches the global minimum from
# :n:`100 * basins.reached["AdaBeliefD"]:.0f` % of a grid of starts. Its map consists of rectangles. The function is a
# sum of one part in x and one in y, so each coordinate descends by itself. In :n:`100 * alone[0]:.0f` % of the cases x
# ends at zero, in as many y, and in :n:`alone[0]:.2f` times :n:`alone[1]:.2f` of the cases both do.

belief, plain = og.AdaBeliefD.at(lr=0.1), og.SGD.at(lr=0.1)
basins = study.basins(belief, beside=plain, surface=land, steps=100)
basins

# %%

# proof: the share of starts that succeed is the product of the shares of their coordinates
ends = basins.sweep.data.theta.sel(optimizer="AdaBeliefD").values.reshape(-1, 2)
alone = (np.abs(ends) < 0.07).mean(axis=0)
share = (np.linalg.norm(ends, axis=1) < 0.1).mean()
np.testing.assert_allclose(alone.prod(), share, atol=0.005)
assert 0.1 < share < 0.18 and abs(share - basins.reached["AdaBeliefD"]) < 0.005

# %%
# How hard is it?
# ---------------
# Adam succeeds from a third of 48 random starts, the four other rules from less than a fifth.

hard = study.difficulty(land)
hard

# %%
# Adam's best learning rate is the article's 0.1, and here, too, few others will do: with the next smaller one of the
# table's 19, :n:`lower:.2g`, it succeeds from no start, with the next larger one, :n:`upper:.2g`, from
# :n:`100 * float(band[2]):.0f` %. SGD, RMSprop and Lion only come by. At the last step they are there from less than
# one start in twenty, whatever the learning rate.

# proof: Adam succeeds from a third of the starts, every other rule from less than a fifth
assert 0.3 < hard.success["Adam"] < 0.37
assert max(share for name, share in hard.success.items() if name != "Adam") < 0.2

# %%

# proof: with half of its best learning rate Adam succeeds from no start, with twice that from 6 %
band = (hard.sweep.data.arrived_at.sel(optimizer="Adam") >= 0).mean(("seed", "start"))[8:11]
lower, best, upper = band.lr.values
np.testing.assert_allclose((lower, best, upper), (0.046, 0.1, 0.22), rtol=0.03)
assert hard.lr["Adam"] == best and band[0] == 0 and 0.04 < band[2] < 0.08

# %%

# proof: SGD, RMSprop and Lion are there in the end from less than one start in twenty
stays = (hard.sweep.data.minimum >= 0).mean(("seed", "start")).max("lr")
assert stays.sel(optimizer=["SGD", "RMSprop", "Lion"]).max() < 0.05
