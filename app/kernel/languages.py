"""The languages in which people are told things; the first where nothing is known of the reader."""

LANGUAGES = ("en", "es", "pt", "de")


def language_of(chosen: str | None, *others: str | None) -> str:
    """The first of these that is said, or the first of all."""
    return next((each for each in (chosen, *others) if each), LANGUAGES[0])
