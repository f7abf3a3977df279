r"""
Signals: momentum
=================

Momentum adds up the gradients it is given. The sum can far exceed a single step of plain descent, and the longer the
memory, the later it changes direction.
"""

import numpy as np

import optguide as og
from optguide import study

gamma = np.array([0.25, 0.9, 0.975])
title = "Momentum adds up, and turns late"
responses = study.responses(og.Momentum.at(lr=0.25), momentum=gamma, title=title)
responses["rectangles"]

# %%
# The gradient is prescribed: 1 for 20 steps, then -1 for 20 steps, and again. The update is what the rule subtracts
# from the parameter. The learning rate is 0.25, so plain descent would respond to a gradient of 1 with an update of
# 0.25.
#
# Six signals
# -----------
# The same three settings, given each of the six :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`: a row for
# each signal, a column for each setting. The thin line is the gradient. Mind the scales: they differ from row to row.

responses

# %%
# Far more than one step
# ----------------------
# A rectangle shows the same gradient for 20 steps. The velocity becomes
# :math:`1 + \gamma + \dots + \gamma^{19} = (1 - \gamma^{20}) / (1 - \gamma)` gradients: :n:`reach[0]:.1f`,
# :n:`reach[1]:.1f` and :n:`reach[2]:.1f` of them in the three columns.

# proof: twenty equal gradients add up to the geometric sum
rectangles = responses["rectangles"].update
reach = rectangles.max(axis=0) / 0.25
np.testing.assert_allclose(reach, (1 - gamma**20) / (1 - gamma), rtol=1e-9)

# %%
# Late turns
# ----------
# What was added up has to be cancelled first. The rectangle changes its sign at t = 20. With a momentum of 0.25 the
# update follows at once, with 0.9 after :n:`follows[1] - 20` steps, with 0.975 after :n:`follows[2] - 20`.

# proof: the update changes its sign 0, 5 and 13 steps after the gradient
follows = 20 + (rectangles[20:] < 0).argmax(axis=0)
np.testing.assert_array_equal(follows, (20, 25, 33))

# %%
# Noise
# -----
# Adding up also helps, because independent noise averages out. In the fourth row a wave is hidden in noise. The
# correlation of the update with the clean wave is :n:`likeness[0]:.2f` for a momentum of 0.25, which lets the noise
# through, and :n:`likeness[2]:.2f` for 0.975, which removes the noise but is so late that the wave is out of phase. In
# between, with 0.9, it is :n:`likeness[1]:.2f`.

# proof: the noisy wave is found best with a momentum of 0.9
noisy = responses["very_noisy_sine"].update
wave = np.sin(np.arange(300) / 20)
likeness = np.array([np.corrcoef(wave, column)[0, 1] for column in noisy.T])
assert likeness[1] > 0.75 and max(likeness[0], likeness[2]) < 0.6
