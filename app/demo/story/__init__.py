"""One order of the built-in network, from the cart to the statement: acted once, told from rows."""

from app.demo.story.acting import NotLoaded, act
from app.demo.story.reading import Story, read

__all__ = ["NotLoaded", "Story", "act", "read"]
