"""Which tests are run on a planted fault, and in which order: the first that fails ends it."""

from __future__ import annotations

import collections
import json
import re
from pathlib import Path


class Only:
    """Of the tests that are run once per rule or per surface, keep those of one; of JavaScript's, those of a layer.

    JavaScript is tested by what takes minutes in all. There, tests that noticed a fault of the same script come first,
    then modules and their tests by their seconds for each fault that they noticed. The file ``past`` remembers both.
    """

    def __init__(self, target, layer: str, past: Path, fault: str) -> None:
        self.target, self.layer, self.past, self.fault = target, layer, past, fault
        self.seconds, self.begun = collections.Counter(), collections.Counter()
        self.failed, self.noticed = set(), []

    def pytest_sessionstart(self, session) -> None:
        self.session = session

    def pytest_collection_modifyitems(self, items) -> None:
        if "browser" not in self.target.layers:
            words = {item: set(re.findall(r"\w+", item.name)) for item in items}
            items[:] = [i for i in items if self.target.name in words[i] or not words[i] & self.target.others]
            if self.target.group != "words":  # whose tests are named in order: the records know most sentences
                items.sort(key=lambda item: "[" in item.name or "document" in item.name)  # what takes long comes last
            return
        items[:] = [item for item in items if ("browser" in item.fixturenames) == (self.layer == "browser")]
        seconds, noticed, here = remembered(self.past, self.target.path)
        cost = {item: seconds[item.nodeid] / (1 + noticed[item.nodeid] + 9 * here[item.nodeid]) for item in items}
        takes, gains = collections.Counter(), collections.Counter()
        for item in items:
            takes[item.path] += seconds[item.nodeid]
            gains[item.path] += noticed[item.nodeid]
        module = {path: (takes[path] / (1 + gains[path]), path) for path in takes}
        # What a module makes once is made again where tests of another stand between.
        items.sort(key=lambda item: ((), cost[item]) if here[item.nodeid] else (module[item.path], cost[item]))

    def pytest_runtest_logstart(self, nodeid) -> None:
        self.begun[nodeid] += 1

    def pytest_runtest_logreport(self, report) -> None:
        name, items = report.nodeid, self.session.items
        self.seconds[name] += report.duration
        if report.failed and (self.layer not in ("browser", "site") or self.begun[name] == 2):
            self.noticed.append(name)
            self.session.shouldstop = "noticed"
        elif report.failed and name not in self.failed:
            # A busy machine may make a browser late: what does not fail twice has noticed nothing.
            self.failed.add(name)
            again = next(i for i, item in enumerate(items) if item.nodeid == name)
            items.insert(again + 1, items[again])

    def pytest_sessionfinish(self) -> None:
        if "browser" in self.target.layers:
            passed = self.seconds.keys() - self.failed - {*self.noticed}
            slow = {name: round(self.seconds[name], 1) for name in sorted(passed) if self.seconds[name] >= 0.1}
            line = {"path": self.target.path, "fault": self.fault, "noticed": self.noticed[:1], "seconds": slow}
            with open(self.past, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def remembered(past: Path, path: str) -> tuple[collections.Counter, collections.Counter, collections.Counter]:
    """Of every test: its seconds when it last passed, how many faults it noticed, and how many of them in one file."""
    seconds, noticed, here = collections.Counter(), collections.Counter(), collections.Counter()
    for line in past.read_text(encoding="utf-8").splitlines() if past.exists() else ():
        entry = json.loads(line)
        dict.update(seconds, entry["seconds"])
        noticed.update(entry["noticed"])
        if entry["path"] == path:
            here.update(entry["noticed"])
    return seconds, noticed, here


def noticed_by(past: Path, fault: str) -> set[str]:
    """The tests that noticed a fault when it was last planted."""
    lines = past.read_text(encoding="utf-8").splitlines() if past.exists() else ()
    found = [entry["noticed"] for entry in map(json.loads, lines) if entry["fault"] == fault]
    return {*found[-1]} if found else set()
