r"""
Ackley and Griewank
===================

A bowl under ripples, twice. How does a descent find the bottom of the bowl? Long steps that shorten later do it, noise
helps, and momentum does not. Ripples too small to be seen on a picture can still hold everybody.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

import optguide as og

ackley = og.surfaces.ackley
og.formula(ackley)

# %%
# Ackley's funnel
# ---------------
# From :cite:t:`ackley1987`: a funnel, narrow at the tip, with a hollow near every point of integer coordinates. The
# minimum, 0 at the origin, is the tip of a cone. The slope on all sides of it is :math:`\sqrt 8`; at the tip itself
# there is none.

ax = og.plot_surface(ackley, elev=35)
ax.set_title("A funnel under ripples")
slope = torch.func.vmap(torch.func.grad(lambda p: ackley(*p)))
angle = torch.linspace(0, 6, 7, dtype=torch.float64)
ring = 1e-6 * torch.stack([angle.cos(), angle.sin()], dim=1)
np.testing.assert_allclose(slope(ring).norm(dim=1), np.sqrt(8), rtol=1e-4)
np.testing.assert_allclose(ackley(0, 0), 0, atol=1e-12)
assert slope(torch.zeros(1, 2)).isnan().all()

# %%
# With short steps a descent ends in the hollow in which it began, or next door. From 196 starts nobody moves by more than
# a hollow's width in either direction, and only those who began around the origin find it.

g = np.linspace(-4.9, 4.9, 14)
grid = np.stack(np.meshgrid(g, g), axis=-1).reshape(-1, 2)
timid = og.descend(og.SGD, ackley, start=grid, lr=0.01, steps=300)
moved = np.abs(timid.theta[-1] - grid).max()
found = np.hypot(*timid.theta[-1].T) < 0.5
print(f"furthest move {moved:.2f}; {found.sum()} find the origin")
assert moved < 1 and found.sum() < 6 and np.abs(grid[found]).max() < 0.5

# %%
# What smooths the ripples?
# -------------------------
# Five ways to go about it, each at twelve learning rates: plain descent, plain descent with a rate that falls to zero
# along a cosine, plain descent with :term:`noise` of standard deviation 3 on every slope, momentum, and Adam. The picture
# shows from how many of the 196 starts each finds the tip. The falling rate is far above the rest, noise comes second.

rates = np.geomspace(0.01, 2, 12)
falling = partial(CosineAnnealingLR, T_max=300)
ways = {
    "SGD": partial(og.descend, og.SGD),
    "SGD, falling rate": partial(og.descend, og.SGD, schedule=falling),
    "SGD with noise": partial(og.descend, og.SGD, noise=3.0),
    "Momentum": partial(og.descend, og.Momentum),
    "Adam": partial(og.descend, og.Adam),
}
found = {}
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, way), mark in zip(ways.items(), "ovsd^", strict=True):
    end = way(ackley, start=grid, lr=rates[:, None], steps=300).theta[-1]
    found[name] = (np.hypot(*end.T).T < 0.5).mean(axis=-1)
    ax.semilogx(rates, found[name], marker=mark, label=name)
ax.set(
    title="Who finds the tip of the funnel",
    xlabel="learning rate",
    ylabel="share of 196 starts within 0.5",
)
ax.legend()

# %%

best = {name: share.max() for name, share in found.items()}
print("share at the best rate")
print(*(f"{name}: {share:.0%}" for name, share in best.items()), sep="\n")
assert best["SGD, falling rate"] > 0.9 and 0.6 < best["SGD with noise"] < 0.95
assert best["Momentum"] < 0.35 and 0.25 < best["SGD"] < best["Adam"] < 0.6

# %%
# A step of plain descent is the slope times the rate. The slope is up to 9, so at a rate of 0.17 a step may
# cross a hollow. Our reading of the picture: such steps shake a descent out of the hollows, and on average they lead
# down the funnel. If the rate stays, the shaking goes on at the tip, too. If it falls, nearly everybody arrives.
#
# Noise does the shaking where the rate is too small for it. Momentum does average slopes, but only those that it meets,
# and these soon come from one hollow.

spots = torch.tensor(np.stack(np.meshgrid(*[np.arange(-5, 5, 0.03)] * 2), -1))
steepest = slope(spots.reshape(-1, 2)).norm(dim=1).max()
print(f"steepest slope {steepest:.1f}, a step of {0.17 * steepest:.1f}")
assert 8.5 < steepest < 9.5

# %%

soon = partial(CosineAnnealingLR, T_max=100)
race = og.race(
    {
        "SGD, falling": partial(og.SGD, lr=0.25, schedule=soon),
        "Momentum": partial(og.Momentum, lr=0.02),
        "Adam": partial(og.Adam, lr=0.1),
    },
    ackley,
    steps=100,
)
race

# %%

ends = np.stack([run.theta[-1] for run in race.values()])
print("ends:", ends.round(2).tolist())
assert np.hypot(*ends[0]) < 2
np.testing.assert_allclose(ends[1:], [(-3.98, 3.98)] * 2, atol=0.1)

# %%
# Momentum and Adam end in the hollow next to the start. Plain descent with a falling rate gets out of it.
#
# Griewank's waves
# ----------------
# :cite:t:`griewank1981` laid waves of equal height over a wide bowl. His own divisor in two dimensions is 200; here it is
# 4000, as in later tests. The three maps have the same middle, each ten times closer than the one before. From afar the
# waves cannot be seen, from near there is nothing else.

griewank = og.surfaces.griewank
og.formula(griewank)

# %%

fig, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
og.plot_map(griewank, box=((-600, 600),) * 2, levels=8, ax=axes[0])
og.plot_map(griewank, box=((-60, 60),) * 2, levels=8, ax=axes[1])
og.plot_map(griewank, box=((-6, 6),) * 2, levels=8, ax=axes[2])
axes[0].set_title("all bowl")
axes[1].set_title("bowl and waves")
axes[2].set_title("all waves")

# %%
# It is tempting to read off the first picture that the waves do not matter at that scale. For the heights that is so: the
# bowl rises by 90 along x, the waves by 2. For the slopes it is not. At x = 600 the bowl's is 0.3, the waves' up to 1.
# From 196 starts all over the wide box, no descent at a rate of 0.1 moves by as much as a wave's length.

wide = 600 / 4.9 * grid
still = og.descend(og.SGD, griewank, start=wide, lr=0.1, steps=300)
moved = np.abs(still.theta[-1] - wide).max()
print(f"furthest move: {moved:.1f}, of 600")
assert 2 * 600 / 4000 == 0.3 and moved < 2 * np.pi

# %%
# Waves stop holding anybody when the curvature of the bowl outweighs theirs. With a divisor d it is 2/d. At d = 2 it is
# at least theirs everywhere, and there is one hollow only. For plain descent with a rate of 0.5, d = 8 is still as good:
# all 196 starts find the origin. At 20 hardly any do.

near = 2 * grid
for d in (2, 8, 20, 200, 4000):
    run = og.descend(og.SGD, griewank.replace(d=d), start=near, lr=0.5)
    share = (np.hypot(*run.theta[-1].T) < 0.1).mean()
    print(f"d = {d}: {share:.0%} find the origin")
    assert share == 1 if d < 20 else share < 0.1

# %%
# With the wide bowl, long steps that shorten do again what short ones cannot: they come down to the height of the
# waves. The origin itself is one hollow among a great many, and nobody finds it.

down = og.descend(og.SGD, griewank, start=wide, lr=30, steps=300, schedule=falling)
before, after = np.median(down.loss[0]), np.median(down.loss[-1])
print(f"median height: {before:.0f} at first, {after:.1f} in the end")
assert before > 60 and after < 3 and np.hypot(*down.theta[-1].T).min() > 1

# %%
# How hard is it?
# ---------------
# Ackley's tip is next to impossible to hit at a rate that stays. Five rules, each at the best of 19 rates from 0.0001
# to 100, from 48 random starts: no rule arrives from more than one of them.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, ackley, ackley.sample(48), lr=rates)
study.table()

# %%
# Above, whoever ended within 0.5 had found the tip. Within 0.001 of its height one is within 0.00036 of it, and on a
# cone the slope does not shorten the steps. A rate that falls does. Along a cosine to zero, SGD and RMSprop arrive
# from more than three starts in four, always in the last ten steps. Momentum gains the least.

over = partial(CosineAnnealingLR, T_max=200)
fall = {rule.__name__: partial(rule, schedule=over) for rule in rules}
shorter = og.sweep(fall, ackley, ackley.sample(48), lr=rates)
shorter.table()

# %%

assert (study.data.arrived_at >= 0).sum(("seed", "start")).max() <= 1
around = 0.00036 * np.array([angle.cos().numpy(), angle.sin().numpy()])
assert ackley(*around).min() > 1e-3
share = (shorter.data.arrived_at >= 0).mean(("seed", "start"))
best = share.max("lr").to_series()
assert best[["SGD", "RMSprop"]].min() > 0.75
assert best.idxmin() == "Momentum"
steps = shorter.data.arrived_at.sel(lr=share.idxmax("lr"))
steps = steps.sel(optimizer=["SGD", "RMSprop"])
assert steps.where(steps >= 0).min() >= 190

# %%
# Griewank's waves hold everyone. Each rule arrives from one start of the 48, and it is the same one: 1.5 from the
# origin, and the closest.

starts = griewank.sample(48)
waves = og.sweep(rules, griewank, starts, lr=rates)
waves.table()

# %%

best = (waves.data.arrived_at >= 0).mean(("seed", "start")).idxmax("lr")
there = (waves.data.arrived_at.sel(lr=best) >= 0).squeeze("seed").values
distance = np.hypot(*starts.T)
assert (there == (distance == distance.min())).all()
assert 1.45 < distance.min() < 1.55

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_three_hump_camel.py`, where three hollows were enough. Next:
# :ref:`sphx_glr_gallery_landscapes_plot_levy_and_eggholder.py`, where long steps help less and less.
