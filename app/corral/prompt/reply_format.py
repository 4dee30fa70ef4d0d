"""How a model's replies are to be read: by its template, its tokens and its tools."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corral.errors import UserError
from corral.prompt.choice import ChosenTemplate, TemplateSource
from corral.prompt.gotemplate.tags import inferred_thinking_tags, inferred_tool_tag
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.harmony import HARMONY_TAGS, HarmonySplitter, is_harmony
from corral.prompt.named_parsers import NAMED_PARSERS, NamedParser
from corral.prompt.splitter import Chain, ReplySplitter, Splitter, ToolSplitter
from corral.prompt.thinking import KNOWN_TAGS, ThinkingSplitter, thinking_tags
from corral.prompt.tool_blocks import BlockFormat, BlockSplitter
from corral.prompt.tool_formats import BLOCK_FORMATS
from corral.prompt.tool_tag import BARE_TAGS, TagSplitter

# What marks parts of replies in any family.
ALL_MARKS = frozenset(
    (
        *HARMONY_TAGS,
        *(tag for tags in KNOWN_TAGS for tag in tags),
        *(mark for block in BLOCK_FORMATS for mark in block.marks),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFormat:
    """What marks the parts of a model's replies.

    Attributes:
        is_harmony: Whether it writes messages on channels, as gpt-oss does.
        thinking: Tags around thinking, None for none.
        blocks: The blocks of tool calls to look for.
        tag: What tool calls begin with where there are no blocks, "" to look for none.
        tools: Names of the tools that the model was told of.
    """

    is_harmony: bool = False
    thinking: tuple[str, str] | None = None
    blocks: tuple[BlockFormat, ...] = ()
    tag: str = ""
    tools: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """The texts that must be seen in replies even where they are control tokens."""
        blocks = [mark for block in self.blocks for mark in block.marks]
        return (*(HARMONY_TAGS if self.is_harmony else ()), *(self.thinking or ()), *blocks)

    def splitter(self, prompt: str) -> Splitter | None:
        """Return what splits the reply to a prompt, None where a reply is all answer."""
        if self.is_harmony:
            return HarmonySplitter()
        thinking = None
        if self.thinking:
            opening, closing = self.thinking
            starts = prompt.rstrip().endswith(opening)
            thinking = ThinkingSplitter(opening, closing, starts_thinking=starts)
        tools = self._tool_splitter()
        return ReplySplitter(thinking, tools) if thinking or tools else None

    def _tool_splitter(self) -> ToolSplitter | None:
        blocks = BlockSplitter(self.blocks) if self.blocks else None
        tag = TagSplitter(self.tag, self.tools) if self.tag else None
        return Chain(tag, blocks) if tag and blocks else tag or blocks


def reply_format(
    template: ChosenTemplate,
    special: Collection[str],
    tools: Sequence[str] = (),
    parser: str = "",
) -> ReplyFormat:
    """Tell how replies are to be read.

    Without tools, only blocks are looked for that begin with a special token of the model: they
    can be nothing else, and would be lost.

    Args:
        template: What makes the prompts.
        special: Texts of the model's special tokens.
        tools: Names of the tools that the model is told of.
        parser: The answer reader of Ollama that the model names, "" for none; what one looks
            for that is not known here is told by the template.
    """
    named = NAMED_PARSERS.get(parser, NamedParser())
    if not named.splits:
        return ReplyFormat()
    if named.is_harmony or is_harmony(template.text):
        return ReplyFormat(is_harmony=True)
    blocks = tuple(
        item
        for item in BLOCK_FORMATS
        if item.opening in special
        or (tools and (item.opening in named.openings or item.opening in template.text))
    )
    thinking, tag = named.thinking or thinking_tags(template.text), "{"
    if named.openings:
        tag = ""
    elif template.source is TemplateSource.MODELFILE and (own := _go_tags(template.text)):
        thinking, tag = own[0] or thinking, own[1]
    is_covered = not tag or any(tag.startswith(block.opening) for block in blocks)
    is_bare_elsewhere = tag in BARE_TAGS and any(
        block.closing and block.opening in template.text for block in blocks
    )
    return ReplyFormat(
        thinking=thinking,
        blocks=blocks,
        tag=tag if tools and not is_covered and not is_bare_elsewhere else "",
        tools=tuple(tools),
    )


def _go_tags(template: str) -> tuple[tuple[str, str] | None, str] | None:
    try:
        tree = GoTemplate(template).tree
    except UserError:  # rendering says what is wrong with it
        return None
    return inferred_thinking_tags(tree), inferred_tool_tag(tree)
