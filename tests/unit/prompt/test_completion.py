from corral.prompt.completion import completion_prompt
from corral.prompt.message import Message, Role


def test_the_model_goes_on_with_the_conversation_as_one_text() -> None:
    messages = [
        Message(role=Role.SYSTEM, content="A story."),
        Message(role=Role.USER, content="Once upon"),
        Message(role=Role.ASSISTANT, content=" a time."),
        Message(role=Role.USER, content="Then"),
    ]
    assert completion_prompt(messages) == "A story.\n\nOnce upon a time.\n\nThen"


def test_a_single_message_is_the_prompt_to_the_letter() -> None:
    assert completion_prompt([Message(role=Role.USER, content=" 1, 2,\n")]) == " 1, 2,\n"
