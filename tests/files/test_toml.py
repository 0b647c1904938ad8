"""TOML for settings: every fault is named with its line."""

import re
import time

import pytest

from lamina.core.errors import LoadError
from lamina.files import read_toml

KNOWN = ("epochs", "optimizer.learning_rate", "model.*")


def test_a_plain_document_is_read(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('epochs = 3\n[optimizer]\nlearning_rate = 0.1\n[model.head]\nname = "a"\n')

    assert read_toml(path, known=KNOWN) == {
        "epochs": 3,
        "optimizer": {"learning_rate": 0.1},
        "model": {"head": {"name": "a"}},
    }


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"epochs: 3\n", "line 1: expected '=' after a key in a key/value pair."),
        (b"a = 1\nb = !!python/object:os.system x\n", "line 2: invalid value."),
        (b"- a\n", "line 1: expected '=' after a key in a key/value pair."),
        (b"a = 1\n[b\n", "line 2: expected ']' at the end of a table declaration."),
        (b"a = 1\na = 2\n", "line 2: cannot overwrite a value."),
        (b"a = 1\nb = '''\nx\n", "line 3: expected \"'''\"."),
        (b"a = 1\nb = nan\n", "line 2: 'b' is nan."),
        (b"[a]\nb = [1.0, inf]\n", "line 2: 'a.b' is inf."),
        (b"[a]\n\nb = [[1.0, {c = inf}]]\n", "'a.b.c' is inf."),
        (b"a = 1\n\xff\n", "line 2: there is no UTF-8 text."),
        (b"a = " + b"9" * 5000, "line 1: a number has over 400 digits."),
        (b"\n" + b"a." * 5000 + b"b = 1", "line 2: a name has over 100 parts."),
        (b"a = " + b"[" * 20 + b"]" * 20, "it is nested more than 16 deep."),
        (b"a = " + b"[" * 30_000, "it is nested more than 16 deep."),
        (b"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r = 1", "it is nested more than 16 deep."),
        (b"\nseed = 0x" + b"f" * 17, "line 2: 'seed' has over 64 bits."),
        (b"#" * 70_000, "the file has 70,000 bytes."),
    ],
)
def test_a_fault_is_named_with_its_line(data, problem):
    start = time.perf_counter()
    with pytest.raises(LoadError, match=re.escape(f"'run.toml': {problem}")):
        read_toml(data, name="run.toml")

    assert time.perf_counter() - start < 5


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one():
    message = (
        "'run.toml': line 3: 'optimizer.learnin_rate' is not a setting.\n"
        "  expected: one of epochs, model.*, optimizer.learning_rate.\n"
        '  fix: did you mean "optimizer.learning_rate"?'
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_toml(b"epochs = 3\n[optimizer]\nlearnin_rate = 1", known=KNOWN, name="run.toml")


def test_an_unknown_empty_table_is_refused():
    with pytest.raises(LoadError, match="line 1: 'optimiser' is not a setting"):
        read_toml(b"[optimiser]\n", known=KNOWN)


def test_the_name_of_the_file_says_what_it_is(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("epochs: 3")

    with pytest.raises(LoadError, match=r"the name does not end in \.toml"):
        read_toml(path)
