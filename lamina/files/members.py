"""Rules for the names inside an archive: relative, plain, unique, and not too deep."""

import re
import unicodedata

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.opening import damaged, printable

_DRIVE = re.compile(r"^[A-Za-z]:")


class Names:
    """Accepts the names of one archive, one after the other.

    Args:
        archive: What messages call the archive.
        max_members: How many names are accepted.
    """

    def __init__(self, archive: str, max_members: int = limits.ARCHIVE_MEMBERS) -> None:
        self.archive = archive
        self.max_members = max_members
        self._seen: set[str] = set()

    def accept(self, raw: bytes | str) -> str:
        """Returns the cleaned name of a member, or says why it is refused.

        Raises:
            LoadError: The name is empty, absolute, leaves the archive, contains control
                characters, is too long or too deep, or was seen before (letter case and Unicode
                form aside).
        """
        name = self._decoded(raw)
        reason = _objection(name)
        if reason:
            raise self._refused(raw, reason)
        name = name.removeprefix("./").rstrip("/")
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in self._seen:
            raise self._refused(raw, "stands twice in the archive (letter case aside)")
        self._seen.add(folded)
        if len(self._seen) > self.max_members:
            raise self._refused(raw, f"is one more than {self.max_members:,} members")
        return name

    def _decoded(self, raw: bytes | str) -> str:
        if isinstance(raw, str):
            return raw
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._refused(raw, "is not UTF-8 text") from error

    def _refused(self, raw: bytes | str, reason: str) -> LoadError:
        return damaged(
            self.archive,
            f"the member {printable(raw)} {reason}.",
            expected="unique, relative names without '..', backslashes or control characters.",
            fix="do not use this archive; pack it again from its files.",
        )


def _objection(name: str) -> str | None:
    parts = name.removeprefix("./").rstrip("/").split("/")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        return "contains control characters"
    if "\\" in name or _DRIVE.match(name) or name.startswith("/"):
        return "is no relative path"
    if any(part in ("", ".", "..") for part in parts):
        return "has an empty part, '.' or '..' in its path"
    if len(name.encode()) > limits.NAME_BYTES or len(parts) > limits.NAME_DEPTH:
        return f"is over {limits.NAME_BYTES} bytes or {limits.NAME_DEPTH} folders"
    return None
