r"""
Bias correction
===============

A running mean that starts at zero is too small at first, by the factor :math:`1 - \beta^t` exactly. Adam divides by it.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

# %%
# Where the factor comes from
# ---------------------------
# After t steps the mean is :math:`m_t = (1 - \beta) \sum_{k=1}^{t} \beta^{t-k} g_k`. Its weights do not add up to 1. The
# sum is geometric:
#
# .. math:: (1 - \beta) \sum_{k=1}^{t} \beta^{t-k} = 1 - \beta^t
#
# What is missing, :math:`\beta^t`, is the weight of the zero that the mean started from. Dividing by
# :math:`1 - \beta^t` makes it a true mean of the slopes seen so far.

beta = 0.9
for t in (1, 2, 10, 50):
    weights = (1 - beta) * beta ** np.arange(t)
    print(t, weights.sum())
    np.testing.assert_allclose(weights.sum(), 1 - beta**t)

# %%
# As if it had always been so
# ---------------------------
# Feed both means a slope of 3, forever. The corrected one is 3 from the first step: it behaves as if all the steps
# before the first had brought the same slope.

plane = og.descend(og.Adam, lambda x: 3 * x, start=[0.0], steps=50, lr=0.1)
t = np.arange(1, 51)
raw = plane.states["m"][1:, 0]
corrected = raw / (1 - beta**t)
np.testing.assert_allclose(raw, 3 * (1 - beta**t))
np.testing.assert_allclose(corrected, 3)

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(t, raw, color=og.AlmostAdam.color, label="as it is kept")
ax.plot(t, corrected, color=og.Adam.color, label="divided by $1 - β^t$")
ax.set(
    title="A constant slope of 3, seen through a running mean",
    xlabel="step",
    ylabel="mean",
)
ax.legend()

# %%
# With noise it is right on average. 20,000 coordinates see the slope 3 plus noise of standard deviation 2:

noisy = 3 + 2 * np.random.default_rng(0).normal(size=(5, 20_000))
weights = (1 - beta) * beta ** np.arange(4, -1, -1)
kept = weights @ noisy
print("mean after 5 steps:", kept.mean(), (kept / (1 - beta**5)).mean())
np.testing.assert_allclose((kept / (1 - beta**5)).mean(), 3, atol=0.05)
np.testing.assert_allclose(kept.mean(), 3 * (1 - beta**5), atol=0.05)

# %%
# What it changes in Adam
# -----------------------
# Adam keeps two means, with 0.9 for the slope and 0.999 for its square. Without corrections both are too small, and the
# square root in the denominator is short by more than the numerator. On the plane the step is then
# :math:`(1 - 0.9^t) / \sqrt{1 - 0.999^t}` learning rates.

almost = og.descend(og.AlmostAdam, lambda x: 3 * x, start=[0.0], steps=2000, lr=0.1)
steps = -np.diff(almost.theta[:, 0]) / 0.1
t = np.arange(1, 2001)
np.testing.assert_allclose(steps, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-6)
np.testing.assert_allclose(-np.diff(plane.theta[:, 0]), 0.1, rtol=1e-6)
print("first step:", steps[0], "learning rates")
print("longest:", steps.max(), "at step", steps.argmax() + 1)
assert 3.1 < steps[0] < 3.2 and 6 < steps.max() < 8

# %%
# So the uncorrected rule does not start gently. It starts three times too fast, speeds up to more than six times, and
# is still above its proper speed after a thousand steps.

print("step 1000:", steps[999])
assert 1.2 < steps[999] < 1.3

# %%
# Before this: :ref:`momentum as an oscillator <sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py>`.
# Next: :ref:`adaptive scaling and units <sphx_glr_gallery_foundations_plot_adaptive_scaling_and_units.py>`. The rules:
# :ref:`almost Adam <sphx_glr_gallery_optimizers_plot_almost_adam.py>` and
# :ref:`Adam <sphx_glr_gallery_optimizers_plot_adam.py>`, from :cite:t:`kingma2015`.
