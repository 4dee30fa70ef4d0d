"""The opened Corral: one record of services, wired together here and nowhere else."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from corral.chats.store import ChatStore
from corral.children.inspect_client import Inspector
from corral.children.render_client import Renderer
from corral.engine.engine import Engine
from corral.engine.kv_store import KvStore
from corral.engine.limits import Limits
from corral.engine.marker import read_suspect
from corral.engine.pool import Pool
from corral.engine.protocol import AnyEngine
from corral.hardware.store import MachineStore
from corral.jobs import Jobs
from corral.ollama_variables import read_variables
from corral.places import Places
from corral.settings import SettingsFile
from corral.workbench.conversing import Conversing
from corral.workbench.discovering import Discovering
from corral.workbench.fitting import Fitting
from corral.workbench.hub_login import HubLogin
from corral.workbench.later import Later
from corral.workbench.loading import Loading
from corral.workbench.machines import Machines
from corral.workbench.modelling import Modelling, open_library
from corral.workbench.planning import Planning
from corral.workbench.workers import Workers

if TYPE_CHECKING:
    from corral.hardware.ledger import Ledger
    from corral.workbench.calibrating import Calibrating
    from corral.workbench.embedding import Embedding
    from corral.workbench.media_reading import MediaReading
    from corral.workbench.prompt_showing import PromptShowing
    from corral.workbench.transferring import Transferring

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """The services that every front end uses.

    Attributes:
        places: Where its files live.
        settings: What the user has set.
        chats: The stored conversations.
        conversing: Turns of conversations.
        modelling: The models.
        discovering: Models elsewhere: search, fits, login.
        loading: Loading and unloading.
        planning: Plans and measurements.
        transferring: Downloads and uploads; opened by the first call.
        engine: The loaded models.
        renderer: The child that renders chat templates.
        prompts: Shows prompts; opened by the first call.
        calibrating: Measures this machine; opened by the first call.
        jobs: Long work that runs now.
        media: Decodes pictures and sounds; opened by the first call.
    """

    places: Places
    settings: SettingsFile
    chats: ChatStore
    conversing: Conversing
    modelling: Modelling
    discovering: Discovering
    loading: Loading
    planning: Planning
    transferring: "Later[Transferring]"
    engine: AnyEngine
    renderer: Renderer
    prompts: "Later[PromptShowing]"
    calibrating: "Later[Calibrating]"
    embedding: "Later[Embedding]"
    jobs: Jobs
    media: "Later[MediaReading]"


@asynccontextmanager
async def open_workbench(
    places: Places, engine: AnyEngine | None = None
) -> AsyncIterator[Workbench]:
    """Open everything, and close it again in the other order.

    Nothing heavy is loaded here: llama.cpp comes with the first model.

    Args:
        places: Where the files live.
        engine: What runs models; None is llama.cpp.

    Raises:
        ExternalError: If a database is damaged or newer than this program.
    """
    settings = SettingsFile(places.settings_file)
    kv_store = KvStore(places.kv)
    chats = ChatStore(places.chats_file, on_delete=kv_store.drop)
    machine_store = MachineStore(places.machine_file)
    suspect = read_suspect(places.marker_file)
    said = read_variables(os.environ)
    limits = Limits(
        num_parallel=said.num_parallel,
        max_queue=said.max_queue,
        max_loaded_models=said.max_loaded_models,
        keep_alive_s=said.keep_alive_s,
    )
    engine = engine or Engine(places.marker_file, limits=limits, kv_store=kv_store)
    pool = Pool(engine, limits)
    inspector = Inspector(machine_store, places.stripped)
    renderer = Renderer()
    jobs = Jobs()
    modelling = Modelling(partial(open_library, places), jobs)
    planning = Planning(
        headers=places.headers,
        engine=engine,
        inspector=inspector,
        machines=Machines(settings),
        workers=Workers(settings, inspector, engine),
        ledger=Later(partial(_open_ledger, machine_store)),
        said=said,
    )
    login = HubLogin(settings, places.tokens_file)
    discovering = Discovering(
        login=login,
        modelling=modelling,
        fitting=Fitting(planning=planning, inspector=inspector),
        headers=places.remote_headers,
    )
    loading = Loading(
        modelling=modelling,
        planning=planning,
        engine=engine,
        pool=pool,
        inspector=inspector,
        settings=settings,
        suspect=suspect,
    )
    media = Later(partial(_open_media, places))
    conversing = Conversing(
        modelling=modelling,
        loading=loading,
        renderer=renderer,
        chats=chats,
        media=media,
        settings=settings,
    )
    transferring = Later(partial(_open_transferring, places, settings, modelling, jobs, login))
    try:
        yield Workbench(
            places=places,
            settings=settings,
            chats=chats,
            conversing=conversing,
            modelling=modelling,
            discovering=discovering,
            loading=loading,
            planning=planning,
            transferring=transferring,
            engine=engine,
            renderer=renderer,
            prompts=Later(partial(_open_prompts, renderer, inspector, planning)),
            calibrating=Later(partial(_open_calibrating, places, inspector, planning, jobs)),
            embedding=Later(partial(_open_embedding, modelling, planning, loading)),
            jobs=jobs,
            media=media,
        )
    finally:
        await conversing.close()
        if transferring.opened:
            await transferring.opened.close()
        await jobs.close()
        await pool.close()
        await engine.close()
        await renderer.close()
        if media.opened:
            await media.opened.close()
        await inspector.stop()
        machine_store.close()
        chats.close()


def _open_ledger(store: MachineStore) -> "Ledger":
    from corral.hardware.ledger import Ledger  # lazy: comes with the first model

    return Ledger(store.database)


def _open_media(places: Places) -> "MediaReading":
    # lazy: comes with the first picture
    from corral.children.media_client import MediaDecoder
    from corral.workbench.media_reading import MediaReading

    return MediaReading(MediaDecoder(places.cache))


def _open_calibrating(
    places: Places, inspector: Inspector, planning: Planning, jobs: Jobs
) -> "Calibrating":
    from corral.workbench.calibrating import Calibrating  # lazy: seldom asked for

    return Calibrating(
        folder=places.stripped,
        inspector=inspector,
        planning=planning,
        jobs=jobs,
    )


def _open_prompts(renderer: Renderer, inspector: Inspector, planning: Planning) -> "PromptShowing":
    from corral.workbench.prompt_showing import PromptShowing  # lazy: seldom asked for

    return PromptShowing(renderer=renderer, inspector=inspector, planning=planning)


def _open_embedding(modelling: Modelling, planning: Planning, loading: Loading) -> "Embedding":
    from corral.workbench.embedding import Embedding  # lazy: seldom asked for

    return Embedding(modelling=modelling, planning=planning, loading=loading)


def _open_transferring(
    places: Places, settings: SettingsFile, modelling: Modelling, jobs: Jobs, login: HubLogin
) -> "Transferring":
    # lazy: most starts of the program transfer nothing
    from corral.workbench.transfer_works import make_works
    from corral.workbench.transferring import Transferring

    return Transferring(
        file=places.transfers_file,
        makers=make_works(places, settings, modelling, login),
        jobs=jobs,
        on_arrival=modelling.changed.announce,
    )
