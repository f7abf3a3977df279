"""Wrappers: rules made of rules, held against other implementations, and what is said of them."""

from __future__ import annotations

import copy
import pickle
import sys

import numpy as np
import pytest
import pytorch_optimizer
import torch

import optguide as og
from optguide.language import NotationError, card, pseudocode
from optguide.optimizers.wrapper import Wrapper

ALL = [getattr(og.optimizers, name) for name in og.optimizers.on_landscapes]


class Wide(og.SAM):
    """SAM that calls its radius so, for rules that have a rho of their own."""

    @staticmethod
    def update(theta, grad, step, t, *, radius=0.1):
        return og.SAM.update(theta, grad, step, t, rho=radius)


def network():
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)).double()
    x, y = torch.randn(40, 5, dtype=torch.float64), torch.randint(3, (40,))

    def closure():
        net.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        return loss

    return net, closure


def farthest(ours, theirs):
    pairs = zip(ours.parameters(), theirs.parameters(), strict=True)
    return max((p.detach() - q.detach()).abs().max().item() for p, q in pairs)


@pytest.fixture
def in_double(monkeypatch):
    """That library rounds the length of the gradient to float32: here it keeps all of its digits."""

    def squared(groups, **options):
        return sum(p.grad.square().sum() for group in groups for p in group["params"]).reshape(1)

    home = sys.modules[pytorch_optimizer.SAM.__module__]
    assert callable(home.get_global_gradient_norm)
    monkeypatch.setattr(home, "get_global_gradient_norm", squared)


# --- What they do


