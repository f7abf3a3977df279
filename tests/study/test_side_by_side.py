"""Rules side by side: which lines are the same, and that none is lost."""

from __future__ import annotations

from functools import partial

import pytest
import torch

import optguide as og
from optguide import study
from optguide.language import pseudocode


@pytest.mark.parametrize("names", [("Adam", "AdamW", "NAdamW"), ("Lion", "Momentum", "ScheduleFreeAdamW", "RAdam")])
def test_every_line_of_every_rule_stands_in_its_row_in_order(names):
    found = study.side_by_side([getattr(og, name) for name in names])
    assert list(found.lines) == list(names)
    for name in names:
        steps = pseudocode(getattr(og, name)).steps
        assert [line for line in found.lines[name] if line] == [step.latex for step in steps]
    assert {len(lines) for lines in found.lines.values()} == {len(found.words)}
    assert all(any(row) for row in zip(*found.lines.values(), strict=True))


def test_what_differs_is_shown_and_what_does_not_is_called_the_same():
    table = study.side_by_side([og.Adam, og.AdamW]).table()
    assert table.columns == ("", "Adam", "AdamW")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["gradient at the current point"][1] == "same"
    assert rows["EMA of its square: its root is the scale"][1] == "same"
    decay = rows["shrink every weight by the same share"]
    assert decay[0] == "" and r"\lambda" in decay[1]
    assert rows["a step of about lr per coordinate"][1] != "same"  # from where the decay has led
    assert rows["remembers"] == ["`m`, `v`", "`m`, `v`"]


def test_the_step_of_one_stands_beside_the_step_of_the_other():
    found = study.side_by_side([og.Adam, og.AdamW, og.SGD])
    assert all(lines[-1] for lines in found.lines.values())
    assert found.same["AdamW"].count(False) == 2
    assert found.same["Adam"] == [True] * len(found.words)


def test_settings_that_are_bound_are_those_that_are_told():
    told = study.side_by_side({"fast": og.Adam.at(lr=0.5), "plain": og.SGD}).facts
    assert "`lr=0.5`" in told["fast"]["settings"] and told["plain"]["remembers"] == "nothing"


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ([og.Adam], ValueError, "optimizers must be two or more, got 1"),
        ([og.Adam, og.Adam], ValueError, "two optimizers are called 'Adam'"),
        ([og.Adam, torch.optim.SGD], TypeError, "SGD must be an optimizer with a pure update"),
        ([og.Adam, partial(og.SGD, momentum=1)], TypeError, "SGD has no hyperparameter 'momentum'"),
    ],
)
def test_what_has_no_lines_is_refused(given, error, says):
    with pytest.raises(error, match=says):
        study.side_by_side(given)
