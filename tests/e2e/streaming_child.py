"""Asks the real model through `conversing` and tells each piece of the answer and when it came.

Prints one JSON line for each piece. Times are the machine's monotonic clock, so another process
can compare them with its own.
"""

import asyncio
import json
import os
import sys
import time

from corral.chats.store import ConversationId
from corral.events import TextAdded
from corral.places import find_places
from corral.workbench.starter import STARTER_NAME
from corral.workbench.workbench import Workbench, open_workbench


def tell(**facts: object) -> None:
    """Write at once, so that a kill takes nothing back."""
    os.write(1, json.dumps(facts).encode() + b"\n")


async def stream(question: str, max_tokens: int) -> None:
    """Ask once, or without a limit again and again: some answers are short."""
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        workbench.loading.trust()  # the run before was killed while it decoded
        chats = await workbench.chats.list_conversations()
        chat = next((c for c in chats if c.title == question), None)
        chat = chat or await workbench.chats.create_conversation(STARTER_NAME)
        parameters = {"temperature": 0.0, "num_predict": max_tokens}
        await workbench.chats.set_parameters(chat.id, parameters)
        await ask(workbench, chat.id, question)
        while max_tokens < 0:
            await ask(workbench, chat.id, question)


async def ask(workbench: Workbench, chat_id: ConversationId, question: str) -> None:
    chat = await workbench.chats.get(chat_id)
    generation = await workbench.conversing.send(chat, question)
    tell(asked=chat_id)
    async for event in generation.events():
        if isinstance(event, TextAdded):
            tell(text=event.text, at=time.monotonic())


if __name__ == "__main__":
    asyncio.run(stream(sys.argv[1], int(sys.argv[2])))
