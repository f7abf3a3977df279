"""Which parameters of a network go to which rule, by name and with the reason."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from . import check
from .given import follows_rule, name_of, unwrap
from .table import Table, plain


class ParameterGroups(list[dict[str, Any]]):
    """Groups of parameters for ``Optimizer(groups, otherwise=...)``, which say what goes where. See `parameter_groups`.

    Attributes
    ----------
    table : Table
        A row for each parameter: its shape, who steps it, and why.
    """

    def __init__(self, groups: list[dict[str, Any]], table: Table) -> None:
        super().__init__(groups)
        self.table = table

    def __repr__(self) -> str:
        return str(self.table)

    def _repr_markdown_(self) -> str:
        return self.table._repr_markdown_()


def parameter_groups(module: nn.Module, optimizer: Any, otherwise: Sequence[str] = ()) -> ParameterGroups:
    """Say which parameters of a network an optimizer steps, and which it leaves to another one.

    Parameters
    ----------
    module : torch.nn.Module
        The network.
    optimizer : class, or `functools.partial` of one
        One of ours. What its rule does not step goes to the other one: with a rule that steps matrices, everything that
        is no matrix.
    otherwise : sequence of str
        Names of parameters, or of modules with all of theirs, that go to the other optimizer although the rule could
        step them: ``["embedding", "head"]``. ``*`` stands for anything: ``"*.attention.*"``.

    Returns
    -------
    ParameterGroups
        At most two groups, with the parameters' names, to be handed to the optimizer. They show themselves as a table.

    Raises
    ------
    TypeError
        If the module is none, or the optimizer not one of ours.
    ValueError
        If a name in ``otherwise`` fits no parameter.

    Examples
    --------
    >>> import torch, optguide as og
    >>> network = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    >>> groups = og.parameter_groups(network, og.Adam, otherwise=["2"])
    >>> optimizer = og.Adam(groups, lr=0.01, otherwise=og.SGD.at(lr=0.1))
    """
    check.kind("module", module, nn.Module, "a torch.nn.Module")
    optimizer, _ = unwrap(optimizer, {})
    if not follows_rule(optimizer):
        raise TypeError(f"optimizer must be one of ours, which say what they step, got {name_of(optimizer)}")
    check.kind("otherwise", otherwise, (list, tuple), "a list of names")
    named = dict(module.named_parameters())
    for pattern in otherwise:
        if not any(_fits(name, check.text("otherwise", pattern)) for name in named):
            raise ValueError(
                f"otherwise must name parameters of the module, got {pattern!r}{check.hint(pattern, named)}"
            )
    groups: dict[bool, list[tuple[str, Tensor]]] = {False: [], True: []}
    rows, rule = [], optimizer.rule
    for name, p in named.items():
        shape = " × ".join(map(str, p.shape)) or "a number"
        asked = next((pattern for pattern in otherwise if _fits(name, pattern)), None)
        home = type(module.get_submodule(name.rpartition(".")[0])).__name__
        what = ("number", "vector", "matrix")[p.dim()] if p.dim() < 3 else f"tensor of {p.dim()} axes"
        leaves = asked is not None or not rule.takes(p.shape)
        why = f"a {what} of {home}"
        if asked is not None:
            why += f", named by {asked!r}"
        elif leaves:
            why += f": {rule.name} steps matrices"
        groups[leaves].append((name, p))
        rows.append((plain(name), shape, "the other" if leaves else plain(rule.name), plain(why)))
    shares = {leaves: sum(math.prod(p.shape) for _, p in pairs) for leaves, pairs in groups.items()}
    title = f"{shares[False]:,} numbers to {plain(rule.name)}, {shares[True]:,} to the other optimizer"
    table = Table(title, ("parameter", "shape", "stepped by", "because it is"), rows, "results")
    made = [{"params": pairs, "otherwise": leaves} for leaves, pairs in groups.items() if pairs]
    return ParameterGroups(made, table)


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or name.startswith(f"{pattern}.")
