"""Words for agents and lunch: places and their food, ways, liking, moving, knowing."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

KINDS = (
    "place",
    "place",
    "place",
    "restaurant",
    "restaurant",
    "spot",
    "joint",
    "bar",
    "shop",
    "café",
)
DISHES = (
    *("sushi", "pizza", "vegetarian", "burger", "noodle", "taco", "curry", "salad", "ramen"),
    *("falafel", "kebab", "dumpling", "vegan", "burrito", "sandwich", "pasta", "soup", "steak"),
)
COUNTED = ("burger", "noodle", "taco", "salad", "kebab", "dumpling", "burrito", "sandwich", "steak")
STREETS = ("northern", "southern", "eastern", "western")
SYNONYMS = {
    **{street: (street.removesuffix("ern"),) for street in STREETS},
    "lawn": ("grass",),
    "pizza": ("pizzeria",),
    "vegetarian": ("veggie",),
}
NAMED_STREETS = (
    "ames",
    "barlow",
    "carson",
    "danner",
    "elm",
    "oak",
    "maple",
    "pine",
    "mill",
    "king",
)


@dataclass(frozen=True)
class Place:
    """A place to eat as English sees it: its symbol and what may be called what."""

    symbol: str

    @property
    def means(self) -> str:
        """The quoted symbol."""
        return f"'{self.symbol}"

    def called(self, rng: Random) -> str:
        """A noun phrase for the place."""
        if self.symbol == "pizza" and rng.random() < 0.05:
            return rng.choice(["the pizzeria", "the pizza parlour", "the pizza parlor"])
        if self.symbol == "vegetarian" and rng.random() < 0.07:
            return rng.choice(["the veggie place", "the veggie restaurant", "the veggie café"])
        return f"the {self.symbol} {rng.choice(KINDS)}"

    def food(self, rng: Random) -> str:
        """The food that is served there."""
        if self.symbol in ("vegetarian", "vegan"):
            return f"{self.symbol} {rng.choice(['food', 'food', 'food', 'meals', 'dishes'])}"
        if self.symbol in COUNTED:
            return f"{self.symbol}{'es' if self.symbol.endswith('ch') else 's'}"
        return self.symbol

    def liked(self, rng: Random) -> str:
        """What someone likes: the food, the place or the food of the place."""
        roll = rng.random()
        if roll < 0.62:
            return self.food(rng)
        if roll < 0.92:
            return self.called(rng)
        return f"the food at {self.called(rng)}"


@dataclass(frozen=True)
class Way:
    """A street or the lawn as English sees it."""

    symbol: str

    @property
    def means(self) -> str:
        """The quoted symbol."""
        return f"'{self.symbol}"

    @property
    def is_lawn(self) -> bool:
        """Whether one crosses it, and does not go along it."""
        return self.symbol == "lawn"

    def direction(self, rng: Random, directions: tuple[str, ...]) -> str:
        """A direction in which one can move here; now and then another."""
        across = {"northern": ("east", "west"), "eastern": ("north", "south")}
        across |= {"southern": across["northern"], "western": across["eastern"]}
        return rng.choice(
            directions if rng.random() < 0.15 else across.get(self.symbol, directions)
        )

    def called(self, rng: Random) -> str:
        """A noun phrase."""
        if self.is_lawn:
            return "the grass" if rng.random() < 0.08 else "the lawn"
        if self.symbol in STREETS:
            name = self.symbol
            if rng.random() < 0.12:
                name = name.removesuffix("ern")
                return rng.choice([f"the {name} street", f"the street in the {name}"])
            kind = rng.choice(["street", "street", "street", "street", "road"])
            return f"{name.capitalize()} Street" if rng.random() < 0.06 else f"the {name} {kind}"
        kind = rng.choice(["Street", "Street", "Street", "Road", ""])
        return f"{self.symbol.capitalize()} {kind}".strip()

    def along(self, rng: Random) -> str:
        """A phrase of place for someone who moves: `along the northern street`."""
        if self.is_lawn:
            return f"{rng.choice(['across', 'across', 'over', 'through', 'on'])} {self.called(rng)}"
        return (
            f"{rng.choice(['on', 'on', 'on', 'along', 'along', 'down', 'up'])} {self.called(rng)}"
        )


def heading(rng: Random, direction: str) -> str:
    """`east`, `eastward`, `to the east`."""
    roll = rng.random()
    if roll < 0.7:
        return direction
    if roll < 0.85:
        return f"{direction}{rng.choice(['ward', 'wards', 'bound'])}"
    return f"{rng.choice(['to', 'towards', 'toward'])} the {direction}"


# Verb phrases of liking, {f} the food: base, third person; or after `is`.
LIKES = (
    *[("like {f}", "likes {f}")] * 6,
    *[("enjoy {f}", "enjoys {f}")] * 2,
    ("find {f} fine", "finds {f} fine"),
    ("find {f} tasty", "finds {f} tasty"),
    ("think that {f} is fine", "thinks that {f} is fine"),
)
GOING = (
    "going to {p}",
    "heading to {p}",
    "heading for {p}",
    "on the way to {p}",
    "off to {p}",
    "headed to {p}",
)
WALKING = ("walking", "walking", "walking", "strolling")
BIKING = ("biking", "biking", "cycling", "riding a bike")
MOVING = ("going", "heading", "moving")
OKAY = (
    *["fine with {f}", "okay with {f}", "OK with {f}"] * 3,
    *("all right with {f}", "happy to eat {f}", "content with {f}", "fond of {f}"),
)
LOVES = (
    *[("love {f}", "loves {f}")] * 5,
    *[("like {f} a lot", "likes {f} a lot")] * 4,
    *[("adore {f}", "adores {f}"), ("really like {f}", "really likes {f}")] * 2,
    ("like {f} very much", "likes {f} very much"),
    ("absolutely love {f}", "absolutely loves {f}"),
    ("really love {f}", "really loves {f}"),
    ("enjoy {f} a lot", "enjoys {f} a lot"),
    ("enjoy {f} very much", "enjoys {f} very much"),
    ("think that {f} is delicious", "thinks that {f} is delicious"),
    ("think that {f} is great", "thinks that {f} is great"),
)
CRAZY = (
    "crazy about {f}",
    "mad about {f}",
    "a big fan of {f}",
    "very fond of {f}",
    "wild about {f}",
)
DISLIKES = (
    *[("dislike {f}", "dislikes {f}")] * 4,
    ("find {f} bad", "finds {f} bad"),
)
NOT_FAN = ("not fond of {f}", "not a fan of {f}", "not keen on {f}", "not into {f}")
HATES = (
    *[("hate {f}", "hates {f}")] * 5,
    *[("detest {f}", "detests {f}"), ("loathe {f}", "loathes {f}")],
    ("absolutely hate {f}", "absolutely hates {f}"),
    ("dislike {f} a lot", "dislikes {f} a lot"),
    ("really dislike {f}", "really dislikes {f}"),
    ("despise {f}", "despises {f}"),
    ("abhor {f}", "abhors {f}"),
)
CANNOT = ("can't stand {f}", "cannot stand {f}", "can't bear {f}", "can't abide {f}")

# Verb phrases of going somewhere, {p} the place: past, base, third person.
GOES = (
    *[("went to {p}", "go to {p}", "goes to {p}")] * 6,
    *[("headed to {p}", "head to {p}", "heads to {p}")] * 2,
    ("headed for {p}", "head for {p}", "heads for {p}"),
    ("set out for {p}", "set out for {p}", "sets out for {p}"),
    ("left for {p}", "leave for {p}", "leaves for {p}"),
    ("chose {p}", "choose {p}", "chooses {p}"),
    ("picked {p}", "pick {p}", "picks {p}"),
    ("visited {p}", "visit {p}", "visits {p}"),
    ("made for {p}", "make for {p}", "makes for {p}"),
    ("decided on {p}", "decide on {p}", "decides on {p}"),
    ("ended up going to {p}", "end up going to {p}", "ends up going to {p}"),
    ("went over to {p}", "go over to {p}", "goes over to {p}"),
    ("went out to {p}", "go out to {p}", "goes out to {p}"),
    ("went to lunch at {p}", "go to lunch at {p}", "goes to lunch at {p}"),
)
EATS = (
    *[("ate at {p}", "eat at {p}", "eats at {p}")] * 4,
    *[("had lunch at {p}", "have lunch at {p}", "has lunch at {p}")] * 3,
    ("got lunch at {p}", "get lunch at {p}", "gets lunch at {p}"),
    ("ended up eating at {p}", "end up eating at {p}", "ends up eating at {p}"),
    ("dined at {p}", "dine at {p}", "dines at {p}"),
    ("got to eat at {p}", "get to eat at {p}", "gets to eat at {p}"),
    ("had a meal at {p}", "have a meal at {p}", "has a meal at {p}"),
    ("lunched at {p}", "lunch at {p}", "lunches at {p}"),
)
STAYS = (
    *[("stayed in", "stay in", "stays in"), ("stayed put", "stay put", "stays put")],
    *[("stayed at the office", "stay at the office", "stays at the office")] * 2,
    *[("stayed in the office", "stay in the office", "stays in the office")] * 2,
    ("skipped lunch", "skip lunch", "skips lunch"),
    ("remained in the office", "remain in the office", "remains in the office"),
    ("remained at the office", "remain at the office", "remains at the office"),
    ("went nowhere", "go nowhere", "goes nowhere"),
    ("stayed behind", "stay behind", "stays behind"),
)
LEAVES = (
    ("left the office", "leave the office", "leaves the office"),
    ("went out", "go out", "goes out"),
    ("went out for lunch", "go out for lunch", "goes out for lunch"),
    ("went somewhere", "go somewhere", "goes somewhere"),
    ("went to lunch", "go to lunch", "goes to lunch"),
)
WHEN = ("", "", "", "", "", "", " today", " for lunch", " for lunch", " at lunch", " at noon")
WOULD_WHEN = ("", "", "", "", " today", " for lunch", " for lunch", " at lunch")

# Past, base, third person, before what says where.
ON_FOOT = (
    *[("walked", "walk", "walks")] * 8,
    ("strolled", "stroll", "strolls"),
    ("went on foot", "go on foot", "goes on foot"),
    ("wandered", "wander", "wanders"),
)
BY_BIKE = (
    *[("biked", "bike", "bikes")] * 6,
    *[("cycled", "cycle", "cycles")] * 3,
    *[("rode a bike", "ride a bike", "rides a bike")] * 2,
    ("rode", "ride", "rides"),
    ("went by bike", "go by bike", "goes by bike"),
    ("pedalled", "pedal", "pedals"),
    ("took the bike", "take the bike", "takes the bike"),
)
ANYHOW = (
    *[("went", "go", "goes")] * 4,
    *[("headed", "head", "heads")] * 4,
    ("moved", "move", "moves"),
    ("set off", "set off", "sets off"),
    ("travelled", "travel", "travels"),
)

KNOWS = (
    *["knows which places are open", "knows what is open", "knows what's open"] * 2,
    "knows which restaurants are open",
    "knows where one can eat today",
    "knows which of the places are open",
    "knows the opening hours",
    "is informed about what is open",
    "is well informed",
    "has checked what is open",
    "knows exactly what is open",
    "is aware of which places are open",
    "knows what is open and what is closed",
    "knows whether each place is open",
)
IGNORES = (
    *["doesn't know which places are open", "doesn't know what is open"] * 2,
    "does not know what's open",
    "has no idea what is open",
    "has no idea which places are open",
    "is not informed about what is open",
    "doesn't know which restaurants are open",
    "is unaware of what is open",
    "is new here and doesn't know what is open",
    "isn't sure what is open",
    "hasn't checked what is open",
    "is in the dark about what is open",
    "cannot know which places are open",
)
OWNS = (
    *[("own a bike", "owns a bike"), ("have a bike", "has a bike")] * 3,
    ("have a bicycle", "has a bicycle"),
    ("own a bicycle", "owns a bicycle"),
    ("have a bike here", "has a bike here"),
    ("possess a bike", "possesses a bike"),
)
NO_BIKE = (
    *["has no bike", "doesn't have a bike", "does not own a bike", "doesn't own a bike"] * 2,
    *("is without a bike", "has no bicycle", "lacks a bike", "came without a bike", "is bikeless"),
)
WATCHES = (
    *[("saw where {o} went", "see where {o} went")] * 3,
    *[("saw {o} leave", "see {o} leave"), ("saw {o} go", "see {o} go")] * 2,
    ("watched {o} go", "watch {o} go"),
    ("watched {o} leave for lunch", "watch {o} leave for lunch"),
    ("watched where {o} went", "watch where {o} went"),
    ("noticed where {o} went", "notice where {o} went"),
    ("saw {o} go to lunch", "see {o} go to lunch"),
    ("saw {o} on the way to lunch", "see {o} on the way to lunch"),
    ("observed {o}", "observe {o}"),
    ("watched {o}", "watch {o}"),
    ("saw {o} setting out", "see {o} setting out"),
)
FOLLOWS = (
    *[("followed {o}", "follow {o}", "follows {o}")] * 4,
    ("went after {o}", "go after {o}", "goes after {o}"),
    ("tagged along after {o}", "tag along after {o}", "tags along after {o}"),
    ("followed {o} to lunch", "follow {o} to lunch", "follows {o} to lunch"),
    ("came after {o}", "come after {o}", "comes after {o}"),
    ("copied {o}", "copy {o}", "copies {o}"),
    ("followed {o}'s lead", "follow {o}'s lead", "follows {o}'s lead"),
)
