"""llama.cpp as a peer: node-llama-cpp with its prebuilt binary, installed with npm into a cache folder."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from experiments.bench import npm
from plot.cached.folder import cache_folder

VERSION = "3.22.1"
RUN_SECONDS = 200

PROGRAM = """\
import {getLlama, LlamaLogLevel} from "node-llama-cpp";
const {model: modelPath, threads, prompt, batch, tokens, repeats} = JSON.parse(process.argv[2]);
const llama = await getLlama({
  gpu: false, build: "never", skipDownload: true, progressLogs: false,
  logLevel: LlamaLogLevel.disabled, maxThreads: threads,
});
const model = await llama.loadModel({modelPath});
const found = [];
for (let turn = 0; turn <= repeats; turn++) {
  const context = await model.createContext({
    sequences: batch, contextSize: prompt.length + tokens + 8, batchSize: 512, threads,
  });
  const marks = [];
  let ready, waiting = batch;
  const all = new Promise(done => { ready = done; });
  const told = await Promise.all(Array.from({length: batch}, async (_, i) => {
    // Texts that differ in their last token of the prompt, each taking the most probable token.
    const generated = context.getSequence().evaluate([...prompt, 100 + 7 * i], {
      temperature: 0, yieldEogToken: true,
    });
    const out = [(await generated.next()).value];
    if (--waiting === 0) { marks.push(performance.now()); ready(); }
    await all;
    for (let step = 1; step < tokens; step++) out.push((await generated.next()).value);
    await generated.return();
    return out;
  }));
  marks.push(performance.now());
  found.push({seconds: (marks[1] - marks[0]) / 1000, told: told[0]});
  await context.dispose();
}
console.log(JSON.stringify(found.slice(1)));
process.exit(0);
"""


@dataclass(frozen=True)
class Run:
    """One timed run.

    Args:
      seconds: for all tokens of all texts but the first of each.
      told: the tokens of the first text.
    """

    seconds: float
    told: list[int]


def install() -> Path:
    """The folder that holds node-llama-cpp, installed where it is not there yet.

    Raises:
      Skipped: where node or npm are missing, there is no binary for this system, or npm cannot
        install.
    """
    npm.tools()
    system, machine = os.uname().sysname, os.uname().machine
    kind = {"x86_64": "x64", "aarch64": "arm64"}.get(machine)
    if system != "Linux" or kind is None:
        raise npm.Skipped(f"a binary of llama.cpp is installed on Linux only, and this is {system}")
    home = cache_folder("llama_cpp")
    if not (home / "node_modules" / "node-llama-cpp" / "package.json").exists():
        packages = [f"node-llama-cpp@{VERSION}", f"@node-llama-cpp/linux-{kind}@{VERSION}"]
        npm.install(home, packages, "--omit=optional")  # none for graphics cards
    return home


def measure(
    model: Path, prompt: list[int], batch: int, tokens: int, threads: int, repeats: int
) -> list[Run]:
    """Time greedy decoding of several texts side by side.

    Args:
      model: a GGUF file.
      prompt: tokens that all begin with; one more, different for each, comes after them.
      batch: how many texts.
      tokens: of each, the first of which is not timed.
      threads: of the processor.
      repeats: runs that count; one more comes first.

    Raises:
      Skipped: where it cannot be run.
    """
    home = install()
    asked = {
        "model": str(model),
        "prompt": prompt,
        "batch": batch,
        "tokens": tokens,
        "threads": threads,
        "repeats": repeats,
    }
    with tempfile.TemporaryDirectory(dir=home) as place:  # where node finds the package
        program = Path(place) / "decode.mjs"
        program.write_text(PROGRAM, encoding="utf-8")
        arguments = ["node", str(program), json.dumps(asked)]
        found = npm.printed("llama.cpp", arguments, RUN_SECONDS, home)
    return [Run(each["seconds"], each["told"]) for each in found]
