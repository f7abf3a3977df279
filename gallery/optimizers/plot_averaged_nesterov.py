r"""
Averaged Nesterov
=================

Three rules that look ahead several times in each step and follow the mean slope. That tames noise which is new at
every look, at the price of every look, and no other noise.
"""

import numpy as np
import torch

import optguide as og

og.card(og.AveragedNesterov)

# %%
# The rule
# --------
# :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>` asks for the slope at one point, where the velocity
# would carry it. Here three points on the way there are asked.

og.pseudocode(og.AveragedNesterov)

# %%

og.pseudocode(og.AveragedNesterov).hyperparameters

# %%
# A second form counts the later looks for more.

og.pseudocode(og.WeightedNesterov)

# %%
# A third form takes four looks, spread evenly.

og.pseudocode(og.SmoothedNesterov)

# %%
# What it repairs
# ---------------
# The idea is to help with noisy slopes. First the pure case: every look gets noise of its own. The noise must come
# from inside the function, so that each call draws anew. We compare the mean loss after the descent has settled.


def bowl(x, y):
    """A bowl, ten times steeper across than along."""
    return (x**2 + 10 * y**2) / 2


def fresh(x, y):
    """The same bowl; each look at its slope has new noise of size 5."""
    return bowl(x, y) + 5 * (x * torch.randn(()) + y * torch.randn(()))


rules = [
    og.Nesterov,
    og.AveragedNesterov,
    og.WeightedNesterov,
    og.SmoothedNesterov,
]
settled = {}
for rule in rules:
    torch.manual_seed(0)
    path = og.descend(rule, fresh, start=(-9, 3), steps=600, lr=0.01).theta
    settled[rule.__name__] = float(bowl(*path[200:].T).mean())
print(settled)
assert settled["AveragedNesterov"] < settled["Nesterov"] / 2
assert settled["WeightedNesterov"] < settled["Nesterov"] / 2
assert settled["SmoothedNesterov"] < settled["Nesterov"] / 2

# %%
# All three lie far lower. But they also asked for three or four times as many slopes. Give Nesterov that many, as
# steps with a third of the rate, and it lies about as low.

torch.manual_seed(0)
small = og.descend(og.Nesterov, fresh, start=(-9, 3), steps=1800, lr=0.01 / 3)
equal = float(bowl(*small.theta[600:].T).mean())
print("Nesterov, as many slopes, a third of the rate:", equal)
assert 0.6 < equal / settled["AveragedNesterov"] < 1.6

# %%
# Watch it
# --------
# Rosenbrock's valley without noise. The four paths hardly differ: all look ahead, only not equally far.

race = og.race(rules, og.surfaces.rosenbrock, steps=150, lr=0.0005)
ends = np.stack([run.theta[-1] for run in race.values()])
print("where the four end:", ends, sep="\n")
assert np.ptp(ends, axis=0).max() < 0.1
race.animate(panels=("map", "loss"))

# %%
# Here is why. On a bowl the slope is linear, so the mean slope of several points is the slope at their mean point.
# Averaged Nesterov is then Nesterov with a shorter look: two thirds of the way. The others look 6/7 and 5/8 of it.


class Shorter(og.Optimizer):
    """Nesterov, but looking only two thirds of the way ahead."""

    @staticmethod
    def update(theta, grad, t, v, *, lr=1e-3, momentum=0.9):
        v = momentum * v + lr * grad(theta - 2 / 3 * momentum * v)
        theta = theta - v
        return theta, v


short = og.descend(Shorter, bowl, start=(-9, 3), steps=100, lr=0.01)
mean = og.descend(og.AveragedNesterov, bowl, start=(-9, 3), steps=100, lr=0.01)
print("largest difference:", np.abs(short.theta - mean.theta).max())
np.testing.assert_allclose(mean.theta, short.theta, rtol=0, atol=1e-12)

# %%
# One knob: the momentum
# ----------------------
# The looks lie on a stretch as long as ``momentum`` times the velocity. Without momentum they fall on one point, and
# what remains is SGD, three times as dear.

