"""Lists of the built site against what they were made from: licences, terms, ranks, counts, and what it ships."""

import csv
import html
import re
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import optguide as og

pytest.importorskip("scraper", reason="needs the docs requirements")
import front
import licenses
import moved
import reading
import share
from api import PAGES, page_for, public_names
from family_tree import read_tree
from reading import ROOT, SITE, article, heading, links, page, pages, said, tables, target, told, words
from scraper import page_of
from tiles import facts

#: Pages that are made of no text of ours.
MADE = re.compile(r"_modules/|genindex|search|py-modindex")


@pytest.fixture(scope="module", autouse=True)
def site(missing):
    if not (SITE / "index.html").exists():
        missing("no built site: run make docs first")


def plain(text):
    return re.sub(r"\W", "", text).lower()


def markdown(text):
    """A text without the marks of links, roles and code; quotation marks as ``said`` has them."""
    text = re.sub(r"\{\w+\}`([^`<]*?)(?:\s*<[^`]*>)?`", r"\1", text)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def test_the_table_of_licences_has_every_part_with_its_files_and_leads_to_its_terms():
    ((_, (_, *rows)),) = tables(article("licenses.html"), "licenses")
    for part, row in zip(licenses.PARTS, rows, strict=True):
        assert said(row[0]) == part.name
        ((terms, file),) = links("licenses.html", row[1])
        assert terms == part.terms and file == f"_static/licenses/{part.file}", part.name
        assert (SITE / file).read_text(encoding="utf-8") == part.text, part.name
        assert re.findall(r'<span class="pre">(.*?)</span>', row[2]) == part.files.split(), part.name
    assert {path.name for path in (SITE / "_static/licenses").iterdir()} == {part.file for part in licenses.PARTS}


