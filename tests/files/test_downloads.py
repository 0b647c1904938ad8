"""Downloads from a server of our own: mirrors, resumption, hashes, folders."""

import gzip
import hashlib
import http.server
import io
import os
import re
import threading
import zipfile
from pathlib import Path

import pytest

from lamina.core.errors import ArgumentError, LoadError, StorageError
from lamina.files import downloads, transfer
from lamina.files.downloads import RemoteFile, cache_folder, fetch, get_file

DATA = bytes(range(256)) * 40
SHA256 = hashlib.sha256(DATA).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("Range")))
        kind = self.path.split("/")[1]
        body = self.server.bodies.get(self.path.split("/")[-1], DATA)
        getattr(self, kind)(body)

    def missing(self, body):
        self.send_error(404)

    def broken(self, body):
        self.send_error(503)

    def good(self, body):
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        if start >= len(body) > 0:
            self.send_error(416)
            return
        self._head(206 if start else 200, len(body) - start, start, len(body))
        self.wfile.write(body[start:])

    def cut(self, body):
        """Closes the connection in the middle of what is left."""
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self._head(206 if start else 200, len(body) - start, start, len(body))
        self.wfile.write(body[start : start + 3000])

    def stuck(self, body):
        """Always closes the connection after nothing."""
        self._head(200, len(body), 0, len(body))

    def whole(self, body):
        """Knows no ranges."""
        self._head(200, len(body), 0, len(body))
        self.wfile.write(body)

    def wrong(self, body):
        self._head(200, 4, 0, 4)
        self.wfile.write(b"evil")

    def silent(self, body):
        self.server.release.wait(5)

    def _head(self, status, length, start, total):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LAMINA_DATA", raising=False)
    monkeypatch.setattr(transfer, "PAUSE_SECONDS", 0.0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.bodies, server.release = [], {}, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


def remote(server, *kinds, name="a.bin", **hashes):
    mirrors = tuple(f"{server.url}/{kind}/{name}" for kind in kinds)
    return RemoteFile(name, mirrors, **(hashes or {"file_sha256": SHA256}))


def test_a_file_is_fetched_once_and_then_found(server, tmp_path):
    first = fetch(remote(server, "good"), subfolder="set")
    second = fetch(remote(server, "good"), subfolder="set")

    assert first == second == tmp_path / "home" / "datasets" / "set" / "a.bin"
    assert first.read_bytes() == DATA
    assert len(server.seen) == 1


def test_the_next_mirror_is_asked_when_one_fails(server):
    path = fetch(remote(server, "missing", "wrong", "good"), subfolder="set")

    assert path.read_bytes() == DATA
    assert [kind.split("/")[1] for kind, _ in server.seen] == ["missing", "wrong", "good"]


def test_a_cut_download_goes_on_where_it_stopped(server):
    path = fetch(remote(server, "cut"), subfolder="set")

    assert path.read_bytes() == DATA
    assert [asked for _, asked in server.seen] == [
        None,
        "bytes=3000-",
        "bytes=6000-",
        "bytes=9000-",
    ]


def test_the_part_of_a_killed_download_is_used(server):
    folder = cache_folder("datasets", "set")
    (folder / "a.bin.part").write_bytes(DATA[:7000])

    fetch(remote(server, "good"), subfolder="set")

    assert server.seen == [("/good/a.bin", "bytes=7000-")]
    assert sorted(os.listdir(folder)) == ["a.bin", "a.bin.lock"]


@pytest.mark.parametrize("part", [b"evil" * 100, DATA + b"evil"])
def test_a_wrong_part_is_fetched_again_in_full(server, part):
    folder = cache_folder("datasets", "set")
    (folder / "a.bin.part").write_bytes(part)

    path = fetch(remote(server, "good"), subfolder="set")

    assert path.read_bytes() == DATA
    assert server.seen[-1] == ("/good/a.bin", None)


def test_a_server_without_ranges_starts_again(server):
    folder = cache_folder("datasets", "set")
    (folder / "a.bin.part").write_bytes(b"evil")

    assert fetch(remote(server, "whole"), subfolder="set").read_bytes() == DATA


def test_a_damaged_copy_in_the_cache_is_replaced(server):
    folder = cache_folder("datasets", "set")
    (folder / "a.bin").write_bytes(DATA[:-1])

    assert fetch(remote(server, "good"), subfolder="set").read_bytes() == DATA


def test_every_answer_is_listed_when_no_mirror_has_the_file(server, monkeypatch):
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    wrong = hashlib.sha256(b"evil").hexdigest()
    message = (
        "'a.bin' could not be fetched from 4 mirrors.\n"
        "  expected: one mirror that sends the genuine file:\n"
        f"    {server.url}/missing/a.bin: HTTP 404 Not Found\n"
        f"    {server.url}/broken/a.bin: HTTP 503 Service Unavailable\n"
        f"    {server.url}/stuck/a.bin: the connection closed after 0 of 10,240 bytes\n"
        f"    {server.url}/wrong/a.bin: sent a file with the SHA-256 {wrong}, which is not the "
        f"SHA-256 {SHA256}\n"
        "  fix: try again with a network, or put a.bin into a folder and set LAMINA_DATA to that "
        "folder."
    )
    with pytest.raises(StorageError, match=f"^{re.escape(message)}$"):
        fetch(remote(server, "missing", "broken", "stuck", "wrong"), subfolder="set")


def test_a_silent_mirror_times_out(server, monkeypatch):
    monkeypatch.setattr(transfer, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    with pytest.raises(StorageError, match=r"silent/a\.bin: timed out after 0 bytes"):
        fetch(remote(server, "silent"), subfolder="set")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a", "no address"])
def test_only_http_addresses_are_asked(server, url):
    with pytest.raises(StorageError, match="not an http or https address"):
        fetch(RemoteFile("a", (url,)), subfolder="set")


def test_a_refused_connection_is_an_answer(server, monkeypatch):
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    with pytest.raises(StorageError, match="refused"):
        fetch(RemoteFile("a", ("http://127.0.0.1:9/a",)), subfolder="set")


def test_a_file_over_its_limit_is_not_fetched(server):
    small = RemoteFile("a", (f"{server.url}/good/a",), max_bytes=100)
    with pytest.raises(StorageError, match="the file has over 100 bytes"):
        fetch(small, subfolder="set")


def test_content_packed_by_another_program_is_accepted(server):
    server.bodies["a.gz"] = gzip.compress(DATA, compresslevel=1, mtime=5)
    wanted = remote(server, "good", name="a.gz", file_sha256="0" * 64, content_sha256=SHA256)

    assert gzip.decompress(fetch(wanted, subfolder="set").read_bytes()) == DATA


def test_an_archive_is_known_by_its_members(server):
    server.bodies["a.zip"] = packed({"d/a.bin": DATA, "other": b""})
    wanted = remote(server, "good", name="a.zip", member_sha256={"d/a.bin": SHA256})

    assert fetch(wanted, subfolder="set").name == "a.zip"


def test_an_archive_with_another_member_is_refused(server):
    server.bodies["a.zip"] = packed({"d/a.bin": DATA + b"x"})
    wanted = remote(server, "good", name="a.zip", member_sha256={"d/a.bin": SHA256})
    with pytest.raises(StorageError, match="which is not the known SHA-256 of each member"):
        fetch(wanted, subfolder="set")


def packed(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("place", ["a.gz", "set/a.gz", "a", "set/a"])
def test_the_offline_folder_comes_first(server, tmp_path, monkeypatch, place):
    path = tmp_path / "data" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(DATA) if place.endswith(".gz") else DATA)
    monkeypatch.setenv("LAMINA_DATA", str(tmp_path / "data"))

    found = fetch(remote(server, "good", name="a.gz", content_sha256=SHA256), subfolder="set")

    assert found == path
    assert server.seen == []


def test_a_wrong_file_in_the_offline_folder_is_an_error(server, tmp_path, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"evil")
    monkeypatch.setenv("LAMINA_DATA", str(tmp_path))
    with pytest.raises(LoadError, match="is not the file that LAMINA_DATA should hold"):
        fetch(remote(server, "good"), subfolder="set")


def test_other_folders_of_the_machine_are_looked_into(server, tmp_path):
    (tmp_path / "a.bin").write_bytes(DATA)

    found = fetch(remote(server, "good"), subfolder="set", elsewhere=("/none", str(tmp_path)))

    assert found == tmp_path / "a.bin"


def test_a_read_only_cache_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match=r"fix: set LAMINA_HOME to a writable folder\.$"):
        cache_folder("datasets")


def test_a_missing_home_is_named(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("LAMINA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(StorageError, match=r"the cache folder '~/\.cache/lamina' cannot be used"):
        cache_folder()


def test_a_full_disk_is_our_error(server, monkeypatch):
    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads.atomic.effects, "write", full)
    with pytest.raises(StorageError, match="cannot be written: No space left on device"):
        fetch(remote(server, "good"), subfolder="set")


def test_downloads_at_the_same_time_wait_for_each_other(server):
    wanted, found = remote(server, "good"), []
    threads = [
        threading.Thread(target=lambda: found.append(fetch(wanted, subfolder="set")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(server.seen) == 1


def test_a_part_is_not_continued_when_no_hash_would_tell(server):
    folder = cache_folder("datasets")
    (folder / "a.bin.part").write_bytes(b"evil")

    path = get_file(origin=f"{server.url}/good/a.bin")

    assert Path(path).read_bytes() == DATA


def test_get_file_takes_its_name_from_the_address(server, tmp_path):
    path = get_file(origin=f"{server.url}/good/a.bin?x=1", file_hash=SHA256)

    assert path == str(tmp_path / "home" / "datasets" / "a.bin")


@pytest.mark.parametrize("digest", [SHA256, hashlib.md5(DATA).hexdigest()])
def test_get_file_verifies_both_kinds_of_hashes(server, tmp_path, digest):
    path = get_file("b", f"{server.url}/good/a", file_hash=digest, cache_dir=tmp_path / "c")

    assert path == str(tmp_path / "c" / "datasets" / "b")
    with pytest.raises(StorageError, match="sent a file"):
        get_file("b", f"{server.url}/wrong/a", file_hash=digest, force_download=True)


def test_get_file_unpacks_into_keras_folder_names(server, tmp_path):
    server.bodies["a.zip"] = packed({"d/x.txt": b"1"})
    address = f"{server.url}/good/a.zip"

    by_address = get_file(origin=address, extract=True)
    with_ending = get_file("b.zip", address, extract=True)
    without_ending = get_file("c", address, untar=True)

    assert [Path(p).name for p in (by_address, with_ending, without_ending)] == [
        "a.zip",
        "b_extracted",
        "c",
    ]
    assert Path(with_ending, "d", "x.txt").read_bytes() == b"1"


def test_get_file_refuses_a_hostile_archive(server, tmp_path):
    server.bodies["a.zip"] = packed({"../x.txt": b"1"})
    with pytest.raises(LoadError, match=r"'\.\.' in its path"):
        get_file("b", f"{server.url}/good/a.zip", extract=True)

    assert not list(tmp_path.rglob("x.txt"))


@pytest.mark.parametrize(
    ("fname", "origin"),
    [("a", None), ("a", ""), ("../a", "http://x/a"), ("a/b", "http://x/a"), (None, "http://x/")],
)
def test_get_file_names_impossible_arguments(fname, origin):
    with pytest.raises(ArgumentError, match=r"get_file\((origin|fname)="):
        get_file(fname, origin)


def test_one_plain_line_is_written_where_there_is_no_terminal(server, capsys):
    fetch(remote(server, "good"), subfolder="set")

    assert re.fullmatch(
        r"a\.bin from 127\.0\.0\.1:\d+: 0\.0 MB in \d+\.\d s\n", capsys.readouterr().err
    )


def test_a_bar_is_shown_in_a_terminal(server, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)

    fetch(remote(server, "good"), subfolder="set")

    assert "a.bin from 127.0.0.1" in terminal.getvalue()
    assert "10.2/10.2 kB" in terminal.getvalue()
