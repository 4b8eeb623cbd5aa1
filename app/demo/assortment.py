"""The built-in manufacturers' products as families: what varies, and how price and weight follow.

A family is a base price and weight times the factors (in percent) of the values chosen on each
axis. Makers and brands are invented; GTINs begin with 2, which GS1 keeps for in-house use.
"""

from dataclasses import dataclass
from functools import reduce
from itertools import product as combinations

from app.kernel.money import divide_half_up

Factors = dict[str, tuple[int, int]]  # value -> percent of the price, percent of the weight
_IN_HOUSE = "20"
_SERIAL_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Maker:
    """A manufacturer, its brand and its digit in GTINs."""

    code: str
    name: str
    brand: str
    digit: int


@dataclass(frozen=True, slots=True)
class Family:
    """Variants that differ in the values of the axes; price is list price for ``per`` units."""

    maker: str
    category: str
    code: str
    name: str
    price_minor: int
    weight_g: int
    axes: dict[str, Factors]
    size_mm: tuple[int, int, int]
    per: int = 1
    pack: int = 1
    unit: str = "C62"


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """One variant of a family."""

    family: Family
    sku: str
    gtin: str
    values: tuple[str, ...]
    list_price_minor: int
    weight_g: int

    @property
    def name(self) -> str:
        """Its family and what was chosen."""
        return f"{self.family.name} {', '.join(self.values)}"


MAKERS = (
    Maker("VELMORA", "Velmora Electric", "Velmora", 1),
    Maker("KESTRAND", "Kestrand Fixings", "Kestrand", 2),
    Maker("QUILLFEN", "Quillfen Tools", "Quillfen", 3),
)

# Code, name, code of the parent.
CATEGORIES = {
    "VELMORA": (
        ("installation", "Electrical installation", ""),
        ("cable", "Cable and wire", "installation"),
        ("wiring", "Switches and sockets", "installation"),
        ("protection", "Circuit protection", "installation"),
        ("lighting", "Lighting", ""),
        ("lamps", "Lamps", "lighting"),
        ("luminaires", "Luminaires", "lighting"),
    ),
    "KESTRAND": (
        ("fixings", "Fixings", ""),
        ("screws", "Screws", "fixings"),
        ("bolts", "Bolts, nuts and washers", "fixings"),
        ("anchors", "Plugs and anchors", "fixings"),
    ),
    "QUILLFEN": (
        ("tools", "Tools", ""),
        ("hand-tools", "Hand tools", "tools"),
        ("power-tools", "Power tools", "tools"),
        ("drill-bits", "Drill bits", "tools"),
        ("safety", "Workwear and safety", ""),
    ),
}


def _same(*values: str) -> Factors:
    return dict.fromkeys(values, (100, 100))


def _steps(values: str, step: int) -> Factors:
    """Each value costs and weighs so many percent more than the one before."""
    return {
        value: (100 + step * number, 100 + step * number)
        for number, value in enumerate(values.split())
    }


_COLOURS = {"white": (100, 100), "anthracite": (125, 100), "brass": (180, 104), "sage": (118, 100)}
_FINISH = {"zinc": (100, 100), "stainless A2": (265, 101)}
_SECTIONS = {
    "3G1.5": (100, 100), "3G2.5": (152, 142), "5G1.5": (150, 140), "5G2.5": (228, 205),
    "5G4": (355, 300), "5G6": (520, 425),
}  # fmt: skip
_WIRES = {
    "1.5 mm2": (100, 100), "2.5 mm2": (158, 155), "4 mm2": (248, 235), "6 mm2": (365, 340),
    "10 mm2": (640, 590), "16 mm2": (990, 905),
}  # fmt: skip
_WIRE_COLOURS = _same("black", "blue", "brown", "grey", "green-yellow")

