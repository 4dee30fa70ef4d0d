"""What the editor says about a Modelfile, and how its fixes mend it."""

import time

import pytest

from corral.modelfile.document import Command
from corral.modelfile.hint import Hint, Known, Severity
from corral.modelfile.hints import hints
from corral.modelfile.writer import write
from helpers.vectors import vectors

QUOTES = '"""'
NOTHING = Known()
TRAINED = Known(trained_context_tokens=8192)


def only(text: str, known: Known = NOTHING) -> Hint:
    found = hints(text, known)
    assert len(found) == 1, found
    return found[0]


def fixed(text: str) -> str:
    hint = only(text)
    assert hint.fix is not None
    mended = hint.fix.apply(text)
    assert hints(mended) == []
    return mended


def test_a_good_modelfile_has_no_hints() -> None:
    text = (
        '# Mario\nFROM llama3.1:8b\nFROM mmproj.gguf\nSYSTEM """\nBe Mario.\nFROM now on.\n"""\n'
        'PARAMETER temperature 1\nPARAMETER stop "### User:"\nPARAMETER stop ### User:\n'
        "TEMPLATE {{ .System }}{{ .Prompt }}\nMESSAGE user C# or F#?\nLICENSE MIT\nREQUIRES 0.14\n"
    )
    assert hints(text, TRAINED) == []


def test_an_unknown_parameter_is_an_error_with_what_was_meant() -> None:
    text = "FROM x\nPARAMETER temprature 1\n"
    hint = only(text)
    assert hint.severity is Severity.ERROR
    assert hint.message == "Unknown parameter temprature. Did you mean temperature?"
    assert (hint.place.line, hint.place.column) == (2, 11)
    assert text[hint.start : hint.end] == "temprature"
    assert hint.fix is not None
    assert hint.fix.title == "Fix"
    assert fixed(text) == "FROM x\nPARAMETER temperature 1\n"


def test_a_parameter_unlike_any_other_has_no_fix() -> None:
    hint = only("FROM x\nPARAMETER tfs_z 1\n")
    assert (hint.message, hint.fix) == ("Unknown parameter tfs_z.", None)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("FROM x\nPARAMETER num_ctx 4096   # small\n", "FROM x\n# small\nPARAMETER num_ctx 4096\n"),
        ("FROM x # base", "# base\nFROM x"),
        ("FROM x\r\n PARAMETER top_k 1 # a \r\n", "FROM x\r\n # a\r\nPARAMETER top_k 1 \r\n"),
        ("FROM x\nSYSTEM Be nice. # please\n", "FROM x\n# please\nSYSTEM Be nice.\n"),
        ("FROM x\nPARAMETER stop <e> # end\n", "FROM x\n# end\nPARAMETER stop <e>\n"),
    ],
)
def test_a_comment_behind_a_value_is_warned_of_and_moved_to_its_own_line(
    text: str, mended: str
) -> None:
    hint = only(text)
    assert hint.severity is Severity.WARNING
    assert hint.message.endswith("becomes part of the value, as Ollama reads it.")
    assert hint.fix is not None
    assert hint.fix.title == "Move to its own line"
    assert fixed(text) == mended


