"""Bulk in and out: files of products, offers, prices and stock, checked and merged set-based."""
