"""One optimizer, two rules: what the first does not step, the other does."""

import copy
import pickle
from functools import partial

import pytest
import torch
from shared import make_closure, parameters
from torch import nn

import optguide as og
from optguide.language.matrices import orthogonalize


class Turning(og.Optimizer):
    """Steps matrices, by steps whose singular values are near 1."""

    mixes = "matrix"

    @staticmethod
    def update(theta, grad, t, m, *, lr=0.02, momentum=0.9):
        m = momentum * m + grad(theta)
        return theta - lr * orthogonalize(m), m


class Ahead(og.Optimizer):
    """Steps matrices along gradients elsewhere."""

    mixes = "matrix"

    @staticmethod
    def update(theta, grad, t, *, lr=0.02):
        g = grad(0.9 * theta)
        return theta - lr * g / g.norm()


ADAMW = og.AdamW.at(lr=0.05, weight_decay=0.1)
SHAPES = ((4, 3), (3,), (2, 4), (2,), (2, 3, 2), ())


def after(optimizer, params, steps=5):
    closure = make_closure(params)
    for _ in range(steps):
        optimizer.step(closure)
    return [p.detach().clone() for p in params]


def again(params):
    return [nn.Parameter(p.detach().clone()) for p in params]


def split(params):
    return [p for p in params if p.dim() == 2], [p for p in params if p.dim() != 2]


def test_each_parameter_is_stepped_as_if_the_other_rule_were_not_there():
    params = parameters(*SHAPES)
    alone = again(params)
    after(Turning(params, lr=0.1, otherwise=ADAMW), params)
    matrices, rest = split(alone)
    optimizers = Turning(matrices, lr=0.1), torch.optim.AdamW(rest, lr=0.05, weight_decay=0.1)
    for _ in range(5):
        make_closure(alone)()
        for optimizer in optimizers:
            optimizer.step()
        for p in alone:
            p.grad = None
    for p, expected in zip(params, alone, strict=True):
        torch.testing.assert_close(p, expected, rtol=1e-12, atol=1e-15)


def test_with_gradients_and_no_closure_it_is_the_same():
    params = parameters(*SHAPES)
    others = again(params)
    after(Turning(params, otherwise=ADAMW), params, 3)
    optimizer = Turning(others, otherwise=ADAMW)
    for _ in range(3):
        make_closure(others)()
        optimizer.step()
    assert all(torch.equal(p, q) for p, q in zip(params, others, strict=True))


def test_a_rule_that_looks_elsewhere_goes_there_with_its_own_parameters_alone():
    params = parameters(*SHAPES)
    optimizer, seen = Ahead(params, otherwise=og.SAM(og.SGD)), []
    closure = make_closure(params)
    start = [p.detach().clone() for p in params]

    def watched():
        seen.append([not torch.equal(p, s) for p, s in zip(params, start, strict=True)])
        return closure()

    optimizer.step(watched)
    matrix = [p.dim() == 2 for p in params]
    assert seen[0] == matrix  # the matrices ahead, the others still at home
    assert seen[1] == [not m for m in matrix] and len(seen) == 2


def test_both_are_in_one_state():
    params = parameters(*SHAPES)
    optimizer = Turning(params, lr=0.1, otherwise=ADAMW)
    after(optimizer, params, 3)
    state = copy.deepcopy(optimizer.state_dict())
    assert [group["otherwise"] for group in state["param_groups"]] == [False, True]
    assert [sorted(s) for s in state["state"].values()] == 2 * [["m", "step"]] + 4 * [["m", "step", "v"]]
    assert set(state["param_groups"][1]) == {"params", "otherwise", "lr", "betas", "eps", "weight_decay"}
    assert "momentum" in state["param_groups"][0] and "eps" not in state["param_groups"][0]
    copies = again(params)
    resumed = Turning(copies, otherwise=og.AdamW)
    resumed.load_state_dict(state)
    assert resumed.param_groups[1]["lr"] == 0.05
    for p, q in zip(after(optimizer, params), after(resumed, copies), strict=True):
        assert torch.equal(p, q)


