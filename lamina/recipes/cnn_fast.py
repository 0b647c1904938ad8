"""A small convolutional net that learns in few epochs, and how to train it."""

from typing import Any

from lamina.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalMaxPooling2D,
    Input,
    MaxPooling2D,
    RandomFlip,
    RandomTranslation,
    Rescaling,
)
from lamina.losses import CategoricalCrossentropy
from lamina.models import Model
from lamina.optimizers import SGD, MultiOptimizer, OptimizerMap
from lamina.optimizers.schedules import CosineDecay
from lamina.recipes import starts, training
from lamina.recipes.examples import Examples
from lamina.recipes.outcome import Outcome
from lamina.recipes.precision import computing_in

PATCH = 2  # height and width of the whitened patches
WARM_UP = 0.23  # share of the updates in which the learning rate rises
BIAS_RATE = 64.0  # learning rate of the offsets, as a multiple of that of the kernels


def build(
    x: Any,
    num_classes: int,
    *,
    filters: tuple[int, ...] = (64, 256, 256),
    depth: int = 2,
    mirror: bool = True,
    shift: int = 2,
) -> Model:
    """Makes the net: whitened patches, then groups of 3x3 convolutions that pool once each.

    The first layer is computed from the pictures and never changes. Each convolution begins by
    passing its input on, so that the whole net starts as a sensible, shallow one.

    Args:
        x: Pictures to learn from, (n, height, width, channels); for their shape and statistics.
        num_classes: Numbers in the output.
        filters: Filters of the convolutions of each group.
        depth: Convolutions in a group.
        mirror: Whether half of the pictures are mirrored while training.
        shift: Most pixels by which they are moved while training.

    Reference:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498, 2024.
    """
    height, width, channels = x.shape[1:]
    inputs = Input(x.shape[1:])
    z = Rescaling(1.0, offset=-starts.middle(x))(inputs)
    z = RandomFlip("horizontal")(z) if mirror else z
    z = RandomTranslation(shift / height, shift / width, interpolation="nearest")(z)
    z = Conv2D(
        2 * PATCH * PATCH * channels, PATCH, use_bias=False, trainable=False, name="whitening"
    )(z)
    z = Activation("gelu")(z)
    for count in filters:
        z = _convolved(MaxPooling2D(2), z, count)
        for _ in range(depth - 1):
            z = _convolved(None, z, count)
    z = Dense(num_classes, use_bias=False)(GlobalMaxPooling2D()(z))
    outputs = Rescaling(1 / 9, dtype="float32")(z)
    model = Model(inputs, outputs, name="cnn_fast")
    first = starts.whitening_filters(starts.sample(x), PATCH, epsilon=5e-4)
    model.get_layer("whitening").set_weights([first])
    return model


def _convolved(pooling: MaxPooling2D | None, z: Any, filters: int) -> Any:
    z = Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer=starts.PassingOn())(z)
    z = z if pooling is None else pooling(z)
    z = BatchNormalization(momentum=0.6, epsilon=1e-12, scale=False)(z)
    return Activation("gelu")(z)


def train(
    data: Any,
    *,
    minutes: float | None = None,
    epochs: int | None = None,
    seed: int = 0,
    validation: float = 0.0,
    batch_size: int = 512,
    learning_rate: float = 1.5,
    weight_decay: float = 0.0089,
    smoothing: float = 0.2,
    mirror: bool = True,
    policy: str | None = None,
    verbose: int | str = "auto",
    **shape: Any,
) -> Outcome:
    """Trains the net on pictures.

    Args:
        data: A `Dataset`, whose test part is never looked at, or a pair (pictures, classes).
        minutes: How long its updates may take.
        epochs: Times each picture is seen, instead of `minutes`.
        seed: Chooses weights, order and all that is random.
        validation: Share of the pictures kept back to measure the accuracy on.
        batch_size: Pictures in an update.
        learning_rate: The greatest of the kernels, for batches of 1,024; smaller batches take
            their share of it.
        weight_decay: Share, times the learning rate, taken off the kernels by each update.
        smoothing: Share of each label that is spread over all classes.
        mirror: Whether a mirrored picture means the same.
        policy: Dtype policy; the fastest of this machine when `None`.
        verbose: As in `fit`.
        **shape: More arguments of `build`.
    """
    examples = Examples.of(data, validation=validation, seed=seed)
    peak = learning_rate * batch_size / 1024

    def prepare(updates: int) -> Model:
        model = build(examples.x, examples.num_classes, mirror=mirror, **shape)
        kernels = _sgd(peak, weight_decay, updates)
        offsets = _sgd(BIAS_RATE * peak, weight_decay / BIAS_RATE, updates)
        optimizer = MultiOptimizer(OptimizerMap(kernels, {".*/beta": offsets}))
        loss = CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
        model.compile(optimizer, loss, metrics=["accuracy"])
        return model

    with computing_in(policy) as chosen:
        return training.train(
            prepare,
            examples,
            policy=chosen,
            batch_size=batch_size,
            minutes=minutes,
            epochs=epochs,
            seed=seed,
            verbose=verbose,
            mirror=mirror,
            shift=1,
        )


def _sgd(peak: float, weight_decay: float, updates: int) -> SGD:
    rising = int(WARM_UP * updates)
    schedule = CosineDecay(
        0.2 * peak, updates - rising, warmup_target=peak, warmup_steps=rising, alpha=0.07 / 1.0
    )
    return SGD(schedule, momentum=0.85, nesterov=True, weight_decay=weight_decay)
