"""Pages of routing policies: the list, the form, a draft on past orders; for whom."""

import string

import pytest

from app.kernel.ids import public_id
from app.routing.models import RoutingPolicy
from app.routing.rules.policies import SCOPES
from app.routing.rules.reading import FAULTS, whole
from app.web.pages.policy_form import GROUPS, read_form, shown_form
from app.web.policy_texts import LANGUAGES, TEXTS
from tests.factories.network import headers_of
from tests.factories.world import build_world


@pytest.fixture
def world(client, session, now):
    return build_world(session, now)


@pytest.fixture
def sign_in(client, session):
    def as_(organization, *permissions):
        header = headers_of(organization, *permissions)["Authorization"]
        session.commit()
        answer = client.post("/session", data={"key": header.removeprefix("Bearer ")})
        assert answer.status_code == 302

    return as_


@pytest.fixture
def shop(world):
    return public_id("shop", world.storefront.id)


def placeholders(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def form_of(**changes):
    said = shown_form(whole({})) | changes
    return {name: text for name, text in said.items() if text}


class TestTheForm:
    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"mode": "lexicographic", "levels": ["split", "goods"]},
            {"terms": {"carbon": {"g_per_tonne_km": 60, "minor_per_kg": 12}}},
            {"terms": {"load_balance": {"minor": 5, "counted": "orders", "days": 3}}},
            {"rules": {"over_capacity": {"on": True}, "below_minimum_order": {"on": False}}},
            {"rules": {"hazardous_unfit": {"on": True, "attribute": "adr"}}, "reoptimize": True},
            {"limits": {"most_sellers": 2, "answer_hours": 8}},
        ],
    )
    def test_says_a_document_and_reads_it_back(self, document):
        said = {name: text for name, text in shown_form(whole(document)).items() if text}

        assert whole(read_form(said)) == whole(document)


class TestTheWords:
    def test_say_the_same_in_every_language(self):
        for key, template in TEXTS["en"].items():
            for language in LANGUAGES:
                assert placeholders(TEXTS[language][key]) == placeholders(template), key

    def test_are_there_for_every_field_choice_and_fault(self):
        fields = [field for _, group in GROUPS for field in group]
        needed = {f"label.{field.text}" for field in fields}
        needed |= {f"choice.{each}" for field in fields for each in field.choices if each}
        needed |= {f"fault.{code}" for code in FAULTS} | {f"group.{name}" for name, _ in GROUPS}
        needed |= {f"scope.{scope}" for scope in SCOPES}

        assert needed <= TEXTS["en"].keys()


class TestTheListOfPolicies:
    def test_shows_what_concerns_the_caller(self, client, world, sign_in, shop):
        sign_in(world.rosa)
        page = client.get("/policies").text

        assert "Version 1" in page
        assert f"storefront={shop}" in page
        assert "New version for the network" not in page

    def test_is_for_who_may_read_routing(self, client, world, sign_in):
        sign_in(world.berta)

        assert client.get("/policies").status_code == 403


