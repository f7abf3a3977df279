r"""
One signal, all methods
=======================

The same gradient, eight answers. It is 1 for 40 steps, then 0 for 40 steps, and again. That is enough to tell the rules
apart by what they remember.
"""

from functools import partial

import numpy as np

import optguide as og

rules = {
    "Momentum": partial(og.Momentum, lr=0.25, momentum=0.9),
    "Nesterov": partial(og.Nesterov, lr=0.25, momentum=0.9),
    "Smoothed Nesterov": partial(og.SmoothedNesterov, lr=0.25, momentum=0.9),
    "Adagrad": partial(og.Adagrad, lr=2.5, eps=0, initial_accumulator_value=0.1),
    "RMSprop": partial(og.RMSprop, lr=0.25, alpha=0.9, eps=0, eps_root=1e-5),
    "Adadelta from 0": partial(og.Adadelta, lr=0.25, rho=0.9, eps=1e-3),
    "Adadelta from 50": partial(
        og.Adadelta,
        lr=0.25,
        rho=0.9,
        eps=1e-3,
        initial_accumulator_value=50.0,
    ),
    "Adam": partial(og.Adam, lr=0.25, betas=(0.9, 0.999), eps=1e-7),
}
signal = og.signals.saturation
responses = {name: og.respond(rule, signal) for name, rule in rules.items()}
axes = og.plot_responses(responses)
axes[0, 0].figure.suptitle("Who rolls on when the gradient (thin) is zero?")

# %%
# The thin line is the gradient, the coloured one the update that each rule takes off the parameter. Mind the scales:
# they differ from row to row. Every rule has the middle setting of its own page; the learning rate is 0.25 and, for
# Adagrad, 2.5.
#
# Who remembers a direction
# -------------------------
# At t = 40 the gradient falls silent. Four rules roll on: momentum, the two Nesterovs and Adam. They keep a running sum
# or mean of gradients. The other four stop at once. What they remember is sizes.

rolls = {name: float(response.update[40:80].sum()) for name, response in responses.items()}
print("way covered without a gradient:")
print(*(f"{way:8.3f}  {name}" for name, way in rolls.items()), sep="\n")
assert [name for name, way in rolls.items() if way > 1] == [
    "Momentum",
    "Nesterov",
    "Smoothed Nesterov",
    "Adam",
]
assert sum(way == 0 for way in rolls.values()) == 4

# %%
# Who tires
# ---------
# Compare the end of the last burst with the end of the first. Adagrad's answer has halved, because its sum only grows.
# Adadelta's large start has been forgotten in the silences: a twentieth is left. The others answer as before. Adam
# answers a little more strongly, since the silence has lowered its mean of squares.

kept = {
    name: float(response.update[279] / response.update[39]) for name, response in responses.items()
}
print("last burst over first:")
print(*(f"{share:8.3f}  {name}" for name, share in kept.items()), sep="\n")
assert 0.45 < kept["Adagrad"] < 0.55
assert kept["Adadelta from 50"] < 0.05
assert 1.2 < kept["Adam"] < 1.4
others = ["Momentum", "Nesterov", "Smoothed Nesterov", "RMSprop"]
np.testing.assert_allclose([kept[name] for name in [*others, "Adadelta from 0"]], 1, atol=0.03)

# %%
# Who minds the scale
# -------------------
# Make the gradient ten times as large. Momentum's update grows tenfold. The two Nesterovs grow by less, because a larger
# velocity makes them look further ahead, into the silence. The other five hardly notice: they divide by the gradient's
# own size. Adagrad notices a little, in its first steps, through its small constant of 0.1.

scaled = {
    name: float(og.respond(rule, lambda t: 10 * signal(t)).update[39] / responses[name].update[39])
    for name, rule in rules.items()
}
print("ten times the gradient, update at t = 39 times:")
print(*(f"{times:8.3f}  {name}" for name, times in scaled.items()), sep="\n")
np.testing.assert_allclose(scaled["Momentum"], 10, rtol=1e-9)
assert 1.5 < scaled["Nesterov"] < scaled["Smoothed Nesterov"] < 5
assert max(list(scaled.values())[3:]) < 1.01
assert min(list(scaled.values())[3:]) > 0.99

# %%
# Before this: the rules one by one, beginning with :ref:`SGD <sphx_glr_gallery_optimizers_plot_sgd.py>`.
# Next: one page for each method with six signals and three settings, beginning with
# :ref:`momentum <sphx_glr_gallery_signals_plot_signals_momentum.py>`.
