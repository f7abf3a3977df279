r"""
Signals: RMSprop
================

RMSprop divides by the recent size of the gradient. Whatever the gradient's scale, the answer settles at the learning
rate, and a rare gradient is answered far more strongly than a frequent one.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.RMSprop,
        getattr(og.signals, name),
        lr=0.25,
        alpha=[0.25, 0.9, 0.975],
        eps=0,
        eps_root=1e-5,
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("RMSprop settles at its learning rate")

# %%
# ``alpha`` is the share of the old mean that is kept. The small constant, 1e-5, stands inside the root: ``eps_root``.
#
# It settles
# ----------
# Once the running mean has filled up, the rectangles are answered with the learning rate, plus or minus 0.25. No
# decay: :ref:`Adagrad <sphx_glr_gallery_signals_plot_signals_adagrad.py>` would fade to zero.

rectangles = np.abs(responses["rectangles"].update)
print("size at 0, 99 and 299:", rectangles[[0, 99, 299]], sep="\n")
np.testing.assert_allclose(rectangles[299], 0.25, rtol=1e-3)

# %%
# The first step is larger. The mean starts at zero and is not corrected for that, so after one gradient it holds only
# a share :math:`1 - \alpha` of its square. The answer is the learning rate over :math:`\sqrt{1 - \alpha}`: with 0.975,
# more than six times too much.

alpha = np.array([0.25, 0.9, 0.975])
print("first update, in learning rates:", rectangles[0] / 0.25)
np.testing.assert_allclose(rectangles[0], 0.25 / np.sqrt(1 - alpha + 1e-5), rtol=1e-9)

# %%
# Rare is strong
# --------------
# Between two spikes the mean empties again. So *every* spike is answered like a first step, not only the first one.
# At 0.9 that is three times the learning rate.

spikes = responses["spikes"].update[::60]
print("the five spikes at 0.9:", spikes[:, 1])
np.testing.assert_allclose(spikes[:, 1], 0.25 / np.sqrt(0.1), rtol=2e-3)

# %%
# Scale drops out, after a while
# ------------------------------
# The sawtooth becomes four times lower after t = 80. With a short memory the peaks of the answer do not change at all.
# With a long memory RMSprop still divides by the old, large teeth: the first small tooth gets a third of the answer,
# and 200 steps later the answer is almost what it was.

peaks = responses["uneven_sawtooth"].update[[79, 99, 299]]
print("peaks at 79, 99 and 299:", peaks, sep="\n")
np.testing.assert_allclose(peaks[:, 0], peaks[0, 0], rtol=1e-3)
assert peaks[1, 2] < peaks[0, 2] / 3
assert 0.88 < peaks[2, 2] / peaks[0, 2] < 0.93

# %%
# No memory of direction
# ----------------------
# When the gradient is zero, so is the update. RMSprop remembers sizes, never directions.

silent = responses["saturation"].gradient == 0
assert not responses["saturation"].update[silent].any()

# %%
# Before this: :ref:`Adagrad <sphx_glr_gallery_signals_plot_signals_adagrad.py>`. Next:
# :ref:`Adadelta <sphx_glr_gallery_signals_plot_signals_adadelta.py>`.
