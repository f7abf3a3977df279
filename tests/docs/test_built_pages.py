"""Where the links of the built site lead, which pictures stand where, and what can be taken away from it."""

import functools
import html
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import optguide as og

pytest.importorskip("scraper", reason="needs the docs requirements")
import reading
from cards import claim
from folds import read_proof
from foot import read_gallery
from reading import ROOT, SITE, article, heading, links, page, pages, printed, rst, said, target
from scraper import page_of, section_pages
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

GALLERY = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in ROOT.glob("gallery/*/plot_*.py")}
SECTIONS = ["foundations", "optimizers", "landscapes", "signals", "comparisons"]
RULES = {
    name: rule
    for name in og.__all__
    if isinstance(rule := getattr(og, name), type) and getattr(rule, "year", None) and hasattr(rule, "repairs")
}


@pytest.fixture(scope="module", autouse=True)
def site(missing):
    if not (SITE / "index.html").exists():
        missing("no built site: run make docs first")


def home(name):
    return f"gallery/optimizers/{page_of(RULES[name])}.html"


@functools.cache
def gallery():
    return read_gallery(ROOT / "docs")


def section(path, place):
    found = re.search(rf'<section id="{place}">(.*?)</section>', page(path), re.DOTALL)
    return found[1] if found else ""


def test_a_card_has_the_picture_title_and_claim_of_the_page_that_it_leads_to():
    for path in pages():
        for card in re.findall(r'<div class="og-card".*?</div>', page(path), re.DOTALL):
            ((title, there),) = links(path, re.search("<p>.*?</p>", card, re.DOTALL)[0])
            stem = Path(there).stem
            assert title == heading(there), f"{path} leads to {there}"
            pictures = [Path(src).name for src in re.findall('src="([^"]+)"', card)]
            assert pictures == [f"sphx_glr_{stem}_thumb{theme}.webp" for theme in ("_light", "")], path
            words = claim((ROOT / there).with_suffix(".py").read_text(encoding="utf-8"))
            assert ":n:" in words or said(re.findall("<p>.*?</p>", card, re.DOTALL)[1]) == rst(words), (
                f"{path}: {there}"
            )
    for name in SECTIONS:
        path = f"gallery/{name}/index.html"
        cards = re.findall(r'<div class="og-card".*?<p>(.*?)</p>', page(path), re.DOTALL)
        order = section_pages(ROOT / "gallery" / name)
        order += sorted({Path(other).name for other in GALLERY if f"/{name}/" in other} - {*order})
        assert [links(path, card)[0][1] for card in cards] == [f"gallery/{name}/{stem}.html" for stem in order]


def test_the_way_has_every_stop_in_its_order_with_its_reason_picture_and_neighbours():
    path = "learning-path.html"
    source = (ROOT / "docs" / "learning-path.md").read_text(encoding="utf-8")
    want = re.findall(r"^1\. \[\]\((\S+)\): (.+)$", source, re.MULTILINE)
    stops = re.findall(r'<li><span class="stop" data-page="([^"]+)">(.*?)</span><p>(.*?)</p>', page(path), re.DOTALL)
    assert [stop[0] for stop in stops] == [stop for stop, _ in want]
    for (stop, why), (_, pictures, text) in zip(want, stops, strict=True):
        assert links(path, text)[0] == (heading(f"{stop}.html"), f"{stop}.html")
        assert re.findall(r"glr_(\w+)_thumb", pictures) == [Path(stop).name] * 2
        if not re.search("[`$*]", why):
            assert said(re.sub('<span class="minutes".*', "", text)).endswith(f": {why.translate(reading.TYPED)}")
    way = list(gallery().path)
    for before, here, after in zip(["learning-path", *way], way, [*way[1:], "learning-path"], strict=False):
        file = f"{here}.html"
        for word, other in (("left-prev", before), ("right-next", after)):
            found = re.search(rf'class="{word}"\s+href="([^"]+)".*?-title">(.*?)</p>', page(file), re.DOTALL)
            assert target(file, found[1]) == f"{other}.html", file
            assert said(found[2]) == heading(f"{other}.html"), file
        foot = [link for link in links(file, section(file, "before-and-next")) if "#" not in link[1]]
        beside = [other for other in (before, after) if other != "learning-path"]
        assert [there for _, there in foot][: len(beside)] == [f"{other}.html" for other in beside], file
        also = [link for link in links(file, section(file, "see-also")) if "#" not in link[1]]
        assert [there for _, there in also if there.startswith("gallery/")] == [
            f"{other}.html" for other in gallery().see_also(here)
        ], file
        assert all(words == heading(there) for words, there in also if there.startswith("gallery/")), file


