"""Which language a person reads: the one that was chosen, now or before, or the browser's."""

from collections.abc import Sequence

from flask import request, session


def language_asked(known: Sequence[str]) -> str:
    """One of the known languages, the first where nothing is said."""
    asked = request.args.get("lang") or session.get("lang")
    if asked in known:
        session["lang"] = asked
        return str(asked)
    return str(request.accept_languages.best_match(list(known)) or known[0])
