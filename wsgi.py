"""The web entry point: ``granian --interface wsgi wsgi:app``."""

import gc
import os

from app.config import SettingsError
from app.infra.embedded import EmbeddedServerError
from app.routing import compiling
from app.wiring import create_app_from_environment

try:
    app = create_app_from_environment()
except (SettingsError, EmbeddedServerError) as error:
    # The message says which variable or folder to mend; a traceback would only hide it.
    raise SystemExit(str(error)) from error

# A server loads the optimizer before its first order; a command only when it decides one.
if "FLASK_RUN_FROM_CLI" not in os.environ:
    compiling.ready()
    # What is loaded stays: collected over and over, it would hold requests up for 0.3 s each time.
    # A request makes some ten thousand objects, few of them in cycles.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
