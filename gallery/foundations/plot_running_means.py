r"""
Exponential moving averages
===========================

An exponential moving average, or EMA, keeps a whole history in one number. It smooths noise and lags behind;
:math:`\beta` sets both.
"""

import matplotlib.pyplot as plt
import numpy as np

import optguide as og


@og.surface(
    title="Half the squared distance", box=((-2.5, 3.5),), starts=((3.0,),), minima=((0.0,),)
)
def parabola(m):
    return m**2 / 2


averages = {f"β = {beta}": og.SGD.at(lr=1 - beta) for beta in (0.5, 0.9, 0.975)}
race = og.race(averages, parabola, steps=150, noise=1.0, title="Three averages of the same noise")
race

# %%
# The three points are averages of the same noise, whose mean is 0. They begin at 3. With :math:`\beta = 0.5` the
# average quickly forgets where it began, and then jumps about. With :math:`\beta = 0.975` it is calm, and late.
#
# One line
# --------
# A new value :math:`g` changes the average :math:`m` by a share of the difference:
#
# .. math:: m \leftarrow \beta m + (1 - \beta) \, g = m - (1 - \beta) (m - g)
#
# The right-hand side is a step of plain descent on :math:`(m - g)^2 / 2` with the learning rate :math:`1 - \beta`,
# which is how the race above was made. A value that is k steps old has the weight :math:`(1 - \beta) \beta^k`, hence
# *exponential*.

beta = 0.9
age = np.arange(400)
weights = (1 - beta) * beta**age

# %%

# proof: after 150 steps the point is the weighted sum of the values, and what is left of its start
run = race["β = 0.9"]
values = (run.theta[:-1] - run.grad)[:, 0]  # the gradient is m - g
np.testing.assert_allclose(run.theta[-1, 0], weights[:150] @ values[::-1] + beta**150 * 3)

# %%
# The window
# ----------
# All weights add up to 1. It is often said that the average looks back over :math:`1 / (1 - \beta)` values, ten of them
# here. This window is soft: the last ten values hold :n:`100 * weights[:10].sum():.0f` % of the weight, the older ones
# the rest. The mean age of what is remembered is
#
# .. math:: (1 - \beta) \sum_{k \ge 0} k \, \beta^k = \frac{\beta}{1 - \beta}
#
# With 0.9 it is 9 steps, with 0.975 it is 39.

# proof: the weights add up to 1, and the last ten to :math:`1 - \beta^{10}`
np.testing.assert_allclose(weights.sum(), 1)
np.testing.assert_allclose(weights[:10].sum(), 1 - beta**10)

# %%

# proof: the mean age is :math:`\beta / (1 - \beta)`, so a larger :math:`\beta` gives the past more
# weight
for b in (0.5, 0.9, 0.975):
    k = np.arange(2000)
    np.testing.assert_allclose((1 - b) * b**k @ k, b / (1 - b))
np.testing.assert_allclose(weights @ age, 9)

# %%
# Noise
# -----
# Of independent noise with variance 1, the average keeps the sum of its squared weights:
#
# .. math:: (1 - \beta)^2 \sum_{k \ge 0} \beta^{2k} = \frac{1 - \beta}{1 + \beta}
#
# With :math:`\beta = 0.9` it is a nineteenth. A plain mean of the last 19 values has the same variance, and also the
# same mean age. But it has to store these 19 values for each weight of the network, in order to take out the oldest
# one. The EMA stores one.

# proof: of a million independent values the average keeps a nineteenth of the variance
np.testing.assert_allclose((weights**2).sum(), (1 - beta) / (1 + beta))
noise = np.random.default_rng(1).normal(size=1_000_000)
np.testing.assert_allclose(np.convolve(noise, weights, "valid").var(), 1 / 19, rtol=0.02)

# %%

# proof: the mean of the last 19 values has the same variance and the same age, but stores 19
# numbers where the EMA stores one
window = np.full(19, 1 / 19)
np.testing.assert_allclose((window**2).sum(), (weights**2).sum())
np.testing.assert_allclose(window @ np.arange(19), weights @ age)
assert len(window) == 19 and len(og.RMSprop.state_names) == 1

# %%
# Lag
# ---
# A signal that rises by 1 in each step is followed at a distance of exactly the mean age. On a noisy wave, a larger
# :math:`\beta` makes a smoother and later line.

t = np.arange(300)
wave = og.signals.noisy_sine(t)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(t, wave, ".", color="gray", ms=3, label="signal")
for b in (0.5, 0.9, 0.975):
    ax.plot(t, np.convolve(wave, (1 - b) * b**t)[:300], label=f"β = {b}")
ax.set(title="The smoother, the later", xlabel="step", ylabel="value")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=4)

# %%

# proof: the average follows a ramp nine steps behind
ramp = np.arange(400.0)
np.testing.assert_allclose(ramp[-1] - weights @ ramp[::-1], 9)

# %%
# Taking the lag off
# ------------------
# With the mean age :math:`a`, the average of the ramp is :math:`t - a`, and the average of this average
# :math:`t - 2a`. So :math:`2 (t - a) - (t - 2a) = t` has no lag. That is DEMA :cite:p:`mulloy1994`, twice the EMA minus
# the EMA of the EMA. If E takes the average of a signal, the error of the EMA is :math:`(1 - E)` applied to it, and the
# error of DEMA :math:`1 - 2E + E^2 = (1 - E)^2`. TEMA :cite:p:`mulloy1994b` goes on to :math:`(1 - E)^3`. Each factor
# lowers the degree of a polynomial by one, so DEMA reproduces straight lines, and TEMA parabolas. Both let more noise
# through: of the variance, the EMA keeps :n:`kept[0]:.3f`, DEMA :n:`kept[1]:.3f` and TEMA :n:`kept[2]:.3f`. Two rules
# :ref:`use them in the place of an EMA <sphx_glr_gallery_optimizers_plot_adabelief_dema.py>`.

twice = np.convolve(weights, weights)[:400]
thrice = np.convolve(twice, weights)[:400]
dema, tema = 2 * weights - twice, 3 * weights - 3 * twice + thrice
kept = [float((w**2).sum()) for w in (weights, dema, tema)]

# %%

# proof: DEMA and TEMA do not lag behind a ramp, TEMA not even behind a parabola, and both keep more
# noise
for w in (dema, tema):
    np.testing.assert_allclose(w @ ramp[::-1], ramp[-1])
np.testing.assert_allclose(tema @ ramp[::-1] ** 2, ramp[-1] ** 2)
np.testing.assert_allclose(ramp[-1] ** 2 - dema @ ramp[::-1] ** 2, 2 * 9**2, rtol=1e-6)
assert kept[0] < kept[1] < kept[2]