def test_the_family_tree_has_every_rule_once_below_what_it_repairs():
    path = "family-tree.html"
    drawn = re.search("<svg.*?</svg>", article(path), re.DOTALL)[0]
    spots = {}
    for x, y, colour, label in re.findall(r'<circle cx="(\S+)" cy="(\S+)" r="5" (.*?)/><text[^>]*>(.*?)</text>', drawn):
        name, words = (
            re.search("</title>(.*?)</a>", label)[1],
            html.unescape(re.search("why.*?>(.*?)</tspan>", label)[1]),
        )
        rule = RULES[name]
        assert target(path, re.search('href="(.*?)"', label)[1]) == home(name)
        assert f"<title>{name} ({rule.year}): " in label
        assert (rule.color or "uncoloured") in colour
        for other, idea in list(rule.repairs.items())[:1]:
            assert idea.removeprefix("a variation: ") in words and other in words, name
        spots[float(x), round(float(y), 3)] = name
    assert sorted(spots.values()) == sorted(RULES)
    edges = set()
    for x, top, y, end in re.findall(r'<path d="M(\S+) (\S+?)V(\S+?)H(\S+?)"/>', drawn):
        edges.add((spots[float(end) + 5, float(y)], spots[float(x), round(float(top) - 5, 3)]))
    assert edges == {(name, next(iter(rule.repairs))) for name, rule in RULES.items() if rule.repairs}
    listed = re.findall(r"<li><p>(<a.*?)</p>", section(path, "the-same-as-a-list"), re.DOTALL)
    assert len(listed) == len(RULES)
    for item in listed:
        (name, there), *others = links(path, item)
        words = said(item)
        assert there == home(name) and f"{name} ({RULES[name].year})" in words
        assert all(idea.removeprefix("a variation: ") in words for idea in RULES[name].repairs.values()), name
        assert [(other, home(other)) for other in list(RULES[name].repairs)[1:]] == others


def test_a_rule_stands_between_those_that_it_repairs_and_those_that_repair_it():
    seen = set()
    for path in pages("gallery/*/plot_*.html"):
        for name, text in re.findall(
            r'<nav class="kin" aria-label="(\w+) in the family tree">(.*?)</nav>', page(path), re.DOTALL
        ):
            seen.add(name)
            parts = re.split('<div class="here">.*?</div>', text, flags=re.DOTALL)
            above, below = (dict(re.findall(r"</i>(\w+)(?:</a>)? <small>(.*?)</small>", part)) for part in parts)
            plain = lambda idea: html.escape(idea.removeprefix("a variation: "))  # noqa: E731
            assert above == {other: plain(idea) for other, idea in RULES[name].repairs.items()}, name
            want = {other: rule.repairs[name] for other, rule in RULES.items() if name in rule.repairs}
            assert {other: idea.removeprefix("a variation: ") for other, idea in below.items()} == {
                other: plain(idea) for other, idea in want.items()
            }, name
            for words, there in links(path, text):
                assert there == (home(words) if words in RULES else "family-tree.html")
    assert seen >= {name for name in og.optimizers.__all__ if not getattr(og, name).variant_of}


def test_a_name_of_the_interface_leads_to_its_lines_and_to_the_pages_that_use_it():
    from api import public_names
    from used_by import pages as used_by

    names = public_names()
    used = used_by(ROOT / "gallery", names)
    for path in pages("api/optguide.*.html"):
        text = page(path)
        for place, link in re.findall(
            r'<dt class="sig sig-object py" id="([^"]+)">(?:(?!</dt>).)*href="([^"]+)"><span class="viewcode',
            text,
            re.DOTALL,
        ):
            file, _, anchor = target(path, link).partition("#")
            first = re.search(rf'id="{re.escape(anchor)}">\s*(?:<a class="viewcode-back".*?</a>)?(.*)', page(file))
            block = page(file)[first.start() : first.start() + 3000]
            name = place.rpartition(".")[2]
            assert re.search(rf"(?:class|def) {name}\b", said(block).replace("`", "")[:700]), f"{path}: {link}"
        name = heading(path)
        cards = [there for _, there in links(path, section(path, "pages-that-use-it")) if there.startswith("gallery/")]
        assert [there.removesuffix(".html") for there in cards] == used[name], path


