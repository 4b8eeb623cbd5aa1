"""``flask demo``: the built-in network and the story of one order."""

import click


@click.group()
def demo() -> None:
    """The built-in network."""
