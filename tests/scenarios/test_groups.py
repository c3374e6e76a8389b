"""Groups over whole devices: chain, notices, who reads what."""

from app.core import requests, views
from app.core.views import NoticeKind
from crypto.ids import ConversationId
from tests.scenarios.practice import Node, Practice


def make(node: Node, title: str, *members: Node) -> ConversationId:
    reply = node.ask(
        requests.CreateGroup(circle=None, title=title, members=tuple(one.person for one in members))
    )
    assert isinstance(reply, views.ConversationRow), reply
    assert reply.title == title
    return reply.conversation


def notices(node: Node, group: ConversationId) -> list[tuple[NoticeKind, tuple[str, ...]]]:
    return [(row.notice.kind, row.notice.subjects) for row in node.rows(group) if row.notice]


def three(practice: Practice) -> tuple[Node, Node, Node]:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    carl = practice.join("Carl", anna)
    practice.sight()
    practice.settle()
    practice.sight()
    practice.settle()
    return anna, bert, carl


def test_create_talk_rename(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Labor", bert, carl)
    anna.say(group, "eins")
    practice.settle()
    bert.say(group, "zwei")
    practice.settle()
    carl.ask(requests.RenameGroup(conversation=group, title="Labor und OP"))
    practice.settle()
    for node in (anna, bert, carl):
        assert node.texts(group) == ["eins", "zwei"]
        assert node.conversation(group).title == "Labor und OP"
        assert node.conversation(group).members == 3
        assert notices(node, group) == [
            (NoticeKind.GROUP_CREATED, ("Labor",)),
            (NoticeKind.RENAMED, ("Labor und OP",)),
        ]
        assert node.conversation(group).unread <= 2


def test_a_message_from_a_member_before_the_group_itself_waits_and_shows(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    practice.separate("Carl")
    group = make(anna, "Visite", bert, carl)
    practice.settle()
    bert.say(group, "schon da")
    practice.apart.clear()
    practice.separate("Anna")  # Carl hears of the group from Bert only
    practice.settle()
    assert carl.texts(group) == ["schon da"]
    assert carl.conversation(group).title == "Visite"


def test_added_member_sees_nothing_from_before(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Dienst", bert)
    anna.say(group, "vorher")
    practice.settle()
    anna.ask(requests.AddGroupMembers(conversation=group, members=(carl.person,)))
    practice.settle()
    anna.say(group, "nachher")
    practice.settle()
    assert carl.texts(group) == ["nachher"]
    assert bert.texts(group) == ["vorher", "nachher"]
    assert notices(carl, group)[-1] == (NoticeKind.MEMBER_ADDED, ("Carl",))


def test_removed_member_neither_reads_nor_writes(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Team", bert, carl)
    practice.settle()
    practice.separate("Carl")
    anna.ask(requests.RemoveGroupMember(conversation=group, member=carl.person))
    anna.say(group, "ohne Carl")
    practice.settle()
    carl.say(group, "ich weiß von nichts")  # written before the removal reached Carl
    practice.heal()
    practice.settle()
    assert anna.texts(group) == bert.texts(group) == ["ohne Carl"]
    assert "ohne Carl" not in carl.texts(group)
    assert carl.conversation(group).left
    refused = carl.ask(requests.SendText(conversation=group, text="darf nicht"))
    assert refused == views.Failure(code="left_group")


def test_only_group_admins_add_and_remove(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Team", bert)
    practice.settle()
    asked = requests.AddGroupMembers(conversation=group, members=(carl.person,))
    assert bert.ask(asked) == views.Failure(code="not_group_admin")
    asked_remove = requests.RemoveGroupMember(conversation=group, member=anna.person)
    assert bert.ask(asked_remove) == views.Failure(code="not_group_admin")


def test_leave_makes_the_longest_standing_member_admin(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Team", bert, carl)
    practice.settle()
    anna.ask(requests.LeaveGroup(conversation=group))
    practice.settle()
    assert notices(bert, group)[-1] == (NoticeKind.MEMBER_LEFT, ("Anna",))
    assert anna.conversation(group).left
    details = [node.ask(requests.GetConversation(conversation=group)) for node in (bert, carl)]
    admins = [
        {member.name for member in one.members if member.admin}
        for one in details
        if isinstance(one, views.ConversationDetails)
    ]
    assert admins[0] == admins[1] and len(admins[0]) == 1
    assert len(practice.nodes) == 3


def test_revoked_colleague_leaves_the_groups(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Team", bert, carl)
    practice.settle()
    assert anna.ask(requests.RevokePerson(person=carl.person)) == views.Done()
    practice.settle()
    for node in (anna, bert):
        assert node.conversation(group).members == 2
        assert (NoticeKind.MEMBER_REMOVED, ("Carl",)) in notices(node, group) or (
            NoticeKind.MEMBER_REMOVED,
            ("",),
        ) in notices(node, group)
