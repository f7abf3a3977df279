r"""
Signals: Adam
=============

Adam averages directions as momentum does and divides by their size as RMSprop does. Well set, a spike does not throw it
off, and the correction of the bias makes its first responses as large as the later ones.
"""

import numpy as np

import optguide as og
from optguide import study

memories = ([0.25, 0.9, 0.975], 0.999)
adam = og.Adam.at(lr=0.25, eps=1e-7)
rmsprop = og.RMSprop.at(lr=0.25, eps=0, eps_root=1e-5)
title = "Adam's response to a spike is small and fades slowly"
responses = study.responses(adam, betas=memories, title=title)
two = {
    "Adam": og.respond(adam, og.signals.spikes, betas=(0.9, 0.999)),
    "RMSprop": og.respond(rmsprop, og.signals.spikes, alpha=0.9),
}
og.animate(two)

# %%
# The gradient is prescribed: 1 at every 60th step, 0 in between. The update is what a rule subtracts from the parameter.
# RMSprop jumps and stops. Adam takes a smaller step and goes on, less and less.
#
# Six signals
# -----------
# A row for each of the six :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`. The columns are ``betas``: the
# first of them, the decay of the average of gradients, is varied. The thin line is the gradient. Mind the scales: they
# differ from row to row.

responses

# %%
# A spike is no jolt
# ------------------
# At 0.9 the update after a spike is :n:`spikes[:, 1].max():.2f` at most, no more than the learning rate, and then fades
# over tens of steps. So a well-set Adam needs no clipping of gradients here. RMSprop with a memory of 0.9 responds
# with :n:`two["RMSprop"].update.max() / 0.25:.1f` learning rates, and with the memory of Adam's second average, 0.999,
# with :n:`long.max() / 0.25:.0f`.

# proof: at 0.9 a spike moves Adam by at most one learning rate, RMSprop by more than three
spikes = responses["spikes"].update
long = og.respond(rmsprop, og.signals.spikes, alpha=0.999).update
assert two["Adam"].update.max() < 0.25 + 1e-9
assert two["RMSprop"].update.max() > 3 * 0.25 and long.max() > 20 * 0.25

# %%
# It has to be well set. At 0.25 the direction is almost the last gradient alone, while the size is averaged over
# a thousand steps, most of them zero. Then a spike moves it by :n:`spikes[:, 0].max() / 0.25:.1f` learning rates.

# proof: with a short memory of the direction a spike moves Adam by more than five learning rates
assert spikes[:, 0].max() > 5 * 0.25

# %%
# The correction makes the first peaks alike
# ------------------------------------------
# The first four teeth of the sawtooth have the same height, and so have the peaks of the update, for every memory.
# :cite:t:`siarshai2017` says so of the rectangles, where the extremes come at the end of each stretch: with a
# short memory of the direction they are alike from the first on; with 0.975 the first is
# :n:`edges[0, 2] / edges[2, 2]:.2f` times the third, since the average has then seen one sign only.

# proof: the first four teeth get peaks of the same height
peaks = responses["uneven_sawtooth"].update[[19, 39, 59, 79]]
np.testing.assert_allclose(peaks, peaks[:1] * np.ones((4, 1)), rtol=1e-6)

# %%

# proof: on rectangles the first extremes are alike for the shortest memory, and the first is the
# largest for longer ones
edges = np.abs(responses["rectangles"].update[[19, 39, 59, 79]])
np.testing.assert_allclose(edges[:, 0], edges[0, 0], rtol=1e-6)
assert (edges[1:, 1:] < edges[0, 1:]).all()

# %%
# :py:class:`~optguide.AlmostAdam` is the same rule without the correction. It divides by an average that has hardly begun
# to fill. At 0.25 its first tooth gets :n:`almost[0, 0] / 0.25:.0f` learning rates, the fourth
# :n:`almost[3, 0] / 0.25:.0f`.

# proof: without the correction the first tooth gets about twice the update of the fourth
rule = og.AlmostAdam.at(lr=0.25, eps=1e-7)
almost = og.respond(rule, og.signals.uneven_sawtooth, betas=memories).update[[19, 39, 59, 79]]
assert almost[0, 0] > 11 * 0.25 and almost[3, 0] < 0.55 * almost[0, 0]

# %%
# Smooth on the sine
# ------------------
# The source also notes that on the noisy sine a smooth response comes for free. Measured by the mean absolute second
# difference, and relative to the spread of each response, Adam's at 0.975 is :n:`100 * rough[0] / rough[1]:.0f` % as
# jagged as RMSprop's. What smooths it is the average of gradients, as in momentum.

# proof: on the noisy sine Adam's response is less than a tenth as jagged as RMSprop's
size = og.respond(og.RMSprop.at(lr=0.25, alpha=0.975), og.signals.noisy_sine)
pair = responses["noisy_sine"].update[:, 2], size.update
rough = [np.abs(np.diff(update, 2)).mean() / update.std() for update in pair]
assert rough[0] < 0.1 * rough[1]

# %%
# It goes on without a gradient
# -----------------------------
# When the gradient of the last row becomes zero, RMSprop stops at once. Adam's average of gradients has to decay first.
# Six steps later, at 0.9, :n:`100 * left:.0f` % of the update is left.

# proof: six steps after the last gradient more than half of the update is left
saturation = responses["saturation"].update[:, 1]
left = saturation[45] / saturation[39]
assert 0.5 < left < 0.6

# %%
# Where the small constant stands
# -------------------------------
# The experiment of :cite:t:`siarshai2017` has 1e-7 inside the root. Adam as published has its ``eps`` outside, and ours
# has no other. Here is the other form.


class AdamInside(og.Optimizer):
    """Adam with its small constant inside the root."""

    @staticmethod
    def update(theta, grad, t, m, v, *, lr=1e-3, betas=(0.9, 0.999), eps_root=1e-7):
        g = grad(theta)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        m_hat = m / (1 - betas[0] ** t)
        v_hat = v / (1 - betas[1] ** t)
        theta = theta - lr * m_hat / (v_hat + eps_root) ** 0.5
        return theta, m, v


# %%
# The two differ by :n:`difference:.0e` at most, which no eye sees in the chart. The constant of 1e-7 stands beside an
# average of squared gradients that is never below :n:`smallest:.2f` once a gradient has come.

# proof: the place of the constant changes no update by more than three millionths
inside = study.responses(AdamInside.at(lr=0.25), betas=memories)
difference = max(
    np.abs(inside[name].update - found.update).max() for name, found in responses.items()
)
corrected = 1 - 0.999 ** np.arange(1, 301)[:, None]
smallest = min((found.states["v"][1:] / corrected)[1:].min() for found in responses.values())
assert difference < 3e-6 and smallest > 0.01
