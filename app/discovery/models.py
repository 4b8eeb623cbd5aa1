"""What is searched: a document a live variant, kept by triggers on the catalog.

Laws: whoever changes the catalog cannot forget the documents, because the database keeps them (few
changes in the statement that makes them, many through ``discovery_waiting``); a document holds no
price, no stock and no seller, so that nothing in it can be stale to a buyer or not for its eyes.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Words

LANGUAGES = ("en", "es", "pt", "de")


class Document(Base):
    """All that a live variant may be found by.

    ``tokens`` are facets: ``brand=…``, ``maker=<id>``, ``category=<id>`` for each category on the
    path, ``a.<attribute>=<value>``. A ``text_*`` column holds a language's words, and codes
    without dashes and case.
    """

    __tablename__ = "discovery_documents"
    __table_args__ = (
        Index("ix_discovery_documents_tokens", "tokens", postgresql_using="gin"),
        *(
            Index(f"ix_discovery_documents_text_{each}", f"text_{each}", postgresql_using="gin")
            for each in LANGUAGES
        ),
        Index("ix_discovery_documents_name", "sort_name", "variant_id"),
        Index("ix_discovery_documents_newest", text("created_at DESC"), "variant_id"),
    )

    variant_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_variants.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[uuid.UUID] = mapped_column(index=True)
    manufacturer_id: Mapped[uuid.UUID]
    category_id: Mapped[uuid.UUID]
    sort_name: Mapped[str] = mapped_column(Text(collation="C"))
    created_at: Mapped[datetime]
    tokens: Mapped[Words]
    text_en: Mapped[Any] = mapped_column(TSVECTOR)
    text_es: Mapped[Any] = mapped_column(TSVECTOR)
    text_pt: Mapped[Any] = mapped_column(TSVECTOR)
    text_de: Mapped[Any] = mapped_column(TSVECTOR)


class Waiting(Base):
    """A variant whose document is behind, and since when."""

    __tablename__ = "discovery_waiting"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    variant_id: Mapped[uuid.UUID]
    since: Mapped[datetime]


class Word(Base):
    """A word that some document knew once: what a misspelt one may have meant."""

    __tablename__ = "discovery_words"
    __table_args__ = (
        Index("ix_discovery_words_word", "word"),
        Index(
            "ix_discovery_words_similar", "word", postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )  # fmt: skip

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    word: Mapped[str]
