"""The network over HTTP: the parties, a colleague who may do less, and Theo."""

from typing import ClassVar

import pytest
from sqlalchemy import select

from app.infra.models import AuditRecord, OutboxEvent
from app.kernel.ids import public_id
from tests.factories.network import OrganizationFactory, TerritoryAreaFactory, TerritoryFactory
from tests.http.api import Api


def org(organization):
    return public_id("org", organization.id)


class Cast:
    """Mira makes, Dieter distributes, Wanda wholesales, Rosa resells, Berta buys; Theo is away."""

    def __init__(self, client):
        kinds = {
            "operator": "operator",
            "mira": "manufacturer",
            "dieter": "distributor",
            "wanda": "wholesaler",
            "rosa": "reseller",
            "berta": "buyer",
            "theo": "reseller",
        }
        for name, kind in kinds.items():
            organization = OrganizationFactory(name=name.title(), kinds=[kind])
            setattr(self, f"{name}_org", organization)
            setattr(self, name, Api(client, organization))
        self.mira_reader = Api(client, self.mira_org, "agreements.read")
        self.rosa_reader = Api(client, self.rosa_org, "accounts.read")


@pytest.fixture
def cast(client):
    return Cast(client)


TERMS = {
    "valid_from": "2026-01-01T00:00:00Z",
    "currency": "BRL",
    "selling_model": "agency",
    "commission_bps": 1000,
}


def draft(api, grantee, *, terms=None, parent_id=None):
    body = {"grantee_id": org(grantee), "terms": {**TERMS, **(terms or {})}}
    return api.post("/agreements", body | ({"parent_id": parent_id} if parent_id else {}))


def agree(granting, accepting, grantee, **facts):
    drafted = draft(granting, grantee, **facts)
    assert drafted.status_code == 201, drafted.json
    path = f"/agreements/{drafted.json['id']}"
    assert granting.post(f"{path}/proposal").json["status"] == "proposed"
    assert accepting.post(f"{path}/acceptance").json["status"] == "active"
    return drafted.json["id"]


class TestAnOrganization:
    NEW: ClassVar = {"name": "Nora", "code": "nora", "kinds": ["buyer"], "country": "BR"}

    def test_is_taken_in_by_the_operator_alone(self, cast):
        refused = cast.mira.post("/organizations", self.NEW)
        assert (refused.status_code, refused.json["code"]) == (403, "network.operator_only")
        made = cast.operator.post("/organizations", self.NEW)
        assert (made.status_code, made.json["status"]) == (201, "active")
        again = cast.operator.post("/organizations", self.NEW)
        assert (again.status_code, again.json["code"]) == (409, "network.code_taken")

    def test_is_edited_by_itself_in_the_version_it_read(self, cast):
        path = f"/organizations/{org(cast.rosa_org)}"
        read = cast.rosa.get(path)
        assert read.headers["ETag"] == '"1"'
        assert cast.rosa.patch(path, {"name": "Rosa & Co"}).status_code == 428
        edited = cast.rosa.patch(path, {"name": "Rosa & Co"}, version=1)
        assert (edited.json["name"], edited.headers["ETag"]) == ("Rosa & Co", '"2"')
        stale = cast.rosa.patch(path, {"name": "Rosa"}, version=1)
        assert stale.status_code == 412

    def test_cannot_rate_itself_or_become_a_manufacturer(self, cast):
        path = f"/organizations/{org(cast.rosa_org)}"
        for change in ({"kinds": ["manufacturer"]}, {"rating_hundredths": 500}):
            refused = cast.rosa.patch(path, change, version=1)
            assert refused.json["code"] == "network.operator_only"

    def test_does_not_exist_for_theo(self, cast):
        path = f"/organizations/{org(cast.rosa_org)}"
        assert cast.theo.get(path).status_code == 404
        assert cast.theo.patch(path, {"name": "Mine"}, version=1).status_code == 404
        assert cast.theo.get(f"{path}/members").status_code == 404
        assert cast.theo.get(f"{path}/addresses").status_code == 404

    def test_needs_a_country_that_exists(self, cast):
        refused = cast.operator.post("/organizations", {**self.NEW, "country": "XX"})
        assert refused.status_code == 422
        assert refused.json["errors"][0]["pointer"] == "/country"


