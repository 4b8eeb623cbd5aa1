"""Dieter suggests what he wants to sell; Mira says what it is. Theo learns nothing of it."""

import pytest
from sqlalchemy import select

from app.infra.models import OutboxEvent
from app.kernel.ids import public_id
from app.offers.models import Offer
from tests.factories.catalog import CategoryFactory, ProductFactory, VariantFactory
from tests.factories.network import make_network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements

GTIN, OTHER_GTIN = "4006381333931", "4006381333948"
PACK_GTIN = "96385074"


@pytest.fixture
def network(session):
    return make_network()


@pytest.fixture
def mira(client, network):
    return Voice(client, network.mira)


@pytest.fixture
def dieter(client, network):
    return Voice(client, network.dieter)


@pytest.fixture
def theo(client, network):
    return Voice(client, network.theo)


@pytest.fixture
def operator(client, network):
    return Voice(client, network.operator)


@pytest.fixture
def bolts(network):
    """Hexagon bolts M8 x 30, 40 and 50 of Mira's brand."""
    product = ProductFactory(manufacturer_id=network.mira.id, brand="Mira")
    return {
        length: VariantFactory(
            manufacturer_id=network.mira.id,
            product_id=product.id,
            category_id=product.category_id,
            name=f"Hexagon bolt M8x{length} zinc plated",
            part_number=f"HB-8-{length}",
            gtin=gtin,
            weight_g=length,
            packs=packs,
        )
        for length, gtin, packs in (
            (30, None, []),
            (40, GTIN, [{"unit_code": "BX", "quantity": 100, "gtin": PACK_GTIN}]),
            (50, OTHER_GTIN, []),
        )
    }


def suggest(voice, **facts):
    said = {"seller_sku": "DD-1", "name": "Bolt hexagon M8 x 40 mm, zinc plated"}
    return made(voice.post("/catalog/suggestions", **(said | facts)))


def var(variant):
    return public_id("var", variant.id)


def offers_of(session, organization):
    return session.scalars(select(Offer).where(Offer.seller_id == organization.id)).all()


def events(session, name):
    query = select(OutboxEvent).where(OutboxEvent.name == name).order_by(OutboxEvent.id)
    return session.scalars(query).all()


