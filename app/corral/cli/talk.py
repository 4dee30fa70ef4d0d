"""A conversation from the command line: what was said, and with which settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from corral.chats.attachment import Attachment
from corral.chats.store import Conversation
from corral.cli.answer import AnswerPrinter, print_choices, print_usage, warn
from corral.errors import UserError
from corral.events import Finished, TokenChance, TokenChoice
from corral.library.model import StoredModel
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.answering import Answering
from corral.prompt.choice import TemplateSource
from corral.prompt.message import Message, Role
from corral.prompt.tool import Json, ToolCall
from corral.prompt.tool_json import parsed_object
from corral.settings import Speculation
from corral.workbench.generation import Generation
from corral.workbench.request import ChatRequest, Completion
from corral.workbench.workbench import Workbench


@dataclass(slots=True, kw_only=True)
class Talk:
    """A conversation with a model.

    Attributes:
        workbench: The services.
        model: The model that answers.
        is_saved: Whether it is kept among the chats.
        is_over_budget_allowed: Load even if the plan is over the free memory.
        system: System text instead of the model's own; None is the model's.
        template: Where the template comes from; None is Ollama's order.
        thinks: Whether the model shall think; None leaves that to its template.
        think_level: How much, such as "high"; "" leaves that to its template.
        tools: Tools that the model may call, in OpenAI's form; its calls are printed as JSON.
        answering: How answers are made: form, adapters, what is told of their tokens.
        parameters: Those that were set here; they win over the model's.
        is_verbose: Whether times are printed behind each answer.
        is_wrapped: Whether lines break between words.
        keep_alive_s: Seconds that the model stays unused, infinity for ever; None is as always.
        speculation: Who guesses tokens ahead; None is as the settings say.
        messages: What was said so far.
        attachments: Pictures and sounds that came with it, by their digests.
        choices: The tokens of the last answer, where they are told.

    Thread: the event loop's, but for the settings, which change between answers.
    """

    workbench: Workbench
    model: StoredModel
    is_saved: bool = False
    is_over_budget_allowed: bool = False
    system: str | None = None
    template: TemplateSource | None = None
    thinks: bool | None = None
    think_level: str = ""
    tools: tuple[Mapping[str, Json], ...] = ()
    answering: Answering = field(default_factory=Answering)
    parameters: dict[str, ParameterValue] = field(default_factory=dict)
    is_verbose: bool = False
    is_wrapped: bool = True
    keep_alive_s: float | None = None
    speculation: Speculation | None = None
    messages: list[Message] = field(default_factory=list)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    choices: tuple[TokenChoice, ...] = ()
    _stored: Conversation | None = None
    _warned_of: str = ""
    _running: list[Generation] = field(default_factory=list)

    async def ask(self, text: str, attachments: Sequence[Attachment] = ()) -> Finished:
        """Say something and print the answer."""
        return await self._ask(text, attachments)

    async def ask_variants(
        self, text: str, count: int, seed: int | None, attachments: Sequence[Attachment] = ()
    ) -> Finished:
        """Ask for some answers to one question and print them one after the other.

        They are computed together, and the question is read once.

        Args:
            text: The question.
            count: How many answers.
            seed: Of the first one, the next number for each of the others; None for random ones.
            attachments: Pictures and sounds that come with the question.

        Returns:
            The end of the last one, or of the first that failed.
        """
        self._take(text, attachments)
        seeds = [{} if seed is None else {"seed": seed + number} for number in range(count)]
        generations = [self._begin({**self.parameters, **each}) for each in seeds]
        self._running += generations
        ends = []
        for number, generation in enumerate(generations, 1):
            warn(f"answer {number} of {count}")
            ends.append(await self._print(generation))
            self._tell(ends[-1], generation.choices)
        return next((end for end in ends if end.error), ends[-1])

    async def ask_again(self, place: int, chance: TokenChance) -> Finished:
        """Answer the last question as before up to a token, and go on with another one there.

        Raises:
            UserError: If there is no such token, or the chat is a saved one.
        """
        if self.is_saved:
            raise UserError("The answers of a saved chat are branched in the window.")
        if not 0 <= place < len(self.choices):
            raise UserError(
                f"Token {place + 1} of the answer is not known; {len(self.choices)} are.",
                hint="/set logprobs N lets the next answer tell them.",
            )
        begun = (*self.choices[:place], replace(self.choices[place], chosen=chance))
        self.messages.pop()
        question = self.messages.pop()
        attachments = [self.attachments[digest] for digest in question.media]
        return await self._ask(question.content, attachments, begun)

    async def _ask(
        self,
        text: str,
        attachments: Sequence[Attachment],
        begun: tuple[TokenChoice, ...] = (),
    ) -> Finished:
        self._take(text, attachments)
        generation = await self._start(text, attachments, begun)
        finished = await self._print(generation)
        self.choices = (*begun, *generation.choices)
        if finished.error:
            self.messages.pop()  # what could not be answered is not asked again
        else:
            self.messages.append(_said(generation))
        self._tell(finished, self.choices)
        return finished

    def _take(self, text: str, attachments: Sequence[Attachment]) -> None:
        """Put a question behind what was said."""
        digests = tuple(each.digest for each in attachments)
        self.attachments |= {each.digest: each for each in attachments}
        self.messages.append(
            Message(role=Role.USER, content=text, images=len(digests), media=digests)
        )

    def _tell(self, finished: Finished, choices: Sequence[TokenChoice]) -> None:
        """Print what is told of an answer behind it."""
        if self.answering.n_choices >= 0:
            print_choices(choices)
        if self.is_verbose:
            print_usage(finished.usage)

    async def complete(self, completion: Completion) -> Finished:
        """Go on with a text as it is and print that; the conversation does not change."""
        request = ChatRequest(
            model=self.model.name,
            messages=(),
            completion=completion,
            parameters=self.parameters,
            answering=self.answering,
            keep_alive_s=self.keep_alive_s,
            is_over_budget_allowed=self.is_over_budget_allowed,
        )
        generation = self.workbench.conversing.start(request)
        finished = await self._print(generation)
        self._tell(finished, generation.choices)
        return finished

    async def load(self) -> Finished:
        """Load the model, so that the first answer comes at once."""
        request = ChatRequest(
            model=self.model.name,
            messages=None,
            parameters=self.parameters,
            keep_alive_s=self.keep_alive_s,
            is_over_budget_allowed=self.is_over_budget_allowed,
        )
        return await self._print(self.workbench.conversing.start(request))

    def stop(self) -> None:
        """Stop the answer that is being printed."""
        for generation in self._running:
            generation.stop()

    async def use(self, name: str) -> None:
        """Go on with another model; what was said is forgotten.

        Raises:
            UserError: If there is no such model.
            ExternalError: If it is damaged.
        """
        self.model = await self.workbench.modelling.get(name)
        self.clear()

    async def save(self, name: str) -> StoredModel:
        """Make a model that goes on from here.

        Raises:
            CorralError: If it cannot be made.
        """
        job = self.workbench.modelling.save_conversation(
            name,
            self.model,
            system=self.system,
            parameters=self.parameters,
            messages=tuple(message for message in self.messages if message.content),
        )
        return await job.result()

    def clear(self) -> None:
        """Forget what was said; the system text and the parameters stay."""
        self.messages.clear()
        self.choices = ()
        self.attachments.clear()
        self._stored = None

    async def set_system(self, text: str) -> None:
        """Use another system text from now on."""
        self.system = text
        if self._stored:
            await self.workbench.chats.set_system(self._stored.id, text)

    async def set_answering(self, answering: Answering) -> None:
        """Make answers otherwise from now on."""
        self.answering = answering
        if self._stored:
            await self.workbench.chats.set_answering(self._stored.id, answering)

    async def set_parameters(self, changes: Mapping[str, ParameterValue]) -> None:
        """Use other parameters from now on."""
        self.parameters |= changes
        if self._stored:
            await self.workbench.chats.set_parameters(self._stored.id, self.parameters)

    async def _print(self, generation: Generation) -> Finished:
        if generation not in self._running:
            self._running.append(generation)
        try:
            return await AnswerPrinter(
                is_wrapped=self.is_wrapped, prints_calls=bool(self.tools)
            ).print(generation)
        finally:
            self._running.remove(generation)
            self._warn_of_slow_memory()

    def _warn_of_slow_memory(self) -> None:
        note = self.workbench.loading.note_of(self.model)
        if note and note != self._warned_of:
            warn(note)
        self._warned_of = note

    async def _start(
        self, text: str, attachments: Sequence[Attachment], begun: tuple[TokenChoice, ...]
    ) -> Generation:
        if self.is_saved:
            return await self.workbench.conversing.send(
                await self._conversation(),
                text,
                attachments=attachments,
                is_over_budget_allowed=self.is_over_budget_allowed,
            )
        return self._begin(self.parameters, begun)

    def _begin(
        self,
        parameters: Mapping[str, ParameterValue],
        begun: tuple[TokenChoice, ...] = (),
    ) -> Generation:
        return self.workbench.conversing.start(
            ChatRequest(
                model=self.model.name,
                messages=tuple(self.messages),
                attachments=dict(self.attachments),
                system=self.system,
                parameters=parameters,
                thinks=self.thinks,
                think_level=self.think_level,
                answering=self.answering,
                forced=tuple(choice.chosen.token for choice in begun),
                tools=self.tools,
                template=self.template,
                keep_alive_s=self.keep_alive_s,
                speculation=self.speculation,
                is_over_budget_allowed=self.is_over_budget_allowed,
            )
        )

    async def _conversation(self) -> Conversation:
        chats = self.workbench.chats
        if self._stored is None:
            self._stored = await chats.create_conversation(
                self.model.name,
                system=self.system,
                parameters=self.parameters,
                template=self.template,
                answering=self.answering,
            )
        return await chats.get(self._stored.id)


def _said(generation: Generation) -> Message:
    """Return an answer as it stands in the conversation, with the calls that could be read."""
    calls = (call for call in generation.tool_calls if not call.problem)
    return Message(
        role=Role.ASSISTANT,
        content=generation.answer,
        tool_calls=tuple(
            ToolCall(name=call.name, arguments=parsed_object(call.arguments) or {})
            for call in calls
        ),
    )


def require_text(text: str, usage: str) -> str:
    """Return a text without outer blanks.

    Raises:
        UserError: If nothing is left; it tells what should have been written.
    """
    if not text.strip():
        raise UserError(f"Something is missing: {usage}.")
    return text.strip()
