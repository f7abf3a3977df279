"""The guide's own questions: each one call, whose result is data and shows itself."""

from .compare import Comparison, Parting, compare

__all__ = ["Comparison", "Parting", "compare"]
