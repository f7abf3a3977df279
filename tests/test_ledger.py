"""The ledger: its rows say where a difference is seen, and what was measured is still measured now."""

import copy
import importlib.util
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "checks"))

from ledger import across, bed, libraries, measure, rows  # noqa: E402 - checks are scripts beside the package

MEASURED = measure.read()
HERE = [row for row in rows.ROWS.values() if row.installed]
one = rows.ROWS["adan-coefficient"]


def fields(row, **changed):
    return {name: getattr(row, name) for name in row.__dataclass_fields__} | {"name": "another"} | changed


@pytest.fixture
def no_new_rows(monkeypatch):
    monkeypatch.setattr(rows, "ROWS", dict(rows.ROWS))


def test_rows_and_measurements_say_the_same():
    assert measure.complaints(rows.ROWS, MEASURED) == []


@pytest.mark.parametrize(
    "plant, complaint",
    [
        (lambda found: found[0].update(distance=found[0]["distance"] * 1.5), "apart, about"),
        (lambda found: found[0].update(distance=found[0]["distance"] * 1.01), "apart, about"),
        (lambda found: found[0]["versions"].pop("optax"), "measured with pytorch_optimizer"),
        (lambda found: found[0].update(b="optax.adan()"), "other settings"),
        (lambda found: found[0].update(lines=[]), "other sources"),
        (lambda found: found[0].update(equal=1e-12), "compared with more"),
        (lambda found: found.clear(), "not measured yet"),
    ],
)
def test_a_change_of_the_measurements_is_noticed(plant, complaint):
    measured = copy.deepcopy(MEASURED)
    plant(measured[one.name])
    (found,) = measure.complaints(rows.ROWS, measured)
    assert one.name in found and complaint in found


def test_a_measurement_without_a_row_is_noticed():
    (found,) = measure.complaints(rows.ROWS, MEASURED | {"gone": MEASURED[one.name]})
    assert found == "gone: measured, but there is no such row"


def test_a_row_names_its_source_and_whose_the_paper_is(no_new_rows):
    with pytest.raises(ValueError, match="row 'another' needs a source: the line, or the thread"):
        rows.Row(**fields(one, sources=[]))
    with pytest.raises(ValueError, match="paper of row 'another' must be one of a, b, .*, got 'first'"):
        rows.Row(**fields(one, paper="first"))
    with pytest.raises(ValueError, match="two rows 'adan-coefficient'"):
        rows.Row(**fields(one, name=one.name))


def test_most_rows_are_measured_here():
    """The packages of the tests are enough for these; the others need `make ledger`."""
    assert len(HERE) >= 15 and {"torch", "optax", "jax"} <= {name for row in HERE for name in row.needs}


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.name)
def test_a_row_still_differs_as_much(row):
    """Red when a package was mended, with that news; under other versions only the size is compared."""
    newest = MEASURED[row.name][0]
    sides = measure.paths(row)
    distance = bed.far(*sides).max()
    if row.ours:
        ours = row.ours.path(bed.start(row.shapes))
        assert bed.far(ours, sides["ab".index(newest["ours"])]).max() < measure.EQUAL
    if row.versions == newest["versions"]:
        assert distance == pytest.approx(newest["distance"], rel=0.01)
    else:
        assert newest["distance"] / 3 < distance < newest["distance"] * 3, "run make ledger"


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.name)
def test_the_lines_that_a_row_cites_are_there(row):
    lines = [source.place() for source in row.sources if isinstance(source, libraries.Line)]
    if row.versions == MEASURED[row.name][0]["versions"]:
        assert lines == MEASURED[row.name][0]["lines"]


def test_authors_asam_is_that_of_a_package_for_a_matrix_alone_but_for_what_is_added():
    package = libraries.by_torch(
        "pytorch_optimizer.SAM", base_optimizer="torch.optim.SGD", lr=0.05, rho=0.5, adaptive=True
    )
    start = bed.start((bed.MATRIX,))
    plain, added = (libraries.by_torch("ledger.authors.ASAM", lr=0.05, rho=0.5, eta=eta) for eta in (0.0, 0.01))
    apart = [bed.far(package.path(start), side.path(start)).max() for side in (plain, added)]
    assert apart[0] < measure.EQUAL and apart[1] > 1e-4


def test_a_row_that_stops_differing_is_news(no_new_rows):
    row = rows.Row(**fields(one, b=one.a))
    with pytest.raises(measure.Mended, match=r"take the same steps with .*torch .*: delete row 'another'"):
        measure.paths(row)


def test_settings_that_are_not_equal_are_refused_unless_the_row_is_about_them(no_new_rows):
    """A row on the first step of MARS once had another beta on either side, and measured that."""
    sides = {
        "a": libraries.by_torch("torch.optim.Adam", lr=0.1),
        "b": libraries.by_optax("optax.adam", learning_rate=0.1, b1=0.8),
    }
    row = rows.Row(**fields(one, **sides))
    with pytest.raises(ValueError, match="row 'another': settings must be equal on both sides, got b1: 0.9, 0.8$"):
        measure.paths(row)
    measure.paths(rows.Row(**fields(one, **sides, name="third", unequal="b1")))
    wrapped = libraries.by_torch(
        "torch.optim.SGD", around=("pytorch_optimizer.Lookahead", {"k": 6, "alpha": 0.5}), lr=0.1
    )
    with pytest.raises(ValueError, match="got lr: 0.05, 0.1, wrapper's k: 5, 6$"):
        measure.paths(rows.Row(**fields(rows.ROWS["lookahead-first-pull"], b=wrapped, name="fourth")))


