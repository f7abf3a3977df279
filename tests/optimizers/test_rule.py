"""Rules of every kind: without a rate, with states of any shape, that ask, that mix."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import optguide as og
from optguide.language import card, pseudocode
from optguide.language.matrices import solve
from optguide.signals import spikes


class Rateless(og.Optimizer):
    """Finds its own step size."""

    @staticmethod
    def update(theta, grad, t, s, *, size=0.1):
        g = grad(theta)
        s = s + g**2
        theta = theta - size * g / torch.sqrt(1 + s)
        return theta, s


class Shaped(og.Optimizer):
    """A number, a matrix and where it began for states."""

    init = {
        "count": lambda theta: theta.new_zeros(()),
        "H": lambda theta: torch.eye(theta.numel(), dtype=theta.dtype),
        "home": "theta",
    }
    mixes = "tensor"

    @staticmethod
    def update(theta, grad, t, count, H, home, *, lr=0.05):
        g = grad(theta)
        count = count + (g**2).sum()
        H = 0.9 * H + 0.1 * torch.outer(g.reshape(-1), g.reshape(-1))
        theta = theta - lr * ((H @ g.reshape(-1)).reshape(g.shape) + 0.1 * (theta - home)) / torch.sqrt(1 + count)
        return theta, count, H, home


class Polyak(og.Optimizer):
    """Steps as long as the height says."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, loss, t, *, floor=0.0):
        g = grad(theta)
        return theta - (loss(theta) - floor) * g / (g**2).sum()