def test_half_precision_keeps_the_states_of_both():
    params = [nn.Parameter(p.detach().half()) for p in parameters(*SHAPES)]
    optimizer = Turning(params, otherwise=ADAMW)
    after(optimizer, params, 2)
    other = Turning(again(params), otherwise=ADAMW)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for (p, mine), theirs in zip(optimizer.state.items(), other.state.values(), strict=True):
        names = ("m",) if p.dim() == 2 else ("m", "v")
        assert all(theirs[name].dtype == torch.float32 and torch.equal(mine[name], theirs[name]) for name in names)


def test_the_state_of_another_optimizer_is_refused():
    params = parameters(*SHAPES)
    optimizer = Turning(params, otherwise=og.AdamW)
    after(optimizer, params, 1)
    saved = copy.deepcopy(optimizer.state_dict())
    for group in saved["param_groups"]:
        group["otherwise"] = not group["otherwise"]
    with pytest.raises(
        ValueError,
        match="must be one of Turning: the groups lack betas, .*momentum; the state lacks v; the state has unknown v",
    ):
        optimizer.load_state_dict(saved)


def test_a_copy_and_a_pickle_go_on_alike():
    params = parameters(*SHAPES)
    optimizer = Turning(params, otherwise=ADAMW)
    after(optimizer, params, 2)
    copies = [copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))]
    expected = after(optimizer, params, 2)
    for other in copies:
        own = [p for group in other.param_groups for p in group["params"]]
        order = sorted(range(len(SHAPES)), key=lambda i: len(SHAPES[i]) != 2)
        own = [own[order.index(i)] for i in range(len(SHAPES))]
        for p, q in zip(after(other, own, 2), expected, strict=True):
            assert torch.equal(p, q)
    assert "other" not in og.Adam(params).__getstate__()


def test_a_scheduler_drives_both():
    optimizer = Turning(parameters(*SHAPES), lr=0.1, otherwise=ADAMW)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    scheduler.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.025]


def test_groups_name_their_settings_and_who_steps_them():
    first, second, third = parameters((2, 2), (3, 3), (4,))
    groups = [{"params": [first, third], "lr": 0.5}, {"params": [second], "otherwise": True, "lr": 0.3, "eps": 1e-3}]
    optimizer = Turning(groups, otherwise=ADAMW)
    found = [(g["otherwise"], g["lr"], [p.dim() for p in g["params"]]) for g in optimizer.param_groups]
    assert found == [(False, 0.5, [2]), (True, 0.05, [1]), (True, 0.3, [2])]
    assert optimizer.param_groups[2]["eps"] == 1e-3 and optimizer.param_groups[2]["weight_decay"] == 0.1
    more = parameters((5, 2), (7,))
    optimizer.add_param_group({"params": more})
    assert [len(g["params"]) for g in optimizer.param_groups] == [1, 1, 1, 1, 1]
    bad = [*parameters((2, 2)), torch.zeros(3, dtype=torch.int64)]
    with pytest.raises(TypeError, match="AdamW needs floating-point or complex parameters"):
        optimizer.add_param_group({"params": bad})
    assert len(optimizer.param_groups) == 5
    assert all(len(Turning([p], otherwise=ADAMW).param_groups) == 1 for p in (first, third))


def test_complex_matrices_go_to_the_other():
    params = parameters((3, 2), dtype=torch.complex128)
    optimizer = Turning(params, otherwise=og.Adam)
    assert [group["otherwise"] for group in optimizer.param_groups] == [True]
    assert all(torch.isfinite(torch.view_as_real(p)).all() for p in after(optimizer, params))


def test_the_other_answer_is_a_state_of_its_own_parameters():
    params = parameters((4, 3), (3,))
    optimizer = Turning(params, otherwise=og.ScheduleFreeSGD.at(lr=0.1))
    before = after(optimizer, params)
    optimizer.eval()
    assert torch.equal(params[0], before[0]) and not torch.equal(params[1], before[1])
    optimizer.train()
    assert torch.equal(params[1], before[1])


