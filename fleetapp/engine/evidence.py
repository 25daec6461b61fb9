"""What contradicted a journal is kept for whoever looks into it: never used, never pruned."""

import json
import logging
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from fleetapp.engine.data_folder import DataFolder
from fleetapp.engine.witnesses import Doubt

log = logging.getLogger(__name__)


def keep_evidence(
    folder: DataFolder, boot_id: str, doubt: Doubt, others: Iterable[Path]
) -> Path | None:
    """Copy anchor, ring and these files under the name of this start; None if that fails."""
    place = folder.evidence_dir / boot_id
    try:
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
        (place / "doubt.json").write_text(json.dumps(asdict(doubt)), encoding="utf-8")
        for path in (folder.anchor, folder.ring, *others):
            if path.exists():
                shutil.copy2(path, place / path.name, follow_symlinks=False)
    except OSError as error:
        log.warning("the evidence in %s is not whole: %s", place, error)
        return None
    return place
