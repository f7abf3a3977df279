"""Formulas, code and tables of the built site against what they were made from. Needs ``make docs`` first."""

import csv
import functools
import inspect
import re

import pytest

import optguide as og

pytest.importorskip("scraper", reason="needs the docs requirements")
import reading
from folds import read_proof
from reading import ROOT, article, formulas, heading, links, meant, pages, printed, rst, said, tables, told, words
from scraper import page_of
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

RECORD = (ROOT / "tests" / "language" / "formulas.md").read_text(encoding="utf-8")
READ = {
    name: re.findall(r"^- \$(.*)\$$", lines, re.MULTILINE)
    for name, lines in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RECORD, re.MULTILINE | re.DOTALL)
}
GALLERY = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in ROOT.glob("gallery/*/plot_*.py")}


@pytest.fixture(scope="module", autouse=True)
def site(missing):
    if not (reading.SITE / "index.html").exists():
        missing("no built site: run make docs first")


def blocks(page):
    return split_code_and_text_blocks(GALLERY[page])[1]


def within(few, many):
    """The first of the few that is not found among the many, in their order."""
    rest = iter(many)
    return next((x for x in few if not any(x == other for other in rest)), None)


def test_two_programs_agree_on_what_a_formula_says():
    """And a sign, a number, an index, a hat and a fraction each make a difference."""
    whole = meant(r"\hat m_t \leftarrow -\frac{m_t}{1 - \beta_1^t}")
    assert whole == "m^[^]_[t]←−[m_[t]/1−β_[1]^[t]]"
    for other in (
        r"m_t \leftarrow -\frac{m_t}{1 - \beta_1^t}", r"\hat m_t \leftarrow \frac{m_t}{1 - \beta_1^t}",
        r"\hat m_t \leftarrow -\frac{m_t}{1 - \beta_2^t}", r"\hat m_t \leftarrow -\frac{m_t}{1 - \beta_1 t}",
        r"\hat m_t \leftarrow -m_t (1 - \beta_1^t)", r"\hat m \leftarrow -\frac{m_t}{1 - \beta_1^t}",
    ):  # fmt: skip
        assert meant(other) != whole


def test_the_steps_of_every_rule_are_the_recorded_ones_with_their_words_and_code():
    begin, loop = r"\textbf{start with: } ", r"\quad "
    for name in og.optimizers.__all__:
        rule = getattr(og, name)
        found = dict(tables(article(f"gallery/optimizers/{page_of(rule)}.html"), "pseudocode"))
        _, *table = words(found[f"{name}: one step, for t = 1, 2, …"])
        read = [line.removeprefix(begin).removeprefix(loop) for line in READ[name] if line.startswith((begin, loop))]
        assert [row[0] for row in table] == [f"${meant(line)}$" for line in read], name
        steps = [[told(step.comment), f"`{' '.join(step.code.split())}`"] for step in og.pseudocode(rule).steps]
        first = [["before the first step", ""]] * (len(read) - len(steps))
        assert [row[1:] for row in table] == [*first, *steps], name


def test_hyperparameters_and_cards_say_what_the_rules_do():
    for name in og.optimizers.__all__:
        rule = getattr(og, name)
        text = article(f"gallery/optimizers/{page_of(rule)}.html")
        for kind, table in (
            ("hyperparameters", og.pseudocode(rule).hyperparameters),
            ("card", og.card(rule).table),
        ):
            found = dict(tables(text, kind))
            if table.title in found:
                want = [[told(cell) for cell in row] for row in (table.columns, *table.rows)]
                assert words(found[table.title]) == want, f"{name}: {table.title}"
            else:
                assert rule.variant_of, f"{name} has no table {table.title!r}"


def test_the_formulas_of_every_landscape_are_the_recorded_ones():
    (_, (_, *rows)), = tables(article("api/surfaces.html"), "surfaces")  # fmt: skip
    assert [said(row[0]).strip("`") for row in rows] == og.surfaces.__all__
    shown = {name: [formulas(row[1])[0]] for name, row in zip(og.surfaces.__all__, rows, strict=True)}
    for name in og.surfaces.__all__:
        shown[name].append(formulas(article(f"api/optguide.surfaces.{name}.html"))[0])
    for path in pages("gallery/*/plot_*.html"):
        for title, (_, *found) in tables(article(path), "formula"):
            name = title.removeprefix("The formula of ")
            if name in shown and f"{name}.replace(" not in GALLERY[path.removesuffix(".html")].read_text("utf-8"):
                shown[name].append("".join(formulas(row[0])[0] for row in found))
    for name, every in shown.items():
        want = "".join(map(meant, READ[name])).replace(";", "")
        # A long line is broken.
        assert {one.replace(";", "") for one in every} <= {want}, name
    boxes = [" × ".join(f"[{low:g}, {high:g}]" for low, high in getattr(og.surfaces, name).box) for name in shown]
    assert [said(row[2]) for row in rows] == boxes


