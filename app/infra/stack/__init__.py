"""Everything one machine needs, in one foreground process: servers, web, workers.

``python -m app.infra.stack`` is what ``make demo`` runs. It is a supervisor for a laptop and for a
trial; in production the same programs are run by the platform's own (docs/guides/operator.md).
"""
