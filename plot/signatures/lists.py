"""Pairs, lists and functions that take functions."""

from plot.signatures.base import Signature, function

_ELEMENT = "(-> (list a) a)"
_TEST = "(-> any boolean)"
_SAME = "(-> (list a) (list a))"

PAIRS: tuple[Signature, ...] = (
    function("list", "(-> a ... (list a))", "The list of the arguments.\n(list 1 2) ; => (1 2)"),
    function(
        "pair",
        "(-> a b (pair a b))",
        "A pair; onto a list it adds a first element.\n(pair 1 2) ; => (1 . 2)",
    ),
    function("cons", "(-> a b (pair a b))", "The same as `pair`.\n(cons 1 '(2)) ; => (1 2)"),
    function(
        "first", "(-> (pair a b) a)", "The first element of a list or pair.\n(first '(1 2)) ; => 1"
    ),
    function("second", _ELEMENT, "The second element.\n(second '(1 2 3)) ; => 2"),
    function("third", _ELEMENT, "The third element.\n(third '(1 2 3)) ; => 3"),
    function("fourth", _ELEMENT, "The fourth element.\n(fourth '(1 2 3 4)) ; => 4"),
    function("fifth", _ELEMENT, "The fifth element.\n(fifth '(1 2 3 4 5)) ; => 5"),
    function("sixth", _ELEMENT, "The sixth element.\n(sixth '(1 2 3 4 5 6)) ; => 6"),
    function("seventh", _ELEMENT, "The seventh element.\n(seventh '(1 2 3 4 5 6 7)) ; => 7"),
    function(
        "rest",
        "(-> (pair a b) b)",
        "A list without its first element; the second half of a pair.\n(rest '(1 2 3)) ; => (2 3)",
    ),
    function("car", "(-> (pair a b) a)", "The same as `first`.\n(car '(1 2)) ; => 1"),
    function("cdr", "(-> (pair a b) b)", "The same as `rest`.\n(cdr '(1 2)) ; => (2)"),
    function("caar", "(-> (pair any any) any)", "`car` of `car`.\n(caar '((1 2) 3)) ; => 1"),
    function(
        "cadr",
        "(-> (pair any any) any)",
        "`car` of `cdr`: the second element.\n(cadr '(1 2 3)) ; => 2",
    ),
    function("cdar", "(-> (pair any any) any)", "`cdr` of `car`.\n(cdar '((1 2) 3)) ; => (2)"),
    function("cddr", "(-> (pair any any) any)", "`cdr` of `cdr`.\n(cddr '(1 2 3)) ; => (3)"),
    function("caddr", "(-> (pair any any) any)", "The third element.\n(caddr '(1 2 3)) ; => 3"),
    function(
        "cdddr",
        "(-> (pair any any) any)",
        "A list without three elements.\n(cdddr '(1 2 3 4)) ; => (4)",
    ),
    function(
        "cadddr", "(-> (pair any any) any)", "The fourth element.\n(cadddr '(1 2 3 4)) ; => 4"
    ),
    function("null?", _TEST, "Whether a value is the empty list.\n(null? '()) ; => #t", "is_null"),
    function("list?", _TEST, "Whether a value is a list.\n(list? '(1 2)) ; => #t", "is_list"),
    function(
        "pair?",
        _TEST,
        "Whether a value is a pair, as a list with elements is.\n(pair? '()) ; => #f",
        "is_pair",
    ),
)

