"""Special forms: what is written like a call and is none."""

from plot.signatures.base import FormDoc, form

_BLOCK = (
    "\nDefinitions, then the result, then `(condition e)` statements or one bare boolean."
    "\nInside a model it is a draw from the conditional distribution."
)

FORM_DOCS: tuple[FormDoc, ...] = (
    form(
        "define",
        (
            "(define name value)",
            "(define (name parameter ...) body ...)",
            "(define ((name parameter ...) parameter ...) body ...)",
        ),
        "Names a value, a function, or a function that gives a function.\n(define (twice x) (* 2 x)) (twice 4) ; => 8",
    ),
    form(
        "lambda",
        (
            "(lambda (parameter ...) body ...)",
            "(lambda (parameter . rest) body ...)",
            "(lambda rest body ...)",
        ),
        "A function; `rest` takes further arguments as a list.\n"
        "((lambda (x . more) more) 1 2 3) ; => (2 3)",
    ),
    form(
        "let",
        ("(let ((name value) ...) body ...)", "(let loop ((name start) ...) body ...)"),
        """Local names; with a name before them, a function that the body can call again.
        (let loop ((i 0)) (if (< i 5) (loop (+ i 2)) i)) ; => 6""",
    ),
    form(
        "let*",
        "(let* ((name value) ...) body ...)",
        "Local names, each may use those before it.\n(let* ((x 1) (y (+ x 1))) y) ; => 2",
    ),
    form(
        "letrec",
        "(letrec ((name value) ...) body ...)",
        "Local names that may use each other.\n"
        "(letrec ((f (lambda (n) (if (= n 0) 'end (f (- n 1)))))) (f 3)) ; => end",
    ),
    form(
        "letrec*",
        "(letrec* ((name value) ...) body ...)",
        "The same as `letrec`.\n(letrec* ((x 1) (y (+ x 1))) y) ; => 2",
    ),
    form(
        "do",
        "(do ((name start next) ...) (test result ...) body ...)",
        """A loop: until the test holds, the body, and then the next values of the names.
        (do ((i 0 (+ i 1)) (sum 0 (+ sum i))) ((= i 4) sum)) ; => 6""",
    ),
    form(
        "when",
        "(when test body ...)",
        "The body where the test holds, else nothing.\n(when (< 1 2) 'less) ; => less",
    ),
    form(
        "unless",
        "(unless test body ...)",
        "The body where the test does not hold.\n(unless (> 1 2) 'less) ; => less",
    ),
    form(
        "if",
        ("(if test then else)", "(if test then)"),
        "One of two values; only #f is false.\n(if '() 1 2) ; => 1",
    ),
    form(
        "cond",
        ("(cond (test body ...) ... (else body ...))", "(cond (test => function) ...)"),
        "The body of the first test that holds, or a function of what the test gives.\n"
        "(cond (#f 1) (else 2)) ; => 2",
    ),
    form(
        "case",
        "(case key ((datum ...) body ...) ... (else body ...))",
        "The body whose data hold the key.\n(case 'b ((a) 1) ((b c) 2) (else 3)) ; => 2",
    ),
    form(
        "begin",
        "(begin expression ...)",
        "The value of the last expression, after all others.\n(begin 1 2) ; => 2",
    ),
    form(
        "and",
        "(and expression ...)",
        "The last value if none is #f, else #f; stops at #f.\n(and 1 2) ; => 2",
    ),
    form(
        "or",
        "(or expression ...)",
        "The first value that is not #f; stops there.\n(or #f 2) ; => 2",
    ),
    form(
        "quote", ("(quote datum)", "'datum"), "Data as they are written.\n'(a (b 1)) ; => (a (b 1))"
    ),
    form(
        "condition",
        "(condition expression)",
        """Keeps the worlds in which the expression is not #f.
        `(condition (= x (gaussian 0 1)))` conditions on the density at that value.
        (define x (flip)) (condition x) x ; => #t""",
    ),
    form("factor", "(factor number)", "Adds to the log weight of this world."),
    form(
        "condition-equal",
        "(condition-equal expression value)",
        """Keeps the worlds in which the two are equal; a continuous draw is set to the value and
        weighs the world by its density there.
        (define x (gaussian 0 1)) (condition-equal x 2) x ; => 2""",
    ),
    form(
        "query",
        ("(query expression)", "(query definition ... result condition)"),
        "What is asked." + _BLOCK + "\n(query (+ 1 2)) ; => 3",
    ),
    form(
        "rejection-query",
        "(rejection-query definition ... result condition)",
        "A value given a condition." + _BLOCK + "\n(rejection-query (define x (flip)) x x) ; => #t",
    ),
    form(
        "enumeration-query",
        "(enumeration-query definition ... result condition)",
        """The list of possible values and the list of their probabilities, exactly.
        (list (enumeration-query (define x (flip 0.75)) x #t)) ; => (((#t #f) (0.75 0.25)))""",
    ),
    form(
        "mh-query",
        "(mh-query samples lag definition ... result condition)",
        "A list of samples given a condition."
        + "\n(list (mh-query 2 1 (define x (flip)) x x)) ; => ((#t #t))",
    ),
    form(
        "conditional",
        "(conditional definition ... result condition)",
        "A function without arguments that draws a value given a condition.\n"
        "((conditional (define x (flip)) x x)) ; => #t",
    ),
    form(
        "declare",
        '(declare name type "meaning")',
        "Makes a name public, with its type and its meaning.",
    ),
    form(
        "import",
        "(import module)",
        "Brings in the functions of a module that Python has registered.",
    ),
    form(
        "entities",
        ("(entities type listing (name ...))", "(entities type listing (name ...) open)"),
        """Declares a sort of thing, the variable that lists all names, and the names.
        `open` lets a conversation bring in new names.
        (entities person people (tom mary)) people ; => (tom mary)""",
    ),
)
