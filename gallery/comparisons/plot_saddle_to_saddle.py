r"""
From saddle to saddle
=====================

Two matrices whose product is to become a given one start close to zero. Plain descent learns its singular values one
after the other, the largest first. Muon learns them all at the same speed, so the smallest are done first.
"""

import numpy as np

import optguide as og

problem = og.problems.factorization()
muon = og.Muon.at(lr=0.01, momentum=0.8, weight_decay=0.0)
race = og.race({"SGD": og.SGD.at(lr=0.2), "Muon": muon}, problem, steps=300)
race

# %%
# The loss is :math:`\tfrac12 \lVert P Q^\top - M \rVert^2`. M has 8 rows, 8 columns and four singular values, from 1 down
# to 0.1; P and Q have four columns each, and random entries of about 0.01. The bars are the singular values of
# :math:`P Q^\top`. With SGD they reach half of what they are to become after
# :n:`half["SGD"][0]`, :n:`half["SGD"][1]`, :n:`half["SGD"][2]` and :n:`half["SGD"][3]` steps. With Muon the order is
# reversed: :n:`half["Muon"][0]`, :n:`half["Muon"][1]`, :n:`half["Muon"][2]` and :n:`half["Muon"][3]`.

# proof: SGD learns the four singular values from the largest to the smallest, the last more than
# ten times as late as the first; Muon in the reversed order, the last less than three times
# as late as the first
goal = np.geomspace(1, 0.1, 4)
half = {}
for name, run in race.items():
    values = np.linalg.svd(problem.matrices(run.theta)).S[:, :4]
    half[name] = (values > goal / 2).argmax(0)
assert (np.diff(half["SGD"]) > 0).all() and half["SGD"][3] > 10 * half["SGD"][0]
assert (np.diff(half["Muon"]) < 0).all() and half["Muon"][0] < 3 * half["Muon"][3]

# %%
# The loss of SGD therefore falls in stairs. Every landing is near a saddle point: a place where some singular values
# are learned, the others are still close to zero, and the gradient almost vanishes.

og.plot_singular_values(race)

# %%
# Why SGD needs so long
# ---------------------
# The gradients are :math:`(P Q^\top - M)\, Q` and :math:`(P Q^\top - M)^\top P`. Near zero they are :math:`-M Q` and
# :math:`-M^\top P`. Along a pair of singular vectors of M with singular value :math:`\sigma`, let p and q be the sizes of
# P and Q. A step makes them
#
# .. math:: p + \eta \sigma q, \qquad q + \eta \sigma p,
#
# so if they are equal, both grow by a factor of :math:`1 + \eta \sigma`. A small singular value is found by compound
# interest at a low rate: from a start of size :math:`\varepsilon` it takes about
# :math:`\log(1 / \varepsilon) / (\eta \sigma)` steps. A start ten times as small costs :math:`\log(10) / (\eta \sigma)`
# more.

# proof: from a small aligned start each singular value of the product grows by the square
# of :math:`1 + \eta \sigma` a step
early = og.descend(og.SGD, problem, 1e-4 * problem.known_minima()[0], steps=10, lr=0.2)
grown = np.linalg.svd(problem.matrices(early.theta)).S[:, :4]
np.testing.assert_allclose(
    grown[1:] / grown[:-1], np.tile((1 + 0.2 * goal) ** 2, (10, 1)), rtol=1e-5
)

# %%
# Muon replaces the gradient by its orthogonal factor, and so the factor :math:`\sigma q` by a number near 1. Of a matrix
# with twice as many rows as columns it multiplies that by :math:`\sqrt 2`. So every p and q grows by about the same
# amount, whether its :math:`\sigma` is large or small. To reach :math:`\sqrt{\sigma}` takes roughly
# :math:`\sqrt{\sigma / 2} / \eta` steps, and how small the start is hardly matters.