FAMILIES = (
    Family("VELMORA", "cable", "SC", "Sheathed cable", 7900, 110,
           {"section": _SECTIONS, "ring": _same("50 m", "100 m")},
           (300, 300, 90), per=100, pack=50, unit="MTR"),
    Family("VELMORA", "cable", "SW", "Flexible wire", 3200, 22,
           {"section": _WIRES, "colour": _WIRE_COLOURS}, (220, 220, 60), per=100, pack=100,
           unit="MTR"),
    Family("VELMORA", "cable", "CT", "Cable tie", 320, 1,
           {"length": _steps("100mm 150mm 200mm 290mm 370mm", 62),
            "colour": _same("natural", "black")}, (6, 3, 290), per=100, pack=100),
    Family("VELMORA", "cable", "CO", "Conduit", 8800, 105,
           {"diameter": _steps("16mm 20mm 25mm 32mm 40mm", 38),
            "type": {"rigid": (100, 118), "flexible": (84, 100)}}, (400, 400, 120),
           per=100, pack=25, unit="MTR"),
    Family("VELMORA", "wiring", "JB", "Junction box", 145, 48,
           {"size": _steps("60mm 85mm 110mm", 70),
            "mounting": {"flush": (100, 100), "surface": (168, 132), "IP65": (395, 175)}},
           (90, 90, 55), pack=10),
    Family("VELMORA", "wiring", "LS", "Lina switch", 640, 78,
           {"type": {"one-way": (100, 100), "two-way": (108, 102), "cross": (190, 110),
                     "double": (165, 120), "push-button": (130, 102), "blind": (175, 118)},
            "colour": _COLOURS}, (71, 71, 42), pack=10),
    Family("VELMORA", "wiring", "LK", "Lina socket outlet", 590, 92,
           {"type": {"earthed": (100, 100), "shuttered": (122, 104), "with USB-C": (480, 135)},
            "colour": _COLOURS}, (71, 71, 46), pack=10),
    Family("VELMORA", "wiring", "LF", "Lina frame", 210, 24,
           {"gangs": _steps("1 2 3 4 5", 82), "colour": _COLOURS}, (81, 81, 11), pack=10),
    Family("VELMORA", "protection", "CB", "Miniature circuit breaker", 395, 122,
           {"current": {"6 A": (128, 100), "10 A": (102, 100), "13 A": (106, 100),
                        "16 A": (100, 100), "20 A": (112, 101), "25 A": (124, 102),
                        "32 A": (138, 103)},
            "curve": {"B": (100, 100), "C": (116, 100)},
            "poles": {"1P": (100, 100), "3P": (345, 298)}}, (88, 18, 74), pack=12),
    Family("VELMORA", "protection", "RC", "Residual-current device", 3250, 228,
           {"current": {"25 A": (100, 100), "40 A": (112, 102), "63 A": (176, 106)},
            "tripping": {"30 mA": (100, 100), "300 mA": (94, 100)},
            "poles": {"2P": (100, 100), "4P": (148, 165)}}, (88, 36, 74)),
    Family("VELMORA", "lamps", "LL", "LED lamp", 265, 52,
           {"base": {"E27": (100, 100), "E14": (97, 72), "GU10": (112, 88)},
            "power": {"4 W": (100, 100), "6 W": (124, 115), "8 W": (152, 128),
                      "11 W": (205, 155)},
            "colour temperature": _same("2700 K", "3000 K", "4000 K")}, (60, 60, 110), pack=10),
    Family("VELMORA", "luminaires", "LP", "LED panel", 3490, 2600,
           {"size": {"600 x 600 mm": (100, 100), "300 x 1200 mm": (108, 104)},
            "colour temperature": _same("3000 K", "4000 K")}, (620, 620, 40), pack=4),
    Family("KESTRAND", "screws", "WS", "Wood screw", 290, 1,
           {"size": {"3.5 x 30": (100, 130), "3.5 x 40": (118, 160), "4 x 30": (112, 160),
                     "4 x 40": (128, 210), "4 x 50": (150, 260), "4.5 x 50": (178, 320),
                     "4.5 x 60": (205, 380), "5 x 60": (255, 470), "5 x 80": (345, 630),
                     "5 x 100": (460, 790), "6 x 80": (520, 900), "6 x 120": (810, 1350)},
            "finish": _FINISH}, (3, 3, 60), per=100, pack=200, unit="C62"),
    Family("KESTRAND", "screws", "DS", "Drywall screw", 140, 1,
           {"size": {"3.5 x 25": (100, 110), "3.5 x 35": (115, 150), "3.5 x 45": (139, 190),
                     "3.9 x 55": (182, 260), "4.2 x 70": (268, 370)}},
           (8, 8, 45), per=100, pack=1000),
    Family("KESTRAND", "bolts", "HB", "Hexagon bolt", 980, 6,
           {"size": {"M6 x 20": (100, 110), "M6 x 40": (134, 170), "M8 x 25": (158, 270),
                     "M8 x 50": (225, 420), "M10 x 30": (272, 530), "M10 x 60": (405, 820),
                     "M12 x 40": (458, 970), "M12 x 80": (710, 1550), "M16 x 60": (1190, 2680),
                     "M16 x 100": (1650, 3780)},
            "finish": _FINISH}, (16, 16, 60), per=100, pack=100),
    Family("KESTRAND", "bolts", "HN", "Hexagon nut", 190, 1,
           {"size": {"M4": (100, 100), "M5": (112, 130), "M6": (136, 250), "M8": (235, 520),
                     "M10": (430, 1150), "M12": (640, 1680), "M16": (1290, 3300)},
            "finish": _FINISH}, (10, 10, 5), per=100, pack=100),
    Family("KESTRAND", "bolts", "WA", "Washer", 85, 1,
           {"size": {"M4": (100, 60), "M5": (108, 80), "M6": (124, 110), "M8": (196, 220),
                     "M10": (310, 400), "M12": (480, 640), "M16": (860, 1130)},
            "finish": _FINISH}, (12, 12, 2), per=100, pack=100),
    Family("KESTRAND", "bolts", "TR", "Threaded rod 1 m", 145, 180,
           {"size": {"M6": (100, 100), "M8": (135, 178), "M10": (196, 278), "M12": (270, 402),
                     "M16": (480, 745)},
            "finish": _FINISH}, (16, 16, 1000), pack=10),
    Family("KESTRAND", "anchors", "PL", "Nylon plug", 310, 1,
           {"size": {"5 x 25": (72, 60), "6 x 30": (100, 90), "8 x 40": (162, 180),
                     "10 x 50": (290, 340), "12 x 60": (520, 590), "14 x 75": (940, 980)}},
           (10, 10, 45), per=100, pack=100),
    Family("KESTRAND", "anchors", "TA", "Throughbolt anchor", 118, 58,
           {"size": {"M8 x 75": (100, 100), "M8 x 95": (115, 122), "M10 x 90": (158, 172),
                     "M10 x 120": (190, 221), "M12 x 110": (265, 310), "M16 x 140": (560, 690)},
            "finish": _FINISH}, (16, 16, 110), pack=25),
    Family("QUILLFEN", "drill-bits", "SB", "Hammer drill bit", 340, 62,
           {"size": _steps("5x110 6x110 6x160 8x110 8x160 10x160 10x210 12x160 14x210 16x210 "
                           "18x250 20x300", 34)}, (20, 20, 190)),
    Family("QUILLFEN", "drill-bits", "MB", "Metal drill bit", 120, 8,
           {"diameter": _steps("2mm 2.5mm 3mm 3.3mm 4mm 4.2mm 5mm 6mm 6.8mm 8mm 10mm 12mm", 45)},
           (10, 10, 110), pack=10),
    Family("QUILLFEN", "drill-bits", "HS", "Hole saw", 980, 135,
           {"diameter": _steps("20mm 25mm 32mm 40mm 51mm 60mm 68mm 82mm", 22)}, (82, 82, 60)),
    Family("QUILLFEN", "hand-tools", "SD", "Screwdriver", 480, 92,
           {"tip": {"PH1": (95, 82), "PH2": (100, 100), "PZ1": (96, 82), "PZ2": (102, 100),
                    "TX15": (98, 80), "TX20": (100, 88), "TX25": (104, 96), "slotted 4": (90, 80),
                    "slotted 6.5": (104, 110)},
            "handle": {"standard": (100, 100), "insulated 1000 V": (164, 108)}}, (35, 35, 220),
           pack=6),
    Family("QUILLFEN", "hand-tools", "PI", "Pliers", 1890, 225,
           {"type": {"combination": (100, 100), "side cutter": (108, 92),
                     "long-nose": (104, 78), "water pump": (132, 148), "crimping": (245, 188),
                     "cable shears": (196, 160)}}, (55, 24, 200)),
    Family("QUILLFEN", "hand-tools", "HM", "Hammer", 1480, 540,
           {"head": _steps("300g 500g 800g 1250g", 42)}, (120, 35, 330)),
    Family("QUILLFEN", "hand-tools", "SL", "Spirit level", 1690, 380,
           {"length": _steps("40cm 60cm 100cm 180cm", 55)}, (50, 22, 620)),
    Family("QUILLFEN", "power-tools", "CD", "Cordless drill driver", 9900, 1450,
           {"voltage": {"12 V": (100, 100), "18 V": (158, 128)},
            "kit": {"bare": (100, 100), "two batteries": (178, 165)}}, (320, 110, 260)),
    Family("QUILLFEN", "power-tools", "AG", "Angle grinder", 7400, 1980,
           {"disc": {"115 mm": (100, 100), "125 mm": (109, 104), "230 mm": (176, 240)}},
           (340, 130, 120)),
    Family("QUILLFEN", "safety", "GL", "Work gloves", 390, 72,
           {"size": _same("8", "9", "10", "11"),
            "type": {"assembly": (100, 100), "cut-resistant": (245, 122)}}, (110, 25, 260),
           pack=12, unit="PR"),
    Family("QUILLFEN", "safety", "HE", "Safety helmet", 1180, 365,
           {"colour": _same("white", "yellow", "blue", "red")}, (280, 220, 160), pack=10),
)  # fmt: skip


