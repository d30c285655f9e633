"""Language models as token models: the embedded one, its adapter, and how that is trained.

To run one: `embedded` gives a `LanguageModel`, which samplers over tokens drive; `local` loads any
Llama, SmolLM2, Mistral, Qwen or Gemma from a GGUF file or a folder; `spread` puts it on several
devices. To train an
adapter: `Example`, `finetune`. To keep one: `save_lora`, `load_lora`, `merge`.

Inside, from the bottom: `gguf_file` and `folder` read files, `tokenizer` splits text, `config`,
`attention` and `llama` are the decoder, `architectures` knows what files say of its shape, `checkpoint`
fills it, `mesh` spreads it; `tree` and `cache` hold prefixes and particles, `decoding` runs them, `model`
joins it all; `lora`, `packing`, `cross_entropy` and `finetune` train.
"""

from models.words.config import LlamaConfig as LlamaConfig
from models.words.finetune import FinetuneOptions as FinetuneOptions
from models.words.finetune import StepReport as StepReport
from models.words.finetune import finetune as finetune
from models.words.llama import Llama as Llama
from models.words.lora import Lora as Lora
from models.words.lora import LoraInfo as LoraInfo
from models.words.lora import load_lora as load_lora
from models.words.lora import merge as merge
from models.words.lora import save_lora as save_lora
from models.words.mesh import spread as spread
from models.words.model import LanguageModel as LanguageModel
from models.words.model import embedded as embedded
from models.words.model import local as local
from models.words.packing import Example as Example
from models.words.tokenizer import Tokenizer as Tokenizer
