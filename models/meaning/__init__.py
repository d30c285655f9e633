"""Meaning: from a sentence to weighted expressions, and the pairs that teach it."""

from models.meaning.translate import Kind as Kind
from models.meaning.translate import Meaning as Meaning
from models.meaning.translate import MeaningOptions as MeaningOptions
from models.meaning.translate import NotUnderstood as NotUnderstood
from models.meaning.translate import Reading as Reading
from models.meaning.translate import Readings as Readings
