"""Pages of findings about inputs, and about training and validation part together."""

from lamina.preflight.guide.page import ANSWERS, NUMBERS, PICTURES, Page, program

_HIDDEN = "layers.Dense(16, 'relu'),\n"
_VALUE = _HIDDEN + "layers.Dense(1),"
_ANSWER = _HIDDEN + "layers.Dense(1, 'sigmoid'),"
_MSE = '"adam", "mse"'
_BINARY = '"adam", "binary_crossentropy"'
_HELD = "report = model.check(x[:300], y[:300], validation_data=(x[300:], y[300:]))\n"

DATA = {
    "unscaled-input": Page(
        why="Weights start for inputs near 1. Pixels up to 255, or a column of salaries beside one "
        "of ages, make first results and gradients hundreds of times too large: training is slow, "
        "jumps, or ends in NaN.",
        program=program(
            PICTURES,
            "layers.Flatten(),\nlayers.Dense(32, 'relu'),\nlayers.Dense(4, 'softmax'),",
            '"adam", "sparse_categorical_crossentropy"',
            shape="(12, 12, 1)",
        ),
        wrong="    layers.Flatten(),\n",
        right="    layers.Rescaling(1 / 255),\n    layers.Flatten(),\n",
        ignore="When a layer of your own scales, or the values are ids that a layer looks up.",
    ),
    "input-scale-too-small": Page(
        why="Inputs near 0 hardly move anything: with pixels divided by 255 twice the largest is "
        "0.004, and the model sees almost the same picture every time.",
        program=program(
            PICTURES + "x = x / 255.0\n",
            "layers.Rescaling(1 / 255),\nlayers.Flatten(),\nlayers.Dense(4, 'softmax'),",
            '"adam", "sparse_categorical_crossentropy"',
            shape="(12, 12, 1)",
        ),
        wrong="    layers.Rescaling(1 / 255),\n",
        right="",
        ignore="When the first layer normalizes, or its rate is raised on purpose.",
    ),
    "nan-input": Page(
        why="One NaN makes the loss of its batch NaN, and after that update every weight. "
        "The whole training is lost.",
        program=program(NUMBERS + "x[3, 2] = np.nan\n", _VALUE, _MSE),
        wrong="x[3, 2] = np.nan\n",
        right="x[3, 2] = np.nan\nx = np.nan_to_num(x)\n",
        ignore='When a layer of your own handles missing values: pass nan="allow".',
    ),
    "inf-input": Page(
        why="Infinity times 0 is NaN, and infinity minus infinity too. It comes from a division "
        "by 0 or a logarithm in the preparation, and spreads to all weights.",
        program=program(NUMBERS + "x[3, 2] = np.inf\n", _VALUE, _MSE),
        wrong="x[3, 2] = np.inf\n",
        right="x[3, 2] = np.inf\nx = np.nan_to_num(x, posinf=0.0)\n",
        ignore="Hardly ever.",
    ),
    "constant-feature": Page(
        why="A column with one single value tells nothing. Often it shows a mistake in the "
        "preparation: a default filled in, or the wrong column read.",
        program=program(NUMBERS + "x[:, 4] = 7.0\n", _VALUE, _MSE),
        wrong="x[:, 4] = 7.0\n",
        right="",
        ignore="When later data will have other values there.",
    ),
    "tiny-data": Page(
        why="With far more weights than rows a model can learn each row by heart. Its training "
        "loss says nothing about new rows.",
        program=program(
            NUMBERS + "x, y = x[:12], y[:12]\n",
            "layers.Dense(64, 'relu'),\nlayers.Dense(1),",
            _MSE,
        ),
        wrong="x, y = x[:12], y[:12]\n",
        right="",
        ignore="In exercises such as XOR, where all possible rows are there.",
    ),
    "single-class-labels": Page(
        why="If all labels are the same there is nothing to tell apart: any model reaches a "
        "perfect score by a constant answer. Usually rows were selected wrongly.",
        program=program(ANSWERS + "y = np.zeros(400)\n", _ANSWER, _BINARY),
        wrong="y = np.zeros(400)\n",
        right="",
        ignore="When a part of a longer training really holds one class.",
    ),
    "class-imbalance": Page(
        why="If one row in fifty is positive, the answer no is right for 98 %. The model learns "
        "that answer first, and accuracy looks splendid.",
        program=program(
            'x = random.normal(size=(400, 6)).astype("float32")\ny = (x[:, 0] > 2).astype(int)\n',
            _ANSWER,
            _BINARY,
            "report = model.check(x, y, class_weight=None)\n",
        ),
        wrong="class_weight=None",
        right="class_weight={0: 0.5, 1: 20.0}",
        ignore="When probabilities are to follow true frequencies, or you watch AUC and recall.",
    ),
    "val-split-unrepresentative": Page(
        why="A class that the validation part lacks is never measured, one that the training part "
        "lacks is never learned. Scores mean something else than they seem to.",
        program=program(
            'x = random.normal(size=(400, 6)).astype("float32")\ny = np.arange(400) // 100\n',
            "layers.Dense(16, 'relu'),\nlayers.Dense(4, 'softmax'),",
            '"adam", "sparse_categorical_crossentropy"',
            'report = model.check(x, y, validation_split=0.2, validation_mode="last")\n',
        ),
        wrong=', validation_mode="last"',
        right="",
        ignore="When new classes are what you test for.",
    ),
    "sorted-no-shuffle": Page(
        why="Batches that hold one class each pull the model to that class and then to the next. "
        "It forgets the first while it learns the last.",
        program=program(
            ANSWERS + "order = np.argsort(y)\nx, y = x[order], y[order]\n",
            _ANSWER,
            _BINARY,
            "report = model.check(x, y, shuffle=False)\n",
        ),
        wrong="shuffle=False",
        right="shuffle=True",
        ignore="When the order is time and must be kept.",
    ),
    "val-overlaps-train": Page(
        why="Scores on rows that training has seen only show what was learned by heart. "
        "Overfitting stays unseen until the model meets new data.",
        program=program(
            NUMBERS, _VALUE, _MSE, "report = model.check(x, y, validation_data=(x, y))\n"
        ),
        wrong="validation_data=(x, y)",
        right="validation_split=0.2",
        ignore="When you only want to see that the numbers agree.",
    ),
    "duplicate-rows-across-split": Page(
        why="Rows that stand in both parts make the validation score too good. It happens when "
        "rows are copied to balance classes before the split.",
        program=program(NUMBERS + "x[300:340], y[300:340] = x[:40], y[:40]\n", _VALUE, _MSE, _HELD),
        wrong="x[300:340], y[300:340] = x[:40], y[:40]\n",
        right="",
        ignore="When rows repeat by nature, as with few possible values.",
    ),
    "scaler-fit-on-all": Page(
        why="A scaler that has seen the validation part tells the model something about it. Scores "
        "come out better than on new data; with few rows or outliers, much better.",
        program=program(
            NUMBERS + "x = x * 3 + 1\nx = (x - x.mean(0)) / x.std(0)\n", _VALUE, _MSE, _HELD
        ),
        wrong="x = (x - x.mean(0)) / x.std(0)\n",
        right="x = (x - x[:300].mean(0)) / x[:300].std(0)\n",
        ignore="When the numbers come from elsewhere, such as known constants.",
    ),
    "scaler-fit-separately": Page(
        why="If each part is scaled by its own numbers, the same value means different things in "
        "the two. The model is measured on data that were shifted.",
        program=program(
            NUMBERS
            + "def scaled(part):\n    return (part - part.mean(0)) / part.std(0)\n\n\n"
            + "a, b = scaled(x[:300]), scaled(x[300:])\n",
            _VALUE,
            _MSE,
            "report = model.check(a, y[:300], validation_data=(b, y[300:]))\n",
        ),
        wrong="a, b = scaled(x[:300]), scaled(x[300:])\n",
        right="mean, std = x[:300].mean(0), x[:300].std(0)\n"
        "a, b = (x[:300] - mean) / std, (x[300:] - mean) / std\n",
        ignore="When every group has its own scale by design, such as each patient.",
    ),
}
