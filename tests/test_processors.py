"""A page whose claim rests on the last digits is found before another machine finds it."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "checks" / "processors.py"
PAGE = """
import optguide as og

run = og.descend("SGD", "unit_rosenbrock", steps=20)
assert run.loss[-1] < run.loss[0]
"""
FRAGILE = "assert run.loss[-1].hex() == '{}'\n"


@pytest.fixture(scope="module")
def processors():
    spec = importlib.util.spec_from_file_location("processors", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_claim_that_rests_on_the_last_digits_is_refused_and_no_other(processors, tmp_path):
    import optguide as og

    page = tmp_path / "plot_page.py"
    page.write_text(PAGE)
    assert processors.refused((processors.NUDGED, page)) == ""
    last = float(og.descend("SGD", "unit_rosenbrock", steps=20).loss[-1])
    page.write_text(PAGE + FRAGILE.format(last.hex()))
    assert processors.refused(("this processor", page)) == ""
    assert "AssertionError" in processors.refused((processors.NUDGED, page))
