r"""
Tilted camel
============

Plain gradient descent stops in the first local minimum on its way. The rules that carry momentum and scale their
steps pass it, and go on to the global minimum.
"""

import numpy as np
import torch

import optguide as og
from optguide import study

camel = og.surfaces.tilted_camel
race = study.impactcrater2024(camel)
race

# %%
# All six begin in one corner, at a learning rate of 0.1. The steps of SGD are in proportion to the gradient, which
# vanishes at a minimum of any height. The others carry an exponential moving average of the gradient and divide it by
# its scale, or take its sign, as Lion does: where they pass nearest to SGD's minimum, they still move by about one learning rate per step.
#
# A ring marks the global minimum; the button "3-D" shows the map as a landscape.
#
# The landscape
# -------------
# Half of it is the six-hump camel function of :cite:t:`dixon1978`, squeezed into the square [-1, 1]², which has two
# global minima. The other half is a paraboloid around the corner (1, -1). It lifts one of the two above the other, by
# :n:`above:.2f`: that is where SGD stops. The mixture is from :cite:t:`impactcrater2024`.

og.formula(camel)

# %%

# proof: SGD ends in a local minimum, where the gradient vanishes and both curvatures are positive
lowest = np.array(camel.known_minima()[0])
sgd = og.descend(og.SGD.at(lr=0.1), camel, steps=1000)
trap = sgd.theta[-1]
hessian = torch.autograd.functional.hessian(lambda p: camel(*p), torch.tensor(trap))
np.testing.assert_allclose(race["SGD"].theta[-1], (0.075, 0.411), atol=1e-3)
np.testing.assert_allclose(trap, (0.075, 0.409), atol=2e-3)
assert np.abs(sgd.grad[-1]).max() < 1e-6 and torch.linalg.eigvalsh(hessian).min() > 0.1

# %%

# proof: that minimum is 0.16 higher than the global one
above = sgd.loss[-1] - camel(*lowest)
assert 0.155 < above < 0.165

# %%

# proof: nearest to SGD's minimum, the five others move by 0.8 to 1.6 learning rates per step
for name in list(race)[1:]:
    nearest = np.linalg.norm(race[name].theta - trap, axis=1).argmin()
    move = np.linalg.norm(race[name].theta[nearest + 1] - race[name].theta[nearest])
    assert 0.08 < move < 0.16

# %%
# Where they end
# --------------
# SGD stays in its local minimum; a thousand steps lead no further. Lion ends :n:`away["Lion"]:.2f` from the
# global minimum. It uses only the sign of its moving average, so each coordinate moves by exactly 0.1 in every step,
# and it cannot come to rest.

race.table()

# %%

# proof: the four rules that scale by a moving average end within 0.015 of the global minimum
away = {name: np.linalg.norm(run.theta[-1] - lowest) for name, run in race.items()}
assert max(away[name] for name in ("AdamD", "AdaBeliefD", "AdaDerivative", "AdaBC")) < 0.015
ends = [race[name].theta[-1] for name in ("AdamD", "AdaBeliefD", "AdaDerivative")]
np.testing.assert_allclose(ends, [(0.009, -0.728), (-0.002, -0.736), (0.012, -0.735)], atol=5e-4)

# %%

# proof: Lion comes near, and no nearer than its steps of 0.1 in each coordinate allow
assert 0.05 < away["Lion"] < 0.15
np.testing.assert_allclose(np.abs(np.diff(race["Lion"].theta, axis=0)), 0.1)

# %%
# From every start
# ----------------
# A race from one point shows what can happen, not how often. From a grid of 96 times 96 starts SGD reaches the global
# minimum in :n:`100 * basins.reached["SGD"]:.0f` % of the cases, and AdaBeliefD in
# :n:`100 * basins.reached["AdaBeliefD"]:.0f` %. What AdaBeliefD gains is the upper part of the map, from which the way
# down leads through the higher minimum. Only in a small patch around that minimum do descents start too slowly to
# leave it. From the right-hand side hardly any descent of either rule reaches the global minimum.

belief, plain = og.AdaBeliefD.at(lr=0.1), og.SGD.at(lr=0.1)
basins = study.basins(belief, beside=plain, surface=camel, steps=100)
basins

# %%

# proof: AdaBeliefD reaches the global minimum from three starts of four, SGD from two of five
assert 0.73 < basins.reached["AdaBeliefD"] < 0.80
assert 0.40 < basins.reached["SGD"] < 0.47

# %%
# How hard is it?
# ---------------
# Each rule may now choose its learning rate. Then SGD reaches the global minimum from half of the 48 starts and Adam
# from nearly all, both at larger learning rates than in the race. Momentum and Lion succeed from three of four.

hard = study.difficulty(camel)
hard

# %%
# One visit counts as success. RMSprop, without momentum, comes by from :n:`100 * hard.success["RMSprop"]:.0f` % of the
# starts, but at that learning rate its steps do not become short enough to stay: :n:`100 * there:.0f` % are there after
# the last step.

# proof: SGD succeeds from half of the starts, momentum and Lion from three quarters, Adam from 95 %
assert 0.46 < hard.success["SGD"] < 0.54 and hard.success["Adam"] > 0.95
np.testing.assert_allclose([hard.success[n] for n in ("Momentum", "Lion")], 0.75, atol=0.03)
assert min(hard.lr["SGD"], hard.lr["Adam"]) > 0.2

# %%

# proof: at its best learning rate, RMSprop is at the global minimum in the end from a third of the
# starts from which it succeeds
at_best = hard.sweep.data.sel(optimizer="RMSprop", lr=hard.lr["RMSprop"])
there = float((at_best.minimum >= 0).mean())
assert 0.60 < hard.success["RMSprop"] < 0.65 and 0.17 < there < 0.23
