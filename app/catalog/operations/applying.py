"""The statement that makes changes of one kind live, however many there are.

Where the changes come from is a part of the statement: collected drafts, or what was published
before (a rollback). Either way a change is a set of columns laid over the row, and what follows
from other changes (a category's path, the category of a moved product's variants) is laid over it.
"""

from functools import cache

from sqlalchemy import TextClause, text

from app.catalog.rules import SUBJECTS, Subject

_UNVERSIONED = "CAST('{draft,version}' AS text[])"

# What was collected.
_COLLECTED = """
    SELECT id, draft AS change FROM {table} WHERE manufacturer_id = :manufacturer_id
      AND draft IS NOT NULL
"""
# What things were then; what was added since is withdrawn.
_RESTORED = """
    SELECT n.subject_id AS id,
           COALESCE(o.content - CAST('{{id,manufacturer_id,created_at}}' AS text[]),
                    jsonb_build_object('status', 'withdrawn')) AS change
    FROM catalog_versions n
    LEFT JOIN catalog_versions o ON o.subject_id = n.subject_id
     AND o.from_number <= :restored AND o.to_number > :restored
    WHERE n.manufacturer_id = :manufacturer_id AND n.subject_kind = '{kind}'
      AND n.from_number > :restored AND n.to_number IS NULL
"""
_SOURCES = {"collected": _COLLECTED, "restored": _RESTORED}
# What becomes of the drafts of the rows that were published.
_DRAFT_AFTER = {"collected": "NULL", "restored": "t.draft"}

# The tree as it will be: every category whose own place or whose ancestors' place changed.
_WITH_PATHS = """
placed AS (
    SELECT t.id, t.path AS old_path, s.change,
           CASE WHEN s.change ? 'parent_id' THEN CAST(s.change->>'parent_id' AS uuid)
                ELSE t.parent_id END AS parent_id
    FROM catalog_categories t LEFT JOIN given s ON s.id = t.id
    WHERE t.manufacturer_id = :manufacturer_id
),
rooted AS (
    SELECT id, ARRAY[id] AS path FROM placed WHERE parent_id IS NULL
    UNION ALL
    SELECT p.id, r.path || p.id FROM rooted r JOIN placed p ON p.parent_id = r.id
),
source AS (
    SELECT p.id, COALESCE(p.change, '{}') || jsonb_build_object('path', r.path) AS change
    FROM placed p JOIN rooted r ON r.id = p.id
    WHERE p.change IS NOT NULL OR r.path <> p.old_path
)
"""
# Variants lie where their products lie; products are published before them.
_WITH_PLACES = """
moved AS (
    SELECT v.id, p.category_id
    FROM catalog_versions x JOIN catalog_products p ON p.id = x.subject_id
    JOIN catalog_variants v ON v.product_id = p.id AND v.category_id <> p.category_id
    WHERE x.manufacturer_id = :manufacturer_id AND x.from_number = :number
      AND x.subject_kind = 'product'
),
source AS (
    SELECT COALESCE(s.id, m.id) AS id,
           COALESCE(s.change, '{}') || CASE WHEN m.id IS NULL THEN CAST('{}' AS jsonb)
               ELSE jsonb_build_object('category_id', m.category_id) END AS change
    FROM given s FULL JOIN moved m ON m.id = s.id
)
"""
_PLAIN = "source AS (SELECT * FROM given)"
_CONSEQUENCES = {"category": _WITH_PATHS, "variant": _WITH_PLACES}

_CHANGE = """
CASE WHEN e.was = 'draft' THEN 'added'
     WHEN e.becomes = e.was THEN 'changed'
     WHEN e.becomes = 'phase_out' THEN 'phased_out'
     WHEN e.becomes = 'withdrawn' THEN 'withdrawn'
     ELSE 'reinstated' END
"""
_FIELDS = """
CASE WHEN e.was = 'draft' THEN '{}' ELSE ARRAY(
    SELECT n.key FROM jsonb_each(e.change) n WHERE n.value IS DISTINCT FROM e.before->n.key
    ORDER BY n.key
) END
"""


@cache
def applying(kind: str, source: str) -> TextClause:
    """Make changes live: end the versions of what changes, update it, write its new versions.

    What has no version yet gets the one that held until now. New versions are written after the
    old ones are ended (that is what counting them is for): at no moment do two of them overlap.
    """
    subject = SUBJECTS[kind]
    columns = ", ".join(f"{name} = a.{name}" for name in subject.fields)
    return text(f"""
    {_effects(subject, source)},
    ended AS (
        UPDATE catalog_versions v SET to_number = :number FROM differing e
        WHERE v.subject_id = e.id AND v.to_number IS NULL
        RETURNING v.subject_id
    ),
    begun AS (
        INSERT INTO catalog_versions (subject_kind, subject_id, manufacturer_id, from_number,
            to_number, change, fields, content)
        SELECT '{kind}', e.id, :manufacturer_id, 0, :number, 'baseline', '{{}}', e.before
        FROM differing e
        WHERE e.was <> 'draft'
          AND NOT EXISTS (SELECT FROM catalog_versions v WHERE v.subject_id = e.id)
    ),
    applied AS (
        UPDATE {subject.table} t
        SET {columns}, version = t.version + 1, draft = {_DRAFT_AFTER[source]}
        FROM effect e
        CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {subject.table}), e.after) a
        WHERE t.id = e.id AND (e.before <> e.after OR t.draft IS NOT NULL)
    )
    INSERT INTO catalog_versions (subject_kind, subject_id, manufacturer_id, from_number,
        change, fields, content)
    SELECT '{kind}', e.id, :manufacturer_id, :number, {_CHANGE}, {_FIELDS}, e.after
    FROM differing e WHERE (SELECT count(*) FROM ended) >= 0
    """)  # noqa: S608 - names of our own tables


def _effects(subject: Subject, source: str) -> str:
    """``effect``: what becomes of each row; ``differing``: what others will see of that."""
    given = _SOURCES[source].format(table=subject.table, kind=subject.kind)
    return f"""
    WITH RECURSIVE given AS MATERIALIZED ({given}),
    {_CONSEQUENCES.get(subject.kind, _PLAIN)},
    chosen AS MATERIALIZED (
        SELECT t.id, t.status AS was, s.change, to_jsonb(t) - {_UNVERSIONED} AS before
        FROM source s JOIN {subject.table} t ON t.id = s.id
    ),
    effect AS MATERIALIZED (
        SELECT *, COALESCE(change->>'status', was) AS becomes, before || change AS after
        FROM chosen
    ),
    differing AS (SELECT * FROM effect WHERE before <> after AND becomes <> 'draft')
    """  # noqa: S608 - names of our own tables
