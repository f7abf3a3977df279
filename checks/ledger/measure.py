"""Measures the rows of the ledger whose packages are here, and keeps what was found in ``measured.json``.

    python -m ledger.measure [row ...]

A row that was measured before under other versions keeps that measurement as well; the newest stands first. A row
whose sides take the same steps is news: the command ends with it, and the row is to be deleted.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from . import bed
from .libraries import Line
from .rows import ROWS, Row

MEASURED = Path(__file__).with_name("measured.json")
#: How far apart two sides may be that a row calls equal: packages place tiny constants differently.
EQUAL = 1e-7


class Mended(Exception):
    """Two sides of a row take the same steps."""


def paths(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Both paths; `Mended` if they do not differ any more, a ValueError if their settings do."""
    a, b = row.a.settings(), row.b.settings()
    if unequal := [f"{key}: {a[key]}, {b[key]}" for key in a.keys() & b.keys() - {row.unequal} if a[key] != b[key]]:
        raise ValueError(f"row {row.name!r}: settings must be equal on both sides, got {', '.join(sorted(unequal))}")
    one, other = (side.path(bed.start(row.shapes)) for side in (row.a, row.b))
    if not bed.far(one, other).max() > bed.SAME:
        told = ", ".join(f"{name} {number}" for name, number in row.versions.items())
        raise Mended(f"{row.a.name} and {row.b.name} take the same steps with {told}: delete row {row.name!r}")
    return one, other


def measure(row: Row) -> dict:
    """What running both sides gives, and whatever they are compared with."""
    one, other = paths(row)
    steps, start = bed.far(one, other), bed.start(row.shapes)
    found = {
        "versions": row.versions,
        "a": row.a.name,
        "b": row.b.name,
        "distance": _short(steps.max()),
        "first": int(np.argmax(steps > bed.SAME)),
        "apart": [_short(value) for value in steps],
        "nudged": _short(bed.far(one, row.a.path(bed.start(row.shapes, bed.NUDGE))).max()),
        "lines": [line.place() for line in row.sources if isinstance(line, Line)],
    }
    if row.equal:
        found["equal"] = _short(bed.far(*(side.path(start) for side in row.equal)).max())
        if not found["equal"] < EQUAL:
            raise ValueError(f"row {row.name!r}: its two equal settings are {found['equal']} apart")
    if row.ours:
        ours = row.ours.path(start)
        sides = {"a": one, "b": other}
        found["ours"] = next((name for name in sides if bed.far(ours, sides[name]).max() < EQUAL), "neither")
    return found


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def read(path: Path = MEASURED) -> dict[str, list[dict]]:
    """For each row what was measured, the newest first."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def keep(old: list[dict], new: dict) -> list[dict]:
    """The measurements of a row with a new one; one under the same versions is replaced."""
    return [new, *(found for found in old if found["versions"] != new["versions"])]


def complaints(rows: dict[str, Row], measured: dict[str, list[dict]]) -> list[str]:
    """What rows say that their measurements do not, and the other way round."""
    found = [f"{name}: measured, but there is no such row" for name in measured if name not in rows]
    for name, row in rows.items():
        if not measured.get(name):
            found.append(f"{name}: not measured yet")
            continue
        newest = measured[name][0]
        if (newest["a"], newest["b"]) != (row.a.name, row.b.name):
            found.append(f"{name}: measured with other settings")
        if len(newest["lines"]) != sum(isinstance(source, Line) for source in row.sources):
            found.append(f"{name}: measured with other sources")
        if bool(row.equal) != ("equal" in newest) or bool(row.ours) != ("ours" in newest):
            found.append(f"{name}: measured before it was compared with more")
        for one in measured[name]:
            if f"{one['distance']:.0e}" != f"{row.about:.0e}" or one["distance"] != max(one["apart"]):
                found.append(f"{name}: {one['distance']} apart, about {row.about:.0e} was expected")
            if set(one["versions"]) != set(row.packages):
                found.append(f"{name}: measured with {', '.join(one['versions'])}")
    return found


def write(measured: dict[str, list[dict]], path: Path = MEASURED) -> None:
    """A line for each measurement, rows in their order."""
    rows = {name: measured[name] for name in ROWS if name in measured}
    lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, found)) + "\n]" for name, found in rows.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="which rows; without any, all whose packages are installed")
    names = parser.parse_args().rows
    for name in names:
        if name not in ROWS:
            parser.error(f"there is no row {name!r}; there are {', '.join(ROWS)}")
    measured, news = read(), []
    for row in [ROWS[name] for name in names] or ROWS.values():
        if not row.installed:
            print(f"{row.name}: left as it is, not all of {', '.join(row.needs)} is installed")
            continue
        try:
            found = measure(row)
        except (Mended, LookupError) as error:
            news.append(f"{error}")
            continue
        measured[row.name] = keep(measured.get(row.name, []), found)
        print(f"{row.name}: {found['distance']:.1e} from step {found['first']} on", flush=True)
    write(measured)
    news += complaints(ROWS, measured)
    print(*news, sep="\n")
    return bool(news)


if __name__ == "__main__":
    sys.exit(main())
