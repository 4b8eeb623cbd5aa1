"""What the exchange tells."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEnded(Event):
    """An import is done, with how many rows became what."""

    name: ClassVar[str] = "import.ended"
    import_id: uuid.UUID
    resource: str
    mode: str
    counts: dict[str, int]
