"""Words for relatives: what English calls them, and what is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

VARIABLES = ("x", "y")


@dataclass(frozen=True)
class Noun:
    """A word for a relative.

    Args:
      one, many: what people say, the usual word first.
      form: the expression of `{a}` being this to `{b}`; `{v}` is a variable of its own.
      article: of the usual word.
    """

    one: tuple[str, ...]
    many: tuple[str, ...]
    form: str

    @property
    def binds(self) -> bool:
        """Whether the expression needs a variable."""
        return "{v}" in self.form

    def means(self, a: str, b: str, depth: int) -> str:
        """The expression, with `depth` variables bound around it."""
        return self.form.format(a=a, b=b, v=VARIABLES[min(depth, 1)])


def _many(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith(("nny", "ddy", "mmy", "bby")) else f"{word}s"


def _plain(symbol: str, one: str, many: str = "") -> Noun:
    singles = tuple(one.split("|"))
    plurals = tuple(many.split("|")) if many else tuple(map(_many, singles))
    return Noun(singles, plurals, f"({symbol} {{a}} {{b}})")


def _of(gender: str, symbol: str, one: str, many: str = "", turned: bool = False) -> Noun:
    order = "{b} {a}" if turned else "{a} {b}"
    plain = _plain(symbol, one, many)
    return Noun(plain.one, plain.many, f"(and ({gender} {{a}}) ({symbol} {order}))")


MOTHER = _plain("mother", "mother|mother|mom|mum|mama|mommy")
FATHER = _plain("father", "father|father|dad|daddy|papa")
PARENT = _plain("parent", "parent")
CHILD = _plain("child", "child|child|kid", "children|children|kids")
SON, DAUGHTER = _plain("son", "son|son|boy"), _plain("daughter", "daughter|daughter|girl")
SIBLING = _plain("sibling", "sibling")
BROTHER, SISTER = _plain("brother", "brother"), _plain("sister", "sister")
GRANDPARENT = _plain("grandparent", "grandparent")
GRANDMOTHER = _plain("grandmother", "grandmother|grandmother|grandma|granny|nana")
GRANDFATHER = _plain("grandfather", "grandfather|grandfather|grandpa|granddad")
GRANDCHILD = _plain("grandchild", "grandchild|grandkid", "grandchildren|grandchildren|grandkids")
GRANDSON, GRANDDAUGHTER = _plain("grandson", "grandson"), _plain("granddaughter", "granddaughter")
AUNT, UNCLE = _plain("aunt", "aunt|aunt|auntie"), _plain("uncle", "uncle")
NIECE, NEPHEW = _plain("niece", "niece"), _plain("nephew", "nephew")
COUSIN = _plain("cousin", "cousin|cousin|first cousin")
PARTNER = _plain("partner", "partner|spouse|spouse|significant other")
HUSBAND = _plain("husband", "husband|husband|hubby")
WIFE = _plain("wife", "wife", "wives")

BLOOD = (
    *(MOTHER, FATHER, PARENT, CHILD, SON, DAUGHTER, SIBLING, BROTHER, SISTER) * 3,
    *(GRANDPARENT, GRANDMOTHER, GRANDFATHER, GRANDCHILD, GRANDSON, GRANDDAUGHTER) * 2,
    *(AUNT, UNCLE, NIECE, NEPHEW, COUSIN) * 2,
)
MARRIED = (*(PARTNER, HUSBAND, WIFE) * 3,)
IN_LAW = (
    _plain("parent-in-law", "parent-in-law", "parents-in-law|in-laws"),
    _of("female", "parent-in-law", "mother-in-law", "mothers-in-law"),
    _of("male", "parent-in-law", "father-in-law", "fathers-in-law"),
    _plain("child-in-law", "child-in-law", "children-in-law"),
    _of("male", "child-in-law", "son-in-law", "sons-in-law"),
    _of("female", "child-in-law", "daughter-in-law", "daughters-in-law"),
    _plain("sibling-in-law", "sibling-in-law", "siblings-in-law"),
    _of("male", "sibling-in-law", "brother-in-law", "brothers-in-law"),
    _of("female", "sibling-in-law", "sister-in-law", "sisters-in-law"),
)
HALF_AND_STEP = (
    _plain("half-sibling", "half-sibling|half sibling"),
    _of("male", "half-sibling", "half-brother|half brother"),
    _of("female", "half-sibling", "half-sister|half sister"),
    _plain("step-sibling", "stepsibling|step-sibling"),
    _of("male", "step-sibling", "stepbrother|step-brother"),
    _of("female", "step-sibling", "stepsister|step-sister"),
    _plain("step-parent", "stepparent|step-parent"),
    _of("male", "step-parent", "stepfather|stepdad|step-father"),
    _of("female", "step-parent", "stepmother|stepmom|step-mother"),
    Noun(("stepchild",), ("stepchildren",), "(step-parent {b} {a})"),
    _of("male", "step-parent", "stepson", turned=True),
    _of("female", "step-parent", "stepdaughter", turned=True),
)
_OLDER = "(anyone (lambda ({{v}}) (and ({0} {{a}} {{v}}) (parent {{v}} {{b}}))))"
_YOUNGER = "(anyone (lambda ({{v}}) (and ({0} {{a}} {{v}}) (child {{v}} {{b}}))))"
GREAT = (
    _plain("ancestor", "ancestor|ancestor|forebear"),
    Noun(("descendant",), ("descendants",), "(ancestor {b} {a})"),
    Noun(("great-grandparent",), ("great-grandparents",), _OLDER.format("grandparent")),
    Noun(
        ("great-grandmother", "great-grandma"),
        ("great-grandmothers",),
        _OLDER.format("grandmother"),
    ),
    Noun(
        ("great-grandfather", "great-grandpa"),
        ("great-grandfathers",),
        _OLDER.format("grandfather"),
    ),
    Noun(("great-grandchild",), ("great-grandchildren",), _YOUNGER.format("grandchild")),
    Noun(("great-grandson",), ("great-grandsons",), _YOUNGER.format("grandson")),
    Noun(("great-granddaughter",), ("great-granddaughters",), _YOUNGER.format("granddaughter")),
)
EITHER = (
    Noun(
        ("aunt or uncle", "uncle or aunt"),
        ("aunts and uncles", "aunts or uncles", "uncles or aunts", "uncles and aunts"),
        "(or (aunt {a} {b}) (uncle {a} {b}))",
    ),
    Noun(
        ("niece or nephew", "nephew or niece"),
        ("nieces and nephews", "nieces or nephews", "nephews or nieces"),
        "(or (niece {a} {b}) (nephew {a} {b}))",
    ),
    Noun(("son or daughter",), ("sons or daughters", "sons and daughters"), "(child {a} {b})"),
    Noun(
        ("brother or sister",), ("brothers or sisters", "sisters or brothers"), "(sibling {a} {b})"
    ),
)
COUNTED = (
    *(CHILD,) * 8, *(SIBLING, SON, DAUGHTER, BROTHER, SISTER) * 3, *(GRANDCHILD,) * 3, COUSIN, COUSIN, NIECE, NEPHEW, AUNT, UNCLE, GRANDSON, GRANDDAUGHTER, GRANDPARENT, PARENT,
    *EITHER,
)  # fmt: skip
ALL = (*BLOOD * 2, *MARRIED * 3, *IN_LAW * 2, *HALF_AND_STEP, *GREAT)
# Two people at once: what they are together, and what that says of the one and the other.
MUTUAL = (
    (("siblings",) * 3, "(sibling {a} {b})"),
    (("sisters",) * 3, "(and (sister {a} {b}) (sister {b} {a}))"),
    (("brothers",) * 3, "(and (brother {a} {b}) (brother {b} {a}))"),
    (("cousins", "first cousins", "cousins"), "(cousin {a} {b})"),
    (
        ("married", "partners", "a couple", "spouses", "married to each other", "a married couple", "wed"),
        "(partner {a} {b})",
    ),
    (("husband and wife", "man and wife"), "(and (husband {a} {b}) (wife {b} {a}))"),
    (("wife and husband",), "(and (wife {a} {b}) (husband {b} {a}))"),
    (("brother and sister",), "(and (brother {a} {b}) (sister {b} {a}))"),
    (("sister and brother",), "(and (sister {a} {b}) (brother {b} {a}))"),
    (("mother and daughter",), "(and (mother {a} {b}) (daughter {b} {a}))"),
    (("mother and son",), "(and (mother {a} {b}) (son {b} {a}))"),
    (("father and son",), "(and (father {a} {b}) (son {b} {a}))"),
    (("father and daughter",), "(and (father {a} {b}) (daughter {b} {a}))"),
    (("parent and child",), "(parent {a} {b})"),
    (("uncle and nephew",), "(and (uncle {a} {b}) (nephew {b} {a}))"),
    (("aunt and niece",), "(and (aunt {a} {b}) (niece {b} {a}))"),
    (("half-siblings", "half siblings"), "(half-sibling {a} {b})"),
    (("stepsiblings", "step-siblings"), "(step-sibling {a} {b})"),
)  # fmt: skip

type Means = Callable[[str], str]


def someone(depth: int, body: Means) -> str:
    """That there is somebody of whom something holds."""
    v = VARIABLES[depth]
    return f"(anyone (lambda ({v}) {body(v)}))"


def counted(depth: int, body: Means) -> str:
    """Of how many people something holds."""
    v = VARIABLES[depth]
    return f"(how-many (lambda ({v}) {body(v)}))"


def everybody(depth: int, body: Means) -> str:
    """The list of the people of whom something holds."""
    v = VARIABLES[depth]
    return f"(who (lambda ({v}) {body(v)}))"


def conjunction(*parts: str) -> str:
    """A flat conjunction of expressions."""
    flat: list[str] = []
    for part in parts:
        flat += _split(part[5:-1]) if part.startswith("(and ") else [part]
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else f"(and {' '.join(flat)})"


def _split(text: str) -> list[str]:
    """The expressions of a row."""
    out, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == ")" and depth == 0:
            out.append(text[start : i + 1].strip())
            start = i + 1
    return out


def a(word: str) -> str:
    """A word with its indefinite article."""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