class TestASuggestion:
    def test_with_the_gtin_is_matched_and_offered_at_once(self, session, network, dieter, bolts):
        found = suggest(dieter, gtin=GTIN, brand="Mira")
        assert (found["status"], found["decided_by"]) == ("matched", "auto")
        assert found["variant_id"] == var(bolts[40])
        assert found["score"] >= 95
        parts = {part["name"]: part["points"] for part in found["candidates"][0]["parts"]}
        assert parts["gtin"] > 0
        [offer] = offers_of(session, network.dieter)
        assert (offer.variant_id, offer.seller_sku) == (bolts[40].id, "DD-1")
        [told] = events(session, "suggestions.matched")
        assert told.audience == [network.dieter.id]

    @pytest.mark.parametrize(
        "facts",
        [
            {"gtin": f"0{GTIN}", "brand": "MIRA"},
            {"gtin": PACK_GTIN, "brand": "Mira"},
            {"part_number": "hb 8/40", "brand": "Mira"},
        ],
    )
    def test_is_known_by_any_identifier_however_spelt(self, dieter, bolts, facts):
        found = suggest(dieter, **facts)
        assert (found["status"], found["variant_id"]) == ("matched", var(bolts[40]))

    def test_without_identifier_waits_with_the_right_size_first(
        self, session, network, dieter, bolts
    ):
        found = suggest(dieter, name="hexagon bolt zinc-plated M8x50", brand="Mira")
        assert (found["status"], found["reason"]) == ("pending", "no_identifier")
        best, second, *_ = found["candidates"]
        assert best["variant_id"] == var(bolts[50])
        assert best["score"] - second["score"] > 20
        assert offers_of(session, network.dieter) == []
        [told] = events(session, "suggestions.waiting")
        assert told.audience == [network.mira.id]

    def test_that_is_misspelt_is_found_by_its_likeness(self, dieter, bolts):
        found = suggest(dieter, name="Hexagon bolt zinck plated")
        assert {each["variant_id"] for each in found["candidates"]} <= {
            var(bolt) for bolt in bolts.values()
        }
        assert found["candidates"]

    def test_whose_identifiers_disagree_waits(self, dieter, bolts):
        found = suggest(dieter, gtin=GTIN, part_number="HB-8-50", brand="Mira")
        assert (found["status"], found["reason"]) == ("pending", "conflict")
        assert {each["variant_id"] for each in found["candidates"][:2]} == {
            var(bolts[40]), var(bolts[50]),
        }  # fmt: skip

    def test_whose_sizes_contradict_its_gtin_waits(self, dieter, bolts):
        found = suggest(dieter, name="Hexagon bolt M8x50 zinc plated", gtin=GTIN)
        assert found["status"] == "pending"

    def test_of_what_the_seller_may_not_know_finds_nothing(self, theo, network, bolts):
        found = suggest(theo, gtin=GTIN, brand="Mira", part_number="HB-8-40")
        assert (found["status"], found["candidates"]) == ("pending", [])
        assert found["reason"] == "no_match"
        body = refused(
            theo.post(
                "/catalog/suggestions", seller_sku="X", name="X",
                manufacturer_id=public_id("org", network.mira.id),
            ),
            status=400,
            code="catalog.suggestions_invalid",
        )  # fmt: skip
        assert body["errors"][0]["pointer"] == "/0/manufacturer_id"

    def test_never_finds_drafts(self, session, dieter, bolts):
        bolts[40].status = "draft"
        session.flush()
        assert suggest(dieter, gtin=GTIN)["variant_id"] is None

    def test_is_edited_while_it_waits(self, session, network, dieter, mira, bolts):
        found = suggest(dieter)
        path = f"/catalog/suggestions/{found['id']}"
        assert found["status"] == "pending"
        refused(
            mira.patch(path, version=1, name="Mine"),
            status=404,
            code="catalog.suggestion_not_found",
        )
        edited = made(dieter.patch(path, version=1, gtin=GTIN))
        assert (edited["id"], edited["status"], edited["version"]) == (found["id"], "matched", 2)
        refused(
            dieter.patch(path, version=2, name="Late"),
            status=409,
            code="catalog.suggestion_decided",
        )
        assert len(offers_of(session, network.dieter)) == 1

    def test_is_made_once(self, session, network, dieter, bolts):
        first = suggest(dieter)
        again = suggest(dieter, name="Hexagon bolt M8x30")
        assert (again["id"], again["version"]) == (first["id"], 2)
        suggest(dieter, gtin=GTIN)
        body = refused(
            dieter.post("/catalog/suggestions", seller_sku="DD-1", name="Again"),
            status=409,
            code="catalog.suggestion_decided",
        )
        assert body["errors"][0]["pointer"] == "/0"
        assert len(offers_of(session, network.dieter)) == 1

    def test_is_for_sellers(self, client, network):
        refused(
            Voice(client, network.berta, ("offers.write",)).post(
                "/catalog/suggestions", seller_sku="X", name="X"
            ),
            status=403,
            code="auth.forbidden",
        )

    def test_is_known_to_its_seller_and_its_reviewer(
        self, client, network, dieter, mira, theo, operator, bolts
    ):
        found = suggest(dieter)
        path = f"/catalog/suggestions/{found['id']}"
        for reader in (dieter, mira, operator, Voice(client, network.dieter, ("catalog.read",))):
            assert made(reader.get(path)) == found
            assert [each["id"] for each in made(reader.get("/catalog/suggestions"))["items"]] == [
                found["id"]
            ]
        for stranger in (theo, Voice(client, network.wanda)):
            refused(stranger.get(path), status=404, code="catalog.suggestion_not_found")
            assert made(stranger.get("/catalog/suggestions"))["items"] == []
            refused(
                stranger.post(f"{path}/decision", action="refuse", reason="Spite"),
                status=404 if stranger is theo else 403,
                code="catalog.suggestion_not_found" if stranger is theo else "auth.forbidden",
            )


