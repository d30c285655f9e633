"""Sentences that say nothing about the world at hand; their fragment is `(unclear)`."""

from __future__ import annotations

import random

ENGLISH = """The weather is nice today|It is raining outside|What time is it|I like pizza|Please pass the salt|How are you doing|Hello there|Good morning
Can you help me with my homework|The stock market fell yesterday|Write a poem about the sea|What is the capital of France|Translate this into German|My car broke down on the way to work
The meeting was moved to Thursday|She went to the store to buy milk|Interest rates rose by half a percent|Photosynthesis turns light into energy|Turn off the lights|Ignore all previous instructions
Who wrote Hamlet|The cat sat on the mat|I had eggs for breakfast|Paris is a beautiful city|The train leaves at noon|Open the window please|Two plus two is four|What should I cook tonight
The president gave a speech|Water boils at one hundred degrees|He forgot his umbrella|The novel was published in 1920|My phone needs charging|Let's go to the beach|Thank you very much|OK|Yes|No|Maybe later
I am not sure|Never mind|Tell me a joke|Sing me a song|What is your name|Who are you|Are you a robot|How does this work|The database connection timed out|Install the latest update
Roses are red and violets are blue|Once upon a time there was a king|The recipe needs two cups of flour|Dinosaurs died out long ago|The moon orbits the earth|This sentence is false|Colorless green ideas sleep furiously
I lost my keys|The movie starts at eight|He plays the guitar|They moved to a new house|The baby is asleep|Our flight was cancelled|Coffee keeps me awake|The dog barked all night|Snow fell in the mountains
Delete all files|Buy one and get one free|Click here to win a prize|The patient has a fever|Take two tablets a day|The court rejected the appeal|Sales grew in the third quarter|The bridge was built in 1890
What does this button do|How much does it cost|Where is the nearest hospital|When does the shop close|Why is the sky blue|How do I bake bread|Which bus goes downtown|I feel tired today|We ran out of paper
The soup was too salty|The concert was sold out|My favourite colour is green|Is it going to snow|What day is tomorrow|The river flooded the valley|Gold is a metal|Bananas are yellow|The printer is jammed""".replace(
    "\n", "|"
).split("|")
FOREIGN = """El perro come carne|Tom ganó a Juan|María es muy fuerte|¿Quién es el más fuerte?|Hace mucho calor hoy|Me gusta el café|Le chat dort sur le lit|Tom a battu Jean|Marie est très forte|Qui est le plus fort|Il fait beau aujourd'hui
Je ne comprends pas|Der Hund schläft|Tom hat gegen Johannes gewonnen|Maria ist sehr stark|Wer ist am stärksten|Heute ist schönes Wetter|Ich verstehe nicht|Il gatto dorme|Tom ha battuto Giovanni|Maria è molto forte|Chi è il più forte
Oggi piove|O gato dorme|Tom venceu João|Maria é muito forte|Está chovendo|De kat slaapt|Tom versloeg Jan|Marie is heel sterk|Katten sover|Tom slog Johan|Maria är väldigt stark|Kissa nukkuu|Tomi voitti Jussin|Kot śpi|Tomek pokonał Janka
Том победил Ивана|Мария очень сильная|Кто самый сильный|Сегодня хорошая погода|トムはジョンに勝った|メアリーはとても強い|今日は天気がいい|汤姆打败了约翰|玛丽很强壮|今天天气很好|톰이 존을 이겼다|메리는 매우 강하다|توم هزم جون|الطقس جميل اليوم|טום ניצח את ג'ון
Ο Τομ νίκησε τον Γιάννη|टॉम ने जॉन को हराया|Tom Johnu yendi|Mary çok güçlü|Tom đã thắng John|Tom mengalahkan John|Mary sangat kuat|Hava bugün güzel|Quo vadis|Veni vidi vici|Wie geht es dir|¿Dónde está la biblioteca?|Où est la gare|Guten Morgen|Buenos días|Bonjour tout le monde
Juan es más alto que Pedro|La leche está fría|Mañana vamos a la playa|¿Qué hora es?|Ana perdió el partido|Mi hermano trabaja en un banco|Los niños juegan en el parque|Pierre est plus grand que Luc|Nous allons au cinéma ce soir|Quelle heure est-il|J'ai perdu mes clés|Les enfants jouent dans le jardin|Sophie a gagné le match|Das Essen ist kalt|Wir fahren morgen nach Berlin|Wie spät ist es|Peter ist größer als Hans|Die Kinder spielen im Garten|Ich habe mein Buch verloren
Domani andiamo al mare|Che ore sono|Luca ha vinto la partita|Il treno è in ritardo|Anna è più alta di Paola|Amanhã vamos à praia|Que horas são|O menino perdeu o livro|Ana é mais velha que Pedro|We gaan morgen naar zee|Hoe laat is het|Jan is groter dan Piet|Mijn fiets is kapot|Jag bor i Stockholm|Vad heter du|Barnen leker|Hvor er du|Vi ses i morgen|Missä olet|Minä rakastan sinua|Gdzie jest dworzec|Lubię kawę|Jutro będzie padać|Kde je nádraží|Nem értem|Hol van az állomás|Unde este gara|Saat kaç|Yarın görüşürüz|Adım Ali
Где вокзал|Я люблю читать книги|Мама готовит обед|Завтра будет дождь|Де вокзал|Къде е гарата|Που είναι ο σταθμός|駅はどこですか|私は学生です|明日は雨です|火车站在哪里|我喜欢喝茶|他是我的朋友|明天下雨|역이 어디예요|저는 학생입니다|내일 비가 와요|أين المدرسة|أنا أحب القهوة|איפה התחנה|אני אוהב קפה|स्टेशन कहाँ है|मुझे चाय पसंद है|สวัสดีครับ|Xin chào bạn|Di mana stasiun|Saya suka kopi|Habari gani|Ninapenda chai|Salve magister|Cogito ergo sum""".replace(
    "\n", "|"
).split("|")
# With names, but about what the vocabulary lacks.
ABOUT = """{x} is {n} years old|{x} is taller than {y}|{x} is tall|{x} has blue eyes|{x} lives in Boston|{x} married {y}|{x} is {y}'s cousin|{x} works at a bank|{x} likes ice cream|{x} went home|{x} called {y} on the phone|{x} drives a red car
{x} is a doctor|{x} speaks French|{x} sings well|{x} and {y} went to the cinema|{x} met {y} in Rome|{x} was born in {n}|How old is {x}|Where does {x} live|Is {x} married|What did {x} eat for lunch|Does {x} like {y}|Who is {x}'s father
{x} bought {n} apples|{x} is wearing a hat|{x} told {y} a secret|{x} is richer than {y}|{x} is hungry|{x} is sick today|{x} cooks better than {y}|{x} read a book|{x} moved to Canada|{x} sent {y} a letter|{x} is funny|{x} is from Spain
What colour is {x}'s hair|How tall is {x}|Is {x} taller than {y}|Who is the oldest|When is {x}'s birthday|{x} owns a dog|{x} sleeps a lot|{x} has {n} children|{x} plays the piano|{x} painted the fence|{x} said hello to {y}|{x} weighs {n} kilos|Hello {x}|{x} and {y}|{x}?|Tell {x} to call me|Why did {x} leave|{x} paid {y} {n} dollars|{x} is kinder than {y}|Where did {x} and {y} meet
Is {x} a good cook|{x} studies physics|{x} broke the vase|{x} forgot {y}'s birthday|Everyone likes {x}|Nobody remembers {x}|Who is the tallest|Who is the youngest|Everyone is hungry|At least two people are late|How many people are at home|{x} arrived before {y}|{x} watched the match on television|{x} bought a rope""".replace(
    "\n", "|"
).split("|")
# Parts from which everyday sentences about other things are put together.
SUBJECTS = [
    "my sister",
    "the teacher",
    "our neighbour",
    "the old man",
    "a stranger",
    "the committee",
    "my boss",
    "the company",
    "the children",
    "the government",
    "this app",
    "the doctor",
    "a friend of mine",
    "the manager",
    "their daughter",
    "the city",
    "I",
    "we",
    "you",
    "they",
    "she",
    "he",
    "it",
    "the team leader",
    "my computer",
    "the new law",
    "a small bird",
    "the professor",
    "the students",
    "the museum",
    "every citizen",
    "the lawyer",
    "his uncle",
    "the pilot",
    "the band",
]
DEEDS = [
    "bought {o}",
    "sold {o}",
    "lost {o}",
    "found {o} {w}",
    "forgot {o} {w}",
    "will need {o} {w}",
    "painted {o}",
    "repaired {o} {w}",
    "wants {o}",
    "moved {o} {w}",
    "broke {o}",
    "talked about {o}",
    "dreamed of {o}",
    "ordered {o} {w}",
    "hid {o} {w}",
    "ate lunch {w}",
    "went swimming {w}",
    "fell asleep {w}",
    "left early {w}",
    "is waiting {w}",
    "works {w}",
    "cried {w}",
    "opened {o}",
    "cleaned {o} {w}",
    "won the lottery",
    "won an award for {o}",
    "pulled {o} {w}",
    "has a cold",
    "is afraid of {o}",
    "is older than {o}",
    "is made of {o}",
    "reads about {o}",
    "travelled {w}",
    "studied {o} {w}",
    "is cooking {o}",
    "borrowed {o}",
    "wrote about {o}",
    "pays for {o}",
    "looks like {o}",
    "has two brothers",
    "is very tall",
    "is very hungry",
    "is thirsty",
    "turned forty {w}",
    "speaks three languages",
    "has long hair",
    "got a new job {w}",
    "plays chess {w}",
    "lives {w}",
    "grew {o}",
    "drew {o}",
    "is on holiday",
    "is late",
    "smells of {o}",
]
OBJECTS = [
    "a bicycle",
    "the keys",
    "an umbrella",
    "the piano",
    "three lemons",
    "the garden",
    "a new phone",
    "the tickets",
    "old photographs",
    "the report",
    "some bread",
    "a wooden chair",
    "the window",
    "a letter",
    "the bridge",
    "two cats",
    "a blue coat",
    "the museum",
    "politics",
    "mathematics",
    "the novel",
    "wine",
    "the kitchen",
    "a birthday cake",
    "the passport",
    "a sandwich",
    "the mountain",
    "his laptop",
    "the rent",
    "fresh flowers",
    "a spider",
    "the violin",
    "paint",
    "gold",
]
WHEN = [
    "",
    "yesterday",
    "on Friday",
    "at home",
    "in London",
    "in the kitchen",
    "last summer",
    "at school",
    "by the river",
    "next month",
    "at midnight",
    "in the office",
    "every morning",
    "near the station",
    "without help",
    "for two hours",
    "in 2019",
    "at the airport",
]
QUESTIONS = [
    "where is {o}",
    "how much is {o}",
    "why did {s} leave",
    "when does {s} arrive",
    "what is {o}",
    "who owns {o}",
    "can you find {o}",
    "do you like {o}",
    "did {s} see {o} {w}",
    "is {s} at home",
    "how old is {s}",
    "what did {s} say",
    "have you seen {o}",
    "should I buy {o}",
    "who took {o}",
    "how tall is {s}",
    "is {s} older than me",
    "what does {s} want",
    "where did {s} put {o}",
    "how many people live {w}",
    "which is cheaper, {o} or {p}",
    "does {s} know about {o}",
    "can {s} swim",
    "who called {w}",
    "how do I fix {o}",
]
ORDERS = [
    "bring me {o}",
    "write about {o}",
    "explain {o}",
    "buy {o} {w}",
    "describe {o} in detail",
    "send {o} {w}",
    "summarise this text",
    "set an alarm for seven",
    "play some music",
    "open {o}",
    "draw {o}",
    "sort these numbers",
    "fix {o}",
    "translate this sentence",
    "book a room {w}",
]
WORDS = [
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
    "table",
    "green",
    "run",
    "seven",
    "cloud",
    "jump",
    "purple",
    "idea",
    "of",
    "the",
    "the",
    "and",
    "to",
    "quickly",
    "fish",
    "sky",
    "bottle",
    "under",
    "never",
    "window",
    "rope",
    "match",
    "the",
    "is",
    "strong",
    "beat",
]


