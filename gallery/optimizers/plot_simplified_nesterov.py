r"""
SimplifiedNesterov
==================

The iterates of this rule are the points at which Nesterov's method looks. So the gradient is taken at the parameters,
and an ordinary training loop is enough. It is the form behind ``torch.optim.SGD`` with ``nesterov=True``.
"""

from functools import partial

import numpy as np
import torch

import optguide as og
from optguide import study

ravine = og.surfaces.ravine.replace(condition=100)
race = og.race([og.Nesterov, og.SimplifiedNesterov], ravine, lr=0.005, steps=60)
race

# %%
# The two paths are the same motion recorded at two points. The simplified form is ahead by ``momentum`` times the
# velocity, at most :n:`apart:.2f` here. Where the velocity fades, they meet.

# proof: the iterates are the points at which Nesterov looks
true, run = race["Nesterov"], race["SimplifiedNesterov"]
np.testing.assert_allclose(run.theta, true.theta - 0.9 * true.states["v"], atol=1e-12)
np.testing.assert_allclose(true.states["v"], 0.005 * run.states["v"], atol=1e-12)
apart = np.abs(true.theta - run.theta).max()
assert 0.2 < apart < 0.4 and np.abs(true.theta[-1] - run.theta[-1]).max() < 0.005

# %%

og.card(og.SimplifiedNesterov)

# %%
# The rule
# --------
# The velocity is that of :ref:`momentum <sphx_glr_gallery_optimizers_plot_momentum.py>`. The step is the gradient
# plus the part of the velocity that will be kept, so that after it the parameters are already where the next gradient
# is wanted.

og.pseudocode(og.SimplifiedNesterov)

# %%

og.pseudocode(og.SimplifiedNesterov).hyperparameters

# %%
# It follows from :ref:`Nesterov's method <sphx_glr_gallery_optimizers_plot_nesterov.py>` by a change of coordinates.
# There the gradient :math:`g` is taken at :math:`y = \theta - \gamma v`, the velocity becomes
# :math:`v' = \gamma v + \eta g` and the parameters :math:`\theta' = \theta - v'`. The next point to look at is
#
# .. math:: y' = \theta' - \gamma v' = y + \gamma v - v' - \gamma v' = y - \eta g - \gamma v'.
#
# In units of the learning rate, :math:`v' = \eta u'`, that is :math:`y' = y - \eta \, (g + \gamma u')`: the rule
# above, with :math:`y` as its parameters.
#
# What it repairs
# ---------------
# Nesterov's method needs a :term:`closure` that evaluates the model away from the parameters. This form does not. A
# line is fitted to points on :math:`y = 2x - 2` by the usual loop:

x = torch.linspace(-1, 1, 20).reshape(-1, 1)
y = 2 * x - 2
model = torch.nn.Linear(1, 1)
optimizer = og.SimplifiedNesterov(model.parameters(), lr=0.1)
for _ in range(150):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()

# %%

# proof: the line is found without a closure
np.testing.assert_allclose((model.weight.item(), model.bias.item()), (2, -2), atol=0.01)

# %%
# Measured in the same way for every rule:

study.traits(og.SimplifiedNesterov)

# %%
# One knob: the momentum
# ----------------------
# Without momentum this is SGD. More of it speeds up the descent along the ravine: after 300 steps the loss with 0.5
# is still :n:`losses[1]:.2f`, with 0.9 it is :n:`losses[2]:.0e`. With 0.99 the descent overshoots by :n:`past:.1f`
# and swings.

knob = {
    f"momentum = {b}": og.SimplifiedNesterov.at(lr=0.005, momentum=b) for b in (0, 0.5, 0.9, 0.99)
}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

# proof: with momentum 0 it is SGD; 0.9 ends lower than 0.5, and 0.99 overshoots
plain = og.descend(og.SGD.at(lr=0.005), ravine, steps=300)
np.testing.assert_allclose(frictions["momentum = 0"].theta, plain.theta, atol=1e-12)
losses = [path.loss[-1] for path in frictions.values()]
past = frictions["momentum = 0.99"].theta[:, 0].max()
assert losses[2] < 1e-6 < losses[1] and past > 2.4
assert frictions["momentum = 0.9"].theta[:, 0].max() < 0.2

# %%
# Learning rates, basins, and how to set it
# -----------------------------------------
# All this is as on Nesterov's page while the learning rate is constant: both forms diverge at the same learning
# rates, end at about the same loss, and reach the same minimum.

# proof: on Rosenbrock's function both forms diverge alike and their median losses agree to 2 %
rates = study.rates(og.SimplifiedNesterov, beside=og.Nesterov)
gone = (rates.sweep.data.diverged_at >= 0).squeeze().values
median = rates.sweep.data.loss.fillna(1e99).median("start").squeeze().values
assert (gone[0] != gone[1]).mean() < 0.005 and rates.diverged["Nesterov"] < 0.001
np.testing.assert_allclose(median[0], median[1], rtol=0.02)

# %%

# proof: on Himmelblau's function both reach the same minimum from all of 9216 starts but ten
rule = og.SimplifiedNesterov.at(lr=0.003)
basins = study.basins(rule, beside=og.Nesterov.at(lr=0.003))
assert basins.changed["Nesterov"] < 10 / 9216 and min(basins.reached.values()) > 0.99

# %%
# Where it fails
# --------------
# The two forms part when the learning rate changes. Here a schedule divides it by ten after step 15. The simplified
# form slows down at once, because the learning rate multiplies its whole velocity. Nesterov's velocity contains the
# old learning rate and has to fade first.

drop = partial(torch.optim.lr_scheduler.StepLR, step_size=15, gamma=0.1)
forms = og.race(list(race), ravine, lr=0.005, steps=60, schedule=drop)
forms.plot()

# %%

# proof: after the drop the simplified form's step is a seventh at most, Nesterov's at least 0.85
slow, quick = (np.diff(form.theta[14:17, 0]) for form in forms.values())
assert quick[1] < 0.15 * quick[0] and slow[1] > 0.85 * slow[0]
assert np.abs(forms["Nesterov"].theta - forms["SimplifiedNesterov"].theta).max() > 0.5

# %%
# It shares Nesterov's limit of stability, which is below that of momentum. With a learning rate of 0.02 in this
# ravine momentum reaches the minimum, and this rule diverges.

# proof: with 0.02 momentum reaches the minimum of the ravine and the simplified form diverges
assert og.descend(og.Momentum.at(lr=0.02), ravine, steps=200).loss[-1] < 1e-6
assert og.descend(og.SimplifiedNesterov.at(lr=0.02), ravine, steps=200).diverged_at

# %%
# Provenance
# ----------
# :cite:t:`bengio2013`, section 3.5; it has been known by this name since. There the learning rate is part of the
# velocity, as it is in some libraries: these agree with this page while the learning rate is constant, and lag behind
# a schedule as Nesterov does above. PyTorch, as here, takes it out.
#
# .. oracles:: SimplifiedNesterov

# proof: torch.optim.SGD with nesterov=True takes the same steps, under the schedule, too
settings = {"lr": 0.005, "momentum": 0.9, "nesterov": True}
theirs = og.descend(torch.optim.SGD, ravine, steps=60, schedule=drop, **settings)
np.testing.assert_allclose(theirs.theta, forms["SimplifiedNesterov"].theta, atol=1e-12)
