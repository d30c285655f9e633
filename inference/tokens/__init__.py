"""Engines over tokens: grammars from types, masks, and sequential Monte Carlo."""

from inference.tokens.base import LanguageModel as LanguageModel
from inference.tokens.base import Vocabulary as Vocabulary
from inference.tokens.constraint import Constraint as Constraint
from inference.tokens.constraint import Finished as Finished
from inference.tokens.grammar import Kinds as Kinds
from inference.tokens.grammar import grammar as grammar
from inference.tokens.mentions import Mentions as Mentions
from inference.tokens.mentions import mentions as mentions
from inference.tokens.smc import SmcOptions as SmcOptions
from inference.tokens.smc import smc as smc
