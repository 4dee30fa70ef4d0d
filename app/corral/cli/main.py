"""The parser of the command line, and what its commands share: exit codes and Ctrl+C."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

from corral import __version__
from corral.cli.output import log_to_stderr, print_error
from corral.errors import CorralError
from corral.jobs import Cancelled

EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code: 0, 2 (user), 3 (outside), 130 (Ctrl+C)."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # some locales lack most of what models say
    log_to_stderr()
    options = _parse(arguments)
    try:
        return _run(options)
    except CorralError as error:
        print_error(error)
        return error.exit_code
    except (KeyboardInterrupt, Cancelled):
        print("corral: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output is gone; what is left goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line.

    A prompt may also stand behind the options, and what follows `--think` is the prompt: argparse
    knows neither.
    """
    parser = build_parser()
    arguments = [f"{word}=true" if word == "--think" else word for word in arguments]
    options, left = parser.parse_known_args(arguments)
    is_prompt = "prompt" in options and isinstance(options.prompt, list)
    if left and (not is_prompt or any(word.startswith("-") for word in left)):
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    if left:
        options.prompt += left
    return options


def _run(options: argparse.Namespace) -> int:
    exit_code = _command(options.command)(options)
    sys.stdout.flush()
    return exit_code


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a command by "module.function"; only its own module is imported."""
    module, _, function = name.partition(".")
    command: Callable[[argparse.Namespace], int] = getattr(
        importlib.import_module(f"corral.cli.{module}"), function
    )
    return command


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="corral",
        description="A workbench for language models on your own machine.",
        epilog="Without a command, or with a .gguf file, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"corral {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_conversation(commands)
    _add_models(commands)
    _add_transfers(commands)
    _add_hub(commands)
    _add_elsewhere(commands)
    _add_plans(commands)
    _add_vectors(commands)
    return parser


def _add_conversation(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    run = commands.add_parser("run", help="talk to a model, or ask it one question")
    run.add_argument("model", help="name of the model")
    run.add_argument("prompt", nargs="*", help="the question; text on stdin comes before it")
    run.add_argument("--save", action="store_true", help="keep the conversation among the chats")
    run.add_argument(
        "--image",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="a picture to look at",
    )
    run.add_argument(
        "--audio", action="append", type=Path, default=[], metavar="FILE", help="a sound to hear"
    )
    run.add_argument("--system", help="system text instead of the model's own")
    run.add_argument(
        "--template",
        choices=("modelfile", "gguf", "plain"),
        help="whose template makes the prompts: the Modelfile's, the model file's own, or none",
    )
    run.add_argument("--raw", action="store_true", help="go on with the text as it is")
    run.add_argument(
        "--suffix", default="", metavar="TEXT", help="fill the place between the text and this one"
    )
    run.add_argument(
        "--think", metavar="LEVEL", help="--think, --think=false, or low, medium, high, max"
    )
    run.add_argument("--verbose", action="store_true", help="print timings to stderr")
    _add_answering(run)
    run.add_argument("--tools", help="a JSON file with tools; calls are printed as JSON")
    run.add_argument(
        "--speculation",
        choices=("auto", "off", "lookup", "draft", "mtp"),
        help="who guesses tokens ahead; the setting of this name if not given",
    )
    run.add_argument("--keepalive", help="how long the model stays unused: 90, 5m, -1 for ever")
    run.add_argument("--nowordwrap", action="store_true", help="let the terminal break lines")
    run.add_argument(
        "--anyway", action="store_true", help="load even over the free memory, or after a crash"
    )
    _add_load_options(run)
    _add_rpc(run)
    run.set_defaults(command="conversation.run")


def _add_answering(run: argparse.ArgumentParser) -> None:
    run.add_argument("--format", help='"json", or a file with a JSON schema that answers obey')
    run.add_argument("--grammar", metavar="FILE", help="a file with a GBNF that answers obey")
    run.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="NAME[:SCALE]",
        help="a LoRA file, or a model with one; may be given several times",
    )
    run.add_argument(
        "--logit-bias",
        action="append",
        default=[],
        metavar="TOKEN=VALUE",
        help='make a token likelier, or less; "never" forbids it',
    )
    run.add_argument(
        "--logprobs", type=int, metavar="N", help="print each token with N alternatives to stderr"
    )
    run.add_argument("--variants", type=int, default=1, metavar="N", help="so many answers at once")
    run.add_argument("--seed", type=int, help="start of the random numbers")
    run.add_argument(
        "--overflow",
        choices=("stop", "shift", "refuse"),
        help="where the context is full: leave out the oldest messages and stop the answer there, "
        "let the answer go on without the middle, or refuse what does not fit whole",
    )


def _add_load_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--ctx", metavar="TOKENS", help="context length")
    command.add_argument("--gpu-layers", metavar="N", help="layers on the GPU, -1 for all")
    command.add_argument("--kv-type", metavar="TYPE", help="of the KV cache, such as f16 or q8_0")
    command.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other load option; `corral help options` lists them",
    )


def _add_models(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    listing = commands.add_parser("list", aliases=["ls"], help="list the models")
    listing.add_argument("prefix", nargs="?", default="", help="only names that begin so")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(command="models.list_models")

    tags = commands.add_parser("tags", help="list the tags of a model that are there")
    tags.add_argument("model", help="name without a tag")
    tags.set_defaults(command="models.tags")
    _add_show(commands)

    importing = commands.add_parser(
        "import",
        help="bring a GGUF file, or a model of another program, into the library",
        description="Brings a GGUF file into the library; the files of split weights are joined. "
        "The name of a model that another program keeps, as `corral list` shows it, makes that "
        "model yours: its template, system text and parameters come with it.",
    )
    importing.add_argument("file", help="a GGUF file, or the name of another program's model")
    importing.add_argument("name", nargs="?", help="name to give it")
    how = importing.add_mutually_exclusive_group()
    how.add_argument("--link", action="store_true", help="hard link instead of a copy")
    how.add_argument("--copy", action="store_true", help="copy even where a link would do")
    importing.set_defaults(command="models.import_file")

    create = commands.add_parser("create", help="make a model from a Modelfile")
    create.add_argument("model")
    made_of = create.add_mutually_exclusive_group()
    made_of.add_argument(
        "-f", "--file", type=Path, help='the Modelfile, "-" is stdin; "Modelfile" if not given'
    )
    made_of.add_argument(
        "--from",
        dest="source",
        metavar="MODEL",
        help="a model, a GGUF file or a folder of such instead of a Modelfile",
    )
    create.add_argument("--pull", action="store_true", help="pull the model of FROM if missing")
    _add_reaching(create)
    create.set_defaults(command="models.create")

    copy = commands.add_parser("cp", help="give a model a second name")
    copy.add_argument("source")
    copy.add_argument("target")
    copy.set_defaults(command="models.copy")

    rename = commands.add_parser("rename", aliases=["mv"], help="give a model another name")
    rename.add_argument("source")
    rename.add_argument("target")
    rename.set_defaults(command="models.rename")

    remove = commands.add_parser("rm", help="move models to the trash")
    remove.add_argument("model", nargs="+")
    remove.set_defaults(command="models.remove")

    restore = commands.add_parser("restore", help="bring a removed model back")
    restore.add_argument("model")
    restore.set_defaults(command="models.restore")

    trash = commands.add_parser("trash", help="list the removed models, which are kept 7 days")
    trash.add_argument("--empty", action="store_true", help="delete them for good")
    trash.set_defaults(command="models.trash")

    check = commands.add_parser("fsck", help="check the models on disk")
    check.add_argument("--mend", action="store_true", help="mend what can be mended")
    check.add_argument("--fast", action="store_true", help="compare sizes, not digests")
    check.set_defaults(command="checking.fsck")


def _add_show(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    show = commands.add_parser("show", help="show what is known of a model")
    show.add_argument("model")
    part = show.add_mutually_exclusive_group()
    for name in ("modelfile", "parameters", "system", "template", "license"):
        part.add_argument(f"--{name}", action="store_true", help=f"print its {name} alone")
    part.add_argument("--json", action="store_true", help="print all as JSON")
    part.add_argument("--prompt", action="store_true", help="print a prompt, token for token")
    show.add_argument(
        "file", nargs="?", type=Path, help='a conversation in JSON for --prompt, "-" is stdin'
    )
    show.add_argument(
        "--by", choices=("modelfile", "gguf", "plain"), help="whose template, for --prompt"
    )
    show.add_argument("--tensors", action="store_true", help="its tensors too")
    show.add_argument("-v", "--verbose", action="store_true", help="metadata and tensors too")
    show.set_defaults(command="showing.show")


def _add_transfers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    pull = commands.add_parser("pull", help="bring a model from its registry; goes on after a cut")
    pull.add_argument("model", help="such as llama3.2, or hf.co/user/repo:Q4_K_M")
    _add_reaching(pull)
    pull.set_defaults(command="transfers.pull")

    push = commands.add_parser("push", help="bring a model to the registry that its name says")
    push.add_argument("model", help="such as yourname/model, or host/namespace/name:tag")
    _add_reaching(push)
    push.set_defaults(command="transfers.push")


def _add_hub(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    search = commands.add_parser("search", help="search Hugging Face for models")
    search.add_argument("text", help="words, or hf.co/user/repo for what it has and what fits")
    search.add_argument("--limit", type=int, default=25, help="how many at most (25)")
    orders = ("downloads", "likes", "updated", "trending")
    search.add_argument("--sort", choices=orders, default=orders[0], help="the first are the best")
    search.add_argument("--json", action="store_true", help="print JSON")
    search.set_defaults(command="hub.search")

    login = commands.add_parser("login", help="log in to Hugging Face with an access token")
    login.add_argument(
        "--token-file", type=Path, metavar="FILE", help='read it there; "-" is stdin'
    )
    login.add_argument(
        "--keep-in-file", action="store_true", help="keep it in a file, not in the keyring"
    )
    login.set_defaults(command="hub.login")

    logout = commands.add_parser("logout", help="forget the access token")
    logout.set_defaults(command="hub.logout")

    whoami = commands.add_parser("whoami", help="tell whose access token it is")
    whoami.set_defaults(command="hub.whoami")

    upload = commands.add_parser("upload", help="bring a model to a repository on Hugging Face")
    upload.add_argument("model")
    upload.add_argument("repository", help="user/repo; it is made if it is not there")
    upload.add_argument("--file-name", help="what the file is called there")
    upload.add_argument("--card", type=Path, metavar="FILE", help="the model card to put there")
    upload.add_argument(
        "--public", action="store_true", help="let everyone see a repository that is made now"
    )
    upload.set_defaults(command="hub.upload")


def _add_reaching(command: argparse.ArgumentParser) -> None:
    command.add_argument("--insecure", action="store_true", help="plain http, for own registries")
    command.add_argument(
        "--key", type=Path, metavar="FILE", help="sign in with it, such as ~/.ollama/id_ed25519"
    )


def _add_rpc(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--rpc",
        metavar="HOST:PORT[,...]",
        help='compute also on these llama.cpp RPC workers; "saved" is those of `corral settings '
        "rpc_workers`. RPC is neither authenticated nor encrypted",
    )


def _add_elsewhere(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    twice = commands.add_parser("duplicates", help="what lies in several places, and its size")
    twice.add_argument(
        "--hash", action="store_true", help="read files of equal size whose digest is not known"
    )
    twice.set_defaults(command="elsewhere.duplicates")

    folders = commands.add_parser("folders", help="folders in which models are looked for")
    folders.set_defaults(command="elsewhere.list_folders")
    verbs = folders.add_subparsers(metavar="VERB")
    verbs.add_parser("list", help="list them (as without a verb)")
    for verb, text in (("add", "look in one more folder"), ("remove", "look in one less")):
        changing = verbs.add_parser(verb, help=text)
        changing.add_argument("folder", type=Path)
        changing.set_defaults(command=f"elsewhere.{verb}_folder")


def _add_vectors(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    embed = commands.add_parser("embed", help="print the vectors of texts")
    embed.add_argument("model")
    embed.add_argument("text", nargs="*", help="texts; without any, each line of stdin is one")
    embed.add_argument(
        "--pooling",
        choices=("none", "mean", "cls", "last"),
        help="how the vectors of tokens become one, instead of the model's own way",
    )
    embed.add_argument(
        "--dimensions", type=int, default=0, metavar="N", help="keep the first N values only"
    )
    embed.add_argument("--whole", action="store_true", help="refuse texts that are too long")
    embed.set_defaults(command="vectors.embed")
    rerank = commands.add_parser("rerank", help="put texts in the order of how they answer")
    rerank.add_argument("model", help="a model that ranks")
    rerank.add_argument("query", help="the question")
    rerank.add_argument("text", nargs="*", help="texts; without any, each line of stdin is one")
    rerank.set_defaults(command="vectors.rerank")
    for command in (embed, rerank):
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--anyway", action="store_true", help="load over the free memory")


def _add_plans(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    plan = commands.add_parser("plan", help="what loading a model takes, before loading it")
    plan.add_argument(
        "model",
        nargs="?",
        help="of the library, or hf.co/user/repo:Q4_K_M, of which only the header is read",
    )
    plan.add_argument(
        "--on",
        metavar="MACHINE",
        help='a machine that is not there: "RTX 4090", 2x"RTX 3090"+64GB, "M4 Max 64GB", '
        '"only 9 GB free", or a saved name',
    )
    plan.add_argument(
        "--fit",
        choices=["fastest", "context"],
        help="find the best ways to load it: the fastest, or with the longest context",
    )
    plan.add_argument(
        "--leave-free", type=float, default=0.0, metavar="GIB", help="memory that --fit leaves free"
    )
    plan.add_argument(
        "--needs", action="store_true", help="which machines would run it, with --ctx and --speed"
    )
    plan.add_argument(
        "--speed", type=float, default=0.0, help="tokens per second that --needs asks"
    )
    plan.add_argument("--save-machine", metavar="NAME", help="save the machine of --on")
    plan.add_argument("--forget-machine", metavar="NAME", help="forget a saved machine")
    plan.add_argument("--machines", action="store_true", help="list the saved machines")
    plan.add_argument(
        "--ledger", action="store_true", help="what loads were planned to take, and took"
    )
    plan.add_argument("--cards", action="store_true", help="list the graphics cards that are known")
    plan.add_argument(
        "--map", action="store_true", help="which layer is on which device, with its parts"
    )
    plan.add_argument(
        "--contexts", action="store_true", help="what other context lengths take, and how fast"
    )
    _add_load_options(plan)
    _add_rpc(plan)
    plan.add_argument("--json", action="store_true", help="print JSON")
    plan.set_defaults(command="plans.plan")

    benchmark = commands.add_parser("bench", help="Corral's speed beside llama.cpp's own")
    benchmark.add_argument("model")
    benchmark.add_argument("--json", action="store_true", help="print JSON")
    benchmark.add_argument(
        "--xllamacpp-python",
        type=Path,
        metavar="PYTHON",
        help="with --suite: also the same beside xllamacpp, by a Python that can import it",
    )
    benchmark.add_argument(
        "--suite",
        action="store_true",
        help="also generations side by side, a chat, a kept cache, probabilities, guessed tokens",
    )
    _add_load_options(benchmark)
    _add_rpc(benchmark)
    benchmark.set_defaults(command="bench.bench")

    calibrate = commands.add_parser(
        "calibrate",
        help="measure how fast this machine is, for the speeds that plans expect",
        description="Measures for about a minute how fast llama.cpp reads prompts and generates "
        "here, with models of zeros of several types. Speeds of models that never ran here are "
        "then expected by it.",
    )
    calibrate.add_argument("model", nargs="?", help="also run this one, beside what is expected")
    calibrate.add_argument("--last", action="store_true", help="print the last one")
    calibrate.add_argument("--json", action="store_true", help="print JSON")
    calibrate.set_defaults(command="calibrate.calibrate")

    manual = commands.add_parser("help", help="pages about Modelfiles and parameters")
    manual.add_argument(
        "topic", nargs="?", help="modelfile, parameters, options, or the name of one"
    )
    manual.set_defaults(command="manual.show_help")

    settings = commands.add_parser("settings", help="print the settings, or change one")
    settings.add_argument("name", nargs="?", help="such as proxy, ca_file or hub_endpoint")
    settings.add_argument("value", nargs="?", help='the new value; "" is the default of texts')
    settings.set_defaults(command="settings.settings")

    check = commands.add_parser("doctor", help="versions, devices, and what is missing")
    check.set_defaults(command="doctor.doctor")
