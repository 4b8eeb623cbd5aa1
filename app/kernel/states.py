"""State machines as data: a table of allowed transitions, obeyed, printed and tested."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import Conflict


class TransitionNotAllowed(Conflict):
    """The thing is in a state from which this step does not lead."""

    code = "state.transition_not_allowed"


@dataclass(frozen=True)
class StateTable:
    """Allowed steps: ``moves[(from_state, action)] = to_state``."""

    subject: str
    initial: str
    moves: Mapping[tuple[str, str], str]

    def states(self) -> list[str]:
        """Every state, in the order in which the table names them."""
        names = [self.initial]
        for (source, _), target in self.moves.items():
            names += [name for name in (source, target) if name not in names]
        return names

    def sources_of(self, action: str) -> tuple[str, ...]:
        """The states in which an action is allowed."""
        return tuple(source for source, name in self.moves if name == action)

    def step(self, state: str, action: str) -> str:
        """The state that follows.

        Raises:
            TransitionNotAllowed: the table has no such step.
        """
        target = self.moves.get((state, action))
        if target is None:
            raise TransitionNotAllowed(
                f"A {self.subject} that is {state} cannot be {action}",
                subject=self.subject,
                state=state,
                action=action,
                allowed_in=list(self.sources_of(action)),
            )
        return target

    def diagram(self) -> str:
        """The table as a Mermaid state diagram for the docs."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [
            f"    {source} --> {target}: {action}"
            for (source, action), target in self.moves.items()
        ]
        return "\n".join(lines)
