"""Questions about collisions: polar ones, how fast, how far, when, which, how many, what if."""

from __future__ import annotations

from random import Random

from models.meaning.corpus import collision_events as events
from models.meaning.corpus import collision_words as words
from models.meaning.corpus.attributes import number
from models.meaning.corpus.collision_scene import Scene, Speech
from models.meaning.corpus.collision_statements import predicate, single

type Question = tuple[str, str]  # the text without its mark, and the expression

ADJECTIVES = {
    "mass": ("heavy", "heavier", "heaviest", "lighter", "lightest"),
    "bounciness": ("bouncy", "bouncier", "bounciest", "less bouncy", "least bouncy"),
}


def question(rng: Random, scene: Scene) -> Question:
    """A question of any kind that the vocabulary can answer."""
    roll = rng.random()
    if roll < 0.4:
        return polar(rng, scene)
    makers = [
        (7, amount),
        (2.5, comparison) if scene.has("mass") or scene.has("speed-after") else (0, amount),
        (2.5, which),
        (1.5, how_many),
        (2, difference),
        (1.5, kind) if scene.kinds else (0, amount),
    ]
    if scene.has("collision-time"):
        makers.append((1.5, when))
    if scene.has("hits-wall?") or scene.has("hits?"):
        makers.append((1, who_did))
    weights, makes = zip(*makers, strict=True)
    return rng.choices(makes, weights)[0](rng, scene)


def polar(rng: Random, scene: Scene) -> Question:
    """Yes or no, or how likely."""
    clause = single(rng, scene)
    if clause.says[0].startswith(("imagine", "we ", "here", "push ", "give ")):
        return clause.asks[0], clause.means
    frame = rng.choice(words.ASKS) if clause.asks else rng.choice([f for f in words.ASKS if f])
    text = frame.format(d=rng.choice(clause.says)) if frame else rng.choice(clause.asks)
    return text, clause.means


def _pair(rng: Random, scene: Scene) -> tuple[Speech, str, str]:
    a, b = rng.sample(scene.names, 2)
    return Speech(rng, scene), a, b


def amount(rng: Random, scene: Scene) -> Question:
    """A number of one thing."""
    roles = [
        r
        for r in (
            *["speed-after"] * 5,
            *["speed-before"] * 3,
            *["mass"] * 3,
            *["push"] * 2,
            *["distance"] * 3,
            *["distance-without"] * 2,
            "height",
            "bounciness",
        )
        if scene.has(r)
    ]
    role = rng.choice(roles)
    speech, a, b = _pair(rng, scene)
    A, B = speech(a), speech(b)
    means = scene.call(role, a)
    moving = rng.choice(words.MOVING)
    if role == "distance-without":
        if_ = rng.choice(words.WITHOUT).format(o=B)
        text = rng.choice(
            [
                f"how far would {A} have {rng.choice(['moved', 'gone', 'travelled'])} {if_}",
                f"how far would {A} {rng.choice(['move', 'go', 'travel', 'get'])} {if_}",
                f"{if_}, how far would {A} {rng.choice(['have gone', 'go', 'have moved', 'get'])}",
                f"what distance would {A} cover {if_}",
            ]
        )
        return text, scene.call(role, a, b)
    if role in ("speed-after", "speed-before"):
        return _speed(rng, scene, speech, role, a, b, moving), means
    rows = {
        "mass": [
            f"how heavy is {A}",
            f"how heavy is {A}",
            f"how much does {A} weigh",
            f"what is {speech.of('mass', a)}",
            f"what does {A} weigh",
            f"how heavy do you think {A} is",
            f"what's {speech.of('weight', a)}",
            f"estimate {speech.of('mass', a)}",
            f"how light is {A}",
            f"how massive is {A}",
        ],
        "push": [
            f"how hard was {A} pushed",
            f"how hard is {A} pushed",
            f"how strong was the push on {A}",
            f"what was the force of the push on {A}",
            f"with what force was {A} pushed",
            f"how strongly was {A} pushed",
            f"how big a push did {A} get",
            f"how hard do you think {A} was pushed",
        ],
        "distance": [
            f"how far does {A} move",
            f"how far did {A} go",
            f"how far will {A} travel",
            f"how far does {A} get",
            f"what distance does {A} cover",
            f"how far does {A} {rng.choice(['slide', 'roll', 'travel'])} {rng.choice(['', 'in total', 'in all'])}",
            f"how many metres does {A} move",
            f"how far would you guess {A} moves",
            f"how far is {A} going to move",
        ],
        "height": [
            f"how high does {A} get",
            f"how high does {A} {rng.choice(['bounce', 'fly', 'rise', 'go'])}",
            f"what is the greatest height that {A} reaches",
            f"how high will {A} go",
        ],
        "bounciness": [
            f"how bouncy is {A}",
            f"what is {speech.of('bounciness', a)}",
            f"how much does {A} bounce",
        ],
    }
    return " ".join(rng.choice(rows[role]).split()), means


