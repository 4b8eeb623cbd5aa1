"""What the docs draw is what the code obeys."""

from app.cli.states import TABLES
from app.config import PROJECT


class TestTheStateTables:
    def test_are_drawn_in_the_docs_as_they_are(self) -> None:
        drawn = (PROJECT / "docs" / "states.md").read_text()

        for table in TABLES:
            assert table.diagram() in drawn, (
                f"run flask states and update docs/states.md: {table.subject}"
            )