LISTS: tuple[Signature, ...] = (
    function("last", _ELEMENT, "The last element.\n(last '(1 2 3)) ; => 3"),
    function(
        "but-last",
        _SAME,
        "A list without its last element.\n(but-last '(1 2 3)) ; => (1 2)",
        "initial",
    ),
    function("length", "(-> (list any) number)", "The number of elements.\n(length '(a b)) ; => 2"),
    function(
        "append",
        "(-> (list a) ... (list a))",
        "The lists joined end to end.\n(append '(1) '(2 3)) ; => (1 2 3)",
        "concatenate",
    ),
    function("reverse", _SAME, "The elements from last to first.\n(reverse '(1 2)) ; => (2 1)"),
    function(
        "list-ref",
        "(-> (list a) number a)",
        "The element at a position, counted from 0.\n(list-ref '(a b c) 1) ; => b",
    ),
    function(
        "list-elt",
        "(-> (list a) number a)",
        "The element at a position, counted from 1.\n(list-elt '(a b c) 1) ; => a",
    ),
    function(
        "take",
        "(-> (list a) number (list a))",
        "The first elements, so many, or all where there are fewer.\n(take '(1 2 3) 2) ; => (1 2)",
    ),
    function(
        "drop",
        "(-> (list a) number (list a))",
        "The list without its first elements.\n(drop '(1 2 3) 2) ; => (3)",
    ),
    function(
        "make-list",
        "(-> number a (list a))",
        "A list of one value, so many times.\n(make-list 2 'a) ; => (a a)",
    ),
    function(
        "repeat",
        "(-> number (-> a) (list a))",
        """The values of so many calls of a function without parameters.
        (repeat 2 (lambda () 7)) ; => (7 7)""",
        random=True,
    ),
    function(
        "range",
        "(-> number number (list number))",
        "The numbers from one to another, both included.\n(range 1 3) ; => (1 2 3)",
    ),
    function(
        "iota",
        "(-> number (? number) (? number) (list number))",
        "So many numbers, from a start (0) in steps (1).\n(iota 3 1 2) ; => (1 3 5)",
    ),
    function(
        "zip",
        "(-> (list any) ... (list (list any)))",
        "Elements of the same position together.\n(zip '(1 2) '(a b)) ; => ((1 a) (2 b))",
    ),
    function(
        "unzip",
        "(-> (list (list any)) (list (list any)))",
        "What `zip` joined, apart again.\n(unzip '((1 a) (2 b))) ; => ((1 2) (a b))",
    ),
    function(
        "transpose",
        "(-> (list (list a)) (list (list a)))",
        "Rows to columns.\n(transpose '((1 2) (3 4))) ; => ((1 3) (2 4))",
    ),
    function(
        "flatten",
        "(-> any (list any))",
        "All elements of nested lists in one list.\n(flatten '(1 (2 (3)))) ; => (1 2 3)",
    ),
    function(
        "sort",
        "(-> (list a) (? (-> a a any)) (list a))",
        "The elements in order, by `<` or by the function given.\n(sort '(2 3 1) >) ; => (3 2 1)",
    ),
    function(
        "unique", _SAME, "The elements without repetitions.\n(unique '(1 2 1)) ; => (1 2)", "nub"
    ),
    function(
        "position",
        "(-> any any number)",
        "The position of a value in a list, or of the first element for which a test holds, which\n"
        "stands before the list; counted from 0, -1 where there is none.\n"
        "(position '(a b) 'b) ; => 1",
        "list-index",
    ),
    function(
        "member",
        "(-> any (list any) any)",
        "The list from a value on; #f where it is not there.\n(member 2 '(1 2 3)) ; => (2 3)",
    ),
    function(
        "member?",
        "(-> any (list any) boolean)",
        "Whether a value is in a list.\n(member? 2 '(1 2)) ; => #t",
    ),
    function(
        "assoc",
        "(-> any (list any) any)",
        "The first pair that begins with a key; #f where there is none.\n"
        "(assoc 'b '((a 1) (b 2))) ; => (b 2)",
    ),
    function(
        "union",
        "(-> (list a) ... (list a))",
        "The elements of any list, each once.\n(union '(1 2) '(2 3)) ; => (1 2 3)",
    ),
    function(
        "intersection",
        "(-> (list a) (list a) (list a))",
        "The elements of the first list that the second holds.\n"
        "(intersection '(1 2) '(2 3)) ; => (2)",
    ),
    function(
        "difference",
        "(-> (list a) (list a) ... (list a))",
        "The elements of the first list that no other holds.\n(difference '(1 2) '(2 3)) ; => (1)",
    ),
    function(
        "partition",
        "(-> (-> a any) (list a) (list (list a)))",
        "The elements that pass a test, and the others.\n"
        "(partition even? '(1 2 4)) ; => ((2 4) (1))",
    ),
    function(
        "update-list",
        "(-> (list a) number a (list a))",
        "The list with another value at a position, counted from 0.\n"
        "(update-list '(1 2 3) 1 9) ; => (1 9 3)",
    ),
)

