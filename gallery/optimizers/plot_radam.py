r"""
RAdam
=====

Adam divides its steps by a scale that it learns on the way. RAdam lets the scale count only as much as it can be
trusted. Its first five steps are plain momentum. Then steps start very short and grow: a warm-up nobody has to tune.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.RAdam)

# %%
# The rule
# --------
# The :term:`running means <running mean>` ``m`` and ``v``, of the slope and of its square, are
# :ref:`Adam's <sphx_glr_gallery_optimizers_plot_adam.py>`. The scale is the root of ``v``. :math:`\rho` says on how many
# slopes the scale rests by now. Up to 5 of them it is left out. From then on it counts, and the step is multiplied by a trust ``r``, which rises from almost 0
# to 1.

og.pseudocode(og.RAdam)

# %%

og.pseudocode(og.RAdam).hyperparameters

# %%
# What it repairs
# ---------------
# Early on Adam has seen few slopes, and a few small ones by chance make the step too long. Give 4,000 weights slopes
# that are nothing but :term:`noise` of size 1, and look at the factor :math:`1/\sqrt{\hat v}` by which Adam multiplies
# them. It should be 1. We print how widely it spreads over the weights, alone and times the trust ``r`` (``nan``:
# RAdam leaves the scale out).


def rectify(t, beta2=0.999):
    """How many slopes the scale rests on, and how far to trust it."""
    most = 2 / (1 - beta2) - 1
    rho = most - 2 * t * beta2**t / (1 - beta2**t)
    trust = (rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)
    return rho, np.sqrt(np.where(rho > 5, trust, np.nan))


slopes = np.random.default_rng(0).normal(size=(1000, 4000))
spread = {}
for t in (1, 2, 6, 10, 30, 100, 1000):
    weights = 0.999 ** np.arange(t)[::-1]
    factor = 1 / np.sqrt(weights @ slopes[:t] ** 2 / weights.sum())
    spread[t] = factor.std()
    print(f"{t:4} slopes: spread {spread[t]:7.4f}", end=", ")
    print(f"times r: {spread[t] * rectify(t)[1]:.4f}")
assert spread[1] > 20 and 0.35 < spread[6] < 0.5 and spread[1000] < 0.03

# %%
# For one slope or two the variance of this factor is infinite, in theory. The trust ``r`` is chosen so that the product of both
# spreads equally at all times, by as much as the factor will in the end: 0.0158. The formula is an approximation. For
# six slopes it is too careful, and from thirty on it is within a tenth.

final = np.sqrt(1 / (2 * 1999))
steady = [spread[t] * rectify(t)[1] for t in (30, 100, 1000)]
np.testing.assert_allclose(steady, final, rtol=0.1)
assert 0.6 * final < spread[6] * rectify(6)[1] < 0.8 * final

# %%
# So noise moves the weights less at the start. Here 400 of them stand at the minimum of a bowl, and their slopes are
# noise. The noise is small, 0.001, but Adam divides by its size, so its steps are no smaller for it. We print how far
# the weights have spread. A linear :ref:`warm-up
# <sphx_glr_gallery_foundations_plot_warm_up.py>` of Adam over 2,000 steps protects them even better, as
# :cite:t:`ma2021` advise.


def bowl(*weights):
    return 0.001 * (torch.stack(weights) ** 2).sum(0) / 2


warm = partial(torch.optim.lr_scheduler.LinearLR, start_factor=1 / 2000, total_iters=2000)
rules = {
    "Adam": og.Adam,
    "RAdam": og.RAdam,
    "Adam, warmed up": partial(og.Adam, schedule=warm),
}
noise = {"start": np.zeros(400), "steps": 100, "lr": 0.01, "noise": 0.001}
away = {}
for name, rule in rules.items():
    away[name] = np.std(og.descend(rule, bowl, **noise).theta, axis=1)
    print(f"{name:16s} after 10 steps: {away[name][10]:.5f}", end=", ")
    print(f"after 100: {away[name][100]:.4f}")
assert away["Adam"][10] > 20 * away["RAdam"][10]
assert away["Adam"][100] > 3 * away["RAdam"][100]
assert away["RAdam"][100] > 2 * away["Adam, warmed up"][100]

# %%
# Watch it
# --------
# A bowl, with slopes near 1. Five steps of momentum carry RAdam off. Then the scale comes in, with a trust of
# 0.03: it all but stops, and slowly gathers speed again.

run = og.descend(og.RAdam, og.surfaces.unit_bowl, lr=0.05, steps=200)
og.animate({"RAdam": run}, panels=("map", "m", "v"))

# %%

length = np.linalg.norm(np.diff(run.theta, axis=0), axis=1)
print("length of steps 1, 5, 6, 20 and 50:", length[[0, 4, 5, 19, 49]].round(4))
assert length[:5].min() > 0.04 and length[5] < 0.003
assert length[5] < length[19] < length[49]

# %%
# One knob: the memory of the scale
# ---------------------------------
# ``beta2`` sets how many slopes the scale will rest on in the end, and with it the length of the warm-up. Half of the
# trust takes 11 steps with 0.9, 61 with 0.99 and 556 with 0.999. The first five steps are momentum's in each case.

t = np.arange(1, 3001)
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.semilogx(t, rectify(t, 0.9)[1], label="beta2 = 0.9")
ax.semilogx(t, rectify(t, 0.99)[1], label="0.99")
ax.semilogx(t, rectify(t, 0.999)[1], label="0.999")
ax.set(
    title="The longer the memory, the later it is trusted",
    xlabel="step",
    ylabel="r",
)
ax.legend()

# %%

half = [int(t[rectify(t, b)[1] > 0.5][0]) for b in (0.9, 0.99, 0.999)]
plain = [int((rectify(t[:100], b)[0] <= 5).sum()) for b in (0.9, 0.99, 0.999)]
print("half of the trust at step:", half, " steps of plain momentum:", plain)
assert half == [11, 61, 556] and plain == [5, 5, 5]

# %%
# With ``beta2`` below two thirds :math:`\rho` never exceeds 5. RAdam is then momentum for ever.

never = og.descend(og.RAdam, og.surfaces.unit_bowl, lr=0.05, steps=50, betas=(0.9, 0.6))
mean = never.states["m"][1:] / (1 - 0.9 ** np.arange(1, 51))[:, None]
np.testing.assert_allclose(np.diff(never.theta, axis=0), -0.05 * mean)

# %%
# The whole axis of rates
# -----------------------
# Against Adam, on Rosenbrock's valley: the median loss after 200 steps from 64 starts, and the middle half of them as
# a band. RAdam's axis ends early. Where it diverges it does so within five steps, before the scale has had any say.
# So these five allow a few thousandths at most, and with that the cautious steps that follow hardly move.

rosenbrock, himmelblau = og.surfaces.rosenbrock, og.surfaces.himmelblau
sweep = og.sweep(
    [og.Adam, og.RAdam],
    rosenbrock,
    rosenbrock.sample(64),
    steps=200,
    lr=np.logspace(-5, 1, 37),
)
og.plot_rates(sweep)

# %%

lr, lost = sweep.data.lr.values, sweep.data.diverged_at.sel(optimizer="RAdam")
adam, radam = sweep.data.loss.fillna(np.inf).median(("seed", "start")).values
falls = lr[(lost >= 0).mean(("seed", "start")).values > 0.5][0]
print(
    f"best rates: Adam {lr[adam.argmin()]:.2g}, RAdam {lr[radam.argmin()]:.2g}; more than half lost from {falls:.2g}"
)
assert 3e-4 < lr[radam.argmin()] < 4e-3 < falls < 0.012 and lost.max() <= 6
assert radam.min() > 50 * adam.min()

# %%
# The four minima of Himmelblau's function, and where each start of a grid gets to in 200 steps at 0.03. The islands
# are starts that five steps of momentum happen to bring near a minimum. From the grey ones the way is still long when
# the trust begins at 0.03; from the black corners there is no return.

basins = og.sweep([og.Adam, og.RAdam], himmelblau, himmelblau.grid(96), steps=200, lr=0.03)
og.plot_basins(basins, "RAdam")

# %%

arrived = (basins.data.minimum >= 0).mean(("seed", "start_y", "start_x")).values
gone = float((basins.data.diverged_at.sel(optimizer="RAdam") >= 0).mean())
print(
    "share of starts that arrive, Adam and RAdam:",
    arrived,
    " share of RAdam's that diverge:",
    gone,
)
assert arrived[0] > 0.75 and 0.2 < arrived[1] < 0.35 and 0.005 < gone < 0.03

# %%
# Where it fails
# --------------
# The first steps are proportional to the slope, as momentum's are. What Adam had won is lost there: where slopes are
# steep, its steps are long. In a ravine, at a rate that suits Adam, RAdam is thrown out before it has ever divided by
# a scale.


@og.surface(
    box=((-10, 2), (-2, 2)),
    starts=((-9.0, 1.5),),
    minima=((0, 0),),
    shading="log",
)
def ravine(x, y, *, k=100):
    """A straight ravine: k times steeper across than along."""
    return (x**2 + k * y**2) / 2


adam = og.descend(og.Adam, ravine, lr=0.3, steps=150)
thrown = og.descend(og.RAdam, ravine, lr=0.3, steps=150)
print(adam)
print(thrown)
print("its first steps across:", thrown.theta[:4, 1].round(1))
assert adam.loss[-1] < 1e-4
assert thrown.diverged_at <= 5

# %%
# And where nothing is noisy, there is nothing to be careful about. On :ref:`Booth's function
# <sphx_glr_gallery_landscapes_plot_booth_and_matyas.py>` RAdam's first steps happen to be good ones. Then its steps are
# short, and Adam passes it.

race = og.race([og.Adam, og.RAdam], og.surfaces.booth, lr=0.1, steps=300)
race.plot()

# %%

adam, radam = race["Adam"], race["RAdam"]
print(f"loss after 5 steps:   {adam.loss[5]:.3g} and {radam.loss[5]:.3g}")
print(f"loss after 300 steps: {adam.loss[-1]:.3g} and {radam.loss[-1]:.3g}")
assert radam.loss[5] < adam.loss[5] / 3
assert radam.loss[-1] > 1000 * adam.loss[-1]

# %%
# Provenance
# ----------
# :cite:t:`liu2020`, algorithm 2. Its listing leaves the scale out up to :math:`\rho` = 4, the authors' code and
# PyTorch up to 5; we follow the code. The authors' code can also skip the first steps instead of taking them with
# plain momentum, which avoids the failure above. Whether the variance is what makes a warm-up necessary is disputed:
# :cite:t:`ma2021` point to the size of the early steps instead, and find a plain linear warm-up as good.
#
# PyTorch's own RAdam, on the same descent:

theirs = og.descend(torch.optim.RAdam, og.surfaces.unit_bowl, lr=0.05, steps=200)
print(
    "largest difference to torch.optim.RAdam:",
    np.abs(theirs.theta - run.theta).max(),
)
np.testing.assert_allclose(theirs.theta, run.theta, atol=1e-9)

# %%
# .. oracles:: RAdam
#
# Before this: :ref:`AMSGrad <sphx_glr_gallery_optimizers_plot_amsgrad.py>`, which distrusts a scale that shrinks.
# Next: :ref:`Yogi <sphx_glr_gallery_optimizers_plot_yogi.py>`, whose scale may shrink, but slowly.
