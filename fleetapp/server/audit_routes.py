"""Routes that read and export the journal; an export is journalled itself."""

import asyncio
import tempfile
import zipfile
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from fleetapp.api.service import ExportRequest, FleetService, JournalQuery
from fleetapp.api.views import JournalRowView, ProofView
from fleetapp.server.bodies import LARGEST, body_of, converted
from fleetapp.server.doors import Doors
from fleetapp.server.routes import json_of


def audit_routes(service: FleetService, doors: Doors) -> APIRouter:
    """Reading and exporting the journal."""
    router = APIRouter(prefix="/v1")

    @router.get("/journal", response_model=list[JournalRowView])
    def rows(request: Request) -> Response:
        doors.person(request)
        query = converted(dict(request.query_params), JournalQuery, from_query=True)
        return json_of(service.audit().rows(query))

    @router.get("/journal/{seq}/chain", response_model=list[JournalRowView])
    def chain(seq: int, request: Request) -> Response:
        doors.person(request)
        return json_of(service.audit().chain(_number(seq)))

    @router.get("/journal/{seq}/consequences", response_model=list[JournalRowView])
    def consequences(seq: int, request: Request) -> Response:
        doors.person(request)
        return json_of(service.audit().consequences(_number(seq)))

    @router.get("/proof", response_model=ProofView)
    def proof(request: Request) -> Response:
        doors.person(request)
        return json_of(service.audit().proof())

    @router.post("/export")
    async def export(request: Request) -> Response:
        person = doors.person(request)
        wanted = converted(await body_of(request), ExportRequest)
        service.signed_in(person, f"exported the journal as {wanted.format}")
        try:
            path = await asyncio.to_thread(_zipped, service, wanted)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return FileResponse(
            path, media_type="application/zip", background=BackgroundTask(path.unlink)
        )

    return router


def _number(seq: int) -> int:
    if not 0 < seq < LARGEST:
        raise HTTPException(422, f"row {seq} cannot be: rows count from 1")
    return seq


def _zipped(service: FleetService, wanted: ExportRequest) -> Path:
    """The export as a ZIP file beside memory: a journal of years may be asked for."""
    with tempfile.TemporaryDirectory(prefix="fleetapp-export-") as folder:
        paths = service.audit().export(wanted, folder)
        with (
            tempfile.NamedTemporaryFile(
                prefix="fleetapp-export-", suffix=".zip", delete=False
            ) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for path in paths:
                archive.write(path, Path(path).name)
    return Path(out.name)
