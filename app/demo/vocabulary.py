"""The built-in catalog in four languages: words, and how texts are composed of them.

The base is English. What has no translation (sizes, thread names, codes) reads the same everywhere.
"""

from collections.abc import Mapping, Sequence

LOCALES = ("en", "es", "pt", "de")

# English -> Spanish, Portuguese, German.
_WORDS: Mapping[str, tuple[str, str, str]] = {
    # Categories.
    "Electrical installation": ("Instalación eléctrica", "Instalação elétrica",
                                "Elektroinstallation"),
    "Cable and wire": ("Cables y conductores", "Cabos e fios", "Kabel und Leitungen"),
    "Switches and sockets": ("Interruptores y enchufes", "Interruptores e tomadas",
                             "Schalter und Steckdosen"),
    "Circuit protection": ("Protección de circuitos", "Proteção de circuitos",
                           "Leitungsschutz"),
    "Lighting": ("Iluminación", "Iluminação", "Beleuchtung"),
    "Lamps": ("Lámparas", "Lâmpadas", "Leuchtmittel"),
    "Luminaires": ("Luminarias", "Luminárias", "Leuchten"),
    "Fixings": ("Fijaciones", "Fixações", "Befestigung"),
    "Screws": ("Tornillos", "Parafusos", "Schrauben"),
    "Bolts, nuts and washers": ("Pernos, tuercas y arandelas", "Parafusos, porcas e arruelas",
                                "Bolzen, Muttern und Scheiben"),
    "Plugs and anchors": ("Tacos y anclajes", "Buchas e chumbadores", "Dübel und Anker"),
    "Tools": ("Herramientas", "Ferramentas", "Werkzeuge"),
    "Hand tools": ("Herramientas manuales", "Ferramentas manuais", "Handwerkzeuge"),
    "Power tools": ("Herramientas eléctricas", "Ferramentas elétricas", "Elektrowerkzeuge"),
    "Drill bits": ("Brocas", "Brocas", "Bohrer"),
    "Workwear and safety": ("Ropa de trabajo y seguridad", "Vestuário e segurança",
                            "Arbeitsschutz"),
    "Smart home": ("Hogar inteligente", "Casa inteligente", "Smart Home"),
    # Families.
    "Sheathed cable": ("Cable con cubierta", "Cabo com capa", "Mantelleitung"),
    "Flexible wire": ("Cable flexible", "Fio flexível", "Aderleitung"),
    "Cable tie": ("Brida para cables", "Abraçadeira", "Kabelbinder"),
    "Conduit": ("Tubo para cables", "Eletroduto", "Installationsrohr"),
    "Junction box": ("Caja de conexiones", "Caixa de derivação", "Abzweigdose"),
    "Lina switch": ("Interruptor Lina", "Interruptor Lina", "Schalter Lina"),
    "Lina socket outlet": ("Enchufe Lina", "Tomada Lina", "Steckdose Lina"),
    "Lina frame": ("Marco Lina", "Moldura Lina", "Rahmen Lina"),
    "Miniature circuit breaker": ("Interruptor automático", "Disjuntor",
                                  "Leitungsschutzschalter"),
    "Residual-current device": ("Interruptor diferencial", "Interruptor diferencial",
                                "Fehlerstromschutzschalter"),
    "LED lamp": ("Lámpara LED", "Lâmpada LED", "LED-Lampe"),
    "LED panel": ("Panel LED", "Painel LED", "LED-Panel"),
    "Wood screw": ("Tornillo para madera", "Parafuso para madeira", "Holzschraube"),
    "Drywall screw": ("Tornillo para cartón yeso", "Parafuso para drywall",
                      "Schnellbauschraube"),
    "Hexagon bolt": ("Tornillo hexagonal", "Parafuso sextavado", "Sechskantschraube"),
    "Hexagon nut": ("Tuerca hexagonal", "Porca sextavada", "Sechskantmutter"),
    "Washer": ("Arandela", "Arruela", "Unterlegscheibe"),
    "Threaded rod 1 m": ("Varilla roscada 1 m", "Barra roscada 1 m", "Gewindestange 1 m"),
    "Nylon plug": ("Taco de nailon", "Bucha de nylon", "Nylondübel"),
    "Throughbolt anchor": ("Anclaje de expansión", "Chumbador parabolt", "Bolzenanker"),
    "Hammer drill bit": ("Broca para martillo", "Broca para martelete", "Hammerbohrer"),
    "Metal drill bit": ("Broca para metal", "Broca para metal", "Metallbohrer"),
    "Hole saw": ("Sierra de corona", "Serra copo", "Lochsäge"),
    "Screwdriver": ("Destornillador", "Chave de fenda", "Schraubendreher"),
    "Pliers": ("Alicates", "Alicate", "Zange"),
    "Hammer": ("Martillo", "Martelo", "Hammer"),
    "Spirit level": ("Nivel de burbuja", "Nível de bolha", "Wasserwaage"),
    "Cordless drill driver": ("Taladro atornillador a batería",
                              "Parafusadeira e furadeira a bateria", "Akku-Bohrschrauber"),
    "Angle grinder": ("Amoladora angular", "Esmerilhadeira angular", "Winkelschleifer"),
    "Work gloves": ("Guantes de trabajo", "Luvas de trabalho", "Arbeitshandschuhe"),
    "Safety helmet": ("Casco de seguridad", "Capacete de segurança", "Schutzhelm"),
    # Attributes.
    "section": ("sección", "seção", "Querschnitt"),
    "ring": ("rollo", "rolo", "Ring"),
    "colour": ("color", "cor", "Farbe"),
    "length": ("longitud", "comprimento", "Länge"),
    "diameter": ("diámetro", "diâmetro", "Durchmesser"),
    "type": ("tipo", "tipo", "Ausführung"),
    "size": ("tamaño", "tamanho", "Größe"),
    "mounting": ("montaje", "montagem", "Montage"),
    "gangs": ("elementos", "postos", "Plätze"),
    "current": ("corriente", "corrente", "Strom"),
    "curve": ("curva", "curva", "Charakteristik"),
    "poles": ("polos", "polos", "Pole"),
    "tripping": ("disparo", "disparo", "Auslösestrom"),
    "base": ("casquillo", "base", "Sockel"),
    "power": ("potencia", "potência", "Leistung"),
    "colour temperature": ("temperatura de color", "temperatura de cor", "Farbtemperatur"),
    "finish": ("acabado", "acabamento", "Oberfläche"),
    "tip": ("punta", "ponta", "Klinge"),
    "handle": ("mango", "cabo", "Griff"),
    "head": ("cabeza", "cabeça", "Kopf"),
    "voltage": ("tensión", "tensão", "Spannung"),
    "kit": ("juego", "kit", "Lieferumfang"),
    "disc": ("disco", "disco", "Scheibe"),
    # Values.
    "white": ("blanco", "branco", "weiß"),
    "anthracite": ("antracita", "antracite", "anthrazit"),
    "brass": ("latón", "latão", "Messing"),
    "sage": ("salvia", "sálvia", "salbei"),
    "black": ("negro", "preto", "schwarz"),
    "blue": ("azul", "azul", "blau"),
    "brown": ("marrón", "marrom", "braun"),
    "grey": ("gris", "cinza", "grau"),
    "green-yellow": ("verde-amarillo", "verde-amarelo", "grün-gelb"),
    "natural": ("natural", "natural", "natur"),
    "yellow": ("amarillo", "amarelo", "gelb"),
    "red": ("rojo", "vermelho", "rot"),
    "rigid": ("rígido", "rígido", "starr"),
    "flexible": ("flexible", "flexível", "flexibel"),
    "flush": ("empotrado", "embutido", "Unterputz"),
    "surface": ("superficie", "sobrepor", "Aufputz"),
    "one-way": ("simple", "simples", "Aus"),
    "two-way": ("conmutador", "paralelo", "Wechsel"),
    "cross": ("cruzamiento", "intermediário", "Kreuz"),
    "double": ("doble", "duplo", "Serien"),
    "push-button": ("pulsador", "pulsador", "Taster"),
    "blind": ("persiana", "persiana", "Jalousie"),
    "earthed": ("con tierra", "com terra", "Schutzkontakt"),
    "shuttered": ("con obturador", "com proteção", "mit Berührungsschutz"),
    "with USB-C": ("con USB-C", "com USB-C", "mit USB-C"),
    "zinc": ("cincado", "zincado", "verzinkt"),
    "stainless A2": ("inoxidable A2", "inox A2", "Edelstahl A2"),
    "slotted 4": ("plana 4", "fenda 4", "Schlitz 4"),
    "slotted 6.5": ("plana 6.5", "fenda 6.5", "Schlitz 6.5"),
    "standard": ("estándar", "padrão", "Standard"),
    "insulated 1000 V": ("aislado 1000 V", "isolado 1000 V", "isoliert 1000 V"),
    "combination": ("universales", "universal", "Kombi"),
    "side cutter": ("corte lateral", "corte diagonal", "Seitenschneider"),
    "long-nose": ("punta larga", "bico longo", "Flachrund"),
    "water pump": ("pico de loro", "bomba d'água", "Wasserpumpen"),
    "crimping": ("crimpar", "crimpar", "Crimp"),
    "cable shears": ("cortacables", "corta-cabos", "Kabelschere"),
    "bare": ("solo", "sem bateria", "solo"),
    "two batteries": ("dos baterías", "duas baterias", "zwei Akkus"),
    "assembly": ("montaje", "montagem", "Montage"),
    "cut-resistant": ("anticorte", "anticorte", "schnittfest"),
}  # fmt: skip