class TestAPolicysPage:
    def test_is_tried_kept_and_activated(self, client, session, world, sign_in, shop, now):
        tap = world.add_variant()
        world.place((tap, 1), now=now)
        sign_in(world.rosa)
        said = form_of(**{"terms.split_minor": "250"}) | {"storefront": shop, "note": "Fewer"}

        tried = client.post("/policies/new", data=said | {"act": "look"}).text
        kept = client.post("/policies/new", data=said | {"act": "keep"})
        draft = session.query(RoutingPolicy).filter_by(storefront_id=world.storefront.id).one()
        version = {"version": str(draft.version), "act": "activate"}
        done = client.post(kept.headers["Location"], data=said | version)

        assert "The last 1 orders under this policy" in tried
        assert "Dieter Distribution" in tried
        session.expire_all()
        assert (done.status_code, draft.document["terms"]["split_minor"]) == (302, 250)
        assert draft.valid_from == now
        page = client.get(done.headers["Location"]).text
        assert "New version from this one" in page
        assert "Retire it now" in page

    def test_says_what_is_wrong_and_where(self, client, world, sign_in, shop):
        sign_in(world.rosa)
        wrong = form_of(mode="lexicographic") | {"storefront": shop}
        page = client.post("/policies/new", data=wrong | {"act": "look"})

        unread = form_of(**{"terms.split_minor": "many"}) | {"storefront": shop}
        answer = client.post("/policies/new", data=unread)

        assert page.status_code == 422
        assert "/levels" in page.text
        assert answer.status_code == 422
        assert "write a whole number, not many" in answer.text

    def test_speaks_the_readers_language_also_of_what_is_wrong(self, client, world, sign_in, shop):
        sign_in(world.rosa)
        form = client.get(f"/policies/new?storefront={shop}&lang=es").text
        wrong = form_of(strategy="greedy", mode="lexicographic", **{"levels.0": "split"})
        refused = client.post("/policies/new", data=wrong | {"storefront": shop}).text

        assert "Cada envío" in form
        assert 'lang="es"' in form
        assert "Nueva versión para tienda" in form
        assert "Esta política no puede decidir" in refused
        assert "Esta estrategia no resuelve niveles: elija la óptima" in refused
        assert "Políticas de enrutamiento" in client.get("/policies").text

    def test_says_what_may_stand_there_in_the_readers_language(self, client, world, sign_in, shop):
        sign_in(world.rosa)
        shares = "org_x = 5\norg_y = 20000"
        wrong = {
            "terms.goods_percent": "2000", "terms.load_balance.minor": "5", "mode": "best",
            "terms.load_balance.days": "0", "terms.load_balance.shares_bps": shares,
            "rules.hazardous_unfit.on": "on", "rules.hazardous_unfit.attribute": "x" * 65,
        }  # fmt: skip
        said = form_of(**wrong) | {"storefront": shop}
        told = client.post("/policies/new?lang=pt", data=said).text

        for sentence in (
            "Mercadoria, %: escreva um número de 0 a 1000",
            "Quotas dos últimos dias: escreva um número de 1 a 92",
            "Quotas: escreva o id de um vendedor como org_…",
            "Quotas: escreva um número de 0 a 10000",
            "Atributo de produtos perigosos: escreva de 1 a 64 caracteres",
            "Como os termos são ponderados: escolha algo do que há",
        ):
            assert sentence in told
        assert "Must be" not in told

    def test_of_a_draft_that_is_not_wanted_throws_it_away(
        self, client, session, world, sign_in, shop
    ):
        sign_in(world.rosa)
        kept = client.post("/policies/new", data=form_of() | {"storefront": shop, "act": "keep"})
        path = kept.headers["Location"]
        draft = session.query(RoutingPolicy).filter_by(storefront_id=world.storefront.id).one()
        page = client.get(path).text

        done = client.post(path, data={"act": "delete", "version": str(draft.version)})

        assert "Delete the draft" in page
        assert (done.status_code, client.get(path).status_code) == (302, 404)

    def test_of_another_shop_is_not_found(self, client, world, sign_in, shop):
        sign_in(world.dieter)

        answer = client.post("/policies/new", data=form_of() | {"storefront": shop})

        assert answer.status_code == 404

    def test_of_a_retired_version_offers_the_way_back(self, client, session, world, sign_in):
        sign_in(world.operator)
        client.post("/policies/new", data=form_of() | {"act": "activate"})
        first = session.query(RoutingPolicy).filter_by(number=1).one()
        path = f"/policies/{public_id('policy', first.id)}"

        page = client.get(path).text
        back = client.post(path, data={"act": "rollback"})

        assert "Go back to this version now" in page
        assert back.status_code == 302
        restored = session.query(RoutingPolicy).filter_by(restores_number=1).one()
        assert (restored.number, restored.valid_to) == (3, None)