plain = og.descend(og.SGD, bowl, start=(-9, 3), steps=100, lr=0.01)
still = og.descend(og.AveragedNesterov, bowl, start=(-9, 3), steps=100, lr=0.01, momentum=0)
np.testing.assert_allclose(still.theta, plain.theta, rtol=0, atol=1e-12)

# %%

knob = {
    f"momentum = {b}": og.descend(og.AveragedNesterov, bowl, start=(-9, 3), lr=0.01, momentum=b)
    for b in (0, 0.5, 0.9)
}
print({name: float(run.loss[-1]) for name, run in knob.items()})
assert (
    knob["momentum = 0.9"].loss[-1]
    < knob["momentum = 0.5"].loss[-1]
    < knob["momentum = 0"].loss[-1]
)
og.plot_loss(knob).set_title("More momentum, a quicker end")

# %%
# Every rate
# ----------
# Rosenbrock's valley without noise, 64 random starts and 200 steps, four rules.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rates = og.sweep(rules, valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# Up to 0.0003 the lines are one. They part at the brink, and there the length of the look decides: the farther a
# rule looks, the sooner it is lost. At 0.0015 that is 61% of Nesterov's descents, and 38% with
# four looks, which on average see 5/8 of the way.

lost = (rates.data.diverged_at >= 0).mean("start").squeeze().values
median = rates.data.loss.fillna(np.inf).median("start").squeeze().values
print(f"lost at {lrs[13]:.2g}:", dict(zip(settled, lost[:, 13], strict=True)))
assert lost[3, 13] + 0.1 < lost[0, 13]
assert np.ptp(median[:, :10], axis=0).max() < 0.15

# %%
# The plane of starts at 0.003. It, too, is Nesterov's, but for three starts in a hundred along the borders, which the
# shorter look makes a little longer: a small step back towards plain momentum.

hills = og.surfaces.himmelblau
basins = og.sweep(rules[:2], hills, hills.grid(96), lr=0.003)
og.plot_basins(basins, "AveragedNesterov")

# %%

ends = basins.data.minimum.squeeze().values
border = (np.diff(ends, axis=2) != 0).mean(axis=(1, 2))
print("ends elsewhere:", (ends[0] != ends[1]).mean(), " borders:", border)
assert 0.01 < (ends[0] != ends[1]).mean() < 0.06 and border[0] < border[1]

# %%
# Where it fails
# --------------
# In training, the noise of a step comes from its batch, and all looks of one step see the same batch. ``noise=``
# does it that way: one draw a step. A mean of equal errors is that error. The averaged rules have nothing to
# average, and their shorter look damps a little less.


def ravine(x, y):
    return (x**2 + 100 * y**2) / 2


noisy = {"start": (-9, 1.5), "steps": 500, "lr": 0.01, "noise": 10}
runs = [og.descend(rule, ravine, **noisy) for rule in rules]
one, averaged, weighted, smoothed = (run.loss[100:].mean() for run in runs)
print(one, averaged, weighted, smoothed)
assert one < averaged < smoothed < 1.2 * one and one < weighted

# %%
# Provenance
# ----------
# :cite:t:`siarshai2017` sketches the first two, and draws the third among the responses to noisy signals.
#
# PyTorch has none of them.
#
# .. oracles:: AveragedNesterov WeightedNesterov SmoothedNesterov
#
# Here are three such steps by hand on one coordinate, whose slope is the cube of the position.

ours = og.descend(og.AveragedNesterov, lambda x: x**4 / 4, start=(1,), steps=3, lr=0.1)
x, v = 1.0, 0.0
for _ in range(3):
    looks = [(x - share * 0.9 * v) ** 3 for share in (1 / 3, 2 / 3, 1)]
    v = 0.9 * v + 0.1 * sum(looks) / 3
    x -= v
print("ours:", ours.theta[-1], " by hand:", x)
np.testing.assert_allclose(ours.theta[-1], x, rtol=0, atol=1e-12)

# %%
# Before this: :ref:`SimplifiedNesterov <sphx_glr_gallery_optimizers_plot_simplified_nesterov.py>`,
# which looks ahead once.
# Next: :ref:`Rprop <sphx_glr_gallery_optimizers_plot_rprop.py>`, which trusts only the sign of a slope.