def _speed(
    rng: Random, scene: Scene, speech: Speech, role: str, a: str, b: str, moving: str
) -> str:
    A, B = speech(a), speech(b)
    after = role == "speed-after"
    when = rng.choice(words.AFTER if after else words.BEFORE)
    rows = [
        f"how fast is {A} {moving} {when}",
        f"how fast does {A} move {when}",
        f"how fast does {A} go {when}",
        f"how fast is {A} {when}",
        f"what is {speech.of('speed', a)} {when}",
        f"what's the speed of {A} {when}",
        f"at what speed does {A} move {when}",
        f"{when}, how fast is {A} {moving}",
        f"how quickly does {A} move {when}",
        f"what will {speech.of('speed', a)} be {when}",
        f"what speed does {A} have {when}",
        f"estimate {speech.of('speed', a)} {when}",
        f"what is {speech.of('velocity', a)} {when}",
    ]
    hit = rng.choice(["hit", "struck", "bumped", "knocked"])
    if after:
        rows += [
            f"how fast does {A} move after it is {hit} by {B}",
            f"how fast does {A} move after it's {hit}",
            f"how fast is {A} going once {B} has hit it",
            f"how fast does {A} move after being {hit} by {B}",
            f"how fast does {A} move off",
            f"how fast will {A} be moving after {B} hits it",
            f"what speed does {A} get from the collision",
            f"when {B} hits {A}, how fast does {A} move off",
            f"how fast does {A} go after {B} bumps into it",
            f"how fast does {A} end up moving after the crash",
        ]
    else:
        rows += [
            f"how fast is {A} {moving} when it hits {B}",
            f"at what speed does {A} hit {B}",
            f"how fast does {A} hit {B}",
            f"how fast was {A} going when it ran into {B}",
            f"with what speed does {A} strike {B}",
            f"how fast was {A} moving as it reached {B}",
        ]
    return rng.choice(rows)


def comparison(rng: Random, scene: Scene) -> Question:
    """Which of two or of all has more of something."""
    speech, a, b = _pair(rng, scene)
    roles = [
        r
        for r in ("mass", "mass", "speed-after", "speed-after", "distance", "bounciness", "height")
        if scene.has(r)
    ]
    role = rng.choice(roles)
    f = f"(lambda (x) {scene.call(role, 'x')})"
    one, low = speech.single, rng.random() < 0.35
    when = rng.choice(words.AFTER)
    if role in ADJECTIVES:
        _, more, most, less, least = ADJECTIVES[role]
        er, est = (less, least) if low else (more, most)
        says_er, says_est = f"is {er}", f"is {rng.choice(['the ', ''])}{est}"
    elif role == "speed-after":
        says_er = f"{rng.choice(['is', 'moves'])} {'slower' if low else 'faster'} {when}"
        says_est = f"{rng.choice(['is', 'moves'])} {'slowest' if low else 'fastest'} {when}"
    elif role == "distance":
        says_er = f"{rng.choice(['moves', 'goes', 'gets'])} {'less far' if low else rng.choice(['farther', 'further'])}"
        says_est = (
            f"moves {'the least' if low else rng.choice(['farthest', 'the furthest', 'furthest'])}"
        )
    else:
        says_er, says_est = (
            f"gets {'less high' if low else 'higher'}",
            f"gets {'least high' if low else 'highest'}",
        )
    best = "argmin" if low else "argmax"
    A, B = speech(a), speech(b)
    if len(scene.names) == 2 or rng.random() < 0.5:
        rows = [
            (f"which {one} {says_er}", scene.listing),
            (f"which {says_er}", scene.listing),
            (f"which of them {says_er}", scene.listing),
            (f"which {one} {says_er}, {A} or {B}", f"'({a} {b})"),
            (f"which {says_er}, {A} or {B}", f"'({a} {b})"),
            (f"which of {A} and {B} {says_er}", f"'({a} {b})"),
            (f"what {says_er}, {A} or {B}", f"'({a} {b})"),
        ]
    else:
        rows = [
            (f"which {one} {says_est}", scene.listing),
            (f"which of the {speech.many} {says_est}", scene.listing),
            (f"what {says_est}", scene.listing),
            (f"which one {says_est}", scene.listing),
        ]
    text, where = rng.choice(rows)
    return text, f"({best} {f} {where})"


