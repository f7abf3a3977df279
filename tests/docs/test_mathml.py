import re
from xml.etree import ElementTree

import pytest

mathml = pytest.importorskip("mathml", reason="needs the docs requirements")


def test_a_hat_over_a_fraction_keeps_its_structure():
    markup = mathml.to_mathml(r"\hat m_t = \frac{m_t}{1 - \beta_1^t}")
    assert markup.startswith("<math") and markup.endswith("</math>")
    assert re.search(r"<mover accent=\"true\"><mi>m</mi><mo[^>]*>ˆ</mo></mover>", markup)
    assert "<mfrac>" in markup and "<msubsup><mi>β</mi>" in markup
    assert "annotation" not in markup and "frac{" not in markup


def test_a_function_that_is_an_index_is_one_part_of_what_has_it():
    markup = mathml.to_mathml(r"v^{\max}_{t-1} + x^{\min} + y_{\log}")
    for name, parts in (("msubsup", 3), ("msup", 2), ("msub", 2)):
        [found] = ElementTree.fromstring(markup).iter(f"{{http://www.w3.org/1998/Math/MathML}}{name}")
        assert len(found) == parts


def test_an_operator_that_is_a_word_is_text_as_html_wants_it():
    assert '<mo lspace="0.22em" rspace="0.22em">mod</mo>' in mathml.to_mathml(r"t \bmod k")


def test_bars_and_signs_stand_close_to_what_they_belong_to():
    markup = mathml.to_mathml(r"\lvert x - y \rvert = -a + (-b) < -c")
    assert markup.count('<mo stretchy="false" lspace="0" rspace="0">∣</mo>') == 2
    assert markup.count('<mo form="prefix">−</mo>') == 3 and markup.count("<mo>−</mo>") == 1
    assert 'lspace="0"' not in mathml.to_mathml(r"p(x \mid y)")


def test_display_formulas_say_so():
    assert 'display="block"' in mathml.to_mathml("x", display=True)
    assert 'display="block"' not in mathml.to_mathml("x")


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\mathbb{R}", "ℝ"),
        (r"\mathbb{E}", "𝔼"),
        (r"\mathbf{x}", "𝐱"),
        (r"\boldsymbol{\theta}", "𝜽"),
        (r"\mathbf{\Gamma}", "𝚪"),
        (r"\mathcal{L}", "ℒ"),
        (r"\mathtt{lr}", "𝚕"),
    ],
)
def test_styled_letters_become_characters_because_browsers_ignore_mathvariant(latex, expected):
    markup = mathml.to_mathml(latex)
    assert expected in markup
    assert "mathvariant" not in markup


def test_upright_names_stay_upright():
    assert '<mi mathvariant="normal">sign</mi>' in mathml.to_mathml(r"\operatorname{sign}(x)")


@pytest.mark.parametrize("latex", [r"\nosuchcommand", r"\frac{1}", r"\begin{aligned} a"])
def test_what_katex_does_not_know_is_an_error_that_shows_the_formula(latex):
    with pytest.raises(mathml.MathError, match=re.escape(repr(latex))):
        mathml.to_mathml(latex)


def test_a_styled_letter_without_a_character_is_an_error():
    with pytest.raises(mathml.MathError, match="no fraktur form of"):
        mathml.to_mathml(r"\mathfrak{1}")


def test_the_font_holds_the_characters_asked_for_and_its_mathematical_table(tmp_path):
    from fontTools.ttLib import TTFont

    mathml.subset_font(mathml.font_file(), "x√", tmp_path / "small.woff2")
    font = TTFont(tmp_path / "small.woff2")
    assert set(font.getBestCmap()) == {ord("x"), ord("√")}
    assert "MATH" in font
    assert {0, 7, 13, 14} <= {record.nameID for record in font["name"].names}, "makers, trademark and licence stay"
    assert (tmp_path / "small.woff2").stat().st_size < 20_000


def test_the_font_holds_no_forms_of_letters_that_browsers_do_not_ask_for(tmp_path):
    from fontTools.ttLib import TTFont

    mathml.subset_font(mathml.font_file(), "abcdefgh", tmp_path / "small.woff2")
    letters = len(TTFont(tmp_path / "small.woff2").getGlyphOrder())
    assert letters < 20, "with forms for indices and their indices there are three of each"


def test_a_part_of_a_font_that_keeps_its_name_for_itself_gets_another(tmp_path):
    from fontTools.ttLib import TTFont

    mathml.subset_font(mathml.font_file(), "x", tmp_path / "small.woff2", name="Some signs")
    names = {record.nameID: str(record) for record in TTFont(tmp_path / "small.woff2")["name"].names}
    assert names[1] == names[4] == "Some signs" and names[6] == "Somesigns"
    assert "STIX" in names[0]
