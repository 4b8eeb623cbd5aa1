"""What a file may cost before it is refused: the sizes of lines, cells, sheets and archives."""

MAX_COLUMNS = 256
MAX_CELL = 32_768
MAX_LINE = 1024 * 1024
MAX_UNPACKED = 4 * 1024**3
# Text shrinks tenfold, repetitive sheets a hundredfold; what shrinks more was made to.
MAX_RATIO = 200
FREE_OF_RATIO = 16 * 1024 * 1024
MAX_MEMBERS = 2000
MAX_SHARED_BYTES = 512 * 1024 * 1024
MAX_SHARED = 4_000_000
MAX_SHEET_ROWS = 1_048_576
CHUNK = 256 * 1024
