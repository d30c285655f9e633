"""Language models as token models: the embedded one, its adapter, and how that is trained.

To run one: `embedded` gives a `LanguageModel`, which samplers over tokens drive. To train an
adapter: `Example`, `finetune`. To keep one: `save_lora`, `load_lora`, `merge`.

Inside, from the bottom: `gguf_file` reads files, `tokenizer` splits text, `attention` and `llama`
are the decoder, `checkpoint` fills it, `cache` holds prefixes and particles, `model` joins them;
`lora`, `packing`, `cross_entropy` and `finetune` train.
"""

from models.words.finetune import FinetuneOptions as FinetuneOptions
from models.words.finetune import StepReport as StepReport
from models.words.finetune import finetune as finetune
from models.words.llama import Llama as Llama
from models.words.llama import LlamaConfig as LlamaConfig
from models.words.lora import Lora as Lora
from models.words.lora import LoraInfo as LoraInfo
from models.words.lora import load_lora as load_lora
from models.words.lora import merge as merge
from models.words.lora import save_lora as save_lora
from models.words.model import LanguageModel as LanguageModel
from models.words.model import embedded as embedded
from models.words.packing import Example as Example
from models.words.tokenizer import Tokenizer as Tokenizer
