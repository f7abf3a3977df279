r"""
Signals: smoothed Nesterov
==========================

One look ahead is one noisy number. The mean of four looks on the way there is smoother, as long as the way is longer
than a step of the signal.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.SmoothedNesterov,
        getattr(og.signals, name),
        lr=0.25,
        momentum=[0.25, 0.9, 0.975],
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Four looks ahead, averaged")

# %%
# The rule is :py:class:`~optguide.SmoothedNesterov`: it reads the gradient at a quarter, a half, three quarters and
# the whole of the way, and takes the mean. That costs four gradients per step instead of one.
#
# Smoother
# --------
# How jagged a response is, we measure by its mean second difference: zero for a straight line, large for a zigzag.
# On the noisy sine the average is smoother than
# :ref:`Nesterov <sphx_glr_gallery_signals_plot_signals_nesterov.py>` by a third at a momentum of 0.9, and by half at
# 0.975.

single = og.respond(og.Nesterov, og.signals.noisy_sine, lr=0.25, momentum=[0.25, 0.9, 0.975]).update
smooth = responses["noisy_sine"].update
jagged_single = np.abs(np.diff(single, 2, axis=0)).mean(axis=0)
jagged_smooth = np.abs(np.diff(smooth, 2, axis=0)).mean(axis=0)
print("jaggedness, one look:  ", jagged_single)
print("jaggedness, four looks:", jagged_smooth)
assert jagged_smooth[1] < 0.75 * jagged_single[1]
assert jagged_smooth[2] < 0.55 * jagged_single[2]

# %%
# Not on every signal
# -------------------
# On the very noisy sine the velocity at 0.9 stays below 1. All four looks fall within one step, where the signal is a
# straight line between two noisy values. Their mean lies nearer to the present than the one long look does, and is no
# smoother: here it is even more jagged.

drowned = responses["very_noisy_sine"].update[:, 1]
one_look = og.respond(og.Nesterov, og.signals.very_noisy_sine, lr=0.25, momentum=0.9).update
print("largest velocity:", np.abs(drowned).max())
print(
    "jaggedness, one look and four:",
    np.abs(np.diff(one_look, 2)).mean(),
    np.abs(np.diff(drowned, 2)).mean(),
)
assert np.abs(drowned).max() < 1
assert np.abs(np.diff(drowned, 2)).mean() > np.abs(np.diff(one_look, 2)).mean()

# %%
# Between the two
# ---------------
# The looks on the way are shorter on average, so the rule turns later than Nesterov and earlier than momentum. On the
# noisy sine at 0.975 the first turn comes at 84, 86 and 88.

momentum = og.respond(og.Momentum, og.signals.noisy_sine, lr=0.25, momentum=0.975)
first = [
    20 + int((update[20:] < 0).argmax()) for update in (single[:, 2], smooth[:, 2], momentum.update)
]
print("first turn of Nesterov, smoothed Nesterov, momentum:", first)
assert first == [84, 86, 88]

# %%
# Before this: :ref:`Nesterov <sphx_glr_gallery_signals_plot_signals_nesterov.py>`. Next:
# :ref:`Adagrad <sphx_glr_gallery_signals_plot_signals_adagrad.py>`, which changes not the direction but the scale.
