r"""
Signals: Nesterov
=================

Nesterov reads the gradient where its velocity is about to carry it. With a momentum of 0.975 it so reacts to a turn
of the sine before plain momentum does, and it may look right past a peak.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.Nesterov,
        getattr(og.signals, name),
        lr=0.25,
        momentum=[0.25, 0.9, 0.975],
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Nesterov looks ahead by its velocity")

# %%
# A velocity of 5 at a momentum of 0.975 means that the signal is read almost five steps ahead.
#
# It reacts earlier
# -----------------
# Compare with :ref:`momentum <sphx_glr_gallery_signals_plot_signals_momentum.py>` on the noisy sine, at 0.975. Where
# the update changes its sign, the rule has turned. When its update falls through zero, Nesterov is four or five steps
# ahead.

momentum = og.respond(og.Momentum, og.signals.noisy_sine, lr=0.25, momentum=0.975)
plain = momentum.update
ahead = responses["noisy_sine"].update[:, 2]
plain_turns = 21 + np.flatnonzero(plain[20:-1] * plain[21:] < 0)
ahead_turns = 21 + np.flatnonzero(ahead[20:-1] * ahead[21:] < 0)
print("momentum turns at", plain_turns)
print("Nesterov turns at", ahead_turns)
np.testing.assert_array_equal(plain_turns - ahead_turns, (4, -6, 5, -5))

# %%
# At the other turns it is *late*, by five or six steps. There the velocity is negative. Distance is read as time, and
# a point that lies uphill lies in the past. So the claim holds as long as the velocity is positive. This is a limit of
# the experiment, not of Nesterov's rule: on a landscape, ahead is ahead in every direction.
#
# The same limit makes the answers to the symmetric rectangles lopsided at 0.975. Positive updates are cut short and
# negative ones drawn out, more so with every period. In the seventh hardly any positive update is left.

rectangles = responses["rectangles"].update[:, 2]
whole = rectangles[240:280]
print("sum of updates over one whole period, up:", whole[whole > 0].sum())
print("and down:", whole[whole < 0].sum())
assert 0 <= whole[whole > 0].sum() < -0.02 * whole[whole < 0].sum()

# %%
# It can look past a peak
# -----------------------
# A tooth is 20 steps long, its peak at t = 79. At a momentum of 0.975 the velocity reaches 15. From t = 65 on the rule
# looks over the peak into the trough behind it and stops accelerating, 14 steps before the gradient is largest.
# Momentum accelerates up to the peak.

teeth = responses["uneven_sawtooth"].update[:80]
rolling = og.respond(og.Momentum, og.signals.uneven_sawtooth, steps=80, lr=0.25, momentum=0.975)
print("fastest at, for the three momenta:", teeth.argmax(axis=0))
print("plain momentum of 0.975:", rolling.update.argmax())
assert teeth[:, 2].argmax() == 65 and rolling.update.argmax() == 79
look = 65 + 0.975 * teeth[64, 2]
print("read at t = 65: the signal at", look)
assert 79 < look < 80

# %%
# A larger learning rate makes the velocity larger, and the look with it. At 1 instead of 0.25, a momentum of 0.975
# looks 40 steps ahead: two whole teeth. What it reads there has little to do with where it is.

hasty = og.respond(og.Nesterov, og.signals.uneven_sawtooth, steps=80, lr=1.0, momentum=0.975)
print("furthest look, in steps:", 0.975 * hasty.update.max())
assert 35 < 0.975 * hasty.update.max() < 45

# %%
# Before this: :ref:`momentum <sphx_glr_gallery_signals_plot_signals_momentum.py>`. Next:
# :ref:`smoothed Nesterov <sphx_glr_gallery_signals_plot_signals_smoothed_nesterov.py>`. The rule itself has a
# :ref:`page of its own <sphx_glr_gallery_optimizers_plot_nesterov.py>`.
