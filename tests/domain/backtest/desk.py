"""Starting and working on backtests as their stories need it."""

from app.backtest import operations, tasks
from app.backtest.operations import Choice
from app.backtest.rules import Scenario


def backtested(world, now, *, choice=None, caller=None, **supposed):
    """A backtest of Rosa's orders, done: its report."""
    backtest_id = prepared(world, now, choice=choice, caller=caller, **supposed)
    done = tasks.work(world.session, backtest_id=backtest_id, told=lambda **_: None, now=now)
    assert done.status == "done"
    return done.report


def prepared(world, now, *, choice=None, caller=None, **supposed):
    made = operations.prepare_backtest(
        world.session,
        caller=caller or world.caller(world.rosa),
        choice=choice or Choice(storefront_id=world.storefront.id),
        scenario=Scenario(**supposed),
        now=now,
    )
    return made.id


def figures(report, name="supposed"):
    """Served, goods, freight and consignments of a contender."""
    tally = report["contenders"][name]
    return tuple(tally[each] for each in ("served", "goods_minor", "freight_minor", "consignments"))


def shares(world, report, name="supposed"):
    """Units by seller, by the name that the world gives it."""
    names = {str(world.dieter.id): "dieter", str(world.wanda.id): "wanda"}
    return {names[seller]: units for seller, units, _ in report["contenders"][name]["sellers"]}
