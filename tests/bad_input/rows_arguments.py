"""Rows 55 to 79: arguments of fit, compile, callbacks and optimizers."""

import itertools
import math

import torch

from lamina import callbacks, layers, optimizers
from tests.bad_input import programs as p
from tests.bad_input.case import Accepted, Refused

CASES = [
    Refused(
        55,
        "batch_size=0",
        lambda: p.fit(p.classifier(), p.x(), p.y(), batch_size=0),
        "fit(batch_size=0) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Refused(
        55,
        "evaluate(batch_size=0)",
        lambda: p.classifier().evaluate(p.x(), p.y(), batch_size=0),
        "evaluate(batch_size=0) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Refused(
        55,
        "predict(batch_size=0)",
        lambda: p.classifier().predict(p.x(2), batch_size=0),
        "predict(batch_size=0) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Refused(
        55,
        "validation_batch_size=0",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_batch_size=0),
        "fit(validation_batch_size=0) is not possible.",
        "'validation_batch_size' as a whole number of at least 1.",
        "pass for example validation_batch_size=1.",
    ),
    Refused(
        56,
        "batch_size=-4",
        lambda: p.fit(p.classifier(), p.x(), p.y(), batch_size=-4),
        "fit(batch_size=-4) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Refused(
        56,
        "batch_size=2.5",
        lambda: p.fit(p.classifier(), p.x(), p.y(), batch_size=2.5),
        "fit(batch_size=2.5) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Refused(
        56,
        'batch_size="32"',
        lambda: p.fit(p.classifier(), p.x(), p.y(), batch_size="32"),
        "fit(batch_size='32') is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Refused(
        56,
        "batch_size=True",
        lambda: p.fit(p.classifier(), p.x(), p.y(), batch_size=True),
        "fit(batch_size=True) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    Accepted(
        57,
        "batch_size=1000 for 64 rows",
        lambda: p.fresh(p.classifier, p.x(), p.y(), batch_size=1000, shuffle=False),
        lambda: p.fresh(p.classifier, p.x(), p.y(), batch_size=64, shuffle=False),
    ),
    Refused(
        58,
        "epochs=0",
        lambda: p.fit(p.classifier(), p.x(), p.y(), epochs=0),
        "fit(epochs=0) is not possible.",
        "'epochs' as a whole number of at least 1.",
        "pass for example epochs=1.",
    ),
    Refused(
        59,
        "epochs=-1",
        lambda: p.fit(p.classifier(), p.x(), p.y(), epochs=-1),
        "fit(epochs=-1) is not possible.",
        "'epochs' as a whole number of at least 1.",
        "pass for example epochs=1.",
    ),
    Refused(
        60,
        "epochs=1.5",
        lambda: p.fit(p.classifier(), p.x(), p.y(), epochs=1.5),
        "fit(epochs=1.5) is not possible.",
        "'epochs' as a whole number of at least 1.",
        "pass for example epochs=1.",
    ),
    Refused(
        60,
        'epochs="5"',
        lambda: p.fit(p.classifier(), p.x(), p.y(), epochs="5"),
        "fit(epochs='5') is not possible.",
        "'epochs' as a whole number of at least 1.",
        "pass for example epochs=1.",
    ),
    Refused(
        60,
        "epochs=None",
        lambda: p.fit(p.classifier(), p.x(), p.y(), epochs=None),
        "fit(epochs=None) is not possible.",
        "'epochs' as a whole number of at least 1.",
        "pass for example epochs=1.",
    ),
    Refused(
        61,
        "initial_epoch=5, epochs=2",
        lambda: p.fit(p.classifier(), p.x(), p.y(), initial_epoch=5, epochs=2),
        "fit(initial_epoch=5, epochs=2) trains no epoch.",
        "'epochs' as the number of the last epoch, above 'initial_epoch'.",
        "pass epochs=6 or more.",
    ),
    Refused(
        61,
        "initial_epoch=2, epochs=2",
        lambda: p.fit(p.classifier(), p.x(), p.y(), initial_epoch=2, epochs=2),
        "fit(initial_epoch=2, epochs=2) trains no epoch.",
        "'epochs' as the number of the last epoch, above 'initial_epoch'.",
        "pass epochs=3 or more.",
    ),
    Refused(
        61,
        "initial_epoch=-1",
        lambda: p.fit(p.classifier(), p.x(), p.y(), initial_epoch=-1),
        "fit(initial_epoch=-1) is not possible.",
        "'initial_epoch' as a whole number of at least 0.",
        "pass for example initial_epoch=1.",
    ),
    Refused(
        62,
        "validation_split=1.5",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_split=1.5),
        "fit(validation_split=1.5) is not possible.",
        "'validation_split' as a number above 0 up to, not including, 1.",
        "pass for example validation_split=0.2.",
    ),
    Refused(
        63,
        "validation_split=-0.1",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_split=-0.1),
        "fit(validation_split=-0.1) is not possible.",
        "'validation_split' as a number above 0 up to, not including, 1.",
        "pass for example validation_split=0.2.",
    ),
    Refused(
        64,
        "validation_split=1.0",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_split=1.0),
        "fit(validation_split=1.0) is not possible.",
        "'validation_split' as a number above 0 up to, not including, 1.",
        "pass for example validation_split=0.2.",
    ),
    Refused(
        64,
        "validation_split=0.999",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_split=0.999),
        "validation_split=0.999 leaves no training samples: x has 64.",
        "at least one sample in each part.",
        "pass more data, or another share such as validation_split=0.2.",
    ),
    Refused(
        62,
        "validation_split=math.nan",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_split=math.nan),
        "fit(validation_split=nan) is not possible.",
        "'validation_split' as a number above 0 up to, not including, 1.",
        "pass for example validation_split=0.2.",
    ),
    Refused(
        65,
        "validation_split and validation_data",
        lambda: p.fit(
            p.classifier(),
            p.x(),
            p.y(),
            validation_split=0.1,
            validation_data=(p.x(), p.y()),
        ),
        "validation_split=0.1 and validation_data were both given.",
        "one of them.",
        "leave validation_split out to validate on validation_data.",
    ),
    Refused(
        66,
        "validation x with 5 features",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=(p.x(features=5), p.y())),
        "validation_data[0] has 5 features per sample, the model expects 8.",
        "shape (n, 8), where n is the number of samples.",
        "change the data, or build the model with Input(shape=(5,)).",
    ),
    Refused(
        66,
        "validation y of another length",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=(p.x(), p.y(50))),
        "validation_data[0] has 64 samples, validation_data[1] has 50.",
        "the same number of samples, which is the size of the first axis.",
        "check that validation_data[0] and validation_data[1] come from the same rows.",
    ),
    Refused(
        66,
        "validation y of another shape",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=(p.x(), p.one_hot())),
        "validation_data[1] has examples of shape (3,), y has ().",
        "validation data of the same form as the training data.",
        "prepare both with the same steps.",
    ),
    Refused(
        66,
        "validation y missing",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=(p.x(), None)),
        "validation_data has no labels.",
        "(x, y) or (x, y, sample_weight), as the losses need y.",
        "pass validation_data=(x_val, y_val).",
    ),
    Refused(
        66,
        "a validation generator of another shape",
        lambda: p.fit(
            p.classifier(),
            p.x(),
            p.y(),
            validation_data=p.batches(p.batch(features=5)),
        ),
        "x in batch 0 of validation_data has 5 features per sample, the model expects 8.",
        "shape (n, 8), where n is the number of samples.",
        "change the data, or build the model with Input(shape=(5,)).",
    ),
    Refused(
        66,
        "a validation generator without labels",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=p.batches((p.x(4),))),
        "batch 0 of validation_data is a tuple of 1.",
        "(x, y) or (x, y, sample_weight).",
        "let the source yield such a tuple; several inputs go into a list: ([a, b], y).",
    ),
    Refused(
        67,
        "validation_data an array",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=p.x()),
        "validation_data is of type ndarray.",
        "(x, y) or (x, y, sample_weight), or a data set that yields batches.",
        "pass validation_data=(x_val, y_val).",
    ),
    Refused(
        67,
        "validation_data a 4-tuple",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_data=(1, 2, 3, 4)),
        "validation_data is a tuple of 4.",
        "(x, y) or (x, y, sample_weight), or a data set that yields batches.",
        "pass validation_data=(x_val, y_val).",
    ),
    Refused(
        68,
        "steps_per_epoch=0",
        lambda: p.fit(p.classifier(), p.x(), p.y(), steps_per_epoch=0),
        "fit(steps_per_epoch=0) is not possible.",
        "'steps_per_epoch' as a whole number of at least 1.",
        "pass for example steps_per_epoch=1.",
    ),
    Refused(
        68,
        "steps_per_epoch=-1",
        lambda: p.fit(p.classifier(), p.x(), p.y(), steps_per_epoch=-1),
        "fit(steps_per_epoch=-1) is not possible.",
        "'steps_per_epoch' as a whole number of at least 1.",
        "pass for example steps_per_epoch=1.",
    ),
    Refused(
        68,
        "evaluate(steps=0)",
        lambda: p.classifier().evaluate(p.x(), p.y(), steps=0),
        "evaluate(steps=0) is not possible.",
        "'steps' as a whole number of at least 1.",
        "pass for example steps=1.",
    ),
    Refused(
        69,
        "an endless iterator without steps_per_epoch",
        lambda: p.fit(p.classifier(), itertools.cycle([p.batch()])),
        "x (cycle) never ends, and steps_per_epoch is missing.",
        "the number of batches that make an epoch.",
        "pass for example steps_per_epoch=100.",
    ),
    Refused(
        69,
        "a generator for two epochs",
        lambda: p.fit(p.classifier(), p.batches(p.batch()), epochs=2),
        "x (generator) can be gone through once, but 2 epochs were asked for.",
        "batches for every step of every epoch.",
        (
            "pass a list of batches, a DataLoader or a PyDataset, which can start again. An "
            "endless generator (while True) needs steps_per_epoch."
        ),
    ),
    Refused(
        70,
        'shuffle="yes"',
        lambda: p.fit(p.classifier(), p.x(), p.y(), shuffle="yes"),
        "fit(shuffle='yes') is not possible.",
        "'shuffle' as one of True, False, 'batch'.",
        "pass shuffle=True.",
    ),
    Refused(
        70,
        "verbose=7",
        lambda: p.fit(p.classifier(), p.x(), p.y(), verbose=7),
        "fit(verbose=7) is not possible.",
        "'verbose' as one of 'auto', 0, 1, 2, True, False.",
        "pass verbose='auto'.",
    ),
    Refused(
        70,
        "validation_freq=0",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_freq=0),
        "fit(validation_freq=0) is not possible.",
        "'validation_freq' as a whole number of at least 1, or a list of them.",
        "pass for example validation_freq=1.",
    ),
    Refused(
        70,
        "validation_freq=[]",
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_freq=[]),
        "fit(validation_freq=[]) is not possible.",
        "'validation_freq' as a whole number of at least 1, or a list of them.",
        "pass for example validation_freq=1.",
    ),
    Refused(
        70,
        'validation_mode="first"',
        lambda: p.fit(p.classifier(), p.x(), p.y(), validation_mode="first"),
        "fit(validation_mode='first') is not possible.",
        "'validation_mode' as one of 'stratified', 'last'.",
        "choose one of the 2 names above.",
    ),
    Refused(
        70,
        'nan="ignore"',
        lambda: p.fit(p.classifier(), p.x(), p.y(), nan="ignore"),
        "fit(nan='ignore') is not possible.",
        "'nan' as one of 'error', 'allow'.",
        "choose one of the 2 names above.",
    ),
    Refused(
        70,
        "predict(verbose=7)",
        lambda: p.classifier().predict(p.x(), verbose=7),
        "predict(verbose=7) is not possible.",
        "'verbose' as one of 'auto', 0, 1, 2, True, False.",
        "pass verbose='auto'.",
    ),
    Refused(
        71,
        "callbacks=[print]",
        lambda: p.fit(p.classifier(), p.x(), p.y(), callbacks=[print]),
        "callbacks holds <built-in function print>, which is no callback.",
        "objects of classes derived from lamina.callbacks.Callback.",
        "wrap a function: LambdaCallback(on_epoch_end=lambda epoch, logs: ...).",
    ),
    Refused(
        71,
        "callbacks=[EarlyStopping]",
        lambda: p.fit(p.classifier(), p.x(), p.y(), callbacks=[callbacks.EarlyStopping]),
        "callbacks holds the class EarlyStopping.",
        "objects.",
        "make one: callbacks=[EarlyStopping(...)].",
    ),
    Refused(
        72,
        'EarlyStopping("val_acc")',
        lambda: p.fit_with(callbacks.EarlyStopping("val_acc")),
        "EarlyStopping watches 'val_acc', which this run does not log.",
        "one of loss, accuracy, val_loss, val_accuracy.",
        'did you mean "val_accuracy"?',
    ),
    Refused(
        72,
        'ReduceLROnPlateau("val_acc")',
        lambda: p.fit_with(callbacks.ReduceLROnPlateau("val_acc")),
        "ReduceLROnPlateau watches 'val_acc', which this run does not log.",
        "one of loss, accuracy, val_loss, val_accuracy.",
        'did you mean "val_accuracy"?',
    ),
    Refused(
        72,
        'ModelCheckpoint(monitor="val_acc")',
        lambda: p.fit_with(
            callbacks.ModelCheckpoint("m.lamina", "val_acc", save_best_only=True),
        ),
        "ModelCheckpoint watches 'val_acc', which this run does not log.",
        "one of loss, accuracy, val_loss, val_accuracy.",
        'did you mean "val_accuracy"?',
    ),
    Refused(
        72,
        "EarlyStopping on val_loss without validation",
        lambda: p.fit(p.classifier(), p.x(), p.y(), callbacks=[callbacks.EarlyStopping()]),
        "EarlyStopping watches 'val_loss', which this run does not log.",
        "one of loss.",
        "give fit() validation_data or validation_split, or watch 'loss'.",
    ),
    Refused(
        73,
        "EarlyStopping(patience=-1)",
        lambda: callbacks.EarlyStopping(patience=-1),
        "EarlyStopping(patience=-1) is not possible.",
        "'patience' as a whole number of at least 0.",
        "pass for example patience=1.",
    ),
    Refused(
        73,
        'EarlyStopping(min_delta="x")',
        lambda: callbacks.EarlyStopping(min_delta="x"),
        "EarlyStopping(min_delta='x') is not possible.",
        "'min_delta' as a number that is finite.",
        "pass for example min_delta=0.001.",
    ),
    Refused(
        73,
        'EarlyStopping(mode="up")',
        lambda: callbacks.EarlyStopping(mode="up"),
        "EarlyStopping(mode='up') is not possible.",
        "'mode' as one of 'auto', 'min', 'max'.",
        "choose one of the 3 names above.",
    ),
    Refused(
        73,
        "ReduceLROnPlateau(factor=2)",
        lambda: callbacks.ReduceLROnPlateau(factor=2),
        "ReduceLROnPlateau(factor=2) is not possible.",
        "'factor' as a number above 0 up to, not including, 1.",
        "pass for example factor=0.5.",
    ),
    Refused(
        74,
        'loss="crossentropi"',
        lambda: p.classifier("crossentropi"),
        "'crossentropi' is not a loss.",
        (
            "one of BCE, BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, "
            "CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, "
            "Circle, CosineSimilarity, Dice, Hinge, Huber, KLD, KLDivergence, LogCosh, MAE, "
            "MAPE, MSE, MSLE, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, "
            "MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge, "
            "Tversky, bce, binary_crossentropy, binary_focal_crossentropy, "
            "categorical_crossentropy, categorical_focal_crossentropy, "
            "categorical_generalized_cross_entropy, categorical_hinge, circle, cosine, "
            "cosine_similarity, dice, hinge, huber, huber_loss, kl_divergence, kld, "
            "kullback_leibler_divergence, log_cosh, logcosh, mae, mape, mean_absolute_error, "
            "mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, "
            "mse, msle, poisson, sparse_categorical_crossentropy, squared_hinge, tversky."
        ),
        'did you mean "binary_crossentropy"?',
    ),
    Refused(
        74,
        "loss=5",
        lambda: p.classifier(5),
        "5 is no loss.",
        "a name, a function of (y_true, y_pred) or a Loss.",
        'pass for example loss="mse".',
    ),
    Refused(
        75,
        'optimizer="adem"',
        lambda: p.classifier(optimizer="adem"),
        "'adem' is not an optimizer.",
        (
            "one of adadelta, adafactor, adagrad, adam, adamax, adamw, ftrl, lamb, lion, muon, "
            "nadam, rmsprop, schedulefreeadamw, sgd."
        ),
        'did you mean "adam"?',
    ),
    Refused(
        75,
        "optimizer=None",
        lambda: p.classifier(optimizer=None),
        "compile(optimizer=None) is not possible.",
        "a name, an optimizer or its configuration.",
        'pass optimizer="adam", or leave it out for "rmsprop".',
    ),
    Refused(
        75,
        'metrics=["acuracy"]',
        lambda: p.classifier(metrics=["acuracy"]),
        "'acuracy' is not a metric.",
        (
            "one of AUC, Accuracy, BCE, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, "
            "CategoricalAccuracy, CategoricalCrossentropy, CategoricalHinge, "
            "ConcordanceCorrelation, CosineSimilarity, F1Score, FBetaScore, FalseNegatives, "
            "FalsePositives, Hinge, IoU, KLD, KLDivergence, LogCoshError, MAE, MAPE, MSE, MSLE, "
            "Mean, MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU, MeanSquaredError, "
            "MeanSquaredLogarithmicError, OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, "
            "Precision, PrecisionAtRecall, R2Score, Recall, RecallAtPrecision, "
            "RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy, "
            "SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy, "
            "SpecificityAtSensitivity, SquaredHinge, Sum, TopKCategoricalAccuracy, "
            "TrueNegatives, TruePositives, acc, accuracy, auc, bce, binary_accuracy, "
            "binary_crossentropy, binary_focal_crossentropy, binary_io_u, categorical_accuracy, "
            "categorical_crossentropy, categorical_focal_crossentropy, categorical_hinge, "
            "concordance_correlation, cosine, cosine_similarity, f1, f1_score, f_beta_score, "
            "false_negatives, false_positives, hinge, huber, io_u, kl_divergence, kld, "
            "kullback_leibler_divergence, log_cosh, log_cosh_error, logcosh, mae, mape, mean, "
            "mean_absolute_error, mean_absolute_percentage_error, mean_io_u, mean_squared_error, "
            "mean_squared_logarithmic_error, mse, msle, one_hot_io_u, one_hot_mean_io_u, "
            "pearson_correlation, poisson, precision, precision_at_recall, r2, r2_score, recall, "
            "recall_at_precision, rmse, root_mean_squared_error, sensitivity_at_specificity, "
            "sparse_categorical_accuracy, sparse_categorical_crossentropy, "
            "sparse_top_k_categorical_accuracy, specificity_at_sensitivity, squared_hinge, sum, "
            "top_k_categorical_accuracy, true_negatives, true_positives."
        ),
        'did you mean "accuracy"?',
    ),
    Refused(
        75,
        'metrics="accuracy"',
        lambda: p.classifier(metrics="accuracy"),
        "compile(metrics='accuracy') is not possible.",
        "'metrics' as a list, or a dict with one list an output.",
        "pass metrics=['accuracy'].",
    ),
    Refused(
        75,
        'activation="rellu"',
        lambda: layers.Dense(3, activation="rellu"),
        "'rellu' is not an activation.",
        (
            "one of celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, "
            "hard_swish, hard_tanh, leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, "
            "relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus, softsign, sparse_plus, "
            "sparse_sigmoid, sparsemax, squareplus, swish, tanh, tanh_shrink, threshold."
        ),
        'did you mean "relu"?',
    ),
    Refused(
        75,
        'kernel_initializer="glorot"',
        lambda: layers.Dense(3, kernel_initializer="glorot"),
        "'glorot' is not an initializer.",
        (
            "one of Constant, Dirac, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, "
            "IdentityInitializer, Initializer, LecunNormal, LecunUniform, Ones, Orthogonal, "
            "OrthogonalInitializer, RandomNormal, RandomUniform, STFT, STFTInitializer, "
            "TruncatedNormal, VarianceScaling, Zeros, constant, dirac, glorot_normal, "
            "glorot_uniform, he_normal, he_uniform, identity, initializer, lecun_normal, "
            "lecun_uniform, normal, one, ones, orthogonal, random_normal, random_uniform, stft, "
            "truncated_normal, uniform, variance_scaling, zero, zeros."
        ),
        'did you mean "glorot_normal"?',
    ),
    Refused(
        75,
        'kernel_regularizer="l3"',
        lambda: layers.Dense(3, kernel_regularizer="l3"),
        "'l3' is not a regularizer.",
        (
            "one of L1, L1L2, L2, OrthogonalRegularizer, Regularizer, l1, l1_l2, l1l2, l2, "
            "orthogonal_regularizer."
        ),
        "choose one of the 10 names above.",
    ),
    Refused(
        75,
        "kernel_regularizer=0.01",
        lambda: layers.Dense(3, kernel_regularizer=0.01),
        "0.01 is not a regularizer.",
        "a name, a configuration, a function or an object.",
        'pass for example "l1".',
    ),
    Refused(
        75,
        'kernel_constraint="maxnorm"',
        lambda: layers.Dense(3, kernel_constraint="maxnorm3"),
        "'maxnorm3' is not a constraint.",
        (
            "one of Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm, max_norm, maxnorm, "
            "min_max_norm, minmaxnorm, non_neg, nonneg, unit_norm, unitnorm."
        ),
        'did you mean "maxnorm"?',
    ),
    Refused(
        76,
        "a loss of one argument",
        lambda: p.fit(p.classifier(lambda y: y.mean()), p.x(), p.one_hot()),
        (
            "loss function <lambda>(y) cannot be called with (y_true, y_pred): too many "
            "positional arguments."
        ),
        "a function of (y_true, y_pred) that returns one value an example.",
        "define it as def <lambda>(y_true, y_pred): ...",
    ),
    Refused(
        76,
        "a loss of three arguments",
        lambda: p.fit(p.classifier(lambda y, a, b: y.mean()), p.x(), p.one_hot()),
        (
            "loss function <lambda>(y, a, b) cannot be called with (y_true, y_pred): missing a "
            "required argument: 'b'."
        ),
        "a function of (y_true, y_pred) that returns one value an example.",
        "define it as def <lambda>(y_true, y_pred): ...",
    ),
    Refused(
        76,
        "a loss that returns None",
        lambda: p.fit(p.classifier(lambda y, z: None), p.x(), p.one_hot()),
        "loss '<lambda>' returned None, which is no tensor.",
        "a tensor with one value an example.",
        "compute with torch functions and return their result.",
    ),
    Refused(
        76,
        "a loss that returns a float",
        lambda: p.fit(p.classifier(lambda y, z: 3.0), p.x(), p.one_hot()),
        "loss '<lambda>' returned 3.0, which is no tensor.",
        "a tensor with one value an example.",
        "compute with torch functions and return their result.",
    ),
    Refused(
        76,
        "a loss of another shape",
        lambda: p.fit(p.classifier(lambda y, z: z.new_zeros(7) + z.sum()), p.x(), p.one_hot()),
        "loss '<lambda>' returned shape (7,) for y_pred of shape (32, 3).",
        "one value an example, shape (32,), or a single number.",
        "reduce over the axes after the first only, for example .mean(-1).",
    ),
    Refused(
        76,
        "a loss without a gradient",
        lambda: p.fit(p.classifier(lambda y, z: (z - y).argmax(-1).float()), p.x(), p.one_hot()),
        "loss '<lambda>' returned a tensor that gradients cannot flow through.",
        "a result computed from y_pred by differentiable torch functions.",
        "avoid detach(), numpy(), round, argmax and comparisons on the way from y_pred.",
    ),
    Refused(
        76,
        "a loss that calls numpy()",
        lambda: p.fit(p.classifier(lambda y, z: torch.tensor(z.numpy())), p.x(), p.one_hot()),
        (
            "loss '<lambda>' cannot be computed: RuntimeError: Can't call numpy() on Tensor that "
            "requires grad. Use tensor.detach().numpy() ins"
        ),
        "a function of two tensors with 32 examples, y_true and y_pred, made of torch functions.",
        "call <lambda> on two such tensors to see where it stops.",
    ),
    Refused(
        76,
        "a loss that raises",
        lambda: p.fit(p.classifier(lambda y, z: {}[y.ndim]), p.x(), p.one_hot()),
        "loss '<lambda>' cannot be computed: KeyError: 2",
        "a function of two tensors with 32 examples, y_true and y_pred, made of torch functions.",
        "call <lambda> on two such tensors to see where it stops.",
    ),
    Refused(
        76,
        "a metric that returns None",
        lambda: p.fit(p.classifier("mse", metrics=[lambda y, z: None]), p.x(), p.one_hot()),
        "metric '<lambda>' returned None, which is no tensor.",
        "a tensor with one value an example, or a number.",
        "compute with torch functions and return their result.",
    ),
    Refused(
        77,
        "Adam(0)",
        lambda: optimizers.Adam(0),
        "Adam(learning_rate=0) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    Refused(
        77,
        "Adam(-1)",
        lambda: optimizers.Adam(-1),
        "Adam(learning_rate=-1) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    Refused(
        77,
        "Adam(math.nan)",
        lambda: optimizers.Adam(math.nan),
        "Adam(learning_rate=nan) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    Refused(
        77,
        "Adam(math.inf)",
        lambda: optimizers.Adam(math.inf),
        "Adam(learning_rate=inf) is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    Refused(
        78,
        'Adam("0.1")',
        lambda: optimizers.Adam("0.1"),
        "Adam(learning_rate='0.1') is not possible.",
        "'learning_rate' as a number greater than 0.",
        "pass for example learning_rate=0.001.",
    ),
    Refused(
        79,
        "SGD(momentum=2)",
        lambda: optimizers.SGD(momentum=2),
        "SGD(momentum=2) is not possible.",
        "'momentum' as a number from 0 to 1.",
        "pass for example momentum=0.9.",
    ),
    Refused(
        79,
        "Adam(beta_1=1.0)",
        lambda: optimizers.Adam(beta_1=1.0),
        "Adam(beta_1=1.0) is not possible.",
        "'beta_1' as a number from 0 up to, not including, 1.",
        "pass for example beta_1=0.5.",
    ),
    Refused(
        79,
        "Adam(clipnorm=-1)",
        lambda: optimizers.Adam(clipnorm=-1),
        "Adam(clipnorm=-1) is not possible.",
        "'clipnorm' as a number greater than 0.",
        "pass for example clipnorm=1.",
    ),
    Refused(
        79,
        "AdamW(weight_decay=-1)",
        lambda: optimizers.AdamW(weight_decay=-1),
        "AdamW(weight_decay=-1) is not possible.",
        "'weight_decay' as a number of at least 0.",
        "pass for example weight_decay=0.004.",
    ),
    Refused(
        79,
        "Adam(gradient_accumulation_steps=0)",
        lambda: optimizers.Adam(gradient_accumulation_steps=0),
        "Adam(gradient_accumulation_steps=0) is not possible.",
        "'gradient_accumulation_steps' as a whole number of at least 2.",
        "pass for example gradient_accumulation_steps=2.",
    ),
    Refused(
        79,
        "Adam(lr=0.1)",
        lambda: optimizers.Adam(lr=0.1),
        "Adam(lr=0.1) is not possible.",
        "the step size as 'learning_rate'; 'lr' belongs to older courses.",
        "pass learning_rate=0.1.",
    ),
]
