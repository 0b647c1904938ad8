"""Thrift's compact protocol, read with every length checked: how Parquet describes itself."""

from typing import Any

_MOST_NESTED = 12
_MOST_FIELDS = 64


class ThriftFault(ValueError):  # noqa: N818  (it is turned into a LoadError that names the file)
    """Says what is wrong with a description, and at which byte."""


class Wide(int):
    """A whole number of 64 bits; those of 32 bits are plain.

    A decoder passes over a field whose type is not the expected one, so that a check that took
    one for the other would look at values that the decoder never uses.
    """


class ThriftReader:
    """Reads structs of Thrift's compact protocol, as far as Parquet uses it.

    Reference:
        The Apache Thrift project, "Thrift Compact protocol encoding", doc/specs.
    """

    def __init__(self, data: bytes, position: int, stop: int) -> None:
        self.data, self.position, self.stop = data, position, min(stop, len(data))

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The fields of a struct by their ids."""
        if depth > _MOST_NESTED:
            raise ThriftFault(f"byte {self.position}: the description is nested too deeply")
        fields: dict[int, Any] = {}
        last = 0
        for _ in range(_MOST_FIELDS):
            head = self._byte()
            if head == 0:
                return fields
            step, kind = head >> 4, head & 15
            last = last + step if step else self._signed()
            if last in fields:
                raise ThriftFault(f"byte {self.position}: the description says a thing twice")
            fields[last] = self._value(kind, depth)
        raise ThriftFault(f"byte {self.position}: the description has too many fields")

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (1, 2):
            return kind == 1
        if kind in (3, 4):  # 8 and 16 bits: nothing that matters here is so small
            self._byte() if kind == 3 else self._unsigned()
            return None
        if kind in (5, 6):
            return self._signed() if kind == 5 else Wide(self._signed())
        if kind in (7, 8):
            return self._bytes(8 if kind == 7 else self._unsigned())
        if kind in (9, 10):
            return self._list(depth)
        if kind == 12:
            return self.struct(depth + 1)
        raise ThriftFault(f"byte {self.position}: the description holds the unknown type {kind}")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        kind, count = head & 15, head >> 4
        if count == 15:
            count = self._unsigned()
        if count > self.stop - self.position:  # each entry has a byte or more
            raise ThriftFault(f"byte {self.position}: the description is cut")
        if kind in (1, 2):
            return list(self._bytes(count))
        return [self._value(kind, depth) for _ in range(count)]

    def _bytes(self, count: int) -> bytes:
        if count > self.stop - self.position:
            raise ThriftFault(f"byte {self.position}: the description is cut")
        self.position += count
        return self.data[self.position - count : self.position]

    def _byte(self) -> int:
        if self.position >= self.stop:
            raise ThriftFault(f"byte {self.position}: the description is cut")
        self.position += 1
        return self.data[self.position - 1]

    def _unsigned(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ThriftFault(f"byte {self.position}: a number in the description does not end")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