class Cauchy(og.Optimizer):
    """The best step along the gradient of a quadratic."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, hvp, t, *, eps=1e-30):
        g = grad(theta)
        return theta - g * (g * g).sum() / ((g * hvp(theta, g)).sum() + eps)


class Shaken(og.Optimizer):
    @staticmethod
    def update(theta, grad, noise, t, *, lr=0.1, heat=0.1):
        return theta - lr * grad(theta) + heat * noise()


class Normed(og.Optimizer):
    """One norm over the model, one number and one vector of memory, weight decay."""

    init = {"count": lambda theta: theta.new_zeros(())}
    mixes = "model"

    @staticmethod
    def update(theta, grad, t, m, count, *, lr=0.1, betas=(0.9, 0.99), decay=0.1):
        g = grad(theta)
        m = betas[0] * m + (1 - betas[0]) * g / torch.norm(g)
        count = count + torch.norm(g)
        return theta - lr * (m + decay * theta), m, count


KINDS = [Rateless, Shaped, Polyak, Cauchy, Shaken, Normed]
every_kind = pytest.mark.parametrize("rule", KINDS, ids=lambda cls: cls.__name__)
PROBLEMS = {
    "surface": (og.surfaces.sphere, [(1.0, 2.0), (3.0, 4.0)]),
    "function": (lambda x, y: x**2 + 3 * y**2, [(1.0, 2.0), (3.0, 4.0)]),
    "matrix": (og.problems.matrix_quadratic(2, 3), np.arange(12.0).reshape(2, 2, 3)),
}


# --- Everywhere


@every_kind
@pytest.mark.parametrize("which", PROBLEMS)
def test_a_batch_and_a_sweep_equal_single_descents(rule, which):
    function, starts = PROBLEMS[which]
    together = og.descend(rule, function, starts, 5)
    ends = og.sweep(rule, function, starts, 5).data.theta.squeeze()
    for i, start in enumerate(starts):
        alone = og.descend(rule, function, start, 5)
        np.testing.assert_allclose(together.theta[:, i], alone.theta, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(ends[i], alone.theta[-1].ravel(), rtol=1e-12, atol=1e-13)
        assert list(alone.states) == list(rule.state_names)
        for name, state in alone.states.items():
            assert together.states[name].shape == (6, 2, *state.shape[1:])
            np.testing.assert_allclose(together.states[name][:, i], state, rtol=1e-12, atol=1e-13)
    assert np.isfinite(together.theta).all() and (together.theta[-1] != together.theta[0]).any()


@every_kind
def test_a_race_has_a_table_and_shows_itself(rule):
    race = og.race([rule, og.SGD], og.surfaces.sphere, (1, 2), 4)
    assert race.table().rows[0][1] == (f"`lr={rule.rule.defaults['lr']:g}`" if rule.rule.rate else "")
    assert rule.__name__ in race._repr_html_()
    if rule.state_names:
        assert len(og.plot_states(race[rule.__name__])) == len(rule.state_names)


def test_states_have_their_own_shapes_in_the_record():
    run = og.descend(Shaped, og.surfaces.sphere, (1, 2), 4)
    assert {name: state.shape for name, state in run.states.items()} == {
        "count": (5,), "H": (5, 2, 2), "home": (5, 2),
    }  # fmt: skip
    np.testing.assert_array_equal(run.states["H"][0], np.eye(2))
    np.testing.assert_array_equal(run.states["home"], [(1, 2)] * 5)
    assert run.states["count"][1] == pytest.approx((run.grad[0] ** 2).sum())
    assert og.card(Shaped).table.rows[2] == (
        "state per parameter",
        r"1 number: $\mathrm{home}$; for each tensor: $\mathrm{count}$, $H$ (parameters × parameters)",
    )  # fmt: skip


def test_a_state_made_by_a_function_is_one_for_each_descent_even_if_nothing_is_said_to_mix():
    class Counted(og.Optimizer):
        init = {"n": lambda theta: theta.new_zeros(())}

        @staticmethod
        def update(theta, grad, t, n, *, lr=0.1):
            return theta - lr * grad(theta), n + 1

    run = og.descend(Counted, og.surfaces.sphere, [(1, 2), (3, 4), (5, 6)], 4)
    np.testing.assert_array_equal(run.states["n"], np.arange(5)[:, None] * np.ones(3))
    assert og.respond(Counted, spikes, 5).states["n"].tolist() == [0, 1, 2, 3, 4, 5]


def test_respond_takes_what_a_signal_can_answer():
    assert og.respond(Rateless, spikes, 5, size=[0.1, 0.2]).update.shape == (5, 2)
    assert og.respond(Shaped, spikes, 5).states["H"].shape == (6, 1, 1)
    assert np.isfinite(og.respond(Shaken, spikes, 5).theta).all()
    for rule, asked in ((Polyak, "loss"), (Cauchy, "hvp")):
        with pytest.raises(ValueError, match=f"{rule.__name__} asks for {asked}, and a signal is a gradient alone"):
            og.respond(rule, spikes, 5)


# --- What a rule asks


def train(rule, params, closure, steps=4, **settings):
    optimizer = rule(params, **settings)
    for _ in range(steps):
        optimizer.step(closure)
    return optimizer


def closure_of(params, weights=(1.0, 100.0), graph=False):
    calls = []

    def closure():
        calls.append(1)
        for p in params:
            p.grad = None
        loss = sum(w * (p - 1).abs().pow(2).sum() for w, p in zip(weights, params, strict=True)) / 2
        loss.backward(create_graph=graph)
        return loss.detach()

    closure.calls = calls
    return closure


@pytest.mark.parametrize("rule", [Rateless, Shaped, Polyak], ids=lambda cls: cls.__name__)
def test_a_step_with_a_closure_equals_the_walk(rule):
    p = torch.nn.Parameter(torch.tensor([3.0, -1.0], dtype=torch.float64))
    closure = closure_of([p], (2.0,))
    optimizer = train(rule, [p], closure)
    run = og.descend(rule, lambda x, y: (x - 1) ** 2 + (y - 1) ** 2, (3, -1), 4)
    np.testing.assert_allclose(p.detach(), run.theta[-1], rtol=1e-12)
    for name in rule.state_names:
        np.testing.assert_allclose(optimizer.state[p][name], run.states[name][-1], rtol=1e-12)


def steep(x, y):
    return x**2 / 2 + 5 * y**2 + x * y + (x - y) ** 4 / 10


def graphed(params, loss):
    """A closure whose gradients can be differentiated."""
    calls = []

    def closure():
        calls.append(1)
        for p in params:
            p.grad = None
        value = loss(*params)
        value.backward(create_graph=True)
        return value.detach()

    closure.calls = calls
    return closure


graph_is_let_go = pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")


@graph_is_let_go
def test_the_product_with_the_hessian_is_exact_in_a_walk_and_in_training():
    run = og.descend(Cauchy, steep, (1.0, 2.0), 3)
    g = run.grad[0]
    hessian = torch.autograd.functional.hessian(lambda p: steep(*p), torch.tensor([1.0, 2.0], dtype=torch.float64))
    np.testing.assert_allclose(run.theta[1], run.theta[0] - g * (g @ g) / (g @ hessian.numpy() @ g), rtol=1e-14)
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=torch.float64))
    closure = graphed([p], lambda p: steep(*p))
    optimizer = train(Cauchy, [p], closure, 2)
    assert len(closure.calls) == 2  # the graph of the gradient is all that a product needs
    closure()
    optimizer.step()
    np.testing.assert_allclose(p.detach(), run.theta[-1], rtol=1e-12)
    assert not p.grad.requires_grad  # which would keep the graph, and itself, in memory


class Estimated(og.Optimizer):
    """A step for each coordinate, by a product with the Hessian before anything else."""

    @staticmethod
    def update(theta, grad, hvp, t, *, lr=0.1, weight=2.0):
        h = hvp(theta, weight * theta)
        return theta - lr * grad(theta) / (1 + h**2)


def coupled(matrix, vector):
    """A loss in which two tensors bend each other."""
    return ((matrix.sin() @ vector) ** 2).sum() + (matrix**4).sum() * vector.sum()


@graph_is_let_go
@pytest.mark.parametrize("closed", [True, False], ids=["closure", "gradients"])
def test_pieces_of_one_vector_are_multiplied_by_the_hessian_of_the_model(closed):
    matrix, vector = (torch.nn.Parameter(torch.rand(s, dtype=torch.float64)) for s in ((2, 3), (3,)))
    unused = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    start = torch.cat([matrix.detach().flatten(), vector.detach()])
    whole = og.Problem(lambda theta: coupled(theta[:6].view(2, 3), theta[6:]), (9,))
    end = og.descend(Estimated, whole, start.numpy(), 3).theta[-1]
    optimizer = Estimated([matrix, unused, vector])
    closure = graphed([matrix, vector], coupled)
    for _ in range(3):
        optimizer.step(closure if closed else [closure(), None][1])
    np.testing.assert_allclose(torch.cat([matrix.detach().flatten(), vector.detach()]), end, rtol=1e-12)
    assert len(closure.calls) == 3 and torch.equal(unused, torch.ones_like(unused))


def test_the_product_with_the_hessian_elsewhere_is_that_of_the_point():
    rule = og.SAM(Cauchy)
    run = og.descend(rule, steep, (1.0, 2.0), 3, rho=0.3)
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=torch.float64))
    train(rule, [p], graphed([p], lambda p: steep(*p)), 3, rho=0.3)
    np.testing.assert_allclose(p.detach(), run.theta[-1], rtol=1e-12)

    class Ahead(og.Optimizer):
        @staticmethod
        def update(theta, grad, hvp, t, *, lr=0.1):
            return theta - lr * hvp(theta + 1, grad(theta))

    run = og.descend(Ahead, steep, (1.0, 2.0), 2)
    q = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=torch.float64))
    train(Ahead, [q], graphed([q], lambda q: steep(*q)), 2)
    np.testing.assert_allclose(q.detach(), run.theta[-1], rtol=1e-12)


class Exact(og.Optimizer):
    """Newton's step, of the model."""

    mixes = "model"

    @staticmethod
    def update(theta, grad, hessian, t, *, lr=1.0):
        return theta - lr * solve(hessian(theta), grad(theta))


