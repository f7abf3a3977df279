r"""
AdaDerivative
=============

AdaDerivative divides each step by how much the slope has changed since the step before. Where the slope changes
little it takes long steps; the price is a third number to remember for every parameter.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.AdaDerivative)

# %%
# The rule
# --------
# The previous slope is kept as a state. In place of the slope's square, or of the squared error of a forecast, ``s``
# follows the square of its change.

og.pseudocode(og.AdaDerivative)

# %%

og.pseudocode(og.AdaDerivative).hyperparameters

# %%
# What it repairs
# ---------------
# AdaBelief trusts a slope only as its running mean comes to agree with it, and so remembers about ten steps of early
# surprise. The slope of the step before is a quicker witness. On a straight slope it agrees from the second step on.
# There the length of every step can be worked out by hand: only the first change, from zero, ever enters ``s``.


def straight(x):
    """A straight slope."""
    return 3 * x


t = np.arange(1, 101)
rules = og.race(
    [og.Adam, og.AdaBelief, og.AdaDerivative],
    straight,
    start=0.0,
    steps=100,
    lr=0.1,
)
lengths = {name: -np.diff(run.theta[:, 0]) / 0.1 for name, run in rules.items()}
print(
    "step 100 in units of lr:",
    {name: round(length[99], 3) for name, length in lengths.items()},
)
by_hand = (1 - 0.9**t) * np.sqrt((1 - 0.999**t) / (0.001 * 0.999 ** (t - 1)))
np.testing.assert_allclose(lengths["AdaDerivative"], by_hand, rtol=1e-6)
np.testing.assert_allclose(lengths["AdaBelief"][99], 4.955, atol=0.001)
np.testing.assert_allclose(lengths["AdaDerivative"][99], 10.253, atol=0.001)

fig, ax = plt.subplots(layout="constrained")
ax.plot(
    t,
    lengths["AdaDerivative"],
    color=og.AdaDerivative.color,
    lw=2,
    label="AdaDerivative",
)
ax.plot(
    t,
    lengths["AdaBelief"],
    color=og.AdaBelief.color,
    lw=2,
    ls="--",
    label="AdaBelief",
)
ax.plot(t, lengths["Adam"], color=og.Adam.color, lw=2, ls=":", label="Adam")
ax.set(
    title="On a straight slope AdaDerivative speeds up most",
    xlabel="step",
    ylabel="length of the step / lr",
)
ax.legend()

# %%
# Watch it
# --------
# The curved valley of Rosenbrock's function rewards this. Its floor falls so gently that most rules creep. With the
# settings of :cite:t:`impactcrater2024`, ``lr=0.1`` and 100 steps, AdaDerivative alone gets to the minimum.

valley = og.surfaces.unit_rosenbrock
lion, adamd = partial(og.Lion, betas=(0.9, 0.99)), partial(og.AdamD, eps=1e-16)
six = [og.SGD, lion, adamd, og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
race = og.race(six, valley, steps=100, lr=0.1)
og.animate({"AdaDerivative": race["AdaDerivative"]}, panels=("map", "g", "s"))

# %%
# The slope ``g`` is a state here. Its greatest change is the first, from zero. After it ``s`` hardly grows, and from
# about step 10 on, along x, it only fades. Against the others:

squares = race["AdaDerivative"].states["s"][:, 0]
print("s along x after steps 1, 10 and 100:", squares[[1, 10, 100]])
assert squares[1] > 0.85 * squares.max() and 5 < squares.argmax() < 20

# %%

race.plot()

# %%
# Lion has left the map. The distances from the minimum at the end:

minimum = valley.known_minima()[0]
distance = {
    name: float(np.linalg.norm(run.theta[-1] - minimum).round(3)) for name, run in race.items()
}
print(distance)
np.testing.assert_allclose(race["AdaDerivative"].theta[-1], (0.506, -0.007), atol=1e-3)
assert sorted(distance.values())[1] > 20 * distance["AdaDerivative"]

# %%
# One knob: the memory of change
# ------------------------------
# ``beta2`` sets how long a change is remembered. With 0.999 the wall is still remembered on the valley's floor, and
# holds the steps back. With 0.9 it is soon forgotten: the steps grow, and the path swings far past the minimum.

knob = {f"beta2 = {b}": partial(og.AdaDerivative, betas=(0.9, b)) for b in (0.9, 0.99, 0.999)}
memories = og.race(knob, valley, steps=100, lr=0.1)
memories.plot()

# %%

apart = [np.linalg.norm(run.theta[-1] - minimum) for run in memories.values()]
print("distance from the minimum after 100 steps:", np.round(apart, 3))
assert apart[0] > 5 * apart[1] > 10 * apart[2]

# %%
# The whole axis of rates
# -----------------------
# One start and one rate are an anecdote. So here are 64 starts and 37 rates, on Rosenbrock's valley in its usual units,
# with 200 steps: the line is the median loss in the end, the band the middle half. AdaDerivative is ahead of AdaBelief
# at small rates, where it trusts sooner, and again at large ones. Its good rates reach from 0.1 to the end of this axis.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.AdaBelief, og.AdaDerivative],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, (belief, derivative) = (
    sweep.data.lr.values,
    sweep.data.loss.median(("seed", "start")).values,
)
good = lr[derivative < 10 * derivative.min()]
print(
    "best losses:",
    belief.min(),
    derivative.min(),
    " good rates of AdaDerivative:",
    good[[0, -1]],
)
assert derivative.min() < belief.min() / 2 and good[0] > 0.05 and good[-1] > 5
assert (derivative[:12] < 0.98 * belief[:12]).all() and (derivative[33:] < belief[33:] / 5).all()

# %%
# Long strides choose other minima. Here are the four of Himmelblau's function, ringed, at 0.3. The steep edge at the
# lower right belongs to the green minimum just above it, and that is where AdaBelief goes from there. AdaDerivative
# passes the green minimum, too, but does not stop there, and comes to rest in the next one.

basins = og.sweep(
    [og.AdaBelief, og.AdaDerivative],
    himmelblau,
    himmelblau.grid(96),
    steps=200,
    lr=0.3,
)
og.plot_basins(basins, "AdaDerivative")

# %%

edge = basins.data.minimum.squeeze().sel(start_x=slice(1, 5), start_y=slice(-5, -4))
share = (edge == 0).mean(("start_y", "start_x")).values
print(
    "share of the lower right edge that ends at (3, 2), AdaBelief and AdaDerivative:",
    share,
)
assert share[0] < 0.02 and share[1] > 0.9

# %%
# Where it fails
# --------------
# It costs memory. Counted in a real optimizer after one step: three numbers of state for each parameter, half as many
# again as Adam needs.

layer = torch.nn.Linear(100, 100, bias=False)
layer(torch.ones(100)).sum().backward()
greedy, modest = (
    og.AdaDerivative(layer.parameters()),
    og.Adam(layer.parameters()),
)
greedy.step()
modest.step()
kept = [
    sum(tensor.numel() for tensor in o.state[layer.weight].values() if tensor.dim())
    for o in (greedy, modest)
]
print(
    "numbers per parameter, AdaDerivative and Adam:",
    *(n / layer.weight.numel() for n in kept),
)
assert kept[0] == 3 * layer.weight.numel() == 1.5 * kept[1]

# %%
# Noise looks like change. Two independent errors differ by twice the variance of one, so in pure noise ``s`` is twice
# Adam's ``v`` and the steps are shorter by the root of two: with noisy slopes ``lr`` means something else here.

noise = {"start": 0.0, "steps": 3000, "lr": 0.1, "noise": 1.0}
changing, usual = (
    og.descend(og.AdaDerivative, lambda x: 0 * x, **noise),
    og.descend(og.Adam, lambda x: 0 * x, **noise),
)
variance = (changing.states["s"][1:] / usual.states["v"][1:])[1000:].mean()
ratio = np.abs(np.diff(changing.theta, axis=0)).mean() / np.abs(np.diff(usual.theta, axis=0)).mean()
print(f"AdaDerivative's s / Adam's v: {variance:.3f}; its mean step / Adam's: {ratio:.3f}")
np.testing.assert_allclose(variance, 2, atol=0.15)
np.testing.assert_allclose(ratio, 0.707, atol=0.04)

# %%
# And its lead is a lead at ``lr=0.1``. At twice the rate Adam, too, finds the valley's end, and AdaDerivative is too
# fast: its loss is then the higher one.

rates = np.array([0.05, 0.1, 0.2])
ours, adam = (
    og.descend(cls, valley, start=[valley.start], steps=100, lr=rates[:, None]).loss[-1, :, 0]
    for cls in (og.AdaDerivative, og.Adam)
)
print("lr", rates)
print("AdaDerivative", ours)
print("Adam         ", adam)
assert (ours[:2] < adam[:2] / 3).all() and ours[2] > 3 * adam[2]

# %%
# Provenance
# ----------
# The rule of the repository OptimizerVisualizer, :cite:t:`impactcrater2024`, without its negligible weight decay.
# There is no paper. As in the repository, ``m`` keeps its bias, ``eps`` is added to ``s`` in every step and again to
# its root, and the first change is measured from zero. Neither PyTorch nor the packages we test against have the
# rule. Its oracles are the formula above and steps worked out by hand.
#
# .. oracles:: AdaDerivative
#
# Before this: :ref:`AdaBeliefDEMA <sphx_glr_gallery_optimizers_plot_adabelief_dema.py>`,
# which compares the slope with a forecast.
# Next: :ref:`AdaBC <sphx_glr_gallery_optimizers_plot_adabc.py>`, which keeps growing steps within bounds.
