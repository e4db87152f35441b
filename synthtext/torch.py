"""A stream in PyTorch's own loaders: the public name of `stream/torch.py`. `pip install "synthtext[torch]"`."""

from synthtext.stream.torch import (
    Collate,
    OnDevice,
    SampleDataset,
    StreamDataset,
    TensorStream,
    ranks,
    to_tensors,
)

__all__ = ["Collate", "OnDevice", "SampleDataset", "StreamDataset", "TensorStream", "ranks", "to_tensors"]
