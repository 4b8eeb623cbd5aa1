"""Credit: what is free, and what does not fit."""

import pytest

from app.payments.errors import CreditLimitExceeded
from app.payments.rules import Credit


class TestCredit:
    def test_is_what_the_limit_leaves(self):
        credit = Credit("EUR", limit_minor=1_000, reserved_minor=300, owed_minor=450)
        assert (credit.used_minor, credit.free_minor) == (750, 250)

    def test_takes_an_order_that_just_fits(self):
        Credit("EUR", 1_000, 300, 450).require(250)

    def test_refuses_a_cent_more_and_says_why(self):
        with pytest.raises(CreditLimitExceeded) as refused:
            Credit("EUR", 1_000, 300, 450).require(251)
        assert refused.value.details == {
            "currency": "EUR",
            "limit_minor": 1_000,
            "used_minor": 750,
            "needed_minor": 251,
        }

    def test_is_never_negative_when_the_limit_was_lowered(self):
        assert Credit("EUR", 100, 300, 450).free_minor == 0
