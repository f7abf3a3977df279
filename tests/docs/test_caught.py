"""What the checks notice, in pictures: mistakes planted in Adam, and the table of all that were planted."""

import numpy as np
import pytest

caught = pytest.importorskip("caught", reason="needs the docs requirements")
headline = pytest.importorskip("headline", reason="needs the docs requirements")

ROW = {"part": "x", "date": "2026-11-26", "formulas": "1", "page": "0", "nobody": "2", "equivalent": "3"}
ROWS = [
    ROW | {"group": "moon", "planted": "16", "tests": "10"},
    ROW | {"group": "rules", "planted": "10", "tests": "4"},
    ROW | {"group": "rules", "planted": "6", "tests": "0"},
]


def test_a_mistake_is_planted_in_the_source_and_told_by_its_distance(monkeypatch):
    monkeypatch.setattr(caught, "STEPS", 5)
    oracle, ours, found = caught.catch()
    _, allowed = caught.comparison()
    assert 0 <= ours < allowed == 1e-9 and oracle.shape == (6, 2)
    assert found.keys() == caught.MISTAKES.keys()
    assert all(mistake.distance > allowed for name, mistake in found.items() if name != "a sign flipped")
    assert np.isnan(found["a sign flipped"].distance) and "ends it" in caught.said(found["a sign flipped"])
    figure = caught.draw(oracle, found)
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(caught.MISTAKES)
    wrong = {line.get_label(): line for line in figure.axes[0].lines}["with the mistake"]
    assert np.array_equal(wrong.get_xydata(), found["no bias correction"].theta)


def test_what_would_not_be_noticed_stops_the_build(monkeypatch):
    monkeypatch.setattr(caught, "STEPS", 3)
    monkeypatch.setattr(caught, "MISTAKES", {"a space": ("beta2**t", "beta2 ** t")})
    with pytest.raises(caught.ExtensionError, match="a space would not be told"):
        caught.catch()
    with pytest.raises(caught.ExtensionError, match="no single 'beta3'"):
        caught.planted("beta3", "beta4")


def test_a_bar_holds_the_shares_of_its_group():
    totals = headline.by_group(ROWS)
    assert list(totals) == ["2 optimizers", "moon"], "groups without words come last"
    (ax,) = caught.draw_planted(totals).axes
    widths = {bars.get_label(): [bar.get_width() for bar in bars] for bars in ax.containers}
    assert widths.pop("then the formulas") == [12.5, 6.25]
    assert widths == {"tests": [25, 62.5], "undetected": [25, 12.5], "changes nothing": [37.5, 18.75]}
    assert [text.get_text() for text in ax.texts] == ["16", "16"]


def test_groups_without_a_row_are_named():
    missing = headline.uncounted(ROWS)
    assert "optimizers" not in missing and {"signals", "assertions of pages"} <= {*missing}
    assert not headline.uncounted([ROW | {"group": group} for group in headline.GROUPS])
