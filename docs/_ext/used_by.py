"""Which pages of the gallery use a public name, read from their scripts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

#: Pages shown as cards; the others are links.
CARDS = 6


def uses(script: str, known: Iterable[str]) -> set[str]:
    """The known names, such as ``optguide.surfaces.ravine``, that a script uses, whatever it calls their parts."""
    tree = ast.parse(script)
    called: dict[str, str] = {}

    def full(node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            return f"{full(node.value)}.{node.attr}"
        return called.get(node.id, node.id) if isinstance(node, ast.Name) else ""

    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                called |= {alias.asname: alias.name for alias in names if alias.asname}
            case ast.ImportFrom(module=module, names=names):
                called |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() as value):
                called[name] = full(value)
    return {full(node) for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Name))} & set(known)


def pages(gallery: Path, known: Iterable[str]) -> dict[str, list[str]]:
    """For each name the pages that use it, those first that use the fewest others."""
    scripts = {f"gallery/{path.parent.name}/{path.stem}": path for path in sorted(gallery.glob("*/plot_*.py"))}
    used = {page: uses(path.read_text(encoding="utf-8"), known) for page, path in scripts.items()}
    order = sorted(used, key=lambda page: len(used[page]))
    return {name: [page for page in order if name in used[page]] for name in known}


def section(found: Mapping[str, list[str]], name: str) -> str:
    """What the page of a name says of the pages that use it, as reStructuredText."""
    if not found[name]:
        return ""
    shown, more = found[name][:CARDS], found[name][CARDS:]
    text = "Pages that use it\n-----------------\n\n.. cards::\n\n" + "".join(f"   {page}\n" for page in shown)
    links = ", ".join(f":doc:`/{page}`" for page in more)
    return f"{text}\nAlso: {links}\n" if more else text
