"""A file comes in with a request: stored block by block before anything else, never in memory.

The stored file stands for the body where a write is remembered under its Idempotency-Key. When
nothing comes of it, it is removed again.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, g, request

from app.exchange import operations, tasks
from app.exchange.errors import FileRefused
from app.exchange.operations import Received
from app.infra.auth import current_caller
from app.infra.idempotency import key_of_request, stands_for_body
from app.infra.marks import mark

P = ParamSpec("P")
_FORM_EXTRA = 1024 * 1024


def stored_first(permission: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Route decorator (outermost): store the file of a request whose caller may send one."""

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def storing(*args: P.args, **kwargs: P.kwargs) -> Response:
            current_caller().require(permission)
            key_of_request()
            received = store_request()
            stands_for_body(bytes.fromhex(received.sha256))
            try:
                response = current_app.make_response(view(*args, **kwargs))
            except BaseException:
                operations.discard(received, folder=tasks.folder())
                raise
            if "Idempotent-Replay" in response.headers:
                operations.discard(received, folder=tasks.folder())
            return response

        mark(storing, view)
        return storing

    return decorate


def store_request() -> Received:
    """Store the file of the current request: its part ``file`` of a form, or its whole body.

    Raises:
        FileTooLarge: it is larger than this installation takes.
        FileRefused: there is none.
    """
    most = current_app.extensions["settings"].upload_bytes
    request.max_content_length = most + _FORM_EXTRA
    g.upload_name = ""
    if request.mimetype == "multipart/form-data":
        part = request.files.get("file")
        if part is None or not part.filename:
            raise FileRefused("Send the file as the part named file")
        g.upload_name = part.filename
        received = operations.store(part.stream, folder=tasks.folder(), most=most)
    else:
        received = operations.store(request.stream, folder=tasks.folder(), most=most)
    if not received.size_bytes:
        operations.discard(received, folder=tasks.folder())
        raise FileRefused("The file is empty")
    g.upload = received
    return received


def uploaded() -> tuple[Received, str]:
    """The stored file of the current request, and its name."""
    return g.upload, g.upload_name
