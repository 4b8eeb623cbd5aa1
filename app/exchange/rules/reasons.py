"""Why a cell or a row was refused, in words that say how to mend it. Codes never change."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_LEAST_GTIN, _UPC = 8, 12

REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("It is empty", "Fill it in"),
        "formula": ("It is a formula", "Paste it as a value; formulas are never evaluated"),
        "unreadable": (
            "It holds an error or characters that the file's encoding cannot say",
            "Save the file as UTF-8 and look at this cell",
        ),
        "ragged": (
            "The row has more cells than the header",
            "Is a separator inside a text? Put the text in quotes",
        ),
        "too_long": ("It is too long", "Shorten it"),
        "not_a_code": ("It is not a code", "Use 1 to 64 of A-Z 0-9 . _ / -"),
        "not_whole": ("It is not a whole number", "Write digits only, such as 12"),
        "out_of_range": ("It is out of range", "Look at the smallest and greatest value allowed"),
        "not_an_amount": (
            "It is not an amount as this file writes amounts",
            "Check the decimal and the thousands mark of the mapping",
        ),
        "too_many_decimals": (
            "It has more decimals than the currency or unit knows",
            "Round it, or say per how many units the price is",
        ),
        "not_a_date": (
            "It is not a date as this file writes dates",
            "Check the mapping's date format; 2026-03-31 is always understood",
        ),
        "not_a_choice": ("It is none of the words that are known here", "Use one of the words"),
        "not_a_unit": ("It is not a unit code", "Use UN/ECE Recommendation 20, such as C62 or KGM"),
        "not_digits": ("It is not a code of the right number of digits", "Use digits only"),
        "gtin_shape": ("It is not 8, 12, 13 or 14 digits", "Correct it, or leave it empty"),
        "gtin_check_digit": (
            "Its last digit does not prove the others",
            "Check for a typing error",
        ),
        "gtin_scientific": (
            "A spreadsheet rounded it",
            "Format the column as text and enter the digits again",
        ),
        "gtin_zeros_lost": (
            "A spreadsheet took its leading zeros",
            "Format the column as text, or let the mapping pad GTINs",
        ),
        "gtin_taken": ("Another variant has this GTIN", "A GTIN names one article in the world"),
        "unknown_variant": ("There is no such variant that you may know of", "Check SKU and GTIN"),
        "ambiguous_sku": (
            "Several manufacturers use this SKU",
            "Name the manufacturer's code or the GTIN, too",
        ),
        "identifiers_disagree": (
            "SKU, GTIN and manufacturer's code do not name one and the same variant",
            "Correct the one that is wrong, or leave it empty",
        ),
        "unknown_location": ("You have no location with this code", "Check the code"),
        "unknown_category": ("You have no category with this code", "Create the category first"),
        "unknown_successor": ("You have no variant with this SKU", "Check the successor's SKU"),
        "successor_too_soon": (
            "Only what is phased out or withdrawn has a successor",
            "Set the status to phase_out",
        ),
        "other_product": (
            "The variant belongs to another product",
            "A file does not move variants between products",
        ),
        "product_disagrees": (
            "An earlier row says something else of this product",
            "Say the same of a product in all its rows, or leave its cells empty",
        ),
        "cannot_go_back": ("What was published is no draft again", "Withdraw it instead"),
        "repeated": ("An earlier row of this file says the same", "Keep one of the two rows"),
        "below_reserved": ("Orders hold more of this stock", "Cancel or ship these orders first"),
        "maximum_below_minimum": (
            "The greatest quantity would be below the least",
            "Correct one of the two",
        ),
        "nothing_orderable": (
            "No quantity between the least and the greatest is a multiple of step and pack",
            "Correct the quantities",
        ),
        "step_too_great": ("Step and pack together are too great", "Correct one of the two"),
        "ends_too_soon": ("It would end before it begins", "Correct the period"),
        "overlaps": (
            "It holds at the same time as another price of this variant and quantity",
            "End the other price first, in this file",
        ),
        "mixed_per_quantity": (
            "Graduated breaks of a variant must be prices for the same number of units",
            "Say all prices of this variant per the same quantity",
        ),
        "below_floor": ("It is below the manufacturer's floor", "Ask at least the floor price"),
        "below_corridor": (
            "It is below what the manufacturer allows",
            "Stay within the corridor around the recommended price",
        ),
        "above_corridor": (
            "It is above what the manufacturer allows",
            "Stay within the corridor around the recommended price",
        ),
        "other_currency": ("The list is in another currency", "Use a list in this currency"),
    }
)


def reason_of(code: str) -> str:
    """What is wrong, in words."""
    return REASONS[code][0] if code in REASONS else code.replace("_", " ")


def mend_of(code: str, value: str) -> str:
    """How to mend it; for a GTIN without its zeros, the GTIN itself."""
    if code == "gtin_zeros_lost":
        return f"{padded(value)}? {REASONS[code][1]}"
    return REASONS[code][1] if code in REASONS else ""


def padded(gtin: str) -> str:
    """A GTIN with the zeros that a spreadsheet takes: of 8 digits where they suffice, else 12."""
    digits = re.sub(r"\D", "", gtin)
    return digits.zfill(_LEAST_GTIN if len(digits) <= _LEAST_GTIN else _UPC)
