"""Which language a person reads: chosen on pages, now or before; its own, its organization's.

Where none of these is said, the browser's.
"""

from collections.abc import Sequence

from flask import request, session

from app.web.blueprint import caller_or_none


def language_asked(known: Sequence[str]) -> str:
    """One of the known languages, the first where nothing is said."""
    asked = request.args.get("lang") or session.get("lang")
    if asked in known:
        session["lang"] = asked
        return str(asked)
    caller = caller_or_none()
    if caller is not None and caller.language in known:
        return str(caller.language)
    return str(request.accept_languages.best_match(list(known)) or known[0])
