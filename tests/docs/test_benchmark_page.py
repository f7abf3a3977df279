"""The page of benchmarks: every number in it, in text and pictures, comes from what was measured."""

import copy
import json
import re
from pathlib import Path

import pytest

page = pytest.importorskip("benchmark_page", reason="needs the docs requirements")
charts = pytest.importorskip("charts", reason="needs the docs requirements")

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
RESULTS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in page.RESULTS.glob("*.json")}
SHOWN = re.findall(r"\.\. benchmark:: (\w+)", TEXT)


def leaves(value, path=()):
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def put(data, path, value):
    data = copy.deepcopy(data)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return data


def other(value):
    """Another value of the kind: a day, a landscape, a name, a number."""
    if isinstance(value, str):
        return "2025-01-31" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else f"{value}x"
    return value * 2 + 1


def results(folder, name, data):
    (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    return page.read(folder)[name]


def told(name, result):
    """Everything that the page says of one result in words."""
    parts = [page.filled(TEXT, page.read() | {name: result}), page.measured_on(result)]
    return "".join([*parts, *map(page.table_rst, result.tables.values())])


@pytest.mark.parametrize("name", SHOWN)
def test_whatever_was_measured_is_on_the_page(name, tmp_path):
    before = told(name, page.read()[name])
    found = list(leaves(RESULTS[name]))
    assert len(found) > 10
    for path, value in found:
        changed = results(tmp_path, name, put(RESULTS[name], path, other(value)))
        assert told(name, changed) != before, path


@pytest.mark.parametrize("name", SHOWN)
def test_pictures_and_their_words_change_with_what_was_measured(name, tmp_path):
    def drawn(result):
        figure, words = page.draw(name, result)
        bars = [bar.get_width() for ax in figure.axes for bar in ax.patches]
        lines = [list(line.get_ydata()) for ax in figure.axes for line in ax.lines if len(line.get_xdata()) > 2]
        return words, bars, lines

    before = drawn(page.read()[name])
    changed = copy.deepcopy(RESULTS[name])
    for path, value in leaves(changed):
        if isinstance(path[1] if len(path) > 1 else "", int) and not isinstance(value, str):
            changed = put(changed, path, value * 3)
    words, bars, lines = drawn(results(tmp_path, name, changed))
    assert words != before[0] and re.search(r"\d", words)
    assert (bars, lines) != before[1:]


def test_no_number_in_the_text_is_typed():
    text = re.sub(r"\{n\}`[^`]+`|`[^`]+`|float(64|32)", "", TEXT.replace("```", ""))
    assert not re.findall(r".*\d.*", text)
    words = r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve|hundreds?|half|twice|double)\b"
    assert not re.findall(words, text, re.IGNORECASE)


def test_every_result_has_its_place_and_a_field_that_gives_nothing_is_refused():
    assert sorted(SHOWN) == sorted(set(RESULTS) - {"engines"}), "make bench measures engines, too, where JAX is"
    assert all(f'"{name}' not in page.filled(TEXT, page.read()) for name in SHOWN)
    with pytest.raises(page.ExtensionError, match="'step.rows.speed' gives no number"):
        page.filled("{n}`step.rows.speed`", page.read())


def test_a_bar_is_as_long_as_its_number_and_ours_has_another_colour():
    panels = {"one": {"ours": 2.0, "theirs": 1234.5}, "two": {"ours": 0.5}}
    figure = charts.bars(panels, "times", log=True, mark=1, beside=["theirs"])
    assert [[bar.get_width() for bar in ax.patches] for ax in figure.axes] == [[2.0, 1234.5], [0.5]]
    ours, theirs = (bar.get_facecolor() for bar in figure.axes[0].patches)
    assert ours != theirs and figure.axes[0].get_xscale() == "log" and figure.axes[1].get_xlabel() == "times"
    assert [text.get_text() for text in figure.axes[0].texts] == ["2", "1,234"]
    assert charts.words_of_bars(panels, "times") == "Bars, times. one: ours 2, theirs 1,234; two: ours 0.5"


def test_a_curve_has_its_points_and_says_them():
    found = [("Size", "descents", "seconds", [1, 10, 100], [0.5, 1, 20])]
    (ax,) = charts.curves(found).axes
    assert list(ax.lines[0].get_xdata()) == [1, 10, 100] and list(ax.lines[0].get_ydata()) == [0.5, 1, 20]
    assert charts.words_of_curves(found) == "Curves. Size: 0.5 at 1, 1 at 10, 20 at 100 (seconds; descents)"


def test_a_column_has_its_unit_behind_a_comma():
    told = {"step_ms": "step, ms", "seconds": "s", "peak_memory_MiB": "peak memory, MiB", "batch_size": "batch size"}
    assert {name: page.head(name) for name in told} == told
    assert page.head("descents_per_s") == "descents per second"