def test_a_line_that_is_gone_is_named():
    version = metadata.version("optax")
    with pytest.raises(LookupError, match=f"optax {version}: no line of _src/transform.py says 'no such words'"):
        libraries.Line("optax", "_src/transform.py", "no such words").place()


def test_a_new_measurement_replaces_only_one_of_the_same_versions():
    old = [{"versions": {"a": "1"}, "distance": 1}, {"versions": {"a": "0"}, "distance": 2}]
    new = {"versions": {"a": "1"}, "distance": 3}
    assert measure.keep(old, new) == [new, old[1]]
    newer = {"versions": {"a": "2"}, "distance": 4}
    assert measure.keep(old, newer) == [newer, *old]


def test_the_file_of_measurements_is_written_as_it_is_read(tmp_path):
    measure.write(MEASURED, tmp_path / "measured.json")
    assert (tmp_path / "measured.json").read_bytes() == measure.MEASURED.read_bytes()
    assert measure.read(tmp_path / "none.json") == {}


def test_the_test_bed_is_what_the_page_says():
    matrix, vector = bed.start()
    assert matrix.shape == (4, 3) and vector.shape == (5,) and bed.STEPS == 30
    later = bed.gradient(matrix, 7) - bed.gradient(matrix, 6)
    np.testing.assert_allclose(later, 0.4 * (np.sin(3 * matrix + 7) - np.sin(3 * matrix + 6)), atol=1e-12)
    smooth = lambda theta: bed.gradient(theta, 1) - 0.4 * np.sin(3 * theta + 1)  # noqa: E731
    moved = np.zeros((4, 3))
    moved[0, 0] = 1
    assert (np.abs(smooth(matrix + moved) - smooth(matrix)) > 0.01).sum() == 8  # entries of other rows and columns, too
    np.testing.assert_allclose(bed.far(np.array([[1.0, 4.0]]), np.array([[1.5, 6.0]])), [0.5])


def test_what_the_ledger_needs_besides_is_pinned_and_was_measured():
    pins = {}
    for line in (ROOT / "checks" / "ledger" / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            pin = Requirement(line)
            pins[pin.name] = pin
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(map(Requirement, project["optional-dependencies"]["ledger"]))
    newest = {name: version for found in MEASURED.values() for name, version in found[0]["versions"].items()}
    for requirement in [*wanted, Requirement("timm")]:
        (pinned,) = pins[requirement.name].specifier
        assert pinned.operator == "==" and requirement.specifier.contains(pinned.version), requirement
        assert newest[requirement.name] == pinned.version


ACROSS = across.read()
ENTRIES = [
    pytest.param(rule, entry, found, id=f"{name}-{entry.full}")
    for name, rule in across.RULES.items()
    for entry, found in zip(rule.entries, ACROSS[name], strict=True)
    if all(map(importlib.util.find_spec, entry.by(entry.name).needs)) and entry.by is not libraries.by_keras
]


def test_the_tables_of_libraries_have_what_was_measured():
    assert list(ACROSS) == list(across.RULES)
    for name, rule in across.RULES.items():
        told = [(found["library"], found["name"], found["note"]) for found in ACROSS[name]]
        assert told == [(entry.library, entry.full, entry.note) for entry in rule.entries]


@pytest.mark.parametrize("rule, entry, found", ENTRIES)
def test_a_rule_in_a_library_is_as_its_table_says(rule, entry, found):
    assert across.measure(rule, entry) | {"versions": found["versions"]} == found


@pytest.mark.parametrize(
    "steps, place",
    [
        (lambda g: g / (g + 0.1), ("outside", "whole")),
        (lambda g: g / (0.2 * g + 0.1), ("outside", "share")),
        (lambda g: 3 * g / (g**2 + 0.1) ** 0.5, ("inside", "whole")),
        (lambda g: g / (0.04 * g**2 + 0.1) ** 0.5, ("inside", "share")),
        (lambda g: g / (0.96 + 0.04 * g**2 + 0.1) ** 0.5, ("inside", "start")),
    ],
)
def test_the_place_of_eps_is_found_by_fitting(steps, place):
    known = {
        (form, beside): f"{form} {beside}" for form in ("outside", "inside") for beside in ("whole", "share", "start")
    }
    assert across.place_of_eps(known, steps(across.GRADIENTS), 0.04) == " ".join(place)
    del known[place]
    with pytest.raises(ValueError, match="no place of eps that is known gives these first steps"):
        across.place_of_eps(known, steps(across.GRADIENTS), 0.04)


@pytest.mark.parametrize(
    "length, told",
    [(lambda eps: max(1, eps), 0), (lambda eps: 1 + eps, 1), (lambda eps: 1, 2)],
)
def test_what_eps_does_to_a_length_is_found_from_three_steps(monkeypatch, length, told):
    monkeypatch.setattr(across, "step", lambda entry, theta, gradient, eps: gradient / length(eps))
    assert across.eps_beside_length(across.torch("torch.optim.Muon")) == across.LENGTH[told]


def test_a_place_of_eps_that_is_none_of_these_is_refused():
    with pytest.raises(ValueError, match="no place of eps"):
        across.place_of_eps(across.ADAM, across.GRADIENTS / (across.GRADIENTS**1.5 + 0.1), 0.001)
