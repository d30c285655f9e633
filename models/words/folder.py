"""Reads a model's folder as `transformers` saves it: `config.json` and safetensors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from jaxtyping import Float32
from safetensors import SafetensorError, safe_open


class FolderError(ValueError):
    """A model's folder is missing, damaged, or holds what is not known here."""


@dataclass(frozen=True)
class Folder:
    """A folder whose tensors wait on disk.

    Attributes:
      path: where it is.
      config: what `config.json` says.
      files: from each tensor's name to the file that holds it.
    """

    path: Path
    config: Mapping[str, Any]
    files: Mapping[str, Path]

    def tensor(self, name: str) -> Float32[np.ndarray, "*shape"]:
        """Reads one tensor.

        Args:
          name: its name in the files.

        Returns:
          The values in float32.

        Raises:
          FolderError: where there is no such tensor, or it is quantised.
        """
        if name not in self.files:
            raise FolderError(f"{self.path.name} has no tensor named {name!r}")
        try:
            with safe_open(self.files[name], framework="numpy") as file:
                values = file.get_tensor(name)
        except (SafetensorError, OSError, TypeError) as error:
            raise FolderError(f"{self.files[name].name} is damaged: {error!r}") from error
        if values.dtype not in (np.float32, np.float16, ml_dtypes.bfloat16):
            raise FolderError(
                f"{self.path.name}: {name} is kept as {values.dtype}, and only unquantised weights "
                "are read from safetensors; take a GGUF file for quantised ones"
            )
        return np.asarray(values, np.float32)


def read_folder(path: Path) -> Folder:
    """Reads what a folder says of its model, and where its tensors are.

    Args:
      path: with `config.json` and `*.safetensors`.

    Raises:
      FolderError: where one of them is missing or damaged.
    """
    path = Path(path)
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise FolderError(f"{path} is no model's folder: it has no config.json") from error
    except ValueError as error:
        raise FolderError(f"{path / 'config.json'} is no JSON: {error}") from error
    if not isinstance(config, dict):
        raise FolderError(f"{path / 'config.json'} holds no object")
    files: dict[str, Path] = {}
    for file in sorted(path.glob("model*.safetensors")):
        try:
            with safe_open(file, framework="numpy") as opened:
                files |= dict.fromkeys(opened.keys(), file)
        except (SafetensorError, OSError) as error:
            raise FolderError(f"{file.name} is damaged: {error!r}") from error
    if not files:
        raise FolderError(f"{path} has no file model*.safetensors")
    return Folder(path, config, files)
