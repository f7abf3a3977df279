r"""
Signals: momentum
=================

Momentum adds up what it is shown. The sum can far exceed a single step of plain descent, and the longer the memory,
the later it turns.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.Momentum,
        getattr(og.signals, name),
        lr=0.25,
        momentum=[0.25, 0.9, 0.975],
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Momentum adds up, and turns late")

# %%
# Each column is one momentum. The learning rate is 0.25 everywhere, so plain descent would answer a gradient of 1 with
# an update of 0.25.
#
# Far more than one step
# ----------------------
# A rectangle shows the same gradient for 20 steps. The velocity becomes :math:`1 + \gamma + \dots + \gamma^{19}`
# gradients: 1.3 of them for a momentum of 0.25, almost 9 for 0.9 and almost 16 for 0.975.

rectangles = responses["rectangles"].update
gamma = np.array([0.25, 0.9, 0.975])
print("largest update, in plain steps:", rectangles.max(axis=0) / 0.25)
np.testing.assert_allclose(rectangles.max(axis=0) / 0.25, (1 - gamma**20) / (1 - gamma), rtol=1e-9)

# %%
# Late turns
# ----------
# What was added up must be paid back first. The rectangle turns at t = 20. With a momentum of 0.9 the update follows
# five steps later, with 0.975 thirteen steps later; with 0.25 it follows at once.

follows = 20 + (rectangles[20:] < 0).argmax(axis=0)
print("the gradient turns at 20, the update at", follows)
np.testing.assert_array_equal(follows, (20, 25, 33))

# %%
# Noise
# -----
# Adding up also helps, because noise cancels. In the fourth row a wave is drowned in noise. How much of the wave is in
# the update? Its correlation with the clean sine tells. A momentum of 0.25 lets the noise through. One of 0.975
# removes it and is so late that the wave is out of step. Here 0.9 serves best.

wave = np.sin(np.arange(300) / 20)
noisy = responses["very_noisy_sine"].update
likeness = np.array([np.corrcoef(wave, column)[0, 1] for column in noisy.T])
print("correlation with the wave:", likeness)
assert likeness[1] > 0.75
assert max(likeness[0], likeness[2]) < 0.6

# %%
# Before this: :ref:`all methods on one signal <sphx_glr_gallery_signals_plot_overview.py>`.
# Next: :ref:`Nesterov <sphx_glr_gallery_signals_plot_signals_nesterov.py>`, which looks ahead. The rule itself has a
# :ref:`page of its own <sphx_glr_gallery_optimizers_plot_momentum.py>`.
