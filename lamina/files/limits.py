"""How much a file from outside may ask for. One table; readers refuse what goes beyond it."""

MIB = 2**20
GIB = 2**30

JSON_BYTES = 16 * MIB
JSON_DEPTH = 64
JSON_STRING_BYTES = 4096
JSON_WHOLE = 2**53
JSON_OBJECT_BYTES = 48 * MIB  # beyond the size of the text, by estimate

TENSORS = 100_000
TENSOR_RANK = 8
TENSOR_NAME_BYTES = 512
SAFETENSORS_HEADER_BYTES = 16 * MIB
SAFETENSORS_METADATA_BYTES = MIB
NPY_HEADER_BYTES = 10_000
IDX_BYTES = 4 * GIB
ARRAY_BYTES = 2**62  # NumPy counts no more, not even beside an axis of size 0

TABLE_BYTES = GIB
TABLE_COLUMNS = 10_000
TABLE_CELLS = 100_000_000
TABLE_LINE_BYTES = MIB
PARQUET_FOOTER_BYTES = 8 * MIB
TOML_BYTES = 32 * 1024

PICTURE_BYTES = 64 * MIB
PICTURE_PIXELS = 50_000_000
PICTURE_SIDE = 20_000

MODEL_MEMBERS = 64
MODEL_RATIO = 20
MODEL_MEMBER_BYTES = GIB
MODEL_OBJECT_BYTES = 48 * MIB  # losses, metrics, initializers and the like, by estimate

ARCHIVE_MEMBERS = 1_000_000
ARCHIVE_BYTES = 50 * 10**9
ARCHIVE_MEMBER_BYTES = 4 * 10**9
ARCHIVE_RATIO = 20
DATA_RATIO = 200
PARQUET_RATIO = 64  # a truth value takes one bit there, and eight bytes as a number
NAME_BYTES = 255
NAME_DEPTH = 32

# Tiny archives of zeros are small bombs by ratio and harmless by size.
SMALL_MEMBER_BYTES = MIB
SMALL_ARCHIVE_BYTES = 64 * MIB
SMALL_ARRAY_BYTES = 32 * MIB
SMALL_TABLE_BYTES = 8 * MIB
