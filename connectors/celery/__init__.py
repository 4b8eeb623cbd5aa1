"""Short scheduled work through Celery and beat: the relay of the outbox, and every other sweep."""
