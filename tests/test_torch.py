import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_generator import FakeGenerator

from synthtext import InputError, Stream
from synthtext.config import load_config

torch = pytest.importorskip("torch", reason="the extra torch is not installed")
from torch.utils.data import DataLoader  # noqa: E402

from synthtext.stream.torch import Collate, OnDevice, SampleDataset, StreamDataset, TensorStream, to_tensors  # noqa: E402

HERE = Path(__file__).parent
FIELDS = ("image", "text", "index", "words", "east")


def fake(seed=0):
    return FakeGenerator(load_config("clean", ["image.fit=natural"]), seed)


def plain(value):
    """A batch as what can be compared."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, torch.Tensor):
        value = value.numpy()
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


def stream_batches(count=70, **options):
    with Stream(fake(), batch_size=8, fields=FIELDS, count=count, workers=0, **options) as stream:
        return [plain(batch) for batch in stream]


def dataset(**options):
    return StreamDataset(fake(), **({"batch_size": 8, "fields": FIELDS, "count": 70} | options))


def test_tensors_lie_in_the_streams_memory():
    with Stream(fake(), batch_size=8, workers=0) as stream:
        batch = next(stream)
        tensors = to_tensors(batch)
        batch["image"][2, 3, 4] = 200
        assert tensors["image"][2, 3, 4].tolist() == [200] * 3
        assert tensors["text"] is batch["text"]
        held = tensors["image"][0]
        before = held.clone()
        del batch, tensors
        for _ in range(7):
            next(stream)
        assert torch.equal(held, before)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("loader_workers", [0, 1, 3])
@pytest.mark.parametrize("drop_last", [False, True])
def test_an_iterable_dataset_gives_the_streams_batches(loader_workers, drop_last):
    loader = DataLoader(dataset(drop_last=drop_last), batch_size=None, num_workers=loader_workers)
    expected = stream_batches(drop_last=drop_last)
    assert len(expected) == (8 if drop_last else 9)
    assert [plain(batch) for batch in loader] == expected
    assert [plain(batch) for batch in loader] == expected  # the next epoch


@pytest.mark.parametrize("loader_workers", [0, 2])
def test_ranks_deal_out_the_batches(loader_workers):
    expected = stream_batches(drop_last=True, world_size=2, rank=0)
    assert expected == stream_batches(64)[0::2]
    for rank in range(2):
        data = dataset(rank=rank, world_size=2, drop_last=True)
        loader = DataLoader(data, batch_size=None, num_workers=loader_workers)
        assert [plain(batch) for batch in loader] == stream_batches(64)[rank::2]


@pytest.mark.parametrize("loader_workers", [0, 2])
def test_a_map_style_dataset_gives_the_streams_samples(loader_workers):
    data = SampleDataset(fake(), count=70, fields=FIELDS)
    loader = DataLoader(data, batch_size=8, num_workers=loader_workers, collate_fn=data.collate)
    assert len(data) == 70
    for batch, expected in zip(loader, Stream(fake(), batch_size=8, fields=FIELDS, count=70, workers=0), strict=True):
        width = expected["image"].shape[2]
        assert torch.equal(batch["image"][:, :, :width], torch.from_numpy(expected["image"]))
        assert not batch["image"][:, :, width:].any()
        for key in ("index", "size", "word_quads", "word_count"):
            assert torch.equal(batch[key], torch.from_numpy(expected[key])), key
        assert batch["text"] == expected["text"]
        assert batch["word_text"] == expected["word_text"]
        assert torch.equal(batch["east"].score, torch.from_numpy(expected["east"].score))
    with pytest.raises(IndexError):
        data[70]


def test_a_map_style_dataset_suits_the_loaders_own_collation():
    data = SampleDataset(fake(), count=16, fields=("image", "text", "east"))
    for batch, expected in zip(DataLoader(data, batch_size=8), stream_batches(16), strict=True):
        assert plain(batch["east"]) == expected["east"]
        assert batch["text"] == expected["text"]


@pytest.mark.parametrize("loader_workers", [0, 2])
def test_a_stateful_loader_goes_on_with_exactly_the_next_batch(loader_workers):
    torchdata = pytest.importorskip("torchdata.stateful_dataloader")
    expected = stream_batches()

    def make():
        return torchdata.StatefulDataLoader(dataset(), batch_size=None, num_workers=loader_workers)

    loader = make()
    iterator = iter(loader)
    assert [plain(next(iterator)) for _ in range(3)] == expected[:3]
    state = loader.state_dict()
    del iterator
    resumed = make()
    resumed.load_state_dict(state)
    assert [plain(batch) for batch in resumed] == expected[3:]


def test_batches_on_a_device_and_their_state():
    with Stream(fake(), batch_size=8, fields=FIELDS, workers=1) as stream:
        batches = OnDevice(TensorStream(stream), "cpu")
        found = []
        for batch in batches:
            found.append(plain(batch))
            if len(found) == 4:
                break
        assert found == stream_batches()[:4]
        assert batches.state_dict()["index"] == 32
        batches.load_state_dict(batches.state_dict() | {"index": 8})
        assert plain(next(iter(batches))) == found[1]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_batches_on_a_gpu_and_their_state():
    with Stream(fake(), batch_size=8, fields=FIELDS, workers=1) as stream:
        batches = OnDevice(TensorStream(stream), "cuda")
        for number, batch in enumerate(batches):
            assert batch["image"].is_cuda
            assert plain({k: v.cpu() if hasattr(v, "cpu") else v for k, v in batch.items() if k != "east"}) == {
                k: v for k, v in stream_batches()[number].items() if k != "east"
            }
            assert batches.state_dict()["index"] == 8 * (number + 1)
            if number == 5:
                break


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("world_size", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 8, 9, 17, 24, 70])
def test_a_stream_that_ends_has_a_length(count, world_size, drop_last):
    for rank in range(world_size):
        options = {"count": count, "rank": rank, "world_size": world_size, "drop_last": drop_last}
        data = dataset(**options)
        assert len(data) == len(stream_batches(**options))
        assert len(DataLoader(data, batch_size=None)) == len(data)


def test_a_stream_without_an_end_has_no_length():
    data = dataset(count=None)
    assert data
    with pytest.raises(TypeError, match="give count="):
        len(data)


def test_arrays_of_objects_become_lists():
    pictures = np.empty(2, object)
    pictures[:] = [np.zeros((2, 3), np.uint8), np.ones((4, 5), np.uint8)]
    batch = to_tensors({"text": np.array(["a", "bc"]), "label": np.array(["x", "y"], object), "image": pictures})
    assert batch["text"] == ["a", "bc"]
    assert batch["label"] == ["x", "y"]
    assert [tuple(image.shape) for image in batch["image"]] == [(2, 3), (4, 5)]
    assert batch["image"][1].sum() == 20
    fixed = np.arange(3)
    fixed.flags.writeable = False  # as Ray's are
    assert to_tensors(fixed).tolist() == [0, 1, 2]


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_samples_are_collated_for_a_trainer(layout):
    data = SampleDataset(fake(), count=5, fields={"image": {"layout": layout}, "text": {}})
    samples = [data[i] for i in range(5)]
    batch = Collate(lambda texts: [list(text.encode()) for text in texts], mean=(0.5, 0.4, 0.3), std=0.25)(samples)
    height, width = batch["pixel_values"].shape[2:]
    for i, sample in enumerate(samples):
        image = sample["image"] if layout == "NHWC" else sample["image"].permute(1, 2, 0)
        for channel, mean in enumerate((0.5, 0.4, 0.3)):
            expected = (image[..., channel].numpy() / 255.0 - mean) / 0.25
            assert expected.shape == (height, width)
            np.testing.assert_allclose(batch["pixel_values"][i, channel].numpy(), expected, atol=1e-5)
        ids = list(sample["text"].encode())
        assert batch["labels"][i].tolist() == ids + [-100] * (batch["labels"].shape[1] - len(ids))
    with pytest.raises(InputError, match="Collate: the samples lack text"):
        Collate(list)([{"image": samples[0]["image"]}])


DDP = """
import sys
import torch.distributed as distributed
from synthtext.stream.torch import StreamDataset
from fake_generator import FakeGenerator
from synthtext.config import load_config
distributed.init_process_group("gloo", init_method="file://" + sys.argv[2], rank=int(sys.argv[1]), world_size=2)
data = StreamDataset(FakeGenerator(load_config("clean")), batch_size=4, fields=["index"], count=24, workers=1)
print([batch["index"].tolist() for batch in data])
"""


def test_ranks_are_those_of_torch_distributed(tmp_path):
    env = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DDP, str(rank), str(tmp_path / "meeting")],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    outputs = [process.communicate(timeout=120)[0].strip() for process in processes]
    chunks = [list(range(i, i + 4)) for i in range(0, 24, 4)]
    assert outputs == [str(chunks[0::2]), str(chunks[1::2])]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rank": 1}, "rank, world_size: give both"),
        ({"batch_size": 0}, "batch_size: is 0"),
        ({"fields": ["imgae"]}, "did you mean 'image'"),
    ],
)
def test_bad_arguments_are_told_when_the_dataset_is_made(options, message):
    with pytest.raises(InputError, match=message):
        dataset(**options)


def test_without_torch_the_extra_is_named():
    code = "import sys; sys.modules['torch'] = None; import synthtext.stream.torch"
    result = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(HERE.parent)}, capture_output=True, text=True
    )
    assert 'pip install "synthtext[torch]"' in result.stderr


def test_a_loader_forks_after_opencv_has_had_threads():
    """OpenCV would wait for ever, in the fork, for the threads of its pool, which are not forked along."""
    code = (
        "import cv2, numpy as np\n"
        "cv2.setNumThreads(4)\n"
        "cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.uint8), (31, 31), 5.0)\n"
        "from torch.utils.data import DataLoader\n"
        "from synthtext.stream.torch import StreamDataset\n"
        "data = StreamDataset('words', fields=['image'], batch_size=4, count=8)\n"
        "loader = DataLoader(data, batch_size=None, num_workers=1, multiprocessing_context='fork')\n"
        "print(sum(len(batch['image']) for batch in loader), cv2.getNumThreads())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["8", "4"], done.stderr
