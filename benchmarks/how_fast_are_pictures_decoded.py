"""How fast does a zip of pictures become an array? Job P: 60,000 JPEGs of 32 x 32.

    python -m benchmarks.how_fast_are_pictures_decoded [--quick]

Each way runs in a process of its own, in turns; a first round that is not counted brings the
archive into memory. Lamina starts with an empty cache; what it takes the second time is told
as well. Its time holds the listing, the checks of the archive and every picture, a hash of
each, and the writing of its cache; Pillow by hand does none of these. "Of all cores" is the time
that cores were at work, which other programs on the machine hardly change.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.parts import figures, results, settings
from benchmarks.parts.places import cifar_pictures
from benchmarks.parts.settings import Settings
from benchmarks.parts.workers import output_of

QUESTION = "how_fast_are_pictures_decoded"
PICTURES, QUICK_PICTURES = 60_000, 1_000
LEAST_A_SECOND = 5_000  # what the workbench promises on two cores
WAYS = {
    "lamina": "Lamina, first time",
    "lamina-again": "Lamina, from its cache",
    "pillow": "Pillow, one process",
    "pillow-threads": "Pillow, a thread a core",
}


def measure(chosen: Settings) -> dict[str, Any]:
    """Lets every way decode the archive in turns."""
    with tempfile.TemporaryDirectory() as folder:
        archive = None if chosen.quick else cifar_pictures()
        origin = "CIFAR-10 pictures" if archive else "random pictures of CIFAR-10's size"
        if archive is None:
            archive = Path(folder, "pictures.zip")
            count = QUICK_PICTURES if chosen.quick else PICTURES
            _worker("write", str(archive), str(count), folder)
        laps: dict[str, list[float]] = {way: [] for way in WAYS}
        used: dict[str, list[float]] = {way: [] for way in WAYS}
        pictures = 0
        for number in range(chosen.rounds + 1):
            for way in WAYS:
                answer = json.loads(_worker(way, str(archive), folder))
                pictures = answer["pictures"]
                if number > 0:
                    laps[way].append(answer["seconds"])
                    used[way].append(answer["processor_seconds"])
    ours = [[lap] for lap in laps["lamina"]]
    return {
        "title": f"{pictures:,} JPEGs of 32 x 32 from a zip to an array",
        "sizes": {"pictures": pictures},
        "data": origin,
        "warm_up": "one turn of each",
        "peers": {
            way: {
                "title": title,
                "seconds": figures.spread(laps[way]),
                "processor_seconds": figures.spread(used[way]),
                "rounds": laps[way],
                "pictures_per_second": pictures / figures.spread(laps[way])["median"],
                "ratio": figures.ratio([[lap] for lap in laps[way]], ours),
            }
            for way, title in WAYS.items()
        },
    }


def _worker(*words: str) -> str:
    """What one turn prints; the last word is the folder of Lamina's cache."""
    *arguments, home = words
    return output_of(
        "torch", ["-m", "benchmarks.parts.decoders", *arguments], {"LAMINA_HOME": home}
    )


def report(result: dict[str, Any]) -> None:
    """Prints the table, and whether the promise is kept."""
    rows = [
        [
            figure["title"],
            figures.with_range(figure["seconds"], figures.seconds),
            figures.with_range(figure["processor_seconds"], figures.seconds),
            f"{figure['pictures_per_second']:,.0f}",
            figures.with_range(figure["ratio"], figures.times),
        ]
        for figure in result["peers"].values()
    ]
    columns = ["way", "seconds", "of all cores", "pictures a second", "theirs / ours"]
    results.show(f"Job P: {result['title']} ({result['data']})", columns, rows)
    rate = result["peers"]["lamina"]["pictures_per_second"]
    verdict = "reached" if rate >= LEAST_A_SECOND else "MISSED"
    print(f"lamina: {rate:,.0f} a second (at least {LEAST_A_SECOND:,}: {verdict})")


def main(arguments: list[str] | None = None) -> None:
    """Measures the decoding."""
    chosen = settings.from_command_line(__doc__.partition("\n")[0], arguments)
    results.heading("Job P")
    result = measure(chosen)
    report(result)
    print(f"written: {results.save(QUESTION, 'P', result, chosen).name}", flush=True)


if __name__ == "__main__":
    main()
