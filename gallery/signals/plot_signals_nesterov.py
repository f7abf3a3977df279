r"""
Signals: Nesterov
=================

Nesterov's rule reads the gradient where its velocity is about to carry it. With a momentum of 0.975 it may look right
past a peak, and while its velocity is positive, it changes direction before plain momentum does.
"""

import numpy as np

import optguide as og
from optguide import study

far = {"lr": 0.25, "momentum": 0.975}
two = {
    "Momentum": og.respond(og.Momentum, og.signals.uneven_sawtooth, steps=80, **far),
    "Nesterov": og.respond(og.Nesterov, og.signals.uneven_sawtooth, steps=80, **far),
}
og.animate(two)

# %%
# The gradient is prescribed: teeth of 20 steps. The update is what a rule subtracts from the parameter. Momentum's grows
# up to each peak, Nesterov's begins to fall before it, and each time earlier, because its velocity has grown.
#
# A signal has no places, only times, so distance is read as time: a velocity of 5 at a momentum of 0.975 means that the
# signal is read almost five steps ahead. Between two whole times we interpolate. The code of :cite:t:`siarshai2017`
# adds the two neighbours with other weights there and has 0 beyond the end of the signal, so its charts show larger
# updates at 0.975 than ours.
#
# Six signals
# -----------
# Three values of ``momentum``, one in each column; a row for each of the six signals. The thin line is the gradient.
# Mind the scales: they differ from row to row.

title = "Nesterov looks ahead by its velocity"
responses = study.responses(og.Nesterov.at(lr=0.25), momentum=[0.25, 0.9, 0.975], title=title)
responses

# %%
# It turns earlier
# ----------------
# Compare with :ref:`momentum <sphx_glr_gallery_signals_plot_signals_momentum.py>` on the noisy sine, at 0.975, and call
# a change of the update's sign a turn. Where the update falls through zero, Nesterov's rule turns
# :n:`earlier[0]` and :n:`earlier[2]` steps before momentum.

# proof: where its update falls through zero, Nesterov's rule turns four or five steps before
# momentum
plain = og.respond(og.Momentum, og.signals.noisy_sine, **far).update
ahead = responses["noisy_sine"].update[:, 2]
turns = [21 + np.flatnonzero(u[20:-1] * u[21:] < 0) for u in (plain, ahead)]
earlier = turns[0] - turns[1]
np.testing.assert_array_equal(earlier, (4, -6, 5, -5))
assert plain[turns[0][0]] < 0 < plain[turns[0][1]]

# %%
# At the other two turns it is *later*, by :n:`-earlier[1]` and :n:`-earlier[3]` steps. There the velocity is negative,
# and a point that lies uphill lies in the past. So the statement holds only while the velocity is positive. That is a
# limit of this experiment, not of Nesterov's rule: on a landscape, ahead is ahead in every direction.
#
# The same limit distorts the responses to the symmetric rectangles at 0.975. Positive updates are cut short and
# negative ones drawn out, more so with every period. In the seventh period the positive updates sum to
# :n:`up:.2f`, the negative ones to :n:`down:.1f`.

# proof: in the seventh period of the rectangles hardly any positive update is left
whole = responses["rectangles"].update[240:280, 2]
up, down = whole[whole > 0].sum(), whole[whole < 0].sum()
assert 0 <= up < -0.02 * down

# %%
# It can look past a peak
# -----------------------
# Back to the first picture. The fourth tooth has its peak at t = 79. Nesterov's velocity reaches :n:`teeth[64]:.0f`.
# From t = :n:`teeth.argmax()` on the rule looks past the peak, where the next tooth starts from zero, and stops
# accelerating, while momentum accelerates up to the peak.

# proof: Nesterov's rule is fastest 14 steps before the peak, when it reads the signal behind it;
# momentum at the peak
teeth, rolling = two["Nesterov"].update, two["Momentum"].update
assert teeth.argmax() == 65 and rolling.argmax() == 79
look = 65 + 0.975 * teeth[64]
assert 79 < look < 80

# %%

# proof: on each of the four teeth Nesterov's update begins to fall before the peak, each time
# earlier, and momentum's at the peak
tops = [np.reshape(u, (4, 20)).argmax(axis=1) for u in (teeth, rolling)]
assert (np.diff(tops[0]) <= 0).all() and tops[0].max() < 19 and (tops[1] == 19).all()

# %%
# A larger learning rate makes the velocity larger, and the look-ahead with it. At a learning rate of 1 instead of 0.25,
# a momentum of 0.975 looks up to :n:`0.975 * hasty.update.max():.0f` steps ahead: two whole teeth. The gradient there
# says little about the present one.

# proof: at a learning rate of 1 it looks two teeth ahead
hasty = og.respond(og.Nesterov, og.signals.uneven_sawtooth, steps=80, lr=1.0, momentum=0.975)
assert 35 < 0.975 * hasty.update.max() < 45
