"""Docstrings of public objects against their signatures: names, defaults, and the errors that they name."""

import ast
import builtins
import inspect
import re

import pytest

api = pytest.importorskip("api", reason="needs the docs requirements")


def described():
    """Every public function, class and own method, with its name and docstring."""
    for name, value in api.public_names().items():
        if inspect.isclass(value):
            yield name, value, inspect.getdoc(value)
            for other, member in vars(value).items():
                member = getattr(member, "__func__", member)
                if not other.startswith("_") and inspect.isfunction(member) and other != "update":
                    yield f"{name}.{other}", member, inspect.getdoc(member)
        elif inspect.isfunction(value):
            yield name, value, inspect.getdoc(value)


def parts(text, head):
    """The entries of a section of a docstring: what stands before and after the colon."""
    found = re.search(rf"^{head}\n-+\n(.*?)(?=^\w[\w ]*\n---|\Z)", text or "", re.DOTALL | re.MULTILINE)
    return re.findall(r"^(\S[^:\n]*?)(?: : (.*))?$", found[1], re.MULTILINE) if found else []


def test_every_parameter_that_is_described_is_one_and_has_the_default_that_is_told():
    checked, wrong = 0, []
    for name, value, text in described():
        try:
            parameters = inspect.signature(value).parameters
        except (TypeError, ValueError):
            continue
        free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
        for names, kind in parts(text, "Parameters"):
            for one in (one.strip(" *") for one in names.split(",")):
                if one not in parameters:
                    wrong += [] if free else [f"{name} has no {one}"]
                    continue
                told, default = re.search(r"default:? (.+)$", kind), parameters[one].default
                if told:
                    checked += 1
                    try:
                        same = ast.literal_eval(told[1].strip("`")) == default
                    except (SyntaxError, ValueError):
                        same = told[1].strip("`") == str(default)
                    wrong += [] if same else [f"{name}: {one} is {default!r}, told is {told[1]}"]
    assert not wrong
    assert checked > 100


def test_every_error_that_is_named_exists():
    known = {name.rpartition(".")[2]: value for name, value in api.public_names().items()} | vars(builtins)
    found = [
        (name, one)
        for name, _, text in described()
        for errors, _ in parts(text, "Raises")
        for one in errors.split(", ")
    ]
    assert len(found) > 20
    for name, error in found:
        kind = known.get(error.rpartition(".")[2])
        assert inspect.isclass(kind) and issubclass(kind, Exception), f"{name} raises {error}"
