"""What `corral create` says about a Modelfile before it makes a model of it."""

from pathlib import Path

from helpers.command_line import CommandLine
from helpers.homes import TINY


def test_create_warns_of_what_is_read_other_than_it_looks(
    corral: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "Modelfile"
    file.write_text(f"FROM {TINY}\nSYSTEM Be kind. # please\nPARAMETER temperature 5\n")
    outcome = corral("create", "kind", "-f", file)
    assert outcome.exit_code == 0
    assert f"{file}:2:8: warning: # please becomes part of the value" in outcome.err
    assert f"{file}:3:23: warning: temperature is 5; useful values go from 0 to 2" in outcome.err
    assert "created kind:latest" in outcome.out


def test_create_refuses_a_template_that_ollama_would_refuse(
    corral: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "Modelfile"
    file.write_text(f"FROM {TINY}\nTEMPLATE {{{{ if .Prompt }}}}{{{{ .Prompt }}}}\n")
    outcome = corral("create", "open", "-f", file)
    assert outcome.exit_code == 2
    assert f"{file}:2:10: This {{{{ if }}}} of the TEMPLATE has no {{{{ end }}}}." in outcome.err
    assert "open" not in corral("list").out
