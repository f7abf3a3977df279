r"""
Signals: Adadelta from zero
===========================

Adadelta takes its scale from its own past steps. As these start at zero, it has to work its way up, and what is
updated often gets ahead of what is updated rarely.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.Adadelta,
        getattr(og.signals, name),
        lr=0.25,
        rho=[0.25, 0.9, 0.975],
        eps=1e-3,
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Adadelta has to work its way up")

# %%
# The rule multiplies what RMSprop would do by the root of ``s``, the running mean of its own squared steps.
# :py:class:`~optguide.Adadelta` has its ``eps`` inside both roots; here it is 1e-3. Without it, nothing would ever
# move. The factor ``lr`` is 0.25, as on the other pages.
#
# Small steps
# -----------
# At first ``s`` is zero, and a step is the root of ``eps`` times RMSprop's first step. Compare the first update of
# the two rules on rectangles. In the charts above the answers are hardly more than a line at zero, so read the numbers.

rho = np.array([0.25, 0.9, 0.975])
rectangles = np.abs(responses["rectangles"].update)
rmsprop = og.respond(
    og.RMSprop,
    og.signals.rectangles,
    lr=0.25,
    alpha=rho,
    eps=0,
    eps_root=1e-3,
)
print("first update:", rectangles[0])
print("RMSprop's first:", rmsprop.update[0])
np.testing.assert_allclose(rectangles[0], np.sqrt(1e-3) * rmsprop.update[0], rtol=1e-9)

# %%
# It favours what is updated often
# --------------------------------
# Both signals have gradients of size 1. The rectangles show one at every step, the spikes at every 60th. On rectangles
# ``s`` builds up. Between spikes it is forgotten, and each spike finds Adadelta where it began. So at the end the
# frequent gradient gets the larger answer, at 0.25 more than ten times as large.

spikes = responses["spikes"].update[::60]
print("the five spikes:", spikes, sep="\n")
print("rectangles at 299:", rectangles[299])
print("often over rarely:", rectangles[299] / spikes[-1])
np.testing.assert_allclose(spikes, spikes[:1] * np.ones((5, 1)), rtol=0.01)
assert (rectangles[299] > spikes[-1]).all()
assert rectangles[299, 0] > 10 * spikes[-1, 0]

# %%
# RMSprop does the opposite. It answers the rare gradient more strongly, for every length of memory.

rare = og.respond(og.RMSprop, og.signals.spikes, lr=0.25, alpha=rho, eps=0, eps_root=1e-3)
print(
    "often over rarely, RMSprop:",
    np.abs(rmsprop.update[299]) / rare.update[240],
)
assert (np.abs(rmsprop.update[299]) < rare.update[240]).all()

# %%
# With 0.975 the advantage of the frequent gradient is only a tenth after 300 steps. Such a long memory learns slowly
# that it may take longer steps, too.

assert 1.1 < rectangles[299, 2] / spikes[-1, 2] < 1.15

# %%
# Before this: :ref:`RMSprop <sphx_glr_gallery_signals_plot_signals_rmsprop.py>`. Next:
# :ref:`a large start <sphx_glr_gallery_signals_plot_signals_adadelta_big_start.py>`.
