"""A net without convolutions that takes pictures as rows of pixels, and how to train it."""

from typing import Any

from lamina.layers import (
    Add,
    Dense,
    Flatten,
    Input,
    LayerNormalization,
    MixUp,
    RandomCrop,
    RandomFlip,
    Rescaling,
)
from lamina.losses import CategoricalCrossentropy
from lamina.models import Model
from lamina.optimizers import AdamW
from lamina.optimizers.schedules import CosineDecay
from lamina.recipes import starts, training
from lamina.recipes.examples import Examples
from lamina.recipes.outcome import Outcome
from lamina.recipes.precision import computing_in

VIEWS = ("mirror", "shift", "shift")  # what outputs are averaged over at the end
WARM_UP = 0.1  # share of the updates in which the learning rate rises


def build(
    x: Any,
    num_classes: int,
    *,
    units: int = 512,
    blocks: int = 3,
    expansion: int = 4,
    mirror: bool = True,
    shift: int = 4,
    mixup: float = 0.0,
    whitening: float = 0.1,
) -> Model:
    """Makes the net: z = W x, then blocks of z + W2 gelu(W1 layer_norm(z)).

    W starts by whitening the strongest directions of the pictures, so that faint differences
    between neighbouring pixels count as much as brightness does.

    Args:
        x: Pictures to learn from, (n, height, width, channels); for their shape and statistics.
        num_classes: Numbers in the output.
        units: Size of z.
        blocks: Number of blocks.
        expansion: Hidden units of a block, as a multiple of `units`.
        mirror: Whether half of the pictures are mirrored while training.
        shift: Most pixels by which they are moved while training.
        mixup: `alpha` of MixUp while training; 0 for none.
        whitening: What is added to the variance of each direction before dividing by it, as a
            share of the mean variance.

    Reference:
        Bachmann et al., "Scaling MLPs: A Tale of Inductive Bias", NeurIPS 2023, for the blocks;
        Lin et al., "How far can we go without convolution", ICLR 2016 workshop, for whitening.
    """
    height, width = x.shape[1:3]
    scale, offset = starts.scaling(x)
    inputs = Input(x.shape[1:])
    z = Rescaling(scale, offset=offset)(inputs)
    z = RandomFlip("horizontal")(z) if mirror else z
    z = RandomCrop(height, width, padding=shift)(z) if shift else z
    z = MixUp(mixup)(z) if mixup else z
    z = Dense(units, name="whitening")(Flatten()(z))
    for _ in range(blocks):
        hidden = Dense(expansion * units, activation="gelu")(LayerNormalization()(z))
        z = Add()([z, Dense(units)(hidden)])
    outputs = Dense(num_classes, dtype="float32")(LayerNormalization()(z))
    model = Model(inputs, outputs, name="mlp")
    first = starts.whitening_matrix(starts.sample(x), units, whitening)
    model.get_layer("whitening").set_weights(list(first))
    return model


def train(
    data: Any,
    *,
    minutes: float | None = None,
    epochs: int | None = None,
    seed: int = 0,
    validation: float = 0.0,
    batch_size: int = 512,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.05,
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
        learning_rate: The greatest; it rises for a tenth of the updates and falls along a cosine.
        weight_decay: Of the kernels.
        smoothing: Share of each label that is spread over all classes.
        mirror: Whether a mirrored picture means the same.
        policy: Dtype policy; the fastest of this machine when `None`.
        verbose: As in `fit`.
        **shape: More arguments of `build`.
    """
    examples = Examples.of(data, validation=validation, seed=seed)

    def prepare(updates: int) -> Model:
        model = build(examples.x, examples.num_classes, mirror=mirror, **shape)
        rising = 1 + int(WARM_UP * updates)
        schedule = CosineDecay(
            0.1 * learning_rate,
            max(1, updates - rising),
            warmup_target=learning_rate,
            warmup_steps=rising,
        )
        optimizer = AdamW(schedule, weight_decay=weight_decay, epsilon=1e-8)
        optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
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
