"""Stop builds in every way, and see that none leaves half a site and that the next build repairs everything.

On a small gallery: builds are killed at random moments, run on a full disk, and given a page that raises. After each,
the site must be the one before, whole, or none; and the next build must give, byte for byte, what a build from nothing
gives. ``interrupted.py [KILLS [SEED]]``
"""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reproducible import build, contents, copy_tree, differences

RACE = '''"""
{title}
=======

A race.
"""

import optguide as og

race = og.race([og.SGD, og.Adam], og.surfaces.{surface}, steps=30)
race

# %%
# Its losses.

race.plot_loss()

# %%
# Its ends.

race.table()
'''
PAGES = {
    "foundations/plot_one": "sphere",
    "optimizers/plot_sgd": "rosenbrock",
    "landscapes/plot_two": "tilted_camel",
    "signals/plot_three": "sphere",
    "comparisons/plot_four": "rosenbrock",
}
INDEX = """# A small site

{race}

```{{toctree}}
bibliography
api/index
{sections}
```
"""


def write_page(tree: Path, page: str, title: str) -> None:
    (tree / "gallery" / f"{page}.py").write_text(RACE.format(title=title, surface=PAGES[page]))


def shrink(tree: Path) -> None:
    """Make a tree's guide a small one: five pages, and the texts that they need."""
    shutil.rmtree(tree / "gallery")
    for page in PAGES:
        section = page.split("/")[0]
        (tree / "gallery" / section).mkdir(parents=True)
        (tree / "gallery" / section / "GALLERY_HEADER.rst").write_text(f"{section}\n{'=' * len(section)}\n\nPages.\n")
        write_page(tree, page, "A page")
    for text in (tree / "docs").glob("*.md"):
        if text.stem != "bibliography":
            text.unlink()
    sections = "\n".join(f"gallery/{page.split('/')[0]}/index" for page in PAGES)
    race = "```{race} landscapes/plot_two\n```"
    (tree / "docs" / "index.md").write_text(INDEX.format(race=race, sections=sections))