HIGHER: tuple[Signature, ...] = (
    function(
        "map",
        (
            "(-> (-> a b) (list a) (list b))",
            "(-> (-> any ... b) (list any) (list any) (list any) ... (list b))",
        ),
        "A function applied to each element, or to the elements of several lists.\n"
        "(map + '(1 2) '(10 20)) ; => (11 22)",
    ),
    function(
        "filter",
        "(-> (-> a any) (list a) (list a))",
        "The elements that pass a test.\n(filter even? '(1 2 4)) ; => (2 4)",
    ),
    function(
        "fold",
        (
            "(-> (-> a b b) b (list a) b)",
            "(-> (-> any ... b) b (list any) (list any) (list any) ... b)",
        ),
        """From the left: the function takes an element and what is gathered so far.
        (fold cons '() '(1 2 3)) ; => (3 2 1)""",
        "foldl",
    ),
    function(
        "foldr",
        (
            "(-> (-> a b b) b (list a) b)",
            "(-> (-> any ... b) b (list any) (list any) (list any) ... b)",
        ),
        "As `fold`, from the right.\n(foldr cons '() '(1 2 3)) ; => (1 2 3)",
    ),
    function(
        "for-each",
        "(-> (-> any ... any) (list any) (list any) ... void)",
        "Calls a function on each element, in order.",
    ),
    function(
        "apply",
        "(-> (-> any ... a) any any ... a)",
        "Calls a function with the elements of a last list.\n(apply + 1 '(2 3)) ; => 6",
    ),
    function(
        "compose",
        "(-> (-> any ... any) ... (-> any ... any))",
        "The function that applies the last one first.\n((compose sqrt abs) -9) ; => 3",
    ),
    function(
        "curry",
        "(-> (-> any ... any) any ... any)",
        """A function of two parameters that takes them one at a time; with more arguments, the
        function with its first parameters filled in.
        (((curry +) 1) 2) ; => 3""",
    ),
    function("identity", "(-> a a)", "The argument.\n(identity 3) ; => 3", "id"),
    function(
        "argmax",
        "(-> (-> a number) (list a) a)",
        "The element with the largest value, the first of equals.\n(argmax abs '(1 -3 2)) ; => -3",
    ),
    function(
        "argmin",
        "(-> (-> a number) (list a) a)",
        "The element with the smallest value, the first of equals.\n(argmin abs '(2 -1 3)) ; => -1",
    ),
    function(
        "count",
        "(-> (-> a any) (list a) number)",
        "How many elements pass a test.\n(count even? '(1 2 4)) ; => 2",
    ),
    function(
        "sample",
        "(-> (-> a) a)",
        "Calls a function without parameters.\n(sample (lambda () 3)) ; => 3",
        random=True,
    ),
    function(
        "mem",
        "(-> (-> any ... a) (-> any ... a))",
        """A function that keeps its values: equal arguments give the same value within one world.
        (define f (mem (lambda (x) (gaussian 0 1)))) (= (f 'a) (f 'a)) ; => #t""",
    ),
    function(
        "DPmem",
        "(-> number (-> any ... a) (-> any ... a))",
        """Stochastic memoisation: with a concentration, each call draws anew or repeats a value.
        (define f (DPmem 1 (lambda () 3))) (f) ; => 3""",
        random=True,
    ),
)
