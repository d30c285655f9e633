"""Functions that are written in the language itself, for every engine alike."""

from __future__ import annotations

from itertools import product

from plot.signatures.base import Signature, defined

_ONE = "(-> number number)"
_TWO = "(-> number number number)"
_WORDS = {"a": "car", "d": "cdr"}
_KNOWN = ("aa", "ad", "da", "dd", "add", "ddd", "addd")  # built in


def _path(letters: str) -> Signature:
    """`c…r` of up to four letters, read from the right."""
    code = "x"
    for letter in reversed(letters):
        code = f"({_WORDS[letter]} {code})"
    names = " of ".join(f"`{_WORDS[letter]}`" for letter in letters)
    data = "y"
    for letter in letters:  # the datum that the path leads to `y` in
        data = f"({data} . 0)" if letter == "a" else f"(0 . {data})"
    text = f"{names[0].upper()}{names[1:]}.\n(c{letters}r '{data}) ; => y"
    return defined(f"c{letters}r", "(-> (pair any any) any)", text, f"(lambda (x) {code})")


_PATHS = tuple(
    _path("".join(letters))
    for length in (2, 3, 4)
    for letters in product("ad", repeat=length)
    if "".join(letters) not in _KNOWN
)

ARITHMETIC: tuple[Signature, ...] = (
    defined("square", _ONE, "A number times itself.\n(square 3) ; => 9", "(lambda (x) (* x x))"),
    defined("cube", _ONE, "The third power.\n(cube 2) ; => 8", "(lambda (x) (* x x x))"),
    defined("add1", _ONE, "One more.\n(add1 2) ; => 3", "(lambda (x) (+ x 1))"),
    defined("sub1", _ONE, "One less.\n(sub1 2) ; => 1", "(lambda (x) (- x 1))"),
    defined(
        "truncate",
        _ONE,
        "The whole part of a number.\n(truncate -2.7) ; => -2",
        "(lambda (x) (if (< x 0) (ceiling x) (floor x)))",
    ),
    defined(
        "quotient",
        _TWO,
        "The whole part of a division.\n(quotient -7 2) ; => -3",
        "(lambda (a b) (let ((q (/ a b))) (if (< q 0) (ceiling q) (floor q))))",
    ),
    defined(
        "gcd",
        _TWO,
        "The greatest common divisor of two whole numbers.\n(gcd 12 -8) ; => 4",
        "(lambda (a b) (let loop ((a (abs a)) (b (abs b))) (if (= b 0) a (loop b (mod a b)))))",
    ),
    defined(
        "lcm",
        _TWO,
        "The least common multiple of two whole numbers.\n(lcm 4 6) ; => 12",
        "(lambda (a b) (if (= (* a b) 0) 0 (abs (* a (/ b (gcd a b))))))",
    ),
    defined(
        "exact->inexact",
        _ONE,
        "The number itself: there is one sort of numbers.\n(exact->inexact 3) ; => 3",
        "(lambda (x) x)",
        *("inexact->exact", "exact", "inexact"),
    ),
    defined(
        "integer?",
        "(-> any boolean)",
        "Whether a value is a whole number.\n(integer? 2.5) ; => #f",
        "(lambda (x) (and (number? x) (= x (floor x))))",
    ),
    defined(
        "nan?",
        "(-> number boolean)",
        "Whether a number is not a number.\n(nan? 1) ; => #f",
        "(lambda (x) (not (= x x)))",
    ),
    defined(
        "xor",
        "(-> any any boolean)",
        "Whether exactly one of two values is not #f.\n(xor #t #f) ; => #t",
        "(lambda (a b) (if a (not b) (if b #t #f)))",
    ),
    defined(
        "normalize",
        "(-> (list number) (list number))",
        "Numbers over their sum.\n(normalize '(1 3)) ; => (0.25 0.75)",
        "(lambda (xs) (let ((total (sum xs))) (map (lambda (x) (/ x total)) xs)))",
    ),
    defined(
        "expectation",
        "(-> (list number) (list number) number)",
        "The mean of values by their weights.\n(expectation '(1 3) '(1 1)) ; => 2",
        "(lambda (values weights) (/ (sum (map * values weights)) (sum weights)))",
    ),
    defined(
        "assert",
        "(-> any any ... any)",
        "Ends this world where its argument is #f.\n(assert (= 1 1)) ; => #t",
        '(lambda (holds . why) (if holds #t (apply error (append (list "assertion:") why))))',
    ),
    defined(
        "get-current-environment",
        "(-> any)",
        "For `eval`, which sees the top level.\n(eval 1 (get-current-environment)) ; => 1",
        "(lambda () '())",
    ),
)

