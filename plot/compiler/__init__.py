"""The staged compiler: a program is run once, symbolically, into a graph of lanes."""

from plot.compiler import forms as forms  # registers the special forms
from plot.compiler.budget import Budget as Budget
from plot.compiler.builtins import global_environment as global_environment
from plot.compiler.builtins import top_scope as top_scope
from plot.compiler.evaluator import deep_recursion as deep_recursion
from plot.compiler.evaluator import evaluate as evaluate
from plot.compiler.graph import Graph as Graph
from plot.compiler.graph import Node as Node
from plot.compiler.graph import Operand as Operand
from plot.compiler.machine import AllDead as AllDead
from plot.compiler.machine import Machine as Machine
from plot.compiler.values import Atoms as Atoms
from plot.compiler.values import Effects as Effects
from plot.compiler.values import Environment as Environment
from plot.compiler.values import Value as Value
