"""Pages for people, on the same operations and queries as the API."""
