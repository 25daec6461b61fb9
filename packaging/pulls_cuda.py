"""Print whether torch, as a pip installation report describes it, needs CUDA packages here.

Usage: python pulls_cuda.py REPORT.json, where the report is that of
`pip install --no-deps --dry-run --report REPORT.json torch==VERSION`: what torch
needs is read from its metadata, so that nothing of it is fetched for the answer.
"""

import json
import sys
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

CUDA = ("nvidia-", "cuda-", "triton")


def pulls_cuda(report: dict[str, Any]) -> bool:
    """Whether anything in the report is, or needs on this machine, a CUDA package."""
    packages = [item["metadata"] for item in report["install"]]
    names = [str(package["name"]) for package in packages]
    for package in packages:
        wanted = [Requirement(line) for line in package.get("requires_dist", ())]
        names += [one.name for one in wanted if one.marker is None or one.marker.evaluate()]
    return any(name.lower().replace("_", "-").startswith(CUDA) for name in names)


if __name__ == "__main__":
    found = pulls_cuda(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print("yes" if found else "no")
