"""A residual net of the classic kind, and how to train it."""

from typing import Any

from lamina.layers import (
    Activation,
    Add,
    AlternatingFlip,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    Input,
    RandomCrop,
    Rescaling,
)
from lamina.losses import CategoricalCrossentropy
from lamina.models import Model
from lamina.optimizers import SGD
from lamina.optimizers.schedules import Triangular
from lamina.recipes import starts, training
from lamina.recipes.examples import Examples
from lamina.recipes.outcome import Outcome
from lamina.recipes.precision import computing_in

VIEWS = ("mirror", "shift")  # what outputs are averaged over at the end


def build(
    x: Any,
    num_classes: int,
    *,
    filters: tuple[int, ...] = (64, 128, 256),
    blocks: int = 1,
    mirror: bool = True,
    shift: int = 4,
) -> Model:
    """Makes the net: a convolution, then groups of blocks z + f(z), each group at half the size.

    Args:
        x: Pictures to learn from, (n, height, width, channels); for their shape and scale.
        num_classes: Numbers in the output.
        filters: Filters of the convolutions of each group.
        blocks: Blocks in a group, of two convolutions each.
        mirror: Whether half of the pictures are mirrored while training.
        shift: Most pixels by which they are moved while training.

    Reference:
        He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.
    """
    height, width = x.shape[1:3]
    scale, offset = starts.scaling(x)
    inputs = Input(x.shape[1:])
    z = Rescaling(scale, offset=offset)(inputs)
    z = AlternatingFlip()(z) if mirror else z
    z = RandomCrop(height, width, padding=shift)(z) if shift else z
    z = Activation("relu")(_convolved(z, filters[0]))
    for group, count in enumerate(filters):
        for block in range(blocks):
            z = _block(z, count, strides=2 if group and not block else 1)
    outputs = Dense(num_classes, dtype="float32")(GlobalAveragePooling2D()(z))
    return Model(inputs, outputs, name="resnet")


def _block(z: Any, filters: int, strides: int) -> Any:
    changed = Activation("relu")(_convolved(z, filters, strides=strides))
    changed = _convolved(changed, filters)
    has_other_shape = strides > 1 or z.shape[-1] != filters
    kept = _convolved(z, filters, size=1, strides=strides) if has_other_shape else z
    return Activation("relu")(Add()([kept, changed]))


def _convolved(z: Any, filters: int, size: int = 3, strides: int = 1) -> Any:
    z = Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(z)
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(z)


def train(
    data: Any,
    *,
    minutes: float | None = None,
    epochs: int | None = None,
    seed: int = 0,
    validation: float = 0.0,
    batch_size: int = 256,
    learning_rate: float = 0.2,
    weight_decay: float = 5e-3,
    smoothing: float = 0.1,
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
        learning_rate: The greatest; it rises for a fifth of the updates, then falls to 0.
        weight_decay: Share, times the learning rate, taken off the kernels by each update.
        smoothing: Share of each label that is spread over all classes.
        mirror: Whether a mirrored picture means the same.
        policy: Dtype policy; the fastest of this machine when `None`.
        verbose: As in `fit`.
        **shape: More arguments of `build`.
    """
    examples = Examples.of(data, validation=validation, seed=seed)

    def prepare(updates: int) -> Model:
        model = build(examples.x, examples.num_classes, mirror=mirror, **shape)
        rate = Triangular(learning_rate, updates, rise=0.2)
        optimizer = SGD(rate, momentum=0.9, nesterov=True, weight_decay=weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["beta", "gamma", "bias"])
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
            views=VIEWS if mirror else VIEWS[1:],
        )
