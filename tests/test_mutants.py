"""The table of planted faults: what `checks/mutants.py` writes, and what stands in the tree."""

import csv
import json
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).parents[1] / "checks"


@pytest.fixture
def mutants(monkeypatch):
    monkeypatch.syspath_prepend(str(CHECKS))
    import mutants

    yield mutants
    for name in ("mutants", "faults", "order", "parts", "scripts", "words", "doubts"):
        sys.modules.pop(name, None)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults(part, *caught, date="2026-01-02"):
    return [{"id": str(i), "group": "rules", "name": part, "path": "", "caught": c, "date": date}
            for i, c in enumerate(caught)]  # fmt: skip


def test_a_part_has_a_row_when_all_its_faults_were_counted_and_other_rows_stay(mutants, tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    monkeypatch.setattr(mutants, "EQUIVALENT", {"3": "why"})
    parts = {("rules", "SGD"): 4, ("rules", "Adam"): 2, ("rules", "Lion"): 1}
    mutants.tabulate(path, faults("Lion", ["tests"], date="2026-01-01") + faults("Gone", ["tests"]), parts)
    found = faults("SGD", ["site"], ["snapshot", "page"], [], []) + faults("Adam", ["tests"])
    mutants.tabulate(path, found, parts)
    assert [list(row.values()) for row in read(path)] == [
        ["rules", "Lion", "1", "1", "0", "0", "0", "0", "2026-01-01"],
        ["rules", "SGD", "4", "1", "1", "0", "1", "1", "2026-01-02"],
    ]
    before = path.read_bytes()
    monkeypatch.setattr(mutants.csv.DictWriter, "writerows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mutants.tabulate(path, found, parts)
    assert path.read_bytes() == before


def test_the_table_in_the_tree_adds_up_and_nobody_missed_anything_but_sentences(mutants):
    rows = read(CHECKS / "mutants.csv")
    assert tuple(rows[0]) == mutants.COLUMNS
    assert {row["group"] for row in rows} <= {*mutants.GROUPS}
    for row in rows:
        counts = [int(row[name]) for name in mutants.COLUMNS[2:-1]]
        assert counts[0] == sum(counts[1:]) > 0, row
        # A sentence that no record holds is read by people only, and the site says so.
        assert row["nobody"] == "0" or row["group"] == "words", row


def test_every_module_and_script_is_a_part_of_one_group_and_has_tests(mutants):
    root, found = CHECKS.parent, mutants.targets(9)
    patterns = ("optguide/**/*.py", "optguide/**/*.js", "docs/_ext/*.py", "docs/_static/*.js", "tools/*.py")
    paths = {path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern)}
    groups = {path: {t.group for t in found if t.path == path and t.group != "words"} for path in paths}
    assert {path: names for path, names in groups.items() if len(names) != 1} == {}
    assert {target.group for target in found} | {"pages"} == {*mutants.GROUPS}
    for target in found:
        assert target.tests and all((root / name).exists() for name in target.tests), target.path
    names = [(t.group, t.name) for t in found if t.group not in ("words", "rules", "surfaces")]
    assert len(names) == len(set(names)), "two modules would share a row"


SCRIPT = """import { a } from "./a.js";
/** @param {number} x */
function place(x, y, run) {
  if (x < 2 && run.shown) pen.moveTo(x + 1, y, Math.min(x, -y));
  return run.color ? `at ${run.name}` : "none";
}
"""
WRONG = {
    ("comparison", "x <= 2"), ("comparison", "x > 2"), ("operator", "x < 2 || run.shown"),
    ("dropped term", "if (x < 2)"),
    ("off by one", "x < 3"), ("off by one", "(x + 1 + 1)"), ("operator", "x - 1"), ("swapped x and y", "moveTo(y + 1"),
    ("swapped arguments", "x + 1, Math.min(x, -y), y"), ("a neighbour's name", "Math.max"), ("sign", "(x, y)"),
    ("a neighbour's property", "at ${run.shown}"), ("text", "`Xat"), ("text", '"Xnone"'),
    ("swapped arguments", '? "none" : `at'), ("operator", "if (!(x < 2"), ("dropped line", "shown) ;"),
}  # fmt: skip


def test_a_script_has_faults_of_every_kind_where_they_are_possible(mutants):
    source = SCRIPT.encode()
    found = [(kind, text.decode()) for kind, _, _, text in sys.modules["scripts"].faults(source)]
    for kind, text in WRONG:
        assert any(kind == one and text in other for one, other in found), (kind, text)
    assert all(text != SCRIPT and text.startswith(SCRIPT[:26]) for _, text in found), "imports are left alone"


NOTED = """class Old:
    \"\"\"The larger of 12 steps: Smith et al. (1999), after Jones (2001), `at 7`.\"\"\"

    year = 1999

    def update(a, b):
        c = a  # the first
        return c + 2  # not the same
"""


def test_words_are_changed_where_they_are_read_and_code_stays(mutants):
    changes = [(kind, what) for kind, _, what, _ in sys.modules["words"].faults(NOTED.encode(), "old.py")]
    assert sorted(changes) == [
        ("a neighbour's comment", "# not the same -> # the first"),
        ("name", "Jones -> Smith"),
        ("name", "Smith -> Jones"),
        ("number in words", "12 -> 13"),
        ("opposite in a comment", "first -> last"),
        ("opposite in a sentence", "after -> before"),
        ("opposite in a sentence", "larger -> smaller"),
        ("opposite in a sentence", "steps -> times"),
        ("year", "1999 -> 2000"),
        ("year", "1999 -> 2000"),
        ("year", "2001 -> 2002"),
    ]


def test_the_same_faults_are_drawn_each_time_and_fewer_are_among_more(mutants):
    few, many = (
        [target for target in mutants.targets(each) if target.path.endswith(("web/clock.js", "cli.py"))]
        for each in (9, 27)
    )
    for one, other in zip(few, many, strict=True):
        drawn = [fault["id"] for fault in mutants.mutants(one)]
        assert drawn == [fault["id"] for fault in mutants.mutants(one)]
        assert 0 < len(drawn) < len(mutants.mutants(other))
        assert drawn == [fault["id"] for fault in mutants.mutants(other)][: len(drawn)]


@pytest.fixture
def clock(mutants):
    return next(target for target in mutants.targets(9) if target.path.endswith("web/clock.js"))


def item(name, *fixtures):
    path, _, test = name.partition("::")
    return type("Item", (), {"name": test, "nodeid": name, "path": path, "fixturenames": fixtures})


def test_a_script_is_tested_without_a_browser_first(mutants, clock, tmp_path):
    for layer, kept in (("tests", 1), ("browser", 2)):
        items = [item("a::b", "pages"), item("a::c", "pages", "browser"), item("a::d", "browser")]
        mutants.Only(clock, layer, tmp_path / "none", "").pytest_collection_modifyitems(items)
        assert len(items) == kept
        assert all(("browser" in one.fixturenames) == (layer == "browser") for one in items)


def test_no_other_fault_finds_the_site_that_was_built_with_one(mutants, tmp_path, monkeypatch):
    extension = next(target for target in mutants.targets(1) if target.group == "extensions")
    assert extension.layers == ("tests", "site") and extension.tests != mutants.BUILT
    module = tmp_path / extension.path
    module.parent.mkdir(parents=True)
    module.write_text("sound")

    def fails(run, tree, layer, *_):
        if layer == "site":
            Path(tree, "docs", "gallery").mkdir()
        return layer == "site"

    monkeypatch.setattr(mutants, "fails", fails)
    mutants.plant(str(tmp_path), extension, [{"id": "it", "text": "wrong"}], str(tmp_path / "results"), False)
    assert [line["caught"] for line in mutants.recorded(str(tmp_path / "results")).values()] == [["site"]]
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["_ext"]


def test_parts_are_named_by_what_they_are_in_the_project(mutants):
    found = {(target.group, target.name) for target in mutants.targets(1)}
    assert {("walk", "walk"), ("signals", "signals"), ("rules", "Adam"), ("player", "player")} <= found
    assert not [name for _, name in found if name.startswith("/")]


def test_of_a_script_those_tests_come_first_that_noticed_most_in_the_least_time(mutants, clock, tmp_path):
    def ends(path, times, *failed):
        """What pytest tells of tests that took their seconds, and of one that failed."""
        script = type("Target", (), {"path": path, "layers": clock.layers})
        plugin = mutants.Only(script, "tests", tmp_path / "past", "")
        plugin.pytest_sessionstart(type("Session", (), {"items": []}))
        for name, seconds in times.items():
            for duration in (seconds / 4, seconds * 3 / 4):
                report = {"nodeid": name, "duration": duration, "failed": name in failed}
                plugin.pytest_runtest_logreport(type("Report", (), report))
        plugin.pytest_sessionfinish()

    def order():
        items = [item(name) for name in ("b::slow", "b::quick", "a::slow", "a::quick", "a::new")]
        mutants.Only(clock, "tests", tmp_path / "past", "").pytest_collection_modifyitems(items)
        return [one.nodeid for one in items]

    ends("other.js", {"a::quick": 1, "a::slow": 8, "b::quick": 2, "b::slow": 4})
    assert order() == ["b::quick", "b::slow", "a::new", "a::quick", "a::slow"], "modules stay whole"
    ends("other.js", {"a::slow": 3}, "a::slow")
    assert order() == ["a::new", "a::quick", "a::slow", "b::quick", "b::slow"], "4.5 s for each fault, not 6"
    ends(clock.path, {"b::quick": 30, "b::slow": 4}, "b::slow")
    assert order() == ["b::slow", "a::new", "a::quick", "a::slow", "b::quick"], "what noticed one of this script"


TWICE = """import pytest
tries = []

@pytest.fixture
def browser():
    yield
    assert tries != ["late"], "what ends badly, too, fails once"

def test_late(browser):
    tries.append("late")
    assert len(tries) > 1

def test_wrong(browser):
    assert {right}

def test_after(browser):
    tries.append("after")
"""


@pytest.mark.parametrize("right", [True, False])
def test_what_fails_once_in_a_browser_is_run_again_and_has_noticed_nothing_if_it_passes(
    mutants, clock, tmp_path, monkeypatch, right
):
    (tmp_path / f"test_{right}.py").write_text(TWICE.replace("{right}", str(right)))
    plugin, begun = mutants.Only(clock, "browser", tmp_path / "past", "the fault"), []
    monkeypatch.setattr(plugin, "pytest_runtest_logstart", lambda nodeid, own=plugin.pytest_runtest_logstart: (
        begun.append(nodeid.partition("::test_")[2]), own(nodeid)))  # fmt: skip
    monkeypatch.chdir(tmp_path)
    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", ".", f"test_{right}.py"], plugins=[plugin])
    wrong = [] if right else ["test_False.py::test_wrong"]
    assert plugin.noticed == wrong
    assert begun == ["late", "late", "wrong", "after"] if right else ["late", "late", "wrong", "wrong"]
    assert [line["noticed"] for line in map(json.loads, (tmp_path / "past").read_text().splitlines())] == [wrong]


@pytest.mark.parametrize("fair", [True, False])
def test_what_noticed_a_fault_must_pass_without_one(mutants, clock, tmp_path, monkeypatch, fair):
    script, results = tmp_path / clock.path, tmp_path / "results"
    script.parent.mkdir(parents=True)
    script.write_text("sound")
    past = [{"path": clock.path, "fault": "it", "noticed": noticed, "seconds": {}} for noticed in (["old"], ["new"])]
    results.with_name("results.tests").write_text("".join(json.dumps(line) + "\n" for line in past))
    asked = []

    def fails(run, tree, layer, target, past, fault, *test):
        asked.append((script.read_text(), *test))
        return not (test and fair)

    monkeypatch.setattr(mutants, "fails", fails)
    fault = lambda: [{"id": "it", "text": "wrong"}]  # noqa: E731
    if fair:
        for _ in range(2):
            mutants.plant(str(tmp_path), clock, fault(), str(results), False)
        assert asked == [("wrong",), ("sound", "new"), ("wrong",)], "once is enough"
        assert {line["caught"][0] for line in mutants.recorded(str(results)).values()} == {"tests"}
    else:
        with pytest.raises(AssertionError, match="new fails without any fault"):
            mutants.plant(str(tmp_path), clock, fault(), str(results), False)
        assert not mutants.recorded(str(results)) and script.read_text() == "sound"


PAGE = """import numpy as np
pair = np.ones(2), np.ones(2)
np.testing.assert_allclose(*pair)
np.testing.assert_allclose(pair[0], pair[1])
np.testing.assert_allclose(*pair, atol=9)
assert 0.5 < pair[0].sum() < 2.5 and pair[0][0] == 1
"""


def test_a_page_is_asked_for_what_it_contradicts(mutants):
    code, faults = sys.modules["doubts"].doubted(PAGE)
    tried, noticed = [], []
    exec(compile(code, "page", "exec"), {"__tried__": tried.append, "__noticed__": noticed.append})
    assert tried == list(range(len(faults))) and len(faults) == 6
    assert [faults[i][1] for i in tried if i not in noticed] == [5], "what allows for a distance of 9 sees nothing"
