"""What people call their columns, in English, Spanish, Portuguese and German.

Names are compared without case, accents and punctuation.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_PUNCTUATION = re.compile(r"[^a-z0-9]+")

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sku": (
            "SKU", "article number", "article no", "item number", "item no", "item code",
            "product sku", "material", "material number", "referencia", "código", "codigo sku",
            "código de artículo", "código do produto", "código do item", "Artikelnummer",
            "Artikel-Nr", "Art.-Nr.", "Artikelnr", "Materialnummer", "Bestellnummer",
        ),
        "gtin": (
            "GTIN", "EAN", "UPC", "EAN13", "EAN-Code", "GTIN-13", "GTIN-14", "GTIN/EAN", "EAN/UPC",
            "barcode", "bar code", "código de barras", "código EAN", "Strichcode", "EAN-Nummer",
        ),
        "manufacturer_code": (
            "manufacturer", "manufacturer code", "maker", "fabricante", "código del fabricante",
            "código do fabricante", "Hersteller", "Herstellercode",
        ),
        "part_number": (
            "part number", "part no", "MPN", "manufacturer part number", "número de parte",
            "número de pieza", "número da peça", "Teilenummer", "Herstellernummer",
        ),
        "name": (
            "name", "variant", "variant name", "title", "item name", "nombre", "nome",
            "denominación", "denominação", "Bezeichnung", "Artikelname", "Benennung",
        ),
        "product_code": (
            "product code", "product", "parent sku", "model", "modelo", "código de producto",
            "producto", "produto", "Produktcode", "Produkt", "Modell",
        ),
        "product_name": (
            "product name", "parent name", "nombre del producto", "nome do produto",
            "Produktname", "Produktbezeichnung",
        ),
        "brand": ("brand", "marca", "Marke"),
        "description": (
            "description", "long description", "text", "descripción", "descrição",
            "Beschreibung", "Langtext",
        ),
        "category_code": (
            "category", "category code", "categoría", "categoria", "código de categoría",
            "código da categoria", "Kategorie", "Warengruppe", "Kategoriecode",
        ),
        "unit_code": (
            "unit", "unit code", "uom", "unit of measure", "unidad", "unidad de medida", "unidade",
            "unidade de medida", "Einheit", "Mengeneinheit", "ME",
        ),
        "pack_quantity": (
            "pack", "pack quantity", "pack size", "units per pack", "unidades por caja",
            "cantidad por paquete", "quantidade por embalagem", "unidades por embalagem",
            "Verpackungseinheit", "VPE", "Packungsgröße",
        ),
        "weight_g": (
            "weight g", "weight in g", "weight (g)", "weight", "grams", "peso g", "peso (g)",
            "peso en gramos", "peso em gramas", "Gewicht g", "Gewicht (g)", "Gewicht in g",
        ),
        "weight_kg": (
            "weight kg", "weight in kg", "weight (kg)", "peso kg", "peso (kg)", "peso en kg",
            "peso em kg", "Gewicht kg", "Gewicht (kg)", "Gewicht in kg",
        ),
        "length_mm": (
            "length", "length mm", "length (mm)", "largo", "longitud", "comprimento", "Länge",
            "Länge mm", "Länge (mm)",
        ),
        "width_mm": (
            "width", "width mm", "width (mm)", "ancho", "largura", "Breite", "Breite mm",
            "Breite (mm)",
        ),
        "height_mm": (
            "height", "height mm", "height (mm)", "alto", "altura", "Höhe", "Höhe mm", "Höhe (mm)",
        ),
        "customs_code": (
            "customs code", "HS code", "tariff code", "commodity code", "código arancelario",
            "NCM", "Zolltarifnummer", "Warennummer",
        ),
        "status": ("status", "state", "lifecycle", "estado", "situação", "Status"),
        "successor_sku": (
            "successor", "successor sku", "replaced by", "sucesor", "substituto", "Nachfolger",
        ),
        "seller_sku": (
            "seller sku", "own sku", "your sku", "my sku", "sku propio", "sku próprio",
            "eigene Artikelnummer", "Händlernummer",
        ),
        "minimum_quantity": (
            "minimum quantity", "min quantity", "min qty", "moq", "cantidad mínima",
            "quantidade mínima", "Mindestmenge", "Mindestbestellmenge",
        ),
        "maximum_quantity": (
            "maximum quantity", "max quantity", "max qty", "cantidad máxima", "quantidade máxima",
            "Höchstmenge", "Maximalmenge",
        ),
        "quantity_step": (
            "quantity step", "step", "multiple", "order multiple", "múltiplo", "Bestellschritt",
            "Staffelschritt", "Mengenschritt",
        ),
        "lead_time_days": (
            "lead time days", "lead time", "delivery days", "plazo de entrega",
            "prazo de entrega", "Lieferzeit", "Lieferzeit Tage", "Lieferzeit (Tage)",
        ),
        "condition": ("condition", "condición", "condição", "Zustand"),
        "valid_from": (
            "valid from", "from date", "start date", "válido desde", "válido a partir de",
            "vigente desde", "gültig ab", "gültig von",
        ),
        "valid_to": (
            "valid to", "valid until", "to date", "end date", "válido hasta", "válido até",
            "vigente hasta", "gültig bis",
        ),
        "from_quantity": (
            "from quantity", "from qty", "quantity from", "break", "quantity break",
            "desde cantidad", "a partir de", "quantidade a partir de", "ab Menge", "Staffelmenge",
            "Staffel",
        ),
        "price": (
            "price", "unit price", "net price", "amount", "precio", "precio unitario",
            "precio neto", "preço", "preço unitário", "Preis", "Nettopreis", "Einzelpreis",
            "Stückpreis",
        ),
        "per_quantity": (
            "per quantity", "per", "price unit", "price per", "por cantidad", "por quantidade",
            "unidade de preço", "Preiseinheit", "PE", "pro Menge",
        ),
        "currency": ("currency", "moneda", "divisa", "moeda", "Währung"),
        "location_code": (
            "location", "location code", "warehouse", "warehouse code", "site", "almacén",
            "ubicación", "bodega", "armazém", "depósito", "Lager", "Lagerort", "Standort",
        ),
        "on_hand": (
            "on hand", "stock", "quantity", "qty", "available", "inventory", "existencias",
            "cantidad", "estoque", "quantidade", "Bestand", "Lagerbestand", "Menge",
        ),
        "safety": (
            "safety", "safety stock", "stock de seguridad", "estoque de segurança",
            "Sicherheitsbestand", "Mindestbestand",
        ),
    }
)  # fmt: skip


def plain(name: str) -> str:
    """A column's name without case, accents and punctuation."""
    bare = unicodedata.normalize("NFKD", name.strip().lower().replace("ß", "ss"))
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return _PUNCTUATION.sub("", letters)


PLAIN: Mapping[str, frozenset[str]] = MappingProxyType(
    {field: frozenset(map(plain, (field, *names))) for field, names in NAMES.items()}
)
