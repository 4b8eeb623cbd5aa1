"""Several ``flask`` commands in one process: the application is imported once, not once for each.

``python -m app.infra.stack.commands APP TITLE COMMAND [TITLE COMMAND ...]`` runs them in order and
stops at the first that fails.
"""

import shlex
import sys

import click
from flask.cli import FlaskGroup


def main(app: str, *titles_and_commands: str) -> int:
    """Run the commands; the exit code of the first that fails."""
    flask = FlaskGroup(name="flask")
    pairs = zip(titles_and_commands[::2], titles_and_commands[1::2], strict=True)
    for title, command in pairs:
        click.echo(f"{title} ...")
        try:
            flask.main(["--app", app, *shlex.split(command)], "flask", standalone_mode=False)
        except click.ClickException as error:
            error.show()
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
