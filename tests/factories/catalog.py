"""The smallest valid catalog, offers, prices and stock; every fact a story needs is named by it."""

from datetime import UTC, datetime, timedelta

import factory
from factory.alchemy import SQLAlchemyModelFactory

from app.catalog.models import Attribute, Category, Product, Variant
from app.infra.db import db
from app.inventory.models import Location, Stock
from app.kernel.ids import new_id
from app.offers.models import Offer
from app.pricing.models import PriceAssignment, PriceEntry, PriceList

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class _Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - factory-boy wants a callable
        sqlalchemy_session_persistence = "flush"


class AttributeFactory(_Factory):
    """A published text; give it ``manufacturer_id``."""

    class Meta:
        model = Attribute

    id = factory.LazyFunction(new_id)
    code = factory.Sequence(lambda n: f"attribute_{n}")
    name = factory.LazyAttribute(lambda attribute: attribute.code.title())
    kind = "text"


class CategoryFactory(_Factory):
    class Meta:
        model = Category

    id = factory.LazyFunction(new_id)
    code = factory.Sequence(lambda n: f"category-{n}")
    name = factory.LazyAttribute(lambda category: category.code.title())
    parent_id = None
    path = factory.LazyAttribute(lambda category: [category.id])


class ProductFactory(_Factory):
    """Give it ``manufacturer_id``; it brings a category of its own unless given one."""

    class Meta:
        model = Product
        exclude = ("category",)

    id = factory.LazyFunction(new_id)
    category = factory.SubFactory(
        CategoryFactory, manufacturer_id=factory.SelfAttribute("..manufacturer_id")
    )
    category_id = factory.SelfAttribute("category.id")
    code = factory.Sequence(lambda n: f"product-{n}")
    name = factory.LazyAttribute(lambda product: product.code.title())
    created_at = LONG_AGO


class VariantFactory(_Factory):
    """Give it ``manufacturer_id``; it brings a product of its own unless given one."""

    class Meta:
        model = Variant
        exclude = ("product",)

    id = factory.LazyFunction(new_id)
    product = factory.SubFactory(
        ProductFactory, manufacturer_id=factory.SelfAttribute("..manufacturer_id")
    )
    product_id = factory.SelfAttribute("product.id")
    category_id = factory.SelfAttribute("product.category_id")
    sku = factory.Sequence(lambda n: f"SKU-{n:05}")
    name = factory.LazyAttribute(lambda variant: f"Variant {variant.sku}")
    weight_g = 500
    created_at = LONG_AGO


class OfferFactory(_Factory):
    """Give it ``seller_id`` and ``variant_id``."""

    class Meta:
        model = Offer

    id = factory.LazyFunction(new_id)
    created_at = LONG_AGO


class PriceListFactory(_Factory):
    """Give it ``owner_id``."""

    class Meta:
        model = PriceList

    id = factory.LazyFunction(new_id)
    name = factory.Sequence(lambda n: f"List {n}")
    currency = "EUR"
    purpose = "sale"
    valid_from = LONG_AGO
    created_at = factory.Sequence(lambda n: LONG_AGO + timedelta(seconds=n))


class PriceEntryFactory(_Factory):
    """Give it ``price_list_id`` and ``variant_id``."""

    class Meta:
        model = PriceEntry

    amount_minor = 1000
    valid_from = LONG_AGO


class PriceAssignmentFactory(_Factory):
    """Give it ``price_list_id``; without a scope it applies to everybody."""

    class Meta:
        model = PriceAssignment

    id = factory.LazyFunction(new_id)


class LocationFactory(_Factory):
    """Give it ``seller_id``."""

    class Meta:
        model = Location

    id = factory.LazyFunction(new_id)
    code = factory.Sequence(lambda n: f"WH-{n}")
    name = factory.LazyAttribute(lambda location: f"Warehouse {location.code}")
    city = "Hannover"
    subdivision = "DE-NI"
    postal_code = "30159"
    country = "DE"
    latitude = 52.37
    longitude = 9.73


class StockFactory(_Factory):
    """Give it ``location_id`` and ``variant_id``."""

    class Meta:
        model = Stock

    on_hand = 100
    updated_at = LONG_AGO