def test_the_hessian_of_the_model_leads_to_the_minimum_of_a_quadratic_in_one_step():
    a = torch.tensor([[3.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    bowl = lambda x, y: (a[0, 0] * x**2 + 2 * a[0, 1] * x * y + a[1, 1] * y**2) / 2 - x  # noqa: E731
    minimum = torch.linalg.solve(a, torch.tensor([1.0, 0.0], dtype=torch.float64))
    run = og.descend(Exact, bowl, [(1.0, 2.0), (-3.0, 0.5)], 1)
    np.testing.assert_allclose(run.theta[1], minimum.expand(2, 2), rtol=1e-13)
    assert run.evaluations.tolist() == [[0, 0], [5, 5]]  # the gradient, and two products
    x, y = (torch.nn.Parameter(torch.tensor(v, dtype=torch.float64)) for v in (1.0, 2.0))
    train(Exact, [x, y], graphed([x, y], bowl), 1)
    torch.testing.assert_close(torch.stack([x.detach(), y.detach()]), minimum, rtol=1e-13, atol=0)


def test_a_hessian_is_refused_that_is_of_tensors_or_too_large():
    with pytest.raises(TypeError, match="Part.mixes must be 'model', as it asks for the Hessian, got 'tensor'"):
        type("Part", (og.Optimizer,), {"update": Exact.update, "mixes": "tensor"})
    large = og.Problem(lambda theta: (theta**2).sum(), (1001,))
    with pytest.raises(ValueError, match=r"the Hessian of 1,001 numbers has 1,002,001 entries; a rule .* 1,000"):
        og.descend(Exact, large, np.ones(1001), 1)


def test_a_singular_matrix_solves_nothing():
    run = og.descend(Exact, lambda x, y: x**2 + 0 * y, (1.0, 2.0), 2)
    assert run.diverged_at == 1


def test_a_loss_needs_a_closure_that_returns_it():
    p = torch.nn.Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    with pytest.raises(RuntimeError, match=r"Polyak asks for the loss: call step\(closure\)"):
        Polyak([p]).step()
    assert torch.equal(p.detach(), torch.ones(2))


def test_a_product_with_the_hessian_needs_the_graph_of_the_gradient():
    p = torch.nn.Parameter(torch.ones(2))
    why = r"Cauchy multiplies by the Hessian, .*: call loss.backward\(create_graph=True\)"
    with pytest.raises(RuntimeError, match=why):
        Cauchy([p]).step(closure_of([p], (1.0,)))
    p.grad = torch.ones(2)
    with pytest.raises(RuntimeError, match=why):
        Cauchy([p]).step()
    with pytest.raises(RuntimeError, match=r"SAM\(Cauchy\) looks at the gradient away from the current point"):
        og.SAM(Cauchy)([p]).step()
    assert torch.equal(p.detach(), torch.ones(2))


def test_noise_is_seeded_and_the_same_in_all_descents():
    first, again, other = (og.descend(Shaken, og.surfaces.sphere, [(1, 2)] * 2, 3, seed=s).theta for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first[1:] != other[1:]).all() and (first[1:, 0] == first[1:, 1]).all()
    assert (np.diff(first[:, 0], axis=0) != np.diff(first[:, 0], axis=0)[0]).any()
    both = og.descend(Shaken, og.surfaces.sphere, [(1, 2), (3, 4)], 3, seed=1, lr=np.array([[0.1], [0.2]]))
    np.testing.assert_array_equal(both.theta[:, 0, 0], first[:, 0])


def test_every_seed_of_a_sweep_draws_its_own_noise():
    starts = [(1.0, 2.0), (3.0, 4.0)]
    found = og.sweep(Shaken, og.surfaces.sphere, starts, 3, seed=[4, 5], lr=[0.1, 0.2]).data.isel(optimizer=0)
    for lr in (0.1, 0.2):
        for seed in (4, 5):
            alone = og.descend(Shaken, og.surfaces.sphere, starts, 3, seed=seed, lr=lr).theta[-1]
            np.testing.assert_allclose(found.theta.sel(lr=lr, seed=seed), alone, rtol=1e-13)


def test_what_a_rule_draws_is_not_the_noise_of_its_gradients():
    flat = og.Problem(lambda theta: 0 * theta.sum(), (400,))
    run = og.descend(Shaken, flat, np.zeros(400), 1, noise=1.0, seed=3, lr=1.0, heat=1.0)
    assert abs(np.corrcoef(run.grad[0], run.theta[1] + run.grad[0])[0, 1]) < 0.2
    p = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    torch.manual_seed(3)
    train(Shaken, [p], closure_of([p], (1.0,)), 1)
    torch.manual_seed(3)
    torch.testing.assert_close(p.detach(), 1 + 0.1 * torch.randn(2, dtype=torch.float64))


def test_noise_is_drawn_once_a_step_however_often_the_rule_is_run():
    class Smoothed(og.Optimizer):
        @staticmethod
        def update(theta, grad, noise, t, *, lr=0.1):
            return theta - lr * grad(theta + noise())

    p = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    torch.manual_seed(3)
    train(Smoothed, [p], closure_of([p], (1.0,)), 2)
    torch.manual_seed(3)
    expected = torch.ones(2, dtype=torch.float64)
    for _ in range(2):
        expected = expected - 0.1 * (expected + torch.randn(2, dtype=torch.float64) - 1)
    torch.testing.assert_close(p.detach(), expected)


# --- What a rule mixes


def pair(dtype=torch.float64):
    generator = torch.Generator().manual_seed(5)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator, dtype=dtype)) for shape in ((2, 3), (4,))]


