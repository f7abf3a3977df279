"""Every page keeps the contract of pages."""

from pathlib import Path

import pytest

contract = pytest.importorskip("contract", reason="needs the docs requirements")
prose_numbers = pytest.importorskip("prose_numbers", reason="needs the docs requirements")
ROOT = Path(__file__).parents[2]
PAGES = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in ROOT.glob("gallery/*/plot_*.py")}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_keeps_the_contract(page):
    assert not contract.faults(PAGES[page])


PAGE = '''\
r"""
A page
======

It ends at :n:`end:.2f`.
"""

import optguide as og

og.race([og.SGD.at(lr=0.1)], og.surfaces.sphere)

# %%
# Words, (:n:`end:.0%`), and more.


@og.surface(box=((-1, 1), (-1, 1)))
def bowl(x, y):
    return x**2 + y**2


class Mine(og.Optimizer):
    pass


def wave(t):
    return t % 2


og.respond(og.SGD, wave)

# %%

# proof: ``end`` is small
end = bowl(0, 0)
assert end < 1
'''
CALL = "og.respond(og.SGD, wave)"
CHANGES = {
    "line 13: blanks or punctuation must surround :n:`...`": ("`end:.0%`)", "`end:.0%`th)"),
    "line 1: the first cell must end in an expression, the page's first picture": (
        "og.race([og.SGD.at(lr=0.1)]", "x = ([1]",
    ),
    "line 10: settings are bound by og.SGD.at(...)": ("og.SGD.at(lr=0.1)", "partial(og.SGD, lr=0.1)"),
    "line 25: wave is a helper: a function on a page is handed over (a surface, a signal), not called": (
        "wave)\n", "wave)\nwave(1)\n",
    ),
    "line 21: a class on a page is an og.Optimizer": ("(og.Optimizer)", "(list)"),
    "line 29: no print: a number goes into a sentence with :n:, or into a table": (CALL, "print(1)"),
    "line 29: what is asserted stands in a proof": (CALL, "np.testing.assert_allclose(1, 1)"),
    "line 33: the first line of a proof is: # proof: the sentence": ("# proof: ``end``", "x = 1  # proof: ``end``"),
    "line 33: the sentence of a proof has no full stop": ("is small\n", "is small.\n"),
    "line 33: a proof asserts something": ("assert end < 1", "x = end < 1"),
    "line 36: a proof shows nothing": ("assert end < 1\n", "assert end < 1\nend\n"),
    "line 35: a proof shows nothing": ("assert end < 1\n", "assert run.plot()\n"),
    "line 33: a proof has at most 15 lines of code": ("assert end < 1\n", "assert end < 1\n" + "x = 1\n" * 14),
    "line 1: 61 lines of code outside proofs, at most 60": (CALL, "x = (\n" + "1 +\n" * 51 + "1)"),
    "line 29: a line of code is over 100 wide": (CALL, f"x = '{'a' * 96}'"),
    "line 15: a blank line must stand before # %%": ("and more.\n", "and more.\n#\n# %%\n# More.\n"),
    "line 13: 'Next' is written from docs/learning-path.md": ("# Words", "# Next: Words"),
}  # fmt: skip


@pytest.mark.parametrize("fault", CHANGES)
def test_the_contract_sees(tmp_path, fault):
    page = tmp_path / "plot_a.py"
    page.write_text(PAGE)
    assert contract.faults(page) == []
    assert PAGE.count(CHANGES[fault][0]) == 1
    page.write_text(PAGE.replace(*CHANGES[fault]))
    assert fault in contract.faults(page)


def test_numbers_in_prose_are_counted_where_they_are_measurements(tmp_path):
    page = tmp_path / "plot_a.py"
    text = "# %%\n# In 2015 from (-1.5, 2) Adam2 took :n:`n` of 1,000 steps, ``x = 3``, :math:`\\\\beta^4`, 7%.\n#\n"
    page.write_text(
        f"{PAGE}\n{text}# .. oracles:: Adam 5\n#    :width: 6\n# \n# In 2-D, :cite:t:`a2017` and `b 8`_ say 1e-9.\n"
    )
    assert prose_numbers.numbers(page) == (3, ["-1.5", "2", "1,000", "7%", "1e-9"])
