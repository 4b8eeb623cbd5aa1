"""What the catalog refuses."""

from app.kernel.errors import Conflict, Forbidden, NotFound


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
