r"""
Lévy function N. 13, and the Eggholder
======================================

Two landscapes with more local minima than a descent can visit. On the first, steps as long as a furrow is wide find the
lowest point now and then. On the second the lowest point lies on the edge of the box, where the gradient does not
vanish, so no descent comes to rest there.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

import optguide as og
from optguide import study

levy, egg = og.surfaces.levy_13, og.surfaces.eggholder
rules = {
    "SGD, short": og.SGD.at(lr=0.001),
    "SGD, long": og.SGD.at(lr=0.03),
    "Momentum": og.Momentum.at(lr=0.001),
    "Adam": og.Adam.at(lr=2.0),
    "RMSprop": og.RMSprop.at(lr=0.5),
}
falling = partial(CosineAnnealingLR, T_max=300)
race = og.race(rules, levy, (8, 6), 300, schedule=falling)
race

# %%
# All learning rates fall to zero along a cosine. Short steps of SGD stop in a furrow near the start, and long ones are
# thrown about by the walls. How long RMSprop's steps are does not depend on how steep the walls are: the first is ten
# learning rates long in each coordinate, five units.

race.table()

# %%
# Which furrow long steps end in is decided by digits that no plot shows. Of 100 starts within a millionth of a millionth
# of (8, 6), RMSprop finds the minimum from :n:`100 * lucky["RMSprop"]:.0f`, SGD with long steps from
# :n:`100 * lucky["SGD, long"]:.0f`, and with short ones from none.

cloud = np.random.default_rng(0).uniform(-1e-12, 1e-12, (100, 2)) + (8, 6)
last = og.sweep(rules, levy, cloud, 300, schedule=falling).data.theta
lucky = (((last - 1) ** 2).sum("coordinate", skipna=False) < 0.1**2).mean(("seed", "start"))
lucky = lucky.to_series()

# %%

# proof: RMSprop's first step is five units long in each coordinate; next to one start RMSprop and
# long steps of SGD now find the minimum, now they do not; short steps and momentum never do
np.testing.assert_allclose(np.abs(race["RMSprop"].theta[1] - (8, 6)), 5, rtol=1e-3)
assert 0.3 < lucky["RMSprop"] < 0.8 and 0.15 < lucky["SGD, long"] < 0.75
assert lucky["SGD, short"] == lucky["Momentum"] == 0

# %%
# A corrugated bowl
# -----------------
# Lévy function N. 13, as stated by :cite:t:`surjanovic2013`. The minimum, 0, lies at (1, 1). The further from it, the
# deeper the furrows. On the right the middle of the map.

og.formula(levy)

# %%

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.3), layout="constrained")
og.plot_map(levy, levels=[5, 30, 100, 200], ax=left).set_title("Furrows")
og.plot_map(levy, box=((-1, 3), (-1, 3)), ax=right).set_title("and local minima in them")

# %%
# At the minimum the curvature is :math:`2 + 18 \pi^2` along x and 2 along y, a ratio of :n:`bends[0] / bends[1]:.0f`.
# On a grid with 801 points along each axis :n:`count:,` lie below all eight neighbours: so many local minima there are,
# more or less.

# proof: the curvatures at the minimum are 2 + 18π² and 2, and there are more than a thousand local
# minima
middle = torch.tensor([1.0, 1.0], dtype=torch.float64)
gradient = torch.func.grad(lambda p: levy(*p))
bends = torch.func.jacrev(gradient)(middle).diag().numpy()
np.testing.assert_allclose(gradient(middle), 0, atol=1e-12)
np.testing.assert_allclose(bends, [2 + 18 * np.pi**2, 2])
z = levy(*np.moveaxis(levy.grid(801), -1, 0))
lowest = np.lib.stride_tricks.sliding_window_view(z, (3, 3)).min(axis=(2, 3))
count = (lowest == z[1:-1, 1:-1]).sum()
assert 1000 < count < 1200

# %%
# From 400 starts, with the same settings, short steps of SGD never find the minimum. Steps of 0.03 are thrown about
# until they shrink: they find it from :n:`100 * share["SGD, long"]:.0f` % of the starts, but
# :n:`100 * gone["SGD, long"]:.0f` % of the descents diverge. RMSprop finds it from
# :n:`100 * share["RMSprop"]:.0f` %, and none of its descents diverges.

g = np.linspace(-9.9, 9.9, 20)
batch = og.sweep(rules, levy, np.stack(np.meshgrid(g, g), -1), 300, schedule=falling).data
close = ((batch.theta - 1) ** 2).sum("coordinate", skipna=False) < 0.1**2
share = close.mean(("seed", "start_y", "start_x")).to_series()
gone = (batch.diverged_at >= 0).mean(("seed", "start_y", "start_x")).to_series()
og.Table(
    "Lévy function N. 13, from 400 starts",
    ("rule", "end within 0.1 of the minimum", "diverge"),
    [(name, f"{share[name]:.0%}", f"{gone[name]:.0%}") for name in rules],
)

# %%

# proof: RMSprop finds the minimum more than half as often as SGD with long steps, and none of its
# descents diverges
assert share["SGD, short"] == 0 and 0.2 < share["SGD, long"] < 0.4
assert 0.5 < gone["SGD, long"] < 0.75 and gone["RMSprop"] == 0
assert share[["Momentum", "Adam"]].max() < 0.15 < share["RMSprop"] < 0.35
assert share["RMSprop"] > 0.5 * share["SGD, long"]

# %%
# The Eggholder
# -------------
# As stated by :cite:t:`jamil2013`, with its usual box, 1024 wide.

og.formula(egg)

# %%

og.plot_map(egg, levels=[-600, -300, 0, 300, 600]).set_title("The lowest point is on the edge")

# %%
# Lists of test functions give -959.6407 at (512, 404.2319) as its minimum; more exactly, y is 404.2318. There the
# derivative along y is zero. Along x it is :n:`along_x:.1f`: the function falls outwards, and only the edge of the box
# makes a minimum of this point. A descent that begins there leaves the box for a lower minimum outside.

# proof: at the lowest point of the box the function falls outwards, and SGD leaves it for a minimum
# below -976
best = torch.tensor(egg.known_minima()[0], dtype=torch.float64)
downhill = torch.func.grad(lambda p: egg(*p))
along_x, along_y = downhill(best).tolist()
np.testing.assert_allclose(egg(512, 404.2319), -959.6407, atol=1e-4)
assert along_x < -3 and abs(along_y) < 1e-9 and torch.func.jacrev(downhill)(best)[1, 1] > 0
assert egg(*np.moveaxis(egg.grid(1025), -1, 0)).min() > egg(*best.tolist())
away = og.descend(og.SGD.at(lr=0.1), egg, best, steps=400)
np.testing.assert_allclose(away.theta[-1], (522.15, 413.3), atol=0.1)
assert away.loss[-1] < -976

# %%
# A learning rate has a length
# ----------------------------
# Adam moves by about one learning rate per step. In a box of 1024 a learning rate of 0.1 is next to nothing: after a
# hundred steps it is still on its way to the nearest local minimum. With 10 it is there, with 51.2 in another one,
# further off.

lengths = {"short": og.Adam.at(lr=0.1), "middle": og.Adam.at(lr=10), "long": og.Adam.at(lr=51.2)}
walk = og.race(lengths, egg, (200, 100), steps=100)
walk

# %%

# proof: with a learning rate of 0.1 Adam moves by less than 12 units in a hundred steps, with 51.2
# by more than 90
moved = [np.linalg.norm(run.theta[-1] - (200, 100)) for run in walk.values()]
assert moved[0] < 12 and 30 < moved[1] < 38 and moved[2] > 90

# %%
# Shrink the box to a width of 2, and Adam with 0.1 takes the path that it takes with 51.2 in the wide one.

# proof: in a box 512 times as small Adam takes the same path with a learning rate 512 times as
# small
small = egg.framed("small eggholder", scale=(512, 512))
one = og.descend(og.Adam.at(lr=0.1), small, np.array((200, 100)) / 512, steps=100)
np.testing.assert_allclose(512 * one.theta, walk["long"].theta, atol=0.01)

# %%
# No descent rests there
# ----------------------
# From 900 starts all over the box, four rules with learning rates that suit its width: none of the descents ends in the
# box below -959. Now build a wall: beyond the box the height is that of the nearest point of the box. A descent that
# reaches the wall can slide along it, and about one in a hundred finds the minimum, with any of the rules.


@og.surface(box=egg.box, minima=egg.minima)
def walled(x, y):
    """The Eggholder, at the nearest point of its box."""
    return egg(x.clamp(-512, 512), y.clamp(-512, 512))


g = np.linspace(-504.3, 507.6, 30)
many = np.stack(np.meshgrid(g, g), -1).reshape(-1, 2)
four = [og.SGD.at(lr=0.3), og.Momentum.at(lr=0.1), og.Adam.at(lr=10.0), og.Rprop.at(lr=1.0)]
free, held = (
    og.sweep(four, surface, many, steps=300).data.squeeze("seed") for surface in (egg, walled)
)
inside = (abs(free.theta) <= 512).all("coordinate")
stay = inside.mean("start").to_series()
lowest = free.loss.where(inside).min("start").to_series()
hits = (held.loss < -959).sum("start").to_series()
og.Table(
    "The Eggholder, from 900 starts",
    ("rule", "end in the box", "lowest end in the box", "below -959 with a wall"),
    [(name, f"{stay[name]:.0%}", f"{lowest[name]:.1f}", str(hits[name])) for name in stay.index],
)

# %%

# proof: without a wall no descent ends in the box below -959, with a wall about one in a hundred
# does
assert lowest.min() > -959 and stay.mean() < 0.92
assert hits.min() >= 5 and hits.max() <= 25

# %%
# Here the number of starts matters more than the rule. With a chance of one in a hundred, 300 starts find the minimum
# with a probability of :math:`1 - 0.99^{300}`, or :n:`100 * (1 - 0.99**300):.0f` %.
#
# How hard are they?
# ------------------
# Five rules, each at the best of 19 learning rates, from 48 random starts: on Lévy's function no rule comes within
# 0.001 of the lowest height from as many as a fifth of them.

hard = study.difficulty(levy)
hard

# %%
# The table of the Eggholder does not say what it seems to say: with a learning rate of 100 SGD and momentum succeed
# from every start, and RMSprop from nearly every one.

outside = study.difficulty(egg)
outside

# %%
# They are far outside the box, where the function falls without end. The descents of SGD and momentum were at some step
# thousands of units lower than the published minimum, and nearly all of RMSprop's were lower. Falling out of the box is not a success. As
# long as they were in the box, none of the descents was below -959, with any of the rules and learning rates.

# proof: within the box no descent of any rule at any learning rate is ever below -959
deepest = []
for name in outside.success:
    lrs = outside.sweep.data.lr.values[:, None]
    run = og.descend(getattr(og, name), egg, egg.sample(48), 200, lr=lrs)
    within = (np.abs(run.theta) <= 512).all(axis=-1)
    deepest.append(np.where(within, run.loss, 0).min())
assert min(deepest) > -959

# %%

# proof: at a learning rate of 100 the descents of two rules, and most of a third, go below the
# published minimum, all of them outside the box
assert max(hard.success.values()) < 0.2
out = outside.success
assert out["SGD"] == out["Momentum"] == 1 and out["RMSprop"] > 0.8
least = outside.sweep.data.best_loss[:3, -1]
assert least[:2].max() < -3000 and least[2].median() < egg(*best.tolist())
