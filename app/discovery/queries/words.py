"""What a misspelt word may have meant: the words of all documents that are spelt most alike.

The words that were found are never told: whether they lead anywhere is for the entitlement to say.
"""

from sqlalchemy import text

from app.discovery.rules import Question
from app.infra.db import DbSession

_SIMILAR = text("""
SELECT asked.place, near.words
FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked (word, place)
LEFT JOIN LATERAL (
    SELECT string_agg(word, '|' ORDER BY alike DESC, word) AS words
    FROM (
        SELECT k.word, max(similarity(k.word, lower(unaccent(asked.word)))) AS alike
        FROM discovery_words k
        WHERE k.word % lower(unaccent(asked.word))
        GROUP BY k.word ORDER BY 2 DESC, 1 LIMIT 3
    ) best
) near ON true
ORDER BY asked.place
""")


def similar_words(session: DbSession, *, question: Question) -> Question | None:
    """The question with what each word may have meant instead; None when nothing is alike."""
    rows = session.execute(_SIMILAR, {"words": list(question.words)}).all()
    words = [row[1] or question.words[row[0] - 1] for row in rows]
    if not any(row[1] for row in rows):
        return None
    return Question(words=words, codes=question.codes, whole="")
