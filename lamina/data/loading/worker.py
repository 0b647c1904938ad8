"""A process that decodes pictures: reads requests from its input, answers on its output.

It is started as `python -m lamina.data.loading.worker`, so it needs no fork of a program with
threads, and never runs the user's main file a second time. A message is the length of its JSON
text in 8 bytes, that text, then raw bytes.
"""

import json
import signal
import struct
import sys
from typing import Any, BinaryIO

from lamina.data.loading.decoding import Look, decode

_LENGTH = struct.Struct("<Q")


def write_message(stream: BinaryIO, facts: dict[str, Any], *parts: Any) -> None:
    """Sends facts and the raw bytes that go with them."""
    text = json.dumps(facts).encode()
    stream.write(_LENGTH.pack(len(text)))
    stream.write(text)
    for part in parts:
        stream.write(part)
    stream.flush()


def read_facts(stream: BinaryIO) -> dict[str, Any] | None:
    """Receives the facts of a message, `None` at the end of the stream; its bytes come next."""
    start = stream.read(_LENGTH.size)
    if len(start) < _LENGTH.size:
        return None
    text = stream.read(_LENGTH.unpack(start)[0])
    return json.loads(text)


def answer(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until there are no more."""
    while (facts := read_facts(requests)) is not None:
        names = facts["names"]
        sources = facts.get("paths") or [requests.read(size) for size in facts["sizes"]]
        decoded = decode(sources, names, Look(*facts["look"]))
        told = {
            "resized": decoded.num_resized,
            "coloured": decoded.num_coloured,
            "broken": decoded.broken,
        }
        write_message(answers, told, decoded.pixels.data, decoded.digests.data)


def main() -> None:
    """Serves the process that started this one; an interrupt is that one's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
