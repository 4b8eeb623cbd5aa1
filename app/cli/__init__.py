"""The operator's commands: ``flask <group> <command>``.

Thin: a command reads its arguments, calls an operation or a query, and prints.
"""

from importlib import import_module

from flask import Flask

# Each module has one click group of its own name.
GROUPS = ("catalog", "demo", "network", "routing", "inventory", "ledger", "settlement", "states")


def register(flask_app: Flask) -> None:
    """Add every group to the application's command line."""
    for name in GROUPS:
        flask_app.cli.add_command(getattr(import_module(f"app.cli.{name}"), name))