@pytest.mark.parametrize(
    ("line", "severity", "message"),
    [
        ("PARAMETER top_k abc", "error", "Invalid int value [abc]. top_k is a whole number"),
        ("PARAMETER top_k ", "error", "Invalid int value []."),
        ("PARAMETER temperature 5", "warning", "temperature is 5; useful values go from 0 to 2."),
        ("PARAMETER seed -2", "warning", "seed is -2; useful values go from -1 to 4294967295."),
        ("PARAMETER num_ctx 9000", "warning", "num_ctx is 9000; the model was trained with 8192"),
        ("PARAMETER mirostat 1", "warning", "mirostat is no longer used and is left out."),
        ("PARAMETER message x", "error", "Unknown parameter message."),
        ("PARAMETER num_ctx", "error", "PARAMETER num_ctx has no value on its line."),
        ("SYSTEM", "error", "SYSTEM has no value on its line."),
        ("MESSAGE tool x", "error", "The role is tool; it can be system, user or assistant."),
        ("MESSAGE us-er x", "error", "The role is us-er; it can be system, user or assistant."),
        ("FROM ", "error", "FROM names no model."),
        ("REQUIRES soon", "error", "REQUIRES is to be a version such as 0.14.0."),
        (
            "TEMPLATE hello",
            "warning",
            "The TEMPLATE uses neither {{ .Prompt }} nor {{ .Messages }}",
        ),
        ("EMBED x", "error", "Unknown instruction EMBED."),
        ("SYSTEM a\u3000b", "warning", "The character U+3000 is left out, as Ollama reads it."),
        (
            'SYSTEM "a\u3000b"',
            "warning",
            "Ollama leaves out the character U+3000; Corral keeps it.",
        ),
        ('SYSTEM "a"\u2060\nb"', "warning", "Ollama ends the value here; Corral reads on"),
        ('SYSTEM "a\nb', "error", "This quote is never closed at the end of a line."),
    ],
)
def test_a_line_gets_its_hint(line: str, severity: str, message: str) -> None:
    hint = only(f"FROM x\n{line}", TRAINED)
    assert hint.severity.value == severity
    assert hint.message.startswith(message)
    assert hint.place.line == 2


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("PARAMETER top-k 40", "PARAMETER top_k 40"),
        ("PARAMETER  top_k 40", "PARAMETER top_k 40"),
        ("MESSAGE \t user hi", "MESSAGE user hi"),
        ("MESSAGE User hi", "MESSAGE user hi"),
        ("SYTEM hi", "SYSTEM hi"),
        ("SYSTEM: hi", "SYSTEM  hi"),
        ("top_k 40", "PARAMETER top_k 40"),
        ("PARAMETER system hi", "SYSTEM hi"),
        ("PARAMETER low_vram 1\nSYSTEM hi", "SYSTEM hi"),
        ("SYSTEM a\u00a0b", 'SYSTEM "a\u00a0b"'),
    ],
)
def test_a_line_is_mended_by_its_fix(line: str, mended: str) -> None:
    text = f"FROM x\n{line}\n"
    hint = hints(text)[0]
    assert hint.fix is not None
    assert hint.fix.apply(text) == f"FROM x\n{mended}\n"


@pytest.mark.parametrize("text", ["", "# nothing\n", "SYSTEM hi\n"])
def test_a_missing_from_is_an_error_at_the_start(text: str) -> None:
    hint = only(text)
    assert hint.severity is Severity.ERROR
    assert hint.message.startswith("No FROM line")
    assert (hint.place.line, hint.place.column) == (1, 1)


def test_text_behind_a_closing_quote_tells_how_far_the_value_goes() -> None:
    text = 'FROM x\nSYSTEM "hello" he said\nPARAMETER top_k 1\nMESSAGE user "x"\n'
    hint = only(text)
    assert hint.severity is Severity.WARNING
    assert hint.message == "Text after the closing quote: the value goes on to line 4."
    assert text[hint.start : hint.end] == "he said"
    assert f"SYSTEM {QUOTES}" in fixed(text)


def test_a_comment_behind_a_closing_quote_is_moved() -> None:
    text = 'FROM x\nSYSTEM "hello" # greeting\n'
    unclosed, after = hints(text)
    assert unclosed.severity is Severity.ERROR
    assert after.message.endswith("the value goes on to the end of the file.")
    assert after.fix is not None
    assert after.fix.apply(text) == 'FROM x\n# greeting\nSYSTEM "hello"\n'


def test_a_quotation_at_the_start_of_a_long_text_is_not_warned_of() -> None:
    assert hints('FROM x\nSYSTEM "Say "hi" first.\nThen leave."\n') == []


def test_a_plain_quote_that_takes_in_an_instruction_is_warned_of_at_that_line() -> None:
    hint = only('FROM x\nSYSTEM "abc\nPARAMETER stop "x"\n')
    assert hint.message == "The quote that is opened on line 2 takes in this line."
    assert hint.place.line == 3


def test_what_is_given_twice_is_said_where_it_has_no_effect() -> None:
    hint = only("FROM x\nPARAMETER top_k 1\nPARAMETER top_k 2\n")
    assert hint.message == "PARAMETER top_k is given again on line 3; that one counts."
    assert hint.place.line == 2


def test_a_second_adapter_is_an_error() -> None:
    hint = only("FROM x\nADAPTER a\nADAPTER b\n")
    assert hint.severity is Severity.ERROR
    assert hint.place.line == 3


def test_a_control_token_that_the_template_never_writes_is_warned_of() -> None:
    template = "TEMPLATE {{ .Prompt }}<|im_end|>\n"
    assert hints(f"FROM x\n{template}PARAMETER stop <|im_end|>\nPARAMETER stop END\n") == []
    hint = only(f"FROM x\n{template}PARAMETER stop <|eot_id|>\n")
    assert hint.message == "<|eot_id|> does not occur in the TEMPLATE."


