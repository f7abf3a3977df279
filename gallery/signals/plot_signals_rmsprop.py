r"""
Signals: RMSprop
================

RMSprop divides by the recent size of the gradient. Whatever the gradient's scale, the update settles at the learning
rate, and a rare gradient causes a much larger update than a frequent one.
"""

import numpy as np

import optguide as og
from optguide import study

alpha = np.array([0.25, 0.9, 0.975])
rmsprop = og.RMSprop.at(lr=0.25, eps=0, eps_root=1e-5)
responses = study.responses(rmsprop, alpha=alpha, title="RMSprop settles at its learning rate")
responses["uneven_sawtooth"]

# %%
# The gradient is prescribed: four high teeth, then low ones. The update is what the rule subtracts from the parameter.
# ``alpha`` is the decay of the average: the share of the old value that is kept. The small constant, 1e-5, stands inside
# the root: ``eps_root``.
#
# Six signals
# -----------
# The same three settings, given each of the six :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`: a row for
# each signal, a column for each setting. The thin line is the gradient. Mind the scales: they differ from row to row.

responses

# %%
# It settles
# ----------
# Once the average of squares has filled up, the update on the rectangles is the learning rate, plus or minus 0.25. It
# does not decay as :ref:`Adagrad's <sphx_glr_gallery_signals_plot_signals_adagrad.py>` does.

# proof: on rectangles the update settles at the learning rate, for every decay
rectangles = np.abs(responses["rectangles"].update)
np.testing.assert_allclose(rectangles[299], 0.25, rtol=1e-3)

# %%
# The first step is longer. The average starts at zero and is not corrected for that, so after one gradient it holds only
# a share :math:`1 - \alpha` of its square, and the update is the learning rate over :math:`\sqrt{1 - \alpha}`:
# :n:`rectangles[0, 2] / 0.25:.1f` learning rates at 0.975.

# proof: the first update is the learning rate over the root of one minus alpha
np.testing.assert_allclose(rectangles[0], 0.25 / np.sqrt(1 - alpha + 1e-5), rtol=1e-9)

# %%
# Rare gradients cause large updates
# ----------------------------------
# At 0.25 and 0.9 the average empties between two spikes, so *every* spike is treated like the first one: at 0.9 the
# update is :n:`spikes[-1, 1] / 0.25:.1f` learning rates. At 0.975 a part of it is left, and the last update is
# :n:`1 - spikes[-1, 2] / spikes[0, 2]:.0%` smaller than the first.

# proof: with decays of 0.25 and 0.9 every spike is treated like the first; with 0.975 the last
# update is a tenth to an eighth smaller
spikes = responses["spikes"].update[::60]
for i in (0, 1):
    np.testing.assert_allclose(spikes[:, i], 0.25 / np.sqrt(1 - alpha[i]), rtol=2e-3)
assert 7 / 8 < spikes[-1, 2] / spikes[0, 2] < 9 / 10

# %%
# The scale drops out, after a while
# ----------------------------------
# The teeth of the sawtooth are a quarter as high after t = 80. With a short memory the peaks of the update do not
# change at all. With a long memory RMSprop still divides by the size of the old teeth: at 0.975 the first small tooth
# gets :n:`peaks[1, 2] / peaks[0, 2]:.2f` of the update before, and 200 steps later it is
# :n:`peaks[2, 2] / peaks[0, 2]:.2f` of it again.

# proof: a short memory forgets the size of the old teeth at once, a long one takes some two
# hundred steps
peaks = responses["uneven_sawtooth"].update[[79, 99, 299]]
np.testing.assert_allclose(peaks[:, 0], peaks[0, 0], rtol=1e-3)
assert peaks[1, 2] < peaks[0, 2] / 3
assert 0.88 < peaks[2, 2] / peaks[0, 2] < 0.93

# %%
# No memory of a direction
# ------------------------
# While the gradient is zero, so is the update. RMSprop remembers sizes, not directions.

# proof: without a gradient there is no update
silent = responses["saturation"].gradient == 0
assert silent.any() and not responses["saturation"].update[silent].any()
