"""Search documents, kept by the database itself: whoever changes the catalog cannot forget them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LOCK = 7005  # advisory: who indexes a manufacturer shares it, who changes what all share has it
LANGUAGES = {"en": "english", "es": "spanish", "pt": "portuguese", "de": "german"}

# A code as it is compared: without dashes, blanks and case.
CODE = """
CREATE FUNCTION discovery_code(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(regexp_replace(code, '[^[:alnum:]]+', '', 'g'))
"""

# What a facet may be asked of attributes: plain values; a number with its unit is one value.
# ``hidden`` are attributes that their manufacturer does not make facets.
TOKENS = """
CREATE FUNCTION discovery_tokens(attributes jsonb, hidden text[]) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT COALESCE(array_agg(DISTINCT 'a.' || a.key || '=' || left(found.value, 100)), '{}')
    FROM jsonb_each(CASE jsonb_typeof(attributes) WHEN 'object' THEN attributes ELSE '{}' END) a
    CROSS JOIN LATERAL (
        SELECT CASE jsonb_typeof(a.value)
            WHEN 'string' THEN a.value #>> '{}'
            WHEN 'number' THEN a.value #>> '{}'
            WHEN 'boolean' THEN a.value #>> '{}'
            WHEN 'object' THEN concat_ws(' ', a.value ->> 'value', a.value ->> 'unit')
        END AS value
    ) found
    WHERE found.value <> '' AND a.key <> ALL (hidden) AND a.key !~ '='
$$
"""

# All texts among the values of a document, for full text: values of attributes in any language.
VALUES = """
CREATE FUNCTION discovery_values(attributes jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT string_agg(DISTINCT found #>> '{}', ' ')
    FROM jsonb_path_query(COALESCE(attributes, '{}'), 'strict $.** ? (@.type() == "string")') found
$$
"""

# Every word of a question must be found, as a word of the language or as the beginning of a code;
# or all of them together are the beginning of a code. ``words`` and ``codes`` run side by side;
# a word may be several, of which one must be found: ``tap|tape``.
QUERY = """
CREATE FUNCTION discovery_query(config regconfig, words text[], codes text[], whole text)
RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    found tsquery;
    one tsquery;
    word text;
BEGIN
    FOR n IN 1 .. COALESCE(cardinality(words), 0) LOOP
        one := ''::tsquery;
        FOREACH word IN ARRAY string_to_array(words[n], '|') LOOP
            one := one || plainto_tsquery(config, word);
        END LOOP;
        CONTINUE WHEN numnode(one) = 0 AND codes[n] = '';
        IF codes[n] <> '' THEN
            one := one || to_tsquery('simple', quote_literal(codes[n]) || ':*');
        END IF;
        found := CASE WHEN found IS NULL THEN one ELSE found && one END;
    END LOOP;
    IF whole <> '' THEN
        one := to_tsquery('simple', quote_literal(whole) || ':*');
        found := CASE WHEN found IS NULL THEN one ELSE found || one END;
    END IF;
    RETURN COALESCE(found, ''::tsquery);
END
$$
"""

# The facets of a document as numbers, so that thousands of documents are counted quickly. A token
# may have two numbers when two write it for the first time: whoever counts adds them up. The first
# one is negative, so that it is known where a document's begin among many: the number of its place,
# manufacturer and category.
FACETS = """
CREATE FUNCTION discovery_facets(place text, tokens text[]) RETURNS bytea
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wanted text[] := ARRAY(SELECT DISTINCT t FROM unnest(place || tokens) AS t);
    found bytea;
    many integer;
BEGIN
    LOOP
        SELECT string_agg(
                   int4send(CASE WHEN token = place THEN -number ELSE number END), ''
                   ORDER BY token <> place
               ), count(*)
        INTO found, many
        FROM (
            SELECT token, min(number) AS number FROM discovery_tokens
            WHERE token = ANY (wanted) GROUP BY token
        ) n;
        EXIT WHEN many = cardinality(wanted);
        INSERT INTO discovery_tokens (token)
        SELECT w.token FROM unnest(wanted) AS w (token)
        WHERE NOT EXISTS (SELECT FROM discovery_tokens k WHERE k.token = w.token);
    END LOOP;
    RETURN found;
END
$$
"""

# What a misspelt word may have meant, most alike first; short words with one wrong letter, too.
SIMILAR = """
CREATE FUNCTION discovery_similar(asked text) RETURNS text
LANGUAGE sql STABLE
SET pg_trgm.similarity_threshold = 0.22
AS $$
    SELECT string_agg(word, '|' ORDER BY alike DESC, word)
    FROM (
        SELECT k.word, max(similarity(k.word, lower(unaccent(asked)))) AS alike
        FROM discovery_words k
        WHERE k.word % lower(unaccent(asked))
        GROUP BY k.word ORDER BY 2 DESC, 1 LIMIT 3
    ) best
$$
"""

_VECTOR = """
    setweight(to_tsvector('discovery_{code}', concat_ws(' ',
        said.{code}_name, said.{code}_product)), 'A')
    || setweight(to_tsvector('discovery_{code}', said.brand), 'B') || said.codes_vector
    || setweight(to_tsvector('discovery_{code}', concat_ws(' ',
        said.names ->> '{code}', said.values)), 'C')
    || setweight(to_tsvector('discovery_{code}', left(said.{code}_description, 4000)), 'D')
"""
# A category's name in a language, where it has one.
_NAMES = ", ".join(
    f"'{code}', string_agg(COALESCE(a.translations -> '{code}' ->> 'name', a.name), ' ')"
    for code in LANGUAGES
)
_SAID = """
    COALESCE(NULLIF(v.translations #>> '{{{code},name}}', ''), v.name) AS {code}_name,
    COALESCE(NULLIF(p.translations #>> '{{{code},name}}', ''), p.name) AS {code}_product,
    COALESCE(NULLIF(p.translations #>> '{{{code},description}}', ''), p.description) AS {code}_description
"""

# Locks come first and in one order, manufacturers, products, documents; what is read after them is
# what committed: two changes of one variant's facts, made side by side, both reach its document.
# Many may index a manufacturer's variants, but not while its categories or attributes change.
INDEX = f"""
CREATE FUNCTION discovery_index(ids uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOCK}, hashtext(CAST(maker AS text)))
    FROM (
        SELECT DISTINCT manufacturer_id AS maker FROM catalog_variants WHERE id = ANY (ids)
        ORDER BY 1
    ) makers;
    PERFORM FROM catalog_products WHERE id IN (
        SELECT product_id FROM catalog_variants WHERE id = ANY (ids)
    ) ORDER BY id FOR SHARE;
    PERFORM FROM discovery_documents WHERE variant_id = ANY (ids) ORDER BY variant_id FOR UPDATE;

    DELETE FROM discovery_documents d USING catalog_variants v
    WHERE d.variant_id = ANY (ids) AND v.id = d.variant_id
      AND v.status NOT IN ('active', 'phase_out');

    INSERT INTO discovery_documents AS d (
        variant_id, product_id, manufacturer_id, category_id, sort_name, created_at, tokens, facets,
        {", ".join(f"text_{code}" for code in LANGUAGES)}
    )
    SELECT said.id, said.product_id, said.manufacturer_id, said.category_id,
           left(lower(unaccent(said.en_name)), 200), said.created_at, said.tokens,
           discovery_facets('#' || said.manufacturer_id || '/' || said.category_id, said.tokens), {", ".join(_VECTOR.format(code=code) for code in LANGUAGES)}
    FROM (
        SELECT v.id, v.product_id, v.manufacturer_id, v.category_id, v.created_at, p.brand,
               c.names, discovery_values(p.attributes || v.attributes) AS values,
               CASE WHEN p.brand = '' THEN '{{}}' ELSE ARRAY['brand=' || left(p.brand, 100)] END
               || ('maker=' || v.manufacturer_id) || c.tokens
               || discovery_tokens(p.attributes || v.attributes, h.hidden) AS tokens,
               -- whose it is, too: so words are not looked for among what cannot be seen
               setweight(array_to_tsvector(k.codes), 'A')
               || array_to_tsvector(ARRAY['#' || v.manufacturer_id]) AS codes_vector,
               {", ".join(_SAID.format(code=code) for code in LANGUAGES)}
        FROM catalog_variants v
        JOIN catalog_products p ON p.id = v.product_id
        CROSS JOIN LATERAL (
            SELECT ARRAY(
                SELECT code FROM catalog_attributes
                WHERE manufacturer_id = v.manufacturer_id AND NOT is_facet
            ) AS hidden
        ) h
        CROSS JOIN LATERAL (
            SELECT jsonb_build_object({_NAMES}) AS names,
                   array_agg('category=' || a.id) AS tokens
            FROM catalog_categories own JOIN catalog_categories a ON a.id = ANY (own.path)
            WHERE own.id = v.category_id
        ) c
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT code) AS codes
            FROM (
                SELECT discovery_code(v.sku) AS code
                UNION ALL SELECT discovery_code(v.part_number)
                UNION ALL SELECT v.gtin
                UNION ALL SELECT ltrim(v.gtin, '0')
                UNION ALL SELECT discovery_code(pack ->> 'gtin') FROM jsonb_array_elements(v.packs) pack
            ) each
            WHERE code <> ''
        ) k
        WHERE v.id = ANY (ids) AND v.status IN ('active', 'phase_out')
    ) said
    ON CONFLICT (variant_id) DO UPDATE SET
        (product_id, manufacturer_id, category_id, sort_name, created_at, tokens,
         facets, {", ".join(f"text_{code}" for code in LANGUAGES)})
      = (EXCLUDED.product_id, EXCLUDED.manufacturer_id, EXCLUDED.category_id, EXCLUDED.sort_name,
         EXCLUDED.created_at, EXCLUDED.tokens, EXCLUDED.facets,
         {", ".join(f"EXCLUDED.text_{code}" for code in LANGUAGES)});

    -- Without a unique key nobody waits for anybody; a word that is there twice does no harm.
    INSERT INTO discovery_words (word)
    SELECT DISTINCT w.word
    FROM catalog_variants v
    JOIN catalog_products p ON p.id = v.product_id
    JOIN catalog_categories c ON c.id = v.category_id
    CROSS JOIN LATERAL regexp_split_to_table(lower(unaccent(concat_ws(' ',
        v.name, p.name, p.brand, c.name, v.translations -> 'de' ->> 'name',
        v.translations -> 'es' ->> 'name',
        v.translations -> 'pt' ->> 'name'))), '[^[:alnum:]]+') AS w (word)
    WHERE v.id = ANY (ids) AND length(w.word) BETWEEN 4 AND 40 AND w.word !~ '[0-9]'
      AND NOT EXISTS (SELECT FROM discovery_words k WHERE k.word = w.word);
END
$$
"""

# Few changes are in the documents at once; many, or those of a whole category, wait in a queue
# that is worked off every second and says by itself how far it lags.
NOTE = """
CREATE FUNCTION discovery_note(ids uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF cardinality(ids) BETWEEN 1 AND 200 THEN
        PERFORM discovery_index(ids);
    ELSIF cardinality(ids) > 200 THEN
        INSERT INTO discovery_waiting (variant_id, since)
        SELECT id, clock_timestamp() FROM unnest(ids) id;
    END IF;
END
$$
"""

_VARIANT_FACTS = """
    {0}.product_id, {0}.manufacturer_id, {0}.category_id, {0}.sku, {0}.gtin, {0}.part_number,
    {0}.name, {0}.attributes, {0}.status, {0}.created_at, {0}.translations, {0}.packs
"""
_PRODUCT_FACTS = """
    {0}.category_id, {0}.name, {0}.brand, {0}.description, {0}.translations, {0}.attributes
"""

_LOCK_MAKERS = f"""
    PERFORM pg_advisory_xact_lock({LOCK}, hashtext(CAST(maker AS text)))
    FROM (SELECT DISTINCT manufacturer_id AS maker FROM fresh ORDER BY 1) makers;
"""
_WITH_ATTRIBUTE = """
    JOIN catalog_variants v ON v.manufacturer_id = n.manufacturer_id
    JOIN catalog_products p ON p.id = v.product_id
     AND (v.attributes ? n.code OR p.attributes ? n.code)
"""

TRIGGERS = f"""
CREATE FUNCTION discovery_variants_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM discovery_note(ARRAY(SELECT id FROM fresh WHERE status IN ('active', 'phase_out')));
    RETURN NULL;
END
$$;
-- Planned anew each time: a plan for the one row of an edit compares all with all of a bulk change.
CREATE FUNCTION discovery_variants_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    EXECUTE $q$SELECT ARRAY(
        SELECT n.id FROM fresh n JOIN stale o ON o.id = n.id
        WHERE ({_VARIANT_FACTS.format("n")}) IS DISTINCT FROM ({_VARIANT_FACTS.format("o")})
    )$q$ INTO ids;
    PERFORM discovery_note(ids);
    RETURN NULL;
END
$$;
CREATE FUNCTION discovery_products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    EXECUTE $q$SELECT ARRAY(
        SELECT v.id FROM fresh n JOIN stale o ON o.id = n.id
        JOIN catalog_variants v ON v.product_id = n.id
        WHERE ({_PRODUCT_FACTS.format("n")}) IS DISTINCT FROM ({_PRODUCT_FACTS.format("o")})
    )$q$ INTO ids;
    PERFORM discovery_note(ids);
    RETURN NULL;
END
$$;
-- Through the queue: they may be very many, and each may be one of a whole tree that moves.
CREATE FUNCTION discovery_categories_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_LOCK_MAKERS}
    INSERT INTO discovery_waiting (variant_id, since)
    SELECT DISTINCT v.id, clock_timestamp()
    FROM fresh n JOIN stale o ON o.id = n.id
    JOIN catalog_categories c ON c.manufacturer_id = n.manufacturer_id AND n.id = ANY (c.path)
    JOIN catalog_variants v ON v.category_id = c.id
    WHERE (n.name, n.path, n.translations) IS DISTINCT FROM (o.name, o.path, o.translations);
    RETURN NULL;
END
$$;
CREATE FUNCTION discovery_attributes_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_LOCK_MAKERS}
    INSERT INTO discovery_waiting (variant_id, since)
    SELECT DISTINCT v.id, clock_timestamp() FROM fresh n {_WITH_ATTRIBUTE};
    RETURN NULL;
END
$$;
CREATE FUNCTION discovery_attributes_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_LOCK_MAKERS}
    INSERT INTO discovery_waiting (variant_id, since)
    SELECT DISTINCT v.id, clock_timestamp()
    FROM fresh n JOIN stale o ON o.id = n.id AND o.is_facet <> n.is_facet {_WITH_ATTRIBUTE};
    RETURN NULL;
END
$$;
CREATE TRIGGER discovery_variants_added AFTER INSERT ON catalog_variants
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION discovery_variants_added();
CREATE TRIGGER discovery_variants_changed AFTER UPDATE ON catalog_variants
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_variants_changed();
CREATE TRIGGER discovery_products_changed AFTER UPDATE ON catalog_products
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_products_changed();
CREATE TRIGGER discovery_categories_changed AFTER UPDATE ON catalog_categories
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_categories_changed();
CREATE TRIGGER discovery_attributes_added AFTER INSERT ON catalog_attributes
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_attributes_added();
CREATE TRIGGER discovery_attributes_changed AFTER UPDATE ON catalog_attributes
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_attributes_changed();
"""


def upgrade() -> None:
    for extension in ("unaccent", "pg_trgm"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for code, language in LANGUAGES.items():
        op.execute(f"CREATE TEXT SEARCH CONFIGURATION discovery_{code} (COPY = {language})")
        op.execute(
            f"ALTER TEXT SEARCH CONFIGURATION discovery_{code}"
            f" ALTER MAPPING FOR hword, hword_part, word WITH unaccent, {language}_stem"
        )
    _tables()
    for statement in (CODE, TOKENS, VALUES, QUERY, FACETS, SIMILAR, INDEX, NOTE, TRIGGERS):
        op.execute(sa.text(statement.replace(":", "\\:")))
    # What is there already waits its turn.
    op.execute(
        "INSERT INTO discovery_waiting (variant_id, since)"
        " SELECT id, clock_timestamp() FROM catalog_variants WHERE status IN ('active', 'phase_out')"
    )


def _tables() -> None:
    op.create_table(
        "discovery_documents",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("manufacturer_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        # What searches read of thousands of documents lies before what they do not.
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facets", sa.LargeBinary(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("tokens", postgresql.ARRAY(sa.Text()), nullable=False),
        *(sa.Column(f"text_{code}", postgresql.TSVECTOR(), nullable=False) for code in LANGUAGES),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalog_variants.id"],
            ondelete="CASCADE",
            name=op.f("fk_discovery_documents_variant_id"),
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_discovery_documents")),
    )
    for column in ("tokens", *(f"text_{code}" for code in LANGUAGES)):
        op.create_index(
            f"ix_discovery_documents_{column}",
            "discovery_documents",
            [column],
            postgresql_using="gin",
        )
    op.create_index("ix_discovery_documents_product_id", "discovery_documents", ["product_id"])
    op.create_index(
        "ix_discovery_documents_name", "discovery_documents", ["sort_name", "variant_id"]
    )
    op.create_index(
        "ix_discovery_documents_newest",
        "discovery_documents",
        [sa.text("created_at DESC"), "variant_id"],
    )
    op.create_table(
        "discovery_waiting",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_discovery_waiting")),
    )
    op.create_table(
        "discovery_words",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_discovery_words")),
    )
    op.create_index("ix_discovery_words_word", "discovery_words", ["word"])
    op.create_table(
        "discovery_tokens",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_discovery_tokens")),
    )
    op.create_index("ix_discovery_tokens_token", "discovery_tokens", ["token"])
    op.create_index(
        "ix_discovery_words_similar",
        "discovery_words",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )


def downgrade() -> None:
    for table, name in (
        ("catalog_attributes", "attributes_changed"),
        ("catalog_attributes", "attributes_added"),
        ("catalog_categories", "categories_changed"),
        ("catalog_products", "products_changed"),
        ("catalog_variants", "variants_changed"),
        ("catalog_variants", "variants_added"),
    ):
        op.execute(f"DROP TRIGGER discovery_{name} ON {table}")
        op.execute(f"DROP FUNCTION discovery_{name}()")
    for function in (
        "note(uuid[])",
        "index(uuid[])",
        "facets(text, text[])",
        "query(regconfig, text[], text[], text)",
        "values(jsonb)",
        "tokens(jsonb, text[])",
        "code(text)",
    ):
        op.execute(f"DROP FUNCTION discovery_{function}")
    for table in ("tokens", "words", "waiting", "documents"):
        op.drop_table(f"discovery_{table}")
    for code in LANGUAGES:
        op.execute(f"DROP TEXT SEARCH CONFIGURATION discovery_{code}")
