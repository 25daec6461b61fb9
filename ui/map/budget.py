"""How long one frame of the map may take for what is not painted yet, all parts together."""

import time

FRAME_S = 0.003


class Budget:
    """Seconds that are left of a frame for tiles, sprites, names and their plan."""

    def __init__(self, seconds: float | None = None) -> None:
        """All of it is left; `FRAME_S` where nothing is said."""
        self._left_s = FRAME_S if seconds is None else seconds
        self._began_s = 0.0

    @property
    def is_left(self) -> bool:
        """Whether something more may be begun."""
        return self._left_s > 0

    def __enter__(self) -> None:
        """Something is begun."""
        self._began_s = time.perf_counter()

    def __exit__(self, *_error: object) -> None:
        """It is done, and what it took is gone."""
        self._left_s -= time.perf_counter() - self._began_s
