"""Transactions of an import: many, one after the other, each with the settings that files need."""

from sqlalchemy import text

from app.infra.db import DbSession
from app.infra.unit_of_work import publish


def keep(session: DbSession) -> None:
    """Commit what was done so far, with its events."""
    publish(session)
    session.commit()
    settle(session)


def settle(session: DbSession) -> None:
    """Settings of the transaction: dates without a zone are UTC; a file is worth its own plans.

    Checking and judging make new tables of large ones: a second processor takes half of the rows;
    some thousand rows tell the planner enough of a table that is read a few times.
    """
    session.execute(
        text("""
        SELECT set_config('TimeZone', 'UTC', true), set_config('work_mem', '64MB', true),
               set_config('plan_cache_mode', 'auto', true),
               set_config('default_statistics_target', '10', true),
               set_config('max_parallel_workers_per_gather', '1', true),
               set_config('parallel_setup_cost', '100', true),
               set_config('parallel_tuple_cost', '0.001', true)
        """)
    )
