r"""
Four hollows
============

Two classics with four minima each. Where a descent ends is decided by where it begins, and a rule with momentum redraws
the borders.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

import optguide as og

himmelblau = og.surfaces.himmelblau
og.formula(himmelblau)

# %%
# Himmelblau's function
# ---------------------
# From :cite:t:`himmelblau1972`. It is a sum of two squares, so it is zero where both brackets are: where two parabolas
# cross, which happens four times. All four minima are equally deep. One of them is (3, 2).

minima = np.array(himmelblau.known_minima())
a = minima[:, 0] ** 2 + minima[:, 1] - 11
b = minima[:, 0] + minima[:, 1] ** 2 - 7
print("minima:", minima.round(3).tolist())
np.testing.assert_allclose([a, b], 0, atol=1e-12)

# %%
# Put the second equation, :math:`x = 7 - y^2`, into the first, and a polynomial of degree four is left. It has four real
# roots, so there are no more minima of height zero.

roots = np.roots([1, 0, -14, 1, 38])
np.testing.assert_allclose(np.sort(roots.real), np.sort(minima[:, 1]))
assert np.abs(roots.imag).max() == 0

# %%
# Whose hollow is it?
# -------------------
# A descent from each of 61 times 61 starts, with plain descent and with momentum. A colour says in which of the four
# minima it ended.

g = np.linspace(-5, 5, 61)
grid = np.stack(np.meshgrid(g, g), axis=-1)
four = ListedColormap(["#4f86c6", "#e0a030", "#3f9f7f", "#c05a8a"])
plain = og.descend(og.SGD, himmelblau, start=grid, lr=0.01, steps=200)
rolling = og.descend(og.Momentum, himmelblau, start=grid, lr=0.005, steps=200)
owner = {}
fig, axes = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
for ax, run in zip(axes, (plain, rolling), strict=True):
    distance = np.hypot(*(run.theta[-1][..., None, :] - minima).T).T
    owner[run.name] = distance.argmin(axis=-1)
    ax.imshow(owner[run.name], four, origin="lower", extent=(-5, 5, -5, 5))
    ax.plot(*minima.T, "*", ms=12, color="white", mec="black")
    ax.set(title=f"Where {run.name} ends", xlabel="x of the start", ylabel="y")
    assert distance.min(axis=-1).max() < 0.02

# %%
# Plain descent cuts the map into four connected regions. With momentum each keeps its core, and between them lie stripes:
# a ball that arrives with too much speed rolls over into the next hollow, or the one after that.

differ = (owner["SGD"] != owner["Momentum"]).mean()
print(f"starts for which the two end in different minima: {differ:.0%}")
assert 0.2 < differ < 0.3

# %%
# Styblinski and Tang
# -------------------
# Another four, but of different depth. From :cite:t:`styblinski1990`, as restated by :cite:t:`jamil2013`.

tang = og.surfaces.styblinski_tang
og.formula(tang)

# %%
# Each coordinate contributes a polynomial of its own. Its slope, :math:`2x^3 - 16x + 5/2`, has three roots: a deep
# hollow, a hill, and a shallow hollow. Two coordinates make four hollows.

deep, hill, shallow = np.sort(np.roots([2, 0, -16, 2.5]).real)
hollows = np.array([(deep, deep), (deep, shallow), (shallow, deep), (shallow, shallow)])
print(hollows.round(4))
print("heights:", tang(*hollows.T).round(3))
np.testing.assert_allclose(hollows[0], tang.known_minima()[0])
np.testing.assert_allclose(tang(*hollows.T), (-78.332, -64.196, -64.196, -50.059), atol=1e-3)

# %%
# The coordinates do not speak with each other, so plain descent from any start falls to the side of the hill on
# which it began, in each coordinate. A quarter of the map leads to the deepest hollow, and nothing in sight says which.

plain = og.descend(og.SGD, tang, start=grid, lr=0.01, steps=200)
expected = np.where(grid < hill, deep, shallow)
np.testing.assert_allclose(plain.theta[-1], expected, atol=0.01)
share = (np.hypot(*(plain.theta[-1] - hollows[0]).T) < 0.01).mean()
print(f"starts that lead to the deepest hollow: {share:.0%}")
assert 0.24 < share < 0.29

# %%
# Momentum helps those who come down a high wall. From (4.5, -4) it rolls over the hill and ends in the deepest
# hollow. The others stay on their side.

race = og.race(
    {
        "SGD": partial(og.SGD, lr=0.01),
        "Momentum": partial(og.Momentum, lr=0.005),
        "Adam": partial(og.Adam, lr=0.25),
    },
    tang,
    start=(4.5, -4.0),
    steps=200,
)
race

# %%

np.testing.assert_allclose(race["Momentum"].theta[-1], hollows[0], atol=0.01)
for name in ("SGD", "Adam"):
    np.testing.assert_allclose(race[name].theta[-1], hollows[2], atol=0.01)

# %%
# It is a matter of where one begins, again. Momentum wins the deepest hollow for some starts and loses it for others.
# Here it wins more.

rolling = og.descend(og.Momentum, tang, start=grid, lr=0.005, steps=200)
before = np.hypot(*(plain.theta[-1] - hollows[0]).T) < 0.1
after = np.hypot(*(rolling.theta[-1] - hollows[0]).T) < 0.1
won, lost = int((after & ~before).sum()), int((before & ~after).sum())
print("of", before.size, "starts: won", won, " lost", lost)
assert 140 < lost < 220 < 260 < won < 350

# %%
# How hard is it?
# ---------------
# Easy where every hollow counts, hard where one does. Five rules, each at the best of 19 rates from 0.0001 to 100,
# from 48 random starts: on Himmelblau's function SGD, momentum and Adam arrive each time, on that of Styblinski and
# Tang nobody does from half of the starts.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
equal = og.sweep(rules, himmelblau, himmelblau.sample(48), lr=rates).table()
equal

# %%

study = og.sweep(rules, tang, tang.sample(48), lr=rates)
study.table()

# %%
# On the second only eight of the 48 begin on the deepest hollow's side of the hill in both coordinates. At a rate of
# 0.022 SGD arrives from these and no others. At 0.046 it loses three of them and wins seven others. All seven have a
# coordinate above 4, on a wall so steep that the first steps are long. Adam arrives from 21, at a rate of 2.2, which
# is more than a third of the way from one hollow to the next. Lion, which has to hit the bottom with steps of one
# length, seldom arrives on either.

assert [equal.rows[i][1] for i in (0, 1, 3)] == ["100%"] * 3
count = (study.data.arrived_at >= 0).sum(("seed", "start"))
most = count.max("lr").to_series()
print(most.to_dict())
right_side = (tang.sample(48) < hill).all(axis=1)
same = (study.data.arrived_at[0, 7, 0] >= 0).values == right_side
assert right_side.sum() == 8 and same.all() and 0.021 < rates[7] < 0.022
long = (study.data.arrived_at[0, 8, 0] >= 0).values
won = long & ~right_side
print("SGD at 0.046: won", won.sum(), " lost", (right_side & ~long).sum())
assert won.sum() == 7 and (right_side & ~long).sum() == 3
assert tang.sample(48)[won].max(axis=1).min() > 4 and 0.046 < rates[8] < 0.047
assert 19 <= most["Adam"] <= 23 and study.table().rows[3][3] == "2.2"
assert 2.15 > (shallow - deep) / 3 and most.max() < 24
assert float(equal.rows[4][1][:-1]) < 15 and most["Lion"] < 4

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_cliff.py`, where one step decides. Next:
# :ref:`sphx_glr_gallery_landscapes_plot_beale_and_goldstein_price.py`, where no learning rate suits all places.