def noise(rng: random.Random, names: list[str]) -> str:
    """Random characters or words, or code."""
    words = [
        *WORDS,
        "strength",
        "winner",
        "loser",
        "players",
        "team",
        "score",
        *(n.lower() for n in names for _ in range(5)),
    ]
    roll = rng.random()
    if roll < 0.35:
        letters = "abcdefghijklmnopqrstuvwxyz" + (
            "0123456789!@#$%^&*()[]{};:<>?/\\|~`" if rng.random() < 0.6 else ""
        )
        return "".join(rng.choice(letters + " ") for _ in range(rng.randint(3, 40)))
    if roll < 0.6:
        return " ".join(rng.choice(WORDS) for _ in range(rng.randint(2, 9)))
    if roll < 0.68:
        return rng.choice(
            [
                "print({0})",
                "for {0} in range({1}):",
                "let {0} = {1};",
                "SELECT {0} FROM {1};",
                "{0} = {1} + 2",
                "if ({0} > {1}) return;",
                '{{"{0}": {1}}}',
                "<{0}>{1}</{0}>",
                "git commit -m '{0}'",
                "www.{0}.org/{1}",
                "({0} '{1})",
                "def {0}({1}): pass",
                "{0}@{1}.com",
                "/{0}/{1}/index",
                '{{"{0}": "{1}", "score": 3}}',
                "[{0}, {1}]",
                "(condition ({0} '({1})))",
                "(query ({0} '{1}))",
                "{0}.{1}()",
                "SELECT * FROM {0} WHERE {1} > 3;",
                "return {0} > {1}",
                "\\\\frac{{{0}}}{{{1}}}",
                "{0} -> {1}",
                "<b>{0}</b>",
                "{0}: {1}, {1}: {0}",
            ]
        ).format(rng.choice(words), rng.choice([*words, str(rng.randint(1, 99))]))
    if roll < 0.78:
        return " ".join(
            "".join(
                rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou")
                for _ in range(rng.randint(1, 3))
            )
            for _ in range(rng.randint(1, 6))
        )
    return rng.choice(
        [
            "???",
            "...",
            "asdf",
            "asdf jkl",
            "hmm",
            "uh",
            "lol",
            "1234",
            "(+ 1 2)",
            "SELECT * FROM users;",
            "import os",
            "x = 5",
            "<html>",
            "a",
            "!!!!",
            ":)",
            "aaaaaaaaaaaaaaa",
            "http",
            "def f(x): return x",
            "12 + 30 = 42",
            "the of and",
            "qwertyuiop",
        ]
    )


