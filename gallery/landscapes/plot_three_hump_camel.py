r"""
Three-hump camel
================

A deep hollow between two shallow ones. Plain descent falls into whichever it stands over. Momentum rolls through a
shallow hollow into the deep one, and almost never the other way.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import ListedColormap

import optguide as og

camel = og.surfaces.three_hump_camel
og.formula(camel)

# %%
# The landscape
# -------------
# From :cite:t:`branin1972`, as restated by :cite:t:`jamil2013`. In spite of the name it is the hollows that are three.
# The outer ones are less than a third of a unit high, the corners of the picture forty times as high and
# more.

ax = og.plot_map(camel, levels=[0.1, 0.3, 0.6, 0.88, 2, 4, 8], labels=True)
ax.set_title("A deep hollow between two shallow ones")

# %%
# The slope along y is :math:`x + 2y`, so every resting point has :math:`y = -x/2`. What remains along x is
# :math:`x\,(x^4 - 4.2\,x^2 + 3.5)`: zero at the origin and at four more places, two passes and two hollows.

near, far = np.sqrt(2.1 - np.sqrt(0.91)), np.sqrt(2.1 + np.sqrt(0.91))
x = np.array([0, far, -far, near, -near])
rests = np.stack([x, -x / 2], axis=1)
print(rests.round(4))
print("heights:", camel(*rests.T).round(4))

# %%
# The slope vanishes at all five. The curvature tells hollow from pass: both of its eigenvalues are positive in a
# hollow, one is negative on a pass.

points = torch.tensor(rests)
slope = torch.func.grad(lambda p: camel(*p))
curvature = torch.func.vmap(torch.func.jacrev(slope))(points)
eigenvalues = torch.linalg.eigvalsh(curvature).numpy()
np.testing.assert_allclose(torch.func.vmap(slope)(points), 0, atol=1e-12)
assert (eigenvalues[:3] > 0.9).all() and (eigenvalues[3:, 0] < -1).all()
np.testing.assert_allclose(camel(*rests.T), (0, 0.2986, 0.2986, 0.8774, 0.8774), atol=1e-4)
assert min(camel([2.5, 2.5], [2.5, -2.5])) > 40 * 0.2986

# %%
# Three balls from one slope
# --------------------------
# From (2.2, 0.5), on the right-hand slope. Plain descent and Adam come to rest in the outer hollow. Momentum arrives
# there with speed, and a hollow with a lip half a unit high does not hold it.

race = og.race(
    {
        "SGD": partial(og.SGD, lr=0.01),
        "Momentum": partial(og.Momentum, lr=0.005),
        "Adam": partial(og.Adam, lr=0.1),
    },
    camel,
    start=(2.2, 0.5),
    steps=200,
)
race

# %%

ends = np.stack([run.theta[-1] for run in race.values()])
np.testing.assert_allclose(ends, rests[[1, 0, 1]], atol=0.05)

# %%
# Whose hollow is it?
# -------------------
# The same three from 61 times 61 starts, in one batch each. A colour says in which hollow a descent ended: green is
# the deep one.

g = np.linspace(-2.5, 2.5, 61)
grid = np.stack(np.meshgrid(g, g), axis=-1)
three = ListedColormap(["#3f9f7f", "#e0a030", "#4f86c6"])
deep = {}
fig, axes = plt.subplots(1, 3, figsize=(9, 3.5), layout="constrained")
for ax, name in zip(axes, race, strict=True):
    rule, lr = getattr(og, name), race[name].settings["lr"]
    end = og.descend(rule, camel, start=grid, lr=lr, steps=300).theta[-1]
    distance = np.hypot(*(end[..., None, :] - rests[:3]).T).T
    deep[name] = distance.argmin(axis=-1) == 0
    ax.imshow(distance.argmin(-1), three, origin="lower", extent=(-2.5, 2.5) * 2)
    ax.plot(*rests[:3].T, "*", ms=11, color="white", mec="black")
    ax.set(title=f"Where {name} ends", xlabel="x of the start", ylabel="y")
    assert distance.min(axis=-1).max() < 0.1

# %%
# The picture of SGD is the landscape's own: its borders run through the two passes. Momentum leaves each outer hollow
# an island, and rolls into the deep one from nearly everywhere around it. Adam tilts the borders. How many starts did
# they win for the deep hollow, and how many did they lose?

share = {name: ends.mean() for name, ends in deep.items()}
won = {name: (e & ~deep["SGD"]).sum() for name, e in deep.items()}
lost = {name: (deep["SGD"] & ~e).sum() for name, e in deep.items()}
og.Table(
    "Of 3,721 starts",
    ("rule", "end in the deep hollow", "won from SGD", "lost to SGD"),
    [(n, f"{share[n]:.0%}", f"{won[n]}", f"{lost[n]}") for n in deep],
)

# %%
# Momentum wins hundreds of starts and loses next to none: a pass stands 0.58 above an outer hollow and 0.88 above the
# deep one, so it is easier to roll in than out. Adam at this rate trades: it wins some starts and loses half as many.

assert 0.44 < share["SGD"] < 0.48 and 0.49 < share["Adam"] < 0.54
assert 0.62 < share["Momentum"] < 0.66 and lost["Momentum"] < 20
assert won["Momentum"] > 600 and won["Adam"] > 300 and lost["Adam"] > 130

# %%
# Or is it the length of the step?
# --------------------------------
# Adam's first step is one learning rate long in each coordinate, whatever the slope. So give it longer steps, and
# then take its momentum away.

rates = np.array([0.1, 0.5])[:, None, None]
adam = og.descend(og.Adam, camel, start=grid, lr=rates, steps=300)
bare = og.descend(og.Adam, camel, start=grid, lr=rates, betas=(0.0, 0.999), steps=300)
ends = np.stack([adam.theta[-1], bare.theta[-1]])
reach = (np.abs(ends[..., 0]) < near).mean(axis=(2, 3))
print("share between the passes, lr 0.1 and 0.5:")
print("Adam", reach[0].round(2), " without momentum", reach[1].round(2))
assert reach[0, 0] + 0.2 < reach[0, 1] < reach[1, 1] - 0.1

# %%
# With steps of 0.5 Adam finds the middle from three starts in four, and *without* momentum from even more. For a rule
# that normalises its steps it is the length of the step that carries it over a pass. That is bought with precision:
# after 300 steps the one without momentum is still shaking in places, up to a unit and more from the bottom.

off = np.hypot(*(ends[1, 1][..., None, :] - rests[:3]).T)
print("furthest from every hollow:", off.min(axis=0).max().round(2))
assert off.min(axis=0).max() > 0.3

# %%
# How hard is it?
# ---------------
# A little more than half of it is easy: from 26 of 48 random starts short steps of SGD lead into the deep hollow.
# Five rules, each at the best of 19 rates from 0.0001 to 100, from these 48:

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
starts = camel.sample(48)
study = og.sweep(rules, camel, starts, lr=rates)
study.table()

# %%
# No rule has a larger share than SGD, and again the steps are long. At 0.22 SGD keeps the 26 and wins eight, with a
# step longer than a unit on the way from each of these eight. Steps can be too long: the five starts with a first
# step of more than five units are lost altogether. Adam, at its best rate, wins twelve starts and loses six.

short = og.descend(og.SGD, camel, starts, 600, lr=0.01).loss[-1] < 1e-3
arrived = (study.data.arrived_at >= 0).squeeze("seed")
sgd = arrived[0, 10].values
adam = arrived[3, arrived[3].values.mean(axis=1).argmax()].values
for name, there in (("SGD", sgd), ("Adam", adam)):
    print(name, "won", (there & ~short).sum(), "lost", (short & ~there).sum())
assert short.sum() == 26 and study.table().rows[0][3] == "0.22"
assert (sgd & ~short).sum() == 8 and not (short & ~sgd).any()
assert (adam & ~short).sum() == 12 and (short & ~adam).sum() == 6
assert arrived.mean("start").max("lr").values.argmax() == 0
path = og.descend(og.SGD, camel, starts, 20, lr=rates[10])
length = np.hypot(*np.diff(path.theta, axis=0).T).T
assert (length[:, sgd & ~short].max(axis=0) > 1).all()
assert ((length[0] > 5) == (path.diverged_at >= 0)).all()
assert (length[0] > 5).sum() == 5

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_beale_and_goldstein_price.py`, where no learning rate suits all
# places. Next: :ref:`sphx_glr_gallery_landscapes_plot_ackley_and_griewank.py`, where the hollows are too many to count.