class TestABatch:
    def items(self, count, **facts):
        return [
            {"seller_sku": f"DD-{number}", "name": f"Hexagon bolt M8x{number}", **facts}
            for number in range(count)
        ]

    def test_is_matched_in_as_many_statements_as_one(self, session, network, dieter, bolts):
        def count(items):
            session.commit()
            session.expunge_all()
            with count_statements() as statements:
                made(dieter.post("/catalog/suggestions/batch", items=items))
            return len(statements)

        made(dieter.get("/catalog/suggestions"))  # the first use of a key is noted
        one, *others = self.items(60, brand="Mira")
        assert count(others) == count([one])

    def test_comes_back_in_its_order(self, dieter, bolts):
        items = self.items(5)
        items[3]["gtin"] = GTIN
        found = made(dieter.post("/catalog/suggestions/batch", items=items))["items"]
        assert [each["seller_sku"] for each in found] == [each["seller_sku"] for each in items]

    def test_names_no_article_twice(self, dieter):
        [item] = self.items(1)
        body = refused(
            dieter.post("/catalog/suggestions/batch", items=[item, item]),
            status=400,
            code="catalog.suggestions_invalid",
        )
        assert body["errors"] == [{"pointer": "/1/seller_sku", "message": "Suggested twice"}]


class TestADecision:
    @pytest.fixture
    def waiting(self, dieter, bolts):
        return suggest(dieter)

    def decide(self, voice, suggestion, **decision):
        return voice.post(f"/catalog/suggestions/{suggestion['id']}/decision", **decision)

    def test_that_it_is_a_variant_makes_the_offer(
        self, session, network, mira, dieter, bolts, waiting
    ):
        taken = made(self.decide(mira, waiting, action="match", variant_id=var(bolts[40])))
        assert (taken["status"], taken["decided_by"]) == ("matched", "manual")
        [offer] = offers_of(session, network.dieter)
        assert offer.variant_id == bolts[40].id
        refused(
            self.decide(mira, waiting, action="refuse", reason="No"),
            status=409,
            code="catalog.suggestion_decided",
        )

    def test_keeps_the_offer_that_there_is(self, session, network, mira, dieter, bolts, waiting):
        kept = made(dieter.post("/offers", variant_id=var(bolts[40]), seller_sku="OLD"))
        made(self.decide(mira, waiting, action="match", variant_id=var(bolts[40])))
        [offer] = offers_of(session, network.dieter)
        assert (public_id("offer", offer.id), offer.seller_sku) == (kept["id"], "OLD")

    def test_that_it_is_new_waits_for_the_publication(
        self, session, network, mira, dieter, waiting
    ):
        category = CategoryFactory(manufacturer_id=network.mira.id)
        taken = made(
            self.decide(
                mira, waiting, action="new_product", sku="HB-8-40-Z",
                category_id=public_id("cat", category.id),
            )
        )  # fmt: skip
        assert taken["status"] == "new_product"
        variant = made(mira.get(f"/variants/{taken['variant_id']}"))
        assert (variant["sku"], variant["status"]) == ("HB-8-40-Z", "draft")
        assert offers_of(session, network.dieter) == []
        [told] = events(session, "suggestions.taken_up")
        assert told.audience == [network.dieter.id]
        made(mira.post("/catalog/publications"))
        after = made(dieter.get(f"/catalog/suggestions/{waiting['id']}"))
        assert after["status"] == "matched"
        [offer] = offers_of(session, network.dieter)
        assert public_id("var", offer.variant_id) == taken["variant_id"]

    def test_to_refuse_says_why(self, session, mira, dieter, waiting):
        body = refused(
            self.decide(mira, waiting, action="refuse"),
            status=400,
            code="catalog.decisions_invalid",
        )
        assert body["errors"] == [{"pointer": "/0/reason", "message": "Say why, to the seller"}]
        taken = made(self.decide(mira, waiting, action="refuse", reason="Not ours"))
        assert (taken["status"], taken["reason"]) == ("refused", "Not ours")
        [told] = events(session, "suggestions.refused")
        assert told.payload["reasons"] == ["Not ours"]
        again = suggest(dieter, name="Hexagon bolt M8 x 40")
        assert (again["status"], again["id"]) == ("pending", waiting["id"])

    def test_names_no_goods_of_others(self, mira, network, waiting):
        foreign = VariantFactory(manufacturer_id=network.theo.id)
        body = refused(
            self.decide(mira, waiting, action="match", variant_id=var(foreign)),
            status=400,
            code="catalog.decisions_invalid",
        )
        assert body["errors"][0]["pointer"] == "/0/variant_id"

    def test_is_the_operator_s_too_but_not_for_new_products(
        self, operator, network, bolts, waiting
    ):
        category = CategoryFactory(manufacturer_id=network.mira.id)
        refused(
            self.decide(
                operator, waiting, action="new_product", category_id=public_id("cat", category.id)
            ),
            status=400,
            code="catalog.decisions_invalid",
        )
        taken = made(self.decide(operator, waiting, action="match", variant_id=var(bolts[40])))
        assert taken["status"] == "matched"

    def test_of_many_is_taken_for_all_or_none(self, session, network, mira, dieter, bolts):
        many = [suggest(dieter, seller_sku=f"DD-{number}") for number in range(3)]
        items = [
            {"suggestion_id": each["id"], "action": "match", "variant_id": var(bolts[length])}
            for each, length in zip(many, (30, 40, 50), strict=True)
        ]
        bad = [*items[:2], {"suggestion_id": many[2]["id"], "action": "match"}]
        body = refused(
            mira.post("/catalog/suggestions/decisions", items=bad),
            status=400,
            code="catalog.decisions_invalid",
        )
        assert [each["pointer"] for each in body["errors"]] == ["/2/variant_id"]
        assert offers_of(session, network.dieter) == []
        done = made(mira.post("/catalog/suggestions/decisions", items=items))["items"]
        assert {each["status"] for each in done} == {"matched"}
        assert len(offers_of(session, network.dieter)) == 3


