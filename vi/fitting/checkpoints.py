"""Checkpoints of a fit, written by Orbax: whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from vi.fitting.errors import CheckpointError
from vi.fitting.options import Checkpoints


class Keeper:
    """Writes checkpoints of one fit and finds the newest.

    Args:
      options: where and how often.
      key: of the fit; a checkpoint of another key is another fit's.
      state: what will be kept, for its structure: parameters and the optimiser's state.

    Raises:
      CheckpointError: where the folder cannot be used.
    """

    def __init__(self, options: Checkpoints, key: PRNGKeyArray, state: Any):
        import orbax.checkpoint as orbax

        self._orbax, self._options = orbax, options
        self._identity = np.asarray(jax.random.key_data(key)).tolist()
        self._state = jax.eval_shape(lambda: state)
        folder = Path(options.folder).absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(
                f"cannot make the folder {folder}: {error.strerror}; give another one"
            ) from error
        manager = orbax.CheckpointManagerOptions(
            max_to_keep=options.keep, enable_async_checkpointing=False
        )
        self._manager = orbax.CheckpointManager(folder, options=manager)
        self.folder = folder

    def newest(self) -> tuple[int, Any, np.ndarray, np.ndarray] | None:
        """Steps done, state, losses and norms of the newest checkpoint; None where there is none.

        Raises:
          CheckpointError: where it is another fit's, or damaged.
        """
        step, args = self._manager.latest_step(), self._orbax.args
        if step is None:
            return None
        advice = "give the folder of this fit, or an empty one"
        try:
            about = self._manager.restore(step, args=args.Composite(about=args.JsonRestore()))
            if about["about"]["key"] != self._identity:
                raise CheckpointError(
                    f"the checkpoint in {self.folder} was begun with another key; {advice}"
                )
            found = self._manager.restore(
                step,
                args=args.Composite(
                    state=args.StandardRestore(self._state), curve=args.StandardRestore()
                ),
            )
        except CheckpointError:
            raise
        except Exception as error:  # Orbax raises whatever its readers do
            raise CheckpointError(
                f"the checkpoint of step {step:,} in {self.folder} is damaged, or of other "
                f"parameters or another optimiser: {str(error).splitlines()[0]}; {advice}"
            ) from error
        curve = found["curve"]
        return step, found["state"], np.asarray(curve["losses"]), np.asarray(curve["norms"])

    def due(self, before: int, after: int) -> bool:
        """Whether a checkpoint falls between two numbers of steps."""
        return before // self._options.every < after // self._options.every

    def save(self, step: int, state: Any, losses: np.ndarray, norms: np.ndarray) -> None:
        """Write a checkpoint, unless this step has one or nothing has been done."""
        if step == 0 or self._manager.latest_step() == step:
            return
        args = self._orbax.args
        self._manager.save(
            step,
            args=args.Composite(
                state=args.StandardSave(state),
                curve=args.StandardSave({"losses": losses, "norms": norms}),
                about=args.JsonSave({"key": self._identity}),
            ),
        )

    def close(self) -> None:
        """Wait until everything is on disk."""
        self._manager.close()