# proof: a start ten times as small costs SGD, for the first three singular values, the steps that
# the formula says, to three in a hundred; it costs Muon at most three; Muon reaches half of each
# singular value after 0.9 to 1.6 times the steps that its formula says
tiny = og.problems.factorization(scale=0.001)
later = {}
for name, rule in {"SGD": og.SGD.at(lr=0.2), "Muon": muon}.items():
    run = og.descend(rule, tiny, steps=300)
    later[name] = (np.linalg.svd(tiny.matrices(run.theta)).S[:, :3] > goal[:3] / 2).argmax(0)
more = {name: later[name] - half[name][:3] for name in later}
np.testing.assert_allclose(more["SGD"], np.log(10) / np.log1p(0.2 * goal[:3]), rtol=0.03)
assert np.abs(more["Muon"]).max() <= 3
said = half["Muon"] / (np.sqrt(goal / 2 / 2) / 0.01)
assert 0.9 < said.min() and said.max() < 1.6

# %%
# What does not change
# --------------------
# Small steps of gradient descent keep :math:`P^\top P - Q^\top Q` as it is: the two halves of a step add the same matrix,
# :math:`-\eta\,(P^\top G Q + Q^\top G^\top P)` with :math:`G = P Q^\top - M`, to both products. What
# is left is of second order in the learning rate. So P and Q end equally large if they start so, or if they start small.

# proof: while P grows to a length above 1, the difference of the products changes by less than
# 0.1 %, and by half as much at half the learning rate
moved = {}
for lr, steps in ((0.2, 300), (0.1, 600)):
    P, Q = problem.blocks(og.descend(og.SGD, problem, steps=steps, lr=lr).theta)
    kept = P.mT @ P - Q.mT @ Q
    moved[lr] = np.linalg.norm(kept[-1] - kept[0])
assert np.linalg.norm(P[-1].T @ P[-1]) > 1 and moved[0.2] < 1e-3
assert 0.4 < moved[0.1] / moved[0.2] < 0.6

# %%
# Steps along the orthogonal factor add the same amount to every singular value of P and of Q. They keep the difference
# of the roots, :math:`\sqrt{P^\top P} - \sqrt{Q^\top Q}`, as soon as P, Q and M share their singular vectors
# :cite:p:`rhee2026`. Muon's five Newton-Schulz steps and its average of gradients make this approximate.

# proof: from an aligned start, 30 steps along the exact orthogonal factors keep the difference of
# the roots to 1e-12
P, Q = problem.blocks(problem.known_minima()[0])
M, U, V = P @ Q.T, P / np.sqrt(goal), Q / np.sqrt(goal)
P, Q = U * [0.01, 0.02, 0.03, 0.04], V * [0.04, 0.01, 0.02, 0.01]
sizes = np.linalg.norm(P, axis=0) - np.linalg.norm(Q, axis=0)
for _ in range(30):
    G = P @ Q.T - M
    (a, _, b), (c, _, d) = np.linalg.svd(G @ Q, False), np.linalg.svd(G.T @ P, False)
    P, Q = P - 0.003 * a @ b, Q - 0.003 * c @ d
    np.testing.assert_allclose(P.T @ P, np.diag(np.diag(P.T @ P)), atol=1e-12)
    now = np.linalg.norm(P, axis=0) - np.linalg.norm(Q, axis=0)
    np.testing.assert_allclose(now, sizes, atol=1e-12)

# %%
# What this does and does not say
# -------------------------------
# The product of two matrices is the smallest network with a hidden layer, and a linear one. :cite:t:`saxe2013` solved
# its gradient descent, and found plateaus and sudden drops as in deeper networks. :cite:t:`rhee2026` describe what Muon
# does instead. Both leave out noise and nonlinearity. And to learn the large singular values first is no fault in
# itself: where the small ones are noise, a rule that comes late to them and is stopped early has left them out.
#
# At a constant learning rate Muon does not come to rest, either. It swings around M at a distance of one to three
# learning rates on average, and ends at a loss of :n:`race["Muon"].loss[-1]:.0e`.

# proof: over its last hundred steps Muon is one to three learning rates from M on average
aside = np.linalg.norm(problem.matrices(race["Muon"].theta[-100:]) - M, axis=(-2, -1))
assert 0.01 < aside.mean() < 0.03
