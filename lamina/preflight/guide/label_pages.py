"""Pages of findings about labels, and what they are compared with."""

from lamina.preflight.guide.page import ANSWERS, CLASSES, NUMBERS, TABLE, Page, program

_HIDDEN = "layers.Dense(16, 'relu'),\n"
_FOUR = _HIDDEN + "layers.Dense(4, 'softmax'),"
_SPARSE = '"adam", "sparse_categorical_crossentropy"'
_ONE_HOT = '"adam", "categorical_crossentropy"'
_MSE = '"adam", "mse"'

LABELS = {
    "wrong-loss-for-task": Page(
        why="A distance between class numbers means nothing: class 3 is no nearer to 2 than to 0. "
        "A cross-entropy on measured numbers means nothing either. Training runs, and the model "
        "is poor for no visible reason.",
        program=program(CLASSES + "y = np.eye(4)[y]\n", _FOUR, _MSE),
        wrong='model.compile("adam", "mse")',
        right='model.compile("adam", "categorical_crossentropy")',
        ignore="When whole numbers are amounts, such as stars or counts.",
    ),
    "wrong-output-activation": Page(
        why="Softmax shares 1 among its units and can give neither negative numbers nor large "
        "ones. Free numbers cannot be reached. And relu or tanh just before softmax or sigmoid "
        "cuts off scores: after relu a sigmoid is never below 0.5.",
        program=program(
            TABLE + "y = random.normal(size=(400, 3))\n",
            _HIDDEN + "layers.Dense(3, 'softmax'),",
            _MSE,
        ),
        wrong="    layers.Dense(3, 'softmax'),\n",
        right="    layers.Dense(3),\n",
        ignore="When the rows are shares that only look free.",
    ),
    "unscaled-target": Page(
        why="A fresh model answers about 0. If prices of 300,000 are wanted, the first losses are "
        "near 1e11, gradients explode with SGD, and Adam needs thousands of steps to get there.",
        program=program(NUMBERS + "y = 300_000 + 90_000 * y\n", _HIDDEN + "layers.Dense(1),", _MSE),
        wrong="y = 300_000 + 90_000 * y\n",
        right="y = 300_000 + 90_000 * y\ny = (y - y.mean()) / y.std()\n",
        ignore="When the bias of the last layer starts at the mean, and the rate fits the size.",
    ),
    "labels-not-integer": Page(
        why="A sparse loss takes the label as the number of a class. A fraction is cut off: 2.9 "
        "becomes class 2.",
        program=program(CLASSES + "y = y + 0.5\n", _FOUR, _SPARSE),
        wrong="y = y + 0.5\n",
        right="",
        ignore="Never.",
    ),
    "int-labels-categorical": Page(
        why="The loss wants a row with one value for each class. A single class number cannot be "
        "compared with it.",
        program=program(CLASSES, _FOUR, _ONE_HOT),
        wrong='"categorical_crossentropy"',
        right='"sparse_categorical_crossentropy"',
        ignore="Never.",
    ),
    "onehot-labels-sparse": Page(
        why="The loss wants the number of the class. A row of zeros and a one would be taken for "
        "many labels.",
        program=program(CLASSES + "y = np.eye(4)[y]\n", _FOUR, _SPARSE),
        wrong='"sparse_categorical_crossentropy"',
        right='"categorical_crossentropy"',
        ignore="Never.",
    ),
    "label-out-of-range": Page(
        why="Classes are counted from 0. A label without a unit of its own has no probability to "
        "be compared with; other libraries crash, or train on garbage.",
        program=program(CLASSES + "y = y + 1\n", _FOUR, _SPARSE),
        wrong="y = y + 1\n",
        right="",
        ignore="Never; a label to be left out is what ignore_class is for.",
    ),
    "units-vs-classes": Page(
        why="With fewer units than classes some cannot be answered. With more, the model must "
        "first learn that they never occur.",
        program=program(
            CLASSES + "y = np.eye(4)[y]\n", _HIDDEN + "layers.Dense(6, 'softmax'),", _ONE_HOT
        ),
        wrong="    layers.Dense(6, 'softmax'),\n",
        right="    layers.Dense(4, 'softmax'),\n",
        ignore="When further classes will come with later data.",
    ),
    "softmax-on-multilabel": Page(
        why="Softmax lets classes compete, as if one answer were right. If several are, each can "
        "reach a half or a third at best.",
        program=program(
            TABLE + "y = (x[:, :4] > 0).astype('float32')\n",
            _HIDDEN + "layers.Dense(4, 'softmax'),",
            _ONE_HOT,
        ),
        wrong="    layers.Dense(4, 'softmax'),\n])\n"
        'model.compile("adam", "categorical_crossentropy")',
        right='    layers.Dense(4, \'sigmoid\'),\n])\nmodel.compile("adam", "binary_crossentropy")',
        ignore="When rows are meant to be shared among their labels: divide them by their sum.",
    ),
    "output-range-mismatch": Page(
        why="Sigmoid ends at 0 and 1, tanh at -1 and 1, relu at 0. What lies outside is never "
        "reached; the units end up at their limits, where gradients are 0.",
        program=program(NUMBERS, _HIDDEN + "layers.Dense(1, 'sigmoid'),", _MSE),
        wrong="    layers.Dense(1, 'sigmoid'),\n",
        right="    layers.Dense(1),\n",
        ignore="When answers are to be cut off at the limits.",
    ),
    "target-out-of-range-for-loss": Page(
        why="A binary cross-entropy has a meaning for labels from 0 to 1. With -1 and 1 its "
        "minimum lies at infinity: the loss falls below 0 and the weights run away.",
        program=program(
            ANSWERS + "y = 2 * y - 1\n",
            _HIDDEN + "layers.Dense(1, 'sigmoid'),",
            '"adam", "binary_crossentropy"',
        ),
        wrong="y = 2 * y - 1\n",
        right="",
        ignore="Never.",
    ),
    "target-shape-broadcast": Page(
        why="Arrays of shapes (n, 3) and (n, 1) are repeated until they fit: each answer is "
        "compared with three labels. Nothing fails, and the model learns their mean.",
        program=program(TABLE + "y = x[:, :3]\n", _HIDDEN + "layers.Dense(1),", _MSE),
        wrong="    layers.Dense(1),\n",
        right="    layers.Dense(3),\n",
        ignore="When a loss of your own repeats on purpose.",
    ),
    "output-shape-mismatch": Page(
        why="Labels and answers that cannot be brought to one shape cannot be compared.",
        program=program(TABLE + "y = x[:, :3]\n", _HIDDEN + "layers.Dense(2),", _MSE),
        wrong="    layers.Dense(2),\n",
        right="    layers.Dense(3),\n",
        ignore="Never.",
    ),
    "missing-flatten": Page(
        why="A Dense layer works on the last axis. On a picture or a sequence it gives an answer "
        "for every position, where one for the whole row is wanted.",
        program=program(
            "x = random.random((100, 8, 8)).astype('float32')\ny = random.integers(0, 4, 100)\n",
            "layers.Dense(16, 'relu'),\nlayers.Dense(4, 'softmax'),",
            _SPARSE,
            shape="(8, 8)",
        ),
        wrong="    layers.Dense(16, 'relu'),\n",
        right="    layers.Flatten(),\n    layers.Dense(16, 'relu'),\n",
        ignore="When every position has a label of its own: then y needs that axis.",
    ),
}
