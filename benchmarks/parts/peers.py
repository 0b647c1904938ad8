"""The table of peers: where each one lives, how it is set, which jobs it can do."""

from dataclasses import dataclass, field
from typing import Any

ALL = ("A", "B", "C", "C2", "D")
TABLES = ("A", "D")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
XLA_ONE_THREAD = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}


@dataclass(frozen=True)
class Variant:
    """One way to set a peer; the fastest in a short trial is the one that is measured."""

    label: str = "as it comes"
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    jobs: tuple[str, ...] = ALL


@dataclass(frozen=True)
class Peer:
    """Someone who does the jobs.

    Attributes:
        title: Name in tables.
        home: Virtual environment.
        module: Module under `benchmarks.peers` with `train`, `predict`, `versions`.
        jobs: Jobs it can do.
        variables: Environment variables of every run.
        variants: Settings to choose among.
        options: Settings of every run.
        counts: Whether it stands in the README's table; others are there for information.
    """

    title: str
    home: str
    module: str
    jobs: tuple[str, ...] = ALL
    variables: dict[str, str] = field(default_factory=dict)
    variants: tuple[Variant, ...] = (Variant(),)
    options: dict[str, Any] = field(default_factory=dict)
    counts: bool = True

    def variants_for(self, job: str) -> list[Variant]:
        """The settings worth trying in a job."""
        return [variant for variant in self.variants if job in variant.jobs]


def keras(backend: str, title: str, **more: Any) -> Peer:
    """Keras on one of its backends."""
    variables = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return Peer(title, backend, "with_keras", variables=variables, **more)


def lamina(title: str, **more: Any) -> Peer:
    """Lamina on one of its tiers."""
    return Peer(title, "torch", "with_lamina", **more)


THREADS = (Variant("all threads"), Variant("one thread", ONE_THREAD))
GROUPED = {"steps_per_execution": 32}
PEERS = {
    "lamina": lamina("Lamina"),
    "lamina-eager": lamina("Lamina, jit=False", options={"jit": False}, counts=False),
    "lamina-max": lamina(
        'Lamina, jit="max"', options={"jit": "max"}, jobs=TABLES, counts=False
    ),
    "keras-tensorflow": keras("tensorflow", "Keras on TensorFlow"),
    "keras-tensorflow-grouped": keras(
        "tensorflow", "Keras on TensorFlow, steps_per_execution=32",
        options=GROUPED, jobs=TABLES,
    ),
    "keras-torch": keras("torch", "Keras on torch"),
    "keras-jax": keras("jax", "Keras on JAX"),
    "keras-jax-grouped": keras(
        "jax", "Keras on JAX, steps_per_execution=32",
        options=GROUPED, jobs=TABLES,
    ),
    "torch": Peer("torch by hand, best eager", "torch", "with_torch", variants=THREADS),
    "torch-compile": Peer(
        "`torch.compile`", "torch", "with_torch_compile",
        variants=(
            Variant("forward and loss compiled, fused Adam"),
            Variant("whole step in one graph", options={"whole": True}, jobs=("A", "B", "D")),
            Variant("forward and loss compiled, fused Adam, one thread", ONE_THREAD, jobs=("D",)),
            Variant("whole step, one thread", ONE_THREAD, {"whole": True}, jobs=("D",)),
        ),
    ),
    "jax": Peer(
        "JAX by hand", "jax", "with_jax",
        variants=(
            Variant("all threads"),
            Variant("one thread", ONE_THREAD | XLA_ONE_THREAD, jobs=TABLES),
        ),
    ),
    "scikit-learn": Peer(
        "scikit-learn", "torch", "with_sklearn", jobs=TABLES, variants=THREADS
    ),
}  # fmt: skip
OURS = "lamina"


def peers_for(job: str) -> list[str]:
    """Names of the peers that do a job, ourselves first."""
    return [name for name, peer in PEERS.items() if job in peer.jobs]