@pytest.mark.parametrize(
    ("inner", "twin", "settings"),
    [
        (og.Adam, torch.optim.Adam, {"lr": 0.01, "betas": (0.8, 0.95)}),
        (og.Momentum, torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
        (og.AdamW, torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("rho", [0.05, 1.0])
def test_sam_is_another_librarys_sam(inner, twin, settings, rho, in_double):
    (ours, one), (theirs, other) = network(), network()
    mine = og.SAM(inner)(ours.parameters(), rho=rho, **settings)
    reference = pytorch_optimizer.SAM(theirs.parameters(), twin, rho=rho, **settings)
    for _ in range(60):
        mine.step(one)
        other()
        reference.step(other)
        assert farthest(ours, theirs) < 1e-11
    plain, alone = network()
    walk = inner(plain.parameters(), **settings)
    for _ in range(60):
        walk.step(alone)
    assert farthest(ours, plain) > 1e-4


@pytest.mark.parametrize("k", [1, 3, 5])
def test_lookahead_is_another_librarys_lookahead(k):
    (ours, one), (theirs, other) = network(), network()
    mine = og.Lookahead(og.Adam)(ours.parameters(), k=k, share=0.3, lr=0.01)
    reference = pytorch_optimizer.Lookahead(torch.optim.Adam(theirs.parameters(), lr=0.01), k=k, alpha=0.3)
    for _ in range(32):
        mine.step(one)
        other()
        reference.step()
        assert farthest(ours, theirs) < 1e-12
    slow = [mine.state[p]["slow"] for p in ours.parameters()]
    for p, q in zip(slow, theirs.parameters(), strict=True):
        torch.testing.assert_close(p, reference.state[q]["slow_params"], rtol=0, atol=1e-12)


def test_wrappers_nest(in_double):
    (ours, one), (theirs, other) = network(), network()
    mine = og.Lookahead(og.SAM(og.Adam))(ours.parameters(), k=4, share=0.5, lr=0.01, rho=0.1)
    sam = pytorch_optimizer.SAM(theirs.parameters(), torch.optim.Adam, rho=0.1, lr=0.01)
    slow = [p.detach().clone() for p in theirs.parameters()]
    for t in range(1, 31):
        mine.step(one)
        other()
        sam.step(other)
        if t % 4 == 0:
            with torch.no_grad():
                for p, s in zip(theirs.parameters(), slow, strict=True):
                    s.lerp_(p, 0.5)
                    p.copy_(s)
        assert farthest(ours, theirs) < 1e-9
    assert og.Lookahead(og.SAM(og.Adam)).__name__ == "Lookahead(SAM(Adam))"


@pytest.mark.parametrize("inner", ALL, ids=lambda cls: cls.__name__)
def test_every_rule_can_be_wrapped(inner):
    starts = [(-1.0, 1.5), (0.5, -0.5)]
    for optimizer in ((Wide if "rho" in inner.hyperparameters else og.SAM)(inner), og.Lookahead(inner)):
        lr = {"lr": 1e-3} if "lr" in inner.hyperparameters else {}
        together = og.descend(optimizer, og.surfaces.rosenbrock, starts, 12, **lr)
        assert np.isfinite(together.theta).all()
        for i, start in enumerate(starts):
            alone = og.descend(optimizer, og.surfaces.rosenbrock, start, 12, **lr)
            np.testing.assert_allclose(together.theta[:, i], alone.theta, rtol=1e-9, atol=1e-12)
        p = torch.nn.Parameter(torch.tensor(starts[0], dtype=torch.float64))
        stepped = optimizer([p], **lr)

        def closure(p=p):
            p.grad = None
            loss = og.surfaces.rosenbrock(*p)
            (p.grad,) = torch.autograd.grad(loss, p, create_graph=inner.rule.is_curved)
            return loss

        # What a rule draws in `descend` is what torch draws from the first number of that seed.
        torch.manual_seed(int(torch.randint(2**62, (), generator=torch.Generator().manual_seed(0))))
        for _ in range(12):
            stepped.step(closure)
        stepped.eval()
        np.testing.assert_allclose(
            p.detach(), og.descend(optimizer, og.surfaces.rosenbrock, starts[0], 12, **lr).theta[-1], rtol=1e-9
        )


def test_a_batch_may_differ_in_what_the_wrapper_is_set_to():
    rhos, ks = np.array([0.01, 0.3]), np.array([2, 3])
    for optimizer, name, values in ((og.SAM(og.Adam), "rho", rhos), (og.Lookahead(og.Adam), "k", ks)):
        run = og.descend(optimizer, og.surfaces.rosenbrock, (-1, 1.5), 12, lr=0.05, **{name: values})
        for i, value in enumerate(values.tolist()):
            alone = og.descend(optimizer, og.surfaces.rosenbrock, (-1, 1.5), 12, lr=0.05, **{name: value})
            np.testing.assert_allclose(run.theta[:, i], alone.theta, rtol=1e-10)


def test_settings_bound_to_the_wrapped_rule_become_defaults():
    wrapped = og.Lookahead(og.SAM(og.Adam.at(lr=0.5, betas=[0.8, 0.9])).at(rho=0.2))
    defaults = wrapped.rule.defaults
    assert (defaults["lr"], defaults["betas"], defaults["rho"], defaults["k"]) == (0.5, (0.8, 0.9), 0.2, 5)
    assert wrapped is og.Lookahead(og.SAM(og.Adam.at(lr=0.5, betas=(0.8, 0.9))).at(rho=0.2))
    assert og.Adam.rule.defaults["lr"] == 1e-3
    run = og.descend(wrapped.at(rho=0.1), og.surfaces.sphere, (1, 2), 3, k=2)
    assert (run.settings["lr"], run.settings["rho"], run.settings["k"]) == (0.5, 0.1, 2)
    with pytest.raises(ValueError, match="rho must be >= 0, got -1"):
        og.SAM(og.Adam).at(rho=-1)
    with pytest.raises(TypeError, match=r"SAM\(Adam\) has no hyperparameter 'roh' \(did you mean rho"):
        og.SAM(og.Adam).at(roh=0.1)


# --- The answer


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.complex64], ids=str)
@pytest.mark.parametrize("inner", [og.Adam, og.SAM(og.Adam)], ids=lambda cls: cls.__name__)
def test_eval_shows_the_answer_and_train_takes_it_back_exactly(dtype, inner):
    def make():
        torch.manual_seed(2)
        params = [torch.nn.Parameter(torch.randn(n, dtype=dtype)) for n in (3, 4)]

        def closure():
            for p in params:
                p.grad = None
            loss = sum((p - 1).abs().square().sum() for p in params)
            loss.backward()
            return loss

        return params, closure, og.Lookahead(inner)(params, lr=0.1, k=3)

    straight, one, plain = make()
    looked, other, watched = make()
    for _ in range(4):
        plain.step(one)
        watched.step(other)
    fast = [p.detach().clone() for p in looked]
    watched.eval()
    watched.eval()  # once more changes nothing
    for p, before in zip(looked, fast, strict=True):
        slow = watched.state[p]["slow"]
        assert torch.equal(p.detach(), (torch.view_as_complex(slow) if p.is_complex() else slow).to(dtype))
        assert not torch.equal(p.detach(), before)
    with pytest.raises(RuntimeError, match=r"was not in training mode: call train\(\) after eval\(\)"):
        watched.step(other)
    # Saved and loaded as it is, it goes on as if nothing had been.
    saved = copy.deepcopy(watched.state_dict())
    third, last, resumed = make()
    with torch.no_grad():
        for p, q in zip(third, looked, strict=True):
            p.copy_(q)
    resumed.load_state_dict(saved)
    resumed.train()
    watched.train()
    watched.train()
    for _ in range(4):
        plain.step(one)
        watched.step(other)
        resumed.step(last)
    for p, q, r in zip(straight, looked, third, strict=True):
        assert torch.equal(p, q) and torch.equal(p, r)


def test_a_descent_records_the_answer():
    run = og.descend(og.Lookahead(og.Adam), og.surfaces.sphere, (1, 2), 12, lr=0.1, k=4)
    plain = og.descend(og.Adam, og.surfaces.sphere, (1, 2), 4, lr=0.1)
    moved = np.flatnonzero(np.diff(run.theta, axis=0).any(1)) + 1
    assert moved.tolist() == [4, 8, 12]
    np.testing.assert_allclose(run.theta[4], (run.theta[0] + plain.theta[4]) / 2, rtol=1e-14)
    np.testing.assert_allclose(run.states["slow"][:4], plain.theta[:4], rtol=1e-14)  # what steps stands beside it
    np.testing.assert_allclose(run.loss, (run.theta**2).sum(1))


# --- Refused


def test_names_that_collide_are_refused_and_what_the_message_says_works():
    with pytest.raises(ValueError, match=r"SAM\(SAM\(Adam\)\): both have a hyperparameter 'rho'; write a wrapper"):
        og.SAM(og.SAM(og.Adam))
    with pytest.raises(ValueError, match=r"Lookahead\(Lookahead\(SGD\)\): both have a hyperparameter 'k'"):
        og.Lookahead(og.Lookahead(og.SGD))
    with pytest.raises(ValueError, match=r"SAM\(Adadelta\): both have a hyperparameter 'rho'"):
        og.SAM(og.Adadelta)

    twice = Wide(og.SAM(og.Adam))
    assert {"radius", "rho"} <= set(twice.rule.hyperparameters) and twice.rule.mixes == "model"
    assert og.descend(twice, og.surfaces.rosenbrock, steps=5).loss[-1] < og.surfaces.rosenbrock(
        *og.surfaces.rosenbrock.start
    )


WRONG = {"torch": torch.optim.Adam, "base": og.Optimizer, "number": 3, "name": "Adam", "function": lambda p: og.Adam(p)}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_has_no_rule_cannot_be_wrapped(wrong):
    with pytest.raises(TypeError, match="SAM wraps an optimizer with a pure update, got "):
        og.SAM(wrong)


def test_a_wrapped_optimizer_goes_to_other_processes():
    optimizer = og.Lookahead(og.SAM(og.Adam.at(lr=0.1)))
    assert pickle.loads(pickle.dumps(optimizer)) is optimizer
    p = torch.nn.Parameter(torch.ones(2))
    again = pickle.loads(pickle.dumps(optimizer([p], rho=0.3)))
    assert type(again) is optimizer and again.param_groups[0]["rho"] == 0.3


# --- What is said of them


def test_pseudocode_of_sam_is_that_of_the_paper_and_refers_to_the_wrapped_rule():
    shown = pseudocode(og.SAM(og.Adam))
    assert [step.latex for step in shown.steps] == [
        r"g_t \leftarrow \nabla f(\theta_{t-1})",
        r"\hat{\epsilon}_t \leftarrow \rho \, \frac{g_t}{\lVert g_t \rVert + 10^{-12}}",
        r"\theta_t \leftarrow \operatorname{Adam}(\theta_{t-1}, x \mapsto \nabla f(x + \hat{\epsilon}_t))",
    ]
    assert shown.name == "SAM(Adam)" and all(step.comment for step in shown.steps)
    rows = shown.latex.split(r" \\[4pt] ")
    assert rows[:2] == [
        r"\begin{array}{l} \textbf{input: } \theta_0,\; f,\; \rho = 0.05",
        r"\textbf{wrapped: } \operatorname{Adam}: \eta = 0.001, \beta_1, \beta_2 = 0.9, 0.999, \epsilon = 10^{-8}",
    ]
    assert rows[-1] == r"\textbf{return } \theta_t \end{array}"
    assert [row[1] for row in shown.hyperparameters.rows] == ["`lr`", "`betas`", "`eps`", "`rho`"]


def test_pseudocode_of_lookahead_begins_and_returns_where_the_slow_weights_are():
    shown = pseudocode(og.Lookahead(og.SAM(og.Adam.at(lr=0.5))))
    after, synchronized = r"t \bmod k = 0", r"\\ \phi_{t-1} & \text{otherwise}"
    assert [step.latex for step in shown.steps] == [
        r"\theta_t \leftarrow \operatorname{SAM(Adam)}(\theta_{t-1}, \nabla f)",
        (
            rf"\phi_t \leftarrow \begin{{cases}} \phi_{{t-1}} + \alpha_{{\phi}} \, (\theta_t - \phi_{{t-1}}) & "
            rf"\text{{if }} {after} {synchronized} \end{{cases}}"
        ),
        (
            rf"\theta_t \leftarrow \begin{{cases}} \phi_t & \text{{if }} {after} \\ \theta_t & \text{{otherwise}} "
            r"\end{cases}"
        ),
    ]
    assert r"\operatorname{SAM(Adam)}: \eta = 0.5," in shown.latex and r"\rho = 0.05" in shown.latex
    assert r"\textbf{start with: } \phi_0 = \theta_0" in shown.latex
    assert shown.latex.endswith(r"\textbf{return } \phi_t \end{array}")
    within = pseudocode(og.SAM(og.Lookahead(og.SGD))).latex
    assert within.endswith(r"\textbf{return } \phi_t\text{ of } \operatorname{Lookahead(SGD)} \end{array}")


@pytest.mark.parametrize(
    ("optimizer", "looks", "state"),
    [
        (og.SAM(og.Adam), 2, "2 numbers: $m$, $v$"),
        (og.Lookahead(og.Adam), 1, r"3 numbers: $\phi$, $m$, $v$"),
        (og.Lookahead(og.SAM(og.SGD)), 2, r"1 number: $\phi$"),
        (og.SAM(og.SmoothedNesterov), 5, "1 number: $v$"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_card_counts_what_a_step_costs(optimizer, looks, state):
    facts = card(optimizer)
    assert facts.gradients_per_step == looks and facts.family == "wrapper"
    assert ("state per parameter", state) in facts.table.rows
    assert "hat" not in facts.claim and facts.claim == optimizer.__doc__.partition("\n")[0]


def test_a_function_may_only_be_given_to_the_wrapped_rule():
    class Odd(Wrapper):
        @staticmethod
        def update(theta, grad, step, t):
            theta = step(theta, grad) + abs(lambda x: x)
            return theta

    with pytest.raises(NotationError, match=r"update, line 3 .*: Lambda has no notation"):
        pseudocode(Odd(og.SGD))
