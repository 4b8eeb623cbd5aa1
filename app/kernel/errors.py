"""Refusals: errors know their kind and their stable code; only the HTTP edge knows numbers.

A refusal says what is wrong, where, and how to mend it. Codes are ``<domain>.<fact>`` and never
change once published.
"""

from typing import Any, ClassVar


class AppError(Exception):
    """The root of every anticipated refusal.

    Attributes:
        code: stable machine-readable name of the fact.
        details: typed facts for the caller (plain JSON values).
    """

    code: ClassVar[str] = "app.refused"
    title: ClassVar[str] = "The request was refused"

    def __init__(self, detail: str = "", **details: Any) -> None:  # noqa: ANN401 - JSON facts
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.details: dict[str, Any] = details


class NotFound(AppError):
    """There is no such thing, or the caller may not know of it."""

    code = "app.not_found"
    title = "There is no such thing"


class Unauthenticated(AppError):
    """The caller did not say who it is, or not credibly."""

    code = "auth.unauthenticated"
    title = "Say who you are: send an API key as a bearer token"


class Forbidden(AppError):
    """The caller is known and may not do this."""

    code = "auth.forbidden"
    title = "You may not do this"


class Conflict(AppError):
    """The state of things does not allow it now."""

    code = "app.conflict"
    title = "The current state does not allow this"


class PreconditionFailed(AppError):
    """Somebody changed the thing since it was read."""

    code = "http.precondition_failed"
    title = "It was changed since you read it: read it again and repeat"


class PreconditionRequired(AppError):
    """An edit must name the version it edits."""

    code = "http.precondition_required"
    title = "Send If-Match with the ETag that you read"


class Rejected(AppError):
    """Understood, but against a rule whatever the state."""

    code = "app.rejected"
    title = "A rule forbids this"


class Malformed(AppError):
    """The payload cannot be read; ``details['errors']`` holds one entry per field."""

    code = "http.malformed"
    title = "The payload cannot be read"


class Unavailable(AppError):
    """Something needed is not there right now; repeat later."""

    code = "app.unavailable"
    title = "Temporarily unavailable: repeat later"
