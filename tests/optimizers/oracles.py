"""Independent implementations of every rule, and the settings at which ours is held against them.

``CASES`` is the table the tests run through; ``ORACLES`` says the same by rule, for the page of a rule to read.
A setting is chosen so that every term of the rule matters: unequal betas, a large eps, weight decay on.
"""

from __future__ import annotations

import importlib
import itertools
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

TOLERANCE = 1e-9
BY_HAND = "a trace computed by hand"


# --- The rules by hand: one coordinate, plain floats. A rule yields where it stands and is sent the slope there; one
# that looks elsewhere yields those points besides and is sent the slope at each. Running means are written out as sums
# over the whole past.


def mean(past: list[float], beta: float, depth: int = 1) -> float:
    """The exponentially weighted mean of a history that starts at zero: no recursion, the sum itself.

    ``depth`` means one behind the other are one sum, too, with binomial weights.
    """
    return (1 - beta) ** depth * math.fsum(
        math.comb(age + depth - 1, depth - 1) * beta**age * value for age, value in enumerate(reversed(past))
    )


def squares(past: list[float]) -> list[float]:
    return [value * value for value in past]


def steps(step_of: Callable[..., float]) -> Callable:
    """A rule whose step follows from the slopes so far, the newest last."""

    def rule(x, **settings):
        slopes = []
        while True:
            slopes.append((yield x))
            x -= step_of(slopes, **settings)

    return rule


@steps
def sgd(slopes, lr):
    return lr * slopes[-1]


@steps
def momentum(slopes, lr, momentum):
    return lr * math.fsum(momentum**age * slope for age, slope in enumerate(reversed(slopes)))


def nesterov(x, lr, momentum):
    before = x
    while True:
        look = x + momentum * (x - before)  # Nesterov's own two sequences, without a velocity
        (slope,) = yield x, look
        before, x = x, look - lr * slope


def simplified_nesterov(x, lr, momentum):
    position = before = x  # the classical iterate, of which this rule shows only the look-ahead point
    while True:
        position, before = x - lr * (yield x), position
        x = position + momentum * (position - before)


def look_aheads(x, lr, momentum, weights):
    """``weights``: how much each look weighs, by how far it is in units of what the velocity would carry us."""
    before = x
    while True:
        slopes = yield x, *(x + far * momentum * (x - before) for far in weights)
        seen = math.fsum(weight * slope for weight, slope in zip(weights.values(), slopes, strict=True))
        before, x = x, x + momentum * (x - before) - lr * seen


@steps
def adagrad(slopes, lr, initial_accumulator_value, eps):
    return lr * slopes[-1] / (math.sqrt(initial_accumulator_value + math.fsum(squares(slopes))) + eps)


@steps
def adagrad_abs(slopes, lr, eps):
    return lr * slopes[-1] / (math.sqrt(math.fsum(map(abs, slopes))) + eps)


@steps
def adagrad_no_root(slopes, lr, eps):
    return lr * slopes[-1] / (math.fsum(squares(slopes)) + eps)


@steps
def adagrad_exp(slopes, lr):
    return lr * slopes[-1] * math.prod(math.exp(-square) for square in squares(slopes))


@steps
def rmsprop(slopes, lr, alpha, eps, eps_root):
    return lr * slopes[-1] / (math.sqrt(mean(squares(slopes), alpha) + eps_root) + eps)


def adadelta(x, lr, rho, eps, initial_accumulator_value):
    slopes, moves = [], []
    for t in itertools.count():
        slopes.append((yield x))
        typical_move = math.sqrt(initial_accumulator_value * rho**t + mean(squares(moves), rho) + eps)
        moves.append(slopes[-1] * typical_move / math.sqrt(mean(squares(slopes), rho) + eps))
        x -= lr * moves[-1]


def rprop(x, lr, etas, step_sizes):
    size, before = lr, 0
    while True:
        slope = yield x
        sign = (slope > 0) - (slope < 0)
        if sign * before > 0:
            size *= etas[1]
        if sign * before < 0:
            size, sign = size * etas[0], 0
        size, before = min(max(size, step_sizes[0]), step_sizes[1]), sign
        x -= size * sign


@steps
def almost_adam(slopes, lr, betas, eps):
    return lr * mean(slopes, betas[0]) / (math.sqrt(mean(squares(slopes), betas[1])) + eps)


def adam(x, lr, betas, eps, weight_decay=0.0, correct_mean=True):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        direction = mean(slopes, betas[0]) / (1 - betas[0] ** t if correct_mean else 1)
        scale = mean(squares(slopes), betas[1]) / (1 - betas[1] ** t)
        x = x * (1 - lr * weight_decay) - lr * direction / (math.sqrt(scale) + eps)


@steps
def adamax(slopes, lr, betas, eps):
    largest = max(betas[1] ** age * (abs(slope) + eps) for age, slope in enumerate(reversed(slopes)))
    return lr * mean(slopes, betas[0]) / (1 - betas[0] ** len(slopes)) / largest


@steps
def nadam(slopes, lr, betas, eps, momentum_decay):
    t = len(slopes)
    mu = [betas[0] * (1 - 0.96 ** (i * momentum_decay) / 2) for i in range(1, t + 2)]
    direction = mu[t] * mean(slopes, betas[0]) / (1 - math.prod(mu))
    direction += (1 - mu[t - 1]) * slopes[-1] / (1 - math.prod(mu[:-1]))
    return lr * direction / (math.sqrt(mean(squares(slopes), betas[1]) / (1 - betas[1] ** t)) + eps)


def amsgrad(x, lr, betas, eps):
    slopes, scales = [], []
    for t in itertools.count(1):
        slopes.append((yield x))
        scales.append(mean(squares(slopes), betas[1]))
        scale = math.sqrt(max(scales) / (1 - betas[1] ** t))
        x -= lr * mean(slopes, betas[0]) / (1 - betas[0] ** t) / (scale + eps)


@steps
def radam(slopes, lr, betas, eps):
    t, (beta1, beta2) = len(slopes), betas
    direction = mean(slopes, beta1) / (1 - beta1**t)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 5:
        return lr * direction
    trust = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return lr * direction * trust * math.sqrt(1 - beta2**t) / (math.sqrt(mean(squares(slopes), beta2)) + eps)


def yogi(x, lr, betas, eps, initial_accumulator_value):
    slopes, scale = [], initial_accumulator_value
    for t in itertools.count(1):
        slopes.append((yield x))
        square = slopes[-1] ** 2
        scale += (1 - betas[1]) * (0 if square == scale else math.copysign(square, square - scale))
        direction = (mean(slopes, betas[0]) + initial_accumulator_value * betas[0] ** t) / (1 - betas[0] ** t)
        x -= lr * direction / (math.sqrt(scale / (1 - betas[1] ** t)) + eps)


@steps
def adabound(slopes, lr, betas, final_lr, gamma, eps):
    t, (beta1, beta2) = len(slopes), betas
    rate = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t) / (math.sqrt(mean(squares(slopes), beta2)) + eps)
    low, high = final_lr - final_lr / (gamma * t + 1), final_lr + final_lr / (gamma * t)
    return min(max(rate, low), high) * mean(slopes, beta1)


def belief(x, lr, betas, eps, correct_mean=True, bounds=(0.0, math.inf), trend=(1,)):
    """``trend``: the shares of the mean, of the mean of means (DEMA), of the mean of those (TEMA)."""
    slopes, surprises = [], []
    for t in itertools.count(1):
        slopes.append((yield x))
        average = math.fsum(share * mean(slopes, betas[0], depth) for depth, share in enumerate(trend, 1))
        surprises.append((slopes[-1] - average) ** 2)
        aged_eps = eps * math.fsum(betas[1] ** age for age in range(t))
        scale = math.sqrt((mean(surprises, betas[1]) + aged_eps) / (1 - betas[1] ** t))
        direction = average / (1 - betas[0] ** t) if correct_mean else average
        ratio = direction / (scale + eps)
        x -= lr * math.copysign(min(max(math.fabs(ratio), bounds[0]), bounds[1]), ratio) * (ratio != 0)


def derivative(x, lr, betas, eps):
    slopes = [0.0]
    for t in itertools.count(1):
        slopes.append((yield x))
        changes = [(new - old) ** 2 for old, new in itertools.pairwise(slopes)]
        aged_eps = eps * math.fsum(betas[1] ** age for age in range(t))
        scale = math.sqrt((mean(changes, betas[1]) + aged_eps) / (1 - betas[1] ** t))
        x -= lr * mean(slopes[1:], betas[0]) / (scale + eps)


def lion(x, lr, betas, weight_decay):
    slopes = []
    while True:
        slope = yield x
        blend = betas[0] * mean(slopes, betas[1]) + (1 - betas[0]) * slope
        slopes.append(slope)
        x = (1 - lr * weight_decay) * x - math.copysign(lr, blend) * (blend != 0)


