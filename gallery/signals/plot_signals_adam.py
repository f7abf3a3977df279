r"""
Signals: Adam
=============

Adam adds up directions as momentum does and divides by their size as RMSprop does. Well set, it is not jolted by a
spike, and its bias correction makes the first answers as large as the later ones.
"""

import numpy as np

import optguide as og

responses = {
    name: og.respond(
        og.Adam,
        getattr(og.signals, name),
        lr=0.25,
        betas=([0.25, 0.9, 0.975], 0.999),
        eps=1e-7,
    )
    for name in og.signals.__all__
}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Adam takes spikes calmly")

# %%
# The columns are ``betas``. The first of them, the memory of the direction, is varied.
#
# A spike does not jolt it
# ------------------------
# At 0.9 every spike is answered by at most the learning rate, 0.25, and the answer then fades over tens of steps.
# RMSprop with a memory of 0.9 answers with three times as much, and with the memory of Adam's second mean, 0.999,
# with far more.

spikes = responses["spikes"].update
rmsprop = og.respond(
    og.RMSprop,
    og.signals.spikes,
    lr=0.25,
    alpha=[0.9, 0.999],
    eps=0,
    eps_root=1e-5,
)
print("Adam's largest update:   ", spikes.max(axis=0))
print("RMSprop's largest update:", rmsprop.update.max(axis=0))
assert spikes[:, 1].max() < 0.25 + 1e-9
assert rmsprop.update[:, 0].max() > 3 * 0.25
assert rmsprop.update[:, 1].max() > 20 * 0.25

# %%
# It must be well set. At 0.25 the direction is almost the last gradient alone, while the size is averaged over
# hundreds of steps, most of them zero. A spike is then answered with five learning rates.

assert spikes[:, 0].max() > 5 * 0.25

# %%
# Bias correction synchronises the first teeth
# --------------------------------------------
# The first four teeth of the sawtooth are alike, and so are the peaks of the answer, for every memory.

peaks = responses["uneven_sawtooth"].update[[19, 39, 59, 79]]
print("first four peaks:", peaks, sep="\n")
np.testing.assert_allclose(peaks, peaks[:1] * np.ones((4, 1)), rtol=1e-6)

# %%
# :py:class:`~optguide.AlmostAdam` is the same rule without the correction. It divides by a mean that has hardly begun
# to fill. At 0.25 its first tooth is answered with twelve learning rates, the fourth with half as many.

almost = og.respond(
    og.AlmostAdam,
    og.signals.uneven_sawtooth,
    lr=0.25,
    betas=([0.25, 0.9, 0.975], 0.999),
    eps=1e-7,
).update[[19, 39, 59, 79]]
print("without the correction:", almost, sep="\n")
assert almost[0, 0] > 11 * 0.25
assert almost[3, 0] < 0.55 * almost[0, 0]

# %%
# It rolls on
# -----------
# When the gradient of the last row falls silent, RMSprop stops at once. Adam has a direction to forget first. Six
# steps later, at 0.9, more than half of the update is left.

saturation = responses["saturation"].update[:, 1]
print("at 39, 45 and 79:", saturation[[39, 45, 79]])
assert 0.5 < saturation[45] / saturation[39] < 0.6

# %%
# Where the small constant stands
# -------------------------------
# The experiment of :cite:t:`siarshai2017` has 1e-7 inside the root. Adam as published has its ``eps`` outside, and ours
# has no other. Does it matter? Here is the other form, with the numbers of the second column.


class AdamInside(og.Optimizer):
    """Adam with its small constant inside the root."""

    @staticmethod
    def update(theta, grad, t, m, v, *, lr=1e-3, betas=(0.9, 0.999), eps_root=1e-7):
        g = grad(theta)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        m_hat = m / (1 - betas[0] ** t)
        v_hat = v / (1 - betas[1] ** t)
        theta = theta - lr * m_hat / (v_hat + eps_root) ** 0.5
        return theta, m, v


difference = {
    name: np.abs(
        og.respond(
            AdamInside,
            getattr(og.signals, name),
            lr=0.25,
            betas=([0.25, 0.9, 0.975], 0.999),
        ).update
        - response.update
    ).max()
    for name, response in responses.items()
}
print("largest difference:", difference)
assert max(difference.values()) < 3e-6

# %%
# A few millionths, which no eye would see in the chart. The constant of 1e-7 stands beside a mean of squared gradients
# that is never below 0.01 once a gradient has come.

t = np.arange(1, 301)[:, None]
smallest = {
    name: float((response.states["v"][1:] / (1 - 0.999**t))[1:].min())
    for name, response in responses.items()
}
print("smallest mean of squares after the first step:", smallest)
assert min(smallest.values()) > 0.01

# %%
# Before this: :ref:`Adadelta <sphx_glr_gallery_signals_plot_signals_adadelta_big_start.py>`. Next: the landscapes,
# where slopes depend on where one stands: :ref:`sphx_glr_gallery_landscapes_plot_bowl_and_wobble.py`. The rule has a
# :ref:`page of its own <sphx_glr_gallery_optimizers_plot_adam.py>`.
