"""How large the network is, and how everything in it is numbered.

Manufacturers have equally many variants, four a product; product ``p`` of a manufacturer belongs to
its group ``p % 10``. Five sellers offer exactly the variants of a group. Four groups in a row are
what one storefront shows, so its pool has twenty sellers, and a page of one group has five.

Every thing's id is computed from its number, so one statement can write millions of rows that refer
to each other without a join. Ids of one kind ascend with their numbers, as ids made over time do.
"""

from dataclasses import dataclass

GROUPS_A_MAKER = 10
SELLERS_A_GROUP = 5
GROUPS_A_SHOP = 4
BUYERS_A_SHOP = 20
SELLERS_A_SHOP = SELLERS_A_GROUP * GROUPS_A_SHOP
OWNER_LISTS = 50  # of each storefront's owner; all of them apply to its first buyer
SELLER_LISTS = 7  # of each seller: five with entries, two derived
LONG_LIST = 200_000_000  # the number of the one list that has every variant
MARKET = 1_000_000  # the number of the storefront with the large pool
MARKET_GROUPS = 40
KEEPER = MARKET + 1  # the number of who owns the long list, and may sell everything

KINDS = {
    name: number
    for number, name in enumerate(
        (
            "maker", "seller", "owner", "buyer", "category", "attribute", "product", "variant",
            "territory", "area", "agreement", "terms", "account", "address", "location", "shop",
            "offer", "list", "assignment", "formula", "key", "policy", "table",
        ),
        start=1,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """A network's size; ``variants_a_maker`` is a multiple of forty."""

    makers: int
    variants_a_maker: int

    @property
    def variants(self) -> int:
        return self.makers * self.variants_a_maker

    @property
    def groups(self) -> int:
        return self.makers * GROUPS_A_MAKER

    @property
    def sellers(self) -> int:
        return self.groups * SELLERS_A_GROUP

    @property
    def shops(self) -> int:
        return self.groups // GROUPS_A_SHOP

    @property
    def buyers(self) -> int:
        return self.shops * BUYERS_A_SHOP

    @property
    def market_groups(self) -> int:
        return min(MARKET_GROUPS, self.groups)

    def shops_within(self, variants: int) -> int:
        """How many storefronts show nothing but variants below a number (all when none is whole).

        A manufacturer's groups are spread over its variants, so a part of it has all groups.
        """
        groups = -(-variants // self.variants_a_maker) * GROUPS_A_MAKER
        return min(self.shops, max(1, groups // GROUPS_A_SHOP))


FULL = Plan(makers=40, variants_a_maker=25_000)
SMALL = Plan(makers=2, variants_a_maker=2_000)

# Everything below is SQL text over numbers; {n} stands for a number.
ID = """
CREATE OR REPLACE FUNCTION bench_id(kind integer, n bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(
    '019' || lpad(to_hex(kind), 2, '0') || lpad(to_hex(n), 7, '0') || '7000'
    || '8' || lpad(to_hex((n * 2654435761 + kind) & 1152921504606846975), 15, '0')
AS uuid)
"""


def id_of(kind: str, number: str) -> str:
    """SQL for the id of a thing of a kind."""
    return f"bench_id({KINDS[kind]}, {number})"
