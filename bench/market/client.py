"""Many who ask at once, over connections that they keep; as little work of its own as can be."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Heard:
    """What was answered: how long each answer took, and what the last one said."""

    seconds: list[float] = field(default_factory=list)
    size: int = 0
    took: float = 0.0
    body: bytes = b""


def ask(
    port: int, path_of: Callable[[int], str], *, clients: int, requests: int, token: str | None
) -> Heard:
    """Send requests, shared by the clients; every answer must be a 200."""
    return asyncio.run(_ask(port, path_of, clients, requests, token))


async def _ask(
    port: int, path_of: Callable[[int], str], clients: int, requests: int, token: str | None
) -> Heard:
    heard, numbers = Heard(), iter(range(requests))
    began = time.perf_counter()
    await asyncio.gather(*(_one(port, path_of, numbers, token, heard) for _ in range(clients)))
    heard.took = time.perf_counter() - began
    return heard


async def _one(port: int, path_of: Callable[[int], str], numbers, token, heard: Heard) -> None:  # noqa: ANN001
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    known = f"Authorization: Bearer {token}\r\n" if token else ""
    for number in numbers:
        request = f"GET {path_of(number)} HTTP/1.1\r\nHost: localhost\r\n{known}\r\n"
        began = time.perf_counter()
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        heard.seconds.append(time.perf_counter() - began)
        if b" 200 " not in head[:20]:
            raise SystemExit(f"{path_of(number)}: {head.decode()}{body[:500].decode()}")
        heard.size += len(head) + length
        heard.body = body
    writer.close()
