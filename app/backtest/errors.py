"""What a backtest refuses."""

from app.kernel.errors import Malformed, NotFound, Rejected


class BacktestNotFound(NotFound):
    """There is no such backtest, or it is another organization's."""

    code = "backtest.not_found"
    title = "There is no such backtest"


class NothingToReplay(Rejected):
    """No order was placed there then, or none of the list is the caller's."""

    code = "backtest.nothing_to_replay"
    title = "There are no such orders"


class MixedCurrencies(Rejected):
    """Amounts of the orders cannot be added up."""

    code = "backtest.mixed_currencies"
    title = "The orders are in several currencies: choose one storefront"


class TooManyOrders(Rejected):
    """More orders than one backtest replays."""

    code = "backtest.too_many_orders"
    title = "These are more orders than one backtest replays"


class ScenarioInvalid(Malformed):
    """What is supposed cannot be; ``errors`` point at it."""

    code = "backtest.scenario_invalid"
    title = "This cannot be supposed"
