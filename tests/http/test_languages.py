"""An organization has a language; its people may have another; both are told things in it."""

import pytest

from app.identity.rules import permissions_for
from app.kernel.ids import public_id
from app.network.models import Organization
from tests.factories.network import ApiKeyFactory, MemberFactory, OrganizationFactory
from tests.http.api import Api
from tests.web.test_price_pages import signed_in


@pytest.fixture
def rosa(app):
    return OrganizationFactory(name="Rosa Resells", reseller=True, language="pt")


@pytest.fixture
def colleague(rosa):
    return MemberFactory(organization_id=rosa.id, role="owner")


class TestALanguage:
    def test_is_the_organizations_where_nothing_else_is_said(self, client, rosa):
        assert Api(client, rosa).get("/me").json["language"] == "pt"
        page = signed_in(client, rosa)
        assert "Novidades" in page.get("/news", headers={"Accept-Language": "de"}).text
        assert "Novedades" in page.get("/news?lang=es").text

    def test_is_changed_by_who_may_change_the_organization(self, client, rosa, session):
        api = Api(client, rosa)
        path = f"/organizations/{public_id('org', rosa.id)}"
        assert api.patch(path, {"language": "xx"}, version=1).status_code == 422
        assert api.patch(path, {"language": "de"}, version=1).json["language"] == "de"
        assert Api(client, rosa).get("/me").json["language"] == "de"
        looker = Api(client, rosa, "organizations.read")
        assert looker.patch(path, {"language": "en"}, version=2).status_code == 403

    def test_of_a_person_goes_before_its_organizations(self, client, rosa, colleague):
        api = Api(client, rosa)
        granted = sorted(permissions_for(rosa.kinds))
        ApiKeyFactory(
            organization_id=rosa.id, person_id=colleague.person_id, token="dk_colleague",
            permissions=granted,
        )  # fmt: skip
        api.headers = {"Authorization": "Bearer dk_colleague"}
        assert api.get("/me").json["language"] == "pt"
        assert api.put("/me/language", {"language": "es"}).json == {"language": "es"}
        assert api.get("/me").json["language"] == "es"
        assert Api(client, rosa).get("/me").json["language"] == "pt"
        api.put("/me/language", {"language": None})
        assert api.get("/me").json["language"] == "pt"

    def test_is_no_matter_of_an_organizations_own_key(self, client, rosa):
        refused = Api(client, rosa).put("/me/language", {"language": "es"})
        assert refused.json["code"] == "identity.not_a_person"


class TestThePageOfLanguages:
    def test_says_both(self, client, rosa, session):
        page = signed_in(client, rosa)
        shown = page.get("/settings").text
        assert "Idioma de Rosa Resells" in shown
        assert "Esta chave é da organização" in shown
        assert page.post("/settings/organization", data={"language": "de"}).status_code == 302
        assert "Sprache von Rosa Resells" in page.get("/settings").text
        assert session.get(Organization, rosa.id, populate_existing=True).language == "de"

    def test_lets_only_who_may_change_the_organizations(self, client, rosa):
        page = signed_in(client, rosa, ("orders.read",))
        assert page.post("/settings/organization", data={"language": "de"}).status_code == 403
