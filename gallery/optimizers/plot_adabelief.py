r"""
AdaBelief
=========

AdaBelief divides each step by how much the slope surprises, where Adam divides by how large the slope is. So it
strides ahead while the slope keeps its word, and steps carefully where it does not.
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.AdaBelief)

# %%
# The rule
# --------
# The running mean ``m`` is a forecast of the slope. The scale ``s`` follows the squared error of that forecast.
# All else is Adam.

og.pseudocode(og.AdaBelief)

# %%

og.pseudocode(og.AdaBelief).hyperparameters

# %%
# What it repairs
# ---------------
# Adam's scale ``v`` cannot tell a steady slope from one that changes its sign at every step: squared, both look
# alike. In this gutter the slope has the size 1 in both directions. Along x it is steady. Along y it flips whenever
# the point crosses the middle.


@og.surface(box=((-10, 2), (-1, 1)), starts=((-9.0, 0.5),), minima=((0, 0),))
def gutter(x, y):
    """A gutter with straight walls: slope 1 along it, slope 1 across it."""
    return abs(x) + abs(y)


race = og.race([og.Adam, og.AdaBelief], gutter, steps=40, lr=0.1)
race.plot()

# %%
# Along x Adam walks at the constant pace ``lr``. AdaBelief speeds up, and covers nearly the whole way in 40 steps.

adam, belief = race["Adam"], race["AdaBelief"]
print(adam)
print(belief)
print("Adam's v at step 30:      ", adam.states["v"][30])
print("AdaBelief's s at step 30: ", belief.states["s"][30])
np.testing.assert_allclose(adam.theta[40, 0], -5, atol=1e-3)
assert -0.5 < belief.theta[40, 0] < 0
np.testing.assert_allclose(adam.states["v"][30, 0], adam.states["v"][30, 1])
assert belief.states["s"][30, 1] > 3 * belief.states["s"][30, 0]

# %%
# Adam's ``v`` is the same in both coordinates. AdaBelief's ``s`` is several times larger across the gutter.
#
# Watch it
# --------
# Along x the mean ``m`` settles at the slope, nothing surprises any more, and ``s`` stops growing. Divided by a bias
# correction that still grows, it shrinks, and the steps lengthen. Across, ``m`` swings and ``s`` climbs.

og.animate({"AdaBelief": belief}, panels=("map", "m", "s"))

# %%
along = np.diff(belief.theta[:, 0])
print("the first and the last step along x:", along[[0, -1]])
np.testing.assert_allclose(along[[0, -1]], (0.111, 0.309), atol=0.002)

# %%
# On a plain bowl, from :cite:t:`impactcrater2024`, the same character shows. Lion is near the minimum sooner, but runs
# far past it. Of the others AdaBelief comes within 0.05 of it first; the price is an overshoot a little larger than
# Adam's. All run at ``lr=0.1``. (That repository draws :py:class:`~optguide.AdaBeliefD`, which arrives somewhat later.)

bowl = og.race(
    [og.SGD, og.Lion, og.Adam, og.AdaBelief, og.AdaBeliefD],
    og.surfaces.unit_bowl,
    steps=100,
    lr=0.1,
)
arrival = {
    name: int(np.argmax(np.linalg.norm(run.theta - (0, -0.4), axis=1) < 0.05))
    for name, run in bowl.items()
}
past = {name: round(float(-0.4 - run.theta[:, 1].min()), 3) for name, run in bowl.items()}
print("first step within 0.05 of the minimum:", arrival)
print("farthest past it along y:", past)
assert arrival["AdaBelief"] < arrival["Adam"] < arrival["SGD"]
assert arrival["AdaBelief"] < arrival["AdaBeliefD"]
assert past["SGD"] < 0.01 < past["Adam"] < past["AdaBelief"] < 0.7 * past["Lion"]

# %%
# One knob: ``eps``
# -----------------
# In Adam ``eps`` only guards against a division by zero. Here it enters twice, and the first time counts: it is added
# to ``s`` in every step, inside the running mean, under the root. After bias correction these additions amount to
# :math:`\epsilon / (1 - \beta_2)`, at every step. So the divisor never falls below the root of a thousand ``eps``.

still = og.descend(og.AdaBelief, lambda x: 0 * x, start=0.0, steps=50, eps=1e-8).states["s"][1:, 0]
np.testing.assert_allclose(still / (1 - 0.999 ** np.arange(1, 51)), 1e-8 / (1 - 0.999))

slopes = torch.logspace(-6, 1, 29, dtype=torch.float64)
eps = np.array([1e-16, 1e-12, 1e-8])
walks = og.descend(
    og.AdaBelief,
    lambda x: slopes * x,
    start=np.zeros((29, 1)),
    steps=100,
    lr=1.0,
    eps=eps[:, None],
)
last = (walks.theta[-2] - walks.theta[-1])[..., 0]
print(
    "step 100, on the steepest slope:",
    last[:, -1],
    "and on a slope of 0.001:",
    last[:, 12],
)
np.testing.assert_allclose(last[:, -1], 4.955, atol=1e-3)
np.testing.assert_allclose(last[0, 4:], 4.955, rtol=0.02)
np.testing.assert_allclose(last[2, 12] / last[2, 8], 10, rtol=0.02)

fig, ax = plt.subplots(layout="constrained")
ax.loglog(slopes, last.T, lw=2)
ax.axhline(1, color=og.Adam.color, ls=":", lw=2)
ax.set(
    title="A larger eps makes small slopes count less",
    xlabel="steepness of a straight slope",
    ylabel="step 100 / lr",
)
ax.legend([*(f"AdaBelief, eps={e:g}" for e in eps), "Adam, eps=0"])

# %%
# With the default, 1e-16, a step does not depend on the steepness down to slopes of about 1e-5. With 1e-8, Adam's
# usual value, slopes below a hundredth get steps in proportion to their size: there AdaBelief is momentum.
# The authors' package started with 1e-8, moved to 1e-16 in version 0.1.0, and still advises 1e-8 where SGD beats Adam.

# %%
# The whole axis of rates
# -----------------------
# Adam and AdaBelief on Rosenbrock's valley, from 64 starts with 200 steps: median of the last loss, middle half as a
# band. AdaBelief's curve is Adam's with the left part moved. On the way down into the valley and along it the slope is
# predictable, the steps become longer than ``lr``, and a rate between four and five times smaller gets as far. At the
# good rates, on the right, the two meet, and AdaBelief gains nothing.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.Adam, og.AdaBelief],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, medians = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
halved = lr[(medians < 30).argmax(axis=1)]
best = lr[medians.argmin(axis=1)]
print(
    "lowest rate with a median below 30, Adam and AdaBelief:",
    halved,
    " best rates:",
    best,
)
assert 3 < halved[0] / halved[1] < 7 and 0.4 < best[1] < 1.5
assert (medians[1, :12] < medians[0, :12]).all() and (medians[1] / medians[0]).max() < 2.5

# %%
# The same head start on a map: Himmelblau's function, four minima of equal height, a rate as small as 0.01. Colours say
# which one a start has reached after 200 steps, darker if late, grey if none. From three quarters of the square
# AdaBelief arrives; Adam does so from a seventh.

basins = og.sweep([og.Adam, og.AdaBelief], himmelblau, himmelblau.grid(96), steps=200, lr=0.01)
og.plot_basins(basins, "AdaBelief")

# %%

arrived = (basins.data.minimum >= 0).mean(("seed", "start_y", "start_x")).values
print("share of starts that arrive, Adam and AdaBelief:", arrived)
assert 0.1 < arrived[0] < 0.2 and 0.65 < arrived[1] < 0.85

# %%
# Where it fails
# --------------
# A long steady slope earns a trust that its end betrays. The longer the approach, the larger the steps, and the
# farther AdaBelief runs past the bottom. Adam's overshoot does not depend on the distance.


def valley(x):
    """A valley between two straight slopes, rounded at the bottom."""
    return torch.sqrt(0.01 + x**2)


starts = np.array([[-3.0], [-10.0], [-30.0]])
beyond = og.descend(og.AdaBelief, valley, start=starts, steps=400, lr=0.1).theta[..., 0]
steady = og.descend(og.Adam, valley, start=starts, steps=400, lr=0.1).theta[..., 0]
print(
    "AdaBelief runs past by",
    beyond.max(0),
    "and gets there at step",
    (beyond > 0).argmax(0),
)
print(
    "Adam runs past by     ",
    steady.max(0),
    "and gets there at step",
    (steady > 0).argmax(0),
)
np.testing.assert_allclose(steady.max(0), 0.3, atol=0.01)
assert (np.diff(beyond.max(0)) > 0.2).all() and beyond.max() > 1

# %%
# Where the slope is nothing but noise there is nothing to believe. The forecast error is then about 0.85 times the
# slope's own square, and AdaBelief is Adam with steps some eight per cent longer.

noise = {"start": 0.0, "steps": 2000, "lr": 0.1, "noise": 1.0}
surprised, usual = (
    og.descend(og.AdaBelief, lambda x: 0 * x, **noise),
    og.descend(og.Adam, lambda x: 0 * x, **noise),
)
error = (surprised.states["s"][1:] / usual.states["v"][1:])[1000:].mean()
ratio = (
    np.abs(np.diff(surprised.theta, axis=0)).mean() / np.abs(np.diff(usual.theta, axis=0)).mean()
)
print(f"forecast error / squared slope: {error:.3f}; AdaBelief's mean step / Adam's: {ratio:.3f}")
np.testing.assert_allclose(error, 0.85, atol=0.03)
np.testing.assert_allclose(ratio, 1.08, atol=0.03)

# %%
# Provenance
# ----------
# :cite:t:`zhuang2020`, algorithm 2, in the form of the authors' released code: ``eps`` also stands outside the root.
# Where it belongs has been a matter of doubt. README and code once disagreed (issue 32 of the authors' repository,
# since mended), as did the paper and its supplement (issue 61, where the authors settle for adding it to ``s``).
# Optax splits it in two. The rectification that the authors' package switches on by default is left out here.
#
# PyTorch has no AdaBelief. Others have:
#
# .. oracles:: AdaBelief
#
# Before this: :ref:`AdamD <sphx_glr_gallery_optimizers_plot_adamd.py>`, which drops one correction.
# Next: :ref:`AdaBeliefD <sphx_glr_gallery_optimizers_plot_adabelief_d.py>`,
# the rule that is often drawn under this name.
