"""The jobs as pure functions of their weights, in JAX, with Adam written out."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax, nn, random

from benchmarks.parts.jobs import EPSILON, LEARNING_RATE, Job

BETAS = (0.9, 0.999)
MOMENTUM, SMALL = 0.99, 1e-3
ACTIVATIONS = {"relu": nn.relu, "swish": nn.silu, None: lambda x: x}


def first_state(job: Job, weights: Any) -> dict[str, Any]:
    """Weights, moving statistics, and Adam's memory."""
    remaining = iter(weights)
    layers, moving = [], []
    for kind, *_ in job.layers:
        if kind not in ("dense", "conv", "conv-norm"):
            continue
        kernel, bias = (jnp.asarray(part) for part in next(remaining))
        if kind == "conv-norm":
            layers.append((kernel, jnp.ones_like(bias), bias))
            moving.append((jnp.zeros_like(bias), jnp.ones_like(bias)))
        else:
            layers.append((kernel, bias))
    zeros = jax.tree.map(jnp.zeros_like, layers)
    return {
        "weights": layers,
        "moving": moving,
        "means": zeros,
        "squares": jax.tree.map(jnp.zeros_like, layers),
        "count": jnp.zeros((), jnp.int32),
    }


def forward(
    job: Job, layers: list, moving: list, x: Array, key: Array | None
) -> tuple[Array, list]:
    """Outputs and new moving statistics; `key` is given in training only."""
    if x.dtype == jnp.uint8:
        x = x.astype(jnp.float32) / 255
    remaining, statistics, updated = iter(layers), iter(moving), []
    for kind, *numbers in job.layers:
        if kind == "dense":
            kernel, bias = next(remaining)
            x = ACTIVATIONS[numbers[1]](x @ kernel + bias)
        elif kind == "conv":
            kernel, bias = next(remaining)
            x = nn.relu(convolve(x, kernel) + bias)
        elif kind == "conv-norm":
            kernel, gain, shift = next(remaining)
            x, new = normalize(convolve(x, kernel), *next(statistics), training=key is not None)
            updated.append(new)
            x = nn.relu(x * gain + shift)
        elif kind == "pool":
            n, height, width, features = x.shape
            x = x.reshape(n, height // 2, 2, width // 2, 2, features).max((2, 4))
        elif kind == "flatten":
            x = x.reshape(len(x), -1)
        elif key is not None:
            key, own = random.split(key)
            x = (flip if kind == "flip" else move)(x, own)
    return x, updated


def convolve(x: Array, kernel: Array) -> Array:
    """A convolution with same padding."""
    return lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def normalize(x: Array, mean: Array, variance: Array, *, training: bool) -> tuple[Array, tuple]:
    """Batch normalization without gain and shift; the moving statistics that follow."""
    if not training:
        return (x - mean) * lax.rsqrt(variance + SMALL), (mean, variance)
    now, spread = x.mean((0, 1, 2)), x.var((0, 1, 2))
    new = (
        MOMENTUM * mean + (1 - MOMENTUM) * now,
        MOMENTUM * variance + (1 - MOMENTUM) * spread,
    )
    return (x - now) * lax.rsqrt(spread + SMALL), new


def flip(x: Array, key: Array) -> Array:
    """Mirrors half of the pictures from left to right."""
    coin = random.bernoulli(key, 0.5, (len(x), 1, 1, 1))
    return jnp.where(coin, x[:, :, ::-1], x)


def move(x: Array, key: Array) -> Array:
    """Moves pictures by up to a tenth of their sides: two small products a picture."""
    shares = random.uniform(key, (2, len(x)), minval=-0.1, maxval=0.1)
    rows = sampling(shares[0], x.shape[1])
    columns = sampling(shares[1], x.shape[2])
    return jnp.einsum("bij,bjwc,bkw->bikc", rows, x, columns)


def sampling(shares: Array, size: int) -> Array:
    """Bilinear weights (batch, size, size) of moved positions, reflected at the edges."""
    places = jnp.arange(size) + (shares * size)[:, None]
    below = jnp.floor(places)
    part = (places - below)[..., None]

    def one_hot(index: Array) -> Array:
        index = jnp.where(index < 0, -1 - index, index)
        index = jnp.where(index >= size, 2 * size - 1 - index, index)
        return nn.one_hot(index, size)

    below = below.astype(jnp.int32)
    return (1 - part) * one_hot(below) + part * one_hot(below + 1)


def step(job: Job, state: dict[str, Any], x: Array, y: Array, key: Array) -> tuple[dict, Array]:
    """One update; returns the new state and the loss."""

    def objective(layers: list) -> tuple[Array, list]:
        outputs, moving = forward(job, layers, state["moving"], x, key)
        if job.loss == "mse":
            return jnp.square(outputs - y).mean(), moving
        picked = jnp.take_along_axis(nn.log_softmax(outputs), y[:, None], 1)
        return -picked.mean(), moving

    (loss, moving), gradients = jax.value_and_grad(objective, has_aux=True)(state["weights"])
    count = state["count"] + 1
    means = jax.tree.map(lambda m, g: m + (1 - BETAS[0]) * (g - m), state["means"], gradients)
    squares = jax.tree.map(
        lambda v, g: v + (1 - BETAS[1]) * (g * g - v), state["squares"], gradients
    )
    rate = LEARNING_RATE * jnp.sqrt(1 - BETAS[1] ** count) / (1 - BETAS[0] ** count)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), state["weights"], means, squares
    )
    new = {
        "weights": weights, "moving": moving, "means": means, "squares": squares, "count": count
    }  # fmt: skip
    return new, loss
