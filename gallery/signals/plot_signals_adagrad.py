r"""
Signals: Adagrad
================

Adagrad divides by the root of all squared gradients so far. That sum only grows, so the answer to the same gradient
becomes smaller and smaller.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.Adagrad,
        getattr(og.signals, name),
        lr=2.5,
        eps=0,
        initial_accumulator_value=[1e-7, 0.1, 10],
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].set_title("ε\n1e-7")
axes[0, 1].set_title("ε\n0.1")
axes[0, 2].set_title("ε\n10")
axes[0, 0].figure.suptitle("Adagrad answers less each time")

# %%
# The learning rate is 2.5 here, ten times that of the other pages. The columns are the small constant
# :math:`\varepsilon` *inside* the root. Our :py:class:`~optguide.Adagrad` has its ``eps`` outside. Letting the sum
# start at :math:`\varepsilon` is the same as a constant inside the root, and so that is what is varied.
#
# It decays
# ---------
# Every gradient of the rectangles has the size 1. After t + 1 of them the sum is t + 1, and the update is
# :math:`2.5 / \sqrt{t + 1}`: it fades to zero, though the gradient is as large as ever.

rectangles = np.abs(responses["rectangles"].update)
t = np.arange(300)
print("size of the update at 0, 99 and 299:", rectangles[[0, 99, 299], 0])
np.testing.assert_allclose(rectangles[:, 0], 2.5 / np.sqrt(t + 1), rtol=1e-6)
longer = og.respond(
    og.Adagrad,
    og.signals.rectangles,
    steps=3000,
    lr=2.5,
    eps=0,
    initial_accumulator_value=1e-7,
)
print("after 3,000 steps:", abs(longer.update[-1]))
assert abs(longer.update[-1]) < 0.05

# %%
# RMSprop, which forgets, settles at its learning rate instead.

rmsprop = og.respond(
    og.RMSprop,
    og.signals.rectangles,
    lr=0.25,
    alpha=0.9,
    eps=0,
    eps_root=1e-5,
)
print("RMSprop at 99, 199 and 299:", rmsprop.update[[99, 199, 299]])
np.testing.assert_allclose(np.abs(rmsprop.update[[99, 199, 299]]), 0.25, rtol=1e-3)

# %%
# Rare gradients keep long steps
# ------------------------------
# The brake counts gradients, not time. Of the spikes it has seen five by the end, of the rectangles 300. So the last
# spike is answered almost eight times as strongly as the last step of the rectangles. That is what Adagrad was made
# for: rare features.

spikes = responses["spikes"].update
print("the five spikes:", spikes[::60, 0])
np.testing.assert_allclose(spikes[::60, 0], 2.5 / np.sqrt(np.arange(1, 6)), rtol=1e-6)
assert 7 < spikes[240, 0] / rectangles[299, 0] < 8

# %%
# What the constant does
# ----------------------
# It tames the first steps and is then forgotten. With 10 instead of almost nothing, the first update is a third as
# large. By the end the three columns differ by less than 2 percent.

print("first:", rectangles[0], " last:", rectangles[-1])
np.testing.assert_allclose(rectangles[0], 2.5 / np.sqrt(1 + np.array([1e-7, 0.1, 10])), rtol=1e-9)
assert np.ptp(rectangles[-1]) < 0.02 * rectangles[-1, 0]

# %%
# Before this: :ref:`smoothed Nesterov <sphx_glr_gallery_signals_plot_signals_smoothed_nesterov.py>`. Next:
# :ref:`RMSprop <sphx_glr_gallery_signals_plot_signals_rmsprop.py>`, Adagrad that forgets.
