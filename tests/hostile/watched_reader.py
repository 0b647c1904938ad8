"""Reads data files one after the other under an audit hook and a limit on memory.

Run as a program: the path of a JSON file with [name, form, path] each, that of the JSON file to
write, and the bytes of address space to allow.
"""

import json
import resource
import sys
import time
from pathlib import Path

from tests.hostile.samples import SAMPLES
from tests.hostile.watched_child import hook, watch


def outcome(form, path):
    """How reading one file ended."""
    watch.update(path=path, seen=[])
    started, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        SAMPLES[form].read(path)
        error = None
    except BaseException as caught:  # noqa: BLE001 - whatever it is, the test wants to see it
        error = caught
    finally:
        watch["path"] = None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    return {
        "error": type(error).__name__,
        "message": str(error),
        "seen": watch["seen"],
        "seconds": time.perf_counter() - started,
        "grown_mebibytes": grown / 1024,
    }


def main(plan_path, results_path, address_space):
    plan = json.loads(Path(plan_path).read_text())
    for _, form, path in reversed(plan):  # good ones first: what readers import, they import here
        outcome(form, path)
    sys.addaudithook(hook)
    resource.setrlimit(resource.RLIMIT_AS, (int(address_space),) * 2)
    results = {name: outcome(form, path) for name, form, path in plan}
    Path(results_path).write_text(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
