"""What must agree in an offer is one rule, in Python for the one and in SQL for the many."""

from datetime import UTC, datetime, timedelta
from math import lcm

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.quantity import MAX_QUANTITY, OrderingRule
from app.offers.rules import PROBLEMS, Words, problem_of

ASK = text("""
SELECT offers_problem(:minimum_quantity, :maximum_quantity, :quantity_step, :pack_quantity,
    CAST(:valid_from AS timestamptz), CAST(:valid_to AS timestamptz))
""")

DAY = datetime(2026, 3, 1, tzinfo=UTC)
small = st.integers(1, 12)
any_quantity = small | st.integers(1, MAX_QUANTITY)
instant = st.none() | st.integers(0, 3).map(lambda days: DAY + timedelta(days=days))

words = st.builds(
    Words,
    minimum_quantity=any_quantity,
    maximum_quantity=st.none() | any_quantity,
    quantity_step=any_quantity,
    pack_quantity=any_quantity,
    valid_from=instant,
    valid_to=instant,
)


class TestTheRule:
    @settings(
        max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(said=words)
    def test_is_the_database_s_rule(self, session, said):
        facts = {name: getattr(said, name) for name in said.__dataclass_fields__}
        assert session.scalar(ASK, facts) == problem_of(said)

    @given(minimum=small, maximum=st.none() | st.integers(1, 40), step=small, pack=small)
    def test_leaves_something_to_order(self, minimum, maximum, step, pack):
        said = Words(
            minimum_quantity=minimum,
            maximum_quantity=maximum,
            quantity_step=step,
            pack_quantity=pack,
        )
        rule = OrderingRule(minimum, lcm(step, pack), maximum)
        orderable = any(rule.admits(quantity) for quantity in range(1, 200))
        assert orderable == (problem_of(said) is None)

    @pytest.mark.parametrize("problem", PROBLEMS)
    def test_says_where_each_problem_lies(self, problem):
        pointer, message = PROBLEMS[problem]
        assert pointer.removeprefix("/") in Words.__dataclass_fields__
        assert message
