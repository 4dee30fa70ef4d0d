"""Tokens of a Go template to its tree."""

import ast
import re
from collections.abc import Collection
from dataclasses import replace

from corral.prompt.gotemplate.fault import TemplateFault
from corral.prompt.gotemplate.lexer import Token, TokenKind, tokens
from corral.prompt.gotemplate.nodes import (
    Action,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    If,
    Include,
    Leave,
    Literal,
    Node,
    Nodes,
    Operand,
    Pipeline,
    Range,
    Text,
    Tree,
    Variable,
    With,
)

MAX_DEPTH = 60
ROOT_VARIABLE = "$"
_BLOCKS: dict[str, type[If] | type[With] | type[Range]] = {
    "if": If,
    "with": With,
    "range": Range,
}
_OPERAND_KINDS = frozenset(
    (
        TokenKind.NAME,
        TokenKind.FIELD,
        TokenKind.DOT,
        TokenKind.VARIABLE,
        TokenKind.STRING,
        TokenKind.RAW_STRING,
        TokenKind.CHARACTER,
        TokenKind.NUMBER,
    )
)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "nil": None}
_GO_ESCAPES = re.compile(r"\\([0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_SIMPLE_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip


def parse(text: str, functions: Collection[str]) -> Tree:
    """Return the tree of a template.

    Args:
        text: The template.
        functions: Names of the functions that it may call.

    Raises:
        TemplateFault: If the text is no template.
    """
    return _Parser(text, functions).parse()


class _Parser:
    def __init__(self, text: str, functions: Collection[str]) -> None:
        self._tokens = list(tokens(text))
        self._position = 0
        self._functions = functions
        self._scopes: list[set[str]] = [{ROOT_VARIABLE}]
        self._defined: dict[str, Nodes] = {}
        self._depth = 0
        self._loops = 0

    def parse(self) -> Tree:
        nodes, ending = self._nodes()
        if ending.kind is not TokenKind.END:
            raise TemplateFault(f"unexpected {{{{{ending.text}}}}}", ending.offset)
        return Tree(nodes=nodes, defined=self._defined)

    # -- blocks ---------------------------------------------------------------

    def _nodes(self) -> tuple[Nodes, Token]:
        """Return nodes up to `end`, `else` or the end of the text, and that word."""
        found: list[Node] = []
        while True:
            token = self._next()
            if token.kind is TokenKind.TEXT:
                found.append(Text(text=token.text, offset=token.offset))
            elif token.kind is TokenKind.END:
                return tuple(found), token
            else:
                self._skip_space()
                word = self._peek()
                if word.kind is TokenKind.NAME and word.text in ("end", "else"):
                    return tuple(found), self._next()
                found += self._action(token)

    def _action(self, opening: Token) -> list[Node]:
        word = self._peek()
        if word.kind is TokenKind.NAME:
            match word.text:
                case "if" | "with" | "range":
                    return [self._block(self._next().text, opening)]
                case "define":
                    self._define(self._next())
                    return []
                case "template":
                    return [self._include(self._next())]
                case "block":
                    return [self._named_block(self._next())]
                case "break" | "continue":
                    return [self._leave(self._next())]
                case _:
                    pass
        pipeline = self._pipeline(is_range=False)
        self._close()
        return [Action(pipeline=pipeline, offset=opening.offset)]

    def _block(self, keyword: str, opening: Token) -> Node:
        self._enter(opening)
        pipeline = self._pipeline(is_range=keyword == "range")
        self._close()
        is_loop = keyword == "range"
        self._loops += is_loop
        self._scopes.append(set())
        body, ending = self._nodes()
        self._scopes.pop()
        self._loops -= is_loop
        otherwise = self._otherwise(keyword, opening, ending)
        self._leave_scope()
        made = _BLOCKS[keyword]
        return made(pipeline=pipeline, body=body, otherwise=otherwise, offset=opening.offset)

    def _otherwise(self, keyword: str, opening: Token, ending: Token) -> Nodes:
        """Return what stands behind `else`, up to the `end` of the block."""
        if ending.text != "else":
            self._expect_end(keyword, opening, ending)
            return ()
        self._skip_space()
        word = self._peek()
        if word.kind is TokenKind.NAME and word.text in ("if", "with"):
            if keyword != word.text:
                raise TemplateFault(f"unexpected <{word.text}> after else", word.offset)
            return (self._block(self._next().text, ending),)
        self._close()
        self._scopes.append(set())
        nodes, last = self._nodes()
        self._scopes.pop()
        if last.text == "else":
            raise TemplateFault("a second {{else}}", last.offset)
        self._expect_end(keyword, opening, last)
        return nodes

    def _expect_end(self, keyword: str, opening: Token, ending: Token) -> None:
        if ending.text != "end":
            raise TemplateFault(f"{{{{{keyword}}}}} has no {{{{end}}}}", opening.offset)
        self._close()

    def _define(self, keyword: Token) -> None:
        if self._depth:
            raise TemplateFault("{{define}} inside another action", keyword.offset)
        name = self._name_of_template()
        self._close()
        self._defined[name] = self._body_of(keyword)

    def _named_block(self, keyword: Token) -> Node:
        name = self._name_of_template()
        pipeline = self._pipeline(is_range=False)
        self._close()
        self._defined.setdefault(name, self._body_of(keyword))
        return Include(name=name, pipeline=pipeline, offset=keyword.offset)

    def _body_of(self, keyword: Token) -> Nodes:
        """Return the nodes of a defined template, which sees none of the variables around it."""
        self._enter(keyword)
        outer, self._scopes = self._scopes, [{ROOT_VARIABLE}]
        loops, self._loops = self._loops, 0
        nodes, ending = self._nodes()
        self._expect_end(keyword.text, keyword, ending)
        self._scopes, self._loops = outer, loops
        self._leave_scope()
        return nodes

    def _include(self, keyword: Token) -> Node:
        name = self._name_of_template()
        self._skip_space()
        pipeline = None
        if self._peek().kind is not TokenKind.CLOSE:
            pipeline = self._pipeline(is_range=False)
        self._close()
        return Include(name=name, pipeline=pipeline, offset=keyword.offset)

    def _leave(self, keyword: Token) -> Node:
        if not self._loops:
            raise TemplateFault(f"{{{{{keyword.text}}}}} outside {{{{range}}}}", keyword.offset)
        self._close()
        return Leave(is_break=keyword.text == "break", offset=keyword.offset)

    def _name_of_template(self) -> str:
        self._skip_space()
        token = self._next()
        if token.kind is TokenKind.STRING:
            return _unquoted(token)
        if token.kind is TokenKind.RAW_STRING:
            return token.text
        raise TemplateFault("the name of a template is a quoted string", token.offset)

    # -- pipelines ------------------------------------------------------------

    def _pipeline(self, *, is_range: bool) -> Pipeline:
        self._skip_space()
        start = self._peek()
        self._enter(start)
        variables, declares = self._declaration(is_range=is_range)
        commands = [self._command()]
        while self._is_mark("|"):
            self._next()
            commands.append(self._command())
        for command in commands[1:]:
            if not isinstance(command.operands[0], Function | Field | Variable | Chain):
                raise TemplateFault("a later part of a pipeline must be a call", command.offset)
        if declares:
            self._scopes[-1].update(variables)
        self._leave_scope(pops=False)
        return Pipeline(
            commands=tuple(commands), variables=variables, declares=declares, offset=start.offset
        )

    def _declaration(self, *, is_range: bool) -> tuple[tuple[str, ...], bool]:
        """Return the variables that take the result, and whether they are new."""
        before = self._position
        names: list[str] = []
        while self._peek().kind is TokenKind.VARIABLE:
            names.append(self._next().text)
            self._skip_space()
            if self._is_mark(":=", "="):
                mark = self._next()
                if len(names) > 1 + is_range:
                    raise TemplateFault("too many variables", mark.offset)
                if mark.text == "=":
                    self._check_known(names, mark)
                return tuple(names), mark.text == ":="
            if not self._is_mark(","):
                break
            self._next()
            self._skip_space()
        self._position = before
        return (), False

    def _check_known(self, names: list[str], mark: Token) -> None:
        for name in names:
            if not any(name in scope for scope in self._scopes):
                raise TemplateFault(f"undefined variable {name!r}", mark.offset)

    def _command(self) -> Command:
        self._skip_space()
        start = self._peek()
        operands: list[Operand] = []
        while self._peek().kind in _OPERAND_KINDS or self._is_mark("("):
            operands.append(self._operand())
            if not self._skip_space():
                break
        if not operands:
            raise TemplateFault(
                f"a value is missing before {start.text or 'the end'!r}", start.offset
            )
        following = self._peek()
        if following.kind is not TokenKind.CLOSE and not self._is_mark("|", ")"):
            raise TemplateFault(f"unexpected {following.text or 'end'!r}", following.offset)
        self._check_command(operands)
        return Command(operands=tuple(operands), offset=start.offset)

    def _check_command(self, operands: list[Operand]) -> None:
        first = operands[0]
        if isinstance(first, Literal | Dot | Pipeline) and len(operands) > 1:
            raise TemplateFault("only a function takes arguments", operands[1].offset)

    def _operand(self) -> Operand:
        token = self._next()
        if token.kind is TokenKind.MARK:  # a parenthesis
            return self._parenthesis(token)
        match token.kind:
            case TokenKind.FIELD:
                return Field(names=(token.text, *self._fields()), offset=token.offset)
            case TokenKind.VARIABLE:
                self._check_known([token.text], token)
                return Variable(name=token.text, names=self._fields(), offset=token.offset)
            case TokenKind.DOT:
                return Dot(offset=token.offset)
            case TokenKind.NAME:
                return self._word(token)
            case _:
                return Literal(value=_literal(token), offset=token.offset)

    def _word(self, token: Token) -> Operand:
        if token.text in _CONSTANTS:
            return Literal(value=_CONSTANTS[token.text], offset=token.offset)
        if token.text not in self._functions:
            raise TemplateFault(f'function "{token.text}" not defined', token.offset)
        return Function(name=token.text, offset=token.offset)

    def _parenthesis(self, opening: Token) -> Operand:
        inner = self._pipeline(is_range=False)
        self._skip_space()
        if not self._is_mark(")"):
            raise TemplateFault("( has no )", opening.offset)
        self._next()
        inner = replace(inner, offset=opening.offset)
        if names := self._fields():
            return Chain(pipeline=inner, names=names, offset=opening.offset)
        return inner

    def _fields(self) -> tuple[str, ...]:
        """Return the fields that follow without a blank."""
        names = []
        while self._peek().kind is TokenKind.FIELD:
            names.append(self._next().text)
        return tuple(names)

    # -- tokens ---------------------------------------------------------------

    def _enter(self, token: Token) -> None:
        self._depth += 1
        self._scopes.append(set())
        if self._depth > MAX_DEPTH:
            raise TemplateFault(f"more than {MAX_DEPTH} levels", token.offset)

    def _leave_scope(self, *, pops: bool = True) -> None:
        self._depth -= 1
        if pops:
            self._scopes.pop()
            return
        declared = self._scopes.pop()
        self._scopes[-1] |= declared

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _next(self) -> Token:
        token = self._tokens[self._position]
        if token.kind is not TokenKind.END:
            self._position += 1
        return token

    def _is_mark(self, *marks: str) -> bool:
        token = self._peek()
        return token.kind is TokenKind.MARK and token.text in marks

    def _skip_space(self) -> bool:
        """Pass over a blank; return whether there was one."""
        if self._peek().kind is not TokenKind.SPACE:
            return False
        self._next()
        return True

    def _close(self) -> None:
        self._skip_space()
        token = self._next()
        if token.kind is not TokenKind.CLOSE:
            raise TemplateFault(f"unexpected {token.text or 'end'!r} in an action", token.offset)


def _literal(token: Token) -> str | int | float:
    match token.kind:
        case TokenKind.STRING:
            return _unquoted(token)
        case TokenKind.RAW_STRING:
            return token.text
        case TokenKind.CHARACTER:
            letter = _unescaped(token.text[1:-1], token)
            if len(letter) != 1:
                raise TemplateFault("more than one character in quotes", token.offset)
            return ord(letter)
        case _:
            return _number(token)


def _number(token: Token) -> int | float:
    text = token.text.replace("_", "")
    try:
        value = ast.literal_eval(text.lstrip("+").removeprefix("-"))
    except (SyntaxError, ValueError):
        raise TemplateFault(f"bad number {token.text}", token.offset) from None
    if not isinstance(value, int | float):
        raise TemplateFault(f"bad number {token.text}", token.offset)
    return -value if text.startswith("-") else value


def _unquoted(token: Token) -> str:
    return _unescaped(token.text[1:-1], token)


def _unescaped(text: str, token: Token) -> str:
    def character(found: re.Match[str]) -> str:
        code = found.group(1)
        if code in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[code]
        try:
            return chr(int(code[1:], 16)) if code[0] in "xuU" else chr(int(code, 8))
        except (ValueError, OverflowError):
            raise TemplateFault(f"bad escape \\{code}", token.offset) from None

    return _GO_ESCAPES.sub(character, text)
