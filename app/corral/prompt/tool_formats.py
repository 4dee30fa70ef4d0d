"""What is inside the blocks of tool calls of well-known model families.

Source: the chat templates that these models come with.
"""

import ast
import json
import re
from collections.abc import Mapping

from corral.events import ToolCalled
from corral.prompt.tool import Json
from corral.prompt.tool_blocks import BlockFormat
from corral.prompt.tool_json import call, calls_in, parsed_object, unreadable

_FUNCTION = re.compile(r"<function=([^>\n]+)>(.*?)</function>", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([^>\n]+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_ARGUMENT = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)
_MISTRAL = re.compile(r"\s*([\w.-]+)(?:\[CALL_ID\][\w-]*)?\[ARGS\]")
_DEEPSEEK = re.compile(
    r"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?([^<\n]+?)\s*(?:<｜tool▁sep｜>|```json|\n)"
    r"(.*?)(?:<｜tool▁call▁end｜>|$)",
    re.DOTALL,
)
_GEMMA = re.compile(r"call:([\w.-]+)\{(.*)\}", re.DOTALL)
_GEMMA_PAIR = re.compile(
    r'(\w+):(?:<escape>(.*?)<escape>|<\|"\|>(.*?)<\|"\|>|([^,{}]*))', re.DOTALL
)
_PYTHON_NAME = re.compile(r"[\w.]+\s*\(")


def read_tool_call(block: str) -> list[ToolCalled]:
    """Read what stands between `<tool_call>` tags.

    Qwen and Hermes write JSON there, Qwen3-Coder and GLM tags of their own.
    """
    if found := _FUNCTION.findall(block):
        return [call(name.strip(), _parameters(body)) for name, body in found]
    name, mark, _ = block.partition("<arg_key>")
    if mark:
        pairs = {key.strip(): _value(text) for key, text in _ARGUMENT.findall(block)}
        return [call(name.strip(), pairs) if pairs and name.strip() else unreadable(block)]
    if re.fullmatch(r"\s*[\w.-]+\s*", block):  # GLM: a call without arguments
        return [call(block.strip(), {})]
    return calls_in(block)


def read_function(block: str) -> list[ToolCalled]:
    """Read what is behind `<function=`: `name>{...}` of Llama 3, or Qwen3-Coder's tags."""
    name, mark, body = block.partition(">")
    if "<parameter=" in body:
        return [call(name.strip(), _parameters(body))]
    arguments = parsed_object(body.strip())
    return [call(name.strip(), arguments) if mark and arguments is not None else unreadable(block)]


def read_mistral(block: str) -> list[ToolCalled]:
    """Read a list in JSON, or `name[ARGS]{...}`."""
    if found := _MISTRAL.match(block):
        arguments = parsed_object(block[found.end() :].strip())
        return [unreadable(block) if arguments is None else call(found.group(1), arguments)]
    return calls_in(block)


def read_deepseek(block: str) -> list[ToolCalled]:
    """Read the calls between DeepSeek's marks, with or without a fence around the arguments."""
    calls = []
    for name, body in _DEEPSEEK.findall(block):
        text = body.strip().removeprefix("```json").removesuffix("```")
        arguments = parsed_object(text.strip())
        calls.append(unreadable(name + body) if arguments is None else call(name, arguments))
    return calls


def read_python(block: str) -> list[ToolCalled]:
    """Read Python calls with keywords, as Gemma 3 and Llama 3's built-in tools write them.

    What is no call is code for an interpreter, which is itself a tool.
    """
    if calls := [item for item in calls_in(block) if not item.problem]:
        return calls
    try:
        body = ast.parse(_unprinted(block.strip())).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [_code(block)]
    steps = [_python_call(step.value) for step in body if isinstance(step, ast.Expr)]
    sound = [step for step in steps if step]
    return sound if sound and len(sound) == len(body) else [_code(block)]


def read_gemma(block: str) -> list[ToolCalled]:
    """Read `call:name{key:value}`, as FunctionGemma and Gemma 4 write it."""
    found = _GEMMA.search(block)
    if found is None:
        return [unreadable(block)]
    name, body = found.groups()
    pairs: dict[str, Json] = {}
    for key, escaped, quoted, plain in _GEMMA_PAIR.findall(body):
        pairs[key] = escaped or quoted or _value(plain)
    return [call(name, pairs)]


BLOCK_FORMATS = (
    BlockFormat(opening="<tool_call>", closing="</tool_call>", read=read_tool_call),
    BlockFormat(
        opening="[TOOL_CALLS]", closing="", read=read_mistral, inner=("[ARGS]", "[CALL_ID]")
    ),
    BlockFormat(
        opening="<｜tool▁calls▁begin｜>",
        closing="<｜tool▁calls▁end｜>",
        read=read_deepseek,
        inner=("<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"),
    ),
    BlockFormat(opening="<|python_tag|>", closing="", read=read_python),
    BlockFormat(opening="<function=", closing="</function>", read=read_function),
    BlockFormat(opening="```tool_code", closing="```", read=read_python),
    BlockFormat(
        opening="<start_function_call>",
        closing="<end_function_call>",
        read=read_gemma,
        inner=("<escape>",),
    ),
    BlockFormat(opening="<|tool_call>", closing="<tool_call|>", read=read_gemma, inner=('<|"|>',)),
    BlockFormat(opening="<|tool_call|>", closing="<|/tool_call|>", read=calls_in),
    BlockFormat(opening="Action: ```json", closing="```", read=calls_in),
    BlockFormat(opening="<|START_ACTION|>", closing="<|END_ACTION|>", read=calls_in),
)


def _parameters(body: str) -> Mapping[str, Json]:
    return {name.strip(): _value(text) for name, text in _PARAMETER.findall(body)}


def _value(text: str) -> Json:
    """Return a value that is written as JSON, or plainly."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _unprinted(code: str) -> str:
    """Return a call without the `print` that Gemma puts around it."""
    is_printed = code.startswith("print(") and code.endswith(")")
    return code.removeprefix("print(").removesuffix(")") if is_printed else code


def _code(block: str) -> ToolCalled:
    if _PYTHON_NAME.match(block.strip()):
        return unreadable(block)
    return call("python", {"code": block.strip()})


def _python_call(node: ast.expr) -> ToolCalled | None:
    if not isinstance(node, ast.Call) or node.args:
        return None
    name = ast.unparse(node.func)
    try:
        pairs = {item.arg: ast.literal_eval(item.value) for item in node.keywords if item.arg}
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
    return call(name, pairs)
