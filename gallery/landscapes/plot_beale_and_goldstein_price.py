r"""
Beale, and Goldstein and Price
==============================

Heights from nearly nothing to a million on one picture. A learning rate that suits the floor throws a descent from the
walls out of the world, and one that suits the walls never gets anywhere on the floor. A rule that looks only at the
sign of the slope does not notice.
"""

# sphinx_gallery_thumbnail_number = 3
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import ListedColormap

import optguide as og

beale = og.surfaces.beale
og.formula(beale)

# %%
# Two landscapes
# --------------
# Beale's function, :cite:t:`beale1958` as restated by :cite:t:`more1981`, is zero at (3, 0.5). The colours and contour
# lines of both maps follow the logarithm of the height.

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.3), layout="constrained")
og.plot_map(beale, ax=left, levels=[0.5, 5, 50, 500, 5e3, 5e4], labels=True)
price = og.surfaces.goldstein_price
levels = [10, 60, 200, 1e3, 1e4, 1e5]
og.plot_map(price, ax=right, levels=levels, labels=True)
left.set_title("Beale: a flat cross between steep corners")
right.set_title("Goldstein and Price: valleys, hollows")
# %%
# :cite:t:`goldstein1971` built theirs as a product of two factors. It has its minimum, 3, at (0, -1), and three more
# hollows at heights 30, 84 and 840, all at round numbers.

og.formula(price)

# %%

hollows = np.array([(0, -1), (-0.6, -0.4), (1.8, 0.2), (1.2, 0.8)])
np.testing.assert_allclose(price(*hollows.T), (3, 30, 84, 840))
np.testing.assert_allclose(beale(3, 0.5), 0, atol=1e-12)

# %%
# In each of the four the slope vanishes and both curvatures are positive: hollows indeed.

slope = torch.func.vmap(torch.func.grad(lambda p: price(*p)))
bend = torch.func.vmap(torch.func.jacrev(torch.func.grad(lambda p: price(*p))))
at = torch.tensor(hollows)
np.testing.assert_allclose(slope(at), 0, atol=1e-8)
curvatures = torch.linalg.eigvalsh(bend(at)).numpy()
print(curvatures.round())
assert curvatures.min() > 200

# %%
# No learning rate
# ----------------
# Plain descent bears a learning rate below two divided by the largest curvature. Beale's hollow allows 0.04, the steepest
# corner of the picture not even 0.00001.

places = torch.tensor([[3, 0.5], [-4.5, -4.5]], dtype=torch.float64)
bend_beale = torch.func.jacrev(torch.func.grad(lambda p: beale(*p)))
largest = torch.linalg.eigvalsh(torch.func.vmap(bend_beale)(places))[:, 1]
print(f"bounds: hollow {2 / largest[0]:.3f}, corner {2 / largest[1]:.1e}")
assert 0.04 < 2 / largest[0] < 0.041 and 2 / largest[1] < 1e-5

# %%
# So try 15 rates from each of 25 times 25 starts, 200 steps each, and count who is lost and who is within 0.1 of a
# hollow in the end. Before those who start on the floor have arrived, those who start on the walls are gone.

starts = np.stack(np.meshgrid(*[np.linspace(-1, 1, 25)] * 2), axis=-1)
rates = np.logspace(-8, -1, 15)
b = og.descend(og.SGD, beale, start=4.5 * starts, lr=rates[:, None, None])
p = og.descend(og.SGD, price, start=2 * starts, lr=rates[:, None, None])
there_b = np.hypot(*(b.theta[-1] - (3, 0.5)).T).T < 0.1
there_p = np.hypot(*(p.theta[-1][..., None, :] - hollows).T).T.min(-1) < 0.1
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
axes[0].semilogx(rates, (b.diverged_at >= 0).mean((1, 2)), "--", label="lost")
axes[0].semilogx(rates, there_b.mean((1, 2)), "-o", label="arrived")
axes[1].semilogx(rates, (p.diverged_at >= 0).mean((1, 2)), "--")
axes[1].semilogx(rates, there_p.mean((1, 2)), "-o")
axes[0].set(title="Beale", xlabel="learning rate", ylabel="share of starts")
axes[1].set(title="Goldstein and Price", xlabel="learning rate")
axes[0].legend()

# %%

assert 0.1 < there_b.mean((1, 2)).max() < 0.25
assert 0.4 < there_p.mean((1, 2)).max() < 0.5
assert there_b[(b.diverged_at < 0).all(axis=(1, 2))].mean() < 0.01

# %%
# On neither landscape does half of the starts arrive, whatever the rate. At the rates that lose nobody on Beale, next to
# nobody arrives.
#
# Ask for the sign only
# ---------------------
# Rprop adapts one step size per coordinate and reads nothing but the sign of the slope. From the high corner
# (-1.5, 1.5) it is the only one of four to arrive. SGD is thrown out by its first step, or creeps. Adam divides
# by the size of past slopes, and after 200 steps it still remembers the first ones, which were steep.

race = og.race(
    {
        "SGD, 1e-4": partial(og.SGD, lr=1e-4),
        "SGD, 1e-6": partial(og.SGD, lr=1e-6),
        "Adam": partial(og.Adam, lr=0.1),
        "Rprop": partial(og.Rprop, lr=0.1),
    },
    price,
    start=(-1.5, 1.5),
)
race

# %%

np.testing.assert_allclose(race["Rprop"].theta[-1], hollows[0], atol=1e-3)
assert race["SGD, 1e-4"].diverged_at == 1
assert min(race["SGD, 1e-6"].loss[-1], race["Adam"].loss[-1]) > 300
adam = race["Adam"]
assert (adam.states["v"][-1] ** 0.5 > 10 * abs(adam.grad[-1])).all()

