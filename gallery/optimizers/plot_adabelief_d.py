r"""
AdaBeliefD
==========

AdaBeliefD is AdaBelief without the bias correction of the first moment. Each step is AdaBelief's times
:math:`1 - \beta_1^t`: the same rule with a warm-up of about ten steps.
"""

from functools import partial

import numpy as np
from torch.optim.lr_scheduler import LambdaLR

import optguide as og
from optguide import study

choppy = og.surfaces.choppy_swell
race = og.race([og.AdaBelief, og.AdaBeliefD], choppy, steps=100, lr=0.1)
race

# %%
# On a landscape with many local minima a few shorter steps at the start are enough to end elsewhere. From this start
# AdaBeliefD settles in a local minimum at (:n:`trapped[0]:.2f`, :n:`trapped[1]:.2f`), and AdaBelief reaches the lowest
# point. The name is ours: the rule is what :cite:t:`impactcrater2024` draws as AdaBelief, and a picture of it should not
# be mistaken for the published one.

# proof: from this start AdaBelief reaches the lowest point, and AdaBeliefD a local minimum
np.testing.assert_allclose(race["AdaBelief"].theta[-1], choppy.minima[0], atol=0.01)
trapped = race["AdaBeliefD"].theta[-1]
np.testing.assert_allclose(trapped, (0.572, -0.684), atol=0.01)
calm = og.descend(og.AdaBeliefD, og.surfaces.swell, steps=100, lr=0.1)
np.testing.assert_allclose(calm.theta[-1], (0.5, -0.5), atol=0.01)

# %%

og.card(og.AdaBeliefD)

# %%
# The rule
# --------
# AdaBelief without the line that corrects ``m``.

og.pseudocode(og.AdaBeliefD)

# %%

og.pseudocode(og.AdaBeliefD).hyperparameters

# %%
# What it repairs
# ---------------
# AdaBelief's first prediction error is measured against an average that has only begun. Its first step is
# :math:`1 / \beta_1`, or 1.11 learning rates long, before anything is known about how steady the gradient is. AdaBeliefD
# begins with a tenth of that, :math:`(1 - \beta_1) / \beta_1`. The factor is :math:`1 - \beta_1^t` for as long as both see
# the same gradients, and after fifty steps it is 1 to :n:`100 * 0.9**50:.1f` %.

slow = {"AdaBelief": og.AdaBelief, "AdaBeliefD": og.AdaBeliefD}
og.plot_responses(
    {n: og.respond(r, lambda t: 1 + 0 * t, steps=50, lr=1.0) for n, r in slow.items()}
)

# %%

# proof: under the same noisy gradients every step is AdaBelief's times 1 - 0.9 to the power of t
plane = dict(start=(0, 0), steps=60, lr=0.1, noise=1.0)
runs = [og.descend(rule, lambda x, y: 2 * x - y, **plane) for rule in slow.values()]
np.testing.assert_array_equal(runs[0].grad, runs[1].grad)
factor = np.diff(runs[1].theta, axis=0) / np.diff(runs[0].theta, axis=0)
t = np.arange(1, 61)[:, None]
np.testing.assert_allclose(factor, np.broadcast_to(1 - 0.9**t, factor.shape), rtol=1e-6)

# %%

# proof: the first steps are 1.11 and 0.111 learning rates long
starts = [np.abs(run.theta[1] - run.theta[0]) for run in race.values()]
np.testing.assert_allclose(starts[0], 0.1 / 0.9, rtol=1e-4)
np.testing.assert_allclose(starts[1], 0.1 * 0.1 / 0.9, rtol=1e-4)

# %%
# So a schedule makes one of the other, on any landscape. Where the way is clear, as on the tilted camel, the warm-up
# changes little, and both end in the lowest minimum.

# proof: AdaBelief with a learning rate that warms up by this factor takes AdaBeliefD's path
camel = og.surfaces.tilted_camel
warm = partial(LambdaLR, lr_lambda=lambda epoch: 1 - 0.9 ** (epoch + 1))
pair = og.race(slow, camel, steps=100, lr=0.1)
scheduled = og.descend(og.AdaBelief, camel, steps=100, lr=0.1, schedule=warm)
np.testing.assert_allclose(scheduled.theta, pair["AdaBeliefD"].theta, atol=1e-9)
ends = [run.theta[-1] for run in pair.values()]
np.testing.assert_allclose(ends, [camel.minima[0]] * 2, atol=0.02)

# %%

study.traits(og.AdaBeliefD)

# %%
# One knob: the memory of the direction
# -------------------------------------
# ``betas[0]`` is the memory of the prediction and the length of the warm-up in one. With 0.5 the rule begins with a
# step of one learning rate, forgets quickly, and on this smooth way stays within 0.02 of the minimum from step
# :n:`settled["beta1 = 0.5"]` on; with 0.9 it is step :n:`settled["beta1 = 0.9"]`. With 0.95 the warm-up takes about
# twenty steps, and the path swings wider.

