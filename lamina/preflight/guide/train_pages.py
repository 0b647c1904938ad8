"""Pages of findings that show while training, when a model is tried out, and at predict."""

from lamina.preflight.guide.page import ANSWERS, NUMBERS, TABLE, Page, program

_HIDDEN = "layers.Dense(16, 'relu'),\n"
_VALUE = _HIDDEN + "layers.Dense(1),"
_ANSWER = _HIDDEN + "layers.Dense(1, 'sigmoid'),"
_MSE = '"adam", "mse"'
_SEED = "keras.utils.set_random_seed(1)\n"


def _fit(arguments: str) -> str:
    return f"history = model.fit(x, y, {arguments}, verbose=0)\n"


def _sgd(rate: str) -> str:
    return f'keras.optimizers.SGD({rate}), "mse"'


TRAIN = {
    "nan-loss": Page(
        why="Once the loss is NaN, so is every weight after the next update, and what was learned "
        "is gone. Lamina stops at that step, makes it once more by ordinary torch, says which "
        "layer or operation was the first, and puts the weights from just before it back.",
        program=program(_SEED + NUMBERS, _VALUE, _sgd("1e4"), _fit("epochs=3")),
        wrong="SGD(1e4)",
        right="SGD(0.01)",
        ignore="Never.",
    ),
    "lr-too-high": Page(
        why="Steps that overshoot make the loss rise instead of fall. Training ends far above "
        "where it could, or in NaN.",
        program=program(_SEED + NUMBERS, _VALUE, _sgd("1.5"), _fit("epochs=4")),
        wrong="SGD(1.5)",
        right="SGD(0.02)",
        ignore="In the first steps of a schedule that falls quickly.",
    ),
    "lr-too-low": Page(
        why="Weights that hardly move learn hardly anything: hours of training for a loss that "
        "stays where it was.",
        program=program(_SEED + NUMBERS, _VALUE, _sgd("1e-7"), _fit("epochs=4")),
        wrong="SGD(1e-7)",
        right="SGD(0.02)",
        ignore="When a trained model is only to be polished.",
    ),
    "vanishing-gradient": Page(
        why="Each sigmoid layer passes on a quarter of the gradient at most. After ten of them "
        "nothing is left, and the first layers stand still.",
        program=program(
            _SEED + NUMBERS,
            "*[layers.Dense(8, 'sigmoid') for _ in range(10)],\nlayers.Dense(1),",
            _sgd("0.05"),
            _fit("epochs=10"),
        ),
        wrong="    *[layers.Dense(8, 'sigmoid') for _ in range(10)],\n",
        right="    *[layers.Dense(8, 'relu') for _ in range(2)],\n",
        ignore="When the loss falls all the same.",
    ),
    "exploding-gradient": Page(
        why="Gradients that are thousands of times as long as the weights throw the model about; "
        "a few steps later the loss is NaN. Hidden layers with exponential activations, one behind "
        "the other, are named before training: they run over by themselves.",
        program=program(
            _SEED + NUMBERS + "y = 1e6 * y\n",
            "*[layers.Dense(16, 'relu') for _ in range(3)],\nlayers.Dense(1),",
            _sgd("0.01"),
            _fit("epochs=3"),
        ),
        wrong="y = 1e6 * y\n",
        right="",
        ignore="When the optimizer clips them (clipnorm) and the loss falls.",
    ),
    "dying-relu": Page(
        why="A ReLU unit that is 0 for every row gets no gradient and stays so. If nearly all "
        "units of a layer are, the model answers a constant.",
        program=program(
            _SEED + NUMBERS,
            "layers.Dense(16, 'relu', bias_initializer=keras.initializers.Constant(-50.0)),\n"
            "layers.Dense(1),",
            _sgd("0.02"),
            _fit("epochs=4"),
        ),
        wrong="    layers.Dense(16, 'relu', bias_initializer=keras.initializers.Constant("
        "-50.0)),\n",
        right="    layers.Dense(16, 'relu'),\n",
        ignore="When the loss is as low as you want it: some silent units are normal.",
    ),
    "saturated-activation": Page(
        why="At its ends tanh or sigmoid is flat: its gradient is 0, and what lies before it no "
        "longer learns.",
        program=program(
            _SEED + NUMBERS + "x = 1000 * x\n",
            "layers.Dense(16, 'tanh', trainable=False),\nlayers.Dense(1),",
            _sgd("1e-5"),
            _fit("epochs=4"),
        ),
        wrong="x = 1000 * x\n",
        right="",
        ignore="When the values are meant to be switches.",
    ),
    "stuck-loss": Page(
        why="A loss that stays at that of a constant answer shows that nothing was learned from "
        "x: the labels do not belong to their rows, no gradient arrives, or the rate is wrong. The "
        "same is said of a classifier that, after hundreds of updates, is little better and knows "
        "its training rows less well than a straight-line fit knows rows it has not seen.",
        program=program(
            _SEED + ANSWERS,
            "*[layers.Dense(8, 'sigmoid') for _ in range(8)],\nlayers.Dense(1, 'sigmoid'),",
            'keras.optimizers.SGD(0.05), "binary_crossentropy"',
            _fit("epochs=10"),
        ),
        wrong="    *[layers.Dense(8, 'sigmoid') for _ in range(8)],\n",
        right="    *[layers.Dense(16, 'relu') for _ in range(2)],\n",
        ignore="In long warm-ups, before the rate has risen.",
    ),
    "oscillating-loss": Page(
        why="A loss that rises as often as it falls shows steps that jump across the valley. "
        "Where training ends is chance.",
        program=program(
            _SEED + TABLE + "y = (x[:, 0] + 0.5 * x[:, 1] ** 2 - x[:, 2] > 0.4).astype(int)\n",
            "layers.Dense(16, 'relu'),\nlayers.Dense(16, 'relu'),\nlayers.Dense(1, 'sigmoid'),",
            'keras.optimizers.Adam(0.2), "binary_crossentropy"',
            _fit("epochs=20, batch_size=8"),
        ),
        wrong="Adam(0.2)",
        right="Adam(0.005)",
        ignore="With cyclic schedules, and in games of two models.",
    ),
    "undertrained": Page(
        why="The loss was still falling when training ended: the model is not yet what it can be, "
        "and comparisons with others are unfair. After very few updates a loss may not have left "
        "where a constant answer is, and the averages of BatchNormalization, which evaluation "
        "uses, may still be those of the start.",
        program=program(_SEED + NUMBERS, _VALUE, _MSE, _fit("epochs=3")),
        wrong="epochs=3",
        right="epochs=60",
        ignore="When time is short and the score is good enough.",
    ),
    "overfitting": Page(
        why="The model learns its rows by heart: training loss goes on falling while new rows get "
        "worse. The weights of the last epoch are worse than earlier ones.",
        program=program(
            _SEED
            + 'x = random.normal(size=(140, 6)).astype("float32")\n'
            + "y = x[:, 0] + random.normal(size=140)\n",
            "layers.Dense(256, 'relu'),\nlayers.Dense(256, 'relu'),\nlayers.Dense(1),",
            'keras.optimizers.Adam(0.005), "mse"',
            "history = model.fit(x[:40], y[:40], epochs=60, verbose=0,\n"
            "                    validation_data=(x[40:], y[40:]))\n",
        ),
        wrong="epochs=60, ",
        right="epochs=60, callbacks=[keras.callbacks.EarlyStopping(restore_best_weights=True)], ",
        ignore="When the best weights are restored, or the score you care about still improves.",
    ),
    "majority-class-only": Page(
        why="The model gives the same answer for every row. With rare classes that reaches a high "
        "accuracy and is worth nothing.",
        program=program(
            _SEED + TABLE + "y = (random.random(400) < 0.12).astype(int)\n",
            "layers.Dense(8, 'relu'),\nlayers.Dense(1, 'sigmoid'),",
            'keras.optimizers.SGD(0.05), "binary_crossentropy"',
            _fit("epochs=8"),
        ),
        wrong="y = (random.random(400) < 0.12).astype(int)\n",
        right="y = (x[:, 0] > 0).astype(int)\n",
        ignore="When the probabilities differ and you choose a threshold of your own.",
    ),
    "no-signal": Page(
        why="Validation is no better than a constant answer, and rows that are near have labels "
        "that are not: most likely labels and rows were shuffled apart, or x does not hold what "
        "decides.",
        program=program(
            _SEED + ANSWERS + "y = random.permutation(y)\n",
            _ANSWER,
            'keras.optimizers.Adam(0.01), "binary_crossentropy"',
            _fit("epochs=12, validation_split=0.25"),
        ),
        wrong="y = random.permutation(y)\n",
        right="",
        ignore="When a very weak relation is what you are after.",
    ),
}

