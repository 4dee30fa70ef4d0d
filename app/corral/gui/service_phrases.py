"""What the services say in fixed words, in the window's language.

Services know no Qt and speak English. Their phrases are looked up here; what is not listed, such as
the text of an error, stays as it is.
"""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

PHRASES = (
    # Phases and titles of jobs; "%1" is what the job is about.
    QT_TRANSLATE_NOOP("Services", "Checking the file"),
    QT_TRANSLATE_NOOP("Services", "Checking the models"),
    QT_TRANSLATE_NOOP("Services", "Checking the references"),
    QT_TRANSLATE_NOOP("Services", "Comparing files"),
    QT_TRANSLATE_NOOP("Services", "Comparing the digests"),
    QT_TRANSLATE_NOOP("Services", "Connecting"),
    QT_TRANSLATE_NOOP("Services", "Copying"),
    QT_TRANSLATE_NOOP("Services", "Reading"),
    QT_TRANSLATE_NOOP("Services", "Asking the hub"),
    QT_TRANSLATE_NOOP("Services", "Downloading"),
    QT_TRANSLATE_NOOP("Services", "Joining the files"),
    QT_TRANSLATE_NOOP("Services", "Pulling"),
    QT_TRANSLATE_NOOP("Services", "Pulling the manifest"),
    QT_TRANSLATE_NOOP("Services", "Pushing"),
    QT_TRANSLATE_NOOP("Services", "Pushing the manifest"),
    QT_TRANSLATE_NOOP("Services", "Reading header"),
    QT_TRANSLATE_NOOP("Services", "Reading licence and model card"),
    QT_TRANSLATE_NOOP("Services", "Registering the starter model"),
    QT_TRANSLATE_NOOP("Services", "Uploading"),
    QT_TRANSLATE_NOOP("Services", "Waiting"),
    QT_TRANSLATE_NOOP("Services", "Waiting for another download"),
    QT_TRANSLATE_NOOP("Services", "Writing the manifest"),
    QT_TRANSLATE_NOOP("Services", "Writing to the drive"),
    QT_TRANSLATE_NOOP("Services", "Creating %1"),
    QT_TRANSLATE_NOOP("Services", "Importing %1"),
    QT_TRANSLATE_NOOP("Services", "Saving %1"),
    QT_TRANSLATE_NOOP("Services", "Planning %1"),
    QT_TRANSLATE_NOOP("Services", "Measuring %1"),
    QT_TRANSLATE_NOOP("Services", "Trying machines"),
    QT_TRANSLATE_NOOP("Services", "Trying ways to load"),
    # What mends a problem of a Modelfile.
    QT_TRANSLATE_NOOP("Services", "Fix"),
    QT_TRANSLATE_NOOP("Services", "Move to its own line"),
    QT_TRANSLATE_NOOP("Services", "Put in quotes"),
    QT_TRANSLATE_NOOP("Services", "Quote the whole line"),
    QT_TRANSLATE_NOOP("Services", "Remove the line"),
    # What parameters do.
    QT_TRANSLATE_NOOP(
        "Services",
        "Context length: how many tokens of the conversation the model sees; 0 is automatic.",
    ),
    QT_TRANSLATE_NOOP(
        "Services",
        "How many prompt tokens are read at once; more is faster and needs more memory.",
    ),
    QT_TRANSLATE_NOOP(
        "Services",
        "How many layers are put on the GPU; -1 is automatic, 0 is the processor only.",
    ),
    QT_TRANSLATE_NOOP("Services", "Puts the whole model on the GPU of this number."),
    QT_TRANSLATE_NOOP(
        "Services",
        "Whether the model file is mapped into memory instead of being copied there.",
    ),
    QT_TRANSLATE_NOOP("Services", "How many processor threads compute; 0 is automatic."),
    QT_TRANSLATE_NOOP("Services", "How many tokens the draft model guesses ahead."),
    QT_TRANSLATE_NOOP("Services", "How many tokens at the start stay when the context overflows."),
    QT_TRANSLATE_NOOP(
        "Services",
        "Start of the random numbers: the same seed gives the same answer; -1 is random.",
    ),
    QT_TRANSLATE_NOOP(
        "Services", "How many tokens an answer may have; -1 is until the model stops."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "Chooses among this many likeliest tokens only; 0 is all of them."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "Chooses among the likeliest tokens that together have this probability."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "Leaves out tokens less likely than this share of the likeliest one."
    ),
    QT_TRANSLATE_NOOP("Services", "Prefers tokens about as surprising as expected; 1 is off."),
    QT_TRANSLATE_NOOP(
        "Services",
        "How many past tokens the penalties look at; 0 is off, -1 the whole context.",
    ),
    QT_TRANSLATE_NOOP(
        "Services",
        "How freely the model chooses: 0 always takes the likeliest token, more is bolder.",
    ),
    QT_TRANSLATE_NOOP("Services", "Makes tokens that were just used less likely; 1 is off."),
    QT_TRANSLATE_NOOP("Services", "Makes tokens that were used at all less likely; 0 is off."),
    QT_TRANSLATE_NOOP(
        "Services", "Makes tokens less likely the more often they were used; 0 is off."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "Ends the answer where this text would come; each line adds one."
    ),
    # Why there is no exact plan, or no second opinion.
    QT_TRANSLATE_NOOP(
        "Services", "llama.cpp plans exactly only for NVIDIA and AMD cards not here."
    ),
    QT_TRANSLATE_NOOP(
        "Services", "llama.cpp's own fit chooses what goes to GPUs, and there is none."
    ),
    # Why no GPU is used.
    QT_TRANSLATE_NOOP("Services", "No GPU that llama.cpp can use: no graphics card was found."),
    QT_TRANSLATE_NOOP(
        "Services",
        "No GPU that llama.cpp can use: there is NVIDIA graphics, but this build has no "
        "driver for it. Install again with CMAKE_ARGS=-DGGML_CUDA=ON.",
    ),
    QT_TRANSLATE_NOOP(
        "Services",
        "No GPU that llama.cpp can use: there is AMD graphics, but this build has no "
        "driver for it. Install again with CMAKE_ARGS=-DGGML_VULKAN=ON.",
    ),
    QT_TRANSLATE_NOOP(
        "Services",
        "No GPU that llama.cpp can use: there is Intel graphics, but this build has no "
        "driver for it. Install again with CMAKE_ARGS=-DGGML_VULKAN=ON.",
    ),
    QT_TRANSLATE_NOOP(
        "Services",
        "RPC is neither authenticated nor encrypted: whoever reaches the worker or listens on "
        "the way to it can read your chats and change the answers, and a hostile worker can "
        "attack this computer. Use it on networks that you trust alone, or through a tunnel.",
    ),
)


def in_own_words(phrase: str) -> str:
    """Return a whole phrase in the window's language, its "%1" and so on as they are."""
    return QCoreApplication.translate("Services", phrase)


def translated(phrase: str) -> str:
    """Return a phrase of a service in the window's language, as it is where it is not known."""
    whole = QCoreApplication.translate("Services", phrase)
    verb, _, name = phrase.partition(" ")
    if whole != phrase or not name:
        return whole
    return QCoreApplication.translate("Services", verb + " %1").replace("%1", name)