class TestAMember:
    def add(self, api, organization, role="sales", email="ana@example.com"):
        return api.post(
            f"/organizations/{org(organization)}/members",
            {"email": email, "display_name": "Ana", "role": role},
        )

    def test_is_added_given_another_role_and_removed(self, cast):
        added = self.add(cast.rosa, cast.rosa_org)
        path = f"/members/{added.json['id']}"
        assert cast.rosa.put(path, {"role": "finance"}).json["role"] == "finance"
        assert cast.rosa.delete(path).status_code == 204
        assert cast.rosa.get(f"/organizations/{org(cast.rosa_org)}/members").json["items"] == []

    def test_is_added_once(self, cast):
        self.add(cast.rosa, cast.rosa_org)
        again = self.add(cast.rosa, cast.rosa_org, role="viewer", email="ANA@example.com")
        assert again.json["code"] == "network.already_member"

    def test_is_never_made_stronger_than_whoever_adds_it(self, client, cast):
        clerk = Api(client, cast.rosa_org, "members.write", "organizations.read")
        refused = self.add(clerk, cast.rosa_org, role="owner")
        assert (refused.status_code, refused.json["code"]) == (
            403,
            "identity.permission_not_held",
        )

    def test_who_is_the_last_owner_stays(self, cast):
        added = self.add(cast.rosa, cast.rosa_org, role="owner")
        path = f"/members/{added.json['id']}"
        assert cast.rosa.delete(path).json["code"] == "network.last_owner"
        assert cast.rosa.put(path, {"role": "viewer"}).json["code"] == "network.last_owner"
        self.add(cast.rosa, cast.rosa_org, role="owner", email="eva@example.com")
        assert cast.rosa.delete(path).status_code == 204

    def test_does_not_exist_for_theo(self, cast):
        added = self.add(cast.rosa, cast.rosa_org)
        path = f"/members/{added.json['id']}"
        assert cast.theo.put(path, {"role": "owner"}).status_code == 404
        assert cast.theo.delete(path).status_code == 404


class TestAnAddress:
    FACTS: ClassVar = {
        "label": "Store", "recipient": "Goods in", "city": "Recife", "subdivision": "BR-PE",
        "postal_code": "50000-000", "country": "BR", "latitude": -8.05, "longitude": -34.9,
    }  # fmt: skip

    def test_is_added_and_found_by_its_organization(self, cast):
        path = f"/organizations/{org(cast.berta_org)}/addresses"
        added = cast.berta.post(path, self.FACTS)
        assert added.status_code == 201
        assert [each["id"] for each in cast.berta.get(path).json["items"]] == [added.json["id"]]
        assert cast.theo.get(f"/addresses/{added.json['id']}").status_code == 404

    def test_lies_in_its_country(self, cast):
        path = f"/organizations/{org(cast.berta_org)}/addresses"
        refused = cast.berta.post(path, {**self.FACTS, "subdivision": "DE-BE"})
        assert refused.json["errors"][0]["pointer"] == "/subdivision"


class TestATerritory:
    AREAS: ClassVar = [
        {"country": "BR", "subdivision": "BR-SP"},
        {"country": "BR", "postal_from": "20000-000", "postal_to": "28999-999"},
    ]

    def test_is_drawn_and_redrawn(self, cast):
        made = cast.mira.post("/territories", {"name": "South", "areas": self.AREAS})
        assert made.status_code == 201
        path = f"/territories/{made.json['id']}"
        redrawn = cast.mira.put(path, {"name": "SP", "areas": self.AREAS[:1]})
        assert [each["subdivision"] for each in redrawn.json["areas"]] == ["BR-SP"]

    def test_is_drawn_by_how_postal_codes_begin(self, cast):
        areas = [
            {"country": "GB", "postal_prefix": "sw1a"},
            {"country": "BR", "postal_from": "20", "postal_to": "28"},
        ]
        made = cast.mira.post("/territories", {"name": "Begins", "areas": areas})
        shown = cast.mira.get(f"/territories/{made.json['id']}").json["areas"]
        ends = [(area["postal_from"], area["postal_to"]) for area in shown]
        assert sorted(ends) == [("20", "28"), ("SW1A", "SW1A")]
        both = {"country": "GB", "postal_prefix": "SW", "postal_from": "A", "postal_to": "B"}
        refused = cast.mira.post("/territories", {"name": "Both", "areas": [both]})
        assert refused.json["errors"][0]["pointer"] == "/areas/0/postal_prefix"

    @pytest.mark.parametrize(
        "area",
        [
            {"country": "XX"},
            {"country": "BR", "postal_from": "-", "postal_to": "-"},
            {"country": "BR", "subdivision": "DE-BE"},
            {"country": "BR", "postal_from": "2", "postal_to": "1"},
            {"country": "BR", "postal_from": "1", "postal_to": "20"},
            {"country": "BR", "postal_from": "1"},
            {"country": "BR", "latitude": 1.5, "radius_km": 10},
        ],
    )
    def test_is_made_of_places(self, cast, area):
        refused = cast.mira.post("/territories", {"name": "Nowhere", "areas": [area]})
        assert (refused.status_code, refused.json["code"]) == (400, "network.area_invalid")
        assert refused.json["errors"][0]["pointer"] == "/areas/0"

    def test_that_was_agreed_on_is_not_redrawn(self, cast):
        made = cast.mira.post("/territories", {"name": "South", "areas": self.AREAS}).json
        agree(cast.mira, cast.dieter, cast.dieter_org, terms={"territory_id": made["id"]})
        path = f"/territories/{made['id']}"
        refused = cast.mira.put(path, {"name": "Less", "areas": self.AREAS[:1]})
        assert refused.json["code"] == "network.territory_in_use"
        assert cast.dieter.get(path).json["name"] == "South"
        assert cast.theo.get(path).status_code == 404


