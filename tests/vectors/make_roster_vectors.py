"""Writes roster.json anew: one circle and one group with statements of every kind, and what they amount to.

    python -m tests.vectors.make_roster_vectors

Everything follows from fixed seeds, so the file does not change as long as the format stays. It is frozen: a
difference means another protocol version.
"""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.circle import authoring, group_authoring
from app.core.circle.authoring import Made
from app.core.circle.bodies import Enrolment, Role
from app.core.circle.evaluate import OWN_LINKS
from app.core.circle.group_log import GroupLog
from app.core.circle.roster import Roster
from app.core.ports import Opening
from crypto.identity import DeviceIdentity
from crypto.ids import GroupId
from crypto.statement import consent, enrolment_proof
from tests.core.circle_world import NOW_MS, Peer, World

FILE = Path(__file__).parent / "roster.json"
Json = dict[str, Any]


class Writer:
    """The founder and an admin make statements, partly side by side."""

    def __init__(self) -> None:
        self.world = World(2_026)
        self.founder = self.world.founder
        self.openings: list[Opening] = list(self.world.found.openings)

    def _said(self, made: Made) -> Made:
        assert self.founder.take(made) == ["added"]
        self.openings += made.openings
        return made

    def circle(self) -> None:
        """All kinds of the circle."""
        world, founder, entropy = self.world, self.founder, self.world.entropy
        me = founder.identity
        anna, berta, carla = world.member(role=Role.ADMIN), world.member(), world.member()
        laptop = world.newcomer()
        founder.link(berta.person, laptop)
        anna.sync(founder)
        founder.rename(berta.person, "Berta Özdemir")
        self._said(anna.rename(anna.person, "Anna Weber"))  # beside the one before
        self._said(authoring.rename_circle(founder.roster, me, entropy, NOW_MS, name="Praxis am Markt"))
        device = laptop.device
        self._said(authoring.rename_device(founder.roster, me, entropy, NOW_MS, device=device, name="Laptop"))
        inbox = authoring.new_person(entropy)
        people = anna.person, berta.person
        self._said(
            authoring.change_inbox(
                founder.roster, me, entropy, NOW_MS, inbox=inbox, name="Empfang", add=people
            )
        )
        self._said(authoring.set_policy(founder.roster, me, NOW_MS, settings=((OWN_LINKS, True),)))
        self._token()
        founder.unlink(berta.person, laptop.device)
        founder.set_role(carla.person, Role.ADMIN)
        founder.revoke(laptop, persons=[carla.person], cosigners=[anna])
        self._said(authoring.rotate(founder.roster, me, entropy, NOW_MS))
        paper = Ed25519PrivateKey.from_private_bytes(entropy.token(32)).public_key().public_bytes_raw()
        self._said(authoring.replace_recovery(founder.roster, world.paper, NOW_MS, recovery_public=paper))
        self.anna, self.berta = anna, berta
        for one in (anna, berta):
            one.sync(founder)

    def _token(self) -> None:
        world, founder = self.world, self.founder
        token = Ed25519PrivateKey.from_private_bytes(world.entropy.token(32))
        key = token.public_key().public_bytes_raw()
        until_s = NOW_MS // 1000 + 3600
        made = self._said(
            authoring.enrol(founder.roster, founder.identity, NOW_MS, key=key, maximum=20, expires_s=until_s)
        )
        identity, person = DeviceIdentity.create(world.entropy), authoring.new_person(world.entropy)
        proof = enrolment_proof(token, world.circle, person, identity.device_id)
        self._said(
            authoring.admit(
                founder.roster,
                founder.identity,
                world.entropy,
                NOW_MS,
                person=person,
                device=identity.public,
                consent=consent(identity, world.circle, person),
                person_name="Doris",
                role_text="MFA",
                device_name="Zimmer 3",
                enrolment=Enrolment(made.signed.hash, proof),
            )
        )

    def group(self) -> GroupLog:
        """All kinds of a group, with an act beside the removal of its author."""
        founder, anna, berta, entropy = self.founder, self.anna, self.berta, self.world.entropy
        me, roster = founder.identity, founder.roster
        others = [anna.person]
        made = group_authoring.create(
            roster, me, entropy, NOW_MS, person=founder.person, members=others, title="Labor"
        )
        log = GroupLog(GroupId(made.signed.hash), founder.log)

        def take(made: Made) -> None:
            assert log.add(founder.store, made.wire, made.openings, NOW_MS).outcome.value == "added"

        def by(who: Peer) -> dict[str, Any]:
            return {"person": who.person}

        take(made)
        take(group_authoring.add(log.group, roster, me, NOW_MS, members=[berta.person], **by(founder)))
        take(
            group_authoring.set_admin(
                log.group, roster, me, NOW_MS, member=anna.person, admin=True, **by(founder)
            )
        )
        before = log.group
        take(group_authoring.remove(before, roster, me, NOW_MS, members=[anna.person], **by(founder)))
        take(
            group_authoring.remove(before, roster, anna.identity, NOW_MS, members=[berta.person], **by(anna))
        )
        take(
            group_authoring.rename(
                log.group, roster, berta.identity, entropy, NOW_MS, title="Labor und Röntgen", **by(berta)
            )
        )
        take(group_authoring.leave(log.group, roster, me, NOW_MS, **by(founder)))
        return log


def roster_json(roster: Roster) -> Json:
    """What a second implementation has to arrive at."""
    return {
        "circle": roster.circle.hex(),
        "heads": [head.hex() for head in roster.heads],
        "name": roster.name.hex(),
        "recovery": roster.recovery.hex(),
        "epochs": [epoch.epoch.hex() for epoch in roster.epochs],
        "persons": {
            person.person.hex(): {
                "role": int(person.role),
                "active": person.is_active,
                "devices": [device.hex() for device in person.devices],
                "name": person.name.hex(),
            }
            for person in sorted(roster.persons.values(), key=lambda one: one.person)
        },
        "devices": {
            device.device.hex(): {"active": device.is_active, "persons": [p.hex() for p in device.persons]}
            for device in sorted(roster.devices.values(), key=lambda one: one.device)
        },
        "inboxes": {
            inbox.inbox.hex(): [person.hex() for person in inbox.persons] for inbox in roster.inboxes.values()
        },
    }


def group_json(log: GroupLog) -> Json:
    """The same for a group."""
    group = log.group
    return {
        "group": group.group.hex(),
        "heads": [head.hex() for head in group.heads],
        "members": [person.hex() for person in group.members],
        "admins": sorted(person.hex() for person in group.admins),
        "title": group.title.hex(),
    }


def content() -> Json:
    """The whole file."""
    writer = Writer()
    writer.circle()
    group = writer.group()
    statements = [*writer.founder.log.dag.statements, *group.dag.statements]
    return {
        "version": 1,
        "statements": [
            {
                "kind": signed.statement.kind,
                "wire": signed.wire.hex(),
                "hash": signed.hash.hex(),
            }
            for signed in statements
        ],
        "openings": [
            {"commitment": one.commitment.hex(), "salt": one.salt.hex(), "value": one.value}
            for one in writer.openings
        ],
        "roster": roster_json(writer.founder.roster),
        "group": group_json(group),
    }


def main() -> None:
    FILE.write_text(json.dumps(content(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
