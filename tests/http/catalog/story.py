"""Words that the stories of Mira's catalog have in common."""

from typing import Any

from tests.support.api import Voice, made


def publish(voice: Voice, note: str = "") -> dict[str, Any]:
    return made(voice.post("/catalog/publications", note=note))


def a_product(voice: Voice, code: str = "drill") -> dict[str, Any]:
    """A product in a category of its own, not yet published."""
    category = made(voice.post("/categories", code=f"{code}-tools", name="Tools"))
    return made(voice.post("/products", category_id=category["id"], code=code, name="Hammer drill"))


def a_variant(voice: Voice, product: dict[str, Any], sku: str, **facts: Any) -> dict[str, Any]:
    facts = {"name": f"Drill {sku}", "weight_g": 900, **facts}
    return made(voice.post("/variants", product_id=product["id"], sku=sku, **facts))


def a_live_variant(voice: Voice, sku: str = "D-1", **facts: Any) -> dict[str, Any]:
    variant = a_variant(voice, a_product(voice, f"p-{sku.lower()}"), sku, **facts)
    publish(voice)
    return read(voice, variant)


def read(voice: Voice, variant: dict[str, Any], **query: Any) -> dict[str, Any]:
    return made(voice.get(f"/variants/{variant['id']}", **query))


def change(voice: Voice, where: str, thing: dict[str, Any], **changes: Any) -> dict[str, Any]:
    path = f"/{where}/{thing['id']}"
    version = made(voice.get(path))["version"]
    return made(voice.patch(path, version=version, **changes))


def changes_of(voice: Voice, publication: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    where = f"publications/{publication['id']}/" if publication else ""
    return made(voice.get(f"/catalog/{where}changes"))["items"]
