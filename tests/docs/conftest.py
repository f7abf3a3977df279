"""The site's own extensions are importable here as they are for Sphinx."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))
