r"""
Ravine
======

A straight valley, steeper across than along by a factor that you choose. The steps of plain descent grow with that
factor, those of momentum with its root. Rules that scale each coordinate do not notice it, until the map is turned.
"""

# sphinx_gallery_thumbnail_number = 3
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

import optguide as og

ravine = og.surfaces.ravine
og.formula(ravine)

# %%
# The landscape
# -------------
# The curvature is 1 along the valley and ``condition`` across it. No paper owns this function. It is the plainest bowl
# with a given :term:`condition number`, the ratio of the two curvatures. In the picture it is 10 above and 100 below:
# the larger, the narrower the valley.

fig = plt.figure(figsize=(8, 6.4), layout="constrained")
wide, narrow = ravine.replace(condition=10), ravine.replace(condition=100)
og.plot_map(wide, ax=fig.add_subplot(221)).set_title("condition 10")
og.plot_surface(wide, ax=fig.add_subplot(222, projection="3d")).set_title("")
og.plot_map(narrow, ax=fig.add_subplot(223)).set_title("condition 100")
og.plot_surface(narrow, ax=fig.add_subplot(224, projection="3d")).set_title("")

# %%
# The matrix of second derivatives has these two numbers on its diagonal and zeros beside them. Its eigenvalues, the
# curvatures, are positive: the only point without a slope, the origin, is a minimum.

origin = torch.zeros(2, dtype=torch.float64)
matrix = torch.autograd.functional.hessian(lambda p: narrow(*p), origin)
print("curvatures:", torch.linalg.eigvalsh(matrix).tolist())
np.testing.assert_allclose(matrix, [(1, 0), (0, 100)])
np.testing.assert_allclose(narrow.known_minima(), [(0, 0)])

# %%
# What the condition number costs
# -------------------------------
# Plain descent and momentum, each with the setting that theory finds best for the condition number. From 16 starts on a
# circle we count the steps until the minimum is a thousand times closer, and take the median. The condition numbers are
# 10, 40, 160 and 640. They run in one call, as one more axis of the same descent.

angle = np.pi * (np.arange(16) + 0.5) / 8
circle = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def steps_needed(run):
    """Median over the starts: steps until closer than 0.002, for good."""
    far = np.linalg.norm(run.theta, axis=-1) > 2e-3
    return np.median(len(far) - far[::-1].argmax(axis=0), axis=-1)


k = np.array([[10.0], [40.0], [160.0], [640.0]])
four = ravine.replace(condition=torch.tensor(k))
plain = steps_needed(og.descend(og.SGD, four, circle, 2560, lr=2 / (k + 1)))
lr, momentum = 4 / (k**0.5 + 1) ** 2, ((k**0.5 - 1) / (k**0.5 + 1)) ** 2
tuned = partial(og.Momentum, lr=lr, momentum=momentum)
rolling = steps_needed(og.descend(tuned, four, circle, 200))
print("steps, plain descent:", plain)
print("steps, momentum:     ", rolling)

# %%

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.loglog(k, plain, "o", color=og.SGD.color, label="SGD")
ax.loglog(k, rolling, "s", color=og.Momentum.color, label="Momentum")
ax.loglog(k, plain[-1] * k / k[-1], "--", color=og.SGD.color)
ax.loglog(k, rolling[-1] * (k / k[-1]) ** 0.5, "--", color=og.Momentum.color)
ax.set_title("Dashed: in proportion to the condition number and to its root")
ax.set(xlabel="condition number", ylabel="steps")
ax.legend()

# %%
# The dots follow the dashed lines. Four times the condition number means four times as many steps for plain descent.
# Theory gives the exact count: each step multiplies the distance by :math:`(\kappa - 1) / (\kappa + 1)`, from every
# start. Momentum needs little more than twice as many. At 640 this is 2,211 steps against about 155.

theory = np.log(1000) / np.log((k[:, 0] + 1) / (k[:, 0] - 1))
np.testing.assert_allclose(plain, np.ceil(theory))
growth = rolling[1:] / rolling[:-1]
print("momentum, growth for each factor of 4:", growth.round(2))
assert (1.9 < growth).all() and (growth < 2.3).all() and plain[-1] == 2211
assert 145 < rolling[-1] < 165

# %%
# A rate for each coordinate
# --------------------------
# Adagrad, Adam and Rprop scale each coordinate by its own slopes. In this ravine the steep direction is a coordinate, so
# the condition number cancels. They take the same steps at 50 and at 1000. We print how many.

three = [og.Adagrad, og.Adam, og.Rprop]
straight = ravine.replace(condition=1000)
for rule in three:
    gentle = og.descend(rule, ravine, circle, 200, lr=1.0)
    steep = og.descend(rule, straight, circle, 200, lr=1.0)
    print(rule.__name__, "at 50:", steps_needed(gentle), end=", ")
    print("at 1000:", steps_needed(steep))
    np.testing.assert_allclose(gentle.theta, steep.theta, atol=1e-6)

# %%
# The turned ravine
# -----------------
# Turn the map by 45 degrees. The condition number stays, but now x and y are equally steep.


@og.surface(box=((-3, 3), (-3, 3)), starts=((-2.6, -1.8),), minima=((0, 0),))
def turned(x, y, *, condition=50):
    """The same ravine along the diagonal."""
    return ((x + y) ** 2 + condition * (x - y) ** 2) / 4


og.formula(turned)

# %%
# Plain descent and momentum draw the same paths as before, turned. The three others draw new ones.