def test_every_problem_is_found_in_one_go_in_the_order_of_the_text() -> None:
    found = hints("FRM x\nPARAMETER tmperature 1\nMESSAGE User hi\n")
    assert [hint.place.line for hint in found] == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "title", "mended"),
    [
        ("PARAMETER temperature 5", "Use 2", "PARAMETER temperature 2"),
        ("PARAMETER seed -2", "Use -1", "PARAMETER seed -1"),
        ("PARAMETER num_ctx 9000", "Use 8192", "PARAMETER num_ctx 8192"),
        ("PARAMETER num_ctx 8k", "Use 8192", "PARAMETER num_ctx 8192"),
        ("PARAMETER num_ctx 4,096", "Use 4096", "PARAMETER num_ctx 4096"),
        ("PARAMETER top_k 40.0", "Use 40", "PARAMETER top_k 40"),
        ("PARAMETER top_p 0,5", "Use 0.5", "PARAMETER top_p 0.5"),
        ("PARAMETER use_mmap yes", "Use true", "PARAMETER use_mmap true"),
        ("PARAMETER top_k 1\nPARAMETER top_k 2", "Remove the line", "PARAMETER top_k 2"),
        ("ADAPTER a\nADAPTER b", "Remove the line", "ADAPTER a"),
        ('SYSTEM "a\nb', "Close the quote", 'SYSTEM "a\nb"'),
        ('SYSTEM """a\nMESSAGE user b', "Close the quote", 'SYSTEM """a"""\nMESSAGE user b'),
        ('SYSTEM "a \nSTOP\nMESSAGE user "b"', "Close the quote",
         'SYSTEM "a \nSTOP"\nMESSAGE user "b"'),
        ("TEMPLATE hello", "Add {{ .Prompt }}", "TEMPLATE hello{{ .Prompt }}"),
        ('TEMPLATE """\nhello\n"""', "Add {{ .Prompt }}", 'TEMPLATE """\nhello{{ .Prompt }}\n"""'),
        ("SYSTEM a\nTEMPLATE {{ .Prompt }}", "Add {{ .System }}",
         "SYSTEM a\nTEMPLATE {{ .System }} {{ .Prompt }}"),
        ("TEMPLATE {{ if .Prompt }}{{ .Prompt }}", "Add {{ end }}",
         "TEMPLATE {{ if .Prompt }}{{ .Prompt }}{{ end }}"),
    ],
)  # fmt: skip
def test_a_fix_says_what_it_does_and_leaves_no_problem(text: str, title: str, mended: str) -> None:
    hint = only(f"FROM x\n{text}\n", TRAINED)
    assert hint.fix is not None
    assert hint.fix.title == title
    assert hint.fix.apply(f"FROM x\n{text}\n") == f"FROM x\n{mended}\n"
    assert hints(f"FROM x\n{mended}\n", TRAINED) == []


@pytest.mark.parametrize(
    "template",
    [
        "{{ if .System }}{{ .System }}{{ end }}{{ .Prompt }}",
        "{{- range .Messages }}{{ .Content }}{{- end }}",
        '{{ if eq .Prompt "}}" }}{{ .Prompt }}{{ else if `{{` }}a{{ end }}',
        "{{/* {{ if */}}{{- /* end }} */ -}}{{ .Prompt }}",
        "{{ with $x := '\"' }}{{ .Prompt }}{{ end }} } {",
    ],
)
def test_a_template_of_go_has_no_hints(template: str) -> None:
    assert hints(f'FROM x\nTEMPLATE """{template}"""\n') == []


@pytest.mark.parametrize(
    ("template", "message", "marked"),
    [
        ("{{ .Prompt }} {{ .System", "This {{ of the TEMPLATE is never closed by }}.", "{{"),
        ("{{ .Prompt {{ .System }}", "This {{ of the TEMPLATE is never closed by }}.", "{{"),
        ("{{ .Prompt }}{{ end }}", "This {{ end }} of the TEMPLATE ends nothing.", "{{ end }}"),
        (
            "{{ range .Messages }}{{ if .Content }}{{ end }}",
            "This {{ range }} of the TEMPLATE has no {{ end }}.",
            "{{ range .Messages }}",
        ),
    ],
)
def test_what_stands_open_in_a_template_is_an_error(
    template: str, message: str, marked: str
) -> None:
    text = f"FROM x\nTEMPLATE {template}"
    hint = only(text)
    assert (hint.severity, hint.message) == (Severity.ERROR, message)
    assert text[hint.start : hint.end] == marked


