"""Names of Keras that this library does not have, and what to use instead."""

import difflib
from collections.abc import Iterable

from lamina.core.errors import MissingNameError
from lamina.core.names import shown

ABSENT: dict[str, str] = {
    "lamina": """
        applications distillation distribution dtype_policies export FloatDTypePolicy Function
        KerasTensor name_scope Operation ops Quantizer quantizers remat RematScope StatelessScope
        SymbolicScope tree visualization""",
    "lamina.layers": """
        AdditiveAttention Attention Bidirectional ContrastLimitedAdaptiveHistogramEqualization
        ConvLSTM1D ConvLSTM2D ConvLSTM3D FlaxLayer GRU GRUCell GroupQueryAttention JaxLayer LSTM
        LSTMCell Masking MaxNumBoundingBoxes MelSpectrogram MultiHeadAttention Pipeline RNN
        RandomElasticTransform ReversibleEmbedding STFTSpectrogram SimpleRNN SimpleRNNCell
        StackedRNNCells TFSMLayer TextVectorization TimeDistributed""",
    "lamina.losses": "CTC ctc",
    "lamina.callbacks": "OrbaxCheckpoint",
    "lamina.utils": """
        Config FeatureSpace audio_dataset_from_directory bounding_boxes
        text_dataset_from_directory""",
    "lamina.saving": "KerasFileEditor",
}
_INSTEAD = {
    "ops": "tensors are torch tensors: use torch's functions, for example torch.exp(x).",
    "KerasTensor": "symbolic tensors are made by keras.Input(shape=...).",
}


def missing_name(package: str, name: str, known: Iterable[str]) -> MissingNameError:
    """The error for a name that a package does not have, ready to be raised."""
    public = sorted(one for one in known if not one.startswith("_"))
    near = difflib.get_close_matches(name, public, n=1, cutoff=0.7)
    folded = next((one for one in public if one.lower() == name.lower()), None)
    if near or folded:
        fix = f"did you mean {package}.{near[0] if near else folded}?"
    else:
        fix = f"see dir({package})."
    what = f"{package} has no {shown(name, 60)}."
    if name in ABSENT.get(package, "").split():
        what = f"{package} has no {name}: this part of Keras is not part of Lamina."
        fix = _INSTEAD.get(name, "wrap a module of torch: keras.layers.TorchModuleWrapper(module).")
        if package != "lamina.layers":
            fix = _INSTEAD.get(name, f"see dir({package}) for what there is.")
    return MissingNameError(what, expected=f"one of the {len(public)} names there.", fix=fix)