def test_every_entry_of_the_bibliography_is_of_its_authors_and_year():
    from pybtex.database import parse_file

    entries = parse_file(str(ROOT / "docs" / "refs.bib")).entries
    shown = re.findall(
        r'role="doc-biblioentry">\s*(<span class="label">.*?</span>)\s*<p>(.*?)</p>',
        page("bibliography.html"),
        re.DOTALL,
    )
    assert len(shown) == len(entries)
    texts = [(said(label).strip("[").partition("]")[0], said(text)) for label, text in shown]
    texts = [(label, text, plain(text)) for label, text in texts]
    addresses = html.unescape(page("bibliography.html")).lower()
    for key, entry in entries.items():
        title = plain(printed(entry.fields["title"]).translate(reading.TYPED))
        names = [plain(printed(" ".join(p.last_names))) for p in entry.persons["author"]]
        found = [(label, text) for label, text, bare in texts if all(part in bare for part in (title, *names))]
        year = entry.fields["year"]
        assert any(year in text and label.rstrip("abc")[-2:] == year[-2:] for label, text in found), key
        for field, address in (("doi", "doi.org/"), ("eprint", "arxiv.org/abs/")):
            if field in entry.fields:
                assert f'{address}{entry.fields[field]}"'.lower() in addresses, key


def plain(text):
    return re.sub(r"\W", "", text.lower())


FIGURE = re.compile(r'<img class="figure only-(light|dark)" src="([^"]+)" alt="([^"]*)" width="(\d+)" height="(\d+)"')


@pytest.mark.parametrize("section", SECTIONS)
def test_light_and_dark_figures_are_of_their_page_and_show_the_same(section):
    """All of them are looked at, in small."""
    for name in (name for name in GALLERY if f"/{section}/" in name):
        path, stem = f"{name}.html", Path(name).name
        figures = FIGURE.findall(article(path))
        assert [theme for theme, *_ in figures] == ["light", "dark"] * (len(figures) // 2), path
        for light, dark in zip(figures[::2], figures[1::2], strict=True):
            assert light[1].replace("_light.", ".") == dark[1] and light[2:] == dark[2:], path
            assert Path(light[1]).name.startswith(f"sphx_glr_{stem}_0"), path
        numbers = [re.search(r"_(\d{3})(_charts)?\.webp", dark[1]).groups("") for dark in figures[1::2]]
        assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers), path
        for light, dark in zip(figures[::2], figures[1::2], strict=True):
            pair = [Image.open(SITE / target(path, found[1])) for found in (light, dark)]
            assert pair[0].size == pair[1].size, dark[1]
            inks = [np.asarray(one.resize((240, 240), Image.Resampling.NEAREST).convert("RGBA")) / 255 for one in pair]
            (solid, other), grays = (one[..., 3] > 0.5 for one in inks), [one[..., :3].mean(-1) for one in inks]
            assert (solid != other).mean() < 0.02, f"{dark[1]}: the two show other things"
            brighter = (grays[1] - grays[0])[solid & other]
            brighter = brighter[np.abs(brighter) > 0.2]  # what has the ink of the theme
            assert len(brighter) > 20 and brighter.mean() > 0.1, f"{dark[1]}: dark ink is for a light ground"


def test_every_picture_is_described_in_words_of_its_own():
    """Those without words stand beside their title: a thumbnail, and the logo."""
    for path in pages():
        told = {}
        for tag in re.findall(r"<img\b[^>]*>", page(path)):
            facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            words, name = html.unescape(facts.get("alt", "")), Path(facts["src"]).name
            if not words:
                assert re.fullmatch(r"logo\.svg|sphx_glr_\w+_thumb(_light)?\.webp", name), f"{path}: {name}"
                continue
            assert len(words) > 15, f"{path}: {name} is called {words!r}"
            assert not re.search(r"\.(webp|png|svg)\b|sphx_glr|[Ll]ambda|<|None", words), f"{path}: {words}"
            told.setdefault(words, set()).add(name.replace("_light.", "."))
        assert not [(words, names) for words, names in told.items() if len(names) > 1], path


