"""How a run of the stack ends."""


class StackError(Exception):
    """The stack cannot run; the message says why and what to do."""


class Stopped(Exception):
    """Ctrl-C, or a request to end."""
