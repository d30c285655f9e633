"""Evaluated worlds on disk: the same answers, and nothing but a whole file of this version counts."""

import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import jax
import pytest

from plot import cache
from plot.backends import Reference, kept
from plot.cached import columns, folder, worlds
from plot.cached.classes import DATA, OBJECTS, fields_of
from plot.cached.folder import cache_folder, write_file
from plot.compiler import Budget
from plot.compiler.graph import Graph, Node
from plot.compiler.values import leaves
from plot.data import show
from plot.errors import PlotError
from plot.modules import Module, ModuleFunction, register
from plot.simulate import simulate
from plot.world import World
from tests.plot.generated import program

SOURCE = """
(entities person people (tom sue ann) open)
(declare strength (-> person number) "how strong")
(define strength (mem (lambda (p) (gaussian 10 3))))
(define mood (mem (lambda (p) (uniform-draw '(calm cross "odd")))))
(define knows (mem (lambda (p q) (begin (factor (if (eq? (mood p) 'calm) -0.1 0)) (flip 0.4)))))
(define (friends p) (filter (lambda (q) (and (not (eq? p q)) (knows p q))) people))
(define add-one (compose (curry + 1) identity))
(define next (make-gensym 'p))
(define marks (list (next) (if (flip) (next) 'none)))
(define restaurant (DPmem 1.5 (lambda () (uniform-draw '(a b c)))))
(define table (restaurant))
(define sized (map (lambda (p) (list p (length (friends p)))) people))
(define share (/ 6 (length (friends 'tom))))
(define (walk n) (if (or (> n 200) (flip 0.1)) n (walk (+ n 1))))
(define steps (walk 0))
(define (deep n) (if (= n 0) 0.5 (+ (gaussian 0 1) (deep (- n 1)))))
(define far (deep 20))
(condition (> (strength 'tom) (strength 'sue)))
(condition (= (gaussian far 100) 3.25))
"""
QUESTIONS = [
    "(list (mood 'tom) (friends 'sue) marks)",
    "(strength 'tom)",
    "(list table (restaurant) sized)",
    "(add-one far)",
    "steps",
    "(list (knows 'ann 'bert) (eval '(friends 'tom)))",
    "(next)",
]


@pytest.fixture
def slow(monkeypatch):
    """Everything counts as slow, so that it is kept."""
    monkeypatch.setattr("plot.world.SLOW", -1.0)


def answers(world: World, questions=QUESTIONS) -> list:
    """Rows, weights and losses of each question, to the bit."""
    out = []
    for text in questions:
        question = world.ask(text)
        session = question.world.session
        found = simulate(
            session.graph,
            session.atoms,
            question.effects,
            [question.value],
            jax.random.key(5),
            300,
            Reference(),
        )
        rows = [found.rows[node].tobytes() for node in dict.fromkeys(leaves(question.value))]
        losses = [(str(loss.cause), loss.worlds) for loss in found.losses]
        out.append((rows, found.log_weights.tobytes(), losses))
    return out


def files(place: Path) -> list[Path]:
    return sorted(place.glob("*.graph"))


def told(world: World) -> World:
    more = world.tell("(condition (knows 'tom 'sue))").tell("(define strong (strength 'zoe))")
    return more.tell("(condition (> strong 11))")


def test_a_kept_world_answers_to_the_bit(tmp_path, slow):
    fresh = World.from_source(SOURCE, cache=tmp_path)
    assert len(files(tmp_path)) == 1
    kept = World.from_source(SOURCE, cache=tmp_path)
    assert kept.session is not fresh.session and len(files(tmp_path)) == 1
    assert len(kept.session.graph.nodes) == len(fresh.session.graph.nodes)
    assert (kept.trees, kept.types, kept.vocabulary) == (
        fresh.trees,
        fresh.types,
        fresh.vocabulary,
    )
    assert [t.span for t in kept.trees] == [t.span for t in fresh.trees]
    assert answers(kept) == answers(fresh)
    assert answers(told(kept)) == answers(told(fresh))
    assert len(kept.session.graph.nodes) == len(fresh.session.graph.nodes)  # sharing goes on


