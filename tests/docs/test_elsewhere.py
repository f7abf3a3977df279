"""Docstrings lead to the documentation of other projects: types of arguments and results, and names in code."""

import pytest

elsewhere = pytest.importorskip("elsewhere", reason="needs the docs requirements")

TEXT = """\
Look at a Tensor.

Parameters
----------
x, *y : Tensor or None, optional
    A Tensor of ``torch.nn.functional`` or of ``torch.unknown``.

Returns
-------
largest : ndarray
    The ndarray itself.
matplotlib Axes
    The Axes.

Raises
------
Tensor
"""
LINKED = {
    "x, *y : Tensor or None, optional": "x, *y : :py:obj:`Tensor <torch.Tensor>` or None, optional",
    "    A Tensor of ``torch.nn.functional`` or of ``torch.unknown``.": (
        "    A Tensor of :py:obj:`torch.nn.functional` or of ``torch.unknown``."
    ),
    "largest : ndarray": "largest : :py:obj:`ndarray <numpy.ndarray>`",
    "matplotlib Axes": ":py:obj:`matplotlib Axes <matplotlib.axes.Axes>`",
}


@pytest.mark.parametrize("indent", ["", "    "])
def test_types_and_known_names_are_links_and_descriptions_stay(indent):
    lines = [indent + line if line else "" for line in TEXT.splitlines()]
    expected = [indent + LINKED.get(line, line) if line else "" for line in TEXT.splitlines()]
    assert elsewhere.link(lines, {"torch.nn.functional"}) == expected
