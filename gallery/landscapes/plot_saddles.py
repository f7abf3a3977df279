r"""
Saddles
=======

A saddle point has no slope and is no minimum. The way out begins flat, so plain descent waits there. Rules that rescale
the slope leave soon, a little noise sets plain descent free, and Newton's method goes to the saddle and stays.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

saddle, monkey = og.surfaces.saddle, og.surfaces.monkey_saddle
og.formula(saddle)

# %%

og.formula(monkey)

# %%
# Two saddles
# -----------
# The first is a pass between two hills. The second has a third way down, and three ridges; :cite:t:`hilbert1932` call it
# the monkey saddle, for the monkey needs room for its tail. Both fall forever, so nobody arrives anywhere here. The
# question is who leaves, and when.

fig = plt.figure(figsize=(8, 7.2), layout="constrained")
og.plot_map(saddle, ax=fig.add_subplot(221)).set_title("Two ways down")
og.plot_surface(saddle, ax=fig.add_subplot(222, projection="3d")).set_title("")
og.plot_map(monkey, ax=fig.add_subplot(223)).set_title("Three ways down")
og.plot_surface(monkey, ax=fig.add_subplot(224, projection="3d")).set_title("")

# %%
# What the curvature says
# -----------------------
# At the origin neither has a slope. The plain saddle's curvatures are 2 and -2: one up, one down. The monkey saddle's are
# both zero, as on a plain. The terms of second order say nothing there; those of third order decide.


def slope_and_curvature(surface, points):
    """Gradients and matrices of second derivatives, one for each point."""
    slope = torch.func.grad(lambda p: surface(*p))
    matrix = torch.func.jacrev(slope)
    return torch.func.vmap(slope)(points), torch.func.vmap(matrix)(points)


origin = torch.zeros(1, 2, dtype=torch.float64)
for surface, curvatures in ((saddle, (-2, 2)), (monkey, (0, 0))):
    slope, matrix = slope_and_curvature(surface, origin)
    found = torch.linalg.eigvalsh(matrix[0])
    print(surface.name, "slope", slope[0].tolist(), "curvatures", found.tolist())
    np.testing.assert_allclose(slope[0], 0)
    np.testing.assert_allclose(found, curvatures, atol=1e-12)

# %%
# Who leaves, and when
# --------------------
# All start on the slope of a ridge, on its crest or slightly beside it, and walk down towards the saddle. We count the
# steps until they are below it by 0.1. In the picture, the closer to the crest, the longer plain descent waits, while
# Adam's and Lion's lines are level. Below it, the printed columns are the distances 0.000001, 0.0001, 0.01 and 0 from the
# crest; a wait of 0 stands for: not in 700 steps.

offsets = np.array([1e-6, 1e-4, 1e-2, 0])
rules = [og.SGD, og.Momentum, og.Adam, og.Lion]
fig, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
wait = {}
for ax, surface, x in zip(axes, (saddle, monkey), (-1.6, 1.2), strict=True):
    starts = np.stack([np.full(4, x), offsets], axis=-1)
    for rule, look in zip(rules, ("o-", "s-", "D-", "^-"), strict=True):
        run = og.descend(rule, surface, starts, steps=700, lr=0.1)
        steps = wait[surface, rule] = (~(run.loss >= -0.1)).argmax(axis=0)
        ax.loglog(offsets[:3], steps[:3], look, color=run.color, label=run.name)
        print(f"{surface.name:14s}{run.name:9s}", steps)
    ax.set(title=f"Leaving the {surface.name}", xlabel="distance from the crest")
axes[0].set_ylabel("steps")
axes[0].legend()

# %%
# On the plain saddle each step of plain descent multiplies the distance from the crest by 1.2. A hundred times closer to
# it means a fixed number of steps more, the logarithm of 100 to the base 1.2, which is 25.3. On the monkey saddle the way
# out is flatter still, and a hundred times closer *multiplies* the wait, by about five or more.

np.testing.assert_allclose(-np.diff(wait[saddle, og.SGD][:3]), 25.3, atol=1)
plain = wait[monkey, og.SGD]
assert (plain[:2] > 4.8 * plain[1:3]).all()

# %%
# Adam and Lion do not look at how steep the way out is. They leave both within ten steps, from wherever beside
# the crest. Momentum gathers speed and takes about half as long as plain descent. On the monkey saddle its speed carries
# it straight across in four steps.

for surface in (saddle, monkey):
    for rule in (og.Adam, og.Lion):
        assert (wait[surface, rule][:3] <= 10).all()
    assert (wait[surface, og.Momentum] * 1.7 < wait[surface, og.SGD])[:3].all()
assert (wait[monkey, og.Momentum] <= 5).all()

# %%
# The last column starts exactly on the crest, where the slope has no component to the side. From the plain saddle no rule
# ever leaves. Across the monkey saddle the crest goes on as a way down. Plain descent gets slower and slower and never
# crosses. The three others come with some speed and do.

assert not any(wait[saddle, rule][3] for rule in rules)
assert wait[monkey, og.SGD][3] == 0
assert all(wait[monkey, rule][3] > 0 for rule in rules[1:])

# %%
# The four on the plain saddle, from a start 0.001 beside the crest. Plain descent walks to the saddle first. Adam and
# Lion walk off to the side from the first step.

race = og.race(rules, saddle, start=(-1.6, 1e-3), steps=60, lr=0.1)
race

# %%
# Noise sets plain descent free
# -----------------------------
# The gradient of a network is rarely that exact. With :term:`noise` of 0.001 on every slope, plain descent leaves the plain saddle from the
# very crest, for each of twelve seeds, to one side or the other. A hundred times less noise costs 25 steps more, again.

weak = {"lr": 0.1, "noise": 1e-5}
loud = {"lr": 0.1, "noise": 1e-3}
runs = [
    [og.descend(og.SGD, saddle, (-1.6, 0), 100, seed=seed, **setting) for seed in range(12)]
    for setting in (loud, weak)
]
left = np.array([[(run.loss < -0.1).argmax() for run in row] for row in runs])
sides = [run.theta[-1, 1] > 0 for run in runs[0]]
print("steps with noise of 0.001, and of 0.00001:", left, sep="\n")
print("to the upper side:", sum(sides), "of 12")
assert left[0].min() > 0 and 0 < sum(sides) < 12
np.testing.assert_allclose(left[1] - left[0], 25.3, atol=1.5)

# %%
# Newton's method is attracted
# ----------------------------
# It divides the slope by the matrix of second derivatives, and so it looks for a point without a slope, of any kind. From
# ninety starts around the plain saddle one step leads to the saddle. From ninety around the monkey saddle each step goes
# half the way to it.

angle = torch.arange(90, dtype=torch.float64) * 4 + 2
starts = torch.stack([angle.deg2rad().cos(), angle.deg2rad().sin()], dim=-1)
for surface, share in ((saddle, 0), (monkey, 0.5)):
    slope, matrix = slope_and_curvature(surface, starts)
    after = starts - torch.linalg.solve(matrix, slope)
    np.testing.assert_allclose(after, share * starts, atol=1e-12)

# %%
# :cite:t:`dauphin2014` mend this by dividing by the *sizes* of the curvatures. One such step from the plain saddle's ring
# clears x and doubles y: it leaves.

slope, matrix = slope_and_curvature(saddle, starts)
sizes, directions = torch.linalg.eigh(matrix)
sized = directions @ torch.diag_embed(sizes.abs()) @ directions.mT
after = starts - torch.linalg.solve(sized, slope)
np.testing.assert_allclose(after, starts * torch.tensor([0, 2]), atol=1e-12)

# %%
# How hard is it?
# ---------------
# From a random start, not at all, because it misses the crest. To make an arrival of leaving, we lay a floor 0.1
# below each saddle. Of 48 starts 27 are on that of the plain saddle at once, and the others get there with any of
# five rules, at every rate of ours from 0.022 to 2.2. The table is for the monkey saddle, each rule at the best of 19
# rates from 0.0001 to 100.


@og.surface(box=saddle.box, minima=((0, 1),))
def floored(x, y):
    """The plain saddle, down to a floor."""
    return (x**2 - y**2).clamp(min=-0.1)


@og.surface(box=monkey.box, minima=((-1, 0),))
def floored_monkey(x, y):
    """The monkey saddle, down to a floor."""
    return (x**3 - 3 * x * y**2).clamp(min=-0.1)


rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
plain = og.sweep(rules, floored, floored.sample(48), lr=rates)
study = og.sweep(rules, floored_monkey, floored_monkey.sample(48), lr=rates)
study.table()

# %%
# A single start can be slow all the same. At a rate of 0.1 the last of SGD's 48 needs 28 steps; it lies 0.008 beside
# a crest. The last of Adam's needs 70. It comes down a ridge with speed and swings about before it falls.

assert ((plain.data.arrived_at == 0).sum(("seed", "start")) == 27).all()
assert (plain.data.arrived_at[:, 7:14] >= 0).all()
np.testing.assert_allclose(rates[[7, 9, 13]], (0.022, 0.1, 2.2), rtol=0.03)
assert {row[1:3] for row in study.table().rows} == {("100%", "1")}
waits = study.data.arrived_at[:, 9].squeeze("seed")
last = waits.argmax("start").sel(optimizer="SGD")
print("waits:", waits.max("start").to_series().to_dict(), "SGD's last starts")
print("at", study.data.start_x[last].item(), study.data.start_y[last].item())
slowest = waits.max("start").to_series()
assert abs(slowest["SGD"] - 28) <= 1 and abs(slowest["Adam"] - 70) <= 3
np.testing.assert_allclose(study.data.start_y[last], -0.008, atol=5e-4)

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_ravine.py`, where both curvatures are positive.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_cliff.py`, where the curvature explodes.
