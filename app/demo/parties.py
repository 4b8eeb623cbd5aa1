"""Who is in the built-in network: sellers, places, links, storefronts, buyers. All invented.

Tables only; ``loading`` makes rows of them. Countries and subdivisions are ISO 3166.
"""

from typing import NamedTuple

from app.demo.drafts import Area, Place


class SellerSpec(NamedTuple):
    """A seller: what it asks (percent of list price), how soon it sends, what it stocks."""

    code: str
    name: str
    kind: str
    country: str
    currency: str
    price_percent: int
    lead_time_days: int
    offers_percent: int
    makers: tuple[str, ...]
    places: tuple[Place, ...]


class LinkSpec(NamedTuple):
    """An agreement: grantor and grantee by code; ``parent`` is the grantor of the one above.

    ``transfer_percent`` of the list price is what the grantee pays in resale; nought is agency.
    """

    maker: str
    grantor: str
    grantee: str
    territory: str
    priority: int
    transfer_percent: int = 0
    minimum_order_minor: int = 0
    categories: tuple[str, ...] = ()


class ShopSpec(NamedTuple):
    """A storefront, its sellers, and what its owner asks for what it resells.

    ``groups``: customer groups with a list derived from that, and its share in basis points.
    """

    slug: str
    owner: str
    name: str
    country: str
    currency: str
    access: str
    pool: tuple[str, ...]
    resale_percent: int
    groups: tuple[tuple[str, int], ...] = ()


class BuyerSpec(NamedTuple):
    """A buyer company and where it receives goods."""

    code: str
    name: str
    street: str
    place: Place


class AccountSpec(NamedTuple):
    """A buyer's trading account with a storefront's owner."""

    owner: str
    buyer: str
    currency: str
    credit_limit_minor: int
    group: str | None = None
    methods: tuple[str, ...] = ("on_account",)
    blocked: tuple[str, ...] = ()
    contract_percent: int = 0


# By country, or by subdivision where a country has several.
TIME_ZONES = {
    "DE": "Europe/Berlin", "AT": "Europe/Vienna", "NL": "Europe/Amsterdam", "FR": "Europe/Paris",
    "US": "America/New_York", "US-IL": "America/Chicago", "US-TX": "America/Chicago",
}  # fmt: skip
# A seller expects more of one in so many variants that it offers.
SELDOM = 12

HAMBURG = Place("Hamburg", "DE-HH", "20457", "DE", 53.5413, 9.9841)
FRANKFURT = Place("Frankfurt", "DE-HE", "60327", "DE", 50.1042, 8.6463)
MUNICH = Place("Munich", "DE-BY", "80807", "DE", 48.1862, 11.5745)
COLOGNE = Place("Cologne", "DE-NW", "50735", "DE", 50.9760, 6.9710)
DORTMUND = Place("Dortmund", "DE-NW", "44147", "DE", 51.5290, 7.4520)
LEIPZIG = Place("Leipzig", "DE-SN", "04347", "DE", 51.3630, 12.4260)
VIENNA = Place("Vienna", "AT-9", "1110", "AT", 48.1700, 16.4200)
ROTTERDAM = Place("Rotterdam", "NL-ZH", "3089", "NL", 51.8850, 4.4500)
LYON = Place("Lyon", "FR-69", "69007", "FR", 45.7300, 4.8400)
PARIS = Place("Paris", "FR-75C", "75018", "FR", 48.8950, 2.3600)
TOULOUSE = Place("Toulouse", "FR-31", "31200", "FR", 43.6400, 1.4400)
NANTES = Place("Nantes", "FR-44", "44800", "FR", 47.2280, -1.6300)
CHICAGO = Place("Chicago", "US-IL", "60609", "US", 41.8120, -87.6550)
DALLAS = Place("Dallas", "US-TX", "75207", "US", 32.7920, -96.8230)
NEWARK = Place("Newark", "US-NJ", "07114", "US", 40.7080, -74.1790)

_ALL = ("VELMORA", "KESTRAND", "QUILLFEN")
_TWO = ("VELMORA", "KESTRAND")

