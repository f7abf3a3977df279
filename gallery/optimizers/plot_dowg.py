r"""
DoWG
====

DoG divides by all gradients that it has ever seen. DoWG weighs them by the distance from the start, so that those of
the first steps, which were taken before the step size was found, hardly count.
"""

import numpy as np

import optguide as og
from optguide import study

valley = og.surfaces.rosenbrock
rules = {
    "DoG, same first distance": og.DoG.at(reps_rel=0.01 / (1 + np.hypot(1.9, 0.9))),
    "DoWG": og.DoWG,
}
race = og.race(rules, valley, start=(-1.9, -0.9), steps=300)
race

# %%
# The start is high above Rosenbrock's valley, where the gradient is a thousand times that in the valley. Both begin with a
# distance of 0.01. In DoG's sum the first gradients remain, and keep its steps in the valley short: after 300 steps it is
# at :n:`ends[0]:.2f`, DoWG at :n:`ends[1]:.2f`.

# proof: after the same first step and a start with large gradients DoWG ends lower, at less
# than 0.6 of the loss
dog, run = race.values()
ends = [dog.loss[-1], run.loss[-1]]
assert ends[1] < 0.6 * ends[0]

# %%

og.card(og.DoWG)

# %%
# The rule
# --------
# ``r`` is the square of the largest distance from the start, and weighs the squared gradients in ``G``. The step size is
# ``r`` over the root of ``G``: if all distances were the same, DoG's.

og.pseudocode(og.DoWG)

# %%

og.pseudocode(og.DoWG).hyperparameters

# %%
# What it repairs
# ---------------
# While DoG is looking for its step size, it takes many tiny steps, each with a large gradient. In ``G`` they remain for
# ever. DoWG's weights grow with the square of the distance: a gradient that was met at a hundredth of the present distance has a
# ten-thousandth of the weight. Its authors prove that it is as good as the best constant step, up to a logarithm, on smooth
# convex losses as well as on those with kinks.

# proof: its sum is that of the squared gradients, weighted by the squares of the largest distances,
# and a first distance of 0.01 gives DoG's first step, but for eps
away = np.linalg.norm(run.theta[:-1] - run.theta[0], axis=1)
weight = np.maximum.accumulate(np.maximum(away**2, 1e-4))
np.testing.assert_allclose(run.states["G"][1:], np.cumsum(weight * np.square(run.grad).sum(1)))
np.testing.assert_allclose(run.theta[1], dog.theta[1], rtol=1e-4)

# %%
# What follows from the formula alone. ``eps`` is a squared length as well as a bound for the denominator, so the size
# of the loss matters a little:

study.traits(og.DoWG)

# %%
# One knob: eps
# -------------
# ``eps`` is the square of the first distance. As in DoG it may be far too small, at the price of some steps.

guesses = {f"eps = {eps:g}": og.DoWG.at(eps=eps) for eps in (1e-8, 1e-4, 1.0)}
knob = og.race(guesses, og.surfaces.booth, steps=200)
og.plot_loss(knob)

# %%

# proof: each larger eps comes within 0.001 of the minimum sooner, and all do
arrived = [run.arrived(1e-3) for run in knob.values()]
assert arrived[0] > arrived[1] > arrived[2]

# %%
# No axis of learning rates
# -------------------------
# On Rosenbrock's function from 64 starts its median loss is :n:`rates.loss["DoWG"]:.2f` after 200 steps, DoG's
# :n:`rates.loss["DoG"]:.2f`, that of Adam at the best of 37 learning rates :n:`rates.loss["Adam"]:.3f`.

rates = study.rates([og.DoWG, og.DoG], beside=og.Adam)
rates

# %%

# proof: it ends lower than DoG, and higher than Adam at its best learning rate
assert rates.loss["Adam"] < rates.loss["DoWG"] < rates.loss["DoG"]

# %%
# How to set it
# -------------
# Leave ``eps`` at 1e-4. It needs no average of the iterates, says its paper, where DoG's recommends one. What
# :cite:t:`kasimbeg2025b` found for rules without a learning rate warns here, too: at the settings of the literature they
# did poorly on the workloads of a benchmark, and after a search for better ones the best of them slightly worse than
# NAdamW.
#
# Where it fails
# --------------
# The weights make the sum forget, and with it the reason for caution: DoWG works at the edge of stability, as its authors show for
# networks. In the ravine its loss falls to :n:`edge.loss[:peak].min():.1f`, rises to :n:`edge.loss[peak]:.0f`, above
# the :n:`edge.loss[0]:.0f` of the start, and falls again; DoG's never rises above the start.

first = og.DoG.at(reps_rel=0.01 / (1 + np.linalg.norm(og.surfaces.ravine.starts[0])))
edge = og.descend(og.DoWG, og.surfaces.ravine, steps=200)
calm = og.descend(first, og.surfaces.ravine, steps=200)
og.plot_loss({"DoWG": edge, "DoG, same first distance": calm})

# %%

# proof: the loss of DoWG falls below 1, rises above that of the start and falls again, DoG's never
# rises above that of the start
peak = edge.loss.argmax()
assert max(edge.loss[:peak].min(), edge.loss[-1]) < 1
assert edge.loss.max() > 1.2 * edge.loss[0] and calm.loss.max() <= calm.loss[0]

# %%
# Provenance
# ----------
# :cite:t:`khaled2023`, with the authors' ``eps``. ``optax`` lets the first distance and the bound of the denominator differ.
# The authors' code keeps its sums in float32. The package ``dowg`` on PyPI is by others, and clips.
#
# .. oracles:: DoWG
