"""What entries said at an instant, told from what stands now and what was replaced since.

Laws: of an entry that was changed or deleted after the instant, what it said before the first such
change counts. An entry that was written later and claims a time before that (it is *back-dated*) is
a statement about the past: it counts where nothing else held, and never against what held then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.pricing.rules.lists import Entry

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An entry as it was until ``replaced_at``; without, it stands."""

    entry: Entry
    replaced_at: datetime = _NEVER


def as_of(versions: Iterable[Version], at: datetime) -> list[Entry]:
    """The entries of one variant on one list, as they were at an instant.

    Two that held at once never stood at once: the one that was replaced first was there first.
    """
    stood: dict[object, Version] = {}
    for each in sorted(versions, key=lambda version: version.replaced_at):
        entry = each.entry
        if each.replaced_at > at:
            stood.setdefault((entry.from_quantity, entry.period.starts_at), each)
    held: set[int] = set()
    found = []
    for entry in (each.entry for each in stood.values()):
        if entry.period.contains(at):
            if entry.from_quantity in held:
                continue
            held.add(entry.from_quantity)
        found.append(entry)
    return sorted(found, key=lambda entry: (entry.from_quantity, entry.period.starts_at))
