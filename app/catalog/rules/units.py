"""Units of measure: the common codes of UN/ECE Recommendation 20, packages of Recommendation 21.

A package's code is written with an X before it, as Recommendation 20 asks for. The table holds
what trade in goods needs, not all two thousand codes.
"""

from collections.abc import Mapping
from types import MappingProxyType

UNITS: Mapping[str, str] = MappingProxyType(
    {
        # Counted.
        "C62": "one", "EA": "each", "H87": "piece", "PR": "pair", "SET": "set",
        "NPR": "number of pairs", "DZN": "dozen", "GRO": "gross", "CEN": "hundred",
        "MIL": "thousand", "KT": "kit",
        "NIU": "number of international units", "PTN": "portion", "LEF": "leaf", "ST": "sheet",
        "RM": "ream", "E48": "service unit", "LS": "lump sum", "P1": "percent",
        # Length.
        "MTR": "metre", "KMT": "kilometre", "DMT": "decimetre", "CMT": "centimetre",
        "MMT": "millimetre", "4H": "micrometre", "INH": "inch", "FOT": "foot", "YRD": "yard",
        "LM": "linear metre", "SMI": "mile",
        # Area.
        "MTK": "square metre", "CMK": "square centimetre", "MMK": "square millimetre",
        "INK": "square inch", "FTK": "square foot", "YDK": "square yard", "HAR": "hectare",
        # Volume.
        "LTR": "litre", "MLT": "millilitre", "CLT": "centilitre", "DLT": "decilitre",
        "HLT": "hectolitre", "MTQ": "cubic metre", "CMQ": "cubic centimetre",
        "DMQ": "cubic decimetre", "MMQ": "cubic millimetre", "GLL": "US gallon", "GLI": "UK gallon",
        "PT": "US pint", "QT": "US quart", "OZA": "US fluid ounce", "OZI": "UK fluid ounce",
        "INQ": "cubic inch", "FTQ": "cubic foot",
        # Mass.
        "KGM": "kilogram", "GRM": "gram", "MGM": "milligram", "MC": "microgram", "TNE": "tonne",
        "LBR": "pound", "ONZ": "ounce", "STN": "US ton", "LTN": "UK ton", "CWA": "hundredweight",
        # Time.
        "SEC": "second", "MIN": "minute", "HUR": "hour", "DAY": "day", "WEE": "week",
        "MON": "month", "ANN": "year", "C26": "millisecond",
        # Electricity and light.
        "AMP": "ampere", "4K": "milliampere", "VLT": "volt", "2Z": "millivolt", "KVT": "kilovolt",
        "WTT": "watt", "KWT": "kilowatt", "MAW": "megawatt", "KWH": "kilowatt hour",
        "WHR": "watt hour", "D46": "volt ampere", "KVA": "kilovolt ampere", "OHM": "ohm",
        "HTZ": "hertz", "KHZ": "kilohertz", "MHZ": "megahertz", "AMH": "ampere hour",
        "E09": "milliampere hour", "FAR": "farad", "LUM": "lumen", "LUX": "lux", "CDL": "candela",
        # Temperature, pressure, force, sound, angle, data.
        "CEL": "degree Celsius", "FAH": "degree Fahrenheit", "KEL": "kelvin", "BAR": "bar",
        "PAL": "pascal", "KPA": "kilopascal", "MPA": "megapascal", "NEW": "newton",
        "NU": "newton metre", "2N": "decibel", "DD": "degree of arc", "RPM": "revolutions a minute",
        "AD": "byte", "4L": "megabyte", "E34": "gigabyte", "KMH": "kilometre an hour",
        "MQH": "cubic metre an hour", "L2": "litre a minute", "JOU": "joule",
        "GM": "gram a square metre",
        # Packages (Recommendation 21).
        "XBX": "box", "XCT": "carton", "XPK": "package", "XPA": "packet", "XBG": "bag",
        "XSA": "sack", "XRO": "roll", "XRL": "reel", "XCL": "coil", "XBE": "bundle",
        "XCS": "case", "XCR": "crate", "XPX": "pallet", "XTU": "tube", "XBO": "bottle",
        "XCA": "can", "XDR": "drum", "XJR": "jar", "XPL": "pail", "XPU": "tray", "XSX": "set",
        "XPO": "pouch", "XST": "sheet", "XBD": "board", "XLV": "lift van", "XOA": "pallet, CHEP",
    }
)  # fmt: skip


def unit_code_is_valid(code: str) -> bool:
    """Whether it is a unit of the table (C62 is "one", KGM kilogram)."""
    return code in UNITS