def test_a_player_plays_the_record_of_its_page_and_says_its_names():
    for name in GALLERY:
        path = f"{name}.html"
        for figure in re.findall(r'<figure class="og-player".*?</figure>', article(path), re.DOTALL):
            file = SITE / target(path, re.search('data-recording="([^"]+)"', figure)[1])
            record = json.loads(file.read_text(encoding="utf-8"))
            assert file.name.startswith(f"sphx_glr_{Path(name).name}_0"), path
            stills = FIGURE.findall(figure)
            assert Path(stills[0][1]).name == f"{file.stem}_light.webp"
            told = ["at the last step; in words below", ", step by step in charts; in words below"]
            stills = dict.fromkeys(html.unescape(found[2]).removeprefix(record["title"]).strip() for found in stills)
            assert [*stills] == told[-len(stills) :], path
            names = [html.unescape(found) for found in re.findall("<span>(.*?)</span> ?<small>", figure)]
            assert names == [run["name"] for run in record["runs"]][: len(names)], path
            if land := re.search('data-landscape="([^"]+)"', figure):
                relief = json.loads((SITE / target(path, land[1])).read_text(encoding="utf-8"))
                assert Path(land[1]).name.startswith(re.sub(r"\W+", "_", relief["name"])[:60]), path


def test_downloads_are_whole():
    folders = {path.name: path for path in SITE.glob("_downloads/*/*")}
    (wheel,) = SITE.glob("_static/*.whl")
    for name, script in GALLERY.items():
        for suffix in (".py", ".ipynb", ".zip"):
            there = re.findall(rf'href="([^"]*_downloads[^"]*/[^"/]+\{suffix})"', page(f"{name}.html"))
            assert {Path(link).stem for link in there} == {script.stem}, f"{name} {suffix}"
        source = folders[script.name].read_text(encoding="utf-8")
        assert source == script.read_text(encoding="utf-8"), name
        cells = json.loads(folders[f"{script.stem}.ipynb"].read_text(encoding="utf-8"))["cells"]
        codes = [" ".join("".join(c["source"]).split()) for c in cells if c["cell_type"] == "code"][1:]
        want = [read_proof(block.content) for block in split_code_and_text_blocks(script)[1] if block.type == "code"]
        assert len(codes) == len(want), name
        for code, (sentence, written) in zip(codes, want, strict=True):
            written = re.sub(r"^# sphinx_gallery_\w+ = .*\n+", "", written, flags=re.MULTILINE)
            assert (" ".join(written.split()) in code) if sentence else (" ".join(written.split()) == code), name
        assert all(not cell.get("outputs") for cell in cells), name
        with zipfile.ZipFile(io.BytesIO(folders[f"{script.stem}.zip"].read_bytes())) as packed:
            assert {script.name, f"{script.stem}.ipynb", wheel.name} <= {*packed.namelist()}, name
            assert packed.read(script.name).decode() == source, name


def test_twins_say_what_their_pages_say_and_the_list_leads_to_each():
    listed = re.findall(r"^- \[(.*?)\]\((\S*?)\): (.*)$", (SITE / "llms.txt").read_text(encoding="utf-8"), re.MULTILINE)
    twins = {path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html.md")}
    listed = [(title, max((twin for twin in twins if link.endswith(twin)), key=len)) for title, link, _ in listed]
    assert {twin for _, twin in listed} == twins and len(listed) == len(twins)
    assert {f"{name}.html.md" for name in GALLERY} <= twins
    for title, link in listed:
        path = link.removesuffix(".md")
        assert plain(title) == plain(heading(path)), link
        if path.startswith("gallery/"):
            twin = (SITE / link).read_text(encoding="utf-8")
            assert plain(twin.partition("\n")[0]) == plain(title), link
            cells = twin.count("```python\n")
            script = ROOT / path.replace(".html", ".py")
            assert cells == sum(b.type == "code" for b in split_code_and_text_blocks(script)[1]), link
