"""What the landing page shows: a race, rules to start with, families, landscapes, and how far all was checked."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

import numpy as np
from docutils import nodes
from family_tree import dot, read_tree
from headline import COUNTS, read_counts, statements
from media import RaceOf
from oracle_table import TABLE, read_table
from scraper import page_of, save_player
from sphinx.util.docutils import SphinxDirective
from tiles import ROOT, facts, make

import optguide as og

#: Each family of rules in a sentence.
FAMILIES = {
    "plain descent": "Steps against the gradient, in proportion to it.",
    "momentum": "Past gradients add up: zigzags cancel, and progress accumulates.",
    "sign": "Only the direction of each coordinate counts, not the size of its gradient.",
    "adaptive": "Each coordinate is divided by the recent size of its gradient.",
    "matrix": "The weights of a layer are stepped as a matrix, direction by direction.",
    "averaging": "The result is an average of the points that were visited.",
    "own step size": "Losses, gradients and distances decide how long a step is.",
    "curvature": "The change of the gradient tells how the loss bends.",
    "wrapper": "A rule around another rule, whichever that is.",
}
#: Names of a family that the landing page shows.
SHOWN = 4
#: How near to the lowest point a rule has settled; steps and learning rate of the race.
NEAR, STEPS, RATE = 0.05, 100, 0.1


class FrontRace(RaceOf):
    """``.. front-race::``: three rules that everybody knows and two that surprise, with a sentence from the run.

    Stops the build if the sentence is no longer true.
    """

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        camel = og.surfaces.tilted_camel
        race = og.race([og.SGD, og.Momentum, og.Adam, og.Rprop, og.Lion], camel, lr=RATE, steps=STEPS)
        settled = {name: settles(run.theta, camel.known_minima()[0]) for name, run in race.items()}
        if {name for name, step in settled.items() if step is None} != {"SGD", "Lion"}:
            raise self.error(f"front-race: the words below the race are not true any more, rules settle at {settled}")
        folder = Path(self.env.srcdir, "gallery", "front")
        folder.mkdir(parents=True, exist_ok=True)
        text = save_player(race.animate(), folder / "race.webp", self.env.srcdir)
        words = (
            f"All five start in one corner with the learning rate {RATE:g}. SGD stops in a local minimum. Momentum "
            f"settles in the lowest one after {settled['Momentum']} steps, Adam after {settled['Adam']}, and Rprop, a "
            f"rule of {og.Rprop.year} that reads only signs, after {settled['Rprop']}. Lion, of {og.Lion.year}, does "
            "not come to rest: its steps never get shorter."
        )
        return [self.found(text), nodes.paragraph("", words, classes=["race-words"])]


def settles(path: np.ndarray, minimum) -> int | None:
    """The step from which on a descent stays near a minimum."""
    away = np.flatnonzero(np.linalg.norm(path - np.array(minimum), axis=1) >= NEAR)
    last = int(away[-1]) if len(away) else -1
    return last + 1 if last + 1 < len(path) else None


class Tiles(SphinxDirective):
    """``.. tiles::`` with names of rules or of gallery pages, one a line: their pictures, titles and claims."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        tiles = []
        for name in filter(None, map(str.strip, self.content)):
            rule = getattr(og, name, None)
            page = f"gallery/{name}" if rule is None else f"gallery/optimizers/{page_of(rule)}"
            if not (ROOT / f"{page}.py").exists():
                raise self.error(f"tiles: {name} is neither a rule nor a page of the gallery")
            words = rule.__doc__.partition("\n")[0] if rule else facts(page)[1]
            tiles.append(make(Path(self.env.srcdir), page, words, f"{name}, {rule.year}" if rule else ""))
        return [nodes.container("", *tiles, classes=["tiles"])]