# %%
# Any function that grows with the height has slopes of the same signs. To Rprop the landscape and its logarithm are one
# and the same.

tame = og.descend(og.Rprop, lambda x, y: torch.log(price(x, y)), (-1.5, 1.5), lr=0.1)
np.testing.assert_allclose(tame.theta, race["Rprop"].theta, atol=1e-6)

# %%
# Counted
# -------
# From the same 625 starts. Rprop loses nobody, and on Goldstein and Price nearly everybody ends in a hollow.

b = og.descend(og.Rprop, beale, start=4.5 * starts, lr=0.1)
p = og.descend(og.Rprop, price, start=2 * starts, lr=0.1)
there = np.hypot(*(b.theta[-1] - (3, 0.5)).T) < 0.1
distance = np.hypot(*(p.theta[-1][..., None, :] - hollows).T).T
arrived = distance.min(axis=-1) < 0.1
owner = np.where(arrived, distance.argmin(axis=-1), 4)
print(f"arrived: Beale {there.mean():.0%}, the other {arrived.mean():.0%}")
assert max(b.diverged_at.max(), p.diverged_at.max()) == -1
assert 0.54 < there.mean() < 0.61 and arrived.mean() > 0.93

five = ListedColormap(["#3f9f7f", "#4f86c6", "#e0a030", "#c05a8a", "#999999"])
fig, ax = plt.subplots(figsize=(5.4, 4.2), layout="constrained")
picture = ax.imshow(owner, five, vmin=-0.5, vmax=4.5, origin="lower", extent=(-2, 2) * 2)
bar = fig.colorbar(picture, ticks=range(5), label="ends at height")
bar.ax.set_yticklabels(["3", "30", "84", "840", "elsewhere"])
ax.plot(*hollows.T, "*", ms=12, color="white", mec="black")
ax.set(title="Where Rprop ends", xlabel="x of the start", ylabel="y")

# %%
# Of those who end elsewhere, most stand on a pass, at (0.6, 0.4) or (1.2, -0.2): the slope is zero there, too, and one
# curvature is negative. They are the grey line in the picture, a border between two hollows: with equal steps
# in both coordinates, they walked along it to the top of the pass.

passes = torch.tensor([(0.6, 0.4), (1.2, -0.2)], dtype=torch.float64)
np.testing.assert_allclose(slope(passes), 0, atol=1e-8)
assert (torch.linalg.det(bend(passes)) < 0).all()
off = np.hypot(*(p.theta[-1][..., None, :] - passes.numpy()).T).min(axis=0)
print("elsewhere:", (~arrived).sum(), " on a pass:", (off < 0.01).sum())
assert 0.5 * (~arrived).sum() < (off < 0.01).sum()

# %%
# On Beale two in five run away to the left instead, and rightly so. With :math:`y = 1 - c/x` and x far to the left,
# the three brackets tend to 1.5 - c, 2.25 - 2c and 2.625 - 3c. The best c leaves a height of 0.452: a valley that falls
# for ever, and a descent in it has no way back.

bracket, weight = np.array([1.5, 2.25, 2.625]), np.array([1, 2, 3])
c = weight @ bracket / (weight @ weight)
floor = ((bracket - weight * c) ** 2).sum()
valley = beale(-(10.0 ** np.arange(1, 7)), 1 + c / 10.0 ** np.arange(1, 7))
print(f"c = {c:.3f}, floor {floor:.3f}, on the way", valley[:4].round(3))
assert (np.diff(valley) < 0).all() and abs(valley[-1] - floor) < 1e-4
west = (b.theta[-1, ..., 0] < 0) & (b.theta[-1, ..., 1] > 1)
assert 0.36 < west.mean() < 0.44 and b.loss[-1][west].min() > floor

# %%
# How hard is it?
# ---------------
# Hard. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random starts: on neither landscape does
# any of them arrive from more than a third.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
on_beale = og.sweep(rules, beale, beale.sample(48), lr=rates)
on_beale.table()

# %%

study = og.sweep(rules, price, price.sample(48), lr=rates)
study.table()

# %%
# On the second SGD does best at the smallest rate on the list, and that one loses 71 % of the starts. Below it, as we
# have seen, it creeps.
#
# The bar, 0.001 above the lowest height, is that of all our landscapes, and strict where heights reach a million.
# Lion, with steps of one length, is often close and seldom that close: with the bar at 1 it arrives from 48 % of the
# starts instead of 6 %. SGD gains nothing.

shares = [(s.data.arrived_at >= 0).mean(("seed", "start")) for s in (on_beale, study)]
assert max(share.max() for share in shares) < 0.34
lost = (study.data.diverged_at[0, 0] >= 0).mean().item()
print(f"lost by SGD at a rate of 0.0001: {lost:.0%}")
assert 0.69 < lost < 0.73 and study.table().rows[0][3] == "0.0001"
g = np.linspace(-2, 2, 41)
assert 9e5 < price(g, g[:, None]).max() < 1.1e6
loose = og.sweep(rules, price, price.sample(48), lr=rates, tol=1.0).table()
print(loose)
before, after = ([t.rows[i][1] for i in (0, 4)] for t in (study.table(), loose))
assert before[0] == after[0] and 5 < float(before[1][:-1]) < 8
assert 45 < float(after[1][:-1]) < 51

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_four_hollows.py`, all of it on one scale. Next:
# :ref:`sphx_glr_gallery_landscapes_plot_three_hump_camel.py`, where three rules divide one plane.
