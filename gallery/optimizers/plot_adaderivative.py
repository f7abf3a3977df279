r"""
AdaDerivative
=============

AdaDerivative divides each step by how much the gradient has changed since the step before. Where the gradient changes
little it takes long steps. The price is a third number to remember for every parameter.
"""

import numpy as np

import optguide as og
from optguide import study

valley = og.surfaces.unit_rosenbrock
race = study.impactcrater2024(valley)
race

# %%
# The floor of this curved valley falls so gently that most rules are slow on it. With the settings of
# :cite:t:`impactcrater2024`, a learning rate of 0.1 and 100 steps for all, AdaDerivative alone reaches the minimum: it
# ends :n:`distance["AdaDerivative"]:.3f` away, the next one, :n:`second`, :n:`distance[second]:.2f`. Lion has left the
# map.

# proof: AdaDerivative ends at the minimum, and every other rule over twenty times as far from it
minimum = valley.known_minima()[0]
distance = {name: np.linalg.norm(run.theta[-1] - minimum) for name, run in race.items()}
first, second = sorted(distance, key=distance.get)[:2]
assert first == "AdaDerivative" and distance[second] > 20 * distance[first]
np.testing.assert_allclose(race[first].theta[-1], (0.506, -0.007), atol=1e-3)

# %%

og.card(og.AdaDerivative)

# %%
# The rule
# --------
# The gradient of the step before is kept as a state. Where Adam's ``v`` averages the squared gradient and AdaBelief's
# ``s`` the squared error of a prediction, ``s`` averages the squared change here.

og.pseudocode(og.AdaDerivative)

# %%

og.pseudocode(og.AdaDerivative).hyperparameters

# %%
# What it repairs
# ---------------
# AdaBelief compares the gradient with its average, which takes about ten steps to get near a steady gradient, and those
# ten errors stay in ``s`` for long. The gradient of the step before agrees with a steady gradient from the second step
# on. Only the first change, from zero, ever enters: :math:`s_t = (1 - \beta_2) \beta_2^{t-1} g^2`. With
# :math:`m_t = (1 - \beta_1^t) g` every step can be worked out by hand:
#
# .. math:: \frac{|\theta_t - \theta_{t-1}|}{\eta}
#           = (1 - \beta_1^t) \sqrt{\frac{1 - \beta_2^t}{(1 - \beta_2) \beta_2^{t-1}}}.
#
# The first step is a tenth of a learning rate long, since ``m`` is not corrected. The hundredth is
# :n:`lengths["AdaDerivative"][-1]:.1f` learning rates long, AdaBelief's :n:`lengths["AdaBelief"][-1]:.1f`, and Adam's
# is 1.

rules = (og.Adam, og.AdaBelief, og.AdaDerivative)
steady = {rule.__name__: og.respond(rule, lambda t: 3 + 0 * t, steps=100, lr=1.0) for rule in rules}
og.plot_responses(steady)

# %%

# proof: under a steady gradient the steps are those worked out by hand
t = np.arange(1, 101)
lengths = {name: answer.update for name, answer in steady.items()}
by_hand = (1 - 0.9**t) * np.sqrt((1 - 0.999**t) / (0.001 * 0.999 ** (t - 1)))
np.testing.assert_allclose(lengths["AdaDerivative"], by_hand, rtol=1e-6)
np.testing.assert_allclose(lengths["AdaDerivative"][-1], 10.253, atol=0.001)
np.testing.assert_allclose(lengths["AdaBelief"][-1], 4.955, atol=0.001)
np.testing.assert_allclose(lengths["Adam"], 1)

# %%
# The valley is much like that. The greatest change is the first, from zero, while the point is still on the wall. After
# that ``s`` hardly grows, and along x it falls from step :n:`squares.argmax()` on. The steps get longer compared with
# ``m``.

alone = {"AdaDerivative": race["AdaDerivative"]}
og.animate(alone, panels=("map", "g", "s"), title="AdaDerivative alone, its gradient and s")

# %%

# proof: the first change is most of what s ever holds along x, after a few steps it only fades, and
# compared with ``m`` the steps grow more than fivefold
squares = race["AdaDerivative"].states["s"][:, 0]
assert squares[1] > 0.85 * squares.max() and 5 < squares.argmax() < 20
per_m = np.diff(race["AdaDerivative"].theta, axis=0) / race["AdaDerivative"].states["m"][1:]
assert (per_m[-1] / per_m[0] > 5).all()

# %%

traits = study.traits(og.AdaDerivative)
traits

# %%
# One knob: the memory of change
# ------------------------------
# ``betas[1]`` sets how long a change is remembered. With 0.999 the wall is still remembered on the floor of the valley,
# and limits the steps there. With 0.9 it is soon forgotten: the steps grow, and the path swings far past the minimum.

settings = {f"beta2 = {b}": og.AdaDerivative.at(betas=(0.9, b)) for b in (0.9, 0.99, 0.999)}
knob = og.race(settings, valley, steps=100, lr=0.1, title="Three values of beta2")
knob.plot()

# %%

# proof: with a memory of 10 or 100 steps instead of 1000 it ends further from the minimum
away = [np.linalg.norm(run.theta[-1] - minimum) for run in knob.values()]
assert away[0] > 5 * away[1] > 10 * away[2]

