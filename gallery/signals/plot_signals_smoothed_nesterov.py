r"""
Signals: smoothed Nesterov
==========================

A single gradient read ahead is as noisy as the signal. The mean of four, read along the way there, is smoother, as
long as the way is longer than one step of the signal.
"""

import numpy as np

import optguide as og
from optguide import study

far = {"lr": 0.25, "momentum": 0.975}
two = {
    "one gradient": og.respond(og.Nesterov, og.signals.noisy_sine, steps=120, **far),
    "four gradients": og.respond(og.SmoothedNesterov, og.signals.noisy_sine, steps=120, **far),
}
og.animate(two, title="Nesterov's rule reads one gradient ahead, or four")

# %%
# The gradient is prescribed: a sine in noise. The update is what a rule subtracts from the parameter. Both are carried
# far beyond the noise by their momentum of 0.975. With one gradient read ahead the update is more jagged, and it falls
# earlier.
#
# The rule is :py:class:`~optguide.SmoothedNesterov`, mentioned by :cite:t:`siarshai2017`: it reads the gradient at a
# quarter, a half, three quarters and the whole of the way, and takes the mean. That costs four gradients a step.
#
# Six signals
# -----------
# Three values of ``momentum``, one in each column, and a row for each of the six
# :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`. The thin line is the gradient. Mind the scales: they differ
# from row to row.

momenta = [0.25, 0.9, 0.975]
title = "Four gradients read ahead, averaged"
responses = study.responses(og.SmoothedNesterov.at(lr=0.25), momentum=momenta, title=title)
responses

# %%
# Smoother
# --------
# We measure how jagged a response is by its mean absolute second difference: zero for a straight line, large for a
# zigzag. On the noisy sine, reading four gradients instead of one brings it down to :n:`100 * share[1]:.0f` % at a
# momentum of 0.9 and to :n:`100 * share[2]:.0f` % at 0.975.

# proof: on the noisy sine four gradients give a smoother response than one, and within the first
# 120 steps, too
single = og.respond(og.Nesterov, og.signals.noisy_sine, lr=0.25, momentum=momenta).update
smooth = responses["noisy_sine"].update
jagged = [np.abs(np.diff(update, 2, axis=0)).mean(axis=0) for update in (single, smooth)]
share = jagged[1] / jagged[0]
assert share[1] < 0.75 and share[2] < 0.55
shown = [np.abs(np.diff(run.update, 2)).mean() for run in two.values()]
assert shown[1] < 0.6 * shown[0]

# %%
# Not on every signal
# -------------------
# On the very noisy sine the velocity at 0.9 stays below 1. All four points lie within one step, where the signal is a
# straight line between two noisy values. Their mean lies nearer to the present than the single point does, and is no
# smoother: the response is :n:`rougher:.2f` times as jagged.

# proof: while the way ahead is shorter than a step, averaging along it smooths nothing
drowned = responses["very_noisy_sine"].update[:, 1]
one = og.respond(og.Nesterov, og.signals.very_noisy_sine, lr=0.25, momentum=0.9).update
rougher = np.abs(np.diff(drowned, 2)).mean() / np.abs(np.diff(one, 2)).mean()
assert np.abs(drowned).max() < 1 < rougher

# %%
# Between Nesterov and momentum
# -----------------------------
# The points along the way are nearer on average, so the rule turns later than Nesterov's and earlier than momentum. On
# the noisy sine at 0.975 the update first falls below zero at :n:`first[0]`, :n:`first[1]` and :n:`first[2]`.

# proof: smoothed Nesterov turns two steps after Nesterov's rule and two before momentum
momentum = og.respond(og.Momentum, og.signals.noisy_sine, lr=0.25, momentum=0.975).update
first = [20 + int((update[20:] < 0).argmax()) for update in (single[:, 2], smooth[:, 2], momentum)]
assert first == [84, 86, 88]
