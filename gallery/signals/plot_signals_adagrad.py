r"""
Signals: Adagrad
================

Adagrad divides by the root of the sum of all squared gradients so far. The sum only grows, so its response to the same
gradient becomes smaller and smaller.
"""

import numpy as np

import optguide as og
from optguide import study

eps = np.array([1e-7, 0.1, 10])
adagrad = og.Adagrad.at(lr=2.5, eps=0)
title = "Adagrad's response shrinks"
responses = study.responses(adagrad, initial_accumulator_value=eps, title=title)
responses["rectangles"]

# %%
# The gradient is prescribed: 1 for 20 steps, then -1 for 20 steps, and again. The update is what the rule subtracts
# from the parameter. The learning rate is 2.5 here, ten times that of the other pages. What is varied is the small constant
# :math:`\varepsilon` *inside* the root, as in :cite:t:`siarshai2017`. Our :py:class:`~optguide.Adagrad` has its ``eps``
# outside; a sum that starts at :math:`\varepsilon`, which is ``initial_accumulator_value``, does the same.
#
# Six signals
# -----------
# The same three settings, given each of the six :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`: a row for
# each signal, a column for each setting. The thin line is the gradient. Mind the scales: they differ from row to row.

responses

# %%
# It decays
# ---------
# Every gradient of the rectangles has size 1. With the t-th of them the sum of squares is t, and the update is
# :math:`2.5 / \sqrt t`: it fades to zero although the gradient is as large as ever. After 3,000 steps it is
# :n:`abs(longer.update[-1]):.3f`. RMSprop, which forgets, settles at its learning rate instead.

# proof: on rectangles Adagrad's update is 2.5 over the root of the number of steps
rectangles = np.abs(responses["rectangles"].update)
t = np.arange(1, 301)
np.testing.assert_allclose(rectangles[:, 0], 2.5 / np.sqrt(t), rtol=1e-6)
longer = og.respond(adagrad, og.signals.rectangles, steps=3000, initial_accumulator_value=1e-7)
assert abs(longer.update[-1]) < 0.05

# %%

# proof: RMSprop settles at its learning rate on rectangles
settled = og.RMSprop.at(lr=0.25, alpha=0.9, eps=0, eps_root=1e-5)
rmsprop = og.respond(settled, og.signals.rectangles)
np.testing.assert_allclose(np.abs(rmsprop.update[[99, 199, 299]]), 0.25, rtol=1e-3)

# %%
# Rare gradients keep long steps
# ------------------------------
# What shortens the steps is the sum of the gradients' squares, not the time. Of the spikes Adagrad has seen five by the end, of
# the rectangles 300. So its response to the last spike is :n:`spikes[240, 0] / rectangles[299, 0]:.1f` times as large as
# its last step on the rectangles. That is what Adagrad was made for (:cite:t:`duchi2011`): features that are rare and
# informative.

# proof: the last spike gets almost eight times the update of the last rectangle
spikes = responses["spikes"].update
np.testing.assert_allclose(spikes[::60, 0], 2.5 / np.sqrt(np.arange(1, 6)), rtol=1e-6)
assert 7 < spikes[240, 0] / rectangles[299, 0] < 8

# %%
# The constant matters only at the start
# --------------------------------------
# It shortens the first steps and then counts for less and less beside the growing sum. With 10 instead of almost nothing,
# the first update on the rectangles is :n:`rectangles[0, 2] / rectangles[0, 0]:.2f` times as large. At the end the three
# columns differ by :n:`100 * spread:.1f` %. The start lasts as long as the sum is small: five spikes add up to 5 only, and
# with 10 the response to the last of them is still :n:`spikes[240, 2] / spikes[240, 0]:.2f` times as large.

# proof: on rectangles the constant changes the first update by a factor of three and the last by
# less than two percent; on spikes the last one still by a factor of 0.58
np.testing.assert_allclose(rectangles[0], 2.5 / np.sqrt(1 + eps), rtol=1e-9)
spread = np.ptp(rectangles[-1]) / rectangles[-1, 0]
assert spread < 0.02 and rectangles[0, 0] > 3 * rectangles[0, 2]
np.testing.assert_allclose(spikes[240, 2] / spikes[240, 0], np.sqrt(5 / 15), rtol=1e-6)
