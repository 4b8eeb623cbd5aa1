"""What decorators of routes leave behind for the API's description (``app.infra.openapi``)."""

from collections.abc import Callable
from typing import Any

_NOTES = "_apidoc"  # where flask-smorest's own decorators keep theirs


def mark(wrapper: Callable[..., Any], view: Callable[..., Any], **facts: str) -> None:
    """Note facts about a decorated view, besides what is noted already."""
    setattr(wrapper, _NOTES, {**getattr(view, _NOTES, {}), **facts})
