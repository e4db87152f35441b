"""The trainers of others take our datasets: Lightning, Hugging Face's `Trainer`, Ray Data's batches of tensors."""

import re
from pathlib import Path

import pytest
from fake_generator import FakeGenerator

from synthtext.config import load_config

torch = pytest.importorskip("torch", reason="the extra torch is not installed")
from synthtext.stream.torch import Collate, SampleDataset, StreamDataset  # noqa: E402

DOCS = Path(__file__).parents[1] / "docs"


def fake():
    return FakeGenerator(load_config("clean", ["image.fit=natural"]))


@pytest.mark.parametrize("loader_workers", [0, 2])
def test_lightning_resumes_in_the_middle_of_an_epoch(tmp_path, loader_workers):
    lightning = pytest.importorskip("lightning")
    from lightning.pytorch.callbacks import ModelCheckpoint
    from torchdata.stateful_dataloader import StatefulDataLoader

    seen = []

    class Model(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch, number):
            seen.append(int(batch["index"][0]))
            return self.layer(batch["image"].float().mean().reshape(1, 1)).sum()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 1e-6)

    def train(checkpoint=None):
        seen.clear()
        data = StreamDataset(fake(), batch_size=4, count=40, workers=0)
        trainer = lightning.Trainer(
            max_steps=17,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[ModelCheckpoint(dirpath=tmp_path, filename="{step}", every_n_train_steps=7, save_top_k=-1)],
        )
        trainer.fit(
            Model(), StatefulDataLoader(data, batch_size=None, num_workers=loader_workers), ckpt_path=checkpoint
        )
        return list(seen)

    epoch = list(range(0, 40, 4))
    assert train() == epoch + epoch[:7]
    assert train(tmp_path / "step=7.ckpt") == epoch[7:] + epoch[:7]


def test_hugging_faces_trainer_trains_on_samples(tmp_path):
    transformers = pytest.importorskip("transformers")
    seen = []

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 1)

        def forward(self, pixel_values, labels):
            seen.append(
                (tuple(pixel_values.shape[:2]), [bytes(i for i in row if i >= 0).decode() for row in labels.tolist()])
            )
            return {"loss": self.layer(pixel_values.mean((2, 3))).mean()}

    source = fake()
    trainer = transformers.Trainer(
        Model(),
        transformers.TrainingArguments(
            str(tmp_path),
            max_steps=3,
            per_device_train_batch_size=4,
            report_to=[],
            use_cpu=True,
            save_strategy="no",
            remove_unused_columns=False,
        ),
        train_dataset=SampleDataset(source, count=12),
        data_collator=Collate(lambda texts: [list(text.encode()) for text in texts]),
    )
    trainer.train()
    assert [shape for shape, _ in seen] == [(4, 3)] * 3
    assert sorted(text for _, texts in seen for text in texts) == sorted(source[i].text for i in range(12))


def test_rays_batches_of_tensors_come_as_the_docs_say():
    ray = pytest.importorskip("ray")
    text = (DOCS / "datasets.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(from synthtext.dataset.distributed import ray_dataset.*?)```", text, re.S)
    code = code.replace("1_000_000", "300").replace("    batch[", "    found.append(batch)\n    batch[", 1)
    found = []
    try:
        exec(code, {"found": found})
    finally:
        ray.shutdown()
    assert [tuple(batch["image"].shape) for batch in found] == [(256, 32, 128, 3), (44, 32, 128, 3)]
    assert all(isinstance(batch["image"], torch.Tensor) and batch["image"].dtype == torch.uint8 for batch in found)
    assert all(isinstance(text, str) for batch in found for text in batch["text"])
    assert [len(batch["text"]) for batch in found] == [256, 44]