class TestAnAgreement:
    def test_is_proposed_by_the_grantor_and_accepted_by_the_grantee(self, cast, session):
        agreement_id = agree(cast.mira, cast.dieter, cast.dieter_org)
        shown = cast.dieter.get(f"/agreements/{agreement_id}").json
        assert (shown["status"], shown["version"]) == ("active", 3)
        events = select(OutboxEvent).where(OutboxEvent.name.startswith("agreement."))
        told = session.scalars(events.order_by(OutboxEvent.id)).all()
        assert [event.name for event in told] == ["agreement.proposed", "agreement.activated"]
        assert set(told[1].audience) == {cast.mira_org.id, cast.dieter_org.id}
        trail = select(AuditRecord.action).where(AuditRecord.subject_type == "agr")
        assert session.scalars(trail.order_by(AuditRecord.seq)).all() == [
            "agreement.drafted",
            "agreement.proposed",
            "agreement.accepted",
        ]

    def test_as_a_draft_is_its_grantors_secret(self, cast):
        drafted = draft(cast.mira, cast.dieter_org).json
        assert cast.dieter.get(f"/agreements/{drafted['id']}").status_code == 404
        assert cast.dieter.get("/agreements").json["items"] == []

    def test_is_accepted_by_nobody_else(self, cast):
        drafted = draft(cast.mira, cast.dieter_org).json
        path = f"/agreements/{drafted['id']}"
        cast.mira.post(f"{path}/proposal")
        refused = cast.mira.post(f"{path}/acceptance")
        assert (refused.status_code, refused.json["code"]) == (403, "network.not_your_move")
        assert cast.operator.post(f"{path}/acceptance").status_code == 403
        assert cast.theo.post(f"{path}/acceptance").status_code == 404

    def test_is_read_by_a_colleague_and_changed_by_none(self, cast):
        drafted = draft(cast.mira, cast.dieter_org).json
        path = f"/agreements/{drafted['id']}"
        assert cast.mira_reader.get(path).status_code == 200
        assert cast.mira_reader.post(f"{path}/proposal").status_code == 403

    def test_does_not_exist_for_theo(self, cast):
        agreement_id = agree(cast.mira, cast.dieter, cast.dieter_org)
        for path in ("", "/terms"):
            assert cast.theo.get(f"/agreements/{agreement_id}{path}").status_code == 404
        assert cast.theo.get("/agreements").json["items"] == []
        assert cast.theo.post(f"/agreements/{agreement_id}/termination").status_code == 404
        assert cast.theo.post(f"/agreements/{agreement_id}/terms", TERMS).status_code == 404

    def test_is_suspended_resumed_and_ended(self, cast):
        path = f"/agreements/{agree(cast.mira, cast.dieter, cast.dieter_org)}"
        assert cast.dieter.post(f"{path}/suspension").status_code == 403
        assert cast.operator.post(f"{path}/suspension").json["status"] == "suspended"
        assert cast.mira.post(f"{path}/resumption").json["status"] == "active"
        assert cast.dieter.post(f"{path}/termination").json["status"] == "terminated"
        over = cast.mira.post(f"{path}/resumption")
        assert (over.status_code, over.json["state"]) == (409, "terminated")

    def test_is_only_for_those_who_sell(self, cast):
        refused = draft(cast.mira, cast.berta_org)
        assert (refused.status_code, refused.json["part"]) == (400, "grantee")

    def test_begins_with_a_manufacturer(self, cast):
        assert draft(cast.dieter, cast.wanda_org).json["code"] == "network.chain_broken"