SELLERS = (
    SellerSpec("MARLOWICK", "Marlowick Distribution", "distributor", "DE", "EUR", 90, 1, 97,
               _ALL, (FRANKFURT, HAMBURG, MUNICH)),
    SellerSpec("PELLUNO", "Pelluno Distribution", "distributor", "FR", "EUR", 88, 1, 92,
               _TWO, (LYON, PARIS)),
    SellerSpec("SUNDBARRA", "Sundbarra Distribution", "distributor", "NL", "EUR", 90, 2, 85,
               ("KESTRAND", "QUILLFEN"), (ROTTERDAM,)),
    SellerSpec("ARVANTA", "Arvanta Distribution", "distributor", "US", "USD", 87, 2, 95,
               _ALL, (CHICAGO, DALLAS)),
    SellerSpec("WENDELOW", "Wendelow Wholesale", "wholesaler", "DE", "EUR", 81, 0, 86,
               _TWO, (COLOGNE, DORTMUND)),
    SellerSpec("CASTRUMO", "Castrumo Wholesale", "wholesaler", "FR", "EUR", 91, 1, 70,
               _TWO, (TOULOUSE,)),
    SellerSpec("FJELLBRO", "Fjellbro Wholesale", "wholesaler", "AT", "EUR", 92, 1, 74,
               ("VELMORA", "QUILLFEN"), (VIENNA,)),
    SellerSpec("TAVIRRA", "Tavirra Wholesale", "wholesaler", "US", "USD", 90, 1, 72,
               _ALL, (NEWARK,)),
    SellerSpec("ROSENQUAY", "Rosenquay Trade Supply", "reseller", "DE", "EUR", 100, 0, 0, _ALL, ()),
    SellerSpec("BRIVANE", "Brivane Trade Supply", "reseller", "FR", "EUR", 96, 1, 35,
               _TWO, (NANTES,)),
    SellerSpec("PLOVERTON", "Ploverton Supply", "reseller", "US", "USD", 100, 0, 0, _ALL, ()),
    SellerSpec("OSTERMUND", "Ostermund Trade", "reseller", "DE", "EUR", 93, 1, 45,
               _TWO, (LEIPZIG,)),
)  # fmt: skip

TERRITORIES = {
    "central Europe": (Area("DE"), Area("AT"), Area("CH")),
    "Germany": (Area("DE"),),
    "Rhineland": (Area("DE", "DE-NW"), Area("DE", "DE-RP"), Area("DE", "DE-HE")),
    "Saxony": (Area("DE", "DE-SN"), Area("DE", "DE-ST"), Area("DE", None, "07300", "07999")),
    "Austria": (Area("AT"),),
    "France and Benelux": (Area("FR"), Area("BE"), Area("LU")),
    "the south of France": (
        Area("FR", "FR-31"), Area("FR", "FR-34"), Area("FR", None, "30000", "34999"),
    ),
    "France": (Area("FR"),),
    "north-western Europe": (Area("NL"), Area("BE"), Area("DE"), Area("FR")),
    "the United States": (Area("US"),),
    "the north-east": (
        Area("US", "US-NJ"), Area("US", "US-NY"), Area("US", None, "01000", "08999"),
    ),
}  # fmt: skip

# In the order in which each is granted: a grantor's own agreement stands above its grants.
LINKS = (
    *(LinkSpec(maker, maker, "MARLOWICK", "central Europe", 20, 0, 5000) for maker in _ALL),
    *(LinkSpec(maker, maker, "PELLUNO", "France and Benelux", 20, 0, 5000) for maker in _TWO),
    *(LinkSpec(maker, maker, "SUNDBARRA", "north-western Europe", 10, 0, 8000)
      for maker in ("KESTRAND", "QUILLFEN")),
    *(LinkSpec(maker, maker, "ARVANTA", "the United States", 20, 0, 5000) for maker in _ALL),
    *(LinkSpec(maker, "MARLOWICK", "WENDELOW", "Rhineland", 30, 0, 2500) for maker in _TWO),
    *(LinkSpec(maker, "MARLOWICK", "WENDELOW", "Germany", 5, 80) for maker in _ALL),
    LinkSpec("VELMORA", "MARLOWICK", "FJELLBRO", "Austria", 30, 0, 3000),
    LinkSpec("QUILLFEN", "MARLOWICK", "FJELLBRO", "Austria", 30, 0, 3000, ("tools",)),
    *(LinkSpec(maker, "PELLUNO", "CASTRUMO", "the south of France", 30, 0, 3000) for maker in _TWO),
    *(LinkSpec(maker, "ARVANTA", "TAVIRRA", "the north-east", 30, 0, 3000) for maker in _ALL),
    *(LinkSpec(maker, "MARLOWICK", "ROSENQUAY", "Germany", 20, 84) for maker in _TWO),
    LinkSpec("QUILLFEN", "WENDELOW", "ROSENQUAY", "Germany", 20, 86),
    *(LinkSpec(maker, "CASTRUMO", "BRIVANE", "France", 30) for maker in _TWO),
    *(LinkSpec(maker, "ARVANTA", "PLOVERTON", "the United States", 20, 84) for maker in _ALL),
    *(LinkSpec(maker, "WENDELOW", "OSTERMUND", "Saxony", 30, 0, 2000) for maker in _TWO),
)  # fmt: skip

