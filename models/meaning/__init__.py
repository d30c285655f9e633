"""Meaning: from a sentence to weighted expressions, and the pairs that teach it.

| name | what it is |
|---|---|
| `Meaning`, `MeaningOptions` | the meaning function of one world, by a model that gives next-token weights |
| `Readings`, `Reading`, `Kind` | what a sentence may mean, how probable each is, and whether to trust any |
| `NotUnderstood` | raised where a sentence cannot be read |
| `PossibleWorlds` | readings that leave no world lose, at each closed bracket |
| `Pragmatic` | speakers choose their words: rational speech acts |
| `Retrieval` | examples like the sentence, for a prompt |
| `channel.Rescored`, `NoisyChannel` | the sentence's probability, given each reading, counts too |
| `served.ServedMeaning`, `served.Deferred` | the same by a server; a larger model where a smaller one is in doubt |
| `doubt`, `self_doubt`, `prediction_sets` | measures of doubt; sets that contain what is right |
| `context`, `antecedents`, `ellipsis`, `defining`, `quantities`, `arithmetic`, `usage`, `clauses`, `verbs`, `lacking` | what a sentence takes from the conversation, and gives to it |
| `saying.Speaker` | expressions and answers in English |
| `generate`, `corpus` | training pairs |
"""

from models.meaning.channel import NoisyChannel as NoisyChannel
from models.meaning.possible import PossibleWorlds as PossibleWorlds
from models.meaning.pragmatics import Pragmatic as Pragmatic
from models.meaning.retrieval import Retrieval as Retrieval
from models.meaning.translate import Kind as Kind
from models.meaning.translate import Meaning as Meaning
from models.meaning.translate import MeaningOptions as MeaningOptions
from models.meaning.translate import NotUnderstood as NotUnderstood
from models.meaning.translate import Reading as Reading
from models.meaning.translate import Readings as Readings
