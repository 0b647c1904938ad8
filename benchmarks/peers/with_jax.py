"""JAX by hand: an epoch of a dense net is one `lax.scan`; convolutions go step by step.

A convolution inside a scan is slow on the CPU, so the step by itself is the better setting there.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax, random

from benchmarks.parts.jobs import SEED, Job
from benchmarks.parts.watch import Watch
from benchmarks.peers import jax_model


def train(
    job: Job,
    x: np.ndarray,
    y: np.ndarray,
    weights: Any,
    watch: Watch,
    *,
    as_bytes: bool = False,
) -> dict[str, Any]:
    """Trains with state given away to the next call, so that it is changed in place."""
    inputs, labels = jnp.asarray(x), jnp.asarray(y)
    state = jax_model.first_state(job, weights)
    one_step = jax.jit(partial(jax_model.step, job), donate_argnums=0)
    scans = len(job.shape) == 1
    run = partial(_scanned, jax.jit(partial(epoch, job), donate_argnums=0)) if scans else _stepped
    order_of = np.random.default_rng(SEED)
    key = random.key(SEED)
    going = True
    while going:
        key, own = random.split(key)
        order = order_of.permutation(len(x)).astype(np.int32)
        state, loss = run(one_step, job, state, inputs, labels, order, own)
        going = watch.lap(float(loss))
    return {"epoch in one scan": scans}


def epoch(
    job: Job, state: dict, inputs: Array, labels: Array, order: Array, key: Array
) -> tuple[dict, Array]:
    """All whole batches of an epoch as one loop on the device; `order` is (steps, batch)."""

    def body(carried: dict, rows: Array) -> tuple[dict, Array]:
        return jax_model.step(job, carried, inputs[rows], labels[rows], key)

    return lax.scan(body, state, order)


def _scanned(
    scan: Any, one_step: Any, job: Job, state: dict, x: Array, y: Array, order: Any, key: Array
) -> tuple[dict, Array]:
    whole = len(order) // job.batch * job.batch
    state, losses = scan(state, x, y, order[:whole].reshape(-1, job.batch), key)
    total, steps = losses.sum(), len(losses)
    if whole < len(order):
        rest = order[whole:]
        state, loss = one_step(state, x[rest], y[rest], key)
        total, steps = total + loss, steps + 1
    return state, total / steps


def _stepped(
    one_step: Any, job: Job, state: dict, x: Array, y: Array, order: Any, key: Array
) -> tuple[dict, Array]:
    total, steps = jnp.zeros(()), 0
    for first in range(0, len(order), job.batch):
        rows = order[first : first + job.batch]
        key, own = random.split(key)
        state, loss = one_step(state, x[rows], y[rows], own)
        total, steps = total + loss, steps + 1
    return state, total / steps


def predictor(job: Job, weights: Any) -> Any:
    """The compiled forward pass, from NumPy to NumPy."""
    state = jax_model.first_state(job, weights)
    forward = jax.jit(lambda layers, moving, x: jax_model.forward(job, layers, moving, x, None)[0])
    return lambda rows: np.asarray(forward(state["weights"], state["moving"], rows))


def versions() -> dict[str, str]:
    """Versions in use."""
    return {"jax": jax.__version__}
