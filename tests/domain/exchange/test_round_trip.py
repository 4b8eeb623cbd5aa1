"""What goes out comes back and changes nothing: random worlds of all four resources."""

import random

import pytest

from app.exchange.queries import exports
from app.infra.db import db
from tests.domain.exchange.desk import Desk
from tests.factories import catalog as make
from tests.factories import network as net

NASTY = (
    "=1+1", "+49 30", "-5", "@home", "'=quoted", "''+x", "a,b;c|d", 'in "quotes"', "two\nlines",
    "Größe ½″", "日本", "0401", "1E5", "%s %(own)s", "tab\there", "a:b", "#N/A", "null", "TRUE",
)  # fmt: skip
RESOURCES = ("products", "offers", "prices", "stock")


def gtin(number):
    from app.catalog.rules import check_digit  # noqa: PLC0415

    body = f"40{number:010d}"
    return body + str(check_digit(body))


def build(seed):
    """A manufacturer that sells its own goods, with texts that spreadsheets misread."""
    chance = random.Random(seed)
    people = net.make_network()
    mira = people.mira
    price_list = make.PriceListFactory(
        owner_id=mira.id, currency=chance.choice(["EUR", "JPY", "KWD"])
    )
    places = [make.LocationFactory(seller_id=mira.id, code=code) for code in ("=W1", "W 2")]
    for n in range(12):
        product = make.ProductFactory(
            manufacturer_id=mira.id, name=chance.choice(NASTY), brand=chance.choice(NASTY),
            description=chance.choice(NASTY), draft=chance.choice([None, {"brand": "-new"}]),
            translations=chance.choice([{}, {"pt-BR": {"description": chance.choice(NASTY)}}]),
        )  # fmt: skip
        variant = make.VariantFactory(
            manufacturer_id=mira.id, product=product, sku=f"S{seed}-{n}",
            name=chance.choice(NASTY), part_number=chance.choice([None, *NASTY]),
            gtin=chance.choice([None, gtin(seed * 100 + n)]), weight_g=chance.randrange(10**8),
            attributes=chance.choice([{}, {"n": n, "t": chance.choice(NASTY), "b": True}]),
            translations=chance.choice([{}, {"de": {"name": chance.choice(NASTY)}}]),
            draft=chance.choice([None, {"name": chance.choice(NASTY), "weight_g": 7}]),
        )  # fmt: skip
        make.OfferFactory(
            seller_id=mira.id, variant_id=variant.id, seller_sku=chance.choice([None, *NASTY]),
            note=chance.choice(NASTY),
        )  # fmt: skip
        for place in places:
            make.StockFactory(
                location_id=place.id, variant_id=variant.id, on_hand=chance.randrange(9**9)
            )
        for start in (1, 10):
            make.PriceEntryFactory(
                price_list_id=price_list.id, variant_id=variant.id, from_quantity=start,
                amount_minor=chance.randrange(10**9), per_quantity=chance.choice([1, 100]),
            )  # fmt: skip
    db.session.commit()
    return mira, price_list.id


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("resource", RESOURCES)
def test_an_export_is_imported_without_a_change(session, tmp_path, resource, seed):
    owner, price_list_id = build(seed)
    desk = Desk(owner)
    wish = {"price_list_id": price_list_id} if resource == "prices" else {}
    export = exports.export_of(session, caller=desk.caller, resource=resource, **wish)
    done = desk.take(
        b"".join(exports.csv_of(session, export)), resource, mode="full", dry_run=True, **wish
    )
    assert desk.faults(done) == []
    assert done.report["rows"] == done.report["unchanged"] > 0
    assert (done.report["insert"], done.report["update"], done.report["absent"]) == (0, 0, 0)
