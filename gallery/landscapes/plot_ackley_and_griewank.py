r"""
Ackley and Griewank
===================

A bowl under ripples, twice. Steps that are long at first and shorten later find the lowest point of the bowl, noise
helps, and momentum does not. Ripples too small to be seen on a map can still hold every descent.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

import optguide as og
from optguide import study

ackley, griewank = og.surfaces.ackley, og.surfaces.griewank
rules = {
    "SGD": og.SGD.at(lr=0.2),
    "SGD, falling": partial(og.SGD.at(lr=0.2), schedule=partial(CosineAnnealingLR, T_max=200)),
    "Momentum": og.Momentum.at(lr=0.02),
    "Adam": og.Adam.at(lr=0.1),
}
race = og.race(rules, ackley, steps=200)
race

# %%
# Momentum and Adam end in the local minimum next to the start. SGD with a learning rate of 0.2 gets to the middle and
# does not come to rest there. If its learning rate falls to zero along a cosine, it ends at the minimum.

# proof: from (-3.6, 4.2) SGD with a falling learning rate ends at the minimum, momentum and Adam
# beside the start
np.testing.assert_allclose(race["SGD, falling"].theta[-1], (0, 0), atol=1e-3)
for name in ("Momentum", "Adam"):
    np.testing.assert_allclose(race[name].theta[-1], (-3.98, 3.98), atol=0.1)
assert race["SGD"].loss.min() < 4 and race["SGD"].loss[-50:].min() > 0.1

# %%
# Ackley's funnel
# ---------------
# From :cite:t:`ackley1987`: a funnel with a local minimum near every point of integer coordinates. The lowest, at the
# origin, is the tip of a cone. At a small distance r the funnel's part is
# :math:`20 - 20 e^{-0.2 r / \sqrt 2} \approx \sqrt 8\, r`, so all around the tip the gradient is :math:`\sqrt 8` long,
# and at the tip itself there is none.

og.formula(ackley)

# %%

og.plot_surface(ackley, elev=35).set_title("A funnel under ripples")

# %%

# proof: around the tip the gradient is √8 long on all sides, and at the tip it does not exist
gradients = torch.func.vmap(torch.func.grad(lambda p: ackley(*p)))
angle = torch.linspace(0, 6, 7, dtype=torch.float64)
ring = torch.stack([angle.cos(), angle.sin()], dim=1)
np.testing.assert_allclose(gradients(1e-6 * ring).norm(dim=1), np.sqrt(8), rtol=1e-4)
np.testing.assert_allclose(ackley(0, 0), 0, atol=1e-12)
assert gradients(torch.zeros(1, 2)).isnan().all()

# %%
# With short steps a descent ends in the local minimum near which it began. From 196 starts, with a learning rate of
# 0.01, no descent gets further than :n:`furthest:.2f` away in either coordinate, and only those that begin around the
# origin find it.

# proof: with short steps no descent moves by one unit, and only those from around the origin end
# there
g = np.linspace(-4.9, 4.9, 14)
starts = np.stack(np.meshgrid(g, g), -1).reshape(-1, 2)
timid = og.descend(og.SGD.at(lr=0.01), ackley, starts, steps=300).theta[-1]
furthest = np.abs(timid - starts).max()
found = np.linalg.norm(timid, axis=1) < 0.5
assert furthest < 1 and found.sum() < 6 and np.abs(starts[found]).max() < 0.5

# %%
# What smooths the ripples?
# -------------------------
# Five ways, each at twelve learning rates: plain descent, plain descent with a falling learning rate, with
# :term:`noise` of standard deviation 3 on every gradient, momentum, and Adam. The chart shows from how many of the 196
# starts each ends within 0.5 of the tip. The falling learning rate is far ahead, and noise comes second.

lrs = np.geomspace(0.01, 2, 12)
falling = partial(CosineAnnealingLR, T_max=300)
ways = {
    "SGD": og.SGD,
    "SGD, falling": partial(og.SGD.at(), schedule=falling),
    "Momentum": og.Momentum,
    "Adam": og.Adam,
}
calm = og.sweep(ways, ackley, starts, steps=300, lr=lrs)
noisy = og.sweep({"SGD with noise": og.SGD}, ackley, starts, steps=300, noise=3.0, lr=lrs)
shares = {}
for batch in (calm, noisy):
    near = (batch.data.theta**2).sum("coordinate", skipna=False) < 0.5**2
    shares |= dict(zip(near.optimizer.values, near.mean(("seed", "start")).values, strict=True))
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, share), mark in zip(shares.items(), "ovd^s", strict=True):
    ax.semilogx(lrs, share, marker=mark, label=name)
ax.set(title="Which descents find the tip", xlabel="learning rate", ylabel="share of 196 starts")
ax.legend()

# %%

# proof: a falling learning rate finds the tip from nine in ten starts, noise from more than half,
# momentum from a third at most
best = {name: share.max() for name, share in shares.items()}
assert best["SGD, falling"] > 0.9 and 0.6 < best["SGD with noise"] < 0.95
assert best["Momentum"] < 0.35 and 0.25 < best["SGD"] < best["Adam"] < 0.6

# %%
# The ripples repeat themselves in every unit square, so their gradient averages to zero over each of them, and what is
# left is exactly the gradient of the funnel. A descent with short steps stays in one local minimum and sees the
# gradients of that place only. A descent with a learning rate of 0.17 takes steps of up to :n:`longest:.1f`, longer
# than a ripple. It meets the gradients of many places, and their average points away from the tip with a length of
# :n:`mean[0.17]:.1f`, while with 0.01 it is :n:`mean[0.01]:.2f`. So it goes down the funnel. At the tip the long steps
# go on; if the learning rate falls, they end.

# proof: over a unit square the gradients of the ripples average to zero
cell = torch.tensor(np.stack(np.meshgrid(*[(np.arange(40) + 0.5) / 40] * 2), -1).reshape(-1, 2))
for corner in ((1.5, -0.5), (3.5, 3.5), (-4.1, 3.7)):
    at = cell + torch.tensor(corner)
    r = at.norm(dim=1, keepdim=True)
    funnel = 4 / 2**0.5 * (-0.2 * r / 2**0.5).exp() * at / r
    np.testing.assert_allclose(gradients(at).mean(0), funnel.mean(0), atol=1e-12)

# %%

# proof: along a descent with long steps the gradients average to one that leads down the funnel,
# with short ones to almost none
mean = {}
for lr in (0.01, 0.17):
    run = og.descend(og.SGD.at(lr=lr), ackley, starts, steps=300)
    r = np.linalg.norm(run.theta[:-1], axis=-1)
    mean[lr] = ((run.grad[:300] * run.theta[:-1]).sum(axis=-1) / r)[r > 1].mean()
assert mean[0.17] > 1.5 and mean[0.01] < 0.1
longest = 0.17 * gradients(torch.tensor(ackley.grid(334).reshape(-1, 2))).norm(dim=1).max().item()
assert 8.5 < longest / 0.17 < 9.5

# %%
# Noise does the same where the learning rate alone is too small for it. Momentum averages gradients, too, but in time:
# those of the places that it passes, which soon lie in one local minimum.
#
# Griewank's waves
# ----------------
# :cite:t:`griewank1981` laid waves of equal height over a wide bowl. His own divisor d in two dimensions is 200; here
# it is 4000, as in later tests. The three maps have the same middle, each ten times closer than the one before.

og.formula(griewank)

# %%

fig, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
for ax, wide, title in zip(
    axes, (600, 60, 6), ("all bowl", "bowl and waves", "all waves"), strict=True
):
    og.plot_map(griewank, box=((-wide, wide),) * 2, levels=8, ax=ax).set_title(title)

# %%
# It is tempting to conclude from the first map that waves do not matter at that scale. For heights that is so: the bowl
# rises by 90 along x, the waves by 2. For gradients it is not. At x = 600 the bowl's derivative is :math:`2x/d = 0.3`,
# that of the waves up to 1. From 196 starts all over the wide map, with a learning rate of 0.1, no descent moves by
# more than :n:`moved:.1f` in either coordinate, which is less than the length of a wave.

# proof: from all over the wide map no descent moves by as much as one wave, 2 π, in a coordinate
distant = 600 / 4.9 * starts
still = og.descend(og.SGD.at(lr=0.1), griewank, distant, steps=300)
moved = np.abs(still.theta[-1] - distant).max()
assert moved < 2 * np.pi

# %%
# The waves hold no descent where the bowl's curvature, :math:`2/d`, outweighs theirs, which is at least -1. With d = 2
# it does so everywhere, and there is one minimum only. For plain descent with a learning rate of 0.5, d = 8 is still as
# good, and d = 20 is not.

counts = {
    d: og.sweep(og.SGD.at(lr=0.5), griewank.replace(d=d), 2 * starts) for d in (2, 8, 20, 200, 4000)
}
og.Table(
    "Griewank's function: descents from 196 starts",
    ("d", "end at the origin"),
    [(str(d), f"{float((batch.data.minimum == 0).mean()):.0%}") for d, batch in counts.items()],
)

# %%

# proof: with d = 2 or 8 every descent ends at the origin, from d = 20 on fewer than one in ten
found = {
    d: float((np.linalg.norm(one.data.theta, axis=-1) < 0.1).mean()) for d, one in counts.items()
}
assert found[2] == found[8] == 1 and max(found[d] for d in (20, 200, 4000)) < 0.1

# %%
# On the wide map long steps that shorten do again what short ones cannot: with a learning rate that falls from 30 to
# zero the median height goes down from :n:`heights[0]:.0f` to :n:`heights[1]:.1f`, which is the height of the waves.
# The origin itself is one local minimum among a great many, and hardly any of these descents finds it.

# proof: a learning rate falling from 30 leads down to the height of the waves, and from fewer than
# one start in twenty to the origin
down = og.descend(og.SGD.at(lr=30), griewank, distant, steps=300, schedule=falling)
ends = np.linalg.norm(down.theta[-1], axis=1)
heights = np.median(down.loss[0]), np.median(down.loss[-1])
assert heights[0] > 60 and heights[1] < 3 and (ends < 1).mean() < 0.05

# %%
# How hard are they?
# ------------------
# Ackley's tip is almost impossible to hit with a constant learning rate. Five rules, each at the best of 19 learning
# rates, from 48 random starts: no rule succeeds from more than one of them. To come within 0.001 of the lowest height
# is to come within 0.00036 of the tip, and on a cone the gradient does not shorten the steps.

hard = study.difficulty(ackley)
hard

# %%
# A learning rate that falls does. Along a cosine to zero, SGD and RMSprop succeed from more than three starts in four,
# always in the last ten steps.

over = partial(CosineAnnealingLR, T_max=200)
fall = {name: partial(getattr(og, name), schedule=over) for name in hard.success}
shorter = study.difficulty(ackley, rules=fall)
shorter

# %%

# proof: at a constant learning rate no rule hits the tip from two starts; with a falling one SGD
# and RMSprop do from 36
assert max(hard.success.values()) <= 1 / 48
assert ackley(*(0.00036 * ring.T)).min() > 1e-3
assert min(shorter.success[name] for name in ("SGD", "RMSprop")) > 0.75
assert min(shorter.success, key=shorter.success.get) == "Momentum"
for name in ("SGD", "RMSprop"):
    steps = shorter.sweep.data.arrived_at.sel(optimizer=name, lr=shorter.lr[name])
    assert steps.where(steps >= 0).min() >= 190

# %%
# Griewank's waves hold nearly every descent. Each rule succeeds from one start of the 48, and it is the same one: the
# closest, at a distance of :n:`distance.min():.1f` from the origin.

waves = study.difficulty(griewank)
waves

# %%

# proof: on Griewank's function every rule succeeds from the start closest to the origin, and from
# no other
distance = np.linalg.norm(griewank.sample(48), axis=1)
arrived = waves.sweep.data.arrived_at.squeeze("seed") >= 0
for name, lr in waves.lr.items():
    assert (arrived.sel(optimizer=name, lr=lr).values == (distance == distance.min())).all()
assert 1.45 < distance.min() < 1.55