def test_ollamas_own_templates_have_no_errors_and_broken_ones_have() -> None:
    cases = vectors("templates")["cases"] + vectors("gotemplate_language")["cases"]
    for case in cases:
        commands = [
            Command(name="model", args="x"), Command(name="template", args=case["template"])
        ]  # fmt: skip
        found = [hint for hint in hints(write(commands)) if hint.severity is Severity.ERROR]
        expected = case["expect"] if isinstance(case["expect"], dict) else {}
        assert bool(found) == ("parse_error" in expected), (case["template"], found)
    assert len(cases) == 170


def test_an_unknown_function_of_a_template_is_named_where_it_stands() -> None:
    text = "FROM x\nTEMPLATE {{ .System }}{{ uper .Prompt }}"
    hint = only(text)
    assert hint.severity is Severity.ERROR
    assert hint.words == "The TEMPLATE cannot be read here: %1."
    assert "uper" in hint.message
    assert text[hint.start :].startswith(("uper", "{{ uper"))


LIBRARY = Known(models=("smollm2:135m", "llama3.1:8b", "hf.co/a/b:Q4_K_M", "mine:latest"))


@pytest.mark.parametrize(
    "source",
    ["smollm2:135m", "SmolLM2:135M", "mine", "library/mine", "registry.ollama.ai/library/mine",
     "./x", "/blobs/x", "~/x.gguf", "x.GGUF", "C:\\x", "hf.co/a/b:Q4_K_M"],
)  # fmt: skip
def test_a_model_of_the_library_or_a_file_is_a_good_source(source: str) -> None:
    assert hints(f"FROM {source}\n", LIBRARY) == []


def test_a_model_that_is_not_in_the_library_is_warned_of_with_what_was_meant() -> None:
    hint = only("FROM smolm2:135m\n", LIBRARY)
    assert hint.severity is Severity.WARNING  # Ollama would fetch it
    assert hint.message == "The library has no model smolm2:135m. Did you mean smollm2:135m?"
    assert hint.fix is not None
    assert hint.fix.apply("FROM smolm2:135m\n") == "FROM smollm2:135m\n"
    assert only("FROM qwen3\n", LIBRARY).message == "The library has no model qwen3."


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("SYSTEM a\n", "FROM smollm2:135m\nSYSTEM a\n"),
        ("\ufeffSYSTEM a\r\n", "\ufeffFROM smollm2:135m\r\nSYSTEM a\r\n"),
        ("FROM \nSYSTEM a\n", "FROM smollm2:135m\nSYSTEM a\n"),
    ],
)
def test_a_missing_model_is_put_in_from_the_library(text: str, mended: str) -> None:
    hint = only(text, LIBRARY)
    assert hint.fix is not None
    assert hint.fix.apply(text) == mended


def test_stop_texts_are_held_against_the_base_models_own_template() -> None:
    known = Known(template="<|im_start|>{{ m }}<|im_end|>")
    text = "FROM x\nPARAMETER stop <|im_end|>\nPARAMETER stop END\n"
    assert hints(text, known) == []
    hint = only(text + "PARAMETER stop <end_of_turn>\n", known)
    assert hint.message == "<end_of_turn> does not occur in the model's chat template."
    assert hint.fix is not None
    assert hint.fix.apply(text + "PARAMETER stop <end_of_turn>\n") == text
    unknown_end = Known(template="{{ m }}{{ eos_token }}")
    assert hints("FROM x\nPARAMETER stop <|im_end|>\n", unknown_end) == []
    own = "FROM x\nTEMPLATE {{ .Prompt }}<end_of_turn>\nPARAMETER stop <end_of_turn>\n"
    assert hints(own, known) == []


def test_pieces_of_the_text_stand_in_a_hint_as_they_are() -> None:
    hint = only("FROM x\nPARAMETER top_k %2\n")
    assert hint.words.startswith("Invalid int value [%1]. %2 is")
    assert hint.values == ("%2", "top_k")
    assert hint.message == "Invalid int value [%2]. top_k is a whole number such as 40."


def test_hostile_templates_are_checked_in_linear_time() -> None:
    for part in ("{{", "{{/*", '{{ "', "{{ `", "{{ if }}", "{{ '"):
        text = f'FROM x\nTEMPLATE """{part * 50_000}"""\n'
        started = time.process_time()
        assert hints(text)
        assert time.process_time() - started < 5
