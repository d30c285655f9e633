"""Language models behind a server that speaks OpenAI's protocol: vLLM, Ollama, hosted models.

Such a server gives texts and no next-token weights. Retries with growing waits (and the server's own
`Retry-After`) are the client's; calls are kept on disk; a cap ends spending before a call that could
go over it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from models.words.calls import CallCache
from plot.errors import PlotError

type Messages = Sequence[dict[str, str]]
_CHARACTERS = 2  # a token has at least about so many, for an upper bound of a prompt's length


class ServerError(PlotError):
    """A server that could not be asked, or whose answer could not be used."""

    kind = "language model server"


class SpendingCap(ServerError):
    """A call that could cost more than what is left to spend."""

    kind = "spending cap"


@dataclass(frozen=True)
class ServerOptions:
    """Which server and model, and how to ask.

    Args:
      url: base of the protocol, such as `http://localhost:11434/v1`.
      model: its name there.
      key: secret; that of the environment's `OPENAI_API_KEY` where not given, or none.
      temperature: of the samples.
      max_tokens: of a reply.
      timeout: seconds that a call may take.
      retries: further tries after a failure that may pass (no connection, too many calls, 5xx).
      concurrent: calls at a time.
      price: of a million tokens of prompt, and of reply.
      cap: what may be spent in all, in the unit of the price.
      offline: whether only kept calls may be answered.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    temperature: float = 0.7
    max_tokens: int = 200
    timeout: float = 60.0
    retries: int = 4
    concurrent: int = 4
    price: tuple[float, float] = (0.0, 0.0)
    cap: float | None = None
    offline: bool = False


@dataclass(frozen=True)
class Reply:
    """What a server said.

    Args:
      text: the message.
      prompt_tokens, tokens: as the server counted them, for the prompt and the reply.
      kept: whether it was read from disk.
    """

    text: str
    prompt_tokens: int
    tokens: int
    kept: bool


class Server:
    """Asks a server; safe to use from several threads.

    Args:
      options: which, and how.
      cache: where calls are kept.
    """

    def __init__(self, options: ServerOptions, cache: CallCache | None = None):
        import openai

        self.options = options
        self.cache = CallCache.of_user() if cache is None else cache
        self.spent = 0.0
        self._reserved = 0.0
        self._lock = threading.Lock()
        self._client = openai.OpenAI(
            api_key=options.key or os.environ.get("OPENAI_API_KEY") or "none",
            base_url=options.url,
            timeout=options.timeout,
            max_retries=options.retries,
        )

    def ask(self, messages: Messages, samples: int = 1, seed: int = 0) -> tuple[Reply, ...]:
        """Replies to a conversation, each drawn by itself.

        Args:
          messages: `role` and `content` each.
          samples: how many replies.
          seed: of the first; the others count on from it.

        Raises:
          ServerError: where the server cannot be reached, refuses, or answers what is no answer.
          SpendingCap: before a call that could go over the cap.
        """
        seeds = range(seed, seed + samples)
        with ThreadPoolExecutor(max(1, min(self.options.concurrent, samples))) as pool:
            return tuple(pool.map(lambda s: self._one(messages, s), seeds))

    def _one(self, messages: Messages, seed: int) -> Reply:
        o = self.options
        request = {
            "url": o.url,
            "model": o.model,
            "messages": list(messages),
            "temperature": o.temperature,
            "max_tokens": o.max_tokens,
            "seed": seed,
        }
        kept = self.cache.get(request)
        if kept is not None:
            return Reply(kept["text"], kept["prompt_tokens"], kept["tokens"], True)
        if o.offline:
            raise ServerError(
                f"this call of {o.model} was not kept, and calls are to be answered offline",
                hint="run once with a connection, or set offline=False",
            )
        most = self._reserve(messages)
        try:
            reply = self._call(request)
        except BaseException:
            self._settle(most, 0.0)
            raise
        self._settle(most, self._cost(reply.prompt_tokens, reply.tokens))
        answer = {"text": reply.text, "prompt_tokens": reply.prompt_tokens, "tokens": reply.tokens}
        self.cache.put(request, answer)
        return reply

    def _call(self, request: dict[str, Any]) -> Reply:
        import openai

        where = f"{self.options.model} at {self.options.url}"
        try:
            done = self._client.chat.completions.create(
                **{k: v for k, v in request.items() if k != "url"}
            )
            text = done.choices[0].message.content
            usage = done.usage
        except openai.APITimeoutError:
            raise ServerError(
                f"{where} did not answer within {self.options.timeout:g} s, in "
                f"{self.options.retries + 1} tries",
                hint="raise the timeout, or ask a smaller model",
            ) from None
        except openai.APIConnectionError as error:
            raise ServerError(
                f"{where} cannot be reached: {error.__cause__ or error}", hint="is it running?"
            ) from None
        except openai.APIStatusError as error:
            raise ServerError(
                f"{where} refused with status {error.status_code}: {_short(error.message)}"
            ) from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise ServerError(
                f"{where} answered something that is no reply: {_short(str(error))}"
            ) from None
        if not isinstance(text, str) or not text.strip():
            raise ServerError(f"{where} gave an empty reply")
        counted = (
            getattr(usage, "prompt_tokens", None) or self._longest(request["messages"]),
            getattr(usage, "completion_tokens", None) or self.options.max_tokens,
        )
        return Reply(text, int(counted[0]), int(counted[1]), False)

    def _longest(self, messages: Messages) -> int:
        """An upper bound of a prompt's tokens."""
        return sum(len(m["content"]) // _CHARACTERS + 8 for m in messages)

    def _cost(self, prompt: int, reply: int) -> float:
        return (prompt * self.options.price[0] + reply * self.options.price[1]) / 1e6

    def _reserve(self, messages: Messages) -> float:
        most = self._cost(self._longest(messages), self.options.max_tokens)
        cap = self.options.cap
        with self._lock:
            if cap is not None and self.spent + self._reserved + most > cap:
                raise SpendingCap(
                    f"a call of {self.options.model} could cost {most:.4g}, and of the cap of {cap:g} "
                    f"{max(cap - self.spent - self._reserved, 0):.4g} are left",
                    hint="raise the cap, or ask for fewer samples",
                )
            self._reserved += most
        return most

    def _settle(self, reserved: float, spent: float) -> None:
        with self._lock:
            self._reserved -= reserved
            self.spent += spent


def _short(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
