r"""
Lion
====

Lion asks only for the sign of its momentum. Every coordinate moves by exactly the learning rate at every step, up
or down, and one number per weight is all it remembers.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.Lion)

# %%
# The rule
# --------
# Two blends of the slope and the memory ``m`` are made. The quick one, ``c``, decides the direction and is thrown
# away. The slow one is kept.

og.pseudocode(og.Lion)

# %%

og.pseudocode(og.Lion).hyperparameters

# %%
# What it repairs
# ---------------
# Adam divides each slope by its recent size, which costs a second number per weight and an ``eps`` against division
# by zero. A sign does the same with neither. Multiply a function by a millionth, and Lion does not notice at all.
# Adam's ``eps`` does.

bowl = og.surfaces.unit_bowl


def faint(x, y):
    return 1e-6 * bowl(x, y)


lions = (
    og.descend(og.Lion, bowl, lr=0.01).theta
    - og.descend(og.Lion, faint, start=bowl.start, lr=0.01).theta
)
adams = (
    og.descend(og.Adam, bowl, lr=0.01).theta
    - og.descend(og.Adam, faint, start=bowl.start, lr=0.01).theta
)
print(
    "how far the paths are changed, Lion:",
    np.abs(lions).max(),
    " Adam:",
    np.abs(adams).max(),
)
assert np.abs(lions).max() < 1e-12
assert np.abs(adams).max() > 0.01
assert (len(og.Lion.state_names), len(og.Adam.state_names)) == (1, 2)

# %%
# Taking signs is older than Lion. Sign-SGD takes the sign of the newest slope alone; it is Lion with
# :math:`\beta_1 = 0`. Its trouble is noise, which a sign makes as large as the signal. Lion averages first.

sign_sgd = partial(og.Lion, betas=(0.0, 0.99))
calm = og.race({"sign-SGD": sign_sgd, "Lion": og.Lion}, bowl, lr=0.01, steps=400)
noisy = og.race({"sign-SGD": sign_sgd, "Lion": og.Lion}, bowl, lr=0.01, steps=400, noise=5.0)
noisy.plot()

# %%

print("slope at the start:", calm["Lion"].grad[0])
print("mean loss of the last 200 steps")
print(
    "without noise:",
    {name: f"{run.loss[-200:].mean():.2g}" for name, run in calm.items()},
)
print(
    "with noise:   ",
    {name: f"{run.loss[-200:].mean():.2g}" for name, run in noisy.items()},
)
assert noisy["Lion"].loss[-200:].mean() < noisy["sign-SGD"].loss[-200:].mean() / 2
assert calm["sign-SGD"].loss[-200:].mean() < calm["Lion"].loss[-200:].mean()

# %%
# The noise here is five times as large as the steepest slope at the start. Without noise the averaging only costs:
# Lion's momentum carries it past the minimum, and sign-SGD is the better of the two.
#
# Watch it
# --------
# Both coordinates move by ``lr``, so Lion walks diagonally whatever the slope. Near the minimum it paces around it.
# The curves of ``m`` shrink, and it takes no notice: a tiny ``m`` has a sign like any other.

run = og.descend(og.Lion, bowl, lr=0.03, steps=120)
og.animate({"Lion": run}, panels=("map", "m"))

# %%

moves = np.abs(np.diff(run.theta, axis=0))
print("shortest and longest move:", moves.min(), moves.max())
np.testing.assert_allclose(moves, 0.03)

# %%
# One knob: the learning rate
# ---------------------------
# For Lion the learning rate *is* the step. So it is also the precision: Lion cannot come closer for good than about
# the length of one step. From step to step it jumps to and fro across the minimum; the lines show how far away it gets
# in each twenty steps, beside the length of one.

knob = {f"lr = {lr}": partial(og.Lion, lr=lr) for lr in (0.1, 0.03, 0.015)}
rates = og.race(knob, bowl, steps=400)
away = {name: np.linalg.norm(walk.theta - (0, -0.4), axis=1) for name, walk in rates.items()}
fig, ax = plt.subplots(layout="constrained")
for name, distance in away.items():
    farthest = distance[1:].reshape(20, 20).max(axis=1)
    (line,) = ax.semilogy(range(20, 401, 20), farthest, label=name)
    ax.axhline(rates[name].settings["lr"], ls=":", color=line.get_color())
ax.set(
    title="Lion stays about one step away from the minimum",
    xlabel="step",
    ylabel="largest distance within 20 steps",
)
ax.legend()

# %%

radius = {name: round(float(distance[-100:].max()), 3) for name, distance in away.items()}
print("largest distance from the minimum in the last 100 steps:", radius, sep="\n")
assert 0.1 < radius["lr = 0.1"] < 0.2
assert 0.03 < radius["lr = 0.03"] < 0.06
assert 0.015 < radius["lr = 0.015"] < 0.03

# %%
# The whole axis of rates
# -----------------------
# And between too short and too long there is not much room. Rosenbrock's valley, 64 starts, 200 steps: Lion's best
# median is more than five times Adam's, at a thirtieth of the rate, and the rates within a factor of ten of it span one
# power of ten where Adam's span two. Too small a rate does not get there: 200 times ``lr`` is all the way it can go.
# Too large a one never comes down. Even so nothing diverges, since steps do not grow.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.Adam, og.Lion],
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
best = lr[medians.argmin(axis=1)]
good = [lr[line < 10 * line.min()][[0, -1]] for line in medians]
print(
    "best rates, Adam and Lion:",
    best,
    " within a factor 10 of the best loss:",
    *good,
)
assert best[0] > 10 * best[1] and medians[1].min() > 4 * medians[0].min()
assert good[1][1] / good[1][0] < 20 < 50 < good[0][1] / good[0][0]
assert (sweep.data.diverged_at < 0).all()

# %%
# A map of where it comes to rest would be all grey: at 0.1 it is within 0.001 of one of the four minima of Himmelblau's
# function at the end of almost none of the descents. Let the rate fade to zero over the 200 steps, and nearly all
# of them are. The blue patches at the left and lower edges are starts whose momentum led them across a nearer minimum.
# A step that does not shrink with the slope does not stop for a hollow.

fade = partial(
    torch.optim.lr_scheduler.LinearLR,
    start_factor=1,
    end_factor=0,
    total_iters=200,
)
both = {"Lion": og.Lion, "Lion, fading": partial(og.Lion, schedule=fade)}
basins = og.sweep(both, himmelblau, himmelblau.grid(96), steps=200, lr=0.1)
og.plot_basins(basins, "Lion, fading")

# %%

arrived = (basins.data.minimum >= 0).mean(("seed", "start_y", "start_x")).values
print(
    "share of starts that arrive:",
    dict(zip(both, arrived.round(3), strict=True)),
)
assert arrived[0] < 0.02 and arrived[1] > 0.9

# %%
# Where it fails
# --------------
# On Rosenbrock's valley, with the rate that six other rules survive, Lion leaves the map. The floor of the valley
# falls so gently that the rest of them slow down. Lion does not slow down.

valley = og.surfaces.unit_rosenbrock
lost = og.descend(og.Lion, valley, lr=0.1, steps=100)
others = [
    og.SGD,
    og.Momentum,
    og.Adam,
    og.AdaBelief,
    og.AdamD,
    og.AdaDerivative,
]
stay = og.race(others, valley, lr=0.1, steps=100)
left = int(np.argmax((abs(lost.theta) > 1).any(axis=1)))
print("Lion leaves the map at step", left, "and ends at", lost.theta[-1])
print(
    "the others stay within",
    max(float(np.abs(other.theta).max()) for other in stay.values()),
)
np.testing.assert_allclose(lost.theta[-1], (1.7, -4.9), atol=0.25)
assert max(float(np.abs(other.theta).max()) for other in stay.values()) <= 1

# %%
# Two things bring it back. One is a schedule. A rate that starts at 0.05 and falls like 10 / (10 + t) lands within
# a hundredth of the optimum at (0.5, 0). Held constant, the same rate leaves the map as well.

fading = partial(torch.optim.lr_scheduler.LambdaLR, lr_lambda=lambda t: 10 / (10 + t))
constant = og.descend(og.Lion, valley, lr=0.05, steps=300)
scheduled = og.descend(og.Lion, valley, lr=0.05, steps=300, schedule=fading)
og.plot_trails({"constant rate": constant, "fading rate": scheduled}).set_title(
    "A fading rate finds the optimum"
)

# %%

print("constant: ", constant)
print("scheduled:", scheduled)
assert np.abs(constant.theta[-1]).max() > 3
np.testing.assert_allclose(scheduled.theta[-1], (0.5, 0), atol=0.03)

# %%
# That schedule was found by trying; :ref:`another page <sphx_glr_gallery_comparisons_plot_lion_schedule.py>` tries more
# of them. Too quick a one strands Lion on the way, since the way it can go is the sum of
# the rates that are left, and too slow a one lets it run past:

quick = partial(torch.optim.lr_scheduler.LambdaLR, lr_lambda=lambda t: 4 / (4 + t))
slow = partial(torch.optim.lr_scheduler.LambdaLR, lr_lambda=lambda t: 15 / (15 + t))
stranded = og.descend(og.Lion, valley, lr=0.05, steps=300, schedule=quick)
past = og.descend(og.Lion, valley, lr=0.05, steps=300, schedule=slow)
print("4 / (4 + t):  ", stranded.theta[-1])
print("15 / (15 + t):", past.theta[-1])
assert stranded.theta[-1, 0] < 0 and past.theta[-1, 0] > 0.7

# %%
# The other is weight decay. Each step adds at most ``lr`` and takes away ``lr * weight_decay`` times the weight, so
# no weight that starts within 1 / ``weight_decay`` can go beyond it. It is an anchor, and Lion is meant to be used
# with one. With a decay of 1 it cannot leave this map:

anchored = og.descend(og.Lion, valley, lr=0.1, steps=100, weight_decay=1.0)
pulled = og.descend(
    og.Lion,
    lambda x, y: -x - 100 * y,
    start=(0, 0),
    lr=0.1,
    steps=400,
    weight_decay=0.5,
)
print("in the valley, decay 1:", anchored)
print("on an endless slope, decay 0.5:", pulled.theta[-1])
assert np.abs(anchored.theta).max() < 1
np.testing.assert_allclose(pulled.theta[-1], (2, 2), rtol=1e-6)

# %%
# Provenance
# ----------
# :cite:t:`chen2023`, algorithm 2, which a search over programs found. Weight decay is decoupled as in
# :py:class:`~optguide.AdamW`. The paper advises a learning rate 3 to 10 times smaller than AdamW's and a decay larger
# by the same factor, so that their product stays. PyTorch has no Lion of its own; others have:
#
# .. oracles:: Lion
#
# Before this: :ref:`AdaBC <sphx_glr_gallery_optimizers_plot_adabc.py>`, whose steps have a smallest size, too.
# Next: :ref:`the first race <sphx_glr_gallery_landscapes_plot_unit_rosenbrock.py>`, where these rules meet, or
# :ref:`the same gradient for all <sphx_glr_gallery_signals_plot_overview.py>`, where each is alone.
