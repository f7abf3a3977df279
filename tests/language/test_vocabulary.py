"""The vocabulary: what a row says in torch, Python, JavaScript and LaTeX is the same function."""

import math

import pytest
import torch
from py_mini_racer import MiniRacer

from optguide import language
from optguide.language import log, maximum, minimum, sqrt, trace, where
from optguide.language.javascript import vocabulary_data
from optguide.language.vocabulary import CALLED, FUNCTIONS

VALUES = (-math.inf, -2.5, -1.0, -0.0, 0.0, 0.3, 2.0, math.inf, math.nan)
#: Functions whose second argument is a plain number.
SECOND_PLAIN = ("getitem", "full_like", "inverse_root")
ROWS = [row for row in FUNCTIONS.values() if row.call]
NAMES = {row.name: row.call for row in ROWS}
MATRIX = ((2.0, 0.5), (0.5, 1.0))
#: Not of numbers alone.
OTHER = {
    "matmul": [(MATRIX, MATRIX)],
    "inverse_root": [(MATRIX, 4)],
    "outer": [((1.0, 2.0), (3.0, -1.0))],
    "times": [(MATRIX, (3.0, -1.0))],
    "push": [(MATRIX, (3.0, -1.0))],
    "two_loop": [(MATRIX, MATRIX, (3.0, -1.0))],
    "solve": [(MATRIX, MATRIX[0])],
    **{f: [(MATRIX,)] for f in "transpose rows columns row_mean column_mean orthogonalize eigenbasis identity".split()},
    "where": [(c, a, b) for c in (True, False) for a, b in zip(VALUES, VALUES[::-1], strict=True)],
    "getitem": [((0.5, 2.0), 0), ((0.5, 2.0), 1)],
    "clamp": [(x, *bounds) for x in VALUES for bounds in ((-1.0, 0.5), (0.5, -1.0))],
    "pow": [(a, b) for a in VALUES[1:] for b in (-3.0, -1.0, 1.0, 2.0, 3.0)],
}


def cases(row):
    """Arguments for a row, as numbers."""
    if row.name in OTHER:
        return OTHER[row.name]
    return [(a,) for a in VALUES] if row.arity == 1 else [(a, b) for a in VALUES for b in VALUES]


def as_tensor(value):
    if isinstance(value, (float, tuple)) and value != (0.5, 2.0):
        return torch.tensor(value, dtype=torch.float64)
    return torch.as_tensor(value)


def called(row, arguments):
    """What runs, on tensors; numbers where only numbers will do."""
    if row.name in SECOND_PLAIN:
        return row.call(as_tensor(arguments[0]), arguments[1])
    return row.call(*map(as_tensor, arguments))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_python_is_written_as_it_runs(row):
    arguments = cases(row)[-1]
    names = dict(zip("abc", map(as_tensor, arguments), strict=False))
    if row.name in SECOND_PLAIN:
        names["b"] = arguments[1]
    written = eval(row.python.format(*"abc"), NAMES | names)
    torch.testing.assert_close(written, called(row, arguments), rtol=0, atol=0, equal_nan=True)


@pytest.fixture(scope="module")
def v8():
    return MiniRacer()


def as_javascript(value):
    if isinstance(value, tuple):
        return str(list(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"({value!r})".replace("inf", "Infinity").replace("nan", "NaN")


@pytest.mark.parametrize("row", [row for row in ROWS if row.javascript], ids=lambda row: row.name)
def test_javascript_is_the_same_function(row, v8):
    for arguments in cases(row):
        found = v8.eval(f"Number({row.javascript.format(*map(as_javascript, arguments))})")
        assert found == pytest.approx(float(called(row, arguments)), rel=1e-15, abs=0, nan_ok=True), arguments


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_every_template_says_every_argument(row):
    arguments = ["①", "②", "③"][: row.arity]
    for template in filter(None, (row.python, row.javascript, row.latex)):
        said = template.format(*arguments)
        assert all(a in said for a in arguments) or (row.name, said) in (("full_like", "②"), ("identity", "I"))
    assert len(row.slopes) in (0, 1, row.arity)


def test_what_may_be_called_is_no_operator():
    assert {"grad", "sqrt", "norm"} <= set(CALLED.split(", "))
    assert not {"add", "neg", "getitem", "lt"} & set(CALLED.split(", "))


def test_a_root_of_a_number_stays_a_number_where_it_can():
    assert sqrt(2.0) == math.sqrt(2) and type(sqrt(2.0)) is float
    assert sqrt(torch.tensor(4.0)).dtype == torch.float32
    assert math.isnan(sqrt(-1.0)) and sqrt(0.0) == 0  # where Python would raise
    assert 1 / sqrt(0.0) == math.inf and math.isnan(1 / sqrt(-1))  # RAdam divides by such a root


def test_a_choice_between_numbers_is_a_number():
    assert where(2 > 1, 3, 4) == 3 and where(2 < 1, 3, 4) == 4
    assert where(torch.tensor([True, False]), 1.0, 2.0).tolist() == [1, 2]


def test_a_logarithm_of_a_number_stays_a_number_where_it_can():
    assert log(2.0) == math.log(2) and type(log(2.0)) is float
    assert log(torch.tensor(4.0)).dtype == torch.float32
    assert math.isnan(log(-1.0)) and log(0.0) == -math.inf


@pytest.mark.parametrize(("larger", "known"), [(maximum, [1.5, 3.0]), (minimum, [1.0, 1.5])])
def test_of_two_the_larger_and_the_smaller_may_be_numbers(larger, known):
    tensor = torch.tensor([1.0, 3.0])
    assert larger(tensor, 1.5).tolist() == larger(1.5, tensor).tolist() == known
    assert larger(tensor, 1.5).dtype == torch.float32  # a number has no dtype of its own
    assert larger(2, 3) == (3 if larger is maximum else 2) and type(larger(2, 3)) is int
    (line,) = trace(lambda x: larger(2.0, x), ["x"]).lines
    assert (line.function, line.arguments) == (larger.__name__, (2.0, "x"))


def test_a_page_is_told_of_every_function_that_it_can_compute_and_the_module_of_all_it_names():
    told = vocabulary_data()["vocabulary"]
    assert {*told} == {row.name for row in FUNCTIONS.values() if row.javascript is not None}
    assert told["maximum"]["arity"] == 2 and "inverse_root" not in told
    assert all(hasattr(language, name) for name in language.__all__)
    assert {"where", "sqrt", "log", "maximum", "minimum", "orthogonalize", "two_loop"} <= {*language.__all__}
