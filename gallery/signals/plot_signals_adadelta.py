r"""
Signals: Adadelta from zero
===========================

Adadelta takes its scale from its own past steps. They start at zero, so its steps begin tiny and grow, and a parameter
that is updated often gets ahead of one that is updated rarely.
"""

import numpy as np

import optguide as og
from optguide import study

rho = np.array([0.25, 0.9, 0.975])
adadelta = og.Adadelta.at(lr=0.25, eps=1e-3)
responses = study.responses(adadelta, rho=rho, title="Adadelta's steps begin tiny")
responses["rectangles"]

# %%
# The gradient is prescribed: 1 for 20 steps, then -1 for 20 steps, and again. The update is what the rule subtracts
# from the parameter. Mind its scale: these steps are small.
#
# The rule multiplies what RMSprop would do by the root of ``s``, an average of its own squared steps
# (:math:`E[\Delta x^2]` in :cite:t:`zeiler2012`). ``eps`` stands inside both roots; here it is 1e-3. Without it the rule
# would never move. The factor ``lr`` of 0.25 is ours: :cite:t:`siarshai2017` has none, so the updates there are four
# times as large, and of the same shape.
#
# Six signals
# -----------
# The same three settings, given each of the six :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`: a row for
# each signal, a column for each setting. The thin line is the gradient. Mind the scales: they differ from row to row.

responses

# %%
# Small steps
# -----------
# At first ``s`` is zero, and a step is the root of ``eps`` times RMSprop's first step: between
# :n:`rectangles[0, 0]:.3f` and :n:`rectangles[0, 2]:.3f` on the rectangles. In the charts of all
# signals that is hardly more than a line at zero.

# proof: the first update is the root of eps times RMSprop's
rectangles = np.abs(responses["rectangles"].update)
like = og.RMSprop.at(lr=0.25, eps=0, eps_root=1e-3)
rmsprop = og.respond(like, og.signals.rectangles, alpha=rho)
np.testing.assert_allclose(rectangles[0], np.sqrt(1e-3) * rmsprop.update[0], rtol=1e-9)

# %%
# It favours what is updated often
# --------------------------------
# Both signals have gradients of size 1. The rectangles show one at every step, the spikes at every 60th. On rectangles
# ``s`` builds up. Between spikes it is forgotten, and each spike finds Adadelta where it began. So at the end the
# frequent gradient gets the larger update: :n:`often[0]:.0f`, :n:`often[1]:.1f` and :n:`often[2]:.2f` times as large in
# the three columns. A memory of 0.975 is so long that 300 steps are not enough to build up much.

# proof: at the end a frequent gradient gets a larger update than a rare one, for every decay
spikes = responses["spikes"].update[::60]
often = rectangles[299] / spikes[-1]
np.testing.assert_allclose(spikes, spikes[:1] * np.ones((5, 1)), rtol=0.01)
assert (often > 1).all() and often[0] > 10 and 1.1 < often[2] < 1.15

# %%
# RMSprop does the opposite: the rare gradient gets the larger update, for every length of memory.

# proof: RMSprop favours the rare gradient
rare = og.respond(like, og.signals.spikes, alpha=rho)
assert (np.abs(rmsprop.update[299]) < rare.update[240]).all()
