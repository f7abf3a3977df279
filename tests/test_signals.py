"""Signals at times worked out by hand, and responses equal to stepping the rules by hand."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from optguide import optimizers, signals
from optguide.optimizers import Optimizer
from optguide.signals import respond

ALL = [getattr(signals, name) for name in signals.__all__]


@pytest.mark.parametrize(
    ("signal", "values"),
    [
        (signals.spikes, {0: 1, 1: 0, 59: 0, 60: 1, 120: 1, 240: 1, 299: 0, 59.5: 0.5, 60.25: 0.75, 30.5: 0}),
        (signals.rectangles, {0: 1, 19: 1, 20: -1, 39: -1, 40: 1, 299: 1, 19.5: 0, 19.25: 0.5, 39.75: 0.5}),
        (signals.uneven_sawtooth, {0: 0, 1: 0.2, 19: 3.8, 20: 0, 79: 3.8, 80: 0, 81: 0.05, 99: 0.95, 19.5: 1.9}),
        (signals.saturation, {0: 1, 39: 1, 40: 0, 79: 0, 80: 1, 239: 0, 240: 1, 39.25: 0.75}),
    ],
)
def test_signals_at_times_worked_out_by_hand(signal, values):
    for t, value in values.items():
        assert signal(t) == pytest.approx(value, abs=1e-12)
    np.testing.assert_allclose(signal(np.array(list(values))), list(values.values()), atol=1e-12)


def test_the_two_sines_share_one_uniform_noise():
    t = np.arange(300)
    noise = signals.noisy_sine(t) - np.sin(t / 20)
    np.testing.assert_allclose(signals.very_noisy_sine(t) - np.sin(t / 20) / 5, noise, atol=1e-15)
    assert -0.5 <= noise.min() < -0.48 and 0.48 < noise.max() < 0.5
    assert abs(noise.mean()) < 3 * math.sqrt(1 / 12 / 300)
    assert abs(noise.var() - 1 / 12) < 0.01
    assert len(set(noise)) == 300
    np.testing.assert_allclose(noise, np.random.default_rng(0).random(300) - 0.5, atol=1e-15)
    assert signals.uneven_sawtooth(np.float32([0.5, 7])).dtype == np.float64
    assert respond(optimizers.SGD, signals.spikes, 3).t.dtype == np.float64
    np.testing.assert_array_equal(signals.noisy_sine(t), signals.noisy_sine(t))
    assert signals.noisy_sine(7.5) == pytest.approx((signals.noisy_sine(7) + signals.noisy_sine(8)) / 2)


@pytest.mark.parametrize("signal", ALL, ids=lambda s: s.__name__)
def test_signals_run_straight_between_whole_times(signal):
    t = np.arange(-30, 320)
    for share in (0.25, 0.5, 0.9):
        between = (1 - share) * signal(t) + share * signal(t + 1)
        np.testing.assert_allclose(signal(t + share), between, atol=1e-11)
    assert signal(np.zeros((2, 3))).shape == (2, 3)
    assert signal.__doc__


def test_momentum_by_hand():
    run = respond(optimizers.Momentum, signals.rectangles, lr=0.25, momentum=0.9)
    v, theta = 0.0, 0.0
    for t in range(300):
        v = 0.9 * v + (1 if t % 40 < 20 else -1)
        theta -= 0.25 * v
        assert run.update[t] == pytest.approx(0.25 * v, rel=1e-11, abs=1e-13)
        assert run.theta[t + 1] == pytest.approx(theta, rel=1e-11, abs=1e-13)
        assert run.states["v"][t + 1] == pytest.approx(v, rel=1e-11, abs=1e-13)
    assert (run.theta[0], run.states["v"][0]) == (0, 0)
    assert (run.theta.shape, run.update.shape, run.gradient.shape, run.steps) == ((301,), (300,), (300,), 300)
    np.testing.assert_array_equal(run.t, np.arange(300))
    np.testing.assert_array_equal(run.gradient, signals.rectangles(run.t))


def test_adam_by_hand():
    run = respond(optimizers.Adam, signals.uneven_sawtooth, lr=0.25, betas=(0.9, 0.99), eps=1e-3)
    m = s = 0.0
    for t in range(300):
        g = t % 20 / (20 if t > 80 else 5)
        m = 0.9 * m + 0.1 * g
        s = 0.99 * s + 0.01 * g * g
        step = 0.25 * (m / (1 - 0.9 ** (t + 1))) / (math.sqrt(s / (1 - 0.99 ** (t + 1))) + 1e-3)
        assert run.update[t] == pytest.approx(step, rel=1e-10, abs=1e-12)
    assert run.states["m"][300] == pytest.approx(m) and run.states["v"][300] == pytest.approx(s)


def test_nesterov_reads_the_signal_ahead_of_time():
    """v1 = 4·0 = 0; v2 reads 1 + 0; v3 reads at 2 + 0.5·4 = 4; v4 at 3 + 0.5·18 = 12; v5 at 4 + 0.5·57 = 32.5."""
    run = respond(optimizers.Nesterov, lambda t: t, steps=5, lr=4.0, momentum=0.5)
    np.testing.assert_allclose(run.update, [0, 4, 0.5 * 4 + 4 * 4, 0.5 * 18 + 4 * 12, 0.5 * 57 + 4 * 32.5], rtol=1e-14)
    np.testing.assert_allclose(run.theta, [0, 0, -4, -22, -79, -237.5], rtol=1e-14)


def test_nesterov_reads_between_whole_times():
    """The teeth rise by 0.2 a step. v: 0; 0.5·0.2; then at 2 + 0.9·0.1 = 2.09, and at 3 + 0.9·0.299."""
    run = respond(optimizers.Nesterov, signals.uneven_sawtooth, steps=4, lr=0.5, momentum=0.9)
    third = 0.9 * 0.1 + 0.5 * 2.09 / 5
    fourth = 0.9 * third + 0.5 * (3 + 0.9 * third) / 5
    np.testing.assert_allclose(run.update, [0, 0.1, third, fourth], rtol=1e-12)
    # One step before the second spike, the look-ahead already reads a small share of it.
    run = respond(optimizers.Nesterov, signals.spikes, steps=61, lr=0.25, momentum=0.9)
    ahead = 0.9 * 0.25 * 0.9**58
    assert run.update[58] == pytest.approx(0.25 * 0.9**58, rel=1e-9)
    assert run.update[59] == pytest.approx(ahead + 0.25 * ahead, rel=1e-9)


def test_a_backward_velocity_looks_into_the_past():
    """v1 = -1, so the second look is not at t = 1, where the signal is 3, but at 1 - 0.5 = 0.5, where it is 1."""
    run = respond(optimizers.Nesterov, lambda t: 4 * t - 1, steps=2, lr=1.0, momentum=0.5)
    np.testing.assert_allclose(run.update, [-1, -0.5 + 1])


def turns(update):
    """Steps at which the update changes its sign, the first twenty aside."""
    return [t for t in range(20, len(update)) if update[t - 1] * update[t] < 0]


def test_nesterov_turns_earlier_than_momentum_as_long_as_it_looks_into_the_future():
    """Document E's claim for γ = 0.975. It holds where the velocity is positive; where it is negative, Nesterov
    reads the past and turns later."""
    gamma = {"lr": 0.25, "momentum": 0.975}
    nesterov = turns(respond(optimizers.Nesterov, signals.noisy_sine, **gamma).update)
    momentum = turns(respond(optimizers.Momentum, signals.noisy_sine, **gamma).update)
    assert len(nesterov) == len(momentum) == 4
    assert nesterov[0] < momentum[0] and nesterov[2] < momentum[2]
    assert nesterov[1] > momentum[1] and nesterov[3] > momentum[3]


def test_momentum_gathers_far_more_than_one_step():
    run = respond(optimizers.Momentum, signals.rectangles, lr=0.25, momentum=[0.25, 0.9, 0.975])
    assert run.update.shape == (300, 3)
    peaks = np.abs(run.update).max(0) / 0.25
    # The first rectangle, which meets no velocity from before, gathers the most: (1 - γ²⁰) / (1 - γ).
    expected = [(1 - g**20) / (1 - g) for g in (0.25, 0.9, 0.975)]
    np.testing.assert_allclose(peaks, expected, rtol=1e-6)


@pytest.mark.parametrize("name", optimizers.on_landscapes)
def test_a_batch_equals_its_single_responses(name):
    rule = getattr(optimizers, name)
    lrs = [0.01, 0.25]
    if rule.rule.is_curved:
        with pytest.raises(ValueError, match=f"{name} asks for h\\w+, and a signal is a gradient alone"):
            respond(rule, signals.noisy_sine, steps=80, lr=0.1)
        return
    if not rule.rule.is_elementwise:
        knob = "lr" if "lr" in rule.hyperparameters else next(iter(rule.hyperparameters))
        why = "mixes coordinates: respond with one value" if rule.rule.asks == ("grad",) else "asks for loss"
        with pytest.raises(ValueError, match=f"{name} {why}"):
            respond(rule, signals.noisy_sine, steps=80, **{knob: lrs})
        return
    batch = respond(rule, signals.noisy_sine, steps=80, lr=lrs)
    assert batch.update.shape == (80, 2)
    for i, lr in enumerate(lrs):
        single = respond(rule, signals.noisy_sine, steps=80, lr=lr)
        np.testing.assert_allclose(batch.theta[:, i], single.theta, rtol=1e-11, atol=1e-14)
        for state in rule.state_names:
            np.testing.assert_allclose(batch.states[state][:, i], single.states[state], rtol=1e-11, atol=1e-14)
    assert (batch.name, batch.color) == (name, rule.color)


def test_parts_of_a_tuple_may_be_arrays_and_partials_are_unwrapped():
    batch = respond(partial(optimizers.Adam, lr=9.0, eps=1e-3), signals.spikes, lr=0.25, betas=([0.25, 0.9], 0.999))
    single = respond(optimizers.Adam, signals.spikes, lr=0.25, betas=(0.9, 0.999), eps=1e-3)
    np.testing.assert_allclose(batch.update[:, 1], single.update, rtol=1e-12, atol=1e-15)
    assert repr(batch) == "<response of Adam to spikes: 300 steps, batch of shape (2,)>"
    assert repr(single) == "<response of Adam to spikes: 300 steps>"
    assert single.settings == {"lr": 0.25, "betas": (0.9, 0.999), "eps": 1e-3}


def test_bad_input_names_the_culprit():
    with pytest.raises(TypeError, match="optimizer must be one of our rules .* got Adam"):
        respond(torch.optim.Adam, signals.spikes)
    with pytest.raises(TypeError, match="optimizer must be an optimizer class, got 3"):
        respond(3, signals.spikes)
    with pytest.raises(TypeError, match="signal must be a function of time, got list"):
        respond(optimizers.SGD, [1.0, 2.0])
    with pytest.raises(ValueError, match="steps must be >= 1, got 0"):
        respond(optimizers.SGD, signals.spikes, 0)
    with pytest.raises(TypeError, match="steps must be an int, got 2.5"):
        respond(optimizers.SGD, signals.spikes, 2.5)
    with pytest.raises(TypeError, match="SGD has no hyperparameter 'momentum'; it takes lr"):
        respond(optimizers.SGD, signals.spikes, momentum=0.9)
    with pytest.raises(ValueError, match=r"lr must be > 0"):
        respond(optimizers.SGD, signals.spikes, lr=[0.1, -1])

    def single(t):
        return 1.0

    def endless(t):
        return np.where(t < 5, 1.0, np.inf)

    with pytest.raises(ValueError, match=r"^signal single must return one number per time: .*\(300,\) gave shape \(\)"):
        respond(optimizers.SGD, single)
    with pytest.raises(ValueError, match="^signal endless must be finite, got inf"):
        respond(optimizers.SGD, endless)


def test_a_rule_that_mixes_coordinates_responds_one_setting_at_a_time():
    class Normalized(Optimizer):
        """The slope, divided by its length."""

        mixes = "tensor"

        @staticmethod
        def update(theta, grad, t, *, lr=1e-3):
            g = grad(theta)
            return theta - lr * g / g.norm()

    assert respond(Normalized, signals.rectangles, lr=0.5).update[0] == pytest.approx(0.5)
    with pytest.raises(ValueError, match="Normalized mixes coordinates"):
        respond(Normalized, signals.rectangles, lr=[0.5, 0.1])
