r"""
SimplifiedNesterov
==================

Nesterov's method, told from its look-ahead points: they become the parameters, so the slope is taken where we stand
and an ordinary training loop is enough. This is what ``torch.optim.SGD`` does with ``nesterov=True``.
"""

# sphinx_gallery_thumbnail_number = 2
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

og.card(og.SimplifiedNesterov)

# %%
# The rule
# --------
# The velocity is that of momentum. The step is today's slope plus the part of the velocity that will carry us
# tomorrow: having stepped, we already stand where tomorrow's slope is wanted.

og.pseudocode(og.SimplifiedNesterov)

# %%

og.pseudocode(og.SimplifiedNesterov).hyperparameters

# %%
# What it repairs
# ---------------
# :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>` asks for a slope away from the current point, and so
# needs a closure. This form does not. A line fitted to points on y = 2x - 2, with the loop everyone writes:

x = torch.linspace(-1, 1, 20).reshape(-1, 1)
y = 2 * x - 2
model = torch.nn.Linear(1, 1)
optimizer = og.SimplifiedNesterov(model.parameters(), lr=0.1)
for _ in range(150):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
print(f"slope: {model.weight.item():.4f}  intercept: {model.bias.item():.4f}")
np.testing.assert_allclose((model.weight.item(), model.bias.item()), (2, -2), atol=0.01)

# %%
# Nothing is lost by it. Nesterov looks at ``theta - momentum * v``. Write down those points, and you have the iterates
# of the simplified form, to rounding error.

ravine = og.surfaces.ravine.replace(condition=100)
true = og.descend(og.Nesterov, ravine, lr=0.005, steps=120)
run = og.descend(og.SimplifiedNesterov, ravine, lr=0.005, steps=120)
look_ahead = true.theta - 0.9 * true.states["v"]
print(
    "from look-ahead points to our iterates, at most:",
    np.abs(look_ahead - run.theta).max(),
)
print(
    "from the iterates of one to the other, at most: ",
    np.abs(true.theta - run.theta).max(),
)
np.testing.assert_allclose(look_ahead, run.theta, atol=1e-12)
np.testing.assert_allclose(true.states["v"], 0.005 * run.states["v"], atol=1e-12)
assert 0.2 < np.abs(true.theta - run.theta).max() < 0.4

# %%
# The simplified form runs ahead by ``momentum * v``. Where the velocity dies, the two meet. This is the way along the
# ravine:

fig, ax = plt.subplots(figsize=(7, 3.4))
ax.plot(true.theta[:, 0], color=og.Nesterov.color, label="Nesterov")
ax.plot(
    run.theta[:, 0],
    "--",
    color=og.SimplifiedNesterov.color,
    label="SimplifiedNesterov",
)
ax.set(title="The same motion, seen from two points", xlabel="step", ylabel="x")
ax.legend()

# %%

print("distance at the end:", np.abs(true.theta[-1] - run.theta[-1]).max())
assert np.abs(true.theta[-1] - run.theta[-1]).max() < 1e-3

# %%
# Watch it
# --------
# The velocity ``v`` is a sum of slopes here, as in momentum. Across the ravine it is spent after some ten steps.
# Along it, it builds up and fades much more slowly.

og.animate({"SimplifiedNesterov": run}, panels=("map", "v"))

# %%
# One knob: the momentum
# ----------------------
# With momentum 0 nothing is left but SGD. More of it speeds up the way along the ravine, and then overshoots.

knob = {
    f"momentum = {b}": partial(og.SimplifiedNesterov, lr=0.005, momentum=b)
    for b in (0.0, 0.5, 0.9, 0.99)
}
frictions = og.race(knob, ravine, steps=300)
frictions.plot()

# %%

overshoot = {name: round(float(swing.theta[:, 0].max()), 3) for name, swing in frictions.items()}
print("how far past the minimum:", overshoot, sep="\n")
plain = og.descend(og.SGD, ravine, lr=0.005, steps=300)
np.testing.assert_allclose(frictions["momentum = 0.0"].theta, plain.theta, atol=1e-12)
assert frictions["momentum = 0.9"].loss[-1] < 1e-6 < frictions["momentum = 0.5"].loss[-1]
assert overshoot["momentum = 0.9"] < 0.2 and overshoot["momentum = 0.99"] > 2.4

