"""A seller's price lists, and the question that every sales desk hears: why this price?"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.catalog import queries as catalog_queries
from app.catalog.models import Variant
from app.catalog.queries import VariantSearch
from app.infra.db import db
from app.infra.web import now
from app.kernel.money import UnitPrice
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.network import queries as network_queries
from app.network.models import TradingAccount
from app.pricing import queries
from app.pricing.queries import Ask, Request
from app.pricing.rules import PURPOSES, REASONS, Choice
from app.storefronts import queries as storefront_queries
from app.storefronts.models import Storefront
from app.web.blueprint import blueprint, me, page_asked, signed_in

_MOST = 10_000_000


@blueprint.get("/prices")
@signed_in
def price_lists() -> ResponseReturnValue:
    """The caller's price lists, and those that it may read of others."""
    me().require("prices.read")
    purpose = request.args.get("purpose")
    found = queries.list_price_lists(
        db.session,
        caller=me(),
        page=page_asked(),
        purpose=purpose if purpose in PURPOSES else None,
    )
    bases = {each.base_list_id for each in found.items if each.base_list_id}
    return render_template(
        "prices.html",
        page=found,
        names=queries.names_of(db.session, bases),
        purpose=purpose,
        purposes=PURPOSES,
    )


@blueprint.get("/prices/why")
@signed_in
def why_price() -> ResponseReturnValue:
    """One price of the caller's: what holds, how it came about, and why nothing else does."""
    me().require("prices.read")
    form, problems = _form()
    answer = _answer(form) if form and not problems else None
    return render_template(
        "prices_why.html",
        asked=request.args,
        problems=problems,
        answer=answer,
        reasons=REASONS,
        shops=_shops(),
    )


def _shops() -> Sequence[Storefront]:
    """Where the caller sells: its own storefronts first."""
    page = PageRequest(limit=MAX_PAGE_SIZE)
    found = storefront_queries.list_storefronts(db.session, caller=me(), page=page).items
    own = me().organization_id
    return sorted(found, key=lambda shop: (shop.owner_id != own, shop.name))


def _form() -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What is asked, and what of it cannot be read, by field."""
    args = request.args
    if not args.get("sku"):
        return None, {}
    problems: dict[str, str] = {}
    variant = _variant(args["sku"].strip())
    if variant is None:
        problems["sku"] = "You know of no variant with this SKU."
    quantity = args.get("quantity", "1")
    if not quantity.isdigit() or not 1 <= int(quantity) <= _MOST:
        problems["quantity"] = "A whole number from 1 on."
    buyer = args.get("buyer", "").strip()
    account = _account(buyer) if buyer else None
    if buyer and account is None:
        problems["buyer"] = "You have no account with a buyer of this code."
    shop = next((each for each in _shops() if each.slug == args.get("shop")), None)
    if args.get("shop") and shop is None:
        problems["shop"] = "You do not sell in this shop."
    at = _instant(args.get("at", ""))
    if at is None:
        problems["at"] = "A date and time, such as 2026-03-02T09:00."
    currency = args.get("currency", "").strip().upper()
    if len(currency) != 3:  # noqa: PLR2004 - ISO 4217
        problems["currency"] = "Three letters, such as EUR."
    return {
        "variant": variant, "quantity": quantity, "account": account, "at": at,
        "currency": currency, "shop": shop,
    }, problems  # fmt: skip


def _answer(form: Mapping[str, Any]) -> dict[str, Any]:
    account: TradingAccount | None = form["account"]
    quantity = int(form["quantity"])
    ask = Ask(
        line_no=0,
        owner_id=me().organization_id,
        purpose="sale",
        variant_id=form["variant"].id,
        quantity=quantity,
    )
    shop: Storefront | None = form["shop"]
    place = (
        network_queries.find_first_address(db.session, organization_id=account.buyer_id)
        if account
        else None
    )
    asked = Request(
        asks=[ask],
        currency=form["currency"],
        storefront_id=shop.id if shop else None,
        buyer_id=account.buyer_id if account else None,
        customer_group=account.customer_group if account else None,
        country=place.country if place else None,
        subdivision=place.subdivision if place else None,
        postal_code=place.postal_code if place else None,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
    )
    choice = queries.explain(db.session, request=asked, at=form["at"], now=now())[0]
    return {
        "variant": form["variant"],
        "quantity": quantity,
        "currency": form["currency"],
        "at": form["at"],
        "choice": choice,
        "total": choice.price.extend(quantity) if choice.price else None,
        "names": queries.names_of(db.session, _lists_in(choice)),
        "unit": _unit,
    }


def _unit(price: UnitPrice | None) -> str:
    """How many units a price is for, where it is not one."""
    return f" for {price.per_quantity:,}" if price and price.per_quantity != 1 else ""


def _lists_in(choice: Choice) -> set[uuid.UUID]:
    found = {each.price_list_id for each in choice.why}
    if choice.asked:
        found |= {choice.asked.source_list_id}
        found |= {step.price_list_id for step in choice.asked.last.steps}
    return found


def _variant(sku: str) -> Variant | None:
    page = PageRequest(limit=1)
    found = catalog_queries.list_variants(
        db.session, caller=me(), page=page, search=VariantSearch(sku=sku)
    )
    return found.items[0] if found.items else None


def _account(code: str) -> TradingAccount | None:
    buyer = network_queries.find_organization_by_code(db.session, code=code)
    if buyer is None:
        return None
    return network_queries.find_trading_account(
        db.session, seller_id=me().organization_id, buyer_id=buyer.id
    )


def _instant(text: str) -> datetime | None:
    if not text:
        return now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
