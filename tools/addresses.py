"""Record the addresses of new pages in docs/addresses.txt: ``make addresses``."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "docs" / "_ext"))

import moved


def main() -> None:
    record = moved.read(moved.RECORD.read_text(encoding="utf-8")) if moved.RECORD.exists() else {}
    new = moved.unrecorded(record, moved.sources())
    moved.RECORD.write_text(moved.write(record | dict.fromkeys(new, "")), encoding="utf-8")
    print("\n".join(new) or "There is no new page.")


if __name__ == "__main__":
    main()
