"""What a misspelt word may have meant: the words of all documents that are spelt most alike.

The words that were found are never told: whether they lead anywhere is for the entitlement to say.
"""

from sqlalchemy import text

from app.discovery.rules import Question
from app.infra.db import DbSession

_SIMILAR = text("""
SELECT place, discovery_similar(word)
FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked (word, place)
ORDER BY place
""")


def similar_words(session: DbSession, *, question: Question) -> Question | None:
    """The question with what each word may have meant instead; None when nothing is alike."""
    rows = session.execute(_SIMILAR, {"words": list(question.words)}).all()
    words = [row[1] or question.words[row[0] - 1] for row in rows]
    if not any(row[1] for row in rows):
        return None
    return Question(words=words, codes=question.codes, whole="")
