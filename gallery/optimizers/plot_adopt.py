r"""
ADOPT
=====

Adam divides a gradient by a scale that the gradient itself has just enlarged, so a rare large gradient counts for less
than it should. ADOPT divides by the scale of the earlier gradients alone. Apart from its clip, it goes the right way with
any ``beta2``.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og
from optguide import study

drawn = np.where(np.random.default_rng(0).random(3000) < 0.3, 4.0, -1.0)
rare = {"signal": lambda t: drawn[t.astype(int)], "steps": 3000, "lr": 0.01}
memories = np.array((0.1, 0.5, 0.9, 0.999))
adam, adopt = (og.respond(rule, betas=(0, memories), **rare) for rule in (og.Adam, og.ADOPT))
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(9, 4), layout="constrained")
for ax, response in zip(axes, (adam, adopt), strict=True):
    lines = ax.plot(response.theta)
    ax.set(title=response.name, xlabel="step")
axes[0].set_ylabel("parameter")
axes[1].legend(lines, [f"beta2 = {memory:g}" for memory in memories])

# %%
# Three gradients in ten are 4, the others -1, at random. Their mean is :n:`drawn.mean():.2f`, so the parameter should go
# down. Adam with a short memory of the scale goes up; ADOPT goes down with each of the four memories. Neither averages
# the direction here (``beta1`` is 0).

# proof: Adam goes up where beta2 is 0.1 or 0.5; ADOPT goes down with every beta2
assert (adam.theta[-1] > 2).tolist() == [True, True, False, False]
assert drawn.mean() > 0 > -6 > adopt.theta[-1].max()

# %%

og.card(og.ADOPT)

# %%
# The rule
# --------
# In :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>` the line for ``v`` comes before the division. Here it comes
# after it, so the division uses the ``v`` of the step before. The average ``m`` is then one of divided gradients. ``v``
# begins with the first square, so there is no bias to correct, and in the first step, in which nothing is known of the
# scale, the bound ``c`` is 0.

og.pseudocode(og.ADOPT)

# %%

og.pseudocode(og.ADOPT).hyperparameters

# %%

# proof: the first step moves nothing, and under a constant gradient steps grow to one learning rate
steady = og.respond(og.ADOPT, np.ones_like, steps=100, lr=1.0).update
assert steady[0] == 0
np.testing.assert_allclose(steady[1:], 1 - 0.9 ** np.arange(1, 100))

# %%
# What it repairs
# ---------------
# Let the gradients be drawn independently. Adam without momentum moves by :math:`g_t / \sqrt{v_t}` on average, and
# :math:`v_t` contains :math:`g_t^2`: where the numerator is large, the denominator is, too. With a very small ``beta2``
# only the sign is left, and the more frequent sign wins. In ADOPT numerator and denominator are independent, and the
# mean of their quotient is a product:
#
# .. math::
#
#    \mathrm{E}\,\frac{g_t}{\sqrt{v_{t-1}}} = \mathrm{E}\,g_t \cdot \mathrm{E}\,\frac{1}{\sqrt{v_{t-1}}}.
#
# The second factor is positive, so the sign is that of the mean gradient, whatever ``beta2`` is. :cite:t:`taniguchi2024`
# prove that ADOPT converges as fast as any stochastic first-order method can, for every ``beta2``. Adam needs a
# ``beta2`` that suits the problem; :ref:`AMSGrad <sphx_glr_gallery_optimizers_plot_amsgrad.py>`, an earlier repair, needs
# noise that is bounded.

# proof: ADOPT's mean step is the mean gradient times the mean of 1 / sqrt(v), to 5 %;
# the mean of Adam's has the other sign
free = og.respond(og.ADOPT, betas=(0, 0.5), clip_value=1e9, **rare)
scale = 1 / np.sqrt(free.states["v"][1:-1])
product = 0.01 * drawn[1:].mean() * scale.mean()
np.testing.assert_allclose(free.update[1:].mean(), product, rtol=0.05)
assert adam.update[:, 1].mean() < 0 < product

# %%
# What follows from the formula alone, measured for every rule in the same way:

study.traits(og.ADOPT)

# %%
# One knob: the clip
# ------------------
# What is divided by yesterday's scale has no bound of its own. If the first gradient happens to be small, the second
# may be a thousand times as large. The clip was added after the first version of the paper for this reason. Without it
# (``clip_value`` = 1e9), a first gradient of 0.001 before gradients of 1 makes the longest step
# :n:`longest[-1]:.0f` learning rates long.

bounds = np.array((0.3, 1.0, 10.0, 1e9))
quiet = {"signal": lambda t: np.where(t == 0, 1e-3, 1.0), "steps": 200, "lr": 1.0}
knob = og.respond(og.ADOPT, clip_value=bounds, **quiet)
fig, ax = plt.subplots(layout="constrained")
lines = ax.semilogy(knob.update[1:])
ax.set(title="A small gradient before large ones", xlabel="step", ylabel="step, in learning rates")
ax.legend(lines, [f"clip_value = {bound:g}" for bound in bounds])

# %%

# proof: the longest step grows with the bound; without one it is over 90 learning rates long
longest = knob.update.max(0)
assert np.all(np.diff(longest) > 0)
assert longest[1] < 4 and longest[-1] > 90

# %%
# The whole axis of learning rates
# --------------------------------
# In 200 steps a ``beta2`` of 0.9999 forgets next to nothing of the first gradient, and on Rosenbrock's function that is
# a large one. So ADOPT's best learning rate is higher, :n:`rates.best["ADOPT"]:.2g` where Adam's is
# :n:`rates.best["Adam"]:.2g`, and its loss there is not as low: :n:`rates.loss["ADOPT"]:.2f` instead of
# :n:`rates.loss["Adam"]:.2f`.

rates = study.rates(og.ADOPT, beside=og.Adam)
rates

# %%

# proof: ADOPT wants a learning rate at least three times Adam's, ends higher, and never diverges
assert rates.best["ADOPT"] > 3 * rates.best["Adam"]
assert 1.5 < rates.loss["ADOPT"] / rates.loss["Adam"] < 4
assert rates.diverged["ADOPT"] is None

# %%
# Basins
# ------
# For the same reason the way is slower: within 200 steps :n:`basins.reached["ADOPT"]:.0%` of the starts have reached a
# minimum of Himmelblau's function, with a ``beta2`` of 0.99 :n:`basins.reached["ADOPT, 0.99"]:.0%`.

basins = study.basins(
    {
        "ADOPT": og.ADOPT.at(lr=0.1),
        "ADOPT, 0.99": og.ADOPT.at(lr=0.1, betas=(0.9, 0.99)),
        "Adam": og.Adam.at(lr=0.1),
    }
)
basins

# %%

# proof: with its default beta2 ADOPT is still on its way from a tenth of the starts, Adam from none
assert 0.85 < basins.reached["ADOPT"] < 0.95 and basins.reached["Adam"] > 0.999
assert basins.reached["ADOPT, 0.99"] > basins.reached["ADOPT"]

# %%
# How to set it
# -------------
# :cite:t:`taniguchi2024` take Adam's learning rate and ``beta1``, a ``beta2`` of 0.9999 and an ``eps`` of 1e-6, and show
# that the result hardly depends on ``beta2``. A long memory suits long training; a short descent wants a shorter one, as
# above. The authors advise to keep the clip.
#
# Where it fails
# --------------
# A bound on what is divided takes away from the rare large gradients first. If one gradient in ten is 10 and the others
# are -1, the mean is barely positive, and ADOPT with its clip goes up until the bound has grown: it is back at zero
# after :n:`back:,.0f` steps. Without the clip it goes down.

tens = np.where(np.random.default_rng(0).random(12_000) < 0.1, 10.0, -1.0)
rarer = {"signal": lambda t: tens[t.astype(int)], "steps": 12_000, "lr": 0.01}
both = og.respond(og.ADOPT, betas=(0.9, 0.5), clip_value=np.array((1, 1e9)), **rarer)
bound, free = both.theta.T
fig, ax = plt.subplots(layout="constrained")
ax.plot(both.theta, label=("clip_value = 1", "no clip"))
ax.set(title="Rarer and larger gradients", xlabel="step", ylabel="parameter")
ax.legend()

# %%

# proof: with its clip ADOPT goes up for thousands of steps before it goes down
back = np.flatnonzero(bound > 0)[-1] + 1
assert tens.mean() > 0 and bound.max() > 2 and back > 5000
assert bound[-1] < 0 and free[-1] < 2 * bound[-1]

# %%
# Provenance
# ----------
# :cite:t:`taniguchi2024`, with the clip of :math:`(t-1)^{1/4}` that their code has by default; ``clip_value`` is a factor
# of this guide. The clip's index differs: ``pytorch_optimizer`` counts the first step, too, and allows
# :math:`t^{1/4}`; ``timm`` has the exponent 0.333 by default. The authors' code also has weight decay, which by default
# is added to the gradient.
#
# .. oracles:: ADOPT
