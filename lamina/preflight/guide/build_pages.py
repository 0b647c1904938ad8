"""Pages of findings that the model alone shows."""

from lamina.preflight.guide.page import (
    ANSWERS,
    CLASSES,
    NUMBERS,
    Page,
    program,
)

_SPARSE = '"adam", "sparse_categorical_crossentropy"'

BUILD = {
    "hidden-no-activation": Page(
        why="Two linear maps after each other are one linear map. The second layer costs memory "
        "and time, and the model can still learn straight lines only.",
        program=program(
            NUMBERS,
            "layers.Dense(32),\nlayers.Dense(32, 'relu'),\nlayers.Dense(1),",
            '"adam", "mse"',
        ),
        wrong="    layers.Dense(32),\n",
        right="    layers.Dense(32, 'relu'),\n",
        ignore="When a narrow linear layer is meant to compress, as in a low-rank factorization.",
    ),
    "softmax-one-unit": Page(
        why="Softmax shares a probability of 1 among its units. A single unit always gets all of "
        "it: the model answers 1 for every row, and no gradient flows.",
        program=program(
            ANSWERS,
            "layers.Dense(16, 'relu'),\nlayers.Dense(1, 'softmax'),",
            '"adam", "binary_crossentropy"',
        ),
        wrong="    layers.Dense(1, 'softmax'),\n",
        right="    layers.Dense(1, 'sigmoid'),\n",
        ignore="Never.",
    ),
    "softmax-hidden": Page(
        why="Units of a softmax layer compete for a sum of 1. In a hidden layer that leaves a few "
        "small numbers and hardly any gradient, so training is slow and often stuck.",
        program=program(
            CLASSES, "layers.Dense(32, 'softmax'),\nlayers.Dense(4, 'softmax'),", _SPARSE
        ),
        wrong="    layers.Dense(32, 'softmax'),\n",
        right="    layers.Dense(32, 'relu'),\n",
        ignore="When the layer holds weights of attention or of a mixture of experts.",
    ),
    "dropout-before-output": Page(
        why="Dropout behind the output layer sets whole answers to 0 at random. The loss then "
        "punishes the model for noise that it cannot avoid.",
        program=program(
            NUMBERS,
            "layers.Dense(16, 'relu'),\nlayers.Dense(1),\nlayers.Dropout(0.5),",
            '"adam", "mse"',
        ),
        wrong="    layers.Dense(1),\n    layers.Dropout(0.5),\n",
        right="    layers.Dropout(0.5),\n    layers.Dense(1),\n",
        ignore="When the noise on the answers is what you study.",
    ),
    "constant-init": Page(
        why="Units that start alike get the same gradient and stay alike. A layer of a hundred "
        "such units has the power of one.",
        program=program(
            NUMBERS,
            "layers.Dense(16, 'relu', kernel_initializer='ones'),\nlayers.Dense(1),",
            '"adam", "mse"',
        ),
        wrong="    layers.Dense(16, 'relu', kernel_initializer='ones'),\n",
        right="    layers.Dense(16, 'relu'),\n",
        ignore="When the weights are set by hand, or loaded, before training.",
    ),
    "init-too-large": Page(
        why="With weights far above sqrt(2 / inputs) each layer makes numbers larger. The first "
        "losses are huge, activations sit at their ends, and many updates only repair the start.",
        program=program(
            NUMBERS,
            "layers.Dense(64, 'relu', kernel_initializer=keras.initializers.RandomNormal("
            "stddev=5.0)),\n"
            "layers.Dense(1),",
            '"adam", "mse"',
        ),
        wrong="    layers.Dense(64, 'relu', kernel_initializer=keras.initializers.RandomNormal("
        "stddev=5.0)),\n",
        right="    layers.Dense(64, 'relu', kernel_initializer='he_normal'),\n",
        ignore="When a normalization follows at once, which takes the size away again.",
    ),
    "high-dropout": Page(
        why="With nine tenths dropped a layer passes on a tenth of what it knows in each step. "
        "Training loss stays high, and the model learns slowly or not at all.",
        program=program(
            NUMBERS,
            "layers.Dense(64, 'relu'),\nlayers.Dropout(0.9),\nlayers.Dense(1),",
            '"adam", "mse"',
        ),
        wrong="    layers.Dropout(0.9),\n",
        right="    layers.Dropout(0.3),\n",
        ignore="When the layer before is very wide and the data are few.",
    ),
    "channels-order": Page(
        why="A convolution that takes rows of pixels for channels mixes the picture into noise, "
        "and looks for edges across colours. BatchNormalization along another axis than the "
        "channels mixes them likewise.",
        program=program(
            'x = random.random((100, 3, 32, 32)).astype("float32")\n'
            "y = random.integers(0, 4, size=100)\n",
            "layers.Conv2D(8, 3, activation='relu', padding='same'),\n"
            "layers.GlobalAveragePooling2D(),\nlayers.Dense(4, 'softmax'),",
            _SPARSE,
            shape="(3, 32, 32)",
        ),
        wrong="    layers.Input((3, 32, 32)),\n",
        right="    layers.Input((3, 32, 32)),\n    layers.Permute((2, 3, 1)),\n",
        ignore="When the last axis really holds that many channels, as with spectra.",
    ),
    "bottleneck": Page(
        why="Few values cannot carry what tells many classes apart. The output layer gets too "
        "little to choose from, however long training takes.",
        program=program(
            'x = random.normal(size=(400, 20)).astype("float32")\ny = x.argmax(1)\n',
            "layers.Dense(2, 'relu'),\nlayers.Dense(20, 'softmax'),",
            _SPARSE,
            shape="(20,)",
        ),
        wrong="    layers.Dense(2, 'relu'),\n",
        right="    layers.Dense(32, 'relu'),\n",
        ignore="When the narrow layer is meant, for example to draw the classes in a plane.",
    ),
}
