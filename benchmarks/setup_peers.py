"""Makes the virtual environments of the peers, with the versions pinned in requirements/.

    python -m benchmarks.setup_peers [--only torch,jax] [--renew]

Lamina is installed into the environment "torch", as an editable package.
"""

import argparse
import shutil
import subprocess
import venv

from benchmarks.parts.places import ENVIRONMENTS, REQUIREMENTS, ROOT, python_of

WITH_LAMINA = {"torch"}


def environments() -> list[str]:
    """Names of the environments: those of the requirement files."""
    return sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))


def make(environment: str, *, renew: bool) -> None:
    """Makes one environment, or brings it up to the pinned versions.

    Args:
        environment: Name of a requirement file.
        renew: Whether to start from an empty folder.
    """
    folder = ENVIRONMENTS / environment
    if renew:
        shutil.rmtree(folder, ignore_errors=True)
    if not python_of(environment).exists():
        venv.create(folder, with_pip=True)
    install(environment, "-r", str(REQUIREMENTS / f"{environment}.txt"))
    if environment in WITH_LAMINA:
        install(environment, "--no-build-isolation", "-e", str(ROOT))


def install(environment: str, *what: str) -> None:
    """Runs pip in an environment; its failure ends the program."""
    pip = [str(python_of(environment)), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *what], check=True)


def main() -> None:
    """Reads the command line and makes the environments one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="environments, separated by commas; all when left out")
    parser.add_argument("--renew", action="store_true", help="start from empty folders")
    options = parser.parse_args()
    for environment in options.only.split(",") if options.only else environments():
        print(f"{environment}: installing", flush=True)
        make(environment, renew=options.renew)


if __name__ == "__main__":
    main()
