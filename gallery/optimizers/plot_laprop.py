r"""
LaProp
======

LaProp divides each gradient by its scale and averages what comes out. Adam averages first and divides by the newest
scale. If that scale forgets sooner than the average, Adam divides old, large gradients by a new, small scale.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
both = [og.Adam.at(betas=(0.95, 0.3)), og.LaProp.at(betas=(0.95, 0.3))]
race = og.race(both, ravine, lr=0.05, steps=400)
race

# %%
# The average remembers twenty steps, the scale hardly more than one. When a coordinate of the gradient passes through
# zero, Adam's scale is small and its average is not: the longest step is :n:`longest["Adam"]:.1f` learning rates long,
# and the loss still :n:`ends["Adam"]:.1g` after 400 steps. LaProp's steps are at most one learning rate long here, and its
# loss is :n:`ends["LaProp"]:.0e`.

# proof: Adam jumps by more than 6 learning rates and ends over 50 times as high as LaProp,
# which never moves further than one
ends = {name: run.loss[-1] for name, run in race.items()}
longest = {name: np.abs(np.diff(run.theta, axis=0)).max() / 0.05 for name, run in race.items()}
assert longest["Adam"] > 6 and longest["LaProp"] < 1 + 1e-9
assert ends["Adam"] > 50 * ends["LaProp"]

# %%

og.card(og.LaProp)

# %%
# The rule
# --------
# The lines are those of :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`, but the division has moved from the last
# line into that of the average. So ``v`` comes first.

og.pseudocode(og.LaProp)

# %%

og.pseudocode(og.LaProp).hyperparameters

# %%

# proof: without an average of the direction, beta1 = 0, LaProp is Adam; and with a steady scale
alone = {"function": og.surfaces.six_hump_camel, "steps": 80, "lr": 0.02, "betas": (0, 0.9)}
ours, theirs = (og.descend(rule, eps=1e-8, **alone).theta for rule in (og.LaProp, og.Adam))
np.testing.assert_allclose(ours, theirs, atol=1e-12)
turned = {"signal": og.signals.rectangles, "steps": 60, "lr": 1.0}
flipped = [og.respond(rule, eps=0.0, **turned).update for rule in (og.LaProp, og.Adam)]
np.testing.assert_allclose(flipped[0], flipped[1], atol=1e-12)

# %%
# What it repairs
# ---------------
# In Adam the two memories must fit each other: a step is as long as :math:`|\hat m| / \sqrt{\hat v}`, and if the gradients
# shrink by half in every step, the average of the last ten is large beside the newest. LaProp averages quotients. Each is
# at most :math:`1 / \sqrt{1 - \beta_2}`, since :math:`v` contains :math:`(1 - \beta_2)\,g^2`, and so is their average,
# whatever :math:`\beta_1` is. At :math:`\beta_2 = 0` the quotients are signs: LaProp is then momentum of signs, the other
# end of a line that begins with adaptive methods.

# proof: as gradients halve 40 times, Adam's step grows to over 100,000 learning rates, LaProp's
# stays below 1; with beta2 = 0 it is the average of the signs
halving = {"signal": lambda t: 0.5**t, "steps": 40, "lr": 1.0, "eps": 0.0, "betas": (0.9, 0.0)}
adam, laprop = (og.respond(rule, **halving).update for rule in (og.Adam, og.LaProp))
assert adam.max() > 1e5 and laprop.max() < 1 + 1e-12
run = og.descend(og.LaProp, ravine, lr=0.05, steps=50, betas=(0.9, 0.0), eps=1e-100)
signs = [0.1 * sum(0.9 ** (t - i) * np.sign(run.grad[i]) for i in range(t + 1)) for t in range(50)]
np.testing.assert_allclose(run.states["m"][1:], signs, atol=1e-12)

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.LaProp)

# %%
# One knob: the memory of the scale
# ---------------------------------
# With ``betas[0]`` = 0.95 LaProp gets along with any memory of the scale, from none to a thousand steps. Adam's losses in
# the same ravine are in the table below.

scales = (0.0, 0.5, 0.9, 0.999)
memories = {f"beta2 = {b:g}": og.LaProp.at(betas=(0.95, b)) for b in scales}
knob = og.race(memories, ravine, lr=0.05, steps=400)
knob.plot()

# %%

adams = [og.descend(og.Adam, ravine, lr=0.05, steps=400, betas=(0.95, b)).loss[-1] for b in scales]
laprops = [run.loss[-1] for run in knob.values()]
rows = [[f"{b}", f"{a:.1e}", f"{z:.1e}"] for b, a, z in zip(scales, adams, laprops, strict=True)]
og.Table("Loss after 400 steps", ["beta2", "Adam", "LaProp"], rows)

# %%

# proof: LaProp ends below 0.1 with every memory of the scale, Adam without memory above 100
assert max(laprops) < 0.1 and adams[0] > 100

# %%
# The whole axis of learning rates
# --------------------------------
# With the default memories, which fit each other, there is little between them: the best losses are
# :n:`rates.loss["LaProp"]:.3f` and :n:`rates.loss["Adam"]:.3f`.

rates = study.rates(og.LaProp, beside=og.Adam)
rates

# %%

# proof: the best losses are within a factor of 1.5 of each other, and neither diverges
assert 1 / 1.5 < rates.loss["LaProp"] / rates.loss["Adam"] < 1.5
assert rates.diverged["LaProp"] is None

# %%
# Basins
# ------
# From :n:`basins.changed["Adam"]:.1%` of the starts the outcome is not Adam's.

basins = study.basins(og.LaProp.at(lr=0.1), beside=og.Adam.at(lr=0.1))
basins

# %%

# proof: nearly every start reaches a minimum, and from all but one in a hundred Adam's
assert basins.reached["LaProp"] > 0.99 and basins.changed["Adam"] < 0.01

# %%
# How to set it
# -------------
# As Adam; the authors' code has a learning rate of 4e-4. A smaller ``beta2`` is safe, since steps stay bounded, and
# follows a change of the gradients sooner. :cite:t:`ziyin2020` report more speed and stability than Adam's on a variety
# of tasks.
#
# Where it fails
# --------------
# The newest gradient still divides itself. Let three gradients in ten be 4 and the others -1, at random: the mean is
# positive, but with a short memory LaProp goes the wrong way, whatever its ``beta1``. :ref:`ADOPT
# <sphx_glr_gallery_optimizers_plot_adopt.py>` leaves the newest gradient out of the scale, and goes the right way.

drawn = np.where(np.random.default_rng(0).random(3000) < 0.3, 4.0, -1.0)
rare = {"signal": lambda t: drawn[t.astype(int)], "steps": 3000, "lr": 0.01, "betas": (0.9, 0.1)}
wrong, right = (og.respond(rule, **rare) for rule in (og.LaProp, og.ADOPT))
fig, ax = plt.subplots(layout="constrained")
for response in (wrong, right):
    ax.plot(response.theta, label=response.name, color=response.color)
ax.set(title="Rare large gradients, beta2 = 0.1", xlabel="step", ylabel="parameter")
ax.legend()

# %%

# proof: LaProp goes up, ADOPT goes down, as the mean of the gradients says
assert drawn.mean() > 0 and wrong.theta[-1] > 2 and right.theta[-1] < -2

# %%
# Provenance
# ----------
# :cite:t:`ziyin2020`, algorithm 1, with the constants of the authors' code. ``pytorch_optimizer`` adds 1e-15 to the
# squares and ``eps`` before the bias is corrected.
#
# .. oracles:: LaProp
