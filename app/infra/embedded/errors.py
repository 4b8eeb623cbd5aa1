"""What can go wrong with the embedded servers, each with a sentence that says how to mend it."""


class EmbeddedServerError(Exception):
    """An embedded server cannot be started; the message says why and what to do."""