def signum(x, lr, momentum, weight_decay):
    slopes = []
    while True:
        slopes.append((yield x))
        blend = mean(slopes, momentum)
        x = (1 - lr * weight_decay) * x - math.copysign(lr, blend) * (blend != 0)


def ademamix(x, lr, betas, alpha, eps, weight_decay, alpha_warmup=1, beta3_warmup=1):
    """As in the paper, ``beta3`` follows from its half-life, which rises in proportion to the step."""
    slopes, slow, (beta1, beta2, beta3) = [], 0.0, betas
    first, last = (math.log(0.5) / math.log(beta) - 1 for beta in (beta1, beta3))
    for t in itertools.count(1):
        slopes.append((yield x))
        share = min(t / beta3_warmup, 1)
        decay = 0.5 ** (1 / ((1 - share) * first + share * last + 1))
        slow += (1 - decay) * (slopes[-1] - slow)
        direction = mean(slopes, beta1) / (1 - beta1**t) + min(alpha, alpha * t / alpha_warmup) * slow
        scale = math.sqrt(mean(squares(slopes), beta2) / (1 - beta2**t))
        x = x * (1 - lr * weight_decay) - lr * direction / (scale + eps)


def schedule_free_sgd(x, lr, momentum, weight_decay):
    looked, slopes = [x], []
    while True:
        slopes.append((yield looked[-1]))
        steps = [lr * (slope + weight_decay * look) for slope, look in zip(slopes, looked, strict=True)]
        descent = [x - math.fsum(steps[:count]) for count in range(1, len(steps) + 1)]
        looked.append((1 - momentum) * descent[-1] + momentum * math.fsum(descent) / len(descent))


def cautious_adamw(xs, lr, betas, eps, weight_decay):
    """All coordinates of one tensor: how far one moves depends on how many do."""
    past = []
    for t in itertools.count(1):
        past.append((yield xs))
        updates = []
        for slopes in zip(*past, strict=True):
            scale = mean(squares(slopes), betas[1]) / (1 - betas[1] ** t)
            updates.append(mean(slopes, betas[0]) / (1 - betas[0] ** t) / (math.sqrt(scale) + eps))
        kept = [u if u * slope > 0 else 0.0 for u, slope in zip(updates, past[-1], strict=True)]
        further = len(xs) / max(len(xs) - kept.count(0.0), len(xs) / 1000)
        xs = [x - lr * (weight_decay * x + further * u) for x, u in zip(xs, kept, strict=True)]


def adam_cwd(x, lr, betas, eps, weight_decay):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        scale = math.sqrt(mean(squares(slopes), betas[1]) / (1 - betas[1] ** t))
        update = mean(slopes, betas[0]) / (1 - betas[0] ** t) / (scale + eps)
        x -= lr * update + (lr * weight_decay * x if math.copysign(1, update) * x >= 0 or not update else 0)


def nadamw(x, lr, betas, eps, weight_decay=0.0):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        again = mean([*slopes, slopes[-1]], betas[0])  # the average, were the newest slope to come once more
        fresh = (1 - betas[0]) * slopes[-1]
        direction = (again - fresh) / (1 - betas[0] ** (t + 1)) + fresh / (1 - betas[0] ** t)
        scale = mean(squares(slopes), betas[1]) / (1 - betas[1] ** t)
        x = x * (1 - lr * weight_decay) - lr * direction / (math.sqrt(scale) + eps)


def adan(x, lr, betas, eps, weight_decay):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        changes = [0.0, *(new - old for old, new in itertools.pairwise(slopes))]
        ahead = [slope + betas[1] * change for slope, change in zip(slopes, changes, strict=True)]
        direction = mean(slopes, betas[0]) / (1 - betas[0] ** t) + betas[1] * mean(changes, betas[1]) / (
            1 - betas[1] ** t
        )
        scale = math.sqrt(mean(squares(ahead), betas[2]) / (1 - betas[2] ** t))
        x = (x - lr * direction / (scale + eps)) / (1 + lr * weight_decay)


def adam_atan2(x, lr, betas, a, b, weight_decay):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        direction = mean(slopes, betas[0]) / (1 - betas[0] ** t)
        scale = math.sqrt(mean(squares(slopes), betas[1]) / (1 - betas[1] ** t))
        x = x * (1 - lr * weight_decay) - lr * a * (math.atan(direction / (b * scale)) if direction else 0.0)


def stable_adamw(xs, lr, betas, eps, weight_decay):
    """All coordinates of one tensor: a large slope in one of them shortens the steps of all."""
    past = []
    for t in itertools.count(1):
        past.append((yield xs))
        columns = list(zip(*past, strict=True))
        scales = [mean(squares(slopes), betas[1]) / (1 - betas[1] ** t) for slopes in columns]
        ratios = [slopes[-1] ** 2 / max(scale, eps * eps) for slopes, scale in zip(columns, scales, strict=True)]
        rate = lr / max(1.0, math.sqrt(math.fsum(ratios) / len(ratios)))
        ways = [mean(slopes, betas[0]) / (1 - betas[0] ** t) for slopes in columns]
        moves = [way / (math.sqrt(scale) + eps) for way, scale in zip(ways, scales, strict=True)]
        xs = [x * (1 - rate * weight_decay) - rate * move for x, move in zip(xs, moves, strict=True)]


def mars(xs, lr, betas, gamma, eps, weight_decay):
    """All coordinates of one tensor: they are shortened together."""
    before, past = [0.0] * len(xs), []
    for t in itertools.count(1):
        slopes = yield xs
        weight = gamma * betas[0] / (1 - betas[0])
        corrected = [(1 + weight) * new - weight * old for new, old in zip(slopes, before, strict=True)]
        length = max(1.0, math.hypot(*corrected))
        before, past = slopes, [*past, [value / length for value in corrected]]
        moves = []
        for values in zip(*past, strict=True):
            scale = math.sqrt(mean(squares(values), betas[1]) / (1 - betas[1] ** t))
            moves.append(mean(values, betas[0]) / (1 - betas[0] ** t) / (scale + eps))
        xs = [x - lr * (move + weight_decay * x) for x, move in zip(xs, moves, strict=True)]


@steps
def laprop(slopes, lr, betas, eps):
    divided = []
    for t, slope in enumerate(slopes, 1):
        divided.append(slope / (math.sqrt(mean(squares(slopes[:t]), betas[1]) / (1 - betas[1] ** t)) + eps))
    return lr * mean(divided, betas[0]) / (1 - betas[0] ** len(slopes))


def schedule_free_adamw(x, lr, betas, eps, weight_decay):
    looked, slopes, moves = [x], [], []
    for t in itertools.count(1):
        slopes.append((yield looked[-1]))
        scale = math.sqrt(mean(squares(slopes), betas[1]) / (1 - betas[1] ** t)) + eps
        moves.append(lr * (slopes[-1] / scale + weight_decay * looked[-1]))
        descent = [x - math.fsum(moves[:count]) for count in range(1, t + 1)]
        looked.append((1 - betas[0]) * descent[-1] + betas[0] * math.fsum(descent) / t)


def asgd(x, lr, lambd, alpha, t0):
    for t in itertools.count():
        rate = lr * (1 + lambd * lr * t) ** -alpha
        x = (1 - lambd * rate) * x - rate * (yield x)


@steps
def agg_mo(slopes, lr, betas):
    """A slope weighs the mean of what is left of it in each velocity."""
    ages = enumerate(reversed(slopes))
    return lr * math.fsum(math.fsum(beta**age for beta in betas) / 3 * slope for age, slope in ages)


@steps
def qhm(slopes, lr, momentum, nu):
    """What each slope weighs by its age: one geometric series, and more for the newest."""
    ages = enumerate(reversed(slopes))
    past = math.fsum(nu * (1 - momentum) * momentum**age * slope for age, slope in ages)
    return lr * (past + (1 - nu) * slopes[-1])


@steps
def adopt(slopes, lr, betas, eps, clip_value):
    divided = [0.0]  # the first slope only says what is usual
    for count, slope in enumerate(slopes[1:], 1):
        usual = mean(squares(slopes[1:count]), betas[1]) + betas[1] ** (count - 1) * slopes[0] ** 2
        ratio = slope / max(math.sqrt(usual), eps)
        divided.append(math.copysign(min(math.fabs(ratio), clip_value * math.sqrt(math.sqrt(count))), ratio))
    return lr * mean(divided, betas[0])


def lamb(xs, lr, betas, eps, weight_decay):
    """All coordinates of one tensor: the step is lr times as long as the tensor."""
    past = []
    for t in itertools.count(1):
        past.append((yield xs))
        updates = []
        for x, slopes in zip(xs, zip(*past, strict=True), strict=True):
            scale = math.sqrt(mean(squares(slopes), betas[1]) / (1 - betas[1] ** t)) + eps
            updates.append(mean(slopes, betas[0]) / (1 - betas[0] ** t) / scale + weight_decay * x)
        ratio = math.hypot(*xs) / math.hypot(*updates) if any(xs) and any(updates) else 1
        xs = [x - lr * ratio * update for x, update in zip(xs, updates, strict=True)]


