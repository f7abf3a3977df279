r"""
Lévy's function number 13, and the Eggholder
============================================

Two landscapes with more hollows than a descent can visit. On the first the right learning rate helps a little. On the
second the minimum is not even a place where a descent could rest.
"""

# sphinx_gallery_thumbnail_number = 3
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

import optguide as og

levy = og.surfaces.levy_13
og.formula(levy)

# %%
# A corrugated bowl
# -----------------
# As stated by :cite:t:`surjanovic2013`. The minimum, 0, lies at (1, 1). The further from it, the deeper the furrows. On the
# right the middle of the map.

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.3), layout="constrained")
og.plot_map(levy, levels=[5, 30, 100, 200], ax=left)
og.plot_map(levy, box=((-1, 3), (-1, 3)), ax=right)
left.set_title("Furrows")
right.set_title("and hollows in them")

# %%
# The slope vanishes at (1, 1). There the landscape bends up ninety times as much along x as along y. A fine grid
# shows how many hollows there are: over a thousand of its points lie below all their eight neighbours.

slope = torch.func.grad(lambda p: levy(*p))
middle = torch.tensor([1.0, 1.0], dtype=torch.float64)
bend = torch.func.jacrev(slope)(middle)
np.testing.assert_allclose(slope(middle), 0, atol=1e-12)
np.testing.assert_allclose(bend.diag(), [2 + 18 * np.pi**2, 2])
g = np.linspace(-10, 10, 801)
z = levy(*np.meshgrid(g, g))
lowest = np.lib.stride_tricks.sliding_window_view(z, (3, 3)).min(axis=(2, 3))
print("hollows:", (lowest == z[1:-1, 1:-1]).sum())
assert 1000 < (lowest == z[1:-1, 1:-1]).sum() < 1200

# %%
# Who finds it?
# -------------
# From 400 starts, 300 steps, all rates falling to zero along a cosine. A descent has found the minimum if it ends within 0.1.

falling = partial(CosineAnnealingLR, T_max=300)
rules = {
    "SGD, lr 0.001": partial(og.SGD, lr=0.001),
    "SGD, lr 0.03": partial(og.SGD, lr=0.03),
    "Momentum, lr 0.001": partial(og.Momentum, lr=0.001),
    "Adam, lr 2": partial(og.Adam, lr=2.0),
    "RMSprop, lr 0.5": partial(og.RMSprop, lr=0.5),
}
g = np.linspace(-9.9, 9.9, 20)
grid = np.stack(np.meshgrid(g, g), axis=-1).reshape(-1, 2)
runs = [og.descend(rule, levy, start=grid, steps=300, schedule=falling) for rule in rules.values()]
found = [(np.hypot(*(run.theta[-1] - 1).T) < 0.1).mean() for run in runs]
lost = [(run.diverged_at >= 0).mean() for run in runs]
shares = [[f"{share:.0%}" for share in shares] for shares in (found, lost)]
og.Table(
    "Lévy 13, from 400 starts",
    ("rule", "found it", "lost"),
    list(zip(rules, *shares, strict=True)),
)

# %%
# Short steps of plain descent find it from nowhere. Steps of 0.03 are thrown about until they shrink: those who survive
# find it often, but two in three do not survive the walls. RMSprop's steps are about one learning rate long whatever
# the slope, here as long as a furrow is wide. It finds the minimum nearly as often and loses nobody.

assert found[0] == 0 and 0.2 < found[1] < 0.4 and 0.55 < lost[1] < 0.75
assert max(found[2:4]) < 0.16 < found[4] < 0.3 and lost[4] == 0

# %%
# The Eggholder
# -------------
# As stated by :cite:t:`jamil2013`, with its usual box, 1024 wide.

egg = og.surfaces.eggholder
og.formula(egg)

# %%

og.plot_map(egg, levels=[-600, -300, 0, 300, 600]).set_title(
    "The lowest point lies on the right-hand edge"
)

# %%
# The published minimum is -959.6407 at (512, 404.2319); more exactly, y is 404.2318. The slope along y is zero there. Along
# x it is not: it falls outwards, and only the edge of the box makes a minimum of it. No point of a grid over the box
# lies lower.

best = torch.tensor(egg.known_minima()[0], dtype=torch.float64)
slope = torch.func.grad(lambda p: egg(*p))
along_x, along_y = slope(best).tolist()
print(f"height {egg(*best.tolist()):.4f}, slope ({along_x:.3f}, {along_y:.0e})")
np.testing.assert_allclose(egg(512, 404.2319), -959.6407, atol=1e-4)
assert along_x < -3 and abs(along_y) < 1e-9
assert torch.func.jacrev(slope)(best)[1, 1] > 0
g = np.linspace(-512, 512, 1025)
assert egg(*np.meshgrid(g, g)).min() > egg(*best.tolist())

# %%
# So a descent from the minimum leaves it, and the box, for a lower hollow outside.

