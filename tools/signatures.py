"""Write what editors and type checkers see of the optimizers: ``python tools/signatures.py`` (``make signatures``).

A class takes its hyperparameters from the signature of its ``update`` when it is made, which no checker follows. So
``optguide/optimizers/__init__.pyi`` says them once more, read from the same signatures; a test holds the two together.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "optguide" / "optimizers"

HEAD = """\
# Written by `make signatures` from the rules. Do not edit.
from collections.abc import Callable
from functools import partial
from typing import Self

from torch.optim.optimizer import ParamsT

{imports}
__all__ = [
{names}]
on_landscapes: list[str]
"""
CLASS = '''
class {name}(Optimizer):
    """{claim}"""

    def __init__(
        self,
        params: ParamsT,
{settings}        *,
        otherwise: Callable[..., Optimizer] | None = None,
    ) -> None: ...
    @classmethod
    def at(
        cls,
        *,
{settings}        otherwise: Callable[..., Optimizer] | None = None,
    ) -> partial[Self]: ...
'''


def signatures(listed: str, rules: dict[str, str]) -> str:
    """The text of ``__init__.pyi``, from that of ``__init__.py`` and of each file with a rule, by the file's stem."""
    tree = ast.parse(listed)
    imported = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    homes = {alias.name: str(node.module) for node in imported for alias in node.names}
    again = [ast.unparse(node) for node in imported if node.names[0].asname]  # what is imported to be seen
    (names,) = (
        ast.literal_eval(a.value) for a in tree.body if isinstance(a, ast.Assign) and isinstance(a.value, ast.List)
    )
    head = HEAD.format(imports="".join(f"{line}\n" for line in again), names="".join(f'    "{n}",\n' for n in names))
    return head + "".join(_class(name, rules[homes[name]]) for name in names)


def _class(name: str, source: str) -> str:
    (rule,) = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name)
    (update,) = (node for node in rule.body if isinstance(node, ast.FunctionDef) and node.name == "update")
    pairs = zip(update.args.kwonlyargs, update.args.kw_defaults, strict=True)
    settings = "".join(f"        {arg.arg}: {_type(default)} = {ast.get_source_segment(source, default)},\n"
                       for arg, default in pairs if default)  # fmt: skip
    return CLASS.format(name=name, claim=(ast.get_docstring(rule) or "").partition("\n")[0], settings=settings)


def _type(default: ast.expr) -> str:
    value = ast.literal_eval(default)
    if isinstance(value, tuple):
        return f"tuple[{', '.join('float' for _ in value)}]"
    return "bool" if isinstance(value, bool) else "float"


def read(folder: Path) -> dict[str, str]:
    """The texts of the modules in a folder, by their stems."""
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}


def main() -> int:
    texts = read(HOUSE)
    (HOUSE / "__init__.pyi").write_text(signatures(texts["__init__"], texts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
