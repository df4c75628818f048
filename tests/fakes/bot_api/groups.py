"""Groups: who is in them, what the bot may do there, and how they become supergroups."""

from typing import Any

from tests.fakes.bot_api.chats import Kept
from tests.fakes.bot_api.cloud import Cloud
from tests.fakes.bot_api.limits import Refusal
from tests.fakes.bot_api.people import Chat, Person, tell_member

Json = dict[str, Any]
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
SERVICE = frozenset({"new_chat_members", "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id"})


class Group(Chat):
    """An invented group; ids of supergroups begin with -100."""

    def __init__(self, cloud: Cloud, group_id: int, title: str, bot_status: str) -> None:
        self.is_supergroup = str(group_id).startswith("-100")
        kind = "supergroup" if self.is_supergroup else "group"
        super().__init__(cloud, {"id": group_id, "title": title, "type": kind})
        self.statuses[cloud.bot["id"]] = bot_status
        self._last_message_id = 0
        if bot_status == "left":
            self.refusal = Refusal(403, f"Forbidden: bot is not a member of the {kind} chat")

    @property
    def bot_status(self) -> str:
        """What the bot is here: member, administrator, left or kicked."""
        return self.statuses[self._cloud.bot["id"]]

    def joins(self, person: Person) -> None:
        """Let a person join."""
        self.statuses[person.id] = "member"
        self._serve({"new_chat_members": [person.user_body()]}, person)
        self._tell_admin(person, "left", "member")

    def leaves(self, person: Person) -> None:
        """Let a person leave."""
        self.statuses[person.id] = "left"
        self._serve({"left_chat_member": person.user_body()}, person)
        self._tell_admin(person, "member", "left")

    def appoints(self, person: Person, status: str = "administrator") -> None:
        """Make a person administrator or creator."""
        old, self.statuses[person.id] = self.statuses.get(person.id, "member"), status
        self._tell_admin(person, old, status)

    def adds_bot(self, by: Person, *, is_administrator: bool = False) -> None:
        """Bring the bot into the group, or promote it there."""
        self.refusal = None
        self._change_bot(by, "administrator" if is_administrator else "member")

    def demotes_bot(self, by: Person) -> None:
        """Take the bot's rights away."""
        self._change_bot(by, "member")

    def removes_bot(self, by: Person) -> None:
        """Kick the bot out."""
        self._change_bot(by, "kicked")
        self.refusal = Refusal(403, f"Forbidden: bot was kicked from the {self.body['type']} chat")

    def bot_leaves(self) -> None:
        """Take the bot out at its own wish."""
        self.statuses[self._cloud.bot["id"]] = "left"
        self.refusal = Refusal(403, f"Forbidden: bot is not a member of the {self.body['type']} chat")

    def dies(self) -> None:
        """Delete the group."""
        self.refusal = Refusal(403, "Forbidden: the group chat was deleted")

    def upgrades(self, new_id: int, by: Person) -> "Group":
        """Become a supergroup; the old id refuses from now on and names the new one."""
        upgraded = Group(self._cloud, new_id, self.body["title"], self.bot_status)
        upgraded.statuses |= self.statuses
        self._serve({"migrate_to_chat_id": new_id}, by)
        self.refusal = Refusal(400, UPGRADED, {"migrate_to_chat_id": new_id})
        upgraded._serve({"migrate_from_chat_id": self.id}, by)
        return upgraded

    def new_message_id(self) -> int:
        """Supergroups count their own messages."""
        if not self.is_supergroup:
            return super().new_message_id()
        self._last_message_id += 1
        return self._last_message_id

    def _is_heard(self, kept: Kept) -> bool:
        """Privacy mode: a plain member hears commands, replies to it and service messages only."""
        if self.bot_status == "administrator" or self._cloud.bot["can_read_all_group_messages"]:
            return True
        replied = kept.body.get("reply_to_message", {}).get("from", {})
        is_meant = kept.text.startswith("/") or replied.get("id") == self._cloud.bot["id"]
        return self.bot_status == "member" and (is_meant or bool(SERVICE & kept.body.keys()))

    def _serve(self, fields: Json, by: Person) -> None:
        self._post(fields, by, None)

    def _tell_admin(self, person: Person, old: str, new: str) -> None:
        if self.bot_status == "administrator":
            tell_member(self._cloud, self, "chat_member", person, person.user_body(), (old, new))

    def _change_bot(self, by: Person, new: str) -> None:
        old, self.statuses[self._cloud.bot["id"]] = self.bot_status, new
        tell_member(self._cloud, self, "my_chat_member", by, self._cloud.bot, (old, new))
