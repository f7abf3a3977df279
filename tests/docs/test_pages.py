"""How the pages hang together, read from their sources: no built site is needed."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in ROOT.glob("gallery/*/plot_*.py")}
FIRST = "gallery/foundations/plot_symbolic_descent"


def test_the_learning_path_names_pages_that_exist_and_says_why():
    path = (ROOT / "docs" / "learning-path.md").read_text(encoding="utf-8")
    stops = re.findall(r"^1\. (.*)", path, re.MULTILINE)
    for stop in stops:
        page, why = re.fullmatch(r"\[\]\((\S+)\): (.+[.?])", stop).groups()
        assert page in PAGES and len(why) > 20, stop
    short, whole = path.split("## The whole path")
    assert 8 <= short.count("\n1. ") == short.count("?\n") <= 12, "the short path asks"
    pages = re.findall(r"\]\((gallery/\w+/plot_\w+)\)", whole)
    assert sorted(pages) == sorted(PAGES), "every page stands once on the whole path, which is the chain of pages"
    assert pages[0] == FIRST


def test_pages_that_lead_to_the_leaderboard_count_its_maps_and_rules():
    text = PAGES["gallery/comparisons/plot_leaderboard"].read_text(encoding="utf-8")
    maps = re.findall(r"surfaces\.\w+", " ".join(re.findall(r"^(?:calm|noisy) \+?= .*", text, re.MULTILINE)))
    rules = re.findall(r"og\.\w+", " ".join(re.findall(r"^rules \+?= .*", text, re.MULTILINE)))
    assert (len(maps), len(rules)) == (9, 16)
    (reason,) = re.findall(
        r"plot_leaderboard\): (.*)", (ROOT / "docs" / "learning-path.md").read_text(encoding="utf-8")
    )
    claims = re.findall(r"(\w+) (maps|rules)\b", reason.lower())
    assert ("sixteen", "rules") in claims and set(claims) <= {("nine", "maps"), ("sixteen", "rules")}


def test_every_entry_of_the_bibliography_is_cited_and_every_citation_has_its_entry():
    from reading import cited_keys

    entries = re.findall(r"^@\w+\{(\w+),", (ROOT / "docs" / "refs.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(entries) > 100 and len({*entries}) == len(entries)
    assert cited_keys() == {*entries}
