"""The page of benchmarks, from ``benchmarks/results``: pictures, tables, and every number in its text.

``.. benchmark:: step`` draws a result, with what it shows as its content; where and when it was measured, and all its
numbers, follow. The role ``{n}`` stands for a number, as ``:n:`` does on a page of the gallery; it knows the results by
their names, and their tables as data frames.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import charts
import pandas as pd
from docutils import nodes
from measured import evaluate, field
from oracle_table import within
from scraper import cell_to_rst, list_table
from sphinx.errors import ExtensionError

import optguide as og

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
PAGE = "benchmarks"
ROLE = re.compile(r"\{n\}`([^`]+)`")
#: A column's last word is its unit.
UNITS = {"s": "s", "ms": "ms", "kB": "kB", "MiB": "MiB", "seconds": "s"}
#: Milliseconds between two pictures of a screen.
FRAME = 1000 / 60


def read(folder: Path = RESULTS) -> dict[str, SimpleNamespace]:
    """The results by name: date, machine and settings as they are, tables as data frames."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: pd.DataFrame(rows) for name, rows in data.items() if isinstance(rows, list)}
        facts = {"date": data["date"], "machine": data["machine"], "settings": SimpleNamespace(**data["settings"])}
        found[path.stem] = SimpleNamespace(**facts, **tables, tables=tables)
    return found


def filled(text: str, results: dict[str, SimpleNamespace]) -> str:
    """The text of the page with its numbers."""

    def number(found: re.Match) -> str:
        try:
            return evaluate(field(found), {**results, **helpers(results)})
        except Exception as error:
            raise ExtensionError(f"{PAGE}.md: {field(found)!r} gives no number: {error!r}") from error

    return ROLE.sub(number, text)


def helpers(results: dict[str, SimpleNamespace]) -> dict[str, Any]:
    """What a field may use besides the results."""

    def of(precision: str) -> pd.DataFrame:
        return results["training"].rows.query("precision == @precision")

    def total(precision: str) -> float:
        return of(precision).one_by_one_s.sum() / of(precision).at_once_s.sum()

    def apart(precision: str) -> str:
        return within(of(precision).losses_apart.max())

    def of_step(name: str) -> pd.Series:
        return results["step"].rows.query("step == @name").ratio

    return {"frame": FRAME, "total": total, "apart": apart, "of_step": of_step}


def landscape(name: str) -> str:
    return getattr(og.surfaces, name).title


def panels(table: pd.DataFrame, by: str, bar: str, value: str, title: Callable[[Any], str] = str) -> charts.Bars:
    """A panel for each value of one column, a bar for each of another."""
    return {
        title(key): dict(zip(rows[bar].map(str), rows[value], strict=True))
        for key, rows in table.groupby(by, sort=False)
    }


def draw(name: str, result: SimpleNamespace) -> tuple[Any, str]:
    """The chart of a result, and its words."""

    def bars(found: charts.Bars, axis: str, **options: Any) -> tuple[Any, str]:
        return charts.bars(found, axis, **options), charts.words_of_bars(found, axis)

    table = result.tables.get("rows")
    ours = "times as long as ours (log scale)"
    match name:
        case "export":
            pairs = zip(table.written, table.beside, table.times_as_fast, table.times_as_small, strict=True)
            found = {f"{b}, against our {a}": {"time": fast, "size": small} for a, b, fast, small in pairs}
            return bars(found, "times as much as ours (log scale)", log=True, mark=1)
        case "tuning":
            found = panels(table, "landscape", "rule", "ratio", landscape)
            return bars(found, f"one after another: {ours}", log=True, mark=1)
        case "training":
            return bars(panels(table, "precision", "rule", "ratio"), "torch's loop: times as long as ours", mark=1)
        case "step":
            found = panels(table, "million_parameters", "step", "ratio", lambda size: f"{size:g} million parameters")
            others = [step for step in table.step.unique() if not step.startswith("ours")]
            return bars(found, "times as long as torch's foreach", mark=1, beside=others)
        case "basins":
            seconds = dict(zip(table.landscape.map(landscape), table.seconds / result.settings.rules, strict=True))
            return bars({"": seconds}, "seconds a map")
        case "lab":
            drag = {"": dict(zip(result.drag.share, result.drag.ms, strict=True)) | {"one frame of a screen": FRAME}}
            axis = "milliseconds for all descents of one start"
            return bars(drag, axis, beside=["one frame of a screen"])
        case "sweep":
            batch, chain, lengths, memory = result.batch, result.coordinates, result.lengths, result.memory
            found = [
                (
                    "The size of the batch",
                    "descents at once",
                    "descents per second",
                    batch.descents,
                    batch.descents_per_s,
                ),
                ("The number of coordinates", "coordinates", "seconds", chain.coordinates, chain.seconds),
                ("The number of steps", "steps", "seconds", lengths.steps, lengths.seconds),
                ("Memory", "bound in MiB", "held in MiB", memory.bound_MiB, memory.held_MiB),
            ]
            return charts.curves(found), charts.words_of_curves(found)
    raise ExtensionError(f"there is no chart of the benchmark {name}")


def head(column: str) -> str:
    """A column's name in words, its unit behind a comma."""
    words = column.split("_")
    if column.endswith("_per_s"):
        return f"{' '.join(words[:-2])} per second"
    if words[-1] in UNITS:
        return ", ".join(filter(None, [" ".join(words[:-1]), UNITS[words[-1]]]))
    return " ".join(words)


def cell(value: Any) -> str:
    if isinstance(value, str):
        return landscape(value) if hasattr(og.surfaces, value) else value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def table_rst(table: pd.DataFrame) -> str:
    rows = table.astype(object).to_numpy().tolist()
    return list_table("results", [head(name) for name in table], [[cell_to_rst(cell(v)) for v in row] for row in rows])


def measured_on(result: SimpleNamespace) -> str:
    """The day and the machine."""
    day = datetime.date.fromisoformat(result.date)
    facts = dict(result.machine)
    parts = [f"{facts.pop('processor')} with {facts.pop('cores')} cores"]
    parts += [f"load {facts.pop('load')}"] if "load" in facts else []
    parts += [f"{facts.pop('threads')} threads"] if "threads" in facts else []
    parts += [f"{name} {version}" for name, version in facts.items()]
    return f"Measured on {day.day} {day:%B %Y}: {', '.join(parts)}."


class Benchmark(charts.Chart):
    """A result: its charts, what they show, where it was measured, and its numbers."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, results = self.arguments[0], read()
        if name not in results:
            raise self.error(f"benchmark: there is no {name}; there are {', '.join(results)}")
        figure, words = draw(name, results[name])
        made = [*self.chart(figure, f"benchmark_{name}", words), *self.parse_content_to_nodes()]
        made.append(nodes.paragraph("", measured_on(results[name]), classes=["measured"]))
        made.append(nodes.raw("", '<details class="numbers"><summary>All numbers</summary>', format="html"))
        for table in results[name].tables.values():
            made += self.parse_text_to_nodes(table_rst(table))
        made.append(nodes.raw("", "</details>", format="html"))
        return made


def fill(app, docname: str, content: list[str]) -> None:
    if docname == PAGE:
        for path in RESULTS.glob("*.json"):
            app.env.note_dependency(str(path))
        content[0] = filled(content[0], read())


def setup(app):
    app.add_directive("benchmark", Benchmark)
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