CHANCE: tuple[Signature, ...] = (
    defined(
        "random-real",
        "(-> number)",
        "A draw between 0 and 1.\n(< (random-real) 2) ; => #t",
        "(lambda () (uniform 0 1))",
        random=True,
    ),
    defined(
        "log-flip",
        "(-> number boolean)",
        "A coin by the logarithm of its probability.\n(log-flip 0) ; => #t",
        "(lambda (x) (flip (exp x)))",
        random=True,
    ),
    defined(
        "multivariate-gaussian",
        "(-> (list number) (list (list number)) (list number))",
        """Correlated draws: means, and the rows of a positive definite covariance matrix, of which
        the lower triangle is used (Cholesky's decomposition).
        (length (multivariate-gaussian '(1 2) '((1 0.5) (0.5 1)))) ; => 2""",
        """
        (lambda (means covariance)
          (let ((z (map (lambda (m) (gaussian 0 1)) means))
                (root
                  (fold
                    (lambda (row done)
                      (let* ((below
                               (fold
                                 (lambda (upper left)
                                   (append left
                                     (list (/ (- (list-ref row (length left))
                                                 (sum (map * left upper)))
                                              (last upper)))))
                                 '() done))
                             (square (- (list-ref row (length done)) (sum (map * below below)))))
                        (append done (list (append below (list (sqrt square)))))))
                    '() covariance)))
            (map (lambda (m row) (+ m (sum (map * row z)))) means root)))
        """,
        random=True,
    ),
)

SEQUENCES: tuple[Signature, ...] = (
    *_PATHS,
    defined(
        "eighth",
        "(-> (list a) a)",
        "The eighth element.\n(eighth (range 1 9)) ; => 8",
        "(lambda (xs) (list-elt xs 8))",
    ),
    defined(
        "ninth",
        "(-> (list a) a)",
        "The ninth element.\n(ninth (range 1 9)) ; => 9",
        "(lambda (xs) (list-elt xs 9))",
    ),
    defined(
        "tenth",
        "(-> (list a) a)",
        "The tenth element.\n(tenth (range 2 11)) ; => 11",
        "(lambda (xs) (list-elt xs 10))",
    ),
    defined(
        "sublist",
        "(-> (list a) number number (list a))",
        "The elements from a position up to another, counted from 0.\n"
        "(sublist '(a b c d) 1 3) ; => (b c)",
        "(lambda (xs start end) (take (drop xs start) (- end start)))",
    ),
    defined(
        "remove",
        "(-> (-> a any) (list a) (list a))",
        "The elements for which a test does not hold.\n(remove even? '(1 2 3)) ; => (1 3)",
        "(lambda (test xs) (filter (lambda (x) (not (test x))) xs))",
    ),
    defined(
        "delete",
        "(-> any (list a) (list a))",
        "The elements that are not equal to a value.\n(delete 2 '(1 2 3 2)) ; => (1 3)",
        "(lambda (value xs) (filter (lambda (x) (not (equal? x value))) xs))",
    ),
    defined(
        "find",
        "(-> (-> a any) (list a) any)",
        "The first element for which a test holds, or #f.\n(find even? '(1 4 6)) ; => 4",
        "(lambda (test xs) (let ((found (filter test xs))) (if (null? found) #f (first found))))",
    ),
    defined(
        "fold-left",
        "(-> (-> b a b) b (list a) b)",
        "From the left: the function takes what is gathered so far and an element.\n"
        "(fold-left list 0 '(1 2)) ; => ((0 1) 2)",
        "(lambda (f start xs) (fold (lambda (x done) (f done x)) start xs))",
    ),
    defined(
        "reduce",
        "(-> (-> a a a) a (list a) a)",
        "As `fold` from the first element on; the start is for an empty list.\n"
        "(reduce + 0 '(1 2 3)) ; => 6",
        "(lambda (f start xs) (if (null? xs) start (fold f (first xs) (rest xs))))",
    ),
    defined(
        "append-map",
        "(-> (-> any ... any) (list any) ... (list any))",
        "The lists that a function makes of the elements, in one.\n"
        "(append-map (lambda (x) (list x x)) '(1 2)) ; => (1 1 2 2)",
        "(lambda (f . lists) (apply append (apply map (append (list f) lists))))",
    ),
    defined(
        "filter-map",
        "(-> (-> any ... any) (list any) ... (list any))",
        "What a function makes of the elements, without #f.\n"
        "(filter-map (lambda (x) (and (even? x) (* x x))) '(1 2 4)) ; => (4 16)",
        "(lambda (f . lists) (filter identity (apply map (append (list f) lists))))",
    ),
)

WORDS: tuple[Signature, ...] = (
    defined(
        "string-ref",
        "(-> string number string)",
        'The character at a position, counted from 0.\n(string-ref "abc" 1) ; => "b"',
        "(lambda (text i) (string-slice text i (+ i 1)))",
    ),
    defined(
        "string->list",
        "(-> string (list string))",
        'The characters of a string.\n(string->list "ab") ; => ("a" "b")',
        "(lambda (text) (map (lambda (i) (string-ref text i)) (iota (string-length text))))",
    ),
    defined(
        "list->string",
        "(-> (list string) string)",
        'Strings in one.\n(list->string \'("a" "b")) ; => "ab"',
        "(lambda (parts) (apply string-append parts))",
    ),
    defined(
        "string-join",
        "(-> (list string) (? string) string)",
        "Strings in one, with a space or another text between them.\n"
        '(string-join \'("a" "b") "-") ; => "a-b"',
        """
        (lambda (parts . between)
          (let ((gap (if (null? between) " " (first between))))
            (if (null? parts) ""
                (fold (lambda (part done) (string-append done gap part))
                      (first parts) (rest parts)))))
        """,
    ),
    defined(
        "string=?",
        "(-> string string boolean)",
        'Whether two strings are the same.\n(string=? "a" "b") ; => #f',
        "(lambda (a b) (equal? a b))",
    ),
)
