r"""
Himmelblau's function
=====================

Four minima of equal depth. Where a descent ends is decided by where it begins, and momentum moves the borders: from
one start, three rules end in three minima.
"""

import numpy as np

import optguide as og
from optguide import study

himmelblau = og.surfaces.himmelblau
three = {
    "SGD": og.SGD.at(lr=0.01),
    "Momentum": og.Momentum.at(lr=0.005),
    "Adam": og.Adam.at(lr=0.1),
}
race = og.race(three, himmelblau, start=(0.9, 4.5), steps=200)
race

# %%
# At the start the gradient points almost along y; its y component is :n:`ratio:.0f` times its x component. SGD's first
# step goes almost straight down, and the others to the right, to (3, 2). Adam's first steps are equally long in both
# coordinates, so it moves to the left as fast as down, to (-2.81, 3.13). Momentum comes down the wall with so much speed
# that it runs through the basin in which SGD ends, to (3.58, -1.85).
#
# The landscape
# -------------
# From :cite:t:`himmelblau1972`. It is a sum of two squares, so it is zero where both brackets are. Each bracket is zero
# on a parabola, and the two parabolas cross four times. One crossing is at (3, 2).

og.formula(himmelblau)

# %%
# Put :math:`x = 7 - y^2`, where the second bracket is zero, into the first, and
# :math:`y^4 - 14 y^2 + y + 38` is left. It has four real roots, so there are four minima of height zero and no more.

# proof: at the four known minima both brackets are zero
minima = np.array(himmelblau.known_minima())
x, y = minima.T
np.testing.assert_allclose([x**2 + y - 11, x + y**2 - 7], 0, atol=1e-12)
assert len(minima) == 4 and (3, 2) in himmelblau.known_minima()

# %%

# proof: the roots of the polynomial are real, and are the y of the four minima
roots = np.roots([1, 0, -14, 1, 38])
np.testing.assert_allclose(np.sort(roots.real), np.sort(y))
assert np.abs(roots.imag).max() == 0

# %%

# proof: from (0.9, 4.5) the three rules end in three minima
ends = np.array([run.theta[-1] for run in race.values()])
np.testing.assert_allclose(ends, [(3, 2), (3.584, -1.848), (-2.805, 3.131)], atol=0.002)
ratio = np.divide(*race["SGD"].grad[0][::-1])
assert 25 < ratio < 40

# %%
# Basins
# ------
# SGD cuts the map into four connected regions. With momentum each keeps its core, and stripes of other colours lie
# around it: a descent that comes down with too much speed rolls over into the next basin, or into the one after that.
# From :n:`100 * basins.changed["Momentum"]:.0f` % of the starts momentum ends in another minimum than SGD. Adam's
# borders are shifted, and hardly striped; it ends in another minimum from :n:`100 * basins.changed["Adam"]:.0f` %.

basins = study.basins(three, surface=himmelblau)
basins

# %%

# proof: every descent of all three rules reaches a minimum
assert set(basins.reached.values()) == {1}

# %%

# proof: momentum changes the minimum of 20 to 30 % of the starts, Adam of 5 to 10 %
assert 0.2 < basins.changed["Momentum"] < 0.3 and 0.05 < basins.changed["Adam"] < 0.1

# %%
# Styblinski and Tang
# -------------------
# Another function with four minima, but of different depth; from :cite:t:`styblinski1990`, as restated by
# :cite:t:`jamil2013`. Momentum helps a descent that comes down a high wall. From (4.5, -4) it rolls over the hill in
# between to the lowest minimum. SGD and Adam stay on their side.

tang = og.surfaces.styblinski_tang
four = {**three, "Adam": og.Adam.at(lr=0.25)}
deeper = og.race(four, tang, start=(4.5, -4.0), steps=200)
deeper

# %%

og.formula(tang)

# %%
# Each coordinate contributes a polynomial of its own. Its derivative, :math:`2x^3 - 16x + 5/2`, has three roots: a
# deep minimum, a maximum, and a shallow minimum. Two coordinates make four minima.

