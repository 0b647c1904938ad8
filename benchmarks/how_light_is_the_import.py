"""How light is the import, and how large is the installation? Job G.

    python -m benchmarks.how_light_is_the_import [--quick]

Each import happens in a new process, in turns; a first round that is not counted brings the
files into memory. The size of an installation is that of the files of a package and of all that
it requires.
"""

import json
from typing import Any

from benchmarks.parts import figures, results, settings
from benchmarks.parts.settings import Settings
from benchmarks.parts.targets import SECONDS_ABOVE_TORCH
from benchmarks.parts.workers import output_of

QUESTION = "how_light_is_the_import"
STARTS = 7  # an import takes a second or two, so that many rounds are cheap

# Title: environment, module, variables, packages to be installed.
SUBJECTS: dict[str, tuple[str, str, dict[str, str], tuple[str, ...]]] = {
    "torch": ("torch", "torch", {}, ("torch", "numpy")),
    # `import lamina` alone imports names when they are used: count what building a model needs.
    "lamina": (
        "torch", "lamina, lamina.layers.dense, lamina.models.model", {}, ("lamina",)
    ),
    "Keras on torch": ("torch", "keras", {"KERAS_BACKEND": "torch"}, ("keras", "torch")),
    "Keras on JAX": ("jax", "keras", {"KERAS_BACKEND": "jax"}, ("keras", "jax")),
    "Keras on TensorFlow": (
        "tensorflow", "keras", {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
        ("keras", "tensorflow-cpu"),
    ),
    "JAX": ("jax", "jax", {}, ("jax",)),
    "scikit-learn": ("torch", "sklearn.neural_network", {}, ("scikit-learn",)),
}  # fmt: skip

TIMED = """
import time
started = time.perf_counter()
import {module}
print(time.perf_counter() - started)
"""


def measure(chosen: Settings) -> dict[str, Any]:
    """Imports in turns, then weighs the installations."""
    laps: dict[str, list[float]] = {title: [] for title in SUBJECTS}
    count = 1 if chosen.quick else max(STARTS, chosen.rounds)
    for number in range(count + 1):
        for title, (environment, module, variables, _) in SUBJECTS.items():
            lap = float(output_of(environment, ["-c", TIMED.format(module=module)], variables))
            if number > 0:
                laps[title].append(lap)
    above = [ours - torch for ours, torch in zip(laps["lamina"], laps["torch"], strict=True)]
    return {
        "title": "import time and installed size",
        "warm_up": "one import of each",
        "starts": count,
        "above_torch": figures.spread(above),
        "subjects": {
            title: {"seconds": figures.spread(laps[title]), "laps": laps[title]} | weigh(title)
            for title in SUBJECTS
        },
    }


def weigh(title: str) -> dict[str, Any]:
    """Bytes and number of the packages that a subject needs."""
    environment, _, _, packages = SUBJECTS[title]
    return json.loads(output_of(environment, ["-m", "benchmarks.parts.installed", *packages], {}))


def report(result: dict[str, Any]) -> None:
    """Prints the table and the comparison with torch."""
    rows = [
        [
            title,
            figures.with_range(figure["seconds"], figures.seconds),
            f"{figure['bytes'] / 1e6:,.0f} MB",
            str(figure["packages"]),
        ]
        for title, figure in result["subjects"].items()
    ]
    results.show(f"Job G: {result['title']}", ["subject", "import", "installed", "packages"], rows)
    above = result["above_torch"]["median"]
    verdict = "reached" if above <= SECONDS_ABOVE_TORCH else "MISSED"
    print(f"lamina above torch: {above:+.3f} s (at most {SECONDS_ABOVE_TORCH:g} s: {verdict})")


def main(arguments: list[str] | None = None) -> None:
    """Measures imports and sizes."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    results.heading("Job G")
    result = measure(chosen)
    report(result)
    print(f"written: {results.save(QUESTION, 'G', result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
