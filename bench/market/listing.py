"""Pages of a storefront over HTTP, beside the floor: two workers each, sixteen clients.

Milliseconds of the processor are those of the web processes and of the database together, and
without those of the client that asks.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.identity.rules import digest_of, hint_of, new_token
from app.infra import embedded
from app.kernel.ids import public_id
from bench.market import clocks
from bench.market.asking import made_id
from bench.market.client import ask
from bench.market.goods import COLOURS, THINGS
from bench.market.home import Home
from bench.market.plan import MARKET
from bench.market.serving import Served, database_seconds, served
from bench.market.stages import SINCE

CLIENTS = 16
_WARM = 32


@dataclass(frozen=True, slots=True)
class Question:
    """Paths, one a request, and how many requests make a measurement."""

    path_of: Callable[[int], str]
    requests: int
    clients: int = CLIENTS


def _search(shop: int, query: str) -> str:
    return f"/v1/storefronts/{public_id('shop', made_id('shop', shop))}/search?{query}"


def _code(n: int) -> str:
    """The part number of goods that the first storefront shows."""
    number = n * 37 % 500 * 40 + n % 16
    return f"PN-{number}/{number % 7}"


def questions() -> Mapping[str, Question]:
    """What is asked: listing pages of many kinds, then single heavy searches, one at a time."""
    colour = lambda n: COLOURS[n % len(COLOURS)]  # noqa: E731
    thing = lambda n: THINGS[n % len(THINGS)].replace(" ", "%20")  # noqa: E731
    return {
        "listing: words, facets, prices": Question(
            lambda n: _search(0, f"q={thing(n)}%20{colour(n // 20)}"), 300
        ),
        "listing: a brand": Question(lambda n: _search(0, f"facet=brand%3DBrand%200-{n % 3}"), 64),
        "listing: one part number": Question(lambda n: _search(0, f"q={_code(n)}"), 300),
        "search: 10,000 matches by relevance": Question(
            lambda _: _search(MARKET, "q=everyday"), 8, clients=1
        ),
        "search: 10,000 matches by price": Question(
            lambda _: _search(MARKET, "q=everyday&sort=price"), 8, clients=1
        ),
        "search: everything by name": Question(
            lambda _: _search(MARKET, "sort=name"), 8, clients=1
        ),
        "search: everything by price": Question(
            lambda _: _search(MARKET, "sort=price"), 8, clients=1
        ),
    }


def measure(home: Home) -> dict[str, object]:
    """Requests a second, milliseconds, and the processor's time a page; then the floor's."""
    token = _key(home)
    told: dict[str, object] = {}
    with served("wsgi:app", home.environ, ready="/healthz") as server:
        for name, question in questions().items():
            told[name] = _measure(home, server, question, token)
            print(f"  {name}: {told[name]}", flush=True)
    with served("bench.market.floor:app", home.environ, ready="/") as server:
        rows = Question(lambda n: f"/page/{made_id('variant', n * 13 % 900)}", 3000)
        told["floor: Flask and one select of 24 rows"] = _measure(home, server, rows, None)
    return told


def _measure(
    home: Home, server: Served, question: Question, token: str | None
) -> dict[str, object]:
    warm = min(_WARM, question.requests // 2)
    ask(server.port, question.path_of, clients=question.clients, requests=warm, token=token)
    folder = str(embedded.layout_of(home.var).sockets)
    web, database = server.processor_seconds(), database_seconds(folder)
    heard = ask(
        server.port, question.path_of, clients=question.clients, requests=question.requests,
        token=token,
    )  # fmt: skip
    web, database = server.processor_seconds() - web, database_seconds(folder) - database
    many = question.requests
    said = json.loads(heard.body)
    return {
        "requests": many,
        "requests_a_second": round(many / heard.took, 1),
        "ms": clocks.spread([each * 1000 for each in heard.seconds], digits=1),
        "processor_ms": round((web + database) / many * 1000, 2),
        "web_ms": round(web / many * 1000, 2),
        "database_ms": round(database / many * 1000, 2),
        "answer_bytes": heard.size // many,
        "total": said.get("total") if isinstance(said, dict) else None,
        "load": clocks.load(),
    }


def _key(home: Home) -> str:
    """A key of the first storefront's first buyer."""
    token = new_token()
    with home.connect() as connection:
        connection.execute(
            "INSERT INTO identity_api_keys"
            " (id, organization_id, label, hint, secret_digest, permissions, created_at)"
            f" VALUES (gen_random_uuid(), %s, 'bench', %s, %s, '{{catalog.read}}', {SINCE})",
            [made_id("buyer", 0), hint_of(token), digest_of(token)],
        )
    return token
