"""What a browser gets: the player's HTML, its style, and its ES modules, which become one script.

Where a player is shown there may be no other file to import from (a notebook's cell, a saved page), and a reader's
machine has no JavaScript bundler. So modules keep to forms that can be joined by leaving lines out: imports
``import { a, b } from "./x.js";`` at the head, exports before what they export, and no top-level name twice. Comments
stay behind, too.

Modules of the folder itself are the player, which every page loads; ``matrix`` shows matrices, ``live`` computes and
``lab`` is what a reader takes hold of, all loaded when they are wanted.
"""

from __future__ import annotations

import functools
import posixpath
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.{1,2}/[\w/-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const)\b)", re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n|(?<=\S) // .*$|/\*\*(?s:.*?)\*/[ \n]*", re.MULTILINE)
_INDENT = re.compile(r"(?P<text>`[^`]*`)|^ +", re.MULTILINE)  # but not in a text of several lines


@functools.cache
def template() -> Any:
    """The macros of the player's HTML, by name. What they are given is escaped."""
    from jinja2 import Environment  # late: who only steps an optimizer never needs it

    lines = (HERE / "player.html.jinja").read_text(encoding="utf-8").splitlines()
    return Environment(autoescape=True).from_string("".join(line.strip() for line in lines)).module


def style(name: str = "player.css") -> str:
    """A style sheet, the player's or the lab's, without its notes (but the licence at its head) and needless spaces."""
    noted = re.sub(r"(?<!^) */\*.*?\*/\n?", "", (HERE / name).read_text(encoding="utf-8"))
    return re.sub(r"\s*([{};]|(?<=[a-z]):(?= ))\s*", r"\1", noted).replace(";}", "}")


def script(entry: str = "main.js", without: str | None = None) -> str:
    """A module and all it imports as one script that imports nothing; what another script holds is left out."""
    there = modules(without) if without else {}
    return "".join(_bare(source) for name, source in modules(entry).items() if name not in there)


def site_scripts() -> dict[str, str]:
    """What a site serves, by file name: player, its stage for matrices, lab, the lab's later panels, its worker.

    A page is given them one after the other: each finds there what it takes from those before it.
    """
    scripts, known, here = {}, {}, "globalThis.optguide"
    entries = {"player.js": "main.js", "matrix.js": "matrix/stage.js"}
    entries |= {"lab.js": "lab/element.js", "lab-more.js": "lab/more.js"}
    all_modules = {path: source for entry in entries.values() for path, source in modules(entry).items()}
    for file, entry in entries.items():
        fresh = {path: source for path, source in modules(entry).items() if path not in known}
        taken = sorted({name for path, source in fresh.items() for name in _taken(source, path, known)})
        later = {path: source for path, source in all_modules.items() if path not in known and path not in fresh}
        given = sorted({name for path, source in later.items() for name in _taken(source, path, fresh)})
        head = f"const {{ {', '.join(taken)} }} = {here};\n" if taken else ""
        tail = f"Object.assign({here} ??= {{}}, {{ {', '.join(given)} }});\n" if given else ""
        scripts[file] = head + "".join(map(_bare, fresh.values())) + tail
        known |= fresh
    return scripts | {"lab-worker.js": script("live/worker.js")}


def _taken(source: str, path: str, there: dict[str, str]) -> list[str]:
    """The names that a module imports from some others."""
    return [
        name
        for names, other in re.findall(r'^import \{ (.*) \} from "(.*)";', source, re.MULTILINE)
        if posixpath.normpath(posixpath.join(posixpath.dirname(path), other)) in there
        for name in names.split(", ")
    ]


def _bare(source: str) -> str:
    """A module's source without comments, imports, exports and the spaces at the head of its lines."""
    bare = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", source)))
    return re.sub(r"\n{2,}", "\n", _INDENT.sub(lambda found: found["text"] or "", bare)).lstrip()


def modules(entry: str) -> dict[str, str]:
    """The sources of a module (``main.js``, ``live/descent.js``) and of all it imports, each after what it imports."""
    found: dict[str, str] = {}

    def visit(name: str) -> None:
        source = (HERE / name).read_text(encoding="utf-8")
        for other in _IMPORT.findall(source):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
            if path not in found:
                visit(path)
        found[name] = source

    visit(entry)
    return found
