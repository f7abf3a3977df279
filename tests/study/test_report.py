"""A page about any rule: what stands on it, and that it needs nothing else."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from functools import partial

import numpy as np
import pytest
import torch
from pytorch_optimizer import AdaMod, Lion

import optguide as og

#: The module; in its package the function of that name hides it.
MODULE = importlib.import_module("optguide.study.report")


def test_all_that_is_offered_is_there():
    assert all(hasattr(og.study, name) for name in og.study.__all__)
    assert {"rates", "basins", "Basins", "traits", "report"} <= {*og.study.__all__}


class Rolling(og.Optimizer):
    """A ball with friction that goes only by signs."""

    mixes = "tensor"

    @staticmethod
    def update(theta, grad, t, velocity, *, lr=1e-3, friction=0.1, beta=0.9):
        g = grad(theta)  # the slope < here
        velocity = (1 - friction) * velocity + g / (beta + g.norm())
        theta = theta - lr * torch.sign(velocity)
        return theta, velocity


@pytest.fixture
def small(monkeypatch):
    """Less to measure."""
    few = MODULE.Sizes(3, 2, 4, 3, 2)
    monkeypatch.setattr(MODULE, "MANY", few)
    monkeypatch.setattr(MODULE, "FEW", few)


def addresses(page: str) -> set[str]:
    return set(re.findall(r"""(?:src|srcset|href|action|data-landscape)\s*=\s*["']([^"']{0,30})""", page))


def test_a_reader_s_rule_with_names_of_its_own(small, tmp_path):
    found = og.report(Rolling)
    assert found.name == "Rolling" and found.claim == "A ball with friction that goes only by signs."
    assert list(found.race) == ["Rolling", "Adam"]
    assert found.traits.memory == {"Rolling": 1.0} and found.traits.same_turned == {"Rolling": False}
    assert list(found.places) == ["Rosenbrock's function", "Himmelblau's function", "Styblinski–Tang function"]
    assert all(list(place.success)[0] == "Rolling" and len(place.success) == 6 for place in found.places.values())
    assert found.race["Rolling"].settings["lr"] == pytest.approx(found.rates.best["Rolling"], rel=0.05)
    valley, hills, _ = (place.lr["Adam"] for place in found.places.values())
    mapped = json.loads(found.basins.sweep.data.attrs["settings"])["Adam"]["lr"]
    assert mapped == hills == 0.1 and np.isnan(valley), "the map is of the hills"

    path = found.save(tmp_path / "page.html")
    page = path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
    assert "&#x003B2;" in page and "&#x02016;" in page  # beta, and the bars of a norm
    assert "the slope &lt; here" in page
    assert page.count("<math") >= 8 and "og-player" in page
    assert page.count("prefers-color-scheme: dark") >= 4  # the ground, the player, two pictures
    assert addresses(page) and all(address.startswith("data:image/webp;base64,") for address in addresses(page))
    assert set(re.findall(r"https?://[\w./]+", page)) <= {
        "http://www.w3.org/1998/Math/MathML",
        "http://www.w3.org/2000/svg",
    }
    assert found._repr_html_().lstrip().startswith("<style>") and "<!doctype" not in found._repr_html_()


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [(AdaMod, "AdaMod"), (partial(Lion, weight_decay=0.1), "Lion (pytorch_optimizer)")],
    ids=["AdaMod", "Lion"],
)
def test_a_class_of_another_library_has_no_formulas(small, tmp_path, optimizer, name):
    found = og.report(optimizer)
    assert found.name == name and found.rule is None and "no pure update" in found.untold
    assert ("treats every coordinate by itself", "yes, as tried") in found.card.rows
    listed = dict(found.hyperparameters.rows)
    assert listed["`weight_decay`"] == ("`0.1`" if "Lion" in name else "`0.0`")
    page = found.save(tmp_path / "page.html").read_text(encoding="utf-8")
    heads = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert name in page and heads[-5:] == ["The rule", "Traits", "Learning rates", "Basins", "Its place"]
    assert found.claim == inspect.getdoc(Lion if "Lion" in name else AdaMod).splitlines()[0]
    if "Lion" in name:
        assert "Lion" in found.places["Himmelblau's function"].success


def test_a_learning_rate_that_is_given_is_kept(small):
    found = og.report(og.Adam.at(lr=0.123))
    assert found.race["Adam"].settings["lr"] == 0.123
    assert list(found.race) == ["Adam", "Momentum"]
    assert len(found.rates.sweep.data.lr) == 3


def test_a_rule_without_a_learning_rate(small, tmp_path):
    class Halving(og.Optimizer):
        @staticmethod
        def update(theta, grad, t, *, share=0.5):
            theta = theta - share * theta
            return theta

    found = og.report(Halving)
    assert found.claim == "" and found.rates.loss["Halving"] == pytest.approx(1)  # the height at (0, 0)
    page = found.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Halving has no learning rate; its median loss is 1. For comparison, that of Adam at its best" in page
    assert all("Halving" in [row[0] for row in place.table().rows] for place in found.places.values())


def test_of_two_rules_without_a_learning_rate_no_learning_rates_are_tried(small, tmp_path):
    found = og.report(og.DoG, beside=og.DoWG)
    assert found.rates is None
    assert "Learning rates" not in found.save(tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: og.report(torch.nn.Linear), TypeError, "optimizer must make a torch.optim.Optimizer|Linear"),
        (lambda: og.report(3), TypeError, "optimizer must be an optimizer class, got 3"),
        (lambda: og.report("adamm"), ValueError, "did you mean"),
        (lambda: og.report(og.SGD, beside="sgd"), ValueError, "beside must be a rule of another name"),
        (lambda: og.report(og.Adam.at(lr=-1)), ValueError, "lr must be > 0"),
        (lambda: og.report(partial(torch.optim.Adam, rate=1)), TypeError, "has no hyperparameter 'rate'"),
    ],
    ids=["a layer", "a number", "a misspelt name", "beside itself", "a bad setting", "an unknown setting"],
)
def test_mistakes_are_named_before_anything_is_measured(monkeypatch, make, error, says):
    monkeypatch.setattr(MODULE, "rates", lambda *_, **__: pytest.fail("measured"))
    with pytest.raises(error, match=says):
        make()


def test_a_page_ends_in_html(small, tmp_path):
    found = og.report(og.SGD)
    with pytest.raises(ValueError, match="path must end in .html"):
        found.save(tmp_path / "page.pdf")
    with pytest.raises(FileNotFoundError, match="no folder"):
        found.save(tmp_path / "nowhere" / "page.html")
    assert repr(found).startswith("<report of SGD")
