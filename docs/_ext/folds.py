"""Folds the code of gallery pages: what a cell shows stands before its reader, its code one click away.

sphinx-gallery writes a cell as ``.. code-block:: Python``, followed by what the cell shows. Here such a block becomes a
``<details>``. The first cell's picture comes before its code. A proof, a cell that begins with ``# proof: sentence``,
shows the sentence. Without HTML, a fold is a container.
"""

from __future__ import annotations

import itertools
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.directives.code import CodeBlock
from sphinx.transforms import SphinxTransform

#: Code with more lines than this does not stand open above its picture.
SHORT = 15


class fold(nodes.container):
    """A summary and a cell's code. ``state`` is "hero" (the page's first picture), "shown", "setup" or "proof"."""


class summary(nodes.paragraph):
    """What is seen of a fold that is closed."""


def read_proof(code: str) -> tuple[str, str]:
    """The sentence that a cell proves, and its code without it; for other cells nothing and the code."""
    found = re.match(r"\s*# proof:(.*(?:\n#.*)*)(?:\n|$)", code)
    if not found:
        return "", code
    sentence = " ".join(line.strip("# ") for line in found[1].splitlines()).strip()
    return sentence[:1].upper() + sentence[1:], code[found.end() :].strip("\n")


class Cell(CodeBlock):
    """``code-block``, which folds what sphinx-gallery writes: it alone spells the language with a capital."""

    def run(self) -> list[nodes.Node]:
        if self.arguments != ["Python"]:
            return super().run()
        text = "\n".join(self.content)
        sentence, code = read_proof(text)
        if code == text:
            return [fold("", summary(), *super().run(), state="")]
        if not sentence:
            raise self.error("a proof says what it proves: # proof: the sentence")
        words, messages = self.parse_inline(sentence)
        self.content.trim_start(len(self.content) - code.count("\n") - 1)
        node = fold("", summary("", "", nodes.Text("✓ "), *words), *super().run(), state="proof", classes=["proof"])
        node["names"] = [f"proof {node[0].astext()}"]  # a link that a proof elsewhere on the page does not change
        self.state.document.set_id(node)
        return [node, *messages]


class Fold(SphinxTransform):
    """Decide what is open, and put the picture of a page before its code."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        for note in list(self.document.findall(nodes.note)):
            if "sphx-glr-download-link-note" in note["classes"]:  # the downloads stand at the foot, and in the contents
                note.parent.parent.remove(note.parent)
        for position, node in enumerate(list(self.document.findall(fold))):
            if node["state"] == "proof":
                continue
            shown = _outputs(node)
            pictures = [found for output in shown for found in output.findall(_is_picture)]
            node["classes"] = ["code"]
            node["state"] = "shown" if shown else "setup"
            node["open"] = bool(shown) and node[1].astext().count("\n") < SHORT
            words = "Code"
            if pictures and not position:
                node["state"], node["open"] = "hero", False
                words = f"Code of this {'table' if all(isinstance(n, nodes.table) for n in pictures) else 'picture'}"
                parent = node.parent
                parent.remove(node)
                parent.insert(parent.index(shown[-1]) + 1, node)
            node[0] += nodes.Text(words)


def _outputs(node: fold) -> list[nodes.Node]:
    """What follows a cell up to the comment that sphinx-gallery begins every block with, or to the page's foot."""
    after = node.parent[node.parent.index(node) + 1 :]
    foot = (nodes.comment, nodes.target, nodes.section, addnodes.only, fold)
    return list(itertools.takewhile(lambda sibling: not isinstance(sibling, foot), after))


def _is_picture(node: nodes.Node) -> bool:
    return isinstance(node, (nodes.image, nodes.table))  # players and pictures hold images


def _visit_fold(translator, node: fold) -> None:
    translator.body.append(translator.starttag(node, "details", **({"open": "open"} if node.get("open") else {})))


def _depart_fold(translator, node: fold) -> None:
    translator.body.append("</details>\n")


def _visit_summary(translator, node: summary) -> None:
    translator.body.append("<summary>")


def _depart_summary(translator, node: summary) -> None:
    translator.body.append("</summary>\n")


def _load_switch(app, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is not None and next(doctree.findall(fold), None) is not None:
        app.add_js_file("folds.js", type="module")


def setup(app):
    app.add_node(fold, html=(_visit_fold, _depart_fold))
    app.add_node(summary, html=(_visit_summary, _depart_summary))
    app.add_directive("code-block", Cell, override=True)
    app.add_transform(Fold)
    app.connect("html-page-context", _load_switch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
