from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import DamagedError, UsageError
from clustertags.features import runtime as runtime_module
from clustertags.features.backbones import find_backbone
from clustertags.features.conversion import COMPILED_FILE, MODEL_FILE, ConvertedBackbone, read_converted
from clustertags.features.runtime import OpenVinoRuntime, choose_device
from clustertags.features.torch_runtime import TorchRuntime


def some_pixels(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def runtime(converted: ConvertedBackbone) -> OpenVinoRuntime:
    return OpenVinoRuntime(converted.folder / MODEL_FILE, converted.folder / COMPILED_FILE)


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_the_converted_network_gives_what_torch_gives(runtime: OpenVinoRuntime) -> None:
    pixels = some_pixels(4)
    by_torch = TorchRuntime(find_backbone().load(), "cpu").infer(pixels)
    # Half precision, where the processor has it, moves the features by less than a hundredth.
    assert cosines(runtime.infer(pixels), by_torch).min() > 0.98


def test_a_photos_features_do_not_depend_on_its_company(runtime: OpenVinoRuntime) -> None:
    pixels = some_pixels(6)
    together = runtime.infer(pixels)
    with ThreadPoolExecutor(4) as pool:
        in_threads = list(pool.map(lambda index: runtime.infer(pixels[index : index + 1])[0], [5, 3, 1, 0, 2, 4]))
    np.testing.assert_array_equal(together[[5, 3, 1, 0, 2, 4]], in_threads)


def test_features_are_the_same_in_another_process_on_one_core(
    runtime: OpenVinoRuntime, converted: ConvertedBackbone
) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path; from clustertags.features.runtime import OpenVinoRuntime\n"
        "pixels = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)\n"
        "sys.stdout.buffer.write(OpenVinoRuntime(Path(sys.argv[1])).infer(pixels).tobytes())"
    )
    core = min(os.sched_getaffinity(0))
    output = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os; os.sched_setaffinity(0, [{core}])\n{script}",
            converted.folder / MODEL_FILE,
        ],
        capture_output=True,
        check=True,
    ).stdout
    np.testing.assert_array_equal(np.frombuffer(output, np.float32).reshape(2, -1), runtime.infer(some_pixels(2)))


def test_the_first_photos_may_come_from_two_threads_at_once(converted: ConvertedBackbone) -> None:
    script = (
        "import sys, threading, numpy as np\n"
        "from pathlib import Path\n"
        "from clustertags.features.runtime import OpenVinoRuntime\n"
        "runtime = OpenVinoRuntime(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "pixels, together = np.zeros((1, 224, 224, 3), np.uint8), threading.Barrier(4)\n"
        "def work(): together.wait(); runtime.infer(pixels)\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
    )
    files = (converted.folder / MODEL_FILE, converted.folder / COMPILED_FILE)
    for _ in range(5):  # they waited for each other for ever in one process out of some
        subprocess.run([sys.executable, "-c", script, *files], check=True, timeout=60)


def test_a_compiled_network_from_elsewhere_is_compiled_again(converted: ConvertedBackbone, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"written by another version")
    runtime = OpenVinoRuntime(converted.folder / MODEL_FILE, tmp_path / "other")
    assert runtime.infer(some_pixels(1)).shape == (1, 1280)


def test_a_damaged_network_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "backbone.xml").write_text("<net>")
    with pytest.raises(DamagedError, match=r"backbone\.xml"):
        OpenVinoRuntime(tmp_path / "backbone.xml")


def test_the_classifier_travels_with_the_network(converted: ConvertedBackbone) -> None:
    classifier = read_converted(converted.folder).classifier()
    assert classifier is not None
    assert classifier.weight.shape == (1000, 1280)


def test_devices() -> None:
    assert choose_device("cpu") == "cpu"
    with pytest.raises(UsageError, match="auto, cpu, cuda or mps"):
        choose_device("tpu")


def test_torch_is_asked_for_a_gpu_only_where_there_may_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(runtime_module, "has_gpu", lambda: False)
    assert choose_device("auto") == "cpu"
    monkeypatch.setattr(runtime_module, "has_gpu", lambda: True)
    assert choose_device("auto") == "cuda"


def test_without_torch_there_is_only_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "has_gpu", lambda: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert choose_device("auto") == choose_device("cpu") == "cpu"
    with pytest.raises(UsageError, match=r"^--device cuda needs torch.*pip install torch.*--device cpu$"):
        choose_device("cuda")


def test_a_device_that_is_not_there_is_wrong_use() -> None:
    import torch

    missing = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(UsageError, match=missing):
        TorchRuntime(find_backbone().load(), missing)
