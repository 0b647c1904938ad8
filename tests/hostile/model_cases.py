"""Hostile .lamina and .safetensors files, made by code from good ones."""

import copy
import io
import json
import pickle
import struct
import zipfile

import torch
from safetensors.torch import load

import lamina as keras
from lamina.files import dump_safetensors
from lamina.files.container import pack
from lamina.models.saving import MEMBERS

FIRST = (1980, 1, 1, 0, 0, 0)


def good_model():
    """Two inputs' worth of everything: layers, a function, a constant, state, an optimizer."""
    keras.utils.set_random_seed(0)
    x = keras.Input((4,), name="x")
    h = keras.layers.Dense(3, activation="relu", name="first")(x)
    h = keras.layers.BatchNormalization(name="normal")(h * torch.ones(3))
    y = keras.layers.Dense(2, name="last")(torch.cat([h, h], dim=-1))
    model = keras.Model(x, y, name="good")
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(torch.ones(4, 4), torch.ones(4, 2), verbose=0)
    model.class_names = ["a", "b"]
    return model


def members_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members):
    return b"".join(pack({name: members[name] for name in MEMBERS if name in members}))


def zipped(members, method=zipfile.ZIP_STORED, **more):
    """The same members, as the standard library packs them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in [*members.items(), *more.get("also", ())]:
            info = zipfile.ZipInfo(name, FIRST)
            info.compress_type, info.create_system = method, more.get("system", 0)
            info.external_attr = more.get("mode", 0) << 16
            archive.writestr(info, data)
        archive.comment = more.get("comment", b"")
    return buffer.getvalue()


def flipped(data, place, bit=0):
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


class Evil:
    def __reduce__(self):
        return (print, ("evil",))


def structure_cases(good):
    """Damaged and dressed-up zip files: name → (bytes, part of the message)."""
    members = members_of(good)
    start = good.index(b"weights.safetensors")
    directory = good.index(b"PK\1\2")
    cut = "is cut off, or something follows its end"
    other = "is not as save_model() writes it"
    return {
        "empty": (b"", "it starts with the bytes b''"),
        "one byte": (b"P", "it starts with the bytes b'P'"),
        "text": (b"import os\n" * 30, "it starts with the bytes b'import o'"),
        "pickle": (pickle.dumps(Evil()) + bytes(50), "it starts with the bytes b'\\x80"),
        "half": (good[: len(good) // 2], cut),
        "last byte missing": (good[:-1], cut),
        "one byte more": (good + b"\0", cut),
        "polyglot prefix": (b"#!/bin/sh\n" + good, "it starts with the bytes b'#!/bin/s'"),
        "second zip in front": (
            zipped({"evil.py": b"1"}) + good,
            "its directory is not where the end record says",
        ),
        "comment": (zipped(members, comment=b"evil"), cut),
        "bit in the weights": (flipped(good, start + 400), "changed (CRC)"),
        "bit in a local name": (flipped(good, start), "does not fit its entry"),
        "bit in the directory": (flipped(good, directory + 8), other),
        "bit in a member's place": (flipped(good, directory + 42), other),
        "bit in the end": (flipped(good, len(good) - 12), "the directory"),
        "encrypted flag": (flipped(good, directory + 8), other),
        "deflated": (zipped(members, zipfile.ZIP_DEFLATED), other),
        "bzip2": (zipped(members, zipfile.ZIP_BZIP2), other),
        "deflate bomb": (
            zipped({**members, "config.json": b" " * 2**26}, zipfile.ZIP_DEFLATED),
            other,
        ),
        "symbolic link": (zipped(members, system=3, mode=0o120777), other),
        "doubled member": (
            _doubled(members, "config.json"),
            "the member 'config.json' stands in it twice",
        ),
        "member of another name": (
            zipped({**members, "evil.py": b"1"}),
            "its directory has more entries than there can be",
        ),
        "pickle member": (
            zipped({"metadata.json": b"{}", "data.pkl": pickle.dumps(Evil())}),
            "there is a member b'data.pkl'",
        ),
        "name with NUL": (
            _renamed(good, b"training.json", b"training.js\0n"),
            "b'training.js\\x00n'",
        ),
        "path upwards": (_renamed(good, b"config.json", b"../nfig.json"[:11]), "b'../nfig.jso'"),
        "order": (zipped(dict(reversed(members.items()))), "its members are not in their order"),
        "hidden bytes in the middle": (
            _with_gap(good, directory),
            "the directory does not fit the members, or bytes lie between them",
        ),
        "size too large": (_with_size(good, directory), "does not fit its entry"),
        "entries promised": (_with_count(good, 9), "the directory does not fit the members"),
        "no weights": (
            packed({k: v for k, v in members.items() if k != "weights.safetensors"}),
            "there is no member 'weights.safetensors'",
        ),
        "no config": (
            packed({k: v for k, v in members.items() if k != "config.json"}),
            "there is no member 'config.json'",
        ),
        "a zip of nothing": (b"PK\5\6" + bytes(18), "it starts with the bytes b'PK\\x05\\x06"),
        "zip64 sizes": (_with_long_size(good, directory), "does not fit its entry"),
    }


def _doubled(members, name):
    members = dict(list(members.items())[:3])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for key in (*members, name):
            placeholder = key if key not in archive.namelist() else "c" * len(key)
            archive.writestr(zipfile.ZipInfo(placeholder, FIRST), members[key])
    return buffer.getvalue().replace(b"c" * len(name), name.encode())


def _renamed(good, old, new):
    return good.replace(old, new)


def _with_gap(good, directory):
    """Sixteen bytes before the directory that no entry mentions."""
    end = bytearray(good[-22:])
    struct.pack_into("<L", end, 16, directory + 16)
    return good[:directory] + b"hidden payload!!" + good[directory:-22] + bytes(end)


def _with_size(good, directory):
    changed = bytearray(good)
    struct.pack_into("<2L", changed, directory + 20, 2**31, 2**31)
    return bytes(changed)


def _with_long_size(good, directory):
    changed = bytearray(good)
    struct.pack_into("<2L", changed, directory + 20, 2**32 - 1, 2**32 - 1)
    return bytes(changed)


def _with_count(good, count):
    changed = bytearray(good)
    struct.pack_into("<2H", changed, len(good) - 14, count, count)
    return bytes(changed)


# -- documents -------------------------------------------------------------------------------


def _set(document, path, value):
    *parents, last = path
    for key in parents:
        document = document[key]
    document[last] = value


CONFIG = ("model", "config")
FIRST_LAYER = (*CONFIG, "layers", 0)
NODES = (*CONFIG, "nodes")
REPEAT = {"name": "repeat", "function": "torch.Tensor.repeat", "kwargs": {}}
SYMBOL = {"kind": "symbol", "node": 0, "output": 0}


def _nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


def _layer(class_name, **config):
    return {"kind": "layer", "class_name": class_name, "config": {"name": "first", **config}}


def document_cases(good):
    """Changed config.json: name → (bytes of the file, part of the message)."""
    members = members_of(good)
    document = json.loads(members["config.json"])
    changes = {
        "another format": ((("format",), "keras"), "this is no model of Lamina"),
        "a later version": ((("version",), 2), "it has the format version 2"),
        "no model": ((("model",), None), "'model' is None, not an object"),
        "model of another kind": ((("model", "kind"), "optimizer"), "is of the kind 'optimizer'"),
        "unknown model": ((("model", "class_name"), "Evil"), "there is no model 'Evil'"),
        "custom model": ((("model", "custom"), "Evil"), "it needs your own class 'Evil'"),
        "layers not a list": (((*CONFIG, "layers"), {"a": 1}), "not a list"),
        "layer is a text": ((FIRST_LAYER, "os.system"), "'os.system' is no layer"),
        "unknown layer": (((*FIRST_LAYER, "class_name"), "Evil"), "there is no layer 'Evil'"),
        "module path": (
            ((*FIRST_LAYER, "class_name"), "os.system"),
            "there is no layer 'os.system'",
        ),
        "expression": (
            ((*FIRST_LAYER, "class_name"), "__import__('os').system('true')"),
            "there is no layer \"__import__('os').system('true')\"",
        ),
        "class is a list": (((*FIRST_LAYER, "class_name"), ["Dense"]), "is ['Dense'], not a text"),
        "dunder": (((*FIRST_LAYER, "class_name"), "__class__"), "there is no layer '__class__'"),
        "Lambda": (
            (FIRST_LAYER, _layer("Lambda", function="lambda x: x")),
            "Lambda cannot be loaded: it holds a Python function, and files run no code",
        ),
        "marshalled lambda": (
            (FIRST_LAYER, {"kind": "__lambda__", "config": {"code": "4wEAAAA="}}),
            "is no layer",
        ),
        "TorchModuleWrapper": (
            (FIRST_LAYER, _layer("TorchModuleWrapper", module="gAN9cQAu")),
            "TorchModuleWrapper cannot be loaded",
        ),
        "abstract layer": ((FIRST_LAYER, _layer("Layer")), "there is no layer 'Layer'"),
        "custom layer": (
            ((*FIRST_LAYER, "kind"), "custom_layer"),
            "it needs your own class 'Dense'",
        ),
        "unknown argument": (
            ((*FIRST_LAYER, "config", "evil"), 1),
            "layer 'first': Dense has no argument 'evil'",
        ),
        "negative units": (((*FIRST_LAYER, "config", "units"), -3), "Dense(units=-3)"),
        "units as text": (((*FIRST_LAYER, "config", "units"), "3"), "Dense(units='3')"),
        "units beyond memory": (
            ((*FIRST_LAYER, "config", "units"), 2**52),
            "would need a large tensor of shape (None, 4503599627370496)",
        ),
        "units beyond the weights": (
            ((*FIRST_LAYER, "config", "units"), 10**9),
            "would need a large tensor of shape (None, 1000000000)",
        ),
        "unknown activation": (
            ((*FIRST_LAYER, "config", "activation"), "evil"),
            "'evil' is not an activation",
        ),
        "activation by recipe": (
            (
                (*FIRST_LAYER, "config", "activation"),
                {"module": "os", "class_name": "function", "config": "system"},
            ),
            "'system' is not an activation",
        ),
        "function of one's own": (
            (
                (*FIRST_LAYER, "config", "activation"),
                {"kind": "custom_function", "name": "os.system"},
            ),
            "it needs your own function 'os.system'",
        ),
        "object of one's own": (
            (
                (*FIRST_LAYER, "config", "kernel_initializer"),
                {"kind": "custom", "class_name": "subprocess.Popen", "config": {"args": "true"}},
            ),
            "it needs your own class 'subprocess.Popen'",
        ),
        "function of another table": (
            (
                (*FIRST_LAYER, "config", "activation"),
                {"kind": "function", "table": "builtins", "name": "eval"},
            ),
            "there is no function 'eval' among those of 'builtins'",
        ),
        "initializer of another name": (
            (
                (*FIRST_LAYER, "config", "kernel_initializer"),
                {"kind": "initializer", "class_name": "Evil", "config": {}},
            ),
            "there is no initializer 'Evil'",
        ),
        "unknown kind": (
            ((*FIRST_LAYER, "config", "activation"), {"kind": "py/object", "name": "x"}),
            "there is nothing of the kind 'py/object'",
        ),
        "kind is a list": (
            ((*FIRST_LAYER, "config", "activation"), {"kind": []}),
            "there is nothing of the kind []",
        ),
        "unknown dtype": (((*FIRST_LAYER, "config", "dtype"), "evil"), "'evil' is not a dtype"),
        "name upwards": (
            ((*FIRST_LAYER, "config", "name"), "../../evil"),
            "'../../evil' is no possible name",
        ),
        "name of two lines": (((*FIRST_LAYER, "config", "name"), "a\nb"), "'a\\nb' is no possible"),
        "name of control characters": (
            ((*FIRST_LAYER, "config", "name"), "\x1b[2J"),
            "'\\x1b[2J' is no possible name",
        ),
        "long name": (((*FIRST_LAYER, "config", "name"), "n" * 3000), "is no possible name"),
        "no name": (((*FIRST_LAYER, "config", "name"), None), "'name' is None, not a text"),
        "one name twice": (
            ((*FIRST_LAYER, "config", "name"), "last"),
            "two layers of the model are named 'last'",
        ),
        "vocabulary from a path": (
            (FIRST_LAYER, _layer("StringLookup", vocabulary="/etc/passwd")),
            "a path, '/etc/passwd'",
        ),
        "state without bound": (
            (FIRST_LAYER, {**_layer("StringLookup"), "learned": {"keys": [2**50]}}),
            "call 'first'",
        ),
        "state of a negative size": (
            (FIRST_LAYER, {**_layer("StringLookup"), "learned": {"keys": [-1]}}),
            "the shapes of its learned state are impossible",
        ),
        "state of another name": (
            ((*FIRST_LAYER, "learned"), {"forward": [1]}),
            "the shapes of its learned state are impossible",
        ),
        "more than a layer": ((((*FIRST_LAYER, "evil")), 1), "there is something under 'evil'"),
        "more than a model": ((("model", "evil"), 1), "there is something under 'evil'"),
        "more than a document": ((("evil",), 1), "there is something under 'evil'"),
        "more than a call": (((*NODES, 1, "evil"), 1), "there is something under 'evil'"),
        "two things to call": (((*NODES, 1, "function"), "torch.abs"), "neither a layer nor a"),
        "shared with none": (
            (FIRST_LAYER, {"kind": "shared", "number": 5}),
            "there is no earlier layer with the number 5",
        ),
        "inside itself": (
            (FIRST_LAYER, {"kind": "shared", "number": 0}),
            "there is no earlier layer with the number 0",
        ),
        "cycle": (
            ((*NODES, 1, "args"), [{"kind": "symbol", "node": 4, "output": 0}]),
            "it refers to call 4, which is no earlier one",
        ),
        "call of itself": (
            ((*NODES, 1, "args"), [{"kind": "symbol", "node": 1, "output": 0}]),
            "it refers to call 1, which is no earlier one",
        ),
        "negative call": (
            ((*NODES, 1, "args"), [{"kind": "symbol", "node": -1, "output": 0}]),
            "it refers to call -1",
        ),
        "result that is none": (
            ((*NODES, 1, "args"), [{"kind": "symbol", "node": 0, "output": 7}]),
            "call 0 has no result 7",
        ),
        "layer number": (((*NODES, 1, "layer"), -1), "there is no layer number -1"),
        "layer as an argument": (
            ((*NODES, 1, "args"), [_layer("Dense", units=1)]),
            "there is nothing of the kind 'layer'",
        ),
        "call without data": (((*NODES, 1, "args"), [3]), "takes no result of another call"),
        "call is a text": (((*NODES, 1), "evil"), "'evil' is no call"),
        "function that loads": (
            ((*NODES, 2, "function"), "torch.load"),
            "the function 'torch.load' is not among those of model files",
        ),
        "method that pickles": (
            ((*NODES, 2, "function"), "torch.Tensor.__reduce_ex__"),
            "is not among those of model files",
        ),
        "dotted function": (
            ((*NODES, 2, "function"), "torch.os.system"),
            "the function 'torch.os.system' is not among",
        ),
        "impossible arguments": (((*NODES, 2, "kwargs"), {"evil": 1}), "it returns no tensor"),
        "unhashable argument name": (((*NODES, 2, "kwargs"), []), "'kwargs' is [], not an object"),
        "large repetition": (
            ((*NODES, 2), {**REPEAT, "args": [SYMBOL, 2**40, 2**40]}),
            "Storage size calculation overflowed",
        ),
        "constant beyond memory": (
            ((*NODES, 2, "args", 1, "shape"), [2**40, 2**40]),
            "Storage size calculation overflowed",
        ),
        "constant with a negative size": (
            ((*NODES, 2, "args", 1, "shape"), [-1]),
            "a constant has an impossible number or shape",
        ),
        "input of a negative size": (((*NODES, 0, "input", "shape"), [None, -4]), "its shape is"),
        "input of many axes": (((*NODES, 0, "input", "shape"), [None] * 100), "its shape is"),
        "input of another dtype": (((*NODES, 0, "input", "dtype"), "object"), "'object' is not a"),
        "input of another size": (((*NODES, 0, "input", "shape"), [None, 5]), "(5, 3) float32"),
        "outputs missing": (((*CONFIG, "outputs"), None), "received NoneType, not a symbolic"),
        "outputs are numbers": (((*CONFIG, "outputs"), [1]), "received int, not a symbolic"),
        "nothing frozen": ((("frozen",), []), "'frozen' is [], not an object"),
        "frozen weight unknown": (
            (("frozen", "weights"), ["__class__"]),
            "the model has no weight '__class__'",
        ),
        "frozen layer unknown": ((("frozen", "layers"), [[]]), "the model has no layer []"),
        "compile with more": ((("compile", "evil"), 1), "the arguments of compile() are not those"),
        "loss unknown": ((("compile", "loss"), "evil"), "'evil' is not a loss"),
        "loss by path": (
            (("compile", "loss"), {"kind": "custom_function", "name": "os.system"}),
            "it needs your own function 'os.system'",
        ),
        "metric unknown": ((("compile", "metrics"), ["evil"]), "'evil' is not a metric"),
        "optimizer unknown": (
            (("compile", "optimizer", "class_name"), "Evil"),
            "there is no optimizer 'Evil'",
        ),
        "learning rate by name": (
            (("compile", "optimizer", "config", "learning_rate"), "evil"),
            "learning_rate='evil'",
        ),
        "learning rate infinite": (
            (
                ("compile", "optimizer", "config", "learning_rate"),
                {"kind": "float", "value": "inf"},
            ),
            "learning_rate=inf",
        ),
        "jit of another kind": ((("compile", "jit"), "evil"), "jit='evil'"),
        "seventy levels": (((*FIRST_LAYER, "config", "units"), _nested(70)), "more than 64 levels"),
        "long text": (((*FIRST_LAYER, "config", "units"), "u" * 5000), "a string is over 4,096"),
        "large whole number": (
            ((*FIRST_LAYER, "config", "units"), 2**60),
            "the whole number '1152921504606846976' is beyond 2**53",
        ),
        "too many calls": (
            (NODES, _many_calls(document)),
            "there are over 10,000 layers and calls",
        ),
    }
    cases = {}
    for name, ((path, value), message) in changes.items():
        changed = copy.deepcopy(document)
        _set(changed, path, value)
        text = json.dumps(changed).encode()
        cases[name] = (packed({**members, "config.json": text}), message)
    return cases


def _many_calls(document):
    first = document["model"]["config"]["nodes"][0]
    call = {"function": "torch.abs", "args": [SYMBOL], "kwargs": {}}
    return [first, *({**call, "name": f"n{i}"} for i in range(10_050))]


def text_cases(good):
    """Members that are no proper JSON: name → (bytes, part of the message)."""
    members = members_of(good)
    texts = {
        "config is no text": ("config.json", b"\xff\xfe{}", "config.json"),
        "config is not JSON": ("config.json", b"import os", "line 1, column 1"),
        "NaN": ("config.json", b'{"format": NaN}', "NaN is not a number that JSON knows"),
        "infinity": ("config.json", b'{"format": -Infinity}', "-Infinity is not a number"),
        "number beyond floats": ("config.json", b'{"a": 1e999}', "is too large for a float"),
        "doubled key": ("config.json", b'{"a": 1, "a": 2}', "the key 'a' stands twice"),
        "deep text": ("config.json", b"[" * 10**6, "more than 64 levels"),
        "a list": ("config.json", b"[]", "this is no model of Lamina"),
        "metadata of another form": (
            "metadata.json",
            b"[]",
            "metadata.json': the format is unknown",
        ),
        "metadata of another version": (
            "metadata.json",
            b'{"format": "lamina model", "version": 99}',
            "the format is unknown (version 99)",
        ),
        "notes of another form": ("training.json", b"[]", "it holds something else"),
        "notes with another key": ("training.json", b'{"forward": 1}', "it holds something else"),
        "notes with a schema of another form": (
            "training.json",
            b'{"schema": {"form": "pictures", "columns": [{"title": "x"}]}}',
            "schema",
        ),
        "notes with an object": (
            "training.json",
            b'{"class_names": {"kind": "custom", "class_name": "os", "config": {}}}',
            "it needs your own class 'os'",
        ),
    }
    return {
        name: (packed({**members, member: data}), message)
        for name, (member, data, message) in texts.items()
    }


# -- tensors ---------------------------------------------------------------------------------


def _with_header(header, values=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def _entry(shape, start, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def tensor_cases(good):
    """Damaged safetensors files: name → (bytes, part of the message)."""
    tensors = load(good)
    kernel = tensors["first.kernel"]
    without = {key: value for key, value in tensors.items() if key != "first.kernel"}
    header_length = struct.unpack("<Q", good[:8])[0]
    return {
        "empty tensors": (b"", "the length of its header does not fit the file"),
        "seven bytes": (b"1234567", "the length of its header does not fit the file"),
        "half of the tensors": (good[: len(good) // 2], "the length of its header"),
        "one byte less": (good[:-1], "the tensors need"),
        "one byte more": (good + b"\0", "the tensors need"),
        "header beyond the file": (
            struct.pack("<Q", 2**62) + good[8:],
            "the length of its header does not fit the file",
        ),
        "header of 16 MiB": (
            _with_header(b"{" + b" " * 2**24 + b"}"),
            "the length of its header does not fit the file",
        ),
        "header is a list": (_with_header(b"[]"), "the header does not start with '{'"),
        "header is no JSON": (_with_header(b"{]"), "line 1, column 2"),
        "pickle as tensors": (pickle.dumps(tensors), "the length of its header does not fit"),
        "doubled tensor": (
            _with_header(b'{"a": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}, "a": {}}'),
            "the key 'a' stands twice",
        ),
        "overlap": (
            _with_header({"a": _entry([1], 0, 4), "b": _entry([1], 0, 4)}, bytes(8)),
            "does not follow the one before it",
        ),
        "gap": (
            _with_header({"a": _entry([1], 0, 4), "b": _entry([1], 8, 12)}, bytes(12)),
            "does not follow the one before it",
        ),
        "shape beyond memory": (
            _with_header({"a": _entry([2**40, 2**40], 0, 4)}, bytes(4)),
            "the bytes of tensor 'a' do not fit its shape",
        ),
        "negative shape": (
            _with_header({"a": _entry([-1], 0, 4)}, bytes(4)),
            "tensor 'a' has the shape [-1]",
        ),
        "negative offset": (
            _with_header({"a": _entry([1], -4, 0)}, bytes(4)),
            "tensor 'a' has the offsets [-4, 0]",
        ),
        "shape of floats": (
            _with_header({"a": _entry([1.0], 0, 4)}, bytes(4)),
            "tensor 'a' has the shape [1.0]",
        ),
        "nine axes": (_with_header({"a": _entry([1] * 9, 0, 4)}, bytes(4)), "has the shape"),
        "dtype of objects": (
            _with_header({"a": _entry([1], 0, 4, "OBJECT")}, bytes(4)),
            "tensor 'a' has the dtype 'OBJECT'",
        ),
        "no shape": (
            _with_header({"a": {"dtype": "F32", "data_offsets": [0, 4]}}, bytes(4)),
            "is not described by dtype, shape and offsets",
        ),
        "metadata of numbers": (_with_header({"__metadata__": {"a": 1}}), "its metadata are not"),
        "name of control characters": (
            _with_header({"\x1b[2J": _entry([1], 0, 4)}, bytes(4)),
            "the tensor name '\\x1b[2J' is not printable",
        ),
        "tensor missing": (dump_safetensors(without), "missing: 'first.kernel'"),
        "tensor too many": (
            dump_safetensors({**tensors, "evil": torch.ones(1)}),
            "unexpected: 'evil'",
        ),
        "another shape": (
            dump_safetensors({**tensors, "first.kernel": kernel.T.contiguous()}),
            "'first.kernel' is (3, 4) float32, the model's (4, 3) float32",
        ),
        "another dtype": (
            dump_safetensors({**tensors, "first.kernel": kernel.double()}),
            "'first.kernel' is (4, 3) float64, the model's (4, 3) float32",
        ),
        "no tensors": (dump_safetensors({}), "missing: "),
        "header with a tail": (
            good[: 8 + header_length - 1] + b"x" + good[8 + header_length :],
            "extra data",
        ),
    }


def weight_member_cases(good):
    """The same damage inside of a .lamina file."""
    members = members_of(good)
    inside = tensor_cases(members["weights.safetensors"])
    return {
        f"inside: {name}": (packed({**members, "weights.safetensors": data}), message)
        for name, (data, message) in list(inside.items())[::3]
    }


def optimizer_cases(good):
    """Damaged optimizer state: name → (bytes, part of the message)."""
    members = members_of(good)
    state = load(members["optimizer.safetensors"])
    slot = next(name for name in sorted(state) if name.startswith("slots/"))
    changed = {
        "slot of another weight": ({**state, "slots/evil/momentum": torch.ones(1)}, "is unknown"),
        "slot of another shape": ({**state, slot: torch.ones(1, 1, 9)}, "has another shape"),
        "slot of another dtype": ({**state, slot: state[slot].double()}, "has another shape"),
        "no count": ({k: v for k, v in state.items() if k != "state/calls"}, "'calls' is missing"),
        "negative count": ({**state, "state/calls": torch.tensor(-5)}, "is negative"),
        "stream of no layer": (
            {**state, "random/evil": torch.zeros(5056, dtype=torch.uint8)},
            "is no random stream of the model",
        ),
        "counter too many": ({**state, "state/evil": torch.tensor(1)}, "'evil' is unknown"),
    }
    return {
        name: (packed({**members, "optimizer.safetensors": dump_safetensors(tensors)}), message)
        for name, (tensors, message) in changed.items()
    }
