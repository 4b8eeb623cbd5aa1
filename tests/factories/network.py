"""The people of every story, their organizations, agreements, accounts, storefronts and keys.

Each factory makes the smallest valid object. Mira makes, Dieter distributes, Wanda wholesales,
Rosa resells in her storefront, Berta buys; Theo belongs to another network and must see nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import factory
from factory.alchemy import SQLAlchemyModelFactory

from app.identity.models import ApiKey, Person
from app.identity.rules import PERMISSIONS, digest_of, hint_of, new_token, permissions_for
from app.infra.auth import Caller
from app.infra.db import db
from app.network.models import (
    Address,
    Agreement,
    AgreementCategory,
    AgreementTerms,
    Exclusivity,
    Member,
    Organization,
    Territory,
    TerritoryArea,
    TradingAccount,
)
from app.storefronts.models import PoolSeller, Storefront

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


class _Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731
        sqlalchemy_session_persistence = "flush"


class OrganizationFactory(_Factory):
    class Meta:
        model = Organization

    class Params:
        operator = factory.Trait(kinds=["operator"])
        manufacturer = factory.Trait(kinds=["manufacturer"])
        distributor = factory.Trait(kinds=["distributor"])
        wholesaler = factory.Trait(kinds=["wholesaler"])
        reseller = factory.Trait(kinds=["reseller"])
        buyer = factory.Trait(kinds=["buyer"])

    name = factory.Sequence(lambda n: f"Organization {n}")
    code = factory.Sequence(lambda n: f"org-{n}")
    kinds = factory.LazyFunction(lambda: ["reseller"])
    country = "BR"
    status = "active"
    created_at = LONG_AGO
    version = 1


class PersonFactory(_Factory):
    class Meta:
        model = Person

    email = factory.Sequence(lambda n: f"person-{n}@example.com")
    display_name = factory.Sequence(lambda n: f"Person {n}")
    created_at = LONG_AGO


class MemberFactory(_Factory):
    class Meta:
        model = Member

    organization_id = factory.LazyFunction(lambda: OrganizationFactory().id)
    person_id = factory.LazyFunction(lambda: PersonFactory().id)
    role = "owner"
    created_at = LONG_AGO


class ApiKeyFactory(_Factory):
    """A key; pass ``token`` to know its secret."""

    class Meta:
        model = ApiKey

    class Params:
        token = factory.LazyFunction(new_token)

    organization_id = factory.LazyFunction(lambda: OrganizationFactory().id)
    label = "key"
    hint = factory.LazyAttribute(lambda key: hint_of(key.token))
    secret_digest = factory.LazyAttribute(lambda key: digest_of(key.token))
    permissions = factory.LazyFunction(lambda: sorted(PERMISSIONS))
    created_at = LONG_AGO


class AddressFactory(_Factory):
    class Meta:
        model = Address

    organization_id = factory.LazyFunction(lambda: OrganizationFactory().id)
    label = "Warehouse"
    recipient = "Goods in"
    street = "Rua das Flores 1"
    city = "São Paulo"
    subdivision = "BR-SP"
    postal_code = "01310-100"
    country = "BR"
    latitude = -23.561
    longitude = -46.656


class TerritoryFactory(_Factory):
    """A territory without areas; add them with :class:`TerritoryAreaFactory`."""

    class Meta:
        model = Territory

    owner_id = factory.LazyFunction(lambda: OrganizationFactory(manufacturer=True).id)
    name = factory.Sequence(lambda n: f"Territory {n}")


class TerritoryAreaFactory(_Factory):
    class Meta:
        model = TerritoryArea

    territory_id = factory.LazyFunction(lambda: TerritoryFactory().id)
    country = "BR"


class AgreementFactory(_Factory):
    """An active first link of a chain, without terms; give ``parent_id`` for a later link."""

    class Meta:
        model = Agreement

    manufacturer_id = factory.LazyFunction(lambda: OrganizationFactory(manufacturer=True).id)
    grantor_id = factory.SelfAttribute("manufacturer_id")
    grantee_id = factory.LazyFunction(lambda: OrganizationFactory(distributor=True).id)
    status = "active"
    created_at = LONG_AGO
    version = 1


class AgreementTermsFactory(_Factory):
    """Agency terms for everything, everywhere, for ever; commission 10 %."""

    class Meta:
        model = AgreementTerms

    agreement_id = factory.LazyFunction(lambda: AgreementFactory().id)
    number = 1
    valid_from = LONG_AGO
    priority = 0
    currency = "BRL"
    minimum_order_minor = 0
    selling_model = "agency"
    commission_bps = 1000
    royalty_bps = 0
    platform_fee_bps = 0
    created_at = LONG_AGO


class AgreementCategoryFactory(_Factory):
    class Meta:
        model = AgreementCategory


class ExclusivityFactory(_Factory):
    class Meta:
        model = Exclusivity

    terms_id = factory.LazyFunction(lambda: AgreementTermsFactory().id)


class TradingAccountFactory(_Factory):
    """An active account on terms of 30 days with a credit of 10 000.00."""

    class Meta:
        model = TradingAccount

    seller_id = factory.LazyFunction(lambda: OrganizationFactory(reseller=True).id)
    buyer_id = factory.LazyFunction(lambda: OrganizationFactory(buyer=True).id)
    status = "active"
    currency = "BRL"
    credit_limit_minor = 1_000_000
    payment_terms_days = 30
    payment_methods = factory.LazyFunction(lambda: ["on_account"])
    blocked_seller_ids = factory.LazyFunction(list)
    created_at = LONG_AGO
    version = 1


class StorefrontFactory(_Factory):
    class Meta:
        model = Storefront

    owner_id = factory.LazyFunction(lambda: OrganizationFactory(reseller=True).id)
    slug = factory.Sequence(lambda n: f"shop-{n}")
    name = factory.Sequence(lambda n: f"Shop {n}")
    country = "BR"
    currency = "BRL"
    access = "closed"
    is_active = True
    accept_within_s = 86400
    hold_days = 14
    created_at = LONG_AGO
    version = 1


class PoolSellerFactory(_Factory):
    class Meta:
        model = PoolSeller


def caller_of(organization: Organization, *permissions: str) -> Caller:
    """The organization as a caller: with these permissions, or all that fit its kinds."""
    kinds = frozenset(organization.kinds)
    return Caller(
        organization_id=organization.id,
        actor_id=organization.id,
        kinds=kinds,
        permissions=frozenset(permissions) or permissions_for(kinds),
    )


def headers_of(organization: Organization, *permissions: str) -> dict[str, str]:
    """The header of a new key of the organization, for requests through ``client``."""
    token = new_token()
    granted = sorted(permissions or permissions_for(organization.kinds))
    ApiKeyFactory(organization_id=organization.id, token=token, permissions=granted)
    return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class Network:
    """The people of the stories; agreements, accounts and the storefront between them."""

    operator: Organization
    mira: Organization
    dieter: Organization
    wanda: Organization
    rosa: Organization
    berta: Organization
    theo: Organization
    dieter_terms: AgreementTerms
    wanda_terms: AgreementTerms
    account: TradingAccount
    storefront: Storefront
    address: Address


def make_network() -> Network:
    """Mira grants to Dieter and Wanda; both are in Rosa's pool; Berta has an account with Rosa."""
    mira = OrganizationFactory(name="Mira Manufacturing", manufacturer=True)
    dieter = OrganizationFactory(name="Dieter Distribution", distributor=True)
    wanda = OrganizationFactory(name="Wanda Wholesale", wholesaler=True)
    rosa = OrganizationFactory(name="Rosa Reseller", reseller=True)
    berta = OrganizationFactory(name="Berta Buyer", buyer=True)
    granted = [AgreementFactory(manufacturer_id=mira.id, grantee_id=s.id) for s in (dieter, wanda)]
    terms = [AgreementTermsFactory(agreement_id=each.id) for each in granted]
    storefront = StorefrontFactory(owner_id=rosa.id)
    for seller in (dieter, wanda):
        PoolSellerFactory(storefront_id=storefront.id, seller_id=seller.id)
    return Network(
        operator=OrganizationFactory(name="Operator", operator=True),
        mira=mira,
        dieter=dieter,
        wanda=wanda,
        rosa=rosa,
        berta=berta,
        theo=OrganizationFactory(
            name="Theo Elsewhere", kinds=["manufacturer", "reseller", "buyer"]
        ),
        dieter_terms=terms[0],
        wanda_terms=terms[1],
        account=TradingAccountFactory(seller_id=rosa.id, buyer_id=berta.id),
        storefront=storefront,
        address=AddressFactory(organization_id=berta.id),
    )
