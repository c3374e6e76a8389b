"""Between two real processes over QUIC on loopback: send to shown, photos in stages, memory.

Both stores lie on the disk of the temporary folder. "Shown" is the event that a window loads the row on, received by
a third process over the local channel, so it includes that channel twice.
"""

import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

from app.core import requests, views
from app.core.events import MessageStored, TransferProgress
from app.core.ports import BlobRow
from app.demo.main import make_play
from app.demo.play import Play
from app.demo.stage import DemoDevice
from app.photo.prepare import prepare
from app.photo.sample import sample_photo
from app.sending import GROUP_CHUNKS, seal_blob
from app.store.db import Store
from crypto.entropy import SystemEntropy

MESSAGES = 1000
FILE_MB = 30


def _send_to_shown(play: Play, count: int) -> list[float]:
    here, there = play.front, play.room
    conversation = play.direct(here, there)
    taken = []
    for number in range(count):
        place = there.events.count
        begun = time.perf_counter()
        message = here.ask(
            requests.SendText(conversation=conversation, text=f"Rückruf Frau Muster, Laborwerte {number}"), views.Sent
        ).message
        _, at_s = there.events.wait(
            MessageStored, since=place, where=lambda event, m=message: event.message == m, timeout_s=30
        )
        taken.append((at_s - begun) * 1000)
    return sorted(taken)


def _transfer(here: DemoDevice, there: DemoDevice, request: requests.AnyRequest) -> tuple[float, float, int]:
    """(seconds until stored here, until the last chunk is committed there, bytes)."""
    place = there.events.count
    begun = time.perf_counter()
    message = here.ask(request, views.Sent).message
    stored_s = time.perf_counter() - begun
    done, at_s = there.events.wait(
        TransferProgress,
        since=place,
        where=lambda event: event.message == message and event.done_bytes >= event.size_bytes,
        timeout_s=120,
    )
    return stored_s, at_s - begun, done.size_bytes


def _stages(photo: bytes, scratch: Path) -> dict[str, object]:
    """The sender's stages alone, in this process."""
    entropy = SystemEntropy()
    begun = time.perf_counter()
    picture = prepare(photo)
    prepared_s = time.perf_counter() - begun
    begun = time.perf_counter()
    sealed = seal_blob(picture.data, entropy, 0)
    sealed_s = time.perf_counter() - begun
    store = Store.open(scratch / "stages.db", entropy.token(32))
    begun = time.perf_counter()
    for start in range(0, len(sealed.chunks), GROUP_CHUNKS):
        with store.write() as tx:
            row: BlobRow = sealed.row
            tx.blobs.put(row)
            for index, chunk in enumerate(sealed.chunks[start : start + GROUP_CHUNKS], start):
                tx.blobs.put_chunk(row.blob, index, chunk)
    committed_s = time.perf_counter() - begun
    store.close()
    return {
        "photo_decode_strip_preview_ms": prepared_s * 1000,
        "photo_seal_ms": sealed_s * 1000,
        "photo_commit_ms": committed_s * 1000,
        "photo_mb": len(picture.data) / 1e6,
    }


def _pss_mb(pid: int) -> float:
    """Proportional set size; 0 where the system does not tell."""
    path = Path(f"/proc/{pid}/smaps_rollup")
    if sys.platform != "linux" or not path.exists():
        return 0.0
    line = next(line for line in path.read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1000


def run() -> dict[str, object]:
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="praxisfunk-bench-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        play = make_play(scratch, window=False, output=sys.stderr)
        play.practice = f"Praxis {uuid.uuid4().hex[:12]}"
        try:
            play.found_practice()
            play.join(play.room)
            figures["found_s"] = play.found.discovered_s[0]
            figures["paired_s"] = play.found.paired_s[0]
            taken = _send_to_shown(play, MESSAGES)
            figures["send_to_shown_ms_p50"] = statistics.median(taken)
            figures["send_to_shown_ms_p99"] = taken[int(len(taken) * 0.99)]
            photo = sample_photo()
            figures.update(_stages(photo, scratch))
            path = scratch / "wunde.jpg"
            path.write_bytes(photo)
            conversation = play.direct(play.front, play.room)
            stored_s, shown_s, size = _transfer(
                play.front, play.room, requests.SendPhoto(conversation=conversation, path=str(path))
            )
            figures["photo_file_to_stored_s"] = stored_s
            figures["photo_file_to_committed_there_s"] = shown_s
            path.write_bytes(SystemEntropy().token(FILE_MB * 1_000_000))
            stored_s, shown_s, size = _transfer(
                play.front, play.room, requests.SendFile(conversation=conversation, path=str(path))
            )
            figures["file_30mb_stored_s"] = stored_s
            figures["file_30mb_link_mb_s"] = size / (shown_s - stored_s) / 1e6
            figures["headless_pss_mb"] = _pss_mb(play.front.pid)
        finally:
            for device in play.devices:
                device.stop()
    return figures


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:34} {value}")
