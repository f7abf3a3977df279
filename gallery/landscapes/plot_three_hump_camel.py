r"""
Three-hump camel
================

A deep minimum between two shallow ones. Plain descent ends in the one in whose basin it starts. Momentum rolls through
a shallow minimum into the deep one, and almost never the other way.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import ListedColormap

import optguide as og
from optguide import study

camel = og.surfaces.three_hump_camel
rules = {
    "SGD": og.SGD.at(lr=0.01),
    "Momentum": og.Momentum.at(lr=0.005),
    "Adam": og.Adam.at(lr=0.1),
}
race = og.race(rules, camel, start=(2.2, 0.5), steps=200)
race

# %%
# All three start on the hillside on the right. SGD and Adam come to rest in the shallow minimum below it. Momentum gets
# there with a velocity that carries it over the saddle point, half a unit higher, and ends in the deep minimum.

# proof: from (2.2, 0.5) SGD and Adam end in the shallow minimum, momentum in the deep one
far, near = np.sqrt(2.1 + np.sqrt(0.91)), np.sqrt(2.1 - np.sqrt(0.91))
minima = np.array([(0, 0), (far, -far / 2), (-far, far / 2)])
ends = [run.theta[-1] for run in race.values()]
np.testing.assert_allclose(ends, minima[[1, 0, 1]], atol=0.05)

# %%
# The landscape
# -------------
# The function is attributed to :cite:t:`branin1972` by :cite:t:`jamil2013`. In spite of its name there are three minima
# and two saddle points. The outer minima are less than a third of a unit high, the corners of the map more than forty
# times as high.

og.formula(camel)

# %%

ax = og.plot_map(camel, levels=[0.1, 0.3, 0.6, 0.88, 2, 4, 8], labels=True)
ax.set_title("A deep minimum between two shallow ones")

# %%
# The derivative along y is :math:`x + 2y`, so it vanishes where :math:`y = -x/2`. What remains along x is
# :math:`x\,(x^4 - 4.2\,x^2 + 3.5)`, which vanishes at x = 0 and where :math:`x^2 = 2.1 \pm \sqrt{0.91}`: at the origin
# and at four more points. The eigenvalues of the Hessian tell what they are: both are positive at a minimum, one is
# negative at a saddle point.

# proof: the gradient vanishes at three minima, 0 and 0.30 high, and at two saddle points, 0.88 high
rest = np.array([*minima, (near, -near / 2), (-near, near / 2)])
gradient = torch.func.grad(lambda p: camel(*p))
np.testing.assert_allclose(torch.func.vmap(gradient)(torch.tensor(rest)), 0, atol=1e-12)
hessians = torch.func.vmap(torch.func.jacrev(gradient))(torch.tensor(rest))
bends = torch.linalg.eigvalsh(hessians).numpy()
assert (bends[:3] > 0.9).all() and (bends[3:, 0] < -1).all()
np.testing.assert_allclose(camel(*rest.T), (0, 0.2986, 0.2986, 0.8774, 0.8774), atol=1e-4)
assert min(camel([2.5, 2.5], [2.5, -2.5])) > 40 * 0.2986

# %%
# Whose basin is it?
# ------------------
# The same three rules from 61 times 61 starts. Green starts lead to the deep minimum. SGD's map is the landscape's own:
# its borders run through the two saddle points. With momentum each outer minimum keeps a tongue from one edge of the
# map, and from nearly everywhere around it the descent goes on to the deep one. Adam tilts the borders.

batch = og.sweep(rules, camel, camel.grid(61), steps=300)
off = np.linalg.norm(batch.data.theta.values[:, 0, ..., None, :] - minima, axis=-1)
owner = dict(zip(rules, off.argmin(axis=-1), strict=True))
colors = ListedColormap(["#3f9f7f", "#e0a030", "#4f86c6"])
fig, axes = plt.subplots(1, 3, figsize=(9, 3.5), layout="constrained")
for ax, (name, one) in zip(axes, owner.items(), strict=True):
    ax.imshow(one, colors, origin="lower", extent=(-2.5, 2.5) * 2)
    ax.plot(*minima.T, "*", ms=11, color="white", mec="black")
    ax.set(title=f"Where {name} ends", xlabel="x of the start", ylabel="y of the start")

# %%
# From how many of the starts does each end in the deep minimum, and how many are those in which it differs from SGD?

deep = {name: one == 0 for name, one in owner.items()}
og.Table(
    "Of 3,721 starts",
    ("rule", "lead to the deep minimum", "there, not with SGD", "there with SGD only"),
    [
        (
            name,
            f"{one.mean():.0%}",
            str((one & ~deep["SGD"]).sum()),
            str((deep["SGD"] & ~one).sum()),
        )
        for name, one in deep.items()
    ],
)

# %%
# The exchange is one-sided with momentum, because a saddle point is 0.58 higher than an outer minimum and 0.88 higher
# than the deep one: it is easier to roll in than out. Adam at this learning rate gains about twice as many as it loses.

# proof: momentum leads to the deep minimum from 600 starts more than SGD and from fewer than 20 of
# SGD's not; with it, away from the corners, the right-hand minimum has starts at the lower edge and
# none at the upper one, the left-hand minimum at the upper edge and none at the lower one
gained = {name: (one & ~deep["SGD"]).sum() for name, one in deep.items()}
missed = {name: (deep["SGD"] & ~one).sum() for name, one in deep.items()}
assert off.min(axis=-1).max() < 0.1
assert 0.44 < deep["SGD"].mean() < 0.48 and 0.49 < deep["Adam"].mean() < 0.54
assert 0.62 < deep["Momentum"].mean() < 0.66
below, above = (set(owner["Momentum"][row, 5:-5]) for row in (0, -1))
assert below == {0, 1} and above == {0, 2}
assert gained["Momentum"] > 600 and missed["Momentum"] < 20
assert gained["Adam"] > 300 and missed["Adam"] > 130

# %%
# Or is it the length of the step?
# --------------------------------
# Adam's first step is one learning rate long in each coordinate, however steep the landscape is. Give it longer steps,
# then take its momentum away. With a learning rate of 0.5 it ends between the saddle points from three starts in four,
# and *without* momentum from even more.

variants = {
    "Adam": og.Adam.at(betas=(0.9, 0.999)),
    "without momentum": og.Adam.at(betas=(0.0, 0.999)),
}
steps = og.sweep(variants, camel, camel.grid(61), steps=300, lr=[0.1, 0.5])
middle = (abs(steps.data.theta.values[..., 0]) < near).mean(axis=(2, 3, 4))
og.Table(
    "Share of starts that end between the saddle points",
    ("rule", "learning rate 0.1", "learning rate 0.5"),
    [(name, *(f"{one:.0%}" for one in row)) for name, row in zip(variants, middle, strict=True)],
)

# %%

# proof: long steps lead more of Adam's descents to the middle, and more still without momentum
assert middle[0, 0] + 0.2 < middle[0, 1] < middle[1, 1] - 0.1

# %%
# For a rule that divides by the size of the gradient it is the length of the step that carries it over a saddle point.
# The price is precision: after 300 steps the rule without momentum is still up to :n:`shaking:.1f` away from the
# nearest minimum.

# proof: after 300 steps of 0.5 without momentum some descents are still more than 0.3 from every
# minimum
left = np.linalg.norm(steps.data.theta.values[1, 1, 0, ..., None, :] - minima, axis=-1)
shaking = left.min(axis=-1).max()
assert shaking > 0.3

# %%
# How hard is it?
# ---------------
# Five rules, each at the best of 19 learning rates, from 48 random starts. No rule succeeds from more of them than SGD,
# and again long steps do it. Short ones lead from :n:`short.sum()` starts to the deep minimum. With its best learning
# rate, 0.22, SGD keeps these and gains :n:`(sgd & ~short).sum()` more, with a step longer than one unit on the way from
# each. From five starts the first step is longer than five units, and these descents diverge. Adam, at its best
# learning rate, gains :n:`(adam & ~short).sum()` starts and loses :n:`(short & ~adam).sum()`.

hard = study.difficulty(camel)
hard

# %%

# proof: at 0.22 SGD gains eight starts by steps of more than one unit, and loses those with a first
# step of more than five
starts = camel.sample(48)
short = og.descend(og.SGD.at(lr=0.01), camel, starts, 600).loss[-1] < 1e-3
arrived = (hard.sweep.data.arrived_at >= 0).squeeze("seed")
sgd, adam = (arrived.sel(optimizer=name, lr=hard.lr[name]).values for name in ("SGD", "Adam"))
assert short.sum() == 26 and (sgd & ~short).sum() == 8 and not (short & ~sgd).any()
assert (adam & ~short).sum() == 12 and (short & ~adam).sum() == 6
assert hard.success["SGD"] == max(hard.success.values()) and 0.21 < hard.lr["SGD"] < 0.22
path = og.descend(og.SGD.at(lr=hard.lr["SGD"]), camel, starts, 20)
length = np.linalg.norm(np.diff(path.theta, axis=0), axis=-1)
assert (length[:, sgd & ~short].max(axis=0) > 1).all()
assert ((length[0] > 5) == (path.diverged_at >= 0)).all() and (length[0] > 5).sum() == 5
