"""The family tree of the optimizers, from what each rule says it ``repairs`` in others.

``.. family-tree::`` draws it, by time from left to right and branch by branch; ``.. family-list::`` says the same in
words; ``.. kin:: Adam`` shows one rule between those that it repairs and those that repair it. Each rule has a row of
its own, so that its reason stands beside it and no line crosses another.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from html import escape

from docutils import nodes
from scraper import page_of
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

import optguide as og
from optguide.optimizers.wrapper import Wrapper

#: The first year of each column, and its heading.
COLUMNS = (
    (0, "to 1969"),
    (1970, "1970–1999"),
    (2000, "2000–2015"),
    (2016, "2016–2018"),
    (2019, "2019–2021"),
    (2022, "2022–2023"),
    (2024, "since 2024"),
)
#: Pixels: a row, a column, how far a rule stands to the right of a parent of its own column, the heading.
ROW, COLUMN, INDENT, HEAD = 21, 82, 16, 30
#: Pixels of a letter, generously: fonts differ.
NAME, WORD = 8.2, 6.1
#: How many rules that repair one its page shows at once.
MOST = 5
VARIATION = "a variation: "


class Tree:
    """All rules and wrappers, each below the first rule that it repairs.

    Raises
    ------
    ExtensionError
        If a rule repairs one that there is not, or one that is younger, or itself in the end.
    """

    def __init__(self, rules: Mapping[str, type]) -> None:
        self.rules = rules
        for name, rule in rules.items():
            for other in rule.repairs:
                if other not in rules:
                    raise ExtensionError(f"{name}.repairs names {other!r}, which is no rule")
                if rules[other].year > rule.year:
                    raise ExtensionError(f"{name} ({rule.year}) repairs {other}, which is of {rules[other].year}")
        families = list(dict.fromkeys(rule.family for rule in rules.values()))
        order = {name: place for place, name in enumerate(rules)}
        self.below: dict[str | None, list[str]] = {}
        for name in sorted(rules, key=lambda name: (families.index(rules[name].family), rules[name].year, order[name])):
            self.below.setdefault(next(iter(rules[name].repairs), None), []).append(name)
        #: All names, each after its parent and before its siblings.
        self.walk = list(self._walk(None))
        if lost := [name for name in rules if name not in self.walk]:
            raise ExtensionError(f"these rules repair each other in a circle: {', '.join(lost)}")
        self.by_family = sorted(self.walk, key=lambda name: families.index(rules[name].family))

    def _walk(self, parent: str | None) -> itertools.chain[str]:
        return itertools.chain.from_iterable([name, *self._walk(name)] for name in self.below.get(parent, ()))

    def repaired_by(self, name: str) -> list[str]:
        """Rules that repair this one, those first on which most others build."""
        found = [other for other in self.walk if name in self.rules[other].repairs]
        return sorted(found, key=lambda other: -len(list(self._walk(other))))

    def reason(self, name: str, parent: str, link: Callable[[str], str]) -> str:
        """What a rule repairs in another one."""
        idea = self.rules[name].repairs[parent]
        if idea.startswith(VARIATION):
            return f"a variation of {link(parent)}: {idea.removeprefix(VARIATION)}"
        return f"repairs {link(parent)}: {idea}"


def read_tree() -> Tree:
    """The tree of the package: its list of rules, and its wrappers."""
    classes = {name: value for name in og.__all__ if isinstance(value := getattr(og, name), type)}
    wrappers = {name: value for name, value in classes.items() if issubclass(value, Wrapper) and value is not Wrapper}
    return Tree({name: getattr(og, name) for name in og.optimizers.__all__} | wrappers)


def dot(rule: type) -> str:
    return f'style="--rule: {rule.color}"' if rule.color else 'class="uncoloured"'


def draw(tree: Tree, address: Callable[[str], str]) -> str:
    """The tree as an SVG whose names are links."""
    place: dict[str, tuple[float, float]] = {}
    column_of: dict[str, int] = {}
    for row, name in enumerate(tree.walk):
        rule = tree.rules[name]
        column_of[name] = max(i for i, (first, _) in enumerate(COLUMNS) if first <= rule.year)
        x = 10.0 + COLUMN * column_of[name]
        parent = next(iter(rule.repairs), None)
        if parent and column_of[parent] == column_of[name]:
            x = place[parent][0] + INDENT
        place[name] = x, HEAD + ROW * (row + 0.6)
    height = HEAD + ROW * len(place) + 6
    width = 0.0
    lines, labels = [], []
    for name, (x, y) in place.items():
        rule, said = tree.rules[name], ""
        if rule.repairs:
            parent, *others = rule.repairs
            said = tree.reason(name, parent, str) + (f"; and {', '.join(others)}" if others else "")
            fx, fy = place[parent]
            lines.append(f'<path d="M{fx:g} {fy + 5:g}V{y:g}H{x - 5:g}"/>')
        width = max(width, x + 10 + NAME * len(name) + WORD * len(said))
        facts = f"{name} ({rule.year}): {rule.__doc__.partition(chr(10))[0]}"
        labels.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="5" {dot(rule)}/><text x="{x + 10:g}" y="{y + 4:g}">'
            f'<a href="{escape(address(name))}"><title>{escape(facts)}</title>{name}</a>'
            f'<tspan class="why" dx="7">{escape(said)}</tspan></text>'
        )
    heads = []
    for i, (_, words) in enumerate(COLUMNS):
        x = 4 + COLUMN * i
        heads.append(f'<text class="year" x="{x}" y="14">{words}</text><path class="column" d="M{x} 22V{height:g}"/>')
    about = f"{len(place)} rules by time, each below the rule that it repairs. The list below says the same in words."
    return (
        f'<div class="family-tree"><svg viewBox="0 0 {width:.0f} {height:g}" width="{width:.0f}" role="group" '
        'aria-labelledby="tree-title tree-about"><title id="tree-title">Family tree of the optimizers</title>'
        f'<desc id="tree-about">{about}</desc>{"".join(heads)}<g class="branches">{"".join(lines)}</g>'
        f"{''.join(labels)}</svg></div>"
    )


def list_rst(tree: Tree) -> str:
    """The tree as a nested list in reStructuredText."""

    def link(name: str) -> str:
        return f":doc:`{name} </gallery/optimizers/{page_of(tree.rules[name])}>`"

    def items(parent: str | None, depth: int) -> str:
        text = ""
        for name in tree.below.get(parent, ()):
            rule = tree.rules[name]
            reasons = "; ".join(tree.reason(name, other, str if other == parent else link) for other in rule.repairs)
            text += f"{'  ' * depth}- {link(name)} ({rule.year}){' ' if reasons else ''}{reasons}\n\n"
            text += items(name, depth + 1)
        return text

    return items(None, 0)


def kin(tree: Tree, name: str, address: Callable[[str], str], whole: str) -> str:
    """A rule between the rules that it repairs and those that repair it."""

    def item(other: str, idea: str) -> str:
        rule = tree.rules[other]
        link = f"<i {dot(rule)}></i>{other}"
        if page := address(other):  # a variation stands on the same page
            link = f'<a href="{escape(page)}">{link}</a>'
        return f"<li>{link} <small>{escape(idea)}</small></li>"

    rule = tree.rules[name]
    above = [item(other, idea) for other, idea in rule.repairs.items()]
    below = [item(other, tree.rules[other].repairs[name]) for other in tree.repaired_by(name)]
    shown, more = below[:MOST], below[MOST:]
    rest = f"<details><summary>and {len(more)} more</summary><ul>{''.join(more)}</ul></details>" if more else ""
    here = f'<p>You are here</p><b><i {dot(rule)}></i>{name}</b><a href="{escape(whole)}">The whole family tree</a>'
    parts = [f'<div class="here">{here}</div>']
    if above:
        varied = all(idea.startswith(VARIATION) for idea in rule.repairs.values())
        words = "It varies" if varied else "What it repairs"
        parts.insert(0, f"<div><p>{words}</p><ul>{''.join(above).replace(VARIATION, '')}</ul></div>")
    if below:
        parts.append(f"<div><p>What others repair in {name}</p><ul>{''.join(shown)}</ul>{rest}</div>")
    return f'<nav class="kin" aria-label="{name} in the family tree">{"".join(parts)}</nav>'


class _Directive(SphinxDirective):
    def address(self, name: str) -> str:
        page = f"gallery/optimizers/{page_of(self.env.app.tree.rules[name])}"
        return self.env.app.builder.get_relative_uri(self.env.docname, page)

    def html(self, text: str) -> list[nodes.Node]:
        return [nodes.raw("", text, format="html")]


class FamilyTree(_Directive):
    def run(self) -> list[nodes.Node]:
        return self.html(draw(self.env.app.tree, self.address))


class FamilyList(_Directive):
    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(list_rst(self.env.app.tree))


class Kin(_Directive):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        whole = self.env.app.builder.get_relative_uri(self.env.docname, "family-tree")
        return self.html(kin(self.env.app.tree, self.arguments[0], self.address, whole))


def setup(app):
    app.tree = read_tree()
    app.add_directive("family-tree", FamilyTree)
    app.add_directive("family-list", FamilyList)
    app.add_directive("kin", Kin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
