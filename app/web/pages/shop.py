"""Storefronts as buyers and visitors see them: search, and a product with sellers and prices.

Every page is a plain link or form; scripts only spare a click. What may be seen is decided by
discovery alone, the same as in the API.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.discovery import documents
from app.discovery import queries as discovery
from app.discovery.errors import BuyerNotNamed, CursorOfAnother
from app.discovery.rules import RELEVANCE, SORTS, Filters, facet_of, question_of
from app.infra.db import db
from app.infra.web import now
from app.kernel.errors import NotFound
from app.kernel.ids import public_id
from app.kernel.money import parse_minor
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.network import queries as network_queries
from app.routing import queries as routing_queries
from app.storefronts import queries as storefront_queries
from app.storefronts.models import Storefront
from app.web.blueprint import blueprint, caller_or_none, id_in_url
from app.web.languages import language_asked
from app.web.texts import LANGUAGES, TEXTS

MOST_CHOICES = 50


@blueprint.get("/shops")
def shops() -> ResponseReturnValue:
    """The storefronts that the caller, or a visitor, may look into."""
    caller = caller_or_none()
    found: Sequence[Storefront] = (
        storefront_queries.list_open_storefronts(db.session, limit=MAX_PAGE_SIZE)
        if caller is None
        else storefront_queries.list_storefronts(
            db.session, caller=caller, page=PageRequest(limit=MAX_PAGE_SIZE)
        ).items
    )
    return render_template("shops.html", shops=found, **_speech())


@blueprint.get("/shop/<slug>")
def shop(slug: str) -> ResponseReturnValue:
    """Search and browse one storefront."""
    try:
        viewer = _viewer(slug)
    except BuyerNotNamed:
        return render_template("shop_closed.html", slug=slug, buyers=_buyers(), **_speech())
    asked = _asked(viewer.currency)
    found = _found(viewer, asked)
    return render_template(
        "shop.html",
        shop=viewer,
        asked=asked,
        q=request.args.get("q", ""),
        found=documents.found_document(found, viewer, asked.locale),
        chosen=set(request.args.getlist("facet")),
        sorts=[each for each in SORTS if each != RELEVANCE or not asked.question.is_empty],
        href=_href("web.shop", slug=slug),
        product_href=lambda item: url_for(
            "web.shop_product", slug=slug, product_id=item["variant_id"], **_eyes()
        ),
        buyers=_buyers(),
        **_speech(),
    )


@blueprint.get("/shop/<slug>/suggest")
def shop_suggest(slug: str) -> ResponseReturnValue:
    """Suggestions while somebody types."""
    viewer = _viewer(slug)
    found = discovery.suggest(
        db.session, viewer=viewer, prefix=request.args.get("q", "")[:100], locale=_locale(),
        now=now(),
    )  # fmt: skip
    items = documents.suggestion_documents(found)["items"]
    return jsonify(items=[each | {"href": _suggested(slug, each)} for each in items])


@blueprint.get("/shop/<slug>/product/<product_id>")
def shop_product(slug: str, product_id: str) -> ResponseReturnValue:
    """One product: from whom, at which prices, and why."""
    viewer = _viewer(slug)
    prefix = product_id.partition("_")[0]
    name = {"prod": "product_id", "var": "variant_id"}.get(prefix)
    if name is None:
        raise NotFound
    wanted = {name: id_in_url(prefix, product_id)}
    page = discovery.product(db.session, viewer=viewer, locale=_locale(), now=now(), **wanted)
    product = documents.product_document(page, viewer)
    chosen = next(
        (each for each in product["variants"] if each["variant_id"] == product_id),
        product["variants"][0],
    )
    return render_template(
        "shop_product.html",
        shop=viewer,
        product=product,
        variant=chosen,
        shop_href=url_for("web.shop", slug=slug, **_eyes()),
        variant_href=lambda variant_id: url_for(
            "web.shop_product", slug=slug, product_id=variant_id, **_eyes()
        ),
        href=_href("web.shop_product", slug=slug, product_id=product_id),
        **_speech(),
    )


def _viewer(slug: str) -> discovery.Viewer:
    buyer = request.args.get("buyer")
    return discovery.look(
        db.session,
        caller=caller_or_none(),
        storefront=slug,
        buyer_id=id_in_url("org", buyer) if buyer else None,
    )


def _asked(currency: str) -> discovery.Search:
    """What the address asks for; what makes no sense in it asks for nothing."""
    asked = request.args
    sort = asked.get("sort", RELEVANCE)
    return discovery.Search(
        question=question_of(asked.get("q", "")[:200].replace("\x00", " ")),
        locale=_locale(),
        filters=Filters.of(
            _chosen(asked.getlist("facet")),
            price_from=_minor(asked.get("price_from", ""), currency),
            price_to=_minor(asked.get("price_to", ""), currency),
            is_available="available" in asked,
        ),
        sort=sort if sort in SORTS else RELEVANCE,
        cursor=asked.get("cursor"),
    )


def _found(viewer: discovery.Viewer, asked: discovery.Search) -> discovery.Found:
    """The page; a cursor that fits no more begins again."""
    try:
        return discovery.search(db.session, viewer=viewer, search=asked, now=now())
    except CursorOfAnother:
        again = discovery.Search(
            question=asked.question, locale=asked.locale, filters=asked.filters, sort=asked.sort
        )
        return discovery.search(db.session, viewer=viewer, search=again, now=now())


def _chosen(texts: Sequence[str]) -> list[tuple[str, str]]:
    chosen = []
    for text in texts[:MOST_CHOICES]:
        try:
            chosen.append(facet_of(text))
        except ValueError:
            continue
    return chosen


def _minor(text: str, currency: str) -> int | None:
    """An amount as people type it, with a point or a comma."""
    try:
        return max(0, parse_minor(text.replace(",", "."), currency)) if text.strip() else None
    except ValueError:
        return None


def _locale() -> str:
    return language_asked(tuple(LANGUAGES))


def _speech() -> dict[str, Any]:
    """What a storefront page speaks."""
    locale = _locale()
    return {"locale": locale, "t": TEXTS[locale], "languages": LANGUAGES}


def _eyes() -> dict[str, Any]:
    buyer = request.args.get("buyer")
    return {"buyer": buyer} if buyer else {}


def _href(endpoint: str, **fixed: str) -> Callable[..., str]:
    """Makes this page's address with something changed; a new question begins at its first page."""

    def href(*, without_facet: str | None = None, **changes: str | None) -> str:
        kept: dict[str, Any] = {
            name: values for name, values in request.args.lists() if name not in {"cursor", "lang"}
        }
        if without_facet is not None:
            kept["facet"] = [each for each in kept.get("facet", []) if each != without_facet]
        merged: Mapping[str, Any] = {**kept, **changes, **fixed}
        return url_for(endpoint, **{key: value for key, value in merged.items() if value})

    return href


def _suggested(slug: str, suggestion: Mapping[str, str]) -> str:
    if suggestion["kind"] == "product":
        return url_for("web.shop_product", slug=slug, product_id=suggestion["value"], **_eyes())
    facet = f"{suggestion['kind']}={suggestion['value']}"
    return url_for("web.shop", slug=slug, facet=facet, **_eyes())


def _buyers() -> list[tuple[str, str]]:
    """As whom a storefront's owner may look: its buyers' ids and names."""
    caller = caller_or_none()
    if caller is None or caller.kinds == frozenset({"buyer"}):
        return []
    accounts = network_queries.list_trading_accounts(
        db.session, caller=caller, page=PageRequest(limit=MAX_PAGE_SIZE), status="active"
    ).items
    ids = [each.buyer_id for each in accounts if each.seller_id == caller.organization_id]
    names = routing_queries.names_of(db.session, ids) if ids else {}
    return sorted(
        ((public_id("org", key), name) for key, name in names.items()), key=lambda one: one[1]
    )