def test_generated_programs_come_back(tmp_path, slow):
    for seed in range(12):
        lines = program(seed).splitlines()
        model, question = "\n".join(lines[:-1]), lines[-1]
        fresh, kept = (World.from_source(model, cache=tmp_path) for _ in range(2))
        assert len(fresh.session.graph.nodes) == len(kept.session.graph.nodes)
        try:
            wanted = answers(fresh, [question])
        except PlotError as error:
            with pytest.raises(type(error)):
                answers(kept, [question])
            continue
        assert answers(kept, [question]) == wanted


def test_every_part_of_the_graph_comes_back(tmp_path, slow):
    fresh, kept = (World.from_source(SOURCE, cache=tmp_path).session.graph for _ in range(2))

    def name(x):
        return ("node", x.id) if isinstance(x, Node) else (type(x), x)

    for a, b in zip(fresh.nodes, kept.nodes, strict=True):
        assert (a.id, a.op, a.kind, a.range, a.label, a.span, a.loops) == (
            b.id, b.op, b.kind, b.range, b.label, b.span, b.loops
        )  # fmt: skip
        assert list(map(name, a.args)) == list(map(name, b.args))
        assert (a.table is None) == (b.table is None)
        if a.table is not None and b.table is not None:
            assert a.table.key() == b.table.key() and a.table.values.shape == b.table.values.shape
    assert list(fresh._interned) != [] and len(fresh._interned) == len(kept._interned)
    assert all(kept._interned[n.op, n.args, columns.operand_kinds(n.args)] is n
               for n in kept._interned.values())  # fmt: skip
    assert [(k, n.id) for k, n in fresh._by_table.items()] == [
        (k, n.id) for k, n in kept._by_table.items()
    ]
    assert fresh.sites == kept.sites and fresh._labels == kept._labels
    assert [n.id for n in fresh.choices] == [n.id for n in kept.choices]


def test_a_long_chain_of_nodes_and_calls_is_kept(tmp_path, slow):
    source = """
    (define deep (mem (lambda (n)
      (if (= n 0) 0.5 (begin (condition (< (deep (- n 1)) 1e9)) (+ (gaussian 0 1) (deep (- n 1))))))))
    (define x (deep 1500))"""
    fresh, kept = (World.from_source(source, cache=tmp_path) for _ in range(2))
    assert len(files(tmp_path)) == 1 and len(fresh.session.graph.nodes) > 4_000
    x, y = (world.ask("x").value for world in (fresh, kept))
    assert isinstance(x, Node) and isinstance(y, Node) and x.id == y.id and x is not y


def test_an_error_of_a_world_shows_its_place_after_reading(tmp_path, slow):
    for _ in range(2):
        world = World.from_source(
            "(define n (random-integer 3))\n(define x (/ 1 n))", cache=tmp_path
        )
        (death,) = world.effects.deaths
        assert death.cause.span.line == 2 and "division by zero" in str(death.cause)


def test_small_worlds_are_not_kept(tmp_path):
    World.from_source("(define x (flip))", cache=tmp_path)
    assert not files(tmp_path)


def test_a_world_with_python_functions_is_evaluated_each_time(tmp_path, slow):
    text = "(import cached-module) (define y (double 4)) (define double 0)"
    for factor in (2, 3):
        double = ModuleFunction("double", "(-> number number)", "", lambda x, k=factor: k * x)
        register(Module("cached-module", (double,)))
        assert World.from_source(text, cache=tmp_path).ask("y").value == 4 * factor
    assert not files(tmp_path)