# --- Rules that take the whole model together: all coordinates, and with their slopes the loss.


def squared(values: Iterable[float]) -> float:
    return math.fsum(value * value for value in values)


def apart(xs: list[float], ys: list[float]) -> float:
    return squared(x - y for x, y in zip(xs, ys, strict=True))


def polyak_step(xs, f_star, c, eta_max):
    while True:
        slopes, height = yield xs
        length = squared(slopes)
        rate = min((height - f_star) / (c * length), eta_max) if length else 0.0
        xs = [x - rate * slope for x, slope in zip(xs, slopes, strict=True)]


def dog(xs, reps_rel, eps):
    been, lengths = [xs], []
    while True:
        slopes, _ = yield been[-1]
        lengths.append(squared(slopes))
        first = reps_rel * (1 + math.sqrt(squared(xs)))
        rate = max(first, *(math.sqrt(apart(x, xs)) for x in been)) / math.sqrt(math.fsum(lengths) + eps)
        been.append([x - rate * slope for x, slope in zip(been[-1], slopes, strict=True)])


def dowg(xs, eps):
    been, weighted, farthest = [xs], [], eps
    while True:
        slopes, _ = yield been[-1]
        farthest = max(eps, *(apart(x, xs) for x in been))
        weighted.append(farthest * squared(slopes))
        rate = farthest / (math.sqrt(math.fsum(weighted)) + eps)
        been.append([x - rate * slope for x, slope in zip(been[-1], slopes, strict=True)])


def prodigy(xs, lr, betas, eps, weight_decay, d0, d_coef):
    """The estimate is the largest quotient of two sums over the whole past, in which weights age with root beta2."""
    here, been, past, known, aging = xs, [], [], [d0], math.sqrt(betas[1])
    while True:
        slopes, _ = yield here
        been.append(here)
        past.append(slopes)
        weights = [lr * d * d / d0 * aging**age for d, age in zip(known, range(len(known) - 1, -1, -1), strict=True)]
        gain = math.fsum(
            weight * slope * (x - y)
            for weight, slopes, ys in zip(weights, past, been, strict=True)
            for slope, x, y in zip(slopes, xs, ys, strict=True)
        )
        length = math.fsum(abs(math.fsum(map(operator.mul, weights, column))) for column in zip(*past, strict=True))
        known.append(max(known[-1], d_coef * gain / length if length else 0.0))
        rate, moved = lr * known[-2], []
        for x, column in zip(here, zip(*past, strict=True), strict=True):
            scaled = [d * slope for d, slope in zip(known, column, strict=False)]
            scale = math.sqrt(mean(squares(scaled), betas[1])) + known[-1] * eps
            moved.append((1 - rate * weight_decay) * x - rate * mean(scaled, betas[0]) / scale)
        here = moved


def dadapt_adam(xs, lr, betas, eps, weight_decay, d0):
    here, past, gains, known, aging = xs, [], [], [d0], math.sqrt(betas[1])

    def sums():
        """Of each coordinate the weighted sum of its slopes, and their scale."""
        for column in zip(*past, strict=True):
            scaled = [lr * d * slope for d, slope in zip(known, column, strict=False)]
            yield mean(scaled, aging), mean(scaled, betas[0]), math.sqrt(mean(squares(column), betas[1])) + eps

    while True:
        slopes, _ = yield here
        before = zip(slopes, sums(), strict=True) if past else ()
        gains.append(lr * known[-1] * math.fsum(slope * s / scale for slope, (s, _, scale) in before))
        past.append(slopes)
        length = (1 - aging) * math.fsum(abs(s) for s, *_ in sums())
        shrink = 1 - lr * known[-1] * weight_decay
        here = [shrink * x - m / scale for x, (_, m, scale) in zip(here, sums(), strict=True)]
        known.append(max(known[-1], mean(gains, aging) / length if length else 0.0))


def barzilai_borwein(xs, lr, short):
    before = None
    while True:
        slopes, _ = yield xs
        rate = lr
        if before:
            step, change = (
                [b - a for a, b in zip(*pair, strict=True)] for pair in zip(before, (xs, slopes), strict=True)
            )
            along = math.fsum(map(operator.mul, step, change))
            if along > 0:
                rate = along / squared(change) if short else squared(step) / along
        before = xs, slopes
        xs = [x - rate * slope for x, slope in zip(xs, slopes, strict=True)]


def memoryless_bfgs(xs, lr):
    """All coordinates of the model, with the inverse Hessian written out as a matrix."""
    x, before, pair = torch.tensor(xs, dtype=torch.float64), None, None
    for t in itertools.count(1):
        slope = torch.tensor((yield x.tolist())[0], dtype=torch.float64)
        if before and (x - before[0]) @ (slope - before[1]) > 1e-10:
            pair = x - before[0], slope - before[1]
        if pair:
            s, y = pair
            turn = torch.eye(len(x), dtype=torch.float64) - torch.outer(y, s) / (s @ y)
            step = turn.T @ turn @ slope * (s @ y) / (y @ y) + s * (s @ slope) / (s @ y)
        else:
            step = slope / (max(1, slope.abs().sum()) if t == 1 else 1)
        before, x = (x, slope), x - lr * step


def turned(inverse, step, change):
    """BFGS' product, which makes a matrix take the change to the step."""
    turn = torch.eye(len(step), dtype=torch.float64) - torch.outer(change, step) / (step @ change)
    return turn.T @ inverse @ turn + torch.outer(step, step) / (step @ change)


def secants(matrix_of):
    """All coordinates of the model, along the gradient times a matrix that is made of the pairs so far."""

    def rule(xs, lr, **settings):
        x, before, pairs = torch.tensor(xs, dtype=torch.float64), None, []
        for t in itertools.count(1):
            slope = torch.tensor((yield x.tolist())[0], dtype=torch.float64)
            if before and (x - before[0]) @ (slope - before[1]) > 1e-10:
                pairs.append((x - before[0], slope - before[1]))
            step = (
                matrix_of(pairs, **settings) @ slope if pairs else slope / (max(1, slope.abs().sum()) if t == 1 else 1)
            )
            before, x = (x, slope), x - lr * step

    return rule


def first_scaled(pair):
    return (pair[0] @ pair[1]) / (pair[1] @ pair[1]) * torch.eye(len(pair[0]), dtype=torch.float64)


@secants
def lbfgs(pairs, history_size):
    inverse = first_scaled(pairs[-1])
    for pair in pairs[-history_size:]:
        inverse = turned(inverse, *pair)
    return inverse


@secants
def bfgs(pairs):
    inverse = first_scaled(pairs[0])
    for pair in pairs:
        inverse = turned(inverse, *pair)
    return inverse


@secants
def bfgs_in_scipy(pairs):
    matrix = importlib.import_module("scipy.optimize").BFGS(min_curvature=0)
    matrix.initialize(len(pairs[0][0]), "inv_hess")
    for step, change in pairs:
        matrix.update(step.numpy(), change.numpy())
    return torch.from_numpy(matrix.get_matrix())


def sophia_h(xs, lr, betas, gamma, eps, weight_decay, update_interval):
    slopes, curvatures, xs = [], [], list(xs)
    while True:
        slope, hessian, drawn = yield xs
        slopes.append(slope)
        if (len(slopes) - 1) % update_interval == 0:
            curvatures.append(
                [z * math.fsum(map(operator.mul, row, drawn)) for z, row in zip(drawn, hessian, strict=True)]
            )
        for i, x in enumerate(xs):
            h = mean([curvature[i] for curvature in curvatures], betas[1])
            ratio = mean([slope[i] for slope in slopes], betas[0]) / max(gamma * h, eps)
            xs[i] = (1 - lr * weight_decay) * x - lr * min(max(ratio, -1), 1)


def newton(xs, lr, damping):
    """In the coordinates along the eigenvectors, where every one is divided by its own curvature."""
    x = np.array(xs)
    while True:
        slope, hessian, _ = yield x.tolist()
        values, vectors = np.linalg.eigh(np.array(hessian))
        x = x - lr * vectors @ (vectors.T @ np.array(slope) / (values + damping))


def newton_in_scipy(xs, lr, damping):
    linalg, x = importlib.import_module("scipy.linalg"), np.array(xs)
    while True:
        slope, hessian, _ = yield x.tolist()
        x = x - lr * linalg.solve(np.array(hessian) + damping * np.eye(len(x)), slope, assume_a="sym")