@pytest.mark.parametrize("section", ["foundations", "optimizers", "landscapes", "signals", "comparisons"])
def test_formulas_in_the_text_of_a_page_are_those_of_its_script(section):
    for page in GALLERY:
        if f"/{section}/" in page:
            texts = [read_proof(block.content)[0] if block.type == "code" else block.content for block in blocks(page)]
            written = [meant(latex) for text in texts for latex in re.findall(r":math:`([^`]+)`", text)]
            lost = within(written, formulas(article(f"{page}.html")))
            assert lost is None, f"{page}: {lost}"


def test_every_cell_of_a_script_stands_on_its_page_and_nothing_else():
    for page in GALLERY:
        cells = re.findall(
            r'<div class="highlight-Python notranslate">.*?<pre>(.*?)</pre>', article(f"{page}.html"), re.DOTALL
        )
        codes = [read_proof(block.content)[1] for block in blocks(page) if block.type == "code"]
        want = [re.sub(r"^# sphinx_gallery_\w+ = .*\n+", "", code, flags=re.MULTILINE) for code in codes]
        # What a cell shows may stand before it, but cells follow each other as in the script.
        assert [said(cell) for cell in cells] == [" ".join(code.translate(reading.TYPED).split()) for code in want], (
            page
        )


@functools.cache
def literature():
    from pybtex.database import parse_file

    return parse_file(str(ROOT / "docs" / "refs.bib")).entries


def people(entry):
    """The family names of the authors, with what belongs to them."""
    names = [" ".join([*person.prelast_names, *person.last_names]) for person in entry.persons["author"]]
    return [printed(name) for name in names]


def cited(key):
    entry = literature()[key]
    names = people(entry)
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{who} [{entry.fields['year']}]"


def row_of(table, first):
    """A table in words, without its head, whose first cells are these."""
    found = words(table)[1:]
    assert [row[0].strip("`") for row in found] == first
    return found


def test_the_tables_of_the_interface_name_everything_with_its_facts_and_lead_to_it():
    path = "api/optimizers.html"
    ((_, table),) = tables(article(path), "optimizers")
    for name, row, cells in zip(og.optimizers.__all__, row_of(table, og.optimizers.__all__), table[1:], strict=True):
        rule = getattr(og, name)
        states = list(rule.rule.states)
        kept = f"{len(states)}" + (f" ({', '.join(f'`{state}`' for state in states)})" if states else "")
        assert row[1:4] == [str(rule.year or ""), rule.family or "", kept], name
        assert row[4] == og.card(rule).gradients, name
        assert links(path, cells[0])[0] == (name, f"gallery/optimizers/{page_of(rule)}.html")
        assert row[5] == (cited(rule.cite) if rule.cite else ""), name
    from api import PAGES, public_names

    names, found = public_names(), set()
    for group, *_ in PAGES:
        path = f"api/{group}.html"
        ((_, table),) = tables(article(path), "names")
        for cells in table:
            (name, there), *_ = links(path, cells[0])
            found.add(name)
            assert heading(there) == name, f"{path} leads from {name} to {there}"
            about = " ".join((inspect.getdoc(names[name]) or "").split("\n\n")[0].split())
            assert re.search("[`*]", about) or said(cells[1]) == about.translate(reading.TYPED), name
    assert found == {*names}


def test_the_table_of_oracles_holds_every_comparison_of_the_tests():
    from oracle_table import read_table

    path, want = "oracles.html", read_table()
    ((_, table),) = tables(article(path), "oracles")
    found = {}
    for row, cells in zip(words(table)[1:], table[1:], strict=True):
        assert links(path, cells[0])[0] == (row[0], f"gallery/optimizers/{page_of(getattr(og, row[0]))}.html")
        for name in row[1].replace("→", "->").split("; "):
            found.setdefault(row[0], []).append((name.replace("`", ""), row[2]))
    assert list(found) == og.optimizers.__all__
    for rule, pairs in want.items():
        assert found[rule] == [(name.translate(reading.TYPED), power(far)) for name, far in pairs], rule
    for name in og.optimizers.__all__:  # and the page of each rule has its own
        page = f"gallery/optimizers/{page_of(getattr(og, name))}.html"
        every = [row for _, rows in tables(article(page), "oracles") for row in words(rows)[1:]]
        for implementation, far in want[name]:
            assert any(
                implementation.translate(reading.TYPED).replace("->", "→") in row[-2].replace("`", "")
                and row[-1] == power(far)
                for row in every
            ), name


def power(far):
    mantissa, exponent = f"{far:.0e}".split("e")
    return f"${'' if mantissa == '1' else mantissa + '·'}10^[{int(exponent)}]$".replace("-", "−")


