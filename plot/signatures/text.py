"""Strings, symbols, tests of kind, pictures and printouts."""

from plot.signatures.base import Signature, function

_TEST = "(-> any boolean)"
_PICTURE = "(-> any any ... void)"

TEXT: tuple[Signature, ...] = (
    function(
        "string-append",
        "(-> any ... string)",
        'The arguments as one string.\n(string-append "a" "b") ; => "ab"',
    ),
    function(
        "string-length",
        "(-> string number)",
        'The number of characters.\n(string-length "abc") ; => 3',
    ),
    function(
        "string-slice",
        "(-> string number (? number) string)",
        "The characters from a position up to another, counted from 0.\n"
        '(string-slice "abcd" 1 3) ; => "bc"',
    ),
    function(
        "string-split",
        "(-> string (? string) (list string))",
        "The parts of a string between spaces, or between another text.\n"
        '(string-split "a,b" ",") ; => ("a" "b")',
    ),
    function(
        "string-upcase",
        "(-> string string)",
        'A string in capital letters.\n(string-upcase "ab") ; => "AB"',
    ),
    function(
        "string-downcase",
        "(-> string string)",
        'A string in small letters.\n(string-downcase "Ab") ; => "ab"',
    ),
    function(
        "string<?",
        "(-> string string boolean)",
        "Whether a string stands before another by the codes of characters.\n"
        '(string<? "a" "b") ; => #t',
    ),
    function(
        "string->number",
        "(-> string any)",
        'The number that a string writes, or #f.\n(string->number "1.5") ; => 1.5',
        "string_to_number",
    ),
    function(
        "number->string",
        "(-> number string)",
        'A number as a string.\n(number->string 4) ; => "4"',
        "number_to_string",
    ),
    function(
        "string->symbol",
        "(-> string symbol)",
        'The symbol of that name.\n(string->symbol "tom") ; => tom',
    ),
    function(
        "symbol->string",
        "(-> symbol string)",
        'The name of a symbol.\n(symbol->string \'tom) ; => "tom"',
    ),
    function(
        "stringify",
        "(-> any string)",
        'Any value as a string.\n(stringify (list 1 2)) ; => "(1 2)"',
    ),
    function("symbol?", _TEST, "Whether a value is a symbol.\n(symbol? 'a) ; => #t"),
    function("number?", _TEST, "Whether a value is a number.\n(number? 1.5) ; => #t", "is_number"),
    function("string?", _TEST, 'Whether a value is a string.\n(string? "a") ; => #t'),
    function("boolean?", _TEST, "Whether a value is #t or #f.\n(boolean? '()) ; => #f"),
    function(
        "procedure?", _TEST, "Whether a value is a function.\n(procedure? car) ; => #t", "function?"
    ),
    function(
        "boolean->number",
        "(-> any number)",
        "1, or 0 for #f.\n(boolean->number #t) ; => 1",
        "boolean_to_number",
    ),
    function(
        "number->boolean", "(-> number boolean)", "#f for 0, else #t.\n(number->boolean 0) ; => #f"
    ),
    function(
        "gensym",
        "(-> (? any) symbol)",
        "A symbol that is used nowhere else, with a prefix.\n(eq? (gensym) (gensym)) ; => #f",
    ),
    function(
        "make-gensym",
        "(-> (? any) (-> symbol))",
        "A function that gives new symbols, numbered from 0.\n"
        "(define next (make-gensym 'p)) (list (next) (next)) ; => (p0 p1)",
    ),
    function("error", "(-> any ... any)", "Ends this world: its arguments say why."),
    function(
        "eval", "(-> any (? any) any)", "The value of a quoted program.\n(eval '(+ 1 2)) ; => 3"
    ),
    function("display", "(-> any ... void)", "Prints its arguments.", "print", "pn", "newline"),
    function("hist", _PICTURE, "Asks for a histogram of its argument."),
    function("density", _PICTURE, "Asks for a density plot of its argument."),
    function("scatter", _PICTURE, "Asks for a scatter plot of a list of pairs."),
    function("barplot", _PICTURE, "Asks for a bar plot of a list of labels and a list of heights."),
    function("lineplot", _PICTURE, "Asks for a line through a list of pairs."),
)
