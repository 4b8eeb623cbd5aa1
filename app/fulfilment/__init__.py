"""Shipments: what left, what arrived."""
