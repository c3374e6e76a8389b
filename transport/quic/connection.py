"""aioquic's connection with our own rules: pinned handshake, windows that grow on consumption, priorities."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

from aioquic import tls
from aioquic._buffer import Buffer
from aioquic.buffer import encode_uint_var
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.congestion.base import register_congestion_control
from aioquic.quic.connection import (
    CONNECTION_LIMIT_FRAME_CAPACITY,
    END_STATES,
    MAX_STREAM_DATA_FRAME_CAPACITY,
    Limit,
    QuicConnection,
    QuicConnectionError,
    QuicConnectionState,
    QuicNetworkPath,
    QuicReceiveContext,
)
from aioquic.quic.packet import QuicErrorCode, QuicFrameType, QuicPacketType, QuicProtocolVersion
from aioquic.quic.packet_builder import QuicPacketBuilder, QuicSentPacket
from aioquic.quic.recovery import QuicPacketSpace
from aioquic.quic.stream import QuicStream

from transport.base import MAX_BULK_BYTES, LinkSecurity
from transport.congestion import Pacer, RateControl
from transport.events import PeerId
from transport.link import LIMITS, Limits
from transport.quic.handshake import CIPHER_SUITES, PinnedTls
from transport.udp import Datagram

MAX_DATAGRAM_BYTES: Final = 1350
IDLE_TIMEOUT_S: Final = 45.0
CONTROL_STREAM: Final = 0
CID_BYTES: Final = 8
MAX_HANDSHAKE_BYTES: Final = 16 << 10
"""Of one encryption level, from the peer. A client hello has 0.5 kB, a certificate flight 1.5 kB; aioquic alone
would hold 0.5 MiB of pieces and a message of 16 MiB."""
_SMALLEST_STREAM_FRAME_BYTES: Final = 32
_SHORT_BYTES: Final = 1000
_STREAM_WITH_OFFSET_AND_LENGTH: Final = 0x0E
_DeliveryHandler = tuple[Callable[..., None], Any]

_CONTROL_NAME: Final = "praxisfunk"
_HANDSHAKE_FAILURE: Final = QuicErrorCode.CRYPTO_ERROR + tls.AlertDescription.handshake_failure
_UNSET_CERTIFICATE: Final = object()

register_congestion_control(_CONTROL_NAME, RateControl)  # type: ignore[arg-type]
# Its lines carry reasons that the peer wrote. What matters is told by our own events.
logging.getLogger("quic").setLevel(logging.CRITICAL)


class _NobodyWaits(list[QuicStream]):
    """aioquic's service queue, always empty: it serves streams in turn, `_send_streams` by priority."""

    def append(self, stream: QuicStream) -> None:
        """The stream is in `_streams`, too, where we find it."""

    def extend(self, streams: Iterable[QuicStream]) -> None:
        """As above."""


def _configuration(*, is_client: bool, server_name: str | None) -> QuicConfiguration:
    return QuicConfiguration(
        is_client=is_client,
        server_name=server_name,
        cipher_suites=CIPHER_SUITES,
        congestion_control_algorithm=_CONTROL_NAME,
        connection_id_length=CID_BYTES,
        idle_timeout=IDLE_TIMEOUT_S,
        initial_rtt=0.05,
        max_datagram_size=MAX_DATAGRAM_BYTES,
        supported_versions=[QuicProtocolVersion.VERSION_1],
        # A server's must not be None; `PinnedTls` shows the real ones once the ALPN is known.
        certificate=None if is_client else _UNSET_CERTIFICATE,
        private_key=None if is_client else _UNSET_CERTIFICATE,
    )


