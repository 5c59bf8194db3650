"""How large a table may be, and the error of a table that cannot be used."""

MAX_XLSX_BYTES = 5_000_000
MAX_CSV_BYTES = 20_000_000
MAX_ROWS = 50_000
"""Below the header, empty ones between others too."""
MAX_COLUMNS = 300
MAX_FAULTS = 1_000
"""Faults that are told of one table."""
MAX_CELL = 32_767
"""Characters in one cell; Excel's own limit."""
MAX_UNPACKED_BYTES = 64_000_000
MAX_RATIO = 200
"""How many times larger a part of a workbook may be than it is packed; ordinary tables stay below 50."""
MAX_PARTS = 1_000


class TableError(ValueError):
    """A file that cannot be used as a table; the message says why in plain words."""
