r"""
AdaBound
========

AdaBound begins as Adam and ends as momentum. Each coordinate's rate is kept between two bounds, far apart at first,
that close in on one final rate.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

og.card(og.AdaBound)

# %%
# The rule
# --------
# ``r`` is what Adam would multiply the mean slope by. It is cut off at ``low`` below and at ``high`` above. Both end
# in ``final_lr``.

og.pseudocode(og.AdaBound)

# %%

og.pseudocode(og.AdaBound).hyperparameters

# %%
# What it repairs
# ---------------
# Adam's rates depend on what each coordinate has seen, and with noisy slopes they never settle. Here is Adam's rate
# for both coordinates of a ravine, and the band that AdaBound leaves open. Every slope has noise of standard
# deviation 1 added.

ravine = og.surfaces.ravine
settings = {"lr": 0.3, "final_lr": 0.01, "gamma": 0.01}
run = og.descend(og.AdaBound, ravine, steps=600, noise=1.0, **settings)
t = np.arange(1, 601)
low = 0.01 * (1 - 1 / (0.01 * t + 1))
high = 0.01 * (1 + 1 / (0.01 * t))
scale = np.sqrt(run.states["v"][1:] / (1 - 0.999 ** t[:, None]))
rates = 0.3 / (1 - 0.9 ** t[:, None]) / (scale + 1e-8)

fig, ax = plt.subplots()
ax.fill_between(t, low, high, alpha=0.3, label="allowed by the bounds")
ax.plot(t, rates[:, 0], label="Adam's rate along the ravine")
ax.plot(t, rates[:, 1], label="Adam's rate across")
ax.set(
    xscale="log",
    yscale="log",
    xlabel="step",
    ylabel="rate",
    title="The bounds take over from Adam's rates",
)
ax.legend()

# %%
# Only the very first step along the ravine is cut. The next ones lie within the bounds, and the rule is Adam. At the
# end both rates are cut off at the upper bound, and the two coordinates have the same rate. That is momentum.

cut = np.clip(rates, low[:, None], high[:, None])
print("rates used at step 3:  ", cut[2])
print("rates used at step 600:", cut[-1], "  bounds:", low[-1], high[-1])
np.testing.assert_array_equal(cut[1:5], rates[1:5])
assert (rates[-200:] > high[-200:, None]).all()
m = run.states["m"][1:]
np.testing.assert_allclose(run.theta[:-1] - cut * m, run.theta[1:], atol=1e-9)

# %%
# So it should be as quick as Adam at the start, and as calm as momentum at the end. Momentum gets the rate in which
# AdaBound ends; it is written as 0.001, because our momentum adds up ten slopes where AdaBound takes their mean.

rivals = {
    "Adam": partial(og.Adam, lr=0.3),
    "Momentum": partial(og.Momentum, lr=0.001, momentum=0.9),
    "AdaBound": partial(og.AdaBound, **settings),
}
race = og.race(rivals, ravine, steps=600, noise=1.0)
soon = {name: f"{run.loss[50]:.2g}" for name, run in race.items()}
late = {name: float(run.loss[-200:].mean()) for name, run in race.items()}
print("loss after 50 steps:", soon)
print("mean loss of the last 200 steps:", *late.items(), sep="\n")
assert race["AdaBound"].loss[50] < 0.1 < 0.5 < race["Momentum"].loss[50]
assert late["AdaBound"] < late["Adam"] / 8
np.testing.assert_allclose(late["AdaBound"], late["Momentum"], rtol=0.2)

# %%
# This is one seed. With five others, and half as many steps, AdaBound is the calmer one every time. A schedule on
# Adam would calm it down as well; AdaBound has its schedule built in.

for seed in range(1, 6):
    again = og.race(
        {name: rivals[name] for name in ("Adam", "AdaBound")},
        ravine,
        steps=300,
        noise=1.0,
        seed=seed,
    )
    ends = [run.loss[-100:].mean() for run in again.values()]
    print(f"seed {seed}: Adam {ends[0]:.2g}, AdaBound {ends[1]:.2g}")
    assert ends[1] < ends[0] / 2

# %%
# Watch it
# --------
# The first 150 steps. Both leap towards the valley floor. Then Adam keeps jumping about the minimum, and AdaBound
# goes to rest.

opening = og.race(
    {name: rivals[name] for name in ("Adam", "AdaBound")},
    ravine,
    steps=150,
    noise=1.0,
)
opening.animate(panels=("map", "loss"))

# %%
# Its state is Adam's, in step with the map:

axes = og.plot_states(run)

# %%
# One knob: how fast the bounds close in
# --------------------------------------
# ``gamma`` is the pace. At 0.001 it remains Adam for hundreds of steps, and has not calmed down by the end. At 0.1
# it becomes momentum before Adam's quick start has done its work.

knob = {
    f"gamma = {gamma}": partial(og.AdaBound, lr=0.3, final_lr=0.01, gamma=gamma)
    for gamma in (0.001, 0.01, 0.1)
}
paces = og.race(knob, ravine, steps=600, noise=1.0)
paces.plot()

# %%

early = {name: float(run.loss[50]) for name, run in paces.items()}
calm = {name: float(run.loss[-200:].mean()) for name, run in paces.items()}
print("loss after 50 steps:", *early.items(), sep="\n")
print("mean loss of the last 200 steps:", *calm.items(), sep="\n")
assert early["gamma = 0.1"] > 1 > 0.1 > early["gamma = 0.01"]
assert calm["gamma = 0.001"] > 2 * calm["gamma = 0.01"]

# %%
# The whole axis of rates
# -----------------------
# Final losses on Rosenbrock's valley from 64 starts, as median and middle half. AdaBound's axis is flat: over more than
# five decades ``lr`` makes no difference. The lower bound lifts every small rate, to 0.0167 by the last of
# 200 steps. The rate that needs care is ``final_lr``, and it has moved out of sight: at 0.1, the default, nobody is
# lost up to ``lr = 1``. At 0.3 more than half are, even with the smallest ``lr``.

rosenbrock = og.surfaces.rosenbrock
grid = {
    "starts": rosenbrock.sample(64),
    "steps": 200,
    "lr": np.logspace(-5, 1, 37),
}
sweep = og.sweep([og.Adam, og.AdaBound], rosenbrock, **grid)
og.plot_rates(sweep)

# %%

adam, bound = sweep.data.loss.fillna(np.inf).median(("seed", "start")).values
daring = og.sweep(og.AdaBound, rosenbrock, final_lr=0.3, **grid)
lost = [
    float((s.data.diverged_at.sel(optimizer="AdaBound").isel(lr=0) >= 0).mean())
    for s in (sweep, daring)
]
print("median loss at lr = 1e-5 and the best of all:", bound[0], bound.min())
print("share lost at lr = 1e-5 with final_lr = 0.1 and 0.3:", lost)
assert bound[:31].max() < 3 * bound.min() and adam[0] > 1000 * bound[0]
assert (sweep.data.diverged_at.sel(lr=slice(0, 1.01)) < 0).all() and lost[1] > 0.5

# %%
# So it reaches the four minima of Himmelblau's function with a rate of 0.001, at which Adam gets nowhere. Each start
# has the colour of the minimum, ringed, that AdaBound ends in. The borders are nearer to those of plain descent than
# to Adam's, both at rates that suit them: once every coordinate has the lower bound as its rate, it is plain descent
# with a smoothed slope.

himmelblau = og.surfaces.himmelblau
basins = og.sweep(
    {
        "AdaBound": partial(og.AdaBound, lr=0.001),
        "SGD": partial(og.SGD, lr=0.01),
        "Adam": partial(og.Adam, lr=0.1),
    },
    himmelblau,
    himmelblau.grid(96),
    steps=200,
)
og.plot_basins(basins, "AdaBound")

# %%

bound, sgd, adam = basins.data.minimum.squeeze().values
print("share of AdaBound's starts that arrive:", (bound >= 0).mean())
print(
    "share that end where SGD's do:",
    (bound == sgd).mean(),
    " where Adam's do:",
    (bound == adam).mean(),
)
assert (bound >= 0).mean() > 0.98
assert (bound == sgd).mean() > 0.94 > 0.92 > (bound == adam).mean()

# %%
# Where it fails
# --------------
# To end as momentum means to need momentum's care. Adam does not mind how steep the ravine is; ``final_lr`` does. With
# 1.0, AdaBound comes closer to the minimum than 0.001, just as Adam does, and all seems well. Hundreds of steps
# later the lower bound has risen above what the steep side bears, and it is thrown off the map.

late_fall = og.descend(og.AdaBound, ravine, steps=600, lr=0.3, final_lr=1.0, gamma=0.01)
arrived = int(np.argmax(np.linalg.norm(late_fall.theta, axis=1) < 1e-3))
print("closer than 0.001 at step", arrived)
print("gone at step", late_fall.diverged_at)
assert 120 < arrived < 160
assert 380 < late_fall.diverged_at < 440

# %%
# Theory tells why. A descent by a running mean of slopes is stable on curvature :math:`\lambda` as long as its rate
# stays below :math:`2 (1 + \beta_1) / ((1 - \beta_1) \lambda)`, which is 0.76 for the steep side, curvature 50. The
# lower bound passes it at step 317, and from there the swings grow. With 0.7 nothing happens.

limit = 2 * (1 + 0.9) / ((1 - 0.9) * 50)
safe = og.descend(og.AdaBound, ravine, steps=600, lr=0.3, final_lr=0.7, gamma=0.01)
print("limit:", limit, "  loss with 0.7:", safe.loss[-1])
np.testing.assert_allclose(limit, 0.76)
assert int(np.argmax(1 - 1 / (0.01 * t + 1) > limit)) + 1 == 317
assert safe.diverged_at is None
assert safe.loss[-1] < 1e-3

# %%
# For the same reason the path now depends on the height of the function. Multiply it by a thousand: Adam arrives as
# before, AdaBound is gone after 15 steps.

tall = og.race(
    {name: rivals[name] for name in ("Adam", "AdaBound")},
    lambda x, y: 1000 * ravine(x, y),
    start=ravine.start,
    steps=200,
)
print(tall["Adam"])
print(tall["AdaBound"])
assert tall["Adam"].loss[-1] / 1000 < 1e-5
assert 10 < tall["AdaBound"].diverged_at < 20

# %%
# Provenance
# ----------
# :cite:t:`luo2019`, algorithm 2, as in the authors' code. That has Adam's bias corrections and ``eps``, which the
# listing lacks; it does not divide by the root of :math:`t`, as the listing does; and ``gamma`` rules the bounds,
# where the paper has :math:`1 - \beta_2`. Their code also lets a schedule scale ``final_lr``. Ours does not.
#
# PyTorch has no AdaBound. Others have. The check below the first figure on this page is a trace by hand, too: it
# rebuilds every step from the bounds.
#
# .. oracles:: AdaBound
#
# Before this: :ref:`Yogi <sphx_glr_gallery_optimizers_plot_yogi.py>`, which slows the scale down.
# Next: :ref:`AdamW <sphx_glr_gallery_optimizers_plot_adamw.py>`, which leaves Adam's scale alone and mends its decay.
