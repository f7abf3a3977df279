r"""
What every rule does, measured
==============================

Which rules take the same path when the loss is multiplied by a thousand, and which when the map is turned? How long
are their steps, what do they remember, and do they come to rest under noise? The answers, by one protocol for all.
"""

import optguide as og

five = [og.SGD, og.Momentum, og.Adagrad, og.Adam, og.Lion]
race = og.race(five, og.surfaces.sphere, steps=300, lr=0.3, noise=1.0)
race

# %%
# Five rules on a round bowl, at one learning rate and with noise of size 1 in every gradient. Adagrad alone comes to
# rest.

# proof: at the end Adagrad moves less than a third as much as any of the others
still, *others = sorted((run.theta[-50:].std(), name) for name, run in race.items())
assert still[1] == "Adagrad" and still[0] < others[0][0] / 3

# %%
# All rules
# ---------

found = og.study.traits()
found

# %%
# The questions
# -------------
# **The loss times 1000.** Units of the loss are arbitrary, and a rule that divides the gradient by its own size does
# not notice them. Every rule descends :math:`x^2/2 + 5 y^2` from (1, 0.7) for 50 steps at a learning rate of 0.01, and
# then a thousand times that. The number is how far the path moves, as a share of its extent; below 0.0001 it counts as
# the same. Yogi misses that by its large ``eps`` of 0.001, which is not negligible beside the gradients:
# it moves by :n:`found.scaled["Yogi"]:.1g`. RAdam and AdaBound divide, too, but the first steps of RAdam are plain
# momentum, and AdaBound's bounds are fixed numbers.
#
# **The map turned.** The map is turned by 30 degrees, and the path turned back. A rule whose step is a sum of
# gradients takes the same path: plain descent and momentum do, and so do averages of their paths. A rule that scales
# each coordinate by itself does not, because the axes are part of it. Both questions have a yes only where one step size
# is found for all coordinates together, from lengths that do not depend on the axes, as in Polyak's step size and DoG,
# or where the Hessian, which grows and turns with the map, gives one for each of its own directions, as in Newton's
# method. Adam's path moves by up to :n:`found.apart["Adam"]:.0f` learning rates.

# proof: only three rules ignore both the unit of the loss and the direction of the axes
both = {name for name, same in found.same_scaled.items() if same and found.same_turned[name]}
assert both == {"PolyakStep", "DoG", "Newton"}
turned = {name for name, same in found.same_turned.items() if same}
assert {"SGD", "Momentum", "Nesterov"} <= turned and not {
    "Rprop",
    "Adagrad",
    "RMSprop",
    "Adam",
    "Lion",
} & turned

# %%
# **The longest step** of a coordinate on the first of these paths, in learning rates. For plain descent it is the
# largest gradient, here 7. For Adam it is 1. RMSprop's first step is
# :n:`found.longest["RMSprop"]:.0f` learning rates long, because its EMA starts at zero.

# proof: Adam and Lion move no coordinate by more than one learning rate on this path
assert max(found.longest["Adam"], found.longest["Lion"]) < 1 + 1e-6

# %%
# **Numbers per parameter** is what a rule remembers between two steps, and **gradients per step** what a step costs.
# One of NAdam's three is the same for all parameters.
#
# **Settling under noise.** At the bottom of a round bowl every gradient is noise of size 1, for 1000 steps at a
# constant learning rate. A rule settles if its last 100 iterates spread over less than 0.4 learning rates, and less
# than 0.4 times as widely as its first 100. Those that divide a constant learning rate by a sum over all past gradients
# do, and Rprop, whose steps shrink at every change of sign. So do the two rules without a schedule: their answer is an
# average of the path, and what is looked at is the answer. Of the rules that find their step size DoWG and the step
# size of Barzilai and Borwein get smaller, too; only the second condition is asked of those. BFGS settles in its three
# forms, which take the noise between two gradients for curvature. Polyak's step size does not move here at all, and DoG
# hardly. All others need a schedule. The descents begin at the minimum, so this does not say whether a rule gets there:
# one that stops too early settles, too.

# proof: only Adagrad, its variants, Rprop, two averages, two step sizes and the forms of BFGS
# settle without a schedule; Polyak's step size does not move, DoG by less than 0.0001
settled = {name for name, answer in found.settles.items() if answer}
adagrads = {"Adagrad", "AdagradAbs", "AdagradNoRoot", "AdagradExp"}
secants = {"BFGS", "LBFGS", "MemorylessBFGS"}
averages, sizes = {"ScheduleFreeSGD", "ScheduleFreeAdamW"}, {"DoWG", "BarzilaiBorwein"}
assert settled == adagrads | averages | sizes | secants | {"Rprop"}
assert found.spread["PolyakStep"] < 1e-20 and found.spread["DoG"] < 1e-4

# %%
# One rule by itself
# ------------------
# Of one rule, here Lion, the answers come as sentences. A rule of your own or one of PyTorch's can stand in its place.

og.study.traits(og.Lion)
