"""The same tasks as bench-client's, by the official Python SDK, as its README shows it."""

import asyncio
import json
import os
import sys
import time

from magic_hour import AsyncClient, Client


def client() -> Client:
    return Client(token=os.environ["MAGIC_HOUR_API_KEY"], base_url=os.environ["MAGIC_HOUR_BASE_URL"])


def idle() -> dict:
    started = time.monotonic()
    client().v1.image_projects.get(id="idle")
    return {"seconds": time.monotonic() - started}


def upload(file: str) -> dict:
    magic_hour = client()
    started = time.monotonic()
    magic_hour.v1.files.upload_file(file)
    return {"seconds": time.monotonic() - started}


def download(folder: str) -> dict:
    magic_hour = client()
    job = magic_hour.v1.ai_headshot_generator.create(assets={"image_file_path": "api-assets/photo.jpg"})
    started = time.monotonic()
    magic_hour.v1.image_projects.check_result(
        id=job.id, wait_for_completion=True, download_outputs=True, download_directory=folder
    )
    return {"seconds": time.monotonic() - started}


async def jobs(count: str, photo: str, folder: str, *_: str) -> dict:
    magic_hour = AsyncClient(token=os.environ["MAGIC_HOUR_API_KEY"], base_url=os.environ["MAGIC_HOUR_BASE_URL"])
    started = time.monotonic()
    results = await asyncio.gather(
        *(
            magic_hour.v1.ai_headshot_generator.generate(
                assets={"image_file_path": photo}, download_directory=folder
            )
            for _ in range(int(count))
        ),
        return_exceptions=True,
    )
    errors = [repr(result) for result in results if isinstance(result, BaseException)]
    delivered = sum(len(result.downloaded_paths or []) for result in results if not isinstance(result, BaseException))
    return {
        "seconds": time.monotonic() - started,
        "delivered": delivered,
        "firstError": errors[0] if errors else None,
    }


if __name__ == "__main__":
    mode, *arguments = sys.argv[1:]
    if mode == "jobs":
        report = asyncio.run(jobs(*arguments))
    else:
        report = {"idle": idle, "upload": upload, "download": download}[mode](*arguments)
    print(json.dumps(report))
