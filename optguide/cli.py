"""The command line: race optimizers into a film, report on one, list what there is."""

from __future__ import annotations

import argparse
import contextlib
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

import optguide as og

from . import check, load
from .files import check_path
from .given import known_optimizers

EXAMPLE = """example:
  optguide race --surface unit_rosenbrock --optimizer sgd lr=0.1 \\
      --optimizer adam lr=0.1 betas=0.9,0.999 --optimizer torch.RMSprop lr=0.1 \\
      --steps 100 -o race.mp4
"""


#: What a film's file may end in, as `Animation.save` has it; stated here so that help comes without loading pictures.
SUFFIXES = (".mp4", ".webm", ".gif", ".webp", ".png", ".html")
#: Most panels that fit into a film, and most steps: a descent is kept whole until its film is made.
PANELS, STEPS = 5, 100_000
#: What a film shows of functions of one and two coordinates.
PANELS_OF = {1: ("curve", "loss"), 2: ("map", "surface")}


class Refusal(Exception):
    """What was asked for cannot be done; the message says what would do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0, 1 if the lines it prints cannot be written, 2 for a mistake in the arguments, 130 for Ctrl-C.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, those of the process by default.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        try:
            # argparse takes -1e-3 for an option, but nothing that begins with a space.
            options = parser().parse_args([f" {text}" if _is_negative(text) else text for text in argv])
            options.command(options)
        finally:
            sys.stdout.flush()
    except Refusal as refusal:
        print(f"optguide: error: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("optguide: interrupted, nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _print_no_more()
    except OSError as error:
        _print_no_more()
        print(f"optguide: error: cannot print what was done: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _is_negative(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.startswith("-")


def _print_no_more() -> None:
    """Let what is still to be printed, at the latest when the process ends, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    """Print a line; what the terminal cannot write is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("optguide", description=og.__doc__, epilog=EXAMPLE, formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"optguide {og.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="{race,report,list}")

    race = commands.add_parser(
        "race",
        help="let optimizers descend one surface and film them",
        description="Let optimizers descend one surface from one start, and film them.",
        epilog=EXAMPLE,
        formatter_class=raw,
    )
    race.add_argument(
        "--surface", required=True, metavar="NAME", help="see `optguide list`; or your own: my_module:f, file.py:f"
    )
    race.add_argument(
        "--optimizer",
        required=True,
        action="append",
        nargs="+",
        metavar=("NAME", "SETTING=VALUE"),
        help="one of `optguide list`, torch's by prefix: torch.Adam, or your own: my_module:MyOptimizer, file.py:Name; "
        "may be repeated",
    )
    race.add_argument("--steps", type=int, default=200, help="default %(default)s")
    race.add_argument("--start", type=float, nargs="+", metavar="X", help="coordinates; default: the surface's own")
    race.add_argument(
        "--noise", type=float, default=0.0, help="standard deviation of gradient noise; default %(default)g"
    )
    race.add_argument("--seed", type=int, default=0, help="seed of the noise; default %(default)s")
    race.add_argument(
        "--panels", nargs="+", metavar="PANEL", help="map, surface, curve, loss, or the name of a state such as m"
    )
    race.add_argument("--title", help="stands above the film; default: the surface's title")
    race.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FILE", help=f"ends in {check.words(SUFFIXES)}"
    )
    race.set_defaults(command=_race)

    report = commands.add_parser(
        "report",
        help="measure one optimizer and write a page about it",
        description="Measure an optimizer as the guide measures its own, and write one page that needs no other file.",
    )
    report.add_argument(
        "optimizer",
        nargs="+",
        metavar="NAME [SETTING=VALUE]",
        help="one of `optguide list`, torch's by prefix: torch.Adam, or your own: my_module:MyOptimizer, file.py:Name",
    )
    report.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="ends in .html")
    report.set_defaults(command=_report)

    listing = commands.add_parser("list", help="print the optimizers and the surfaces")
    listing.set_defaults(command=_list)
    return parser


def _race(options: argparse.Namespace) -> None:
    _draw_without_windows()
    with _refusing():
        check_path(options.output, SUFFIXES, "output")
    surface = _surface(options.surface, options.start)
    dim = surface.dim if isinstance(surface, og.Surface) else len(options.start)
    runners = _runners(options.optimizer, dim)
    panels = tuple(options.panels or PANELS_OF.get(dim, ("loss",)))
    _check_panels(panels, dim, runners)
    if options.steps > STEPS:
        raise Refusal(f"steps must be at most {STEPS:,}, got {options.steps:,}; og.descend in Python takes more")
    with _refusing():
        extra = {"noise": options.noise, "seed": options.seed, "title": options.title}
        race = og.race(runners, surface, options.start, options.steps, **extra)
        race.animate(panels=panels).save(options.output)
    width = max(map(len, race))
    for name, run in race.items():
        end = ", ".join(f"{x:.6g}" for x in run.theta[-1])
        result = f"ends at ({end}), loss {run.loss[-1]:.6g}"
        _say(f"{name:{width}}  {result if run.diverged_at is None else f'diverged at step {run.diverged_at}'}")
    _say(f"{options.output}: {options.output.stat().st_size / 1000:.0f} KB")


def _report(options: argparse.Namespace) -> None:
    _draw_without_windows()
    with _refusing():
        check_path(options.output, [".html"], "output")
    (runner,) = _runners([options.optimizer], 2).values()
    with _refusing():
        og.report(runner).save(options.output)
    _say(f"{options.output}: {options.output.stat().st_size / 1000:.0f} KB")


def _draw_without_windows() -> None:
    """A command writes files; it never opens a window."""
    import matplotlib

    matplotlib.use("agg")


def _list(options: argparse.Namespace) -> None:
    _say("optimizers")
    cls: Any
    for name, cls in known_optimizers().items():
        if name.startswith("torch."):
            _say(f"  {name}")
            continue
        settings = " ".join(f"{key}={_spell(value)}" for key, value in cls.hyperparameters.items())
        _say(f"  {name} {settings}\n      {_claim(cls)}")
    _say("\nsurfaces")
    for name in og.surfaces.__all__:
        _say(f"  {name}\n      {_claim(getattr(og.surfaces, name))}")


def _runners(requests: Iterable[Sequence[str]], dim: int) -> dict[str, Callable[..., Any]]:
    """The optimizers asked for, by label: two of a kind are told apart by their settings."""
    known = known_optimizers()
    names = {cls: name for name, cls in known.items()}
    wanted = []
    for name, *settings in requests:
        if load.is_own(name):
            cls = _load("optimizer", name)
            if not (isinstance(cls, type) and issubclass(cls, torch.optim.Optimizer)):
                raise Refusal(f"optimizer must be a class of optimizers, got {cls!r} for {name!r}")
            names.setdefault(cls, cls.__name__ if cls.__name__ not in names.values() else name)
        else:
            cls = _find("optimizer", name, known)
        wanted.append((cls, _settings(names[cls], cls, settings, dim), settings))
    runners: dict[str, Callable[..., Any]] = {}
    for cls, values, settings in wanted:
        alone = sum(cls is other for other, _, _ in wanted) == 1
        label = names[cls] if alone else " ".join([names[cls], *settings])
        if label in runners:
            raise Refusal(f"optimizer {label!r} is given twice; change a setting or leave one out")
        runners[label] = functools.partial(cls, **values)
    return runners


def _settings(name: str, cls: type, texts: Iterable[str], dim: int) -> dict[str, Any]:
    """The settings of one optimizer, tried on a parameter so that a bad one is refused before any descent."""
    takes = [key for key in inspect.signature(cls).parameters if key != "params"]
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals and value):
            raise Refusal(f"a setting of {name} must look like lr=0.1 or betas=0.9,0.999, got {text!r}")
        if key not in takes:
            raise Refusal(check.unknown(name, key, takes))
        if key in values:
            raise Refusal(f"{key} of {name} is given twice")
        values[key] = _value(name, text, value)
    try:
        cls([torch.nn.Parameter(torch.zeros(dim, dtype=torch.float64))], **values)
    except (TypeError, ValueError) as error:
        raise Refusal(f"{name}: {error}") from None
    return values


def _value(name: str, setting: str, text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        numbers = tuple(int(part) if part.isdecimal() else float(part) for part in text.split(","))
    except ValueError:
        raise Refusal(f"{name}: {setting!r} is not a number, numbers separated by commas, true or false") from None
    return numbers if "," in text else numbers[0]


def _check_panels(panels: Sequence[str], dim: int, runners: Mapping[str, Any]) -> None:
    if len(panels) > PANELS:
        raise Refusal(f"a film has room for {PANELS} panels, got {len(panels)}")
    choices = list(dict.fromkeys([*PANELS_OF.get(dim, ()), "loss"]))
    rules = [runner.func for runner in runners.values()]
    if not all(issubclass(rule, og.Optimizer) for rule in rules):
        return  # the states of torch's optimizers are known only once they have run; `animate` checks them then
    choices += [state for state in rules[0].state_names if all(state in rule.state_names for rule in rules)]
    for panel in panels:
        if panel not in choices:
            hint = check.hint(panel, choices)
            raise Refusal(f"panel must be {check.words(choices)} in this race, got {panel!r}{hint}")


@contextlib.contextmanager
def _refusing():
    """Turn the package's own complaints about arguments into refusals."""
    try:
        yield
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        raise Refusal(error) from error


def _surface(text: str, start: Sequence[float] | None) -> Any:
    """A surface by its name, or a function of the reader's own."""
    if not load.is_own(text):
        return _find("surface", text, {name: getattr(og.surfaces, name) for name in og.surfaces.__all__})
    surface = _load("surface", text)
    if not callable(surface) or isinstance(surface, type):
        raise Refusal(f"surface must be a function, got {surface!r} for {text!r}")
    if isinstance(surface, og.Problem) and not isinstance(surface, og.Surface):
        raise Refusal(
            f"surface must be a function of coordinates, got {surface!r}; og.race in Python takes any problem"
        )
    if start is None and not isinstance(surface, og.Surface):
        raise Refusal(f"--start must be given: {text!r} has no start of its own")
    return surface


def _load(kind: str, text: str) -> Any:
    try:
        return load.load(text)
    except load.Missing as error:
        raise Refusal(f"{kind}: {error}") from error


def _find(kind: str, text: str, known: Mapping[str, Any]) -> Any:
    try:
        return check.choice(kind, text, known)
    except ValueError as error:
        raise Refusal(f"{error}; `optguide list` prints them all") from None


def _spell(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _claim(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]