class Families(SphinxDirective):
    """``.. families::``: each family with its idea, and those of its rules on which most others build."""

    def run(self) -> list[nodes.Node]:
        builder, page = self.env.app.builder, self.env.docname

        def address(name: str) -> str:
            return builder.get_relative_uri(page, f"gallery/optimizers/{page_of(tree.rules[name])}")

        tree = read_tree()
        html = families_html(tree, address, builder.get_relative_uri(page, "family-tree"))
        return [nodes.raw("", html, format="html")]


def families_html(tree, address, whole: str) -> str:
    boxes = []
    for family in dict.fromkeys(tree.rules[name].family for name in tree.by_family):
        members = [name for name in tree.by_family if tree.rules[name].family == family]
        first = sorted(members, key=lambda name: -len(tree.repaired_by(name)))[:SHOWN]
        links = [f'<a href="{escape(address(name))}"><i {dot(tree.rules[name])}></i>{name}</a>' for name in first]
        if more := len(members) - len(first):
            links.append(f'<a href="{escape(whole)}">and {more} more</a>')
        head, words = family[0].upper() + family[1:], FAMILIES.get(family, "")
        boxes.append(
            f'<div class="card-box"><p><b>{head}</b></p><p>{words}</p><p class="kin">{" ".join(links)}</p></div>'
        )
    return f'<div class="cards families">{"".join(boxes)}</div>'


def numbers() -> list[tuple[str, str, str]]:
    """How far things were checked: the number, what was counted, and the page that tells more."""
    oracles = [pair for pairs in read_table().values() for pair in pairs]
    pages = sorted(ROOT.glob("gallery/*/plot_*.py"))
    total: Counter[str] = Counter()
    for row in read_counts():
        total.update({name: int(row[name]) for name in ("planted", "equivalent", "nobody")})
    real = total["planted"] - total["equivalent"]
    return [
        (f"{len(og.optimizers.__all__)}", "rules, each one pure function", "family-tree"),
        (f"{len(oracles)}", "comparisons with independent implementations", "oracles"),
        (f"{sum(statements(page)[0] for page in pages):,}", "statements checked whenever the site is built",
         "how-this-site-works"),
        (f"{real - total['nobody']:,}", f"of {real:,} planted mistakes noticed", "how-this-site-works"),
    ]  # fmt: skip


class Numbers(SphinxDirective):
    """``.. proof-in-numbers::``: how far things were checked, each number with a link."""

    def run(self) -> list[nodes.Node]:
        for source in (TABLE, COUNTS):
            self.env.note_dependency(str(source))
        builder = self.env.app.builder
        items = [
            f'<a href="{builder.get_relative_uri(self.env.docname, page)}"><b>{number}</b> <span>{words}</span></a>'
            for number, words, page in numbers()
        ]
        return [nodes.raw("", f'<div class="numbers">{"".join(items)}</div>', format="html")]


class Install(SphinxDirective):
    """``.. install::``: the line that installs the package from this site, and where its source is."""

    def run(self) -> list[nodes.Node]:
        config = self.env.config
        wheel = f"_static/optguide-{config.version}-py3-none-any.whl"
        line = f"pip install {config.html_baseurl.rstrip('/')}/{wheel}" if config.html_baseurl else (
            f"pip install {wheel.rpartition('/')[2]}"
        )  # fmt: skip
        links = [f'<a href="{wheel}" download>The package</a>', '<a href="_modules/index.html">source</a>']
        if config.source_repository:
            links.append(f'<a href="https://github.com/{config.source_repository.partition("@")[0]}">repository</a>')
        links += ['<a href="licenses.html">MIT licence</a>', '<a href="cite.html">how to cite it</a>']
        code = nodes.literal_block(line, line, language="console")
        return [code, nodes.raw("", f"<p>{' · '.join(links)}</p>", format="html")]


def setup(app):
    app.add_directive("front-race", FrontRace)
    app.add_directive("tiles", Tiles)
    app.add_directive("families", Families)
    app.add_directive("proof-in-numbers", Numbers)
    app.add_directive("install", Install)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