def test_the_tables_of_the_documents_hold_every_fact_with_its_page_and_checks():
    with open(ROOT / "docs" / "documents.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path, want = "documents.html", {}
    for row in rows:
        want.setdefault((row["document"], row["fact"], row["page"]), []).append(row["check"])
    shown = [
        (row, cells)
        for _, table in tables(article(path), "documents")
        for row, cells in zip(words(table)[1:], table[1:], strict=True)
    ]
    order = sorted(want, key=lambda key: key[0])
    assert len(shown) == len(order)
    for (_, fact, page), (row, cells) in zip(order, shown, strict=True):
        assert row[0] == told(fact)
        place = re.sub(r"^docs/|\.\w+$", "", page) + ".html"
        assert links(path, cells[1]) == ([(heading(place), place)] if page else []), fact
        checks = want[_, fact, page]
        assert len(re.findall("<p>", cells[2])) == len(checks), fact
        for check, text in zip(checks, re.findall(r"<p>(.*?)</p>", cells[2], re.DOTALL), strict=True):
            kind, _, what = check.partition(": ")
            if kind == "proof":
                ((said_here, there),) = links(path, text)
                assert there.startswith(f"{place}#proof-") and f'id="{there.partition("#")[2]}"' in reading.page(place)
                summary = re.search(
                    rf'id="{there.partition("#")[2]}">\s*<summary>(.*?)</summary>', reading.page(place), re.DOTALL
                )
                assert said(summary[1]).lower() == f"✓ {rst(what)}".lower()
                assert said_here.startswith("✓ ")
            else:
                assert said(text).strip("`") == told(what[:1].upper() + what[1:] if kind == "left out" else check)


def test_the_ledger_says_of_every_row_what_was_measured():
    from ledger_tables import PAPER

    from ledger.measure import read  # isort: skip - its folder is found by now
    from ledger.rows import ROWS  # isort: skip

    path, measured = "ledger.html", read()
    ((_, table),) = tables(article(path), "ledger")
    shown = {links(path, cells[0])[0][1].partition("#ledger-")[2]: words([cells])[0] for cells in table[1:]}
    order = sorted(shown, key=lambda name: -measured[name][0]["distance"])
    assert list(shown) == order and {*shown} == {*ROWS} & {*measured}
    for name, cells in shown.items():
        row, far = ROWS[name], measured[name][0]["distance"]
        apart = f"{far:.2g}" if far >= 1e-3 else power(far)
        assert cells == [", ".join(row.rules), told(row.differs), apart, PAPER[row.paper][0]], name
    for name, text in re.findall(r'<svg id="ledger-([\w-]+)".*?</svg>(.*?)</dl>', article(path), re.DOTALL):
        facts = dict(re.findall(r"<dt[^>]*>(.*?)<span.*?</dt>\s*<dd[^>]*>(.*?)</dd>", text, re.DOTALL))
        found = measured[name][0]
        for fact, side in (("First", "a"), ("Second", "b")):
            assert said(facts[fact]).replace("`", "") == found[side].replace("->", "→"), name
        assert said(facts["Apart"]).startswith(shown[name][2]) and f"from step {found['first']} on" in facts["Apart"]
        assert said(facts["For you"]) == told(ROWS[name].meaning), name
    for place in (path, *pages("gallery/optimizers/*.html")):
        head = r'<svg id="ledger-([\w-]+)".*?</svg>\s*<div class="ledger-head.*?">(.*?)</div>'
        heads = re.findall(head, article(place), re.DOTALL)
        assert place != path or [name for name, _ in heads] == [*ROWS]
        for name, text in heads:
            row = ROWS[name]
            whole = (
                f"{', '.join(row.rules)}: {row.differs}" if place == path else row.differs[0].upper() + row.differs[1:]
            )
            assert said(text) == told(whole), (place, name)


def test_the_tables_of_libraries_say_what_was_found_in_each():
    from ledger_tables import rows_of  # noqa: F401 - finds the folder of the checks

    from ledger.across import read  # isort: skip

    shown = [words(table)[2:] for _, table in tables(article("libraries.html"), "across")]
    known = read()
    assert len(shown) == len(known)
    for rows, (rule, found) in zip(shown, known.items(), strict=True):
        assert len(rows) == len(found), rule
        for row, entry in zip(rows, found, strict=True):
            assert (
                entry["name"].replace("->", "→") in row[0].replace("`", "")
                and entry["note"].translate(reading.TYPED) in row[0]
            )
            for name, value in entry["defaults"].items():
                number = re.search(rf"\b{name} ([^,(]+)", row[1]) if isinstance(value, float) else None
                assert name in row[1] and (number is None or float(number[1]) == value), f"{rule}: {row[0]}"
            assert row[2:4] == [told(entry["eps"]), told(entry["decay"])], f"{rule}: {row[0]}"
            assert float(row[4].partition(";")[0]) == float(f"{entry['first'][0]:.3g}"), f"{rule}: {row[0]}"
