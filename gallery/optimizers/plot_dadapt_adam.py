r"""
D-Adaptation for Adam
=====================

D-Adaptation estimates the distance from the start to the minimum while it descends, and takes it for the learning rate of
Adam. It was the first such rule that came close to tuned learning rates on large networks.
"""

import numpy as np

import optguide as og
from optguide import study

ravine = og.surfaces.ravine
rules = {
    "Adam, lr 0.01": og.Adam.at(lr=0.01),
    "Adam, lr 0.1": og.Adam.at(lr=0.1),
    "D-Adaptation": og.DAdaptAdam,
}
race = og.race(rules, ravine, steps=150)
race

# %%
# Adam needs the larger of the two learning rates, and somebody has to find that out. D-Adaptation starts with a millionth.
# Its estimate passes 0.1 at step :n:`passed` and stops at :n:`d[-1]:.2f`; after 150 steps its loss is
# :n:`ends[2]:.0e`, that of Adam :n:`ends[0]:.2f` and :n:`ends[1]:.0e`.

# proof: it ends far below Adam at a learning rate that is too small, and needed no more than 15
# steps to find its own
ends = [run.loss[-1] for run in race.values()]
d = race["D-Adaptation"].states["d"]
passed = int((d < 0.1).sum())
assert ends[2] < ends[0] / 1000 and passed < 15

# %%

og.card(og.DAdaptAdam)

# %%
# The rule
# --------
# ``m`` and ``v`` are Adam's; the learning rate is inside ``m``, so that a gradient keeps the one of its own step. ``s`` is a
# slower EMA of the same steps, and ``r`` one of what each gradient gains along it. Both grow with the estimate, the
# quotient grows with the agreement of the gradients.

og.pseudocode(og.DAdaptAdam)

# %%

og.pseudocode(og.DAdaptAdam).hyperparameters

# %%
# As long as the estimate stays the same, this is Adam without bias correction at the learning rate ``d``.

# proof: with a first estimate that never has to grow it is almost-Adam at that learning rate
fixed = og.descend(og.DAdaptAdam.at(d0=20.0, eps=0.01), ravine, steps=100)
almost = og.descend(og.AlmostAdam.at(lr=20.0, eps=0.01), ravine, steps=100)
assert (fixed.states["d"][1:] == 20).all()
np.testing.assert_allclose(fixed.theta, almost.theta, rtol=1e-9)

# %%
# What it repairs
# ---------------
# For gradient descent with steps :math:`\lambda_i g_i` on a convex loss, let :math:`s` be their sum. Then
# :math:`\theta_i = \theta_0 - s_i`, no step points away from the minimum, and
#
# .. math:: \sum \lambda_i \, g_i \cdot s_i = \sum \lambda_i \, g_i \cdot (\theta_0 - \theta_i)
#           \le s \cdot (\theta_0 - \theta^\star) \le \lVert s \rVert \, \lVert \theta_0 - \theta^\star \rVert.
#
# The quotient is a lower bound on the distance that one wants to know. With a learning rate that is too small the steps
# agree, and the bound grows; near the right one they begin to cancel. The form for Adam puts
# EMAs in place of the sums and divides by Adam's scale. It is no longer a bound, as is seen below.

# proof: for plain gradient descent the quotient is below the distance, at any of three learning
# rates, and no step points away from the minimum
for lr in (0.001, 0.01, 0.03):
    walk = og.descend(og.SGD.at(lr=lr), ravine, steps=100)
    s = walk.theta[0] - walk.theta
    assert (walk.grad * walk.theta[:-1]).sum(1).min() >= 0  # the minimum is at the origin
    gain = np.cumsum(lr * (walk.grad * s[:-1]).sum(1))
    assert (gain[1:] / np.linalg.norm(s[2:], axis=1) <= np.linalg.norm(walk.theta[0])).all()

# %%
# What follows from the formula alone, measured at the factor 1 and in units of the map:

study.traits(og.DAdaptAdam)

# %%
# One knob: the first estimate
# ----------------------------
# From a millionth or from a thousandth, the estimate is found in a few steps. It ends at different values, since it stops
# growing where the first overshoot is.

guesses = {f"d0 = {d0:g}": og.DAdaptAdam.at(d0=d0) for d0 in (1e-6, 1e-3, 1.0)}
knob = og.race(guesses, ravine, steps=60)
og.plot_loss(knob)

# %%

# proof: first estimates a million times apart end within a factor of ten of each other
last = [run.states["d"][-1] for run in knob.values()]
assert max(last) < 10 * min(last)

# %%
# The whole axis of factors
# -------------------------
# On Rosenbrock's function the default factor of 1 leaves a median loss of :n:`at_one:.3f`; Prodigy's is
# :n:`prodigy:.3f`, that of Adam at the best of 37 learning rates :n:`rates.loss["Adam"]:.3f`. An estimate that is large
# helps in a long valley. The range of good factors is narrower than that of Adam's learning rates, and at a factor of
# :n:`rates.diverged["DAdaptAdam"]:.1f` descents diverge.

rates = study.rates(og.DAdaptAdam, beside=[og.Prodigy, og.Adam])
rates

# %%

# proof: at the default factor it ends lower than Prodigy, and than Adam at its best learning rate,
# and its good factors span fewer powers of ten than Adam's learning rates
ones = rates.sweep.data.loss.sel(lr=1, method="nearest").squeeze().median("start")
at_one, prodigy = (ones.sel(optimizer=name).item() for name in ("DAdaptAdam", "Prodigy"))
assert at_one < min(prodigy, rates.loss["Adam"])
assert rates.decades["DAdaptAdam"] < rates.decades["Adam"]

# %%
# How to set it
# -------------
# Keep ``lr`` at 1 and use the schedule that you would use with Adam. Lower ``lr`` if the first steps explode; raise ``d0`` if
# the estimate stays where it began. For weight decay the authors' class adds it to the gradient unless ``decouple`` is
# set; here it is always decoupled. :ref:`Prodigy <sphx_glr_gallery_optimizers_plot_prodigy.py>` is the successor by the same
# authors. Neither frees from tuning: :cite:t:`kasimbeg2025b` found that rules without a learning rate do poorly on the
# workloads of a benchmark at the settings of the literature, and the best of them slightly worse than NAdamW after a
# search for better ones.
#
# Where it fails
# --------------
# The estimate never falls. On Himmelblau's function it reaches :n:`high.states["d"][-1]:.1f`, from a start that is
# :n:`way:.1f` from the minimum it ends in; steps of that size lead to a loss of :n:`high.loss.max():.0e` before ``v``
# has grown enough to shorten them.

high = og.descend(og.DAdaptAdam, og.surfaces.himmelblau, steps=300)
og.plot_loss(high)

# %%

# proof: the estimate is more than twice the distance to the minimum, and the loss rises a
# thousandfold
way = np.linalg.norm(high.theta[-1] - high.theta[0])
assert high.states["d"][-1] > 2 * way and high.loss.max() > 1000 * high.loss[0]
assert high.loss[-1] < 1e-3

# %%
# Provenance
# ----------
# :cite:t:`defazio2023`, the form for Adam, as in the authors' package ``dadaptation``, whose options ``growth_rate`` and
# ``use_bias_correction`` are left out. ``optax.contrib.dadapt_adamw`` always corrects the bias. ``pytorch_optimizer`` keeps the
# sums in torch's default dtype, float32.
#
# .. oracles:: DAdaptAdam
