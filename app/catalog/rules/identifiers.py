"""What identifies an article, checked without a database.

A GTIN is 8, 12, 13 or 14 digits whose last one proves the others (GS1 General Specifications,
section 7.9). A customs code begins with the six digits of the Harmonized System; countries add up
to four of their own.
"""

import re

_GTIN_LENGTHS = {8, 12, 13, 14}
_CUSTOMS_CODE = re.compile(r"[0-9]{6,10}")


def check_digit(body: str) -> int:
    """The digit that ends a GTIN: weights 3 and 1 alternate leftwards from it."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return -total % 10


def gtin_is_valid(gtin: str) -> bool:
    """Whether it is a GTIN-8, -12, -13 or -14 with the right check digit."""
    if len(gtin) not in _GTIN_LENGTHS or not (gtin.isascii() and gtin.isdigit()):
        return False
    return check_digit(gtin[:-1]) == int(gtin[-1])


def customs_code_is_valid(code: str) -> bool:
    """Whether it has the form of a customs code: 6 to 10 digits, no dots."""
    return _CUSTOMS_CODE.fullmatch(code) is not None
