"""Real plans: what the database did for the statements of a block, told by itself.

``auto_explain`` writes the plan of every statement, as it was executed, to the client: generic
plans stay generic, and nobody has to take the SQL out of the code that runs it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg.errors import Diagnostic
from sqlalchemy import text
from sqlalchemy.orm import Session

_BEGIN = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_buffers = on;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_format = json;
SET client_min_messages = log;
"""
_END = "SET auto_explain.log_min_duration = -1; SET client_min_messages = notice"


@dataclass
class Plan:
    """One statement's plan: its nodes, flat."""

    statement: str
    milliseconds: float
    root: dict[str, Any]

    def nodes(self) -> Iterator[dict[str, Any]]:
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.get("Plans", [])

    def scanned(self) -> set[str]:
        """The tables of which every row was looked at."""
        return {
            node["Relation Name"]
            for node in self.nodes()
            if node["Node Type"] == "Seq Scan" and node["Actual Loops"]
        }

    def indexes(self) -> set[str]:
        """The indexes that were used."""
        return {
            node["Index Name"]
            for node in self.nodes()
            if "Index Name" in node and node["Actual Loops"]
        }

    def most_rows(self) -> float:
        """The most rows that any step handled, however often it ran."""
        return max(
            (
                node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                + node.get("Rows Removed by Join Filter", 0)
            ) * node["Actual Loops"]
            for node in self.nodes()
        )  # fmt: skip


@dataclass
class Plans:
    """The plans of a block's statements."""

    made: list[Plan] = field(default_factory=list)

    def note(self, message: Diagnostic) -> None:
        said = message.message_primary or ""
        if said.startswith("duration: "):
            duration, _, document = said.partition("plan:")
            told = json.loads(document)
            self.made.append(Plan(told["Query Text"], float(duration.split()[1]), told["Plan"]))

    def about(self, *words: str) -> list[Plan]:
        """The plans of statements that have all these words."""
        return [plan for plan in self.made if all(word in plan.statement for word in words)]

    def scanned(self) -> set[str]:
        """The tables of which any of the statements looked at every row."""
        return set().union(*(plan.scanned() for plan in self.made))

    def indexes(self) -> set[str]:
        """The indexes that any of the statements used."""
        return set().union(*(plan.indexes() for plan in self.made))


@contextmanager
def explained(session: Session) -> Iterator[Plans]:
    """Collect the plans of all statements that the session's connection executes."""
    connection = session.connection().connection.driver_connection
    plans = Plans()
    session.execute(text(_BEGIN))
    connection.add_notice_handler(plans.note)
    try:
        yield plans
    finally:
        # The last statement's plan is told when the next one begins.
        session.execute(text(_END))
        connection.remove_notice_handler(plans.note)
