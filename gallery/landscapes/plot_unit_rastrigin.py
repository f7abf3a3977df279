r"""
Rastrigin's egg cups
====================

Here the learning rate decides more than the rule. A small one leaves you in the nearest cup, a large one throws you off
the map, and between the two lies a narrow band that you cannot know beforehand.
"""

# sphinx_gallery_thumbnail_number = 1
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import optguide as og

cups = og.surfaces.unit_rastrigin
six = [og.SGD, og.Lion, partial(og.AdamD, eps=1e-16)]
six += [og.AdaBeliefD, og.AdaDerivative, og.AdaBC]
race = og.race(six, cups, steps=100, lr=0.1)
race

# %%
# The landscape
# -------------
# The function is that of :cite:t:`rastrigin1974`: a bowl with a cosine on top of each coordinate. The frame and the
# start (-0.7, 0.8) are those of :cite:t:`impactcrater2024`.

og.formula(cups)

# %%
# The article's formula has cups of amplitude ``a = 2``, while its height scale fits the usual amplitude 10. So
# the heights of this map do not reach 1; the highest point has two thirds of that.

x = np.linspace(-1, 1, 801)
shallow, deep = (
    cups(x, x[:, None]).max(),
    cups.replace(a=10)(x, x[:, None]).max(),
)
print(f"highest point with a = 2: {shallow:.3f}, with a = 10: {deep:.3f}")
np.testing.assert_allclose((shallow, deep), (0.669, 1.009), atol=0.005)

# %%
# Who fares how
# -------------

race.table()

# %%
# At 0.1 the three adaptive rules run through the cups to the middle, and AdaBC circles it. SGD's steps are
# proportional to the slope, and it jumps to and fro in one place. Lion strides over the cups and stays one stride
# away.

away = {name: float(np.linalg.norm(run.theta[-1])) for name, run in race.items()}
print({name: round(distance, 4) for name, distance in away.items()})
assert max(away["AdamD"], away["AdaBeliefD"], away["AdaDerivative"]) < 0.01
assert away["AdaBC"] < 0.06 and away["SGD"] > 0.7 and 0.05 < away["Lion"] < 0.15
assert np.abs(np.diff(race["SGD"].theta[-11:], axis=0)).min() > 0.02

# %%
# The whole learning-rate axis
# ----------------------------
# The article finds 0.1 by hand, and says how hard that is. One batched call shows the whole axis: 81 rates from 0.001
# to 10, everything else the same. A cross means that the point left the map on its way.
# A descent that diverged has no loss, and no mark.

rates = np.logspace(-3, 1, 81)
sgd = og.descend(og.SGD, cups, steps=100, lr=rates)
belief = og.descend(og.AdaBeliefD, cups, steps=100, lr=rates)
left = {
    run.name: (np.abs(run.theta) > 1).any(axis=(0, 2)) | (run.diverged_at >= 0)
    for run in (sgd, belief)
}

figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
for ax, run in zip(axes, (sgd, belief), strict=True):
    out = left[run.name]
    ax.loglog(
        rates[~out],
        run.loss[-1, ~out],
        "o",
        ms=4,
        color=run.color,
        label="stayed on the map",
    )
    ax.loglog(
        rates[out],
        run.loss[-1, out],
        "x",
        ms=5,
        color=run.color,
        label="left the map",
    )
    ax.set(
        title=f"{run.name}: loss after 100 steps",
        xlabel="learning rate",
        xlim=(8e-4, 12),
        ylim=(1e-5, 20),
    )
    ax.legend(loc="upper left")
axes[0].set_ylabel("loss")

# %%
# AdaBeliefD: up to a rate of 0.03 the point ends in a cup not far from the start, with a loss of at least 0.2.
# From 0.07 to 0.14, that is within a factor of two, it reaches the middle every time. Above that success is a matter
# of chance, and from 1 on most descents leave the map.

loss = belief.loss[-1]
assert (loss[rates < 0.03] > 0.2).all()
assert (loss[(rates > 0.07) & (rates < 0.145)] < 0.01).all()
assert (loss[(rates > 0.15) & (rates < 0.4)] > 0.01).all()
assert left["AdaBeliefD"][rates > 1].mean() > 0.5 and not left["AdaBeliefD"][rates < 0.5].any()

# %%
# SGD: no rate works. Small ones stick, and the large ones that would get it out of a cup throw it off the map. A leap may
# end in the middle; none of the 81 descents stays there for its last five steps.

assert not (np.linalg.norm(sgd.theta[-5:], axis=2) < 0.05).all(axis=0).any()
assert left["SGD"][rates > 1].all()

# %%
# The middle was lucky, too
# -------------------------
# Six runs from one start cannot show how rarely this works. Of 400 starts all over the square, AdaBeliefD, at the
# same good rate, finds the middle from nine in a hundred. The function is a part in x plus a part in y, so the two
# coordinates run their own races: each finds the middle from three starts in ten, both from 0.3 times 0.3.

grid = np.stack(np.meshgrid(*[np.linspace(-0.95, 0.95, 20)] * 2), axis=-1).reshape(-1, 2)
ends = og.descend(og.AdaBeliefD, cups, start=grid, steps=100, lr=0.1).theta[-1]
share = (np.linalg.norm(ends, axis=1) < 0.1).mean()
print("share of starts that end within 0.1 of the minimum:", share)
alone = (np.abs(ends) < 0.07).mean(axis=0)
print("share of starts from which x alone, and y alone, does:", alone)
assert 0.06 < share < 0.12
np.testing.assert_allclose(alone.prod(), share, atol=0.005)

# %%
# How hard is it?
# ---------------
# Hard. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random starts: Adam arrives from a third
# of them, no other rule from as many as a fifth.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
study = og.sweep(rules, cups, cups.sample(48), lr=rates)
study.table()

# %%
# Adam's rate is the article's 0.1, and its band is narrow, too: at the next smaller rate, 0.046, it arrives from
# nowhere, at the next larger, 0.22, from 6 %. SGD, RMSprop and Lion only come by. At the last step they are there
# from one start in twenty at most, whatever the rate.

share = (study.data.arrived_at >= 0).mean(("seed", "start"))
best = share.max("lr").to_series()
assert 0.3 < best["Adam"] < 0.37 and best.drop("Adam").max() < 0.2
band = share.sel(optimizer="Adam")[8:11]
print("Adam:", band.to_series().round(3).to_dict())
np.testing.assert_allclose(rates[8:11], (0.046, 0.1, 0.22), rtol=0.03)
assert band.values.argmax() == 1 and band[0] == 0 and 0.04 < band[2] < 0.08
stays = (study.data.minimum >= 0).mean(("seed", "start")).max("lr").to_series()
print("share that is there at last, at best:", stays.round(2).to_dict())
assert stays[["SGD", "RMSprop", "Lion"]].max() < 0.05

# %%
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_unit_bowl.py`, without the cups.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_tilted_camel.py`, with fewer hollows and a clear winner among them.