turn = np.array([[1, 1], [-1, 1]]) / 2**0.5
oblique = turned.replace(condition=1000)
for rule in (og.SGD, og.Momentum):
    before = og.descend(rule, straight, circle, 300, lr=1e-3)
    after = og.descend(rule, oblique, circle @ turn, 300, lr=1e-3)
    np.testing.assert_allclose(after.theta, before.theta @ turn, atol=1e-9)

# %%
# Each of the three gets three rates, 1, 3 and 10, in both ravines. We print the best median in the straight ravine and
# in the turned one (801: not in 800 steps).

rates = np.array([1.0, 3.0, 10.0])[:, None]
best = {}
for rule in three:
    before = og.descend(rule, straight, circle, 800, lr=rates)
    after = og.descend(rule, oblique, circle @ turn, 800, lr=rates)
    best[rule] = steps_needed(before).min(), steps_needed(after).min()
    print(rule.__name__, "straight {}, turned {}".format(*best[rule]))

# %%
# For Adagrad ten steps were plenty, and now 800 are not enough. Rprop takes more than fifteen times as many as before.
# Adam takes almost four times as many: it still has its momentum. Momentum alone, at theory's setting, takes fewer than
# half of Adam's steps.

root = 1000**0.5
lr, momentum = 4 / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2
tuned = partial(og.Momentum, lr=lr, momentum=momentum)
theirs = steps_needed(og.descend(tuned, oblique, circle @ turn, 400))
print("momentum:", theirs)
assert best[og.Adagrad][0] < 10 and best[og.Adagrad][1] == 801
assert best[og.Rprop][1] > 15 * best[og.Rprop][0]
assert 3 < best[og.Adam][1] / best[og.Adam][0] < 4.5
assert theirs < best[og.Adam][1] / 2

# %%
# One start shows how, at condition 50. Adagrad falls to the floor of the oblique ravine within a few steps. There the
# walls have made both its divisors about equally large, and it has to walk along the floor with the rate that they allow.

race = og.race(
    {
        "SGD": partial(og.SGD, lr=0.039),
        "Momentum": partial(og.Momentum, lr=0.061, momentum=0.565),
        "Adam": partial(og.Adam, lr=0.1),
        "Adagrad": partial(og.Adagrad, lr=0.5),
    },
    turned,
    steps=120,
)
race

# %%

race.table()

# %%

x, y = race["Adagrad"].theta.T
print(f"Adagrad, across the floor after 5 steps: {abs(x - y)[5]:.4f}")
print(f"along it after 120 steps: {abs(x + y)[-1]:.2f}")
assert abs(x - y)[5] < 0.02 and abs(x + y)[-1] > 0.2
divisors = race["Adagrad"].states["G"][-1] ** 0.5
print("divisors of x and y:", divisors.round(1))
assert divisors.max() / divisors.min() < 1.3
assert race["Momentum"].loss[-1] < 1e-9 < 1e-4 < race["SGD"].loss[-1]
assert min(race["Adam"].loss[-1], race["Adagrad"].loss[-1]) > 1e-3

# %%
# How hard is it?
# ---------------
# Not hard for momentum, RMSprop and Adam. Five rules, each at the best of 19 rates from 0.0001 to 100, from 48 random
# starts, at condition 50. For the second table the ravine was turned, and the starts with it.

rules = [og.SGD, og.Momentum, og.RMSprop, og.Adam, og.Lion]
rates = np.logspace(-4, 2, 19)
starts = ravine.sample(48)
upright = og.sweep(rules, ravine, starts, lr=rates).table()
upright

# %%

oblique = og.sweep(rules, turned, starts @ turn, lr=rates).table()
oblique

# %%
# SGD runs out of steps. Its rate, 0.022, is the last of the 19 below the limit of 2/50, and 200 steps at that rate
# leave 1.3 % of the way along the valley. From the end of the map this is not near enough. Momentum has steps to
# spare. Neither notices the turn.

assert upright.rows[:2] == oblique.rows[:2]
assert 80 < float(upright.rows[0][1][:-1]) < 95
assert {row[1] for row in (*upright.rows[1:4], *oblique.rows[1:4])} == {"100%"}
assert rates[7] < 2 / 50 < rates[8] and upright.rows[0][3] == "0.022"
left = (1 - rates[7]) ** 200
print(f"left of the way: {left:.2%}, and of the height {ravine(4 * left, 0):.5f}")
assert 0.0125 < left < 0.0135 and ravine(4 * left, 0) > 1e-3

# %%
# RMSprop needs four steps, and in the turned ravine 110. Its first step is ten rates long in each coordinate, 46
# units: it leaves the map. The second leads back. By then its divisor holds the slope from out there, which is the
# coordinate's curvature times 46, and so the third step is nearly Newton's. In the turned ravine no coordinate has a
# curvature of its own.

leap = og.descend(og.RMSprop, ravine, steps=3, lr=rates[14]).theta
print(leap.round(2).tolist())
assert upright.rows[2][2:] == ("4", "4.6")
assert abs(int(oblique.rows[2][2]) - 110) <= 2
np.testing.assert_allclose(np.abs(leap[1] - leap[0]), 46.4, atol=0.1)
assert np.abs(leap[2] - leap[0]).max() < 0.2
assert (np.abs(leap[3]) < 0.1 * np.abs(leap[0])).all()

# %%
# Momentum owes its success in the race to the two curvatures, from which theory takes its setting, and in the tables to
# 19 trials. In a network nobody knows the curvatures.
#
# Before this: :ref:`sphx_glr_gallery_landscapes_plot_booth_and_matyas.py`, two bowls with a fixed ratio.
# Next: :ref:`sphx_glr_gallery_landscapes_plot_saddles.py`, where one of the curvatures is negative.
