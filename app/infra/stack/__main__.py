"""``python -m app.infra.stack``: the command behind ``make demo``."""

import sys

from app import config
from app.infra.stack.plan import demo_ahead, demo_plan
from app.infra.stack.run import run

if __name__ == "__main__":
    sys.exit(run(config.environment(), ahead=demo_ahead(), plan_for=demo_plan))
