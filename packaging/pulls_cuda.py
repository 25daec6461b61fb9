"""Exit 0 if a pip installation report would install CUDA packages, else 1.

Usage: python pulls_cuda.py REPORT.json
"""

import json
import sys
from pathlib import Path


def pulls_cuda(report: dict[str, object]) -> bool:
    """Whether any package of the report is one of NVIDIA's or triton."""
    installs = report.get("install", [])
    names = [str(item["metadata"]["name"]).lower() for item in installs]  # type: ignore[attr-defined]
    return any(name.startswith(("nvidia-", "cuda-", "triton")) for name in names)


if __name__ == "__main__":
    found = pulls_cuda(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.exit(0 if found else 1)