# %%
# The whole axis, twice the same
# ------------------------------
# If the two forms are one method, nothing may tell them apart in 64 descents at each of 37 rates.

valley, lrs = og.surfaces.rosenbrock, np.logspace(-5, 1, 37)
rules = [og.Nesterov, og.SimplifiedNesterov]
rates = og.sweep(rules, valley, valley.sample(64), lr=lrs)
og.plot_rates(rates)

# %%
# One line covers the other. They are lost at the same rates, and where they are not, their medians agree to 2%. What
# remains is the bit of velocity between the two points.

lost = (rates.data.diverged_at >= 0).squeeze().values
median = rates.data.loss.fillna(1e99).median("start").squeeze().values
print("rate from which half are lost:", lrs[lost.mean(2)[1] >= 0.5][0])
assert (lost[0] != lost[1]).mean() < 0.005
np.testing.assert_allclose(median[1], median[0], rtol=0.02)

# %%
# The plane of starts, at a rate of 0.003: from each of the 9,216, the two forms reach the same one of four minima.

hills = og.surfaces.himmelblau
basins = og.sweep(rules, hills, hills.grid(96), lr=0.003)
og.plot_basins(basins, "SimplifiedNesterov")

# %%

ends = basins.data.minimum.squeeze().values
print("starts that end elsewhere:", (ends[0] != ends[1]).sum())
assert (ends[0] != ends[1]).sum() < 10 and (ends >= 0).mean() > 0.99

# %%
# Where it fails
# --------------
# The two forms are one method only while the rate stays put. Here a schedule divides it by ten after step 15. The
# simplified form slows down at once, because ``lr`` multiplies its whole velocity. Nesterov's velocity already
# contains the old rate and has to fade first.

drop = partial(torch.optim.lr_scheduler.StepLR, step_size=15, gamma=0.1)
forms = og.race(
    [og.Nesterov, og.SimplifiedNesterov],
    ravine,
    lr=0.005,
    steps=60,
    schedule=drop,
)
forms.plot()

# %%

braking = {name: np.diff(form.theta[:, 0])[14:16].round(4).tolist() for name, form in forms.items()}
apart = np.abs(forms["Nesterov"].theta - forms["SimplifiedNesterov"].theta).max()
print("step along the ravine, 15th and 16th:", braking, sep="\n")
print("largest distance between the two:", apart)
assert braking["SimplifiedNesterov"][1] < 0.15 * braking["SimplifiedNesterov"][0]
assert braking["Nesterov"][1] > 0.85 * braking["Nesterov"][0]
assert apart > 0.5

# %%
# It shares the true form's limit of stability, which lies well below momentum's. At rate 0.02 in this ravine
# momentum arrives, and this rule does not.

print(og.descend(og.Momentum, ravine, lr=0.02))
print(og.descend(og.SimplifiedNesterov, ravine, lr=0.02))
assert og.descend(og.Momentum, ravine, lr=0.02).loss[-1] < 1e-6
assert og.descend(og.SimplifiedNesterov, ravine, lr=0.02).diverged_at

# %%
# Provenance
# ----------
# :cite:t:`bengio2013`, section 3.5, with the learning rate taken out of the velocity. Some libraries keep it inside,
# as the paper does; they agree with this page at a constant rate and lag behind a schedule as Nesterov does above.
# PyTorch takes it out, too, and so the paths are equal with a schedule as well:

theirs = og.descend(
    torch.optim.SGD,
    ravine,
    lr=0.005,
    momentum=0.9,
    nesterov=True,
    steps=60,
    schedule=drop,
)
print(
    "largest difference to torch.optim.SGD:",
    np.abs(theirs.theta - forms["SimplifiedNesterov"].theta).max(),
)
np.testing.assert_allclose(theirs.theta, forms["SimplifiedNesterov"].theta, atol=1e-12)

# %%
# .. oracles:: SimplifiedNesterov
#
# Before this: :ref:`Nesterov <sphx_glr_gallery_optimizers_plot_nesterov.py>`, which asks for the slope elsewhere.
# Next: :ref:`AveragedNesterov <sphx_glr_gallery_optimizers_plot_averaged_nesterov.py>`, with several looks a step.
