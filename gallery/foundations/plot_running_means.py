r"""
Running means
=============

A running mean remembers a whole history in one number. It calms noise, and pays with a lag; :math:`\beta` sets both.
"""

import matplotlib.pyplot as plt
import numpy as np

# %%
# One line
# --------
# The rule is :math:`m \leftarrow \beta m + (1 - \beta) g`. It is called the exponential moving average, or EMA, because
# a value that is k steps old has the weight :math:`(1 - \beta) \beta^k`.


def ema(values, beta):
    """The running means of values, started at zero."""
    means, m = [], 0.0
    for value in values:
        m = beta * m + (1 - beta) * value
        means.append(m)
    return np.array(means)


beta = 0.9
age = np.arange(400)
weights = (1 - beta) * beta**age
signal = np.random.default_rng(0).normal(size=400)
np.testing.assert_allclose(ema(signal, beta)[-1], weights @ signal[::-1])

# %%
# The window
# ----------
# All weights add up to 1. One often says that the mean looks back over :math:`1 / (1 - \beta)` values, ten of them here.
# That is a soft window: the last ten values hold 65 % of the weight, and the tail holds the rest. The mean age of what
# is remembered is :math:`\beta / (1 - \beta)`, nine steps.

print("weight of the last ten:", weights[:10].sum())
print("mean age:", weights @ age)
np.testing.assert_allclose(weights.sum(), 1)
np.testing.assert_allclose(weights[:10].sum(), 1 - 0.9**10)
np.testing.assert_allclose(weights @ age, 9)

# %%
# Calm
# ----
# Independent noise with variance 1 leaves the mean with variance :math:`(1 - \beta) / (1 + \beta)`, here a nineteenth.

noise = np.random.default_rng(1).normal(size=(20_000, 50))
variance = ema(noise, beta)[200:].var()
print("variance of the mean:", variance, " 1/19 =", 1 / 19)
np.testing.assert_allclose(variance, 1 / 19, rtol=0.02)

# %%
# Lag
# ---
# A signal that rises by 1 each step is followed at a distance of exactly the mean age. That is the price.

ramp = np.arange(400.0)
print("behind a ramp:", ramp[-1] - ema(ramp, beta)[-1])
np.testing.assert_allclose(ramp[-1] - ema(ramp, beta)[-1], 9)

# %%

t = np.arange(300)
sine = np.sin(t / 20) + np.random.default_rng(2).uniform(-0.5, 0.5, 300)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(t, sine, ".", color="gray", ms=3, label="signal")
ax.plot(t, ema(sine, 0.5), color="#4c9be8", label="β = 0.5: quick, rough")
ax.plot(t, ema(sine, 0.9), color="#e8a33d", label="β = 0.9")
ax.plot(t, ema(sine, 0.975), color="#d1495b", label="β = 0.975: calm, late")
ax.set(title="The calmer, the later", xlabel="step", ylabel="value")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)

# %%
# The lag of the mean can be measured and taken off. DEMA does it once, 2 EMA - EMA(EMA), and TEMA twice, 3 EMA -
# 3 EMA(EMA) + EMA(EMA(EMA)): neither lags behind a ramp, and both let more noise through.

once = ema(noise, beta)
twice = ema(once, beta)
thrice = ema(twice, beta)
dema, tema = 2 * once - twice, 3 * once - 3 * twice + thrice
print("variance, DEMA and TEMA:", dema[200:].var(), tema[200:].var())
assert 1 / 19 < dema[200:].var() < tema[200:].var()

once = ema(ramp, beta)
twice = ema(once, beta)
thrice = ema(twice, beta)
np.testing.assert_allclose((2 * once - twice)[-1], ramp[-1])
np.testing.assert_allclose((3 * once - 3 * twice + thrice)[-1], ramp[-1])

# %%
# Before this: :ref:`which rates are stable <sphx_glr_gallery_foundations_plot_stability_on_a_quadratic.py>`.
# Next: :ref:`momentum as an oscillator <sphx_glr_gallery_foundations_plot_momentum_as_an_oscillator.py>`.
# The rules with DEMA and TEMA have :ref:`a page of their own <sphx_glr_gallery_optimizers_plot_adabelief_dema.py>`.
