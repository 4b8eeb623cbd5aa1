"""Permissions, the roles made of them, and which fit which kinds of organization; key secrets.

Laws: nobody grants what it does not hold; a personal key never does more than the person's role;
no key does more than fits the organization's kinds. All three are checked when a key is made and
again on every request, so that a changed role works at once.

A secret carries 160 random bits: guessing is hopeless whatever the digest costs, so it is stored
as plain SHA-256, and looking it up stays one index probe. (Slow hashes are for passwords.)
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.identity.errors import PermissionNotHeld, PermissionUnfit, PermissionUnknown, RoleUnknown

_SECRET_BYTES = 20
_HINT_LENGTH = 4
TOKEN_PREFIX = "dk_"  # noqa: S105 - the public beginning of every key

# What any organization may be allowed to do.
_COMMON = frozenset(
    {
        "organizations.read", "organizations.write", "members.write", "keys.write",
        "agreements.read", "accounts.read", "accounts.write", "catalog.read", "offers.read",
        "prices.read", "stock.read", "storefronts.read", "carts.write", "orders.read",
        "orders.place", "payments.read", "payments.write", "statements.read", "ledger.read",
        "events.read", "jobs.write", "assortments.read", "assortments.write",
    }
)  # fmt: skip

# What only those who sell need.
_SELLING = frozenset(
    {
        "agreements.write", "offers.write", "prices.write", "stock.write", "storefronts.write",
        "imports.read", "imports.write", "routing.read", "routing.write", "seller_orders.read",
        "seller_orders.answer", "shipments.write", "statements.write",
    }
)  # fmt: skip

_MAKING = frozenset({"catalog.publish", "catalog.write"})

PERMISSIONS = _COMMON | _SELLING | _MAKING

BY_KIND: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "operator": PERMISSIONS,
        "manufacturer": PERMISSIONS,
        "distributor": _COMMON | _SELLING,
        "wholesaler": _COMMON | _SELLING,
        "reseller": _COMMON | _SELLING,
        "buyer": _COMMON,
    }
)

_LOOKING = frozenset(name for name in PERMISSIONS if name.endswith(".read"))
_OFFICE = frozenset({"payments.write", "statements.write", "ledger.read", "jobs.write"})

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "owner": PERMISSIONS,
        "admin": PERMISSIONS - {"payments.write", "statements.write"},
        "buyer": (_LOOKING - {"ledger.read", "statements.read"}) | {"carts.write", "orders.place"},
        "approver": _LOOKING | {"orders.place"},
        "sales": (_LOOKING - {"ledger.read"})
        | {
            "accounts.write", "assortments.write", "offers.write", "prices.write", "carts.write",
            "jobs.write", "imports.write",
        },
        "warehouse": frozenset(
            {
                "organizations.read", "catalog.read", "offers.read", "stock.read", "stock.write",
                "seller_orders.read", "seller_orders.answer", "shipments.write", "events.read",
                "imports.read", "imports.write",
            }
        ),
        "finance": _LOOKING | _OFFICE,
        "viewer": _LOOKING - {"ledger.read"},
    }
)  # fmt: skip


def permissions_for(kinds: Iterable[str]) -> frozenset[str]:
    """All that fits an organization of these kinds."""
    return frozenset[str]().union(*(BY_KIND.get(kind, frozenset()) for kind in kinds))


def permissions_of_role(role: str) -> frozenset[str]:
    """What a role may do.

    Raises:
        RoleUnknown: there is no such role.
    """
    if role not in ROLES:
        raise RoleUnknown(f"There is no role {role!r}", role=role, roles=sorted(ROLES))
    return ROLES[role]


def effective(granted: Iterable[str], *, kinds: Iterable[str], role: str | None) -> frozenset[str]:
    """What a key may do now: what it was granted, still fits, and its person's role still allows.

    ``role`` is None for a key of the organization itself. An unknown role allows nothing.
    """
    allowed = permissions_for(kinds) & frozenset(granted)
    return allowed if role is None else allowed & ROLES.get(role, frozenset())


def require_grantable(
    wanted: Iterable[str], *, held: frozenset[str], kinds: Iterable[str]
) -> frozenset[str]:
    """The wanted permissions, when their maker may grant them to such an organization.

    Raises:
        PermissionUnknown: not a permission of this product.
        PermissionNotHeld: the maker does not hold it.
        PermissionUnfit: the organization's kinds have no use for it.
    """
    names = frozenset(wanted)
    for problem, wrong in (
        (PermissionUnknown, names - PERMISSIONS),
        (PermissionNotHeld, names - held),
        (PermissionUnfit, names - permissions_for(kinds)),
    ):
        if wrong:
            raise problem(f"{problem.title}: {', '.join(sorted(wrong))}", permissions=sorted(wrong))
    return names


def new_token() -> str:
    """A new secret: ``dk_`` and 32 letters and digits, 160 random bits."""
    return TOKEN_PREFIX + base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()


def digest_of(token: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(token.encode()).digest()


def hint_of(token: str) -> str:
    """The end of a secret, by which a person recognizes it in a list."""
    return token[-_HINT_LENGTH:]