def start(tree: Path, **options) -> subprocess.Popen:
    command = [sys.executable, "docs/build.py", "--quiet", "-W", "-n", "--keep-going"]
    return subprocess.Popen(command, cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def limit_files(size: int):
    """In the child: no file may grow beyond a size, as if the disk were full there."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class Trial:
    """A tree, the sites that it may show, and what went wrong so far."""

    def __init__(self, tree: Path) -> None:
        self.tree, self.site = tree, tree / "docs" / "_build" / "html"
        self.whole: dict[str, dict[str, bytes]] = {}
        self.problems: list[str] = []

    def set(self, title: str) -> None:
        """Change one page, so that the next build has something to execute."""
        self.title = title
        write_page(self.tree, "landscapes/plot_two", title)

    def turn(self) -> str:
        """Change the page to what it was not; what the site must become."""
        title = next(title for title in ("Page A", "Page B") if title != self.title)
        self.set(title)
        return title

    def cold(self, title: str) -> None:
        """Remember what a build from nothing gives."""
        self.set(title)
        for made in ("docs/_build", "docs/gallery", "docs/api"):
            shutil.rmtree(self.tree / made, ignore_errors=True)
        begin = time.monotonic()
        self.whole[title] = contents(build(self.tree))
        print(f"from nothing, {title!r}: {len(self.whole[title])} files, {time.monotonic() - begin:.0f} s", flush=True)

    def judge(self, what: str, title: str) -> None:
        """After a build that was stopped: what lies there is whole or absent, and the next build gives all."""
        if self.site.exists() and not any(not differences(contents(self.site), whole) for whole in self.whole.values()):
            self.problems.append(f"{what}: left half a site")
        begin = time.monotonic()
        try:
            found = differences(contents(build(self.tree)), self.whole[title])
        except subprocess.CalledProcessError:
            found = ["the next build fails"]
        self.problems += [f"{what}: {line}" for line in found]
        print(f"{what}: {'; '.join(found) or 'recovered'}, {time.monotonic() - begin:.0f} s", flush=True)


def fill(trial: Trial, tree: Path, disk: str) -> None:
    """Build on a disk that becomes full at one point or another, then again with room."""
    shutil.copytree(trial.tree, tree, ignore=shutil.ignore_patterns("_build", "api"))
    shutil.rmtree(tree / "docs" / "gallery", ignore_errors=True)
    there = Trial(tree)
    there.whole, there.problems = trial.whole, trial.problems
    there.set("Page A")
    sizes = []
    for part in (1, 0, 0.1, 0.4, 0.7, 0.9):
        for made in ("docs/_build", "docs/gallery", "docs/api"):
            shutil.rmtree(tree / made, ignore_errors=True)
        if not sizes:
            before = shutil.disk_usage(disk).used
            build(tree)
            sizes = [before, shutil.disk_usage(disk).used]
            continue
        size = int(sizes[0] + part * (sizes[1] - sizes[0]))
        subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)
        if not start(tree).wait():
            there.problems.append(f"disk full at {part:.0%}: the build says that all is well")
        subprocess.run(["mount", "-o", "remount,size=1g", disk], check=True)
        there.judge(f"disk full after {part:.0%} of what a build writes", "Page A")


def main(kills: int, seed: int) -> int:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as disk:
        tree = Path(folder, "tree")
        copy_tree(tree)
        shrink(tree)
        trial = Trial(tree)
        for title in ("Page A", "Page B"):
            trial.cold(title)
        begin = time.monotonic()
        trial.turn()
        build(tree)
        whole = time.monotonic() - begin
        begin = time.monotonic()
        build(tree)
        print(f"one page changed: {whole:.0f} s; nothing changed: {time.monotonic() - begin:.1f} s", flush=True)

        done = 0
        while done < kills:
            title = trial.turn()
            if done % 2:  # every other time everything has to be executed
                (tree / "docs" / "_build" / "package.stamp").unlink(missing_ok=True)
            moment = chance.uniform(0, whole)
            process = start(tree)
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.kill()
            if process.wait():
                done += 1
                trial.judge(f"{done}: killed after {moment:.1f} s", title)

        for size in (0, 20_000, 100_000, 300_000):
            title = trial.turn()
            (tree / "docs" / "_build" / "package.stamp").unlink(missing_ok=True)
            status = start(tree, preexec_fn=limit_files(size)).wait()
            if not status:
                trial.problems.append(f"files of {size} bytes at most: the build says that all is well")
            trial.judge(f"files of {size} bytes at most", title)

        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", disk], capture_output=True).returncode:
            print("No right to mount a small disk here: none was filled.")
        else:
            try:
                fill(trial, Path(disk, "tree"), disk)
            finally:
                subprocess.run(["umount", disk], check=True)

        trial.set("Page A")
        build(tree)
        page = tree / "gallery/comparisons/plot_four.py"
        good = page.read_text()
        page.write_text(good + "\nraise RuntimeError('on purpose')\n")
        for again in ("once", "twice"):
            if not start(tree).wait():
                trial.problems.append(f"a page raises {again}: the build says that all is well")
        page.write_text(good)
        trial.judge("a page raised", "Page A")

        page.write_text(good + "\n# %%\n# A link to :ref:`nowhere`.\n")
        for again in ("once", "twice"):
            if not start(tree).wait():
                trial.problems.append(f"a page warns {again}: the build says that all is well")
        page.write_text(good)
        trial.judge("a page warned", "Page A")

        extra = tree / "gallery/comparisons/plot_five.py"
        extra.write_text(good)
        build(tree)
        if not differences(contents(trial.site), trial.whole["Page A"]):
            trial.problems.append("a page was added: it is not on the site")
        trial.whole["a page more"] = contents(trial.site)
        extra.unlink()
        trial.judge("a page was removed", "Page A")
    print("\n".join(trial.problems) or "Every build that was stopped left a whole site or none; the next was complete.")
    return bool(trial.problems)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, int(sys.argv[2]) if len(sys.argv) > 2 else 0))