away = og.descend(og.SGD, egg, start=best, lr=0.1, steps=400)
print("from the minimum to", away.theta[-1].round(2), away.loss[-1].round(2))
np.testing.assert_allclose(away.theta[-1], (522.15, 413.3), atol=0.1)
assert away.loss[-1] < -976

# %%
# A learning rate has a length
# ----------------------------
# Adam moves by about one learning rate per step. In a box of 1024 a rate of 0.1 is next to nothing: a hundred steps
# make ten units. Shrink the box to a width of 2, and Adam at 0.1 walks the path that it walks at 51.2 in the wide one.

start = (200.0, 100.0)
small = egg.framed("small eggholder", scale=(512, 512))
one = og.descend(og.Adam, small, np.array(start) / 512, lr=0.1, steps=100)
two = og.descend(og.Adam, egg, start, lr=51.2, steps=100)
np.testing.assert_allclose(512 * one.theta, two.theta, atol=0.01)

# %%

race = og.race(
    {f"lr {lr:g}": partial(og.Adam, lr=lr) for lr in (0.1, 10.0, 51.2)},
    egg,
    start,
    steps=100,
)
race

# %%

walked = [np.hypot(*(run.theta[-1] - start)) for run in race.values()]
print("distance from the start:", np.round(walked, 1))
assert walked[0] < 12 and 30 < walked[1] < 38 and walked[2] > 90

# %%
# At 0.1 it is still on its way to the nearest hollow. At 10 it has arrived there, at 51.2 in another one
# further off.
#
# Nobody finds it
# ---------------
# 900 starts all over the box, four rules with a rate that suits the width. Nobody ends in the box below -959. How could
# they: the minimum is no resting place.

g = np.linspace(-504.3, 507.6, 30)
grid = np.stack(np.meshgrid(g, g), axis=-1).reshape(-1, 2)
rules = {
    "SGD, lr 0.3": partial(og.SGD, lr=0.3),
    "Momentum, lr 0.1": partial(og.Momentum, lr=0.1),
    "Adam, lr 10": partial(og.Adam, lr=10.0),
    "Rprop, lr 1": partial(og.Rprop, lr=1.0),
}
free = [og.descend(rule, egg, grid, steps=300) for rule in rules.values()]
inside = (np.abs([run.theta[-1] for run in free]) <= 512).all(axis=-1)
lowest = np.where(inside, [run.loss[-1] for run in free], 0).min(axis=-1)
print("share still inside:", inside.mean(axis=-1).round(2))
print("lowest height inside:", lowest.round(1))
assert lowest.min() > -959 and inside.mean() < 0.92

# %%
# Now build a wall: beyond the box the height is that of the nearest point of the box. A descent that reaches the wall can
# slide along it. Of the 900 about one in a hundred finds the minimum, whatever the rule.


def walled(x, y):
    return egg(x.clamp(-512, 512), y.clamp(-512, 512))


slid = [og.descend(rule, walled, grid, steps=300) for rule in rules.values()]
hits = np.array([(run.loss[-1] < -959).sum() for run in slid])
print("of 900 starts find it:", hits)
assert hits.min() >= 5 and hits.max() <= 25

# %%
# The rule hardly matters here, the number of starts does. With a chance of one in a hundred, 300 starts find the
# minimum with a probability of 95 percent. A descent, however clever, reports the hollow it fell into.

assert 0.95 < 1 - 0.99**300 < 0.955

# %%
# How hard is it?
# ---------------
# Hard, on both. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random starts: on Lévy's
# function no rule comes within 0.001 of the lowest height from as many as a fifth of them.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, levy, levy.sample(48), lr=rates)
study.table()

# %%
# The Eggholder's table is not to be believed. At a rate of 100 SGD, momentum and RMSprop seem to arrive every time.

starts = egg.sample(48)
outside = og.sweep(rules, egg, starts, lr=rates)
outside.table()

# %%
# They are far off the map, where the function falls without end. Each of them was at some step lower than the
# published minimum, SGD and momentum by thousands of units. To leave through the floor is not to arrive. As long as
# they were inside the box, none of these descents was below -959, with any rule at any of the rates.

assert (study.data.arrived_at >= 0).mean(("seed", "start")).max() < 0.2
assert [row[1] for row in outside.table().rows[:3]] == ["100%"] * 3
deepest = outside.data.best_loss[:3, -1].max(("seed", "start"))
assert deepest[2] < egg(*best.tolist()) and deepest[:2].max() < -3000
lowest = {}
for rule in rules:
    run = og.descend(rule, egg, starts, 200, lr=rates[:, None])
    inside = (np.abs(run.theta) <= 512).all(axis=-1)
    lowest[run.name] = np.where(inside, run.loss, 0).min().round(1)
print("lowest inside the box:", lowest)
assert min(lowest.values()) > -959

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_ackley_and_griewank.py`, where a falling rate found the way down.
# Next: :ref:`sphx_glr_gallery_comparisons_plot_regression_surface.py`, a landscape that comes from data.