class ByHand:
    """Steps every coordinate of every parameter by a generator of its own."""

    def __init__(self, params: Iterable[torch.Tensor], rule: Callable, settings: dict[str, Any]) -> None:
        self.params = list(params)
        self.rules = [rule(x, **settings) for p in self.params for x in p.detach().flatten().tolist()]
        self.asked = [next(rule) for rule in self.rules]

    def _place(self, values: list[float]) -> None:
        rest = torch.tensor(values, dtype=torch.float64)
        for p in self.params:
            here, rest = rest[: p.numel()], rest[p.numel() :]
            p.data.copy_(here.view_as(p))

    def _slopes(self, closure: Callable[[], Any]) -> list[float]:
        closure()
        return torch.cat([p.grad.flatten() for p in self.params]).tolist()

    def step(self, closure: Callable[[], Any]) -> None:
        if isinstance(self.asked[0], tuple):
            seen = []
            for points in list(zip(*self.asked, strict=True))[1:]:
                self._place(list(points))
                seen.append(self._slopes(closure))
            answers = list(zip(*seen, strict=True))
        else:
            answers = self._slopes(closure)
        self.asked = [rule.send(answer) for rule, answer in zip(self.rules, answers, strict=True)]
        self._place([asked[0] if isinstance(asked, tuple) else asked for asked in self.asked])


class MatricesByHand:
    """Steps every matrix by a generator of its own, which knows its slopes as arrays."""

    def __init__(self, params: Iterable[torch.Tensor], rule: Callable, settings: dict[str, Any]) -> None:
        self.params = list(params)
        self.rules = [rule(p.detach().numpy().copy(), **settings) for p in self.params]
        for rule in self.rules:
            next(rule)

    def step(self, closure: Callable[[], Any]) -> None:
        closure()
        for p, rule in zip(self.params, self.rules, strict=True):
            p.data.copy_(torch.from_numpy(np.asarray(rule.send(p.grad.numpy().copy()))))


def matrix_mean(past: list[np.ndarray], beta: float) -> np.ndarray:
    return sum((1 - beta) * beta**age * value for age, value in enumerate(reversed(past)))


def orthogonalized(x: np.ndarray) -> np.ndarray:
    """The singular vectors with what five steps of Newton and Schulz make of each singular value."""
    left, values, right = np.linalg.svd(x, full_matrices=False)
    values = values / math.sqrt(math.fsum(values**2))
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return left @ np.diag(values) @ right


def muon(x, lr, weight_decay, momentum, nesterov):
    slopes = []
    while True:
        slopes.append((yield x))
        direction = matrix_mean(slopes, momentum)
        if nesterov:
            direction = direction * momentum + slopes[-1] * (1 - momentum)
        longer = max(1, x.shape[0] / x.shape[1]) ** 0.5
        x = x * (1 - lr * weight_decay) - lr * longer * orthogonalized(direction)


def adam_mini(x, lr, betas, eps, weight_decay):
    slopes = []
    for t in itertools.count(1):
        slopes.append((yield x))
        lengths = [np.sum(g**2, -1, keepdims=True) / g.shape[-1] if g.ndim > 1 else g**2 for g in slopes]
        scale = np.sqrt(matrix_mean(lengths, betas[1]) / (1 - betas[1] ** t)) + eps
        x = x * (1 - lr * weight_decay) - lr / (1 - betas[0] ** t) * matrix_mean(slopes, betas[0]) / scale


def nor_muon(x, lr, weight_decay, momentum, beta2, nesterov, eps):
    slopes, squares = [], []
    while True:
        slopes.append((yield x))
        direction = matrix_mean(slopes, momentum)
        if nesterov:
            direction = direction * momentum + slopes[-1] * (1 - momentum)
        factor = orthogonalized(direction)
        squares.append(np.array([math.fsum(row**2) / len(row) for row in factor]))
        even = np.diag(1 / (np.sqrt(matrix_mean(squares, beta2)) + eps)) @ factor
        even = even * np.linalg.norm(factor) / (np.linalg.norm(even) + eps)
        longer = max(1, x.shape[0] / x.shape[1]) ** 0.5
        x = x * (1 - lr * weight_decay) - lr * longer * even


def shampoo(x, lr, eps, beta2=1.0):
    slopes = []
    while True:
        slopes.append((yield x))
        roots = []
        for side in (lambda g: g @ g.T, lambda g: g.T @ g):
            squares = list(map(side, slopes))
            weights = [beta2**age * (1 - beta2 if beta2 < 1 else 1) for age in range(len(squares))]
            total = sum(weight * square for weight, square in zip(weights, reversed(squares), strict=True))
            total = total + eps * beta2 ** len(squares) * np.eye(len(total))
            left, values, right = np.linalg.svd(total)
            roots.append(left @ np.diag(1 / np.sqrt(np.sqrt(values))) @ right)
        x = x - lr * roots[0] @ slopes[-1] @ roots[1]


def soap(x, lr, betas, eps, weight_decay, precondition_frequency):
    slopes, scale, left, right = [], 0, None, None
    for t in itertools.count():
        slopes.append((yield x))
        if t:
            turned = left.T @ slopes[-1] @ right
            scale = betas[1] * scale + (1 - betas[1]) * turned**2
            along = left.T @ matrix_mean(slopes[1:], betas[0]) @ right / (np.sqrt(scale) + eps)
            unbias = math.sqrt(1 - betas[1] ** t) / (1 - betas[0] ** t)
            x = (x - lr * unbias * left @ along @ right.T) * (1 - lr * weight_decay)
        if t % precondition_frequency == 0:
            left = np.linalg.eigh(matrix_mean([g @ g.T for g in slopes], betas[1])).eigenvectors
            right = np.linalg.eigh(matrix_mean([g.T @ g for g in slopes], betas[1])).eigenvectors


def adafactor(x, lr, beta2_decay, eps, d, weight_decay):
    """A vector is a column. Weights of past squares are products of what each later step has left of them."""
    shape, rows, columns = x.shape, [], []
    x = x if x.ndim > 1 else x.reshape(-1, 1)
    for t in itertools.count(1):
        g = (yield x.reshape(shape)).reshape(x.shape)
        kept = [math.prod(1 - s**beta2_decay for s in range(age + 1, t + 1)) for age in range(1, t + 1)]
        weights = [age**beta2_decay * left for age, left in enumerate(kept, 1)]
        rows.append((g * g).sum(1) / g.shape[1])
        columns.append((g * g).sum(0) / g.shape[0])
        row, column = (np.tensordot(weights, past, 1) for past in (rows, columns))
        scale = np.sqrt(np.outer(row, column) / max(row.sum() / len(row), eps[0]))
        update = g / np.maximum(scale, eps[0])
        clip = max(1, math.sqrt(np.sum(update**2) / g.size) / d)
        size = max(eps[1], math.sqrt(np.sum(x**2) / g.size))
        x = x * (1 - lr * weight_decay) - min(lr, t**-0.5) * size * update / clip


class TensorsByHand:
    """Steps every parameter by a generator of its own, which knows the slopes of all its coordinates."""

    def __init__(self, params: Iterable[torch.Tensor], rule: Callable, settings: dict[str, Any]) -> None:
        self.params = list(params)
        self.rules = [rule(p.detach().flatten().tolist(), **settings) for p in self.params]
        for rule in self.rules:
            next(rule)

    def step(self, closure: Callable[[], Any]) -> None:
        closure()
        for p, rule in zip(self.params, self.rules, strict=True):
            p.data.copy_(torch.tensor(rule.send(p.grad.flatten().tolist()), dtype=torch.float64).view_as(p))


class ModelByHand:
    """Steps all parameters together by one generator, which knows all slopes and the loss."""

    def __init__(self, params: Iterable[torch.Tensor], rule: Callable, settings: dict[str, Any]) -> None:
        self.params = list(params)
        self.rule = rule(torch.cat([p.detach().flatten() for p in self.params]).tolist(), **settings)
        next(self.rule)

    def step(self, closure: Callable[[], Any]) -> None:
        height = closure().item()
        to = self.rule.send((torch.cat([p.grad.flatten() for p in self.params]).tolist(), height))
        for p, piece in zip(
            self.params, torch.tensor(to, dtype=torch.float64).split([p.numel() for p in self.params]), strict=True
        ):
            p.data.copy_(piece.view_as(p))