REFUSALS = {
    "otherwise must be one of our optimizers, such as og.AdamW.at(lr=1e-3), got AdamW": (torch.optim.AdamW, TypeError),
    "otherwise must be one of our optimizers, such as og.AdamW.at(lr=1e-3), got 3": (3, TypeError),
    "lr must be > 0, got -1": (partial(og.AdamW, lr=-1), ValueError),
    "Turning steps matrices: parameter 1 has the shape (3,)": (Turning, ValueError),
}


@pytest.mark.parametrize("message", REFUSALS)
def test_what_cannot_be_the_other_is_refused(message):
    other, kind = REFUSALS[message]
    with pytest.raises(kind) as caught:
        Turning(parameters((2, 2), (3,)), otherwise=other)
    assert str(caught.value).startswith(message)
    if "steps" not in message:
        with pytest.raises(kind):
            Turning.at(otherwise=other)


def test_a_group_may_not_wait_for_an_other_that_is_not_there():
    (p,) = parameters((3,))
    with pytest.raises(ValueError, match="a group says otherwise, and no optimizer is named for it"):
        og.Adam([{"params": [p], "otherwise": True}])


# --- What goes where


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Conv1d(2, 2, 3))
        self.head = nn.Linear(4, 5, bias=False)
        self.scale = nn.Parameter(torch.tensor(1.0))


def test_groups_say_what_goes_where_and_why():
    model = Model()
    groups = og.parameter_groups(model, Turning.at(lr=0.1), otherwise=["embedding", "*ead.w*"])
    assert [(g["otherwise"], [name for name, _ in g["params"]]) for g in groups] == [
        (False, ["body.0.weight"]),
        (True, ["scale", "embedding.weight", "body.0.bias", "body.1.weight", "body.1.bias", "head.weight"]),
    ]
    rows = {row[0]: row[1:] for row in groups.table.rows}
    assert rows["embedding.weight"] == ("5 × 4", "the other", "a matrix of Embedding, named by 'embedding'")
    assert rows["body.0.weight"] == ("4 × 4", "Turning", "a matrix of Linear")
    assert rows["body.1.weight"] == ("2 × 2 × 3", "the other", "a tensor of 3 axes of Conv1d: Turning steps matrices")
    assert rows["scale"] == ("a number", "the other", "a number of Model: Turning steps matrices")
    assert groups.table.title == "16 numbers to Turning, 59 to the other optimizer"
    optimizer = Turning(groups, otherwise=og.AdamW)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["body.0.weight"]
    assert optimizer.param_groups[0]["params"][0] is model.body[0].weight


def test_without_a_name_only_shapes_count():
    groups = og.parameter_groups(Model(), Turning)
    assert [name for name, _ in groups[0]["params"]] == ["embedding.weight", "body.0.weight", "head.weight"]
    (everything,) = og.parameter_groups(Model(), og.Adam)
    assert not everything["otherwise"] and len(everything["params"]) == 7


def test_groups_are_refused_by_name():
    with pytest.raises(ValueError, match=r"otherwise must name parameters of the module, got 'hed.weight' \(did you"):
        og.parameter_groups(Model(), Turning, otherwise=["hed.weight"])
    with pytest.raises(ValueError, match="got 'emb'"):
        og.parameter_groups(Model(), Turning, otherwise=["emb"])
    with pytest.raises(TypeError, match="otherwise must be a list of names, got 'head'"):
        og.parameter_groups(Model(), Turning, otherwise="head")
    with pytest.raises(TypeError, match="optimizer must be one of ours, which say what they step, got Adam"):
        og.parameter_groups(Model(), torch.optim.Adam)
    with pytest.raises(TypeError, match="module must be a torch.nn.Module"):
        og.parameter_groups(3, Turning)
