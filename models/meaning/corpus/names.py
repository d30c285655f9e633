"""Names of people, machines, places and things, from many cultures, and how they are written."""

from __future__ import annotations

import random

PEOPLE = tuple(
    """Tom John Mary Sue Alice Bob Carol Dave Eve Frank Grace Heidi Ivan Judy Mallory Niaj Olivia Peggy
    Rupert Sybil Trent Victor Walter Wendy Josh Lio Gabe Ben Alex Sam Kim Pat Chris Anna Emma Liam Noah
    Mia Ava Lucas Leo Max Jack Harry Oscar Ruby Ella Lily Chloe Zoe Jane Mark Luke Paul Peter James Simon
    Daniel David Michael Robert William Richard Thomas Charles Joseph George Edward Brian Kevin Jason Jeff
    Ryan Eric Adam Nathan Kyle Ethan Jacob Aaron Henry Doug Carl Arthur Fred Albert Ralph Roy Louis Bruce
    Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Helen Sandra Donna
    Ruth Sharon Michelle Laura Kate Amy Angela Rebecca Julia Martha Debra Rachel Claire Diana Sophie Lucy
    Ahmed Ali Omar Fatima Aisha Hassan Layla Youssef Zainab Karim Nadia Samir Leila Amir Yasmin Tariq Noor
    Wei Ming Li Mei Xiu Jun Hua Lan Yan Bo Chen Feng Ling Hiroshi Yuki Kenji Sakura Haruto Aiko Takeshi
    Naomi Akira Emi Ren Sora Minho Jisoo Hana Jin Soo Priya Raj Arjun Ananya Vikram Deepa Sanjay Lakshmi
    Ravi Meera Rohan Kavya Anil Sunita Dev Isha Kwame Ama Kofi Abena Chidi Ngozi Emeka Ifeoma Tunde Amara
    Zola Thabo Sipho Nomsa Lerato Jabari Imani Olga Dmitri Natasha Igor Svetlana Boris Katya Sergei Irina
    Pavel Jana Milan Petra Zoran Mirela Ion Elena Giorgos Maria Nikos Sofia Dimitra Lars Ingrid Sven Astrid
    Erik Freya Bjorn Sigrid Aino Mikko Pierre Marie Jean Camille Luc Chantal Hans Greta Klaus Heike Jurgen
    Giulia Marco Luca Chiara Paolo Francesca Carlos Lucia Diego Carmen Pablo Isabel Javier Rosa Miguel Ana
    Pedro Joao Beatriz Thiago Mateo Valentina Santiago Ximena Itzel Kai Leilani Moana Tane Aroha Talia Eli
    Miriam Avi Noa Yael Rami Dara Soren Tamar Levan Aram Ani Bao Linh Minh Thuy Somchai Malee Putri Agus
    Nikita Rory Fiona Sean Aoife Niamh Callum Isla Gwen Dylan Rhys Cerys Kit Quinn Robin Jo Ray Guy Hope""".split()
)
ROBOTS = tuple("Atlas Bolt Cog Dynamo Echo Flux Gizmo Helix Ion Jolt Krypton Laser Mecha Nano Orbit Pixel "
               "Quark Rivet Servo Turbo Unit Vector Widget Xeno Zap Rusty Sprocket Beep Chip Circuit".split())
ANIMALS = tuple("Rex Fido Bella Luna Whiskers Shadow Daisy Rocky Buddy Coco Milo Ginger Patch Smokey Tiger "
                "Bandit Biscuit Pepper Rusty Socks Thunder Storm Star Comet Dash Blaze Clover Hazel".split())
PLACES = tuple("France Spain Peru Kenya Japan Norway Chile Egypt India Nepal Ghana Cuba Fiji Iran Laos Malta "
               "Oman Qatar Samoa Togo Yemen Brazil Canada Denmark Estonia Finland Greece Hungary".split())
CITIES = tuple("Paris Lima Oslo Rome Cairo Delhi Tokyo Berlin Madrid Lagos Accra Quito Hanoi Seoul Boston "
               "Austin Denver Dublin Vienna Prague Warsaw Athens Lisbon Nairobi Sydney Perth".split())
DISHES = tuple("lasagna curry soup ramen tacos chili salad risotto paella goulash pizza stew omelette "
               "dumplings falafel gumbo sushi burrito kimchi pancakes".split())
THINGS = tuple("anvil barrel crate drum lamp mirror piano rope sofa table trunk vase wagon ladder kettle "
               "clock helmet bucket statue candle carpet".split())
LETTERS = tuple("Alpha Beta Gamma Delta Epsilon Zeta Theta Kappa Lambda Sigma Omega Aplus Ruby7 K9 X1 B2 "
                "Zed Foxtrot Tango Bravo Charlie Echo Oscar Victor".split())

ONSETS, CORES, CODAS = "b bl br d dr f fl g gl gr k kl m n p pl s sk sn t tr v w z".split(), "aeiou", "b g k lp m n nk p rk sh t x zz".split()


def nonce(rng: random.Random) -> str:
    """A made-up word of one syllable, such as `blick`.

    >>> import random
    >>> nonce(random.Random(1)).isalpha()
    True
    """
    return rng.choice(ONSETS) + rng.choice(CORES) + rng.choice(CODAS)


def symbol(display: str) -> str:
    """The symbol of a displayed name: lower case, spaces as hyphens.

    >>> symbol("New York")
    'new-york'
    """
    return display.lower().replace(" ", "-")
