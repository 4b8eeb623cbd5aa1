"""What the catalog refuses."""

from app.kernel.errors import Conflict, Forbidden, Malformed, NotFound, Rejected


class CategoryNotFound(NotFound):
    """There is no such category, or the caller may not know of it."""

    code = "catalog.category_not_found"
    title = "There is no such category"


class ProductNotFound(NotFound):
    """There is no such product, or the caller may not know of it."""

    code = "catalog.product_not_found"
    title = "There is no such product"


class VariantNotFound(NotFound):
    """There is no such variant, or the caller may not know of it."""

    code = "catalog.variant_not_found"
    title = "There is no such variant"


class NotAManufacturer(Forbidden):
    """Only manufacturers keep a catalog."""

    code = "catalog.not_a_manufacturer"
    title = "Only manufacturers keep a catalog"


class NotTheManufacturer(Forbidden):
    """Only the manufacturer of a thing may change it."""

    code = "catalog.not_the_manufacturer"
    title = "Only its manufacturer may change this"


class CodeTaken(Conflict):
    """Another category or product of the manufacturer has the code."""

    code = "catalog.code_taken"
    title = "You use this code already"


class SkuTaken(Conflict):
    """Another variant of the manufacturer has the SKU."""

    code = "catalog.sku_taken"
    title = "You use this SKU already"


class GtinTaken(Conflict):
    """Another variant has the GTIN; a GTIN names one article in the world."""

    code = "catalog.gtin_taken"
    title = "Another variant has this GTIN"


class AttributeNotFound(NotFound):
    """There is no such attribute, or the caller may not know of it."""

    code = "catalog.attribute_not_found"
    title = "There is no such attribute"


class PublicationNotFound(NotFound):
    """There is no such publication, or the caller may not know of it."""

    code = "catalog.publication_not_found"
    title = "There is no such publication"


class ChangeNotFound(NotFound):
    """Nothing was collected for this thing."""

    code = "catalog.change_not_found"
    title = "Nothing was collected for this"


class ChangesInvalid(Malformed):
    """What was changed cannot be published; ``errors`` says where and why."""

    code = "catalog.changes_invalid"
    title = "The changes cannot be published as they are"


class NothingToPublish(Conflict):
    """The catalog would be as it is."""

    code = "catalog.nothing_to_publish"
    title = "Nothing would change"


class KindIsFixed(Conflict):
    """What an attribute's values are cannot change once it was published."""

    code = "catalog.kind_is_fixed"
    title = "The kind of a published attribute stays: withdraw it and define another"


class ManufacturerNotNamed(Malformed):
    """An instant alone does not say whose catalog is meant."""

    code = "catalog.manufacturer_not_named"
    title = "Name the manufacturer whose catalog you want to read as of then"


class AttributeOfAnotherForm(Rejected):
    """A unit belongs to a number, options to an enumeration."""

    code = "catalog.attribute_form"
    title = "Units belong to numbers, and an enumeration, only it, has options"


class SuggestionNotFound(NotFound):
    """There is no such suggestion, or the caller may not know of it."""

    code = "catalog.suggestion_not_found"
    title = "There is no such suggestion"


class SuggestionDecided(Conflict):
    """What was decided stays; ``errors`` says which."""

    code = "catalog.suggestion_decided"
    title = "This suggestion was decided already"


class SellersSuggest(Forbidden):
    """Only organizations that sell suggest articles."""

    code = "catalog.sellers_suggest"
    title = "Only sellers suggest articles"


class SuggestionsInvalid(Rejected):
    """Suggestions that name what the caller does not know, or one article twice."""

    code = "catalog.suggestions_invalid"
    title = "These suggestions cannot be taken; errors says where and why"


class DecisionsInvalid(Rejected):
    """Decisions that cannot be taken so; ``errors`` says which and why."""

    code = "catalog.decisions_invalid"
    title = "These decisions cannot be taken; errors says where and why"