class CurvedByHand:
    """Steps all parameters together by one generator, which knows all slopes, the Hessian, and normal numbers."""

    def __init__(self, params: Iterable[torch.Tensor], rule: Callable, settings: dict[str, Any]) -> None:
        self.params = list(params)
        self.rule = rule(torch.cat([p.detach().flatten() for p in self.params]).tolist(), **settings)
        next(self.rule)

    def step(self, closure: Callable[[], Any]) -> None:
        closure()
        slopes = torch.cat([p.grad.flatten() for p in self.params])
        drawn = torch.cat([torch.randn_like(p).flatten() for p in self.params])
        known = slopes.detach().tolist(), [torch.cat(row).tolist() for row in self.rows(slopes)], drawn.tolist()
        to = torch.tensor(self.rule.send(known), dtype=torch.float64)
        for p, piece in zip(self.params, to.split([p.numel() for p in self.params]), strict=True):
            p.data.copy_(piece.view_as(p))

    def rows(self, slopes: torch.Tensor) -> Iterable[list[torch.Tensor]]:
        """The Hessian, slope by slope."""
        for slope in slopes:
            bends = torch.autograd.grad(
                slope, self.params, retain_graph=True, materialize_grads=True, allow_unused=True
            )
            yield [bend.flatten() for bend in bends]


# --- Packages, imported only when a case needs them.


Renames = dict[str, str] | None


def _renamed(settings: dict[str, Any], names: Renames) -> dict[str, Any]:
    pairs = [((names or {}).get(name, name), value) for name, value in settings.items()]
    return {name: value for name, value in pairs if name}


def package(path: str, warm_up: bool = False, names: Renames = None, **fixed: Any) -> Callable:
    """A factory for the optimizer class at ``path``. ``warm_up`` multiplies lr by 1 - beta1**t: exactly what
    leaving out the bias correction of the first moment does. ``names`` says what the class calls a setting; one that
    it calls "" is left out.
    """

    def make(params, settings):
        module, name = path.rsplit(".", 1)
        optimizer = getattr(importlib.import_module(module), name)(params, **_renamed(settings, names) | fixed)
        if warm_up:
            count = itertools.count(1)
            group, lr, beta1 = optimizer.param_groups[0], settings["lr"], settings["betas"][0]
            optimizer.register_step_pre_hook(lambda *_: group.update(lr=lr * (1 - beta1 ** next(count))))
        return optimizer

    return make


def in_double(make: Callable) -> Callable:
    """What a factory makes, for optimizers that keep numbers as tensors of torch's default dtype."""

    def made(params, settings):
        optimizer = make(params, settings)
        step = optimizer.step

        def step_in_double(closure=None):
            torch.set_default_dtype(torch.float64)
            try:
                return step(closure)
            finally:
                torch.set_default_dtype(torch.float32)

        optimizer.step = step_in_double
        return optimizer

    return made


def seen(make: Callable, there: Callable, back: Callable) -> Callable:
    """What a factory makes of the parameters as ``there`` shows them; ``back`` undoes that, given the parameter."""

    def made(params, settings):
        params = list(params)
        turned = [torch.nn.Parameter(there(p.detach()).clone()) for p in params]
        optimizer = make(turned, settings)
        step = optimizer.step

        def step_turned(closure):
            value = closure()
            for p, q in zip(params, turned, strict=True):
                q.grad = there(p.grad).clone()
            step(lambda: value)
            for p, q in zip(params, turned, strict=True):
                p.data.copy_(back(q.data, p))

        optimizer.step = step_turned
        return optimizer

    return made


def transposed(make: Callable) -> Callable:
    """What a factory makes of the transposed matrices: so JAX's layers store their weights."""
    return seen(make, lambda p: p.mT, lambda q, p: q.mT)


def in_columns(make: Callable) -> Callable:
    """What a factory makes of vectors that are matrices of one column."""
    return seen(make, lambda p: p if p.dim() > 1 else p.reshape(-1, 1), lambda q, p: q.view_as(p))


class Optax:
    """An optax transformation, stepping torch parameters. One that only scales, not descends, is given the rate.

    A transformation that needs the loss is given it; one that has no rate is given none.
    """

    def __init__(self, params: Iterable[torch.Tensor], name: str, lr: Any, settings: dict[str, Any]) -> None:
        import jax
        import optax

        jax.config.update("jax_enable_x64", True)
        self.params = list(params)
        if name.startswith("scale_by_"):
            transform = optax.chain(getattr(optax, name)(**settings), optax.scale(-lr))
        else:
            rate = {} if lr is None else {"learning_rate": lr}
            transform = operator.attrgetter(name)(optax)(**rate, **settings)
        self.takes_loss = isinstance(transform, optax.GradientTransformationExtraArgs)
        self.state = transform.init([p.detach().numpy().copy() for p in self.params])
        self.update = jax.jit(transform.update)

    def step(self, closure: Callable[[], Any]) -> None:
        loss = closure()
        here = [p.detach().numpy().copy() for p in self.params]
        more = {"value": loss.item()} if self.takes_loss else {}
        updates, self.state = self.update([p.grad.numpy() for p in self.params], self.state, here, **more)
        for p, change in zip(self.params, updates, strict=True):
            p.data += torch.from_numpy(change.__array__().copy())


def in_optax(name: str, names: Renames = None, undone: bool = False, **fixed: Any) -> Callable:
    """``undone`` undoes a bias correction that optax cannot leave out."""

    def make(params, settings):
        settings = _renamed(settings, names)
        lr = settings.pop("lr", None)
        if undone:  # the bias correction: a schedule that divides by it
            rate, (beta1, beta2) = lr, settings["betas"]
            lr = lambda count: rate * (1 - beta1 ** (count + 1)) / (1 - beta2 ** (count + 1)) ** 0.5  # noqa: E731
        if "betas" in settings and not undone:
            settings |= {f"b{i}": beta for i, beta in enumerate(settings.pop("betas"), 1)}
        if name == "adabelief":
            settings["eps_root"] = settings["eps"]
        return Optax(params, name, lr, settings | fixed)

    return make


def by_hand(rule: Callable, **fixed: Any) -> Callable:
    return lambda params, settings: ByHand(params, rule, {**settings, **fixed})


def model_by_hand(rule: Callable) -> Callable:
    return lambda params, settings: ModelByHand(params, rule, settings)


def matrices_by_hand(rule: Callable) -> Callable:
    return lambda params, settings: MatricesByHand(params, rule, settings)


def tensors_by_hand(rule: Callable) -> Callable:
    return lambda params, settings: TensorsByHand(params, rule, settings)


def curved_by_hand(rule: Callable) -> Callable:
    return lambda params, settings: CurvedByHand(params, rule, settings)


class Estimated:
    """An optimizer of pytorch_optimizer that is handed estimates of the Hessian's diagonal, from our normal numbers."""

    def __init__(self, params: Iterable[torch.Tensor], optimizer: Any, k: int, draw: Callable) -> None:
        self.params, self.optimizer, self.k, self.draw, self.t = list(params), optimizer, k, draw, 0

    def step(self, closure: Callable[[], Any]) -> None:
        closure()
        drawn = [self.draw(torch.randn_like(p)) for p in self.params]
        bends = torch.autograd.grad([p.grad for p in self.params], self.params, drawn)
        for p in self.params:
            p.grad = p.grad.detach()
        estimates = [z * bend for z, bend in zip(drawn, bends, strict=True)]
        self.optimizer.step(hessian=estimates if self.t % self.k == 0 else None)
        self.t += 1


def sophia_of_pytorch_optimizer(params: Any, settings: dict[str, Any]) -> Estimated:
    """It clips at p, and not at 1 after a division by gamma."""
    params, gamma, k = list(params), settings["gamma"], settings["update_interval"]
    converted = {"lr": settings["lr"] / gamma, "eps": settings["eps"] / gamma, "p": gamma, "update_period": k}
    converted |= {"weight_decay": settings["weight_decay"] * gamma, "betas": settings["betas"]}
    return Estimated(params, package("pytorch_optimizer.SophiaH")(params, converted), k, lambda drawn: drawn)


def polyak_in_optax(params: Any, settings: dict[str, Any]) -> Optax:
    """It scales the gradient before it is squared: its scaling divides the step, and its bound is one of the rest."""
    c = settings["c"]
    bound = {"f_min": settings["f_star"], "max_learning_rate": settings["eta_max"] / c}
    return Optax(params, "polyak_sgd", None, {**bound, "scaling": c, "variant": "sps"})


def adafactor_of_pytorch_optimizer(params: Any, settings: dict[str, Any]) -> Any:
    eps1, eps2 = settings["eps"]
    make = package("pytorch_optimizer.AdaFactor", eps1=eps1, eps2=eps2, betas=(None, 0.999), foreach=False)
    return make(params, {"decay_rate": settings["beta2_decay"], "clip_threshold": settings["d"]})


def nor_muon_in_double(params: Any, settings: dict[str, Any]) -> Any:
    module = importlib.import_module("pytorch_optimizer.optimizer.muon.normuon")
    optimizer = module.NorMuon([{"params": list(params), "use_muon": True}], foreach=False, **settings)
    step, rounded = optimizer.step, module.zero_power_via_newton_schulz_5

    def step_in_double(closure=None):
        module.zero_power_via_newton_schulz_5 = lambda x, **_: torch.from_numpy(orthogonalized(x.numpy()))
        try:
            return step(closure)
        finally:
            module.zero_power_via_newton_schulz_5 = rounded

    optimizer.step = step_in_double
    return optimizer


