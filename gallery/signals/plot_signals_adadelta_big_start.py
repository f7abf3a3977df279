r"""
Signals: Adadelta from a large start
====================================

If Adadelta's average of squared steps starts large, its steps are large. They stay so as long as gradients keep
coming, and shrink when there are none.
"""

import numpy as np

import optguide as og
from optguide import study

rho = np.array([0.25, 0.9, 0.975])
adadelta = og.Adadelta.at(lr=0.25, eps=1e-3)
title = "A large start lasts as long as gradients come"
responses = study.responses(adadelta, rho=rho, initial_accumulator_value=50.0, title=title)
responses["saturation"]

# %%
# The gradient is prescribed: 1 for 40 steps, then 0 for 40 steps, and again. The update is what the rule subtracts from
# the parameter. While the gradient lasts, the steps keep most of their length; each silence costs some of it, and more
# if the memory is short.
#
# Everything is as on the page :ref:`from zero <sphx_glr_gallery_signals_plot_signals_adadelta.py>`, but ``s``, the
# average of squared steps, starts at 50. The factor ``lr`` of 0.25 is ours again: without it, as in
# :cite:t:`siarshai2017`, the first update is :n:`4 * first[2]:.0f` and not :n:`first[2]:.0f`.
#
# Six signals
# -----------
# The same three settings, given each of the six :ref:`signals <sphx_glr_gallery_signals_plot_overview.py>`: a row for
# each signal, a column for each setting. The thin line is the gradient. Mind the scales: they differ from row to row.

responses

# %%
# Large first steps
# -----------------
# The first update is the root of 50 times RMSprop's: from :n:`first[0]:.1f` to :n:`first[2]:.0f` for a gradient of 1.
# From zero it was below 0.05.

# proof: the first update is the root of 50 times RMSprop's
first = responses["spikes"].update[0]
np.testing.assert_allclose(first, 0.25 * np.sqrt((50 + 1e-3) / (1 - rho + 1e-3)), rtol=1e-9)

# %%
# Kept as long as gradients come
# ------------------------------
# On rectangles the size of the gradient never changes. Every step is then about as long as ``s`` says, and so ``s``
# stays as it is. Even with the shortest memory, :n:`100 * held[0]:.0f` % of the first update is left after 300 steps.

# proof: on rectangles more than seven eighths of the scale are left after 300 steps
rectangles = np.abs(responses["rectangles"].update)
held = rectangles[299] / rectangles[0]
assert (held > 0.88).all()

# %%
# Forgotten without them
# ----------------------
# Between two spikes there are 59 steps without a gradient. They multiply ``s`` by :math:`\rho^{59}`. With 0.25 and with
# 0.9 the response to the last spike is what it would be from zero. With 0.975 the memory is long enough to keep
# :n:`spikes[-1, 2] / spikes[0, 2]:.2f` of the first update to the end.

# proof: with a short memory the last spike is treated as if the start had been zero
spikes = responses["spikes"].update[::60]
zero = og.respond(adadelta, og.signals.spikes, rho=rho).update[::60]
np.testing.assert_allclose(spikes[-1, :2], zero[-1, :2], rtol=0.01)
assert 0.12 < spikes[-1, 2] / spikes[0, 2] < 0.16

# %%
# So the start acts like a learning rate for what is updated often, and has no effect on what is updated rarely. The
# first picture shows it at 0.9: each silence of 40 steps shrinks the update to less than half.

# proof: each silence of saturation takes more than half of the update
bursts = responses["saturation"].update[[39, 119, 199, 279], 1]
assert (bursts[1:] < 0.4 * bursts[:-1]).all()
