"""Loads files one after the other under an audit hook, and writes what happened as JSON.

Run as a program: the path of a JSON file with the cases, and that of the JSON file to write.
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch

import lamina as keras
from lamina.models import load_model

FORBIDDEN = (
    *("import", "exec", "compile", "marshal.loads", "pickle.find_class", "subprocess.Popen"),
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "ctypes.dlopen", "code.__new__"),
)
MEBIBYTE = 2**20
watch = {"path": None, "seen": []}


def hook(event, args):
    if watch["path"] is None:
        return
    is_other_file = event == "open" and args[0] != watch["path"] and not isinstance(args[0], int)
    if is_other_file or event in FORBIDDEN or event.startswith("socket."):
        watch["seen"].append(f"{event} {str(args)[:150]}")


def load(path, model):
    """What a user would do with this file; a model for weights, or none."""
    if path.endswith(".safetensors"):
        model.load_weights(path)
        return model
    return load_model(path)


def outcome(path, model):
    """How loading one file ended."""
    before = [weight.clone() for weight in model.weights]
    watch.update(path=path, seen=[])
    started, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        load(path, model)
        error = None
    except BaseException as caught:  # noqa: BLE001 - whatever it is, the test wants to see it
        error = caught
    finally:
        watch["path"] = None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    return {
        "error": type(error).__name__,
        "message": str(error),
        "problem": getattr(error, "problem", ""),
        "seen": watch["seen"],
        "seconds": time.perf_counter() - started,
        "grown_mebibytes": grown / 1024,
        "weights_changed": any(
            not torch.equal(a, b) for a, b in zip(before, model.weights, strict=True)
        ),
    }


def main(cases_path, results_path):
    cases = json.loads(Path(cases_path).read_text())
    good, model = cases["good"], load_model(cases["model"])
    load(good, model)
    for path in cases["warm"]:  # the first refusal of each form imports what messages need
        outcome(path, model)
    sys.addaudithook(hook)
    results = {name: outcome(path, model) for name, path in cases["paths"].items()}
    results["good afterwards"] = outcome(good, model)
    Path(results_path).write_text(json.dumps(results))
    return keras


if __name__ == "__main__":
    main(*sys.argv[1:])
