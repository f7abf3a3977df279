"""What a benchmark leaves behind: ``results/NAME.json``, from which the site draws its page of benchmarks."""

from __future__ import annotations

import datetime
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def machine(*packages: str, **more: Any) -> dict[str, Any]:
    """What was measured on: take it first, for the load is that of other work."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    load = {"load": round(os.getloadavg()[0], 1)} if hasattr(os, "getloadavg") else {}
    versions = {name: version(name) for name in packages}
    return {
        "processor": model,
        "cores": os.cpu_count(),
        **load,
        **versions,
        "Python": platform.python_version(),
        **more,
    }


def save(script: str, on: dict[str, Any], settings: dict[str, Any], **tables: list[dict[str, Any]]) -> None:
    """Write a result: the day, the machine, the settings, and tables of rows; and show it."""
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    text = json.dumps({"date": day, "machine": on, "settings": settings, **tables}, indent=1, ensure_ascii=False)
    RESULTS.mkdir(exist_ok=True)
    draft = RESULTS / f"{Path(script).stem}.part"
    draft.write_text(f"{text}\n", encoding="utf-8")
    draft.replace(draft.with_suffix(".json"))
    print(text)