memories = {f"beta1 = {b}": og.AdaBeliefD.at(betas=(b, 0.999)) for b in (0.5, 0.9, 0.95)}
knob = og.race(memories, camel, steps=100, lr=0.1)
knob.plot()

# %%

# proof: the shorter the memory, the sooner it settles and the less it overshoots; with 0.5 the
# first step is one learning rate long
past = {name: run.theta[:, 0].max() for name, run in knob.items()}
far = {n: np.linalg.norm(run.theta - camel.minima[0], axis=1) > 0.02 for n, run in knob.items()}
settled = {name: int(np.flatnonzero(out)[-1]) + 1 for name, out in far.items()}
assert settled["beta1 = 0.5"] < settled["beta1 = 0.9"] - 10
assert past["beta1 = 0.5"] < past["beta1 = 0.9"] < past["beta1 = 0.95"]
first = knob["beta1 = 0.5"].theta[1] - knob["beta1 = 0.5"].theta[0]
np.testing.assert_allclose(np.abs(first), 0.1, rtol=1e-3)

# %%
# The whole axis of learning rates
# --------------------------------
# Up to 0.1 the two curves are nearly one. Beyond 2 they part: there AdaBelief's first step is longer than half the width
# of the landscape, AdaBeliefD's a tenth of that. Its median loss is :n:`(full / short)[32:].min():.0f` to
# :n:`(full / short)[32:].max():.0f` times lower than AdaBelief's.

rates = study.rates(og.AdaBeliefD, beside=og.AdaBelief)
rates

# %%

# proof: up to 0.1 the losses agree within a quarter, beyond 2 AdaBeliefD's is less than a fourth,
# and AdaBelief's first step more than half as long as the landscape is wide
lr = rates.sweep.data.lr.values
short, full = rates.sweep.data.loss.median(("seed", "start")).values
np.testing.assert_allclose(short[lr < 0.11], full[lr < 0.11], rtol=0.25)
assert rates.best["AdaBeliefD"] > 1 and (short[32:] < full[32:] / 4).all()
left, right = og.surfaces.rosenbrock.box[0]
assert 2 < lr[32] and lr[32] / 0.9 > (right - left) / 2

# %%
# Basins
# ------
# At a learning rate as large as 1 the first steps decide where a descent ends. Where both rules end in a minimum of
# Himmelblau's function, it is another one for :n:`moved:.0%` of the starts. From :n:`nowhere[0]:.0%` AdaBeliefD is still
# oscillating after 200 steps.

basins = study.basins(og.AdaBeliefD.at(lr=1.0), beside=og.AdaBelief.at(lr=1.0))
basins

# %%

# proof: at a learning rate of 1 some starts lead to another minimum, and some to none yet
ours, theirs = basins.sweep.data.minimum.squeeze().values
moved = (ours != theirs)[(ours >= 0) & (theirs >= 0)].mean()
nowhere = [1 - basins.reached[name] for name in ("AdaBeliefD", "AdaBelief")]
assert 0.04 < moved < 0.1
assert nowhere[1] < 0.01 and 0.03 < nowhere[0] < 0.07

# %%
# How to set it
# -------------
# As :ref:`AdaBelief <sphx_glr_gallery_optimizers_plot_adabelief.py>`. A learning rate that is too large for AdaBelief's
# first steps may still do. If the training has a warm-up of its own, the one built in adds nothing to it.
#
# Where it fails
# --------------
# The race at the top of this page shows one start. From 441 starts all over the square :n:`share[1]:.0%` of AdaBeliefD's
# descents reach the lowest point, and :n:`share[0]:.0%` of AdaBelief's. The difference remains, but neither rule is safe
# from local minima.

# proof: from 441 starts AdaBelief reaches the lowest point more often, and neither from two thirds
grid = dict(start=choppy.grid(21), steps=200, lr=0.1)
ends = [og.descend(rule, choppy, **grid).theta[-1] for rule in slow.values()]
share = [(np.linalg.norm(end - choppy.minima[0], axis=-1) < 0.05).mean() for end in ends]
assert 0.4 < share[1] < share[0] - 0.05 < 0.65

# %%
# Provenance
# ----------
# :cite:t:`zhuang2020`, algorithm 2, without the correction of the first moment, which :cite:t:`stjohn2021` leaves out of
# Adam; drawn by :cite:t:`impactcrater2024`. The authors' package becomes this rule if its learning rate is multiplied by
# the factor above, and the AdaBelief of ``pytorch_optimizer`` has a switch for it.
#
# .. oracles:: AdaBeliefD
