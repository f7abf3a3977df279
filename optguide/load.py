"""What a reader wrote in a module or a file of their own, by its address: ``my_module:MyOptimizer``, ``file.py:f``."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from . import check


class Missing(ValueError):
    """There is no such module, it cannot be loaded, or it lacks the name; the message says which."""


def is_own(text: str) -> bool:
    """Whether a text is such an address."""
    place, colon, name = text.rpartition(":")
    return bool(colon and place and name)


def load(text: str) -> Any:
    """What stands at an address. Modules are looked for in the current folder first.

    Raises
    ------
    Missing
        If it is not there.
    """
    place, _, name = text.rpartition(":")
    try:
        module = _file(Path(place)) if place.endswith(".py") else _module(place)
    except Missing:
        raise
    except ModuleNotFoundError as error:
        lacks = error.name or place
        because = "" if place == lacks or place.startswith(f"{lacks}.") else f", which {place!r} imports"
        raise Missing(
            f"there is no module {lacks!r}{because}; looked in {os.getcwd()!r} and where Python does"
        ) from None
    except Exception as error:
        raise Missing(f"{place!r} cannot be loaded: {type(error).__name__}: {error}") from error
    try:
        return functools.reduce(getattr, name.split("."), module)
    except AttributeError:
        known = [known for known in vars(module) if not known.startswith("_")]
        raise Missing(f"{place!r} has no {name!r}{check.hint(name, known)}") from None


def _module(place: str) -> ModuleType:
    here = os.getcwd()
    if here not in sys.path:  # as `python -m` has it, whichever way the command was started
        sys.path.insert(0, here)
    return importlib.import_module(place)


def _file(path: Path) -> ModuleType:
    if not path.is_file():
        raise Missing(f"there is no file {str(path)!r}")
    title = re.sub(r"\W", "_", path.stem)
    spec = importlib.util.spec_from_file_location(title, path)
    assert spec and spec.loader  # every file that ends in .py has them
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(title, module)  # dataclasses and pickles look there
    spec.loader.exec_module(module)
    return module