def dog_in_optax(params: Any, settings: dict[str, Any]) -> Optax:
    first = {"init_step": ("heuristic", settings["reps_rel"])}
    return Optax(params, "contrib.dog", None, {**first, "eps": settings["eps"]})


# --- The table.


@dataclass(frozen=True)
class Case:
    """One comparison: our rule, an implementation of it, the settings both are given."""

    rule: str
    implementation: str
    make: Callable
    settings: dict[str, Any]
    tolerance: float = TOLERANCE


UNEQUAL = {"lr": 0.02, "betas": (0.8, 0.95)}
ADAM = [{**UNEQUAL, "eps": 1e-8}, {**UNEQUAL, "eps": 1e-2}]
BELIEF = [{**UNEQUAL, "eps": 1e-16}, {**UNEQUAL, "eps": 1e-2}]
DECAYED = [{**settings, "weight_decay": 0.3} for settings in ADAM]
BOUNDED = [{**settings, "bounds": bounds} for settings in BELIEF for bounds in [(0.1, 2.0), (0.4, 0.7)]]
CLIPPED = [{**UNEQUAL, "eps": 1e-6}, {**UNEQUAL, "eps": 0.3}]
CHANGING = [
    {"lr": 0.02, "betas": (0.8, 0.7, 0.95), "eps": 1e-8, "weight_decay": 0.3},
    {"lr": 0.01, "betas": (0.95, 0.9, 0.9), "eps": 0.1, "weight_decay": 1.0},
]
ANGLES = [
    {**UNEQUAL, "a": 1.27, "b": 1.0, "weight_decay": 0.3},
    {**UNEQUAL, "a": 0.6, "b": 2.5, "weight_decay": 0.0},
]
CORRECTED = [{**UNEQUAL, "gamma": gamma, "eps": eps, "weight_decay": 0.3} for gamma, eps in [(0.025, 1e-8), (0.4, 0.1)]]
HEAVY = [{"lr": 0.01, "momentum": 0.9}, {"lr": 0.03, "momentum": 0.5}]
ORTHOGONAL = [
    {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.3, "nesterov": False},
    {"lr": 0.05, "momentum": 0.95, "weight_decay": 0.0, "nesterov": False},
]
FACTORED = [
    {"lr": 0.05, "beta2_decay": -0.8, "eps": (1e-8, 0.5), "d": 1.0, "weight_decay": 0.3},
    {"lr": 0.3, "beta2_decay": -0.5, "eps": (1e-8, 1e-3), "d": 1.5, "weight_decay": 0.0},
]
ROWS = [
    {**ORTHOGONAL[0], "beta2": 0.7, "nesterov": True, "eps": 0.1},
    {**ORTHOGONAL[1], "beta2": 0.95, "eps": 1e-10},
]
SIGNS = [
    {"lr": 0.01, "betas": (0.6, 0.95), "weight_decay": 0.3},
    {"lr": 0.01, "betas": (0.9, 0.99), "weight_decay": 0.0},
]
MIXED = [
    {"lr": 0.02, "betas": (0.8, 0.95, 0.98), "alpha": 3.0, "eps": 1e-8, "weight_decay": 0.3},
    {"lr": 0.01, "betas": (0.6, 0.9, 0.999), "alpha": 8.0, "eps": 0.1, "weight_decay": 0.0},
]
AVERAGED_SIGNS = [
    {"lr": 0.01, "momentum": 0.7, "weight_decay": 0.3},
    {"lr": 0.03, "momentum": 0.0, "weight_decay": 0.1},
]
FREE = [
    {"lr": 0.02, "momentum": 0.7, "weight_decay": 0.3},
    {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.0},
]
NO_EPS = [{**UNEQUAL, "eps": 1e-100}]
SLOW = {"lr": 0.03, "betas": (0.8, 0.95)}
LARGE_EPS = [{**SLOW, "eps": 0.1}]
LOOKING = [*HEAVY, {"lr": 0.01, "momentum": 0.7}]
ROOT_ONLY = [{"lr": 0.05, "alpha": 0.8, "eps": 0, "eps_root": 0.1}]
YOGI = [{**SLOW, "eps": 0.1, "initial_accumulator_value": 0.3}]

AVERAGED = [{"lr": 0.02, "lambd": 0.3, "alpha": 0.6, "t0": t0} for t0 in (0, 20)]

HYPERBOLIC = [
    {"lr": 0.02, "momentum": 0.9, "nu": 0.7},
    {"lr": 0.05, "momentum": 0.6, "nu": 0.2},
]
ACCELERATED = {"lr": 0.01, "kappa": 50.0, "xi": 10.0, "small_const": 0.7}
#: The same method as QHM: 0.7 * 0.01 * 11 / 1.7, (50 - 4.9) / (50 + 7), (7 - 1) / (0.7 * 11).
FROM_ACCELERATED = {"lr": 0.077 / 1.7, "momentum": 45.1 / 57, "nu": 6 / 7.7}
POLYAK = [{"f_star": -0.5, "c": 0.7, "eta_max": 0.3}, {"f_star": 0.4, "c": 1.3, "eta_max": 0.02}]
AWAY = [{"reps_rel": 1e-2, "eps": 0.1}, {"reps_rel": 1e-4, "eps": 1e-8}]
ESTIMATED = [
    {"lr": 0.7, "betas": (0.8, 0.95), "eps": 0.1, "weight_decay": 0.3, "d0": 1e-2, "d_coef": 1.5},
    {"lr": 1.0, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0, "d0": 1e-3, "d_coef": 0.8},
]
BOUNDED_BELOW = [{name: value for name, value in case.items() if name != "d_coef"} for case in ESTIMATED]
SECANT = [{"lr": 0.4, "short": False}, {"lr": 0.02, "short": True}]

adabelief_pytorch = {"weight_decouple": True, "rectify": False, "print_change_log": False}

#: The clip, the smallest denominator and the decay all act.
CURVED = [
    {"lr": 0.02, "betas": (0.8, 0.7), "gamma": 0.5, "eps": 0.05, "weight_decay": 0.1, "update_interval": 3},
    {"lr": 0.05, "betas": (0.9, 0.6), "gamma": 2.0, "eps": 0.3, "weight_decay": 0.3, "update_interval": 1},
]

