"""What is searched: a document a live variant, kept by triggers on the catalog; and its shelf.

Laws: whoever changes the catalog cannot forget the documents, because the database keeps them (few
changes in the statement that makes them, many through ``discovery_waiting``); a document holds no
price, no stock and no seller, so that nothing in it can be stale to a buyer or not for its eyes.
A shelf repeats what all sellers ask and have of a variant, packed for searches, and is asked only
where it cannot differ from the rows that it repeats: whoever changes one of these leaves a mark in
the same transaction, and a mark is a row that is only added, so that nobody waits for another.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Words

LANGUAGES = ("en", "es", "pt", "de")


class Document(Base):
    """All that a live variant may be found by.

    ``tokens`` are facets: ``brand=…``, ``maker=<id>``, ``category=<id>`` for each category on the
    path, ``a.<attribute>=<value>``; ``facets`` the same as numbers, after that of its place. A
    ``text_*`` column holds a language's words, and codes without dashes and case.
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
    created_at: Mapped[datetime]
    facets: Mapped[bytes]
    sort_name: Mapped[str] = mapped_column(Text(collation="C"))
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


class Token(Base):
    """A facet's value as a number. Two numbers of one token do no harm: counts are added up."""

    __tablename__ = "discovery_tokens"
    __table_args__ = (Index("ix_discovery_tokens_token", "token"),)

    number: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token: Mapped[str]


class Number(Base):
    """An organization or a price list as a number, for ever."""

    __tablename__ = "discovery_numbers"

    number: Mapped[int] = mapped_column(Identity(always=True))
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class Shelf(Base):
    """What sellers ask and have of a variant, packed; true between two instants.

    ``is_bulky``: somebody sells it in quantities whose stock leaves no marks.
    """

    __tablename__ = "discovery_shelves"
    __table_args__ = (
        Index(
            "ix_discovery_shelves_good_until", "good_until",
            postgresql_where=text("good_until < 'infinity'"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )  # fmt: skip

    variant_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_variants.id", ondelete="CASCADE"), primary_key=True
    )
    offers: Mapped[bytes]
    entries: Mapped[bytes]
    breaks: Mapped[bytes]
    good_from: Mapped[datetime]
    good_until: Mapped[datetime]
    is_bulky: Mapped[bool]


class Mark(Base):
    """Variants whose shelves may be behind, to whom it matters: who sees one of the sources."""

    __tablename__ = "discovery_marks"
    __table_args__ = (
        {
            "postgresql_with": {
                "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 5000,
            }
        },
    )  # fmt: skip

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    since: Mapped[datetime]
    sources: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    variant_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    many: Mapped[int]