MODEL_RULES = [Normed, og.SAM(og.Adam), og.Lookahead(og.SAM(og.AdamW))]
every_model_rule = pytest.mark.parametrize("rule", MODEL_RULES, ids=lambda cls: cls.__name__)


@every_model_rule
def test_a_model_is_stepped_as_one_vector(rule):
    """Two tensors, one a hundred times as steep: one norm over both."""
    params = pair()
    flat = torch.nn.Parameter(torch.cat([p.detach().reshape(-1) for p in params]))
    optimizer = train(rule, params, closure_of(params), 6)
    weights = torch.cat([torch.full((6,), 1.0), torch.full((4,), 100.0)]).double()

    def closure():
        flat.grad = None
        loss = (weights * (flat - 1).square()).sum() / 2
        loss.backward()
        return loss.detach()

    whole = train(rule, [flat], closure, 6)
    torch.testing.assert_close(torch.cat([p.detach().reshape(-1) for p in params]), flat.detach(), rtol=1e-12, atol=0)
    for name in rule.state_names:
        pieces = [optimizer.state[p][name] for p in params if name in optimizer.state[p]]
        joined = torch.cat([piece.reshape(-1) for piece in pieces])
        torch.testing.assert_close(joined, whole.state[flat][name].reshape(-1), rtol=1e-11, atol=1e-15)
    if rule is Normed:
        first, second = (optimizer.state[p] for p in params)
        assert first["m"].shape == (2, 3) and first["count"].shape == () and "count" not in second


