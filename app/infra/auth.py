"""Who is asking, and may they? Deny unless entitled.

The caller is resolved once per request by the authenticator that wiring installs; routes name the
permission that they need, queries are scoped by the caller's organization.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from flask import current_app, g, request

from app.infra.marks import mark
from app.kernel.errors import Forbidden, Unauthenticated

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Caller:
    """The organization that asks, through whom, and what that key or member may do.

    ``actor_id`` is the person or API key that acts; ``organization_id`` the principal.
    ``language``: the person's, or else the organization's, if either is said.
    """

    organization_id: uuid.UUID
    actor_id: uuid.UUID
    kinds: frozenset[str]
    permissions: frozenset[str]
    language: str | None = None

    @property
    def is_operator(self) -> bool:
        """Whether the caller runs the network and may see all of it."""
        return "operator" in self.kinds

    def may(self, permission: str) -> bool:
        """Whether the permission was granted."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Refuse without the permission.

        Raises:
            Forbidden: the caller does not hold it.
        """
        if not self.may(permission):
            raise Forbidden(f"This needs the permission {permission}", permission=permission)

    def require_one_of(self, *organization_ids: uuid.UUID | None) -> None:
        """Refuse unless the caller is one of the organizations, or the operator.

        Raises:
            Forbidden: it is none of them.
        """
        if not self.is_operator and self.organization_id not in organization_ids:
            raise Forbidden


class Authenticator(Protocol):
    """Turns a bearer token into a caller."""

    def __call__(self, token: str) -> Caller | None:
        """The caller, or None when the token is unknown, revoked or expired."""
        ...


def bearer_token() -> str | None:
    """The bearer token of the current request, if any."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def current_caller() -> Caller:
    """The caller of the current request.

    Raises:
        Unauthenticated: no credible token.
    """
    caller: Caller | None = g.get("caller")
    if caller is None:
        token = bearer_token()
        authenticate: Authenticator = current_app.extensions["authenticator"]
        caller = authenticate(token) if token else None
        if caller is None:
            raise Unauthenticated
        g.caller = caller
    return caller


def own_language() -> str | None:
    """The language of who asks, where somebody shows a key and it is said.

    Raises:
        Unauthenticated: a key is shown that is none.
    """
    return current_caller().language if bearer_token() is not None else None


def requires(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Route decorator: refuse callers without the permission."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            current_caller().require(permission)
            return view(*args, **kwargs)

        mark(guarded, view, permission=permission)
        return guarded

    return decorate