def test_another_text_name_budget_or_version_is_another_file(tmp_path, slow, monkeypatch):
    text = "(define x (gaussian 0 1))"
    World.from_source(text, cache=tmp_path)
    World.from_source(text + " ", cache=tmp_path)
    World.from_source(text, name="other", cache=tmp_path)
    World.from_source(text, budget=Budget(depth=9), cache=tmp_path)
    assert len(files(tmp_path)) == 4
    monkeypatch.setattr(cache, "_version", lambda: "another compiler")
    World.from_source(text, cache=tmp_path)
    assert len(files(tmp_path)) == 5


def _damages(content: bytes) -> dict[str, bytes]:
    middle = len(content) // 2
    flipped = bytearray(content)
    flipped[middle] ^= 1
    start = len(worlds.MAGIC)
    return {
        "empty": b"",
        "cut": content[:middle],
        "head alone": content[:start],
        "flipped bit": bytes(flipped),
        "another key": content[:start] + bytes(32) + content[start + 32 :],
        "older format": content.replace(b"graph 1", b"graph 0", 1),
        "pickle": b"\x80\x04cos\nsystem\n(S'touch /tmp/evil'\ntR.",
        "longer": content + b"x",
    }


def test_a_file_that_is_not_whole_is_made_again(tmp_path, slow):
    text = "(define x (gaussian 0 1)) (condition (> x 0))"
    wanted = answers(World.from_source(text, cache=tmp_path), ["x"])
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    for what, content in _damages(whole).items():
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert answers(World.from_source(text, cache=tmp_path), ["x"]) == wanted, what
        assert path.read_bytes() == whole, what


def _forged(content: bytes, change) -> bytes:
    """A file with a valid checksum whose table says something else."""
    import hashlib

    start = len(worlds.MAGIC) + 64
    body = content[start:]
    size = int.from_bytes(body[:8], "little")
    head = json.loads(body[8 : 8 + size])
    change(head)
    text = json.dumps(head).encode()
    body = len(text).to_bytes(8, "little") + text + body[8 + size :]
    return content[: start - 32] + hashlib.sha256(body).digest() + body


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head["rows"].insert(0, ["c", 99, 0]),
        lambda head: head["rows"].insert(0, ["os.popen", "true"]),
        lambda head: head["rows"].insert(0, ["o", "os.popen"]),
        lambda head: head["rows"].insert(0, ["b", "no such function"]),
        lambda head: head["rows"].append(["d", 0, 1, 2, 3, 4, 5]),
        lambda head: head["columns"].update(op=["|O8", [1]]),
        lambda head: head["columns"].pop("args"),
        lambda head: head.update(root=10**9),
        lambda head: head.update(rows=[]),
        lambda head: head["columns"].update(op=["<i4", [-1]]),
    ],
)
def test_a_foreign_table_makes_nothing(tmp_path, slow, change):
    text = "(define x (gaussian 0 1))"
    World.from_source(text, cache=tmp_path)
    (path,) = files(tmp_path)
    content, key = path.read_bytes(), bytes.fromhex(path.stem)
    worlds.load(key, _forged(content, lambda head: None))
    with pytest.raises(worlds.Damaged):
        worlds.load(key, _forged(content, change))


WRITER = """
import importlib.util, sys, time
spec = importlib.util.spec_from_file_location("folder", sys.argv[1])
folder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(folder)
from pathlib import Path
end = time.monotonic() + 1
while time.monotonic() < end:
    folder.write_file(Path(sys.argv[2]), sys.argv[3].encode() * 200_000, most=1000)
"""


def test_two_processes_may_write_at_once(tmp_path):
    path = tmp_path / "a.graph"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, folder.__file__, str(path), letter])
        for letter in "xy"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        content = folder.read_file(path) or b""
        seen.add(content)
        assert len(content) in (0, 200_000)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen - {b""} and seen <= {b"", b"x" * 200_000, b"y" * 200_000}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path, slow):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.warns(cache.CacheWarning, match="cannot be kept"):
        world = World.from_source("(define x (flip))", cache=blocked / "graphs")
    assert show(world.ask("(if x 1 1)").value) == "1"


