"""Steps of stories about price lists."""

from tests.support.api import Voice, made


def a_list(voice: Voice, **facts) -> dict:
    return made(
        voice.post(
            "/price-lists",
            **{
                "name": "Catalogue prices",
                "currency": "BRL",
                "purpose": "sale",
                "valid_from": "2026-01-01T00:00:00+00:00",
                **facts,
            },
        )
    )


def put(voice: Voice, price_list: dict, *entries: dict):
    return voice.put(f"/price-lists/{price_list['id']}/entries", entries=list(entries))


def assign(voice: Voice, price_list: dict, **facts):
    return voice.post(f"/price-lists/{price_list['id']}/assignments", **facts)