TABLE = [
    ("SGD", [{"lr": 0.02}], {
        "torch.optim.SGD": package("torch.optim.SGD"),
        "optax.sgd": in_optax("sgd"),
        BY_HAND: by_hand(sgd),
    }),
    ("Momentum", HEAVY, {
        "torch.optim.SGD(momentum)": package("torch.optim.SGD"),
        "optax.sgd(momentum)": in_optax("sgd"),
        BY_HAND: by_hand(momentum),
    }),
    ("Nesterov", HEAVY, {BY_HAND: by_hand(nesterov)}),
    ("AveragedNesterov", LOOKING, {
        BY_HAND: by_hand(look_aheads, weights={1 / 3: 1 / 3, 2 / 3: 1 / 3, 1: 1 / 3}),
    }),
    ("WeightedNesterov", LOOKING, {
        BY_HAND: by_hand(look_aheads, weights={1 / 2: 1 / 7, 3 / 4: 2 / 7, 1: 4 / 7}),
    }),
    ("SmoothedNesterov", LOOKING, {
        BY_HAND: by_hand(look_aheads, weights={1 / 4: 1 / 4, 1 / 2: 1 / 4, 3 / 4: 1 / 4, 1: 1 / 4}),
    }),
    ("SimplifiedNesterov", HEAVY, {
        "torch.optim.SGD(nesterov=True)": package("torch.optim.SGD", nesterov=True),
        "optax.sgd(nesterov=True)": in_optax("sgd", nesterov=True),
        BY_HAND: by_hand(simplified_nesterov),
    }),
    ("Rprop", [{"lr": 0.03, "etas": (0.4, 1.3), "step_sizes": (0.02, 0.2)}], {
        "torch.optim.Rprop": package("torch.optim.Rprop"),
        BY_HAND: by_hand(rprop),
    }),
    ("Adagrad", [{"lr": 0.3, "eps": 0.2, "initial_accumulator_value": 0.1}], {
        "torch.optim.Adagrad": package("torch.optim.Adagrad"),
        BY_HAND: by_hand(adagrad),
    }),
    # optax adds its constant inside the root, which is a start of the sum by another name.
    ("Adagrad", [{"lr": 0.05, "eps": 0, "initial_accumulator_value": 0.3}], {
        "optax.adagrad, eps -> 0": in_optax("adagrad", initial_accumulator_value=0.1, eps=0.2),
    }),
    ("AdagradAbs", [{"lr": 0.3, "eps": 0.2}], {BY_HAND: by_hand(adagrad_abs)}),
    ("AdagradNoRoot", [{"lr": 0.3, "eps": 0.2}], {BY_HAND: by_hand(adagrad_no_root)}),
    ("AdagradExp", [{"lr": 0.3}], {BY_HAND: by_hand(adagrad_exp)}),
    ("RMSprop", [{"lr": 0.03, "alpha": 0.8, "eps": 0.1}], {
        "torch.optim.RMSprop": package("torch.optim.RMSprop"),
        "optax.rmsprop(eps_in_sqrt=False)": in_optax("rmsprop", {"alpha": "decay"}, eps_in_sqrt=False),
    }),
    ("RMSprop", ROOT_ONLY, {
        "optax.rmsprop(eps_in_sqrt=True)": in_optax("rmsprop", {"alpha": "decay", "eps_root": "eps"}),
    }),
    ("RMSprop", [{"lr": 0.03, "alpha": 0.8, "eps": 0.1, "eps_root": 0.2}], {BY_HAND: by_hand(rmsprop)}),
    ("Adadelta", [{"lr": 0.7, "rho": 0.8, "eps": 0.01}], {
        "torch.optim.Adadelta": package("torch.optim.Adadelta"),
        "optax.adadelta": in_optax("adadelta"),
        BY_HAND: by_hand(adadelta, initial_accumulator_value=0.0),
    }),
    ("Adadelta", [{"lr": 0.01, "rho": 0.8, "eps": 0.01, "initial_accumulator_value": 50.0}], {
        BY_HAND: by_hand(adadelta),
    }),
    ("AlmostAdam", LARGE_EPS, {BY_HAND: by_hand(almost_adam)}),
    ("Adam", ADAM, {
        "torch.optim.Adam": package("torch.optim.Adam"),
        "optax.adam": in_optax("adam"),
        BY_HAND: by_hand(adam),
    }),
    ("AdamW", DECAYED, {
        "torch.optim.AdamW": package("torch.optim.AdamW"),
        "optax.adamw": in_optax("adamw"),
        BY_HAND: by_hand(adam),
    }),
    ("NAdamW", DECAYED, {
        "optax.nadamw": in_optax("nadamw"),
        BY_HAND: by_hand(nadamw),
    }),
    ("AdamD", ADAM, {
        "torch.optim.Adam(lr scaled by 1 - beta1**t)": package("torch.optim.Adam", warm_up=True),
        BY_HAND: by_hand(adam, correct_mean=False),
    }),
    # AdamP adds eps before it corrects the bias of the scale, hence without eps; delta=0 turns its projection off.
    ("AdamD", NO_EPS, {
        "pytorch_optimizer.AdamP(adam_debias=True, delta=0), eps -> 0":
            package("pytorch_optimizer.AdamP", adam_debias=True, delta=0.0),
    }),
    ("Adamax", LARGE_EPS, {
        "torch.optim.Adamax": package("torch.optim.Adamax"),
        "pytorch_optimizer.AdaMax": package("pytorch_optimizer.AdaMax"),
        "optax.adamax": in_optax("adamax"),
        BY_HAND: by_hand(adamax),
    }),
    ("NAdam", [{**LARGE_EPS[0], "momentum_decay": 0.2}], {
        "torch.optim.NAdam": package("torch.optim.NAdam"),
        BY_HAND: by_hand(nadam),
    }),
    ("AMSGrad", [{"lr": 0.03, "betas": (0.8, 0.9), "eps": 0.1}], {
        "torch.optim.Adam(amsgrad=True)": package("torch.optim.Adam", amsgrad=True),
        BY_HAND: by_hand(amsgrad),
    }),
    ("RAdam", LARGE_EPS, {
        "torch.optim.RAdam": package("torch.optim.RAdam"),
        "pytorch_optimizer.RAdam(degenerated_to_sgd=True)":
            package("pytorch_optimizer.RAdam", degenerated_to_sgd=True),
        BY_HAND: by_hand(radam),
    }),
    # optax adds eps beside the corrected root, torch beside the uncorrected one: the same only where eps is nothing.
    ("RAdam", [{**SLOW, "eps": 1e-30}], {"optax.radam, eps -> 0": in_optax("radam")}),
    ("Yogi", YOGI, {
        "torch_optimizer.Yogi":
            package("torch_optimizer.Yogi", names={"initial_accumulator_value": "initial_accumulator"}),
        "pytorch_optimizer.Yogi":
            package("pytorch_optimizer.Yogi", names={"initial_accumulator_value": "initial_accumulator"}),
        "optax.scale_by_yogi": in_optax("scale_by_yogi"),
        BY_HAND: by_hand(yogi),
    }),
    ("AdaBound", [{**LARGE_EPS[0], "final_lr": 0.02, "gamma": 0.05}], {
        "torch_optimizer.AdaBound": package("torch_optimizer.AdaBound"),
        "pytorch_optimizer.AdaBound": package("pytorch_optimizer.AdaBound"),
        BY_HAND: by_hand(adabound),
    }),
    ("AdaBelief", BELIEF, {
        "adabelief_pytorch.AdaBelief(rectify=False)": package("adabelief_pytorch.AdaBelief", **adabelief_pytorch),
        "pytorch_optimizer.AdaBelief": package("pytorch_optimizer.AdaBelief"),
        "optax.adabelief(eps_root=eps)": in_optax("adabelief"),
        BY_HAND: by_hand(belief),
    }),
    ("AdaBeliefD", BELIEF, {
        "adabelief_pytorch.AdaBelief(lr scaled by 1 - beta1**t)":
            package("adabelief_pytorch.AdaBelief", warm_up=True, **adabelief_pytorch),
        "pytorch_optimizer.AdaBelief(adam_debias=True)": package("pytorch_optimizer.AdaBelief", adam_debias=True),
        BY_HAND: by_hand(belief, correct_mean=False),
    }),
    ("AdaBeliefDEMA", LARGE_EPS, {BY_HAND: by_hand(belief, correct_mean=False, trend=(2, -1))}),
    ("AdaBeliefTEMA", LARGE_EPS, {BY_HAND: by_hand(belief, correct_mean=False, trend=(3, -3, 1))}),
    ("AdaDerivative", BELIEF, {BY_HAND: by_hand(derivative)}),
    ("AdaBC", BOUNDED, {BY_HAND: by_hand(belief, correct_mean=False)}),
    ("Adan", CHANGING, {
        "pytorch_optimizer.Adan(weight_decouple=False)": package("pytorch_optimizer.Adan", weight_decouple=False),
        BY_HAND: by_hand(adan),
    }),
    ("AdamAtan2", ANGLES, {BY_HAND: by_hand(adam_atan2)}),
    ("StableAdamW", DECAYED, {
        "pytorch_optimizer.StableAdamW(kahan_sum=False)": package("pytorch_optimizer.StableAdamW", kahan_sum=False),
        BY_HAND: tensors_by_hand(stable_adamw),
    }),
    ("MARS", CORRECTED, {BY_HAND: tensors_by_hand(mars)}),
    ("LaProp", ADAM, {BY_HAND: by_hand(laprop)}),
    ("AdEMAMix", MIXED, {
        "pytorch_optimizer.AdEMAMix(weight_decouple=True)": package("pytorch_optimizer.AdEMAMix", weight_decouple=True),
        "optax.contrib.ademamix": in_optax("contrib.ademamix"),
        BY_HAND: by_hand(ademamix),
    }),
    ("ADOPT", [{**settings, "clip_value": 1.0} for settings in CLIPPED], {
        "optax.contrib.adopt": in_optax("contrib.adopt", {"clip_value": ""}),
        # It counts the step that moves nothing, too.
        "pytorch_optimizer.ADOPT(clip_lambda=(t - 1) ** 0.25)":
            package("pytorch_optimizer.ADOPT", names={"clip_value": ""}, clip_lambda=lambda t: (t - 1) ** 0.25),
    }),
    ("ADOPT", [{**settings, "clip_value": 1e9} for settings in CLIPPED], {
        "optax.contrib.adopt(use_clipping=False)": in_optax("contrib.adopt", {"clip_value": ""}, use_clipping=False),
    }),
    ("ADOPT", [{**CLIPPED[1], "clip_value": 0.3}], {BY_HAND: by_hand(adopt)}),
    ("AdEMAMix", [{**MIXED[0], "alpha_warmup": 30, "beta3_warmup": 45}], {BY_HAND: by_hand(ademamix)}),
    ("Adafactor", FACTORED, {
        "torch.optim.Adafactor": package("torch.optim.Adafactor"),
        BY_HAND: matrices_by_hand(adafactor),
    }),
    # A first constant that counts bounds the mean of a vector's squares here, and not there.
    ("Adafactor", [{**FACTORED[0], "eps": (0.1, 0.5)}], {
        "torch.optim.Adafactor, vectors as columns": in_columns(package("torch.optim.Adafactor")),
        BY_HAND: matrices_by_hand(adafactor),
    }),
    # Which adds the first constant to every square instead, decays by the whole step, and has no momentum at None.
    ("Adafactor", [{"beta2_decay": -0.7, "d": 1.2, "eps": (1e-100, 0.3)}], {
        "pytorch_optimizer.AdaFactor, eps1 -> 0": adafactor_of_pytorch_optimizer,
    }),
    ("Signum", AVERAGED_SIGNS, {
        "pytorch_optimizer.SignSGD": package("pytorch_optimizer.SignSGD"),
        BY_HAND: by_hand(signum),
    }),
    # optax.signum has no weight decay.
    ("Signum", [{"lr": 0.01, "momentum": 0.7}], {
        "optax.signum": in_optax("signum", {"momentum": "beta"}),
    }),
    ("Lion", SIGNS, {
        "lion_pytorch.Lion": package("lion_pytorch.Lion"),
        "pytorch_optimizer.Lion": package("pytorch_optimizer.Lion"),
        "optax.lion": in_optax("lion"),
        BY_HAND: by_hand(lion),
    }),
    # torch.optim.Muon and pytorch_optimizer.Muon round to bfloat16; optax scales matrices as JAX's layers store them.
    ("Muon", ORTHOGONAL, {
        "optax.contrib.muon(eps=0), transposed":
            transposed(in_optax("contrib.muon", {"momentum": "beta"}, eps=0.0)),
        BY_HAND: matrices_by_hand(muon),
    }),
    # With Nesterov's momentum optax corrects the bias of each part by itself.
    ("Muon", [{**ORTHOGONAL[0], "nesterov": True}], {BY_HAND: matrices_by_hand(muon)}),
    ("AdamMini", DECAYED, {BY_HAND: matrices_by_hand(adam_mini)}),
    # Whose orthogonal factor is rounded to bfloat16, unless another function computes it.
    ("NorMuon", ROWS, {
        "pytorch_optimizer.NorMuon, orthogonalized in float64": nor_muon_in_double,
        BY_HAND: matrices_by_hand(nor_muon),
    }),
    ("Shampoo", [{"lr": 0.05, "eps": 0.1}, {"lr": 0.02, "eps": 1e-6}], {
        "pytorch_optimizer.Shampoo": package("pytorch_optimizer.Shampoo", names={"eps": "matrix_eps"}),
        BY_HAND: matrices_by_hand(shampoo),
    }),
    ("Shampoo", [{"lr": 0.02, "eps": 0.1, "beta2": 0.7}], {BY_HAND: matrices_by_hand(shampoo)}),
    # Later bases come from one QR decomposition in single precision there: compared is the first pair.
    ("SOAP", [{**DECAYED[1], "precondition_frequency": 1000}], {
        "pytorch_optimizer.SOAP, one pair of bases": package("pytorch_optimizer.SOAP"),
        BY_HAND: matrices_by_hand(soap),
    }),
    ("SOAP", [{**DECAYED[1], "precondition_frequency": 7}], {BY_HAND: matrices_by_hand(soap)}),
    ("ScheduleFreeSGD", FREE, {
        "pytorch_optimizer.ScheduleFreeSGD": package("pytorch_optimizer.ScheduleFreeSGD"),
        "optax.contrib.schedule_free_sgd": in_optax("contrib.schedule_free_sgd", {"momentum": "b1"}),
        BY_HAND: by_hand(schedule_free_sgd),
    }),
    ("CautiousAdamW", DECAYED, {BY_HAND: tensors_by_hand(cautious_adamw)}),
    ("AdamCWD", DECAYED, {BY_HAND: by_hand(adam_cwd)}),
    ("ScheduleFreeAdamW", DECAYED, {
        "pytorch_optimizer.ScheduleFreeAdamW": package("pytorch_optimizer.ScheduleFreeAdamW"),
        "optax.contrib.schedule_free_adamw": in_optax("contrib.schedule_free_adamw"),
        BY_HAND: by_hand(schedule_free_adamw),
    }),
    ("ASGD", AVERAGED, {
        "torch.optim.ASGD, default dtype float64": in_double(package("torch.optim.ASGD")),
        BY_HAND: by_hand(asgd),
    }),
    ("AggMo", [{"lr": 0.02, "betas": (0.3, 0.9, 0.98)}, {"lr": 0.03, "betas": (0.0, 0.6, 0.95)}], {
        "pytorch_optimizer.AggMo": package("pytorch_optimizer.AggMo"),
        "torch_optimizer.AggMo": package("torch_optimizer.AggMo"),
        BY_HAND: by_hand(agg_mo),
    }),
    ("QHM", HYPERBOLIC, {
        "pytorch_optimizer.QHM": package("pytorch_optimizer.QHM"),
        "torch_optimizer.QHM": package("torch_optimizer.QHM"),
        BY_HAND: by_hand(qhm),
    }),
    ("QHM", [FROM_ACCELERATED], {
        "torch_optimizer.AccSGD, its settings converted":
            lambda params, _: package("torch_optimizer.AccSGD")(params, ACCELERATED),
    }),
    ("LAMB", DECAYED, {
        "optax.lamb": in_optax("lamb"),
        BY_HAND: tensors_by_hand(lamb),
    }),
    ("PolyakStep", POLYAK, {
        "optax.polyak_sgd(scaling=c, variant='sps')": polyak_in_optax,
        BY_HAND: model_by_hand(polyak_step),
    }),
    ("DoG", AWAY, {
        "optax.contrib.dog": dog_in_optax,
        BY_HAND: model_by_hand(dog),
    }),
    ("Prodigy", ESTIMATED, {
        "pytorch_optimizer.Prodigy, default dtype float64": in_double(package("pytorch_optimizer.Prodigy")),
        "optax.contrib.prodigy, bias correction undone":
            in_optax("contrib.prodigy", {"d0": "estim_lr0", "d_coef": "estim_lr_coef"}, undone=True),
        BY_HAND: model_by_hand(prodigy),
    }),
    ("DAdaptAdam", BOUNDED_BELOW, {
        "pytorch_optimizer.DAdaptAdam(weight_decouple=True), default dtype float64":
            in_double(package("pytorch_optimizer.DAdaptAdam", weight_decouple=True)),
        "optax.contrib.dadapt_adamw, bias correction undone":
            in_optax("contrib.dadapt_adamw", {"d0": "estim_lr0"}, undone=True),
        BY_HAND: model_by_hand(dadapt_adam),
    }),
    ("BarzilaiBorwein", SECANT, {BY_HAND: model_by_hand(barzilai_borwein)}),
    ("DoWG", [{"eps": 1e-2}, {"eps": 1e-4}], {
        "optax.contrib.dowg": in_optax("contrib.dowg"),
        BY_HAND: model_by_hand(dowg),
    }),
    # Its loop over line searches is one step here, and its tolerances, which end it early, are off.
    ("MemorylessBFGS", [{"lr": 0.1}], {
        "torch.optim.LBFGS(max_iter=1, history_size=1)":
            package("torch.optim.LBFGS", max_iter=1, history_size=1, tolerance_grad=-1, tolerance_change=0),
        BY_HAND: model_by_hand(memoryless_bfgs),
    }),
    ("LBFGS", [{"lr": 0.1, "history_size": 3}, {"lr": 0.2, "history_size": 50}], {
        "torch.optim.LBFGS(max_iter=1)":
            package("torch.optim.LBFGS", max_iter=1, tolerance_grad=-1, tolerance_change=0),
        BY_HAND: model_by_hand(lbfgs),
    }),
    ("BFGS", [{"lr": 0.1}], {
        "scipy.optimize.BFGS, the matrix": model_by_hand(bfgs_in_scipy),
        BY_HAND: model_by_hand(bfgs),
    }),
    ("SophiaH", CURVED, {
        "pytorch_optimizer.SophiaH, handed our estimates, its settings converted": sophia_of_pytorch_optimizer,
        BY_HAND: curved_by_hand(sophia_h),
    }),
    # The damping leaves no eigenvalue of the problems near zero.
    ("Newton", [{"lr": 0.1, "damping": 9.0}, {"lr": 0.3, "damping": 20.0}], {
        "scipy.linalg.solve": curved_by_hand(newton_in_scipy),
        BY_HAND: curved_by_hand(newton),
    }),
]  # fmt: skip

CASES = [
    Case(rule, implementation, make, settings)
    for rule, grid, makers in TABLE
    for implementation, make in makers.items()
    for settings in grid
]

#: Rule -> the implementations it equals, each with the largest difference allowed (relative; absolute below 1).
ORACLES: dict[str, list[tuple[str, float]]] = {
    rule: list(dict.fromkeys((case.implementation, case.tolerance) for case in CASES if case.rule == rule))
    for rule in dict.fromkeys(case.rule for case in CASES)
}