def test_the_environment_names_the_folder_and_switches_it_off(tmp_path, slow, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    World.from_source("(define x (flip))")
    assert len(files(tmp_path / "plotline" / "graphs")) == 1
    assert cache_folder("webppl") == tmp_path / "plotline" / "webppl"
    monkeypatch.setenv(cache.SWITCH, "off")
    World.from_source("(define y (flip))")
    World.from_source("(define z (flip))", cache=False)
    assert len(files(tmp_path / "plotline" / "graphs")) == 1


def test_the_files_used_longest_ago_make_room(tmp_path):
    for i in range(4):
        write_file(tmp_path / f"{i}.graph", bytes(100), most=1000)
        os.utime(tmp_path / f"{i}.graph", (i, i))
    folder.read_file(tmp_path / "0.graph")
    write_file(tmp_path / "4.graph", bytes(100), most=300)
    assert [p.name for p in files(tmp_path)] == ["0.graph", "3.graph", "4.graph"]
    write_file(tmp_path / "5.graph", bytes(1000), most=300)
    assert [p.name for p in files(tmp_path)] == ["5.graph"]


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_file(tmp_path / "a.graph", b"content")
    assert not list(tmp_path.iterdir())


def test_what_is_written_covers_every_part_of_its_classes():
    assert tuple(sorted(Node.__slots__)) == columns._SLOTS
    assert all(fields_of(cls) for cls in (*DATA, *OBJECTS))
    assert vars(Graph()).keys() >= columns._SPECIAL


def test_a_large_world_is_read_in_a_fraction_of_its_evaluation(tmp_path):
    """The bound on the seconds is of a core of its own: processor time, best of three."""
    names = " ".join(f"p{i}" for i in range(13))
    text = f"""
    (entities person people ({names}))
    (define mood (mem (lambda (p) (uniform-draw '(calm cross merry)))))
    (define knows (mem (lambda (p q) (flip (if (eq? (mood p) (mood q)) 0.6 0.2)))))
    (define (friends p) (filter (lambda (q) (and (not (eq? p q)) (knows p q))) people))
    (define strength (mem (lambda (p) (gaussian 10 3))))
    (define powers (map (lambda (p) (sum (map strength (friends p)))) people))"""
    begun = time.process_time()
    world = World.from_source(text, cache=tmp_path)
    evaluation = time.process_time() - begun
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        kept = World.from_source(text, cache=tmp_path)
        seconds.append(time.process_time() - begun)
    assert len(kept.session.graph.nodes) == len(world.session.graph.nodes) > 5_000
    assert min(seconds) < min(0.5, evaluation / 3)


class TestCompilations:
    """What XLA compiles is kept in the folder, unless the user says otherwise."""

    @pytest.fixture(autouse=True)
    def as_before(self, monkeypatch):
        before = jax.config.jax_compilation_cache_dir
        monkeypatch.setattr(kept, "_done", False)
        monkeypatch.setattr(kept.compilation_cache, "reset_cache", lambda: None)
        yield
        jax.config.update("jax_compilation_cache_dir", before)

    def test_they_are_kept_with_the_graphs(self, tmp_path, monkeypatch):
        jax.config.update("jax_compilation_cache_dir", None)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.delenv("PLOTLINE_CACHE", raising=False)
        kept.keep_compilations()
        folder = tmp_path / "plotline" / "compiled"
        assert jax.config.jax_compilation_cache_dir == str(folder)

    def test_off_keeps_nothing(self, monkeypatch):
        jax.config.update("jax_compilation_cache_dir", None)
        monkeypatch.setenv("PLOTLINE_CACHE", "off")
        kept.keep_compilations()
        assert jax.config.jax_compilation_cache_dir is None

    def test_the_folder_of_the_user_stays(self, tmp_path, monkeypatch):
        jax.config.update("jax_compilation_cache_dir", str(tmp_path))
        monkeypatch.delenv("PLOTLINE_CACHE", raising=False)
        kept.keep_compilations()
        assert jax.config.jax_compilation_cache_dir == str(tmp_path)
