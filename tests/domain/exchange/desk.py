"""A desk at which files are handed in: text in, the import with its report and refusals out."""

import io
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app

from app.exchange import operations, queries, tasks
from app.exchange.models import Import
from app.infra.db import db
from app.network.models import Organization
from tests.conftest import NOW
from tests.factories.network import caller_of


@dataclass
class Desk:
    """Where one organization hands in files."""

    organization: Organization
    told: list = field(default_factory=list)

    def hand_in(self, text: str | bytes, resource: str, **wish) -> Import:
        """Store and look at a file."""
        data = text.encode() if isinstance(text, str) else text
        received = operations.store(io.BytesIO(data), folder=self.folder, most=2**30)
        return operations.receive(
            db.session, caller=self.caller, received=received,
            wish=operations.Wish(resource=resource, file_name="file.csv", **wish),
            files=tasks.files(), folder=self.folder, now=NOW,
        )  # fmt: skip

    def ready(self, text, resource, *, mapping=None, **wish) -> Import:
        """The same, confirmed, for whoever runs it."""
        found = self.hand_in(text, resource, **wish)
        return operations.ready(
            db.session, caller=self.caller, import_id=found.id, now=NOW,
            confirmation=operations.Confirmation(mapping=mapping),
        )  # fmt: skip

    def take(self, text, resource, **wish) -> Import:
        """The whole way to the report."""
        found = self.ready(text, resource, **wish)
        return tasks.work(db.session, import_id=found.id, told=self.hear, now=NOW)

    def hear(self, *, done, total=None) -> None:
        self.told.append((done, total))

    def faults(self, found: Import) -> list[tuple[int, str, str]]:
        """(row, field, code) of everything that was refused."""
        listed = queries.refusals_of(db.session, import_id=found.id)
        return [(each.row_no, each.field, each.code) for each in listed]

    @property
    def caller(self):
        return caller_of(self.organization)

    @property
    def folder(self) -> Path:
        return current_app.extensions["settings"].uploads


def csv_of(*rows) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)
