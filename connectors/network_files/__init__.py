"""A distribution network in a folder of gzip-compressed CSV files."""

from connectors.network_files.source import NetworkFolder

__all__ = ["NetworkFolder"]
