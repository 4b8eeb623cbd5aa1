"""What backtests and what-ifs read and write as JSON."""

from app.backtest.schemas.reports import (
    BacktestReportSchema,
    BacktestSchema,
    NewBacktestSchema,
)
from app.backtest.schemas.what_if import (
    OrderWhatIfSchema,
    SuppositionsSchema,
    WhatIfAnswerSchema,
    WhatIfSchema,
    suppositions_of,
)

__all__ = [
    "BacktestReportSchema", "BacktestSchema", "NewBacktestSchema", "OrderWhatIfSchema",
    "SuppositionsSchema", "WhatIfAnswerSchema", "WhatIfSchema", "suppositions_of",
]  # fmt: skip