class TestAChain:
    def test_leads_outwards_under_an_active_parent(self, cast):
        parent = agree(cast.mira, cast.dieter, cast.dieter_org)
        child = agree(cast.dieter, cast.wanda, cast.wanda_org, parent_id=parent)
        shown = cast.mira.get(f"/agreements/{child}").json
        assert shown["manufacturer_id"] == org(cast.mira_org)

    def test_is_not_forged_under_the_agreement_of_another(self, cast):
        parent = agree(cast.mira, cast.dieter, cast.dieter_org)
        refused = draft(cast.wanda, cast.rosa_org, parent_id=parent)
        assert refused.json["code"] == "network.chain_broken"

    def test_ends_with_its_parent(self, cast):
        parent = agree(cast.mira, cast.dieter, cast.dieter_org)
        drafted = draft(cast.dieter, cast.wanda_org, parent_id=parent).json
        cast.mira.post(f"/agreements/{parent}/termination")
        refused = cast.dieter.post(f"/agreements/{drafted['id']}/proposal")
        assert refused.json["code"] == "network.chain_broken"
        assert draft(cast.dieter, cast.rosa_org, parent_id=parent).status_code == 400

    def test_never_reaches_further_than_its_parent(self, cast):
        south = TerritoryFactory(owner_id=cast.mira_org.id)
        TerritoryAreaFactory(territory_id=south.id, subdivision="BR-SP")
        terms = {"territory_id": public_id("terr", south.id)}
        parent = agree(cast.mira, cast.dieter, cast.dieter_org, terms=terms)
        refused = draft(cast.dieter, cast.wanda_org, parent_id=parent)
        assert refused.json["code"] == "network.beyond_parent"
        own = TerritoryFactory(owner_id=cast.dieter_org.id)
        TerritoryAreaFactory(
            territory_id=own.id, subdivision="BR-SP", postal_from="01000", postal_to="02000"
        )
        within = {"territory_id": public_id("terr", own.id)}
        assert draft(
            cast.dieter, cast.wanda_org, parent_id=parent, terms=within
        ).status_code == 201  # fmt: skip


class TestTerms:
    def test_follow_each_other_without_gap_or_overlap(self, cast):
        agreement_id = agree(cast.mira, cast.dieter, cast.dieter_org)
        path = f"/agreements/{agreement_id}/terms"
        later = {**TERMS, "valid_from": "2026-06-01T00:00:00Z", "commission_bps": 1500}
        assert cast.mira.post(path, later).json["number"] == 2
        first, second = cast.dieter.get(path).json["items"]
        assert first["valid_to"] == second["valid_from"]
        assert (first["commission_bps"], second["commission_bps"]) == (1000, 1500)

    def test_do_not_overlap_or_change_the_past(self, cast):
        agreement_id = agree(cast.mira, cast.dieter, cast.dieter_org)
        path = f"/agreements/{agreement_id}/terms"
        early = cast.mira.post(path, {**TERMS, "valid_from": "2025-12-01T00:00:00Z"})
        assert (early.status_code, early.json["code"]) == (409, "network.terms_overlap")
        past = cast.mira.post(path, {**TERMS, "valid_from": "2026-02-01T00:00:00Z"})
        assert (past.status_code, past.json["code"]) == (400, "network.terms_invalid")

    def test_are_written_by_the_grantor(self, cast):
        agreement_id = agree(cast.mira, cast.dieter, cast.dieter_org)
        refused = cast.dieter.post(f"/agreements/{agreement_id}/terms", TERMS)
        assert refused.json["code"] == "network.not_your_move"

    @pytest.mark.parametrize(
        "change",
        [
            {"selling_model": "resale"},
            {"commission_bps": 6000, "royalty_bps": 3000, "platform_fee_bps": 1001},
            {"valid_to": "2025-12-31T00:00:00Z"},
            {"category_ids": ["cat_01h455vb4pex5vsknk084sn02q"]},
            {
                "selling_model": "resale",
                "transfer_price_list_id": "plist_01h455vb4pex5vsknk084sn02q",
            },
        ],
    )
    def test_do_not_contradict_themselves(self, cast, change):
        refused = draft(cast.mira, cast.dieter_org, terms=change)
        assert (refused.status_code, refused.json["code"]) == (400, "network.terms_invalid")

    def test_of_an_ended_agreement_stay_as_they_were(self, cast):
        agreement_id = agree(cast.mira, cast.dieter, cast.dieter_org)
        cast.mira.post(f"/agreements/{agreement_id}/termination")
        later = {**TERMS, "valid_from": "2026-06-01T00:00:00Z"}
        refused = cast.mira.post(f"/agreements/{agreement_id}/terms", later)
        assert refused.json["code"] == "network.agreement_over"