class TestThresholds:
    def test_are_set_by_the_manufacturer_for_one_seller_or_all(
        self, network, mira, dieter, operator, bolts
    ):
        seller = public_id("org", network.dieter.id)
        made(operator.put("/catalog/match-policies", auto_at=101))
        assert suggest(dieter, seller_sku="1", gtin=GTIN)["reason"] == "below_auto"
        made(mira.put("/catalog/match-policies", auto_at=90))
        assert suggest(dieter, seller_sku="2", gtin=GTIN)["status"] == "matched"
        made(
            mira.put(
                "/catalog/match-policies", seller_id=seller, auto_at=101, review_at=60,
                unmatched="refuse",
            )
        )  # fmt: skip
        assert suggest(dieter, seller_sku="3", gtin=GTIN)["reason"] == "below_auto"
        hopeless = suggest(dieter, seller_sku="4", name="Garden hose")
        assert (hopeless["status"], hopeless["reason"]) == ("refused", "no_match")
        listed = made(mira.get("/catalog/match-policies"))["items"]
        assert {each["seller_id"]: each["auto_at"] for each in listed} == {None: 90, seller: 101}

    def test_do_not_cross(self, mira):
        refused(
            mira.put("/catalog/match-policies", auto_at=50, review_at=60),
            status=422,
            code="http.malformed",
        )
