"""Who may sell what to whom, here and now: one definition, as named parts of a larger query.

Filter, choice and reservation must use one definition of feasibility, or the buyer is promised
what nobody may deliver; and what a buyer may see must be the same again, or a search shows what the
order refuses. So there is one text. Whoever needs it composes it into its own statement, which
begins ``WITH RECURSIVE``, and takes from it what it asks: one round trip, however many lines and
sellers.

It expects ``wanted (line_no, variant_id, quantity)`` (for what is entitled ``wanted (variant_id)``
is enough) and the binds ``storefront_id, buyer_id``
(null: an anonymous visitor), ``country, subdivision, postal_code, latitude, longitude, now``. What
is not known of the place of delivery (null) does not exclude a seller whose territory may hold it,
and gives nobody an exclusive right. ``STANDING_CTES`` defines

- ``shop``: the storefront, and whether the viewer may look into it;
- ``standing``: every offer of a wanted variant, with each fact that decides whether its seller may
  sell it to this buyer; routing judges them, and tells which rule is broken;
- ``supply``: per seller and scope the resale chain from it down to the storefront's owner.

``ENTITLED_CTES`` looks at the storefront's own pool only, and adds ``entitled``: the offers of
which every fact speaks well. That is what a buyer may see, and from whom.
"""

from typing import Any

from app.offers.eligibility.facts import MANY
from app.offers.eligibility.sight import (
    ENTITLED_CTES,
    KNOWN_ENTITLED_CTES,
    KNOWN_PAIRS_CTES,
    KNOWN_SEEN_CTES,
)
from app.offers.eligibility.standing import STANDING_CTES

__all__ = [
    "ANYWHERE",
    "ENTITLED_CTES",
    "KNOWN_ENTITLED_CTES",
    "KNOWN_PAIRS_CTES",
    "KNOWN_SEEN_CTES",
    "MANY",
    "STANDING_CTES",
]

ANYWHERE: dict[str, Any] = dict.fromkeys(
    ("country", "subdivision", "postal_code", "latitude", "longitude")
)
"""The binds of a place of delivery of which nothing is known."""
