"""What the exchange can be told."""

from app.exchange.operations.confirming import KIND, Confirmation, cancel, confirm, ready
from app.exchange.operations.profiles import (
    create_profile,
    delete_profile,
    save_profile,
    update_profile,
)
from app.exchange.operations.receiving import (
    PERMISSIONS,
    Received,
    Wish,
    discard,
    receive,
    store,
    sweep_files,
)
from app.exchange.operations.running import run_import

__all__ = [
    "KIND",
    "PERMISSIONS",
    "Confirmation",
    "Received",
    "Wish",
    "cancel",
    "confirm",
    "create_profile",
    "delete_profile",
    "discard",
    "ready",
    "receive",
    "run_import",
    "save_profile",
    "store",
    "sweep_files",
    "update_profile",
]