class PinnedConnection(QuicConnection):
    """Sans-IO QUIC. Raises nothing for hostile bytes: it closes."""

    tls: PinnedTls

    def __init__(
        self,
        *,
        security: LinkSecurity,
        alpn: str | None = None,
        dialled: PeerId | None = None,
        server_name: str | None = None,
        original_destination_cid: bytes | None = None,
        retry_source_cid: bytes | None = None,
    ) -> None:
        """Dialling: `alpn`, `dialled`, `server_name`. Accepting: the two connection ids of the retry."""
        self._nobody_waits = _NobodyWaits()
        self._senders: list[QuicStream] = []
        self._security = security
        self._alpn = alpn
        self._dialled = dialled
        self.hello_accepted = alpn is not None
        self.closed_by_us = False
        self.granted_control = 0
        super().__init__(
            configuration=_configuration(is_client=alpn is not None, server_name=server_name),
            original_destination_connection_id=original_destination_cid,
            retry_source_connection_id=retry_source_cid,
        )
        control = self._loss._cc
        assert isinstance(control, RateControl)
        self._pacer = Pacer(control, MAX_DATAGRAM_BYTES)
        self._loss._pacer = self._pacer  # type: ignore[assignment]
        self._set_windows(LIMITS[alpn] if alpn is not None else Limits(0, 0, 0))

    # --- handshake --------------------------------------------------------------------------------------

    def _set_windows(self, limits: Limits) -> None:
        is_server = not self._is_client
        self._local_max_data = Limit(QuicFrameType.MAX_DATA, "max_data", limits.total_window_bytes)
        self._local_max_streams_bidi = Limit(
            QuicFrameType.MAX_STREAMS_BIDI, "max_streams_bidi", 1 if is_server else 0
        )
        self._local_max_streams_uni = Limit(
            QuicFrameType.MAX_STREAMS_UNI, "max_streams_uni", limits.bulk_streams
        )
        self._local_max_stream_data_bidi_local = limits.control_window_bytes
        self._local_max_stream_data_bidi_remote = limits.control_window_bytes
        self._local_max_stream_data_uni = MAX_BULK_BYTES
        self.granted_control = limits.control_window_bytes
        self._credit_step = max(limits.total_window_bytes // 16, 1)

    def _initialize(self, peer_cid: bytes) -> None:
        super()._initialize(peer_cid)
        context = PinnedTls(
            security=self._security,
            alpn=self._alpn,
            dialled=self._dialled,
            server_name=self._configuration.server_name,
            on_hello=self._on_hello,
        )
        context.handshake_extensions = self.tls.handshake_extensions
        context.alpn_cb = self._alpn_handler
        context.update_traffic_key_cb = self._update_traffic_key
        self.tls = context

    def _on_hello(self, alpn: str) -> None:
        """The stranger may have an answer: now the windows of his ALPN are known, too."""
        self._set_windows(LIMITS[alpn])
        self.tls.handshake_extensions = [
            (tls.ExtensionType.QUIC_TRANSPORT_PARAMETERS, self._serialize_transport_parameters())
        ]
        self.hello_accepted = True

    def _handle_crypto_frame(self, context: QuicReceiveContext, frame_type: int, buf: Buffer) -> None:
        """Bounded, and nothing after the handshake: no tickets, no key games."""
        start = buf.tell()
        end = buf.pull_uint_var() + buf.pull_uint_var()
        buf.seek(start)
        if context.epoch == tls.Epoch.ONE_RTT or end > MAX_HANDSHAKE_BYTES:
            raise QuicConnectionError(
                error_code=QuicErrorCode.CRYPTO_BUFFER_EXCEEDED, frame_type=frame_type, reason_phrase=""
            )
        super()._handle_crypto_frame(context, frame_type, buf)

    def _probe_preferred_address(self) -> None:
        """Another address at the peer's wish would let it point our packets at others."""
        self._remote_preferred_address = None

    @property
    def silent(self) -> bool:
        """Nothing may be sent to this stranger (yet)."""
        return not self.hello_accepted

    @property
    def established(self) -> bool:
        """The handshake is complete, so the peer is proven."""
        return self._handshake_complete

    @property
    def peer(self) -> PeerId | None:
        """Set once the certificate was proven and accepted."""
        return self.tls.peer

    # --- closing ----------------------------------------------------------------------------------------

    @property
    def close_event(self) -> events.ConnectionTerminated | None:
        """Why it ends; set at once, long before aioquic's own event."""
        return self._close_event

    @property
    def timed_out(self) -> bool:
        """It ended by silence: aioquic's own end, without a close by either side."""
        return self._state is QuicConnectionState.TERMINATED and not self.closed_by_us

    def close(
        self,
        error_code: int = QuicErrorCode.NO_ERROR,
        frame_type: int | None = None,
        reason_phrase: str = "",
    ) -> None:
        """Never tells a reason; during the handshake there is one code for everything."""
        if self._close_event is None:
            self.closed_by_us = True
        if not self._handshake_complete:
            error_code, frame_type = _HANDSHAKE_FAILURE, QuicFrameType.CRYPTO
        super().close(error_code=error_code, frame_type=frame_type, reason_phrase="")

    # --- flow control -----------------------------------------------------------------------------------

    def grant(self, *, data_bytes: int, control_bytes: int, bulk_streams: int) -> None:
        """The owner consumed: let the peer send that much more."""
        self._local_max_data.value += data_bytes
        self.granted_control += control_bytes
        self._local_max_streams_uni.value += bulk_streams

    def _write_connection_limits(self, builder: QuicPacketBuilder, space: QuicPacketSpace) -> None:
        """Tell what was granted. aioquic would double the window by what arrived, consumed or not."""
        for limit, step in ((self._local_max_data, self._credit_step), (self._local_max_streams_uni, 1)):
            if limit.value - limit.sent >= step:
                buf = builder.start_frame(
                    limit.frame_type,
                    capacity=CONNECTION_LIMIT_FRAME_CAPACITY,
                    handler=self._on_connection_limit_delivery,
                    handler_args=(limit,),
                )
                buf.push_uint_var(limit.value)
                limit.sent = limit.value

    def _write_stream_limits(
        self, builder: QuicPacketBuilder, space: QuicPacketSpace, stream: QuicStream
    ) -> None:
        """Only the control stream's window moves: a bulk payload fits into the first window of its stream."""
        if stream.stream_id != CONTROL_STREAM:
            return
        if self.granted_control - stream.max_stream_data_local_sent >= self._credit_step:
            self._write_control_limit(builder, stream)
        if self._has_short_message():
            # In the packet that acknowledges: one packet each way for question and answer instead of two.
            before = self._remote_max_data - self._remote_max_data_used
            limit = min(stream.sender.highest_offset + before, stream.max_stream_data_remote)
            self._remote_max_data_used += self._write_stream_frame(builder, space, stream, limit)

    def _write_control_limit(self, builder: QuicPacketBuilder, stream: QuicStream) -> None:
        buf = builder.start_frame(
            QuicFrameType.MAX_STREAM_DATA,
            capacity=MAX_STREAM_DATA_FRAME_CAPACITY,
            handler=self._on_max_stream_data_delivery,
            handler_args=(stream,),
        )
        stream.max_stream_data_local = self.granted_control
        buf.push_uint_var(CONTROL_STREAM)
        buf.push_uint_var(self.granted_control)
        stream.max_stream_data_local_sent = self.granted_control

    # --- sending ----------------------------------------------------------------------------------------

    @property
    def _streams_queue(self) -> list[QuicStream]:
        return self._nobody_waits

    @_streams_queue.setter
    def _streams_queue(self, streams: list[QuicStream]) -> None:
        """aioquic puts its queue in a new order after every packet."""

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """Bulk stream data by us, with half the work per packet and by priority; all else by aioquic."""
        if self._has_short_message():
            space = self._spaces[tls.Epoch.ONE_RTT]
            if space.ack_at is not None:
                space.ack_at = min(space.ack_at, now)
        datagrams: list[Datagram] = super().datagrams_to_send(now)
        if self._handshake_complete and self._pacing_at is None and self._state not in END_STATES:
            self._discard_finished()
            path = self._network_paths[0]
            if path.is_validated:
                self._send_streams(datagrams, path, now)
        return datagrams

    def _has_short_message(self) -> bool:
        """Whether a frame or so waits on the control stream that fits into one packet."""
        if not self._senders or self._senders[0].stream_id != CONTROL_STREAM:
            return False
        sender = self._senders[0].sender
        return not sender.buffer_is_empty and 0 < sender._buffer_stop - sender.next_offset <= _SHORT_BYTES

    def _discard_finished(self) -> None:
        """Unlike aioquic, without room for a new stream: that comes when the owner has consumed the payload."""
        finished = [stream for stream in self._streams.values() if stream.is_finished]
        for stream in finished:
            assert stream.stream_id is not None
            del self._streams[stream.stream_id]
        if finished:
            self._senders = [stream for stream in self._senders if not stream.is_finished]

    def _send_streams(self, datagrams: list[Datagram], path: QuicNetworkPath, now: float) -> None:
        """Packets of stream data: control frames first, then bulk payloads, the oldest first."""
        loss, space = self._loss, self._spaces[tls.Epoch.ONE_RTT]
        crypto, pacer = self._cryptos[tls.Epoch.ONE_RTT], self._pacer
        head = bytes([0x41 | self._spin_bit << 5 | crypto.key_phase << 2]) + self._peer_cid.cid
        room = MAX_DATAGRAM_BYTES - len(head) - 2 - crypto.aead_tag_size
        waiting = [stream for stream in self._senders if not stream.sender.buffer_is_empty]
        while waiting and loss.congestion_window - loss.bytes_in_flight >= MAX_DATAGRAM_BYTES:
            self._pacing_at = pacer.next_send_time(now=now)
            if self._pacing_at is not None:
                return
            payload, handlers = self._stream_frames(waiting, room)
            if not handlers:
                return
            number = self._packet_number
            header = head + (number & 0xFFFF).to_bytes(2, "big")
            data = crypto.encrypt_packet(header, payload, number)
            packet = QuicSentPacket(
                epoch=tls.Epoch.ONE_RTT,
                in_flight=True,
                is_ack_eliciting=True,
                is_crypto_packet=False,
                packet_number=number,
                packet_type=QuicPacketType.ONE_RTT,
                sent_time=now,
                sent_bytes=len(data),
                delivery_handlers=handlers,
            )
            self._packet_number = number + 1
            loss.on_packet_sent(packet=packet, space=space)
            pacer.update_after_send(now=now)
            path.bytes_sent += len(data)
            datagrams.append((data, path.addr))
            if not self._ack_eliciting_sent_since_receipt:  # RFC 9000 section 10.1
                self._close_at = now + self._idle_timeout()
                self._ack_eliciting_sent_since_receipt = True
            waiting = [stream for stream in waiting if not stream.sender.buffer_is_empty]

    def _stream_frames(self, waiting: list[QuicStream], room: int) -> tuple[bytes, list[_DeliveryHandler]]:
        """The payload of one packet (RFC 9000 section 19.8) and whom to tell of its fate."""
        parts: list[bytes] = []
        handlers: list[_DeliveryHandler] = []
        for stream in waiting:
            sender = stream.sender
            before = sender.highest_offset
            limit = min(
                before + self._remote_max_data - self._remote_max_data_used, stream.max_stream_data_remote
            )
            assert stream.stream_id is not None
            prefix = encode_uint_var(stream.stream_id) + encode_uint_var(sender.next_offset)
            frame = sender.get_frame(room - 3 - len(prefix), limit)
            if frame is None:
                continue
            size = len(frame.data)
            self._remote_max_data_used += sender.highest_offset - before
            kind = _STREAM_WITH_OFFSET_AND_LENGTH | frame.fin
            parts.append(bytes((kind,)) + prefix + (size | 0x4000).to_bytes(2, "big"))
            parts.append(frame.data)
            handlers.append((sender.on_data_delivery, (frame.offset, frame.offset + size, frame.fin)))
            room -= 3 + len(prefix) + size
            if room < _SMALLEST_STREAM_FRAME_BYTES:
                break
        return b"".join(parts), handlers

    def send_control(self, data: bytes) -> None:
        """Append to the control stream."""
        self.send_stream_data(CONTROL_STREAM, data)
        if not self._senders or self._senders[0].stream_id != CONTROL_STREAM:
            self._senders.insert(0, self._streams[CONTROL_STREAM])

    @property
    def may_open_bulk(self) -> bool:
        """Whether the peer has room for one more bulk stream."""
        return self._local_next_stream_id_uni // 4 < self._remote_max_streams_uni

    def open_bulk(self, payload: bytes) -> QuicStream:
        """Send one payload on its own stream; `sender.is_finished` turns true when all is acknowledged."""
        stream_id = self.get_next_available_stream_id(is_unidirectional=True)
        self.send_stream_data(stream_id, payload, end_stream=True)
        stream = self._streams[stream_id]
        self._senders.append(stream)
        return stream

    @property
    def control_backlog_bytes(self) -> int:
        """Control bytes not acknowledged yet."""
        stream = self._streams.get(CONTROL_STREAM)
        return 0 if stream is None else len(stream.sender._buffer)

    def probe(self, uid: int) -> None:
        """A ping that neither the congestion window nor a long probe back-off holds back."""
        self.send_ping(uid)
        self._loss._pto_count = 0
        self._send_probe()

    def held_bytes(self) -> int:
        """What reassembly of this connection's streams holds, for tests and diagnosis."""
        streams: Iterable[Any] = self._streams.values()
        return sum(len(stream.receiver._buffer) for stream in streams)