def which(rng: Random, scene: Scene) -> Question:
    """The things of which something holds."""
    speech = Speech(rng, scene)
    do, does, be, means = predicate(rng, scene, speech)
    fun = f"(filter (lambda (x) {means}) {scene.listing})"
    many, one = speech.many, speech.single
    verb_one, verb_many = (f"is {be}", f"are {be}") if be else (does, do)
    rows = [
        f"which {many} {verb_many}",
        f"which {one} {verb_one}",
        f"which of the {many} {verb_many}",
        f"what {verb_one}",
        f"which ones {verb_many}",
        f"list the {many} that {verb_many}",
        f"tell me which {many} {verb_many}",
        f"which of them {verb_one}",
    ]
    if not be:
        rows += [f"which {many} will {do}", f"which {one} would {do}", f"which {one} will {do}"]
    return rng.choice(rows), fun


def how_many(rng: Random, scene: Scene) -> Question:
    """How many things do something."""
    speech = Speech(rng, scene)
    do, _, be, means = predicate(rng, scene, speech)
    many = speech.many
    verb = f"are {be}" if be else do
    rows = [
        f"how many {many} {verb}",
        f"how many {many} {verb}",
        f"how many of the {many} {verb}",
        f"how many of them {verb}",
        f"count the {many} that {verb}",
        f"what number of {many} {verb}",
        f"how many {many} will {do}" if not be else f"how many {many} would you say {verb}",
    ]
    return rng.choice(rows), f"(count (lambda (x) {means}) {scene.listing})"


def difference(rng: Random, scene: Scene) -> Question:
    """How much more, how many times as much, how much together, momentum."""
    speech, a, b = _pair(rng, scene)
    A, B = speech(a), speech(b)
    rows: list[Question] = []
    if scene.has("mass"):
        m, n = scene.call("mass", a), scene.call("mass", b)
        rows += [
            (f"how much heavier is {A} than {B}", f"(- {m} {n})"),
            (f"how much heavier than {B} is {A}", f"(- {m} {n})"),
            (f"how much lighter is {A} than {B}", f"(- {n} {m})"),
            (f"how many times as heavy as {B} is {A}", f"(/ {m} {n})"),
            (f"how heavy are {A} and {B} together", f"(+ {m} {n})"),
            (f"what is the total mass of {A} and {B}", f"(+ {m} {n})"),
            (
                rng.choice(
                    [
                        f"how heavy are the {speech.many} together",
                        f"what is the total mass of the {speech.many}",
                        "what do they weigh in total",
                    ]
                ),
                f"(sum (map (lambda (x) {scene.call('mass', 'x')}) {scene.listing}))",
            ),
        ]
    when = rng.choice(words.AFTER)
    if scene.has("speed-after"):
        v, w = scene.call("speed-after", a), scene.call("speed-after", b)
        rows += [
            (f"how much faster is {A} than {B} {when}", f"(- {v} {w})"),
            (f"how much faster does {A} move than {B} {when}", f"(- {v} {w})"),
            (f"what is the difference in speed between {A} and {B} {when}", f"(- {v} {w})"),
        ]
        if scene.has("mass"):
            rows.append((f"what is the momentum of {A} {when}", f"(* {scene.call('mass', a)} {v})"))
        if scene.has("speed-before"):
            u = scene.call("speed-before", a)
            rows += [
                (f"how much speed does {A} lose in the collision", f"(- {u} {v})"),
                (f"how much slower is {A} after the collision than before", f"(- {u} {v})"),
                (f"how much faster is {A} after the collision than before", f"(- {v} {u})"),
                (f"how much does the collision slow {A} down", f"(- {u} {v})"),
            ]
    if scene.has("distance"):
        d, e = scene.call("distance", a), scene.call("distance", b)
        rows.append(
            (f"how much {rng.choice(['farther', 'further'])} does {A} go than {B}", f"(- {d} {e})")
        )
        if scene.has("distance-without"):
            w = scene.call("distance-without", a, b)
            if_ = rng.choice(words.WITHOUT).format(o=B)
            rows += [(f"how much further would {A} have gone {if_}", f"(- {w} {d})")] * 2
    if not rows:
        return polar(rng, scene)
    return rng.choice(rows)


