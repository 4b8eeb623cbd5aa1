"""Products: a list to search in, and one product with its variants, texts, media, versions."""

import uuid
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.catalog import documents
from app.catalog import queries as catalog_queries
from app.catalog.queries import ProductSearch, VariantSearch
from app.catalog.rules import STATUSES, UNITS, fallbacks
from app.infra.db import db
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.web.blueprint import blueprint, id_in_url, me, page_asked
from app.web.pages.catalog.shared import LANGUAGES, makers


@blueprint.get("/catalog")
@makers("catalog.read")
def catalog() -> ResponseReturnValue:
    """The caller's products."""
    own = me().organization_id
    category = request.args.get("category")
    status = request.args.get("status")
    search = ProductSearch(
        words=request.args.get("q", "").strip() or None,
        category_id=id_in_url("cat", category) if category else None,
        status=status if status in STATUSES else None,
    )
    return render_template(
        "catalog/products.html",
        page=catalog_queries.browse_products(
            db.session, caller=me(), page=page_asked(), search=search
        ),
        tree=catalog_queries.tree_of(db.session, manufacturer_id=own),
        changes=sum(catalog_queries.count_changes(db.session, manufacturer_id=own).values()),
        search=search,
        statuses=STATUSES,
    )


@blueprint.get("/catalog/products/<text>")
@makers("catalog.read")
def catalog_product(text: str) -> ResponseReturnValue:
    """One product."""
    product_id = id_in_url("prod", text)
    found = catalog_queries.get_product(db.session, caller=me(), product_id=product_id)
    locale = request.args.get("locale", "en")
    locales = fallbacks([locale])
    variants = catalog_queries.list_variants(
        db.session,
        caller=me(),
        page=PageRequest(after=page_asked().after, limit=MAX_PAGE_SIZE),
        search=VariantSearch(product_id=product_id),
    )
    return render_template(
        "catalog/product.html",
        product=documents.document(found, kind="product", caller=me(), locales=locales),
        variants=documents.page_of_documents(
            variants, kind="variant", caller=me(), locales=locales
        ),
        facts=documents.facts_of(
            db.session,
            manufacturer_id=found.manufacturer_id,
            attributes={each.id: each.attributes for each in variants.items},
            locales=locales,
        ),
        history=catalog_queries.history_of(
            db.session, subject_ids=[product_id, *(each.id for each in variants.items)]
        ),
        successors=_skus(variants.items),
        languages=LANGUAGES,
        locale=locale,
        units=UNITS,
    )


def _skus(variants: Any) -> dict[uuid.UUID, str]:  # noqa: ANN401 - a sequence of variants
    return {each.id: each.sku for each in variants}
