"""Rate-based congestion control: sends at the rate that arrived, not at a rate that lost nothing.

Shape of BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", CACM 2017; delivery rate samples as
in draft-cheng-iccrg-delivery-rate-estimation): the window is a multiple of bandwidth times shortest round
trip, so random loss on Wi-Fi does not collapse it. Unlike the first BBR it yields: loss together with a standing
queue, or much loss, cuts the window by a ceiling that grows again by two packets a round, as TCP's does. That is
what shares a bottleneck fairly. Pure: `transport.quic` registers it with the QUIC library, whose calls these
methods answer. Sizes in bytes, times in seconds.
"""

import math
from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import Final, Protocol


class SentPacket(Protocol):
    """What is read of the library's record of a packet."""

    packet_number: int
    sent_bytes: int
    sent_time: float | None


class Phase(Enum):
    """Where the control stands."""

    STARTUP = "startup"
    DRAIN = "drain"
    PROBE = "probe"


_STARTUP_GAIN: Final = 2.77
_WINDOW_GAIN: Final = 2.0
_PROBE_GAINS: Final = (1.25, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
_INITIAL_PACKETS: Final = 32
_MINIMUM_PACKETS: Final = 4
_BANDWIDTH_ROUNDS: Final = 10
_ROUND_TRIP_WINDOW_S: Final = 10.0
_ROUND_TRIP_FLOOR_S: Final = 0.002
"""Timers and batches take their time: a LAN's 0.2 ms would give too small a window."""
_LUMP_LIMIT_S: Final = 0.1
_DEFAULT_ROUND_TRIP_S: Final = 0.1
_STARTUP_GROWTH: Final = 1.25
_STARTUP_PATIENCE: Final = 3
_RANDOM_LOSS_RATE: Final = 0.08
_QUEUE_LOSS_RATE: Final = 0.01
_QUEUE_ROUND_TRIP: Final = 1.1
_QUEUE_ROUND_TRIP_S: Final = 0.001
_LOSS_SAMPLE_PACKETS: Final = 32
_CEILING_SHRINK: Final = 0.7
_CEILING_GROWTH_PACKETS: Final = 2

_Sample = tuple[int, float, float, bool]
"""delivered, time of that delivery, send time of the first packet of the flight, application-limited."""


class RateControl:
    """One connection's control. The public names are those the QUIC library calls."""

    def __init__(self, *, max_datagram_size: int) -> None:
        self._datagram_bytes = max_datagram_size
        self.bytes_in_flight = 0
        self.ssthresh: int | None = None
        self.congestion_window = _INITIAL_PACKETS * max_datagram_size
        self.bandwidth = 0.0  # best recent delivery rate, bytes/s; 0 before the first sample
        self._samples: dict[int, _Sample] = {}
        self._delivered = 0
        self._delivered_at = 0.0
        self._first_sent_at = 0.0
        self._round = 0
        self._round_end = 0
        self._bandwidths: deque[tuple[int, float]] = deque()  # (round, bytes/s), falling
        self._round_trips: deque[tuple[float, float]] = deque()  # (time, s), rising
        self._round_delivered = 0
        self._round_lost = 0
        self._round_trip_low = math.inf
        self._ceiling: float | None = None
        self._lump_since = 0.0
        self._lump_bytes = 0
        self._lumps: deque[tuple[int, float]] = deque()  # (round, bytes), falling
        self._enter_startup()

    def _enter_startup(self) -> None:
        self._phase = Phase.STARTUP
        self._full_bandwidth = 0.0
        self._flat_rounds = 0
        self._probe_index = 0
        self._probe_since = 0.0
        self._probe_round = 0

    @property
    def phase(self) -> Phase:
        """For tests and diagnosis."""
        return self._phase

    @property
    def round_trip_s(self) -> float:
        """Shortest recent round trip, never below the floor."""
        return (
            max(self._round_trips[0][1], _ROUND_TRIP_FLOOR_S) if self._round_trips else _DEFAULT_ROUND_TRIP_S
        )

    @property
    def pacing_rate(self) -> float:
        """Bytes per second at which packets should leave."""
        if self._phase is Phase.STARTUP or not self._bandwidths:
            by_window = self.congestion_window / self.round_trip_s
            return max(_STARTUP_GAIN * self.bandwidth, by_window)
        if self._phase is Phase.DRAIN:
            return self.bandwidth / _STARTUP_GAIN
        return self.bandwidth * _PROBE_GAINS[self._probe_index]

    # --- called by the QUIC library -----------------------------------------------------------------

    def on_packet_sent(self, *, packet: SentPacket) -> None:
        """A packet that counts left."""
        now = packet.sent_time or 0.0
        if self.bytes_in_flight == 0:
            self._first_sent_at = self._delivered_at = now
        limited = 2 * self.bytes_in_flight < self.congestion_window
        self._samples[packet.packet_number] = (
            self._delivered,
            self._delivered_at,
            self._first_sent_at,
            limited,
        )
        self.bytes_in_flight += packet.sent_bytes

    def on_packet_acked(self, *, now: float, packet: SentPacket) -> None:
        """A packet arrived."""
        size = packet.sent_bytes
        self.bytes_in_flight -= size
        self._delivered += size
        self._delivered_at = now
        self._round_delivered += size
        sample = self._samples.pop(packet.packet_number, None)
        if sample is None:
            return
        delivered, delivered_at, first_sent_at, limited = sample
        sent_at = packet.sent_time or now
        self._first_sent_at = sent_at
        elapsed = max(now - delivered_at, sent_at - first_sent_at, 0.0005)
        self._take_rate((self._delivered - delivered) / elapsed, limited)
        if delivered >= self._round_end:
            self._round_end = self._delivered
            self._round += 1
            self._end_of_round()
        self._measure_lump(now, size)
        self._advance(now)
        # A window that is not used says nothing about the path and must not grow.
        self._set_window(0 if limited else size)

    def on_packets_expired(self, *, packets: Iterable[SentPacket]) -> None:
        """Packets that no longer count, without being a sign of congestion."""
        for packet in packets:
            self.bytes_in_flight -= packet.sent_bytes
            self._samples.pop(packet.packet_number, None)

    def on_packets_lost(self, *, now: float, packets: Iterable[SentPacket]) -> None:
        """Packets declared lost."""
        for packet in packets:
            self.bytes_in_flight -= packet.sent_bytes
            self._round_lost += packet.sent_bytes
            self._samples.pop(packet.packet_number, None)

    def on_persistent_congestion(self) -> None:
        """Nothing arrived for long: what was measured belongs to another path."""
        self.congestion_window = _MINIMUM_PACKETS * self._datagram_bytes
        self._bandwidths.clear()
        self.bandwidth = 0.0
        self._round_trips.clear()
        self._ceiling = None
        self._enter_startup()

    def on_rtt_measurement(self, *, now: float, rtt: float) -> None:
        """One round trip, acknowledgement delay included."""
        self._round_trip_low = min(self._round_trip_low, rtt)
        trips = self._round_trips
        while trips and trips[-1][1] >= rtt:
            trips.pop()
        trips.append((now, rtt))
        while trips[0][0] < now - _ROUND_TRIP_WINDOW_S:
            trips.popleft()

    def get_log_data(self) -> dict[str, object]:
        """Figures for the library's event log."""
        return {"cwnd": self.congestion_window, "bytes_in_flight": self.bytes_in_flight}

    # --- the model ------------------------------------------------------------------------------------

    def _take_rate(self, rate: float, limited: bool) -> None:
        rates = self._bandwidths
        if limited and rate < self.bandwidth:
            return  # the application had no more to send: says nothing about the path
        while rates and rates[-1][1] <= rate:
            rates.pop()
        rates.append((self._round, rate))
        while rates[0][0] < self._round - _BANDWIDTH_ROUNDS:
            rates.popleft()
        self.bandwidth = rates[0][1]

    def _measure_lump(self, now: float, size: int) -> None:
        """Acknowledgements come in lumps, from Wi-Fi, batching and busy processors: what came beyond the rate
        adds to the window, or the sender would stand still between them."""
        expected = self.bandwidth * (now - self._lump_since)
        if self._lump_bytes <= expected:
            self._lump_since, self._lump_bytes, expected = now, 0, 0.0
        self._lump_bytes += size
        extra = min(self._lump_bytes - expected, self.bandwidth * _LUMP_LIMIT_S)
        lumps = self._lumps
        while lumps and lumps[-1][1] <= extra:
            lumps.pop()
        lumps.append((self._round, extra))
        while lumps[0][0] < self._round - _BANDWIDTH_ROUNDS:
            lumps.popleft()

    def _end_of_round(self) -> None:
        total = self._round_delivered + self._round_lost
        if total >= _LOSS_SAMPLE_PACKETS * self._datagram_bytes:
            crowded = self._round_lost > self._tolerated_loss() * total
            self._move_ceiling(crowded)
            self._round_delivered = self._round_lost = 0
            self._round_trip_low = math.inf
            self._leave_startup(crowded)

    def _tolerated_loss(self) -> float:
        """Loss while even the fastest round trip was slow is a full queue; otherwise it is bad luck."""
        if not self._round_trips or math.isinf(self._round_trip_low):
            return _RANDOM_LOSS_RATE
        standing = self._round_trip_low > _QUEUE_ROUND_TRIP * self._round_trips[0][1] + _QUEUE_ROUND_TRIP_S
        return _QUEUE_LOSS_RATE if standing else _RANDOM_LOSS_RATE

    def _leave_startup(self, crowded: bool) -> None:
        """After losses, or when the rate no longer grows: also when the receiver's window sets the limit."""
        if self._phase is not Phase.STARTUP:
            return
        if self.bandwidth >= _STARTUP_GROWTH * self._full_bandwidth:
            self._full_bandwidth = self.bandwidth
            self._flat_rounds = 0
        else:
            self._flat_rounds += 1
        if crowded or self._flat_rounds >= _STARTUP_PATIENCE:
            self._phase = Phase.DRAIN

    def _move_ceiling(self, crowded: bool) -> None:
        if crowded:
            self._ceiling = max(self._minimum, _CEILING_SHRINK * self.congestion_window)
        elif self._ceiling is not None:
            self._ceiling += _CEILING_GROWTH_PACKETS * self._datagram_bytes
            if self._ceiling > 2 * self._target:
                self._ceiling = None

    def _advance(self, now: float) -> None:
        if self._phase is Phase.DRAIN and self.bytes_in_flight <= self.bandwidth * self.round_trip_s:
            self._phase = Phase.PROBE
            self._probe_index = 1
            self._next_gain(now)
        elif (
            self._phase is Phase.PROBE
            and self._round > self._probe_round
            and now - self._probe_since > self.round_trip_s
        ):
            self._next_gain(now)

    def _next_gain(self, now: float) -> None:
        self._probe_index = (self._probe_index + 1) % len(_PROBE_GAINS)
        self._probe_since = now
        self._probe_round = self._round

    @property
    def _minimum(self) -> float:
        return _MINIMUM_PACKETS * self._datagram_bytes

    @property
    def _target(self) -> float:
        lump = self._lumps[0][1] if self._lumps else 0.0
        return _WINDOW_GAIN * self.bandwidth * self.round_trip_s + lump + self._minimum

    def _set_window(self, acked: int) -> None:
        if self._phase is Phase.STARTUP:
            window: float = self.congestion_window + acked
        else:
            window = min(self._target, self.congestion_window + acked)
        if self._ceiling is not None:
            window = min(window, self._ceiling)
        self.congestion_window = int(max(window, self._minimum))


class Pacer:
    """Spreads packets at the control's rate, in bursts that a timer of 1 ms can keep up with."""

    _BURST_S: Final = 0.02
    _MIN_BURST_PACKETS: Final = 16
    _MAX_BURST_PACKETS: Final = 96

    def __init__(self, control: RateControl, max_datagram_size: int) -> None:
        self._control = control
        self._datagram_bytes = max_datagram_size
        self._tokens = float(self._MIN_BURST_PACKETS * max_datagram_size)
        self._at = 0.0

    def _refill(self, now: float) -> tuple[float, float]:
        rate = max(self._control.pacing_rate, 1.0)
        packets = min(
            max(rate * self._BURST_S / self._datagram_bytes, self._MIN_BURST_PACKETS), self._MAX_BURST_PACKETS
        )
        burst = packets * self._datagram_bytes
        if now > self._at:
            self._tokens = min(self._tokens + (now - self._at) * rate, burst)
            self._at = now
        return rate, burst

    def next_send_time(self, now: float) -> float | None:
        """None: a packet may leave now; else when it is worth asking again."""
        if self._tokens >= self._datagram_bytes:
            return None
        rate, burst = self._refill(now)
        if self._tokens >= self._datagram_bytes:
            return None
        # Wake for several packets at once: timers are coarse.
        return now + max((burst / 4 - self._tokens) / rate, 0.0005)

    def update_after_send(self, now: float) -> None:
        """One packet left."""
        self._refill(now)
        self._tokens -= self._datagram_bytes

    def update_rate(self, congestion_window: int, smoothed_rtt: float) -> None:
        """The rate is read from the control itself."""