class TestATradingAccount:
    LIMITS: ClassVar = {
        "credit_limit_minor": 500_000,
        "payment_terms_days": 14,
        "customer_group": "gold",
    }

    def request(self, cast):
        return cast.berta.post(
            "/trading-accounts", {"seller_id": org(cast.rosa_org), "currency": "BRL"}
        )

    def approved(self, cast):
        path = f"/trading-accounts/{self.request(cast).json['id']}"
        assert cast.rosa.post(f"{path}/approval", self.LIMITS).status_code == 200
        return path

    def test_is_requested_by_the_buyer_and_approved_with_limits(self, cast, session):
        requested = self.request(cast)
        assert (requested.status_code, requested.json["status"]) == (201, "requested")
        path = f"/trading-accounts/{requested.json['id']}"
        assert cast.berta.post(f"{path}/approval", self.LIMITS).status_code == 403
        approved = cast.rosa.post(f"{path}/approval", self.LIMITS).json
        assert approved["status"] == "active"
        assert approved["credit_limit_minor"] == 500_000
        names = select(OutboxEvent.name).where(OutboxEvent.name.startswith("trading_account."))
        assert session.scalars(names.order_by(OutboxEvent.id)).all() == [
            "trading_account.requested",
            "trading_account.approved",
        ]

    def test_is_requested_once_and_of_a_seller(self, cast):
        self.request(cast)
        assert self.request(cast).json["code"] == "network.account_exists"
        buyer = {"seller_id": org(cast.berta_org), "currency": "BRL"}
        assert cast.rosa.post("/trading-accounts", buyer).json["code"] == "network.not_a_seller"

    def test_lets_the_buyer_block_sellers_and_nothing_else(self, cast):
        path = self.approved(cast)
        blocked = cast.berta.patch(path, {"blocked_seller_ids": [org(cast.wanda_org)]}, version=2)
        assert blocked.json["blocked_seller_ids"] == [org(cast.wanda_org)]
        greedy = cast.berta.patch(path, {"credit_limit_minor": 10**9}, version=3)
        assert (greedy.status_code, greedy.json["code"]) == (403, "network.not_your_move")
        assert cast.rosa.patch(path, {"credit_limit_minor": 1}, version=2).status_code == 412
        assert cast.rosa.patch(path, {"credit_limit_minor": 1}, version=3).status_code == 200

    def test_is_suspended_by_the_seller_and_closed_by_either(self, cast):
        path = self.approved(cast)
        assert cast.berta.post(f"{path}/suspension").status_code == 403
        assert cast.rosa.post(f"{path}/suspension").json["status"] == "suspended"
        assert cast.rosa.post(f"{path}/resumption").json["status"] == "active"
        assert cast.berta.post(f"{path}/closure").json["status"] == "closed"
        assert cast.rosa.post(f"{path}/resumption").status_code == 409

    def test_is_read_by_a_colleague_and_does_not_exist_for_theo(self, cast):
        path = self.approved(cast)
        assert cast.rosa_reader.get(path).status_code == 200
        assert cast.rosa_reader.patch(path, {"credit_limit_minor": 1}, version=2).status_code == 403
        assert cast.theo.get(path).status_code == 404
        assert cast.theo.patch(path, {"credit_limit_minor": 1}, version=2).status_code == 404
        assert cast.theo.post(f"{path}/closure").status_code == 404
        assert cast.theo.get("/trading-accounts").json["items"] == []


class TestALongList:
    def test_is_read_page_by_page(self, cast):
        for _ in range(3):
            cast.mira.post("/territories", {"name": "South", "areas": [{"country": "BR"}]})
        seen, cursor = [], None
        while True:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = cast.mira.get("/territories", query_string=query).json
            seen.append(len(page["items"]))
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [2, 1]
