"""Persons and API keys: who may speak for an organization, and with which permissions."""
