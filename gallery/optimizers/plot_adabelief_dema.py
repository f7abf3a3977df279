r"""
AdaBeliefDEMA and AdaBeliefTEMA
===============================

An exponential moving average is smooth, but it lags behind. These two rules combine two or three of them so that the lag
cancels. On smooth landscapes they settle sooner than AdaBelief; on rough ones they overshoot further, and all three seldom
succeed.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og
from optguide import study

bowl = og.surfaces.unit_bowl
rules = (og.AdaBeliefD, og.AdaBeliefDEMA, og.AdaBeliefTEMA)
race = og.race(rules, bowl, steps=100, lr=0.1)
race

# %%
# The deeper the average, the smaller the loop around the minimum: along x the three run :n:`beyond[0]:.2f`,
# :n:`beyond[1]:.2f` and :n:`beyond[2]:.2f` past it. An average that lags goes on pushing after the minimum has been passed,
# and less lag means less overshoot.

# proof: on a bowl each further average makes the overshoot smaller
beyond = [run.theta[:, 0].max() - bowl.minima[0][0] for run in race.values()]
np.testing.assert_allclose(beyond, (0.342, 0.284, 0.233), atol=0.01)

# %%

og.card(og.AdaBeliefDEMA)

# %%
# The rules
# ---------
# Write :math:`\mathrm{EMA}` for the average of the gradient and :math:`\mathrm{EMA}^2` for the average of that average.
# Then :math:`\mathrm{DEMA} = 2\,\mathrm{EMA} - \mathrm{EMA}^2`, the double exponential moving average.

og.pseudocode(og.AdaBeliefDEMA)

# %%
# One level deeper is :math:`\mathrm{TEMA} = 3\,\mathrm{EMA} - 3\,\mathrm{EMA}^2 + \mathrm{EMA}^3`. The rule remembers a
# fourth number for each parameter; AdaBelief remembers two.

og.pseudocode(og.AdaBeliefTEMA)

# %%
# Both have AdaBelief's hyperparameters.

og.pseudocode(og.AdaBeliefDEMA).hyperparameters

# %%
# What they repair
# ----------------
# Where the gradient grows by 1 in every step, an average lags nine steps behind, :math:`a = \beta_1 / (1 - \beta_1)`. At
# time :math:`t` it is :math:`t - a`, and its own average is :math:`t - 2a`. So DEMA is
# :math:`2(t - a) - (t - 2a) = t`: it does not lag behind a straight line. TEMA does not lag behind a parabola either
# (:ref:`the page on averages <sphx_glr_gallery_foundations_plot_running_means.py>` says why). The figure shows the price:
# what continues a trend overshoots where it ends.

answer = og.respond(og.AdaBeliefTEMA, og.signals.rectangles, lr=0.1, steps=100)
m1, m2, m3 = (answer.states[name][1:] for name in ("m1", "m2", "m3"))
fig, ax = plt.subplots(layout="constrained")
ax.plot(answer.gradient, color="gray", label="gradient")
ax.plot(np.stack((m1, 2 * m1 - m2, 3 * m1 - 3 * m2 + m3), axis=1), label=["EMA", "DEMA", "TEMA"])
ax.set(title="The deeper the average, the sooner it follows, and overshoots", xlabel="step")
ax.legend()

# %%

# proof: behind a line an average is 9 steps late and DEMA on time, behind a parabola TEMA is
line = [og.respond(rule, lambda t: t, lr=0.1).states for rule in rules]
bent = [og.respond(rule, lambda t: t**2, lr=0.1).states for rule in rules]
np.testing.assert_allclose(line[0]["m"][-1], 299 - 9, atol=1e-6)
np.testing.assert_allclose(2 * line[1]["m1"][-1] - line[1]["m2"][-1], 299, atol=1e-6)
late = 299**2 - (2 * bent[1]["m1"][-1] - bent[1]["m2"][-1])
np.testing.assert_allclose(late, 2 * 9**2, atol=1e-4)
tema = 3 * bent[2]["m1"][-1] - 3 * bent[2]["m2"][-1] + bent[2]["m3"][-1]
np.testing.assert_allclose(tema, 299**2, atol=1e-4)

# %%
# One start proves little. So here are 400 random ones on this bowl, and as many on the tilted camel. Half of the descents
# that end within 0.02 of the lowest point have stayed there from step :n:`steps[0]:.0f` on with AdaBelief, from step
# :n:`steps[1]:.0f` with DEMA and :n:`steps[2]:.0f` with TEMA; on the camel it is :n:`steps[3]:.0f`, :n:`steps[4]:.0f` and
# :n:`steps[5]:.0f`. On the bowl nearly all do. On the camel about equally many do with each rule: they get there sooner,
# but to no better minimum. (The AdaBelief from which the two are made is
# :ref:`AdaBeliefD <sphx_glr_gallery_optimizers_plot_adabelief_d.py>`.)

# proof: on two smooth landscapes DEMA settles sooner than AdaBelief and TEMA sooner still
starts = np.random.default_rng(0).uniform(-1, 1, (400, 2))
steps, ends = [], []
for surface in (bowl, og.surfaces.tilted_camel):
    for rule in rules:
        run = og.descend(rule, surface, start=starts, steps=100, lr=0.1)
        far = np.linalg.norm(run.theta - surface.minima[0], axis=-1) >= 0.02
        steps.append(np.median((101 - far[::-1].argmax(axis=0))[~far[-1]]))
        ends.append((~far[-1]).sum())
for slow, double, triple in (steps[:3], steps[3:]):
    assert 64 < slow < 77 and 43 < double < 52 and 33 < triple < 41
assert min(ends[:3]) > 380 and np.ptp(ends[3:]) < 20

# %%

study.traits(og.AdaBeliefDEMA)

# %%
# One knob: the memory
# --------------------
# Is a shorter memory enough? AdaBelief with ``betas[0]`` at 0.8 stays within 0.02 of the minimum from step
# :n:`rest["AdaBeliefD, beta1 = 0.8"]` on, and with 0.9 from step :n:`rest["AdaBeliefD, beta1 = 0.9"]`. DEMA does so from
# step :n:`rest["DEMA, beta1 = 0.8"]` and :n:`rest["DEMA, beta1 = 0.9"]`. With equal memories DEMA settles sooner, but
# AdaBelief with 0.8 settles sooner than DEMA with 0.9. On a smooth landscape without noise a smaller ``betas[0]`` does more
# than a second average.

memories = {
    "AdaBeliefD, beta1 = 0.9": og.AdaBeliefD,
    "AdaBeliefD, beta1 = 0.8": og.AdaBeliefD.at(betas=(0.8, 0.999)),
    "DEMA, beta1 = 0.9": og.AdaBeliefDEMA,
    "DEMA, beta1 = 0.8": og.AdaBeliefDEMA.at(betas=(0.8, 0.999)),
}
knob = og.race(memories, bowl, steps=100, lr=0.1)
knob.plot()

# %%

# proof: at one memory DEMA settles sooner; AdaBelief with a shorter memory settles sooner still
far = {name: np.linalg.norm(run.theta - bowl.minima[0], axis=1) for name, run in knob.items()}
rest = {name: 101 - int((away[::-1] >= 0.02).argmax()) for name, away in far.items()}
assert 85 < rest["AdaBeliefD, beta1 = 0.9"] < 95
assert 57 < rest["DEMA, beta1 = 0.9"] < 65
assert 35 < rest["AdaBeliefD, beta1 = 0.8"] < 43
assert 22 < rest["DEMA, beta1 = 0.8"] < 28

# %%
# The whole axis of learning rates
# --------------------------------
# At small learning rates each further average helps a little. A gradient that grows steadily is a trend, DEMA and TEMA
# predict it best, their prediction error is smallest, and their steps are longest. At the good learning rates it costs
# more: the best median losses are :n:`rates.loss["AdaBeliefD"]:.2g`, :n:`rates.loss["AdaBeliefDEMA"]:.2g` and
# :n:`rates.loss["AdaBeliefTEMA"]:.2g`.

rates = study.rates(og.AdaBeliefTEMA, beside=[og.AdaBeliefDEMA, og.AdaBeliefD])
rates

# %%

# proof: each further average lowers the loss at small learning rates and raises the best one
best = [rates.loss[rule.__name__] for rule in rules]
triple, double, single = rates.sweep.data.loss.median(("seed", "start")).values[:, 8]
assert single > 1.4 * double > 1.6 * triple
assert best[2] > 1.4 * best[1] > 2 * best[0]

# %%
# Basins
# ------
# On Himmelblau's function at 0.3, half of TEMA's descents have come within 0.001 of a minimum's height after
# :n:`half[0]:.0f` steps, half of DEMA's after :n:`half[1]:.0f`, of AdaBelief's after :n:`half[2]:.0f`. But there are
# grey stripes. A start with a small gradient in one coordinate has a small prediction error there, hence long steps, and
# with little lag they make it oscillate on. Of the starts with one below 10 :n:`share[0]:.0%` are at no minimum after 200
# steps, of the others :n:`share[1]:.0%`.

himmelblau = og.surfaces.himmelblau
beside = [og.AdaBeliefDEMA.at(lr=0.3), og.AdaBeliefD.at(lr=0.3)]
basins = study.basins(og.AdaBeliefTEMA.at(lr=0.3), beside)
basins

# %%

# proof: TEMA is the first at a minimum, but often not at rest if the start has a small gradient in
# one coordinate
data = basins.sweep.data.squeeze()
half = data.arrived_at.median(("start_y", "start_x")).values
nowhere, begin = data.minimum.values[0] < 0, torch.tensor(himmelblau.grid(96), requires_grad=True)
himmelblau(*begin.moveaxis(-1, 0)).sum().backward()
small = (begin.grad.abs() < 10).any(-1).numpy()
share = [nowhere[small].mean(), nowhere[~small].mean()]
assert half[2] > half[1] + 15 > half[0] + 23 and share[0] > 0.08 > 0.05 > share[1]

# %%
# How to set it
# -------------
# As AdaBelief, with a learning rate no larger. Try a smaller ``betas[0]`` of AdaBelief first, as above; it costs no memory.
#
# Where they fail
# ---------------
# On Rastrigin's function the gradient changes its sign from one local minimum to the next, and an average that continues
# trends continues these, too. At 0.3, from the 400 starts, :n:`left[1][0]` of AdaBelief's descents leave the square on the
# way, :n:`left[1][1]` of DEMA's and :n:`left[1][2]` of TEMA's. At 1.0 nearly all of them do. At 0.03 all three end in a
# local minimum near the start. But AdaBelief itself is no better there: at none of these learning rates does any of the
# three reach the lowest point from an eighth of the starts.

rough = og.surfaces.unit_rastrigin
og.race(rules, rough, steps=100, lr=0.3)

# %%

# proof: on Rastrigin's function DEMA and TEMA leave the map or stay in a local minimum
found, left = np.zeros((3, 3), int), np.zeros((3, 3), int)
for i, lr in enumerate((0.03, 0.3, 1.0)):
    for j, rule in enumerate(rules):
        run = og.descend(rule, rough, start=starts, steps=100, lr=lr)
        found[i, j] = (np.linalg.norm(run.theta[-1], axis=-1) < 0.05).sum()
        left[i, j] = (np.abs(run.theta) > 1).any((0, 2)).sum()
assert found[0].max() < 8 and found[2].max() < 8 and found.max() < 400 / 8
assert left[1, 0] < 20 and 60 < left[1, 1] < 150 and 220 < left[1, 2] < 330
assert left[2].min() > 370

# %%
# Provenance
# ----------
# The averages are those of :cite:t:`mulloy1994` (DEMA) and :cite:t:`mulloy1994b` (TEMA), made for prices on a stock
# exchange. :cite:t:`impactcrater2024` describes putting them into AdaBelief, and reports that they do best on smooth
# surfaces and leave the map or get stuck on Rastrigin's function. There is no listing and no paper, so this form, and its
# name, are ours. The article may have replaced both averages of AdaBelief. Here only the average of the gradient is
# replaced, also in the prediction error; ``s`` is averaged as in AdaBelief, and ``m`` is not corrected, as the author
# draws it.
#
# No package has these rules. The tests hold them to a sum over the whole history of gradients. An average of depth
# :math:`k` weighs a gradient of age :math:`j` by :math:`\binom{j + k - 1}{k - 1} (1 - \beta)^k \beta^j`: each of the
# :math:`k` averages in a row delays it by some number of steps, and the binomial coefficient counts the ways to share
# :math:`j` steps among :math:`k` averages.
#
# .. oracles:: AdaBeliefDEMA AdaBeliefTEMA

# proof: the three averages of TEMA are sums over the history, with binomial weights
torch.manual_seed(0)
past = torch.randn(300, dtype=torch.float64).numpy()
history = og.respond(og.AdaBeliefTEMA, lambda t: past[np.asarray(t, dtype=int)], lr=0.1).states
j = np.arange(300)[::-1]
by_hand = [
    (0.1 * 0.9**j * past).sum(),
    (0.1**2 * (j + 1) * 0.9**j * past).sum(),
    (0.1**3 * (j + 1) * (j + 2) / 2 * 0.9**j * past).sum(),
]
states = [history[name][-1] for name in ("m1", "m2", "m3")]
np.testing.assert_allclose(states, by_hand, rtol=0, atol=1e-12)

# %%

# proof: only the average of the gradient is replaced, and s is a single average of squared errors
m = 2 * line[1]["m1"] - line[1]["m2"]
s = 0.0
for g, average in zip(np.arange(300.0), m[1:], strict=True):
    s = 0.999 * s + 0.001 * (g - average) ** 2 + 1e-16
np.testing.assert_allclose(line[1]["s"][-1], s, rtol=1e-9)