def test_one_norm_for_all_is_not_one_for_each():
    class EachNormed(Normed):
        mixes = "tensor"
        update = staticmethod(Normed.update)

    one, each = pair(), pair()
    train(Normed, one, closure_of(one), 1)
    train(EachNormed, each, closure_of(each), 1)
    assert not torch.allclose(one[0], each[0])


@every_model_rule
def test_groups_may_differ_in_their_settings(rule):
    params, same = pair(), pair()
    groups = [{"params": params[:1], "lr": 0.01}, {"params": params[1:], "lr": 0.2, "betas": (0.5, 0.9)}]
    train(rule, groups, closure_of(params))
    equal = [{"params": same[:1]}, {"params": same[1:]}]
    train(rule, equal, closure_of(same), lr=0.01)
    assert torch.allclose(params[0], same[0], atol=0.02) and not torch.allclose(params[1], same[1], atol=0.02)
    if rule is Normed:
        start = pair()
        g = [1.0 * (start[0] - 1).detach(), 100 * (start[1] - 1).detach()]
        length = torch.cat([x.reshape(-1) for x in g]).norm()
        once = pair()
        train(rule, [{"params": once[:1], "lr": 0.01}, {"params": once[1:], "lr": 0.2}], closure_of(once), 1)
        for p, q, x, lr in zip(start, once, g, (0.01, 0.2), strict=True):
            torch.testing.assert_close(q.detach(), p.detach() - lr * (0.1 * x / length + 0.1 * p.detach()))


