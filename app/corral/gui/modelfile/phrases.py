"""What is said about Modelfiles, listed for translation.

The words themselves are made in `corral.modelfile`, which knows no Qt; `translated` looks them up.
"""

from PySide6.QtCore import QT_TRANSLATE_NOOP

PHRASES = (
    # What is wrong with a Modelfile.
    QT_TRANSLATE_NOOP("Services", "The role is %1; it can be system, user or assistant."),
    QT_TRANSLATE_NOOP("Services", "This quote is never closed at the end of a line."),
    QT_TRANSLATE_NOOP("Services", "Unknown parameter %1. Did you mean %2?"),
    QT_TRANSLATE_NOOP("Services", "Only one blank may follow %1 here."),
    QT_TRANSLATE_NOOP("Services", "Unknown instruction %1. Did you mean %2?"),
    QT_TRANSLATE_NOOP("Services", "A blank must follow %1, not %2."),
    QT_TRANSLATE_NOOP("Services", "%1 has no value on its line."),
    QT_TRANSLATE_NOOP("Services", "Unknown parameter %1."),
    QT_TRANSLATE_NOOP("Services", "Unknown instruction %1."),
    QT_TRANSLATE_NOOP("Services", "REQUIRES is to be a version such as 0.14.0."),
    QT_TRANSLATE_NOOP("Services", "Only one ADAPTER can be used."),
    QT_TRANSLATE_NOOP("Services", "%1 is given again on line %2; that one counts."),
    QT_TRANSLATE_NOOP("Services", "PARAMETER %1 is read as %2, as Ollama reads it."),
    QT_TRANSLATE_NOOP("Services", "%1 is %2; useful values go from %3 to %4."),
    QT_TRANSLATE_NOOP("Services", "num_ctx is %1; the model was trained with %2 tokens."),
    QT_TRANSLATE_NOOP("Services", "Invalid int value [%1]. %2 is a whole number such as 40."),
    QT_TRANSLATE_NOOP("Services", "Invalid float value [%1]. %2 is a number such as 0.7."),
    QT_TRANSLATE_NOOP("Services", "Invalid bool value [%1]. %2 is true or false."),
    QT_TRANSLATE_NOOP("Services", "%1 is no longer used and is left out."),
    QT_TRANSLATE_NOOP(
        "Services", "No FROM line: name the model to build on, as in FROM smollm2:135m."
    ),
    QT_TRANSLATE_NOOP("Services", "The library has no model %1. Did you mean %2?"),
    QT_TRANSLATE_NOOP("Services", "FROM names no model."),
    QT_TRANSLATE_NOOP("Services", "The library has no model %1."),
    QT_TRANSLATE_NOOP("Services", "%1 does not occur in the TEMPLATE."),
    QT_TRANSLATE_NOOP("Services", "%1 does not occur in the model's chat template."),
    QT_TRANSLATE_NOOP("Services", "This {{ %1 }} of the TEMPLATE has no {{ end }}."),
    QT_TRANSLATE_NOOP(
        "Services",
        "The TEMPLATE uses neither {{ .Prompt }} nor {{ .Messages }}: "
        "the model would not see what it is asked.",
    ),
    QT_TRANSLATE_NOOP(
        "Services", "The TEMPLATE does not use {{ .System }}: the model would not see SYSTEM."
    ),
    QT_TRANSLATE_NOOP("Services", "This {{ of the TEMPLATE is never closed by }}."),
    QT_TRANSLATE_NOOP("Services", "The TEMPLATE cannot be read here: %1."),
    QT_TRANSLATE_NOOP("Services", "This {{ end }} of the TEMPLATE ends nothing."),
    QT_TRANSLATE_NOOP("Services", "Text after the closing quote: the value goes on to line %1."),
    QT_TRANSLATE_NOOP(
        "Services", "Text after the closing quote: the value goes on to the end of the file."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "The character %1 is left out, as Ollama reads it. In quotes Corral keeps it."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "Ollama ends the value here; Corral reads on, for an invisible mark follows."
    ),
    QT_TRANSLATE_NOOP("Services", "Ollama leaves out the character %1; Corral keeps it."),
    QT_TRANSLATE_NOOP("Services", "%1 becomes part of the value, as Ollama reads it."),
    QT_TRANSLATE_NOOP("Services", "The quote that is opened on line %1 takes in this line."),
    # What mends it; more is among the phrases of the services.
    QT_TRANSLATE_NOOP("Services", "Close the quote"),
    QT_TRANSLATE_NOOP("Services", "Use %1"),
    QT_TRANSLATE_NOOP("Services", "Add %1"),
    # What instructions are for.
    QT_TRANSLATE_NOOP(
        "Services",
        "The model or GGUF file to build on; further lines add files such as a projector.",
    ),
    QT_TRANSLATE_NOOP("Services", "A licence that the model comes with."),
    QT_TRANSLATE_NOOP("Services", "How messages become the prompt text, as a Go template."),
    QT_TRANSLATE_NOOP("Services", "What the model is told before every conversation."),
    QT_TRANSLATE_NOOP("Services", "A LoRA adapter to put on the model."),
    QT_TRANSLATE_NOOP("Services", "A small model that guesses tokens ahead."),
    QT_TRANSLATE_NOOP("Services", "A built-in way to write the prompt text."),
    QT_TRANSLATE_NOOP("Services", "A built-in way to read the answer."),
    QT_TRANSLATE_NOOP("Services", "A setting that conversations with the model begin with."),
    QT_TRANSLATE_NOOP("Services", "A message that every conversation begins with."),
    QT_TRANSLATE_NOOP("Services", "The oldest Ollama version that can run the model."),
)
