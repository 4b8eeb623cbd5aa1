"""Refusals of storefronts."""

from app.kernel.errors import Conflict, NotFound, Rejected


class StorefrontNotFound(NotFound):
    """No such storefront that the caller may know of."""

    code = "storefronts.storefront_not_found"
    title = "There is no such storefront"


class SlugTaken(Conflict):
    """A slug names one storefront."""

    code = "storefronts.slug_taken"
    title = "Another storefront has this slug"


class AssortmentUnfit(Rejected):
    """A storefront is narrowed by an assortment of its owner's."""

    code = "storefronts.assortment_unfit"
    title = "This is not an assortment of the storefront's owner"


class SellerUnfit(Rejected):
    """A pool holds organizations that sell and that the owner knows."""

    code = "storefronts.seller_unfit"
    title = "This organization cannot be in the pool"
