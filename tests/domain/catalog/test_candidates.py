"""What a seller's words may mean is looked up, never searched for from end to end."""

import orjson
import pytest
from sqlalchemy import text

from app.catalog.queries import suggestions as queries
from app.catalog.rules.wording import code
from app.kernel.ids import new_id

ASKED = [
    {
        "no": 0,
        "gtins": ["4006381333931"],
        "code": "HB840",
        "name": "Hexagon bolt M8x40",
        "manufacturer_ids": [str(new_id())],
    }
]


class TestTheCandidates:
    def test_come_from_indexes_alone(self, session):
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            session.scalars(
                text(f"EXPLAIN {queries._CANDIDATES.text}"),
                {"asked": orjson.dumps(ASKED).decode()},
            )
        )
        assert "Seq Scan on catalog_variants" not in plan
        # Words have an index too; which one is taken for them depends on what the table holds.
        for index in ("uq_catalog_variants_gtin", "part_code", "sku_code"):
            assert index in plan

    @pytest.mark.parametrize(
        "written", ["HB 8-40", "hb.8/40", "\N{LATIN SMALL LETTER SHARP S}8", "", "4006381333931"]
    )
    def test_know_codes_as_the_rules_spell_them(self, session, written):
        asked = session.scalar(text("SELECT catalog_code(:written)"), {"written": written})
        assert asked == code(written)

    @pytest.mark.parametrize("written", ["M8x40", "m 8 X 40 mm", "M8 * 40mm", "M-8 x 40 MM"])
    def test_know_sizes_however_written(self, session, written):
        words = session.scalar(
            text("SELECT tsvector_to_array(catalog_words(:written))"), {"written": written}
        )
        assert {"m8", "40"} <= set(words)