# Maker, holder, territory, category: nobody else sells it there.
EXCLUSIVITY = ("VELMORA", "FJELLBRO", "Austria", "lighting")

SHOPS = (
    ShopSpec("rosenquay", "ROSENQUAY", "Rosenquay", "DE", "EUR", "closed",
             ("MARLOWICK", "WENDELOW", "SUNDBARRA", "OSTERMUND", "FJELLBRO"), 96,
             (("gold", 9700),)),
    ShopSpec("wendelow", "WENDELOW", "Wendelow Direct", "DE", "EUR", "open",
             ("WENDELOW", "MARLOWICK"), 94),
    ShopSpec("brivane", "BRIVANE", "Brivane", "FR", "EUR", "closed",
             ("BRIVANE", "PELLUNO", "CASTRUMO", "SUNDBARRA"), 98),
    ShopSpec("ploverton", "PLOVERTON", "Ploverton", "US", "USD", "restricted",
             ("ARVANTA", "TAVIRRA"), 99),
)  # fmt: skip

BUYERS = (
    BuyerSpec("BRENNWEILER", "Brennweiler Electrical Contractors", "Vogelsanger Weg 114",
              Place("Cologne", "DE-NW", "50825", "DE", 50.9520, 6.9170)),
    BuyerSpec("KANALHOF", "Kanalhof Property Services", "Am Stichkanal 7",
              Place("Hamburg", "DE-HH", "21079", "DE", 53.4600, 9.9900)),
    BuyerSpec("ARDOVAL", "Ardoval Construction", "12 quai des Forges",
              Place("Lyon", "FR-69", "69009", "FR", 45.7790, 4.8050)),
    BuyerSpec("QUINTEMAR", "Quintemar Hotels", "48 rue des Entrepots",
              Place("Paris", "FR-75C", "75012", "FR", 48.8400, 2.3900)),
    BuyerSpec("OSPRELL", "Osprell Contracting", "310 Foundry Street",
              Place("Newark", "US-NJ", "07105", "US", 40.7240, -74.1420)),
    BuyerSpec("LOOMFIELD", "Loomfield Facilities", "2200 West Grain Avenue",
              Place("Chicago", "US-IL", "60608", "US", 41.8480, -87.6700)),
)  # fmt: skip

ACCOUNTS = (
    AccountSpec("ROSENQUAY", "BRENNWEILER", "EUR", 50_000_00, "contractors", contract_percent=93),
    AccountSpec("ROSENQUAY", "KANALHOF", "EUR", 20_000_00, "gold", blocked=("OSTERMUND",)),
    AccountSpec("WENDELOW", "BRENNWEILER", "EUR", 15_000_00, "contractors"),
    AccountSpec("WENDELOW", "KANALHOF", "EUR", 8_000_00),
    AccountSpec("BRIVANE", "ARDOVAL", "EUR", 40_000_00),
    AccountSpec("BRIVANE", "QUINTEMAR", "EUR", 0, methods=("prepaid",)),
    AccountSpec("PLOVERTON", "OSPRELL", "USD", 30_000_00),
    AccountSpec("PLOVERTON", "LOOMFIELD", "USD", 60_000_00, "contractors"),
)

# Whose API keys the demo makes.
KEY_HOLDERS = ("OPERATOR", "VELMORA", "MARLOWICK", "WENDELOW", "ROSENQUAY", "BRENNWEILER")
