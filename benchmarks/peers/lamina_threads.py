"""Times Lamina's captured steps on dense nets, with one thread or with all.

    python -m benchmarks.peers.lamina_threads '{"sizes": [[64, 32]], "steps": 9, "threads": "1"}'

Sizes are pairs of a width and a batch. Prints the seconds of a step for each of them.
"""

import json
import sys
from statistics import median

import numpy as np
import torch

import lamina as keras
from benchmarks.parts.watch import Watch
from benchmarks.peers.keras_program import timer
from lamina.step import threads as choice

EPOCHS = 3


def seconds_a_step(width: int, batch: int, steps: int) -> float:
    """Trains width-width-width-width on random rows; median over the epochs after the first."""
    source = np.random.default_rng(0)
    x = source.standard_normal((steps * batch, width), dtype=np.float32)
    first = keras.layers.Input(shape=(width,))
    hidden = keras.layers.Dense(width, activation="relu")(first)
    hidden = keras.layers.Dense(width, activation="relu")(hidden)
    model = keras.Model(first, keras.layers.Dense(width)(hidden))
    model.compile(optimizer="adam", loss="mse")
    watch = Watch(EPOCHS, 60.0)
    callbacks = [timer(keras, watch)]
    model.fit(x, x, batch_size=batch, epochs=watch.most_epochs, verbose=0, callbacks=callbacks)
    return median(watch.laps[1:]) / steps


def main() -> None:
    """Prints the seconds of all sizes as one line."""
    asked = json.loads(sys.argv[1])
    if asked["threads"] == "1":
        torch.set_num_threads(1)
    choice._ONE_THREAD_BELOW = 0  # what is measured here is where this ought to lie
    laps = [seconds_a_step(*size, asked["steps"]) for size in asked["sizes"]]
    print(json.dumps(laps))


if __name__ == "__main__":
    main()