_DESCRIPTIONS = {
    "en": "{name} by {brand}. To choose: {axes}.",
    "es": "{name} de {brand}. A elegir: {axes}.",
    "pt": "{name} da {brand}. À escolha: {axes}.",
    "de": "{name} von {brand}. Zur Wahl: {axes}.",
}


def word(text: str, locale: str) -> str:
    """A word or phrase in a language."""
    found = _WORDS.get(text)
    if found is None or locale == LOCALES[0]:
        return text
    return found[LOCALES.index(locale) - 1]


def names(text: str) -> dict[str, dict[str, str]]:
    """A name in every language."""
    return {locale: {"name": word(text, locale)} for locale in LOCALES}


def variant_names(family: str, values: Sequence[str]) -> dict[str, dict[str, str]]:
    """A variant's name in every language: its family and what was chosen."""
    return {
        locale: {
            "name": f"{word(family, locale)} {', '.join(word(value, locale) for value in values)}"
        }
        for locale in LOCALES
    }


def product_texts(family: str, brand: str, axes: Sequence[str]) -> dict[str, dict[str, str]]:
    """A product's name and description in every language."""
    return {
        locale: {
            "name": word(family, locale),
            "description": _DESCRIPTIONS[locale].format(
                name=word(family, locale),
                brand=brand,
                axes=", ".join(word(axis, locale) for axis in axes),
            ),
        }
        for locale in LOCALES
    }
