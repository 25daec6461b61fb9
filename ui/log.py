"""The window's own log: what broke in it, in the data folder, rotated."""

import logging
import logging.handlers
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MOST_BYTES = 1_000_000
FILES_KEPT = 3


def begin_log(data: Path) -> None:
    """Troubles of this window go to `DIR/logs/desktop.log` (0600) and to the terminal."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    path = data / "logs" / "desktop.log"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                path, maxBytes=MOST_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
            )
        )
        path.chmod(0o600)
    except OSError as error:
        logging.getLogger(__name__).warning("no log can be written at %s: %s", path, error)
    logging.basicConfig(level=logging.WARNING, format=FORMAT, handlers=handlers)
