"""The web entry point: ``granian --interface wsgi wsgi:app``."""

from app.config import SettingsError
from app.infra.embedded import EmbeddedServerError
from app.wiring import create_app_from_environment

try:
    app = create_app_from_environment()
except (SettingsError, EmbeddedServerError) as error:
    # The message says which variable or folder to mend; a traceback would only hide it.
    raise SystemExit(str(error)) from error
