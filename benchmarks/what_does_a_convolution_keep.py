"""What does a convolution keep that a dense net loses? The study, on two sources, as a result.

    python -m benchmarks.what_does_a_convolution_keep                      both, half an hour each
    python -m benchmarks.what_does_a_convolution_keep --data cifar10 --minutes 60

The same as `lamina study`, whose pages stay in the cache; a study that was killed goes on there.
"""

import argparse
import json
from typing import Any

from benchmarks.how_far_can_it_go import DATA, source_of
from benchmarks.parts import machine, results
from benchmarks.parts.places import CACHE, RESULTS

QUESTION = "what_does_a_convolution_keep"
KEPT = ("net", "seed", "epochs", "seconds", "parameters", "multiply_adds", "policy", "tier")
SCORES = ("validation_accuracy", "test_accuracy")
REASONS = ("net", "seed", "plain", "shuffled", "moved")


def study(data: str, minutes: float | None, seeds: int | None) -> dict[str, Any]:
    """Carries out a study and returns its figures, without curves and drawn weights."""
    from lamina.study.plan import Settings  # noqa: PLC0415
    from lamina.study.run import RECORD, carry_out  # noqa: PLC0415

    name = f"study-{data}" + (f"-{minutes:g}" if minutes else "")
    settings = Settings(str(source_of(data)), CACHE / name, minutes=minutes, seeds=seeds)
    folder = carry_out(settings, say=lambda line: print(line, flush=True))
    facts = json.loads((folder / RECORD).read_text())
    return {
        "data": {"title": DATA[data], "fingerprint": facts["data"]["fingerprint"]},
        "machine": machine.describe(),
        "versions": facts["versions"],
        "plan": facts["plan"],
        "trials": [{key: trial[key] for key in KEPT + SCORES} for trial in facts["trials"]],
        "reasons": {
            kind: {key: found[key] for key in REASONS} for kind, found in facts["reasons"].items()
        },
    }


def main(arguments: list[str] | None = None) -> None:
    """Studies the sources that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", choices=DATA, action="append")
    parser.add_argument("--minutes", type=float, help="of training, for each source")
    parser.add_argument("--seeds", type=int)
    given = parser.parse_args(arguments)
    results.heading("What does a convolution keep?")
    path = RESULTS / f"{QUESTION}.json"
    for data in given.data or DATA:
        part = study(data, given.minutes, given.seeds)
        whole = json.loads(path.read_text()) if path.exists() else {"question": QUESTION}
        whole.setdefault("parts", {})[data] = part
        path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    print(f"written: {path.name}", flush=True)


if __name__ == "__main__":
    main()