def test_the_leaderboard_is_the_mean_of_the_numbers_that_can_be_downloaded():
    path = "gallery/comparisons/plot_leaderboard.html"
    (file,) = SITE.glob("_downloads/*/plot_leaderboard.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    (_, (head, *board)), *_ = tables(article(path), "results")
    columns, found = words([head])[0], {row[0]: row for row in words(board)}
    assert [*found] == sorted(found, key=lambda name: -mean(rows, name, "succeed")), "the best comes first"
    assert {*found} == {row["rule"] for row in rows} and len({row["landscape"] for row in rows}) == 9
    assert f"(CSV, {len(rows)} rows)" in said(article(path))
    for name, cells in found.items():
        shown = dict(zip(columns, cells, strict=True))
        for column in ("succeed", "decades", "default"):
            assert shown[column] == f"{mean(rows, name, column):.3g}", f"{name}: {column}"
        for column, noisy in (("calm", False), ("noisy", True)):
            some = [row for row in rows if row["landscape"].endswith(", noisy") == noisy]
            assert shown[column] == f"{mean(some, name, 'succeed'):.3g}", f"{name}: {column}"


def test_planted_mistakes_are_those_of_the_count():
    with (ROOT / "checks" / "mutants.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    groups = dict.fromkeys(row["group"] for row in rows)
    columns = ("planted", "tests", "formulas", "page", "nobody", "equivalent")
    counted = [[str(sum(int(row[c]) for row in rows if row["group"] == g)) for c in columns] for g in groups]
    ((_, (_, *shown)),) = tables(article("how-this-site-works.html"), "planted")
    assert sorted(cells[1:] for cells in words(shown) if cells[1] != "not counted") == sorted(counted)
    planted, equivalent, missed = (sum(int(row[c]) for row in rows) for c in ("planted", "equivalent", "nobody"))
    real = planted - equivalent
    assert f"{real - missed:,} of {real:,} planted mistakes noticed" in said(article("index.html"))


def mean(rows, rule, column):
    values = [float(row[column]) for row in rows if row["rule"] == rule]
    return sum(values) / len(values)


def test_the_glossary_has_every_term_with_its_words_and_links():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("{glossary}\n:sorted:\n")[1]
    lines = [line for line in text.split("```")[0].splitlines() if line and not line.startswith(".. ")]
    blocks = re.findall(r"((?:^\S.*\n)+)((?:^ .*\n?)+)", "\n".join(lines), re.MULTILINE)
    blocks = [(heads.splitlines(), meaning) for heads, meaning in blocks]
    entries = {heads[0]: meaning for heads, meaning in blocks}
    terms = [markdown(term) for heads, _ in blocks for term in heads]
    shown = re.findall(r"((?:<dt id=.term-[^>]+>.*?</dt>)+)<dd>(.*?)</dd>", article("glossary.html"), re.DOTALL)
    found = [re.findall('id="(term-[^"]+)">(.*?)(?=<dt|$)', heads, re.DOTALL) for heads, _ in shown]
    places = {said(term).lower(): place for heads in found for place, term in heads}
    assert sorted(places) == sorted(map(str.lower, terms)) and len(shown) == len(entries)
    for ((_, term), *_), (_, meaning) in zip(found, shown, strict=True):
        (written,) = [words_of for name, words_of in entries.items() if markdown(name) == said(term)]
        assert plain(said(meaning)) == plain(markdown(told(written))), said(term)
        want = []
        for role, file in re.findall(r"\{term\}`([^`]+)`|\]\((\S+?)\)", written):
            name = re.sub(r".*<(.*)>", r"\1", role)
            want.append(f"glossary.html#{places[name.lower()]}" if role else f"{file.removesuffix('.md')}.html")
        assert [there for _, there in links("glossary.html", meaning) if "://" not in there] == want, term


def test_the_landing_page_counts_what_there_is_and_its_tiles_say_what_their_pages_say():
    text = article("index.html")
    (counts,) = re.findall(r'<div class="numbers">(.*?)</div>', text, re.DOTALL)
    want = [(f"{number} {said_of}", f"{there}.html") for number, said_of, there in front.numbers()]
    assert links("index.html", counts) == want
    names = re.findall(r"```\{tiles\}\n(.*?)```", (ROOT / "docs/index.md").read_text(encoding="utf-8"), re.DOTALL)
    tiles = re.findall(r'<div class="tile">(.*?)</div>', text, re.DOTALL)
    for name, tile in zip([name for block in names for name in block.split()], tiles, strict=True):
        rule = getattr(og, name, None)
        there = f"gallery/optimizers/{page_of(rule)}" if rule else f"gallery/{name}"
        title, claim, _ = facts(there)
        assert links("index.html", tile) == [(f"{name}, {rule.year}" if rule else title, f"{there}.html")]
        claim = rule.__doc__.partition("\n")[0] if rule else claim
        assert said(re.findall("<p>(.*?)</p>", tile)[1]) == claim.translate(reading.TYPED), name
        assert re.findall(r"glr_(\w+)_thumb", tile) == [Path(there).name] * 2
    address = lambda name: f"gallery/optimizers/{page_of(getattr(og, name))}.html"  # noqa: E731
    assert front.families_html(read_tree(), address, "family-tree.html") in text


def parents():
    """The page above each page, as the lists of contents have it."""
    above = {}
    for file in (ROOT / "docs").glob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL):
            above |= {name: file.stem for name in block.split() if not name.startswith(":")}
    for name in moved.sources():
        if re.fullmatch(r"gallery/\w+/plot_\w+", name):
            above[name] = f"{name.rpartition('/')[0]}/index"
    above |= {f"api/{group}": "api/index" for group, *_ in PAGES}
    names = public_names()
    above |= {f"api/{moved.file_of(name, names)}": f"api/{page_for(name, value)}" for name, value in names.items()}
    return above


def test_every_page_says_what_stands_above_it_and_where_the_pages_beside_it_lead():
    above = parents()
    for name in moved.sources():
        way = [name]
        while way[-1] in above and above[way[-1]] != "index":
            way.append(above[way[-1]])
        path = f"{name}.html"
        if name != "index":
            crumbs = re.search(r'<ul class="bd-breadcrumbs">(.*?)</ul>', page(path), re.DOTALL)[1]
            (_, home), *steps = links(path, crumbs)
            assert home == "index.html"
            assert [there for _, there in steps] == [f"{step}.html" for step in way[:0:-1]], path
            shown = [said(text) for text in re.findall(r"<li[^>]*>(.*?)</li>", crumbs, re.DOTALL)[1:]]
            for words_of, step in zip(shown, way[::-1], strict=True):
                assert plain(heading(f"{step}.html")).startswith(plain(words_of.rstrip("…. "))), path
        for link, title in re.findall(
            r'class="(?:left-prev|right-next)"\s+href="(.*?)".*?-title">(.*?)</p>', page(path), re.DOTALL
        ):
            assert said(title) == heading(target(path, link)), path


def test_every_page_has_one_viewport_and_a_description_of_its_own():
    described = {}
    for path in pages():
        if 'http-equiv="refresh"' in page(path):
            continue
        head = page(path).partition("</head>")[0]
        assert len(re.findall('<meta name="viewport"', head)) == 1, path
        (text,) = re.findall('<meta name="description" content="(.*?)">', head)
        if MADE.match(path):
            assert text == html.escape(share.SITE), path
        elif not path.startswith("api/"):
            described.setdefault(text, []).append(path)
            first = re.split(r"(?<=[.?!])\s", html.unescape(text))[0].removesuffix(" …")
            assert re.search(r"[\\α-ω]", first) or plain(first) in plain(said(article(path)).replace("`", "")), path
    assert not {text: found for text, found in described.items() if len(found) > 1}


def test_cards_and_the_list_of_pages_are_those_of_the_pages_where_the_address_is_known():
    """Without an address there is neither; tests/docs/test_share.py builds a site that has one."""
    if not (SITE / "sitemap.xml").exists():
        assert not [path for path in pages() if 'property="og:' in page(path)]
        assert not (SITE / "feed.xml").exists() and not (SITE / "_cards").exists()
        return
    found = re.findall("<loc>(.*?)</loc>", (SITE / "sitemap.xml").read_text(encoding="utf-8"))
    (address,) = {loc.removesuffix("index.html") for loc in found if re.fullmatch(r"\w+://[^?#]*/index.html", loc) and
                  f"{loc.removesuffix('index.html')}glossary.html" in found}  # fmt: skip
    assert found == sorted(f"{address}{name}.html" for name in moved.sources() - {"404"})
    for name in moved.sources():
        tags = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)"', page(f"{name}.html")))
        assert plain(html.unescape(tags["og:title"])) == plain(heading(f"{name}.html")), name
        assert tags["og:image"] == f"{address}_cards/{name}.jpg" and (SITE / f"_cards/{name}.jpg").exists(), name
        assert tags["og:url"] == f"{address}{name}.html"


