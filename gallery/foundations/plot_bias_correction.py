r"""
Bias correction
===============

An exponential moving average that starts at zero is too small at first, by the factor :math:`1 - \beta^t` exactly. Adam
divides by it; without that, its first steps are several times too long.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og


@og.surface(title="A straight line", box=((-29.0, 1.0),), starts=((0.0,),))
def line(x):
    return 3 * x


race = og.race({"Adam": og.Adam, "AlmostAdam": og.AlmostAdam}, line, steps=50, lr=0.1)
race

# %%
# On a straight line every derivative is 3, so every step should be as long as the one before. Adam's are, one learning
# rate each. AlmostAdam, which is Adam without its two corrections, starts three times as fast and becomes faster still.
#
# Where the factor comes from
# ---------------------------
# After t steps the average is :math:`m_t = (1 - \beta) \sum_{k=1}^{t} \beta^{t-k} g_k`. Its weights do not add up to 1,
# since their sum is geometric:
#
# .. math:: (1 - \beta) \sum_{k=1}^{t} \beta^{t-k} = 1 - \beta^t
#
# What is missing, :math:`\beta^t`, is the weight of the zero that the average started from. The same holds for the
# average of the squares, with its own :math:`\beta`. Dividing by :math:`1 - \beta^t` makes the weights add up to 1.

# proof: the weights of t steps add up to :math:`1 - \beta^t`, for 0.9 and for 0.999
for beta in (0.9, 0.999):
    for t in (1, 2, 10, 50):
        weights = (1 - beta) * beta ** np.arange(t)
        np.testing.assert_allclose(weights.sum(), 1 - beta**t)

# %%
# As if it had always been so
# ---------------------------
# With the derivative 3 in every step, the corrected average is 3 from the first step on. It behaves as if the same
# derivative had come in all the steps before the first.

run = race["Adam"]
t = np.arange(1, 51)
raw = run.states["m"][1:, 0]
corrected = raw / (1 - 0.9**t)
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(t, raw, color=og.AlmostAdam.color, label="as it is kept")
ax.plot(t, corrected, color=og.Adam.color, label="divided by $1 - β^t$")
ax.set(title="The average of a derivative that is always 3", xlabel="step", ylabel="average")
ax.legend()

# %%

# proof: the average that is kept is :math:`3 (1 - \beta^t)`
np.testing.assert_allclose(raw, 3 * (1 - 0.9**t))

# %%

# proof: the corrected one is 3 from the first step on
np.testing.assert_allclose(corrected, 3)

# %%
# The memory of :math:`\beta = 0.9` is about :math:`1 / (1 - \beta) = 10` steps long, that of 0.999 about 1,000. These
# are the steps in which the correction matters most: after ten, the first average has :n:`100 * (1 - 0.9**10):.0f` % of
# its weights, after a thousand the second has :n:`100 * (1 - 0.999**1000):.0f` %.

# proof: after one memory, 10 or 1,000 steps, an average has more than 63 % of its weights, after
# three memories more than 95 %
for beta, memory in ((0.9, 10), (0.999, 1000)):
    assert 1 - beta**memory > 0.63 and 1 - beta ** (3 * memory) > 0.95
    assert 1 - beta ** (memory // 10) < 0.11

# %%
# Gradients that differ
# ---------------------
# Real gradients are noisy, and they change on the way. The expectation of the average is
#
# .. math:: E[m_t] = (1 - \beta^t) \, E[g_t] + \zeta, \qquad
#    \zeta = (1 - \beta) \sum_{k=1}^{t} \beta^{t-k} \bigl(E[g_k] - E[g_t]\bigr)
#
# If all gradients have one mean, :math:`\zeta` is zero, and the corrected average is right on average
# (:cite:t:`kingma2015`, section 3). If their mean drifts, :math:`\zeta` is the lag of
# :ref:`every exponential moving average <sphx_glr_gallery_foundations_plot_running_means.py>`. No division removes it.
# It is small if the gradient changes little within the memory.

# proof: of 20,000 noisy gradients with the mean 3, the corrected average is 3 after five steps
weights = 0.1 * 0.9 ** np.arange(4, -1, -1)
noisy = 3 + 2 * np.random.default_rng(0).normal(size=(5, 20_000))
kept = (weights @ noisy).mean()
np.testing.assert_allclose(kept / (1 - 0.9**5), 3, atol=0.05)
np.testing.assert_allclose(kept, 3 * (1 - 0.9**5), atol=0.05)

# %%

# proof: if the gradient grows by 1 in each step, what the correction leaves is :math:`\zeta`, and
# in the end a lag of 9
for t, left in ((5, None), (400, -9)):
    g, weights = np.arange(1.0, t + 1), 0.1 * 0.9 ** np.arange(t)[::-1]
    zeta = weights @ (g - g[-1])
    np.testing.assert_allclose(weights @ g, (1 - 0.9**t) * g[-1] + zeta)
    assert left is None or abs(zeta - left) < 1e-9

# %%
# What it changes in Adam
# -----------------------
# Adam divides one average by the root of another. Uncorrected, the numerator is too small by :math:`1 - 0.9^t`, and the
# denominator by :math:`\sqrt{1 - 0.999^t}`. In the first step these are 0.1 and :n:`(1 - 0.999) ** 0.5:.3f`: the
# denominator lacks more. On the straight line a step is therefore
# :math:`(1 - 0.9^t) / \sqrt{1 - 0.999^t}` learning rates long.

almost = og.descend(og.AlmostAdam, line, steps=2000, lr=0.1)
steps = -np.diff(almost.theta[:, 0]) / 0.1
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.semilogx(np.arange(1, 2001), steps, color=og.AlmostAdam.color, label="AlmostAdam")
ax.axhline(1, color=og.Adam.color, label="Adam")
ax.set(title="The length of a step", xlabel="step", ylabel="learning rates")
ax.legend()

# %%
# So the uncorrected rule does not start gently. Its first step is :n:`steps[0]:.1f` learning rates long, the longest,
# step :n:`steps.argmax() + 1`, is :n:`steps.max():.1f`, and after a thousand steps it is still :n:`steps[999]:.2f`.

# proof: AlmostAdam's step is :math:`(1 - 0.9^t) / \sqrt{1 - 0.999^t}` learning rates, Adam's is one
t = np.arange(1, 2001)
np.testing.assert_allclose(steps, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-6)
np.testing.assert_allclose(-np.diff(run.theta[:, 0]), 0.1, rtol=1e-6)

# %%

# proof: it begins at more than three, exceeds six, and is above 1.2 after a thousand steps
assert 3.1 < steps[0] < 3.2 and 6 < steps.max() < 8
assert 1.2 < steps[999] < 1.3
