"""Who knows of whom."""

import pytest

from app.kernel.paging import PageRequest
from app.network import queries
from app.network.errors import AccountNotFound, OrganizationNotFound
from tests.factories.network import caller_of, make_network


def names(session, organization):
    page = queries.list_organizations(
        session, caller=caller_of(organization), page=PageRequest(limit=200)
    )
    return {each.name.split()[0] for each in page.items}


class TestAnOrganization:
    def test_sees_those_it_is_linked_to_and_no_others(self, session):
        network = make_network()
        assert names(session, network.mira) == {"Mira", "Dieter", "Wanda", "Operator"}
        assert names(session, network.dieter) == {"Mira", "Dieter", "Rosa", "Operator"}
        assert names(session, network.rosa) == {"Rosa", "Dieter", "Wanda", "Berta", "Operator"}
        assert names(session, network.berta) == {"Berta", "Rosa", "Operator"}

    def test_of_another_network_sees_itself_and_the_operator(self, session):
        network = make_network()
        assert names(session, network.theo) == {"Theo", "Operator"}
        with pytest.raises(OrganizationNotFound):
            queries.see_organization(
                session, caller=caller_of(network.theo), organization_id=network.rosa.id
            )

    def test_that_runs_the_network_sees_everybody(self, session):
        network = make_network()
        assert len(names(session, network.operator)) == 7


class TestATradingAccount:
    def test_is_found_by_its_two_sides(self, session):
        network = make_network()
        found = queries.find_trading_account(
            session, seller_id=network.rosa.id, buyer_id=network.berta.id
        )
        assert found is network.account
        locked = queries.lock_trading_account(
            session, seller_id=network.rosa.id, buyer_id=network.berta.id
        )
        assert locked is network.account

    def test_that_does_not_exist_cannot_be_locked(self, session):
        network = make_network()
        with pytest.raises(AccountNotFound):
            queries.lock_trading_account(
                session, seller_id=network.rosa.id, buyer_id=network.theo.id
            )


class TestTheOperator:
    def test_is_one_organization(self, session):
        network = make_network()
        assert queries.operator_id(session) == network.operator.id

    def test_may_be_missing(self, session):
        with pytest.raises(OrganizationNotFound):
            queries.operator_id(session)
