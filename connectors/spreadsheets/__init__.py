"""Files of rows: delimited text and workbooks, read as bounded streams."""

from connectors.spreadsheets.files import Spreadsheets

__all__ = ["Spreadsheets"]