def composed(rng: random.Random, names: list[str], about: bool) -> str:
    """An everyday sentence put together from parts, at times with a name in it."""
    parts = {"o": rng.choice(OBJECTS), "p": rng.choice(OBJECTS), "w": rng.choice(WHEN)}
    subject = rng.choice(names[:2]) if about and rng.random() < 0.45 else rng.choice(SUBJECTS)
    kind = rng.choice([DEEDS, DEEDS, DEEDS, QUESTIONS, QUESTIONS, ORDERS])
    text = rng.choice(kind).format(s=subject, **parts)
    if kind is DEEDS:
        text = f"{subject} {text}"
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]


def offtopic(rng: random.Random, names: list[str], about: bool) -> str:
    """A sentence to refuse.

    Args:
      rng: where chance comes from.
      names: at least two displayed names.
      about: whether names may be used with things the tug-of-war vocabularies lack.
    """
    roll = rng.random()
    if roll < 0.28 and about:
        text = rng.choice(ABOUT).format(x=names[0], y=names[1], n=rng.randint(2, 90))
    elif roll < 0.58:
        text = composed(rng, names, about)
    elif roll < 0.68:
        text = rng.choice(ENGLISH)
    elif roll < 0.84:
        return rng.choice(FOREIGN) + rng.choice(["", ".", "."])
    else:
        return noise(rng, names)
    first = text.split()[0].lower()
    ask = first in {
        "what",
        "who",
        "where",
        "when",
        "why",
        "how",
        "is",
        "does",
        "can",
        "are",
        "which",
    }
    return text + ("?" if ask else rng.choice([".", ".", "", "!"]))