@every_model_rule
def test_a_parameter_without_a_gradient_stays(rule):
    params = [*pair(), torch.nn.Parameter(torch.full((3,), 7.0, dtype=torch.float64))]
    alone = pair()
    order = [params[2], *params[:2]]  # also where it comes first
    train(rule, order, closure_of(params[:2]), 4)
    train(rule, alone, closure_of(alone), 4)
    assert torch.equal(params[2].detach(), torch.full((3,), 7.0, dtype=torch.float64))
    for p, q in zip(params, alone, strict=False):
        torch.testing.assert_close(p.detach(), q.detach(), rtol=1e-12, atol=1e-14)


@every_model_rule
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.complex64], ids=str)
def test_a_model_resumes_bit_for_bit(rule, dtype):
    params = pair(dtype)
    straight = train(rule, params, closure_of(params), 7)
    first = pair(dtype)
    saved = copy.deepcopy(train(rule, first, closure_of(first), 3).state_dict())
    second = [torch.nn.Parameter(p.detach().clone()) for p in first]
    resumed = rule(second)
    resumed.load_state_dict(saved)
    for _ in range(4):
        resumed.step(closure_of(second))
    for p, q in zip(params, second, strict=True):
        assert torch.equal(p.detach(), q.detach())
        for name, value in straight.state[p].items():
            assert torch.equal(value, resumed.state[q][name]) and value.dtype == resumed.state[q][name].dtype


def test_an_unknown_start_or_mixture_is_refused():
    for facts, message in [
        ({"init": {"m": "there"}}, "Odd.init: 'm' must be a state of update"),
        ({"init": {"x": 0}}, "Odd.init: 'x' must be a state of update"),
        ({"mixes": "all"}, "Odd.mixes must be one of 'nothing', 'tensor', 'matrix', 'model', got 'all'"),
        ({"answer": "mean"}, "Odd.answer must be one of 'theta', 'm', got 'mean'"),
    ]:
        with pytest.raises(TypeError, match=message):
            type("Odd", (og.Optimizer,), {"update": staticmethod(lambda theta, grad, t, m, *, lr=0.1: theta), **facts})


# --- Listed rules of this kind in training


@pytest.mark.parametrize("rule", [og.PolyakStep, og.DoG, og.Prodigy, og.LBFGS, og.BFGS], ids=lambda cls: cls.__name__)
def test_a_listed_rule_of_the_whole_model_trains_groups_as_one_vector_and_goes_on_when_resumed(rule):
    target = torch.linspace(-1, 2, 6, dtype=torch.float64)
    weights = torch.arange(1.0, 7.0, dtype=torch.float64)
    height = lambda x: (weights * (x - target) ** 2).sum()  # noqa: E731
    start = torch.linspace(1, 0, 6, dtype=torch.float64)
    run = og.descend(rule, og.Problem(height, (6,), [start.numpy()]), steps=12)
    one, two = torch.nn.Parameter(start[:2].clone()), torch.nn.Parameter(start[2:].reshape(2, 2).clone())
    optimizer = rule([{"params": [one]}, {"params": [two]}])

    def closure():
        optimizer.zero_grad()
        loss = height(torch.cat([one, two.flatten()]))
        loss.backward()
        return loss

    for step in range(12):
        if step == 5:
            saved, optimizer = optimizer.state_dict(), rule([{"params": [one]}, {"params": [two]}])
            optimizer.load_state_dict(saved)
        optimizer.step(closure)
    ours = torch.cat([one, two.flatten()]).detach()
    torch.testing.assert_close(ours, torch.from_numpy(run.theta[-1]), rtol=1e-12, atol=1e-14)
    assert (run.theta[-1] != run.theta[5]).all()


