"""Glue to the framework, the database and the brokers; knows no domain."""
