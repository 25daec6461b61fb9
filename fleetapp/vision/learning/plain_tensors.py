"""Writing safetensors without the package, for machines that lack it.

Source: the format's description, huggingface/safetensors: eight bytes of length,
a JSON header, the tensors' bytes.
"""

import json
import struct
from pathlib import Path

import numpy as np
from torch import Tensor


def write_half(tensors: dict[str, Tensor], path: Path) -> None:
    """Write tensors in half precision; the file is whole or not there."""
    header: dict[str, object] = {}
    bodies: list[bytes] = []
    at = 0
    for name in sorted(tensors):
        body = tensors[name].detach().cpu().half().numpy().astype(np.float16).tobytes()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + len(body)]}
        bodies.append(body)
        at += len(body)
    text = json.dumps(header).encode("utf-8")
    text += b" " * (-len(text) % 8)
    beside = path.with_suffix(".part")
    beside.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(bodies))
    beside.replace(path)
