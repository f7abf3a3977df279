r"""
Saddle points
=============

Near a saddle point the gradient is small, and so are the steps of plain descent: the closer it begins to the crest, the
longer it stays. Adam and Lion, whose steps do not depend on the size of the gradient, leave at once.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

saddle, monkey = og.surfaces.saddle, og.surfaces.monkey_saddle
rules = [og.SGD, og.Momentum, og.Adam, og.Lion]
race = og.race(rules, saddle, start=(-1.6, 1e-3), steps=60, lr=0.1)
race

# %%
# All start 0.001 beside the crest of a hill. SGD and momentum descend along the crest first, because the gradient has
# hardly a component to the side. Adam and Lion move to the side as fast as along the crest, from the first step.
#
# Two saddle points
# -----------------
# A saddle point is one at which the gradient vanishes and that is neither a local minimum nor a local maximum. Both of
# these lie at the origin. The first has two ways down, between two hills.

og.formula(saddle)

# %%
# The second has three ways down and three ridges. :cite:t:`hilbert1932` describe it as the monkey saddle: it has room
# for the tail as well as for two legs.

og.formula(monkey)

# %%
# Both functions fall forever, so there is no minimum to reach. The question is which rule leaves, and when.

fig = plt.figure(figsize=(8, 3.8), layout="constrained")
og.plot_surface(saddle, ax=fig.add_subplot(121, projection="3d")).set_title("Two ways down")
og.plot_surface(monkey, ax=fig.add_subplot(122, projection="3d")).set_title("Three ways down")

# %%
# At the first saddle point the curvatures, the eigenvalues of the Hessian, are 2 and -2: it is a minimum along x and a
# maximum along y. At the monkey saddle both are zero, as on a plain. The terms of second order say nothing there; those
# of third order decide.

# proof: at the origin both gradients vanish, and the curvatures are 2 and -2, and twice 0
origin = torch.zeros(2, dtype=torch.float64)
for surface, curvatures in ((saddle, (-2, 2)), (monkey, (0, 0))):
    gradient = torch.func.grad(lambda p, surface=surface: surface(*p))
    np.testing.assert_allclose(gradient(origin), 0)
    hessian = torch.func.jacrev(gradient)(origin)
    np.testing.assert_allclose(torch.linalg.eigvalsh(hessian), curvatures, atol=1e-12)

# %%
# Who leaves, and when
# --------------------
# All start on a ridge, on its crest or slightly beside it, and descend towards the saddle point. We count the steps
# until they are below it by 0.1.

offsets = np.array([1e-6, 1e-4, 1e-2, 0])
fig, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
wait = {}
for ax, surface, x in zip(axes, (saddle, monkey), (-1.6, 1.2), strict=True):
    starts = np.stack([np.full(4, x), offsets], axis=-1)
    for rule, look in zip(rules, ("o-", "s-", "D-", "^-"), strict=True):
        run = og.descend(rule, surface, starts, steps=700, lr=0.1)
        wait[surface.name, run.name] = (~(run.loss >= -0.1)).argmax(axis=0)
        steps = wait[surface.name, run.name][:3]
        ax.loglog(offsets[:3], steps, look, color=run.color, label=run.name)
    ax.set(title=f"Leaving the {surface.title.lower()}", xlabel="distance from the crest")
axes[0].set_ylabel("steps")
axes[0].legend()

# %%
# On the first saddle each step of SGD multiplies the distance from the crest by :math:`1 + 2\eta = 1.2`. If the start is
# a hundred times closer to it, SGD needs :math:`\log 100 / \log 1.2 = 25.3` steps more, however close it was before.
#
# On the monkey saddle, being a hundred times closer *multiplies* the wait. With small steps, a descent near the crest
# follows :math:`\dot x = -3x^2`, so :math:`x = 1 / (3t)` after some time, and :math:`\dot y = 6xy = 2y / t`, so
# :math:`y` grows in proportion to :math:`\delta t^2`, if it began at a distance :math:`\delta`. It leaves when the two
# are about equal, which happens at a time in proportion to :math:`\delta^{-1/3}`. A hundred times closer means
# :math:`100^{1/3} = 4.64` times as long, in the limit of small distances. Here the factors are :n:`factors[0]:.2f`,
# :n:`factors[1]:.2f` and, from 0.000001 to a hundredth of that, :n:`factors[2]:.2f`.

# proof: on the first saddle a start a hundred times closer to the crest costs SGD 25 steps
np.testing.assert_allclose(-np.diff(wait["saddle", "SGD"][:3]), np.log(100) / np.log(1.2), atol=1)

# %%

# proof: on the monkey saddle it multiplies SGD's wait, by factors that approach 4.64
factors = wait["monkey_saddle", "SGD"][:2][::-1] / wait["monkey_saddle", "SGD"][1:3][::-1]
closer = og.descend(og.SGD, monkey, (1.2, 1e-8), 4000, lr=0.1)
factors = np.append(factors, (~(closer.loss >= -0.1)).argmax() / wait["monkey_saddle", "SGD"][0])
assert factors[1] > 4.8 and (np.diff(factors) < 0).all()
np.testing.assert_allclose(factors[-1], 100 ** (1 / 3), rtol=0.02)

# %%
# Adam and Lion leave both within ten steps, from wherever beside the crest. Momentum gathers speed and takes about half
# as long as SGD; on the monkey saddle it keeps the speed of its way down the ridge and runs straight across.

# proof: from every start beside the crest Adam and Lion leave within ten steps
for surface in ("saddle", "monkey_saddle"):
    assert max(wait[surface, rule][:3].max() for rule in ("Adam", "Lion")) <= 10

# %%

# proof: momentum takes less than 1 / 1.7 of SGD's steps, and at most five on the monkey saddle
for surface in ("saddle", "monkey_saddle"):
    assert (wait[surface, "Momentum"] * 1.7 < wait[surface, "SGD"])[:3].all()
assert (wait["monkey_saddle", "Momentum"] <= 5).all()

# %%
# A start exactly on the crest has a gradient without a component to the side. From there no rule leaves the first
# saddle. Across the monkey saddle the crest continues as a way down. SGD gets slower and slower and never crosses; the
# three others come with some speed, and do.

# proof: from the very crest no rule leaves the first saddle, all but SGD leave the monkey saddle
names = [rule.__name__ for rule in rules]
assert not any(wait["saddle", name][3] for name in names)
assert [name for name in names if wait["monkey_saddle", name][3] == 0] == ["SGD"]

# %%
# Noise helps
# -----------
# The gradient of a network is rarely that exact. With :term:`noise` of 0.001 on every gradient, SGD leaves the first
# saddle from the very crest for each of twelve seeds, after :n:`leaves[0].min()` to :n:`leaves[0].max()` steps, to one
# side or the other. A hundred times less noise costs 25 steps more, again.

# proof: with noise SGD leaves from the very crest; with a hundredth of that noise 25 steps later
runs = [
    [og.descend(og.SGD, saddle, (-1.6, 0), 100, lr=0.1, noise=n, seed=s) for s in range(12)]
    for n in (1e-3, 1e-5)
]
leaves = np.array([[(run.loss < -0.1).argmax() for run in row] for row in runs])
upwards = sum(run.theta[-1, 1] > 0 for run in runs[0])
assert leaves.min() > 0 and 0 < upwards < 12
np.testing.assert_allclose(leaves[1] - leaves[0], 25.3, atol=1.5)

# %%
# Newton's method is attracted
# ----------------------------
# It multiplies the gradient by the inverse of the Hessian, and so leads to a point where the gradient vanishes, of any
# kind. From ninety starts around the first saddle point one step leads to it. From ninety around the monkey
# saddle each step goes half the way.
#
# :cite:t:`dauphin2014` replace the curvatures by their absolute values. Such a step from around the first saddle point
# sets x to zero and doubles y: it leads away.

# proof: a step of Newton's method leads to the saddle point, and half the way to the monkey saddle
angle = torch.deg2rad(torch.arange(90, dtype=torch.float64) * 4 + 2)
ring = torch.stack([angle.cos(), angle.sin()], dim=-1)
for surface, share in ((monkey, 0.5), (saddle, 0)):
    gradient = torch.func.grad(lambda p, surface=surface: surface(*p))
    slopes = torch.func.vmap(gradient)(ring)
    hessians = torch.func.vmap(torch.func.jacrev(gradient))(ring)
    np.testing.assert_allclose(
        ring - torch.linalg.solve(hessians, slopes), share * ring, atol=1e-12
    )

# %%

# proof: with the absolute values of the curvatures, a step sets x to zero and doubles y
sizes, directions = torch.linalg.eigh(hessians)
absolute = directions @ torch.diag_embed(sizes.abs()) @ directions.mT
away = ring - torch.linalg.solve(absolute, slopes)
np.testing.assert_allclose(away, ring * torch.tensor([0, 2]), atol=1e-12)

# %%
# How hard is it?
# ---------------
# Not hard from a random start, because it misses the crest. To count leaving as a success, we cut both functions off
# 0.1 below the saddle point. On the first, :n:`there` of 48 starts lie on that floor at once, and the others reach
# it with any of five rules, at every learning rate of the 19 from 0.022 to 2.2. The table is for the monkey saddle.


@og.surface(box=saddle.box, minima=((0, 1),))
def floored(x, y):
    """The first saddle, down to a floor."""
    return (x**2 - y**2).clamp(min=-0.1)


@og.surface(box=monkey.box, minima=((-1, 0),), title="Monkey saddle with a floor")
def floored_monkey(x, y):
    """The monkey saddle, down to a floor."""
    return (x**3 - 3 * x * y**2).clamp(min=-0.1)


hard = study.difficulty(floored_monkey)
hard

# %%
# A single start can take long all the same. At a learning rate of 0.1 the last of SGD's descents succeeds after
# :n:`slowest["SGD"]` steps; it began :n:`abs(beside):.3f` beside a crest. The last of Adam's needs
# :n:`slowest["Adam"]`: it comes down a ridge with speed, and swings to and fro before it falls.

# proof: 27 of 48 starts lie on the first saddle's floor, and from 0.022 to 2.2 all reach it
first = study.difficulty(floored).sweep.data.arrived_at
there = int((first.isel(optimizer=0, lr=0) == 0).sum())
assert ((first == 0).sum(("seed", "start")) == 27).all() and (first[:, 7:14] >= 0).all()
np.testing.assert_allclose(first.lr[[7, 13]], (0.022, 2.2), rtol=0.03)

# %%

# proof: on the monkey saddle every rule succeeds from every start, half of the time after one step
assert set(hard.success.values()) == {1} and set(hard.steps.values()) == {1}

# %%

# proof: at 0.1 SGD's slowest start takes 28 steps and is 0.008 from a crest, Adam's takes 70
waits = hard.sweep.data.arrived_at.squeeze("seed")[:, 9]
np.testing.assert_allclose(waits.lr, 0.1)
slowest = waits.max("start").to_series()
beside = float(waits.start_y[waits.sel(optimizer="SGD").argmax("start")])
assert abs(slowest["SGD"] - 28) <= 1 and abs(slowest["Adam"] - 70) <= 3
np.testing.assert_allclose(beside, -0.008, atol=5e-4)
