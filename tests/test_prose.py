"""The check of the guide's words: what it reads, what it complains of, and how a word is allowed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))
import prose

PAGE = '''\
"""
Rprop
=====

The slope of a loss.
"""

slope = 1

# %%
# Its hollows
# -----------
# A start from which :math:`slope` nobody escapes.

label = f"the cup at {slope}"
'''


def words(text, suffix=".md"):
    return [(number, word) for number, word, _ in prose.complaints(text, suffix)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It arrives.\n\nThe Slope is lost.\n", [(1, "arrives"), (3, "Slope"), (3, "lost")]),
        ("a running\nmean\n", []),  # a line at a time
        ("Slopestyle, cupboard, `slope`, [x](slope), $slope$ and {ref}`slope`", []),
        ("```python\nslope = 1\n```\nslope\n", [(4, "slope")]),
        ("```{glossary}\ngradient\n  The slope.\n```\n", [(3, "slope")]),
        ("The slope b.\n<!-- prose: slope -->\nLost.\n\nThe slope.\n", [(3, "Lost"), (5, "slope")]),
        ("<!-- prose: slope, lost -->\n\nThe slope is lost; nobody.\n\nThe slope.\n", [(3, "nobody"), (5, "slope")]),
        ("<!-- prose: any -->\n| slope | lost |\n\nlost", [(4, "lost")]),
    ],
)
def test_words_are_found_where_they_are_prose_and_not_allowed(text, found):
    assert words(text) == found


def test_python_is_read_where_it_is_text():
    assert words(PAGE, ".py") == [(5, "slope"), (11, "hollows"), (13, "nobody"), (15, "cup")]
    allowed = PAGE.replace("# A start", "# .. prose: nobody\n#\n# A start").replace('slope}"', 'slope}"  # prose: cup')
    assert words(allowed, ".py") == [(5, "slope"), (11, "hollows")]


def test_a_complaint_names_the_place_and_a_better_word_and_fails(tmp_path, capsys):
    pages = tmp_path / "gallery" / "optimizers"
    pages.mkdir(parents=True)
    (pages / "plot_adam.py").write_text("# The slope.\n")
    (tmp_path / "README.md").write_text("The gradient.\n")
    assert prose.main(tmp_path) == 1
    said = "gallery/optimizers/plot_adam.py:1: instead of 'slope': gradient or derivative; a line has a slope\n"
    assert capsys.readouterr().out == said
    (pages / "plot_adam.py").write_text("# The gradient.\n")
    assert prose.main(tmp_path) == 0
    assert capsys.readouterr().out == ""
