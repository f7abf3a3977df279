"""Films of recorded descents: panels drawn once, tracks that grow on them, and files that hold all of it."""

from .animation import SUFFIXES, Animation, animate

__all__ = ["SUFFIXES", "Animation", "animate"]
