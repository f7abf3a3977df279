"""How the pages hang together, read from their sources: no built site is needed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in ROOT.glob("gallery/*/plot_*.py")}
FIRST = "gallery/foundations/plot_symbolic_descent"


def farewell(page):
    """What a page says last: the comment block at its end, as one line."""
    lines = PAGES[page].read_text(encoding="utf-8").rstrip().splitlines()
    start = max(i for i, line in enumerate(lines) if not line.startswith("#")) + 1
    return " ".join(line.removeprefix("#").strip() for line in lines[start:])


def links(page, word):
    """The pages that a farewell links to after "Before this" or "Next", up to the other of the two."""
    text = re.search(rf"\b{word}:? (.*?)(?=\bBefore this\b|\bNext:|$)", farewell(page))
    found = re.findall(
        r"sphx_glr_gallery_(\w+?)_(plot_\w+)\.py|:doc:`[^`]*</gallery/(\w+)/index>`", text[1] if text else ""
    )
    return [f"gallery/{section or index}/{name}".rstrip("/") for section, name, index in found]


BY_HAND = [
    page for page in sorted(PAGES) if re.search(r"^# (Before this|Next):", PAGES[page].read_text(), re.MULTILINE)
]


@pytest.mark.parametrize("page", BY_HAND)
def test_a_page_that_writes_its_end_by_hand_says_where_it_comes_from_and_where_it_leads(page):
    assert page == FIRST or links(page, "Before this"), "no link after 'Before this'"
    assert links(page, "Next"), "no link after 'Next'"
    text = PAGES[page].read_text(encoding="utf-8")
    assert max(text.count("# Before this:"), text.count("# Next:")) <= 1, "the links stand twice"


def test_the_learning_path_names_pages_that_exist_and_says_why():
    path = (ROOT / "docs" / "learning-path.md").read_text(encoding="utf-8")
    stops = re.findall(r"^1\. (.*)", path, re.MULTILINE)
    for stop in stops:
        page, why = re.fullmatch(r"\[\]\((\S+)\): (.+\.)", stop).groups()
        assert page in PAGES and len(why) > 20, stop
    short, whole = path.split("## The whole path")
    assert 8 <= short.count("\n1. ") <= 12
    pages = re.findall(r"\]\((gallery/\w+/plot_\w+)\)", whole)
    assert sorted(pages) == sorted(PAGES), "every page stands once on the whole path, which is the chain of pages"
    assert pages[0] == FIRST


def test_pages_that_lead_to_the_leaderboard_count_its_maps_and_rules():
    text = PAGES["gallery/comparisons/plot_leaderboard"].read_text(encoding="utf-8")
    maps = re.findall(r"surfaces\.\w+", " ".join(re.findall(r"^(?:calm|noisy) \+?= .*", text, re.MULTILINE)))
    rules = re.findall(r"og\.\w+", " ".join(re.findall(r"^rules \+?= .*", text, re.MULTILINE)))
    assert (len(maps), len(rules)) == (9, 16)
    leading = [farewell(page) for page in PAGES if "plot_leaderboard.py" in farewell(page)]
    (reason,) = re.findall(
        r"plot_leaderboard\): (.*)", (ROOT / "docs" / "learning-path.md").read_text(encoding="utf-8")
    )
    claims = re.findall(r"(\w+) (maps|rules)\b", " ".join([reason, *leading]).lower())
    assert ("sixteen", "rules") in claims and set(claims) <= {("nine", "maps"), ("sixteen", "rules")}
