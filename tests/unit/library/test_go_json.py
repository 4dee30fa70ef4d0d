import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.errors import UserError
from corral.library.go_json import go_json
from corral.library.layers import config_bytes, messages_bytes, params_bytes, read_params
from corral.library.manifest import CONFIG_TYPE, LayerType
from corral.prompt.message import Message, Role
from helpers.vectors import vectors


def test_layers_get_the_digests_that_ollama_gives_them() -> None:
    for case in vectors("misc")["layer_digests"]:
        match case["media_type"]:
            case LayerType.PARAMS:
                data = params_bytes(read_params(case["text"].encode()))
            case media_type if media_type == CONFIG_TYPE:
                data = config_bytes(json.loads(case["text"]))
            case _:
                data = case["text"].encode()
        assert data.decode() == case["text"]
        assert f"sha256:{hashlib.sha256(data).hexdigest()}" == case["digest"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.6, "0.6"),
        (0.0, "0"),
        (-0.5, "-0.5"),
        (0.00001, "0.00001"),
        (1.25e-6, "0.00000125"),
        (1.5e-7, "1.5e-7"),
        (1e-10, "1e-10"),
        (1e16, "10000000000000000"),
        (1.2345e20, "123450000000000000000"),
        (1e21, "1e+21"),
        (-2.5e300, "-2.5e+300"),
        (123456789012345678.0, "123456789012345680"),
    ],
)
def test_numbers_are_written_as_go_writes_them(value: float, text: str) -> None:
    assert go_json(value) == f"{text}\n".encode()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back(value: float) -> None:
    assert float(go_json(value)) == value


def test_markup_and_line_ends_are_escaped_and_other_text_is_not() -> None:
    data = go_json({"b": "<|im_end|> & \u2028", "a": 'ü "漢" \\ \n\t\x01'})
    assert data.decode() == (
        '{"a":"ü \\"漢\\" \\\\ \\n\\t\\u0001","b":"\\u003c|im_end|\\u003e \\u0026 \\u2028"}\n'
    )


@given(st.text())
def test_every_text_reads_back(text: str) -> None:
    assert json.loads(go_json(text)) == text.encode("utf-8", "replace").decode()


def test_fields_of_a_struct_keep_their_order() -> None:
    assert go_json({"b": None, "a": [True, 2]}, sort_keys=False) == b'{"b":null,"a":[true,2]}\n'


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(UserError):
        go_json({"temperature": float("nan")})


def test_messages_are_a_list_of_role_and_content() -> None:
    message = Message(role=Role.USER, content="a < b")
    assert messages_bytes([message]) == b'[{"role":"user","content":"a \\u003c b"}]\n'


def test_a_config_has_ollamas_order_and_keeps_what_is_unknown() -> None:
    fields = {"os": "linux", "new": 1, "renderer": "qwen3", "file_type": "Q4_0", "requires": ""}
    assert config_bytes(fields) == (
        b'{"model_format":"","model_family":"","model_families":null,"model_type":"",'
        b'"file_type":"Q4_0","renderer":"qwen3","new":1,"architecture":"amd64","os":"linux"}\n'
    )
