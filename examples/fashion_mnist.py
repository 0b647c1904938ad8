"""Tells pictures of clothes apart: an ordinary Keras program, with one import changed."""

import lamina as keras

keras.utils.set_random_seed(1)
(train_x, train_y), (test_x, test_y) = keras.datasets.fashion_mnist.load_data()

pictures = keras.layers.Input(shape=(28, 28))
h = keras.layers.Rescaling(1 / 255)(pictures)
h = keras.layers.Flatten()(h)
h = keras.layers.Dense(128, activation="swish")(h)
classes = keras.layers.Dense(10, activation="softmax")(h)

model = keras.models.Model(inputs=pictures, outputs=classes)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(train_x, train_y, epochs=3, batch_size=128, validation_split=0.1)
model.evaluate(test_x, test_y)
