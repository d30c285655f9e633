"""Engines over tokens: grammars from types, masks, and samplers with stated targets.

| name | what it is | its target |
|---|---|---|
| `smc` | sequential Monte Carlo under a grammar, twisted by a reward where one is given | the model, given the grammar (times the reward) |
| `distinct_smc` | the same with particles that all differ | as `smc` |
| `Masked`, `Nucleus`, `Typical` | which tokens `smc` may draw | the model, given the grammar and what they keep |
| `AdaptiveRejection` | tries tokens one by one instead of asking for a mask | as `Masked` |
| `particle_gibbs` | repeated `smc` around one kept sequence | as `smc` |
| `asap` | grammar-aligned decoding: masked draws that learn what they mask | the model, given the grammar |
| `best_of`, `beam` | searches, for comparison | none |
| `AtBrackets` | a reward that is looked at where a bracket closes | |
| `grammar`, `Constraint`, `written` | the typed grammar of a vocabulary, its masks, and the names that they spell | |
"""

from inference.tokens.asap import Asap as Asap
from inference.tokens.asap import AsapOptions as AsapOptions
from inference.tokens.asap import asap as asap
from inference.tokens.base import LanguageModel as LanguageModel
from inference.tokens.base import Vocabulary as Vocabulary
from inference.tokens.constraint import Constraint as Constraint
from inference.tokens.constraint import Finished as Finished
from inference.tokens.distinct import DistinctOptions as DistinctOptions
from inference.tokens.distinct import distinct_smc as distinct_smc
from inference.tokens.gibbs import GibbsOptions as GibbsOptions
from inference.tokens.gibbs import particle_gibbs as particle_gibbs
from inference.tokens.grammar import Kinds as Kinds
from inference.tokens.grammar import grammar as grammar
from inference.tokens.mentions import Mentions as Mentions
from inference.tokens.mentions import mentions as mentions
from inference.tokens.particles import Sample as Sample
from inference.tokens.particles import SmcResult as SmcResult
from inference.tokens.proposals import Masked as Masked
from inference.tokens.proposals import Nucleus as Nucleus
from inference.tokens.proposals import Proposal as Proposal
from inference.tokens.proposals import Typical as Typical
from inference.tokens.rejection import AdaptiveRejection as AdaptiveRejection
from inference.tokens.search import BeamOptions as BeamOptions
from inference.tokens.search import BestOfOptions as BestOfOptions
from inference.tokens.search import beam as beam
from inference.tokens.search import best_of as best_of
from inference.tokens.smc import SmcOptions as SmcOptions
from inference.tokens.smc import smc as smc
from inference.tokens.spelling import written as written
from inference.tokens.twists import AtBrackets as AtBrackets
from inference.tokens.twists import Twist as Twist
