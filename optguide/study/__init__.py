"""The guide's own questions: protocols that its pages share, so that readers can ask the same of their own rules.

Each call returns data under plain names. As the last expression of a cell it shows itself, as a picture or a table.
"""

from .articles import IMPACTCRATER2024 as IMPACTCRATER2024
from .articles import SIARSHAI2017 as SIARSHAI2017
from .articles import impactcrater2024, siarshai2017
from .basins import Basins, basins
from .compare import Comparison, Parting, compare
from .difficulty import Difficulty, difficulty
from .rates import Rates, rates
from .report import Report, report
from .responses import Responses, responses
from .result import Picture as Picture
from .result import Result as Result
from .result import Tabular as Tabular
from .side_by_side import SideBySide, side_by_side
from .traits import Traits, traits

__all__ = [
    "rates",
    "Rates",
    "basins",
    "Basins",
    "difficulty",
    "Difficulty",
    "siarshai2017",
    "impactcrater2024",
    "responses",
    "Responses",
    "traits",
    "Traits",
    "side_by_side",
    "SideBySide",
    "compare",
    "Comparison",
    "Parting",
    "report",
    "Report",
]
