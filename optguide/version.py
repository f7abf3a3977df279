"""The version: one place for the package, its wheel and what it writes into files."""

__version__ = "0.1.0"
