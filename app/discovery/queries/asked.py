"""What a search is asked, what it counts, and the values that its statements are bound to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.discovery.queries.matching import Shape
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import NAME, RELEVANCE, Cursor, Filters, Priced, Question
from app.infra.db import array_of

PAGE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Everything that is asked of a search."""

    question: Question
    locale: str
    filters: Filters
    sort: str = RELEVANCE
    cursor: str | None = None
    limit: int = PAGE

    @property
    def order(self) -> str:
        """The order that is meant: nothing is relevant to no question."""
        return NAME if self.sort == RELEVANCE and self.question.is_empty else self.sort

    @property
    def shape(self) -> Shape:
        """What decides on the statement's text."""
        return Shape(
            self.locale,
            has_words=not self.question.is_empty,
            groups=len(self.filters.tokens),
            only_available=self.filters.is_available,
        )


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a facet, how many fit, its name where it is an id, and the attribute's facts.

    ``title`` holds an attribute's name, kind, unit and options as JSON.
    """

    token: str
    many: int
    label: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What holds for all that fits, and the page's rows."""

    total: int
    is_exact: bool
    facets: Sequence[Facet]
    page: "Slice"
    prices: dict[str, Priced] | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """A page's rows (sort key, id), and the row after which the next one begins."""

    rows: Sequence[tuple[str, str]]
    last: tuple[str, str] | None


def slice_of(rows: Sequence[tuple[str, str]], limit: int) -> Slice:
    """A page of rows, of which one more was read than it holds."""
    return Slice(rows[:limit], rows[limit - 1] if len(rows) > limit else None)


def binds_of(
    viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> dict[str, Any]:
    """What searching statements are bound to."""
    binds = viewer.binds(now) | {
        "reach": array_of(viewer.reach),
        "locale": search.locale,
        "words": list(search.question.words),
        "codes": list(search.question.codes),
        "whole": search.question.whole,
        "key": cursor.key if cursor else None,
        "after": cursor.after if cursor else None,
        "most": search.limit + 1,
    }
    tokens = search.filters.tokens
    binds["chosen"] = [each for _, values in tokens for each in values]
    for number, (group, values) in enumerate(tokens):
        binds |= {f"group_{number}": group, f"tokens_{number}": values}
    return binds
