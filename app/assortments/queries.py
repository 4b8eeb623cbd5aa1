"""Assortments of the caller's, what they select, and what unsaved ones would.

Membership is asked of ``assortments_holds`` and of nothing else. An owner is shown the variants
that it may know of, whatever else its rules would hold of.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY

from app.assortments.errors import AssortmentNotFound
from app.assortments.models import Assortment, AssortmentItem, AssortmentRule
from app.catalog import queries as catalog_queries
from app.catalog.rules.wording import code
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest, page_of

DRAFT = "draft"

variants = table(
    "catalog_variants",
    column("id", Uuid()), column("product_id", Uuid()), column("manufacturer_id", Uuid()),
    column("category_id", Uuid()), column("sku", Text()), column("name", Text()),
    column("status", Text()), column("attributes"),
)  # fmt: skip
_products = table("catalog_products", column("id", Uuid()), column("brand", Text()))
_categories = table(
    "catalog_categories",
    column("id", Uuid()), column("manufacturer_id", Uuid()), column("path", ARRAY(Uuid())),
)  # fmt: skip
_organizations = table(
    "network_organizations", column("id", Uuid()), column("kinds", ARRAY(Text()))
)

_LISTED = text("""
SELECT assortment_id, count(*) FILTER (WHERE included) AS included,
       count(*) FILTER (WHERE NOT included) AS excluded
FROM assortments_items WHERE assortment_id = ANY (CAST(:ids AS uuid[])) GROUP BY assortment_id
""")

# Whom a change of an assortment concerns beside its owner.
_CONCERNED = text("""
SELECT a.grantee_id AS id FROM network_agreement_terms t
JOIN network_agreements a ON a.id = t.agreement_id AND a.status IN ('active', 'suspended')
WHERE t.assortment_id = :id
UNION
SELECT buyer_id FROM network_trading_accounts WHERE assortment_id = :id AND status <> 'closed'
""")

_USES = text("""
SELECT (SELECT count(*) FROM network_agreement_terms WHERE assortment_id = :id) AS agreement_terms,
       (SELECT count(*) FROM storefronts_storefronts WHERE assortment_id = :id) AS storefronts,
       (SELECT count(*) FROM network_trading_accounts WHERE assortment_id = :id)
           AS trading_accounts
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many variants an assortment selects, and the first of them."""

    count: int
    sample: Sequence[RowMapping]


def get_assortment(session: DbSession, *, caller: Caller, assortment_id: uuid.UUID) -> Assortment:
    """An assortment of the caller's.

    Raises:
        AssortmentNotFound: the caller has no such assortment.
    """
    query = select(Assortment).where(Assortment.id == assortment_id, _own(caller))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise AssortmentNotFound
    return found


def require_owned(session: DbSession, *, assortment_id: uuid.UUID, owner_id: uuid.UUID) -> None:
    """Refuse an assortment that is not this organization's, whoever asks.

    Raises:
        AssortmentNotFound: it has none such.
    """
    query = select(Assortment.id).where(
        Assortment.id == assortment_id, Assortment.owner_id == owner_id
    )
    if session.scalar(query) is None:
        raise AssortmentNotFound


def list_assortments(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Assortment]:
    """The caller's assortments."""
    return page_by_id(session, select(Assortment).where(_own(caller)), key=Assortment.id, page=page)


def rules_of(
    session: DbSession, *, assortment_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[AssortmentRule]]:
    """The rules of assortments, in their order."""
    found: dict[uuid.UUID, list[AssortmentRule]] = {each: [] for each in assortment_ids}
    rows = session.scalars(
        select(AssortmentRule)
        .where(AssortmentRule.assortment_id.in_(assortment_ids))
        .order_by(AssortmentRule.assortment_id, AssortmentRule.position)
        .execution_options(populate_existing=True)
    )
    for rule in rows:
        found[rule.assortment_id].append(rule)
    return found


def listed_of(
    session: DbSession, *, assortment_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int]]:
    """How many variants each assortment includes and excludes by name."""
    rows = session.execute(_LISTED, {"ids": array_of(assortment_ids)})
    return {row.assortment_id: (row.included, row.excluded) for row in rows}


def uses_of(session: DbSession, *, assortment_id: uuid.UUID) -> Mapping[str, int]:
    """How many terms, storefronts and accounts name an assortment."""
    return dict(session.execute(_USES, {"id": assortment_id}).mappings().one())


def concerned_by(session: DbSession, *, assortment_id: uuid.UUID) -> list[uuid.UUID]:
    """Whose view of the goods depends on an assortment: grantees and buyers."""
    return list(session.scalars(_CONCERNED, {"id": assortment_id}))