# proof: the four minima are combinations of two roots, at heights of -78.3, twice -64.2, and -50.1
deep, hill, shallow = np.sort(np.roots([2, 0, -16, 2.5]).real)
pairs = np.array([(deep, deep), (deep, shallow), (shallow, deep), (shallow, shallow)])
np.testing.assert_allclose(pairs[0], tang.known_minima()[0])
np.testing.assert_allclose(tang(*pairs.T), (-78.332, -64.196, -64.196, -50.059), atol=1e-3)

# %%

# proof: from (4.5, -4) momentum reaches the lowest minimum, SGD and Adam the one on their side
np.testing.assert_allclose(deeper["Momentum"].theta[-1], pairs[0], atol=0.01)
for name in ("SGD", "Adam"):
    np.testing.assert_allclose(deeper[name].theta[-1], pairs[2], atol=0.01)

# %%
# The derivative along x does not depend on y, nor that along y on x. So SGD ends, in each coordinate, on the side of the
# maximum on which it began. From :n:`100 * deepest.reached["SGD"]:.0f` % of the starts it reaches the lowest minimum,
# and no gradient on its way tells whether it does.

deepest = study.basins(four, surface=tang)
deepest

# %%
# Momentum may win the lowest minimum or lose it: it wins it from :n:`100 * won:.0f` % of the starts and loses it from
# :n:`100 * missed:.0f` %.

# proof: SGD ends, in each coordinate, on the side of the maximum on which it began
starts = tang.grid(96)
ends = deepest.sweep.data.theta.sel(optimizer="SGD").values.reshape(starts.shape)
np.testing.assert_allclose(ends, np.where(starts < hill, deep, shallow), atol=0.01)
assert 0.24 < deepest.reached["SGD"] < 0.29

# %%

# proof: momentum wins the lowest minimum from more starts than it loses it, and loses it from some
sgd, ball = (deepest.sweep.data.minimum.sel(optimizer=n).values >= 0 for n in ("SGD", "Momentum"))
won, missed = (ball & ~sgd).mean(), (sgd & ~ball).mean()
assert 0.03 < missed < 0.06 < won < 0.1

# %%
# How hard is it?
# ---------------
# On Himmelblau's function, where every minimum counts, SGD, momentum and Adam succeed from all of 48 random starts. On
# that of Styblinski and Tang, where one of four counts, no rule succeeds from half of them. Lion, which has to hit the
# minimum with steps of one length, seldom succeeds on either.

equal = study.difficulty(himmelblau)
equal

# %%

hard = study.difficulty(tang)
hard

# %%
# Of the 48 starts, :n:`right_side.sum()` lie on the lowest minimum's side of the maximum in both coordinates. With a
# learning rate of 0.022 SGD succeeds from these and no others. With 0.046 it loses :n:`gone` of them and wins
# :n:`new.sum()` others, each of which has a coordinate above 4, on a wall so steep that the first steps are long. Adam
# succeeds from more, with a learning rate of 2.2: more than a third of the way from one minimum to the next.

# proof: on Himmelblau's function SGD, momentum and Adam always succeed, Lion from less than 15 %
assert [equal.success[name] for name in ("SGD", "Momentum", "Adam")] == [1, 1, 1]
assert equal.success["Lion"] < 0.15

# %%

# proof: on the other, Adam succeeds from 19 to 23 of the 48 starts, every other rule from fewer
count = {name: round(48 * share) for name, share in hard.success.items()}
assert 19 <= count["Adam"] <= 23 and count["Adam"] == max(count.values()) and count["Lion"] < 4
np.testing.assert_allclose(hard.lr["Adam"], 2.15, atol=0.01)
assert hard.lr["Adam"] > (shallow - deep) / 3

# %%

# proof: at 0.022 SGD succeeds from the starts on the right side and no others
points = tang.sample(48)
right_side = (points < hill).all(axis=1)
small, large = (hard.sweep.data.arrived_at.sel(optimizer="SGD")[[7, 8]].squeeze() >= 0).values
np.testing.assert_allclose(hard.sweep.data.lr[[7, 8]], (0.022, 0.046), rtol=0.03)
assert right_side.sum() == 8 and (small == right_side).all()

# %%

# proof: at 0.046 it loses three of these and wins seven others, which have a coordinate above 4
new, gone = large & ~right_side, int((right_side & ~large).sum())
assert new.sum() == 7 and gone == 3 and points[new].max(axis=1).min() > 4
