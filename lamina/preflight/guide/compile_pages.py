"""Pages of findings that model, loss, metrics and optimizer show together."""

from lamina.preflight.guide.page import ANSWERS, CLASSES, NUMBERS, Page, program

_HIDDEN = "layers.Dense(16, 'relu'),\n"

COMPILE = {
    "missing-output-activation": Page(
        why="The loss takes logarithms of what it believes to be probabilities. A linear layer "
        "gives numbers below 0 and above 1; the loss is cut off there, its gradient is 0, and the "
        "model does not learn.",
        program=program(
            CLASSES, _HIDDEN + "layers.Dense(4),", '"adam", "sparse_categorical_crossentropy"'
        ),
        wrong="    layers.Dense(4),\n",
        right="    layers.Dense(4, 'softmax'),\n",
        ignore="When a layer of your own before the end already gives probabilities.",
    ),
    "double-softmax": Page(
        why="A loss with from_logits=True applies softmax itself. Applied to probabilities it "
        "flattens them: the best loss that can be reached is far above 0, and gradients are small.",
        program=program(
            CLASSES,
            _HIDDEN + "layers.Dense(4, 'softmax'),",
            '"adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True)',
        ),
        wrong="    layers.Dense(4, 'softmax'),\n",
        right="    layers.Dense(4),\n",
        ignore="Never; scores between 0 and 1 are hardly ever meant.",
    ),
    "loss-activation-mismatch": Page(
        why="Each loss expects numbers of one kind: probabilities of single answers, shares that "
        "sum to 1, or scores of any size. Another activation gives the loss numbers that mean "
        "something else, and training stalls or ends in NaN.",
        program=program(
            ANSWERS, _HIDDEN + "layers.Dense(1, 'relu'),", '"adam", "binary_crossentropy"'
        ),
        wrong="    layers.Dense(1, 'relu'),\n",
        right="    layers.Dense(1, 'sigmoid'),\n",
        ignore="When the activation is a stand-in of your own with the same range.",
    ),
    "lr-invalid": Page(
        why="A negative rate climbs the loss, a rate of 0 changes nothing, NaN destroys all "
        "weights in the first step. A schedule can get there after many epochs.",
        program=program(
            NUMBERS,
            _HIDDEN + "layers.Dense(1),",
            "keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([50], [0.1, "
            '-0.1])), "mse"',
        ),
        wrong="[0.1, -0.1]",
        right="[0.1, 0.01]",
        ignore="Never.",
    ),
    "metric-mismatch": Page(
        why="A metric that counts right answers says nothing about numbers: a prediction of 2.999 "
        "for 3 counts as wrong, so accuracy stays at 0 while the model is fine.",
        program=program(
            NUMBERS, _HIDDEN + "layers.Dense(1),", '"adam", "mse", metrics=["accuracy"]'
        ),
        wrong='metrics=["accuracy"]',
        right='metrics=["mae"]',
        ignore="When exact equality is what you want to count.",
    ),
    "batchnorm-tiny-batch": Page(
        why="BatchNormalization subtracts the mean of the batch. The mean of one row is the row: "
        "everything becomes 0, and the model trains on nothing.",
        program=program(
            NUMBERS,
            "layers.Dense(16),\nlayers.BatchNormalization(),\nlayers.ReLU(),\nlayers.Dense(1),",
            '"adam", "mse"',
            "report = model.check(x, y, batch_size=1)\n",
        ),
        wrong="batch_size=1)",
        right="batch_size=32)",
        ignore="When only the last batch is short and convolutions give it many positions.",
    ),
    "too-large-batch": Page(
        why="Each batch makes one update. With all rows in one batch an epoch is a single step, "
        "and a handful of epochs leaves the model nearly where it began.",
        program=program(
            NUMBERS,
            _HIDDEN + "layers.Dense(1),",
            '"adam", "mse"',
            "report = model.check(x, y, batch_size=400, epochs=5)\n",
        ),
        wrong="batch_size=400",
        right="batch_size=32",
        ignore="With many epochs, or with a method that wants all rows at once.",
    ),
    "tiny-batch": Page(
        why="A batch of one row makes one noisy update for each row: many times the work of a "
        "batch of 32, and a loss that jumps.",
        program=program(
            'x = random.normal(size=(3000, 6)).astype("float32")\ny = x[:, 0] - 0.5 * x[:, 1]\n',
            _HIDDEN + "layers.Dense(1),",
            '"adam", "mse"',
            "report = model.check(x, y, batch_size=1)\n",
        ),
        wrong="batch_size=1)",
        right="batch_size=32)",
        ignore="When memory allows no more rows, or rows differ in length.",
    ),
}