def test_a_rule_that_asks_for_the_loss_says_that_it_needs_a_closure_that_returns_it():
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = og.PolyakStep([p])
    p.grad = torch.ones(2)
    with pytest.raises(RuntimeError, match="PolyakStep asks for the loss: call step"):
        optimizer.step()


# --- A number that states have as many entries as


def test_a_number_that_shapes_a_state_is_whole_and_the_same_in_every_descent():
    starts, message = [(1.0, 2.0), (0.0, 3.0)], "^history_size must be a whole number, the same in every descent, got"
    for size in (2.5, [1, 2], np.array([3.0])):
        with pytest.raises(ValueError, match=message):
            og.descend(og.LBFGS, og.surfaces.sphere, starts, 3, history_size=size)
    for size in (0, -1):
        with pytest.raises(ValueError, match="^history_size must be >= 1, got"):
            og.LBFGS([torch.nn.Parameter(torch.ones(2))], history_size=size)
    run = og.descend(og.LBFGS, og.surfaces.sphere, starts, 3, history_size=np.int64(4), lr=np.array([0.1, 0.2]))
    assert run.states["S"].shape == (4, 2, 4, 2) and run.states["G"].shape == (4, 2, 2)


def test_a_sweep_and_a_training_take_it_as_no_axis():
    message = "history_size cannot be an axis, for states have as many entries: give one optimizer to each of its"
    with pytest.raises(ValueError, match=message):
        og.sweep(og.LBFGS, og.surfaces.sphere, [(1, 2)], 3, history_size=[1, 2])
    with pytest.raises(ValueError, match=message):
        og.train(og.LBFGS, og.problems.digits_task(), 3, history_size=[1, 2])
    both = og.sweep(
        {str(n): og.LBFGS.at(history_size=n) for n in (1, 5)}, og.surfaces.booth, [(1, 2)], 9, lr=[0.1, 0.2]
    )
    for name in ("1", "5"):
        alone = og.descend(og.LBFGS, og.surfaces.booth, (1, 2), 9, lr=0.2, history_size=int(name))
        assert both.data.loss.sel(optimizer=name, lr=0.2).item() == pytest.approx(alone.loss[-1], rel=1e-9)
    assert og.sweep(og.LBFGS, og.surfaces.booth, [(1, 2)], 2, history_size=[3]).data.loss.size == 1


def test_groups_must_agree_on_it():
    p, q = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    groups = [{"params": [p]}, {"params": [q], "history_size": 3, "lr": 0.1}]
    optimizer = og.LBFGS(groups, history_size=5)
    p.grad = q.grad = torch.ones(2)
    with pytest.raises(ValueError, match="^history_size must be the same in every group, got 5, 3$"):
        optimizer.step()
    assert p.tolist() == q.tolist() == [1, 1] and not optimizer.state
    optimizer.param_groups[1]["history_size"] = 5
    optimizer.step()
    assert p[0] < q[0] < 1


def test_the_card_says_how_many_numbers_such_states_hold():
    assert card(og.LBFGS).apart == {"S": "history_size × parameters", "Y": "history_size × parameters"}
    assert card(og.BFGS).apart == {"B": "parameters × parameters", "n": ""}
    assert "B_0 = I" in pseudocode(og.BFGS).latex and "S_0 = 0" in pseudocode(og.LBFGS).latex
