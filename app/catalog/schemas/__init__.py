"""What the catalog reads and writes as JSON."""

from app.catalog.schemas.publications import (
    ChangeSchema,
    DiscardedSchema,
    DiscardQuery,
    ImpactSchema,
    PublicationFacts,
    PublicationQuery,
    PublicationSchema,
)
from app.catalog.schemas.subjects import (
    AttributeChanges,
    AttributeFacts,
    AttributeQuery,
    AttributeSchema,
    CategoryChanges,
    CategoryFacts,
    CategoryQuery,
    CategorySchema,
    ProductChanges,
    ProductFacts,
    ProductQuery,
    ProductSchema,
    ReadingQuery,
    UnitsSchema,
    VariantChanges,
    VariantFacts,
    VariantQuery,
    VariantSchema,
    search_of,
)

__all__ = [
    "AttributeChanges", "AttributeFacts", "AttributeQuery", "AttributeSchema", "CategoryChanges",
    "CategoryFacts", "CategoryQuery", "CategorySchema", "ChangeSchema", "DiscardQuery",
    "DiscardedSchema", "ImpactSchema", "ProductChanges", "ProductFacts", "ProductQuery",
    "ProductSchema", "PublicationFacts", "PublicationQuery", "PublicationSchema", "ReadingQuery",
    "UnitsSchema", "VariantChanges", "VariantFacts", "VariantQuery", "VariantSchema", "search_of",
]  # fmt: skip
