"""Worlds of collisions: those that ship, and the same with other things, names and thresholds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

from models.meaning.corpus import collision_words as words
from models.meaning.corpus.attributes import number
from models.meaning.corpus.clause import Clause
from models.meaning.corpus.collision_questions import question
from models.meaning.corpus.collision_scene import Limits, Scene, Speech
from models.meaning.corpus.collision_statements import makers, single, statement
from models.meaning.corpus.names import PEOPLE
from models.meaning.corpus.offtopic import offtopic
from models.worlds import load
from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Entities, Entry, Vocabulary

UNCLEAR = "(unclear)"
COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "black", "white", "grey", "pink")
THINGS = ("cart", "truck", "marble", "puck", "trolley", "sled", "car", "van", "stone", "wagon")
KINDS = {"ball?": ("ball", "balls"), "block?": ("block", "blocks")}
OTHER_KINDS = (
    ("disc", "discs"),
    ("cube", "cubes"),
    ("puck", "pucks"),
    ("sphere", "spheres"),
    ("box", "boxes"),
    ("brick", "bricks"),
    ("marble", "marbles"),
    ("cylinder", "cylinders"),
)


@cache
def shipped(name: str) -> Vocabulary:
    """The vocabulary of a world as it ships."""
    return load(name).vocabulary


def scene_of(vocabulary: Vocabulary) -> Scene:
    """A scene that says what a shipped vocabulary says."""
    functions = {e.name: e.name for e in vocabulary.entries}
    kinds = tuple((role, *KINDS[role]) for role in KINDS if role in functions)
    return Scene(vocabulary, vocabulary.entities[0].names, True, functions, kinds, Limits())


def group(rng: Random, many: int = 0) -> tuple[Vocabulary, list[tuple[str, str]]]:
    """A vocabulary and `many` pairs (0: seven to twelve) about it.

    >>> vocabulary, made = group(Random(1))
    >>> 7 <= len(made) <= 12
    True
    """
    roll = rng.random()
    if roll < 0.5:
        scene = scene_of(shipped("collisions"))
    elif roll < 0.65:
        scene = scene_of(shipped("plane"))
    else:
        scene = varied(rng)
    return scene.vocabulary, [pair(rng, scene) for _ in range(many or rng.randint(7, 12))]


def pair(rng: Random, scene: Scene) -> tuple[str, str]:
    """A sentence and its fragment."""
    roll = rng.random()
    if roll < 0.1:
        return _case(rng, _unclear(rng, scene)), UNCLEAR
    if roll < 0.53:
        made = statement(rng, scene)
        return _state(rng, made), f"(condition {made.means})"
    text, means = question(rng, scene)
    return _mark(rng, text), f"(query {means})"


def _state(rng: Random, made: Clause) -> str:
    text = rng.choice(made.says)
    if rng.random() < 0.16:
        text = f"{rng.choice(words.HEDGES)} {text}"
    return _case(rng, text + rng.choice([".", ".", ".", ".", ".", ".", "", "!"]))


def _mark(rng: Random, text: str) -> str:
    order = text.split()[0].lower() in words.ORDERS
    end = rng.choice([".", ".", ""]) if order else rng.choice(["?", "?", "?", "?", "?", "?", ""])
    return _case(rng, rng.choice(words.OPENERS) * (not order) + text + end)


def _case(rng: Random, text: str) -> str:
    roll = rng.random()
    if roll < 0.04:
        return text.lower()
    if roll < 0.045:
        return text.upper()
    return text[:1].upper() + text[1:]


def _unclear(rng: Random, scene: Scene) -> str:
    """About something else, or about what this vocabulary has no function for."""
    roll = rng.random()
    if roll < 0.4:
        return offtopic(rng, rng.sample(PEOPLE, 2), about=True)
    speech = Speech(rng, scene)
    a, b = rng.sample(scene.names, 2)
    if roll > 0.65:
        full = scene_of(shipped("plane" if scene.has("speed-before") else "collisions"))
        missing = {
            role: f for role, f in full.functions.items() if role not in (*scene.functions, *KINDS)
        }
        lacking = replace(scene, functions=missing, kinds=())
        if makers(lacking):
            made = single(rng, lacking)
            return made.asks[0] + "?" if made.asks and rng.random() < 0.5 else made.says[0] + "."
    text = rng.choice(words.ELSE).format(a=speech(a), b=speech(b))
    asks = text.split()[0] in ("who", "how", "where", "why", "what", "do")
    return text + ("?" if asks else rng.choice([".", ".", "", "!"]))


# By role: other names, and meanings with their thresholds.
WORDED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mass": (
        ("mass", "weight", "mass-of", "how-heavy"),
        (
            "mass in kg; heavy is above {heavy}, quite heavy above {very_heavy}, light below {light}, very light below {very_light}",
            "how heavy it is: above {heavy} is heavy, above {very_heavy} very heavy, below {light} light, below {very_light} very light",
        ),
    ),
    "push": (
        ("push", "force", "push-on", "shove"),
        (
            "force of the push it gets; hard is above {hard}, lightly is below {lightly}, none is 0",
            "how hard it is pushed: above {hard} is hard, below {lightly} is gentle",
        ),
    ),
    "hits?": (
        ("hits?", "bumps?", "strikes?", "runs-into?"),
        (
            "the first hits the second",
            "the first runs into the second",
            "the first strikes the second",
        ),
    ),
    "hits-wall?": (
        ("hits-wall?", "reaches-wall?", "at-wall?"),
        ("it hits the wall", "it gets to the wall", "it reaches the wall"),
    ),
    "moves?": (("moves?", "moved?", "launched?"), ("it starts to move", "it is set in motion")),
    "rests?": (("rests?", "stops?", "at-rest?"), ("it is at rest at the end", "it comes to rest")),
    "speed-before": (
        ("speed-before", "speed-at-impact", "before-speed"),
        ("its speed just before the collision", "speed at which it goes into the collision"),
    ),
    "speed-after": (
        ("speed-after", "after-speed", "speed-out"),
        (
            "its speed just after the collision; fast is above {fast}, slow is below {slow}",
            "speed after the collision: above {fast} is fast, below {slow} is slow",
        ),
    ),
    "collision-time": (
        ("collision-time", "time-of-impact", "when-they-collide"),
        ("seconds until they collide", "time of the collision in seconds"),
    ),
    "distance": (
        ("distance", "path", "how-far", "way"),
        (
            "how far it moves, in metres; far is above {far}",
            "metres that it moves; above {far} is far",
        ),
    ),
    "hits-wall-without?": (
        ("hits-wall-without?", "would-reach-wall?", "wall-without?"),
        (
            "the first would reach the wall if the second were not there",
            "whether the first would hit the wall without the second",
        ),
    ),
    "distance-without": (
        ("distance-without", "how-far-without", "would-move"),
        (
            "how far the first would move if the second were not there",
            "metres that the first would move without the second",
        ),
    ),
    "height": (
        ("height", "top", "highest"),
        ("how high it gets, in metres", "its greatest height"),
    ),
    "bounciness": (
        ("bounciness", "restitution", "springiness"),
        (
            "share of its speed that it keeps in a bounce; bouncy is above {bouncy}",
            "how well it bounces, 0 to 1; above {bouncy} is bouncy",
        ),
    ),
}
THING_THING = ("hits?", "hits-wall-without?", "distance-without")


def varied(rng: Random) -> Scene:
    """A scene with things, names, meanings and thresholds of its own, in an order of its own."""
    colours = rng.random() < 0.75
    names = tuple(rng.sample(COLOURS if colours else THINGS, rng.choice([2, 2, 2, 3, 3, 4])))
    heavy = rng.choice([2, 3, 4, 5, 10])
    limits = Limits(
        heavy=heavy,
        very_heavy=heavy * rng.choice([1.5, 2]),
        light=rng.choice([heavy, heavy / 2]),
        very_light=heavy / rng.choice([4, 5]),
        hard=rng.choice([5, 6, 8, 10]),
        lightly=rng.choice([1, 2, 3]),
        fast=rng.choice([0.5, 1, 2, 3]),
        slow=rng.choice([0.1, 0.2, 0.4]),
        far=rng.choice([0.5, 1, 2, 3]),
        bouncy=rng.choice([0.5, 0.6, 0.8]),
    )
    sort = rng.choice(["object", "thing", "body", "item"])
    listing = {"object": "objects", "thing": "things", "body": "bodies", "item": "items"}[sort]
    entity = Entity(sort)
    kinds, entries, functions = [], [], {}
    if colours and rng.random() < 0.85:
        shapes = (*KINDS.values(), *OTHER_KINDS) if rng.random() < 0.5 else tuple(KINDS.values())
        for one, many in rng.sample(shapes, rng.choice([1, 2, 2])):
            function = rng.choice([f"{one}?", f"{one}?", f"is-{one}"])
            meaning = rng.choice([f"it is a {one}", f"whether it is a {one}"])
            entries.append(Entry(function, Function((entity,), BOOLEAN), meaning))
            functions[one] = function
            kinds.append((one, one, many))
    roles = [r for r in WORDED if r == "mass" or rng.random() < 0.68]
    figures = {f: number(v) for f, v in vars(limits).items()}
    for role in roles:
        others, meanings = WORDED[role]
        function = role if rng.random() < 0.5 else rng.choice(others)
        result = BOOLEAN if role.endswith("?") else NUMBER
        things = 0 if role == "collision-time" else 2 if role in THING_THING else 1
        meaning = rng.choice(meanings).format(**figures)
        entries.append(Entry(function, Function((entity,) * things, result), meaning))
        functions[role] = function
    if rng.random() < 0.6:
        rng.shuffle(entries)
    vocabulary = Vocabulary(tuple(entries), (Entities(sort, listing, names, False),))
    return Scene(vocabulary, names, colours, functions, tuple(kinds), limits)
