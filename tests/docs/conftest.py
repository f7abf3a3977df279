"""The site's own extensions are importable here as they are for Sphinx, and so are the checks of pages."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2] / folder) for folder in ("docs/_ext", "checks", "tests/docs")]