# %%
# The whole axis of learning rates
# --------------------------------
# A race shows one start and one learning rate. Here are 64 starts and 37 learning rates. AdaDerivative is ahead of
# AdaBelief at small ones, where its steps grow sooner, and again at large ones. Its best median loss is
# :n:`rates.loss["AdaDerivative"]:.2g`, AdaBelief's is :n:`rates.loss["AdaBelief"]:.2g`, and its good learning rates reach
# from :n:`rates.good["AdaDerivative"][0]:.2g` to the end of this axis.

rates = study.rates(og.AdaDerivative, beside=og.AdaBelief)
rates

# %%

# proof: its best median loss is less than half of AdaBelief's, and it leads at both ends
assert rates.loss["AdaDerivative"] < rates.loss["AdaBelief"] / 2
assert rates.good["AdaDerivative"][0] > 0.05 and rates.good["AdaDerivative"][1] > 5
derivative, belief = rates.sweep.data.loss.median(("seed", "start")).values
assert (derivative[:12] < 0.98 * belief[:12]).all()
assert (derivative[33:] < belief[33:] / 5).all()

# %%
# Basins
# ------
# Long steps lead to other minima. From the steep edge at the lower right of Himmelblau's function AdaBelief ends in the
# minimum just above it. AdaDerivative passes that one and comes to rest in the next, at (3, 2), from :n:`share[0]:.0%` of
# the starts there. In the whole square the two end in different minima from :n:`apart:.0%` of the starts.

basins = study.basins(og.AdaDerivative.at(lr=0.3), beside=og.AdaBelief.at(lr=0.3))
basins

# %%

# proof: from the lower right edge AdaDerivative passes the nearest minimum, and AdaBelief does not;
# from a tenth of all starts the two end in different minima
found = basins.sweep.data.minimum.squeeze()
apart = ((found[0] != found[1]) & (found >= 0).all("optimizer")).mean().item()
edge = found.sel(start_x=slice(1, 5), start_y=slice(-5, -4))
share = (edge == 0).mean(("start_y", "start_x")).values
assert share[0] > 0.9 and share[1] < 0.02 and 0.08 < apart < 0.12

# %%
# How to set it
# -------------
# A change of noise is larger than the noise: the difference of two independent errors has twice the variance of one.
# Where noise is all there is, ``s`` is twice Adam's ``v``, and the steps are shorter by the root of two. So a learning
# rate found for Adam under noise may be about 1.4 times as large here, while under a steady gradient it should be smaller.

# proof: in pure noise its steps are shorter than Adam's by the root of two
noise = dict(start=0.0, steps=3000, lr=0.1, noise=1.0)
runs = [og.descend(rule, lambda x: 0 * x, **noise) for rule in (og.AdaDerivative, og.Adam)]
variance = (runs[0].states["s"][1:] / runs[1].states["v"][1:])[1000:].mean()
shorter = np.divide(*(np.abs(np.diff(run.theta, axis=0)).mean() for run in runs))
np.testing.assert_allclose(variance, 2, atol=0.15)
np.testing.assert_allclose(shorter, 0.5**0.5, atol=0.04)

# %%
# Where it fails
# --------------
# The abstract of :cite:t:`zou2023` names AdaBelief's overshoot as what the change of the gradient is to remove. In the
# form used here it does not: on a plain bowl, AdaDerivative runs :n:`past["AdaDerivative"]:.2f` past the minimum along y,
# AdaBeliefD :n:`past["AdaBeliefD"]:.2f` and AdamD :n:`past["AdamD"]:.2f`. On the long way down the gradient changes
# little, the steps get long, and ``m`` keeps them going.

bowl = og.surfaces.unit_bowl
runs = og.race([og.AdamD, og.AdaBeliefD, og.AdaDerivative], bowl, lr=0.1, steps=100)
runs.plot()

# %%

# proof: on a bowl it overshoots more than AdaBeliefD, and twice as much as AdamD
past = {name: -0.4 - run.theta[:, 1].min() for name, run in runs.items()}
assert (
    past["AdaDerivative"] > 1.2 * past["AdaBeliefD"] and past["AdaDerivative"] > 2 * past["AdamD"]
)

# %%
# Its lead in the valley is a lead at the learning rate of 0.1. At 0.2 Adam, too, reaches the end of the valley, and
# AdaDerivative is too fast: its loss is :n:`ours[2] / theirs[2]:.0f` times Adam's. And it needs half as much memory again
# as Adam.

# proof: at 0.05 and 0.1 its loss is less than a third of Adam's, at 0.2 over three times as high
grid = dict(start=[valley.start], steps=100, lr=np.array([[0.05], [0.1], [0.2]]))
ours, theirs = (
    og.descend(rule, valley, **grid).loss[-1, :, 0] for rule in (og.AdaDerivative, og.Adam)
)
assert (ours[:2] < theirs[:2] / 3).all() and ours[2] > 3 * theirs[2]
assert traits.memory["AdaDerivative"] == 3 == 1.5 * len(og.Adam.state_names)

# %%
# Provenance
# ----------
# The idea is that of :cite:t:`zou2023`; the form is that of the article's OptimizerVisualizer
# (:cite:t:`impactcrater2024`), without its negligible weight decay. As there, ``m`` is not corrected, ``eps`` is added to
# ``s`` in every step and again to its root, and the first change is measured from zero. Only the abstract of the paper
# was open to us, so how the paper does these is not confirmed here. A third-party implementation that cites it, in
# MultiOptPy, corrects neither average and adds an ``eps`` of 1e-8 inside the root. Neither PyTorch nor the packages that
# the tests compare with have the rule, and the tests hold it to steps worked out by hand.
#
# .. oracles:: AdaDerivative