DEEP = {
    "cannot-overfit": Page(
        why="Twenty steps on one batch should bring its loss down. If they do not, the loss does "
        "not depend on the weights as it should, or the rate is far off: a long training will not "
        "help.",
        program=program(
            "def constant(y_true, y_pred):\n    return 0 * y_pred.mean(-1) + 1\n\n\n" + NUMBERS,
            _VALUE,
            '"adam", loss=constant',
            "report = model.check(x, y, deep=True)\n",
        ),
        wrong="loss=constant",
        right='loss="mse"',
        ignore="When the loss has a floor far above 0 by design.",
    ),
    "no-gradient": Page(
        why="A layer that no gradient reaches keeps the weights it began with. A detach(), a "
        "rounding or an argmax on the way is the usual reason.",
        program=program(
            NUMBERS,
            "layers.Dense(16, 'relu'),\nlayers.Lambda(lambda t: t.detach()),\nlayers.Dense(1),",
            _MSE,
            "report = model.check(x, y, deep=True)\n",
        ),
        wrong="    layers.Lambda(lambda t: t.detach()),\n",
        right="",
        ignore="When the layer is meant to stay as it is: set trainable=False.",
    ),
    "batch-leakage": Page(
        why="If the answer for a row depends on the rows beside it, scores depend on how batches "
        "are made, and single predictions differ from those in training. A softmax over the batch "
        "axis is seen without trying.",
        program=program(
            NUMBERS,
            "layers.Lambda(lambda t: t - t.mean(0)),\nlayers.Dense(1),",
            _MSE,
            "report = model.check(x, y, deep=True)\n",
        ),
        wrong="lambda t: t - t.mean(0)",
        right="lambda t: t - t.mean(1, keepdim=True)",
        ignore="When the rows of a batch belong together, as in a contrastive loss.",
    ),
    "unused-input": Page(
        why="An input without any effect was connected wrongly, or cut off by an operation. The "
        "model learns from the rest alone.",
        program=NUMBERS
        + "a, b = layers.Input((6,), name='a'), layers.Input((6,), name='b')\n"
        + "model = keras.Model([a, b], layers.Dense(1)(a + 0.0 * b))\n"
        + 'model.compile("adam", "mse")\n'
        + "report = model.check([x, x], y, deep=True)\n",
        wrong="a + 0.0 * b",
        right="a + b",
        ignore="When the input only serves a later version of the model.",
    ),
}

AFTER = {
    "predict-scale-shift": Page(
        why="A model answers nonsense for inputs on another scale than it was trained on. Usually "
        "a scaling step is missing before predict: put it into the model. The same is said before "
        "training where validation data lie on another scale than x.",
        program=program(
            NUMBERS,
            _VALUE,
            _MSE,
            "model.fit(x, y, epochs=2, verbose=0)\n"
            "model.predict(255 * x, verbose=0)\nhistory = model.history\n",
        ),
        wrong="255 * x",
        right="x",
        ignore="When you look on purpose at what lies outside of the training data.",
    ),
}