def list_variants() -> list[VariantSpec]:
    """Every variant of every family, in an order that never changes."""
    digits = {maker.code: maker.digit for maker in MAKERS}
    variants: list[VariantSpec] = []
    for family in FAMILIES:
        for chosen in combinations(*(factors.items() for factors in family.axes.values())):
            gtin = _gtin(digits[family.maker], len(variants) + 1)
            variants.append(_variant(family, chosen, gtin))
    return variants


def _variant(
    family: Family, chosen: tuple[tuple[str, tuple[int, int]], ...], gtin: str
) -> VariantSpec:
    values = [value for value, _ in chosen]
    return VariantSpec(
        family=family,
        sku="-".join((family.code, *(_slug(value) for value in values))),
        gtin=gtin,
        values=tuple(values),
        list_price_minor=_scaled(family.price_minor, [factors[0] for _, factors in chosen]),
        weight_g=max(1, _scaled(family.weight_g, [factors[1] for _, factors in chosen])),
    )


def _slug(value: str) -> str:
    return "".join(letter for letter in value.upper() if letter.isalnum() or letter == ".")


def _scaled(base: int, percents: list[int]) -> int:
    return reduce(lambda value, percent: divide_half_up(value * percent, 100), percents, base)


def _gtin(digit: int, number: int) -> str:
    body = f"{_IN_HOUSE}{digit}0{number:0{_SERIAL_DIGITS}}"
    weighted = sum(int(d) * (1 if n % 2 else 3) for n, d in enumerate(reversed(body)))
    return f"{body}{-weighted % 10}"