def list_items(
    session: DbSession, *, assortment_id: uuid.UUID, page: PageRequest
) -> Page[AssortmentItem]:
    """The variants that an assortment names, one by one."""
    query = select(AssortmentItem).where(AssortmentItem.assortment_id == assortment_id)
    if page.after:
        query = query.where(AssortmentItem.variant_id > page.after)
    rows = session.scalars(query.order_by(AssortmentItem.variant_id).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda item: item.variant_id)


def list_members(
    session: DbSession, *, caller: Caller, assortment_id: uuid.UUID, page: PageRequest
) -> Page[RowMapping]:
    """The variants of an assortment, as far as the caller may know of them, by id."""
    query = _members(caller, assortment_id).add_columns(
        variants.c.manufacturer_id, variants.c.category_id, variants.c.sku, variants.c.name,
        variants.c.status,
    )  # fmt: skip
    if page.after:
        query = query.where(variants.c.id > page.after)
    rows = session.execute(query.order_by(variants.c.id).limit(page.limit + 1)).mappings().all()
    return page_of(rows, limit=page.limit, key=lambda row: row["id"])


def count_members(session: DbSession, *, caller: Caller, assortment_id: uuid.UUID) -> int:
    """How many variants an assortment selects, of those that the caller may know of."""
    members = _members(caller, assortment_id).subquery()
    return session.scalar(select(func.count()).select_from(members)) or 0


def unknown_variants(
    session: DbSession, *, caller: Caller, variant_ids: Sequence[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of the variants that the caller may not know of."""
    known = exists().where(variants.c.id == column("wanted"), _visible(caller))
    return _unknown(session, variant_ids, known)


def unknown_categories(
    session: DbSession, *, caller: Caller, category_ids: Sequence[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of the categories that the caller may not know of."""
    known = exists().where(
        _categories.c.id == column("wanted"), _readable(caller, _categories.c.manufacturer_id)
    )
    return _unknown(session, category_ids, known)


def unknown_manufacturers(
    session: DbSession, *, caller: Caller, manufacturer_ids: Sequence[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of the manufacturers that the caller may not know of."""
    known = exists().where(
        _organizations.c.id == column("wanted"),
        _organizations.c.kinds.contains(["manufacturer"]),
        _readable(caller, _organizations.c.id),
    )
    return _unknown(session, manufacturer_ids, known)


def variants_by_sku(
    session: DbSession, *, caller: Caller, skus: Sequence[str]
) -> dict[str, uuid.UUID]:
    """The variants with these SKUs that the caller may know of; of several the first made.

    What was published is found by the code of its SKU, drafts (only their manufacturer knows of
    them) by their manufacturer and SKU.
    """
    texts = ARRAY(Text())
    found = select(variants.c.sku, variants.c.id).where(
        variants.c.sku == any_(bindparam("skus", type_=texts)), _visible(caller)
    )
    by_code = func.catalog_code(variants.c.sku) == any_(bindparam("codes", type_=texts))
    published = found.where(by_code, variants.c.status != literal_column(f"'{DRAFT}'"))
    drafts = found.where(variants.c.status == DRAFT)
    if not caller.is_operator:
        drafts = drafts.where(variants.c.manufacturer_id == caller.organization_id)
    either = union_all(published, drafts).subquery()
    asked = {"skus": list(skus), "codes": [code(each) for each in skus]}
    rows = session.execute(select(either).order_by(either.c.id.desc()), asked)
    return {row.sku: row.id for row in rows}


def _unknown(
    session: DbSession, ids: Sequence[uuid.UUID], known: ColumnElement[bool]
) -> set[uuid.UUID]:
    if not ids:
        return set()
    wanted = func.unnest(sql_cast(bindparam("ids"), ARRAY(Uuid()))).alias("wanted")
    query = select(column("wanted", Uuid())).select_from(wanted).where(~known)
    return set(session.scalars(query, {"ids": array_of(ids)}))


def _members(caller: Caller, assortment_id: uuid.UUID) -> Select[Any]:
    holds = func.assortments_holds(
        sql_cast(assortment_id, Uuid()), variants.c.id, variants.c.manufacturer_id,
        _categories.c.path, _products.c.brand, variants.c.attributes, variants.c.status,
    )  # fmt: skip
    return (
        select(variants.c.id)
        .select_from(variants)
        .join(_products, _products.c.id == variants.c.product_id)
        .join(_categories, _categories.c.id == variants.c.category_id)
        .where(_visible(caller), exists().select_from(holds.alias("held")))
    )


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Drafts are their manufacturer's alone."""
    visible = _readable(caller, variants.c.manufacturer_id)
    if caller.is_operator:
        return visible
    own = variants.c.manufacturer_id == caller.organization_id
    return visible & or_(variants.c.status != DRAFT, own)


def _readable(caller: Caller, manufacturer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return catalog_queries.visible_manufacturers(caller, manufacturer_id)


def _own(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.is_operator else Assortment.owner_id == caller.organization_id