def test_the_package_that_the_site_offers_is_this_one():
    ((_, link),) = [found for found in links("index.html", article("index.html")) if found[0] == "The package"]
    with zipfile.ZipFile(SITE / link) as wheel:
        names = wheel.namelist()
        (about,) = [message_from_bytes(wheel.read(name)) for name in names if name.endswith("/METADATA")]
        assert (about["Name"], about["Version"]) == ("optguide", og.__version__)
        assert og.__version__ in Path(link).name and Path(link).name in said(article("index.html"))
        ours = {path.relative_to(ROOT).as_posix(): path for path in ROOT.glob("optguide/**/*.py")}
        assert {name for name in names if name.endswith(".py")} == {*ours}
        assert [name for name, path in ours.items() if wheel.read(name) != path.read_bytes()] == []


def test_the_page_for_lost_readers_leads_on_from_any_folder():
    assert re.search('<base href="(.*?)">', page("404.html"))[1].endswith("/")
    found = links("404.html", article("404.html"))
    assert len(found) > 5
    for words_of, there in found:
        assert there.startswith("#") or (SITE / there.partition("#")[0]).exists(), words_of


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "docs").glob("*.md")))
def test_every_paragraph_of_a_document_stands_on_its_page(name):
    """But for those in which something is computed, or written by a directive or a formula."""
    text = re.sub(r"\A---\n.*?\n---\n", "", (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"^(```+|:::+).*?^\1$|<!--.*?-->", "", text, flags=re.DOTALL | re.MULTILINE)
    shown = plain(said(article(f"{name}.html")))
    for paragraph in re.split(r"\n\s*\n", text):
        if re.match(r"\s*([|<\d\[:]|$)", paragraph) or re.search(
            r"[$]|\{cite|\{py|\{n\}|\]\(\)|\]: |<https?:", paragraph
        ):
            continue
        if "](" in paragraph and "[](" in paragraph:
            continue
        assert plain(markdown(paragraph)) in shown, paragraph
