"""Families of invented worlds: states with two names, what was done to things, who comes to them in numbers."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.clause import Clause, Predicate, Sort, quoted, team
from models.meaning.corpus.families import Family, a_, amount, boolean
from models.meaning.corpus.family_numbers import entry_of
from models.meaning.corpus.world import Pattern

# Name, so, not so, meaning; `{s}` is the noun of the sort.
STATES = (
    ("open", "open", "closed|shut", "the {s} is open"), ("sunny", "sunny|in the sun", "shady|in the shade", "the {s} lies in the sun"), ("alive", "alive|living", "dead", "it is alive"), ("awake", "awake|up", "asleep|sleeping", "the {s} is awake"),
    ("clean", "clean|spotless", "dirty", "it is clean"), ("wet", "wet", "dry", "it is wet"), ("locked", "locked", "unlocked", "it is locked"), ("present", "present|here|there", "absent|away|missing", "the {s} is present"), ("on", "on|switched on|running", "off|switched off", "it is switched on"),
    ("guilty", "guilty", "innocent", "the {s} is guilty"), ("healthy", "healthy|well", "ill|sick", "the {s} is healthy"), ("full", "full", "empty", "the {s} is full"), ("free", "free|available", "taken|occupied", "it can be had"), ("married", "married", "single|unmarried", "the {s} has a spouse"),
    ("visible", "visible|in sight", "invisible|hidden|out of sight", "it can be seen"), ("legal", "legal|allowed", "illegal|forbidden", "it is allowed"), ("native", "native|from here", "foreign|from abroad", "the {s} comes from here"), ("finished", "finished|done|complete", "unfinished|incomplete", "it is done"),
    ("tame", "tame", "wild", "it is tame"), ("hired", "employed", "unemployed|out of work", "the {s} has a job"), ("overdue", "overdue|late", "on time", "it is late"), ("edible", "edible|good to eat", "inedible|poisonous", "it can be eaten"), ("working", "working|in order", "broken|out of order", "it works"),
    ("online", "online|connected", "offline|disconnected", "it is connected"), ("indoors", "inside|indoors", "outside|outdoors", "it is inside"), ("safe", "safe|out of danger", "in danger|at risk", "no danger"), ("real", "real|genuine", "fake|forged", "it is genuine"), ("fit", "fit|in shape", "unfit|out of shape", "the {s} can play"),
)  # fmt: skip


def states(rng: Random, sorts: list[Sort]) -> Family | None:
    """`The shop is shut` where only `open?` stands in the prompt."""
    name_, yes, no, meaning = rng.choice(STATES)
    sort = rng.choice(sorts)
    name = rng.choice([f"{name_}?", f"{name_}?", f"is-{name_}", name_])

    def clause(r: Random, names: list[str]) -> Predicate:
        if r.random() < 0.55:
            return Predicate(lambda s: f"({name} {s})", be=r.choice(yes.split("|")))
        return Predicate(lambda s: f"(not ({name} {s}))", be=r.choice(no.split("|")))

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        is_so = r.random() < 0.5
        words = r.choice((yes if is_so else no).split("|"))
        inside = f"({name} x)" if is_so else f"(not ({name} x))"
        if r.random() < 0.5:
            return (
                f"which {sort.many} are {words}",
                f"(filter (lambda (x) {inside}) {sort.listing})",
            )
        return f"how many {sort.many} are {words}", f"(count (lambda (x) {inside}) {sort.listing})"

    entry = boolean(name, (sort,), meaning.format(s=sort.one))
    return Family((entry,), (Pattern(sort, clause, question),))


# Name, who does it, past, base, participle.
DONE = (
    ("nibbled", "the mice", "ate of", "eat of", "nibbled"), ("robbed", "thieves", "robbed", "rob", "robbed"), ("inspected", "the inspector", "inspected", "inspect", "inspected"), ("painted", "the painter", "painted", "paint", "painted"),
    ("repaired", "the mechanic", "repaired", "repair", "repaired"), ("praised", "the critics", "praised", "praise", "praised"), ("bitten", "the dog", "bit", "bite", "bitten"), ("invited", "the mayor", "invited", "invite", "invited"),
    ("photographed", "the tourists", "photographed", "photograph", "photographed"), ("fined", "the police", "fined", "fine", "fined"), ("vaccinated", "the doctor", "vaccinated", "vaccinate", "vaccinated"), ("flooded", "the river", "flooded", "flood", "flooded"),
    ("struck", "lightning", "struck", "strike", "struck"), ("sold", "the owner", "sold", "sell", "sold"), ("cleaned", "the janitor", "cleaned", "clean", "cleaned"), ("chosen", "the jury", "chose", "choose", "chosen"), ("stung", "the wasps", "stung", "sting", "stung"),
    ("damaged", "the storm", "damaged", "damage", "damaged"), ("hired", "the firm", "hired", "hire", "hired"), ("warned", "the teacher", "warned", "warn", "warned"), ("banned", "the king", "banned", "ban", "banned"), ("tested", "the lab", "tested", "test", "tested"),
)  # fmt: skip


def done(rng: Random, sorts: list[Sort]) -> Family | None:
    """`The storm damaged Oslo`, `Oslo was not damaged`, `what did the storm damage?`."""
    name_, who, past, base, participle = rng.choice(DONE)
    sort = rng.choice(sorts)
    name = rng.choice([f"{name_}?", f"{name_}?", f"was-{name_}", name_])
    meaning = rng.choice([f"{who} {past} it", f"it was {participle} by {who}", f"whether {who} {past} the {sort.one}", f"{who} {past} the {sort.one}"])  # fmt: skip

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y = names[:2]
        X, Y = (f"({name} {quoted(n)})" for n in (x, y))
        by = r.choice(["", f" by {who}"])
        roll = r.random()
        if roll < 0.3:
            return Clause((f"{who} {past} {x}", f"{x} was {participle}{by}", f"{x} has been {participle}{by}"), (f"did {who} {base} {x}", f"was {x} {participle}{by}", f"has {x} been {participle}{by}"), X)  # fmt: skip
        if roll < 0.42:
            no = r.choice([f"{who} didn't {base} {x}", f"{x} was not {participle}{by}", f"{x} wasn't {participle}{by}", f"{x} has not been {participle}", f"{who} did not {base} {x}", f"{who} spared {x}"])  # fmt: skip
            return Clause((no,), (), f"(not {X})")
        if roll < 0.55:
            rows = [
                (f"{who} {past} {x} and {y}", f"(and {X} {Y})"), (f"{who} {past} both {x} and {y}", f"(and {X} {Y})"), (f"{who} {past} {x} or {y}", f"(or {X} {Y})"), (f"either {x} or {y} was {participle}{by}", f"(or {X} {Y})"),
                (f"{who} {past} {x} but not {y}", f"(and {X} (not {Y}))"), (f"{who} {past} neither {x} nor {y}", f"(and (not {X}) (not {Y}))"),
                (f"{who} {past} {'everyone' if sort.person else 'everything'}", f"(all (lambda (x) ({name} x)) {sort.listing})"), (f"{who} {past} no {sort.one}", f"(not (any (lambda (x) ({name} x)) {sort.listing}))"),
                (f"{who} {past} at least two {sort.many}", f"(>= (count (lambda (x) ({name} x)) {sort.listing}) 2)"), (f"{who} {past} exactly one {sort.one}", f"(= (count (lambda (x) ({name} x)) {sort.listing}) 1)"),
            ]  # fmt: skip
            text, means = r.choice(rows)
            return Clause((text,), (), means)
        return Predicate(lambda s: f"({name} {s})", past=f"was {participle}{by}", base=f"get {participle}{by}")  # fmt: skip

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        fun = f"(lambda (x) ({name} x)) {sort.listing}"
        whom = r.choice(["who", "whom"]) if sort.person else r.choice(["what", f"which {sort.many}"])  # fmt: skip
        if r.random() < 0.6:
            return r.choice([f"{whom} did {who} {base}", f"which {sort.many} were {participle}", f"which {sort.many} have been {participle} by {who}", f"which of the {sort.many} did {who} {base}"]), f"(filter {fun})"  # fmt: skip
        return r.choice([f"how many {sort.many} were {participle}", f"how many {sort.many} did {who} {base}", f"how many of the {sort.many} have been {participle}"]), f"(count {fun})"  # fmt: skip

    return Family((boolean(name, (sort,), meaning),), (Pattern(sort, clause, question),))


# Plural, singular, what they do to it: base, third, participle; past.
CROWDS = (
    ("bees", "bee", "visit", "visits", "visited"), ("tourists", "tourist", "visit", "visits", "visited"), ("people", "person", "like", "likes", "liked"), ("birds", "bird", "nest in", "nests in", ""), ("trains", "train", "stop at", "stops at", ""), ("cars", "car", "pass", "passes", "passed"),
    ("students", "student", "attend", "attends", "attended"), ("customers", "customer", "order", "orders", "ordered"), ("readers", "reader", "borrow", "borrows", "borrowed"), ("children", "child", "play with", "plays with", ""), ("voters", "voter", "support", "supports", "supported"),
    ("roads", "road", "lead to", "leads to", ""), ("cats", "cat", "follow", "follows", "followed"), ("mosquitoes", "mosquito", "bite", "bites", "bitten"), ("doctors", "doctor", "recommend", "recommends", "recommended"), ("fans", "fan", "cheer for", "cheers for", ""),
)  # fmt: skip


def crowds(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Five bees visit the rose`, `more tourists visit Rome than Oslo`, `how many cars pass it?`."""
    many, one, base, third, participle = rng.choice(CROWDS)
    sort = rng.choice(sorts)
    name = rng.choice([many, f"number-of-{many}", f"how-many-{many}", f"{one}-count"])
    lots, few = rng.choice([(10, 4), (5, 2), (20, 5), (100, 10), (8, 3)])
    meaning = rng.choice([f"how many {many} {base} it", f"number of {many} that {base} the {sort.one}", f"{many} that {base} {a_(sort.one)}"])  # fmt: skip
    meaning += rng.choice([f"; many is {lots} or more, few is below {few}", f": {lots} or more are many, fewer than {few} few", ""])  # fmt: skip
    bounds = str(lots) in meaning
    L = sort.listing

    def clause(r: Random, names: list[str]) -> Clause:
        x, y = names[:2]
        X, Y = (f"({name} {quoted(n)})" for n in (x, y))
        roll = r.random()
        if roll < 0.5:
            text, means, single = amount(r, X, 12)
            thing, verb = (one, third) if single and not text.startswith("more") else (many, base)
            asks = (f"do {text} {thing} {base} {x}",) if verb == base else (f"does {text} {thing} {base} {x}",)  # fmt: skip
            says = [f"{text} {thing} {verb} {x}"]
            if participle:
                says.append(f"{x} is {participle} by {text} {thing}")
            return Clause(tuple(says), asks, means)
        if roll < 0.66 and bounds:
            words, op, k = r.choice([("many", ">=", lots), ("lots of", ">=", lots), ("a lot of", ">=", lots), ("few", "<", few), ("only a few", "<", few), ("hardly any", "<", few), ("not many", "not", lots)])  # fmt: skip
            means = f"(not (>= {X} {k}))" if op == "not" else f"({op} {X} {k})"
            return Clause((f"{words} {many} {base} {x}",), (f"do {words} {many} {base} {x}",) if op != "not" else (), means)  # fmt: skip
        if roll < 0.76:
            return Clause((f"no {many} {base} {x}", f"not a single {one} {third} {x}", f"there are no {many} that {base} {x}"), (f"do no {many} {base} {x}",), f"(= {X} 0)")  # fmt: skip
        more, op = r.choice([("more", ">"), ("more", ">"), ("fewer", "<")])
        rows = [
            *[(f"{more} {many} {base} {x} than {y}", f"do {more} {many} {base} {x} than {y}", f"({op} {X} {Y})")] * 2,
            (f"as many {many} {base} {x} as {y}", f"do as many {many} {base} {x} as {y}", f"(= {X} {Y})"),
            (f"twice as many {many} {base} {x} as {y}", f"do twice as many {many} {base} {x} as {y}", f"(= {X} (* 2 {Y}))"),
            (f"{x} gets {more} {many} than {y}", f"does {x} get {more} {many} than {y}", f"({op} {X} {Y})"),
            (f"most {many} {base} {x}", "", f"(eq? (argmax (lambda (x) ({name} x)) {L}) {quoted(x)})"),
        ]  # fmt: skip
        says, ask, means = r.choice(rows)
        return Clause((says,), (ask,) if ask else (), means)

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, y = names[:2]
        X, Y = (f"({name} {quoted(n)})" for n in (x, y))
        fun = f"(lambda (x) ({name} x))"
        which = f"which {sort.one}"
        rows = [
            *[(f"how many {many} {base} {x}", X)] * 4,
            (f"what is the number of {many} that {base} {x}", X),
            (f"{which} do the most {many} {base}", f"(argmax {fun} {L})"),
            (f"{which} do the fewest {many} {base}", f"(argmin {fun} {L})"),
            (f"do more {many} {base} {x} or {y}", f"(argmax {fun} {team([x, y])})"),
            (f"how many more {many} {base} {x} than {y}", f"(- {X} {Y})"),
            (f"how many {many} {base} {x} and {y} together", f"(+ {X} {Y})"),
        ]
        return r.choice(rows)

    return Family((entry_of(name, (sort,), meaning),), (Pattern(sort, clause, question),))
