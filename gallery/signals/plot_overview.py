r"""
One signal, all methods
=======================

The same gradient, and eight responses to it. The gradient is 1 for 40 steps, then 0 for 40 steps, and again. That is
enough to tell which rules remember a direction, which remember a size, and which are independent of the scale.
"""

import numpy as np

import optguide as og

rules = {
    "Momentum": og.Momentum.at(lr=0.25, momentum=0.9),
    "Nesterov": og.Nesterov.at(lr=0.25, momentum=0.9),
    "Smoothed Nesterov": og.SmoothedNesterov.at(lr=0.25, momentum=0.9),
    "Adagrad": og.Adagrad.at(lr=2.5, eps=0, initial_accumulator_value=0.1),
    "RMSprop": og.RMSprop.at(lr=0.25, alpha=0.9, eps=0, eps_root=1e-5),
    "Adadelta from 0": og.Adadelta.at(lr=0.25, rho=0.9, eps=1e-3),
    "Adadelta from 50": og.Adadelta.at(lr=0.25, rho=0.9, eps=1e-3, initial_accumulator_value=50.0),
    "Adam": og.Adam.at(lr=0.25, betas=(0.9, 0.999), eps=1e-7),
}
signal = og.signals.saturation
responses = {name: og.respond(rule, signal) for name, rule in rules.items()}
og.animate(responses, title="Which rules move while the gradient is zero?")

# %%
# Above the gradient, below the update that each rule subtracts from the parameter. Every rule has the middle setting of
# its own page; the learning rate is 0.25 and, for Adagrad, 2.5. On one scale the larger updates hide the smaller ones;
# here each rule has its own, and the thin line is the gradient.

og.plot_responses(responses)[0, 0].figure

# %%
# Memory of a direction
# ---------------------
# At t = 40 the gradient becomes zero. Four rules go on: momentum, the two Nesterov rules and Adam, since they keep a
# sum or an average of gradients. The other four stop at once. They remember only sizes: of gradients and, in
# Adadelta, of steps.

ways = {name: response.update[40:80].sum() for name, response in responses.items()}
rows = [(name, f"{way:.3f}") for name, way in ways.items()]
og.Table("The way covered while the gradient is zero", ("rule", "sum of updates"), rows)

# %%

# proof: only momentum, the Nesterov rules and Adam move while the gradient is zero
assert [name for name, way in ways.items() if way > 1] == [
    *("Momentum", "Nesterov", "Smoothed Nesterov", "Adam"),
]
assert sum(way == 0 for way in ways.values()) == 4

# %%
# Shrinking steps
# ---------------
# Compare the end of the last burst with the end of the first. Adagrad's update has shrunk to
# :n:`kept["Adagrad"]:.2f` of what it was, because its sum of squares only grows. Adadelta has forgotten its large start
# during the silences: :n:`kept["Adadelta from 50"]:.2f` is left. Adam's update is :n:`kept["Adam"]:.2f` times as large,
# since each silence lowers its average of squares. The other rules respond as before.

# proof: Adagrad's update halves, Adadelta's from a large start almost vanishes, Adam's grows, the
# others' stay
kept = {name: response.update[279] / response.update[39] for name, response in responses.items()}
assert 0.45 < kept["Adagrad"] < 0.55
assert kept["Adadelta from 50"] < 0.05
assert 1.2 < kept["Adam"] < 1.4
others = ["Momentum", "Nesterov", "Smoothed Nesterov", "RMSprop"]
np.testing.assert_allclose([kept[name] for name in [*others, "Adadelta from 0"]], 1, atol=0.03)

# %%
# Dependence on the scale
# -----------------------
# Make the gradient ten times as large. At the end of the first burst momentum's update is tenfold. The updates of the two
# Nesterov rules have grown by factors of :n:`scaled["Nesterov"]:.1f` and :n:`scaled["Smoothed Nesterov"]:.1f` only,
# because a larger velocity makes them look further ahead, into the silence. The other five change by less than 1 %: they
# divide by the gradient's own size. What is left of the change in Adagrad comes from its small constant of 0.1.

# proof: at the end of the first burst, ten times the gradient is ten times the update for momentum,
# and a change of less than 1 % for rules that divide by it; without its constant Adagrad responds
# the same
scaled = {
    name: og.respond(rule, lambda t: 10 * signal(t)).update[39] / responses[name].update[39]
    for name, rule in rules.items()
}
np.testing.assert_allclose(scaled["Momentum"], 10, rtol=1e-9)
bare = og.Adagrad.at(lr=2.5, eps=0, initial_accumulator_value=0.0)
pair = [og.respond(bare, lambda t, c=c: c * signal(t)).update for c in (1, 10)]
np.testing.assert_allclose(*pair, rtol=1e-9)
assert 1.5 < scaled["Nesterov"] < scaled["Smoothed Nesterov"] < 5
assert 0.99 < min(list(scaled.values())[3:]) and max(list(scaled.values())[3:]) < 1.01