def kind(rng: Random, scene: Scene) -> Question:
    """What kind of thing it is."""
    speech, a, b = _pair(rng, scene)
    speech.style = rng.choice(["object", "one", "bare"])
    role, one, many = scene.kinds[0]
    A, B = speech(a), speech(b)
    rows = [
        (f"is {A} a {one}", scene.call(role, a)),
        (f"are {A} and {B} {many}", f"(and {scene.call(role, a)} {scene.call(role, b)})"),
        (f"what is the chance that {A} is a {one}", scene.call(role, a)),
        (
            f"how likely is it that the objects are {many}",
            f"(all (lambda (x) {scene.call(role, 'x')}) {scene.listing})",
        ),
        (
            f"how many of the objects are {many}",
            f"(count (lambda (x) {scene.call(role, 'x')}) {scene.listing})",
        ),
        (
            f"which of the objects are {many}",
            f"(filter (lambda (x) {scene.call(role, 'x')}) {scene.listing})",
        ),
    ]
    if len(scene.kinds) > 1:
        other = scene.kinds[1][1]
        rows += [
            (f"is {A} a {one} or a {other}", scene.call(role, a)),
            (f"what shape is {A}, a {one} or a {other}", scene.call(role, a)),
        ]
    return rng.choice(rows)


def when(rng: Random, scene: Scene) -> Question:
    """When they collide."""
    speech, a, b = _pair(rng, scene)
    A, B = speech(a), speech(b)
    they = rng.choice(["they", "the objects", f"the {speech.many}", "the two"])
    rows = [
        f"when do {they} collide",
        f"when will {they} collide",
        f"when does {A} hit {B}",
        f"how long does it take until {they} collide",
        f"how long does it take {A} to reach {B}",
        f"after how many seconds do {they} collide",
        f"how many seconds does it take until {A} hits {B}",
        "when does the collision happen",
        f"how soon does {A} bump into {B}",
        f"how long until {they} hit each other",
        f"how long is it before {A} hits {B}",
        "how much time passes before the collision",
        "at what time do they collide",
        "when is the impact",
        f"how long did {A} need to get to {B}",
    ]
    return rng.choice(rows), f"({scene.functions['collision-time']})"


def who_did(rng: Random, scene: Scene) -> Question:
    """Which thing hit another, or was hit, or what somebody's deed did."""
    speech, a, b = _pair(rng, scene)
    B = speech(b)
    L = scene.listing
    if scene.has("hits?") and rng.random() < 0.5:
        past, base, third, _passive = rng.choice(words.HITS)
        rows = [
            (f"what {third} {B}", f"(filter (lambda (x) {scene.call('hits?', 'x', b)}) {L})"),
            (
                f"which object {past} {B}",
                f"(filter (lambda (x) {scene.call('hits?', 'x', b)}) {L})",
            ),
            (f"what does {B} {base}", f"(filter (lambda (x) {scene.call('hits?', b, 'x')}) {L})"),
            (
                f"which objects does {B} {base}",
                f"(filter (lambda (x) {scene.call('hits?', b, 'x')}) {L})",
            ),
        ]
        return rng.choice(rows)
    if scene.has("hits-wall?", "hits-wall-without?"):
        clause = events.cause(rng, scene, speech, a, b)
        return rng.choice(clause.asks), clause.means
    if scene.has("speed-after"):
        limit = number(scene.limits.fast)
        means = f"(> {scene.call('speed-after', b)} {limit})"
        return f"does {B} move fast after it is hit", means
    return polar(rng, scene)
