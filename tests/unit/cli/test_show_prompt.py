"""`corral show --prompt`."""

import json
from pathlib import Path

import pytest

from helpers.command_line import CommandLine
from helpers.homes import STARTER

TEMPLATED = f'FROM {STARTER}\nTEMPLATE "<|im_start|>{{{{ .Prompt }}}}"\n'


def test_a_prompt_is_printed_with_its_tokens_special_ones_marked(
    corral: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "chat.json"
    file.write_text('[{"role": "user", "content": "Hi <|im_end|>"}]')
    outcome = corral("show", "--prompt", STARTER, str(file))
    assert outcome.exit_code == 0, outcome.err
    assert "Template: the model file's own template" in outcome.out
    assert "<|im_start|>user\nHi <|im_end|><|im_end|>\n<|im_start|>assistant\n" in outcome.out
    assert outcome.out.count('* "<|im_end|>"') == 2  # of the system text and of the template
    assert outcome.out.count('  "Hi"') == 1
    assert '"end"' in outcome.out


def test_where_the_modelfiles_template_and_the_files_own_differ_is_told(
    corral: CommandLine, tmp_path: Path
) -> None:
    modelfile = tmp_path / "Modelfile"
    modelfile.write_text(TEMPLATED)
    assert corral("create", "templated", "-f", str(modelfile)).exit_code == 0
    assert "the Modelfile's TEMPLATE" in corral("show", "templated").out
    assert "the model file's own template" in corral("show", STARTER).out
    out = corral("show", "--prompt", "templated").out
    assert "Template: the Modelfile's TEMPLATE" in out
    assert "the model file's own template writes (+)" in out
    assert "+<|im_start|>assistant↵" in out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ('[{"role": "wizard", "content": "x"}]', "must be one of"),
        ('{"messages": 3}', "must be a list"),
        ('[{"role": "user", "content": {}}]', "must be text"),
    ],
)
def test_a_conversation_that_cannot_be_read_is_refused_with_its_reason(
    corral: CommandLine, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "chat.json"
    file.write_text(text)
    outcome = corral("show", "--prompt", STARTER, str(file))
    assert outcome.exit_code == 2
    assert words in outcome.err
    assert corral("show", "--prompt", STARTER, str(tmp_path / "none")).exit_code == 2


def test_a_conversation_with_tools_and_results_is_shown(
    corral: CommandLine, tmp_path: Path
) -> None:
    modelfile, file = tmp_path / "Modelfile", tmp_path / "chat.json"
    modelfile.write_text(
        f'FROM {STARTER}\nTEMPLATE """{{{{ .Tools }}}}{{{{ range .Messages }}}}<{{{{ .Role }}}}>'
        '{{ .ToolCalls }}{{ .Content }}{{ end }}"""\n'
    )
    chat = {
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}],
        "messages": [
            {"role": "user", "content": "Look!"},
            {
                "role": "assistant",
                "tool_calls": [{"function": {"name": "look", "arguments": '{"at": "<|im_end|>"}'}}],
            },
            {"role": "tool", "name": "look", "content": "a door"},
        ],
    }
    file.write_text(json.dumps(chat))
    assert corral("create", "tooled", "-f", str(modelfile)).exit_code == 0
    out = corral("show", "--prompt", "tooled", str(file), "--by", "modelfile").out
    assert '"name":"look"' in out
    assert '{"at":"\\u003c|im_end|\\u003e"}' in out
    assert "<tool>[]a door" in out
    assert '* "' not in out  # no special token is in it


def test_the_template_to_show_can_be_chosen(corral: CommandLine) -> None:
    out = corral("show", "--prompt", STARTER, "--by", "plain").out
    assert "Template: none: the model goes on with the text" in out
    assert corral("show", "--prompt", STARTER, "--by", "modelfile").exit_code == 2
